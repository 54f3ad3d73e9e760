//! The attacker's linear programs: how far a hidden set can lie from its true value, when everything published holds.

use highs::{Col, HighsModelStatus, HighsSolutionStatus, Model, RowProblem, Sense};

use super::Uncertainty;
use super::view::{Target, View};

/// How far the programs look, in steps of the scale; beyond it a value counts as unbounded.
const FAR: f64 = 1e6;
/// Nodes of a whole-number program; a limit on time would make the verdict depend on the machine.
const NODES_MAX: i32 = 2_000;
/// Part of a level that numerical error may take.
const SLACK: f64 = 1e-6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Knowledge {
    Values,
    ValuesAndRules,
}

pub(super) struct Attacker<'a> {
    view: &'a View,
    knowledge: Knowledge,
    scale: f64,
    ready: Option<Ready>,
    /// Tables that agree with everything published, as differences from the true one.
    found: Vec<Vec<f64>>,
    pub programs: usize,
}

/// A model with its objective and the columns held fixed.
struct Ready {
    model: Model,
    columns: Vec<Col>,
    objective: Vec<u32>,
    fixed: Vec<u32>,
}

impl<'a> Attacker<'a> {
    pub fn new(view: &'a View, knowledge: Knowledge) -> Self {
        Self { view, knowledge, scale: 0.0, ready: None, found: Vec::new(), programs: 0 }
    }

    /// The exact interval of a withheld cell.
    pub fn interval(&mut self, target: &Target) -> Uncertainty {
        let level = target.level.unwrap_or_default();
        let high = self.furthest(target, 1, level.upper, &[]);
        let low = self.furthest(target, -1, level.lower, &[]);
        let end = |distance: Option<f64>, sign: i128| distance.map(|distance| target.value + sign * distance.floor() as i128);
        Uncertainty { level, low: end(low, -1), high: end(high, 1), exact: true }
    }

    /// Follows each side only until the level is met, by tables that are already there where that is enough.
    pub fn as_far_as_the_level(&mut self, target: &Target) -> Uncertainty {
        let level = target.level.unwrap_or_default();
        let mut reach = |sign: f64, wanted: i128| match self.seen(target, sign, &[]) {
            seen if seen >= wanted as f64 => Some(seen),
            _ => self.furthest(target, sign as i32, wanted, &[]),
        };
        let (high, low) = (reach(1.0, level.upper), reach(-1.0, level.lower));
        let end = |distance: Option<f64>, sign: i128| distance.map(|distance| target.value + sign * distance.floor() as i128);
        Uncertainty { level, low: end(low, -1), high: end(high, 1), exact: false }
    }

    /// Whether an attacker who knows these columns too cannot exclude a value that far off.
    pub fn can_exceed(&mut self, target: &Target, sign: i32, wanted: i128, knows: &[u32]) -> bool {
        self.seen(target, f64::from(sign), knows) >= wanted as f64
            || self.furthest(target, sign, wanted, knows).is_none_or(|reached| reached >= wanted as f64)
    }

    /// Whether more than one number of units is possible.
    pub fn leaves_a_choice(&mut self, target: &Target) -> bool {
        [1, -1].into_iter().any(|sign| self.can_exceed(target, sign, 1, &[]))
    }

    /// The furthest among the tables found so far that leave the known columns as they are.
    fn seen(&self, target: &Target, sign: f64, knows: &[u32]) -> f64 {
        let usable = self.found.iter().filter(|table| knows.iter().all(|column| table[*column as usize] == 0.0));
        let distance = |table: &Vec<f64>| sign * target.columns.iter().map(|column| table[*column as usize]).sum::<f64>();
        usable.map(distance).fold(0.0, f64::max)
    }

    /// The greatest distance from the true value, reported as the wanted one when it is that up to numerical error;
    /// `None` when it is without bound.
    fn furthest(&mut self, target: &Target, sign: i32, wanted: i128, knows: &[u32]) -> Option<f64> {
        self.rescale(target, wanted);
        let Some(table) = self.solve(target, sign, knows) else { return Some(0.0) };
        let reached = f64::from(sign) * target.columns.iter().map(|column| table[*column as usize]).sum::<f64>();
        if reached >= FAR / 2.0 * self.scale {
            return None;
        }
        if !self.view.whole {
            self.found.push(table);
            let close = reached < wanted as f64 && reached >= wanted as f64 * (1.0 - SLACK);
            return Some(if close { wanted as f64 } else { reached.max(0.0) });
        }
        if table.iter().all(|x| (x - x.round()).abs() < SLACK) {
            self.found.push(table.iter().map(|x| x.round()).collect());
            return Some(reached.round());
        }
        // The end of the interval of fractions need not be reached by whole numbers.
        let limit = (reached + SLACK).floor();
        if limit < wanted as f64 { Some(limit) } else { Some(self.furthest_whole(target, sign, knows).min(limit)) }
    }

    fn rescale(&mut self, target: &Target, wanted: i128) {
        let size = if wanted > 0 { wanted } else { (target.value.abs() / 8).max(1) };
        let power = if self.view.whole { 0 } else { (127 - size.leading_zeros() as i32) / 8 * 8 };
        if self.scale != 2f64.powi(power) {
            (self.scale, self.ready) = (2f64.powi(power), None);
        }
    }

    fn solve(&mut self, target: &Target, sign: i32, knows: &[u32]) -> Option<Vec<f64>> {
        let Ready { mut model, columns, objective, fixed } = match self.ready.take() {
            Some(ready) => ready,
            None => self.fresh(false)?,
        };
        for column in objective.iter().filter(|column| !target.columns.contains(column)) {
            model.change_column_cost(columns[*column as usize], 0.0);
        }
        for column in &target.columns {
            model.change_column_cost(columns[*column as usize], f64::from(-sign));
        }
        if fixed != knows {
            for column in &fixed {
                let (low, high) = self.reach(*column);
                model.change_column_bounds(columns[*column as usize], low..=high);
            }
            for column in knows {
                model.change_column_bounds(columns[*column as usize], 0.0..=0.0);
            }
        }
        self.programs += 1;
        let solved = model.try_solve().ok()?;
        if solved.status() != HighsModelStatus::Optimal {
            return None;
        }
        let solution = solved.get_solution();
        let table = (0..).zip(solution.columns()).map(|(at, x)| if knows.contains(&at) { 0.0 } else { x * self.scale }).collect();
        self.ready = Some(Ready { model: solved.into(), columns, objective: target.columns.clone(), fixed: knows.to_vec() });
        Some(table)
    }

    /// The furthest whole table found; a lower bound when the search is cut off, which errs on the side of a finding.
    fn furthest_whole(&mut self, target: &Target, sign: i32, knows: &[u32]) -> f64 {
        self.programs += 1;
        let attempt = || -> Option<Vec<f64>> {
            let Ready { mut model, columns, .. } = self.fresh(true)?;
            for column in &target.columns {
                model.change_column_cost(columns[*column as usize], f64::from(-sign));
            }
            for column in knows {
                model.change_column_bounds(columns[*column as usize], 0.0..=0.0);
            }
            model.try_set_option("presolve", "on").ok()?;
            model.try_set_option("mip_max_nodes", NODES_MAX).ok()?;
            let solved = model.try_solve().ok()?;
            let feasible = solved.primal_solution_status() == HighsSolutionStatus::Feasible;
            feasible.then(|| solved.get_solution().columns().iter().map(|x| x.round()).collect())
        };
        let Some(table) = attempt() else { return 0.0 };
        let reached = f64::from(sign) * target.columns.iter().map(|column| table[*column as usize]).sum::<f64>();
        self.found.push(table);
        reached.max(0.0)
    }

    /// Least and greatest difference of a column, scaled.
    fn reach(&self, column: u32) -> (f64, f64) {
        let below = if self.view.nonnegative { self.view.values[column as usize] as f64 / self.scale } else { FAR };
        (-below.min(FAR), FAR)
    }

    fn fresh(&self, whole: bool) -> Option<Ready> {
        let mut problem = RowProblem::default();
        let columns: Vec<Col> = (0..self.view.values.len() as u32)
            .map(|column| {
                let (low, high) = self.reach(column);
                if whole { problem.add_integer_column(0.0, low..=high) } else { problem.add_column(0.0, low..=high) }
            })
            .collect();
        let terms = |set: &[u32]| set.iter().map(|column| (columns[*column as usize], 1.0)).collect::<Vec<_>>();
        for (_, set) in &self.view.shown {
            problem.add_row(0.0..=0.0, terms(set));
        }
        for target in self.view.targets.iter().filter(|_| self.knowledge == Knowledge::ValuesAndRules) {
            if let Some((least, most)) = target.bounds {
                let above = most.map_or(f64::INFINITY, |most| (most - target.value) as f64);
                problem.add_row((least - target.value) as f64..=above, terms(&target.columns));
            }
        }
        let mut model = problem.try_optimise(Sense::Minimise).ok()?;
        model.try_set_option("threads", 1).ok()?;
        model.try_set_option("parallel", "off").ok()?;
        model.try_set_option("presolve", "off").ok()?;
        Some(Ready { model, columns, objective: Vec::new(), fixed: Vec::new() })
    }
}
