//! A claim is one side of a demand: the cell must be able to lie that far above, or below, its true value.

use crate::disclosure::problem::{Attackers, Fate, Problem};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Up,
    Down,
}

#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub cell: u32,
    pub side: Side,
    pub amount: f64,
    /// Cells that this attacker knows exactly.
    pub known: Vec<u32>,
}

impl Side {
    pub fn sign(self) -> f64 {
        match self {
            Side::Up => 1.0,
            Side::Down => -1.0,
        }
    }
}

/// Every claim that asks for something, the largest first.
pub(super) fn claims(problem: &Problem) -> Vec<Claim> {
    let mut all = Vec::new();
    for demand in &problem.demands {
        let cell = &problem.cells[demand.cell as usize];
        assert!(cell.fate == Fate::Hidden, "only a hidden cell can be demanded to stay uncertain");
        let room = cell.least.map_or(i128::MAX, |least| cell.value - least);
        for (side, amount) in [(Side::Up, demand.level.upper), (Side::Down, demand.level.lower.min(room))] {
            if amount > 0 {
                all.push(Claim { cell: demand.cell, side, amount: amount as f64, known: demand.known.clone() });
            }
        }
    }
    all.sort_by(|a, b| b.amount.total_cmp(&a.amount).then_with(|| (a.cell, a.side, &a.known).cmp(&(b.cell, b.side, &b.known))));
    all
}

/// What is left of a claim against contributors who rule tables out: the known part of the cell itself cannot be given up.
pub(super) fn remaining(problem: &Problem, claim: &Claim, who: &[u32]) -> f64 {
    if claim.side == Side::Up {
        return claim.amount;
    }
    let cell = &problem.cells[claim.cell as usize];
    let known = who.iter().map(|contributor| cell.share_of(*contributor)).max().unwrap_or(0);
    claim.amount.min((cell.value - known) as f64)
}

/// Whether contributors are taken to attack.
pub(super) fn inside(attackers: Attackers) -> bool {
    attackers == Attackers::Contributors
}
