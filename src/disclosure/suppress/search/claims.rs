//! A claim is one side of a demand: the cell must be able to lie that far above, or below, its true value.

use super::ground::Ground;
use crate::disclosure::problem::{Attackers, Fate};

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
    /// The attacker knows the rules as well; either side will do.
    pub rules: bool,
}

impl Claim {
    /// The same claim on the other side.
    pub fn turned(&self) -> Self {
        let side = if self.side == Side::Up { Side::Down } else { Side::Up };
        Self { side, ..self.clone() }
    }
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
pub(super) fn claims(ground: &Ground<'_>) -> Vec<Claim> {
    let (problem, mut all) = (ground.problem, Vec::new());
    for demand in &problem.demands {
        let cell = &problem.cells[demand.cell as usize];
        assert!(ground.fate(demand.cell) == Fate::Hidden, "only a hidden cell can be demanded to stay uncertain");
        let room = cell.least.map_or(i128::MAX, |least| cell.value - least);
        for (side, amount) in [(Side::Up, demand.level.upper), (Side::Down, demand.level.lower.min(room))] {
            if amount > 0 {
                all.push(Claim { cell: demand.cell, side, amount: amount as f64, known: demand.known.clone(), rules: false });
            }
        }
    }
    for ruled in problem.ruled.iter().filter(|ruled| ruled.guarded && ground.fate(ruled.cell) == Fate::Hidden) {
        let side = if problem.cells[ruled.cell as usize].value < ruled.most { Side::Up } else { Side::Down };
        all.push(Claim { cell: ruled.cell, side, amount: 1.0, known: Vec::new(), rules: true });
    }
    all.sort_by(|a, b| {
        b.amount.total_cmp(&a.amount).then_with(|| (a.cell, a.side, a.rules, &a.known).cmp(&(b.cell, b.side, b.rules, &b.known)))
    });
    all
}

/// What is left of a claim against a contributor: what it has in the cell itself cannot be given up. A level guards the largest
/// contributor against the others; towards the largest itself it guards only the rest, in proportion.
pub(super) fn remaining(ground: &Ground<'_>, claim: &Claim, contributor: u32) -> f64 {
    let cell = &ground.problem.cells[claim.cell as usize];
    let rest = (cell.value - cell.share_of(contributor)) as f64;
    let is_largest = cell.shares.first().is_some_and(|share| share.contributor == contributor && share.amount > 0);
    let amount = if is_largest { claim.amount * (rest / cell.value as f64).clamp(0.0, 1.0) } else { claim.amount };
    let amount = if ground.is_whole(claim.cell) { amount.ceil() } else { amount };
    match claim.side {
        Side::Up => amount,
        Side::Down => amount.min(rest),
    }
}

/// The amounts by which a witness can serve: the claim itself, and what is left of it against those to whom it is open.
pub(super) fn wanted(ground: &Ground<'_>, claim: &Claim, open_to: &[u32]) -> Vec<f64> {
    let mut amounts = vec![claim.amount];
    amounts.extend(open_to.iter().map(|contributor| remaining(ground, claim, *contributor)).filter(|amount| *amount > 0.0));
    amounts.sort_by(|a, b| b.total_cmp(a));
    amounts.dedup();
    amounts
}

/// Whether a witness of that amount, which `who` can rule out, shows the claim to the contributor.
pub(super) fn convinces(ground: &Ground<'_>, claim: &Claim, amount: f64, who: &[u32], contributor: u32) -> bool {
    let needed = remaining(ground, claim, contributor);
    needed <= 0.0 || (who.binary_search(&contributor).is_err() && needed <= amount * (1.0 + 1e-9))
}

/// Whether contributors are taken to attack.
pub(super) fn inside(attackers: Attackers) -> bool {
    attackers == Attackers::Contributors
}
