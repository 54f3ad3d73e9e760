//! Records of contributors: every combination of the codes of the spanning variables and of what they are a part of becomes a cell.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::table::{CellRow, CellTable, Declared, Dimension};
use crate::amount::{SCALE, divide_round};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::problem::SHARES;
use crate::tables::set::{LARGEST, Stats};

/// What one unit contributes. Sensitive: it is never printed.
#[derive(Clone)]
pub struct Record {
    /// One innermost code per dimension.
    pub codes: Vec<String>,
    /// The holding that the unit is a part of; without one it is its own contributor.
    pub holding: Option<String>,
    /// Ten-thousandths of the unit of the measure.
    pub value: i64,
    /// How many units it stands for, in ten-thousandths; one without it. Totals are weighted; contributions are ranked as they are,
    /// since whoever attacks is known to be in the sample (handbook on statistical disclosure control, section 4.2).
    pub weight: Option<i64>,
}

/// One contribution to one cell, by number of the cell and of the contributor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Contribution {
    cell: u32,
    contributor: u32,
    value: i64,
    weighted: i64,
}

/// The table of a measure by the dimensions, with every total of their hierarchies. Cells without records are left out: a reader takes
/// them for empty.
///
/// # Errors
/// `file-empty` without records; `unknown-code` with the number of a record whose code is not an innermost one of its dimension.
pub fn tabulate(measure: &str, dimensions: Vec<Dimension>, records: &[Record]) -> Result<CellTable, Diagnostics> {
    if records.is_empty() {
        return Err(Diagnostic::error("file-empty", "there are no records to make cells of").into());
    }
    let codes = codes(&dimensions, records)?;
    let (cells, mut contributions) = spread(&dimensions, records, &codes);
    contributions.sort_unstable();
    let mut rows: Vec<CellRow> = Vec::with_capacity(cells.len());
    for (codes, of_cell) in cells.into_iter().zip(contributions.chunk_by(|a, b| a.cell == b.cell)) {
        rows.push(row(codes, of_cell));
    }
    rows.sort_by(|a, b| a.codes.cmp(&b.codes));
    let nonnegative = records.iter().all(|record| record.value >= 0);
    let measure = measure.to_owned();
    Ok(CellTable { measure, dimensions, nonnegative, whole: false, largest_known: LARGEST, cells: rows })
}

/// The number of every code of every record.
fn codes(dimensions: &[Dimension], records: &[Record]) -> Result<Vec<Vec<u32>>, Diagnostics> {
    let known: Vec<HashMap<&str, u32>> = dimensions
        .iter()
        .map(|dimension| {
            (0..)
                .zip(&dimension.codes)
                .map(|(at, code)| (code.as_str(), at))
                .filter(|(_, at)| dimension.is_innermost(*at))
                .collect()
        })
        .collect();
    let mut wrong = Diagnostics::default();
    let mut all = Vec::with_capacity(records.len());
    for (number, record) in records.iter().enumerate() {
        let mut codes = Vec::with_capacity(dimensions.len());
        for ((dimension, known), code) in dimensions.iter().zip(&known).zip(&record.codes) {
            match known.get(code.trim()) {
                Some(code) => codes.push(*code),
                None => wrong.push(Diagnostic::error(
                    "unknown-code",
                    format!("record {} has no innermost code of `{}`", number + 1, dimension.name),
                )),
            }
        }
        all.push(codes);
    }
    wrong.finish(all).map(|(all, _)| all)
}

/// Every cell by its codes, in the order of its number, and every contribution to it.
fn spread(dimensions: &[Dimension], records: &[Record], codes: &[Vec<u32>]) -> (Vec<Vec<u32>>, Vec<Contribution>) {
    let above: Vec<Vec<Vec<u32>>> = dimensions
        .iter()
        .map(|dimension| (0..dimension.codes.len() as u32).map(|code| dimension.above(code)).collect())
        .collect();
    let mut holdings: BTreeMap<&str, u32> = records.iter().filter_map(|record| Some((record.holding.as_deref()?, 0))).collect();
    holdings.values_mut().zip(0..).for_each(|(number, next)| *number = next);
    let mut cell_of: HashMap<Vec<u32>, u32> = HashMap::new();
    let mut cells: Vec<Vec<u32>> = Vec::new();
    let mut contributions = Vec::new();
    for (at, (record, codes)) in records.iter().zip(codes).enumerate() {
        let own = (holdings.len() + at) as u32;
        let contributor = record.holding.as_deref().and_then(|name| holdings.get(name).copied()).unwrap_or(own);
        let weighted = weighted(record);
        for cell in combinations(&above, codes) {
            let cell = *cell_of.entry(cell).or_insert_with_key(|codes| {
                cells.push(codes.clone());
                cells.len() as u32 - 1
            });
            contributions.push(Contribution { cell, contributor, value: record.value, weighted });
        }
    }
    (cells, contributions)
}

/// The value times the number of units that the record stands for.
fn weighted(record: &Record) -> i64 {
    let Some(weight) = record.weight else { return record.value };
    let product = divide_round(i128::from(record.value) * i128::from(weight), i128::from(SCALE));
    i64::try_from(product).unwrap_or(if product < 0 { i64::MIN } else { i64::MAX })
}

/// The innermost cell and every cell that contains it.
fn combinations(above: &[Vec<Vec<u32>>], codes: &[u32]) -> Vec<Vec<u32>> {
    let mut all = vec![Vec::new()];
    for (above, code) in above.iter().zip(codes) {
        all =
            all.iter().flat_map(|start| above[*code as usize].iter().map(|code| [start.as_slice(), &[*code]].concat())).collect();
    }
    all
}

/// What a contributor's units contribute is added before it is ranked.
fn row(codes: Vec<u32>, contributions: &[Contribution]) -> CellRow {
    let mut stats = Stats { units: contributions.len() as u64, ..Stats::default() };
    let mut shares: Vec<(u32, i64)> = Vec::new();
    let mut largest: Vec<i64> = Vec::new();
    for of_one in contributions.chunk_by(|a, b| a.contributor == b.contributor) {
        let plain = of_one.iter().fold(0i64, |sum, one| sum.saturating_add(one.value));
        let sum = of_one.iter().fold(0i64, |sum, one| sum.saturating_add(one.weighted));
        stats.contributors += 1;
        stats.total += i128::from(sum);
        stats.absolute += i128::from(sum.unsigned_abs());
        shares.push((of_one[0].contributor, sum.saturating_abs()));
        largest.push(plain.saturating_abs());
    }
    shares.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    largest.sort_unstable_by(|a, b| b.cmp(a));
    for (slot, amount) in stats.largest.iter_mut().zip(largest) {
        *slot = amount;
    }
    shares.truncate(SHARES.max(LARGEST));
    CellRow { codes, stats, shares, cost: None, declared: Declared::Nothing }
}

#[cfg(test)]
mod tests {
    use super::super::hierarchy::Hierarchy;
    use super::*;

    fn region() -> Vec<Dimension> {
        let regions = Hierarchy::indented("North\n@a\n@b\nSouth\n@c\n@d\n", "@").unwrap();
        let sizes = Hierarchy::indented("small\nlarge\n", "@").unwrap();
        vec![Dimension::nested("region", &regions), Dimension::nested("size", &sizes)]
    }

    fn record(region: &str, size: &str, holding: &str, value: i64) -> Record {
        let holding = (!holding.is_empty()).then(|| holding.to_owned());
        Record { codes: vec![region.into(), size.into()], holding, value: value * SCALE, weight: None }
    }

    #[test]
    fn every_total_is_a_cell_and_a_holding_counts_once_in_it() {
        let records = [record("a", "small", "h", 10), record("b", "small", "h", 5), record("c", "large", "", 3)];
        let table = tabulate("turnover", region(), &records).unwrap();
        let north = table.cells.iter().position(|cell| cell.codes == [1, 0]).unwrap();
        assert_eq!(table.name(north), "region=North, size=all");
        let stats = table.cells[north].stats;
        assert_eq!((stats.units, stats.contributors, stats.total), (2, 1, 15 * i128::from(SCALE)));
        assert_eq!(stats.largest[0], 15 * SCALE);
        // Six that hold the first record, two more for the second, five more for the third.
        assert_eq!(table.cells.len(), 6 + 2 + 5);
    }

    #[test]
    fn a_code_that_has_parts_holds_no_record() {
        let found = tabulate("turnover", region(), &[record("North", "small", "", 1), record("x", "large", "", 1)]);
        let codes: Vec<&str> = found.err().unwrap().0.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, ["unknown-code", "unknown-code"]);
    }

    #[test]
    fn totals_are_weighted_and_contributions_ranked_as_they_are() {
        let mut records = [record("a", "small", "", 10), record("a", "small", "", 8)];
        records[1].weight = Some(5 * SCALE);
        let table = tabulate("turnover", region(), &records).unwrap();
        let stats = table.cells[0].stats;
        assert_eq!((stats.total, stats.largest[0], stats.largest[1]), (50 * i128::from(SCALE), 10 * SCALE, 8 * SCALE));
        assert_eq!(table.cells[0].shares[0].1, 40 * SCALE);
    }

    #[test]
    fn the_order_of_records_changes_nothing() {
        let mut records = vec![record("a", "small", "h", 10), record("b", "large", "h", 5), record("a", "small", "", 3)];
        let forward = tabulate("turnover", region(), &records).unwrap();
        records.reverse();
        let backward = tabulate("turnover", region(), &records).unwrap();
        assert!(forward.cells.iter().zip(&backward.cells).all(|(a, b)| a.codes == b.codes && a.stats == b.stats));
    }
}
