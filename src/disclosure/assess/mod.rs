//! The assessment: what the rules say of every cell, and of every set of units that published cells could give away.

use super::profile::{Profile, Zero};
use super::rules::{Case, Verdict, judge};
use crate::tables::set::{Cell, Stats, TableSet, Universe};

mod candidates;

/// A table set with a verdict on every cell. Only [`assess`] makes one.
pub struct Assessed {
    pub(super) set: TableSet,
    pub(super) profile: Profile,
    /// One per cell.
    pub(super) verdicts: Vec<Verdict>,
    /// Unsafe sets that no table prints; ascending by universe, layer and atoms.
    pub(super) virtuals: Vec<VirtualCell>,
}

/// A set of units that no table prints, but that a reader could be able to work out from what is printed.
#[derive(Clone, Debug)]
pub struct VirtualCell {
    pub(super) universe: usize,
    pub(super) layer: usize,
    /// Ascending.
    pub(super) atoms: Vec<u32>,
    pub(super) stats: Stats,
    pub(super) origin: Origin,
    pub(super) verdict: Verdict,
}

/// How a virtual cell comes about; cells by their index in the table set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The units of the first cell that are not in the second.
    Difference { of: usize, without: usize },
    /// The units of a cell that are in none of its parts in a table, by number among [`TableSet::every_table`].
    Remainder { of: usize, table: usize },
    /// Units that every published cell of the layer contains whole or not at all, within that cell.
    Atom { of: usize },
}

impl Origin {
    /// A cell that contains the virtual cell.
    pub fn within(&self) -> usize {
        match self {
            Origin::Difference { of, .. } | Origin::Remainder { of, .. } | Origin::Atom { of } => *of,
        }
    }
}

/// Judges every cell of the set, and finds the unsafe sets between them.
pub fn assess(set: TableSet, profile: &Profile) -> Assessed {
    let verdicts = set.cells.iter().map(|cell| cell_verdict(&set, cell, profile)).collect();
    let virtuals = candidates::find(&set, profile);
    Assessed { set, profile: profile.clone(), verdicts, virtuals }
}

impl Assessed {
    pub fn verdict(&self, cell: usize) -> &Verdict {
        &self.verdicts[cell]
    }

    pub fn virtual_cells(&self) -> usize {
        self.virtuals.len()
    }

    /// Whether a reader is taken to know where there are no units.
    pub(super) fn zeros_are_known(&self) -> bool {
        self.profile.rules.zero == Zero::Safe
    }
}

/// The verdict on a cell of a table without margins; `count` for a frequency table.
pub fn judge_cell(stats: &Stats, nonnegative: bool, count: bool, profile: &Profile) -> Verdict {
    judge_part(stats, nonnegative, count, &[], profile)
}

/// The same of a cell that is a part of rows and columns with so many units.
pub fn judge_part(stats: &Stats, nonnegative: bool, count: bool, margins: &[u64], profile: &Profile) -> Verdict {
    judge(&Case { count, nonnegative, stats, numerator: None, margins }, profile)
}

fn cell_verdict(set: &TableSet, cell: &Cell, profile: &Profile) -> Verdict {
    let universe = &set.universes[cell.universe];
    let layer = &universe.layers[cell.layer];
    let counted: u64 = cell.atoms.iter().map(|atom| universe.layers[0].atoms[*atom as usize].units).sum();
    assert!(cell.stats == layer.stats(&cell.atoms), "the stats of a cell are those of its atoms");
    assert!(cell.stats.units == counted, "a cell has the units that its atoms have in the layer of units");
    let margins: Vec<u64> = cell.margins.iter().map(|margin| set.cells[*margin].stats.units).collect();
    judge(
        &Case {
            count: cell.layer == 0,
            nonnegative: layer.nonnegative,
            stats: &cell.stats,
            numerator: cell.numerator.as_ref(),
            margins: &margins,
        },
        profile,
    )
}

/// The verdict on a set of atoms that has no margins.
pub(super) fn set_verdict(universe: &Universe, layer: usize, atoms: &[u32], profile: &Profile) -> (Stats, Verdict) {
    let measure = &universe.layers[layer];
    let stats = measure.stats(atoms);
    let numerator = measure.numerator.map(|numerator| universe.layers[numerator].stats(atoms));
    let case =
        Case { count: layer == 0, nonnegative: measure.nonnegative, stats: &stats, numerator: numerator.as_ref(), margins: &[] };
    (stats, judge(&case, profile))
}
