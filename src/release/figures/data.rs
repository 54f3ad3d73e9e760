//! The data behind a figure: a CSV with a row per drawn cell, in words, with the value as it was released.

use super::{grid, unit};
use crate::disclosure::safe::SafeTable;
use crate::language::{Language, Phrase};
use crate::release::layout::state;

const VALUE: Phrase = Phrase::new("value", "waarde");
const UNIT: Phrase = Phrase::new("unit", "eenheid");
const STATE: Phrase = Phrase::new("state", "status");

/// Every row of the table; columns that do not tell rows apart are left in, so that the file stands on its own.
pub fn data(table: &SafeTable, language: Language) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let columns: Vec<&String> = table.columns.iter().filter(|column| !grid::codes(table, column).is_empty()).collect();
    let mut header: Vec<&str> = columns.iter().map(|column| table.presentation.column(column, language)).collect();
    header.extend([VALUE, UNIT, STATE].map(|phrase| phrase.of(language)));
    let mut written = writer.write_record(&header);
    let unit = unit(table, language);
    for row in &table.rows {
        let code = |column: &String| row.key.get(column).map_or("", String::as_str);
        let mut record: Vec<&str> =
            columns.iter().map(|column| table.presentation.class(column, code(column), language)).collect();
        record.extend([row.value.as_deref().unwrap_or_default(), &unit, state(row.state)]);
        written = written.and_then(|()| writer.write_record(&record));
    }
    assert!(written.is_ok(), "records of equal length can be written to memory");
    writer.into_inner().unwrap_or_default()
}
