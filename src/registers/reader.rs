//! A reader opens one file format and hands its columns over in pieces, as arrow arrays.

use std::path::Path;

use arrow::array::ArrayRef;

use super::faults::{self, Fault, Faults};
use super::{csv, dta, ipc, parquet, spss};

/// Rows in one piece; it bounds the memory that a file takes while it is read.
pub(super) const PIECE_ROWS: usize = 32_768;

/// A file format, by the extension of its files.
pub(super) struct Reader {
    pub extension: &'static str,
    pub open: fn(&Path) -> Result<Box<dyn Source>, Unreadable>,
}

/// Every format; of two files that differ in their format only the first in this list is read.
pub(super) const READERS: &[Reader] =
    &[parquet::READER, ipc::ARROW, ipc::FEATHER, ipc::IPC, spss::SAV, spss::ZSAV, dta::READER, csv::READER];

/// Why a file cannot be read at all.
pub(super) enum Unreadable {
    Fault(&'static Fault),
    Machine(std::io::Error),
}

impl From<std::io::Error> for Unreadable {
    fn from(error: std::io::Error) -> Self {
        Unreadable::Machine(error)
    }
}

/// Takes a piece: the row number of its first row, and the wanted columns in the order in which they were asked for.
pub(super) type Take<'a> = dyn FnMut(u64, &[ArrayRef], &mut Faults) + 'a;

/// An open file: its header is known, its rows are not read.
pub(super) trait Source {
    /// Names of the columns, as they stand in the file.
    fn header(&self) -> &[String];

    /// The separator of fields, for a text format.
    fn separator(&self) -> Option<u8> {
        None
    }

    /// About how many rows there are, where the file tells without being read.
    fn rows(&self) -> Option<u64> {
        None
    }

    /// Reads the columns at these places of the header, piece by piece and in the order of the file; the number of rows read.
    fn read(self: Box<Self>, columns: &[usize], faults: &mut Faults, take: &mut Take<'_>) -> Result<u64, Unreadable>;
}

/// For a decoder that keeps the order of the file: where each wanted column stands among those that it decodes.
pub(super) fn places(columns: &[usize], width: usize) -> Vec<usize> {
    let kept: Vec<usize> = (0..width).filter(|at| columns.contains(at)).collect();
    columns.iter().map(|at| kept.partition_point(|k| k < at)).collect()
}

/// A file that breaks off behind so many rows; one that gives no row at all is not read.
pub(super) fn breaks_off(rows: u64, faults: &mut Faults) -> Result<u64, Unreadable> {
    if rows == 0 {
        return Err(Unreadable::Fault(&faults::BROKEN_OFF));
    }
    faults.whole_row(&faults::BROKEN_OFF, rows + 1);
    Ok(rows)
}
