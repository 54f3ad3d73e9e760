//! The check of perturbed values: every unsafe cell must stay uncertain; only then there is a table that may leave.

use serde::Serialize;

use super::attack::{Interval, intervals_of_width};
use super::{Method, Perturbed, Range};
use crate::amount::decimal;
use crate::cells::system::judge;
use crate::cells::table::{CellTable, TOTAL};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::profile::Profile;
use crate::disclosure::rules::Level;
use crate::disclosure::safe::State;

/// A table that may leave: published values alone. Only [`check`] makes one.
#[derive(Clone)]
pub struct SafeTable {
    pub measure: String,
    pub method: &'static Method,
    pub base: Option<u32>,
    /// Names of the spanning variables.
    pub columns: Vec<String>,
    pub rows: Vec<SafeRow>,
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct SafeRow {
    /// One code per column; empty text stands for "all".
    pub codes: Vec<String>,
    pub state: State,
    pub value: String,
}

/// An unsafe cell and what an attacker finds out. Sensitive; it stays inside.
#[derive(Clone, Debug)]
pub struct Judged {
    pub cell: usize,
    pub rules: Vec<&'static str>,
    /// Whole where it is not wide enough, otherwise a part of it that is.
    pub interval: Interval,
    /// How wide the interval must be.
    pub width: i128,
}

impl Judged {
    /// Whether the interval is as wide as it must be.
    ///
    /// The width is that of a sliding protection level, the upper and the lower level together (Handbook, section 4.2.2), since
    /// rounding may take a value to the end of its interval; a number of units must have another beside it at the least.
    pub fn is_protected(&self) -> bool {
        self.interval.high.is_none_or(|high| high - self.interval.low >= self.width)
    }
}

/// What an attacker finds out about every cell that the profile calls unsafe: where it is wide enough, a part of its interval that is.
pub fn attack(perturbed: &Perturbed, table: &CellTable, profile: &Profile) -> Vec<Judged> {
    let verdicts = judge(table, profile);
    let width = |cell: usize| {
        let Level { lower, upper } = verdicts[cell].level(table.whole).unwrap_or_default();
        (cell, (lower + upper).max(1))
    };
    let unsafe_cells: Vec<(usize, i128)> = (0..verdicts.len()).filter(|cell| verdicts[*cell].is_unsafe()).map(width).collect();
    let found = intervals_of_width(&perturbed.sums, &perturbed.ranges, &unsafe_cells);
    let judged = |((cell, width), interval): ((usize, i128), Interval)| Judged {
        cell,
        rules: verdicts[cell].rules().to_vec(),
        interval,
        width,
    };
    unsafe_cells.into_iter().zip(found).map(judged).collect()
}

/// The table that may leave, and what was found of every unsafe cell.
///
/// # Errors
/// `profile-not-applied` when the profile does not accept the method; `audit-failed` when an unsafe cell is left too certain.
pub fn check(perturbed: &Perturbed, table: &CellTable, profile: &Profile) -> Result<(SafeTable, Vec<Judged>), Diagnostics> {
    profile.accepts(perturbed.method.name, perturbed.base)?;
    let judged = attack(perturbed, table, profile);
    let open: Vec<&Judged> = judged.iter().filter(|one| !one.is_protected()).collect();
    if open.is_empty() {
        return Ok((safe(perturbed, table), judged));
    }
    let headline =
        format!("{} of {} unsafe cells are not protected by the method `{}`", open.len(), judged.len(), perturbed.method.name);
    let named = open.iter().take(NAMED_MAX).map(|one| table.name(one.cell));
    let finding =
        named.fold(Diagnostic::error("audit-failed", headline), |finding, name| finding.note(format!("such as {name}")));
    Err(finding.help("choose a larger base, a method with additive totals, or suppression").into())
}

/// Cells that a message names.
const NAMED_MAX: usize = 5;

fn safe(perturbed: &Perturbed, table: &CellTable) -> SafeTable {
    let decimals = decimals(perturbed);
    let code = |(dimension, code): (&crate::cells::table::Dimension, &u32)| match *code {
        TOTAL => String::new(),
        code => dimension.codes[code as usize].clone(),
    };
    let row = |(at, value): (usize, &i128)| SafeRow {
        codes: table.dimensions.iter().zip(&table.cells[at].codes).map(code).collect(),
        state: state(*value, perturbed.ranges[at]),
        value: if table.whole { value.to_string() } else { decimal(*value, decimals) },
    };
    SafeTable {
        measure: table.measure.clone(),
        method: perturbed.method,
        base: perturbed.base,
        columns: table.dimensions.iter().map(|dimension| dimension.name.clone()).collect(),
        rows: perturbed.values.iter().enumerate().map(row).collect(),
        notes: perturbed.notes.clone(),
    }
}

/// A 0 says that nothing is there only when it can come of nothing else.
fn state(value: i128, range: Range) -> State {
    if value == 0 && range == Range::new(0, 0) { State::Zero } else { State::Value }
}

/// As many decimals as show every value exactly.
fn decimals(perturbed: &Perturbed) -> u32 {
    let exact = |decimals: &u32| perturbed.values.iter().all(|value| value % 10i128.pow(4 - decimals) == 0);
    (0..4).find(exact).unwrap_or(4)
}
