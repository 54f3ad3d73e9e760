//! The indicators of a study: those of the program whose measures are there, and those that the pipeline declares.

use super::{Lowering, Scope, input};
use crate::diagnostic::Diagnostic;
use crate::indicators::{ALL, Indicator, Variant};
use crate::language::{Language, Text};
use crate::spec::document::steps;
use crate::spec::pipeline::{Criterion, DeclaredIndicator, IndicatorKind, OutlierRule, Require};
use crate::spec::plan::{IndicatorUse, Input, OutlierCriterion, Outliers, Plan};
use crate::spec::schema::{Column, ColumnKind};

/// Names of the definitions that only a declaration of the pipeline uses.
const DECLARED: [&str; 2] = ["measure", "ratio"];

/// Whether an indicator of the program, or a variant of one, has this name.
pub(super) fn is_shipped(name: &str) -> bool {
    shipped().any(|(indicator, variant)| indicator.name == name || full_name(indicator, variant) == name)
}

/// What a study must have for an indicator of the program.
pub(super) fn needs(name: &str) -> String {
    let found = shipped().find(|(indicator, variant)| indicator.name == name || full_name(indicator, variant) == name);
    match found {
        Some((_, variant)) if variant.sampled => "add the register `investments` to [registers]".to_owned(),
        Some((_, variant)) if variant.numerator.contains(&"turnover") => "add the register `turnover` to [registers]".to_owned(),
        _ => "it needs [registers]; a panel declares its own indicators with [[indicator]]".to_owned(),
    }
}

fn shipped() -> impl Iterator<Item = (&'static Indicator, &'static Variant)> {
    let named = ALL.iter().filter(|indicator| !DECLARED.contains(&indicator.name));
    named.flat_map(|indicator| indicator.variants.iter().map(move |variant| (indicator, variant)))
}

fn full_name(indicator: &Indicator, variant: &Variant) -> String {
    if variant.name.is_empty() { indicator.name.to_owned() } else { format!("{}.{}", indicator.name, variant.name) }
}

/// Leaves only the indicators that a table or the outlier rule uses, in the order they had.
pub(super) fn keep_used(plan: &mut Plan) {
    let by_tables = plan.tables.iter().flat_map(|table| table.indicators.iter().copied());
    let mut used: Vec<usize> =
        by_tables.chain(plan.outliers.iter().flat_map(|rule| rule.families.iter().flatten().copied())).collect();
    used.sort_unstable();
    used.dedup();
    let renumber = |indices: &mut Vec<usize>| {
        for index in indices {
            *index = used.partition_point(|known| known < index);
        }
    };
    plan.tables.iter_mut().for_each(|table| renumber(&mut table.indicators));
    plan.outliers.iter_mut().flat_map(|rule| &mut rule.families).for_each(renumber);
    let (mut kept, mut spare) = (Vec::new(), Vec::new());
    for (at, indicator) in std::mem::take(&mut plan.indicators).into_iter().enumerate() {
        if used.contains(&at) { kept.push(indicator) } else { spare.push(indicator) }
    }
    (plan.indicators, plan.spare) = (kept, spare);
}

impl Lowering<'_> {
    /// Those that tables can name, and the names of declared ones in which something is wrong.
    pub(super) fn known_indicators(&mut self, input: &Input) -> (Vec<IndicatorUse>, Vec<String>) {
        let measures: Vec<&Column> = input::columns(input).filter(|column| column.kind == ColumnKind::Number).collect();
        let there = |name: &&str| measures.iter().any(|column| column.name == *name);
        let mut known: Vec<IndicatorUse> = Vec::new();
        if matches!(input, Input::Registers { .. }) {
            let computable = shipped().filter(|(_, variant)| variant.numerator.iter().chain(variant.denominator).all(there));
            known.extend(computable.map(|(indicator, variant)| use_of(indicator, variant)));
        }
        let mut broken = Vec::new();
        for at in 0..self.entries("indicator") {
            let place = steps!["indicator", at, "name"];
            let Some(name) = self.text(&place) else { continue };
            self.slug(&name, &place);
            if known.iter().any(|other| other.name == name) || broken.contains(&name) || is_shipped(&name) {
                self.report(Diagnostic::error("duplicate-name", format!("there is an indicator `{name}` already")), &place);
            }
            match self.checked.read(self.document, &steps!["indicator", at]) {
                Some(entry) => known.push(self.declared(at, entry, &measures)),
                None => broken.push(name),
            }
        }
        (known, broken)
    }

    fn declared(&mut self, at: usize, entry: DeclaredIndicator, measures: &[&Column]) -> IndicatorUse {
        let names: Vec<&str> = measures.iter().map(|column| column.name.as_str()).collect();
        for (key, wanted) in [("numerator", &entry.numerator), ("denominator", &entry.denominator)] {
            for (item, name) in wanted.iter().enumerate().filter(|(_, name)| !names.contains(&name.as_str())) {
                self.unknown("measure", name, &names, &steps!["indicator", at, key, item]);
            }
        }
        self.sides(at, &entry);
        let nonnegative = |name: &String| measures.iter().any(|column| column.name == *name && column.nonnegative);
        IndicatorUse {
            nonnegative: entry.numerator.iter().all(nonnegative),
            definition: definition(if entry.kind == IndicatorKind::Ratio { "ratio" } else { "measure" }),
            name: entry.name,
            title: Text::new(entry.title, entry.title_nl),
            variant: None,
            unit: entry.unit,
            decimals: entry.decimals,
            numerator: entry.numerator,
            denominator: entry.denominator,
            sampled: false,
        }
    }

    /// A ratio has two sides, a measure one.
    fn sides(&mut self, at: usize, entry: &DeclaredIndicator) {
        if entry.numerator.is_empty() {
            let none = Diagnostic::error("missing-key", "the `numerator` names no measure");
            self.report(none, &steps!["indicator", at, "numerator"]);
        }
        let ratio = entry.kind == IndicatorKind::Ratio;
        if ratio != entry.denominator.is_empty() || self.misspelt(&steps!["indicator", at]) {
            return;
        }
        let wrong = if ratio {
            Diagnostic::error("missing-key", "a ratio needs a `denominator`")
        } else {
            Diagnostic::error("conflict", "a measure has no `denominator`").help("use kind = \"ratio\", or leave it out")
        };
        self.report(wrong, &steps!["indicator", at, "denominator"]);
    }

    /// The outlier rule, where the study has one.
    pub(super) fn outliers(&mut self, scope: &Scope) -> Option<Outliers> {
        let rule: OutlierRule = self.checked.read(self.document, &steps!["outliers"])?;
        let families = rule.families.iter().enumerate();
        let families =
            families.map(|(at, names)| self.indicators_named(scope, names, &steps!["outliers", "families", at])).collect();
        let class_set = scope.class_set(&rule.class_set);
        let higher = rule.require == Require::GroupInHigherClass;
        if !scope.compared {
            let conflict = Diagnostic::error("conflict", "nobody is treated, so the outlier rule would remove nothing");
            self.report(conflict.help("leave the section out"), &steps!["outliers"]);
        } else if higher && matches!(scope.input, Input::Panel { .. }) {
            let conflict = Diagnostic::error("conflict", "a panel has no enterprise groups that could fall in a higher class");
            self.report(conflict.help("use require = \"nothing\""), &steps!["outliers", "require"]);
        } else if higher && class_set.is_none() {
            let known: Vec<&str> = scope.class_sets.iter().map(|set| set.name.as_str()).collect();
            self.unknown("class set", &rule.class_set, &known, &steps!["outliers", "class_set"]);
        }
        let criterion = self.criterion(&rule.criterion);
        Some(Outliers { families, criterion, require_higher_class: higher, class_set: class_set.unwrap_or(0) })
    }

    fn criterion(&mut self, criterion: &Criterion) -> OutlierCriterion {
        let at = steps!["outliers", "criterion", if matches!(criterion, Criterion::Above { .. }) { "amount" } else { "above" }];
        let out = |what: &str| Diagnostic::error("out-of-range", format!("the limit of the criterion must be {what}"));
        match *criterion {
            Criterion::RobustZ { above } => {
                if above <= 0.0 {
                    self.report(out("more than 0 robust standard deviations"), &at);
                }
                OutlierCriterion::RobustZ { above }
            }
            Criterion::Quantile { above } => {
                if !(0.0..1.0).contains(&above) {
                    self.report(out("a quantile from 0 to below 1"), &at);
                }
                OutlierCriterion::Quantile { above }
            }
            Criterion::Above { amount } => {
                let amount = crate::amount::from_f64(amount);
                if amount.is_none() {
                    self.report(out("an amount that can be held in ten-thousandths"), &at);
                }
                OutlierCriterion::Above { amount: amount.unwrap_or(0) }
            }
        }
    }
}

fn definition(name: &str) -> &'static Indicator {
    let found = ALL.iter().position(|indicator| indicator.name == name);
    assert!(found.is_some(), "declared indicators have a definition: {name}");
    &ALL[found.unwrap_or(0)]
}

fn use_of(indicator: &'static Indicator, variant: &'static Variant) -> IndicatorUse {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let named = !variant.name.is_empty();
    let in_full = |language| format!("{}, {}", indicator.title.of(language), variant.title.of(language));
    let title = match named {
        true => Text::new(in_full(Language::English), Some(in_full(Language::Dutch))),
        false => variant.title.into(),
    };
    IndicatorUse {
        name: full_name(indicator, variant),
        title,
        variant: named.then(|| variant.title.into()),
        unit: indicator.unit.to_owned(),
        decimals: indicator.decimals,
        nonnegative: indicator.nonnegative,
        definition: indicator,
        numerator: owned(variant.numerator),
        denominator: owned(variant.denominator),
        sampled: variant.sampled,
    }
}
