//! What a search asks of a witness.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::{Ground, number};
use crate::disclosure::problem::{Equation, SHARES, Witness};

/// Part of its largest term by which a sum may be off: less than the audit allows.
const OFF: f64 = 1e-8;

impl Witness {
    /// Of the cells that differ, without the negligible differences that no sum needs: beside small terms they are not negligible.
    pub(super) fn without_dust(ground: &Ground<'_>, differences: Vec<(u32, f64)>, negligible: f64) -> Self {
        let differs = differences.into_iter().filter(|(_, difference)| *difference != 0.0);
        let (mut kept, mut dust): (BTreeMap<u32, f64>, BTreeMap<u32, f64>) =
            differs.partition(|(_, difference)| difference.abs() > negligible);
        let mut waiting: Vec<u32> = kept.keys().copied().collect();
        while let Some(cell) = waiting.pop().filter(|_| !dust.is_empty()) {
            for at in &ground.equations_of[cell as usize] {
                let equation = &ground.problem.equations[*at as usize];
                let terms = equation.terms.iter().filter_map(|(cell, factor)| Some(factor * kept.get(cell)?));
                let (sum, largest) =
                    terms.fold((0.0, 0.0), |(sum, largest): (f64, f64), term| (sum + term, largest.max(term.abs())));
                if (equation.low - OFF * largest..=equation.high + OFF * largest).contains(&sum) {
                    continue;
                }
                let needed: Vec<(u32, f64)> = equation.terms.iter().filter_map(|(cell, _)| dust.remove_entry(cell)).collect();
                waiting.extend(needed.iter().map(|(cell, _)| *cell));
                kept.extend(needed);
            }
        }
        Self::new(kept.into_iter().collect())
    }

    pub(super) fn at(&self, cell: u32) -> f64 {
        self.differences().binary_search_by_key(&cell, |(at, _)| *at).map_or(0.0, |at| self.differences()[at].1)
    }

    pub(super) fn touches(&self, cell: u32) -> bool {
        self.differences().binary_search_by_key(&cell, |(at, _)| *at).is_ok()
    }

    /// The greatest factor by which it stays possible, in the direction of `sign`, when what it needs is withheld.
    pub(super) fn factor_max(&self, ground: &Ground<'_>, withheld: &[bool], sign: f64) -> f64 {
        let room = |(cell, difference): &(u32, f64)| {
            let moved = difference * sign;
            let bound = if moved > 0.0 { ground.up[*cell as usize] } else { ground.down[*cell as usize] };
            let shown = !withheld[*cell as usize] && !ground.needs_withholding(*cell, *difference);
            let half = ground.half_width(*cell);
            (if shown { bound.min(half) } else { bound }) / moved.abs()
        };
        let cells = self.differences().iter().map(room).fold(f64::INFINITY, f64::min);
        if ground.all_exact { cells } else { cells.min(self.sums_max(ground, sign)) }
    }

    /// Whether it, one way or the other, leaves every ruled number of units where the rules allow it.
    pub(super) fn obeys_rules(&self, ground: &Ground<'_>, withheld: &[bool]) -> bool {
        let within = |(cell, difference): &(u32, f64), sign: f64| match ground.ruled.get(cell) {
            Some((below, above)) if withheld[*cell as usize] || ground.is_free(*cell) => {
                (-below..=*above).contains(&(difference * sign))
            }
            _ => true,
        };
        let allowed = |sign: f64| {
            self.factor_max(ground, withheld, sign) >= 1.0 && self.differences().iter().all(|difference| within(difference, sign))
        };
        allowed(1.0) || allowed(-1.0)
    }

    /// The same for the sums that are not exact.
    fn sums_max(&self, ground: &Ground<'_>, sign: f64) -> f64 {
        let touched: BTreeSet<u32> =
            self.differences().iter().flat_map(|(cell, _)| &ground.equations_of[*cell as usize]).copied().collect();
        let loose = touched.into_iter().map(|at| &ground.problem.equations[at as usize]).filter(|equation| !equation.is_exact());
        let room = |equation: &Equation| {
            let sum: f64 = equation.terms.iter().map(|(cell, factor)| factor * self.at(*cell) * sign).sum();
            match sum {
                sum if sum > 0.0 => equation.high / sum,
                sum if sum < 0.0 => equation.low / sum,
                _ => f64::INFINITY,
            }
        };
        loose.map(room).fold(f64::INFINITY, f64::min)
    }

    /// The contributors who know that this table, times the factor, is not the true one: who own a cell that differs, or whose own
    /// contribution to a cell is more than it would hold. Ascending.
    pub(super) fn ruled_out_by(&self, ground: &Ground<'_>, factor: f64) -> Vec<u32> {
        let mut who = Vec::new();
        for (at, difference) in self.differences() {
            let cell = &ground.problem.cells[*at as usize];
            if let Some(owner) = cell.owner() {
                who.push(owner);
                continue;
            }
            let left = number(cell.value) + difference * factor;
            let tolerance = number(cell.value) * 1e-9;
            who.extend(
                cell.shares
                    .iter()
                    .take(SHARES)
                    .filter(|share| number(share.amount) > left + tolerance)
                    .map(|share| share.contributor),
            );
        }
        who.sort_unstable();
        who.dedup();
        who
    }
}
