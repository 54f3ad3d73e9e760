//! Records of contributors: every combination of the codes of the spanning variables and of what they are a part of becomes a cell.

use std::collections::BTreeMap;

use super::hierarchy::Hierarchy;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::language::Text;
use crate::tables::set::{
    About, AtomContributions, Cell, LARGEST, Layer, Presentation, Row, Statistic, Table, TableSet, Universe,
};

/// A spanning variable.
#[derive(Clone, Debug)]
pub struct Dimension {
    pub name: String,
    pub hierarchy: Hierarchy,
}

/// What one unit contributes. Sensitive: it is never printed.
#[derive(Clone)]
pub struct Record {
    /// One innermost code per dimension.
    pub codes: Vec<String>,
    /// The holding that the unit is a part of; without one it is its own contributor.
    pub holding: Option<String>,
    /// Ten-thousandths of the unit of the measure.
    pub value: i64,
}

/// A unit by the numbers of its contributor and codes.
struct Unit {
    contributor: u32,
    value: i64,
}

type Atoms = BTreeMap<Vec<usize>, Vec<Unit>>;

/// The table of a measure by the dimensions, with every total of their hierarchies. Cells without records are left out: a reader takes
/// them for empty.
///
/// # Errors
/// `file-empty` without records; `unknown-code` with the number of a record whose code is not an innermost one of its hierarchy.
pub fn tabulate(measure: &str, dimensions: &[Dimension], records: &[Record]) -> Result<TableSet, Diagnostics> {
    if records.is_empty() {
        return Err(Diagnostic::error("file-empty", "there are no records to make cells of").into());
    }
    let atoms = atoms(dimensions, records)?;
    let universe = universe(measure, &atoms);
    let mut members: BTreeMap<Vec<usize>, Vec<u32>> = BTreeMap::new();
    for (atom, codes) in (0..).zip(atoms.keys()) {
        for cell in combinations(dimensions, codes) {
            members.entry(cell).or_default().push(atom);
        }
    }
    let cell = |atoms: &Vec<u32>| Cell {
        universe: 0,
        layer: 1,
        stats: universe.layers[1].stats(atoms),
        atoms: atoms.clone(),
        numerator: None,
        importance: 1,
        margins: Vec::new(),
    };
    let cells = members.values().map(cell).collect();
    let rows = members.keys().enumerate().map(|(cell, codes)| row(dimensions, codes, cell)).collect();
    let table = Table {
        id: measure.to_owned(),
        title: measure.to_owned(),
        statistic: Statistic::Mean,
        unit: String::new(),
        decimals: 2,
        columns: dimensions.iter().map(|dimension| dimension.name.clone()).collect(),
        mark: false,
        presentation: Presentation { title: Text::same(measure), ..Presentation::default() },
        rows,
    };
    Ok(TableSet { universes: vec![universe], cells, tables: vec![table], about: About::default() })
}

fn row(dimensions: &[Dimension], codes: &[usize], cell: usize) -> Row {
    let key = dimensions.iter().zip(codes).map(|(one, code)| (one.name.clone(), one.hierarchy.name(*code).to_owned()));
    Row { key: key.collect(), cell, margin: None, base: None }
}

/// Units by their innermost codes.
fn atoms(dimensions: &[Dimension], records: &[Record]) -> Result<Atoms, Diagnostics> {
    let mut holdings: BTreeMap<&str, u32> = records.iter().filter_map(|record| Some((record.holding.as_deref()?, 0))).collect();
    let holding_count = holdings.len() as u32;
    holdings.values_mut().zip(0..).for_each(|(number, next)| *number = next);
    let innermost: Vec<Vec<bool>> =
        dimensions.iter().map(|one| (0..one.hierarchy.len()).map(|code| one.hierarchy.is_innermost(code)).collect()).collect();
    let mut atoms = Atoms::new();
    let mut wrong = Diagnostics::default();
    for (number, record) in (0u32..).zip(records) {
        let mut codes = Vec::with_capacity(dimensions.len());
        for (at, (dimension, code)) in dimensions.iter().zip(&record.codes).enumerate() {
            match dimension.hierarchy.find(code).filter(|code| innermost[at][*code]) {
                Some(code) => codes.push(code),
                None => wrong.push(Diagnostic::error(
                    "unknown-code",
                    format!("record {} has no innermost code of `{}`", number + 1, dimension.name),
                )),
            }
        }
        let own = holding_count + number;
        let contributor = record.holding.as_deref().and_then(|name| holdings.get(name).copied()).unwrap_or(own);
        atoms.entry(codes).or_default().push(Unit { contributor, value: record.value });
    }
    wrong.finish(atoms).map(|(atoms, _)| atoms)
}

/// The innermost cell and every cell that contains it.
fn combinations(dimensions: &[Dimension], codes: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for (dimension, code) in dimensions.iter().zip(codes) {
        let path = dimension.hierarchy.path(*code);
        all = all.iter().flat_map(|start| path.iter().map(|code| [start.as_slice(), &[*code]].concat())).collect();
    }
    all
}

fn universe(measure: &str, atoms: &Atoms) -> Universe {
    let mut seen: BTreeMap<u32, (usize, bool)> = BTreeMap::new();
    for (atom, units) in atoms.values().enumerate() {
        for unit in units {
            let (first, several) = seen.entry(unit.contributor).or_insert((atom, false));
            *several |= *first != atom;
        }
    }
    let shared = |contributor: u32| seen.get(&contributor).is_some_and(|(_, several)| *several);
    let layer = |name: &str, nonnegative: bool, whole: bool| Layer {
        name: name.to_owned(),
        nonnegative,
        whole,
        numerator: None,
        weight: None,
        atoms: atoms.values().map(|units| contributions(units, whole, &shared)).collect(),
    };
    let nonnegative = atoms.values().flatten().all(|unit| unit.value >= 0);
    let layers = vec![layer("units", true, true), layer(measure, nonnegative, false)];
    Universe { label: measure.to_owned(), atoms: atoms.len(), populations: Vec::new(), layers }
}

fn contributions(units: &[Unit], count: bool, shared: &impl Fn(u32) -> bool) -> AtomContributions {
    let mut sums: BTreeMap<u32, i64> = BTreeMap::new();
    for unit in units {
        let sum = sums.entry(unit.contributor).or_default();
        *sum = sum.saturating_add(if count { 1 } else { unit.value });
    }
    let total = sums.values().map(|sum| i128::from(*sum)).sum();
    let mut atom = AtomContributions { units: units.len() as u64, total, ..AtomContributions::default() };
    let mut alone: Vec<i64> = Vec::new();
    for (contributor, sum) in sums {
        match shared(contributor) {
            true => atom.shared.push((contributor, sum)),
            false => alone.push(sum.saturating_abs()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::amount::SCALE;

    fn region() -> Vec<Dimension> {
        let regions = Hierarchy::indented("North\n@a\n@b\nSouth\n@c\n@d\n", "@").unwrap();
        let sizes = Hierarchy::indented("small\nlarge\n", "@").unwrap();
        vec![Dimension { name: "region".into(), hierarchy: regions }, Dimension { name: "size".into(), hierarchy: sizes }]
    }

    fn record(region: &str, size: &str, holding: &str, value: i64) -> Record {
        let holding = (!holding.is_empty()).then(|| holding.to_owned());
        Record { codes: vec![region.into(), size.into()], holding, value: value * SCALE }
    }

    #[test]
    fn every_total_is_a_cell_and_a_holding_counts_once_in_it() {
        let records = [record("a", "small", "h", 10), record("b", "small", "h", 5), record("c", "large", "", 3)];
        let set = tabulate("turnover", &region(), &records).unwrap();
        let north = set.tables[0].rows.iter().find(|row| row.key["region"] == "North" && row.key["size"].is_empty()).unwrap();
        let stats = set.cells[north.cell].stats;
        assert_eq!((stats.units, stats.contributors, stats.total), (2, 1, 15 * i128::from(SCALE)));
        assert_eq!(stats.largest[0], 15 * SCALE);
        // Six that hold the first record, two more for the second, five more for the third.
        assert_eq!(set.cells.len(), 6 + 2 + 5);
    }

    #[test]
    fn a_code_that_has_parts_holds_no_record() {
        let found = tabulate("turnover", &region(), &[record("North", "small", "", 1), record("x", "large", "", 1)]);
        let codes: Vec<&str> = found.err().unwrap().0.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["unknown-code", "unknown-code"]);
    }

    #[test]
    fn the_order_of_records_changes_nothing() {
        let mut records = vec![record("a", "small", "h", 10), record("b", "large", "h", 5), record("a", "small", "", 3)];
        let forward = tabulate("turnover", &region(), &records).unwrap();
        records.reverse();
        let backward = tabulate("turnover", &region(), &records).unwrap();
        assert!(forward.cells.iter().zip(&backward.cells).all(|(a, b)| a.atoms == b.atoms && a.stats == b.stats));
    }
}
