//! What is released, attacked from outside by going through every table of whole numbers that agrees with it.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use proptest::prelude::*;
use sluis::disclosure::safe::{SafeTables, State};
use sluis::disclosure::{assess::assess, audit::audit, example::Builder, profile::Profile, suppress::protect};
use sluis::tables::set::{Statistic, TableSet};

/// Counts of two rows and three columns with all their totals, row by row.
fn grid(counts: &[[usize; 3]; 2]) -> TableSet {
    let mut builder = Builder::new(&[]);
    let units: Vec<Vec<Vec<usize>>> =
        counts.iter().map(|row| row.iter().map(|count| builder.units(*count, &[])).collect()).collect();
    let mut rows = Vec::new();
    for (row, column) in (0..3).flat_map(|row| (0..4).map(move |column| (row, column))) {
        let inside = |at: usize, all: usize, own: usize| own == all || own == at;
        let members: Vec<usize> = (0..2)
            .flat_map(|r| (0..3).map(move |c| (r, c)))
            .filter(|(r, c)| inside(*r, 2, row) && inside(*c, 3, column))
            .flat_map(|(r, c)| units[r][c].clone())
            .collect();
        rows.push(("x", builder.cell(0, 0, &members), None));
    }
    builder.table("grid", Statistic::Count, &rows);
    builder.build()
}

fn released(set: TableSet) -> Option<SafeTables> {
    let profile = Profile::named("cbs").unwrap();
    protect(assess(set, &profile)).and_then(audit).ok().map(|(tables, _)| tables)
}

/// Where the parts of a cell of the grid stand, inside without totals counted row by row.
fn parts(at: usize) -> Vec<usize> {
    let (row, column) = (at / 4, at % 4);
    (0..6).filter(|i| (row == 2 || i / 3 == row) && (column == 3 || i % 3 == column)).collect()
}

/// Least and greatest value of every cell over all grids that agree with what is shown, no inside count above `most`; a withheld cell is
/// not empty.
fn bounds(tables: &SafeTables, most: u64) -> [(u64, u64); 12] {
    let rows = &tables.tables()[0].rows;
    let shown: Vec<(Vec<usize>, Option<u64>)> = (0..12).map(|at| (parts(at), rows[at].units)).collect();
    let mut bounds = [(u64::MAX, 0); 12];
    fill(&mut [0; 6], 0, most, &shown, &mut |inside| {
        for (bound, (parts, _)) in bounds.iter_mut().zip(&shown) {
            let value = parts.iter().map(|part| inside[*part]).sum();
            *bound = (bound.0.min(value), bound.1.max(value));
        }
    });
    bounds
}

fn fill(inside: &mut [u64; 6], at: usize, most: u64, shown: &[(Vec<usize>, Option<u64>)], found: &mut dyn FnMut(&[u64; 6])) {
    if at == inside.len() {
        return found(inside);
    }
    for value in 0..=most {
        inside[at] = value;
        let complete = shown.iter().filter(|(parts, _)| parts.last() == Some(&at));
        let agrees = |(parts, units): &(Vec<usize>, Option<u64>)| {
            let value: u64 = parts.iter().map(|part| inside[*part]).sum();
            units.map_or(value > 0, |units| units == value)
        };
        if complete.into_iter().all(agrees) {
            fill(inside, at + 1, most, shown, found);
        }
    }
}

#[test]
fn no_withheld_count_below_the_minimum_follows_from_what_is_released() {
    let mut attacked = 0;
    for seed in 0..30usize {
        let count = |at: usize| [12, 3, 15, 9, 11, 1, 14, 0, 10, 8][(seed * 7 + at * at * 3 + seed / 10 * at) % 10];
        let counts = [[count(0), count(1), count(2)], [count(3), count(4), count(5)]];
        let Some(tables) = released(grid(&counts)) else { continue };
        let bounds = bounds(&tables, 17);
        for (at, (low, high)) in bounds.into_iter().enumerate() {
            let truth: usize = parts(at).iter().map(|part| counts[part / 3][part % 3]).sum();
            assert!((low..=high).contains(&(truth as u64)));
            if (1..10).contains(&truth) {
                assert_eq!(tables.tables()[0].rows[at].state, State::Suppressed);
                assert!(low < high && high > truth as u64, "{counts:?} cell {at}: {low} to {high}");
                attacked += 1;
            }
        }
    }
    assert!(attacked > 20, "{attacked}");
}

/// Counts of classes with their total, and the same as shares.
fn distribution(counts: &[usize]) -> TableSet {
    let mut builder = Builder::new(&[]);
    let units: Vec<Vec<usize>> = counts.iter().map(|count| builder.units(*count, &[])).collect();
    let total = builder.cell(0, 0, &units.concat());
    let cells: Vec<usize> = units.iter().map(|units| builder.cell(0, 0, units)).collect();
    let counted: Vec<_> = [("", total, None)].into_iter().chain(cells.iter().map(|cell| ("x", *cell, None))).collect();
    builder.table("counts", Statistic::Count, &counted);
    let shares: Vec<_> = cells.iter().map(|cell| ("x", *cell, Some(total))).collect();
    builder.table("shares", Statistic::Share, &shares);
    builder.build()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_share_is_above_100_and_printed_counts_add(counts in proptest::collection::vec(0usize..90, 1..7)) {
        let whole: usize = counts.iter().sum();
        let Some(tables) = released(distribution(&counts)) else { return Ok(()) };
        let (counted, shares) = (&tables.tables()[0].rows, &tables.tables()[1].rows);
        let number = |text: &String| text.parse::<i64>().unwrap();
        for ((row, count), part) in shares.iter().zip(&counts).zip(&counted[1..]) {
            if let Some(share) = row.value.as_ref().map(number) {
                prop_assert!((0..=100).contains(&share) && part.value.is_some());
                let error = share as f64 - 100.0 * *count as f64 / whole.max(1) as f64;
                prop_assert!(error.abs() <= 0.5, "{counts:?}: {share}");
            }
        }
        let parts: Vec<i64> = counted[1..].iter().filter_map(|row| row.value.as_ref().map(number)).collect();
        if let (Some(total), true) = (counted[0].value.as_ref().map(number), parts.len() == counts.len()) {
            prop_assert_eq!(parts.iter().sum::<i64>(), total);
            let shown: Vec<i64> = shares.iter().filter_map(|row| row.value.as_ref().map(number)).collect();
            let off = (shown.iter().sum::<i64>() - 100).unsigned_abs() as usize;
            prop_assert!(shown.len() < counts.len() || whole == 0 || off * 2 <= counts.len(), "{counts:?}: {shown:?}");
        }
    }
}
