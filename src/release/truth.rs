//! What is true of every cell and atom, taken down before protection begins. It never leaves the vault.

use std::collections::BTreeMap;

use crate::amount::{SCALE, divide_round};
use crate::disclosure::safe::{SafeTables, State};
use crate::tables::decomposition;
use crate::tables::set::{Row, Statistic, Stats, Table, TableSet};

/// The tables of a run with the true figures behind them. Sensitive.
pub struct Truth {
    pub tables: Vec<Table>,
    /// In the order of the cells of the table set.
    pub cells: Vec<TrueCell>,
    /// Every layer over every atom that has units in it.
    pub atoms: Vec<TrueAtom>,
}

pub struct TrueCell {
    pub stats: Stats,
    /// Sum of the design weights, in ten-thousandths, where the mean divides by it.
    weight: Option<i128>,
}

pub struct TrueAtom {
    pub universe: String,
    pub layer: String,
    pub atom: usize,
    pub units: u64,
    /// In ten-thousandths, or whole units in the layer of units.
    pub total: i128,
}

impl Truth {
    pub fn of(set: &TableSet) -> Self {
        let cell = |cell: &crate::tables::set::Cell| {
            let layers = &set.universes[cell.universe].layers;
            let weight = layers[cell.layer].weight.map(|weight| layers[weight].stats(&cell.atoms).total);
            TrueCell { stats: cell.stats, weight }
        };
        let mut atoms = Vec::new();
        for universe in &set.universes {
            for layer in universe.layers.iter().filter(|layer| !layer.name.contains('/')) {
                let inside = layer.atoms.iter().enumerate().filter(|(_, atom)| atom.units > 0);
                atoms.extend(inside.map(|(at, atom)| TrueAtom {
                    universe: universe.label.clone(),
                    layer: layer.name.clone(),
                    atom: at,
                    units: atom.units,
                    total: atom.total,
                }));
            }
        }
        Self { tables: set.tables.clone(), cells: set.cells.iter().map(cell).collect(), atoms }
    }

    /// Every row of every table beside what the release says of it, in the order of the tables.
    pub fn rows(&self, safe: &SafeTables) -> Vec<TrueRow> {
        let mut rows = Vec::new();
        for (table, shown) in self.tables.iter().zip(safe.tables()) {
            for (row, shown) in table.rows.iter().zip(&shown.rows) {
                let stats = &self.cells[row.cell].stats;
                rows.push(TrueRow {
                    table: table.id.clone(),
                    statistic: table.statistic,
                    key: row.key.clone(),
                    cell: row.cell,
                    units: stats.units,
                    contributors: stats.contributors,
                    value: self.value(table.statistic, row),
                    published: shown.value.clone(),
                    state: shown.state,
                });
            }
        }
        rows
    }

    fn value(&self, statistic: Statistic, row: &Row) -> Option<i128> {
        let units = |cell: usize| i128::from(self.cells[cell].stats.units);
        let scale = i128::from(SCALE);
        match statistic {
            Statistic::Count => Some(units(row.cell) * scale),
            Statistic::Share => {
                let whole = units(row.margin?);
                (whole > 0).then(|| divide_round(units(row.cell) * 100 * scale, whole))
            }
            Statistic::Mean => self.mean(row.cell),
            Statistic::Index => {
                let (now, base) = (self.mean(row.cell)?, self.mean(row.base?)?);
                (base > 0).then(|| divide_round(now * 100 * scale, base))
            }
            Statistic::Decomposition => self.part(row),
        }
    }

    /// A part of a change, split in ten-thousandths.
    fn part(&self, row: &Row) -> Option<i128> {
        decomposition::figure(row, |cell| self.mean(cell), |cell| self.cells[cell].stats.units)
    }

    /// Total over units, or over the total design weight where there is one.
    fn mean(&self, cell: usize) -> Option<i128> {
        let TrueCell { stats, weight } = &self.cells[cell];
        match weight {
            Some(weight) => (*weight > 0).then(|| divide_round(stats.total * i128::from(SCALE), *weight)),
            None => (stats.units > 0).then(|| divide_round(stats.total, i128::from(stats.units))),
        }
    }
}

/// A row of a table with its true value.
pub struct TrueRow {
    pub table: String,
    pub statistic: Statistic,
    /// Column name to code; empty text stands for "all".
    pub key: BTreeMap<String, String>,
    /// Position among the distinct cells of the run.
    pub cell: usize,
    pub units: u64,
    pub contributors: u64,
    /// In ten-thousandths of the unit of the table; `None` for a mean over no units.
    pub value: Option<i128>,
    /// What the release says, rounded; `None` where it withholds it.
    pub published: Option<String>,
    pub state: State,
}
