//! Candidates for virtual cells: differences of nested cells, remainders of cells cut into parts, and single atoms.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::{Origin, Profile, VirtualCell, set_verdict};
use crate::disclosure::bits::Bits;
use crate::tables::set::TableSet;

/// The cells of one layer of a universe over the atoms that those cells can tell apart.
struct Panel {
    universe: usize,
    layer: usize,
    /// Raw atoms of each column.
    columns: Vec<Vec<u32>>,
    /// Ascending by columns: index of the cell in the table set, and its columns.
    cells: Vec<(usize, Bits)>,
}

/// Every unsafe set with units, once per universe and layer.
pub(super) fn find(set: &TableSet, profile: &Profile) -> Vec<VirtualCell> {
    let keys: BTreeSet<(usize, usize)> = set.cells.iter().map(|cell| (cell.universe, cell.layer)).collect();
    let keys: Vec<_> = keys.into_iter().collect();
    let found: Vec<Vec<VirtualCell>> = keys
        .par_iter()
        .map(|(universe, layer)| {
            let panel = Panel::new(set, *universe, *layer);
            panel.judge(panel.candidates(set), set, profile)
        })
        .collect();
    found.into_iter().flatten().collect()
}

impl Panel {
    fn new(set: &TableSet, universe: usize, layer: usize) -> Self {
        let mut members: Vec<usize> =
            (0..set.cells.len()).filter(|at| set.cells[*at].universe == universe && set.cells[*at].layer == layer).collect();
        members.sort_by(|a, b| set.cells[*a].atoms.cmp(&set.cells[*b].atoms));
        let mut signatures: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (at, cell) in members.iter().enumerate() {
            for atom in &set.cells[*cell].atoms {
                signatures.entry(*atom).or_default().push(at);
            }
        }
        let mut column_of: BTreeMap<&[usize], usize> = BTreeMap::new();
        let mut columns: Vec<Vec<u32>> = Vec::new();
        for (atom, signature) in &signatures {
            let column = *column_of.entry(signature).or_insert(columns.len());
            columns.resize(columns.len().max(column + 1), Vec::new());
            columns[column].push(*atom);
        }
        let mut contained: Vec<Vec<u32>> = vec![Vec::new(); members.len()];
        for (signature, column) in column_of {
            for cell in signature {
                contained[*cell].push(column as u32);
            }
        }
        let cells = members.into_iter().zip(contained).map(|(cell, own)| (cell, Bits::new(columns.len(), own))).collect();
        Self { universe, layer, columns, cells }
    }

    fn candidates(&self, set: &TableSet) -> BTreeMap<Bits, Origin> {
        let mut found = BTreeMap::new();
        for (of, whole) in &self.cells {
            for (without, part) in self.cells.iter().filter(|(_, part)| part.is_subset(whole)) {
                found.entry(whole.minus(part)).or_insert(Origin::Difference { of: *of, without: *without });
            }
            for column in whole.iter() {
                found.entry(Bits::new(self.columns.len(), [column])).or_insert(Origin::Atom { of: *of });
            }
        }
        for (table, (rows, _)) in set.every_table().enumerate() {
            let shown: BTreeSet<usize> = rows.rows.iter().map(|row| row.cell).collect();
            let parts: Vec<&Bits> = self.cells.iter().filter(|(cell, _)| shown.contains(cell)).map(|(_, bits)| bits).collect();
            for (of, whole) in self.cells.iter().filter(|_| parts.len() > 1) {
                for rest in remainders(whole, &parts) {
                    found.entry(rest).or_insert(Origin::Remainder { of: *of, table });
                }
            }
        }
        for (_, bits) in &self.cells {
            found.remove(bits);
        }
        found
    }

    fn judge(&self, candidates: BTreeMap<Bits, Origin>, set: &TableSet, profile: &Profile) -> Vec<VirtualCell> {
        let universe = &set.universes[self.universe];
        let mut found = Vec::new();
        for (bits, origin) in candidates {
            let mut atoms: Vec<u32> = bits.iter().flat_map(|column| self.columns[column as usize].iter().copied()).collect();
            atoms.sort_unstable();
            let (stats, verdict) = set_verdict(universe, self.layer, &atoms, profile);
            if stats.units > 0 && verdict.is_unsafe() {
                found.push(VirtualCell { universe: self.universe, layer: self.layer, atoms, stats, origin, verdict });
            }
        }
        found.sort_by(|a, b| a.atoms.cmp(&b.atoms));
        found
    }
}

/// What is left of a cell without its finest, and without its coarsest, disjoint parts in a table.
fn remainders(whole: &Bits, parts: &[&Bits]) -> Vec<Bits> {
    let inside: Vec<&Bits> =
        parts.iter().copied().filter(|part| part.is_subset(whole) && *part != whole && !part.is_empty()).collect();
    let finest = inside.iter().copied().filter(|part| !inside.iter().any(|other| other != part && other.is_subset(part)));
    let coarsest = inside.iter().copied().filter(|part| !inside.iter().any(|other| other != part && part.is_subset(other)));
    [finest.collect::<Vec<_>>(), coarsest.collect()].into_iter().filter_map(|group| rest(whole, &group)).collect()
}

fn rest(whole: &Bits, group: &[&Bits]) -> Option<Bits> {
    let mut union = whole.minus(whole);
    for part in group {
        if union.is_disjoint(part) {
            union.insert_all(part);
        }
    }
    let rest = whole.minus(&union);
    (group.len() > 1 && !rest.is_empty()).then_some(rest)
}
