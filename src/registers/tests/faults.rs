//! Faults planted in a delivery, and where they are found. The planted value never stands in a message.

use super::*;
use crate::diagnostic::{Place, Severity};

/// A row planted in a register, and the finding it must lead to.
struct Planted {
    stem: &'static str,
    row: &'static str,
    code: &'static str,
    severity: Severity,
    column: Option<&'static str>,
}

fn planted(stem: &'static str, row: &'static str, code: &'static str, severity: Severity, column: &'static str) -> Planted {
    Planted { stem, row, code, severity, column: Some(column).filter(|column| !column.is_empty()) }
}

fn places<'a>(found: &'a [Diagnostic], code: &str) -> Vec<(&'a str, Option<u64>, Option<&'a str>)> {
    let of = |d: &'a Diagnostic| match &d.place {
        Place::Data { file, row, column } => Some((file.to_str().unwrap(), *row, column.as_deref())),
        _ => None,
    };
    found.iter().filter(|d| d.code == code).filter_map(of).collect()
}

/// Every text that stands in a delivery or is planted in it, long enough to be told from ordinary words.
fn assert_silent(found: &[Diagnostic], row: &str) {
    for value in row.split(';').filter(|value| value.len() > 3) {
        assert!(found.iter().all(|d| !d.to_string().contains(value)), "a message holds a value");
    }
}

#[test]
fn a_planted_row_is_found_at_its_place() {
    use Severity::{Error, Warning};
    let units = "BE_ABR2014V1";
    let turnover = "DRT_BEID2014V1";
    let investments = "Investeringen2014V1";
    let person_unit = "BE_persoon_ABR2014V1";
    for plant in [
        planted(units, "98765;10110;30;zevenenzeventig;1999-05-01", "bad-value", Error, "rbe_werkzamepersonen"),
        planted(units, "98765;10110;30;-8123;1999-05-01", "negative-persons", Error, "rbe_werkzamepersonen"),
        planted(units, "98765;10110;30;1.234,56;1999-05-01", "bad-value", Error, "rbe_werkzamepersonen"),
        planted(units, "98765;10110;30;7777;31-12-1999", "bad-value", Error, "rbe_datumontstaan"),
        planted(units, "98765;10110;30;7777;2019-02-29", "bad-value", Error, "rbe_datumontstaan"),
        planted(units, "98765;10110;30;7777;1066-10-14", "implausible-date", Warning, "rbe_datumontstaan"),
        planted(units, "98765;10110;30;7777;2031-01-01", "implausible-date", Warning, "rbe_datumontstaan"),
        planted(units, "98765;99999;30;7777;1999-05-01", "unknown-code", Warning, "rbe_sbigecoordineerd"),
        planted(units, "98765;1011;30;7777;1999-05-01", "unknown-code", Warning, "rbe_sbigecoordineerd"),
        planted(units, "98765;10110;5678;7777;1999-05-01", "unknown-code", Warning, "rbe_gksbsgecoordineerd"),
        planted(units, "0001;10110;30;8123;1999-05-01", "key-not-unique", Error, "rbe_identificatie"),
        planted(units, "0001;10110;30;7;1999-05-01", "duplicate-row", Warning, "rbe_identificatie"),
        planted(units, ";10110;30;7777;1999-05-01", "bad-value", Error, "rbe_identificatie"),
        planted(units, "98765;10110;30;7777", "file-corrupt", Error, ""),
        planted(turnover, "77777;1;4321", "unknown-unit", Warning, "rbe_identificatie"),
        planted(turnover, "0001;5;4321", "bad-value", Error, "kwartaal"),
        planted(turnover, "0001;1;4321", "key-not-unique", Error, "rbe_identificatie"),
        planted(turnover, "0001;1;1000", "duplicate-row", Warning, "rbe_identificatie"),
        planted(turnover, "0003;1;4.321", "bad-value", Error, "omzet"),
        planted(turnover, "0003;1;4,321", "bad-value", Warning, "omzet"),
        planted(turnover, "0003;1;99999999999999999999999", "value-too-large", Error, "omzet"),
        planted(turnover, "0003;1;99999999999999", "value-too-large", Error, "omzet"),
        planted(investments, "0002;2,5;-4321;0", "bad-value", Error, "comp_nieuw"),
        planted(investments, "0002;2.75;4321;0", "bad-value", Error, "ophoogfactor"),
        planted(investments, "77777;2,5;4321;0", "unknown-unit", Warning, "rbe_identificatie"),
        planted(investments, "0001;1,25;4321;40", "key-not-unique", Error, "rbe_identificatie"),
        planted(person_unit, "A;77777;2010-01-01;2079-06-06", "unknown-unit", Warning, "rbe_identificatie"),
        planted(person_unit, "A;0003;2014-05-01;2014-04-01", "implausible-date", Warning, "dateinde"),
        planted("BE_OG_ABR2014V1", "0001;GROUP8", "key-not-unique", Error, "rbe_identificatie"),
        planted("OG_ABR2014V1", "G1;8123", "key-not-unique", Error, "rog_identificatie"),
    ] {
        let mut texts = delivery_2014();
        let text = texts.iter_mut().find(|text| text.stem == plant.stem).unwrap();
        text.rows.push(plant.row);
        let row = text.rows.len() as u64;
        let found = findings(write_csv(&texts).path());
        let file = format!("{}.csv", plant.stem);
        let here = places(&found, plant.code);
        let listed = found.iter().filter(|d| d.code == plant.code).flat_map(|d| &d.notes);
        let listed = listed.filter(|note| note.ends_with(&format!(": {row}"))).count() == 1;
        assert!(listed || here.contains(&(&file, Some(row), plant.column)), "{} in {file}: {found:#?}", plant.code);
        let severity = found.iter().filter(|d| d.code == plant.code).map(|d| d.severity).min();
        assert_eq!(severity, Some(plant.severity), "{} in {file}", plant.code);
        assert!(found.iter().all(|d| d.help.is_some()), "{} comes with help", plant.code);
        assert_silent(&found, plant.row);
    }
}

#[test]
fn a_sound_delivery_has_its_duplicate_as_only_finding() {
    let found = findings(write_csv(&delivery_2014()).path());
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(places(&found, "duplicate-row"), [("BE_ABR2014V1.csv", Some(4), Some("rbe_identificatie"))]);
}

#[test]
fn everything_wrong_is_found_in_one_go() {
    let mut texts = delivery_2014();
    texts[3].rows.push("98765;10110;30;zeven;1999-05-01");
    texts[6].rows.push("0001;9;4321");
    texts[7].header = "rbe_identificatie;ophoogfaktor;comp_nieuw;comp_eigen";
    texts.remove(5);
    let found = findings(write_csv(&texts).path());
    let codes: Vec<_> = found.iter().filter(|d| d.severity == Severity::Error).map(|d| d.code).collect();
    assert_eq!(codes, ["bad-value", "bad-value", "column-missing", "file-missing"], "file by file");
}

#[test]
fn a_renamed_column_is_suggested() {
    let mut texts = delivery_2014();
    texts[3].header = "rbe_identificatie;rbe_sbi_gecoordineerd;rbe_gksbsgecoordineerd;rbe_werkzamepersonen;rbe_datumontstaan";
    let found = findings(write_csv(&texts).path());
    assert_eq!(places(&found, "column-missing"), [("BE_ABR2014V1.csv", None, Some("rbe_sbigecoordineerd"))]);
    let missing = found.iter().find(|d| d.code == "column-missing").unwrap();
    assert!(missing.help.as_ref().unwrap().starts_with("did you mean `rbe_sbi_gecoordineerd`?"), "{missing}");
}

#[test]
fn a_column_is_found_by_any_of_its_names_in_any_case() {
    let mut texts = delivery_2014();
    texts[6].header = "RBE_Identificatie;KWARTAAL;Omzet";
    assert_eq!(findings(write_csv(&texts).path()).len(), 1);
}

#[test]
fn a_file_without_a_header_does_not_give_its_values_away() {
    let mut texts = delivery_2014();
    texts[0].header = "a8f3c1d94711";
    let found = findings(write_csv(&texts).path());
    assert_eq!(places(&found, "column-missing").len(), 1);
    assert_silent(&found, "a8f3c1d94711;4711");
}

#[test]
fn a_year_without_a_file_is_missing_and_a_near_name_suggested() {
    let folder = write_csv(&delivery_2014());
    fs::rename(folder.path().join("OG_ABR2014V1.csv"), folder.path().join("OG_ABR_2014V1.csv")).unwrap();
    let found = findings(folder.path());
    let missing = found.iter().find(|d| d.code == "file-missing").unwrap();
    assert!(missing.headline.contains("2014"), "{missing}");
    assert!(missing.help.as_ref().unwrap().contains("did you mean `OG_ABR_2014V1.csv`?"), "{missing}");
}

#[test]
fn a_file_in_a_format_without_a_reader_is_to_be_converted() {
    let folder = write_csv(&delivery_2014());
    fs::rename(folder.path().join("OG_ABR2014V1.csv"), folder.path().join("OG_ABR2014V1.dbf")).unwrap();
    let found = findings(folder.path());
    let missing = found.iter().find(|d| d.code == "file-missing").unwrap();
    assert!(missing.help.as_ref().unwrap().starts_with("save `OG_ABR2014V1.dbf` as Parquet or CSV"), "{missing}");
}

#[test]
fn of_two_versions_the_highest_is_read_and_named() {
    let folder = write_csv(&delivery_2014());
    fs::write(folder.path().join("OG_ABR2014V12.csv"), "rog_identificatie;rog_werkzamepersonen\nG1;50\n").unwrap();
    fs::write(folder.path().join("OG_ABR2014V2.csv"), "rog_identificatie;rog_werkzamepersonen\nG1;40\n").unwrap();
    let delivery = open(folder.path());
    let year = delivery.year(2014).unwrap_or_else(|found| panic!("{:#?}", found.0));
    assert_eq!(year.units.group_persons[0], 500_000);
    let read = delivery.inputs().into_iter().find(|input| input.register == "groups").unwrap();
    assert_eq!((read.file.as_str(), read.version, read.rows), ("OG_ABR2014V12.csv", Some(12), 1));
    let found = delivery.findings();
    assert_eq!(places(&found, "several-versions"), [("OG_ABR2014V12.csv", None, None)]);
}

#[test]
fn an_empty_file_is_told_from_a_file_without_rows() {
    let folder = write_csv(&delivery_2014());
    fs::write(folder.path().join("OG_ABR2014V1.csv"), "").unwrap();
    fs::write(folder.path().join("DRT_BEID2014V1.csv"), "rbe_identificatie;kwartaal;omzet\n").unwrap();
    fs::write(folder.path().join("deelnemers.csv"), "kvk_crypt\n").unwrap();
    let found = findings(folder.path());
    assert_eq!(places(&found, "file-empty"), [("DRT_BEID2014V1.csv", None, None), ("OG_ABR2014V1.csv", None, None)]);
    assert_eq!(places(&found, "empty-list"), [("deelnemers.csv", None, None)]);
}

#[test]
fn a_parquet_file_that_breaks_off_is_corrupt() {
    let folder = write_parquet(&delivery_2014());
    let path = folder.path().join("DRT_BEID2014V1.parquet");
    let bytes = fs::read(&path).unwrap();
    for end in [1, 4, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&path, &bytes[..end]).unwrap();
        assert_eq!(places(&findings(folder.path()), "file-corrupt"), [("DRT_BEID2014V1.parquet", None, None)], "{end}");
    }
}

#[test]
fn a_csv_file_in_disguise_is_corrupt() {
    let folder = write_csv(&delivery_2014());
    fs::rename(folder.path().join("OG_ABR2014V1.csv"), folder.path().join("OG_ABR2014V1.parquet")).unwrap();
    assert_eq!(places(&findings(folder.path()), "file-corrupt"), [("OG_ABR2014V1.parquet", None, None)]);
}

#[test]
fn an_open_quote_and_a_cut_last_row_are_found() {
    let folder = write_csv(&delivery_2014());
    let path = folder.path().join("BE_OG_ABR2014V1.csv");
    fs::write(&path, "rbe_identificatie;rog_identificatie\n0001;G1\n0002;\"G1\n0003;G1\n").unwrap();
    assert_eq!(places(&findings(folder.path()), "file-corrupt"), [("BE_OG_ABR2014V1.csv", Some(2), None)]);
    fs::write(&path, "rbe_identificatie;rog_identificatie\n0001;G1\n0002;G").unwrap();
    let found = findings(folder.path());
    assert_eq!(places(&found, "file-corrupt"), [("BE_OG_ABR2014V1.csv", Some(2), None)]);
    assert!(found.iter().all(|d| d.severity == Severity::Warning));
}

#[test]
fn two_encodings_in_one_file_are_found_and_each_alone_is_read() {
    let list = Schema {
        columns: vec![id("pseudonym", "kvk_crypt"), nullable(column("hub", "hub", ColumnKind::Text))],
        ..schemas()["participants"].clone()
    };
    let mut all = schemas();
    all.insert("participants".into(), list);
    let input = Input::Registers { schemas: all, ties: Vec::new() };
    let folder = write_csv(&delivery_2014());
    let read = |bytes: &[u8]| {
        fs::write(folder.path().join("deelnemers.csv"), bytes).unwrap();
        let found = check(&Delivery::look(&input, &[2014], &classifications(), folder.path()));
        let here = places(&found, "bad-encoding")
            .into_iter()
            .map(|(_, row, column)| (row, column.map(str::to_owned)))
            .collect::<Vec<_>>();
        assert_silent(&found, "Curaçao;Cura;Zoë-huis");
        here
    };
    assert!(read(b"\xEF\xBB\xBFkvk_crypt;hub\r\nP1;Cura\xC3\xA7ao\r\n").is_empty());
    assert!(read(b"kvk_crypt;hub\nP1;Cura\xE7ao\n").is_empty());
    let hub = |row| (Some(row), Some("hub".to_owned()));
    assert_eq!(read(b"kvk_crypt;hub\nP1;Cura\xC3\xA7ao\nP2;Zo\xEB-huis\nP3;Zo\xC3\xAB\n"), [hub(2)]);
    assert_eq!(read(b"kvk_crypt;hub\nP1;Cura\x81ao\n"), [hub(1)]);
    assert_eq!(read("kvk_crypt;hub\nP1;CuraÃ§ao\n".as_bytes()), [hub(1)]);
    assert_eq!(read(b"\xFF\xFEk\0v\0k\0").len(), 1);
}

#[test]
fn a_comma_file_with_points_and_quotes_is_read() {
    let folder = write_csv(&delivery_2014());
    let text = "\"rbe_identificatie\",\"ophoogfactor\",\"comp_nieuw\",\"comp_eigen\"\r\n\"0003\",2.5,\"100\",0\r\n\"0001\",1.25,0,40\r\n";
    fs::write(folder.path().join("Investeringen2014V1.csv"), text).unwrap();
    let read = |folder: &Path| {
        let delivery = open(folder);
        content(&delivery, &delivery.year(2014).unwrap_or_else(|found| panic!("{:#?}", found.0)))
    };
    assert_eq!(read(folder.path()), read(write_csv(&delivery_2014()).path()));
}

#[test]
fn a_repeated_fault_is_one_finding_that_counts_its_rows() {
    let mut texts = delivery_2014();
    texts[6].rows.extend(["7777;1;1"; 40]);
    let found = findings(write_csv(&texts).path());
    let shown: Vec<_> = found.iter().filter(|d| d.code == "unknown-unit").collect();
    assert_eq!(shown.len(), 2);
    assert_eq!(shown.iter().filter(|d| d.severity == Severity::Error).count(), 1, "most rows are of unknown units");
    assert_eq!(shown[1].notes, ["40 rows in all, the next: 9, 10, 11, 12 and 35 more"]);
    assert!(matches!(shown[1].place, Place::Data { row: Some(8), .. }));
}

#[test]
fn an_error_in_a_year_refuses_that_year() {
    let mut texts = delivery_2014();
    texts[6].rows.push("0001;9;4321");
    let folder = write_csv(&texts);
    let Err(found) = open(folder.path()).year(2014) else { panic!("a quarter 9 must be refused") };
    assert_eq!(found.exit_code(), 4);
}

#[test]
fn a_folder_that_is_not_there_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let Err(found) = Delivery::open(&input(), &[2014], &classifications(), &folder.path().join("registers")) else {
        panic!("no folder")
    };
    assert_eq!(found.exit_code(), 5);
    assert_eq!(found.0.len(), 1);
}

#[test]
fn an_identifier_stored_as_a_number_is_pointed_out() {
    let folder = write_csv(&delivery_2014());
    fs::remove_file(folder.path().join("OG_ABR2014V1.csv")).unwrap();
    let columns: [(&str, ArrayRef); 2] = [
        ("rog_identificatie", Arc::new(Int64Array::from(vec![471_147]))),
        ("rog_werkzamepersonen", Arc::new(Int64Array::from(vec![5]))),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = fs::File::create(folder.path().join("OG_ABR2014V1.parquet")).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let found = findings(folder.path());
    assert_eq!(places(&found, "bad-value"), [("OG_ABR2014V1.parquet", None, Some("rog_identificatie"))]);
    assert_silent(&found, "471147");
}

#[test]
fn a_register_of_another_year_or_without_leading_zeros_is_refused() {
    let mut texts = delivery_2014();
    texts[7].rows = vec!["3;2,5;100;0", "1;1,25;0;40"];
    let found = findings(write_csv(&texts).path());
    let errors: Vec<_> = found.iter().filter(|d| d.severity == Severity::Error).map(|d| d.code).collect();
    assert_eq!(errors, ["unknown-unit"]);
}
