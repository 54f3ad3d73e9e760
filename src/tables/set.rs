//! A table set is every table of a run over one refinement of the units: cells are sets of atoms, and an atom is a set of
//! units that every published cell contains whole or not at all.

use std::collections::BTreeMap;

use crate::language::{Language, Text};
use crate::spec::plan::{Cohort, MeasureOptions, OutlierCriterion, Section, TieRule};

/// How many of the largest contributions are kept.
pub const LARGEST: usize = 6;

/// All tables of a run, with the contributions behind them. Sensitive: nothing here may be printed or written to a release.
pub struct TableSet {
    /// One per year (and one for the attrition of the list).
    pub universes: Vec<Universe>,
    /// Every published set × measure × period once, however many tables show it.
    pub cells: Vec<Cell>,
    pub tables: Vec<Table>,
    /// What was told of these units before.
    pub earlier: Vec<Earlier>,
    pub about: About,
}

/// A release that a reader has already, as tables over the same refinement with what they print.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// As the pipeline file names it.
    pub release: String,
    pub tables: Vec<Table>,
    /// By table and row.
    pub printed: Vec<Vec<Printed>>,
}

/// What an earlier release tells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Printed {
    /// It is withheld, not delivered, or nothing that can be.
    Nothing,
    /// All that it is computed from is shown, and the figure does not exist.
    Undefined,
    /// There are no units.
    Zero,
    /// A value in ten-thousandths, and a number of units where the table tells it.
    Figure { value: i64, units: Option<u64> },
}

/// The units of one period, cut into atoms. No unit stands in two universes; a contributor may.
pub struct Universe {
    /// `2014`; `list` for the attrition.
    pub label: String,
    pub atoms: usize,
    /// One per atom: the sum of a number drawn for each of its units, the same in every year, so that equal sets of units are found
    /// across years; empty where units are not followed.
    pub populations: Vec<u128>,
    /// Layer 0 counts units: each contributes 1. The others are measures, in ten-thousandths of their unit.
    pub layers: Vec<Layer>,
}

/// One measure over the atoms of a universe.
pub struct Layer {
    /// `units`, or the name of an indicator, or `turnover-per-person/numerator` for a layer that only rules look at.
    pub name: String,
    /// Declared: no unit has a negative value.
    pub nonnegative: bool,
    /// Values are whole numbers of units (layer 0).
    pub whole: bool,
    /// The layer whose dominance is judged as well: the numerator of a ratio.
    pub numerator: Option<usize>,
    /// The layer with the design weights by which a mean divides; without one it divides by the number of units.
    pub weight: Option<usize>,
    /// One per atom. Units whose value is missing stand in atoms that no cell of this layer contains.
    pub atoms: Vec<AtomContributions>,
}

/// The contributions to one atom. A contributor is an enterprise group, or a unit that belongs to none; what its units
/// contribute is added before anything is ranked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AtomContributions {
    pub units: u64,
    pub total: i128,
    /// Contributors that stand in this atom and in no other of the universe.
    pub alone: u64,
    /// Sum of their absolute contributions.
    pub alone_absolute: i128,
    /// Their largest absolute contributions, descending.
    pub alone_largest: [i64; LARGEST],
    /// Contributors that stand in several atoms of the universe, with what they contribute here; ascending by contributor.
    pub shared: Vec<(u32, i64)>,
}

/// What the rules look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    pub units: u64,
    pub contributors: u64,
    pub total: i128,
    /// Sum over contributors of the absolute contribution.
    pub absolute: i128,
    /// Largest absolute contributions, descending; zero where there are fewer.
    pub largest: [i64; LARGEST],
}

/// A published set of units × layer. A cell of layer 0 publishes a number of units; of another layer a mean and a number of units,
/// from which an attacker is taken to know the sum.
#[derive(Clone, Debug)]
pub struct Cell {
    pub universe: usize,
    pub layer: usize,
    /// Ascending.
    pub atoms: Vec<u32>,
    pub stats: Stats,
    /// Stats in the numerator layer, where the layer has one.
    pub numerator: Option<Stats>,
    /// Larger is kept rather than smaller when another cell must be withheld.
    pub importance: u32,
    /// Cells of the same breakdown that this one is a part of (row and column totals): group disclosure is judged against them.
    pub margins: Vec<usize>,
}

/// A table as it will be shown; rows point at cells.
#[derive(Clone, Debug)]
pub struct Table {
    pub id: String,
    pub title: String,
    /// What the value column holds.
    pub statistic: Statistic,
    /// Unit of the value: `firms`, `%`, `eur`, `index`.
    pub unit: String,
    pub decimals: u32,
    /// Names of the key columns, in order; every row has exactly these.
    pub columns: Vec<String>,
    /// Whether treated rows are marked above or below the controls.
    pub mark: bool,
    pub presentation: Presentation,
    pub rows: Vec<Row>,
}

/// What a reader is told about a table beside its numbers. All of it is declared; nothing depends on a unit.
#[derive(Clone, Debug, Default)]
pub struct Presentation {
    pub title: Text,
    pub unit: Text,
    /// The part of the report in which the table stands; none for a table made elsewhere.
    pub section: Option<Section>,
    /// The year that an index or a decomposition starts from.
    pub base: Option<i32>,
    /// The only classes that are let in, where there is one of a dimension that no column has.
    pub filters: Vec<Text>,
    /// By name of the key column.
    pub columns: BTreeMap<String, ColumnText>,
}

/// A key column and its classes in words.
#[derive(Clone, Debug, Default)]
pub struct ColumnText {
    pub title: Text,
    /// By code; the class "all" stands under empty text.
    pub classes: BTreeMap<String, Text>,
}

/// What a reader is told about the study; declared, like [`Presentation`].
#[derive(Clone, Debug, Default)]
pub struct About {
    pub name: String,
    pub title: Text,
    pub data_source: Option<Text>,
    /// In which the study has its titles.
    pub languages: Vec<Language>,
    /// `None` for tables made elsewhere.
    pub method: Option<Method>,
}

/// The declared choices of a study.
#[derive(Clone, Debug)]
pub struct Method {
    pub years: Vec<i32>,
    /// Empty where nothing is linked.
    pub ties: Vec<TieRule>,
    pub cohort: Cohort,
    pub measures: MeasureOptions,
    /// When a value is extreme, and whether only units with a larger enterprise group are left out.
    pub outliers: Option<(OutlierCriterion, bool)>,
}

impl Presentation {
    /// The name of a column; its own when it has no words.
    pub fn column<'a>(&'a self, column: &'a str, language: Language) -> &'a str {
        self.columns.get(column).map_or(column, |text| text.title.of(language))
    }

    /// A class in words; its code when it has none.
    pub fn class<'a>(&'a self, column: &str, code: &'a str, language: Language) -> &'a str {
        let class = self.columns.get(column).and_then(|text| text.classes.get(code));
        class.map_or(code, |label| label.of(language))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Statistic {
    Count,
    /// cell units / margin units × 100
    Share,
    /// cell total / cell units
    Mean,
    /// mean of cell / mean of base × 100
    Index,
    /// A part of the change from the mean of base to the mean of cell; see [`super::decomposition`].
    Decomposition,
}

/// What a row of a decomposition tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The mean of the base year.
    Start,
    /// The mean of the year.
    End,
    Change,
    /// What changed at the same distribution over classes.
    Within,
    /// What the distribution of all units over classes changed.
    Composition,
    /// What is left: the units with a value are distributed otherwise than all of them.
    Coverage,
}

impl Part {
    pub const ALL: [Part; 6] = [Part::Start, Part::End, Part::Change, Part::Within, Part::Composition, Part::Coverage];

    /// As it stands in the key column `part`.
    pub fn code(self) -> &'static str {
        match self {
            Part::Start => "start",
            Part::End => "end",
            Part::Change => "change",
            Part::Within => "within",
            Part::Composition => "composition",
            Part::Coverage => "coverage",
        }
    }

    /// Whether it needs the classes, and not only the means of its own row.
    pub fn is_split(self) -> bool {
        matches!(self, Part::Within | Part::Composition | Part::Coverage)
    }
}

/// What a row of a decomposition is computed from beside its own means, as definitions or as cells.
#[derive(Clone, Debug)]
pub struct Split<T> {
    pub part: Part,
    /// The class of the row; none for all of them.
    pub class: Option<usize>,
    /// There where the part needs more than the means of the row.
    pub over: Option<Over<T>>,
}

/// What a change is split by: the means over all classes, in the base year and in the year, and every class.
#[derive(Clone, Debug)]
pub struct Over<T> {
    pub means: [T; 2],
    pub classes: Vec<ClassParts<T>>,
}

/// The means and the numbers of units of a class, in the base year and in the year.
#[derive(Clone, Debug)]
pub struct ClassParts<T> {
    pub means: [T; 2],
    pub units: [T; 2],
}

impl<T> Split<T> {
    /// What is left of a change is left over all classes: a single one has no such part.
    pub fn exists(&self) -> bool {
        self.part != Part::Coverage || self.class.is_none()
    }

    /// Everything that it is computed from.
    pub fn parts(&self) -> impl Iterator<Item = &T> {
        self.over.iter().flat_map(|over| over.means.iter().chain(over.classes.iter().flat_map(ClassParts::parts)))
    }

    pub fn map<U>(&self, to: impl Fn(&T) -> U) -> Split<U> {
        let both = |pair: &[T; 2]| pair.each_ref().map(&to);
        let class = |class: &ClassParts<T>| ClassParts { means: both(&class.means), units: both(&class.units) };
        let over = |over: &Over<T>| Over { means: both(&over.means), classes: over.classes.iter().map(class).collect() };
        Split { part: self.part, class: self.class, over: self.over.as_ref().map(over) }
    }
}

impl<T> ClassParts<T> {
    fn parts(&self) -> impl Iterator<Item = &T> {
        self.means.iter().chain(&self.units)
    }
}

#[derive(Clone, Debug)]
pub struct Row {
    /// Column name to code; empty text stands for "all".
    pub key: BTreeMap<String, String>,
    pub cell: usize,
    /// The denominator of a share.
    pub margin: Option<usize>,
    /// The base of an index or of a decomposition.
    pub base: Option<usize>,
    /// There in a decomposition.
    pub split: Option<Split<usize>>,
}

impl Row {
    /// Every cell that it shows or is computed from, its own first.
    pub fn cells(&self) -> impl Iterator<Item = usize> {
        let split = self.split.iter().flat_map(Split::parts).copied();
        [Some(self.cell), self.margin, self.base].into_iter().flatten().chain(split)
    }
}

impl Earlier {
    /// The tables with what they print, row by row.
    pub fn rows(&self) -> impl Iterator<Item = (&Table, &Row, Printed)> {
        let tables = self.tables.iter().zip(&self.printed);
        tables.flat_map(|(table, printed)| table.rows.iter().zip(printed).map(move |(row, printed)| (table, row, *printed)))
    }

    /// For every one of so many cells whether it is told: who shows a figure shows all that it is computed from.
    pub fn told(&self, cells: usize) -> Vec<bool> {
        let mut told = vec![false; cells];
        for (_, row, printed) in self.rows() {
            match printed {
                Printed::Nothing => {}
                Printed::Zero => told[row.cell] = true,
                Printed::Undefined | Printed::Figure { .. } => row.cells().for_each(|cell| told[cell] = true),
            }
        }
        told
    }
}

impl TableSet {
    /// For every cell whether any earlier release tells it.
    pub fn told_before(&self) -> Vec<bool> {
        let each: Vec<Vec<bool>> = self.earlier.iter().map(|earlier| earlier.told(self.cells.len())).collect();
        (0..self.cells.len()).map(|cell| each.iter().any(|told| told[cell])).collect()
    }

    /// The tables of this run, then those of earlier releases with the name of theirs.
    pub fn every_table(&self) -> impl Iterator<Item = (&Table, Option<&str>)> {
        let before = self.earlier.iter().flat_map(|one| one.tables.iter().map(|table| (table, Some(one.release.as_str()))));
        self.tables.iter().map(|table| (table, None)).chain(before)
    }

    /// For every cell whether a table of this run shows it or something computed from it.
    pub fn told_now(&self) -> Vec<bool> {
        let mut told = vec![false; self.cells.len()];
        let rows = self.tables.iter().flat_map(|table| &table.rows);
        rows.flat_map(Row::cells).for_each(|cell| told[cell] = true);
        told
    }

    /// Equal for cells of any year and measure that hold the same units; `None` without units, or where units are not followed.
    pub fn population(&self, cell: usize) -> Option<u128> {
        let Cell { universe, atoms, stats, .. } = &self.cells[cell];
        let populations = &self.universes[*universe].populations;
        let followed = stats.units > 0 && !populations.is_empty();
        followed.then(|| atoms.iter().fold(0, |sum: u128, atom| sum.wrapping_add(populations[*atom as usize])))
    }
}

impl Layer {
    /// Stats of a set of atoms, contributors that stand in several of them counted once.
    pub fn stats(&self, atoms: &[u32]) -> Stats {
        let mut stats = Stats::default();
        let mut shared: Vec<(u32, i64)> = Vec::new();
        let mut largest: Vec<i64> = Vec::new();
        for &atom in atoms {
            let here = &self.atoms[atom as usize];
            stats.units += here.units;
            stats.total += here.total;
            stats.contributors += here.alone;
            stats.absolute += here.alone_absolute;
            largest.extend(here.alone_largest.iter().filter(|x| **x > 0));
            shared.extend_from_slice(&here.shared);
        }
        shared.sort_unstable();
        for group in shared.chunk_by(|a, b| a.0 == b.0) {
            let sum: i64 = group.iter().map(|(_, value)| value).sum();
            stats.contributors += 1;
            stats.absolute += i128::from(sum.unsigned_abs());
            largest.push(sum.saturating_abs());
        }
        largest.sort_unstable_by(|a, b| b.cmp(a));
        for (slot, value) in stats.largest.iter_mut().zip(largest) {
            *slot = value;
        }
        stats
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_in_two_atoms_is_one_contributor() {
        let atom = |alone_value: i64, shared: i64| AtomContributions {
            units: 2,
            total: i128::from(alone_value + shared),
            alone: 1,
            alone_absolute: i128::from(alone_value),
            alone_largest: [alone_value, 0, 0, 0, 0, 0],
            shared: vec![(7, shared)],
        };
        let layer = Layer {
            name: "turnover".into(),
            nonnegative: true,
            whole: false,
            numerator: None,
            weight: None,
            atoms: vec![atom(10, 8), atom(5, 9)],
        };
        let stats = layer.stats(&[0, 1]);
        assert_eq!((stats.units, stats.contributors, stats.total, stats.absolute), (4, 3, 32, 32));
        assert_eq!(stats.largest, [17, 10, 5, 0, 0, 0]);
    }
}
