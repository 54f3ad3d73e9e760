//! The number of employed persons of a business unit.

use super::{Indicator, Outcome, Variant};

pub const PERSONS: Indicator = Indicator {
    name: "persons",
    title: "Employed persons",
    unit: "persons",
    decimals: 0,
    nonnegative: true,
    ratio: false,
    formula: "employed persons as the register of business units has them",
    source: "reference study, section 5",
    variants: &[Variant { name: "", title: "Employed persons", numerator: &[], denominator: &[], sampled: false }],
    compute: |inputs| Outcome::plain(inputs.persons),
};
