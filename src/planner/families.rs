//! What can be chosen: for every table that is planned its variants along the merge orders, each a table plan of its own.

use std::collections::BTreeMap;

use super::Merging;
use crate::language::Text;
use crate::spec::plan::{ClassSet, CodeClass, Dimension, NumberClass, Plan, TablePlan};
use crate::tables::set::Row;

/// One table, or its total over the dimension by which it is split, with everything that it could become.
pub struct Family {
    /// Index of the table in the pipeline file.
    pub wanted: usize,
    /// The classification each class of which can have a breakdown of its own.
    pub split: Option<String>,
    /// The class of `split` to which a class of a finer level belongs.
    pub above: BTreeMap<String, String>,
    /// From fine to coarse.
    pub variants: Vec<Variant>,
}

pub struct Variant {
    /// Index into the tables of the plan of the planner.
    pub table: usize,
    /// The level that the table shows of the classification by which it is split.
    pub level: Option<String>,
    /// `size.four`, or `all` where nothing is broken down.
    pub label: String,
    pub as_wanted: bool,
}

impl Family {
    /// The class of `split` in which a row of the variant stands.
    pub fn code<'a>(&'a self, variant: usize, row: &'a Row) -> Option<&'a str> {
        let code = row.key.get(self.variants[variant].level.as_ref()?)?;
        Some(self.above.get(code).unwrap_or(code))
    }
}

/// A body of a table: the plan and the classification that it is broken down by.
struct Body {
    table: TablePlan,
    level: Option<String>,
}

/// The plan with every variant as a table, and the families; tables that are not planned, or that leave no choice, come first and as they
/// are, with their places in the pipeline file.
pub fn spread(plan: &Plan, planned: &[usize], merging: Merging) -> (Plan, Vec<Family>, Vec<usize>) {
    let chosen = |at: &usize| planned.contains(at) && leaves_a_choice(&plan.tables[*at]);
    let (open, fixed): (Vec<usize>, Vec<usize>) = (0..plan.tables.len()).partition(chosen);
    let mut tables: Vec<TablePlan> = fixed.iter().map(|at| plan.tables[*at].clone()).collect();
    let mut orders = Orders { class_sets: plan.class_sets.clone(), merging };
    let mut families = Vec::new();
    for wanted in open {
        for body in bodies(&plan.tables[wanted]) {
            families.push(family(plan, &mut orders, wanted, &body, &mut tables));
        }
    }
    (Plan { tables, class_sets: orders.class_sets, ..plan.clone() }, families, fixed)
}

fn family(plan: &Plan, orders: &mut Orders, wanted: usize, body: &Body, tables: &mut Vec<TablePlan>) -> Family {
    let coarser = body.level.as_deref().and_then(|level| coarser(plan, &body.table, level));
    let (split, above) = match coarser {
        Some((name, above)) => (Some(name), above),
        None => (body.level.clone(), BTreeMap::new()),
    };
    let mut levels = vec![body.level.clone()];
    levels.extend((body.level != split).then(|| split.clone()));
    let mut variants = Vec::new();
    for level in levels {
        let table = at_level(&body.table, body.level.as_deref(), level.as_deref());
        for (variant, sets, wanted_sets) in along(orders, &table) {
            let as_wanted = wanted_sets && level == body.level;
            let named = level.iter().filter(|_| body.level != split).cloned();
            let label = named.chain(sets).collect::<Vec<_>>().join(" × ");
            let label = if label.is_empty() { "all".to_owned() } else { label };
            variants.push(Variant { table: tables.len(), level: level.clone(), label, as_wanted });
            let id = format!("{}/{}", variant.id, tables.len());
            tables.push(TablePlan { id, ..variant });
        }
    }
    Family { wanted, split, above, variants }
}

/// The level above this one of its classification, and the class there of every class here; none where the table has a filter on either, or
/// is broken down by both.
fn coarser(plan: &Plan, table: &TablePlan, level: &str) -> Option<(String, BTreeMap<String, String>)> {
    let fine = plan.classifications.get(level)?;
    let other =
        plan.classifications.values().find(|other| other.scheme == fine.scheme && other.classes.len() < fine.classes.len())?;
    let used = |name: &str| {
        let dimension = Dimension::Code(name.to_owned());
        table.by.contains(&dimension) || table.show.of() == Some(&dimension)
    };
    let filtered = |name: &str| table.filters.iter().any(|filter| filter.dimension == Dimension::Code(name.to_owned()));
    if used(&other.name) || filtered(level) || filtered(&other.name) {
        return None;
    }
    let holds = |class: &CodeClass, below: &CodeClass| below.divisions.iter().all(|division| class.divisions.contains(division));
    let above = |below: &CodeClass| other.classes.iter().find(|class| holds(class, below)).map(|class| class.code.clone());
    let all: Option<BTreeMap<String, String>> =
        fine.classes.iter().map(|below| Some((below.code.clone(), above(below)?))).collect();
    Some((other.name.clone(), all?))
}

/// The table broken down by another level of the classification.
fn at_level(table: &TablePlan, from: Option<&str>, to: Option<&str>) -> TablePlan {
    let (Some(from), Some(to)) = (from, to) else { return table.clone() };
    let replace = |dimension: &Dimension| match dimension {
        Dimension::Code(name) if name == from => Dimension::Code(to.to_owned()),
        other => other.clone(),
    };
    TablePlan { show: table.show.over(replace), by: table.by.iter().map(replace).collect(), ..table.clone() }
}

/// Whether a table is broken down by something that can be merged or left out.
fn leaves_a_choice(table: &TablePlan) -> bool {
    level_of(table).is_some() || !class_sets(table).is_empty()
}

/// The classification in `by`, or else the one that is distributed.
fn level_of(table: &TablePlan) -> Option<String> {
    let of = table.show.of();
    table.by.iter().chain(of).find_map(|dimension| match dimension {
        Dimension::Code(name) => Some(name.clone()),
        _ => None,
    })
}

/// The table without, and beside it, the row for all classes of what it is split by.
fn bodies(table: &TablePlan) -> Vec<Body> {
    let level = level_of(table);
    let dimension = level.clone().map(Dimension::Code);
    let Some(dimension) = dimension.filter(|dimension| table.totals.contains(dimension)) else {
        return vec![Body { table: table.clone(), level }];
    };
    let without = |all: &[Dimension]| all.iter().filter(|one| **one != dimension).cloned().collect::<Vec<_>>();
    let each = TablePlan { totals: without(&table.totals), ..table.clone() };
    let all = TablePlan { by: without(&table.by), ..each.clone() };
    vec![Body { table: each, level }, Body { table: all, level: None }]
}

/// The class sets that a table is broken down by and that no filter refers to.
fn class_sets(table: &TablePlan) -> Vec<usize> {
    let of = table.show.of();
    let filtered = |dimension: &&Dimension| table.filters.iter().any(|filter| filter.dimension == **dimension);
    let sets = table.by.iter().chain(of).filter(|dimension| !filtered(dimension)).filter_map(|dimension| match dimension {
        Dimension::Class(set) => Some(*set),
        _ => None,
    });
    sets.collect()
}

/// Every combination along the merge orders, the finest first, with the names of its class sets and whether they are those of the table.
fn along(orders: &mut Orders, table: &TablePlan) -> Vec<(TablePlan, Vec<String>, bool)> {
    let sets = class_sets(table);
    let mut combinations: Vec<Vec<Option<usize>>> = vec![Vec::new()];
    for set in &sets {
        let distributed = table.show.of() == Some(&Dimension::Class(*set));
        let whole = (!distributed).then_some(None);
        let steps: Vec<Option<usize>> = orders.steps(*set).into_iter().map(Some).chain(whole).collect();
        let extend =
            |so_far: &Vec<Option<usize>>| steps.iter().map(|step| [so_far.as_slice(), &[*step]].concat()).collect::<Vec<_>>();
        combinations = combinations.iter().flat_map(extend).collect();
    }
    let makes_sense = |steps: &&Vec<Option<usize>>| {
        let named: Vec<usize> = steps.iter().flatten().copied().collect();
        (1..named.len()).all(|at| !named[..at].contains(&named[at]))
    };
    let variant = |steps: &Vec<Option<usize>>| {
        let names = steps.iter().flatten().map(|set| orders.class_sets[*set].name.clone()).collect();
        let as_wanted = steps.iter().zip(&sets).all(|(step, set)| *step == Some(*set));
        (replaced(table, &sets, steps), names, as_wanted)
    };
    combinations.iter().filter(makes_sense).map(variant).collect()
}

/// The class sets and the orders in which their classes are merged.
struct Orders {
    /// Those of the plan, then those made here.
    class_sets: Vec<ClassSet>,
    merging: Merging,
}

impl Orders {
    /// The set, or the finest one that merges into it, and all those that it can become, from fine to coarse.
    fn steps(&mut self, set: usize) -> Vec<usize> {
        let finer = |set: usize| {
            let name = &self.class_sets[set].name;
            self.class_sets.iter().position(|other| other.merges_into.as_ref() == Some(name))
        };
        let first = if self.merging.finest { std::iter::successors(Some(set), |set| finer(*set)).last() } else { Some(set) };
        let into = |set: &usize| {
            let next = self.class_sets[*set].merges_into.as_deref()?;
            self.class_sets.iter().position(|set| set.name == next)
        };
        let declared: Vec<usize> = std::iter::successors(first, into).collect();
        let mut steps = declared.clone();
        if self.merging.any_neighbours {
            let merged = merged(&self.class_sets[declared[0]]);
            steps.extend(merged.into_iter().map(|set| self.place(set)));
        }
        let key = |set: &usize| (std::cmp::Reverse(self.class_sets[*set].classes.len()), !declared.contains(set), *set);
        steps.sort_by_key(key);
        steps.dedup();
        steps
    }

    /// Where a set with these classes stands; it is added when there is none.
    fn place(&mut self, set: ClassSet) -> usize {
        let limits = |set: &ClassSet| set.classes.iter().map(|class| (class.from, class.to)).collect::<Vec<_>>();
        let same = |other: &ClassSet| other.variable == set.variable && limits(other) == limits(&set);
        self.class_sets.iter().position(same).unwrap_or_else(|| {
            self.class_sets.push(set);
            self.class_sets.len() - 1
        })
    }
}

/// Most classes of a set of which every merge of neighbours is tried; of larger sets only two neighbours at a time are merged.
const CLASSES_MAX: usize = 6;

/// Every way to merge neighbouring classes that leaves two at least.
fn merged(set: &ClassSet) -> Vec<ClassSet> {
    let borders = set.classes.len().saturating_sub(1);
    let kept: Vec<Vec<bool>> = match set.classes.len() <= CLASSES_MAX {
        true => (1..1usize << borders).map(|mask| (0..borders).map(|border| mask >> border & 1 == 1).collect()).collect(),
        false => (0..borders).map(|dropped| (0..borders).map(|border| border != dropped).collect()).collect(),
    };
    kept.iter().map(|kept| with_borders(set, kept)).collect()
}

/// The set with only some of its borders between classes.
fn with_borders(set: &ClassSet, kept: &[bool]) -> ClassSet {
    let mut classes: Vec<NumberClass> = Vec::new();
    for (at, class) in set.classes.iter().enumerate() {
        match classes.last_mut() {
            Some(last) if !kept[at - 1] => last.to = class.to,
            _ => classes.push(class.clone()),
        }
    }
    for class in &mut classes {
        class.code = match class.to {
            Some(to) if to == class.from => to.to_string(),
            Some(to) => format!("{}-{to}", class.from),
            None => format!("{}+", class.from),
        };
        class.label = Text::same(&class.code);
    }
    let stem = set.name.split('.').next().unwrap_or(&set.name);
    let from: Vec<String> = classes.iter().map(|class| class.from.to_string()).collect();
    let name = format!("{stem}.from-{}", from.join("-"));
    let title = Text::new(format!("Classes from {}", from.join(", ")), Some(format!("Klassen vanaf {}", from.join(", "))));
    ClassSet { name, title, variable: set.variable.clone(), merges_into: None, classes }
}

/// The table with other class sets, or without them.
fn replaced(table: &TablePlan, sets: &[usize], steps: &[Option<usize>]) -> TablePlan {
    let replace = |dimension: &Dimension| match dimension {
        Dimension::Class(set) => match sets.iter().position(|other| other == set) {
            Some(at) => steps[at].map(Dimension::Class),
            None => Some(dimension.clone()),
        },
        other => Some(other.clone()),
    };
    let show = table.show.over(|of| replace(of).unwrap_or_else(|| of.clone()));
    let all = |dimensions: &[Dimension]| dimensions.iter().filter_map(replace).collect::<Vec<_>>();
    TablePlan { show, by: all(&table.by), totals: all(&table.totals), ..table.clone() }
}
