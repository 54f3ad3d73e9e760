//! Arrow files, also called Feather: only the wanted columns are decoded, batch by batch.

#![allow(clippy::disallowed_methods, reason = "registers are read here")]

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::buffer::Buffer;
use arrow::error::ArrowError;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{FileDecoder, read_footer_length};
use arrow_ipc::{Block, root_as_footer, root_as_message};

use super::bytes::BROKEN;
use super::faults::{self, Faults};
use super::reader::{PIECE_ROWS, Reader, Source, Take, Unreadable, breaks_off, places};
use crate::trap::trap;

pub(super) const ARROW: Reader = Reader { extension: "arrow", open };
pub(super) const FEATHER: Reader = Reader { extension: "feather", open };
pub(super) const IPC: Reader = Reader { extension: "ipc", open };

/// Bytes at the end: length of the footer, magic.
const TRAILER_BYTES: u64 = 10;
/// More rows in a batch or bytes in a buffer than this are not taken for such: it is where the offsets of texts end.
const LENGTH_MAX: i64 = 1 << 31;

struct IpcSource {
    header: Vec<String>,
    file: File,
    length: u64,
    footer: Vec<u8>,
}

fn open(path: &Path) -> Result<Box<dyn Source>, Unreadable> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    if length == 0 {
        return Err(Unreadable::Fault(&faults::NO_BYTES));
    }
    let footer_end = length.checked_sub(TRAILER_BYTES).ok_or(BROKEN)?;
    let trailer: [u8; TRAILER_BYTES as usize] = exactly(&mut file, footer_end, TRAILER_BYTES)?.try_into().map_err(|_| BROKEN)?;
    let footer_bytes = guarded(|| read_footer_length(trailer))? as u64;
    let footer = exactly(&mut file, footer_end.checked_sub(footer_bytes).ok_or(BROKEN)?, footer_bytes)?;
    let header = guarded(|| {
        let footer = root_as_footer(&footer).map_err(|error| ArrowError::ParseError(error.to_string()))?;
        let schema = footer.schema().filter(|schema| schema.endianness().equals_to_target_endianness());
        let schema = schema.ok_or_else(|| ArrowError::ParseError("no schema, or one of other machines".into()))?;
        Ok(try_fb_to_schema(schema)?.fields().iter().map(|field| field.name().clone()).collect())
    })?;
    Ok(Box::new(IpcSource { header, file, length, footer }))
}

/// The decoder gives up with an error or, on some broken files, with a panic; both mean that the file is corrupt.
fn guarded<T>(step: impl FnOnce() -> Result<T, ArrowError>) -> Result<T, Unreadable> {
    trap(step).and_then(Result::ok).ok_or(BROKEN)
}

/// A part of the file; the caller has made sure that the file is that long.
fn exactly(file: &mut File, at: u64, count: u64) -> Result<Vec<u8>, Unreadable> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = vec![0; usize::try_from(count).map_err(|_| BROKEN)?];
    file.read_exact(&mut bytes).map_err(super::bytes::unreadable)?;
    Ok(bytes)
}

impl Source for IpcSource {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn read(mut self: Box<Self>, columns: &[usize], faults: &mut Faults, take: &mut Take<'_>) -> Result<u64, Unreadable> {
        let footer_bytes = std::mem::take(&mut self.footer);
        let footer = root_as_footer(&footer_bytes).map_err(|_| BROKEN)?;
        let schema = footer.schema().ok_or(BROKEN)?;
        let schema = Arc::new(guarded(|| try_fb_to_schema(schema))?);
        let order = places(columns, self.header.len());
        let decoded = (0..self.header.len()).filter(|at| columns.contains(at)).collect();
        let mut decoder = FileDecoder::new(schema, footer.version()).with_projection(decoded);
        for block in footer.dictionaries().iter().flatten() {
            let buffer = self.block(block)?;
            guarded(|| decoder.read_dictionary(block, &buffer))?;
        }
        let mut rows = 0;
        for block in footer.recordBatches().ok_or(BROKEN)? {
            let batch = self.block(block).and_then(|buffer| guarded(|| decoder.read_record_batch(block, &buffer)));
            match batch {
                Ok(Some(batch)) => {
                    hand_over(&batch, &order, rows, faults, take)?;
                    rows += batch.num_rows() as u64;
                }
                Ok(None) => {}
                Err(Unreadable::Fault(_)) => return breaks_off(rows, faults),
                Err(machine) => return Err(machine),
            }
        }
        Ok(rows)
    }
}

/// A batch can be as long as the file; it is handed over in pieces.
fn hand_over(
    batch: &RecordBatch,
    order: &[usize],
    rows: u64,
    faults: &mut Faults,
    take: &mut Take<'_>,
) -> Result<(), Unreadable> {
    let column = |at: &usize| batch.columns().get(*at).ok_or(BROKEN);
    let columns: Vec<&ArrayRef> = order.iter().map(column).collect::<Result<_, _>>()?;
    for begin in (0..batch.num_rows()).step_by(PIECE_ROWS) {
        let length = PIECE_ROWS.min(batch.num_rows() - begin);
        let arrays: Vec<ArrayRef> = columns.iter().map(|column| column.slice(begin, length)).collect();
        take(rows + begin as u64 + 1, &arrays, faults);
    }
    Ok(())
}

impl IpcSource {
    /// The bytes of a block: a message and its body. No length in it is believed before it was looked at.
    fn block(&mut self, block: &Block) -> Result<Buffer, Unreadable> {
        let part = |length: i64| u64::try_from(length).map_err(|_| BROKEN);
        let (at, message) = (part(block.offset())?, part(i64::from(block.metaDataLength()))?);
        let count = message.checked_add(part(block.bodyLength())?).ok_or(BROKEN)?;
        if at.checked_add(count).is_none_or(|end| end > self.length) {
            return Err(BROKEN);
        }
        let bytes = exactly(&mut self.file, at, count)?;
        let (message, body) = bytes.split_at_checked(usize::try_from(message).map_err(|_| BROKEN)?).ok_or(BROKEN)?;
        plausible(message, body)?;
        Ok(Buffer::from_vec(bytes))
    }
}

/// Buffers lie inside their body; where they are compressed, the inflated length stands before each, and memory for it is taken at once.
fn plausible(message: &[u8], body: &[u8]) -> Result<(), Unreadable> {
    let message = message.strip_prefix(&[0xFF; 4]).unwrap_or(message).get(4..).ok_or(BROKEN)?;
    let message = root_as_message(message).map_err(|_| BROKEN)?;
    let dictionary = message.header_as_dictionary_batch().and_then(|dictionary| dictionary.data());
    let Some(batch) = message.header_as_record_batch().or(dictionary) else { return Ok(()) };
    if !(0..=LENGTH_MAX).contains(&batch.length()) {
        return Err(BROKEN);
    }
    for buffer in batch.buffers().iter().flatten() {
        let (at, length) = (usize::try_from(buffer.offset()), usize::try_from(buffer.length()));
        let (at, length) = (at.map_err(|_| BROKEN)?, length.map_err(|_| BROKEN)?);
        let inside = body.get(at..).and_then(|rest| rest.get(..length)).ok_or(BROKEN)?;
        let inflated = inside.first_chunk().map(|bytes| i64::from_le_bytes(*bytes));
        if batch.compression().is_some() && inflated.is_some_and(|inflated| inflated > LENGTH_MAX) {
            return Err(BROKEN);
        }
    }
    Ok(())
}
