//! Linear programs for the ends of an interval: around the cell first, then over everything that hangs together with it.

use std::collections::{BTreeSet, VecDeque};

use hashbrown::HashMap;
use highs::{Col, HighsModelStatus, HighsSolutionStatus, Model, RowProblem, Sense};

use super::Ends;
use super::stand::{SLACK, Side, Stand};
use crate::disclosure::problem::Demand;

/// Unknown cells of the first part, and by how much it grows.
const PART: usize = 400;
const GROWTH: usize = 6;
/// How far a cell is followed, in multiples of the level; beyond that it counts as unbounded.
const FAR: f64 = 1e6;
/// Nodes of a program in whole numbers; cut off, it errs on the side of a finding.
const NODES_MAX: i32 = 5_000;

pub(super) struct Reach<'s, 'a> {
    stand: &'s Stand<'a>,
    pub programs: usize,
}

impl<'s, 'a> Reach<'s, 'a> {
    pub fn new(stand: &'s Stand<'a>) -> Self {
        Self { stand, programs: 0 }
    }

    /// How far the cell can be from its true value, in the eyes of a reader or of a contributor.
    pub fn furthest(&mut self, demand: &Demand, side: Side, level: f64, knower: Option<u32>, ends: Ends) -> f64 {
        self.search(demand, side, level, knower, ends).0
    }

    /// A table that has the cell as far away as the level, as differences.
    pub fn table(&mut self, demand: &Demand, side: Side, level: f64, ends: Ends) -> Option<Vec<(u32, f64)>> {
        let (distance, table) = self.search(demand, side, level, None, ends);
        (distance >= level * (1.0 - SLACK)).then_some(table)
    }

    fn search(&mut self, demand: &Demand, side: Side, level: f64, knower: Option<u32>, ends: Ends) -> (f64, Vec<(u32, f64)>) {
        let mut size = if ends == Ends::Exact { usize::MAX } else { PART };
        loop {
            let part = Part::around(self.stand, demand.cell, size);
            let all = part.cells.len() < size;
            let (distance, table) = self.solve(&part, demand, side, level, knower, ends);
            if all || distance >= level * (1.0 - SLACK) {
                return (distance, table);
            }
            size = size.saturating_mul(GROWTH);
        }
    }

    fn solve(
        &mut self,
        part: &Part,
        demand: &Demand,
        side: Side,
        level: f64,
        knower: Option<u32>,
        ends: Ends,
    ) -> (f64, Vec<(u32, f64)>) {
        let scale = if self.stand.problem.whole { 1.0 } else { level.max(1.0) };
        let goal = match ends {
            Ends::Exact => FAR,
            Ends::AsFarAsLevel if self.stand.problem.whole => level.ceil(),
            Ends::AsFarAsLevel => level / scale,
        };
        let nothing = (0.0, Vec::new());
        let answer = self.program(part, demand, side, scale, goal, knower, false);
        let Some(values) = answer else { return nothing };
        let at = part.at[&demand.cell] as usize;
        let broken = |values: &[f64]| values.iter().any(|x| (x - x.round()).abs() > SLACK);
        let values = match self.stand.problem.whole && broken(&values) {
            true => match self.program(part, demand, side, scale, goal.min(level.max(1.0)), knower, true) {
                Some(whole) => whole.into_iter().map(f64::round).collect(),
                None => return nothing,
            },
            false => values,
        };
        let distance = (values[at] * side.sign()).max(0.0);
        let table =
            part.cells.iter().zip(&values).filter(|(_, x)| x.abs() > SLACK * 1e-3).map(|(cell, x)| (*cell, x * scale)).collect();
        (if distance >= FAR * 0.999 { f64::INFINITY } else { distance * scale }, table)
    }

    /// The furthest table, as multiples of the scale by cell of the part.
    #[allow(clippy::too_many_arguments, reason = "a program is described by what the attacker is after and what it knows")]
    fn program(
        &mut self,
        part: &Part,
        demand: &Demand,
        side: Side,
        scale: f64,
        goal: f64,
        knower: Option<u32>,
        whole: bool,
    ) -> Option<Vec<f64>> {
        self.programs += 1;
        let mut problem = RowProblem::default();
        let columns: Vec<Col> = part
            .cells
            .iter()
            .map(|cell| {
                let (mut below, mut above) = self.stand.room(*cell, knower);
                if demand.known.contains(cell) {
                    (below, above) = (0.0, 0.0);
                }
                let (mut low, mut high) = (-(below / scale).min(FAR), (above / scale).min(FAR));
                let mut cost = 0.0;
                if *cell == demand.cell {
                    (low, high) = if side == Side::Above { (0.0, high.min(goal)) } else { (low.max(-goal), 0.0) };
                    cost = -side.sign();
                }
                if whole { problem.add_integer_column(cost, low..=high) } else { problem.add_column(cost, low..=high) }
            })
            .collect();
        for at in &part.equations {
            let equation = &self.stand.problem.equations[*at as usize];
            let terms: Vec<(Col, f64)> = equation
                .terms
                .iter()
                .filter_map(|(cell, factor)| Some((columns[*part.at.get(cell)? as usize], *factor)))
                .collect();
            problem.add_row(equation.low / scale..=equation.high / scale, terms);
        }
        let mut model = single(problem)?;
        model.try_set_option("mip_max_nodes", NODES_MAX).ok()?;
        let solved = model.try_solve().ok()?;
        let usable = match whole {
            true => solved.primal_solution_status() == HighsSolutionStatus::Feasible,
            false => solved.status() == HighsModelStatus::Optimal,
        };
        usable.then(|| solved.get_solution().columns().to_vec())
    }
}

/// A program that stays on the thread that solves it.
fn single(problem: RowProblem) -> Option<Model> {
    let mut model = problem.try_optimise(Sense::Minimise).ok()?;
    model.try_set_option("threads", 1).ok()?;
    model.try_set_option("parallel", "off").ok()?;
    Some(model)
}

/// Unknown cells that hang together, the nearest first.
struct Part {
    cells: Vec<u32>,
    equations: Vec<u32>,
    at: HashMap<u32, u32>,
}

impl Part {
    fn around(stand: &Stand<'_>, seed: u32, size: usize) -> Self {
        let mut part = Self { cells: Vec::new(), equations: Vec::new(), at: HashMap::new() };
        let mut touched: BTreeSet<u32> = BTreeSet::new();
        let mut queue = VecDeque::from([seed]);
        part.at.insert(seed, 0);
        while let Some(cell) = queue.pop_front() {
            part.cells.push(cell);
            for at in &stand.equations_of[cell as usize] {
                if !touched.insert(*at) {
                    continue;
                }
                for (other, _) in &stand.problem.equations[*at as usize].terms {
                    if part.at.len() < size && stand.is_unknown(*other) && !part.at.contains_key(other) {
                        part.at.insert(*other, part.at.len() as u32);
                        queue.push_back(*other);
                    }
                }
            }
        }
        part.equations = touched.into_iter().collect();
        part
    }
}
