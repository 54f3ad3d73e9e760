//! Annual turnover per employed person, firm by firm.

use super::{Indicator, Variant};
use crate::language::Phrase;

pub const TURNOVER_PER_PERSON: Indicator = Indicator {
    name: "turnover-per-person",
    title: Phrase::new("Turnover per employed person", "Omzet per werkzame persoon"),
    unit: "eur per person",
    decimals: 0,
    nonnegative: false,
    ratio: true,
    formula: "annual turnover over employed persons, per unit; a group value is the mean of these ratios, not a ratio of totals",
    source: "reference study, section 5",
    variants: &[Variant {
        name: "",
        title: Phrase::new("Turnover per employed person", "Omzet per werkzame persoon"),
        numerator: &["turnover"],
        denominator: &[],
        sampled: false,
    }],
    compute: |inputs| super::ratio(super::annual_turnover(inputs), inputs.persons, inputs.options.zero_persons),
};
