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
    pub years: Vintage,
}

/// The first and the last year for which something holds; `None` for all.
pub type Vintage = Option<(i32, i32)>;

/// Whether something holds in a year. A file that is for no single year has everything.
pub fn holds(vintage: Vintage, year: Option<i32>) -> bool {
    match (vintage, year) {
        (Some((from, to)), Some(year)) => (from..=to).contains(&year),
        _ => true,
    }
}

/// A name that a column has on disk.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnName {
    pub text: String,
    /// Years in which it is called so.
    pub years: Vintage,
}

impl From<&str> for ColumnName {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), years: None }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Canonical name: the role the column has in the program.
    pub name: String,
    /// Names on disk, tried in order, compared without regard to case.
    pub names: Vec<ColumnName>,
    /// Years whose files have the column; in others it is neither asked for nor read.
    pub years: Vintage,
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

impl Column {
    /// Its names in the file of a year; its canonical name where none is declared.
    pub fn names_in(&self, year: Option<i32>) -> Vec<&str> {
        if self.names.is_empty() {
            return vec![&self.name];
        }
        self.names.iter().filter(|name| holds(name.years, year)).map(|name| name.text.as_str()).collect()
    }
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
