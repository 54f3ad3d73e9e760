//! The attacker that tries every table: the ranges of all cells are narrowed by every sum, and those of innermost cells halved, until
//! nothing is left to choose.

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
        is_possible(self.small, bounds)
    }

    /// How far the cell can be from its value.
    pub fn furthest(&self, cell: usize, side: Side) -> i64 {
        (1..).find(|distance| !self.can_be(cell, side, *distance)).unwrap() - 1
    }
}

/// Whether there is a table with every cell in its range.
fn is_possible(small: &Small, mut ranges: Vec<(i64, i64)>) -> bool {
    if !narrow(small, &mut ranges) {
        return false;
    }
    let size = |at: &usize| ranges[*at].1 - ranges[*at].0;
    let open = small.innermost.iter().copied().filter(|at| size(at) > 0);
    let Some(at) = open.min_by_key(size) else { return true };
    let (low, high) = ranges[at];
    let middle = low + (high - low) / 2;
    // The half with the true value first.
    let mut halves = [(low, middle), (middle + 1, high)];
    if small.problem.cells[at].value as i64 > middle {
        halves.reverse();
    }
    halves.into_iter().any(|half| {
        let mut ranges = ranges.clone();
        ranges[at] = half;
        is_possible(small, ranges)
    })
}

/// Leaves out what no sum allows; `false` when nothing is left of a range.
fn narrow(small: &Small, ranges: &mut [(i64, i64)]) -> bool {
    loop {
        let before = ranges.to_vec();
        for equation in &small.problem.equations {
            // What a cell adds at least and at most, and what all add.
            let adds = |ranges: &[(i64, i64)], (cell, factor): &(u32, f64)| {
                let (low, high) = ranges[*cell as usize];
                if *factor > 0.0 { (low, high) } else { (-high, -low) }
            };
            let sum = |(low, high): (i64, i64), term| (low + adds(ranges, term).0, high + adds(ranges, term).1);
            let (least, most) = equation.terms.iter().fold((0, 0), sum);
            for (cell, factor) in &equation.terms {
                let (own_least, own_most) = adds(ranges, &(*cell, *factor));
                // With the others as far as they go the sum is to be nothing.
                let (low, high) = (-(most - own_most), -(least - own_least));
                let (low, high) = if *factor > 0.0 { (low, high) } else { (-high, -low) };
                let range = &mut ranges[*cell as usize];
                *range = (range.0.max(low), range.1.min(high));
                if range.0 > range.1 {
                    return false;
                }
            }
        }
        if ranges == before {
            return true;
        }
    }
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
