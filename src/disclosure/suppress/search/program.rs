//! The linear program of a region: the cheapest witness in it, kept warm from claim to claim.

use std::cell::OnceCell;

use highs::{Col, HighsModelStatus, HighsSolutionStatus, Model, RowProblem, Sense, SolvedModel};

use super::allowance::Allowance;
use super::bounds;
use super::claims::{Claim, Side};
use super::ground::{Ground, number};
use super::motion::Motions;
use super::region::{Region, State};
use super::room::{Room, Variable};
use crate::disclosure::problem::{Equation, Witness};

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
    /// Two variables for each, up and down.
    motions: OnceCell<Motions>,
    warm: Option<(Model, Vec<Col>, Vec<Variable>)>,
    scale: f64,
    steps_max: i32,
    is_full: bool,
    pub solved: usize,
}

/// What is asked of a program.
struct Asked<'a> {
    claim: &'a Claim,
    amount: f64,
    state: State<'a>,
    limits: &'a Limits,
}

/// A witness with the cost of what must be withheld for it.
pub(super) struct Found {
    pub witness: Witness,
    pub cost: f64,
}

impl<'a, 'g> Programs<'a, 'g> {
    pub fn new(ground: &'a Ground<'g>, region: &'a Region, allowance: Allowance) -> Self {
        let steps_max = i32::try_from(allowance.steps(region.equations.len())).unwrap_or(i32::MAX);
        Self {
            ground,
            region,
            motions: OnceCell::new(),
            warm: None,
            scale: 0.0,
            steps_max,
            is_full: allowance.is_full,
            solved: 0,
        }
    }

    /// The cheapest witness that moves the claim's cell by `amount`; `None` when the region has none.
    pub fn cheapest(&mut self, claim: &Claim, amount: f64, state: State<'_>, limits: &Limits) -> Option<Found> {
        let wanted = self.prepared(&Asked { claim, amount, state, limits })?;
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

    fn motions(&self) -> &Motions {
        self.motions.get_or_init(|| Motions::of(self.ground, self.region))
    }

    /// Whether single equations leave it possible that there is a witness.
    pub fn may_find(&mut self, claim: &Claim, amount: f64, state: State<'_>, limits: &Limits) -> bool {
        self.prepared(&Asked { claim, amount, state, limits }).is_some()
    }

    /// The variables of the program; `None` where single equations tell that it has no solution.
    fn prepared(&mut self, asked: &Asked<'_>) -> Option<Vec<Variable>> {
        let target = *self.region.at.get(&asked.claim.cell)? as usize;
        self.rescale(asked.claim, asked.amount);
        let (motion, by) = self.motions().of[target]?;
        let amount = asked.amount / self.scale;
        let mut wanted = self.wanted(asked);
        let is_up = (by > 0.0) == (asked.claim.side == Side::Up);
        let (forced, other) = (2 * motion as usize + usize::from(!is_up), 2 * motion as usize + usize::from(is_up));
        if wanted[forced].high < amount * (1.0 - 1e-12) {
            return None;
        }
        wanted[forced].low = amount.min(wanted[forced].high);
        wanted[other].high = 0.0;
        let bounds = wanted.chunks(2).map(|pair| [pair[0].low - pair[1].high, pair[0].high - pair[1].low]).collect();
        (!bounds::contradict(&self.motions().equations, bounds, self.scale, amount)).then_some(wanted)
    }

    /// The variables of all motions.
    fn wanted(&self, asked: &Asked<'_>) -> Vec<Variable> {
        let (motions, single) = (self.motions(), self.has_single_variables(asked.claim, asked.state));
        let mut rooms = vec![Room::ANY; motions.count];
        for (cell, of) in self.region.cells.iter().zip(&motions.of) {
            if let Some((motion, by)) = of {
                let room = self.room(*cell, asked, single);
                let room = if *by > 0.0 { room } else { room.turned() };
                rooms[*motion as usize] = rooms[*motion as usize].with(room);
            }
        }
        rooms.into_iter().flat_map(Room::variables).collect()
    }

    /// Whether one variable does for both ways of what is withheld, which then differs at no price: what counts is what must be withheld for a
    /// witness, and a program takes fewer steps. Where little is withheld, and for whole numbers, witnesses are better kept small.
    fn has_single_variables(&self, claim: &Claim, state: State<'_>) -> bool {
        let withheld = self.region.cells.iter().filter(|cell| state.withheld[**cell as usize]).count();
        withheld > SPARING_MAX && !self.ground.is_whole(claim.cell)
    }

    /// How far a cell may move, and at what cost.
    fn room(&self, at: u32, asked: &Asked<'_>, single: bool) -> Room {
        let Asked { claim, amount, state, limits } = *asked;
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
            return Room::NONE;
        }
        if limits.unseen_by_all || !limits.unseen_by.is_empty() {
            let known =
                cell.shares.iter().filter(|share| counts(&share.contributor)).map(|share| share.amount).max().unwrap_or(0);
            down = down.min(number(cell.value - known));
        }
        let far = |bound: f64| bound.min(FAR * amount).max(0.0) / self.scale;
        let is_owned = cell.owner().is_some_and(|owner| Some(owner) != exempt);
        if single && hidden && !is_owned && at != claim.cell {
            return Room { up: far(up), down: far(down), ..Room::NONE };
        }
        let price = if hidden { 0.0 } else { self.ground.price(at, state.withheld, state.price) / self.ground.cost_unit };
        let move_cost = if is_owned { OWNED } else { SPARING };
        let cost = |bound: f64| move_cost + price / (bound.min(amount) / self.scale).max(1e-9);
        Room { up: far(up), down: far(down), cost_up: cost(up), cost_down: cost(down), single: false }
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
        let (mut wanted, of_columns) = (wanted.to_vec(), self.of_columns());
        for _ in 0..DIVE_MAX {
            let off = |at: &usize| (broken[*at] - broken[*at].round()).abs();
            let open = (0..broken.len()).filter(|at| off(at) > WHOLE_ENOUGH && of_columns[*at]);
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

    /// For every variable whether it is one of a column.
    fn of_columns(&self) -> Vec<bool> {
        let mut of_columns = vec![false; 2 * self.motions().count];
        for (cell, of) in self.region.cells.iter().zip(&self.motions().of) {
            if let Some((motion, _)) = of.filter(|_| self.ground.problem.columns.contains(cell)) {
                of_columns[2 * motion as usize..][..2].fill(true);
            }
        }
        of_columns
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
        let (all, of_columns) = (self.ground.problem.columns.is_empty(), self.of_columns());
        let column = |(at, variable): (usize, &Variable)| {
            let bounds = variable.low..=variable.high;
            if whole && (all || of_columns[at]) {
                problem.add_integer_column(variable.cost, bounds)
            } else {
                problem.add_column(variable.cost, bounds)
            }
        };
        let handles: Vec<Col> = wanted.iter().enumerate().map(column).collect();
        for Equation { terms, low, high } in &self.motions().equations {
            let both = |(motion, factor): &(u32, f64)| {
                [(handles[2 * *motion as usize], *factor), (handles[2 * *motion as usize + 1], -*factor)]
            };
            problem.add_row(low / self.scale..=high / self.scale, terms.iter().flat_map(both));
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
        for (cell, of) in self.region.cells.iter().zip(&self.motions().of) {
            let Some((motion, by)) = of else { continue };
            let difference = by * (columns[2 * *motion as usize] - columns[2 * *motion as usize + 1]);
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
