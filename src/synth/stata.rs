//! Stata files of synthetic registers, format 118: texts of a fixed width, numbers as doubles, dates as days.
//!
//! Format: Stata's help on `dta_118`.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use super::layout::{Kind, Sink, Value, four_places};

const MISSING: f64 = f64::from_bits(0x7FE0_0000_0000_0000);
/// From 1 January 1960 to 1 January 1970.
const DAYS_TO_1970: i32 = 3_653;

/// Takes rows into a Stata file.
pub(super) struct Stata {
    file: BufWriter<File>,
    kinds: Vec<Kind>,
    /// Where the number of rows and the map of the parts stand.
    rows_at: u64,
    map_at: u64,
    /// Where the parts begin that are known so far.
    parts: Vec<u64>,
    rows: u64,
}

impl Stata {
    pub(super) fn new(file: File, columns: &[(&str, Kind)]) -> Result<Self, String> {
        let mut head = Head::default();
        head.add(b"<stata_dta><header><release>118</release><byteorder>LSF</byteorder><K>");
        head.add(&(columns.len() as u16).to_le_bytes());
        head.add(b"</K><N>");
        let rows_at = head.bytes.len() as u64;
        head.add(&[0; 8]);
        head.add(b"</N><label>\0\0</label><timestamp>\0</timestamp></header>");
        head.parts.push(0);
        head.part(b"<map>", &[0; 14 * 8], b"</map>");
        let map_at = head.parts[1] + 5;
        let types: Vec<u8> = columns.iter().flat_map(|(_, kind)| storage(*kind).to_le_bytes()).collect();
        head.part(b"<variable_types>", &types, b"</variable_types>");
        let names: Vec<u8> = columns.iter().flat_map(|(name, _)| padded(name, 129)).collect();
        head.part(b"<varnames>", &names, b"</varnames>");
        head.part(b"<sortlist>", &vec![0; 2 * (columns.len() + 1)], b"</sortlist>");
        let formats: Vec<u8> = columns.iter().flat_map(|(_, kind)| padded(&format(*kind), 57)).collect();
        head.part(b"<formats>", &formats, b"</formats>");
        head.part(b"<value_label_names>", &vec![0; 129 * columns.len()], b"</value_label_names>");
        head.part(b"<variable_labels>", &vec![0; 321 * columns.len()], b"</variable_labels>");
        head.part(b"<characteristics>", b"", b"</characteristics>");
        head.part(b"<data>", b"", b"");
        let mut file = BufWriter::with_capacity(1 << 18, file);
        file.write_all(&head.bytes).map_err(|error| error.to_string())?;
        let kinds = columns.iter().map(|(_, kind)| *kind).collect();
        Ok(Self { file, kinds, rows_at, map_at, parts: head.parts, rows: 0 })
    }

    fn field(&mut self, value: &Value, kind: Kind) -> io::Result<()> {
        match (value, kind) {
            (Value::Text(text), Kind::Text(width)) if text.len() <= width => self.file.write_all(&padded(text, width)),
            (Value::Whole(number), Kind::Whole) => {
                self.file.write_all(&number.map_or(MISSING, |number| number as f64).to_le_bytes())
            }
            (Value::Decimal(number), Kind::Decimal) => self.file.write_all(&four_places(*number).to_le_bytes()),
            (Value::Date(days), Kind::Date) => self.file.write_all(&(days + DAYS_TO_1970).to_le_bytes()),
            _ => Err(io::Error::other("a row has the types of its columns")),
        }
    }

    fn end(&mut self) -> io::Result<()> {
        self.file.write_all(b"</data>")?;
        for part in [&b"<strls></strls>"[..], b"<value_labels></value_labels>", b"</stata_dta>", b""] {
            self.parts.push(self.file.stream_position()?);
            self.file.write_all(part)?;
        }
        self.file.seek(SeekFrom::Start(self.map_at))?;
        self.parts.iter().try_for_each(|part| self.file.write_all(&part.to_le_bytes()))?;
        self.file.seek(SeekFrom::Start(self.rows_at))?;
        self.file.write_all(&self.rows.to_le_bytes())?;
        self.file.flush()
    }
}

impl Sink for Stata {
    fn row(&mut self, row: &[Value]) -> Result<(), String> {
        for (at, value) in row.iter().enumerate() {
            self.field(value, self.kinds[at]).map_err(|error| error.to_string())?;
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), String> {
        self.end().map_err(|error| error.to_string())
    }
}

/// What stands before the rows.
#[derive(Default)]
struct Head {
    bytes: Vec<u8>,
    parts: Vec<u64>,
}

impl Head {
    fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn part(&mut self, open: &[u8], content: &[u8], close: &[u8]) {
        self.parts.push(self.bytes.len() as u64);
        [open, content, close].into_iter().for_each(|bytes| self.add(bytes));
    }
}

fn storage(kind: Kind) -> u16 {
    match kind {
        Kind::Text(width) => width as u16,
        Kind::Whole | Kind::Decimal => 65526,
        Kind::Date => 65528,
    }
}

fn format(kind: Kind) -> String {
    match kind {
        Kind::Text(width) => format!("%{width}s"),
        Kind::Whole => "%12.0f".into(),
        Kind::Decimal => "%12.4f".into(),
        Kind::Date => "%td".into(),
    }
}

/// Filled up with bytes 0.
fn padded(text: &str, width: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(width, 0);
    bytes
}
