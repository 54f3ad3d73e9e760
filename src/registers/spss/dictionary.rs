//! The dictionary is what an SPSS file says before its cases: variables, missing codes, encoding, packing.
//!
//! Format: "System File Format" in the PSPP developers' manual.

use super::super::bytes::{BROKEN, Bytes};
use super::super::encodings::Script;
use super::super::reader::Unreadable;

/// A case is made of slots of this many bytes.
pub(super) const SLOT: usize = 8;
/// Bytes that a segment of a very long text holds, and bytes of the text that it was declared for.
const SEGMENT_BYTES: usize = 255;
const SEGMENT_SHARE: usize = 252;

pub(super) struct Dictionary {
    pub variables: Vec<Variable>,
    pub row_bytes: usize,
    /// Number of cases, where the file tells it.
    pub rows: Option<u64>,
    pub packing: Packing,
    /// What a code of one byte is less than, where cases are packed.
    pub bias: f64,
    pub system_missing: f64,
    pub big_endian: bool,
    pub script: Script,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Codes,
    /// Codes, then deflated in blocks.
    Deflated,
}

pub(super) struct Variable {
    pub name: String,
    pub kind: Kind,
}

pub(super) enum Kind {
    Number { at: usize, shown: Shown, missing: Missing },
    Text { segments: Vec<(usize, usize)>, missing: Vec<Vec<u8>> },
}

/// What a number is, by its print format.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Number,
    /// With leading zeros, to this many digits.
    Padded(usize),
    /// Seconds since 14 October 1582.
    Date,
}

/// The numbers that stand for missing.
pub(super) struct Missing {
    pub system: f64,
    pub values: Vec<f64>,
    pub range: Option<(f64, f64)>,
}

impl Missing {
    pub(super) fn holds(&self, value: f64) -> bool {
        value == self.system
            || value.is_nan()
            || self.values.contains(&value)
            || self.range.is_some_and(|(low, high)| (low..=high).contains(&value))
    }
}

/// A variable as it is declared, before the later records rename it and put its segments together.
struct Declared {
    short: Vec<u8>,
    /// 0 for a number.
    width: usize,
    format: u32,
    missing: Vec<[u8; 8]>,
    ranged: bool,
    slot: usize,
}

/// The records after the variables that bear on the data.
#[derive(Default)]
struct Extensions {
    page: Option<u32>,
    encoding: Option<String>,
    system_missing: Option<f64>,
    rows: Option<u64>,
    long_names: Vec<u8>,
    long_texts: Vec<u8>,
    long_missing: Vec<u8>,
}

impl Dictionary {
    pub(super) fn read(bytes: &mut Bytes) -> Result<Self, Unreadable> {
        let magic = bytes.array::<4>()?;
        if !matches!(&magic, b"$FL2" | b"$FL3") {
            return Err(BROKEN);
        }
        bytes.skip(60)?;
        let layout = bytes.array::<4>()?;
        bytes.big_endian = match (u32::from_le_bytes(layout), u32::from_be_bytes(layout)) {
            (2 | 3, _) => false,
            (_, 2 | 3) => true,
            _ => return Err(BROKEN),
        };
        bytes.skip(4)?;
        let packing = match bytes.i32()? {
            0 => Packing::Plain,
            1 => Packing::Codes,
            2 => Packing::Deflated,
            _ => return Err(BROKEN),
        };
        bytes.skip(4)?;
        let rows = u64::try_from(bytes.i32()?).ok();
        let bias = bytes.f64()?;
        bytes.skip(84)?;
        let (declared, slots, extensions) = records(bytes)?;
        let script = extensions.script();
        let system_missing = extensions.system_missing.unwrap_or(-f64::MAX);
        room_enough(&declared, slots)?;
        let variables = variables(&declared, &extensions, script, system_missing, bytes.big_endian)?;
        let rows = extensions.rows.or(rows);
        let big_endian = bytes.big_endian;
        Ok(Self { variables, row_bytes: slots * SLOT, rows, packing, bias, system_missing, big_endian, script })
    }
}

fn records(bytes: &mut Bytes) -> Result<(Vec<Declared>, usize, Extensions), Unreadable> {
    let (mut declared, mut slots, mut extensions) = (Vec::new(), 0, Extensions::default());
    loop {
        match bytes.u32()? {
            2 => {
                declared.extend(variable(bytes, slots)?);
                slots += 1;
            }
            3 => labels(bytes)?,
            6 => {
                let lines = u64::from(bytes.u32()?);
                bytes.skip(lines * 80)?;
            }
            7 => extension(bytes, &mut extensions)?,
            999 => break,
            _ => return Err(BROKEN),
        }
    }
    bytes.skip(4)?;
    if declared.is_empty() { Err(BROKEN) } else { Ok((declared, slots, extensions)) }
}

/// A variable, or `None` for what only holds room for the text before it.
fn variable(bytes: &mut Bytes, slot: usize) -> Result<Option<Declared>, Unreadable> {
    let kind = bytes.i32()?;
    let labelled = bytes.u32()?;
    let missing = bytes.i32()?;
    let format = bytes.u32()?;
    bytes.skip(4)?;
    let short = bytes.array::<8>()?.trim_ascii_end().to_vec();
    if labelled == 1 {
        let length = u64::from(bytes.u32()?);
        bytes.skip(length.next_multiple_of(4))?;
    }
    if !(-3..=3).contains(&missing) {
        return Err(BROKEN);
    }
    let missing_codes = (0..missing.unsigned_abs()).map(|_| bytes.array()).collect::<Result<_, _>>()?;
    let Ok(width) = usize::try_from(kind) else { return Ok(None) };
    if width > SEGMENT_BYTES {
        return Err(BROKEN);
    }
    Ok(Some(Declared { short, width, format, missing: missing_codes, ranged: missing < -1, slot }))
}

/// Labels of values, and the variables they are for.
fn labels(bytes: &mut Bytes) -> Result<(), Unreadable> {
    for _ in 0..bytes.u32()? {
        bytes.skip(8)?;
        let length = u64::from(bytes.u8()?);
        bytes.skip((length + 1).next_multiple_of(8) - 1)?;
    }
    bytes.expect(&if bytes.big_endian { 4u32.to_be_bytes() } else { 4u32.to_le_bytes() })?;
    let count = u64::from(bytes.u32()?);
    bytes.skip(count * 4)
}

fn extension(bytes: &mut Bytes, found: &mut Extensions) -> Result<(), Unreadable> {
    let subtype = bytes.u32()?;
    let (size, count) = (u64::from(bytes.u32()?), u64::from(bytes.u32()?));
    let length = size * count;
    match (subtype, length) {
        (3, 32) => {
            bytes.skip(28)?;
            found.page = Some(bytes.u32()?);
        }
        (4, 24) => {
            found.system_missing = Some(bytes.f64()?);
            bytes.skip(16)?;
        }
        (13, _) => found.long_names = bytes.vec(length)?,
        (14, _) => found.long_texts = bytes.vec(length)?,
        (16, 16) => {
            bytes.skip(8)?;
            found.rows = Some(bytes.u64()?).filter(|rows| *rows <= i64::MAX.unsigned_abs());
        }
        (20, _) => found.encoding = String::from_utf8(bytes.vec(length)?).ok(),
        (22, _) => found.long_missing = bytes.vec(length)?,
        _ => bytes.skip(length)?,
    }
    Ok(())
}

impl Extensions {
    fn script(&self) -> Script {
        match (&self.encoding, self.page) {
            (Some(name), _) => Script::named(name.trim_end_matches('\0')),
            (None, Some(page)) => Script::page(page),
            (None, None) => Script::Unnamed,
        }
    }

    /// What is told of a variable by its short name, as `NAME=what` between tabs.
    fn told<'a>(record: &'a [u8], short: &[u8]) -> Option<&'a [u8]> {
        let entries = record.split(|byte| *byte == b'\t');
        let told = |entry: &'a [u8]| {
            let at = entry.iter().position(|byte| *byte == b'=')?;
            entry[..at].eq_ignore_ascii_case(short).then(|| &entry[at + 1..])
        };
        entries.filter_map(told).next()
    }

    /// The width of a very long text.
    fn long_width(&self, short: &[u8]) -> Option<usize> {
        let digits = Self::told(&self.long_texts, short)?;
        let digits = std::str::from_utf8(digits).ok()?.trim_end_matches('\0');
        digits.parse().ok().filter(|width| *width > SEGMENT_BYTES)
    }

    /// The missing codes of a text of more than eight bytes.
    fn long_codes(&self, names: [&[u8]; 2], big_endian: bool) -> Vec<Vec<u8>> {
        let mut rest = self.long_missing.as_slice();
        while let Some((found, codes)) = long_missing(&mut rest, big_endian) {
            if names.iter().any(|name| found.trim_ascii_end().eq_ignore_ascii_case(name)) {
                return codes;
            }
        }
        Vec::new()
    }
}

/// The next entry of the record: name of the variable, codes.
fn long_missing<'a>(rest: &mut &'a [u8], big_endian: bool) -> Option<(&'a [u8], Vec<Vec<u8>>)> {
    let number = |rest: &mut &'a [u8]| {
        let (head, tail) = rest.split_first_chunk::<4>()?;
        *rest = tail;
        Some(if big_endian { u32::from_be_bytes(*head) } else { u32::from_le_bytes(*head) } as usize)
    };
    let part = |rest: &mut &'a [u8], length: usize| {
        let (head, tail) = rest.split_at_checked(length)?;
        *rest = tail;
        Some(head)
    };
    let length = number(rest)?;
    let name = part(rest, length)?;
    let count = part(rest, 1)?[0];
    let width = number(rest)?;
    let codes = (0..count).map(|_| part(rest, width).map(|code| code.trim_ascii_end().to_vec())).collect::<Option<_>>()?;
    Some((name, codes))
}

fn variables(
    declared: &[Declared],
    extensions: &Extensions,
    script: Script,
    system: f64,
    big_endian: bool,
) -> Result<Vec<Variable>, Unreadable> {
    let mut variables = Vec::new();
    let mut at = 0;
    while let Some(first) = declared.get(at) {
        let long = extensions.long_width(&first.short).filter(|_| first.width > 0);
        let count = long.map_or(1, |width| width.div_ceil(SEGMENT_SHARE));
        let parts = declared.get(at..at.saturating_add(count)).ok_or(BROKEN)?;
        at += count;
        let name = Extensions::told(&extensions.long_names, &first.short).unwrap_or(&first.short);
        let kind = if first.width == 0 {
            number(first, system, big_endian)
        } else {
            text(parts, long.unwrap_or(first.width), extensions.long_codes([name, &first.short], big_endian))?
        };
        let name = script.read(name).unwrap_or_else(|_| String::from_utf8_lossy(name)).into_owned();
        variables.push(Variable { name, kind });
    }
    Ok(variables)
}

/// A text has the slots that its width asks for before the next variable begins.
fn room_enough(declared: &[Declared], slots: usize) -> Result<(), Unreadable> {
    let begins = declared.iter().skip(1).map(|variable| variable.slot).chain([slots]);
    let fits = |(variable, next): (&Declared, usize)| variable.slot + variable.width.div_ceil(SLOT).max(1) == next;
    if declared.iter().zip(begins).all(fits) { Ok(()) } else { Err(BROKEN) }
}

fn number(declared: &Declared, system: f64, big_endian: bool) -> Kind {
    let float = |bytes: &[u8; 8]| if big_endian { f64::from_be_bytes(*bytes) } else { f64::from_le_bytes(*bytes) };
    let mut values: Vec<f64> = declared.missing.iter().map(float).collect();
    let range = declared.ranged.then(|| {
        let mut ends = values.drain(..2);
        (ends.next().unwrap_or(f64::NAN), ends.next().unwrap_or(f64::NAN))
    });
    let shown = match (declared.format >> 16 & 0xFF, declared.format >> 8 & 0xFF) {
        (16, width) => Shown::Padded(width as usize),
        (20 | 22..=24 | 28..=30 | 38 | 39 | 41, _) => Shown::Date,
        _ => Shown::Number,
    };
    Kind::Number { at: declared.slot * SLOT, shown, missing: Missing { system, values, range } }
}

fn text(parts: &[Declared], width: usize, long_codes: Vec<Vec<u8>>) -> Result<Kind, Unreadable> {
    let mut segments = Vec::new();
    let mut left = width;
    for part in parts {
        if part.width == 0 {
            return Err(BROKEN);
        }
        let length = part.width.min(left);
        segments.push((part.slot * SLOT, length));
        left -= length;
    }
    let short_codes = parts.iter().flat_map(|part| &part.missing).map(|code| code.trim_ascii_end().to_vec());
    let missing = short_codes.chain(long_codes).collect();
    Ok(Kind::Text { segments, missing })
}
