//! From a table of cells and a profile to the problem of an attacker.

use std::collections::BTreeSet;

use super::table::{CellRow, CellTable, Declared};
use crate::disclosure::assess::judge_cell;
use crate::disclosure::problem::{Cell, Demand, Equation, Fate, Problem, SHARES, Share};
use crate::disclosure::profile::Profile;
use crate::disclosure::rules::{Level, Verdict};

/// What withholding a cell costs, where the table does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cost {
    /// Every cell the same.
    Cells,
    /// The number of contributors.
    Contributors,
    /// The absolute value.
    Value,
    /// The logarithm of the absolute value.
    LogValue,
}

/// The verdict on every cell of the table.
pub fn judge(table: &CellTable, profile: &Profile) -> Vec<Verdict> {
    table.cells.iter().map(|cell| judge_cell(&cell.stats, table.nonnegative, table.whole, profile)).collect()
}

/// The problem: one cell for every cell of the table, then what is left of sums that are not complete.
pub fn problem(table: &CellTable, verdicts: &[Verdict], cost: Cost) -> Problem {
    let levels: Vec<Option<Level>> = verdicts.iter().map(|verdict| verdict.is_unsafe().then(|| verdict.level(table.whole).unwrap_or_default())).collect();
    with_levels(table, &levels, cost)
}

/// The same with levels from elsewhere; a cell with a level is unsafe.
pub fn with_levels(table: &CellTable, levels: &[Option<Level>], cost: Cost) -> Problem {
    let mut problem = Problem { whole: table.whole, ..Problem::default() };
    for (row, level) in table.cells.iter().zip(levels) {
        problem.cells.push(cell(table, row, level.is_some(), cost));
    }
    for relation in table.relations() {
        let value = |at: &usize| problem.cells[*at].value;
        let rest = value(&relation.whole) - relation.parts.iter().map(value).sum::<i128>();
        let mut parts: Vec<u32> = relation.parts.iter().map(|part| *part as u32).collect();
        if rest != 0 {
            parts.push(problem.cells.len() as u32);
            let least = table.nonnegative.then_some(0);
            problem.cells.push(Cell { least, ..Cell::plain(rest, 1.0, Fate::Hidden) });
        }
        problem.equations.push(Equation::sum(relation.whole as u32, &parts));
    }
    for (at, level) in levels.iter().enumerate() {
        problem.demands.extend(level.map(|level| Demand { cell: at as u32, level, known: Vec::new() }));
    }
    problem
}

fn cell(table: &CellTable, row: &CellRow, is_unsafe: bool, cost: Cost) -> Cell {
    let value = row.value(table.whole);
    let fate = match row.declared {
        Declared::Withheld => Fate::Hidden,
        _ if is_unsafe => Fate::Hidden,
        Declared::Shown => Fate::Shown,
        Declared::Nothing if value == 0 => Fate::Shown,
        Declared::Nothing => Fate::Free,
    };
    let shares = row.shares.iter().take(SHARES).map(|(contributor, amount)| Share { contributor: *contributor, amount: i128::from(*amount) });
    Cell {
        least: table.nonnegative.then_some(0),
        shares: shares.collect(),
        contributors: row.stats.contributors,
        ..Cell::plain(value, row.cost.unwrap_or_else(|| price(row, value, cost)), fate)
    }
}

fn price(row: &CellRow, value: i128, cost: Cost) -> f64 {
    let size = value.unsigned_abs() as f64;
    match cost {
        Cost::Cells => 1.0,
        Cost::Contributors => (row.stats.contributors as f64).max(1.0),
        Cost::Value => size.max(1.0),
        Cost::LogValue => (2.0 + size).ln(),
    }
}

impl CellRow {
    /// The number of units of a frequency table, otherwise the total.
    pub fn value(&self, whole: bool) -> i128 {
        if whole { i128::from(self.stats.units) } else { self.stats.total }
    }
}

/// Demands against the owner of a single-contributor cell, as the peers define them: where a sum has exactly two unsafe parts and one
/// of them has a single contributor, their sum may not be derivable.
pub fn singleton_pairs(problem: &Problem) -> Vec<Demand> {
    let primary: BTreeSet<u32> = problem.demands.iter().map(|demand| demand.cell).collect();
    let mut demands = Vec::new();
    for equation in &problem.equations {
        let parts = equation.terms.iter().filter(|(_, coefficient)| *coefficient > 0.0);
        let unsafe_cells: Vec<u32> = parts.map(|(cell, _)| *cell).filter(|cell| primary.contains(cell)).collect();
        let [one, other] = unsafe_cells.as_slice() else { continue };
        let owner = |cell: &u32| problem.cells[*cell as usize].owner();
        for (known, cell) in [(one, other), (other, one)] {
            if owner(known).is_some() && owner(known) != owner(cell) {
                let level = Level { lower: 0, upper: (problem.cells[*cell as usize].value / 10_000).max(1) };
                demands.push(Demand { cell: *cell, level, known: vec![*known] });
                break;
            }
        }
    }
    demands
}
