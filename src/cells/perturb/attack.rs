//! The attack on perturbed values: how far every true value can lie, for who knows the method, every sum, and that units are whole.
//!
//! It asks for other tables of true values that could have been published the same way. Distances from the true table are its
//! variables, so that the true table is the origin and its sums need no right-hand side.

use highs::{Col, HighsModelStatus, HighsSolutionStatus, Model, RowProblem, Sense, Solution};

use super::Range;
use super::sums::Sums;

/// Nodes of a search through whole numbers; what was found by then is a table that is possible, so that nothing is overstated.
const NODES_MAX: i32 = 2_000;

/// The least and the greatest true value that nobody can rule out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    pub low: i128,
    /// `None` is without bound.
    pub high: Option<i128>,
}

/// How often many cells are moved at once, before they are moved one by one.
const SHAKES: usize = 12;

/// The interval of each of the cells.
pub fn intervals(sums: &Sums, ranges: &[Range], cells: &[usize]) -> Vec<Interval> {
    let mut attacker = Attacker::new(sums, ranges);
    cells.iter().map(|cell| attacker.interval(*cell)).collect()
}

/// For each cell an interval of the width beside it that holds nothing but what is possible, or else the whole interval.
///
/// That is as much as protection asks, and far less work: one possible table moves many cells.
pub fn intervals_of_width(sums: &Sums, ranges: &[Range], cells: &[(usize, i128)]) -> Vec<Interval> {
    let mut attacker = Attacker::new(sums, ranges);
    if sums.whole {
        attacker.shake(cells);
    }
    cells.iter().map(|(cell, width)| attacker.seen(*cell, *width).unwrap_or_else(|| attacker.interval(*cell))).collect()
}

struct Attacker<'a> {
    sums: &'a Sums,
    /// How far each value may lie below and above the true one, scaled.
    bounds: Vec<(f64, f64)>,
    /// What counts as 1: of numbers of units one unit.
    scale: f64,
    warm: Option<(Model, Vec<Col>)>,
    /// What the model was last asked for.
    aim: Vec<Aim>,
    /// The least and the greatest distance of every value in the possible tables that were found.
    seen: Vec<(i128, i128)>,
}

/// A cell, and the direction in which it is to lie far: 1 or −1.
type Aim = (usize, f64);

impl<'a> Attacker<'a> {
    fn new(sums: &'a Sums, ranges: &[Range]) -> Self {
        let widths = ranges.iter().filter_map(|range| Some(range.high? - range.low));
        let widest = widths.max().unwrap_or(1).max(1) as f64;
        let scale = if sums.whole { 1.0 } else { 2f64.powi((widest / 1e3).max(1.0).log2().floor() as i32) };
        let bound = |(value, range): (&i128, &Range)| {
            let above = range.high.map_or(f64::INFINITY, |high| (high - value) as f64 / scale);
            ((range.low - value) as f64 / scale, above)
        };
        let bounds = sums.values.iter().zip(ranges).map(bound).collect();
        Self { sums, bounds, scale, warm: None, aim: Vec::new(), seen: vec![(0, 0); sums.values.len()] }
    }

    /// What was found of a cell, if it is wide enough.
    fn seen(&self, cell: usize, width: i128) -> Option<Interval> {
        let (value, (least, most)) = (self.sums.values[cell], self.seen[cell]);
        (most - least >= width).then_some(Interval { low: value + least, high: Some(value + most) })
    }

    /// Moves all cells that are not wide enough yet at once, some up and some down, each time others.
    fn shake(&mut self, cells: &[(usize, i128)]) {
        for round in 0..SHAKES {
            let narrow = cells.iter().filter(|(cell, width)| self.seen(*cell, *width).is_none());
            let aims: Vec<Aim> = narrow.map(|(cell, _)| (*cell, direction(*cell, round))).collect();
            if aims.len() < 2 {
                return;
            }
            match self.solve(&aims) {
                Some((HighsModelStatus::Optimal, solution)) => {
                    let found = whole(&solution).filter(|distances| self.is_possible(distances)).or_else(|| self.search(&aims));
                    found.iter().for_each(|distances| self.note(distances));
                }
                _ => return,
            }
        }
    }

    fn note(&mut self, distances: &[i128]) {
        for ((least, most), distance) in self.seen.iter_mut().zip(distances) {
            (*least, *most) = ((*least).min(*distance), (*most).max(*distance));
        }
    }

    fn interval(&mut self, cell: usize) -> Interval {
        let value = self.sums.values[cell];
        let high = self.furthest(cell, 1.0).map(|distance| value + distance);
        Interval { low: value - self.furthest(cell, -1.0).unwrap_or(value), high }
    }

    /// The greatest distance in a direction that some possible table has; `None` is without bound.
    fn furthest(&mut self, cell: usize, sign: f64) -> Option<i128> {
        let (below, above) = self.bounds[cell];
        let far = if sign > 0.0 { above } else { -below };
        if far == 0.0 {
            return Some(0);
        }
        let Some((status, solution)) = self.solve(&[(cell, sign)]) else { return Some(0) };
        match status {
            HighsModelStatus::Unbounded | HighsModelStatus::UnboundedOrInfeasible => None,
            HighsModelStatus::Optimal if !self.sums.whole => Some((solution.columns()[cell] * sign * self.scale).round() as i128),
            HighsModelStatus::Optimal => Some(match whole(&solution) {
                Some(distances) if self.is_possible(&distances) => distances[cell] * sign as i128,
                _ => self.furthest_whole(cell, sign),
            }),
            _ => Some(self.furthest_whole(cell, sign)),
        }
    }

    /// Everything is asked of one model, which keeps what it found out.
    fn solve(&mut self, aims: &[Aim]) -> Option<(HighsModelStatus, Solution)> {
        let (mut model, columns) = match self.warm.take() {
            Some(warm) => warm,
            None => {
                let (problem, columns) = self.problem(None);
                (model(problem)?, columns)
            }
        };
        for (cell, _) in std::mem::replace(&mut self.aim, aims.to_vec()) {
            model.change_column_cost(columns[cell], 0.0);
        }
        for (cell, sign) in aims {
            model.change_column_cost(columns[*cell], -sign);
        }
        let solved = model.try_solve().ok()?;
        let answer = (solved.status(), solved.get_solution());
        if answer.0 == HighsModelStatus::Optimal {
            self.warm = Some((Model::from(solved), columns));
        } else {
            self.aim.clear();
        }
        Some(answer)
    }

    fn furthest_whole(&mut self, cell: usize, sign: f64) -> i128 {
        let found = self.search(&[(cell, sign)]);
        found.iter().for_each(|distances| self.note(distances));
        found.map_or(0, |distances| distances[cell] * sign as i128)
    }

    /// A possible table of whole numbers, as far as the search gets.
    fn search(&self, aims: &[Aim]) -> Option<Vec<i128>> {
        let (problem, _) = self.problem(Some(aims));
        let mut model = model(problem)?;
        model.try_set_option("presolve", "on").ok()?;
        model.try_set_option("mip_max_nodes", if aims.len() > 1 { 1 } else { NODES_MAX }).ok()?;
        let solved = model.try_solve().ok()?;
        let found = solved.primal_solution_status() == HighsSolutionStatus::Feasible;
        let distances: Vec<i128> = solved.get_solution().columns().iter().map(|x| x.round() as i128).collect();
        (found && self.is_possible(&distances)).then_some(distances)
    }

    /// Distances within their bounds that add up; with aims in whole numbers.
    fn problem(&self, aims: Option<&[Aim]>) -> (RowProblem, Vec<Col>) {
        let mut problem = RowProblem::default();
        let mut columns = Vec::with_capacity(self.bounds.len());
        let mut costs = vec![0.0; self.bounds.len()];
        aims.unwrap_or_default().iter().for_each(|(cell, sign)| costs[*cell] = -sign);
        for ((below, above), cost) in self.bounds.iter().zip(costs) {
            columns.push(match aims {
                Some(_) => problem.add_integer_column(cost, *below..=*above),
                None => problem.add_column(cost, *below..=*above),
            });
        }
        for relation in &self.sums.relations {
            let parts = relation.parts.iter().map(|part| (columns[*part], 1.0));
            problem.add_row(0.0..=0.0, parts.chain([(columns[relation.whole], -1.0)]).collect::<Vec<_>>());
        }
        (problem, columns)
    }

    fn is_possible(&self, distances: &[i128]) -> bool {
        let within = distances.iter().zip(&self.bounds).all(|(x, (below, above))| (*below..=*above).contains(&(*x as f64)));
        within && self.sums.is_additive(distances)
    }
}

/// Up or down, by turns that differ from cell to cell; the same in every run.
fn direction(cell: usize, round: usize) -> f64 {
    let mixed = (cell as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    let start = mixed >> (round / 2) & 1;
    if (start + round as u64).is_multiple_of(2) { 1.0 } else { -1.0 }
}

/// The distances when all are whole numbers.
fn whole(solution: &Solution) -> Option<Vec<i128>> {
    let whole = solution.columns().iter().all(|x| (x - x.round()).abs() < 1e-6);
    whole.then(|| solution.columns().iter().map(|x| x.round() as i128).collect())
}

fn model(problem: RowProblem) -> Option<Model> {
    let mut model = problem.try_optimise(Sense::Minimise).ok()?;
    model.try_set_option("threads", 1).ok()?;
    model.try_set_option("parallel", "off").ok()?;
    model.try_set_option("presolve", "off").ok()?;
    Some(model)
}
