//! The age of a business unit in whole years.

use super::{Indicator, Outcome, Variant};

pub const FIRM_AGE: Indicator = Indicator {
    name: "firm-age",
    title: "Age of the firm",
    unit: "years",
    decimals: 1,
    nonnegative: true,
    ratio: false,
    formula: "year minus founding year",
    source: "reference study, section 5",
    variants: &[Variant { name: "", title: "Age of the firm", numerator: &[], denominator: &[], sampled: false }],
    compute: |inputs| Outcome::plain(inputs.age),
};
