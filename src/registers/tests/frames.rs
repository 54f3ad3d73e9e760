//! What a sound delivery gives.

use rayon::prelude::*;

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

/// The delivery of 2014 and one of 2015, in which the units stand in another order and one is new.
fn two_years() -> TempDir {
    let mut texts = delivery_2014();
    let mut next: Vec<Text> = texts[1..].to_vec();
    let stems = ["CBS_persoon_KvK_FIN_ABR2015V1", "BE_persoon_ABR2015V1", "BE_ABR2015V1", "BE_OG_ABR2015V1", "OG_ABR2015V1"];
    let stems = stems.into_iter().chain(["DRT_BEID2015V1", "Investeringen2015V1"]);
    next.iter_mut().zip(stems).for_each(|(text, stem)| text.stem = stem);
    next[2].rows.reverse();
    next[2].rows.insert(0, "0005;62010;21;2;20150301");
    texts.extend(next);
    write_csv(&texts)
}

fn open_both(folder: &Path) -> Delivery {
    Delivery::open(&input(), &[2014, 2015], &classifications(), folder).unwrap_or_else(|found| panic!("{:#?}", found.0))
}

#[test]
fn a_unit_and_a_group_keep_their_keys_over_the_years() {
    let folder = two_years();
    let delivery = open_both(folder.path());
    let [first, second] = [2014, 2015].map(|year| delivery.year(year).unwrap_or_else(|found| panic!("{:#?}", found.0)).units);
    assert_eq!((first.unit.len(), second.unit.len(), delivery.unit_count()), (4, 5, 5));
    assert!(first.unit[0] == second.unit[4] && first.group[0] == second.group[4]);
    assert!(!first.unit.contains(&second.unit[0]));
    assert_eq!(delivery.group_count(), 1);
}

#[test]
fn years_read_at_once_hold_what_years_read_in_turn_hold() {
    let folder = two_years();
    let read = |delivery: &Delivery, year: &i32| {
        content(delivery, &delivery.year(*year).unwrap_or_else(|found| panic!("{:#?}", found.0)))
    };
    let (turn, once) = (open_both(folder.path()), open_both(folder.path()));
    let in_turn: Vec<_> = [2015, 2014].iter().map(|year| read(&turn, year)).collect();
    let at_once: Vec<_> = [2015, 2014].par_iter().map(|year| read(&once, year)).collect();
    assert_eq!(in_turn, at_once);
    assert_eq!(turn.findings(), once.findings());
    assert_eq!(turn.inputs(), once.inputs());
}

#[test]
fn a_file_that_was_read_is_on_record_with_its_hash() {
    let folder = write_csv(&delivery_2014());
    let delivery = open(folder.path());
    assert!(check(&delivery).len() == 1 && check(&delivery).len() == 1, "a second look finds the same");
    let inputs = delivery.inputs();
    assert_eq!(inputs.len(), 8);
    let units = inputs.iter().find(|input| input.register == "business_units").unwrap();
    let bytes = fs::read(folder.path().join("BE_ABR2014V1.csv")).unwrap();
    assert_eq!(units.blake3, blake3::hash(&bytes).to_hex().as_str());
    assert_eq!((units.rows, units.bytes, units.year, units.version), (5, bytes.len() as u64, Some(2014), Some(1)));
}

#[test]
fn without_a_register_of_groups_the_persons_of_a_group_are_those_of_its_units() {
    let folder = write_csv(&delivery_2014());
    let mut schemas = schemas();
    schemas.remove("groups");
    let input = Input::Registers { schemas, ties: Vec::new() };
    let delivery =
        Delivery::open(&input, &[2014], &classifications(), folder.path()).unwrap_or_else(|found| panic!("{:#?}", found.0));
    let year = delivery.year(2014).unwrap_or_else(|found| panic!("{:#?}", found.0));
    assert_eq!(year.units.group_persons, [9 * SCALE, 9 * SCALE, MISSING, MISSING]);
}

#[test]
fn a_register_is_not_asked_for_outside_its_years() {
    let folder = write_csv(&delivery_2014());
    fs::remove_file(folder.path().join("Investeringen2014V1.csv")).unwrap();
    let mut schemas = schemas();
    schemas.get_mut("investments").unwrap().files[0].years = Some((2015, 2018));
    let input = Input::Registers { schemas, ties: Vec::new() };
    let delivery =
        Delivery::open(&input, &[2014], &classifications(), folder.path()).unwrap_or_else(|found| panic!("{:#?}", found.0));
    let year = delivery.year(2014).unwrap_or_else(|found| panic!("{:#?}", found.0));
    assert!(!year.units.measures.contains_key("weight") && year.units.measures.contains_key("turnover"));
}

/// Employed persons of the group that the unit 0001 is given, from links with periods.
fn group_persons_of_first(rows: &[&'static str]) -> (i64, Vec<&'static str>) {
    let mut schemas = schemas();
    let links = schemas.get_mut("unit_group").unwrap();
    links.columns.extend([nullable(column("begin", "datumbegin", ColumnKind::Date))]);
    links.columns.extend([nullable(column("end", "dateinde", ColumnKind::Date))]);
    let mut texts = delivery_2014();
    texts[4].header = "rbe_identificatie;rog_identificatie;datumbegin;dateinde";
    texts[4].rows = rows.to_vec();
    let folder = write_csv(&texts);
    let input = Input::Registers { schemas, ties: Vec::new() };
    let delivery = Delivery::look(&input, &[2014], &classifications(), folder.path());
    let year = delivery.year(2014).unwrap_or_else(|found| panic!("{:#?}", found.0));
    let codes = delivery.findings().iter().map(|d| d.code).filter(|code| *code != "duplicate-row").collect();
    (year.units.group_persons[0], codes)
}

#[test]
fn of_several_groups_in_a_year_the_one_of_most_days_is_taken_whatever_the_order_of_rows() {
    const G1: i64 = 9 * SCALE;
    const G7: i64 = 100 * SCALE;
    let cases: [(&[&'static str], i64, &[&str]); 6] = [
        (&["0001;G1;2010-01-01;2014-02-28", "0001;G7;2014-03-01;2079-06-06"], G7, &["interrupted-link"]),
        (&["0001;G1;2014-01-01;2014-04-30", "0001;G7;2014-05-01;2014-08-31", "0001;G1;2014-09-01;"], G1, &["interrupted-link"]),
        (&["0001;G7;2014-01-01;2014-05-31", "0001;G1;2014-08-01;2014-12-29"], G1, &["interrupted-link"]),
        (&["0001;G1;2010-01-01;2013-12-31", "0001;G7;2014-12-31;2079-06-06"], G7, &[]),
        (&["0001;G1;2014-01-01;2014-03-31", "0001;G1;2014-04-01;2079-06-06"], G1, &[]),
        (&["0001;G1;2014-01-01;2014-03-31", "0001;G1;2014-04-02;2079-06-06"], G1, &["interrupted-link"]),
    ];
    for (rows, persons, codes) in cases {
        let mut reversed = rows.to_vec();
        reversed.reverse();
        for rows in [rows, &reversed] {
            let (found, wrong) = group_persons_of_first(rows);
            assert!(found == persons, "{rows:?}");
            assert_eq!(wrong, codes, "{rows:?}");
        }
    }
}

#[test]
fn a_link_whose_period_cannot_be_is_left_out() {
    let (found, wrong) = group_persons_of_first(&["0001;G1;2014-05-01;2014-04-01"]);
    assert!(found == MISSING);
    assert_eq!(wrong, ["implausible-date"]);
}
