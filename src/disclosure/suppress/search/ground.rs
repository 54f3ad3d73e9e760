//! The ground that every search stands on: how far each cell can lie from its true value in the eyes of an attacker.

use std::collections::{BTreeMap, BTreeSet};

use super::super::connected::connected;
use super::board::Board;
use super::marks::Marks;
use super::pool::Pool;
use crate::disclosure::problem::{Attackers, Cell, Equation, Fate, Problem, Ruled, SHARES, Share};

pub(super) struct Ground<'a> {
    pub problem: &'a Problem,
    pub attackers: Attackers,
    /// For every cell its equations.
    pub equations_of: Vec<Vec<u32>>,
    /// For every cell its factor in each of them.
    factors_of: Vec<Vec<f64>>,
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
    /// Sums that an unsafe cell is a part of, typically.
    pub sums: u32,
    /// Cells of the first region around a claim.
    pub region: usize,
    ties: Ties,
    /// How far a shown cell can lie from its true value.
    half_widths: Vec<f64>,
    boards: Pool<Board>,
    marks: Pool<Marks>,
}

/// Cells of the first region, at least and at most, and how many times as many with every sum that a cell is part of.
const REGION_MIN: usize = 500;
const REGION_MAX: usize = 2_400;
const REGION_PER_SUM: usize = 7;

/// Claims times the square of the cells around each, and cells at least.
const AROUND: f64 = 3e8;
const AROUND_MIN: usize = 60;

impl<'a> Ground<'a> {
    pub fn new(problem: &'a Problem, attackers: Attackers) -> Self {
        let bounds = |cell: &Cell| (below(cell, attackers), cell.most.map_or(f64::INFINITY, |most| (most - cell.value) as f64));
        let (down, up) = problem.cells.iter().map(bounds).unzip();
        let equations_of = problem.equations_of();
        let sums = typical(problem, &equations_of);
        Self {
            problem,
            attackers,
            sums,
            region: region(problem, sums),
            ties: Ties::new(problem),
            half_widths: problem.cells.iter().map(|cell| cell.half_width as f64).collect(),
            boards: Pool::new(),
            marks: Pool::new(),
            factors_of: factors(problem),
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

    /// With a board, which the work leaves wiped.
    pub fn on_board<T>(&self, work: impl FnOnce(&mut Board) -> T) -> T {
        self.boards.lend(|| Board::new(self), work)
    }

    /// With marks that are wiped after the work.
    pub fn with_marks<T>(&self, work: impl FnOnce(&mut Marks) -> T) -> T {
        self.marks.lend(
            || Marks::new(self),
            |marks| {
                let done = work(marks);
                marks.wipe();
                done
            },
        )
    }

    /// Cells that are withheld before anything is decided.
    pub fn hidden(&self) -> Vec<bool> {
        (0..self.problem.cells.len() as u32).map(|cell| self.fate(cell) == Fate::Hidden).collect()
    }

    /// What becomes of the cell together with those it is tied to.
    pub fn fate(&self, cell: u32) -> Fate {
        self.ties.fate.get(&cell).copied().unwrap_or(self.problem.cells[cell as usize].fate)
    }

    /// Whether it is for the search to say that the cell itself is shown or withheld.
    pub fn is_decided(&self, cell: u32) -> bool {
        self.problem.cells[cell as usize].fate == Fate::Free
    }

    /// The cells that may be shown or withheld and must be withheld for this one to be unknown: itself and those it is tied to.
    pub fn decided(&self, cell: u32) -> impl Iterator<Item = u32> + '_ {
        let tied = self.problem.tied.get(&cell).into_iter().flatten().copied();
        std::iter::once(cell).chain(tied).filter(|at| self.is_decided(*at))
    }

    /// The cells that are known as long as this one is shown: itself and those tied to it.
    pub fn held(&self, cell: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::once(cell).chain(self.ties.to.get(&cell).into_iter().flatten().copied())
    }

    /// Withholds what must be withheld for the cell to be unknown.
    pub fn withhold(&self, cell: u32, withheld: &mut [bool]) {
        withheld[cell as usize] = true;
        for at in self.decided(cell) {
            withheld[at as usize] = true;
            self.settle(at, withheld);
        }
    }

    /// Shows the cell, and with it what is tied to it.
    pub fn show(&self, cell: u32, withheld: &mut [bool]) {
        self.held(cell).for_each(|at| withheld[at as usize] = false);
    }

    /// What no cell prints is unknown when all it is tied to is withheld.
    pub fn settle(&self, cell: u32, withheld: &mut [bool]) {
        for at in self.ties.to.get(&cell).into_iter().flatten() {
            if self.problem.cells[*at as usize].fate == Fate::Hidden {
                withheld[*at as usize] = self.problem.tied[at].iter().all(|tied| withheld[*tied as usize]);
            }
        }
    }

    /// Whether sums are told of columns, around which there are no boxes.
    pub fn has_columns(&self) -> bool {
        !self.problem.columns.is_empty()
    }

    /// Values of the cell are whole.
    pub fn is_whole(&self, cell: u32) -> bool {
        self.problem.whole && !self.problem.amounts.contains(&cell)
    }

    /// The number of the connected system, where there are several about the same cells.
    pub fn system(&self, cell: u32) -> usize {
        self.ties.system.get(cell as usize).copied().unwrap_or(0)
    }

    /// The withheld cells that stand in a sum with the cell, or with one tied to it, also through columns.
    pub fn beside(&self, cell: u32, withheld: &[bool]) -> Vec<u32> {
        let sums = |at: u32| self.equations_of[at as usize].iter().flat_map(|at| &self.problem.equations[*at as usize].terms);
        let mut found = Vec::new();
        for (at, _) in self.held(cell).flat_map(sums) {
            match self.problem.columns.contains(at) {
                true => found.extend(sums(*at).map(|(at, _)| *at)),
                false => found.push(*at),
            }
        }
        found.retain(|at| withheld[*at as usize] && self.is_free(*at));
        found.into_iter().flat_map(|at| self.decided(at)).collect()
    }

    /// The equations of a cell, each with its factor there.
    pub fn terms_of(&self, cell: u32) -> impl Iterator<Item = (u32, f64)> {
        self.equations_of[cell as usize].iter().copied().zip(self.factors_of[cell as usize].iter().copied())
    }

    /// What the cell is a part of.
    pub fn wholes_of(&self, cell: u32) -> impl Iterator<Item = u32> {
        self.equations_of[cell as usize].iter().filter_map(move |at| self.problem.equations[*at as usize].whole_of(cell))
    }

    /// Whether a difference is more than a shown cell can have.
    pub fn needs_withholding(&self, cell: u32, difference: f64) -> bool {
        difference.abs() > self.half_width(cell) * (1.0 + 1e-9)
    }

    /// A whole table stays whole in whole multiples only.
    pub fn whole_factor(&self, cell: u32, factor: f64) -> f64 {
        if self.is_whole(cell) { factor.signum() * factor.abs().ceil() } else { factor }
    }

    /// The contributor who has all of the cell, be it nothing: nobody is protected against himself.
    pub fn exempt(&self, cell: u32) -> Option<u32> {
        let cell = &self.problem.cells[cell as usize];
        let all = |share: &&Share| share.amount > 0 && share.amount >= cell.value;
        cell.owner().or_else(|| cell.shares.first().filter(all).map(|share| share.contributor))
    }

    pub fn is_free(&self, cell: u32) -> bool {
        self.fate(cell) == Fate::Free
    }

    /// Whether the cell can differ in any witness.
    pub fn may_move(&self, cell: u32, withheld: &[bool]) -> bool {
        withheld[cell as usize] || self.is_free(cell) || self.half_width(cell) > 0.0
    }

    /// How far the cell can lie from its true value where it is shown.
    pub fn half_width(&self, cell: u32) -> f64 {
        self.half_widths[cell as usize]
    }

    pub fn cost(&self, cell: u32) -> f64 {
        self.problem.cells[cell as usize].cost
    }

    /// The price of withholding what must be withheld for the cell to be unknown and is not yet.
    pub fn price(&self, cell: u32, withheld: &[bool], price: &[f64]) -> f64 {
        self.decided(cell).filter(|at| !withheld[*at as usize]).map(|at| price[at as usize]).sum()
    }
}

/// How cells hang together beside the sums.
#[derive(Default)]
struct Ties {
    /// For the cells of ties, what becomes of them together with those they are tied to.
    fate: BTreeMap<u32, Fate>,
    /// For a cell those that are tied to it.
    to: BTreeMap<u32, Vec<u32>>,
    /// For every cell the smallest one that is connected to it by sums.
    system: Vec<usize>,
}

impl Ties {
    fn new(problem: &Problem) -> Self {
        let mut ties = Self::default();
        if problem.tied.is_empty() {
            return ties;
        }
        for (cell, tied) in &problem.tied {
            let fates: BTreeSet<Fate> = tied.iter().chain([cell]).map(|at| problem.cells[*at as usize].fate).collect();
            assert!(!fates.contains(&Fate::Shown), "a cell is tied to what may be withheld");
            ties.fate.insert(*cell, if fates.contains(&Fate::Free) { Fate::Free } else { Fate::Hidden });
            tied.iter().for_each(|at| ties.to.entry(*at).or_default().push(*cell));
        }
        let sums = problem.equations.iter().map(|sum| sum.terms.iter().map(|(cell, _)| *cell as usize));
        ties.system = connected(problem.cells.len(), sums);
        ties
    }
}

/// The nearest number to an amount. Few amounts need more than 64 bits, and those that do not are turned by the processor itself.
pub(super) fn number(amount: i128) -> f64 {
    i64::try_from(amount).map_or(amount as f64, |amount| amount as f64)
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
fn region(problem: &Problem, sums: u32) -> usize {
    if !problem.columns.is_empty() {
        return REGION_MAX;
    }
    REGION_PER_SUM.saturating_pow(sums).clamp(REGION_MIN, REGION_MAX)
}

fn typical(problem: &Problem, equations_of: &[Vec<u32>]) -> u32 {
    let whole = |cell: u32, at: &u32| problem.equations[*at as usize].whole_of(cell).is_some();
    let sums = |cell: u32| equations_of[cell as usize].iter().filter(|at| whole(cell, at)).count();
    let all: usize = problem.demands.iter().map(|demand| sums(demand.cell)).sum();
    (all as f64 / problem.demands.len().max(1) as f64).round() as u32
}

fn factors(problem: &Problem) -> Vec<Vec<f64>> {
    let mut factors = vec![Vec::new(); problem.cells.len()];
    let terms = problem.equations.iter().flat_map(|equation| &equation.terms);
    terms.for_each(|(cell, factor)| factors[*cell as usize].push(*factor));
    factors
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
