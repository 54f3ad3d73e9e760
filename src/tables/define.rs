//! From table plans to rows, and from rows to the sets of units that their cells are made of.

use std::collections::BTreeMap;

use super::set::{ClassParts, Over, Part, Split, Statistic};
use crate::spec::plan::{ARMS, Dimension, Filter, OutlierUse, Plan, Show, TablePlan};

/// A set of units in words: every condition must hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Definition {
    pub year: i32,
    /// Index of the layer.
    pub layer: usize,
    /// The outliers of the indicator are in the set.
    pub with_outliers: bool,
    /// Sorted; a dimension stands here once, with the classes that are let in.
    pub conditions: Vec<(Dimension, Vec<u16>)>,
}

/// A row before its cells are known.
pub struct RowPlan {
    pub key: BTreeMap<String, String>,
    pub cell: Definition,
    pub margin: Option<Definition>,
    pub base: Option<Definition>,
    pub split: Option<Split<Definition>>,
}

impl RowPlan {
    /// Every set that it shows or is computed from.
    pub fn definitions(&self) -> impl Iterator<Item = &Definition> {
        let split = self.split.iter().flat_map(Split::parts);
        [Some(&self.cell), self.margin.as_ref(), self.base.as_ref()].into_iter().flatten().chain(split)
    }
}

/// The key column of a decomposition that tells its parts apart.
pub const PART: &str = "part";

/// The name of the column in which the classes of a dimension stand.
pub fn column(plan: &Plan, dimension: &Dimension) -> String {
    match dimension {
        Dimension::Year => "year".into(),
        Dimension::Arm => "arm".into(),
        Dimension::Code(name) => name.clone(),
        Dimension::Class(set) => {
            let name = &plan.class_sets[*set].name;
            format!("{}_class", name.split('.').next().unwrap_or(name))
        }
        Dimension::GroupLevel => "group_level".into(),
    }
}

/// The codes of a dimension, in order.
pub fn codes(plan: &Plan, dimension: &Dimension) -> Vec<String> {
    match dimension {
        Dimension::Year => plan.years.iter().map(|year| year.to_string()).collect(),
        Dimension::Arm => ARMS.map(str::to_owned).to_vec(),
        Dimension::Code(name) => plan
            .classifications
            .get(name)
            .map_or_else(Vec::new, |classification| classification.classes.iter().map(|class| class.code.clone()).collect()),
        Dimension::Class(set) => plan.class_sets[*set].classes.iter().map(|class| class.code.clone()).collect(),
        Dimension::GroupLevel => vec!["more-persons".into(), "higher-size-class".into()],
    }
}

/// The key columns of a table, in order.
pub fn columns(plan: &Plan, table: &TablePlan) -> Vec<String> {
    let mut columns = vec!["year".to_owned()];
    columns.extend((!table.indicators.is_empty()).then(|| "indicator".to_owned()));
    for dimension in table.by.iter().chain(table.show.of()) {
        let name = column(plan, dimension);
        if !columns.contains(&name) {
            columns.push(name);
        }
    }
    columns.extend(matches!(table.show, Show::Decomposition { .. }).then(|| PART.to_owned()));
    columns
}

/// The rows of a table: indicators, then years, then the classes in the order of `by`.
pub fn rows(plan: &Plan, table: &TablePlan, value_layers: &[usize]) -> Vec<RowPlan> {
    let indicators: Vec<Option<usize>> =
        if table.indicators.is_empty() { vec![None] } else { table.indicators.iter().copied().map(Some).collect() };
    let mut rows = Vec::new();
    for indicator in indicators {
        for &year in &table.years {
            for choice in choices(plan, table) {
                let asked = Asked { plan, table, indicator, value_layers, year };
                match &table.show {
                    Show::Decomposition { of, base } => rows.extend(asked.parts(&choice, of, *base)),
                    _ => rows.push(asked.row(&choice)),
                }
            }
        }
    }
    rows
}

/// A class, or all of them, for each broken-down dimension.
type Choice = Vec<(Dimension, Option<u16>)>;

fn choices(plan: &Plan, table: &TablePlan) -> Vec<Choice> {
    let broken_down = table.by.iter().chain(table.show.of()).filter(|dimension| **dimension != Dimension::Year);
    let dimensions: Vec<Dimension> = broken_down.cloned().collect();
    let decomposed =
        |dimension: &Dimension| matches!(table.show, Show::Decomposition { .. }) && table.show.of() == Some(dimension);
    let mut choices: Vec<Choice> = vec![Vec::new()];
    for dimension in dimensions {
        let all = (table.totals.contains(&dimension) || decomposed(&dimension)).then_some(None);
        let classes = allowed(plan, &table.filters, &dimension);
        let options: Vec<Option<u16>> = all.into_iter().chain(classes.into_iter().map(Some)).collect();
        let extend = |choice: &Choice| {
            options
                .iter()
                .map(|option| choice.iter().cloned().chain([(dimension.clone(), *option)]).collect())
                .collect::<Vec<_>>()
        };
        choices = choices.iter().flat_map(extend).collect();
    }
    choices
}

fn allowed(plan: &Plan, filters: &[Filter], dimension: &Dimension) -> Vec<u16> {
    let all = 0..codes(plan, dimension).len() as u16;
    let lets_in = |class: &u16| filters.iter().filter(|f| f.dimension == *dimension).all(|f| f.classes.contains(class));
    all.filter(lets_in).collect()
}

/// What the rows of one indicator and year have in common.
struct Asked<'a> {
    plan: &'a Plan,
    table: &'a TablePlan,
    indicator: Option<usize>,
    value_layers: &'a [usize],
    year: i32,
}

impl Asked<'_> {
    fn layer(&self) -> usize {
        self.indicator.map_or(0, |at| self.value_layers[at])
    }

    fn define(&self, year: i32, layer: usize, choice: &Choice, without: Option<&Dimension>) -> Definition {
        let kept = choice.iter().filter(|(dimension, _)| Some(dimension) != without);
        let with_outliers = self.table.outliers == OutlierUse::Kept;
        Definition { year, layer, with_outliers, conditions: conditions(self.table, kept, without) }
    }

    fn row(&self, choice: &Choice) -> RowPlan {
        let define = |year: i32, without: Option<&Dimension>| self.define(year, self.layer(), choice, without);
        let (margin, base) = match &self.table.show {
            Show::Share(of) => (Some(define(self.year, Some(of))), None),
            Show::Index { base } | Show::Decomposition { base, .. } => (None, Some(define(*base, None))),
            _ => (None, None),
        };
        let key = key(self.plan, self.indicator, self.year, choice);
        RowPlan { key, cell: define(self.year, None), margin, base, split: None }
    }

    /// A row for every part of a decomposition over `of`, for all classes or for the one of `choice`.
    fn parts(&self, choice: &Choice, of: &Dimension, base: i32) -> Vec<RowPlan> {
        let allowed = allowed(self.plan, &self.table.filters, of);
        let own = choice.iter().find(|(dimension, _)| dimension == of).and_then(|(_, class)| *class);
        let class = own.and_then(|own| allowed.iter().position(|class| *class == own));
        let row = |part: Part| {
            let mut row = self.row(choice);
            row.key.insert(PART.into(), part.code().into());
            row.split = Some(Split { part, class, over: part.is_split().then(|| self.over(choice, of, &allowed, base)) });
            row
        };
        Part::ALL.into_iter().map(row).collect()
    }

    fn over(&self, choice: &Choice, of: &Dimension, allowed: &[u16], base: i32) -> Over<Definition> {
        let both = |class: Option<u16>, layer: usize| {
            let other =
                |(dimension, own): &(Dimension, Option<u16>)| (dimension.clone(), if dimension == of { class } else { *own });
            let choice: Choice = choice.iter().map(other).collect();
            [base, self.year].map(|year| self.define(year, layer, &choice, None))
        };
        let class = |class: &u16| ClassParts { means: both(Some(*class), self.layer()), units: both(Some(*class), 0) };
        Over { means: both(None, self.layer()), classes: allowed.iter().map(class).collect() }
    }
}

fn conditions<'a>(
    table: &TablePlan,
    choice: impl Iterator<Item = &'a (Dimension, Option<u16>)>,
    without: Option<&Dimension>,
) -> Vec<(Dimension, Vec<u16>)> {
    let mut conditions: BTreeMap<Dimension, Vec<u16>> = BTreeMap::new();
    for filter in table.filters.iter().filter(|filter| Some(&filter.dimension) != without) {
        conditions.insert(filter.dimension.clone(), filter.classes.clone());
    }
    for (dimension, class) in choice {
        if let Some(class) = class {
            conditions.insert(dimension.clone(), vec![*class]);
        }
    }
    conditions.into_iter().collect()
}

fn key(plan: &Plan, indicator: Option<usize>, year: i32, choice: &Choice) -> BTreeMap<String, String> {
    let mut key = BTreeMap::from([("year".to_owned(), year.to_string())]);
    if let Some(indicator) = indicator {
        key.insert("indicator".into(), plan.indicators[indicator].name.clone());
    }
    for (dimension, class) in choice {
        let code = class.map_or_else(String::new, |class| codes(plan, dimension)[class as usize].clone());
        key.insert(column(plan, dimension), code);
    }
    key
}

/// What the value column of a table holds, its unit and decimals.
pub fn value_column(plan: &Plan, table: &TablePlan) -> (Statistic, String, u32) {
    let first = table.indicators.first().map(|at| &plan.indicators[*at]);
    match table.show {
        Show::Attrition => (Statistic::Count, "listings".into(), 0),
        Show::Count => (Statistic::Count, "units".into(), 0),
        Show::Share(_) => (Statistic::Share, "%".into(), 0),
        Show::Mean | Show::Decomposition { .. } => {
            let statistic = if table.show == Show::Mean { Statistic::Mean } else { Statistic::Decomposition };
            let (unit, decimals) = first.map_or((String::new(), 0), |indicator| (indicator.unit.clone(), indicator.decimals));
            (statistic, unit, decimals)
        }
        Show::Index { base } => (Statistic::Index, format!("index, {base} = 100"), 0),
    }
}
