//! Parquet files: only the wanted columns are read, batch by batch.

#![allow(clippy::disallowed_methods, reason = "registers are read here")]

use std::fs::File;
use std::path::Path;

use arrow::array::{ArrayRef, RecordBatch};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::faults::{self, Faults};
use super::reader::{PIECE_ROWS, Reader, Source, Take, Unreadable, places};
use crate::trap::trap;

pub(super) const READER: Reader = Reader { extension: "parquet", open };

struct ParquetSource {
    header: Vec<String>,
    builder: ParquetRecordBatchReaderBuilder<File>,
}

fn open(path: &Path) -> Result<Box<dyn Source>, Unreadable> {
    let file = File::open(path)?;
    if file.metadata()?.len() == 0 {
        return Err(Unreadable::Fault(&faults::NO_BYTES));
    }
    let builder = guarded(|| ParquetRecordBatchReaderBuilder::try_new(file))?;
    let header = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
    Ok(Box::new(ParquetSource { header, builder }))
}

/// The decoder gives up with an error or, on some broken files, with a panic; both mean that the file is corrupt.
fn guarded<T>(step: impl FnOnce() -> Result<T, parquet::errors::ParquetError>) -> Result<T, Unreadable> {
    trap(step).and_then(Result::ok).ok_or(Unreadable::Fault(&faults::BROKEN_OFF))
}

impl Source for ParquetSource {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn rows(&self) -> Option<u64> {
        u64::try_from(self.builder.metadata().file_metadata().num_rows()).ok()
    }

    fn read(self: Box<Self>, columns: &[usize], faults: &mut Faults, take: &mut Take<'_>) -> Result<u64, Unreadable> {
        let Self { header, builder } = *self;
        let mask = ProjectionMask::roots(builder.parquet_schema(), columns.iter().copied());
        let order = places(columns, header.len());
        let mut reader = guarded(|| builder.with_projection(mask).with_batch_size(PIECE_ROWS).build())?;
        let mut rows = 0;
        while let Some(batch) = guarded(|| reader.next().transpose().map_err(Into::into))? {
            take(rows + 1, &ordered(&batch, &order)?, faults);
            rows += batch.num_rows() as u64;
        }
        Ok(rows)
    }
}

fn ordered(batch: &RecordBatch, order: &[usize]) -> Result<Vec<ArrayRef>, Unreadable> {
    let column = |&at: &usize| batch.columns().get(at).cloned().ok_or(Unreadable::Fault(&faults::BROKEN_OFF));
    order.iter().map(column).collect()
}
