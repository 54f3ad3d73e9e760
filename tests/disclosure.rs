//! What is released, attacked from outside by going through every table of whole numbers that agrees with it.

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

/// Every inside of the grid, each count at most `most`, that agrees with what is shown; withheld cells are not empty.
fn possible(tables: &SafeTables, most: u64) -> Vec<[u64; 12]> {
    let rows = &tables.tables()[0].rows;
    let agrees = |at: usize, value: u64| match rows[at].state {
        State::Suppressed => value > 0,
        _ => rows[at].units == Some(value),
    };
    let mut all = Vec::new();
    let mut inside = [0u64; 6];
    fill(&mut inside, 0, most, &|inside, filled| (0..filled).all(|at| agrees(at / 3 * 4 + at % 3, inside[at])), &mut |inside| {
        let whole: [u64; 12] = std::array::from_fn(|at| {
            let (row, column) = (at / 4, at % 4);
            (0..6).filter(|i| (row == 2 || i / 3 == row) && (column == 3 || i % 3 == column)).map(|i| inside[i]).sum()
        });
        if whole.iter().enumerate().all(|(at, value)| agrees(at, *value)) {
            all.push(whole);
        }
    });
    all
}

fn fill(
    inside: &mut [u64; 6],
    at: usize,
    most: u64,
    agrees: &dyn Fn(&[u64; 6], usize) -> bool,
    found: &mut dyn FnMut(&[u64; 6]),
) {
    if at == inside.len() {
        return found(inside);
    }
    for value in 0..=most {
        inside[at] = value;
        if agrees(inside, at + 1) {
            fill(inside, at + 1, most, agrees, found);
        }
    }
}

#[test]
fn no_withheld_count_below_the_minimum_follows_from_what_is_released() {
    let mut attacked = 0;
    for seed in 0..60usize {
        let count = |at: usize| [12, 3, 15, 9, 11, 1, 14, 0, 10, 8][(seed * 7 + at * at * 3 + seed / 10 * at) % 10];
        let counts = [[count(0), count(1), count(2)], [count(3), count(4), count(5)]];
        let Some(tables) = released(grid(&counts)) else { continue };
        let truth: [u64; 12] = std::array::from_fn(|at| {
            let (row, column) = (at / 4, at % 4);
            let inside = (0..6).filter(|i| (row == 2 || i / 3 == row) && (column == 3 || i % 3 == column));
            inside.map(|i| counts[i / 3][i % 3] as u64).sum()
        });
        let tables_left = possible(&tables, 24);
        assert!(tables_left.contains(&truth));
        for at in (0..12).filter(|at| (1..10).contains(&truth[*at])) {
            assert_eq!(tables.tables()[0].rows[at].state, State::Suppressed);
            assert!(tables_left.iter().any(|other| other[at] > truth[at]), "{counts:?} cell {at}");
            attacked += 1;
        }
        for at in (0..12).filter(|at| (2..10).contains(&truth[*at])) {
            assert!(tables_left.iter().any(|other| other[at] != truth[at]), "{counts:?} cell {at}");
        }
    }
    assert!(attacked > 50, "{attacked}");
}
