//! `cells.parquet`: the cells as typed columns, for a checker's own tools.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;

use super::Texts;

/// Counts as whole numbers, values as floating numbers, the rest as text; an empty text of a number is null.
pub fn file(texts: &Texts) -> Vec<u8> {
    let columns = texts.header.iter().enumerate().map(|(at, name)| {
        let texts = || texts.rows.iter().map(|row| row[at].as_str());
        let column: ArrayRef = match *name {
            "n" | "contributors" => Arc::new(Int64Array::from_iter(texts().map(|text| text.parse::<i64>().ok()))),
            "value" | "published" => Arc::new(Float64Array::from_iter(texts().map(|text| text.parse::<f64>().ok()))),
            _ => Arc::new(StringArray::from_iter_values(texts())),
        };
        (*name, column, true)
    });
    let mut bytes = Vec::new();
    let written =
        RecordBatch::try_from_iter_with_nullable(columns).map_err(parquet::errors::ParquetError::from).and_then(|batch| {
            let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None)?;
            writer.write(&batch)?;
            writer.close()
        });
    assert!(written.is_ok(), "columns of equal length can be written to memory");
    bytes
}
