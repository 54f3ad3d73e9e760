//! The plan that a design makes of the pipeline, with ids and filters of its own for every group of parts.

use std::collections::{BTreeMap, BTreeSet};

use super::Planner;
use super::families::Family;
use super::parts::Choice;
use crate::language::Text;
use crate::spec::plan::{Dimension, Filter, Plan, TablePlan};

/// The pipeline with the tables of a design; parts that choose alike share a table.
pub(super) fn draft(planner: &Planner<'_>, design: &[usize]) -> Plan {
    let wish = planner.wish;
    let mut groups: BTreeMap<(usize, usize, usize, Vec<i32>), Vec<&str>> = BTreeMap::new();
    for (part, offer) in planner.parts.iter().zip(design) {
        if let Choice::Shown { variant, years } = &part.offers[*offer].choice {
            let key = (wish.families[part.family].wanted, part.family, *variant, years.clone());
            groups.entry(key).or_default().extend(part.code.as_deref());
        }
    }
    let mut tables: BTreeMap<usize, Vec<TablePlan>> =
        wish.fixed.iter().map(|at| (*at, vec![wish.original.tables[*at].clone()])).collect();
    for ((wanted, family, variant, years), codes) in &groups {
        let of_table = groups.keys().filter(|(other, ..)| other == wanted).count();
        let family = &wish.families[*family];
        let original = &wish.original.tables[*wanted];
        let TablePlan { show, by, totals, .. } = wish.spread.tables[family.variants[*variant].table].clone();
        let mut table = TablePlan { show, by, totals, years: years.clone(), ..original.clone() };
        if let Some(level) = &family.variants[*variant].level {
            table.filters = narrowed(&wish.original, original, family, level, codes);
        }
        if of_table > 1 {
            let suffix = if codes.is_empty() { vec!["all"] } else { codes.clone() };
            table.id = format!("{}-{}", original.id, suffix.join("-").to_lowercase());
            let titled = |title: &str| format!("{title}: {}", suffix.join(", "));
            table.title = Text::new(titled(&original.title.english), original.title.dutch.as_deref().map(titled));
        }
        tables.entry(*wanted).or_default().push(table);
    }
    let mut tables: Vec<TablePlan> = tables.into_values().flatten().collect();
    unique_ids(&mut tables);
    Plan { tables, class_sets: wish.spread.class_sets.clone(), ..wish.original.clone() }
}

/// The filters of the table, with only these classes let in; as they were when that is all of them.
fn narrowed(plan: &Plan, table: &TablePlan, family: &Family, level: &str, codes: &[&str]) -> Vec<Filter> {
    let dimension = Dimension::Code(level.to_owned());
    let known = plan.classifications.get(level).map(|all| all.classes.as_slice()).unwrap_or_default();
    let belongs = |at: &usize| {
        let code = &known[*at].code;
        codes.contains(&code.as_str()) || family.above.get(code).is_some_and(|above| codes.contains(&above.as_str()))
    };
    let classes: Vec<u16> = (0..known.len()).filter(belongs).map(|at| at as u16).collect();
    let before = table.filters.iter().find(|filter| filter.dimension == dimension);
    let allowed = before.map_or(known.len(), |filter| filter.classes.len());
    if classes.len() == allowed {
        return table.filters.clone();
    }
    let mut filters: Vec<Filter> = table.filters.iter().filter(|filter| filter.dimension != dimension).cloned().collect();
    filters.push(Filter { dimension, classes });
    filters
}

/// Ids that are long, or no name of a file, or taken, get a number instead.
fn unique_ids(tables: &mut [TablePlan]) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    for table in tables {
        let plain = |id: &str| id.len() <= 40 && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if !plain(&table.id) || taken.contains(&table.id) {
            let stem: String = table.id.chars().filter(|c| plain(&c.to_string())).take(36).collect();
            let free = (2..).map(|number| format!("{stem}-{number}")).find(|id| !taken.contains(id));
            table.id = free.unwrap_or(stem);
        }
        taken.insert(table.id.clone());
    }
}
