//! The header is what a Stata file says before its data: variables, their types, formats and names, and where the parts stand.
//!
//! Format: Stata's help on `dta_113`, `dta_114`, `dta_115`, `dta_117`, `dta_118` and `dta_119`.

use super::super::bytes::{BROKEN, Bytes};
use super::super::encodings::Script;
use super::super::reader::Unreadable;

pub(super) struct Header {
    pub release: u8,
    pub big_endian: bool,
    pub rows: u64,
    pub row_bytes: usize,
    pub variables: Vec<Variable>,
    pub script: Script,
    /// Where the rows begin in the file.
    pub data: u64,
    /// Where the long texts stand, from format 117 on.
    pub long_texts: u64,
}

pub(super) struct Variable {
    pub name: String,
    pub storage: Storage,
    pub shown: Shown,
    /// Place in a row.
    pub at: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    Byte,
    Int,
    Long,
    Float,
    Double,
    Text(usize),
    LongText,
}

impl Storage {
    fn bytes(self) -> usize {
        match self {
            Storage::Byte => 1,
            Storage::Int => 2,
            Storage::Long | Storage::Float => 4,
            Storage::Double | Storage::LongText => 8,
            Storage::Text(width) => width,
        }
    }

    fn old(code: u8) -> Result<Self, Unreadable> {
        match code {
            1..=244 => Ok(Storage::Text(usize::from(code))),
            251 => Ok(Storage::Byte),
            252 => Ok(Storage::Int),
            253 => Ok(Storage::Long),
            254 => Ok(Storage::Float),
            255 => Ok(Storage::Double),
            _ => Err(BROKEN),
        }
    }

    fn new(code: u16) -> Result<Self, Unreadable> {
        match code {
            1..=2045 => Ok(Storage::Text(usize::from(code))),
            32768 => Ok(Storage::LongText),
            65526 => Ok(Storage::Double),
            65527 => Ok(Storage::Float),
            65528 => Ok(Storage::Long),
            65529 => Ok(Storage::Int),
            65530 => Ok(Storage::Byte),
            _ => Err(BROKEN),
        }
    }
}

/// What a number is, by its display format.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Number,
    /// With leading zeros, to this many digits.
    Padded(usize),
    /// Days since 1960.
    Days,
    /// Milliseconds since 1960.
    Milliseconds,
}

impl Shown {
    fn of(format: &[u8]) -> Self {
        let format = format.trim_ascii().strip_prefix(b"%").unwrap_or_default();
        let format = format.strip_prefix(b"-").unwrap_or(format);
        match format {
            [b't', b'd', ..] | [b'd', ..] => Shown::Days,
            [b't', b'c' | b'C', ..] => Shown::Milliseconds,
            [b'0', digits @ ..] => {
                let width = digits.iter().take_while(|byte| byte.is_ascii_digit());
                let width = width.fold(0, |width: usize, digit| width.saturating_mul(10) + usize::from(digit - b'0'));
                if (1..=20).contains(&width) && format.ends_with(b".0f") { Shown::Padded(width) } else { Shown::Number }
            }
            _ => Shown::Number,
        }
    }
}

/// What the header declares of the variables, one after the other.
struct Declared {
    storages: Vec<Storage>,
    names: Vec<u8>,
    formats: Vec<u8>,
    name_bytes: usize,
    format_bytes: usize,
}

impl Header {
    pub(super) fn read(bytes: &mut Bytes) -> Result<Self, Unreadable> {
        match bytes.u8()? {
            release @ (113..=115) => Self::old(bytes, release),
            b'<' => Self::new(bytes),
            _ => Err(BROKEN),
        }
    }

    fn old(bytes: &mut Bytes, release: u8) -> Result<Self, Unreadable> {
        bytes.big_endian = match bytes.u8()? {
            1 => true,
            2 => false,
            _ => return Err(BROKEN),
        };
        bytes.skip(2)?;
        let count = u64::from(bytes.u16()?);
        let rows = u64::from(bytes.u32()?);
        bytes.skip(81 + 18)?;
        let storages = bytes.vec(count)?.into_iter().map(Storage::old).collect::<Result<_, _>>()?;
        let names = bytes.vec(33 * count)?;
        bytes.skip(2 * (count + 1))?;
        let format_bytes = if release == 113 { 12 } else { 49 };
        let formats = bytes.vec(format_bytes * count)?;
        bytes.skip(33 * count + 81 * count)?;
        loop {
            let kind = bytes.u8()?;
            let length = bytes.u32()?;
            match (kind, length) {
                (0, 0) => break,
                _ => bytes.skip(u64::from(length))?,
            }
        }
        let declared = Declared { storages, names, formats, name_bytes: 33, format_bytes: format_bytes as usize };
        Self::make(bytes, release, rows, &declared, [bytes.at(), 0])
    }

    fn new(bytes: &mut Bytes) -> Result<Self, Unreadable> {
        bytes.expect(b"stata_dta><header><release>")?;
        let release = match &bytes.array::<3>()? {
            b"117" => 117,
            b"118" => 118,
            b"119" => 119,
            _ => return Err(BROKEN),
        };
        bytes.expect(b"</release><byteorder>")?;
        bytes.big_endian = match &bytes.array::<3>()? {
            b"MSF" => true,
            b"LSF" => false,
            _ => return Err(BROKEN),
        };
        bytes.expect(b"</byteorder><K>")?;
        let count = if release == 119 { u64::from(bytes.u32()?) } else { u64::from(bytes.u16()?) };
        bytes.expect(b"</K><N>")?;
        let rows = if release == 117 { u64::from(bytes.u32()?) } else { bytes.u64()? };
        bytes.expect(b"</N><label>")?;
        let label = if release == 117 { u64::from(bytes.u8()?) } else { u64::from(bytes.u16()?) };
        bytes.skip(label)?;
        bytes.expect(b"</label><timestamp>")?;
        let timestamp = u64::from(bytes.u8()?);
        bytes.skip(timestamp)?;
        bytes.expect(b"</timestamp></header><map>")?;
        let mut map = [0; 14];
        for place in &mut map {
            *place = bytes.u64()?;
        }
        bytes.expect(b"</map>")?;
        let declared = Declared::read(bytes, release, count)?;
        bytes.seek(map[9])?;
        bytes.expect(b"<data>")?;
        Self::make(bytes, release, rows, &declared, [bytes.at(), map[10]])
    }

    fn make(
        bytes: &Bytes,
        release: u8,
        rows: u64,
        declared: &Declared,
        [data, long_texts]: [u64; 2],
    ) -> Result<Self, Unreadable> {
        let script = if release >= 118 { Script::UTF8 } else { Script::Unnamed };
        let names = declared.names.chunks_exact(declared.name_bytes).map(until_zero);
        let formats = declared.formats.chunks_exact(declared.format_bytes).map(until_zero);
        let mut at = 0;
        let mut variables = Vec::new();
        for ((storage, name), format) in declared.storages.iter().zip(names).zip(formats) {
            let name = script.read(name).unwrap_or_else(|_| String::from_utf8_lossy(name)).into_owned();
            variables.push(Variable { name, storage: *storage, shown: Shown::of(format), at });
            at += storage.bytes();
        }
        if at == 0 {
            return Err(BROKEN);
        }
        Ok(Self { release, big_endian: bytes.big_endian, rows, row_bytes: at, variables, script, data, long_texts })
    }
}

impl Declared {
    fn read(bytes: &mut Bytes, release: u8, count: u64) -> Result<Self, Unreadable> {
        let (name_bytes, format_bytes) = if release == 117 { (33, 49) } else { (129, 57) };
        bytes.expect(b"<variable_types>")?;
        let codes = bytes.vec(2 * count)?;
        let big_endian = bytes.big_endian;
        let code = |pair: &[u8]| match *pair {
            [first, second] if big_endian => u16::from_be_bytes([first, second]),
            [first, second] => u16::from_le_bytes([first, second]),
            _ => 0,
        };
        let storages = codes.chunks_exact(2).map(|pair| Storage::new(code(pair))).collect::<Result<_, _>>()?;
        bytes.expect(b"</variable_types><varnames>")?;
        let names = bytes.vec(name_bytes * count)?;
        bytes.expect(b"</varnames><sortlist>")?;
        bytes.skip((count + 1) * if release == 119 { 4 } else { 2 })?;
        bytes.expect(b"</sortlist><formats>")?;
        let formats = bytes.vec(format_bytes * count)?;
        bytes.expect(b"</formats>")?;
        Ok(Self { storages, names, formats, name_bytes: name_bytes as usize, format_bytes: format_bytes as usize })
    }
}

/// A text up to the byte 0 that ends it.
pub(super) fn until_zero(text: &[u8]) -> &[u8] {
    &text[..text.iter().position(|byte| *byte == 0).unwrap_or(text.len())]
}
