//! Witnesses that the suppression offers are checked, cell by cell and sum by sum, before they count.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use rayon::prelude::*;

use super::stand::{Side, Stand};
use crate::disclosure::problem::Demand;
use crate::disclosure::problem::Witness;

/// Part of the largest difference by which a sum may fail, for numerical error.
const RESIDUAL: f64 = 1e-7;

pub(super) struct Offered {
    pub offered: usize,
    /// Differences by cell, ascending.
    pub sound: Vec<Vec<(u32, f64)>>,
    /// Sound witnesses in which a cell differs.
    by_cell: HashMap<u32, Vec<u32>>,
}

impl Offered {
    pub fn new(stand: &Stand<'_>, witnesses: &[Witness]) -> Self {
        Self::for_cells(stand, witnesses, stand.problem.demands.iter().map(|demand| demand.cell))
    }

    /// The sound ones, to be found by these cells.
    pub fn for_cells(stand: &Stand<'_>, witnesses: &[Witness], cells: impl Iterator<Item = u32>) -> Self {
        let sound: Vec<Vec<(u32, f64)>> = witnesses
            .par_iter()
            .filter(|witness| is_sound(stand, witness.differences()))
            .map(|witness| witness.differences().to_vec())
            .collect();
        let demanded: BTreeSet<u32> = cells.collect();
        let mut by_cell: HashMap<u32, Vec<u32>> = HashMap::new();
        for (at, differences) in sound.iter().enumerate() {
            for (cell, _) in differences.iter().filter(|(cell, _)| demanded.contains(cell)) {
                by_cell.entry(*cell).or_default().push(at as u32);
            }
        }
        Self { offered: witnesses.len(), sound, by_cell }
    }

    /// Whether a sound witness has the cell at least that far away.
    pub fn reaches(&self, stand: &Stand<'_>, demand: &Demand, side: Side, level: f64) -> bool {
        level <= 0.0 || self.scaled(stand, demand, side, level).next().is_some()
    }

    /// The sound witnesses for the demand, each with the factor at which it has the cell that far away.
    pub fn scaled<'s>(
        &'s self,
        stand: &'s Stand<'_>,
        demand: &'s Demand,
        side: Side,
        level: f64,
    ) -> impl Iterator<Item = (&'s [(u32, f64)], f64)> {
        let witnesses = self.by_cell.get(&demand.cell).into_iter().flatten().map(|at| self.sound[*at as usize].as_slice());
        witnesses.filter_map(move |differences| {
            let at = |cell: &u32| differences.binary_search_by_key(cell, |(own, _)| *own).ok().map(|at| differences[at].1);
            let factor = side.sign() * level / at(&demand.cell)?;
            // Whole numbers of units stay whole in whole multiples only.
            let factor = if stand.problem.whole { factor.signum() * factor.abs().ceil() } else { factor };
            let usable = !demand.known.iter().any(|known| at(known).is_some()) && fits(stand, differences, factor);
            usable.then_some((differences, factor))
        })
    }
}

/// Whether the differences times the factor leave every cell, and every sum that is not exact, where a reader deems it possible.
fn fits(stand: &Stand<'_>, differences: &[(u32, f64)], factor: f64) -> bool {
    let cells = differences.iter().all(|(cell, difference)| {
        let (below, above) = stand.room(*cell, None);
        let moved = difference * factor;
        let whole = !stand.problem.whole || (moved - moved.round()).abs() < 1e-6;
        whole && moved <= above * (1.0 + RESIDUAL) && -moved <= below * (1.0 + RESIDUAL)
    });
    cells && (stand.all_exact || sums_hold(stand, differences, factor))
}

/// Whether only unknown cells differ, and every sum holds.
fn is_sound(stand: &Stand<'_>, differences: &[(u32, f64)]) -> bool {
    let ordered = differences.windows(2).all(|pair| pair[0].0 < pair[1].0);
    let inside = differences.iter().all(|(cell, difference)| (*cell as usize) < stand.withheld.len() && difference.is_finite());
    let unknown = |(cell, _): &(u32, f64)| stand.is_unknown(*cell);
    ordered && inside && !differences.is_empty() && differences.iter().all(unknown) && sums_hold(stand, differences, 1.0)
}

/// Whether every sum with one of the cells holds, up to numerical error in its own terms.
fn sums_hold(stand: &Stand<'_>, differences: &[(u32, f64)], times: f64) -> bool {
    let mut sums: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for (cell, difference) in differences {
        for at in &stand.equations_of[*cell as usize] {
            let equation = &stand.problem.equations[*at as usize];
            let factor = equation.terms.iter().find(|(own, _)| own == cell).map_or(0.0, |(_, factor)| *factor);
            let (sum, largest) = sums.entry(*at).or_insert((0.0, 0.0));
            *sum += factor * difference * times;
            *largest = largest.max((factor * difference * times).abs());
        }
    }
    sums.into_iter().all(|(at, (sum, largest))| {
        let equation = &stand.problem.equations[at as usize];
        sum >= equation.low - RESIDUAL * largest && sum <= equation.high + RESIDUAL * largest
    })
}
