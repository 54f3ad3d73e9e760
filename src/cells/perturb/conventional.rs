//! Conventional rounding takes every value to the nearest multiple of a base by itself, totals too.

use super::{Change, Method, Range, Suits, Task, Totals};
use crate::amount::divide_round;
use crate::diagnostic::Diagnostics;

pub const CONVENTIONAL: Method = Method {
    name: "conventional",
    title: "every number rounded to the nearest multiple of a base, totals by themselves",
    formula: "r(x) = b · ⌊x/b + ½⌋",
    source: "Handbook on Statistical Disclosure Control, 2nd edition, section 5.4.3",
    totals: Totals::Apart,
    suits: Suits::Any,
    base: Some(5),
    change,
};

fn change(task: &Task) -> Result<Change, Diagnostics> {
    let values: Vec<i128> = task.sums.values[..task.sums.shown].iter().map(|value| nearest(*value, task.base)).collect();
    let mut ranges: Vec<Range> =
        values.iter().enumerate().map(|(at, value)| around(*value, task.base, task.sums.least(at))).collect();
    ranges.resize(task.sums.values.len(), Range::ANYTHING);
    Ok(Change { values, ranges, notes: Vec::new() })
}

/// The nearest multiple, of two equally near the greater.
pub(super) fn nearest(value: i128, base: i128) -> i128 {
    divide_round(value, base) * base
}

/// The values that are rounded to it.
pub(super) fn around(rounded: i128, base: i128, least: i128) -> Range {
    Range::new((rounded - base / 2).max(least), rounded + (base + 1) / 2 - 1)
}
