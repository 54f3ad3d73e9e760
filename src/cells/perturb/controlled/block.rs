//! A block is a part of a table that is rounded at once: first the upper levels of a hierarchy, then what lies below each of their codes.

use std::collections::BTreeSet;

use crate::cells::perturb::sums::Sums;
use crate::cells::table::{CellTable, Dimension, Relation, TOTAL};

/// Cells that are rounded at once when the hierarchies let the table be divided.
pub const CELLS_MAX: usize = 1_000;

/// The cells all of whose codes are among those of the block.
#[derive(Clone)]
pub struct Block {
    /// Per dimension the code on top, and all codes.
    codes: Vec<(u32, BTreeSet<u32>)>,
}

impl Block {
    pub fn whole(table: &CellTable) -> Self {
        let all = |dimension: &Dimension| (TOTAL, (0..dimension.codes.len() as u32).collect());
        Self { codes: table.dimensions.iter().map(all).collect() }
    }

    /// Blocks in an order in which every sum lies within one of them, and those before it hold its total fast.
    pub fn divide(self, table: &CellTable, cells_max: usize) -> Vec<Self> {
        if self.size(table) <= cells_max {
            return vec![self];
        }
        let ways = (0..self.codes.len()).filter_map(|at| Some((at, self.below(at, &table.dimensions[at])?)));
        let Some((at, below)) = ways.max_by_key(|(at, _)| (self.codes[*at].1.len(), std::cmp::Reverse(*at))) else {
            return vec![self];
        };
        let top = self.codes[at].0;
        let mut head = self.clone();
        head.codes[at].1 = below.iter().map(|(code, _)| *code).chain([top]).collect();
        let mut blocks = head.divide(table, cells_max);
        for (code, codes) in below.into_iter().filter(|(_, codes)| codes.len() > 1) {
            let mut tail = self.clone();
            tail.codes[at] = (code, codes);
            blocks.extend(tail.divide(table, cells_max));
        }
        blocks
    }

    /// The sums that lie within the block.
    pub fn relations(&self, table: &CellTable, sums: &Sums) -> Vec<usize> {
        let within = |cell: &usize| *cell >= sums.shown || self.holds(&table.cells[*cell].codes);
        let inside = |relation: &Relation| within(&relation.whole) && relation.parts.iter().all(within);
        (0..sums.relations.len()).filter(|at| inside(&sums.relations[*at])).collect()
    }

    fn holds(&self, codes: &[u32]) -> bool {
        self.codes.iter().zip(codes).all(|((_, among), code)| among.contains(code))
    }

    fn size(&self, table: &CellTable) -> usize {
        table.cells.iter().filter(|cell| self.holds(&cell.codes)).count()
    }

    /// The codes directly below the top, each with everything below it; `None` when that divides nothing, or not cleanly because a
    /// code is a part of several.
    fn below(&self, at: usize, dimension: &Dimension) -> Option<Vec<(u32, BTreeSet<u32>)>> {
        let (top, among) = &self.codes[at];
        let children = parts(*top, dimension, among);
        let below: Vec<(u32, BTreeSet<u32>)> = children.iter().map(|code| (*code, descent(*code, dimension, among))).collect();
        let codes: usize = below.iter().map(|(_, codes)| codes.len()).sum();
        let divides = below.iter().any(|(_, codes)| codes.len() > 1);
        (divides && codes + 1 == among.len()).then_some(below)
    }
}

/// What the sums of a code are made of, within the block.
fn parts(whole: u32, dimension: &Dimension, among: &BTreeSet<u32>) -> BTreeSet<u32> {
    let sums = dimension.sums.iter().filter(|sum| sum.whole == whole);
    sums.flat_map(|sum| sum.parts.iter().copied()).filter(|part| among.contains(part)).collect()
}

/// The code and everything below it, within the block.
fn descent(code: u32, dimension: &Dimension, among: &BTreeSet<u32>) -> BTreeSet<u32> {
    let mut all = BTreeSet::from([code]);
    let mut left = vec![code];
    while let Some(code) = left.pop() {
        left.extend(parts(code, dimension, among).into_iter().filter(|part| all.insert(*part)));
    }
    all
}
