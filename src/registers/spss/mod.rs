//! SPSS files, `.sav` and `.zsav`: codes are read and not their labels; what is declared missing is missing.

use std::path::Path;

use arrow::array::ArrayRef;

use super::bytes::{Bytes, piece_rows};
use super::faults::{self, Faults};
use super::reader::{Reader, Source, Take, Unreadable, breaks_off};
use cases::{Cases, End};
use dictionary::{Dictionary, SLOT, Variable};

mod cases;
mod columns;
mod dictionary;

pub(super) const SAV: Reader = Reader { extension: "sav", open };
pub(super) const ZSAV: Reader = Reader { extension: "zsav", open };

struct SpssSource {
    header: Vec<String>,
    dictionary: Dictionary,
    bytes: Bytes,
}

fn open(path: &Path) -> Result<Box<dyn Source>, Unreadable> {
    let mut bytes = Bytes::open(path)?;
    let dictionary = Dictionary::read(&mut bytes)?;
    let header = dictionary.variables.iter().map(|variable| variable.name.clone()).collect();
    Ok(Box::new(SpssSource { header, dictionary, bytes }))
}

impl Source for SpssSource {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn read(self: Box<Self>, columns: &[usize], faults: &mut Faults, take: &mut Take<'_>) -> Result<u64, Unreadable> {
        let Self { dictionary, bytes, .. } = *self;
        let wanted: Vec<&Variable> = columns.iter().filter_map(|at| dictionary.variables.get(*at)).collect();
        let row_bytes = dictionary.row_bytes;
        let mut cases = Cases::open(&dictionary, bytes)?;
        let mut buffer = vec![0; piece_rows(row_bytes) * row_bytes];
        let mut rows = 0;
        loop {
            let left = dictionary.rows.map_or(u64::MAX, |declared| declared - rows);
            let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX).saturating_mul(row_bytes));
            let (filled, end) = cases.fill(&mut buffer[..room])?;
            let whole = filled / row_bytes;
            if whole > 0 {
                let piece = columns::Rows {
                    bytes: &buffer[..whole * row_bytes],
                    row_bytes,
                    first_row: rows + 1,
                    big_endian: dictionary.big_endian,
                };
                let arrays: Vec<ArrayRef> =
                    wanted.iter().map(|variable| piece.array(variable, dictionary.script, faults)).collect();
                take(rows + 1, &arrays, faults);
            }
            rows += whole as u64;
            let more = left > whole as u64;
            match end {
                End::Broken => return breaks_off(rows, faults),
                End::Last if filled % row_bytes != 0 || dictionary.rows.is_some() && more => return breaks_off(rows, faults),
                End::Last => return Ok(rows),
                End::Full if more => {}
                End::Full => {
                    if cases.fill(&mut [0; SLOT])?.0 > 0 {
                        faults.file(&faults::MORE_ROWS);
                    }
                    return Ok(rows);
                }
            }
        }
    }
}
