//! The ground that every search stands on: how far each cell can lie from its true value in the eyes of an attacker.

use std::collections::BTreeMap;

use crate::disclosure::problem::{Attackers, Cell, Equation, Fate, Problem, Ruled, SHARES, Share};

pub(super) struct Ground<'a> {
    pub problem: &'a Problem,
    pub attackers: Attackers,
    /// For every cell its equations.
    pub equations_of: Vec<Vec<u32>>,
    /// How far a withheld cell can lie below, and above, its true value.
    pub down: Vec<f64>,
    pub up: Vec<f64>,
    /// Cost of a cell among all that may be withheld, from 0 to 1 by rank.
    pub rank: Vec<f32>,
    /// How far below and above its true value a withheld number of units can lie for who knows the rules.
    pub ruled: BTreeMap<u32, (f64, f64)>,
    /// Every sum is known exactly.
    pub all_exact: bool,
    /// A middling cost: what counts as 1 in the programs.
    pub cost_unit: f64,
    /// Cells of the first region around a claim.
    pub region: usize,
}

/// Cells of the first region, at least and at most, and how many times as many with every sum that a cell is part of.
const REGION_MIN: usize = 500;
const REGION_MAX: usize = 2_400;
const REGION_PER_SUM: usize = 7;

/// Claims times the square of the cells around each, and cells at least.
const AROUND: f64 = 6e8;
const AROUND_MIN: usize = 60;

impl<'a> Ground<'a> {
    pub fn new(problem: &'a Problem, attackers: Attackers) -> Self {
        let bounds = |cell: &Cell| (below(cell, attackers), cell.most.map_or(f64::INFINITY, |most| (most - cell.value) as f64));
        let (down, up) = problem.cells.iter().map(bounds).unzip();
        let equations_of = problem.equations_of();
        Self {
            problem,
            attackers,
            region: region(problem, &equations_of),
            equations_of,
            down,
            up,
            rank: ranks(problem),
            ruled: ruled(problem),
            all_exact: problem.equations.iter().all(Equation::is_exact),
            cost_unit: middling(problem),
        }
    }

    /// Cells beside boxes in which a witness is sought first: a program takes time by their square, and there is one at least for every
    /// claim.
    pub fn around(&self, claims: usize) -> usize {
        let most = (AROUND / claims.max(1) as f64).sqrt() as usize;
        most.clamp(AROUND_MIN, self.region)
    }

    /// Cells that are withheld before anything is decided.
    pub fn hidden(&self) -> Vec<bool> {
        self.problem.cells.iter().map(|cell| cell.fate == Fate::Hidden).collect()
    }

    /// What the cell is a part of.
    pub fn wholes_of(&self, cell: u32) -> impl Iterator<Item = u32> {
        self.equations_of[cell as usize].iter().filter_map(move |at| self.problem.equations[*at as usize].whole_of(cell))
    }

    /// Whether a difference is more than a shown cell can have.
    pub fn needs_withholding(&self, cell: u32, difference: f64) -> bool {
        difference.abs() > self.problem.cells[cell as usize].half_width as f64 * (1.0 + 1e-9)
    }

    /// A whole table stays whole in whole multiples only.
    pub fn whole_factor(&self, factor: f64) -> f64 {
        if self.problem.whole { factor.signum() * factor.abs().ceil() } else { factor }
    }

    /// The contributor who has all of the cell, be it nothing: nobody is protected against himself.
    pub fn exempt(&self, cell: u32) -> Option<u32> {
        let cell = &self.problem.cells[cell as usize];
        let all = |share: &&Share| share.amount > 0 && share.amount >= cell.value;
        cell.owner().or_else(|| cell.shares.first().filter(all).map(|share| share.contributor))
    }

    pub fn is_free(&self, cell: u32) -> bool {
        self.problem.cells[cell as usize].fate == Fate::Free
    }

    /// Whether the cell can differ in any witness.
    pub fn may_move(&self, cell: u32, withheld: &[bool]) -> bool {
        withheld[cell as usize] || self.is_free(cell) || self.problem.cells[cell as usize].half_width > 0
    }

    pub fn cost(&self, cell: u32) -> f64 {
        self.problem.cells[cell as usize].cost
    }
}

/// Contributors beyond those that are kept by name must not be able to rule a table out either: so a cell with more of them keeps at
/// least what each of those could have.
fn below(cell: &Cell, attackers: Attackers) -> f64 {
    let Some(least) = cell.least else { return f64::INFINITY };
    let unnamed = match cell.shares.get(SHARES - 1) {
        Some(last) if attackers == Attackers::Contributors && cell.contributors > SHARES as u64 => last.amount,
        _ => 0,
    };
    (cell.value - least.max(unnamed)).max(0) as f64
}

/// The more sums an unsafe cell is part of, the more must move with it.
fn region(problem: &Problem, equations_of: &[Vec<u32>]) -> usize {
    let whole = |cell: u32, at: &u32| problem.equations[*at as usize].whole_of(cell).is_some();
    let sums = |cell: u32| equations_of[cell as usize].iter().filter(|at| whole(cell, at)).count();
    let all: usize = problem.demands.iter().map(|demand| sums(demand.cell)).sum();
    let typical = (all as f64 / problem.demands.len().max(1) as f64).round() as u32;
    REGION_PER_SUM.saturating_pow(typical).clamp(REGION_MIN, REGION_MAX)
}

fn ruled(problem: &Problem) -> BTreeMap<u32, (f64, f64)> {
    let room = |ruled: &Ruled| {
        let value = problem.cells[ruled.cell as usize].value;
        (ruled.cell, ((value - ruled.least).max(0) as f64, (ruled.most - value).max(0) as f64))
    };
    problem.ruled.iter().map(room).collect()
}

fn middling(problem: &Problem) -> f64 {
    let mut costs: Vec<f64> = problem.cells.iter().filter(|cell| cell.fate == Fate::Free).map(|cell| cell.cost).collect();
    costs.sort_by(f64::total_cmp);
    costs.get(costs.len() / 2).copied().unwrap_or(1.0).max(f64::MIN_POSITIVE)
}

fn ranks(problem: &Problem) -> Vec<f32> {
    let mut order: Vec<u32> = (0..problem.cells.len() as u32).collect();
    order.sort_by(|a, b| problem.cells[*a as usize].cost.total_cmp(&problem.cells[*b as usize].cost).then(a.cmp(b)));
    let mut rank = vec![0.0; order.len()];
    let count = order.len().max(1) as f32;
    order.iter().enumerate().for_each(|(at, cell)| rank[*cell as usize] = at as f32 / count);
    rank
}
