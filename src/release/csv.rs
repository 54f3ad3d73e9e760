//! One CSV per table: UTF-8, comma, decimal point, LF, and a state beside every value.

use super::layout::{self, Field, Record};
use super::{File, Format};
use crate::disclosure::safe::SafeTable;

pub const CSV: Format = Format { name: "csv", files: |release| release.tables.tables().iter().map(file).collect() };

fn file(table: &SafeTable) -> File {
    let fields = layout::fields(table);
    let header: Vec<&str> = fields.iter().map(Field::name).collect();
    let record = |record: &Record<'_>| fields.iter().map(|field| field.text(table, record).into_owned()).collect();
    let bytes = bytes(&header, layout::records(table).iter().map(record));
    File { path: format!("tables/{}.csv", table.id), bytes }
}

/// A header and records of the same length as CSV.
pub fn bytes(header: &[&str], records: impl Iterator<Item = Vec<String>>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let mut written = writer.write_record(header);
    for record in records {
        written = written.and_then(|()| writer.write_record(record));
    }
    assert!(written.is_ok(), "records of equal length can be written to memory");
    writer.into_inner().unwrap_or_default()
}
