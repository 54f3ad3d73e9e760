//! What may be done and spent for a claim: little at first, and more for the claims that little does not serve. What is dear is so decided
//! on when all that is cheap is withheld already, and often not needed any more.

use super::claims::Claim;
use super::ground::Ground;

#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    times: usize,
    /// Cells beside boxes in which a witness is sought.
    pub around: usize,
    /// Everything is tried: what finds nothing now is taken to be impossible.
    pub is_full: bool,
}

/// How many times as much is done in the next turn, and how many times as much a witness may cost.
const GROWTH: usize = 2;
const DEARER: f64 = 4.0;
/// How many times as much is done for a claim as at first when cells are given back, and at least when everything is tried.
const GIVING_BACK: usize = 4;
/// Sums up to which a witness may cost what the corners of a box do that cost as much as the claim's cell.
const SUMS_MAX: u32 = 6;
/// Boxes that may add up to one witness, and the part of what is asked for which a cell of them must have room.
const BOXES: usize = 8;
const LEAST: f64 = 0.02;
/// Cells of boxes in a region.
const CELLS: usize = 200;
/// Witnesses that may convince together.
const WITNESSES: usize = 4;
/// Steps of a program for every sum in it, and at least.
const STEPS: usize = 2;
const STEPS_MIN: usize = 3_000;

impl Allowance {
    /// The first turn.
    pub fn first(ground: &Ground<'_>, claims: usize) -> Self {
        Self::new(ground, 1, ground.around(claims))
    }

    pub fn giving_back(ground: &Ground<'_>, claims: usize) -> Self {
        Self { times: GIVING_BACK, around: ground.around(claims), is_full: false }
    }

    pub fn full(ground: &Ground<'_>) -> Self {
        Self::new(ground, GIVING_BACK, ground.problem.cells.len())
    }

    pub fn more(self, ground: &Ground<'_>) -> Self {
        Self::new(ground, self.times * GROWTH, self.around * GROWTH)
    }

    fn new(ground: &Ground<'_>, times: usize, around: usize) -> Self {
        let is_full = around >= ground.problem.cells.len();
        Self { times: if is_full { times.max(GIVING_BACK) } else { times }, around, is_full }
    }

    /// What withholding for the claim may cost.
    pub fn cost_max(self, ground: &Ground<'_>, claim: &Claim) -> f64 {
        if self.is_full {
            return f64::INFINITY;
        }
        let turn = (self.times as f64).log(GROWTH as f64);
        let corners = f64::from(1_u32 << ground.sums.min(SUMS_MAX));
        corners * DEARER.powf(turn) * ground.cost(claim.cell).max(ground.cost_unit)
    }

    pub fn boxes(self) -> usize {
        BOXES * self.times
    }

    pub fn least(self) -> f64 {
        LEAST / self.times as f64
    }

    pub fn cells(self) -> usize {
        if self.is_full { usize::MAX } else { CELLS * self.times }
    }

    pub fn witnesses(self) -> usize {
        if self.is_full { usize::MAX } else { WITNESSES * self.times }
    }

    /// Steps of a program with so many sums.
    pub fn steps(self, sums: usize) -> usize {
        if self.is_full { usize::MAX } else { (STEPS * self.times * sums).max(STEPS_MIN) }
    }
}
