//! The age of a business unit in whole years.

use super::{Indicator, Outcome, Variant};
use crate::language::Phrase;

pub const FIRM_AGE: Indicator = Indicator {
    name: "firm-age",
    title: Phrase::new("Age of the firm", "Leeftijd van het bedrijf"),
    unit: "years",
    decimals: 1,
    nonnegative: true,
    ratio: false,
    formula: "year minus founding year",
    source: "reference study, section 5",
    variants: &[Variant {
        name: "",
        title: Phrase::new("Age of the firm", "Leeftijd van het bedrijf"),
        numerator: &[],
        denominator: &[],
        sampled: false,
    }],
    compute: |inputs| Outcome::plain(inputs.age),
};
