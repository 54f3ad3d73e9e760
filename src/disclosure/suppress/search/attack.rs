//! The attacker's program over a whole system: how far a cell can move when every other may move by a part of its room. Its duals say
//! which cells would have to be withheld for it to move further: a cut.

use highs::{Col, HighsModelStatus, Model, RowProblem, Sense};

use super::claims::{Claim, Side};
use super::ground::Ground;
use crate::disclosure::problem::{Fate, Witness};

/// Room of a withheld cell without bound, in multiples of what is asked.
const FAR: f64 = 1e4;
/// Part of its room that a shown cell gets while a cut is sought, so that the cut is a small one.
const LURE: f64 = 1e-3;
/// A coefficient below this is none.
const NOTHING: f64 = 1e-7;

/// A claim, as it stands against everybody or against one contributor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scenario {
    pub claim: usize,
    pub against: Option<u32>,
    pub amount: f64,
}

/// Cells of which enough must be withheld: the sum of their coefficients is at least 1.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    pub terms: Vec<(u32, f64)>,
    pub least: f64,
}

/// A witness that the scenario holds, or a cut that the choice violates where one is found.
pub(super) type Examined = Result<Witness, Option<Cut>>;

/// A program as it stands: its columns, their bounds and the column that is followed.
type Warm = (Model, Vec<Col>, Vec<(f64, f64)>, usize);

pub(super) struct Attack<'a, 'g> {
    ground: &'a Ground<'g>,
    claims: &'a [Claim],
    /// Cells that can differ.
    cells: Vec<u32>,
    at: Vec<u32>,
    warm: Option<Warm>,
    pub solved: usize,
}

/// How many of the cells may move: fully or by parts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Withheld cells move freely, shown ones not at all.
    Whole,
    /// A part of a cell gives a part of its room; a room without bound is what is asked.
    Parts,
}

impl<'a, 'g> Attack<'a, 'g> {
    pub fn new(ground: &'a Ground<'g>, claims: &'a [Claim]) -> Self {
        let hidden = ground.hidden();
        let cells: Vec<u32> = (0..ground.problem.cells.len() as u32).filter(|cell| ground.may_move(*cell, &hidden)).collect();
        let mut at = vec![u32::MAX; ground.problem.cells.len()];
        cells.iter().zip(0..).for_each(|(cell, local)| at[*cell as usize] = local);
        Self { ground, claims, cells, at, warm: None, solved: 0 }
    }

    /// A cut that `shown` violates, or a witness when there is none. `part` says for every cell how much of it is withheld.
    pub fn examine(&mut self, scenario: &Scenario, part: &[f64], extent: Extent) -> Examined {
        let claim = &self.claims[scenario.claim];
        let target = self.at[claim.cell as usize] as usize;
        let rooms: Vec<(f64, f64)> = self.cells.iter().map(|cell| self.room(*cell, scenario, extent)).collect();
        let lure = if extent == Extent::Whole { 0.0 } else { LURE };
        let mut bounds: Vec<(f64, f64)> = self
            .cells
            .iter()
            .zip(&rooms)
            .map(|(cell, (down, up))| {
                let cell = *cell as usize;
                let width = self.ground.problem.cells[cell].half_width as f64 / scenario.amount;
                let part = if part[cell] > 0.0 { part[cell] } else { lure };
                (-(down * part).max(width.min(*down)), (up * part).max(width.min(*up)))
            })
            .collect();
        match claim.side {
            Side::Up => bounds[target] = (0.0, rooms[target].1.min(1.0)),
            Side::Down => bounds[target] = (-rooms[target].0.min(1.0), 0.0),
        }
        let (values, duals) = self.solve(&bounds, target, claim.side).ok_or(None)?;
        if values[target].abs() >= 1.0 - 1e-7 {
            return Ok(self.witness(&values, scenario.amount));
        }
        Err(self.cut(scenario, &rooms, &values, &duals, target, part))
    }

    /// Down and up, in multiples of what is asked.
    fn room(&self, at: u32, scenario: &Scenario, extent: Extent) -> (f64, f64) {
        let cell = &self.ground.problem.cells[at as usize];
        let claim = &self.claims[scenario.claim];
        if claim.known.contains(&at) {
            return (0.0, 0.0);
        }
        let (mut down, up) = (self.ground.down[at as usize], self.ground.up[at as usize]);
        if let Some(contributor) = scenario.against {
            if cell.owner() == Some(contributor) {
                return (0.0, 0.0);
            }
            down = down.min((cell.value - cell.share_of(contributor)) as f64);
        }
        let far = if extent == Extent::Whole || !self.ground.is_free(at) { FAR } else { 1.0 };
        ((down / scenario.amount).min(far).max(0.0), (up / scenario.amount).min(far))
    }

    fn solve(&mut self, bounds: &[(f64, f64)], target: usize, side: Side) -> Option<(Vec<f64>, Vec<f64>)> {
        self.solved += 1;
        let sign = side.sign();
        let (mut model, handles) = match self.warm.take() {
            Some((mut model, handles, standing, before)) => {
                for ((handle, before), now) in handles.iter().zip(&standing).zip(bounds) {
                    if before != now {
                        model.change_column_bounds(*handle, now.0..=now.1);
                    }
                }
                model.change_column_cost(handles[before], 0.0);
                (model, handles)
            }
            None => self.fresh(bounds)?,
        };
        model.change_column_cost(handles[target], -sign);
        let solved = model.try_solve().ok()?;
        if solved.status() != HighsModelStatus::Optimal {
            return None;
        }
        let solution = solved.get_solution();
        let answer = (solution.columns().to_vec(), solution.dual_columns().to_vec());
        self.warm = Some((Model::from(solved), handles, bounds.to_vec(), target));
        Some(answer)
    }

    fn fresh(&self, bounds: &[(f64, f64)]) -> Option<(Model, Vec<Col>)> {
        let mut problem = RowProblem::default();
        let handles: Vec<Col> = bounds.iter().map(|(low, high)| problem.add_column(0.0, *low..=*high)).collect();
        for equation in &self.ground.problem.equations {
            let inside = equation.terms.iter().filter(|(cell, _)| self.at[*cell as usize] != u32::MAX);
            let terms: Vec<(Col, f64)> =
                inside.map(|(cell, factor)| (handles[self.at[*cell as usize] as usize], *factor)).collect();
            if !terms.is_empty() {
                problem.add_row(equation.low..=equation.high, terms);
            }
        }
        let mut model = problem.try_optimise(Sense::Minimise).ok()?;
        model.try_set_option("threads", 1).ok()?;
        model.try_set_option("parallel", "off").ok()?;
        model.try_set_option("presolve", "off").ok()?;
        Some((model, handles))
    }

    fn witness(&self, values: &[f64], amount: f64) -> Witness {
        let differs = |(cell, value): (&u32, &f64)| (value.abs() > super::region::NEGLIGIBLE).then(|| (*cell, value * amount));
        Witness { differences: self.cells.iter().zip(values).filter_map(differs).collect() }
    }

    /// What a cell can add to the way of the target, times whether it is withheld, must come to all that is asked.
    fn cut(
        &self,
        scenario: &Scenario,
        rooms: &[(f64, f64)],
        values: &[f64],
        duals: &[f64],
        target: usize,
        part: &[f64],
    ) -> Option<Cut> {
        // What sums that are not exact give by themselves is the part of the way that no cell gives.
        let by_cells: f64 = (0..values.len()).filter(|local| *local != target).map(|local| -duals[local] * values[local]).sum();
        let (mut terms, mut least, mut now) = (Vec::new(), 1.0 - (values[target].abs() - by_cells).max(0.0), 0.0);
        for (local, cell) in self.cells.iter().enumerate().filter(|(local, _)| *local != target) {
            let (dual, room) = (duals[local], rooms[local]);
            let coefficient = match () {
                () if dual.abs() < NOTHING => continue,
                () if dual > 0.0 => (dual * room.0).min(1.0),
                () if self.ground.up[*cell as usize].is_infinite() && room.1 > 0.0 => 1.0,
                () => (-dual * room.1).min(1.0),
            };
            if coefficient < NOTHING {
                continue;
            }
            // A rounded cell gives a little even when it is shown.
            let known = &self.ground.problem.cells[*cell as usize];
            least -= (dual.abs() * known.half_width as f64 / scenario.amount).min(1.0);
            match known.fate {
                Fate::Shown => {}
                Fate::Free => {
                    now += coefficient * part[*cell as usize];
                    terms.push((*cell, coefficient));
                }
                Fate::Hidden => least -= coefficient,
            }
        }
        (now < least - 1e-6).then_some(Cut { terms, least })
    }
}
