//! The attacker that tries every table: innermost cells one after the other, as long as every cell stays where it is known to be.

use sluis::disclosure::problem::{Attackers, Demand};

use super::small::{POOL, Small};

/// A greatest value for cells without one: more than any table here can hold.
const PLENTY: i64 = 10_000;

/// Who sees everything that is not withheld.
#[derive(Clone, Copy)]
pub struct Attacker<'a> {
    pub small: &'a Small,
    pub withheld: &'a [bool],
    /// The contributor that it is.
    pub contributor: Option<u32>,
    /// Cells that it knows beside.
    pub known: &'a [u32],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Above,
    Below,
}

pub const SIDES: [Side; 2] = [Side::Above, Side::Below];

impl Attacker<'_> {
    /// Least and greatest value that it deems possible.
    fn bounds(&self, at: usize) -> (i64, i64) {
        let cell = &self.small.problem.cells[at];
        let value = cell.value as i64;
        let own = self.contributor.and_then(|who| self.small.given[at].get(&who)).copied().unwrap_or(0) as i64;
        let alone = own > 0 && self.small.given[at].len() == 1;
        if alone || self.known.contains(&(at as u32)) {
            return (value, value);
        }
        let (mut low, mut high) = (cell.least.map_or(-PLENTY, |least| least as i64).max(own), PLENTY);
        high = cell.most.map_or(high, |most| most as i64);
        if !self.withheld[at] {
            (low, high) = (low.max(value - cell.half_width as i64), high.min(value + cell.half_width as i64));
        }
        (low, high)
    }

    /// Whether a table exists that has the cell at least that far from its value.
    pub fn can_be(&self, cell: usize, side: Side, distance: i64) -> bool {
        let mut bounds: Vec<(i64, i64)> = (0..self.withheld.len()).map(|at| self.bounds(at)).collect();
        let value = self.small.problem.cells[cell].value as i64;
        match side {
            Side::Above => bounds[cell].0 = bounds[cell].0.max(value + distance),
            Side::Below => bounds[cell].1 = bounds[cell].1.min(value - distance),
        }
        Trial::new(self.small, bounds).is_some_and(|mut trial| trial.go(0))
    }

    /// How far the cell can be from its value.
    pub fn furthest(&self, cell: usize, side: Side) -> i64 {
        (1..).find(|distance| !self.can_be(cell, side, *distance)).unwrap() - 1
    }
}

/// A table that is being filled in.
struct Trial {
    /// For every innermost cell the values to try, those near the true one first.
    values: Vec<Vec<i64>>,
    /// For every innermost cell the cells that it is in and that bound something.
    inside: Vec<Vec<usize>>,
    bounds: Vec<(i64, i64)>,
    sums: Vec<i64>,
    /// For every cell what the innermost cells from a place onwards add at least and at most.
    left: Vec<Vec<(i64, i64)>>,
}

impl Trial {
    /// `None` when no table is possible at first sight.
    fn new(small: &Small, mut bounds: Vec<(i64, i64)>) -> Option<Self> {
        let least: Vec<i64> = small.innermost.iter().map(|at| bounds[*at].0).collect();
        let mut inside = vec![Vec::new(); least.len()];
        for (cell, members) in small.members.iter().enumerate() {
            let (sum, most): (i64, i64) = (members.iter().map(|at| least[*at]).sum(), bounds[cell].1);
            for at in members {
                inside[*at].push(cell);
                let own = &mut bounds[small.innermost[*at]];
                own.1 = own.1.min(most - (sum - least[*at]));
            }
        }
        let ends: Vec<(i64, i64)> = small.innermost.iter().map(|at| bounds[*at]).collect();
        if ends.iter().any(|(low, high)| low > high) {
            return None;
        }
        let from = |members: &Vec<usize>, start: usize| {
            members.iter().filter(|at| **at >= start).fold((0, 0), |(low, high), at| (low + ends[*at].0, high + ends[*at].1))
        };
        let left = small.members.iter().map(|members| (0..=ends.len()).map(|start| from(members, start)).collect()).collect();
        let values = small.innermost.iter().zip(&ends).map(|(at, ends)| nearest(small.problem.cells[*at].value as i64, *ends));
        Some(Self { values: values.collect(), inside, sums: vec![0; bounds.len()], bounds, left })
    }

    fn go(&mut self, at: usize) -> bool {
        if at == self.values.len() {
            return true;
        }
        for next in 0..self.values[at].len() {
            let value = self.values[at][next];
            let fits = self.inside[at].iter().all(|cell| {
                let (sum, (low, high)) = (self.sums[*cell] + value, self.left[*cell][at + 1]);
                sum + low <= self.bounds[*cell].1 && sum + high >= self.bounds[*cell].0
            });
            if !fits {
                continue;
            }
            (0..self.inside[at].len()).for_each(|one| self.sums[self.inside[at][one]] += value);
            if self.go(at + 1) {
                return true;
            }
            (0..self.inside[at].len()).for_each(|one| self.sums[self.inside[at][one]] -= value);
        }
        false
    }
}

fn nearest(value: i64, (low, high): (i64, i64)) -> Vec<i64> {
    let mut values: Vec<i64> = (low..=high).collect();
    values.sort_by_key(|one| (one - value).abs());
    values
}

/// What a demand asks on a side, never more than there is.
pub fn level(small: &Small, demand: &Demand, side: Side) -> i64 {
    let cell = &small.problem.cells[demand.cell as usize];
    let room = cell.least.map_or(i128::MAX, |least| cell.value - least);
    match side {
        Side::Above => demand.level.upper as i64,
        Side::Below => demand.level.lower.min(room) as i64,
    }
}

/// What is left of a level towards a contributor: for the largest of the cell the part of the others, and below never more than they have.
fn level_towards(small: &Small, demand: &Demand, side: Side, contributor: u32) -> i64 {
    let cell = &small.problem.cells[demand.cell as usize];
    let own = small.given[demand.cell as usize].get(&contributor).copied().unwrap_or(0);
    let others = (cell.value - own) as i64;
    let mut asked = level(small, demand, side);
    if cell.shares.first().is_some_and(|share| share.contributor == contributor) {
        let value = cell.value as i64;
        asked = (asked * others + value - 1) / value;
    }
    if side == Side::Below { asked.min(others) } else { asked }
}

/// Demands that somebody breaks, by their place.
pub fn broken(small: &Small, withheld: &[bool], attackers: Attackers) -> Vec<usize> {
    let inside = if attackers == Attackers::Contributors { POOL } else { 0 };
    let breaks = |demand: &Demand, contributor: Option<u32>| {
        let attacker = Attacker { small, withheld, contributor, known: &demand.known };
        SIDES.into_iter().any(|side| {
            let asked = contributor.map_or_else(|| level(small, demand, side), |who| level_towards(small, demand, side, who));
            asked > 0 && !attacker.can_be(demand.cell as usize, side, asked)
        })
    };
    let demands = &small.problem.demands;
    let falls = |at: &usize| {
        let demand = &demands[*at];
        let anyone = std::iter::once(None).chain((0..inside).map(Some)).any(|who| breaks(demand, who));
        !withheld[demand.cell as usize] || anyone
    };
    (0..demands.len()).filter(falls).collect()
}
