//! SPSS files of synthetic registers: packed into codes of a byte where a number is small, and deflated on top of that for `.zsav`.
//!
//! Format: "System File Format" in the PSPP developers' manual.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::layout::{Kind, Sink, Value, four_places};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Codes = 1,
    Deflated = 2,
}

const SLOT: usize = 8;
const BIAS: f64 = 100.0;
/// Bytes of codes in a deflated block.
const BLOCK_BYTES: usize = 0x003F_F000;
/// Where the number of cases stands.
const CASES_AT: u64 = 80;
/// From 14 October 1582 to 1 January 1970.
const DAYS_TO_1970: i64 = 141_428;
const SECONDS_PER_DAY: i64 = 86_400;
const LOWEST: f64 = f64::from_bits(0xFFEF_FFFF_FFFF_FFFE);

/// Takes rows into an SPSS file.
pub(super) struct Spss {
    file: BufWriter<File>,
    widths: Vec<usize>,
    codes: Codes,
    /// Codes that are not in the file yet.
    packed: Vec<u8>,
    blocks: Option<Blocks>,
    rows: u32,
}

impl Spss {
    pub(super) fn new(file: File, columns: &[(&str, Kind)], packing: Packing) -> Result<Self, String> {
        let mut file = BufWriter::with_capacity(1 << 18, file);
        let head = dictionary(columns, packing);
        let begun = |file: &mut BufWriter<File>| -> io::Result<Option<Blocks>> {
            file.write_all(&head)?;
            match packing {
                Packing::Codes => Ok(None),
                Packing::Deflated => Blocks::begin(file, head.len() as u64).map(Some),
            }
        };
        let blocks = begun(&mut file).map_err(|error| error.to_string())?;
        let widths = columns.iter().map(|(_, kind)| if let Kind::Text(width) = kind { *width } else { 0 }).collect();
        Ok(Self { file, widths, codes: Codes::default(), packed: Vec::new(), blocks, rows: 0 })
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.blocks {
            Some(blocks) => {
                while self.packed.len() >= BLOCK_BYTES {
                    blocks.add(&mut self.file, &self.packed[..BLOCK_BYTES])?;
                    self.packed.drain(..BLOCK_BYTES);
                }
            }
            None => {
                self.file.write_all(&self.packed)?;
                self.packed.clear();
            }
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.codes.end(&mut self.packed);
        self.flush()?;
        if let Some(mut blocks) = self.blocks.take() {
            if !self.packed.is_empty() {
                blocks.add(&mut self.file, &self.packed)?;
            }
            blocks.end(&mut self.file)?;
        }
        self.file.seek(SeekFrom::Start(CASES_AT))?;
        self.file.write_all(&self.rows.to_le_bytes())?;
        self.file.flush()
    }
}

impl Sink for Spss {
    fn row(&mut self, row: &[Value]) -> Result<(), String> {
        for (value, width) in row.iter().zip(&self.widths) {
            match value {
                Value::Text(text) if text.len() > *width => return Err("a text is longer than its column".into()),
                Value::Text(text) => self.codes.text(text.as_bytes(), *width, &mut self.packed),
                Value::Whole(Some(number)) => self.codes.number(*number as f64, &mut self.packed),
                Value::Whole(None) => self.codes.missing(&mut self.packed),
                Value::Decimal(number) => self.codes.number(four_places(*number), &mut self.packed),
                Value::Date(days) => {
                    let seconds = (i64::from(*days) + DAYS_TO_1970) * SECONDS_PER_DAY;
                    self.codes.number(seconds as f64, &mut self.packed);
                }
            }
        }
        self.rows = self.rows.checked_add(1).filter(|rows| i32::try_from(*rows).is_ok()).ok_or("too many rows")?;
        if self.packed.len() >= BLOCK_BYTES { self.flush().map_err(|error| error.to_string()) } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> Result<(), String> {
        self.end().map_err(|error| error.to_string())
    }
}

/// Eight codes, then what those among them say that stand for "follows".
#[derive(Default)]
struct Codes {
    group: Vec<u8>,
    following: Vec<u8>,
}

impl Codes {
    fn push(&mut self, code: u8, following: &[u8], packed: &mut Vec<u8>) {
        self.group.push(code);
        self.following.extend_from_slice(following);
        if self.group.len() == SLOT {
            packed.append(&mut self.group);
            packed.append(&mut self.following);
        }
    }

    fn number(&mut self, number: f64, packed: &mut Vec<u8>) {
        let code = number + BIAS;
        if code.fract() == 0.0 && (1.0..=251.0).contains(&code) {
            self.push(code as u8, &[], packed);
        } else {
            self.push(253, &number.to_le_bytes(), packed);
        }
    }

    fn missing(&mut self, packed: &mut Vec<u8>) {
        self.push(255, &[], packed);
    }

    fn text(&mut self, text: &[u8], width: usize, packed: &mut Vec<u8>) {
        for begin in (0..width).step_by(SLOT) {
            let mut slot = [b' '; SLOT];
            let part = &text[begin.min(text.len())..(begin + SLOT).min(text.len())];
            slot[..part.len()].copy_from_slice(part);
            if part.iter().all(|byte| *byte == b' ') { self.push(254, &[], packed) } else { self.push(253, &slot, packed) }
        }
    }

    /// The last group is filled up with codes for nothing.
    fn end(&mut self, packed: &mut Vec<u8>) {
        while !self.group.is_empty() {
            self.push(0, &[], packed);
        }
    }
}

/// Deflated blocks with their index behind them.
struct Blocks {
    /// Where the data begin in the file.
    begin: u64,
    /// Inflated and deflated bytes of each.
    sizes: Vec<(u32, u32)>,
}

impl Blocks {
    fn begin(file: &mut impl Write, begin: u64) -> io::Result<Self> {
        file.write_all(&[0; 24])?;
        Ok(Self { begin, sizes: Vec::new() })
    }

    fn add(&mut self, file: &mut impl Write, codes: &[u8]) -> io::Result<()> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(codes)?;
        let deflated = encoder.finish()?;
        self.sizes.push((codes.len() as u32, deflated.len() as u32));
        file.write_all(&deflated)
    }

    fn end(&self, file: &mut (impl Write + Seek)) -> io::Result<()> {
        let mut index = Vec::new();
        index.extend((-(BIAS as i64)).to_le_bytes());
        index.extend(0u64.to_le_bytes());
        index.extend((BLOCK_BYTES as u32).to_le_bytes());
        index.extend((self.sizes.len() as u32).to_le_bytes());
        let (mut inflated_at, mut deflated_at) = (self.begin, self.begin + 24);
        for (inflated, deflated) in &self.sizes {
            index.extend(inflated_at.to_le_bytes());
            index.extend(deflated_at.to_le_bytes());
            index.extend(inflated.to_le_bytes());
            index.extend(deflated.to_le_bytes());
            inflated_at += u64::from(*inflated);
            deflated_at += u64::from(*deflated);
        }
        file.write_all(&index)?;
        file.seek(SeekFrom::Start(self.begin))?;
        [self.begin, deflated_at, index.len() as u64].iter().try_for_each(|number| file.write_all(&number.to_le_bytes()))
    }
}

/// Everything before the cases.
fn dictionary(columns: &[(&str, Kind)], packing: Packing) -> Vec<u8> {
    let mut head = Vec::new();
    head.extend(if packing == Packing::Deflated { b"$FL3" } else { b"$FL2" });
    head.extend(padded("@(#) SPSS DATA FILE sluis synth", 60));
    let slots: usize = columns.iter().map(|(_, kind)| slots(*kind)).sum();
    [2, slots as i32, packing as i32, 0, 0].iter().for_each(|number| head.extend(number.to_le_bytes()));
    head.extend(BIAS.to_le_bytes());
    head.extend(padded("01 Jan 20", 9));
    head.extend(padded("00:00:00", 8));
    head.extend(padded("", 64));
    head.extend([0; 3]);
    columns.iter().enumerate().for_each(|(at, (_, kind))| variable(at, *kind, &mut head));
    let names: Vec<String> = columns.iter().enumerate().map(|(at, (name, _))| format!("V{at}={name}")).collect();
    let machine: Vec<u8> = [20i32, 0, 0, -1, 1, 1, 2, 65001].iter().flat_map(|number| number.to_le_bytes()).collect();
    let floats: Vec<u8> = [-f64::MAX, f64::MAX, LOWEST].iter().flat_map(|number| number.to_le_bytes()).collect();
    record(3, 4, &machine, &mut head);
    record(4, 8, &floats, &mut head);
    record(13, 1, names.join("\t").as_bytes(), &mut head);
    record(20, 1, b"UTF-8", &mut head);
    [999i32, 0].iter().for_each(|number| head.extend(number.to_le_bytes()));
    head
}

fn padded(text: &str, width: usize) -> Vec<u8> {
    format!("{text:width$}").into_bytes()
}

fn slots(kind: Kind) -> usize {
    if let Kind::Text(width) = kind { width.div_ceil(SLOT) } else { 1 }
}

fn variable(at: usize, kind: Kind, head: &mut Vec<u8>) {
    let format = |kind: i32, width: usize, decimals: i32| kind << 16 | (width as i32) << 8 | decimals;
    let (width, format) = match kind {
        Kind::Text(width) => (width as i32, format(1, width, 0)),
        Kind::Whole => (0, format(5, 12, 0)),
        Kind::Decimal => (0, format(5, 12, 4)),
        Kind::Date => (0, format(39, 10, 0)),
    };
    [2, width, 0, 0, format, format].iter().for_each(|number| head.extend(number.to_le_bytes()));
    head.extend(padded(&format!("V{at}"), 8));
    for _ in 1..slots(kind) {
        [2i32, -1, 0, 0, 0, 0].iter().for_each(|number| head.extend(number.to_le_bytes()));
        head.extend(padded("", 8));
    }
}

fn record(subtype: i32, size: usize, content: &[u8], head: &mut Vec<u8>) {
    [7, subtype, size as i32, (content.len() / size) as i32].iter().for_each(|number| head.extend(number.to_le_bytes()));
    head.extend(content);
}
