//! Every cell with its value, what the rules said, what became of it, and what an attacker is left with, as CSV and Parquet.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;

use super::{Outcome, Writer};
use crate::cells::link::Member;
use crate::disclosure::evidence::Treatment;

pub(super) const CSV: Writer = Writer {
    name: "csv",
    title: "every cell with value, rules and treatment",
    files: |outcome, member| vec![(format!("{}.csv", member.name), csv(&texts(outcome, member)))],
};

pub(super) const PARQUET: Writer = Writer {
    name: "parquet",
    title: "the same as typed columns",
    files: |outcome, member| vec![(format!("{}.parquet", member.name), parquet_file(&texts(outcome, member)))],
};

/// Columns of text by name and kind.
struct Column {
    name: String,
    kind: Kind,
    texts: Vec<String>,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Whole,
    Number,
}

fn texts(outcome: &Outcome<'_>, member: &Member) -> Vec<Column> {
    let table = &outcome.linked.table;
    let mut columns: Vec<Column> = Vec::new();
    for at in 0..member.dimensions.len() {
        let name = table.dimensions[member.dimensions[at]].name.clone();
        let code = |cell: &usize| outcome.codes(*cell, member, "Total").nth(at).unwrap_or_default().to_owned();
        columns.push(Column { name, kind: Kind::Text, texts: member.cells.iter().map(code).collect() });
    }
    let mut add = |name: &str, kind: Kind, text: &dyn Fn(usize) -> String| {
        columns.push(Column { name: name.to_owned(), kind, texts: member.cells.iter().map(|cell| text(*cell)).collect() });
    };
    let stats = |cell: usize| &table.cells[cell].stats;
    if !table.whole {
        add("value", Kind::Number, &|cell| outcome.value(cell));
    }
    add("count", Kind::Whole, &|cell| stats(cell).contributors.to_string());
    for at in 0..if table.whole { 0 } else { table.largest_known } {
        add(&format!("max{}", at + 1), Kind::Number, &|cell| outcome.exact(i128::from(stats(cell).largest[at])));
    }
    add("treatment", Kind::Text, &|cell| treatment(outcome.treatment(cell)).to_owned());
    add("rules", Kind::Text, &|cell| outcome.rulings[cell].rules.join(" "));
    let level = |cell: usize| outcome.rulings[cell].level;
    let amount = |amount: Option<i128>| amount.map(|amount| outcome.exact(amount)).unwrap_or_default();
    add("level_lower", Kind::Number, &|cell| amount(level(cell).map(|level| level.lower)));
    add("level_upper", Kind::Number, &|cell| amount(level(cell).map(|level| level.upper)));
    add("interval_low", Kind::Number, &|cell| amount(outcome.intervals[cell].and_then(|(low, _)| low)));
    add("interval_high", Kind::Number, &|cell| amount(outcome.intervals[cell].and_then(|(_, high)| high)));
    add("computed", Kind::Text, &|cell| outcome.linked.extras[cell].computed.to_string());
    columns
}

fn treatment(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::Published => "published",
        Treatment::Primary => "primary",
        Treatment::Secondary => "secondary",
    }
}

fn csv(columns: &[Column]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let mut written = writer.write_record(columns.iter().map(|column| column.name.as_str()));
    let rows = columns.first().map_or(0, |column| column.texts.len());
    for row in 0..rows {
        written = written.and_then(|()| writer.write_record(columns.iter().map(|column| column.texts[row].as_str())));
    }
    assert!(written.is_ok(), "records of equal length can be written to memory");
    writer.into_inner().unwrap_or_default()
}

fn parquet_file(columns: &[Column]) -> Vec<u8> {
    let arrays = columns.iter().map(|column| {
        let texts = || column.texts.iter().map(String::as_str);
        let array: ArrayRef = match column.kind {
            Kind::Text => Arc::new(StringArray::from_iter_values(texts())),
            Kind::Whole => Arc::new(Int64Array::from_iter(texts().map(|text| text.parse::<i64>().ok()))),
            Kind::Number => Arc::new(Float64Array::from_iter(texts().map(|text| text.parse::<f64>().ok()))),
        };
        (column.name.as_str(), array, true)
    });
    let mut bytes = Vec::new();
    let written =
        RecordBatch::try_from_iter_with_nullable(arrays).map_err(parquet::errors::ParquetError::from).and_then(|batch| {
            let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None)?;
            writer.write(&batch)?;
            writer.close()
        });
    assert!(written.is_ok(), "columns of equal length can be written to memory");
    bytes
}
