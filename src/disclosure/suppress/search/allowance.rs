//! What may be done and spent for a claim: little at first, and more for the claims that little does not serve. What is too dear waits until
//! so much may be spent. It is so decided on when all that is cheap is withheld already, and often not needed any more.

use super::ground::Ground;
use super::ledger::Ledger;
use crate::disclosure::problem::Witness;

/// What came of the search for witnesses.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Outcome {
    Met,
    /// The witnesses cost so much at least, which is more than they may.
    Dear(f64),
    /// Witnesses, if any, that do not convince everybody.
    Part(Vec<Witness>),
}

/// What is done and spent for each claim in turn.
pub(super) struct Allowances {
    of: Vec<Allowance>,
    /// What witnesses cost at least, as far as is known.
    cost: Vec<f64>,
    /// Witnesses that do not convince everybody yet.
    begun: Vec<Vec<Witness>>,
    turn: i32,
}

impl Allowances {
    pub fn new(ground: &Ground<'_>, claims: usize) -> Self {
        Self {
            of: vec![Allowance::first(ground, claims); claims],
            cost: vec![0.0; claims],
            begun: vec![Vec::new(); claims],
            turn: 0,
        }
    }

    /// The open claims for which what is known of may be spent; more may be spent when there is none.
    pub fn due(&mut self, ledger: &Ledger<'_>) -> Vec<usize> {
        let open = ledger.open();
        loop {
            let within = |claim: &usize| self.cost[*claim] < self.cost_max(ledger, *claim);
            let due: Vec<usize> = open.iter().copied().filter(within).collect();
            if !due.is_empty() || open.is_empty() {
                return due;
            }
            self.turn += 1;
        }
    }

    pub fn of(&self, claim: usize) -> Allowance {
        self.of[claim]
    }

    pub fn begun(&self, claim: usize) -> &[Witness] {
        &self.begun[claim]
    }

    /// What withholding for the claim may cost.
    pub fn cost_max(&self, ledger: &Ledger<'_>, claim: usize) -> f64 {
        let ground = ledger.ground;
        let corners = f64::from(1_u32 << ground.sums.min(SUMS_MAX));
        corners * DEARER.powi(self.turn) * ground.cost(ledger.claims[claim].cell).max(ground.cost_unit)
    }

    /// Takes note of what came of a claim that is still open; `false` when nothing more can be done for it.
    pub fn note(&mut self, ground: &Ground<'_>, claim: usize, outcome: Outcome) -> bool {
        let is_full = self.of[claim].is_full;
        // All that the cell is a part of moves with it: that is a way, and one that is too dear waits for what others withhold.
        let is_found = self.of[claim].rises() && matches!(outcome, Outcome::Dear(cost) if cost.is_finite());
        if !is_full && !is_found {
            self.of[claim] = self.of[claim].more(ground);
        }
        match outcome {
            Outcome::Dear(cost) if cost.is_finite() => {
                self.cost[claim] = cost;
                true
            }
            Outcome::Part(begun) => {
                self.begun[claim] = begun;
                !is_full
            }
            _ => !is_full,
        }
    }

    pub fn spend_more(&mut self) {
        self.turn += 1;
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Allowance {
    times: usize,
    /// Cells beside boxes in which a witness is sought.
    pub around: usize,
    /// Everything is tried: what finds nothing now is taken to be impossible.
    pub is_full: bool,
}

/// How many times as much is done for a claim the next time, and how many times as much a witness may cost in the next turn.
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
/// How many times as much is done, at least, when all that the cell is a part of may move with it: that seldom fails and is dear.
const RISES: usize = 16;
/// Steps of a program for every sum in it, and at least.
const STEPS: usize = 2;
const STEPS_MIN: usize = 3_000;
/// The same when everything is tried: a program that has not come to its end by then goes in circles.
const STEPS_FULL: usize = 4;
const STEPS_FULL_MIN: usize = 20_000;

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

    /// Whether all that the cell is a part of may move with it, up to the highest sums.
    pub fn rises(self) -> bool {
        self.times >= RISES
    }

    /// Steps of a program with so many sums.
    pub fn steps(self, sums: usize) -> usize {
        if self.is_full { (STEPS_FULL * sums).max(STEPS_FULL_MIN) } else { (STEPS * self.times * sums).max(STEPS_MIN) }
    }
}
