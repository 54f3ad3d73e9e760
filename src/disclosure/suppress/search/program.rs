//! The linear program of a region: the cheapest witness in it, kept warm from claim to claim.

use highs::{Col, HighsModelStatus, HighsSolutionStatus, Model, RowProblem, Sense, SolvedModel};

use super::allowance::Allowance;
use super::claims::{Claim, Side};
use super::ground::{Ground, number};
use super::region::{Region, State};
use crate::disclosure::problem::Witness;

/// Cost of a move beside that of withholding a cell: it keeps witnesses small.
const SPARING: f64 = 1e-5;
/// The same for a cell of a single contributor, who would see through it.
const OWNED: f64 = 1e-4;
/// Withheld cells up to which moves cost that in a program also where nothing more is withheld for them.
const SPARING_MAX: usize = 200;
/// How far a cell may move, in multiples of what is asked: it keeps the numbers of a program small and decides nothing.
const FAR: f64 = 1e4;
/// Multiples of a broken table that are tried before a search in whole numbers, and nodes of that search: a limit on time would make
/// results depend on the machine.
const MULTIPLES: [f64; 4] = [2.0, 3.0, 4.0, 6.0];
const NODES_MAX: i32 = 60;
/// Columns that are fixed one after the other before a dive is given up.
const DIVE_MAX: usize = 60;
/// A number so near a whole one is that.
const WHOLE_ENOUGH: f64 = 1e-6;
/// Programs in numbers that need not be whole, as which a search in whole numbers counts.
const WHOLE: usize = 10;
/// Moves in whole numbers that are tried first, in multiples of what is asked.
const SMALL: f64 = 4.0;
/// Cells beyond which a program is made smaller before it is solved.
const LARGE: usize = 2_000;
/// Cells beyond which a program is solved from inside, which takes much the same time for each, and not from corner to corner.
const WIDE: usize = 3_000;
/// How many times as many steps a program may take that is begun afresh where everything is tried: none goes in circles for ever.
const AFRESH: i32 = 25;
/// Part of what is asked that counts as no difference where no sum needs it.
pub(super) const NEGLIGIBLE: f64 = 1e-6;

/// What a program may not use.
#[derive(Default)]
pub(super) struct Limits {
    /// Cells that must not differ.
    pub fixed: Vec<u32>,
    /// Contributors who must not be able to rule the witness out; ascending.
    pub unseen_by: Vec<u32>,
    /// Nobody may be able to rule it out.
    pub unseen_by_all: bool,
    /// Only what is withheld may differ.
    pub nothing_more: bool,
}

/// The linear program of a region, kept warm from claim to claim.
pub(super) struct Programs<'a, 'g> {
    ground: &'a Ground<'g>,
    pub region: &'a Region,
    warm: Option<(Model, Vec<Col>, Vec<Variable>)>,
    scale: f64,
    steps_max: i32,
    is_full: bool,
    pub solved: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Variable {
    cost: f64,
    high: f64,
    low: f64,
}

/// A witness with the cost of what must be withheld for it.
pub(super) struct Found {
    pub witness: Witness,
    pub cost: f64,
}

impl<'a, 'g> Programs<'a, 'g> {
    pub fn new(ground: &'a Ground<'g>, region: &'a Region, allowance: Allowance) -> Self {
        let steps_max = i32::try_from(allowance.steps(region.equations.len())).unwrap_or(i32::MAX);
        Self { ground, region, warm: None, scale: 0.0, steps_max, is_full: allowance.is_full, solved: 0 }
    }

    /// The cheapest witness that moves the claim's cell by `amount`; `None` when the region has none.
    pub fn cheapest(&mut self, claim: &Claim, amount: f64, state: State<'_>, limits: &Limits) -> Option<Found> {
        let target = *self.region.at.get(&claim.cell)? as usize;
        self.rescale(claim, amount);
        let mut wanted: Vec<Variable> = Vec::with_capacity(2 * self.region.cells.len());
        let single = self.has_single_columns(claim, state);
        for cell in &self.region.cells {
            wanted.extend(self.variables(*cell, claim, amount, state, limits, single));
        }
        let (forced, other) = if claim.side == Side::Up { (2 * target, 2 * target + 1) } else { (2 * target + 1, 2 * target) };
        if wanted[forced].high < amount / self.scale * (1.0 - 1e-12) {
            return None;
        }
        wanted[forced].low = (amount / self.scale).min(wanted[forced].high);
        wanted[other].high = 0.0;
        let columns = match self.solve(&wanted)? {
            broken if self.ground.is_whole(claim.cell) && is_broken(&broken) => {
                let multiple = self.multiple(&broken, &wanted).or_else(|| self.dive(broken, &wanted));
                multiple.or_else(|| self.whole(&wanted, amount)).or_else(|| self.at_any_price(&wanted))?
            }
            columns => columns,
        };
        let witness = self.witness(&columns, amount);
        let new = |(cell, difference): &&(u32, f64)| {
            !state.withheld[*cell as usize] && self.ground.needs_withholding(*cell, *difference)
        };
        let price = |(cell, _): &(u32, f64)| self.ground.price(*cell, state.withheld, state.price);
        let cost = witness.differences().iter().filter(new).map(price).sum();
        Some(Found { witness, cost })
    }

    fn rescale(&mut self, claim: &Claim, amount: f64) {
        let scale = if self.ground.is_whole(claim.cell) { 1.0 } else { 2f64.powi((amount.log2() / 8.0).floor() as i32 * 8) };
        if scale != self.scale {
            (self.scale, self.warm) = (scale, None);
        }
    }

    /// Whether one column does for both ways of what is withheld, which then differs at no price: what counts is what must be withheld for a
    /// witness, and a program takes fewer steps. Where little is withheld, and for whole numbers, witnesses are better kept small.
    fn has_single_columns(&self, claim: &Claim, state: State<'_>) -> bool {
        let withheld = self.region.cells.iter().filter(|cell| state.withheld[**cell as usize]).count();
        withheld > SPARING_MAX && !self.ground.is_whole(claim.cell)
    }

    /// Up and down.
    fn variables(&self, at: u32, claim: &Claim, amount: f64, state: State<'_>, limits: &Limits, single: bool) -> [Variable; 2] {
        let still = Variable { cost: 0.0, low: 0.0, high: 0.0 };
        let cell = &self.ground.problem.cells[at as usize];
        let hidden = state.withheld[at as usize];
        let (mut up, mut down) = (self.ground.up[at as usize], self.ground.down[at as usize]);
        if !hidden && (limits.nothing_more || !self.ground.is_free(at)) {
            (up, down) = (up.min(self.ground.half_width(at)), down.min(self.ground.half_width(at)));
        }
        let exempt = self.ground.exempt(claim.cell);
        let counts = |contributor: &u32| {
            Some(*contributor) != exempt && (limits.unseen_by_all || limits.unseen_by.binary_search(contributor).is_ok())
        };
        if let Some((below, above)) = self.ground.ruled.get(&at).filter(|_| claim.rules && (hidden || self.ground.is_free(at))) {
            (up, down) = (up.min(*above), down.min(*below));
        }
        if claim.known.contains(&at) || limits.fixed.contains(&at) || cell.owner().is_some_and(|owner| counts(&owner)) {
            return [still, still];
        }
        if limits.unseen_by_all || !limits.unseen_by.is_empty() {
            let known =
                cell.shares.iter().filter(|share| counts(&share.contributor)).map(|share| share.amount).max().unwrap_or(0);
            down = down.min(number(cell.value - known));
        }
        let far = |bound: f64| bound.min(FAR * amount).max(0.0) / self.scale;
        let is_owned = cell.owner().is_some_and(|owner| Some(owner) != exempt);
        if single && hidden && !is_owned && at != claim.cell {
            return [Variable { cost: 0.0, low: -far(down), high: far(up) }, still];
        }
        let price = if hidden { 0.0 } else { self.ground.price(at, state.withheld, state.price) / self.ground.cost_unit };
        let move_cost = if is_owned { OWNED } else { SPARING };
        let step = |bound: f64| Variable {
            cost: move_cost + price / (bound.min(amount) / self.scale).max(1e-9),
            low: 0.0,
            high: far(bound),
        };
        [step(up), step(down)]
    }

    fn is_wide(&self) -> bool {
        self.region.cells.len() > WIDE
    }

    fn solve(&mut self, wanted: &[Variable]) -> Option<Vec<f64>> {
        self.solved += 1;
        let (model, handles) = match self.warm.take() {
            Some((mut model, handles, standing)) => {
                for ((handle, before), now) in handles.iter().zip(&standing).zip(wanted) {
                    if before.cost != now.cost {
                        model.change_column_cost(*handle, now.cost);
                    }
                    if (before.low, before.high) != (now.low, now.high) {
                        model.change_column_bounds(*handle, now.low..=now.high);
                    }
                }
                (model, handles)
            }
            None => self.build(wanted, false)?,
        };
        let mut solved = model.try_solve().ok()?;
        if !is_decided(&solved) && (self.is_full || solved.status() != HighsModelStatus::ReachedIterationLimit) {
            solved = self.afresh(wanted)?;
        }
        let columns = (solved.status() == HighsModelStatus::Optimal).then(|| solved.get_solution().columns().to_vec());
        if is_decided(&solved) {
            self.warm = Some((Model::from(solved), handles, wanted.to_vec()));
        }
        columns
    }

    /// From the corner where the program before ended, or from inside, the solver now and then comes to no end: then from its own first corner.
    fn afresh(&self, wanted: &[Variable]) -> Option<SolvedModel> {
        let (mut model, _) = self.build(wanted, false)?;
        model.try_set_option("solver", "simplex").ok()?;
        model.try_set_option("presolve", "on").ok()?;
        if self.is_full {
            model.try_set_option("simplex_iteration_limit", self.steps_max.saturating_mul(AFRESH)).ok()?;
        }
        model.try_solve().ok()
    }

    /// Broken differences are often halves or thirds, so that a small multiple of them is whole, and may still be possible.
    fn multiple(&self, broken: &[f64], wanted: &[Variable]) -> Option<Vec<f64>> {
        MULTIPLES.iter().find_map(|factor| {
            let times: Vec<f64> = broken.iter().map(|x| x * factor).collect();
            let inside = times.iter().zip(wanted).all(|(x, variable)| *x <= variable.high + 1e-9);
            (inside && !is_broken(&times)).then_some(times)
        })
    }

    /// Fixes one broken column after the other at a whole number, the least broken first; what is not a column is whole when they are.
    fn dive(&mut self, mut broken: Vec<f64>, wanted: &[Variable]) -> Option<Vec<f64>> {
        let mut wanted = wanted.to_vec();
        for _ in 0..DIVE_MAX {
            let off = |at: &usize| (broken[*at] - broken[*at].round()).abs();
            let open = (0..broken.len()).filter(|at| off(at) > WHOLE_ENOUGH && self.is_column(*at));
            let Some(at) = open.min_by(|a, b| off(a).total_cmp(&off(b))) else { break };
            let value = broken[at];
            let near = value.round();
            let far = if near > value { value.floor() } else { value.ceil() };
            broken = [near, far].into_iter().find_map(|whole| {
                wanted[at] = Variable { cost: 0.0, low: whole, high: whole };
                self.solve(&wanted)
            })?;
        }
        (!is_broken(&broken)).then_some(broken)
    }

    /// A whole witness whatever it costs, which is easily found where columns can move alone.
    fn at_any_price(&mut self, wanted: &[Variable]) -> Option<Vec<f64>> {
        let free: Vec<Variable> = wanted.iter().map(|variable| Variable { cost: SPARING, ..*variable }).collect();
        let broken = Some(()).filter(|()| !self.ground.problem.columns.is_empty()).and_then(|()| self.solve(&free))?;
        self.dive(broken, &free)
    }

    /// Whether the variable is one of a column.
    fn is_column(&self, variable: usize) -> bool {
        self.ground.problem.columns.contains(&self.region.cells[variable / 2])
    }

    /// The same program in whole numbers: with small moves, which makes it much easier, or else with any.
    fn whole(&mut self, wanted: &[Variable], amount: f64) -> Option<Vec<f64>> {
        let most = SMALL * amount;
        let small: Vec<Variable> =
            wanted.iter().map(|variable| Variable { high: variable.high.min(most), ..*variable }).collect();
        self.solve_whole(&small).or_else(|| self.solve_whole(wanted))
    }

    fn solve_whole(&mut self, wanted: &[Variable]) -> Option<Vec<f64>> {
        self.solved += WHOLE;
        let (mut model, _) = self.build(wanted, true)?;
        model.try_set_option("presolve", "on").ok()?;
        model.try_set_option("mip_max_nodes", NODES_MAX).ok()?;
        model.try_set_option("mip_rel_gap", 0.02).ok()?;
        let solved = model.try_solve().ok()?;
        let found = solved.primal_solution_status() == HighsSolutionStatus::Feasible;
        found.then(|| solved.get_solution().columns().to_vec())
    }

    fn build(&self, wanted: &[Variable], whole: bool) -> Option<(Model, Vec<Col>)> {
        let mut problem = RowProblem::default();
        let all = self.ground.problem.columns.is_empty();
        let column = |(at, variable): (usize, &Variable)| {
            let bounds = variable.low..=variable.high;
            if whole && (all || self.is_column(at)) {
                problem.add_integer_column(variable.cost, bounds)
            } else {
                problem.add_column(variable.cost, bounds)
            }
        };
        let handles: Vec<Col> = wanted.iter().enumerate().map(column).collect();
        for at in &self.region.equations {
            let equation = &self.ground.problem.equations[*at as usize];
            let mut terms = Vec::with_capacity(2 * equation.terms.len());
            for (cell, coefficient) in &equation.terms {
                if let Some(local) = self.region.at.get(cell) {
                    terms.push((handles[2 * *local as usize], *coefficient));
                    terms.push((handles[2 * *local as usize + 1], -*coefficient));
                }
            }
            problem.add_row(equation.low / self.scale..=equation.high / self.scale, terms);
        }
        let mut model = problem.try_optimise(Sense::Minimise).ok()?;
        model.try_set_option("threads", 1).ok()?;
        model.try_set_option("parallel", "off").ok()?;
        model.try_set_option("presolve", if self.region.cells.len() > LARGE { "on" } else { "off" }).ok()?;
        model.try_set_option("simplex_iteration_limit", self.steps_max).ok()?;
        if self.is_wide() && !whole {
            model.try_set_option("solver", "ipm").ok()?;
        }
        Some((model, handles))
    }

    fn witness(&self, columns: &[f64], amount: f64) -> Witness {
        let mut differences: Vec<(u32, f64)> = Vec::new();
        for (local, cell) in self.region.cells.iter().enumerate() {
            let difference = columns[2 * local] - columns[2 * local + 1];
            let difference = if self.ground.is_whole(*cell) { difference.round() } else { difference };
            differences.push((*cell, difference * self.scale));
        }
        Witness::without_dust(self.ground, differences, NEGLIGIBLE * amount)
    }
}

fn is_decided(solved: &SolvedModel) -> bool {
    matches!(solved.status(), HighsModelStatus::Optimal | HighsModelStatus::Infeasible)
}

/// Whether any of the numbers is not whole.
fn is_broken(numbers: &[f64]) -> bool {
    numbers.iter().any(|x| (x - x.round()).abs() > WHOLE_ENOUGH)
}
