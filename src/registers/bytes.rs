//! The bytes of a binary file, read forwards in its byte order; no length that the file tells is believed beyond what it still holds.

#![allow(clippy::disallowed_methods, reason = "registers are read here")]

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::faults;
use super::reader::Unreadable;

/// Memory for one piece of fixed-width rows.
const PIECE_BYTES: usize = 8 << 20;

pub(super) struct Bytes {
    file: BufReader<File>,
    at: u64,
    length: u64,
    pub big_endian: bool,
}

pub(super) const BROKEN: Unreadable = Unreadable::Fault(&faults::BROKEN_OFF);

/// A decoder's complaint about bytes means a corrupt file; any other error is the machine's.
pub(super) fn unreadable(error: io::Error) -> Unreadable {
    match error.kind() {
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::InvalidInput => BROKEN,
        _ => Unreadable::Machine(error),
    }
}

impl Bytes {
    pub(super) fn open(path: &Path) -> Result<Self, Unreadable> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        if length == 0 {
            return Err(Unreadable::Fault(&faults::NO_BYTES));
        }
        Ok(Self { file: BufReader::with_capacity(1 << 18, file), at: 0, length, big_endian: false })
    }

    pub(super) fn at(&self) -> u64 {
        self.at
    }

    pub(super) fn left(&self) -> u64 {
        self.length - self.at
    }

    fn advance(&mut self, count: u64) -> Result<(), Unreadable> {
        if count > self.left() {
            return Err(BROKEN);
        }
        self.at += count;
        Ok(())
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        self.advance(N as u64)?;
        let mut array = [0; N];
        self.file.read_exact(&mut array).map_err(unreadable)?;
        Ok(array)
    }

    pub(super) fn vec(&mut self, count: u64) -> Result<Vec<u8>, Unreadable> {
        self.advance(count)?;
        let mut bytes = vec![0; usize::try_from(count).map_err(|_| BROKEN)?];
        self.file.read_exact(&mut bytes).map_err(unreadable)?;
        Ok(bytes)
    }

    pub(super) fn skip(&mut self, count: u64) -> Result<(), Unreadable> {
        self.advance(count)?;
        Ok(self.file.seek_relative(i64::try_from(count).map_err(|_| BROKEN)?)?)
    }

    pub(super) fn seek(&mut self, to: u64) -> Result<(), Unreadable> {
        if to > self.length {
            return Err(BROKEN);
        }
        self.at = to;
        self.file.seek(SeekFrom::Start(to))?;
        Ok(())
    }

    /// Passes over these bytes, which must be there.
    pub(super) fn expect(&mut self, text: &[u8]) -> Result<(), Unreadable> {
        if self.vec(text.len() as u64)? == text { Ok(()) } else { Err(BROKEN) }
    }

    pub(super) fn u8(&mut self) -> Result<u8, Unreadable> {
        Ok(self.array::<1>()?[0])
    }

    pub(super) fn u16(&mut self) -> Result<u16, Unreadable> {
        let bytes = self.array()?;
        Ok(if self.big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    pub(super) fn u32(&mut self) -> Result<u32, Unreadable> {
        let bytes = self.array()?;
        Ok(if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    pub(super) fn i32(&mut self) -> Result<i32, Unreadable> {
        Ok(self.u32()?.cast_signed())
    }

    pub(super) fn u64(&mut self) -> Result<u64, Unreadable> {
        let bytes = self.array()?;
        Ok(if self.big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    pub(super) fn f64(&mut self) -> Result<f64, Unreadable> {
        Ok(f64::from_bits(self.u64()?))
    }

    /// What follows, as a plain reader.
    pub(super) fn rest(self) -> BufReader<File> {
        self.file
    }
}

/// Reads until the buffer is full or there is no more; the number of bytes read.
pub(super) fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Rows of this width that are held at a time.
pub(super) fn piece_rows(row_bytes: usize) -> usize {
    (PIECE_BYTES / row_bytes.max(1)).clamp(1, super::reader::PIECE_ROWS)
}
