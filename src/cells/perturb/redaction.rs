//! Redaction before rounding: small numbers of units become 0, all others are rounded; totals are sums of what was made of their parts.

use super::conventional::nearest;
use super::sum_of_rounded::sum;
use super::{Change, Method, Range, Suits, Task, Totals};
use crate::diagnostic::Diagnostics;

/// The largest number of units that becomes 0.
const REDACTED_MAX: i128 = 7;

pub const REDACTION: Method = Method {
    name: "redaction",
    title: "innermost numbers up to 7 become 0, others are rounded to a base, totals summed from them",
    formula: "r(x) = 0 for x ≤ 7, otherwise b · ⌊x/b + ½⌋",
    source: "OpenSAFELY, ehrQL measures, disclosure control",
    totals: Totals::Additive,
    suits: Suits::Frequencies,
    base: Some(5),
    change,
};

fn change(task: &Task) -> Result<Change, Diagnostics> {
    let base = task.base;
    sum(task.sums, |value| redact(value, base), |rounded, least| interval(rounded, base, least))
}

fn redact(value: i128, base: i128) -> i128 {
    if value <= REDACTED_MAX { 0 } else { nearest(value, base) }
}

fn interval(rounded: i128, base: i128, least: i128) -> Range {
    // With a large base some numbers above the limit are rounded to 0 as well.
    let zero = Range::new(least, REDACTED_MAX.max((base + 1) / 2 - 1));
    if rounded == 0 { zero } else { Range::new((rounded - base / 2).max(REDACTED_MAX + 1), rounded + (base + 1) / 2 - 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_is_nothing_and_eight_is_ten() {
        let rounded: Vec<i128> = [0, 7, 8, 12, 13, 22, 23].iter().map(|value| redact(*value, 5)).collect();
        assert_eq!(rounded, [0, 0, 10, 10, 15, 20, 25]);
        for (value, base) in (0..60).flat_map(|value| (2..30).map(move |base| (value, base))) {
            let same: Vec<i128> = (0..100).filter(|other| redact(*other, base) == redact(value, base)).collect();
            let range = interval(redact(value, base), base, 0);
            assert_eq!((same.first(), same.last().copied()), (Some(&range.low), range.high), "{value} to {base}");
        }
    }
}
