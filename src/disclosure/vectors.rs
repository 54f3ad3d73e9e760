//! Known attacks, each against a pattern that falls to it and one that does not.

use std::collections::BTreeMap;

use super::assess::assess;
use super::audit::{audit, leaks};
use super::evidence::Treatment;
use super::example::Builder;
use super::profile::Profile;
use super::safe::{SafeTables, State};
use super::suppress::{Protected, protect};
use crate::tables::set::{ClassParts, Over, Part, Row, Split, Statistic, TableSet};

fn protected(set: TableSet) -> Protected {
    protect(assess(set, &Profile::named("cbs").unwrap())).unwrap()
}

fn released(set: TableSet) -> SafeTables {
    audit(protected(set)).unwrap().0
}

/// Only the unsafe cells withheld, as if secondary suppression had been forgotten.
fn primary_only(set: TableSet) -> Protected {
    let mut pattern = protected(set);
    for cell in 0..pattern.withheld.len() {
        if !pattern.assessed.verdicts[cell].is_unsafe() {
            pattern.put_back(cell);
        }
    }
    pattern
}

/// One table of counts of the classes with their total.
fn row(classes: &[usize]) -> TableSet {
    let mut builder = Builder::new(&[("turnover", true)]);
    let units: Vec<Vec<usize>> = classes.iter().map(|count| builder.units(*count, &[100])).collect();
    let mut cells: Vec<usize> = units.iter().map(|units| builder.cell(0, 0, units)).collect();
    cells.push(builder.cell(0, 0, &units.concat()));
    let rows: Vec<_> = cells.iter().map(|cell| ("x", *cell, None)).collect();
    builder.table("row", Statistic::Count, &rows);
    builder.build()
}

fn withheld(set: TableSet) -> Vec<usize> {
    let pattern = protected(set);
    let all = (0..pattern.withheld.len()).filter(|cell| pattern.withholds(*cell)).collect();
    assert_eq!(leaks(&pattern), 0);
    all
}

#[test]
fn two_withheld_counts_that_add_up_to_eighteen_are_both_nine() {
    assert!(leaks(&primary_only(row(&[9, 9, 50, 60]))) > 0);
    assert_eq!(withheld(row(&[9, 9, 50, 60])).len(), 3);
    assert_eq!(withheld(row(&[9, 7, 50, 60])), [0, 1], "seven and nine are uncertain already");
}

#[test]
fn one_withheld_count_beside_its_total_is_recovered_with_the_combination() {
    let found = audit(primary_only(row(&[5, 50, 60]))).err().unwrap();
    let finding = &found.0[0];
    assert_eq!((finding.code, found.exit_code()), ("audit-failed", 6));
    assert!(finding.to_string().contains("table row, cell class=x"), "{finding}");
    assert_eq!(finding.notes[0].matches('×').count(), 3, "{finding}");
    assert_eq!(withheld(row(&[5, 50, 60])), [0, 1]);
}

#[test]
fn the_coarser_of_two_class_sets_does_not_give_the_finer_away() {
    let set = || {
        let mut builder = Builder::new(&[("turnover", true)]);
        let (small, next) = (builder.units(40, &[10]), builder.units(4, &[30]));
        let rest = builder.units(60, &[90]);
        let [first, second] = [&small, &next].map(|units| builder.cell(0, 1, units));
        let both = builder.cell(0, 1, &[small, next].concat());
        let rest = builder.cell(0, 1, &rest);
        builder.table("five", Statistic::Mean, &[("0-1", first, None), ("2-9", second, None), ("10+", rest, None)]);
        builder.table("four", Statistic::Mean, &[("0-9", both, None), ("10+", rest, None)]);
        builder.build()
    };
    assert!(leaks(&primary_only(set())) > 0);
    let pattern = protected(set());
    assert!(pattern.withholds(1) && (pattern.withholds(0) || pattern.withholds(2)) && !pattern.withholds(3));
}

#[test]
fn a_table_with_outliers_beside_one_without_does_not_give_the_outliers_away() {
    let set = || {
        let mut builder = Builder::new(&[("turnover", true)]);
        let (kept, outliers) = (builder.units(40, &[10]), builder.units(3, &[900]));
        let other = builder.units(30, &[11]);
        let without = builder.cell(0, 1, &kept);
        let with = builder.cell(0, 1, &[kept, outliers].concat());
        let other = builder.cell(0, 1, &other);
        builder.table("without", Statistic::Mean, &[("a", without, None)]);
        builder.table("with", Statistic::Mean, &[("a", with, None), ("b", other, None)]);
        builder.build()
    };
    let naive = primary_only(set());
    assert!(naive.assessed.virtual_cells() > 0 && leaks(&naive) > 0);
    let (_, evidence) = audit(protected(set())).unwrap();
    let secondary = evidence.cells.iter().filter(|cell| cell.treatment == Treatment::Secondary).count();
    assert_eq!((secondary, evidence.virtual_cells.len()), (1, 1));
}

#[test]
fn an_index_does_not_give_a_withheld_base_away() {
    let mut builder = Builder::new(&[("turnover", true)]);
    let year = |builder: &mut Builder, universe: usize, count: usize, value: i64| -> usize {
        let units: Vec<usize> = (0..count).map(|at| builder.unit(universe, at as u32, &[value])).collect();
        builder.cell(universe, 1, &units)
    };
    let base = year(&mut builder, 0, 5, 100);
    let level = year(&mut builder, 1, 20, 150);
    builder.table("levels", Statistic::Mean, &[("2014", base, None), ("2018", level, None)]);
    builder.table("index", Statistic::Index, &[("2018", level, Some(base))]);
    let tables = released(builder.build());
    let states: Vec<State> = tables.tables().iter().flat_map(|table| &table.rows).map(|row| row.state).collect();
    assert_eq!(states, [State::Suppressed, State::Value, State::Suppressed]);
    let index = &tables.tables()[1].rows[0];
    assert_eq!((&index.value, index.units), (&None, None));
}

/// A table with the parts of the change of a mean between two years over two classes, whose numbers of units are given.
fn decomposition(units: [[usize; 2]; 2]) -> SafeTables {
    let mut builder = Builder::new(&[("turnover", true)]);
    let means = [[100, 110], [300, 320]];
    let mut all = [Vec::new(), Vec::new()];
    let classes: Vec<ClassParts<usize>> = (0..2)
        .map(|class| {
            let cells = [0, 1].map(|year| {
                let units: Vec<usize> = (0..units[class][year])
                    .map(|at| builder.unit(year, (100 * class + at) as u32, &[means[class][year]]))
                    .collect();
                all[year].extend(&units);
                [1, 0].map(|layer| builder.cell(year, layer, &units))
            });
            ClassParts { means: cells.map(|[mean, _]| mean), units: cells.map(|[_, units]| units) }
        })
        .collect();
    let [then, now] = [0, 1].map(|year| builder.cell(year, 1, &all[year]));
    builder.table("change", Statistic::Decomposition, &[]);
    let mut set = builder.build();
    for class in [None, Some(0), Some(1)] {
        let [base, cell] = class.map_or([then, now], |class: usize| classes[class].means);
        for part in Part::ALL {
            let over = part.is_split().then(|| Over { means: [then, now], classes: classes.clone() });
            let split = Some(Split { part, class, over });
            set.tables[0].rows.push(Row { key: BTreeMap::new(), cell, margin: None, base: Some(base), split });
        }
    }
    released(set)
}

#[test]
fn a_decomposition_is_computed_from_the_means_as_printed_and_adds_up() {
    let tables = decomposition([[30, 20], [30, 60]]);
    let value = |row: &crate::disclosure::safe::SafeRow| row.value.clone().unwrap_or_else(|| format!("{:?}", row.state));
    let values: Vec<String> = tables.tables()[0].rows.iter().map(value).collect();
    // Shares 0.5, 0.5 and 0.25, 0.75: within 3.75 + 12.5, composition (105 - 233.75) * -0.25 + (310 - 233.75) * 0.25. The mean goes from
    // 200 to 267.5, which is printed as 268.
    assert_eq!(values[..6], ["200", "268", "68", "16", "51", "1"]);
    assert_eq!(values[6..12], ["100", "110", "10", "4", "32", "NotApplicable"]);
    assert_eq!(values[12..], ["300", "320", "20", "12", "19", "NotApplicable"]);
}

#[test]
fn a_decomposition_falls_with_any_of_its_classes() {
    let tables = decomposition([[30, 20], [5, 60]]);
    let rows = &tables.tables()[0].rows;
    for split in [3, 4, 5, 9, 10, 15, 16] {
        assert_eq!((rows[split].state, &rows[split].value, rows[split].units), (State::Suppressed, &None, None), "{split}");
    }
    assert!(rows[12..15].iter().all(|row| row.state == State::Suppressed), "the class of five and its change");
}

#[test]
fn a_single_contributor_does_not_learn_the_cell_beside_its_own() {
    let set = || row(&[1, 4, 40, 50]);
    let naive = audit(primary_only(set())).err().unwrap();
    assert!(naive.0.iter().any(|finding| finding.headline.contains("contributor")), "{:?}", naive.0);
    assert_eq!(withheld(set()).len(), 3);
    assert_eq!(withheld(row(&[2, 4, 40, 50])), [0, 1]);
}

#[test]
fn nine_single_units_in_nine_follow_from_the_rules_alone() {
    let mut builder = Builder::new(&[("turnover", true)]);
    let mut all = Vec::new();
    let mut rows = Vec::new();
    for _ in 0..9 {
        let unit = builder.units(1, &[5]);
        rows.push(("x", builder.cell(0, 0, &unit), None));
        all.extend(unit);
    }
    rows.push(("", builder.cell(0, 0, &all), None));
    let many = builder.units(40, &[5]);
    rows.push(("y", builder.cell(0, 0, &many), None));
    builder.table("row", Statistic::Count, &rows);
    let found = protect(assess(builder.build(), &Profile::named("cbs").unwrap())).err().unwrap();
    assert!(found.0.iter().all(|finding| finding.code == "cannot-protect"));
}

#[test]
fn tables_in_which_nothing_can_be_shown_are_not_released() {
    let found = audit(protected(row(&[3, 4]))).err().unwrap();
    assert_eq!(found.0[0].code, "all-suppressed");
}

#[test]
fn an_index_is_computed_from_the_means_as_printed() {
    let mut builder = Builder::new(&[("turnover", true)]);
    let mut year = |universe: usize, values: &[i64]| -> usize {
        let units: Vec<usize> = (0..30).map(|at| builder.unit(universe, at, &[values[at as usize % values.len()]])).collect();
        builder.cell(universe, 1, &units)
    };
    // Means of 1.5 and 2.4: printed as 2 and 2, so that the index is 100 and not 160.
    let (base, level) = (year(0, &[1, 2]), year(1, &[2, 3, 2, 3, 2]));
    builder.table("levels", Statistic::Mean, &[("2014", base, None), ("2018", level, None)]);
    builder.table("index", Statistic::Index, &[("2014", base, Some(base)), ("2018", level, Some(base))]);
    let tables = released(builder.build());
    let values: Vec<&str> = tables.tables().iter().flat_map(|table| &table.rows).filter_map(|row| row.value.as_deref()).collect();
    assert_eq!(values, ["2", "2", "100", "100"]);
}

#[test]
fn a_share_falls_with_its_margin_and_an_empty_class_is_a_zero() {
    let mut builder = Builder::new(&[("turnover", true)]);
    let (a, b) = (builder.units(40, &[1]), builder.units(24, &[1]));
    let few = builder.units(4, &[1]);
    let whole = builder.cell(0, 0, &[a.clone(), b.clone()].concat());
    let [a, b, none, few] = [&a, &b, &Vec::new(), &few].map(|units| builder.cell(0, 0, units));
    builder.table("shares", Statistic::Share, &[("a", a, Some(whole)), ("b", b, Some(whole)), ("none", none, Some(whole))]);
    builder.table("small", Statistic::Share, &[("few", few, Some(few)), ("none", none, Some(few))]);
    let tables = released(builder.build());
    let row = |table: usize, row: usize| {
        let row = &tables.tables()[table].rows[row];
        (row.state, row.value.as_deref(), row.units)
    };
    assert_eq!(row(0, 0), (State::Value, Some("63"), Some(40)));
    assert_eq!(row(0, 1), (State::Value, Some("38"), Some(24)));
    assert_eq!(row(0, 2), (State::Zero, Some("0"), Some(0)));
    assert_eq!(row(1, 0), (State::Suppressed, None, None));
    assert_eq!(row(1, 1), (State::Zero, Some("0"), Some(0)));
}
