//! The number of employed persons of a business unit.

use super::{Indicator, Outcome, Variant};
use crate::language::Phrase;

pub const PERSONS: Indicator = Indicator {
    name: "persons",
    title: Phrase::new("Employed persons", "Werkzame personen"),
    unit: "persons",
    decimals: 0,
    nonnegative: true,
    ratio: false,
    formula: "employed persons as the register of business units has them",
    source: "reference study, section 5",
    variants: &[Variant {
        name: "",
        title: Phrase::new("Employed persons", "Werkzame personen"),
        numerator: &[],
        denominator: &[],
        sampled: false,
    }],
    compute: |inputs| Outcome::plain(inputs.persons),
};
