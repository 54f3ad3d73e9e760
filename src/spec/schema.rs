//! A schema says how a register lies on disk and which of its columns mean what.

use std::collections::BTreeMap;

/// One register: file names, columns, keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Name of the schema file without `.toml`.
    pub name: String,
    pub title: String,
    /// File name without extension, with `{y}` for the year and `{v}` for the delivery version; several patterns for several vintages.
    pub files: Vec<FilePattern>,
    /// The columns together identify a row (with the year, for a register per year).
    pub key: Vec<String>,
    pub columns: Vec<Column>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct FilePattern {
    pub pattern: String,
    /// Years for which it holds; `None` for all.
    pub years: Option<(i32, i32)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Canonical name: the role the column has in the program.
    pub name: String,
    /// Names on disk, tried in order, compared without regard to case.
    pub names: Vec<String>,
    pub kind: ColumnKind,
    /// A file without it is refused.
    pub required: bool,
    /// `eur`, `persons`, `1000 persons`
    pub unit: Option<String>,
    /// Declared: a value below zero is an error.
    pub nonnegative: bool,
    /// A field may be empty.
    pub nullable: bool,
    /// Texts that stand for "missing", beside the empty field.
    pub missing: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// An identifier, kept as text with its leading zeros.
    Identifier,
    Text,
    /// Whole number or decimal number.
    Number,
    /// `YYYY-MM-DD` or `YYYYMMDD`.
    Date,
    /// A year, for a panel.
    Year,
    /// A code of this classification.
    Code {
        classification: String,
    },
}

/// Every schema by name.
pub type Schemas = BTreeMap<String, Schema>;
