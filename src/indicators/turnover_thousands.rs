//! Annual turnover of a business unit in thousands, for tables in which a single euro would say more than is known.

use super::{Indicator, Outcome, Variant};
use crate::amount::{MISSING, divide_round};
use crate::language::Phrase;

pub const TURNOVER_THOUSANDS: Indicator = Indicator {
    name: "turnover-thousands",
    title: Phrase::new("Annual turnover, in thousands", "Jaaromzet, in duizenden"),
    unit: "1000 eur",
    decimals: 0,
    nonnegative: false,
    ratio: false,
    formula: "the indicator `turnover` over 1000, rounded to a ten-thousandth",
    source: "reference study, section 7 (F29)",
    variants: &[Variant {
        name: "",
        title: Phrase::new("Annual turnover, in thousands", "Jaaromzet, in duizenden"),
        numerator: &["turnover"],
        denominator: &[],
        sampled: false,
    }],
    compute: |inputs| Outcome::plain(thousands(super::annual_turnover(inputs))),
};

fn thousands(turnover: i64) -> i64 {
    if turnover == MISSING { MISSING } else { i64::try_from(divide_round(i128::from(turnover), 1000)).unwrap_or(MISSING) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_turnover_stays_missing_and_others_are_divided() {
        let value = |turnover: i64, quarters: i64| {
            (TURNOVER_THOUSANDS.compute)(&crate::indicators::inputs(turnover, 1, 1, quarters)).value
        };
        assert_eq!((value(1_234_567, 4), value(-500, 4), value(1_234_567, 3)), (12_345_670, -5_000, MISSING));
    }
}
