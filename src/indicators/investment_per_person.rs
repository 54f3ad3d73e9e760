//! Investment per employed person, by type, firm by firm.

use super::{Indicator, Variant};
use crate::language::Phrase;

/// The four types with their components: new or standard, second-hand or custom, own account.
pub(super) const TYPES: [(&str, Phrase, [&str; 3]); 4] = [
    (
        "computers",
        Phrase::new("computers and other hardware", "computers en andere hardware"),
        ["comp_nieuw", "comp_tweedehands", "comp_eigen"],
    ),
    (
        "communication",
        Phrase::new("communication equipment", "communicatieapparatuur"),
        ["comm_nieuw", "comm_tweedehands", "comm_eigen"],
    ),
    (
        "machines",
        Phrase::new("machines, installations and apparatus", "machines, installaties en apparaten"),
        ["mach_nieuw", "mach_tweedehands", "mach_eigen"],
    ),
    ("software", Phrase::new("software", "software"), ["soft_standaard", "soft_maatwerk", "soft_eigen"]),
];

const fn variant(at: usize) -> Variant {
    Variant { name: TYPES[at].0, title: TYPES[at].1, numerator: &TYPES[at].2, denominator: &[], sampled: true }
}

pub const INVESTMENT_PER_PERSON: Indicator = Indicator {
    name: "investment-per-person",
    title: Phrase::new("Investment per employed person", "Investeringen per werkzame persoon"),
    unit: "eur per person",
    decimals: 0,
    nonnegative: true,
    ratio: true,
    formula: "all three components of the type over employed persons, per unit in the sample; a zero inside the sample is a true zero",
    source: "reference study, section 5",
    variants: &[variant(0), variant(1), variant(2), variant(3)],
    compute: |inputs| super::ratio(inputs.numerator, inputs.persons, inputs.options.zero_persons),
};
