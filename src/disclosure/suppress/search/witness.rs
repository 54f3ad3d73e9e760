//! A witness is a table that an attacker cannot exclude, as its difference from the true one.

use super::ground::Ground;
use crate::disclosure::problem::SHARES;

/// Cells that differ, ascending, each with its difference.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Witness {
    pub differences: Vec<(u32, f64)>,
}

impl Witness {
    pub fn at(&self, cell: u32) -> f64 {
        self.differences.binary_search_by_key(&cell, |(at, _)| *at).map_or(0.0, |at| self.differences[at].1)
    }

    pub(super) fn touches(&self, cell: u32) -> bool {
        self.differences.binary_search_by_key(&cell, |(at, _)| *at).is_ok()
    }

    /// The greatest factor by which it stays possible, in the direction of `sign`, when what it needs is withheld.
    pub(super) fn factor_max(&self, ground: &Ground<'_>, withheld: &[bool], sign: f64) -> f64 {
        let room = |(cell, difference): &(u32, f64)| {
            let moved = difference * sign;
            let bound = match withheld[*cell as usize] || ground.needs_withholding(*cell, *difference) {
                false => ground.problem.cells[*cell as usize].half_width as f64,
                true if moved > 0.0 => ground.up[*cell as usize],
                true => ground.down[*cell as usize],
            };
            bound / moved.abs()
        };
        self.differences.iter().map(room).fold(f64::INFINITY, f64::min)
    }

    /// The contributors who know that this table, times the factor, is not the true one: who own a cell that differs, or whose own
    /// contribution to a cell is more than it would hold. Ascending.
    pub(super) fn ruled_out_by(&self, ground: &Ground<'_>, factor: f64) -> Vec<u32> {
        let mut who = Vec::new();
        for (at, difference) in &self.differences {
            let cell = &ground.problem.cells[*at as usize];
            if let Some(owner) = cell.owner() {
                who.push(owner);
                continue;
            }
            let left = cell.value as f64 + difference * factor;
            let tolerance = cell.value as f64 * 1e-9;
            who.extend(cell.shares.iter().take(SHARES).filter(|share| share.amount as f64 > left + tolerance).map(|share| share.contributor));
        }
        who.sort_unstable();
        who.dedup();
        who
    }
}
