//! Every row a record of a contributor: cells are made of them.

use std::collections::BTreeSet;

use super::roles::Roles;
use super::rows::{RowFaults, decimals};
use super::spanning::Spanning;
use super::{Columns, Extra, ReadTable, Wish, stem};
use crate::amount::SCALE;
use crate::cells::records::{self, Record};
use crate::cells::table::TOTAL;
use crate::diagnostic::Diagnostics;

/// Makes cells of records. Without a value records are counted; with a weight and without a value the weights are added.
///
/// # Errors
/// Everything wrong with the records.
pub(super) fn tabulate(columns: &Columns, roles: &Roles, spanning: &Spanning, wish: &Wish) -> Result<ReadTable, Diagnostics> {
    let texts = &columns.texts;
    let dimensions = spanning.dimensions();
    let asked: Vec<usize> = roles.value.into_iter().chain(roles.weight).collect();
    let (numbers, findings) = texts.numbers(&asked, &|text| text.is_empty() || text == "NA")?;
    let mut faults = RowFaults::default();
    let mut records = Vec::with_capacity(texts.rows);
    for row in 0..texts.rows {
        let number = |place: usize| numbers.get(place).and_then(|numbers| numbers[row]);
        let weight = roles.weight.and_then(|_| number(numbers.len() - 1));
        if let Some(column) = roles.weight.filter(|_| weight.is_none_or(|weight| weight < 0)) {
            faults.add(row, column, "bad-value", "the weight is not there, or below zero");
        }
        let value = if roles.value.is_some() { number(0) } else { Some(SCALE) };
        if let Some(column) = roles.value.filter(|_| value.is_none()) {
            faults.add(row, column, "bad-value", "the value of the record is not there");
        }
        let codes = match spanning.codes(texts, row) {
            Ok(codes) => codes,
            Err(column) => {
                faults.add(row, column, "unknown-code", "the code has no place in its hierarchy");
                continue;
            }
        };
        for (at, code) in codes.iter().enumerate() {
            if *code == TOTAL || !dimensions[at].is_innermost(*code) {
                faults.add(row, spanning.groups[at].columns[0], "unknown-code", "a record needs an innermost code, not a total");
            }
        }
        let codes = codes.iter().zip(&dimensions).map(|(code, dimension)| dimension.codes[*code as usize].clone()).collect();
        let holding = roles.holding.map(|column| texts.columns[column].get(row).to_owned()).filter(|name| !name.is_empty());
        records.push(Record { codes, holding, value: value.unwrap_or_default(), weight });
    }
    faults.finish(texts)?;
    let whole = roles.value.is_none() && roles.weight.is_none();
    let measure = roles.value.or(roles.weight).map_or_else(|| "units".to_owned(), |column| texts.columns[column].name.clone());
    let names: BTreeSet<&String> = records.iter().filter_map(|record| record.holding.as_ref()).collect();
    let contributors: Vec<String> = names.into_iter().cloned().collect();
    let mut table = records::tabulate(&measure, dimensions.clone(), &records)?;
    table.nonnegative &= !wish.signed;
    counted(&mut table, whole);
    let singly = match contributors.is_empty() {
        true => None,
        false => {
            records.iter_mut().for_each(|record| record.holding = None);
            let mut singly = records::tabulate(&measure, dimensions, &records)?;
            singly.nonnegative = table.nonnegative;
            counted(&mut singly, whole);
            Some(singly)
        }
    };
    let extras = vec![Extra::default(); table.cells.len()];
    let missing = spanning.groups.iter().map(|group| group.missing.clone()).collect();
    let decimals = roles.value.map_or(0, |column| decimals(&texts.columns[column].texts));
    Ok(ReadTable {
        name: stem(&texts.file),
        table,
        extras,
        contributors,
        singly,
        coarser: spanning.coarser(texts),
        counted: true,
        absolute_known: true,
        decimals,
        missing,
        findings,
    })
}

/// A table of numbers of units holds whole numbers.
fn counted(table: &mut crate::cells::table::CellTable, whole: bool) {
    table.whole = whole;
    if whole {
        for cell in &mut table.cells {
            cell.stats.total = i128::from(cell.stats.units);
            cell.stats.absolute = cell.stats.total;
            cell.stats.largest.iter_mut().for_each(|amount| *amount /= SCALE);
            cell.shares.iter_mut().for_each(|(_, amount)| *amount /= SCALE);
        }
    }
}
