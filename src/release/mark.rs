//! Marks of treated cells above or below the controls, read off the published values alone.

use std::collections::BTreeMap;

use crate::disclosure::safe::{SafeRow, SafeTable};

/// One mark per row: `above`, `below`, `equal`, or nothing for controls and wherever a value is withheld.
pub fn marks(table: &SafeTable) -> Vec<&'static str> {
    let controls: BTreeMap<BTreeMap<String, String>, &SafeRow> =
        table.rows.iter().filter(|row| arm(row) == "non_participants").map(|row| (without_arm(row), row)).collect();
    let mark = |row: &SafeRow| {
        if !table.mark || arm(row) != "participants" {
            return "";
        }
        let control = controls.get(&without_arm(row)).and_then(|control| number(control));
        match (number(row), control) {
            (Some(treated), Some(control)) if treated > control => "above",
            (Some(treated), Some(control)) if treated < control => "below",
            (Some(_), Some(_)) => "equal",
            _ => "",
        }
    };
    table.rows.iter().map(mark).collect()
}

fn arm(row: &SafeRow) -> &str {
    row.key.get("arm").map_or("", String::as_str)
}

fn without_arm(row: &SafeRow) -> BTreeMap<String, String> {
    row.key.iter().filter(|(column, _)| *column != "arm").map(|(column, code)| (column.clone(), code.clone())).collect()
}

fn number(row: &SafeRow) -> Option<i64> {
    row.value.as_deref().and_then(|value| crate::amount::parse_decimal(value, b'.'))
}
