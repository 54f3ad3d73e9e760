//! The cell-key method adds noise drawn from a noise table with the key of the cell, so that the same units have the same noise in every
//! table. Totals do not add up; each is as near to its true value as its parts are to theirs.

use super::{Change, Method, Range, Suits, Task, Totals};
use crate::diagnostic::{Diagnostic, Diagnostics};

mod amounts;
pub mod key;
pub mod maker;
pub mod table;

pub use amounts::{Amounts, Flex};
use key::Key;
use table::NoiseTable;

pub const CELL_KEY: Method = Method {
    name: "cell-key",
    title: "noise drawn with a key that the units of a cell have together; the same units, the same noise",
    formula: "x + v(min(x, i_max), Σ keys mod 1); for amounts x + Σ_j m(x_j)·x_j·v_j over the largest contributions",
    source: "Handbook on Statistical Disclosure Control, 2nd edition, section 5.4.5; Thompson, Broadfoot and Elazar, ABS, 2013",
    totals: Totals::Apart,
    suits: Suits::Any,
    base: None,
    change,
};

/// What the method needs beside a table.
#[derive(Clone)]
pub struct Noise {
    /// One per cell of the table.
    pub keys: Vec<CellKey>,
    /// For numbers of units.
    pub counts: Option<NoiseTable>,
    pub amounts: Option<Amounts>,
}

impl std::fmt::Debug for Noise {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Noise")
    }
}

/// The keys of one cell.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct CellKey {
    /// Of all units.
    pub all: Key,
    /// Of the units that have an amount other than 0.
    pub nonzero: Key,
}

/// Whose keys make the key of a cell of amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZeroKeys {
    /// Units without an amount change nothing, as little as they change the amount.
    #[default]
    LeftOut,
    Counted,
}

fn change(task: &Task) -> Result<Change, Diagnostics> {
    let noise = task.settings.noise.as_ref().ok_or_else(|| absent("keys of the units"))?;
    if noise.keys.len() != task.table.cells.len() {
        return Err(Diagnostic::error("conflict", "there is not one key for every cell").into());
    }
    let mut change = if task.table.whole { counts(task, noise)? } else { amounts::change(task, noise)? };
    change.ranges.resize(task.sums.values.len(), Range::ANYTHING);
    Ok(change)
}

fn counts(task: &Task, noise: &Noise) -> Result<Change, Diagnostics> {
    let table = noise.counts.as_ref().ok_or_else(|| absent("a noise table for numbers of units"))?;
    if !table.is_for_counts() {
        let finding = Diagnostic::error("conflict", "the noise table is not for numbers of units");
        return Err(finding.help("its sizes must be 0, 1, 2 and so on, and its noise whole").into());
    }
    let shown = task.sums.values[..task.sums.shown].iter();
    let values: Vec<i128> = shown.zip(&noise.keys).map(|(count, key)| count + table.noise_of_count(*count, key.all)).collect();
    let range = |(at, published): (usize, &i128)| {
        let (low, high) = table.counts_behind(*published);
        Range::new(low.max(task.sums.least(at)), high)
    };
    let ranges = values.iter().enumerate().map(range).collect();
    Ok(Change { values, ranges, notes: Vec::new() })
}

fn absent(what: &str) -> Diagnostic {
    Diagnostic::error("missing-key", format!("the cell-key method needs {what}")).help(
        "see `sluis perturb --help`: --key-file with --unit, or --key; --noise, and for amounts --noise-amounts with --flex",
    )
}

#[cfg(test)]
mod tests;
