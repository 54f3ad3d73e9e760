//! What a sound delivery gives.

use super::*;
use crate::amount::{MISSING, SCALE};
use crate::registers::frame::{Measure, NO_YEAR};

#[test]
fn a_delivery_becomes_a_frame() {
    let folder = write_csv(&delivery_2014());
    let delivery = open(folder.path());
    assert_eq!(delivery.listings().unwrap().pseudonyms.len(), 4);
    let year = delivery.year(2014).unwrap_or_else(|found| panic!("{:#?}", found.0));
    let frame = &year.units;
    assert_eq!(frame.unit.len(), 4);
    assert_eq!(frame.persons, [7 * SCALE, 2 * SCALE, SCALE, MISSING]);
    assert_eq!(frame.group_persons, [9 * SCALE, 9 * SCALE, MISSING, MISSING]);
    assert_eq!(frame.founded, [1999, 2010, 2001, NO_YEAR]);
    assert_eq!(frame.codes["sector"], [0, 1, 0, 0]);
    assert_eq!(frame.codes["division"], [0, 2, 1, u16::MAX]);
    assert_eq!(frame.codes["gksbs"], [3, 2, 1, 0]);
    let turnover: Vec<i64> = (0..4).map(|at| frame.measures["turnover"].at(at)).collect();
    assert_eq!(turnover, [2750 * SCALE, 300 * SCALE, 77 * SCALE, MISSING]);
    let quarters: Vec<i64> = (0..4).map(|at| frame.measures["quarters"].at(at)).collect();
    assert_eq!(quarters, [4 * SCALE, SCALE, SCALE, MISSING]);
}

#[test]
fn a_sample_lists_its_units_in_ascending_order() {
    let folder = write_csv(&delivery_2014());
    let year = open(folder.path()).year(2014).unwrap_or_else(|found| panic!("{:#?}", found.0));
    let Measure::Sampled { positions, values } = &year.units.measures["weight"] else { panic!("the weight is a sample") };
    assert_eq!((positions.as_slice(), values.as_slice()), (&[0, 2][..], &[12_500, 25_000][..]));
    assert_eq!(year.units.measures["comp_eigen"].at(2), 0, "a zero in the sample is a true zero");
    assert_eq!(year.units.measures["comp_eigen"].at(1), MISSING);
}

#[test]
fn links_are_kept_for_listed_pseudonyms_only() {
    let folder = write_csv(&delivery_2014());
    let year = open(folder.path()).year(2014).unwrap_or_else(|found| panic!("{:#?}", found.0));
    assert_eq!(year.kvk_person.len(), 2);
    assert_eq!(year.person_unit.len(), 3);
}

#[test]
fn csv_and_parquet_of_the_same_content_give_the_same_frames() {
    let (csv, parquet) = (write_csv(&delivery_2014()), write_parquet(&delivery_2014()));
    let (csv, parquet) = (open(csv.path()), open(parquet.path()));
    let read = |delivery: &Delivery| content(delivery, &delivery.year(2014).unwrap_or_else(|found| panic!("{:#?}", found.0)));
    assert_eq!(read(&csv), read(&parquet));
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let folder = write_csv(&delivery_2014());
    let straight = open(folder.path());
    let mut texts = delivery_2014();
    texts.iter_mut().for_each(|text| text.rows.reverse());
    let folder = write_csv(&texts);
    let reversed = open(folder.path());
    let read = |delivery: &Delivery| content(delivery, &delivery.year(2014).unwrap_or_else(|found| panic!("{:#?}", found.0)));
    assert_eq!(read(&straight), read(&reversed));
}
