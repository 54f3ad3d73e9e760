//! The master chooses cells at least cost so that every cut found so far holds: by parts for a bound, or whole for a pattern.

use highs::{Col, HighsModelStatus, HighsSolutionStatus, Model, RowProblem, Sense};

use super::attack::Cut;
use super::claims::{Claim, inside, remaining};
use super::ground::Ground;
use crate::disclosure::problem::{Equation, Fate};

/// Cuts that are added to a program as it stands; with more it is built anew, since every single addition goes through all of it.
const ADDED_MAX: usize = 300;

pub(super) struct Master<'a, 'g> {
    ground: &'a Ground<'g>,
    cells: Vec<u32>,
    at: Vec<u32>,
    pub cuts: Vec<Cut>,
    /// Cells that no pattern cheaper than the best known one withholds.
    ruled_out: Vec<bool>,
    scale: f64,
    warm: Option<(Model, Vec<Col>, usize)>,
}

/// How much of every cell is withheld, and what no choice goes below.
pub(super) struct Choice {
    pub part: Vec<f64>,
    pub bound: f64,
}

impl<'a, 'g> Master<'a, 'g> {
    pub fn new(ground: &'a Ground<'g>) -> Self {
        let cells: Vec<u32> = (0..ground.problem.cells.len() as u32).filter(|cell| ground.is_free(*cell)).collect();
        let mut at = vec![u32::MAX; ground.problem.cells.len()];
        cells.iter().zip(0..).for_each(|(cell, local)| at[*cell as usize] = local);
        let scale = cells.iter().map(|cell| ground.cost(*cell)).fold(0.0, f64::max) / 1e4;
        let ruled_out = vec![false; cells.len()];
        Self { ground, cells, at, cuts: ties(ground), ruled_out, scale: scale.max(1e-9), warm: None }
    }

    /// A cell that is alone in a sum with shown cells protects nothing.
    pub fn add_bridges(&mut self) {
        let hidden = self.ground.hidden();
        for equation in &self.ground.problem.equations {
            let movable: Vec<u32> =
                equation.terms.iter().map(|(cell, _)| *cell).filter(|cell| self.ground.may_move(*cell, &hidden)).collect();
            if movable.iter().any(|cell| hidden[*cell as usize] || self.is_rounded(*cell)) || !equation.is_exact() {
                continue;
            }
            for cell in &movable {
                let others = movable.iter().filter(|other| *other != cell).map(|other| (*other, 1.0));
                self.cuts.push(Cut { terms: others.chain([(*cell, -1.0)]).collect(), least: 0.0 });
            }
        }
    }

    /// A cell that differs a little even when it is shown.
    fn is_rounded(&self, cell: u32) -> bool {
        self.ground.problem.cells[cell as usize].half_width > 0
    }

    /// The same, but only where the choice breaks it. Returns the number of cuts added.
    pub fn add_broken_bridges(&mut self, choice: &Choice) -> usize {
        let loose = |cell: u32| self.ground.fate(cell) == Fate::Hidden || self.is_rounded(cell);
        let mut cuts = Vec::new();
        for cell in self.cells.iter().filter(|cell| choice.part[**cell as usize] > 1e-3) {
            for equation in &self.ground.equations_of[*cell as usize] {
                let equation = &self.ground.problem.equations[*equation as usize];
                let others = equation.terms.iter().map(|(other, _)| *other).filter(|other| other != cell);
                let given: f64 = others.clone().map(|other| choice.part[other as usize]).sum();
                if given < choice.part[*cell as usize] - 1e-3 && equation.is_exact() && !others.clone().any(loose) {
                    let others = others.filter(|other| self.ground.is_free(*other)).map(|other| (other, 1.0));
                    cuts.push(Cut { terms: others.chain([(*cell, -1.0)]).collect(), least: 0.0 });
                }
            }
        }
        let count = cuts.len();
        self.cuts.extend(cuts);
        count
    }

    /// In every sum with the cell of a claim, the other cells must have room for it; without those of a contributor who owns some of them,
    /// too.
    pub fn add_local(&mut self, claims: &[Claim]) {
        for claim in claims.iter().filter(|claim| !claim.rules) {
            for equation in &self.ground.equations_of[claim.cell as usize] {
                let equation = &self.ground.problem.equations[*equation as usize];
                let mut owners: Vec<Option<u32>> = vec![None];
                if inside(self.ground.attackers) {
                    let hidden = equation
                        .terms
                        .iter()
                        .map(|(cell, _)| &self.ground.problem.cells[*cell as usize])
                        .filter(|cell| cell.fate == Fate::Hidden);
                    owners.extend(
                        hidden
                            .filter_map(|cell| cell.owner())
                            .filter(|owner| Some(*owner) != self.ground.exempt(claim.cell))
                            .map(Some),
                    );
                    owners.sort_unstable();
                    owners.dedup();
                }
                let cuts: Vec<Cut> = owners.into_iter().filter_map(|owner| local(self.ground, claim, equation, owner)).collect();
                self.cuts.extend(cuts);
            }
        }
    }

    fn terms(&self, cut: &Cut, handles: &[Col]) -> Vec<(Col, f64)> {
        cut.terms.iter().map(|(cell, factor)| (handles[self.at[*cell as usize] as usize], *factor)).collect()
    }

    /// The least cost when parts of cells may be withheld, with the reduced cost of every cell.
    pub fn relaxed(&mut self) -> Option<(Choice, Vec<f64>)> {
        let few = |(_, _, known): &(Model, Vec<Col>, usize)| self.cuts.len() - known < ADDED_MAX;
        let (mut model, handles, known) = match self.warm.take().filter(few) {
            Some(warm) => warm,
            None => self.model(false)?,
        };
        for cut in &self.cuts[known..] {
            model.try_add_row(cut.least.., self.terms(cut, &handles)).ok()?;
        }
        let solved = model.try_solve().ok()?;
        if solved.status() != HighsModelStatus::Optimal {
            return None;
        }
        let solution = solved.get_solution();
        let bound = solved.objective_value() * self.scale;
        let choice = Choice { part: self.spread(solution.columns()), bound };
        let reduced = solution.dual_columns().iter().map(|cost| cost * self.scale).collect();
        self.warm = Some((Model::from(solved), handles, self.cuts.len()));
        Some((choice, reduced))
    }

    /// Rules cells out whose reduced cost would bring the cost to that of the best pattern.
    pub fn rule_out(&mut self, choice: &Choice, reduced: &[f64], best: f64) -> usize {
        let mut count = 0;
        for (local, cell) in self.cells.iter().enumerate() {
            if !self.ruled_out[local] && choice.part[*cell as usize] < 1e-9 && choice.bound + reduced[local] > best * (1.0 + 1e-9)
            {
                self.ruled_out[local] = true;
                count += 1;
            }
        }
        if count > 0 {
            self.warm = None;
        }
        count
    }

    /// The least cost in whole cells, or the best found in the time. The solver begins from nothing: given a pattern to begin with, it has
    /// been seen to report a cost below that of the choice it returns.
    pub fn whole(&mut self, gap: f64, seconds_max: f64, nodes_max: Option<i32>) -> Option<Choice> {
        let (mut model, _, _) = self.model(true)?;
        model.try_set_option("presolve", "on").ok()?;
        model.try_set_option("mip_rel_gap", gap).ok()?;
        model.try_set_option("time_limit", seconds_max.max(0.1)).ok()?;
        if let Some(nodes) = nodes_max {
            model.try_set_option("mip_max_nodes", nodes).ok()?;
        }
        let solved = model.try_solve().ok()?;
        if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
            return None;
        }
        let bound = solved.double_info_value(c"mip_dual_bound").ok().unwrap_or(0.0) * self.scale;
        let solution = solved.get_solution();
        let whole: Vec<f64> = solution.columns().iter().map(|part| part.round()).collect();
        Some(Choice { part: self.spread(&whole), bound })
    }

    fn model(&self, whole: bool) -> Option<(Model, Vec<Col>, usize)> {
        let mut problem = RowProblem::default();
        let column = |(cell, ruled_out): (&u32, &bool)| {
            let (cost, high) = (self.ground.cost(*cell) / self.scale, if *ruled_out { 0.0 } else { 1.0 });
            if whole { problem.add_integer_column(cost, 0.0..=high) } else { problem.add_column(cost, 0.0..=high) }
        };
        let handles: Vec<Col> = self.cells.iter().zip(&self.ruled_out).map(column).collect();
        for cut in &self.cuts {
            problem.add_row(cut.least.., self.terms(cut, &handles));
        }
        let mut model = problem.try_optimise(Sense::Minimise).ok()?;
        model.try_set_option("threads", 1).ok()?;
        model.try_set_option("parallel", "off").ok()?;
        Some((model, handles, self.cuts.len()))
    }

    /// By cell; a hidden cell is withheld whole.
    fn spread(&self, columns: &[f64]) -> Vec<f64> {
        let mut part: Vec<f64> = self.ground.hidden().into_iter().map(|hidden| f64::from(u8::from(hidden))).collect();
        self.cells.iter().zip(columns).for_each(|(cell, value)| part[*cell as usize] = value.clamp(0.0, 1.0));
        part
    }
}

/// A cell is withheld no more than what it is tied to.
fn ties(ground: &Ground<'_>) -> Vec<Cut> {
    let cut = |cell: u32, tied: u32| Cut { terms: vec![(tied, 1.0), (cell, -1.0)], least: 0.0 };
    let of = |cell: u32| ground.decided(cell).filter(move |tied| *tied != cell).map(move |tied| cut(cell, tied));
    ground.problem.tied.keys().flat_map(|cell| of(*cell)).collect()
}

/// The cut of one sum; `None` when the cells that are hidden anyway have room enough.
fn local(ground: &Ground<'_>, claim: &Claim, equation: &Equation, against: Option<u32>) -> Option<Cut> {
    let own = equation.terms.iter().find(|(cell, _)| *cell == claim.cell)?.1 * claim.side.sign();
    let amount = against.map_or(claim.amount, |contributor| remaining(ground, claim, contributor));
    if amount <= 0.0 || !equation.is_exact() {
        return None;
    }
    let (mut terms, mut least) = (Vec::new(), 1.0);
    for (cell, factor) in equation.terms.iter().filter(|(cell, _)| *cell != claim.cell) {
        let known = &ground.problem.cells[*cell as usize];
        if known.half_width > 0 {
            return None;
        }
        let owned = against.is_some_and(|contributor| known.owner() == Some(contributor));
        if claim.known.contains(cell) || owned || (!ground.is_free(*cell) && known.fate == Fate::Shown) {
            continue;
        }
        let room = if own * factor > 0.0 { ground.down[*cell as usize] } else { ground.up[*cell as usize] };
        let part = (room * factor.abs() / (amount * own.abs())).min(1.0);
        match ground.is_free(*cell) {
            true if part > 0.0 => terms.push((*cell, part)),
            true => {}
            false => least -= part,
        }
    }
    (least > 0.0).then_some(Cut { terms, least })
}
