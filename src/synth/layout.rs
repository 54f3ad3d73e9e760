//! Layout is how the synthetic registers lie on disk: one writer per file, row by row, in any format of [`Format::ALL`].

#![allow(clippy::disallowed_methods, reason = "synthetic registers are written here")]

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Builder, Float64Builder, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, Field, Schema};
use arrow_ipc::writer::FileWriter;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use super::spss::{Packing, Spss};
use super::stata::Stata;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// A file format of the registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// UTF-8, `;` between fields, decimal point, dates as `YYYY-MM-DD`.
    Csv,
    /// Text as strings, dates as days, whole numbers as 64 bits, snappy.
    Parquet,
    /// The same columns as an Arrow file, not compressed.
    Arrow,
    /// SPSS, in UTF-8 and packed.
    Sav,
    /// SPSS, deflated.
    Zsav,
    /// Stata, format 118.
    Dta,
}

impl Format {
    /// Every format, for help and tests.
    pub const ALL: &[Format] = &[Format::Csv, Format::Parquet, Format::Arrow, Format::Sav, Format::Zsav, Format::Dta];

    /// The name on the command line, and the extension of the files.
    pub fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Parquet => "parquet",
            Format::Arrow => "arrow",
            Format::Sav => "sav",
            Format::Zsav => "zsav",
            Format::Dta => "dta",
        }
    }

    fn create(self, path: &Path, columns: &[(&str, Kind)]) -> Result<Box<dyn Sink>, String> {
        let file = File::create(path).map_err(|error| error.to_string())?;
        Ok(match self {
            Format::Csv => Box::new(Csv::new(file, columns)?),
            Format::Parquet => Box::new(Columnar::parquet(file, columns)?),
            Format::Arrow => Box::new(Columnar::arrow(file, columns)?),
            Format::Sav => Box::new(Spss::new(file, columns, Packing::Codes)?),
            Format::Zsav => Box::new(Spss::new(file, columns, Packing::Deflated)?),
            Format::Dta => Box::new(Stata::new(file, columns)?),
        })
    }
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Of at most so many bytes.
    Text(usize),
    Whole,
    Decimal,
    Date,
}

/// One field. Dates are days since 1970-01-01; the decimal is written with four places.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    Text(&'a str),
    Whole(Option<i64>),
    Decimal(f64),
    Date(i32),
}

/// Takes rows, one format each.
pub(super) trait Sink {
    fn row(&mut self, row: &[Value]) -> Result<(), String>;
    fn finish(self: Box<Self>) -> Result<(), String>;
}

/// A register file being written.
pub struct Register {
    path: PathBuf,
    sink: Box<dyn Sink>,
    pub rows: u64,
}

impl Register {
    /// `name` is the file name without extension.
    ///
    /// # Errors
    /// `cannot-write`.
    pub fn create(folder: &Path, name: &str, format: Format, columns: &[(&str, Kind)]) -> Result<Self, Diagnostics> {
        let path = folder.join(format!("{name}.{}", format.name()));
        match format.create(&path, columns) {
            Ok(sink) => Ok(Self { path, sink, rows: 0 }),
            Err(error) => Err(cannot_write(&path, &error)),
        }
    }

    pub fn row(&mut self, row: &[Value]) -> Result<(), Diagnostics> {
        self.rows += 1;
        self.sink.row(row).map_err(|error| cannot_write(&self.path, &error))
    }

    /// Closes the file and gives the number of rows.
    pub fn finish(self) -> Result<u64, Diagnostics> {
        self.sink.finish().map_err(|error| cannot_write(&self.path, &error))?;
        Ok(self.rows)
    }
}

pub(super) fn cannot_write(path: &Path, error: &str) -> Diagnostics {
    Diagnostic::error("cannot-write", format!("the file cannot be written: {error}")).in_file(path).into()
}

struct Csv {
    file: BufWriter<File>,
}

impl Csv {
    fn new(file: File, columns: &[(&str, Kind)]) -> Result<Self, String> {
        let mut file = BufWriter::with_capacity(1 << 18, file);
        let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
        writeln!(file, "{}", names.join(";")).map_err(|error| error.to_string())?;
        Ok(Self { file })
    }
}

impl Sink for Csv {
    fn row(&mut self, row: &[Value]) -> Result<(), String> {
        for (at, value) in row.iter().enumerate() {
            let separator = if at == 0 { "" } else { ";" };
            match value {
                Value::Text(text) => write!(self.file, "{separator}{text}"),
                Value::Whole(Some(number)) => write!(self.file, "{separator}{number}"),
                Value::Whole(None) => write!(self.file, "{separator}"),
                Value::Decimal(number) => write!(self.file, "{separator}{number:.4}"),
                Value::Date(days) => {
                    let (year, month, day) = civil(*days);
                    write!(self.file, "{separator}{year:04}-{month:02}-{day:02}")
                }
            }
            .map_err(|error| error.to_string())?;
        }
        self.file.write_all(b"\n").map_err(|error| error.to_string())
    }

    fn finish(mut self: Box<Self>) -> Result<(), String> {
        self.file.flush().map_err(|error| error.to_string())
    }
}

enum Column {
    Text(StringBuilder),
    Whole(Int64Builder),
    Decimal(Float64Builder),
    Date(Date32Builder),
}

/// Rows held before they go to the file.
const BATCH_ROWS: usize = 1 << 16;
const ROW_GROUP_ROWS: usize = 1 << 19;

/// Where batches go.
enum Batches {
    Parquet(ArrowWriter<File>),
    Arrow(FileWriter<BufWriter<File>>),
}

/// Collects rows into batches.
struct Columnar {
    batches: Batches,
    schema: Arc<Schema>,
    columns: Vec<Column>,
    rows: usize,
}

impl Columnar {
    fn parquet(file: File, columns: &[(&str, Kind)]) -> Result<Self, String> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_created_by("sluis synth".to_owned())
            .build();
        let schema = schema(columns);
        let writer = ArrowWriter::try_new(file, schema.clone(), Some(properties)).map_err(|error| error.to_string())?;
        Ok(Self::new(Batches::Parquet(writer), schema, columns))
    }

    fn arrow(file: File, columns: &[(&str, Kind)]) -> Result<Self, String> {
        let schema = schema(columns);
        let writer = FileWriter::try_new_buffered(file, &schema).map_err(|error| error.to_string())?;
        Ok(Self::new(Batches::Arrow(writer), schema, columns))
    }

    fn new(batches: Batches, schema: Arc<Schema>, columns: &[(&str, Kind)]) -> Self {
        Self { batches, schema, columns: columns.iter().map(|(_, kind)| column(*kind)).collect(), rows: 0 }
    }

    fn flush(&mut self) -> Result<(), String> {
        let arrays: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect();
        let batch = RecordBatch::try_new(self.schema.clone(), arrays).map_err(|error| error.to_string())?;
        self.rows = 0;
        match &mut self.batches {
            Batches::Parquet(writer) => writer.write(&batch).map_err(|error| error.to_string()),
            Batches::Arrow(writer) => writer.write(&batch).map_err(|error| error.to_string()),
        }
    }
}

fn schema(columns: &[(&str, Kind)]) -> Arc<Schema> {
    let field = |(name, kind): &(&str, Kind)| Field::new(*name, data_type(*kind), *kind == Kind::Whole);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<Field>>()))
}

fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text(_) => DataType::Utf8,
        Kind::Whole => DataType::Int64,
        Kind::Decimal => DataType::Float64,
        Kind::Date => DataType::Date32,
    }
}

fn column(kind: Kind) -> Column {
    match kind {
        Kind::Text(_) => Column::Text(StringBuilder::new()),
        Kind::Whole => Column::Whole(Int64Builder::new()),
        Kind::Decimal => Column::Decimal(Float64Builder::new()),
        Kind::Date => Column::Date(Date32Builder::new()),
    }
}

impl Column {
    fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Text(builder) => Arc::new(builder.finish()),
            Column::Whole(builder) => Arc::new(builder.finish()),
            Column::Decimal(builder) => Arc::new(builder.finish()),
            Column::Date(builder) => Arc::new(builder.finish()),
        }
    }
}

impl Sink for Columnar {
    fn row(&mut self, row: &[Value]) -> Result<(), String> {
        for (column, value) in self.columns.iter_mut().zip(row) {
            match (column, value) {
                (Column::Text(builder), Value::Text(text)) => builder.append_value(text),
                (Column::Whole(builder), Value::Whole(number)) => builder.append_option(*number),
                (Column::Decimal(builder), Value::Decimal(number)) => builder.append_value(four_places(*number)),
                (Column::Date(builder), Value::Date(days)) => builder.append_value(*days),
                _ => return Err("a row has the types of its columns".into()),
            }
        }
        self.rows += 1;
        if self.rows == BATCH_ROWS { self.flush() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> Result<(), String> {
        if self.rows > 0 {
            self.flush()?;
        }
        match self.batches {
            Batches::Parquet(writer) => writer.close().map(|_| ()).map_err(|error| error.to_string()),
            Batches::Arrow(mut writer) => writer.finish().map_err(|error| error.to_string()),
        }
    }
}

/// A decimal as it is written: with four places.
pub(super) fn four_places(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}

/// Days since 1970-01-01 of a Gregorian date, by counting from 1 March of the year 0.
pub fn days(year: i32, month: i32, day: i32) -> i32 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + day - 1 - 719_468
}

/// Year, month and day of a number of days since 1970-01-01, within three centuries of it.
pub fn civil(date: i32) -> (i32, i32, i32) {
    let mut year = 1969 + date.div_euclid(365);
    while days(year + 1, 1, 1) <= date {
        year += 1;
    }
    let month = (1..=12).rev().find(|month| days(year, *month, 1) <= date).unwrap_or(1);
    (year, month, date - days(year, month, 1) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        assert_eq!((days(1970, 1, 1), days(2000, 3, 1), days(2079, 6, 6)), (0, 11_017, 39_968));
        for day in (-30_000..60_000).step_by(17) {
            let (year, month, date) = civil(day);
            assert_eq!(days(year, month, date), day);
            assert!((1..=12).contains(&month) && (1..=31).contains(&date));
        }
    }
}
