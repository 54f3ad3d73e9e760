use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::set::TableSet;
use super::{Asked, tabulate};
use crate::amount::SCALE;
use crate::cohort::outliers::Removed;
use crate::cohort::values::{self, Values};
use crate::cohort::{self, CohortYear, Context};
use crate::registers::frame::{Key, Measure, UnitFrame};
use crate::spec::plan::Plan;

const PIPELINE: &str = r#"
[study]
name  = "small"
title = "A small study"
years = { from = 2018, to = 2019 }

[registers]
participants   = "deelnemers"
kvk_person     = "cbs_persoon_kvk"
person_unit    = "be_persoon_abr"
business_units = "be_abr"
unit_group     = "be_og_abr"
groups         = "og_abr"
turnover       = "drt_beid"
investments    = "investeringen"

[outliers]
families  = [["turnover", "turnover-per-person"]]
criterion = { rule = "robust-z", above = 8.0 }

[disclosure]
profile = "cbs"

[[table]]
id = "size"
title = "Turnover per person by size"
show = "mean"
indicators = ["turnover-per-person"]
by = ["year", "arm", "size.five"]
totals = ["size.five"]

[[table]]
id = "with-outliers"
title = "Turnover per person by wider classes, outliers kept"
show = "mean"
indicators = ["turnover-per-person"]
by = ["year", "arm", "size.four"]
outliers = "kept"

[[table]]
id = "sectors"
title = "Firms by sector"
show = "share"
of = "sector"
by = ["arm"]
years = [2019]

[[table]]
id = "index"
title = "Index of turnover per person"
show = "index"
indicators = ["turnover-per-person"]
by = ["year", "arm"]
base = 2018
"#;

fn plan() -> Plan {
    match crate::spec::parse(PIPELINE, Path::new("small.toml"), Path::new(".")) {
        Ok((plan, _)) => plan,
        Err(wrong) => panic!("{}", wrong.0.iter().map(ToString::to_string).collect::<String>()),
    }
}

/// Forty units: 0 to 11 linked; unit 3 has no persons, unit 5 misses a quarter, units 1 and 20 share a group, unit 2 is an outlier.
fn frame(year: i32, order: &[u32]) -> UnitFrame {
    let column = |of: fn(i64) -> i64| order.iter().map(|unit| of(i64::from(*unit)) * SCALE).collect::<Vec<i64>>();
    UnitFrame {
        year,
        unit: order.iter().map(|unit| Key::new(*unit)).collect(),
        group: order.iter().map(|unit| [1, 20].contains(unit).then(|| Key::new(0))).collect(),
        persons: column(|unit| if unit == 3 { 0 } else { (unit * 7) % 60 + 1 }),
        group_persons: column(|unit| if unit == 2 { 900 } else { 0 }),
        founded: order.iter().map(|unit| 1990 + (*unit as i16) % 28).collect(),
        codes: BTreeMap::from([("sector".to_owned(), order.iter().map(|unit| (unit % 3) as u16).collect())]),
        measures: BTreeMap::from([
            ("turnover".to_owned(), Measure::Dense(column(|unit| (unit + 1) * 100_000))),
            ("quarters".to_owned(), Measure::Dense(column(|unit| if unit == 5 { 3 } else { 4 }))),
        ]),
    }
}

fn linked() -> BTreeSet<Key<crate::registers::frame::BusinessUnit>> {
    (0..12).map(Key::new).collect()
}

fn study(order: &[u32]) -> (Plan, Vec<CohortYear>, Vec<Vec<Values>>, Removed) {
    let plan = plan();
    let frames: Vec<_> = plan.years.iter().map(|year| frame(*year, order)).collect();
    let context = Context::new(&plan, &frames.iter().collect::<Vec<_>>());
    let cohorts: Vec<_> = frames.into_iter().map(|frame| cohort::build(&plan, &context, frame, &linked())).collect();
    let compute = |cohort: &CohortYear| {
        plan.indicators.iter().map(|indicator| values::compute(&plan, indicator, &cohort.frame)).collect::<Vec<_>>()
    };
    let values = cohorts.iter().map(compute).collect();
    let mut removed = Removed::default();
    for at in 0..plan.indicators.len() {
        removed.units.insert(at, BTreeSet::from([Key::new(2)]));
    }
    (plan, cohorts, values, removed)
}

fn tables(order: &[u32]) -> TableSet {
    let (plan, cohorts, values, removed) = study(order);
    let asked = Asked::new(&plan);
    let open = BTreeSet::from([Key::new(2), Key::new(5)]);
    let years = cohorts.iter().zip(&values);
    let left = years.map(|(cohort, values)| (cohort.frame.year, asked.condense(cohort, values, &open))).collect();
    tabulate(&plan, &asked, left, &removed, None)
}

/// Units, contributors and total of a row, and the same computed unit by unit.
fn row(set: &TableSet, table: &str, classes: &[(&str, &str)]) -> (u64, u64, i128) {
    let table = set.tables.iter().find(|t| t.id == table).expect("the table is there");
    let meets = |key: &BTreeMap<String, String>| classes.iter().all(|(column, code)| key[*column] == *code);
    let rows: Vec<_> = table.rows.iter().filter(|row| meets(&row.key)).collect();
    assert_eq!(rows.len(), 1, "the classes single out one row");
    let stats = set.cells[rows[0].cell].stats;
    (stats.units, stats.contributors, stats.total)
}

fn by_hand(units: impl Iterator<Item = i64>) -> (u64, u64, i128) {
    let (mut count, mut owners, mut total) = (0, BTreeSet::new(), 0);
    for unit in units.filter(|unit| ![3, 5].contains(unit)) {
        count += 1;
        owners.insert(if unit == 20 { 1 } else { unit });
        total += i128::from(crate::amount::ratio((unit + 1) * 100_000 * SCALE, ((unit * 7) % 60 + 1) * SCALE));
    }
    (count, owners.len() as u64, total)
}

fn persons(unit: i64) -> i64 {
    if unit == 3 { 0 } else { (unit * 7) % 60 + 1 }
}

#[test]
fn a_cell_is_what_a_filter_over_the_units_gives() {
    let set = tables(&(0..40).collect::<Vec<_>>());
    let small = |unit: &i64| (10..50).contains(&persons(*unit));
    for (arm, range) in [("participants", 0..12), ("non_participants", 12..40)] {
        let classes = [("year", "2018"), ("arm", arm), ("size_class", "10-49")];
        assert_eq!(row(&set, "size", &classes), by_hand(range.clone().filter(small).filter(|unit| *unit != 2)));
        assert_eq!(row(&set, "with-outliers", &classes), by_hand(range.clone().filter(small)));
        let all = [("year", "2018"), ("arm", arm), ("size_class", "")];
        assert_eq!(row(&set, "size", &all), by_hand(range.filter(|unit| *unit != 2)));
    }
    let sector = [("year", "2019"), ("arm", "participants"), ("sector", "B")];
    assert_eq!(row(&set, "sectors", &sector), (4, 4, 4));
}

#[test]
fn a_published_set_is_the_sum_of_its_atoms() {
    let set = tables(&(0..40).collect::<Vec<_>>());
    for cell in &set.cells {
        let layer = &set.universes[cell.universe].layers[cell.layer];
        assert_eq!(layer.stats(&cell.atoms), cell.stats);
        assert_eq!(cell.stats.units, set.universes[cell.universe].layers[0].stats(&cell.atoms).units);
    }
}

#[test]
fn one_set_is_one_cell_however_many_tables_show_it() {
    let set = tables(&(0..40).collect::<Vec<_>>());
    let table = |id: &str| set.tables.iter().find(|table| table.id == id).expect("the table is there");
    let year_2018 =
        |rows: &[super::set::Row]| rows.iter().filter(|row| row.key["year"] == "2018").map(|row| row.cell).collect::<Vec<_>>();
    let all: Vec<usize> = table("size").rows.iter().filter(|row| row.key["size_class"].is_empty()).map(|row| row.cell).collect();
    assert!(year_2018(&table("index").rows).iter().all(|cell| all.contains(cell)));
}

#[test]
fn the_order_of_the_rows_leaves_no_trace() {
    let forward = tables(&(0..40).collect::<Vec<_>>());
    let backward = tables(&(0..40).rev().collect::<Vec<_>>());
    assert_eq!(forward.cells.len(), backward.cells.len());
    for (one, other) in forward.cells.iter().zip(&backward.cells) {
        assert_eq!((one.universe, one.layer, &one.atoms, one.stats), (other.universe, other.layer, &other.atoms, other.stats));
    }
}
