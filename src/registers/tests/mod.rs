//! Small deliveries, written by the tests, and what is read of them.

mod binary;
mod faults;
mod frames;
mod fuzz;
mod panels;
mod speed;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use tempfile::TempDir;

use super::frame::{UnitFrame, YearRegisters};
use super::{Delivery, check};
use crate::diagnostic::Diagnostic;
use crate::spec::plan::{Classification, CodeClass, Input, TieRule};
use crate::spec::schema::{Column, ColumnKind, FilePattern, Schema};

pub(super) fn column(name: &str, on_disk: &str, kind: ColumnKind) -> Column {
    Column {
        name: name.into(),
        names: vec![on_disk.into()],
        years: None,
        kind,
        required: true,
        unit: None,
        nonnegative: false,
        nullable: false,
        missing: Vec::new(),
    }
}

fn nullable(column: Column) -> Column {
    Column { nullable: true, ..column }
}

fn schema(name: &str, pattern: &str, key: &[&str], columns: Vec<Column>) -> Schema {
    Schema {
        name: name.into(),
        title: format!("register {name}"),
        files: vec![FilePattern { pattern: pattern.into(), years: None }],
        key: key.iter().map(|k| k.to_string()).collect(),
        columns,
    }
}

fn id(name: &str, on_disk: &str) -> Column {
    column(name, on_disk, ColumnKind::Identifier)
}

fn number(name: &str, on_disk: &str) -> Column {
    column(name, on_disk, ColumnKind::Number)
}

fn code(name: &str, on_disk: &str, classification: &str) -> Column {
    column(name, on_disk, ColumnKind::Code { classification: classification.into() })
}

pub(super) fn schemas() -> BTreeMap<String, Schema> {
    let date = |name: &str, on_disk: &str| nullable(column(name, on_disk, ColumnKind::Date));
    let units = vec![
        id("unit", "rbe_identificatie"),
        code("sbi", "rbe_sbigecoordineerd", "sbi2008"),
        code("size_code", "rbe_gksbsgecoordineerd", "gksbs"),
        nullable(number("persons", "rbe_werkzamepersonen")),
        date("founded", "rbe_datumontstaan"),
    ];
    let turnover = vec![id("unit", "rbe_identificatie"), number("quarter", "kwartaal"), nullable(number("turnover", "omzet"))];
    let invested = ["comp_nieuw", "comp_eigen"].map(|name| Column { nonnegative: true, ..number(name, name) });
    let mut investments = vec![id("unit", "rbe_identificatie"), number("weight", "ophoogfactor")];
    investments.extend(invested);
    let person = "cbspersoonidentificatie";
    let links = vec![id("person", person), id("unit", "rbe_identificatie"), date("begin", "datumbegin"), date("end", "dateinde")];
    let list = [
        ("participants", schema("deelnemers", "deelnemers", &[], vec![id("pseudonym", "kvk_crypt")])),
        (
            "kvk_person",
            schema(
                "cbs_persoon_kvk",
                "CBS_persoon_KvK_FIN_ABR{y}V{v}",
                &[],
                vec![id("pseudonym", "kvk_crypt"), id("person", person)],
            ),
        ),
        ("person_unit", schema("be_persoon_abr", "BE_persoon_ABR{y}V{v}", &[], links)),
        ("business_units", schema("be_abr", "BE_ABR{y}V{v}", &["unit"], units)),
        (
            "unit_group",
            schema(
                "be_og_abr",
                "BE_OG_ABR{y}V{v}",
                &["unit"],
                vec![id("unit", "rbe_identificatie"), id("group", "rog_identificatie")],
            ),
        ),
        (
            "groups",
            schema(
                "og_abr",
                "OG_ABR{y}V{v}",
                &["group"],
                vec![id("group", "rog_identificatie"), number("persons", "rog_werkzamepersonen")],
            ),
        ),
        ("turnover", schema("drt_beid", "DRT_BEID{y}V{v}", &["unit", "quarter"], turnover)),
        ("investments", schema("investeringen", "Investeringen{y}V{v}", &["unit"], investments)),
    ];
    list.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn class(code: &str, divisions: &[u8]) -> CodeClass {
    CodeClass { code: code.into(), label: crate::language::Text::same(code), divisions: divisions.to_vec(), codes: Vec::new() }
}

pub(super) fn classifications() -> BTreeMap<String, Classification> {
    let make = |name: &str, classes: Vec<CodeClass>| {
        (
            name.to_owned(),
            Classification {
                name: name.into(),
                scheme: if name == "division" || name == "sector" { "sbi2008" } else { name }.into(),
                title: crate::language::Text::same(name),
                classes,
            },
        )
    };
    BTreeMap::from([
        make("sector", vec![class("C", &[10, 25, 33]), class("J", &[62])]),
        make("division", vec![class("10", &[]), class("25", &[]), class("62", &[])]),
        make("gksbs", vec![class("00", &[]), class("10", &[]), class("21", &[]), class("30", &[])]),
    ])
}

/// One register file, as header and rows of text.
#[derive(Clone)]
pub(super) struct Text {
    pub stem: &'static str,
    pub header: &'static str,
    pub rows: Vec<&'static str>,
}

/// A delivery of 2014: four units, a group of two, a duplicate row, a quarter that is missing and a negative correction.
pub(super) fn delivery_2014() -> Vec<Text> {
    let text = |stem, header, rows: &[&'static str]| Text { stem, header, rows: rows.to_vec() };
    vec![
        text("deelnemers", "kvk_crypt", &["P1", "P2", "P1", "P9"]),
        text("CBS_persoon_KvK_FIN_ABR2014V1", "kvk_crypt;cbspersoonidentificatie", &["P1;A", "P2;B", "P3;C"]),
        text(
            "BE_persoon_ABR2014V1",
            "cbspersoonidentificatie;rbe_identificatie;datumbegin;dateinde",
            &[
                "A;0001;2010-01-01;2079-06-06",
                "A;0002;2014-03-01;2014-06-30",
                "B;0003;20100101;20790606",
                "C;0004;2010-01-01;2079-06-06",
            ],
        ),
        text(
            "BE_ABR2014V1",
            "rbe_identificatie;rbe_sbigecoordineerd;rbe_gksbsgecoordineerd;rbe_werkzamepersonen;rbe_datumontstaan",
            &[
                "0001;10110;30;7;1999-05-01",
                "0002;62010;21;2;20100301",
                "0003;25110;10;1;2001-01-01",
                "0003;25110;10;1;2001-01-01",
                "0004;33110;00;;",
            ],
        ),
        text("BE_OG_ABR2014V1", "rbe_identificatie;rog_identificatie", &["0001;G1", "0002;G1"]),
        text("OG_ABR2014V1", "rog_identificatie;rog_werkzamepersonen", &["G1;9", "G7;100"]),
        text(
            "DRT_BEID2014V1",
            "rbe_identificatie;kwartaal;omzet",
            &["0001;1;1000", "0001;2;-250", "0001;3;1000", "0001;4;1000", "0002;1;", "0002;2;300", "0003;4;77"],
        ),
        text(
            "Investeringen2014V1",
            "rbe_identificatie;ophoogfactor;comp_nieuw;comp_eigen",
            &["0003;2,5;100;0", "0001;1,25;0;40"],
        ),
    ]
}

/// Writes a delivery as CSV with `;`, UTF-8.
pub(super) fn write_csv(texts: &[Text]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for text in texts {
        let mut lines = vec![text.header];
        lines.extend(&text.rows);
        fs::write(folder.path().join(format!("{}.csv", text.stem)), lines.join("\n") + "\n").unwrap();
    }
    folder
}

/// Writes a delivery as Parquet; numbers and dates get types of their own.
pub(super) fn write_parquet(texts: &[Text]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for text in texts {
        let names: Vec<&str> = text.header.split(';').collect();
        let column = |at: usize| text.rows.iter().map(|row| row.split(';').nth(at).unwrap()).collect::<Vec<_>>();
        let batch =
            RecordBatch::try_from_iter(names.iter().enumerate().map(|(at, name)| (*name, array(name, &column(at))))).unwrap();
        let file = fs::File::create(folder.path().join(format!("{}.parquet", text.stem))).unwrap();
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
    folder
}

fn array(name: &str, texts: &[&str]) -> ArrayRef {
    let filled = texts.iter().map(|text| Some(*text).filter(|text| !text.is_empty()));
    match name {
        "rbe_werkzamepersonen" | "kwartaal" => Arc::new(filled.map(|t| t.map(|t| t.parse().unwrap())).collect::<Int32Array>()),
        "omzet" | "rog_werkzamepersonen" => Arc::new(filled.map(|t| t.map(|t| t.parse().unwrap())).collect::<Int64Array>()),
        "ophoogfactor" | "comp_nieuw" | "comp_eigen" => {
            Arc::new(filled.map(|t| t.map(|t| t.replace(',', ".").parse().unwrap())).collect::<Float64Array>())
        }
        "rbe_datumontstaan" | "datumbegin" | "dateinde" => {
            Arc::new(filled.map(|t| t.map(|t| super::dates::parse_date(t).unwrap())).collect::<Date32Array>())
        }
        _ => Arc::new(filled.collect::<StringArray>()),
    }
}

pub(super) fn input() -> Input {
    Input::Registers { schemas: schemas(), ties: vec![TieRule::SmallestId] }
}

pub(super) fn open(folder: &Path) -> Delivery {
    Delivery::open(&input(), &[2014], &classifications(), folder).unwrap_or_else(|found| panic!("{:#?}", found.0))
}

/// Every finding about a folder, as `sluis check --data` gives it.
pub(super) fn findings(folder: &Path) -> Vec<Diagnostic> {
    check(&Delivery::look(&input(), &[2014], &classifications(), folder))
}

/// The content of a year without its order and without key numbers: one line per unit, sorted by identifier.
pub(super) fn content(delivery: &Delivery, year: &YearRegisters) -> Vec<String> {
    let frame = &year.units;
    let mut order: Vec<usize> = (0..frame.unit.len()).collect();
    order.sort_by(|a, b| delivery.compare_units(frame.unit[*a], frame.unit[*b]));
    order.iter().map(|at| line(delivery, year, frame, *at)).collect()
}

fn line(delivery: &Delivery, year: &YearRegisters, frame: &UnitFrame, at: usize) -> String {
    let codes: Vec<String> = frame.codes.iter().map(|(name, codes)| format!("{name}={}", codes[at])).collect();
    let measures: Vec<String> = frame.measures.iter().map(|(name, measure)| format!("{name}={}", measure.at(at))).collect();
    let mates = frame.group.iter().filter(|group| group.is_some() && **group == frame.group[at]).count();
    let mut periods: Vec<String> = year
        .person_unit
        .iter()
        .filter(|link| link.unit == frame.unit[at])
        .map(|link| format!("{}-{}", link.begin, link.end))
        .collect();
    periods.sort();
    assert!(frame.unit[at].0 < delivery.unit_count() as u32);
    let (persons, group_persons, founded) = (frame.persons[at], frame.group_persons[at], frame.founded[at]);
    format!("{persons} {group_persons} {founded} mates={mates} {} {} {}", codes.join(" "), measures.join(" "), periods.join(" "))
}
