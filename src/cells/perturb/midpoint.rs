//! Midpoint rounding takes a number of units to the middle of its interval of as many numbers as the base; nothing stays nothing.

use super::sum_of_rounded::sum;
use super::{Change, Method, Range, Suits, Task, Totals};
use crate::diagnostic::Diagnostics;

pub const MIDPOINT: Method = Method {
    name: "midpoint",
    title: "innermost numbers taken to the middle of intervals, totals summed from them; 0 stays 0",
    formula: "r(x) = b · ⌈x/b⌉ − ⌊b/2⌋ for x > 0, r(0) = 0",
    source: "OpenSAFELY documentation, midpoint 6 rounding",
    totals: Totals::Additive,
    suits: Suits::Frequencies,
    base: Some(6),
    change,
};

fn change(task: &Task) -> Result<Change, Diagnostics> {
    let base = task.base;
    sum(task.sums, |value| middle(value, base), |rounded, _| interval(rounded, base))
}

fn middle(value: i128, base: i128) -> i128 {
    if value == 0 { 0 } else { (value + base - 1) / base * base - base / 2 }
}

fn interval(middle: i128, base: i128) -> Range {
    let last = middle + base / 2;
    if middle == 0 { Range::new(0, 0) } else { Range::new(last - base + 1, last) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_six_are_three_and_seven_to_twelve_are_nine() {
        let rounded: Vec<i128> = [0, 1, 6, 7, 12, 13, 18].iter().map(|value| middle(*value, 6)).collect();
        assert_eq!(rounded, [0, 3, 3, 9, 9, 15, 15]);
        for (value, base) in (0..60).flat_map(|value| (2..9).map(move |base| (value, base))) {
            let same: Vec<i128> = (0..80).filter(|other| middle(*other, base) == middle(value, base)).collect();
            let range = interval(middle(value, base), base);
            assert_eq!((same.first(), same.last().copied()), (Some(&range.low), range.high), "{value} to {base}");
        }
    }
}
