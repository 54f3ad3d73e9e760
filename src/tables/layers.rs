//! Which layers a universe has: the count of units, the indicators, and what rules and weighted means need beside them.

use crate::spec::plan::{Plan, Weights};

/// What a layer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Units,
    Value,
    Numerator,
    Weight,
}

/// One layer, the same in every universe of the run.
#[derive(Clone, Debug)]
pub struct LayerPlan {
    pub name: String,
    pub role: Role,
    /// Index of the indicator; zero and unused for the count of units.
    pub indicator: usize,
    pub nonnegative: bool,
    pub numerator: Option<usize>,
    pub weight: Option<usize>,
}

/// The layers of a plan, the count of units first, and the value layer of each indicator.
pub fn plan(plan: &Plan) -> (Vec<LayerPlan>, Vec<usize>) {
    let units =
        LayerPlan { name: "units".into(), role: Role::Units, indicator: 0, nonnegative: true, numerator: None, weight: None };
    let mut layers = vec![units];
    let mut of_indicator = Vec::new();
    for (at, indicator) in plan.indicators.iter().enumerate() {
        let beside = |role, suffix: &str| LayerPlan {
            name: format!("{}/{suffix}", indicator.name),
            role,
            indicator: at,
            nonnegative: true,
            numerator: None,
            weight: None,
        };
        let value = layers.len();
        let has_numerator = indicator.definition.ratio;
        let has_weight = plan.measures.weights == Weights::Design && indicator.sampled;
        layers.push(LayerPlan {
            name: indicator.name.clone(),
            role: Role::Value,
            indicator: at,
            nonnegative: indicator.nonnegative,
            numerator: has_numerator.then_some(value + 1),
            weight: has_weight.then_some(value + 1 + usize::from(has_numerator)),
        });
        if has_numerator {
            layers.push(beside(Role::Numerator, "numerator"));
        }
        if has_weight {
            layers.push(beside(Role::Weight, "weight"));
        }
        of_indicator.push(value);
    }
    (layers, of_indicator)
}
