//! Sums of a table: those that it lacks are made of their parts, and those that it has agree with their parts up to rounding.

use std::collections::BTreeMap;
use std::path::Path;

use hashbrown::{HashMap, HashSet};

use super::{Extra, ReadTable, sort};
use crate::cells::table::{CellRow, CellTable, Declared, Dimension, Relation, Sum};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::disclosure::problem::SHARES;
use crate::tables::set::{LARGEST, Stats};

/// Disagreements shown.
const EXAMPLES: usize = 5;

/// Adds the cells of codes that no row of the table has, and settles what is only rounding.
///
/// # Errors
/// `cells-disagree` for sums that are less than their parts although nothing is negative, `bad-schema` for a code that is a part of itself.
pub fn complete(read: &mut ReadTable, file: &Path) -> Result<(), Diagnostics> {
    for at in 0..read.table.dimensions.len() {
        let dimension = read.table.dimensions[at].clone();
        for sum in ordered(&dimension)? {
            add(read, at, sum);
        }
    }
    let computed = read.extras.iter().filter(|extra| extra.computed).count();
    if computed > 0 {
        sort(&mut read.table, &mut read.extras);
        let headline = format!("{computed} totals are not in the table and were computed from their parts");
        let finding = Diagnostic::warning("totals-computed", headline).in_file(file);
        read.findings.push(match read.table.cells.iter().all(|cell| !cell.shares.is_empty()) {
            true => finding,
            false => finding
                .note("a contributor to several parts counts once for each of them, since nothing tells that it is the same"),
        });
    }
    settle(read, file)
}

/// Sums of a dimension, inner ones first.
fn ordered(dimension: &Dimension) -> Result<Vec<&Sum>, Diagnostics> {
    let heights = dimension.heights()?;
    let mut sums: Vec<&Sum> = dimension.sums.iter().collect();
    sums.sort_by_key(|sum| heights[sum.whole as usize]);
    Ok(sums)
}

/// Cells of the whole of a sum, when the table has none of them.
fn add(read: &mut ReadTable, at: usize, sum: &Sum) {
    if read.table.cells.iter().any(|cell| cell.codes[at] == sum.whole) {
        return;
    }
    let parts: HashSet<u32> = sum.parts.iter().copied().collect();
    let mut wholes: HashMap<Vec<u32>, Vec<usize>> = HashMap::new();
    for (cell, row) in read.table.cells.iter().enumerate().filter(|(_, row)| parts.contains(&row.codes[at])) {
        let mut codes = row.codes.clone();
        codes[at] = sum.whole;
        wholes.entry(codes).or_default().push(cell);
    }
    let mut wholes: Vec<(Vec<u32>, Vec<usize>)> = wholes.into_iter().collect();
    wholes.sort();
    for (codes, parts) in wholes {
        let row = added(codes, parts.iter().map(|part| &read.table.cells[*part]));
        let unknown = parts.iter().any(|part| read.extras[*part].unknown);
        read.table.cells.push(row);
        read.extras.push(Extra { computed: true, unknown, ..Extra::default() });
    }
}

/// Contributors without a name are taken for different ones; those with a name are added up.
fn added<'a>(codes: Vec<u32>, parts: impl Iterator<Item = &'a CellRow>) -> CellRow {
    let mut stats = Stats::default();
    let mut named: HashMap<u32, i64> = HashMap::new();
    let mut largest: Vec<i64> = Vec::new();
    let mut repeated = 0;
    for part in parts {
        stats.units += part.stats.units;
        stats.contributors += part.stats.contributors;
        stats.total += part.stats.total;
        stats.absolute += part.stats.absolute;
        match part.shares.is_empty() {
            true => largest.extend(part.stats.largest.iter().filter(|amount| **amount > 0)),
            false => largest.extend(part.stats.largest.iter().skip(part.shares.len()).filter(|amount| **amount > 0)),
        }
        for (contributor, amount) in &part.shares {
            let sum = named.entry(*contributor).or_insert_with(|| {
                repeated -= 1i64;
                0
            });
            repeated += 1;
            *sum = sum.saturating_add(*amount);
        }
    }
    stats.contributors = stats.contributors.saturating_sub(repeated.max(0) as u64);
    let mut shares: Vec<(u32, i64)> = named.into_iter().collect();
    shares.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    largest.extend(shares.iter().map(|(_, amount)| *amount));
    largest.sort_unstable_by(|a, b| b.cmp(a));
    for (slot, amount) in stats.largest.iter_mut().zip(largest) {
        *slot = amount;
    }
    shares.truncate(SHARES.max(LARGEST));
    CellRow { codes, stats, shares, cost: None, declared: Declared::Nothing }
}

/// Where every sum agrees with its parts up to rounding, sums become exact; otherwise what is left is reported.
fn settle(read: &mut ReadTable, file: &Path) -> Result<(), Diagnostics> {
    let relations = read.table.relations();
    let unit = 10i128.pow(4 - read.decimals.min(4));
    let table = &read.table;
    let value = |cell: &usize| table.cells[*cell].value(table.whole);
    let rest = |at: usize| value(&relations[at].whole) - relations[at].parts.iter().map(value).sum::<i128>();
    let rounding = |at: usize| if table.whole { 0 } else { unit * (relations[at].parts.len() as i128 + 1) / 2 };
    let open: Vec<usize> = (0..relations.len()).filter(|at| rest(*at).abs() > rounding(*at)).collect();
    let below: Vec<usize> = open.iter().copied().filter(|at| rest(*at) < 0 && table.nonnegative).collect();
    if !below.is_empty() {
        let mut wrong = Diagnostics::default();
        for at in below.iter().take(EXAMPLES) {
            let headline = format!("a sum is less than its parts ({} such sums)", below.len());
            let place = Place::Cell { table: file.display().to_string(), cell: table.name(relations[*at].whole) };
            let finding = Diagnostic::error("cells-disagree", headline).at(place);
            wrong.push(finding.help(
                "correct the cells, or give the hierarchy of their codes with --hierarchy; values of both signs need --signed",
            ));
        }
        return Err(wrong);
    }
    if !open.is_empty() {
        let headline = format!(
            "{} sums are more than their parts; what is left is taken for cells that the table does not print",
            open.len()
        );
        read.findings.push(Diagnostic::warning("cells-disagree", headline).in_file(file));
    }
    if !read.table.whole {
        let settled = relations.iter().enumerate().filter(|(at, _)| !open.contains(at)).map(|(_, relation)| relation);
        exact(&mut read.table, settled)?;
    }
    Ok(())
}

/// Every sum becomes that of its parts, inner ones first.
fn exact<'a>(table: &mut CellTable, relations: impl Iterator<Item = &'a Relation>) -> Result<(), Diagnostics> {
    let mut of: BTreeMap<usize, &Relation> = BTreeMap::new();
    for relation in relations {
        of.entry(relation.whole).or_insert(relation);
    }
    let heights = table.dimensions.iter().map(Dimension::heights).collect::<Result<Vec<_>, _>>()?;
    let height = |cell: usize| table.cells[cell].codes.iter().zip(&heights).map(|(code, of)| of[*code as usize]).sum::<usize>();
    let mut inner_first: Vec<&Relation> = of.into_values().collect();
    inner_first.sort_by_key(|relation| height(relation.whole));
    for relation in inner_first {
        let total = relation.parts.iter().map(|part| table.cells[*part].stats.total).sum::<i128>();
        let stats = &mut table.cells[relation.whole].stats;
        stats.absolute += total - stats.total;
        stats.total = total;
    }
    Ok(())
}
