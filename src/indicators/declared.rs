//! Indicators that a pipeline declares itself, over the measures of its own schema.

use super::{Indicator, Outcome};
use crate::language::Phrase;

/// `kind = "measure"`: a measure as it is, or the sum of several.
pub const MEASURE: Indicator = Indicator {
    name: "measure",
    title: Phrase::new("A measure of the schema", "Een maat uit het schema"),
    unit: "",
    decimals: 0,
    nonnegative: false,
    ratio: false,
    formula: "the sum of the measures in `numerator`, per unit; missing when one of them is",
    source: "declared in the pipeline file",
    variants: &[],
    compute: |inputs| Outcome::plain(inputs.numerator),
};

/// `kind = "ratio"`: one sum of measures over another, firm by firm.
pub const RATIO: Indicator = Indicator {
    name: "ratio",
    title: Phrase::new("A ratio of measures of the schema", "Een verhouding van maten uit het schema"),
    unit: "",
    decimals: 1,
    nonnegative: false,
    ratio: true,
    formula: "the sum of `numerator` over the sum of `denominator`, per unit; a group value is the mean of these ratios",
    source: "declared in the pipeline file",
    variants: &[],
    compute: |inputs| super::ratio(inputs.numerator, inputs.denominator, inputs.options.zero_denominator),
};
