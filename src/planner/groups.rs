//! Parts that show the same cells, such as a mean and its index, choose alike: one finer than the other would give away what the other
//! hides.

use super::families::Family;
use super::parts::Part;
use super::search::Design;
use crate::spec::plan::{Plan, Show, TablePlan};

/// Parts that choose together.
pub struct Group {
    pub parts: Vec<usize>,
    /// Every choice that all of them have, as the offer of each.
    pub choices: Vec<Vec<usize>>,
}

/// Every part in one group, in order.
pub fn groups(plan: &Plan, families: &[Family], parts: &[Part]) -> Vec<Group> {
    let table = |part: &Part| &plan.tables[families[part.family].variants[0].table];
    let mut members: Vec<Vec<usize>> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let joins = |group: &&mut Vec<usize>| {
            let first = &parts[group[0]];
            first.code == part.code && first.family != part.family && same_cells(table(first), table(part))
        };
        match members.iter_mut().find(joins) {
            Some(group) => group.push(at),
            None => members.push(vec![at]),
        }
    }
    members.into_iter().map(|members| Group { choices: choices(parts, &members), parts: members }).collect()
}

/// Whether two tables show means of the same measures over the same units.
fn same_cells(one: &TablePlan, other: &TablePlan) -> bool {
    let of_means = |table: &TablePlan| matches!(table.show, Show::Mean | Show::Index { .. });
    let asks = |table: &TablePlan| (table.indicators.clone(), table.filters.clone(), table.years.clone(), table.outliers);
    let by = |table: &TablePlan| {
        let mut by = table.by.clone();
        by.sort();
        by
    };
    of_means(one) && of_means(other) && asks(one) == asks(other) && by(one) == by(other)
}

fn choices(parts: &[Part], members: &[usize]) -> Vec<Vec<usize>> {
    let same = |part: usize, offer: usize| {
        let choice = &parts[members[0]].offers[offer].choice;
        parts[part].offers.iter().position(|other| other.choice == *choice)
    };
    let first = 0..parts[members[0]].offers.len();
    first.filter_map(|offer| members.iter().map(|part| same(*part, offer)).collect()).collect()
}

/// The offer of every part when the groups choose so.
pub fn expand(groups: &[Group], choices: &[usize]) -> Design {
    let mut offers: Vec<(usize, usize)> = groups
        .iter()
        .zip(choices)
        .flat_map(|(group, choice)| group.parts.iter().copied().zip(group.choices[*choice].iter().copied()))
        .collect();
    offers.sort_unstable();
    offers.into_iter().map(|(_, offer)| offer).collect()
}
