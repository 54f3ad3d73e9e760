//! SPSS, Stata and Arrow files that other software made (`tests/fixtures/make.py`), and what is read of them.

use super::*;
use crate::diagnostic::{Diagnostics, Place, Severity};
use crate::registers::texts::Texts;

fn fixtures() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// The folders of `delivery/` with the extension of their files.
pub(super) const FORMATS: [(&str, &str); 7] = [
    ("sav", "sav"),
    ("sav-plain", "sav"),
    ("zsav", "zsav"),
    ("dta", "dta"),
    ("feather", "feather"),
    ("arrow", "arrow"),
    ("ipc", "ipc"),
];

/// A copy of the delivery in a format.
pub(super) fn copied(format: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(fixtures().join("delivery").join(format)).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    folder
}

#[test]
fn every_format_gives_the_frames_that_csv_gives() {
    let csv = write_csv(&delivery_2014());
    let read = |folder: &Path| {
        let delivery = open(folder);
        let listings = delivery.listings().unwrap_or_else(|found| panic!("{:#?}", found.0)).pseudonyms.len();
        let year = delivery.year(2014).unwrap_or_else(|found| panic!("{:#?}", found.0));
        (listings, year.kvk_person.len(), year.person_unit.len(), content(&delivery, &year))
    };
    let expected = read(csv.path());
    for (format, _) in FORMATS {
        assert_eq!(read(copied(format).path()), expected, "{format}");
        let found = findings(copied(format).path());
        let codes: Vec<&str> = found.iter().map(|found| found.code).collect();
        assert_eq!(codes, ["duplicate-row"], "{format}");
    }
}

fn odd(name: &str) -> Result<Texts, Diagnostics> {
    Texts::read(&fixtures().join("odd").join(name))
}

fn column(texts: &Texts, name: &str) -> Vec<String> {
    let at = texts.find(name).unwrap_or_else(|| panic!("no column {name}"));
    (0..texts.rows).map(|row| texts.columns[at].get(row).to_owned()).collect()
}

/// As `very_long` in the script that made the files.
fn very_long(mark: char, length: usize) -> String {
    let whole: String = (0..=length / 6).map(|at| format!("{mark}{at:05}")).collect();
    whole.chars().take(length).collect()
}

#[test]
fn spss_files_keep_long_texts_names_and_missing_codes() {
    for name in ["packed.sav", "plain.sav", "deflated.zsav"] {
        let texts = odd(name).unwrap_or_else(|found| panic!("{:#?}", found.0));
        assert_eq!(texts.rows, 3);
        assert_eq!(column(&texts, "kort"), ["café", "", "b"], "{name}");
        assert_eq!(column(&texts, "zeer_lang"), [very_long('a', 700), "kort".into(), very_long('é', 250)], "{name}");
        assert_eq!(column(&texts, "een_variabele_met_een_lange_naam"), ["", "", "1.5"], "{name}");
        assert_eq!(column(&texts, "tekstcode"), ["", "x", "y"], "{name}");
        assert_eq!(column(&texts, "datum"), ["1959-12-31", "", "2079-06-06"], "{name}");
        assert_eq!(column(&texts, "tijdstip"), ["2014-01-01", "1960-01-01", ""], "{name}");
        assert_eq!(column(&texts, "getal"), ["-99", "151", "152"], "{name}");
        assert_eq!(column(&texts, "groot"), ["1000000000000000", "-1234567.875", ""], "{name}");
        assert_eq!(column(&texts, "nog_een_lange"), [very_long('z', 260), String::new(), "einde".into()], "{name}");
        assert_eq!(column(&texts, "laatste"), ["1", "2", "3"], "{name}");
    }
}

#[test]
fn numbers_with_leading_zeros_keep_them_and_long_texts_have_missing_codes() {
    for locale in ["UTF-8", "windows-1252"] {
        for ending in [".sav", "-plain.sav", ".zsav"] {
            let name = format!("pspp-{locale}{ending}");
            let texts = odd(&name).unwrap_or_else(|found| panic!("{:#?}", found.0));
            assert_eq!(column(&texts, "nummer"), ["00123", "01110", "62010", ""], "{name}");
            assert_eq!(column(&texts, "datum"), ["2014-01-31", "1999-12-01", "", "2079-06-06"], "{name}");
            assert_eq!(column(&texts, "tekst"), ["café", "", "x", "y"], "{name}");
            assert_eq!(column(&texts, "lang"), [very_long('p', 400), "kort".into(), String::new(), "z".into()], "{name}");
            assert_eq!(column(&texts, "getal"), ["1.5", "", "", "0.25"], "{name}");
        }
    }
}

#[test]
fn a_text_is_read_in_the_code_page_of_its_file_or_found() {
    let naam = |name: &str| odd(name).map(|texts| column(&texts, "naam")).unwrap_or_else(|found| panic!("{:#?}", found.0));
    assert_eq!(naam("windows1252.sav"), ["café", "plain"]);
    assert_eq!(naam("windows1250.sav"), ["cafč", "plain"]);
    assert_eq!(naam("page1252.sav"), ["café", "plain"]);
    for (name, headline) in [("wrong.sav", "not in the encoding"), ("dos850.sav", "code page that cannot be read")] {
        let found = odd(name).err().unwrap().0;
        assert_eq!(found.len(), 1, "{found:#?}");
        let Place::Data { row, column, .. } = &found[0].place else { panic!("a place") };
        assert_eq!((*row, column.as_deref()), (Some(1), Some("naam")));
        assert!(found[0].code == "bad-encoding" && found[0].headline.contains(headline) && found[0].help.is_some());
        assert!(!found[0].to_string().contains("caf"), "a message holds a value");
    }
}

#[test]
fn stata_files_of_every_format_are_read() {
    for release in [113, 114, 115, 117, 118, 119] {
        let name = format!("r{release}.dta");
        let texts = odd(&name).unwrap_or_else(|found| panic!("{name}: {:#?}", found.0));
        let accented = release >= 117;
        assert_eq!(column(&texts, "kort"), [if accented { "café" } else { "cafe" }, "", "b"], "{name}");
        assert_eq!(column(&texts, "zeer_lang"), ["lang".repeat(50), "kort".into(), "x".into()], "{name}");
        assert_eq!(column(&texts, "een_variabele_met_lange_naam"), ["9", "95.5", "1.5"], "{name}");
        assert_eq!(column(&texts, "datum"), ["1959-12-31", "", "2079-06-06"], "{name}");
        assert_eq!(column(&texts, "tijdstip"), ["2014-01-01", "1960-01-01", ""], "{name}");
        assert_eq!(column(&texts, "getal"), ["-00099", "000151", "000152"], "{name}");
        assert_eq!(column(&texts, "groot"), ["1000000000000000", "-1234567.875", ""], "{name}");
        assert_eq!(column(&texts, "dag"), ["1", "2", "3"], "{name}");
        assert_eq!(column(&texts, "deel"), ["0.5", "", "2.25"], "{name}");
    }
}

#[test]
fn either_order_of_bytes_and_texts_kept_elsewhere_are_read() {
    for order in ["little", "big"] {
        for release in [114, 117, 118, 119] {
            let name = format!("{order}{release}.dta");
            let texts = odd(&name).unwrap_or_else(|found| panic!("{name}: {:#?}", found.0));
            assert_eq!(column(&texts, "kort"), ["cafe", "", "b"], "{name}");
            assert_eq!(column(&texts, "getal"), ["1.5", "", "3"], "{name}");
            assert_eq!(column(&texts, "klein"), ["1", "2", "3"], "{name}");
            assert_eq!(column(&texts, "datum"), ["1959-12-31", "", "2079-06-06"], "{name}");
            if release > 114 {
                assert_eq!(column(&texts, "lang"), ["q".repeat(3000), String::new(), "q".repeat(3000)], "{name}");
            }
        }
    }
}

/// The findings of a delivery in which one file was changed, and what they say of that file.
fn changed(format: &str, extension: &str, change: impl Fn(&mut Vec<u8>)) -> (String, Vec<Diagnostic>) {
    let folder = copied(format);
    let name = format!("DRT_BEID2014V1.{extension}");
    let path = folder.path().join(&name);
    let mut bytes = fs::read(&path).unwrap();
    change(&mut bytes);
    fs::write(&path, bytes).unwrap();
    let found = findings(folder.path());
    let here = |found: &Diagnostic| matches!(&found.place, Place::Data { file, .. } if file.to_str() == Some(&name));
    (name.clone(), found.into_iter().filter(here).collect())
}

#[test]
fn a_file_that_breaks_off_is_found_wherever_it_does() {
    for (format, extension) in FORMATS {
        let whole = fs::read(copied(format).path().join(format!("DRT_BEID2014V1.{extension}"))).unwrap().len();
        for length in (1..whole).step_by(37) {
            let (name, found) = changed(format, extension, |bytes| bytes.truncate(length));
            // What stands behind the data of a Stata file, labels of values, is not needed; neither is filling at the end of codes.
            let harmless = extension == "dta" && length > whole - 70 || format == "sav" && length + 8 > whole;
            let errors: Vec<_> = found.iter().filter(|found| found.severity == Severity::Error).collect();
            assert!(harmless || !errors.is_empty(), "{name} cut to {length} of {whole}");
            assert!(found.iter().all(|found| found.help.is_some()), "{name} cut to {length}");
        }
    }
}

#[test]
fn an_empty_file_and_another_format_under_the_name_are_found() {
    for (format, extension) in FORMATS {
        let (name, found) = changed(format, extension, Vec::clear);
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["file-empty"], "{name}");
        let (name, found) =
            changed(format, extension, |bytes| *bytes = b"rbe_identificatie;kwartaal;omzet\n0001;1;4321\n".to_vec());
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), ["file-corrupt"], "{name}");
    }
}

#[test]
fn another_number_of_rows_than_a_file_says_is_an_error() {
    let says = |bytes: &mut Vec<u8>, rows: u8| {
        let long: Vec<u8> = [7u32, 16, 8, 2, 1, 0].iter().flat_map(|number| number.to_le_bytes()).collect();
        let at = (0..bytes.len() - long.len()).find(|at| bytes[*at..].starts_with(&long)).unwrap() + long.len();
        assert_eq!((bytes[80], bytes[at]), (7, 7));
        (bytes[80], bytes[at]) = (rows, rows);
    };
    for (format, extension) in [("sav", "sav"), ("sav-plain", "sav"), ("zsav", "zsav")] {
        let (name, found) = changed(format, extension, |bytes| says(bytes, 6));
        assert!(found.iter().any(|found| found.headline.contains("more rows than it says")), "{name}: {found:#?}");
        let (name, found) = changed(format, extension, |bytes| says(bytes, 8));
        let cut = |found: &&Diagnostic| matches!(&found.place, Place::Data { row: Some(8), .. }) && found.code == "file-corrupt";
        assert_eq!(found.iter().filter(cut).count(), 1, "{name}: {found:#?}");
    }
}

#[test]
fn a_missing_column_is_found_in_any_format() {
    for (format, extension) in FORMATS {
        let (name, found) = changed(format, extension, |bytes| {
            let at = |bytes: &[u8], word: &[u8]| (0..bytes.len() - word.len()).find(|at| &bytes[*at..*at + word.len()] == word);
            while let Some(at) = at(bytes, b"kwartaal") {
                bytes[at..at + 8].copy_from_slice(b"kwartael");
            }
        });
        let missing = found.iter().find(|found| found.code == "column-missing").unwrap_or_else(|| panic!("{name}: {found:#?}"));
        assert!(missing.help.as_deref().is_some_and(|help| help.contains("kwartael")), "{name}");
    }
}

#[test]
fn of_two_versions_the_higher_and_of_two_formats_the_first_is_read() {
    let folder = copied("sav");
    let stem = |version: u32, extension: &str| folder.path().join(format!("BE_ABR2014V{version}.{extension}"));
    fs::copy(copied("dta").path().join("BE_ABR2014V1.dta"), stem(1, "dta")).unwrap();
    let notice = |found: &[Diagnostic]| {
        let notice = found.iter().find(|found| found.code == "several-versions").unwrap().clone();
        assert!(notice.notes.iter().any(|note| note.contains("of one version the first format of parquet")), "{notice}");
        notice.to_string()
    };
    assert!(notice(&findings(folder.path())).contains("--> BE_ABR2014V1.sav"));
    fs::copy(copied("dta").path().join("BE_ABR2014V1.dta"), stem(2, "DTA")).unwrap();
    assert!(notice(&findings(folder.path())).contains("--> BE_ABR2014V2.DTA"));
    let delivery = open(folder.path());
    delivery.year(2014).unwrap_or_else(|found| panic!("{:#?}", found.0));
    let read = delivery.inputs().into_iter().find(|input| input.register == "business_units").unwrap();
    assert_eq!((read.file.as_str(), read.version), ("BE_ABR2014V2.DTA", Some(2)));
}
