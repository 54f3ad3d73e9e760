//! Extreme values of treated units whose enterprise group falls in a higher class are found here and left out of an indicator family.

use std::collections::{BTreeMap, BTreeSet};

use super::{Arm, CohortYear, values::Values};
use crate::registers::frame::{BusinessUnit, Key};
use crate::spec::plan::{OutlierCriterion, Outliers, Plan};

/// A treated unit with an extreme value, for the log that stays inside.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extreme {
    /// Index of the indicator.
    pub indicator: usize,
    pub year: i32,
    pub unit: Key<BusinessUnit>,
}

/// Units that are left out, by index of indicator, in all years; with the extreme values that led to it.
#[derive(Default)]
pub struct Removed {
    pub units: BTreeMap<usize, BTreeSet<Key<BusinessUnit>>>,
    pub log: Vec<Extreme>,
}

/// The extreme values of one year, by family of the rule; `values` has one entry per indicator of the plan.
pub fn find(plan: &Plan, cohort: &CohortYear, values: &[Values]) -> Vec<Vec<Extreme>> {
    let Some(outliers) = &plan.outliers else { return Vec::new() };
    let of_family = |family: &Vec<usize>| {
        let of_indicator = |indicator: &usize| {
            let units = extremes(outliers, cohort, &values[*indicator]);
            let indicator = *indicator;
            units.into_iter().map(move |unit| Extreme { indicator, year: cohort.frame.year, unit })
        };
        family.iter().flat_map(of_indicator).collect()
    };
    outliers.families.iter().map(of_family).collect()
}

impl Removed {
    /// What the extreme values of all years lead to: a unit is left out of every indicator of the family, in every year.
    pub fn of(plan: &Plan, years: Vec<Vec<Vec<Extreme>>>) -> Self {
        let mut removed = Self::default();
        let families = plan.outliers.iter().flat_map(|outliers| &outliers.families).enumerate();
        for (at, family) in families {
            let extremes = years.iter().flat_map(|year| &year[at]);
            for indicator in family {
                removed.units.entry(*indicator).or_default().extend(extremes.clone().map(|extreme| extreme.unit));
            }
            removed.log.extend(extremes.cloned());
        }
        removed
    }
}

fn extremes(outliers: &Outliers, cohort: &CohortYear, values: &Values) -> Vec<Key<BusinessUnit>> {
    let treated = values.positions.iter().zip(&values.values).filter(|(at, _)| cohort.arm[**at as usize] == Arm::Treated);
    let treated: Vec<(usize, i64)> = treated.map(|(at, value)| (*at as usize, *value)).collect();
    let Some(limit) = limit(&outliers.criterion, treated.iter().map(|(_, value)| *value).collect()) else { return Vec::new() };
    treated
        .into_iter()
        .filter(|(at, value)| *value as f64 > limit && (!outliers.require_higher_class || cohort.group_in_higher_class[*at]))
        .map(|(at, _)| cohort.frame.unit[at])
        .collect()
}

/// The value above which a unit is extreme, in ten-thousandths; `None` when too few values tell.
fn limit(criterion: &OutlierCriterion, mut values: Vec<i64>) -> Option<f64> {
    values.sort_unstable();
    match criterion {
        OutlierCriterion::Above { amount } => Some(*amount as f64),
        OutlierCriterion::Quantile { above } => {
            let last = values.len().checked_sub(1)?;
            Some(values[(above * last as f64).round() as usize] as f64)
        }
        OutlierCriterion::RobustZ { above } => {
            let logs: Vec<f64> = values.iter().filter(|v| **v > 0).map(|v| (*v as f64).ln()).collect();
            let centre = median(&logs)?;
            let mut distances: Vec<f64> = logs.iter().map(|x| (x - centre).abs()).collect();
            distances.sort_unstable_by(f64::total_cmp);
            // 1.4826 makes the median absolute deviation estimate the standard deviation of a normal distribution.
            let spread = 1.4826 * median(&distances)?;
            (spread > 0.0).then(|| (centre + above * spread).exp())
        }
    }
}

fn median(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[half]),
        _ => Some((sorted[half - 1] + sorted[half]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amount::SCALE;

    #[test]
    fn a_value_far_above_the_others_passes_the_limit_and_its_neighbour_does_not() {
        let values: Vec<i64> = (90..=110).map(|x| x * SCALE).collect();
        let limit = limit(&OutlierCriterion::RobustZ { above: 8.0 }, values).expect("values differ");
        assert!(limit > 150.0 * SCALE as f64 && limit < 250.0 * SCALE as f64, "{limit}");
    }

    #[test]
    fn an_amount_is_a_limit_as_it_is_held() {
        let amount = crate::amount::from_f64(100_000.0).expect("an amount");
        assert_eq!(limit(&OutlierCriterion::Above { amount }, vec![1]), Some(100_000.0 * SCALE as f64));
    }

    #[test]
    fn equal_values_have_no_extremes() {
        assert_eq!(limit(&OutlierCriterion::RobustZ { above: 8.0 }, vec![5, 5, 5]), None);
        assert_eq!(limit(&OutlierCriterion::Quantile { above: 0.9 }, Vec::new()), None);
    }
}
