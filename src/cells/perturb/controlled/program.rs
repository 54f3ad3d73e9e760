//! The whole-number program of one block: how many multiples of the base stand for each value.

use std::collections::BTreeMap;

use highs::{Col, HighsModelStatus, HighsSolutionStatus, RowProblem, Sense};

use crate::cells::perturb::sums::Sums;

/// Nodes of the search before it ends with what it has; a limit on time would make results depend on the machine.
const NODES_MAX: i32 = 20_000;

pub struct Program<'a> {
    sums: &'a Sums,
    base: i128,
    relations: Vec<usize>,
    /// Values that the block rounds.
    cells: Vec<usize>,
    /// The multiple of the base of every value that another block has rounded.
    fixed: BTreeMap<usize, i128>,
}

pub struct Answer {
    /// One per cell of the program.
    pub multiples: Vec<i128>,
    /// How many multiples a value could move.
    pub steps: i128,
    /// No other table of the kind has a smaller distance.
    pub proven: bool,
}

impl<'a> Program<'a> {
    pub fn new(sums: &'a Sums, base: i128, relations: &[usize], rounded: &[Option<i128>]) -> Self {
        let mut cells: Vec<usize> = Vec::new();
        let mut fixed = BTreeMap::new();
        for at in relations {
            let relation = &sums.relations[*at];
            for cell in relation.parts.iter().chain([&relation.whole]) {
                match rounded[*cell] {
                    Some(value) => drop(fixed.insert(*cell, value / base)),
                    None => cells.push(*cell),
                }
            }
        }
        cells.sort_unstable();
        cells.dedup();
        Self { sums, base, relations: relations.to_vec(), cells, fixed }
    }

    pub fn cells(&self) -> &[usize] {
        &self.cells
    }

    /// The nearest table when every value may move `steps` multiples; `None` when there is none.
    pub fn solve(&self, steps: i128) -> Option<Answer> {
        let mut model = self.problem(steps).try_optimise(Sense::Minimise).ok()?;
        model.try_set_option("threads", 1).ok()?;
        model.try_set_option("parallel", "off").ok()?;
        model.try_set_option("mip_max_nodes", NODES_MAX).ok()?;
        model.try_set_option("mip_rel_gap", 0.0).ok()?;
        model.try_set_option("mip_abs_gap", 0.0).ok()?;
        let solved = model.try_solve().ok()?;
        if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
            return None;
        }
        let proven = solved.status() == HighsModelStatus::Optimal;
        let solution = solved.get_solution();
        let moved = solution.columns().iter().take(self.cells.len()).map(|moved| moved.round() as i128);
        let multiples: Vec<i128> = self.cells.iter().zip(moved).map(|(cell, moved)| self.floor(*cell) + moved).collect();
        self.adds_up(&multiples).then_some(Answer { multiples, steps, proven })
    }

    fn floor(&self, cell: usize) -> i128 {
        self.sums.values[cell].div_euclid(self.base)
    }

    /// How far a value lies above the multiple below it.
    fn rest(&self, cell: usize) -> i128 {
        self.sums.values[cell].rem_euclid(self.base)
    }

    /// Multiples above that below the value: least and most.
    fn span(&self, cell: usize, steps: i128) -> (i128, i128) {
        let most = if self.rest(cell) == 0 { steps - 1 } else { steps };
        ((1 - steps).max(-self.floor(cell)), most)
    }

    fn problem(&self, steps: i128) -> RowProblem {
        let mut problem = RowProblem::default();
        let mut columns: BTreeMap<usize, Col> = BTreeMap::new();
        for cell in &self.cells {
            let (low, high) = self.span(*cell, steps);
            let cost = if steps == 1 { self.cost_up(*cell) } else { 0.0 };
            columns.insert(*cell, problem.add_integer_column(cost, low as f64..=high as f64));
        }
        if steps > 1 {
            self.add_distances(&mut problem, &columns);
        }
        for at in &self.relations {
            self.add_sum(&mut problem, &columns, *at);
        }
        problem
    }

    /// What the multiple above costs more than the multiple below.
    fn cost_up(&self, cell: usize) -> f64 {
        (self.base - 2 * self.rest(cell)) as f64 / self.base as f64
    }

    /// A column at least as large as the distance, on either side.
    fn add_distances(&self, problem: &mut RowProblem, columns: &BTreeMap<usize, Col>) {
        for (cell, column) in columns {
            let part = self.rest(*cell) as f64 / self.base as f64;
            let distance = problem.add_column(1.0, 0.0..);
            problem.add_row(-part.., [(distance, 1.0), (*column, -1.0)]);
            problem.add_row(part.., [(distance, 1.0), (*column, 1.0)]);
        }
    }

    /// The multiples of the parts add up to that of the total.
    fn add_sum(&self, problem: &mut RowProblem, columns: &BTreeMap<usize, Col>, at: usize) {
        let relation = &self.sums.relations[at];
        let mut terms = Vec::with_capacity(relation.parts.len() + 1);
        let mut constant = 0;
        for (cell, sign) in relation.parts.iter().map(|part| (*part, 1)).chain([(relation.whole, -1)]) {
            match self.fixed.get(&cell) {
                Some(multiple) => constant += sign * multiple,
                None => {
                    constant += sign * self.floor(cell);
                    terms.push((columns[&cell], sign as f64));
                }
            }
        }
        let wanted = -constant as f64;
        problem.add_row(wanted..=wanted, terms);
    }

    fn adds_up(&self, multiples: &[i128]) -> bool {
        let of: BTreeMap<usize, i128> =
            self.cells.iter().copied().zip(multiples.iter().copied()).chain(self.fixed.clone()).collect();
        self.relations.iter().all(|at| {
            let relation = &self.sums.relations[*at];
            of[&relation.whole] == relation.parts.iter().map(|part| of[part]).sum::<i128>()
        })
    }
}
