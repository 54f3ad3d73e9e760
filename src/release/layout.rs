//! The layout of a table as records, the same in every format that has rows: key columns, then the value with its unit, and the state.

use std::borrow::Cow;

use super::mark;
use crate::disclosure::safe::{SafeRow, SafeTable, State};
use crate::language::Phrase;
use crate::tables::set::Statistic;

/// A column of the records of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field<'a> {
    /// A key column: a code, or empty text for all classes together.
    Key(&'a str),
    /// Rounded to the decimals of the table; empty where none may be told.
    Value,
    Unit,
    /// Number of units behind the value; empty where none may be told.
    Units,
    State,
    /// Whether a value is above or below that of the other arm.
    Mark,
}

/// A row of a table with what is derived from other rows.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    pub row: &'a SafeRow,
    pub mark: &'static str,
}

impl<'a> Field<'a> {
    pub fn name(&self) -> &'a str {
        match self {
            Field::Key(name) => name,
            Field::Value => "value",
            Field::Unit => "unit",
            Field::Units => "n",
            Field::State => "state",
            Field::Mark => "mark",
        }
    }

    /// What stands in this column; empty text for nothing.
    pub fn text<'b>(&self, table: &'b SafeTable, record: &Record<'b>) -> Cow<'b, str> {
        let row = record.row;
        match self {
            Field::Key(name) => key(row, name).into(),
            Field::Value => row.value.as_deref().unwrap_or_default().into(),
            Field::Unit => table.unit.as_str().into(),
            Field::Units => row.units.map(|units| units.to_string()).unwrap_or_default().into(),
            Field::State => state(row.state).into(),
            Field::Mark => record.mark.into(),
        }
    }
}

/// The columns of a table, in order.
pub fn fields(table: &SafeTable) -> Vec<Field<'_>> {
    let mut fields: Vec<Field<'_>> = table.columns.iter().map(|name| Field::Key(name)).collect();
    fields.extend([Field::Value, Field::Unit]);
    fields.extend(counts(table).then_some(Field::Units));
    fields.push(Field::State);
    fields.extend(table.mark.then_some(Field::Mark));
    fields
}

/// The rows of a table, in order.
pub fn records(table: &SafeTable) -> Vec<Record<'_>> {
    table.rows.iter().zip(mark::marks(table)).map(|(row, mark)| Record { row, mark }).collect()
}

/// Whether the table prints numbers of units. A table of means does not: the number of units that have a value, beside the number of
/// units, would tell how few there are without one.
pub fn counts(table: &SafeTable) -> bool {
    matches!(table.statistic, Statistic::Count | Statistic::Share)
}

/// The code of a row in a key column; empty text stands for all classes together.
pub fn key<'a>(row: &'a SafeRow, column: &str) -> &'a str {
    row.key.get(column).map_or("", String::as_str)
}

/// The code for all classes together in formats where an empty one would be none; the one of SDMX.
pub const TOTAL: &str = "_T";

/// The codes that stand in a key column, in the order in which the rows first have them.
pub fn codes<'a>(table: &'a SafeTable, column: &str) -> Vec<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    table.rows.iter().map(|row| key(row, column)).filter(|code| seen.insert(*code)).collect()
}

/// The state as it is written in every format.
pub fn state(state: State) -> &'static str {
    match state {
        State::Value => "value",
        State::Zero => "zero",
        State::Suppressed => "suppressed",
        State::NotApplicable => "not-applicable",
        State::NotDelivered => "not-delivered",
    }
}

/// Every state with its name and what it tells a reader.
pub const STATES: [(State, Phrase); 5] = [
    (State::Value, Phrase::new("the value stands there", "de waarde staat er")),
    (State::Zero, Phrase::new("no unit is in the cell", "er zijn geen eenheden in de cel")),
    (
        State::Suppressed,
        Phrase::new(
            "withheld to protect the firms behind this or another cell",
            "afgeschermd om de bedrijven achter deze of een andere cel te beschermen",
        ),
    ),
    (State::NotApplicable, Phrase::new("the cell cannot exist", "de cel kan niet bestaan")),
    (State::NotDelivered, Phrase::new("the registers hold nothing for it", "de registers bevatten er niets over")),
];

/// What the value of a table is, in words.
pub fn statistic(table: &SafeTable) -> &'static str {
    match table.statistic {
        Statistic::Count => "count",
        Statistic::Share => "share",
        Statistic::Mean => "mean",
        Statistic::Index => "index",
        Statistic::Decomposition => "decomposition",
    }
}
