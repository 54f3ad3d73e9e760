//! One file with a row per unit and year.

use super::*;
use crate::amount::{MISSING, SCALE};
use crate::registers::frame::NO_CODE;

fn panel_schema() -> Schema {
    let columns = vec![
        id("unit", "firm"),
        column("year", "year", ColumnKind::Year),
        code("industry", "sector", "uk-sector"),
        Column { unit: Some("1000 persons".into()), ..nullable(number("persons", "emp")) },
        nullable(number("output", "output")),
    ];
    schema("uk", "empluk", &["unit", "year"], columns)
}

fn read(text: &str, years: &[i32]) -> (Delivery, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("empluk.csv"), text).unwrap();
    let known = Classification {
        name: "uk-sector".into(),
        scheme: "uk-sector".into(),
        title: crate::language::Text::default(),
        classes: vec![class("7", &[]), class("9", &[])],
    };
    let classifications = BTreeMap::from([("uk-sector".to_owned(), known)]);
    let input = Input::Panel { schema: panel_schema() };
    (Delivery::look(&input, years, &classifications, folder.path()), folder)
}

const SOUND: &str = "\"firm\",\"year\",\"sector\",\"emp\",\"output\"\n1,1977,7,5.0409999,95.707199\n1,1978,7,5.5999999,\n2,1977,9,,97.25\n2,1979,9,1,1\n";

#[test]
fn a_panel_becomes_a_frame_per_year() {
    let (delivery, _folder) = read(SOUND, &[1977, 1978]);
    let first = delivery.year(1977).unwrap_or_else(|found| panic!("{:#?}", found.0)).units;
    assert_eq!(first.persons, [5041 * SCALE, MISSING]);
    assert_eq!(first.codes["uk-sector"], [0, 1]);
    assert_eq!([first.measures["output"].at(0), first.measures["output"].at(1)], [957_072, 972_500]);
    assert_eq!(first.measures["persons"].at(0), 50_410);
    let second = delivery.year(1978).unwrap_or_else(|found| panic!("{:#?}", found.0)).units;
    assert!(second.unit == first.unit[..1], "a unit keeps its key");
    assert_eq!(second.measures["output"].at(0), MISSING);
    assert!(check(&delivery).is_empty());
    assert!(delivery.inputs().is_empty(), "a look puts no file on record");
}

#[test]
fn a_year_of_the_study_without_rows_is_missing() {
    let (delivery, _folder) = read(SOUND, &[1977, 1980]);
    let found = check(&delivery);
    assert_eq!(found.iter().map(|d| d.code).collect::<Vec<_>>(), ["file-missing"]);
    assert!(found[0].headline.contains("1980"));
}

#[test]
fn faults_of_a_panel_are_found_at_their_row() {
    let text = format!("{SOUND}1,1977,7,4711.5,95.707199\n3,77,7,1,1\n4,1978,8,1,1\n5,1978,,x,1\n");
    let (delivery, _folder) = read(&text, &[1977, 1978]);
    let found = check(&delivery);
    let seen: Vec<_> = found
        .iter()
        .map(|d| match &d.place {
            crate::diagnostic::Place::Data { row, column, .. } => (d.code, row.unwrap(), column.as_deref().unwrap()),
            _ => panic!("a fault of a panel has a place in it"),
        })
        .collect();
    let expected = [
        ("bad-value", 6, "year"),
        ("bad-value", 8, "emp"),
        ("bad-value", 8, "sector"),
        ("key-not-unique", 5, "firm"),
        ("unknown-code", 7, "sector"),
    ];
    let mut sorted = seen.clone();
    sorted.sort();
    assert_eq!(sorted, expected);
    assert!(found.iter().all(|d| !d.to_string().contains("4711")));
}

#[test]
fn a_code_outside_its_classification_is_no_class() {
    let (delivery, _folder) = read("firm,year,sector,emp,output\n1,1977,8,1,1\n", &[1977]);
    let frame = delivery.year(1977).unwrap_or_else(|found| panic!("{:#?}", found.0)).units;
    assert_eq!(frame.codes["uk-sector"], [NO_CODE]);
}

#[test]
fn a_panel_schema_without_a_year_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("empluk.csv"), SOUND).unwrap();
    let mut schema = panel_schema();
    schema.columns.remove(1);
    let Err(found) = Delivery::open(&Input::Panel { schema }, &[1977], &BTreeMap::new(), folder.path()) else {
        panic!("no year")
    };
    assert_eq!(found.0.iter().map(|d| d.code).collect::<Vec<_>>(), ["bad-schema"]);
}
