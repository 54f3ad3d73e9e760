//! An indicator turns the measures of one business unit in one year into one firm-level value. Each is a file here and a line in [`ALL`].

use crate::amount::MISSING;
use crate::language::Phrase;

mod declared;
mod firm_age;
mod investment_per_person;
mod own_account_share;
mod persons;
mod turnover;
mod turnover_per_person;
mod turnover_thousands;

/// Every indicator that a pipeline can name.
pub const ALL: &[Indicator] = &[
    turnover::TURNOVER,
    turnover_per_person::TURNOVER_PER_PERSON,
    turnover_thousands::TURNOVER_THOUSANDS,
    investment_per_person::INVESTMENT_PER_PERSON,
    own_account_share::OWN_ACCOUNT_SHARE,
    firm_age::FIRM_AGE,
    persons::PERSONS,
    declared::MEASURE,
    declared::RATIO,
];

/// The definition of an indicator.
#[derive(Debug)]
pub struct Indicator {
    /// As in the pipeline file; variants follow after a point, `investment-per-person.machines`.
    pub name: &'static str,
    pub title: Phrase,
    /// Unit of the firm-level value and of its mean.
    pub unit: &'static str,
    /// Decimals printed.
    pub decimals: u32,
    /// No unit can have a negative value.
    pub nonnegative: bool,
    /// The value is a ratio, so its numerator is judged for dominance as well.
    pub ratio: bool,
    /// In words, for `sluis explain`.
    pub formula: &'static str,
    /// Section of the method, handbook or manual.
    pub source: &'static str,
    /// Variants, each with the measures it adds up; a single nameless one for an indicator without variants.
    pub variants: &'static [Variant],
    /// From [`Inputs`] to a value.
    pub compute: fn(&Inputs) -> Outcome,
}

/// One variant of an indicator, with its measures by canonical name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    pub name: &'static str,
    pub title: Phrase,
    /// What is summed above the line.
    pub numerator: &'static [&'static str],
    /// What is summed below the line; empty without one.
    pub denominator: &'static [&'static str],
    /// The register of the measures is a sample with design weights.
    pub sampled: bool,
}

/// What an indicator sees of a unit: sums of its measures, in ten-thousandths; [`MISSING`] when any of them is missing.
#[derive(Clone, Copy, Debug)]
pub struct Inputs {
    pub numerator: i64,
    pub denominator: i64,
    pub persons: i64,
    /// Quarters with a turnover, in ten-thousandths; [`MISSING`] where there is no register of quarters.
    pub quarters: i64,
    /// Year minus founding year, in ten-thousandths.
    pub age: i64,
    pub options: Options,
}

/// The firm-level value, and for a ratio the numerator that dominance rules look at as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub value: i64,
    pub numerator: Option<i64>,
}

impl Outcome {
    pub const NONE: Self = Self { value: MISSING, numerator: None };

    /// A value without a numerator of its own.
    pub fn plain(value: i64) -> Self {
        Self { value, numerator: None }
    }
}

/// The open choices of the indicators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    pub missing_quarter: MissingQuarter,
    pub zero_persons: ZeroDenominator,
    pub zero_denominator: ZeroDenominator,
}

/// What a missing quarter does to the annual turnover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MissingQuarter {
    /// The year is missing.
    MissingYear,
    /// The quarters that are there, times four over their number.
    ScaleUp,
    /// A missing quarter counts as zero.
    Zero,
}

/// What a ratio with a zero denominator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ZeroDenominator {
    Missing,
    /// Zero over zero is zero; anything else over zero is missing.
    Zero,
}

/// `numerator / denominator` with the declared choice for a denominator of zero.
fn ratio(numerator: i64, denominator: i64, zero: ZeroDenominator) -> Outcome {
    if denominator == 0 && numerator == 0 && zero == ZeroDenominator::Zero {
        return Outcome { value: 0, numerator: Some(0) };
    }
    match crate::amount::ratio(numerator, denominator) {
        MISSING => Outcome::NONE,
        value => Outcome { value, numerator: Some(numerator) },
    }
}

/// Annual turnover from what the register of quarters holds.
fn annual_turnover(inputs: &Inputs) -> i64 {
    let scale = crate::amount::SCALE;
    if inputs.numerator == MISSING {
        return MISSING;
    }
    if inputs.quarters == MISSING || inputs.quarters >= 4 * scale {
        return inputs.numerator;
    }
    match inputs.options.missing_quarter {
        MissingQuarter::MissingYear => MISSING,
        MissingQuarter::Zero => inputs.numerator,
        MissingQuarter::ScaleUp if inputs.quarters <= 0 => MISSING,
        MissingQuarter::ScaleUp => {
            let scaled =
                crate::amount::divide_round(i128::from(inputs.numerator) * 4 * i128::from(scale), i128::from(inputs.quarters));
            i64::try_from(scaled).unwrap_or(MISSING)
        }
    }
}

#[cfg(test)]
pub(crate) fn inputs(numerator: i64, denominator: i64, persons: i64, quarters: i64) -> Inputs {
    let scaled = |x: i64| if x == MISSING { MISSING } else { x * crate::amount::SCALE };
    Inputs {
        numerator: scaled(numerator),
        denominator: scaled(denominator),
        persons: scaled(persons),
        quarters: scaled(quarters),
        age: MISSING,
        options: Options {
            missing_quarter: MissingQuarter::MissingYear,
            zero_persons: ZeroDenominator::Missing,
            zero_denominator: ZeroDenominator::Missing,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = ALL.iter().map(|i| i.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn three_quarters_are_not_a_year_unless_declared() {
        let mut firm = inputs(300, 0, 10, 3);
        assert_eq!(annual_turnover(&firm), MISSING);
        firm.options.missing_quarter = MissingQuarter::ScaleUp;
        assert_eq!(annual_turnover(&firm), 4_000_000);
        firm.options.missing_quarter = MissingQuarter::Zero;
        assert_eq!(annual_turnover(&firm), 3_000_000);
    }
}
