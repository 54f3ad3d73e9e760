//! A small delivery of the registers over the vintages of their names, and the ways in which one goes wrong.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};

/// The years of the study: vintages with other names of files and columns, and gaps, which no comparison crosses.
pub const YEARS: &[i32] = &[2008, 2009, 2014, 2015, 2016, 2017, 2018, 2019, 2021];

/// Files by name. Identifiers begin with `Q`, and no other field of four letters or more stands in a message either.
pub struct Files(BTreeMap<String, Vec<u8>>);

/// A register of a year: the name of its file.
pub fn name(register: &str, year: i32) -> String {
    match (register, year) {
        ("DRT_BEID" | "Investeringen", _) => format!("{register}{year}V1.csv"),
        (_, ..2014) => format!("130923 {register} {year}V1.csv"),
        (_, 2014) => format!("{register} 2014V1.csv"),
        ("BE_persoon_ABR", 2021..) => format!("ABR_BE_PERSOON{year}V1.csv"),
        (_, 2021..) => format!("ABR_{}{year}V1.csv", register.trim_end_matches("_ABR")),
        _ => format!("{register}{year}V1.csv"),
    }
}

pub const UNITS: &str = "BE_ABR";
pub const GROUP_OF: &str = "BE_OG_ABR";
pub const GROUPS: &str = "OG_ABR";
pub const NUMBERS: &str = "CBS_persoon_KvK_FIN_ABR";
pub const PERSONS: &str = "BE_persoon_ABR";
pub const TURNOVER: &str = "DRT_BEID";
pub const INVESTED: &str = "Investeringen";

/// Identifier, industry, size code, employed persons, founding date, enterprise group.
const KNOWN: [(&str, &str, &str, &str, &str, &str); 6] = [
    ("Q0001", "10110", "82", "47113", "1999-05-01", "QG01"),
    ("Q0002", "62010", "21", "2", "20030301", "QG01"),
    ("Q0003", "25110", "50", "47", "1987-11-30", "QG02"),
    ("Q0004", "46110", "10", "1", "2001-01-01", "QG03"),
    ("Q0005", "33110", "0", "0", "2005-07-01", ""),
    ("Q0006", "62020", "30", "7", "1996-02-29", "QG04"),
];

const ASSETS: &str = "comp_nieuw;comp_tweedehands;comp_eigen;comm_nieuw;comm_tweedehands;comm_eigen;mach_nieuw;mach_tweedehands;mach_eigen;soft_standaard;soft_maatwerk;soft_eigen";

impl Files {
    /// Without a fault.
    pub fn sound() -> Self {
        let mut files = Self(BTreeMap::new());
        files.write("deelnemers.csv", &["kvk_crypt;hub", "QP01;Oost", "QP02;West", "QP01;Oost", "QP03;Zuid"]);
        for year in YEARS {
            files.year(*year);
        }
        files
    }

    fn year(&mut self, year: i32) {
        let late = year >= 2021;
        let unit = if late { "be_id" } else { "rbe_identificatie" };
        let pick = |early: &'static str, late_name: &'static str| if late { late_name } else { early };
        let (group, person) =
            (pick("rog_identificatie", "ogidentificatie"), pick("cbspersoonidentificatie", "persoon_identificatie"));
        let sbi = pick("rbe_sbigecoordineerd", "sbigecoordineerd");
        let size = pick("rbe_gksbsgecoordineerd", "gksbsgecoordineerd");
        let persons = pick("rbe_werkzamepersonen", "wpactueel");
        let founded = pick("rbe_datumontstaan", "datumontstaan");
        let mut units = vec![format!("{unit};{sbi};{size};{persons};{founded}")];
        units.extend(KNOWN.iter().map(|k| format!("{};{};{};{};{}", k.0, k.1, k.2, k.3, k.4)));
        let mut group_of = vec![format!("{unit};{group}")];
        group_of.extend(KNOWN.iter().filter(|k| !k.5.is_empty()).map(|k| format!("{};{}", k.0, k.5)));
        let number = pick("kvk_crypt", "kvknummer_crypt");
        let mut turnover = vec![format!("{unit};kwartaal;omzet")];
        let quarters = KNOWN.iter().flat_map(|k| (1..=4).map(|q| format!("{};{q};47{}{q}", k.0, &k.0[3..])));
        turnover.extend(quarters);
        let zeros = "0;".repeat(11) + "47118";
        self.lines(&name(UNITS, year), units);
        self.lines(&name(GROUP_OF, year), group_of);
        let of_group = [("QG01", "47115"), ("QG02", "47"), ("QG03", "1"), ("QG04", "7")];
        let mut groups = vec![format!("{group};{}", pick("rog_werkzamepersonen", "wpactueel"))];
        groups.extend(of_group.iter().map(|(group, persons)| format!("{group};{persons}")));
        self.lines(&name(GROUPS, year), groups);
        let links = [("QP01", "QA01", "Q0001"), ("QP02", "QA02", "Q0003"), ("QP03", "QA03", "Q0006")];
        let mut numbers = vec![format!("{number};{person}")];
        numbers.extend(links.iter().map(|(number, person, _)| format!("{number};{person}")));
        self.lines(&name(NUMBERS, year), numbers);
        let mut run = vec![format!("{person};{unit};datumbegin;dateinde")];
        run.extend(links.iter().map(|(_, person, unit)| format!("{person};{unit};2006-03-01;20790606")));
        self.lines(&name(PERSONS, year), run);
        self.lines(&name(TURNOVER, year), turnover);
        if year <= 2018 {
            let rows = [format!("{unit};ophoogfactor;{ASSETS}"), format!("Q0001;1,25;{zeros}"), format!("Q0003;2,5;{zeros}")];
            self.lines(&name(INVESTED, year), rows.to_vec());
        }
    }

    fn lines(&mut self, file: &str, lines: Vec<String>) {
        self.0.insert(file.to_owned(), (lines.join("\n") + "\n").into_bytes());
    }

    pub fn write(&mut self, file: &str, lines: &[&str]) {
        self.lines(file, lines.iter().map(|line| (*line).to_owned()).collect());
    }

    pub fn bytes(&mut self, file: &str, bytes: &[u8]) {
        self.0.insert(file.to_owned(), bytes.to_vec());
    }

    pub fn get(&self, file: &str) -> &[u8] {
        &self.0[file]
    }

    pub fn text(&self, file: &str) -> String {
        String::from_utf8(self.0[file].clone()).expect("a file that is still text")
    }

    pub fn remove(&mut self, file: &str) -> Vec<u8> {
        self.0.remove(file).expect("the file is there")
    }

    pub fn rename(&mut self, from: &str, to: &str) {
        let bytes = self.remove(from);
        self.bytes(to, &bytes);
    }

    /// A row at the end.
    pub fn push(&mut self, file: &str, row: &str) {
        let text = self.text(file) + row + "\n";
        self.bytes(file, text.as_bytes());
    }

    pub fn replace(&mut self, file: &str, from: &str, to: &str) {
        let text = self.text(file);
        assert!(text.contains(from), "{from} is in {file}");
        self.bytes(file, text.replace(from, to).as_bytes());
    }

    /// Every field of a column, the header left as it is.
    pub fn column(&mut self, file: &str, column: &str, change: impl Fn(&str) -> String) {
        let text = self.text(file);
        let mut lines = text.lines();
        let header = lines.next().expect("a header");
        let at = header.split(';').position(|name| name == column).expect("the column is there");
        let field = |(place, field): (usize, &str)| if place == at { change(field) } else { field.to_owned() };
        let row = |line: &str| line.split(';').enumerate().map(field).collect::<Vec<_>>().join(";");
        let all = [header.to_owned()].into_iter().chain(lines.map(row)).collect();
        self.lines(file, all);
    }

    pub fn drop_column(&mut self, file: &str, column: &str) {
        let text = self.text(file);
        let at = text.lines().next().expect("a header").split(';').position(|name| name == column).expect("the column is there");
        let kept = |line: &str| {
            line.split(';').enumerate().filter(|(place, _)| *place != at).map(|(_, field)| field).collect::<Vec<_>>().join(";")
        };
        self.lines(file, text.lines().map(kept).collect());
    }

    pub fn replace_in_year(&mut self, year: i32, from: &str, to: &str) {
        for register in [UNITS, GROUP_OF, PERSONS, TURNOVER, INVESTED] {
            let file = name(register, year);
            let text = self.0.get(&file).and_then(|bytes| std::str::from_utf8(bytes).ok()).map(|text| text.replace(from, to));
            text.into_iter().for_each(|text| self.bytes(&file, text.as_bytes()));
        }
    }

    /// The same as Parquet, every column as text but those of `whole` and `truth`.
    pub fn parquet(&mut self, file: &str, whole: &[&str], truth: &[&str]) -> String {
        let text = String::from_utf8(self.remove(file)).expect("text");
        let names: Vec<&str> = text.lines().next().expect("a header").split(';').collect();
        let column = |(at, name): (usize, &&str)| {
            let fields = text.lines().skip(1).map(|line| line.split(';').nth(at).expect("a field").to_owned());
            let number = |field: String| field.bytes().filter(u8::is_ascii_digit).fold(0, |n, b| n * 10 + i64::from(b - b'0'));
            let name: &str = name;
            let array: ArrayRef = match name {
                name if whole.contains(&name) => Arc::new(fields.map(number).map(Some).collect::<Int64Array>()),
                name if truth.contains(&name) => {
                    let nested: BooleanArray = fields.map(|_| Some(true)).collect();
                    let fields = vec![arrow::datatypes::Field::new("x", arrow::datatypes::DataType::Boolean, true)];
                    Arc::new(arrow::array::StructArray::new(fields.into(), vec![Arc::new(nested)], None))
                }
                _ => Arc::new(fields.map(Some).collect::<StringArray>()),
            };
            (name.to_owned(), array)
        };
        let batch = RecordBatch::try_from_iter(names.iter().enumerate().map(column)).expect("columns of equal length");
        let mut bytes = Vec::new();
        let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("written");
        writer.close().expect("closed");
        let name = file.replace(".csv", ".parquet");
        self.bytes(&name, &bytes);
        name
    }

    /// Leaves out every other file.
    pub fn keep(&mut self, names: &[String]) {
        self.0.retain(|name, _| names.contains(name));
    }

    pub fn write_to(&self, folder: &Path) {
        for (name, bytes) in &self.0 {
            fs::write(folder.join(name), bytes).expect("written");
        }
    }

    /// Every field long enough to be told from ordinary words; what stands in a Parquet file is known from its text before.
    pub fn values(&self) -> Vec<String> {
        let mut values = Vec::new();
        for bytes in self.0.values() {
            let text = String::from_utf8_lossy(bytes).into_owned();
            for line in text.lines().skip(1) {
                let fields = line.split([';', ',', '\t', '"', '\0', '\r']).map(str::trim);
                values.extend(fields.filter(|field| field.chars().count() >= 4).map(str::to_owned));
            }
        }
        values.sort();
        values.dedup();
        values
    }
}
