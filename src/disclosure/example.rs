//! Small table sets built from a list of units, for examples and tests.

use std::collections::BTreeMap;

use crate::amount::SCALE;
use crate::language::Text;
use crate::tables::set::{
    About, AtomContributions, Cell, LARGEST, Layer, Presentation, Row, Statistic, Table, TableSet, Universe,
};

/// Collects units and tables; [`Builder::build`] cuts the units into atoms.
#[derive(Clone, Debug)]
pub struct Builder {
    layers: Vec<(String, bool)>,
    units: Vec<Unit>,
    universes: usize,
    cells: Vec<(usize, usize, Vec<usize>)>,
    importance: Vec<u32>,
    tables: Vec<Table>,
}

/// A unit of a universe with one value per measure, in whole units of the measure.
#[derive(Clone, Debug)]
struct Unit {
    universe: usize,
    /// Equal for a unit and the same unit in another universe.
    identity: usize,
    contributor: u32,
    values: Vec<i64>,
}

impl Builder {
    /// Measures by name, and whether they are never negative. Layer 0 is the number of units; the first measure is layer 1.
    pub fn new(measures: &[(&str, bool)]) -> Self {
        let units = std::iter::once(("units".to_string(), true));
        let layers = units.chain(measures.iter().map(|(name, nonnegative)| (name.to_string(), *nonnegative))).collect();
        Self { layers, units: Vec::new(), universes: 1, cells: Vec::new(), importance: Vec::new(), tables: Vec::new() }
    }

    /// Adds a unit and returns its number.
    pub fn unit(&mut self, universe: usize, contributor: u32, values: &[i64]) -> usize {
        assert!(values.len() + 1 == self.layers.len(), "a unit has a value for every measure");
        self.universes = self.universes.max(universe + 1);
        self.units.push(Unit { universe, identity: self.units.len(), contributor, values: values.to_vec() });
        self.units.len() - 1
    }

    /// Adds the same units in another universe, with the same values.
    pub fn again(&mut self, universe: usize, units: &[usize]) -> Vec<usize> {
        self.universes = self.universes.max(universe + 1);
        let copies: Vec<Unit> = units.iter().map(|unit| Unit { universe, ..self.units[*unit].clone() }).collect();
        self.units.extend(copies);
        (self.units.len() - units.len()..self.units.len()).collect()
    }

    /// Adds `count` units that each are their own contributor, with the same values.
    pub fn units(&mut self, count: usize, values: &[i64]) -> Vec<usize> {
        (0..count).map(|_| self.unit(0, self.units.len() as u32 + 1_000_000, values)).collect()
    }

    /// The cell of a set of units; the same set in the same layer is the same cell.
    pub fn cell(&mut self, universe: usize, layer: usize, units: &[usize]) -> usize {
        let mut units = units.to_vec();
        units.sort_unstable();
        units.dedup();
        let cell = (universe, layer, units);
        if let Some(at) = self.cells.iter().position(|known| *known == cell) {
            return at;
        }
        self.cells.push(cell);
        self.importance.push(1);
        self.cells.len() - 1
    }

    pub fn importance(&mut self, cell: usize, importance: u32) {
        self.importance[cell] = importance;
    }

    /// A table with one key column, `class`; rows are keys with the cell and, for a share or an index, the margin or the base.
    pub fn table(&mut self, id: &str, statistic: Statistic, rows: &[(&str, usize, Option<usize>)]) {
        let row = |(class, cell, other): &(&str, usize, Option<usize>)| Row {
            key: BTreeMap::from([("class".to_string(), class.to_string())]),
            cell: *cell,
            margin: other.filter(|_| statistic == Statistic::Share),
            base: other.filter(|_| statistic == Statistic::Index),
            split: None,
        };
        self.tables.push(Table {
            id: id.into(),
            title: id.into(),
            statistic,
            unit: String::new(),
            decimals: 0,
            columns: vec!["class".into()],
            mark: false,
            presentation: Presentation { title: Text::same(id), ..Presentation::default() },
            rows: rows.iter().map(row).collect(),
        });
    }

    /// Cuts every universe into the atoms of its cells.
    pub fn build(&self) -> TableSet {
        let tables = self.tables.clone();
        let mut set = TableSet { universes: Vec::new(), cells: Vec::new(), tables, earlier: Vec::new(), about: About::default() };
        let mut atom_of: Vec<Option<u32>> = vec![None; self.units.len()];
        for universe in 0..self.universes {
            set.universes.push(self.universe(universe, &mut atom_of));
        }
        for (at, (universe, layer, units)) in self.cells.iter().enumerate() {
            let mut atoms: Vec<u32> = units.iter().filter_map(|unit| atom_of[*unit]).collect();
            atoms.sort_unstable();
            atoms.dedup();
            let stats = set.universes[*universe].layers[*layer].stats(&atoms);
            let importance = self.importance[at];
            set.cells.push(Cell {
                universe: *universe,
                layer: *layer,
                atoms,
                stats,
                numerator: None,
                importance,
                margins: Vec::new(),
            });
        }
        for row in self.tables.iter().flat_map(|table| &table.rows) {
            set.cells[row.cell].margins.extend(row.margin);
        }
        set
    }

    fn universe(&self, universe: usize, atom_of: &mut [Option<u32>]) -> Universe {
        let mut atoms: BTreeMap<Vec<usize>, Vec<usize>> = BTreeMap::new();
        for unit in (0..self.units.len()).filter(|unit| self.units[*unit].universe == universe) {
            let signature = (0..self.cells.len()).filter(|cell| self.cells[*cell].2.binary_search(&unit).is_ok()).collect();
            atoms.entry(signature).or_default().push(unit);
        }
        let mut members: Vec<Vec<usize>> = atoms.into_values().collect();
        members.sort_unstable();
        let mut seen: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (atom, units) in members.iter().enumerate() {
            for unit in units {
                atom_of[*unit] = Some(atom as u32);
                let among = seen.entry(self.units[*unit].contributor).or_default();
                if among.last() != Some(&atom) {
                    among.push(atom);
                }
            }
        }
        let layer = |(at, (name, nonnegative)): (usize, &(String, bool))| Layer {
            name: name.clone(),
            nonnegative: *nonnegative,
            whole: at == 0,
            numerator: None,
            weight: None,
            atoms: members.iter().map(|units| self.contributions(units, at, &seen)).collect(),
        };
        let layers = self.layers.iter().enumerate().map(layer).collect();
        let drawn = |unit: &usize| crate::tables::atoms::drawn(self.units[*unit].identity as u32);
        let sum = |units: &Vec<usize>| units.iter().map(drawn).fold(0u128, u128::wrapping_add);
        let populations = members.iter().map(sum).collect();
        Universe { label: (2014 + universe).to_string(), atoms: members.len(), populations, layers }
    }

    fn contributions(&self, units: &[usize], layer: usize, seen: &BTreeMap<u32, Vec<usize>>) -> AtomContributions {
        let mut sums: BTreeMap<u32, i64> = BTreeMap::new();
        for unit in units {
            let value = if layer == 0 { 1 } else { self.units[*unit].values[layer - 1] * SCALE };
            *sums.entry(self.units[*unit].contributor).or_default() += value;
        }
        let mut atom = AtomContributions {
            units: units.len() as u64,
            total: sums.values().map(|x| i128::from(*x)).sum(),
            ..AtomContributions::default()
        };
        let mut alone: Vec<i64> = Vec::new();
        for (contributor, sum) in sums {
            if seen[&contributor].len() > 1 {
                atom.shared.push((contributor, sum));
            } else {
                alone.push(sum.abs());
            }
        }
        alone.sort_unstable_by(|a, b| b.cmp(a));
        atom.alone = alone.len() as u64;
        atom.alone_absolute = alone.iter().map(|x| i128::from(*x)).sum();
        for (slot, value) in atom.alone_largest.iter_mut().zip(alone.into_iter().take(LARGEST)) {
            *slot = value;
        }
        atom
    }
}

/// Firms by size class in one sector and in all, with their turnover; one size class of the sector has four firms.
pub fn size_by_sector() -> TableSet {
    let mut builder = Builder::new(&[("turnover", true)]);
    let sector: Vec<Vec<usize>> =
        [(30, 5), (25, 20), (4, 300), (22, 40)].map(|(count, value)| builder.units(count, &[value])).into();
    let others: Vec<Vec<usize>> =
        [(50, 4), (45, 18), (40, 210), (30, 38)].map(|(count, value)| builder.units(count, &[value])).into();
    let names = ["0-9", "10-49", "50-249", "250+"];
    for layer in [0, 1] {
        let all: Vec<Vec<usize>> = sector.iter().zip(&others).map(|(a, b)| [a.clone(), b.clone()].concat()).collect();
        for (id, classes) in [("sector", &sector), ("all", &all)] {
            let total = builder.cell(0, layer, &classes.concat());
            let mut rows: Vec<_> =
                names.iter().zip(classes).map(|(name, units)| (*name, builder.cell(0, layer, units), None)).collect();
            rows.push(("", total, None));
            let statistic = if layer == 0 { Statistic::Count } else { Statistic::Mean };
            builder.table(&format!("{id}-{layer}"), statistic, &rows);
        }
    }
    builder.build()
}
