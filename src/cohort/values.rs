//! Firm-level values of the indicators over the units of a year.

use crate::amount::{MISSING, SCALE};
use crate::indicators::{Inputs, Outcome};
use crate::registers::frame::{Measure, UnitFrame};
use crate::spec::plan::{IndicatorUse, Plan, Weights};

/// One indicator over the units of one year. Positions without a value are not listed.
#[derive(Default)]
pub struct Values {
    /// Positions in the frame, ascending.
    pub positions: Vec<u32>,
    /// Firm-level values, in ten-thousandths.
    pub values: Vec<i64>,
    /// The numerators of ratios; empty for an indicator that has none.
    pub numerators: Vec<i64>,
    /// Design weights, in ten-thousandths; empty when group values are unweighted.
    pub weights: Vec<i64>,
}

impl Values {
    /// The value at a position of the frame.
    pub fn at(&self, position: u32) -> Option<i64> {
        self.positions.binary_search(&position).ok().map(|found| self.values[found])
    }
}

/// Computes one indicator for every unit of the frame that has it.
pub fn compute(plan: &Plan, indicator: &IndicatorUse, frame: &UnitFrame) -> Values {
    let above = columns(frame, &indicator.numerator);
    let below = columns(frame, &indicator.denominator);
    let weight = match plan.measures.weights {
        Weights::Design if indicator.sampled => frame.measures.get("weight"),
        _ => None,
    };
    let quarters = frame.measures.get("quarters");
    let mut values = Values::default();
    let mut add = |at: usize| {
        let inputs = Inputs {
            numerator: sum(&above, at),
            denominator: sum(&below, at),
            persons: frame.persons.get(at).copied().unwrap_or(MISSING),
            quarters: quarters.map_or(MISSING, |measure| measure.at(at)),
            age: super::age(frame, at).map_or(MISSING, |years| years * SCALE),
            options: plan.measures.options,
        };
        let Outcome { value, numerator } = (indicator.definition.compute)(&inputs);
        let weight = weight.map(|measure| measure.at(at));
        // A unit of the sample without a weight stands for nobody.
        if value == MISSING || weight == Some(MISSING) {
            return;
        }
        values.positions.push(at as u32);
        values.values.push(value);
        values.numerators.extend(numerator);
        values.weights.extend(weight);
    };
    match above.first() {
        // Units outside the sample have no value, so only the sample is gone over.
        Some(Some(Measure::Sampled { positions, .. })) => positions.iter().for_each(|at| add(*at as usize)),
        _ => (0..frame.unit.len()).for_each(&mut add),
    }
    values
}

fn columns<'a>(frame: &'a UnitFrame, names: &[String]) -> Vec<Option<&'a Measure>> {
    names.iter().map(|name| frame.measures.get(name)).collect()
}

/// The sum of the measures of a unit; missing when one of them is.
fn sum(measures: &[Option<&Measure>], at: usize) -> i64 {
    let mut total: i64 = 0;
    for measure in measures {
        match measure.map_or(MISSING, |measure| measure.at(at)) {
            MISSING => return MISSING,
            value => match total.checked_add(value) {
                Some(sum) => total = sum,
                None => return MISSING,
            },
        }
    }
    if measures.is_empty() { MISSING } else { total }
}
