//! Rounding with totals that are sums of rounded numbers: only cells that are the sum of nothing are rounded.

use super::conventional::{around, nearest};
use super::sums::Sums;
use super::{Change, Method, Range, Suits, Task, Totals};
use crate::diagnostic::Diagnostics;

pub const SUM_OF_ROUNDED: Method = Method {
    name: "sum-of-rounded",
    title: "innermost numbers rounded to the nearest multiple of a base, totals summed from them",
    formula: "r(x) = b · ⌊x/b + ½⌋ for innermost x, and the sum of rounded parts for a total",
    source: "Handbook on Statistical Disclosure Control, 2nd edition, section 5.4.3",
    totals: Totals::Additive,
    suits: Suits::Any,
    base: Some(5),
    change,
};

fn change(task: &Task) -> Result<Change, Diagnostics> {
    let base = task.base;
    sum(task.sums, |value| nearest(value, base), |rounded, least| around(rounded, base, least))
}

/// Changes innermost values and sums them; of a total nothing is known but what its parts say.
pub(super) fn sum(sums: &Sums, to: impl Fn(i128) -> i128, from: impl Fn(i128, i128) -> Range) -> Result<Change, Diagnostics> {
    let innermost: Vec<i128> = sums.values.iter().map(|value| to(*value)).collect();
    let mut values = sums.from_innermost(&innermost)?;
    let mut ranges: Vec<Range> = innermost.iter().enumerate().map(|(at, value)| from(*value, sums.least(at))).collect();
    sums.relations.iter().for_each(|relation| ranges[relation.whole] = Range::ANYTHING);
    // What no cell shows is known only by what it leaves of a total: as much as if it were shown.
    values.truncate(sums.shown);
    Ok(Change { values, ranges, notes: Vec::new() })
}
