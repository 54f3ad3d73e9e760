//! The part of an investment that the firm makes itself.

use super::investment_per_person::TYPES;
use super::{Indicator, Outcome, Variant};
use crate::amount::MISSING;
use crate::language::Phrase;

const fn variant(at: usize) -> Variant {
    Variant { name: TYPES[at].0, title: TYPES[at].1, numerator: OWN[at], denominator: &TYPES[at].2, sampled: true }
}

const OWN: [&[&str]; 4] = [&["comp_eigen"], &["comm_eigen"], &["mach_eigen"], &["soft_eigen"]];

pub const OWN_ACCOUNT_SHARE: Indicator = Indicator {
    name: "own-account-share",
    title: Phrase::new("Share of own-account investment", "Aandeel investeringen in eigen beheer"),
    unit: "%",
    decimals: 1,
    nonnegative: true,
    ratio: true,
    formula: "own-account amount over the total amount of the type, per unit in the sample, in per cent; missing when the total is zero",
    source: "reference study, section 5",
    variants: &[variant(0), variant(1), variant(2), variant(3)],
    compute: |inputs| {
        let share = super::ratio(inputs.numerator, inputs.denominator, inputs.options.zero_denominator);
        match share.value {
            MISSING => Outcome::NONE,
            value => Outcome { value: value * 100, ..share },
        }
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firm_that_invests_nothing_has_no_share() {
        assert_eq!((OWN_ACCOUNT_SHARE.compute)(&crate::indicators::inputs(0, 0, 5, 4)), Outcome::NONE);
        assert_eq!((OWN_ACCOUNT_SHARE.compute)(&crate::indicators::inputs(25, 100, 5, 4)).value, 250_000);
    }
}
