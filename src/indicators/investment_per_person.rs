//! Investment per employed person, by type, firm by firm.

use super::{Indicator, Variant};

/// The four types with their components: new or standard, second-hand or custom, own account.
pub(super) const TYPES: [(&str, &str, [&str; 3]); 4] = [
    ("computers", "computers and other hardware", ["comp_nieuw", "comp_tweedehands", "comp_eigen"]),
    ("communication", "communication equipment", ["comm_nieuw", "comm_tweedehands", "comm_eigen"]),
    ("machines", "machines, installations and apparatus", ["mach_nieuw", "mach_tweedehands", "mach_eigen"]),
    ("software", "software", ["soft_standaard", "soft_maatwerk", "soft_eigen"]),
];

const fn variant(at: usize) -> Variant {
    Variant { name: TYPES[at].0, title: TYPES[at].1, numerator: &TYPES[at].2, denominator: &[], sampled: true }
}

pub const INVESTMENT_PER_PERSON: Indicator = Indicator {
    name: "investment-per-person",
    title: "Investment per employed person",
    unit: "eur per person",
    decimals: 0,
    nonnegative: true,
    ratio: true,
    formula: "all three components of the type over employed persons, per unit in the sample; a zero inside the sample is a true zero",
    source: "reference study, section 5",
    variants: &[variant(0), variant(1), variant(2), variant(3)],
    compute: |inputs| super::ratio(inputs.numerator, inputs.persons, inputs.options.zero_persons),
};
