//! A grid is a table as people read it: classes down the side, the arms (or the years) side by side, and nothing that is the same in
//! every row.

use super::layout::{self, Record};
use crate::disclosure::safe::SafeTable;
use crate::tables::define;
use crate::tables::set::Statistic;

/// A table turned for reading.
#[derive(Clone, Debug)]
pub struct Grid<'a> {
    /// Key columns that differ between rows, in order.
    pub keys: Vec<&'a str>,
    /// Key columns with one code in the whole table, with that code.
    pub constant: Vec<(&'a str, &'a str)>,
    /// The key column whose codes stand side by side, and those codes.
    pub across: Option<(&'a str, Vec<&'a str>)>,
    pub rows: Vec<Line<'a>>,
}

/// A row of a grid: the codes of [`Grid::keys`], and a record for each code that stands across (one without those).
#[derive(Clone, Debug)]
pub struct Line<'a> {
    pub key: Vec<&'a str>,
    /// `None` where the table has no such row: the cell cannot exist.
    pub cells: Vec<Option<Record<'a>>>,
}

/// Turns a table. Every row of it stands in one cell of the grid.
pub fn grid(table: &SafeTable) -> Grid<'_> {
    let codes = |name: &str| layout::codes(table, name);
    let mut columns: Vec<&str> = table.columns.iter().map(String::as_str).collect();
    columns.sort_by_key(|name| *name != "indicator");
    let (mut keys, constant): (Vec<&str>, Vec<&str>) = columns.iter().copied().partition(|name| codes(name).len() > 1);
    let mut constant: Vec<(&str, &str)> =
        constant.into_iter().map(|name| (name, codes(name).first().copied().unwrap_or_default())).collect();
    // Years stand side by side only where each has one column: numbers of units would make the table too wide.
    let sides: &[&str] = match table.statistic {
        Statistic::Decomposition => &[define::PART],
        _ if layout::counts(table) => &["arm"],
        _ => &["arm", "year"],
    };
    let across = sides.iter().copied().find(|name| keys.len() > 1 && keys.contains(name));
    let across = across.and_then(|name| keys.iter().position(|key| *key == name)).map(|at| keys.remove(at));
    if keys.is_empty() && !constant.is_empty() {
        keys.push(constant.remove(0).0);
    }
    let across = across.map(|name| (name, codes(name)));
    let rows = lines(table, &keys, across.as_ref());
    Grid { keys, constant, across, rows }
}

fn lines<'a>(table: &'a SafeTable, keys: &[&'a str], across: Option<&(&'a str, Vec<&'a str>)>) -> Vec<Line<'a>> {
    let width = across.map_or(1, |(_, codes)| codes.len());
    let mut places = std::collections::BTreeMap::new();
    let mut lines: Vec<Line<'a>> = Vec::new();
    for record in layout::records(table) {
        let key: Vec<&str> = keys.iter().map(|name| layout::key(record.row, name)).collect();
        let at = *places.entry(key.clone()).or_insert_with(|| {
            lines.push(Line { key, cells: vec![None; width] });
            lines.len() - 1
        });
        let code = |(name, codes): &(&str, Vec<&str>)| codes.iter().position(|code| *code == layout::key(record.row, name));
        lines[at].cells[across.and_then(code).unwrap_or(0)] = Some(record);
    }
    lines
}
