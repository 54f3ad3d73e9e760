//! The attacker's program in the region around a claim: how far its cell can move when every other may move by a part of its room. Its
//! duals say which cells, in the region and around it, would have to be withheld for it to move further: a cut.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use highs::{Col, HighsModelStatus, RowProblem, Sense};

use super::claims::{Claim, Side};
use super::ground::Ground;
use super::program::NEGLIGIBLE;
use super::region::{Region, State};
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
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cut {
    pub terms: Vec<(u32, f64)>,
    pub least: f64,
}

/// A witness that the scenario holds, or a cut that the choice violates where one is found.
pub(super) type Examined = Result<Witness, Option<Cut>>;

pub(super) struct Attack<'a, 'g> {
    ground: &'a Ground<'g>,
    claims: &'a [Claim],
    /// Cells that can differ.
    cells: Vec<u32>,
    at: HashMap<u32, u32>,
    /// Equations with at least one of the cells.
    rows: Vec<u32>,
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
    /// Over the region: what is outside differs by nothing, and stands in the cuts all the same.
    fn within(ground: &'a Ground<'g>, claims: &'a [Claim], region: Region) -> Self {
        Self { ground, claims, cells: region.cells, at: region.at, rows: region.equations }
    }

    /// A cut that `shown` violates, or a witness when there is none. `part` says for every cell how much of it is withheld.
    fn follow(&self, scenario: &Scenario, part: &[f64], extent: Extent) -> Examined {
        let claim = &self.claims[scenario.claim];
        let Some(target) = self.at.get(&claim.cell).map(|at| *at as usize) else { return Err(None) };
        let rooms: Vec<(f64, f64)> = self.cells.iter().map(|cell| self.room(*cell, scenario, extent)).collect();
        let lure = if extent == Extent::Whole { 0.0 } else { LURE };
        let mut bounds: Vec<(f64, f64)> = self
            .cells
            .iter()
            .zip(&rooms)
            .map(|(cell, (down, up))| {
                let cell = *cell as usize;
                let width = self.ground.half_width(cell as u32) / scenario.amount;
                let part = if part[cell] > 0.0 { part[cell] } else { lure };
                (-(down * part).max(width.min(*down)), (up * part).max(width.min(*up)))
            })
            .collect();
        match claim.side {
            Side::Up => bounds[target] = (0.0, rooms[target].1.min(1.0)),
            Side::Down => bounds[target] = (-rooms[target].0.min(1.0), 0.0),
        }
        let (values, duals, prices) = self.solve(&bounds, target, claim.side).ok_or(None)?;
        if values[target].abs() >= 1.0 - 1e-7 {
            return Ok(self.witness(&values, scenario.amount));
        }
        Err(self.cut(scenario, &self.slopes(&rooms, &duals, &prices, scenario, extent), &values, &duals, target, part))
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

    /// Values and duals of the columns, and duals of the rows, when the target goes as far as it can.
    fn solve(&self, bounds: &[(f64, f64)], target: usize, side: Side) -> Option<(Vec<f64>, Vec<f64>, Vec<f64>)> {
        let mut problem = RowProblem::default();
        let column = |(at, (low, high)): (usize, &(f64, f64))| {
            problem.add_column(if at == target { -side.sign() } else { 0.0 }, *low..=*high)
        };
        let handles: Vec<Col> = bounds.iter().enumerate().map(column).collect();
        for row in &self.rows {
            let equation = &self.ground.problem.equations[*row as usize];
            let inside = |(cell, factor): &(u32, f64)| self.at.get(cell).map(|at| (handles[*at as usize], *factor));
            let terms: Vec<(Col, f64)> = equation.terms.iter().filter_map(inside).collect();
            problem.add_row(equation.low..=equation.high, terms);
        }
        let mut model = problem.try_optimise(Sense::Minimise).ok()?;
        model.try_set_option("threads", 1).ok()?;
        model.try_set_option("parallel", "off").ok()?;
        model.try_set_option("presolve", "off").ok()?;
        let solved = model.try_solve().ok()?;
        let solution = (solved.status() == HighsModelStatus::Optimal).then(|| solved.get_solution())?;
        Some((solution.columns().to_vec(), solution.dual_columns().to_vec(), solution.dual_rows().to_vec()))
    }

    fn witness(&self, values: &[f64], amount: f64) -> Witness {
        let differences = self.cells.iter().zip(values).map(|(cell, value)| (*cell, value * amount)).collect();
        Witness::without_dust(self.ground, differences, NEGLIGIBLE * amount)
    }

    /// For every cell, inside and around, how far the target goes for each step of it, and its room.
    fn slopes(&self, rooms: &[(f64, f64)], duals: &[f64], prices: &[f64], scenario: &Scenario, extent: Extent) -> Vec<Slope> {
        let inside =
            self.cells.iter().zip(duals).zip(rooms).map(|((cell, dual), room)| Slope { cell: *cell, dual: *dual, room: *room });
        let mut slopes: Vec<Slope> = inside.collect();
        let mut around: BTreeMap<u32, f64> = BTreeMap::new();
        for (row, price) in self.rows.iter().zip(prices).filter(|(_, price)| price.abs() > NOTHING * NOTHING) {
            for (cell, factor) in &self.ground.problem.equations[*row as usize].terms {
                if !self.at.contains_key(cell) {
                    *around.entry(*cell).or_default() -= price * factor;
                }
            }
        }
        let outside = around.into_iter().map(|(cell, dual)| Slope { cell, dual, room: self.room(cell, scenario, extent) });
        slopes.extend(outside);
        slopes
    }

    /// What a cell can add to the way of the target, times whether it is withheld, must come to all that is asked.
    fn cut(
        &self,
        scenario: &Scenario,
        slopes: &[Slope],
        values: &[f64],
        duals: &[f64],
        target: usize,
        part: &[f64],
    ) -> Option<Cut> {
        // What sums that are not exact give by themselves is the part of the way that no cell gives.
        let by_cells: f64 = (0..values.len()).filter(|local| *local != target).map(|local| -duals[local] * values[local]).sum();
        let (mut terms, mut least, mut now) = (Vec::new(), 1.0 - (values[target].abs() - by_cells).max(0.0), 0.0);
        for slope in slopes.iter().filter(|slope| slope.cell != self.cells[target]) {
            let (dual, room) = (slope.dual, slope.room);
            let coefficient = match () {
                () if dual.abs() < NOTHING => continue,
                () if dual > 0.0 => (dual * room.0).min(1.0),
                () if self.ground.up[slope.cell as usize].is_infinite() && room.1 > 0.0 => 1.0,
                () => (-dual * room.1).min(1.0),
            };
            if coefficient < NOTHING {
                continue;
            }
            // A rounded cell gives a little even when it is shown.
            least -= (dual.abs() * self.ground.half_width(slope.cell) / scenario.amount).min(1.0);
            match self.ground.fate(slope.cell) {
                Fate::Shown => {}
                Fate::Free => {
                    now += coefficient * part[slope.cell as usize];
                    terms.push((slope.cell, coefficient));
                }
                Fate::Hidden => least -= coefficient,
            }
        }
        (now < least - 1e-6).then_some(Cut { terms, least })
    }
}

/// How far the target goes for each step of a cell, and how far that can step.
struct Slope {
    cell: u32,
    dual: f64,
    room: (f64, f64),
}

/// Cells of the first region that is attacked; where it decides nothing the region grows.
const LOCAL: usize = 40;
const GROWTH: usize = 4;

/// Attacks in growing regions around the claim: a witness of a region is one of the whole, and so is a cut. Also the programs solved.
pub(super) fn examine(
    ground: &Ground<'_>,
    claims: &[Claim],
    scenario: &Scenario,
    part: &[f64],
    price: &[f64],
    extent: Extent,
) -> (Examined, usize) {
    let withheld: Vec<bool> = part.iter().map(|part| *part >= 1.0).collect();
    let (mut size, mut solved) = (LOCAL, 0);
    loop {
        let state = State { withheld: &withheld, price };
        let region = Region::grow(ground, state, &[claims[scenario.claim].cell], size);
        let answer = Attack::within(ground, claims, region).follow(scenario, part, extent);
        solved += 1;
        if answer != Err(None) || size >= ground.problem.cells.len() {
            return (answer, solved);
        }
        size *= GROWTH;
    }
}
