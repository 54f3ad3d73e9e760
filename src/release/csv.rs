//! One CSV per table: UTF-8, comma, decimal point, LF, and a state beside every value.

use super::{File, Format, mark};
use crate::disclosure::safe::{SafeRow, SafeTable, State};
use crate::tables::set::Statistic;

pub const CSV: Format = Format { name: "csv", files: |release| release.tables.tables().iter().map(file).collect() };

fn file(table: &SafeTable) -> File {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let marks = mark::marks(table);
    let mut header: Vec<String> = table.columns.clone();
    header.extend(["value", "unit"].map(str::to_owned));
    header.extend(counts(table).then(|| "n".to_owned()));
    header.push("state".to_owned());
    header.extend(table.mark.then(|| "mark".to_owned()));
    let mut written = writer.write_record(&header);
    for (row, mark) in table.rows.iter().zip(marks) {
        written = written.and_then(|()| writer.write_record(record(table, row, mark)));
    }
    assert!(written.is_ok(), "records of equal length can be written to memory");
    let bytes = writer.into_inner().unwrap_or_default();
    assert!(!bytes.is_empty(), "a table has a header");
    File { path: format!("tables/{}.csv", table.id), bytes }
}

fn record(table: &SafeTable, row: &SafeRow, mark: &str) -> Vec<String> {
    let mut record: Vec<String> = table.columns.iter().map(|column| row.key.get(column).cloned().unwrap_or_default()).collect();
    record.push(row.value.clone().unwrap_or_default());
    record.push(table.unit.clone());
    record.extend(counts(table).then(|| row.units.map(|units| units.to_string()).unwrap_or_default()));
    record.push(state(row.state).to_owned());
    record.extend(table.mark.then(|| mark.to_owned()));
    record
}

/// Whether the table prints numbers of units. A table of means does not: the number of units that have a value, beside the number of
/// units, would tell how few there are without one.
fn counts(table: &SafeTable) -> bool {
    matches!(table.statistic, Statistic::Count | Statistic::Share)
}

/// The state as it is written in every format.
pub fn state(state: State) -> &'static str {
    match state {
        State::Value => "value",
        State::Zero => "zero",
        State::Suppressed => "suppressed",
        State::NotApplicable => "not-applicable",
        State::NotDelivered => "not-delivered",
    }
}
