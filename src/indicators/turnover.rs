//! Annual turnover of a business unit.

use super::{Indicator, Outcome, Variant};
use crate::language::Phrase;

pub const TURNOVER: Indicator = Indicator {
    name: "turnover",
    title: Phrase::new("Annual turnover", "Jaaromzet"),
    unit: "eur",
    decimals: 0,
    nonnegative: false,
    ratio: false,
    formula: "the sum of the four quarters; the year is missing when a quarter is, unless `measures.missing_quarter` says otherwise",
    source: "reference study, section 5",
    variants: &[Variant {
        name: "",
        title: Phrase::new("Annual turnover", "Jaaromzet"),
        numerator: &["turnover"],
        denominator: &[],
        sampled: false,
    }],
    compute: |inputs| Outcome::plain(super::annual_turnover(inputs)),
};
