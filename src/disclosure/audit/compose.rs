//! Derived figures from cells that may be shown: means, shares and index numbers, rounded as their table says.

use crate::amount::{SCALE, decimal, divide_round};
use crate::disclosure::safe::{SafeRow, SafeTable, State};
use crate::tables::decomposition;
use crate::tables::set::{Cell, Row, Split, Statistic, Table, TableSet};

/// Each of these tables, which are released together, with a state and, where it may be shown, a value in every row.
pub(super) fn tables(set: &TableSet, tables: &[Table], withheld: &[bool]) -> Vec<SafeTable> {
    let table = |table: &Table| SafeTable {
        id: table.id.clone(),
        title: table.title.clone(),
        statistic: table.statistic,
        unit: table.unit.clone(),
        decimals: table.decimals,
        columns: table.columns.clone(),
        mark: table.mark,
        presentation: table.presentation.clone(),
        rows: table.rows.iter().map(|row| safe_row(Release { set, tables, withheld }, table, row)).collect(),
    };
    tables.iter().map(table).collect()
}

/// Whether any cell with units is shown.
pub(super) fn shows_anything(tables: &[SafeTable]) -> bool {
    tables.iter().flat_map(|table| &table.rows).any(|row| row.state == State::Value)
}

/// What rows are composed from.
#[derive(Clone, Copy)]
struct Release<'a> {
    set: &'a TableSet,
    tables: &'a [Table],
    withheld: &'a [bool],
}

fn safe_row(release: Release<'_>, table: &Table, row: &Row) -> SafeRow {
    let Release { set, withheld, .. } = release;
    let cell = &set.cells[row.cell];
    let hidden = row.cells().any(|part| withheld[part]);
    let delivered = row.cells().all(|part| is_delivered(set, &set.cells[part]));
    // A class that is empty in the year has a part in the change all the same.
    let is_split = row.split.as_ref().is_some_and(|split| split.part.is_split());
    let exists = row.split.as_ref().is_none_or(Split::exists);
    let (state, value) = match () {
        () if !exists => (State::NotApplicable, None),
        () if !delivered => (State::NotDelivered, None),
        () if cell.stats.units == 0 && !withheld[row.cell] && !is_split => (State::Zero, nothing(table)),
        () if hidden => (State::Suppressed, None),
        () => match value(release, table, row) {
            Some(value) => (State::Value, Some(value)),
            None => (State::NotApplicable, None),
        },
    };
    let units = matches!(state, State::Value | State::Zero).then_some(cell.stats.units);
    SafeRow { key: row.key.clone(), state, value, units }
}

/// Whether the registers hold the measure of the cell for any unit of its year; a year without a file is not a year of zeros.
fn is_delivered(set: &TableSet, cell: &Cell) -> bool {
    cell.layer == 0 || set.universes[cell.universe].layers[cell.layer].atoms.iter().any(|atom| atom.units > 0)
}

/// The value of a cell without units: a mean of nothing is none.
fn nothing(table: &Table) -> Option<String> {
    matches!(table.statistic, Statistic::Count | Statistic::Share).then(|| decimal(0, table.decimals))
}

/// `None` when the figure does not exist: an index on a base that is nothing.
fn value(release: Release<'_>, table: &Table, row: &Row) -> Option<String> {
    let set = release.set;
    let cell = &set.cells[row.cell];
    let units = i128::from(cell.stats.units);
    match table.statistic {
        Statistic::Count => Some(decimal(units * i128::from(SCALE), table.decimals)),
        Statistic::Share => {
            let of = i128::from(set.cells[row.margin?].stats.units);
            assert!(units <= of, "a share is of a cell that contains it");
            Some(quotient(100 * units * i128::from(SCALE), of, table.decimals))
        }
        Statistic::Mean => rounded_mean(set, cell, table.decimals).map(|mean| decimal(mean, table.decimals)),
        Statistic::Index => {
            let base = &set.cells[row.base?];
            let now = rounded_mean(set, cell, published_decimals(release, cell, table))?;
            let then = rounded_mean(set, base, published_decimals(release, base, table))?;
            let sign = if then < 0 { -1 } else { 1 };
            (then != 0).then(|| quotient(sign * now * 100 * i128::from(SCALE), then.abs(), table.decimals))
        }
        Statistic::Decomposition => {
            let step = 10i128.pow(4 - table.decimals.min(4));
            let mean = |cell: usize| Some(rounded_mean(set, &set.cells[cell], table.decimals)? / step);
            let part = decomposition::figure(row, mean, |cell| set.cells[cell].stats.units)?;
            Some(decimal(part * step, table.decimals))
        }
    }
}

/// `numerator / denominator` in ten-thousandths, as a decimal number.
fn quotient(numerator: i128, denominator: i128, decimals: u32) -> String {
    let step = 10i128.pow(4 - decimals.min(4));
    decimal(divide_round(numerator, denominator * step) * step, decimals)
}

/// The mean in ten-thousandths, rounded once to the decimals that are printed; `None` without units or weight.
fn rounded_mean(set: &TableSet, cell: &Cell, decimals: u32) -> Option<i128> {
    let universe = &set.universes[cell.universe];
    let step = 10i128.pow(4 - decimals.min(4));
    let (total, by) = match universe.layers[cell.layer].weight {
        Some(weight) => (cell.stats.total * i128::from(SCALE), universe.layers[weight].stats(&cell.atoms).total),
        None => (cell.stats.total, i128::from(cell.stats.units)),
    };
    (by > 0).then(|| divide_round(total, by * step) * step)
}

/// The most decimals with which any table prints a mean of the same measure, so that an index can be redone from the release;
/// those of the index itself when none does.
fn published_decimals(Release { set, tables, .. }: Release<'_>, cell: &Cell, index: &Table) -> u32 {
    let name = |cell: &Cell| &set.universes[cell.universe].layers[cell.layer].name;
    let means = tables.iter().filter(|table| table.statistic == Statistic::Mean);
    let same = means.filter(|table| table.rows.iter().any(|row| name(&set.cells[row.cell]) == name(cell)));
    same.map(|table| table.decimals).max().unwrap_or(index.decimals)
}
