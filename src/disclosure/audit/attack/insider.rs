//! Insiders: contributors who know their own contributions and so can rule out tables that a reader cannot.

use super::Ends;
use super::intervals::Reach;
use super::offered::Offered;
use super::stand::{SLACK, Side, Stand};
use crate::disclosure::problem::Demand;

/// A contributor to be asked what it learns, and how uncertain the cell must stay to it.
pub(super) struct Knower {
    pub contributor: u32,
    pub level: f64,
}

/// The contributors who can rule out every table at hand that has the cell far enough away. All others are uncertain enough.
pub(super) fn open_to(
    stand: &Stand<'_>,
    offered: &Offered,
    demand: &Demand,
    side: Side,
    level: f64,
    reach: &mut Reach<'_, '_>,
) -> Vec<Knower> {
    if level <= 0.0 {
        return Vec::new();
    }
    let mut open: Option<Vec<u32>> = None;
    for (differences, factor) in offered.scaled(stand, demand, side, level) {
        let out = ruled_out_by(stand, differences, factor);
        open = Some(match (open, out) {
            (None, out) => out,
            (Some(before), out) => before.into_iter().filter(|one| out.contains(one)).collect(),
        });
        if open.as_ref().is_some_and(Vec::is_empty) {
            return Vec::new();
        }
    }
    let open = match open {
        Some(open) => open,
        None => match reach.table(demand, side, level, Ends::AsFarAsLevel) {
            Some(differences) => ruled_out_by(stand, &differences, 1.0),
            None => Vec::new(),
        },
    };
    let knowers = open.into_iter().filter_map(|contributor| knower(stand, demand, side, level, contributor));
    knowers.filter(|knower| !is_answered(stand, offered, demand, side, knower)).collect()
}

/// Whether a table at hand that the contributor cannot rule out has the cell as far away as must hold for it.
fn is_answered(stand: &Stand<'_>, offered: &Offered, demand: &Demand, side: Side, knower: &Knower) -> bool {
    let unseen = |(differences, factor)| ruled_out_by(stand, differences, factor).binary_search(&knower.contributor).is_err();
    offered.scaled(stand, demand, side, knower.level).any(unseen)
}

/// `None` for who has all of the cell, or leaves nothing to be learnt. Towards its largest contributor a cell need only hide the others, so
/// the level shrinks to their part; towards anyone else it stands, but never asks for less than that contributor has.
fn knower(stand: &Stand<'_>, demand: &Demand, side: Side, level: f64, contributor: u32) -> Option<Knower> {
    let cell = &stand.problem.cells[demand.cell as usize];
    if cell.contributors == 1 && cell.shares.iter().any(|share| share.contributor == contributor) {
        return None;
    }
    let (own, value) = (stand.own(demand.cell, contributor), cell.value);
    let others = (value - own) as f64;
    let largest = cell.shares.iter().map(|share| share.amount).max().unwrap_or(0);
    let first = cell.shares.iter().find(|share| share.amount == largest).map(|share| share.contributor);
    let mut asked = if first == Some(contributor) && own > 0 { level * others / value as f64 } else { level };
    if stand.problem.whole {
        asked = asked.ceil();
    }
    if side == Side::Below {
        asked = asked.min(others);
    }
    let has_all = own > 0 && others <= 0.0;
    (!has_all && asked > 0.0).then_some(Knower { contributor, level: asked })
}

fn ruled_out_by(stand: &Stand<'_>, differences: &[(u32, f64)], factor: f64) -> Vec<u32> {
    let mut who = Vec::new();
    for (at, difference) in differences.iter().filter(|(at, _)| stand.withheld[*at as usize]) {
        let cell = &stand.problem.cells[*at as usize];
        let left = cell.value as f64 + difference * factor;
        let only = cell.contributors == 1;
        let tolerance = SLACK * cell.value.abs() as f64;
        let out = cell.shares.iter().filter(|share| only || share.amount as f64 > left + tolerance);
        who.extend(out.map(|share| share.contributor));
    }
    who.sort_unstable();
    who.dedup();
    who
}
