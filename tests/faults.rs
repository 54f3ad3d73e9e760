//! The fault matrix: every known way in which a delivery goes wrong is planted in a small one, and what is said of it is held against
//! `cases/faults.md`, which is part of the manual; all of them at once against `cases/faults-all.txt`.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use sluis::diagnostic::{Diagnostic, Diagnostics, Place, Severity};
use sluis::registers::{self, Delivery};
use sluis::spec::plan::Plan;

#[path = "support/delivery.rs"]
mod delivery;

use delivery::{Files, GROUP_OF, GROUPS, INVESTED, NUMBERS, PERSONS, TURNOVER, UNITS, name};

/// A fault: how it is called in the manual, how it is planted, the worst finding it gets, and the exit code of `sluis check`.
struct Planted {
    title: &'static str,
    worst: Option<Severity>,
    exit: u8,
    /// Takes the place of another fault, so that it is left out where all are planted at once.
    alone: bool,
    plant: fn(&mut Files),
}

const fn row(title: &'static str, worst: Option<Severity>, plant: fn(&mut Files)) -> Planted {
    let exit = if matches!(worst, Some(Severity::Error)) { 4 } else { 0 };
    Planted { title, worst, exit, alone: false, plant }
}

const fn alone(planted: Planted) -> Planted {
    Planted { alone: true, ..planted }
}

const ERROR: Option<Severity> = Some(Severity::Error);
const WARNING: Option<Severity> = Some(Severity::Warning);
const NOTHING: Option<Severity> = None;

/// Every fault of the layout of the registers and of the record of how real ones look.
fn matrix() -> Vec<Planted> {
    let mut all = Vec::new();
    all.extend(files());
    all.extend(columns());
    all.extend(bytes());
    all.extend(numbers());
    all.extend(dates());
    all.extend(keys());
    all.extend(links());
    all.extend(codes());
    all.extend(breaks());
    all.extend(harmless());
    all
}

fn files() -> Vec<Planted> {
    vec![
        row("A year without a file", ERROR, |files| _ = files.remove(&name(TURNOVER, 2015))),
        row("A file under another name", ERROR, |files| files.rename(&name(GROUPS, 2016), "OG_ABR_2016V1.csv")),
        row("A file in a format that cannot be read", ERROR, |files| {
            files.rename(&name(INVESTED, 2018), "Investeringen2018V1.dbf");
        }),
        row("Two versions of a file", WARNING, |files| {
            let older = files.get(&name(UNITS, 2017)).to_vec();
            files.bytes("BE_ABR2017V2.csv", &older);
            files.bytes("BE_ABR2017V10.csv", &older);
        }),
        row("A file without bytes", ERROR, |files| files.bytes(&name(TURNOVER, 2017), b"")),
        row("A file with a header alone", ERROR, |files| {
            files.write(&name(TURNOVER, 2018), &["rbe_identificatie;kwartaal;omzet"]);
        }),
        alone(row("A list of participants without rows", ERROR, |files| files.write("deelnemers.csv", &["kvk_crypt;hub"]))),
    ]
}

fn columns() -> Vec<Planted> {
    vec![
        row("A column that is missing", ERROR, |files| files.drop_column(&name(UNITS, 2015), "rbe_werkzamepersonen")),
        row("A column under another name", ERROR, |files| {
            files.replace(&name(UNITS, 2016), "rbe_sbigecoordineerd", "rbe_sbi_gecoordineerd");
        }),
        row("A file without a header", ERROR, |files| {
            files.replace(&name(NUMBERS, 2016), "kvk_crypt;cbspersoonidentificatie\n", "")
        }),
        row("Two columns of one name", ERROR, |files| {
            let text = files.text(&name(GROUP_OF, 2018));
            let rows: Vec<&str> = text.lines().skip(1).collect();
            let rows: Vec<String> = rows.iter().map(|row| format!("{row};QG09")).collect();
            let mut lines = vec!["rbe_identificatie;rog_identificatie;ROG_identificatie"];
            lines.extend(rows.iter().map(String::as_str));
            files.write(&name(GROUP_OF, 2018), &lines);
        }),
        row("A column under two of its names", WARNING, |files| {
            let text = files.text(&name(UNITS, 2021));
            let twice = text.lines().map(|line| format!("{line};{}", line.split(';').next().unwrap()));
            let lines: Vec<String> = twice.collect();
            let lines: Vec<String> = lines.iter().map(|line| line.replace(";be_id", ";beid")).collect();
            files.write(&name(UNITS, 2021), &lines.iter().map(String::as_str).collect::<Vec<_>>());
        }),
        row("A column of a type that cannot be read", ERROR, |files| {
            files.parquet(&name(INVESTED, 2008), &[], &["comp_nieuw"]);
        }),
        row("Identifiers stored as numbers", ERROR, |files| {
            files.parquet(&name(INVESTED, 2009), &["rbe_identificatie"], &[]);
        }),
    ]
}

fn bytes() -> Vec<Planted> {
    vec![
        row("A text file that breaks off inside a row", ERROR, |files| {
            let text = files.text(&name(TURNOVER, 2016));
            files.bytes(&name(TURNOVER, 2016), &text.as_bytes()[..text.len() - 8]);
        }),
        row("A text file that breaks off at the end of a field", WARNING, |files| {
            let text = files.text(&name(GROUP_OF, 2009));
            files.bytes(&name(GROUP_OF, 2009), text.trim_end().as_bytes());
        }),
        row("A Parquet file that breaks off", ERROR, |files| {
            let parquet = files.parquet(&name(INVESTED, 2015), &[], &[]);
            let bytes = files.remove(&parquet);
            files.bytes(&parquet, &bytes[..bytes.len() / 2]);
        }),
        row("A text file with the name of a Parquet file", ERROR, |files| {
            files.rename(&name(INVESTED, 2016), "Investeringen2016V1.parquet");
        }),
        row("A copy that left NUL bytes", ERROR, |files| files.push(&name(GROUP_OF, 2017), "Q0005;\0\0\0\0\0\0\0")),
        row("A row with a field too many", ERROR, |files| files.push(&name(GROUP_OF, 2021), "Q0005;QG05;QG06")),
        row("Rows with another separator", ERROR, |files| {
            files.replace(&name(GROUP_OF, 2016), "Q0003;QG02", "Q0003,QG02");
            files.replace(&name(GROUP_OF, 2016), "Q0004;QG03", "Q0004,QG03");
        }),
        row("A quote that is never closed", ERROR, |files| {
            files.replace(&name(GROUP_OF, 2019), "0004;QG03", "0004;\"QG03");
        }),
        row("A file in UTF-16", ERROR, |files| {
            let wide: Vec<u8> = files.text(&name(TURNOVER, 2019)).encode_utf16().flat_map(u16::to_le_bytes).collect();
            files.bytes(&name(TURNOVER, 2019), &[b"\xFF\xFE", wide.as_slice()].concat());
        }),
        row("A file in UTF-16 without a mark", ERROR, |files| {
            let wide: Vec<u8> = files.text(&name(GROUPS, 2019)).encode_utf16().flat_map(u16::to_le_bytes).collect();
            files.bytes(&name(GROUPS, 2019), &wide);
        }),
        row("A file in two encodings", ERROR, |files| {
            let mut bytes = files.get("deelnemers.csv").to_vec();
            bytes.extend("QP01;Zuidas-Zoë\nQP02;Curaçao\n".as_bytes());
            bytes.extend(b"QP03;Zo\xEB-huis\n");
            files.bytes("deelnemers.csv", &bytes);
        }),
        alone(row("Text in no encoding that is known", ERROR, |files| {
            let bytes = [files.get("deelnemers.csv"), b"QP02;Cura\x81ao\n"].concat();
            files.bytes("deelnemers.csv", &bytes);
        })),
        alone(row("UTF-8 that was read as Windows-1252", WARNING, |files| files.push("deelnemers.csv", "QP02;CuraÃ§ao"))),
        alone(row("Windows-1252 that was read as UTF-8", WARNING, |files| files.push("deelnemers.csv", "QP02;Cura\u{FFFD}ao"))),
    ]
}

fn numbers() -> Vec<Planted> {
    vec![
        row("Text in a column of numbers", ERROR, |files| {
            files.push(&name(UNITS, 2014), "Q0011;25110;40;zevenenveertig;1999-05-01");
        }),
        row("An empty field where one must not be", ERROR, |files| files.push(&name(TURNOVER, 2014), "Q0001;;47119")),
        row("Fewer than zero persons", ERROR, |files| files.push(&name(UNITS, 2014), "Q0012;25110;40;-4712;1999-05-01")),
        row("A negative investment", ERROR, |files| {
            files.push(&name(INVESTED, 2014), "Q0002;1,25;-4713;0;0;0;0;0;0;0;0;0;0;0");
        }),
        row("A quarter that does not exist", ERROR, |files| files.push(&name(TURNOVER, 2014), "Q0001;5;47120")),
        row("A thousands separator", ERROR, |files| {
            files.push(&name(INVESTED, 2014), "Q0004;1,5;1.234,56;0;0;0;0;0;0;0;0;0;0;0");
        }),
        row("A decimal point in a file with decimal commas", ERROR, |files| {
            files.push(&name(INVESTED, 2014), "Q0006;2.75;4714;0;0;0;0;0;0;0;0;0;0;0");
        }),
        row("A sign that can be either", ERROR, |files| {
            files.replace(&name(TURNOVER, 2021), "Q0001;1;47011", "Q0001;1;4.701");
            files.replace(&name(TURNOVER, 2021), "Q0001;2;47012", "Q0001;2;4.702");
        }),
        row("Three decimals throughout", WARNING, |files| {
            files.replace(&name(TURNOVER, 2008), "Q0001;1;47011", "Q0001;1;4,701");
        }),
        row("A number too large to be summed", ERROR, |files| {
            files.replace(&name(TURNOVER, 2014), "Q0006;4;47064", "Q0006;4;99999999999999999999999");
        }),
    ]
}

fn dates() -> Vec<Planted> {
    vec![
        row("Dates with the day first", ERROR, |files| {
            files.column(&name(PERSONS, 2018), "datumbegin", |_| "01-03-2006".to_owned());
        }),
        row("Dates as seconds, as SPSS keeps them", ERROR, |files| {
            files.column(&name(PERSONS, 2016), "datumbegin", |_| "13360723200".to_owned());
        }),
        row("Dates as days, as spreadsheets keep them", ERROR, |files| {
            files.column(&name(PERSONS, 2017), "datumbegin", |_| "38777".to_owned());
        }),
        row("Dates with a time of day", ERROR, |files| {
            files.column(&name(PERSONS, 2019), "datumbegin", |_| "2006-03-01 13:45:00".to_owned());
        }),
        row("A day that does not exist", ERROR, |files| files.push(&name(UNITS, 2014), "Q0013;25110;40;47;2019-02-29")),
        row("Founding dates outside the plausible", WARNING, |files| {
            files.push(&name(UNITS, 2014), "Q0014;25110;40;47;1066-10-14");
            files.push(&name(UNITS, 2014), "Q0015;25110;40;47;2031-01-01");
        }),
        row("A period that ends before it begins", WARNING, |files| {
            files.push(&name(PERSONS, 2014), "QA01;Q0002;2014-05-01;2014-04-01");
        }),
        row("Periods that cannot be used", ERROR, |files| {
            files.column(&name(PERSONS, 2015), "datumbegin", |_| "15821014".to_owned());
        }),
        row("Another open end than that of the register", ERROR, |files| {
            files.column(&name(PERSONS, 2021), "dateinde", |_| "99991231".to_owned());
        }),
    ]
}

fn keys() -> Vec<Planted> {
    vec![
        row("A unit twice with the same content", WARNING, |files| {
            files.push(&name(UNITS, 2014), "Q0001;10110;82;47113;1999-05-01")
        }),
        row("A unit twice with other content", ERROR, |files| files.push(&name(UNITS, 2014), "Q0002;62010;21;3;20030301")),
        row("A unit without an identifier", ERROR, |files| files.push(&name(UNITS, 2014), ";25110;40;47;1999-05-01")),
        row("A quarter twice with the same turnover", WARNING, |files| files.push(&name(TURNOVER, 2014), "Q0003;2;47032")),
        row("A quarter twice with another turnover", ERROR, |files| files.push(&name(TURNOVER, 2014), "Q0003;3;47199")),
        row("An investment twice with other amounts", ERROR, |files| {
            files.push(&name(INVESTED, 2014), "Q0003;2,5;4715;0;0;0;0;0;0;0;0;0;0;0");
        }),
        row("A group twice with other persons", ERROR, |files| files.push(&name(GROUPS, 2015), "QG02;4716")),
        row("Repeated rows of numbers and persons, as from 2022", WARNING, |files| {
            files.push(&name(NUMBERS, 2014), "QP01;QA01");
            files.push(&name(NUMBERS, 2014), "QP02;QA02");
        }),
        row("A combination twice with another end", ERROR, |files| {
            files.push(&name(PERSONS, 2014), "QA02;Q0003;2006-03-01;2014-06-30");
        }),
    ]
}

fn links() -> Vec<Planted> {
    vec![
        row("A unit with turnover that the register does not know", WARNING, |files| {
            files.push(&name(TURNOVER, 2014), "Q0077;1;47121");
        }),
        row("A unit of a participant that the register does not know", WARNING, |files| {
            files.push(&name(PERSONS, 2014), "QA03;Q0078;2010-01-01;2079-06-06");
        }),
        row("Identifiers that lost their leading letters", ERROR, |files| {
            files.column(&name(TURNOVER, 2009), "rbe_identificatie", |unit| unit.trim_start_matches("Q000").to_owned());
        }),
        row("A group that the register does not know", WARNING, |files| {
            let without = files.text(&name(GROUPS, 2014)).replace("QG03;1\n", "");
            files.bytes(&name(GROUPS, 2014), without.as_bytes());
        }),
        row("A unit in two groups of a year", ERROR, |files| files.push(&name(GROUP_OF, 2014), "Q0001;QG04")),
        row("A unit that changes its group within a year", WARNING, |files| {
            periods(files);
            files.push(&name(GROUP_OF, 2015), "Q0005;QG01;2015-01-01;2015-02-28");
            files.push(&name(GROUP_OF, 2015), "Q0005;QG02;2015-03-01;2079-06-06");
        }),
        row("A link of unit and group that is interrupted within a year", WARNING, |files| {
            periods(files);
            files.replace(&name(GROUP_OF, 2015), "Q0004;QG03;2006-03-01;2079-06-06", "Q0004;QG03;2006-03-01;2015-03-31");
            files.push(&name(GROUP_OF, 2015), "Q0004;QG03;2015-07-01;2079-06-06");
        }),
    ]
}

/// Gives the links of units and groups of 2015 their periods.
fn periods(files: &mut Files) {
    let text = files.text(&name(GROUP_OF, 2015));
    if text.contains("datumbegin") {
        return;
    }
    let mut lines: Vec<String> = text.lines().map(|line| format!("{line};2006-03-01;2079-06-06")).collect();
    lines[0] = "rbe_identificatie;rog_identificatie;datumbegin;dateinde".to_owned();
    files.write(&name(GROUP_OF, 2015), &lines.iter().map(String::as_str).collect::<Vec<_>>());
}

fn codes() -> Vec<Planted> {
    vec![
        row("An industry that does not exist", WARNING, |files| files.push(&name(UNITS, 2014), "Q0016;04110;40;47;1999-05-01")),
        row("A size code that does not exist", WARNING, |files| files.push(&name(UNITS, 2014), "Q0017;25110;4717;47;1999-05-01")),
        row("Industries that lost their leading zeros", ERROR, |files| {
            files.column(&name(UNITS, 2019), "rbe_sbigecoordineerd", |code| code[1..].to_owned());
        }),
        row("Industries of SBI'93 under the name of SBI 2008", ERROR, |files| {
            let old = ["34100", "72200", "40110", "51900", "67130", "74140"];
            let text = files.text(&name(UNITS, 2009));
            let lines: Vec<String> = text
                .lines()
                .enumerate()
                .map(|(at, line)| {
                    let mut fields: Vec<&str> = line.split(';').collect();
                    if at > 0 {
                        fields[1] = old[at - 1];
                    }
                    fields.join(";")
                })
                .collect();
            files.write(&name(UNITS, 2009), &lines.iter().map(String::as_str).collect::<Vec<_>>());
        }),
        row("Industries of SBI'93 alone", ERROR, |files| {
            files.replace(&name(UNITS, 2008), "rbe_sbigecoordineerd", "rbe_sbi93gecoordineerd");
        }),
    ]
}

fn breaks() -> Vec<Planted> {
    vec![
        row("A unit twice in a group and year, under a new identifier", WARNING, |files| {
            files.push(&name(UNITS, 2014), "Q0031;33110;30;7;1996-02-28");
            files.push(&name(UNITS, 2014), "Q0032;33120;30;7;2014-07-01");
            for quarter in ["Q0031;1;47311", "Q0031;2;47312", "Q0032;3;47323", "Q0032;4;47324"] {
                files.push(&name(TURNOVER, 2014), quarter);
            }
            files.push(&name(GROUP_OF, 2014), "Q0031;QG02");
            files.push(&name(GROUP_OF, 2014), "Q0032;QG02");
        }),
        row("A unit under a new identifier in the next year", WARNING, |files| {
            [2018, 2019].iter().for_each(|year| files.replace_in_year(*year, "Q0003", "Q0093"));
        }),
        row("Another pseudonymisation in one year", WARNING, |files| files.replace_in_year(2019, "Q000", "Q900")),
    ]
}

/// What looks odd and is read as it is.
fn harmless() -> Vec<Planted> {
    vec![
        row("Names of files and columns over the vintages", NOTHING, |_| {}),
        row("A mark of the encoding, quotes and line breaks of Windows", NOTHING, |files| {
            let text = files.text(&name(TURNOVER, 2009)).replace(';', "\";\"").replace('\n', "\"\r\n\"");
            let text = format!("\u{FEFF}\"{}", text.trim_end_matches('"'));
            files.bytes(&name(TURNOVER, 2009), text.as_bytes());
        }),
        row("Tabs between fields, dates as numbers with a decimal", NOTHING, |files| {
            let text = files.text(&name(PERSONS, 2009)).replace("20790606", "20790606.0").replace(';', "\t");
            files.bytes(&name(PERSONS, 2009), text.as_bytes());
        }),
        row("Commas between fields and decimal points", NOTHING, |files| {
            let text = files.text(&name(INVESTED, 2014)).replace(',', ".").replace(';', ",");
            files.bytes(&name(INVESTED, 2014), text.as_bytes());
        }),
        row("A whole file in Windows-1252", NOTHING, |files| {
            let bytes = [files.get("deelnemers.csv"), b"QP02;Zo\xEB-huis\n"].concat();
            files.bytes("deelnemers.csv", &bytes);
        }),
        row("Columns that are not read: sector codes of 2017, dates of persons of 2019 and 2020", NOTHING, |files| {
            let text = files.text(&name(GROUPS, 2017));
            let lines: Vec<String> = text.lines().map(|line| format!("{line};onjuist")).collect();
            files.write(&name(GROUPS, 2017), &lines.iter().map(String::as_str).collect::<Vec<_>>());
        }),
    ]
    .into_iter()
    .map(alone)
    .collect()
}

const PIPELINE: &str = r#"
[study]
name  = "small"
title = "A small study"
years = [2008, 2009, 2014, 2015, 2016, 2017, 2018, 2019, 2021]

[registers]
participants   = "deelnemers"
kvk_person     = "cbs_persoon_kvk"
person_unit    = "be_persoon_abr"
business_units = "be_abr"
unit_group     = "be_og_abr"
groups         = "og_abr"
turnover       = "drt_beid"
investments    = "investeringen"

[disclosure]
profile = "cbs"

[[table]]
id    = "units"
title = "Units by sector"
show  = "count"
by    = ["year", "sector"]
"#;

fn plan() -> Plan {
    match sluis::spec::parse(PIPELINE, Path::new("pipeline.toml"), Path::new("")) {
        Ok((plan, found)) if found.is_empty() => plan,
        Ok((_, found)) => panic!("{found:?}"),
        Err(found) => panic!("{}", found.0.iter().map(ToString::to_string).collect::<String>()),
    }
}

/// Everything that is found in a delivery, without the folder it lies in.
fn found(plan: &Plan, files: &Files) -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    files.write_to(folder.path());
    let mut found = registers::check(&Delivery::look(&plan.input, &plan.years, &plan.classifications, folder.path()));
    for note in found.iter_mut().flat_map(|finding| &mut finding.notes) {
        *note = note.replace(&folder.path().display().to_string(), "registers");
    }
    found
}

/// Every fault planted by itself, and what is found.
fn singly() -> &'static [(Planted, Files, Vec<Diagnostic>)] {
    static FOUND: OnceLock<Vec<(Planted, Files, Vec<Diagnostic>)>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let plan = plan();
        let plant = |planted: Planted| {
            let mut files = Files::sound();
            (planted.plant)(&mut files);
            let found = found(&plan, &files);
            (planted, files, found)
        };
        matrix().into_iter().map(plant).collect()
    })
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

/// Holds a text against a file of the repository; with `SLUIS_WRITE_CASES` set it is written instead, for reading before it is committed.
fn assert_golden(file: &str, text: &str) {
    let path = cases().join(file);
    if std::env::var_os("SLUIS_WRITE_CASES").is_some() {
        fs::write(&path, text).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let differs = expected.lines().zip(text.lines()).enumerate().find(|(_, (a, b))| a != b);
    assert!(expected == text, "{file} differs (SLUIS_WRITE_CASES=1 writes it anew) at {differs:?}");
}

fn assert_silent(files: &Files, text: &str, what: &str) {
    let told = files.values().into_iter().filter(|value| text.contains(value.as_str())).count();
    assert!(told == 0, "{what}: {told} values of the registers stand in the messages");
}

#[test]
fn every_fault_gets_the_message_of_the_manual() {
    let plan = plan();
    assert!(found(&plan, &Files::sound()).is_empty(), "a sound delivery is sound");
    let mut manual = String::from(
        "# What goes wrong with a delivery, and what `sluis check --data` says\n\n\
         Every message names file, row and column and what to do, never a value. Rows are counted without the header.\n\
         An error ends the program with exit code 4 before anything is computed; a warning lets it go on.\n",
    );
    let mut otherwise = String::new();
    for (planted, files, found) in singly() {
        let text: String = found.iter().map(ToString::to_string).collect();
        assert_silent(files, &text, planted.title);
        let worst = found.iter().map(|finding| finding.severity).min();
        if worst != planted.worst {
            write!(otherwise, "{}: {worst:?}\n{text}", planted.title).unwrap();
            continue;
        }
        assert!(found.iter().all(|finding| finding.help.is_some()), "{} comes with help", planted.title);
        let exit = if worst == ERROR { Diagnostics(found.clone()).exit_code() } else { 0 };
        assert_eq!(exit, planted.exit, "{}", planted.title);
        let text = if text.is_empty() { "no findings\n".to_owned() } else { text };
        write!(manual, "\n## {}\n\n```text\n{text}```\n", planted.title).unwrap();
    }
    assert!(otherwise.is_empty(), "{otherwise}");
    assert_golden("faults.md", &manual);
}

fn check(folder: &Path, arguments: &[&str]) -> Output {
    fs::write(folder.join("pipeline.toml"), PIPELINE).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
    command.current_dir(folder).args(["check", "pipeline.toml", "--data", "registers"]).args(arguments);
    command.output().expect("the program starts")
}

/// The findings of a fault without rows and notes, which other faults in the file change.
fn kinds(found: &[Diagnostic]) -> BTreeSet<(Severity, &'static str, String, String)> {
    let place = |place: &Place| match place {
        Place::Data { file, column, .. } => format!("{} {}", file.display(), column.as_deref().unwrap_or("")),
        _ => String::new(),
    };
    found.iter().map(|d| (d.severity, d.code, d.headline.clone(), place(&d.place))).collect()
}

#[test]
fn all_faults_at_once_are_found_in_one_go() {
    let plan = plan();
    let (mut files, mut expected) = (Files::sound(), BTreeSet::new());
    for (planted, _, found) in singly().iter().filter(|(planted, ..)| !planted.alone) {
        (planted.plant)(&mut files);
        expected.extend(kinds(found));
    }
    let together = found(&plan, &files);
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("registers")).unwrap();
    files.write_to(&folder.path().join("registers"));
    let output = check(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(4));
    let told = String::from_utf8(output.stderr).unwrap();
    assert_silent(&files, &told, "all at once");
    let text: String = told.lines().filter(|line| !line.ends_with(" s")).map(|line| format!("{line}\n")).collect();
    assert!(text.rfind("error[") < text.find("warning["), "errors stand before warnings");
    assert_golden("faults-all.txt", &text);
    let missed: Vec<_> = expected.difference(&kinds(&together)).cloned().collect();
    assert!(missed.is_empty(), "{missed:#?}");
    for threads in ["1", "3"] {
        let again = check(folder.path(), &["--json", "--threads", threads]);
        let json: serde_json::Value = serde_json::from_slice(&again.stdout).unwrap();
        assert_eq!(json["exit_code"], 4);
        assert_eq!(json["findings"].as_array().unwrap().len(), together.len(), "{threads} threads find the same");
    }
}

/// What is found in a delivery when its business units are read by this schema.
fn found_with(schema: &str, files: &Files) -> Vec<Diagnostic> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("be_vintages.toml"), schema).unwrap();
    let text = PIPELINE.replace("\"be_abr\"", "\"be_vintages.toml\"");
    match sluis::spec::parse(&text, Path::new("pipeline.toml"), folder.path()) {
        Ok((plan, _)) => found(&plan, files),
        Err(wrong) => wrong.0,
    }
}

fn vintages() -> String {
    fs::read_to_string(cases().join("vintages/be_vintages.toml")).unwrap()
}

/// The schema with the line that a finding suggests in the place of the one for that column, or with its lines at the end of the files.
fn mended(schema: &str, finding: &Diagnostic) -> String {
    let (_, lines) = finding.help.as_ref().unwrap().split_once('\n').unwrap();
    if lines.starts_with("[[file]]") {
        return schema.replace("\n[columns]", &format!("\n{lines}\n\n[columns]"));
    }
    let key = lines.split(' ').next().unwrap();
    let line = |line: &str| if line.split(' ').next() == Some(key) { lines.to_owned() } else { line.to_owned() };
    schema.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn names_of_files_and_columns_hold_for_their_years() {
    assert!(found_with(&vintages(), &Files::sound()).is_empty());
    let mut files = Files::sound();
    files.drop_column(&name(UNITS, 2019), "rbe_gksbsgecoordineerd");
    assert!(found_with(&vintages(), &files).is_empty(), "a column that ended is not asked for");
    let mut files = Files::sound();
    files.column(&name(UNITS, 2019), "rbe_gksbsgecoordineerd", |_| "no code".to_owned());
    assert!(found_with(&vintages(), &files).is_empty(), "a column that ended is not read");
    files.column(&name(UNITS, 2018), "rbe_gksbsgecoordineerd", |_| "no code".to_owned());
    let codes: Vec<_> = found_with(&vintages(), &files).iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["unknown-code"]);
}

#[test]
fn a_rename_that_is_not_declared_is_mended_by_the_line_that_is_suggested() {
    let cases: [fn(&mut Files); 4] = [
        |files| files.replace(&name(UNITS, 2019), "rbe_werkzamepersonen", "rbe_werkz_personen"),
        |files| files.replace(&name(UNITS, 2019), "rbe_werkzamepersonen", "wpactueel"),
        |files| files.replace(&name(UNITS, 2021), "be_id", "rbe_identificatie"),
        |files| files.rename(&name(UNITS, 2016), "BE_ABR_2016V3.csv"),
    ];
    let mut told = String::new();
    for plant in cases {
        let mut files = Files::sound();
        plant(&mut files);
        let found = found_with(&vintages(), &files);
        assert_eq!(found.len(), 1, "{found:#?}");
        let mended = mended(&vintages(), &found[0]);
        let left = found_with(&mended, &files);
        assert!(left.is_empty(), "{mended}\n{left:#?}");
        writeln!(told, "{}", found[0]).unwrap();
    }
    assert_golden("vintages/suggested.txt", &told);
}
