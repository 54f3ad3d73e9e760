//! A problem is what an attacker faces: values that are partly shown, the sums that tie them together, and how far each unsafe value
//! must stay uncertain. It is data only; suppression and audit each work on it with code of their own.

use std::collections::{BTreeMap, BTreeSet};

use super::rules::Level;

/// Values over one measure, in ten-thousandths of its unit, or whole numbers of units.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// Values are whole numbers (of units), so that an attacker considers nothing between them.
    pub whole: bool,
    pub cells: Vec<Cell>,
    pub equations: Vec<Equation>,
    pub demands: Vec<Demand>,
    /// What the rules tell of withheld numbers of units; to who knows the rules, more than one number must stay possible.
    pub ruled: Vec<Ruled>,
    /// Cells that are amounts although the others are whole numbers.
    pub amounts: BTreeSet<u32>,
    /// For a cell, others that must be withheld as well for it to be unknown, since who is shown one of those is told it too: a number of
    /// units, and what else is printed of the same units.
    pub tied: BTreeMap<u32, Vec<u32>>,
    /// Hidden cells of which nothing is demanded, which only say how others hang together.
    pub columns: BTreeSet<u32>,
}

/// A number of units that lies between two others, as everyone knows who knows why it is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ruled {
    pub cell: u32,
    pub least: i128,
    pub most: i128,
    /// Who knows the rules must not be left with one number.
    pub guarded: bool,
}

/// A value that is shown, withheld, or could be either.
#[derive(Clone, Debug)]
pub struct Cell {
    pub value: i128,
    /// The least value an attacker considers; `None` is without bound.
    pub least: Option<i128>,
    /// The greatest value an attacker considers; `None` is without bound.
    pub most: Option<i128>,
    /// What it costs to withhold it; positive where it can be.
    pub cost: f64,
    pub fate: Fate,
    /// When shown, the value is known up to this much on either side: half the base that it is rounded to.
    pub half_width: i128,
    /// The largest contributions in absolute value, descending, with the contributor; at most [`SHARES`].
    pub shares: Vec<Share>,
    /// Distinct contributors.
    pub contributors: u64,
}

/// How many of the largest contributions of a cell are kept with their contributor.
pub const SHARES: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    pub contributor: u32,
    /// Absolute value.
    pub amount: i128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// To be shown or withheld, as protection needs.
    Free,
    /// Known to everyone whatever is done: an empty cell, a public or earlier figure.
    Shown,
    /// Not shown whatever is done: an unsafe cell, or a sum that no table prints.
    Hidden,
}

/// The sum of the terms lies between two differences from its true value: both 0 for an exact sum.
#[derive(Clone, Debug)]
pub struct Equation {
    /// Cell and coefficient; a cell stands here once.
    pub terms: Vec<(u32, f64)>,
    pub low: f64,
    pub high: f64,
}

/// A cell that must stay uncertain by a level, also for who knows some other cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    pub cell: u32,
    pub level: Level,
    /// Cells that this attacker knows exactly.
    pub known: Vec<u32>,
}

/// Against whom the demands must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Attackers {
    /// Readers who contribute to no cell.
    Outsiders,
    /// Readers, and every single contributor with what it knows of its own contributions.
    Contributors,
}

/// A table that an attacker cannot exclude, as its difference from the true one. To be checked, not trusted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Witness {
    differences: Vec<(u32, f64)>,
}

impl Witness {
    /// Of cells that differ, each with its difference.
    pub fn new(mut differences: Vec<(u32, f64)>) -> Self {
        differences.sort_unstable_by_key(|(cell, _)| *cell);
        Self { differences }
    }

    /// Cells that differ, ascending, each with its difference.
    pub fn differences(&self) -> &[(u32, f64)] {
        &self.differences
    }
}

impl Equation {
    /// Whether the sum is known exactly.
    pub fn is_exact(&self) -> bool {
        self.low == 0.0 && self.high == 0.0
    }

    /// The sum that the cell is a part of.
    pub fn whole_of(&self, cell: u32) -> Option<u32> {
        let part = self.terms.iter().any(|(other, factor)| *other == cell && *factor > 0.0);
        self.terms.iter().find(|(_, factor)| *factor < 0.0).filter(|_| part).map(|(whole, _)| *whole)
    }

    /// The parts that the cell is the sum of.
    pub fn parts_of(&self, cell: u32) -> impl Iterator<Item = u32> {
        let whole = self.terms.iter().find(|(_, factor)| *factor < 0.0).is_some_and(|(whole, _)| *whole == cell);
        self.terms.iter().filter(move |(_, factor)| whole && *factor > 0.0).map(|(part, _)| *part)
    }

    /// `whole` is the sum of `parts`.
    pub fn sum(whole: u32, parts: &[u32]) -> Self {
        let terms = std::iter::once((whole, -1.0)).chain(parts.iter().map(|part| (*part, 1.0))).collect();
        Self { terms, low: 0.0, high: 0.0 }
    }
}

impl Cell {
    /// A cell that nobody contributes to by name, at least 0, exactly shown or withheld.
    pub fn plain(value: i128, cost: f64, fate: Fate) -> Self {
        Self { value, least: Some(0), most: None, cost, fate, half_width: 0, shares: Vec::new(), contributors: 0 }
    }

    /// The contributor who knows the whole value because nobody else contributes.
    pub fn owner(&self) -> Option<u32> {
        (self.contributors == 1).then(|| self.shares.first().map(|share| share.contributor)).flatten()
    }

    /// What a contributor knows of the value.
    pub fn share_of(&self, contributor: u32) -> i128 {
        self.shares.iter().find(|share| share.contributor == contributor).map_or(0, |share| share.amount)
    }
}

impl Problem {
    /// For every cell the equations it stands in, ascending.
    pub fn equations_of(&self) -> Vec<Vec<u32>> {
        let mut of = vec![Vec::new(); self.cells.len()];
        for (at, equation) in self.equations.iter().enumerate() {
            equation.terms.iter().for_each(|(cell, _)| of[*cell as usize].push(at as u32));
        }
        of
    }
}
