//! The true value of every cell of every table, beside what became of it. It never leaves the vault.

use std::collections::BTreeMap;

use crate::amount::{SCALE, divide_round};
use crate::disclosure::audit::Evidence;
use crate::disclosure::safe::{SafeTables, State};
use crate::tables::set::{Row, Statistic, Stats};

/// A row of a table with its true value.
pub struct TrueRow {
    pub table: String,
    pub statistic: Statistic,
    /// Column name to code; empty text stands for "all".
    pub key: BTreeMap<String, String>,
    /// Position among the distinct cells of the run.
    pub cell: usize,
    pub units: u64,
    pub contributors: u64,
    /// In ten-thousandths of the unit of the table; `None` for a mean over no units.
    pub value: Option<i128>,
    /// What the release says, rounded; `None` where it withholds it.
    pub published: Option<String>,
    pub state: State,
}

/// Every row of every table, in the order of the tables.
pub fn rows(safe: &SafeTables, evidence: &Evidence) -> Vec<TrueRow> {
    let mut rows = Vec::new();
    for (table, shown) in evidence.tables.iter().zip(safe.tables()) {
        for (row, shown) in table.rows.iter().zip(&shown.rows) {
            let stats = &evidence.cells[row.cell].stats;
            rows.push(TrueRow {
                table: table.id.clone(),
                statistic: table.statistic,
                key: row.key.clone(),
                cell: row.cell,
                units: stats.units,
                contributors: stats.contributors,
                value: value(table.statistic, row, evidence),
                published: shown.value.clone(),
                state: shown.state,
            });
        }
    }
    rows
}

fn value(statistic: Statistic, row: &Row, evidence: &Evidence) -> Option<i128> {
    let stats = |cell: usize| &evidence.cells[cell].stats;
    let scale = i128::from(SCALE);
    match statistic {
        Statistic::Count => Some(i128::from(stats(row.cell).units) * scale),
        Statistic::Share => {
            let whole = stats(row.margin?).units;
            (whole > 0).then(|| divide_round(i128::from(stats(row.cell).units) * 100 * scale, i128::from(whole)))
        }
        Statistic::Mean => mean(stats(row.cell), evidence.cells[row.cell].weight_total),
        Statistic::Index => {
            let now = mean(stats(row.cell), evidence.cells[row.cell].weight_total)?;
            let base = mean(stats(row.base?), evidence.cells[row.base?].weight_total)?;
            (base > 0).then(|| divide_round(now * 100 * scale, base))
        }
    }
}

/// Total over units, or over the total design weight where there is one.
fn mean(stats: &Stats, weight_total: Option<i128>) -> Option<i128> {
    match weight_total {
        Some(weight) => (weight > 0).then(|| divide_round(stats.total * i128::from(SCALE), weight)),
        None => (stats.units > 0).then(|| divide_round(stats.total, i128::from(stats.units))),
    }
}
