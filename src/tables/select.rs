//! A selection keeps some rows of a set of tables, and of the refinement only what they can tell apart: what tabulating just these rows
//! would have given, by adding up atoms instead of reading units again.

use std::collections::{BTreeMap, BTreeSet};

use super::atoms::Tally;
use super::set::{AtomContributions, Cell, Earlier, Layer, Row, Table, TableSet, Universe};

/// Rows of one table that are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Index into [`TableSet::tables`].
    pub table: usize,
    /// Indices into [`Table::rows`], ascending.
    pub rows: Vec<usize>,
    pub importance: u32,
}

impl TableSet {
    /// The set with the chosen rows alone; what was told before stays.
    pub fn select(&self, chosen: &[Chosen]) -> TableSet {
        let rows = |one: &Chosen| one.rows.iter().map(|row| &self.tables[one.table].rows[*row]).collect::<Vec<&Row>>();
        let before = self.earlier.iter().flat_map(|earlier| &earlier.tables).flat_map(|table| &table.rows);
        let cells = chosen.iter().flat_map(rows).chain(before).flat_map(Row::cells);
        let kept: BTreeSet<(usize, usize)> = cells.map(|cell| (self.cells[cell].universe, cell)).collect();
        let place: BTreeMap<usize, usize> = kept.iter().enumerate().map(|(at, (_, cell))| (*cell, at)).collect();
        let about = self.about.clone();
        let mut set = TableSet { universes: Vec::new(), cells: Vec::new(), tables: Vec::new(), earlier: Vec::new(), about };
        for group in kept.iter().copied().collect::<Vec<_>>().chunk_by(|a, b| a.0 == b.0) {
            let cells: Vec<&Cell> = group.iter().map(|(_, cell)| &self.cells[*cell]).collect();
            let merging = Merging::new(&self.universes[group[0].0], &cells);
            set.cells.extend(cells.iter().map(|cell| merging.cell(cell, set.universes.len())));
            set.universes.push(merging.universe());
        }
        for one in chosen {
            let table = &self.tables[one.table];
            let rows = one.rows.iter().map(|at| &table.rows[*at]);
            set.tables.push(placed(table, rows, one.importance, &place, &mut set.cells));
        }
        for earlier in &self.earlier {
            let table = |table: &Table| placed(table, table.rows.iter(), 1, &place, &mut set.cells);
            let tables = earlier.tables.iter().map(table).collect();
            set.earlier.push(Earlier { tables, ..earlier.clone() });
        }
        set
    }
}

/// The table with these of its rows, over the cells of the selection.
fn placed<'a>(
    table: &Table,
    rows: impl Iterator<Item = &'a Row>,
    importance: u32,
    place: &BTreeMap<usize, usize>,
    cells: &mut [Cell],
) -> Table {
    let row = |Row { key, cell, margin, base, split }: &Row| Row {
        key: key.clone(),
        cell: place[cell],
        margin: margin.map(|at| place[&at]),
        base: base.map(|at| place[&at]),
        split: split.as_ref().map(|split| split.map(|at| place[at])),
    };
    let rows: Vec<Row> = rows.map(row).collect();
    for row in &rows {
        row.cells().for_each(|part| cells[part].importance = cells[part].importance.max(importance));
        if let Some(margin) = row.margin.filter(|margin| *margin != row.cell && !cells[row.cell].margins.contains(margin)) {
            cells[row.cell].margins.push(margin);
        }
    }
    Table { rows, ..table.clone() }
}

/// The atoms of a universe that the kept cells cannot tell apart become one; those in no kept cell are left out.
struct Merging<'a> {
    universe: &'a Universe,
    /// The new atom of every kept one.
    of: BTreeMap<u32, u32>,
    atoms: usize,
    /// By layer: the atoms that have a value there, as far as the kept cells show.
    held: Vec<BTreeSet<u32>>,
}

impl<'a> Merging<'a> {
    fn new(universe: &'a Universe, cells: &[&Cell]) -> Self {
        let mut signatures: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        let mut held = vec![BTreeSet::new(); universe.layers.len()];
        for (at, cell) in cells.iter().enumerate() {
            let layer = &universe.layers[cell.layer];
            for atom in &cell.atoms {
                signatures.entry(*atom).or_default().push(at);
            }
            for layer in [Some(0), Some(cell.layer), layer.numerator, layer.weight].into_iter().flatten() {
                held[layer].extend(&cell.atoms);
            }
        }
        let mut merged: BTreeMap<&[usize], u32> = BTreeMap::new();
        let mut of = BTreeMap::new();
        for (atom, signature) in &signatures {
            let next = merged.len() as u32;
            of.insert(*atom, *merged.entry(signature).or_insert(next));
        }
        let atoms = merged.len();
        Self { universe, of, atoms, held }
    }

    fn cell(&self, cell: &Cell, universe: usize) -> Cell {
        let atoms: BTreeSet<u32> = cell.atoms.iter().map(|atom| self.of[atom]).collect();
        Cell { universe, atoms: atoms.into_iter().collect(), importance: 1, margins: Vec::new(), ..cell.clone() }
    }

    fn universe(&self) -> Universe {
        let Universe { label, populations, layers, .. } = self.universe;
        let mut sums = vec![0u128; if populations.is_empty() { 0 } else { self.atoms }];
        for (old, new) in self.of.iter().filter(|_| !populations.is_empty()) {
            let sum = &mut sums[*new as usize];
            *sum = sum.wrapping_add(populations[*old as usize]);
        }
        let layers = layers.iter().zip(&self.held).map(|(layer, held)| self.layer(layer, held)).collect();
        Universe { label: label.clone(), atoms: self.atoms, populations: sums, layers }
    }

    fn layer(&self, layer: &Layer, held: &BTreeSet<u32>) -> Layer {
        let mut tally = Tally { atoms: vec![AtomContributions::default(); self.atoms], grouped: Vec::new() };
        for old in held {
            tally.add_all(self.of[old], &layer.atoms[*old as usize]);
        }
        Layer { name: layer.name.clone(), atoms: tally.finish(), ..*layer }
    }
}
