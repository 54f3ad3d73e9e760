//! The definition of a release: what its tables are tables of, as declared, so that releases of one pipeline run in several places can be
//! held against one another. Nothing in it comes from a register, and it holds neither names of registers, which differ from place to
//! place, nor a parameter of a disclosure rule or a hash of one, which could be guessed from it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::manifest::json;
use super::{File, Format};
use crate::spec::plan::{
    ClassYear, Dimension, Filter, IndicatorUse, Input, OutlierCriterion, OutlierUse, Outliers, Plan, Show, TablePlan, Treated,
};
use crate::tables::define;

pub const DEFINITION: Format = Format { name: "definition", files: |release| vec![file(&release.facts.definition)] };

/// Where it stands in a release.
pub const PATH: &str = "definition.json";

/// The form of the file; another number is another form.
const VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    pub version: u32,
    pub years: Vec<i32>,
    /// The declared choices, by key.
    pub choices: BTreeMap<String, String>,
    pub indicators: BTreeMap<String, IndicatorDefinition>,
    /// Every dimension of the tables.
    pub dimensions: BTreeMap<String, DimensionDefinition>,
    pub tables: BTreeMap<String, TableDefinition>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorDefinition {
    pub definition: String,
    pub numerator: Vec<String>,
    pub denominator: Vec<String>,
    pub unit: String,
    pub decimals: u32,
    pub nonnegative: bool,
    pub sampled: bool,
}

/// What tables are broken down by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DimensionDefinition {
    /// The whole number that the classes cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variable: Option<String>,
    /// A unit can be in several classes.
    pub overlapping: bool,
    /// In order.
    pub classes: Vec<Class>,
}

/// A class of a dimension: a code, and of a whole number its bounds, of a classification the divisions below it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Class {
    pub code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub divisions: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Attrition,
    Count,
    Share,
    Mean,
    Index,
    Decomposition,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableDefinition {
    pub title: String,
    pub kind: Kind,
    /// The dimension that a share distributes, or over whose classes a change is split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The year of an index that is 100, or from which a change is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<i32>,
    /// Key columns in order, each with its dimension; `year` and `indicator` are their own.
    pub columns: Vec<(String, String)>,
    /// Dimensions that have a row for all classes together.
    pub totals: Vec<String>,
    /// The classes that are let in, by dimension.
    pub r#where: BTreeMap<String, Vec<String>>,
    pub years: Vec<i32>,
    pub indicators: Vec<String>,
    pub outliers: String,
    pub unit: String,
    pub decimals: u32,
}

impl Definition {
    pub fn of(plan: &Plan) -> Self {
        let tables = plan.tables.iter().map(|table| (table.id.clone(), table_definition(plan, table))).collect();
        let indicators = plan.indicators.iter().map(|used| (used.name.clone(), indicator_definition(used)));
        Self {
            version: VERSION,
            years: plan.years.clone(),
            choices: choices(plan),
            indicators: indicators.collect(),
            dimensions: dimensions(plan),
            tables,
        }
    }

    /// Whether this program knows the form of the file.
    pub fn is_known(&self) -> bool {
        self.version == VERSION
    }
}

fn file(definition: &Definition) -> File {
    File { path: PATH.into(), bytes: json(definition) }
}

/// Every choice that is no table, as the pipeline file names it.
fn choices(plan: &Plan) -> BTreeMap<String, String> {
    let options = &plan.measures.options;
    let mut choices = vec![
        ("cohort.treated", treated(&plan.cohort.treated)),
        ("cohort.classes", class_year(plan.cohort.classes)),
        ("cohort.group_members", name(&plan.cohort.group_members)),
        ("cohort.panel", name(&plan.cohort.panel)),
        ("measures.missing_quarter", name(&options.missing_quarter)),
        ("measures.zero_persons", name(&options.zero_persons)),
        ("measures.zero_denominator", name(&options.zero_denominator)),
        ("measures.weights", name(&plan.measures.weights)),
    ];
    if let Input::Registers { ties, .. } = &plan.input {
        choices.push(("linkage.ties", ties.iter().map(name).collect::<Vec<_>>().join(", ")));
    }
    choices.extend(plan.outliers.as_ref().map(|outliers| ("outliers", self::outliers(plan, outliers))));
    choices.into_iter().map(|(key, choice)| (key.to_owned(), choice)).collect()
}

fn treated(treated: &Treated) -> String {
    match treated {
        Treated::Linked => "linked".into(),
        Treated::Column { column, ever } => format!("column {column}{}", if *ever { ", in any year" } else { "" }),
        Treated::Nobody => "nobody".into(),
    }
}

fn class_year(year: ClassYear) -> String {
    match year {
        ClassYear::Own => "own-year".into(),
        ClassYear::Base(year) => format!("of {year}"),
    }
}

/// Which rule, for which measures, and never how far out: beside a table with them and one without, the limit would tell of those left out.
fn outliers(plan: &Plan, outliers: &Outliers) -> String {
    let criterion = match &outliers.criterion {
        OutlierCriterion::RobustZ { .. } => "robust-z",
        OutlierCriterion::Quantile { .. } => "quantile",
        OutlierCriterion::Above { .. } => "amount",
    };
    let family = |family: &Vec<usize>| family.iter().map(|at| plan.indicators[*at].name.as_str()).collect::<Vec<_>>().join(" ");
    let families: Vec<String> = outliers.families.iter().map(family).collect();
    let higher = if outliers.require_higher_class { ", group in a higher class" } else { "" };
    let set = &plan.class_sets[outliers.class_set];
    let bounds = |class: &crate::spec::plan::NumberClass| match class.to {
        Some(to) => format!("{}-{to}", class.from),
        None => format!("{}+", class.from),
    };
    let classes: Vec<String> = set.classes.iter().map(bounds).collect();
    format!("{criterion}{higher}, by {} of {}: {}; {}", set.name, set.variable, classes.join(" "), families.join("; "))
}

fn dimensions(plan: &Plan) -> BTreeMap<String, DimensionDefinition> {
    let used = plan
        .tables
        .iter()
        .flat_map(|table| table.by.iter().chain(table.show.of()).chain(table.filters.iter().map(|filter| &filter.dimension)));
    used.filter(|dimension| **dimension != Dimension::Year)
        .map(|dimension| (dimension_name(plan, dimension), dimension_definition(plan, dimension)))
        .collect()
}

pub fn indicator_definition(used: &IndicatorUse) -> IndicatorDefinition {
    IndicatorDefinition {
        definition: used.definition.name.to_owned(),
        numerator: used.numerator.clone(),
        denominator: used.denominator.clone(),
        unit: used.unit.clone(),
        decimals: used.decimals,
        nonnegative: used.nonnegative,
        sampled: used.sampled,
    }
}

pub fn dimension_definition(plan: &Plan, dimension: &Dimension) -> DimensionDefinition {
    let variable = if let Dimension::Class(set) = dimension { Some(plan.class_sets[*set].variable.clone()) } else { None };
    DimensionDefinition { variable, overlapping: *dimension == Dimension::GroupLevel, classes: classes(plan, dimension) }
}

fn dimension_name(plan: &Plan, dimension: &Dimension) -> String {
    match dimension {
        Dimension::Class(set) => plan.class_sets[*set].name.clone(),
        _ => define::column(plan, dimension),
    }
}

fn classes(plan: &Plan, dimension: &Dimension) -> Vec<Class> {
    let plain = |code: &String| Class { code: code.clone(), from: None, to: None, divisions: Vec::new() };
    match dimension {
        Dimension::Class(set) => {
            let class = |class: &crate::spec::plan::NumberClass| Class {
                code: class.code.clone(),
                from: Some(class.from),
                to: class.to,
                divisions: Vec::new(),
            };
            plan.class_sets[*set].classes.iter().map(class).collect()
        }
        Dimension::Code(variable) => plan.classifications.get(variable).map_or_else(Vec::new, |known| {
            known.classes.iter().map(|class| Class { divisions: class.divisions.clone(), ..plain(&class.code) }).collect()
        }),
        _ => define::codes(plan, dimension).iter().map(plain).collect(),
    }
}

fn table_definition(plan: &Plan, table: &TablePlan) -> TableDefinition {
    let (_, unit, decimals) = define::value_column(plan, table);
    let of = table.show.of();
    let kind = match &table.show {
        Show::Attrition => Kind::Attrition,
        Show::Count => Kind::Count,
        Show::Share(_) => Kind::Share,
        Show::Mean => Kind::Mean,
        Show::Index { .. } => Kind::Index,
        Show::Decomposition { .. } => Kind::Decomposition,
    };
    let names = |dimensions: &[Dimension]| dimensions.iter().map(|one| dimension_name(plan, one)).collect::<Vec<_>>();
    let column = |name: &String| {
        let dimension = table.by.iter().chain(of).find(|dimension| define::column(plan, dimension) == *name);
        (name.clone(), dimension.map_or_else(|| name.clone(), |dimension| dimension_name(plan, dimension)))
    };
    let columns = match kind {
        Kind::Attrition => vec![("step".to_owned(), "step".to_owned())],
        _ => define::columns(plan, table).iter().map(column).collect(),
    };
    TableDefinition {
        title: table.title.english.clone(),
        kind,
        of: of.map(|of| dimension_name(plan, of)),
        base: table.show.base(),
        columns,
        totals: names(&table.totals),
        r#where: table.filters.iter().map(|filter| filter_definition(plan, filter)).collect(),
        years: table.years.clone(),
        indicators: table.indicators.iter().map(|at| plan.indicators[*at].name.clone()).collect(),
        outliers: if table.outliers == OutlierUse::Kept { "kept" } else { "removed" }.to_owned(),
        unit,
        decimals,
    }
}

fn filter_definition(plan: &Plan, filter: &Filter) -> (String, Vec<String>) {
    let codes = define::codes(plan, &filter.dimension);
    let code = |class: &u16| codes.get(usize::from(*class)).cloned();
    (dimension_name(plan, &filter.dimension), filter.classes.iter().filter_map(code).collect())
}

/// The name of a plain choice as the pipeline file has it.
fn name<T: Serialize>(choice: &T) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of the reference study with some of its text changed.
    fn definition(changes: &[(&str, &str)]) -> Definition {
        let folder = tempfile::tempdir().unwrap();
        let mut text = std::fs::read_to_string("pipelines/smart-industry.toml").unwrap();
        for (from, to) in changes {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        let file = folder.path().join("study.toml");
        std::fs::write(&file, text).unwrap();
        let loaded = crate::spec::load(&file);
        Definition::of(&loaded.unwrap_or_else(|wrong| panic!("{:?}", wrong.0)).0)
    }

    #[test]
    fn limits_of_extreme_values_rules_and_names_of_registers_stay_inside() {
        let own = definition(&[]);
        assert_eq!(own, definition(&[("above = 8.0", "above = 9.5")]));
        assert_eq!(own, definition(&[("profile = \"cbs\"", "profile = \"eurostat\"")]));
        let text = String::from_utf8(json(&own)).unwrap();
        for inside in ["deelnemers", "drt_beid", "cbs", "8.0", "business registers"] {
            assert!(!text.contains(inside), "{inside} is told");
        }
        assert_eq!(serde_json::from_str::<Definition>(&text).unwrap(), own);
    }

    #[test]
    fn what_changes_the_meaning_of_a_cell_changes_the_definition() {
        let own = definition(&[]);
        for change in [
            ("classes       = \"own-year\"", "classes       = { base_year = 2014 }"),
            ("zero_persons      = \"missing\"", "zero_persons      = \"zero\""),
            ("rule = \"robust-z\", above = 8.0", "rule = \"quantile\", above = 0.99"),
            ("sector = [\"C\", \"M\"]", "sector = [\"C\", \"N\"]"),
            ("totals     = [\"size.five\"]", "outliers   = \"kept\""),
            (", \"smallest-id\"]", "]"),
        ] {
            let other = std::panic::catch_unwind(|| definition(&[change]));
            assert!(other.is_ok_and(|other| other != own), "{change:?}");
        }
    }
}
