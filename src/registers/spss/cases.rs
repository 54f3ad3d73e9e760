//! Cases are the rows of an SPSS file, unpacked: one byte for a small whole number, deflated in blocks, or as they are.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Take};

use flate2::bufread::ZlibDecoder;

use super::super::bytes::{BROKEN, Bytes, fill, unreadable};
use super::super::reader::Unreadable;
use super::dictionary::{Dictionary, Packing, SLOT};

const WINDOW_BYTES: usize = 1 << 18;
/// Codes come in groups of eight, before what some of them say follows.
const GROUP: usize = 8;
const NOTHING: u8 = 0;
const END: u8 = 252;
const FOLLOWS: u8 = 253;
const BLANKS: u8 = 254;
const SYSTEM_MISSING: u8 = 255;

/// How a buffer of cases ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It is full.
    Full,
    /// There are no more cases.
    Last,
    /// In the middle of something.
    Broken,
}

pub(super) enum Cases {
    Plain(BufReader<File>),
    Codes(Codes<BufReader<File>>),
    Deflated(Box<Codes<Blocks>>),
}

impl Cases {
    pub(super) fn open(dictionary: &Dictionary, bytes: Bytes) -> Result<Self, Unreadable> {
        Ok(match dictionary.packing {
            Packing::Plain => Cases::Plain(bytes.rest()),
            Packing::Codes => Cases::Codes(Codes::new(bytes.rest(), dictionary)),
            Packing::Deflated => Cases::Deflated(Box::new(Codes::new(Blocks::open(bytes)?, dictionary))),
        })
    }

    /// Fills the buffer, a number of slots, with what comes next; the number of bytes, and how it ended.
    pub(super) fn fill(&mut self, buffer: &mut [u8]) -> Result<(usize, End), Unreadable> {
        match self {
            Cases::Plain(input) => {
                let filled = fill(input, buffer).map_err(unreadable)?;
                Ok((filled, if filled == buffer.len() { End::Full } else { End::Last }))
            }
            Cases::Codes(codes) => codes.fill(buffer),
            Cases::Deflated(codes) => codes.fill(buffer),
        }
    }
}

/// Unpacks codes.
pub(super) struct Codes<R> {
    input: R,
    window: Vec<u8>,
    at: usize,
    end: usize,
    group: [u8; GROUP],
    next: usize,
    /// What a code stands for, where nothing follows it.
    meaning: Vec<[u8; SLOT]>,
}

impl<R: Read> Codes<R> {
    fn new(input: R, dictionary: &Dictionary) -> Self {
        let bytes = |value: f64| if dictionary.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let mut meaning: Vec<[u8; SLOT]> = (0..=u8::MAX).map(|code| bytes(f64::from(code) - dictionary.bias)).collect();
        meaning[usize::from(BLANKS)] = [b' '; SLOT];
        meaning[usize::from(SYSTEM_MISSING)] = bytes(dictionary.system_missing);
        Self { input, window: vec![0; WINDOW_BYTES], at: 0, end: 0, group: [0; GROUP], next: GROUP, meaning }
    }

    fn fill(&mut self, buffer: &mut [u8]) -> Result<(usize, End), Unreadable> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.next == GROUP {
                match self.group() {
                    Ok(true) => {}
                    Ok(false) => return Ok((filled, End::Last)),
                    Err(error) => return broken(filled, error),
                }
            }
            let (count, end) = self.unpack(&mut buffer[filled..]);
            filled += count;
            if end != End::Full {
                return Ok((filled, end));
            }
        }
        Ok((filled, End::Full))
    }

    /// Brings a group into the window, with all that can follow it; false at the end.
    fn group(&mut self) -> io::Result<bool> {
        match self.window(GROUP + GROUP * SLOT)? {
            0 => return Ok(false),
            GROUP.. => self.group.copy_from_slice(&self.window[self.at..self.at + GROUP]),
            _ => return Err(ErrorKind::UnexpectedEof.into()),
        }
        self.at += GROUP;
        self.next = 0;
        Ok(true)
    }

    /// Unpacks what is left of the group, as far as there is room.
    fn unpack(&mut self, room: &mut [u8]) -> (usize, End) {
        let mut filled = 0;
        let mut follows = &self.window[self.at..self.end];
        for slot in room.as_chunks_mut::<SLOT>().0 {
            let left = &self.group[self.next..];
            let Some(at) = left.iter().position(|code| *code != NOTHING) else {
                self.next = GROUP;
                break;
            };
            self.next += at + 1;
            match left[at] {
                // What came after the end would be no case.
                END => {
                    self.next -= 1;
                    self.at = self.end - follows.len();
                    return (filled, End::Last);
                }
                FOLLOWS => match follows.split_first_chunk::<SLOT>() {
                    Some((bytes, rest)) => {
                        *slot = *bytes;
                        follows = rest;
                    }
                    None => return (filled, End::Broken),
                },
                code => *slot = self.meaning[usize::from(code)],
            }
            filled += SLOT;
        }
        self.at = self.end - follows.len();
        (filled, End::Full)
    }

    /// Makes sure that this many bytes are in the window, unless the input ends; how many there are.
    #[inline]
    fn window(&mut self, count: usize) -> io::Result<usize> {
        if self.end - self.at < count {
            self.window.copy_within(self.at..self.end, 0);
            self.end -= self.at;
            self.at = 0;
            self.end += fill(&mut self.input, &mut self.window[self.end..])?;
        }
        Ok(self.end - self.at)
    }
}

fn broken(filled: usize, error: io::Error) -> Result<(usize, End), Unreadable> {
    match unreadable(error) {
        Unreadable::Fault(_) => Ok((filled, End::Broken)),
        machine => Err(machine),
    }
}

/// Deflated blocks, one after the other.
pub(super) struct Blocks {
    state: State,
    /// Deflated and inflated bytes of every block, the next one last.
    blocks: Vec<(u64, u64)>,
    /// Inflated bytes that the open block still has to give.
    left: u64,
}

enum State {
    Between(BufReader<File>),
    Inside(ZlibDecoder<Take<BufReader<File>>>),
    Over,
}

impl Blocks {
    fn open(mut bytes: Bytes) -> Result<Self, Unreadable> {
        let header = bytes.at();
        let (itself, index, index_bytes) = (bytes.u64()?, bytes.u64()?, bytes.u64()?);
        let first = bytes.at();
        if itself != header || index < first {
            return Err(BROKEN);
        }
        bytes.seek(index)?;
        bytes.skip(20)?;
        let count = u64::from(bytes.u32()?);
        if index_bytes != 24 + count * 24 || count * 24 > bytes.left() {
            return Err(BROKEN);
        }
        let mut blocks = Vec::new();
        let mut begin = first;
        for _ in 0..count {
            bytes.skip(8)?;
            let at = bytes.u64()?;
            let (inflated, deflated) = (u64::from(bytes.u32()?), u64::from(bytes.u32()?));
            if at != begin {
                return Err(BROKEN);
            }
            begin += deflated;
            blocks.push((deflated, inflated));
        }
        if begin != index {
            return Err(BROKEN);
        }
        blocks.reverse();
        bytes.seek(first)?;
        Ok(Self { state: State::Between(bytes.rest()), blocks, left: 0 })
    }

    /// Closes the block, which must have ended where it says, and opens the next.
    fn next(&mut self) -> io::Result<()> {
        let file = match std::mem::replace(&mut self.state, State::Over) {
            State::Between(file) => file,
            State::Inside(decoder) if self.left == 0 && decoder.get_ref().limit() == 0 => decoder.into_inner().into_inner(),
            State::Inside(_) => return Err(ErrorKind::InvalidData.into()),
            State::Over => return Ok(()),
        };
        if let Some((deflated, inflated)) = self.blocks.pop() {
            self.left = inflated;
            self.state = State::Inside(ZlibDecoder::new(file.take(deflated)));
        }
        Ok(())
    }
}

impl Read for Blocks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = match &mut self.state {
                State::Inside(decoder) => decoder.read(buffer)?,
                State::Between(_) => 0,
                State::Over => return Ok(0),
            };
            if count > 0 || buffer.is_empty() {
                self.left = self.left.checked_sub(count as u64).ok_or(ErrorKind::InvalidData)?;
                return Ok(count);
            }
            self.next()?;
        }
    }
}
