//! The linear programs: the cheapest cells to withhold so that a wanted table becomes possible.

use highs::{Col, HighsModelStatus, Model, RowProblem, Sense, Solution};

use super::obligation::{Obligation, Side, Witness};
use super::system::System;

/// Nodes of a whole-number program before it is given up; a limit on time would make results depend on the machine.
const NODES_MAX: i32 = 400;

/// Broken differences are often halves or thirds: so many times the whole table is whole, and may still be possible.
const MULTIPLES: [f64; 5] = [1.0, 2.0, 3.0, 4.0, 6.0];
/// Cost of moving a column: little beside that of a cell, but it keeps the tables sparse, and sparse ones are seldom broken.
const SPARING: f64 = 1e-3;
/// How far a column may move, scaled: far beyond any level, so that it decides nothing; it keeps the numbers of a program small.
const FAR: f64 = 1e7;
/// Columns that are fixed one after the other before a dive is given up.
const DIVE_MAX: usize = 60;
/// Columns of a system in which a cell is not kept withheld before a search through whole numbers has failed.
const EXHAUSTIVE_MAX: usize = 300;

/// One model per system: for every column and every row its difference from the true value, up and down.
pub(super) struct Solver<'a> {
    system: &'a System,
    /// The model, and the variables as they stand in it.
    warm: Option<Warm>,
    /// What counts as 1 in the model, so that levels of very different size are solved to the same precision.
    scale: f64,
    pub programs: usize,
}

struct Warm {
    model: Model,
    handles: Vec<Col>,
    standing: Vec<Variable>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Variable {
    cost: f64,
    low: f64,
    high: f64,
}

/// A way from bounds to a whole solution with its cost.
type Search<'a> = fn(&mut Solver<'a>, &[Variable]) -> Option<(f64, Solution)>;

/// What may be withheld beyond what is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    Allowed,
    Refused,
}

impl<'a> Solver<'a> {
    pub fn new(system: &'a System) -> Self {
        Self { system, warm: None, scale: 0.0, programs: 0 }
    }

    /// The cheapest witness; `None` when there is none, or none was found.
    pub fn cheapest(&mut self, obligation: &Obligation, withheld: &[bool], more: More) -> Option<Witness> {
        let sides: &[Side] = match obligation.side {
            Side::Either => &[Side::Up, Side::Down],
            Side::Up => &[Side::Up],
            Side::Down => &[Side::Down],
        };
        let found = sides.iter().filter_map(|side| self.one_sided(obligation, *side, withheld, more));
        let best = found.min_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(best.1)
    }

    fn one_sided(&mut self, obligation: &Obligation, side: Side, withheld: &[bool], more: More) -> Option<(f64, Witness)> {
        self.rescale(obligation.target);
        let wanted = self.variables(obligation, side, withheld, more);
        let (cost, solution) = self.solve(&wanted)?;
        if !self.system.whole {
            return Some((cost, self.witness(&solution, obligation, self.scale)));
        }
        let usable = |witness: &Witness| witness.is_sound(self.system) && self.keeps(witness, &wanted);
        let multiples = MULTIPLES.iter().map(|factor| self.witness(&solution, obligation, *factor));
        if let Some(witness) = multiples.into_iter().find(usable) {
            return Some((cost, witness));
        }
        let large = self.system.values.len() > EXHAUSTIVE_MAX && more == More::Refused;
        let attempts: &[Search<'a>] = if large { &[Self::dive] } else { &[Self::dive, Self::solve_whole] };
        attempts.iter().find_map(|attempt| {
            let (cost, solution) = attempt(self, &wanted)?;
            let witness = self.witness(&solution, obligation, 1.0);
            (witness.is_sound(self.system) && self.keeps(&witness, &wanted)).then_some((cost, witness))
        })
    }

    /// Whether every row of a whole witness lies within its bounds, so that rounding has moved none.
    fn keeps(&self, witness: &Witness, wanted: &[Variable]) -> bool {
        let (columns, rows) = (self.system.values.len(), self.system.rows.len());
        witness.rows.iter().enumerate().all(|(at, difference)| {
            let (up, down) = (wanted[2 * columns + at], wanted[2 * columns + rows + at]);
            (up.low - down.high..=up.high - down.low).contains(difference)
        })
    }

    /// Fixes one broken column after the other to a whole number, the least broken first.
    fn dive(&mut self, wanted: &[Variable]) -> Option<(f64, Solution)> {
        let mut wanted = wanted.to_vec();
        let mut answer = self.solve(&wanted)?;
        for _ in 0..DIVE_MAX {
            let columns = &answer.1.columns()[..2 * self.system.values.len()];
            let broken = columns.iter().map(|x| (x - x.round()).abs()).enumerate().filter(|(_, off)| *off > 1e-6);
            let Some((at, _)) = broken.min_by(|a, b| a.1.total_cmp(&b.1)) else { return Some(answer) };
            let value = columns[at];
            let near = value.round();
            let far = if near > value { value.floor() } else { value.ceil() };
            answer = [near, far].into_iter().find_map(|whole| {
                wanted[at] = Variable { cost: 0.0, low: whole, high: whole };
                self.solve(&wanted)
            })?;
        }
        None
    }

    fn rescale(&mut self, target: i128) {
        let power = if self.system.whole { 0 } else { (127 - target.leading_zeros() as i32) / 8 * 8 };
        let scale = 2f64.powi(power);
        if scale != self.scale {
            (self.scale, self.warm) = (scale, None);
        }
    }

    fn witness(&self, solution: &Solution, obligation: &Obligation, factor: f64) -> Witness {
        let known = obligation.insider.and_then(|row| self.system.rows[row].insider.as_deref()).unwrap_or_default();
        let (up, down) = solution.columns().split_at(self.system.values.len());
        let exact = |(at, (up, down)): (usize, (&f64, &f64))| match self.system.whole {
            _ if known.binary_search(&(at as u32)).is_ok() => 0.0,
            true => repair((up - down) * factor),
            false => (up - down) * factor,
        };
        let columns = up.iter().zip(down).enumerate().map(exact).collect();
        Witness::new(self.system, columns, self.scale * 1e-6)
    }

    /// Costs and bounds: the columns up, the columns down, the rows up, the rows down.
    fn variables(&self, obligation: &Obligation, side: Side, withheld: &[bool], more: More) -> Vec<Variable> {
        let free = Variable { cost: 0.0, low: 0.0, high: f64::INFINITY };
        let fixed = Variable { cost: 0.0, low: 0.0, high: 0.0 };
        let ups = self.system.values.iter().map(|_| Variable { cost: SPARING, low: 0.0, high: FAR });
        let mut all: Vec<Variable> = ups.chain(self.system.values.iter().map(|value| self.down(*value))).collect();
        for column in obligation.insider.and_then(|row| self.system.rows[row].insider.as_ref()).into_iter().flatten() {
            all[*column as usize] = fixed;
            all[*column as usize + self.system.values.len()] = fixed;
        }
        let (mut ups, mut downs) = (Vec::new(), Vec::new());
        for row in &self.system.rows {
            let open = row.is_open(withheld);
            let price: f64 = row.cells.iter().zip(&row.costs).filter(|(cell, _)| !withheld[**cell]).map(|(_, cost)| cost).sum();
            let either = if open || more == More::Allowed { Variable { cost: price, ..free } } else { fixed };
            let (mut up, mut down) = (either, either);
            if obligation.rules_known && !row.cells.is_empty() {
                let (low, high) = row.bounds();
                down.high = down.high.min(-low as f64);
                up.high = up.high.min(high.filter(|_| open).map_or(f64::INFINITY, |high| high as f64));
            }
            ups.push(up);
            downs.push(down);
        }
        let (forced, other) = if side == Side::Up { (&mut ups, &mut downs) } else { (&mut downs, &mut ups) };
        forced[obligation.row].low = obligation.target as f64 / self.scale;
        other[obligation.row].high = 0.0;
        all.extend(ups);
        all.extend(downs);
        all
    }

    fn down(&self, value: i128) -> Variable {
        let far = if self.system.nonnegative { (value as f64 / self.scale).min(FAR) } else { FAR };
        Variable { cost: SPARING, low: 0.0, high: far }
    }

    fn solve(&mut self, wanted: &[Variable]) -> Option<(f64, Solution)> {
        if wanted.iter().any(|variable| variable.low > variable.high) {
            return None;
        }
        self.programs += 1;
        let (model, handles) = match self.warm.take() {
            Some(mut warm) => {
                warm.change(wanted);
                (warm.model, warm.handles)
            }
            None => {
                let (problem, handles) = self.problem(wanted, false);
                (model(problem)?, handles)
            }
        };
        let solved = model.try_solve().ok()?;
        let status = solved.status();
        let answer = (status == HighsModelStatus::Optimal).then(|| (solved.objective_value(), solved.get_solution()));
        if matches!(status, HighsModelStatus::Optimal | HighsModelStatus::Infeasible) {
            self.warm = Some(Warm { model: Model::from(solved), handles, standing: wanted.to_vec() });
        }
        answer
    }

    fn solve_whole(&mut self, wanted: &[Variable]) -> Option<(f64, Solution)> {
        self.programs += 1;
        let mut model = model(self.problem(wanted, true).0)?;
        model.try_set_option("presolve", "on").ok()?;
        model.try_set_option("mip_max_nodes", NODES_MAX).ok()?;
        model.try_set_option("mip_rel_gap", 0.02).ok()?;
        let solved = model.try_solve().ok()?;
        let found = solved.primal_solution_status() == highs::HighsSolutionStatus::Feasible;
        found.then(|| (solved.objective_value(), solved.get_solution()))
    }

    fn problem(&self, wanted: &[Variable], whole: bool) -> (RowProblem, Vec<Col>) {
        let columns = self.system.values.len();
        let mut problem = RowProblem::default();
        let mut handles = Vec::with_capacity(wanted.len());
        for (at, variable) in wanted.iter().enumerate() {
            let bounds = variable.low..=variable.high;
            handles.push(match whole && at < 2 * columns {
                true => problem.add_integer_column(variable.cost, bounds),
                false => problem.add_column(variable.cost, bounds),
            });
        }
        for (at, row) in self.system.rows.iter().enumerate() {
            let (up, down) = (handles[2 * columns + at], handles[2 * columns + self.system.rows.len() + at]);
            let both = |column: &u32| [(handles[*column as usize], 1.0), (handles[columns + *column as usize], -1.0)];
            let sum = row.columns.iter().flat_map(both);
            let terms: Vec<(Col, f64)> = sum.chain([(up, -1.0), (down, 1.0)]).collect();
            problem.add_row(0.0..=0.0, terms);
        }
        (problem, handles)
    }
}

fn model(problem: RowProblem) -> Option<Model> {
    let mut model = problem.try_optimise(Sense::Minimise).ok()?;
    model.try_set_option("threads", 1).ok()?;
    model.try_set_option("parallel", "off").ok()?;
    model.try_set_option("presolve", "off").ok()?;
    Some(model)
}

impl Warm {
    fn change(&mut self, wanted: &[Variable]) {
        for ((handle, before), now) in self.handles.iter().zip(&self.standing).zip(wanted) {
            if before.cost != now.cost {
                self.model.change_column_cost(*handle, now.cost);
            }
            if (before.low, before.high) != (now.low, now.high) {
                self.model.change_column_bounds(*handle, now.low..=now.high);
            }
        }
    }
}

/// A whole number up to numerical error; otherwise as it is.
fn repair(x: f64) -> f64 {
    if (x - x.round()).abs() < 1e-5 { x.round() } else { x }
}
