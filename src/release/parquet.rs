//! One Parquet file per table: typed columns, and in the key-value metadata what the table is and where it comes from.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::layout::{self, Field, Record};
use super::{File, Format, Release};
use crate::disclosure::safe::SafeTable;

pub const PARQUET: Format =
    Format { name: "parquet", files: |release| release.tables.tables().iter().map(|table| file(release, table)).collect() };

fn file(release: &Release<'_>, table: &SafeTable) -> File {
    let records = layout::records(table);
    let column = |field: &Field<'_>| (field.name().to_owned(), column(table, &records, field));
    let columns = layout::fields(table).iter().map(column).collect();
    File { path: format!("parquet/{}.parquet", table.id), bytes: bytes(columns, &provenance(release, table)) }
}

/// Years and numbers of units as whole numbers, values as floating numbers that print as the table prints them, the rest as text. Where
/// nothing may be told there is null.
fn column(table: &SafeTable, records: &[Record<'_>], field: &Field<'_>) -> ArrayRef {
    let texts = || records.iter().map(|record| field.text(table, record));
    match field {
        Field::Value => Arc::new(Float64Array::from_iter(texts().map(|text| text.parse::<f64>().ok()))),
        Field::Units => Arc::new(Int64Array::from_iter(texts().map(|text| text.parse::<i64>().ok()))),
        Field::Key("year") => Arc::new(Int32Array::from_iter(texts().map(|text| text.parse::<i32>().ok()))),
        _ => Arc::new(StringArray::from_iter_values(texts())),
    }
}

fn provenance(release: &Release<'_>, table: &SafeTable) -> Vec<(&'static str, String)> {
    let facts = release.facts;
    vec![
        ("study", facts.study.clone()),
        ("study_title", facts.title.clone()),
        ("source", facts.source().to_owned()),
        ("table", table.id.clone()),
        ("title", table.title.clone()),
        ("statistic", layout::statistic(table).to_owned()),
        ("unit", table.unit.clone()),
        ("decimals", table.decimals.to_string()),
        ("language", facts.language.to_owned()),
        ("profile", facts.profile.clone()),
        ("program", PROGRAM.to_owned()),
    ]
}

/// Name and version, as the writer of a file.
const PROGRAM: &str = concat!(env!("CARGO_PKG_NAME"), " version ", env!("CARGO_PKG_VERSION"));

/// A Parquet file of columns of equal length, which may all hold null, and its metadata. Nothing in it depends on a clock.
pub fn bytes(columns: Vec<(String, ArrayRef)>, metadata: &[(&str, String)]) -> Vec<u8> {
    let metadata = metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), value.clone())).collect();
    let properties =
        WriterProperties::builder().set_created_by(PROGRAM.to_owned()).set_key_value_metadata(Some(metadata)).build();
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    let mut bytes = Vec::new();
    let written = RecordBatch::try_from_iter_with_nullable(columns).map_err(ParquetError::from).and_then(|batch| {
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))?;
        writer.write(&batch)?;
        writer.close()
    });
    assert!(written.is_ok(), "columns of equal length can be written to memory");
    bytes
}
