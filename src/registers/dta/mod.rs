//! Stata files, `.dta` of the formats 113 to 119: codes are read and not their labels; every missing code is missing.

use std::path::Path;

use arrow::array::ArrayRef;

use super::bytes::{BROKEN, Bytes, fill, piece_rows, unreadable};
use super::faults::Faults;
use super::reader::{Reader, Source, Take, Unreadable, breaks_off};
use header::{Header, Storage, Variable};
use long_texts::LongTexts;

mod columns;
mod header;
mod long_texts;

pub(super) const READER: Reader = Reader { extension: "dta", open };

struct StataSource {
    names: Vec<String>,
    header: Header,
    bytes: Bytes,
}

fn open(path: &Path) -> Result<Box<dyn Source>, Unreadable> {
    let mut bytes = Bytes::open(path)?;
    let header = Header::read(&mut bytes)?;
    let names = header.variables.iter().map(|variable| variable.name.clone()).collect();
    Ok(Box::new(StataSource { names, header, bytes }))
}

impl Source for StataSource {
    fn header(&self) -> &[String] {
        &self.names
    }

    fn read(self: Box<Self>, columns: &[usize], faults: &mut Faults, take: &mut Take<'_>) -> Result<u64, Unreadable> {
        let Self { header, mut bytes, .. } = *self;
        let wanted: Vec<&Variable> = columns.iter().filter_map(|at| header.variables.get(*at)).collect();
        let long = wanted.iter().any(|variable| matches!(variable.storage, Storage::LongText));
        let long_texts = if long { LongTexts::read(&mut bytes, &header)? } else { LongTexts::default() };
        bytes.seek(header.data)?;
        let row_bytes = header.row_bytes;
        let mut data = bytes.rest();
        let mut buffer = vec![0; piece_rows(row_bytes) * row_bytes];
        let mut rows = 0;
        while rows < header.rows {
            let room = usize::try_from(header.rows - rows).unwrap_or(usize::MAX).saturating_mul(row_bytes).min(buffer.len());
            let filled = fill(&mut data, &mut buffer[..room]).map_err(unreadable)?;
            let whole = filled / row_bytes;
            if whole > 0 {
                let piece = columns::Rows { bytes: &buffer[..whole * row_bytes], header: &header, first_row: rows + 1 };
                let arrays: Vec<ArrayRef> = wanted.iter().map(|variable| piece.array(variable, &long_texts, faults)).collect();
                take(rows + 1, &arrays, faults);
            }
            rows += whole as u64;
            if filled < room {
                return breaks_off(rows, faults);
            }
        }
        if header.release >= 117 {
            let mut mark = [0; 7];
            fill(&mut data, &mut mark).map_err(unreadable)?;
            if &mark != b"</data>" {
                return Err(BROKEN);
            }
        }
        Ok(rows)
    }
}
