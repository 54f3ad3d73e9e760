//! Where an attacker stands: which cells are unknown, and how far each can be from its true value.

use crate::disclosure::problem::{Attackers, Demand, Problem, SHARES};

/// Part of a level that numerical error may take.
pub(super) const SLACK: f64 = 1e-6;

pub(super) struct Stand<'a> {
    pub problem: &'a Problem,
    pub withheld: &'a [bool],
    pub attackers: Attackers,
    /// Every sum is known exactly.
    pub all_exact: bool,
    /// Equations of every cell.
    pub equations_of: Vec<Vec<u32>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Above,
    Below,
}

impl Side {
    pub fn sign(self) -> f64 {
        if self == Side::Above { 1.0 } else { -1.0 }
    }
}

impl<'a> Stand<'a> {
    pub fn new(problem: &'a Problem, withheld: &'a [bool], attackers: Attackers) -> Self {
        let mut equations_of = vec![Vec::new(); problem.cells.len()];
        for (at, equation) in problem.equations.iter().enumerate() {
            for (cell, _) in &equation.terms {
                equations_of[*cell as usize].push(at as u32);
            }
        }
        let all_exact = problem.equations.iter().all(|equation| equation.low == 0.0 && equation.high == 0.0);
        Self { problem, withheld, attackers, all_exact, equations_of }
    }

    /// Whether the attacker does not know the value exactly.
    pub fn is_unknown(&self, cell: u32) -> bool {
        self.withheld[cell as usize] || self.problem.cells[cell as usize].half_width > 0
    }

    /// How far below (never less than nothing) and above the true value it can be in the eyes of a reader, or of a contributor with what it knows of the cell.
    pub fn room(&self, cell: u32, knower: Option<u32>) -> (f64, f64) {
        let known = &self.problem.cells[cell as usize];
        let mut above = known.most.map_or(f64::INFINITY, |most| (most - known.value) as f64);
        let mut below = known.least.map_or(f64::INFINITY, |least| (known.value - least.max(self.unnamed(cell))).max(0) as f64);
        if let Some(knower) = knower {
            if self.is_only_contributor(cell, knower) {
                return (0.0, 0.0);
            }
            below = below.min((known.value - self.own(cell, knower)) as f64);
        }
        if !self.withheld[cell as usize] {
            let half = known.half_width as f64;
            (below, above) = (below.min(half), above.min(half));
        }
        (below, above)
    }

    pub fn is_only_contributor(&self, cell: u32, contributor: u32) -> bool {
        let cell = &self.problem.cells[cell as usize];
        cell.contributors == 1 && cell.shares.iter().any(|share| share.contributor == contributor)
    }

    /// What the contributor has in the cell; of contributors that are not kept by name nothing is known.
    pub fn own(&self, cell: u32, contributor: u32) -> i128 {
        let shares = &self.problem.cells[cell as usize].shares;
        shares.iter().filter(|share| share.contributor == contributor).map(|share| share.amount).sum()
    }

    /// The greatest contribution that a contributor who is not kept by name can have: who that is is not known, so it holds for everybody.
    fn unnamed(&self, cell: u32) -> i128 {
        if self.attackers == Attackers::Outsiders {
            return 0;
        }
        let cell = &self.problem.cells[cell as usize];
        if cell.contributors > SHARES as u64 && cell.shares.len() == SHARES { cell.shares[SHARES - 1].amount } else { 0 }
    }

    /// What is asked below: never more than there is.
    pub fn lower(&self, demand: &Demand) -> i128 {
        let cell = &self.problem.cells[demand.cell as usize];
        cell.least.map_or(demand.level.lower, |least| demand.level.lower.min(cell.value - least))
    }
}
