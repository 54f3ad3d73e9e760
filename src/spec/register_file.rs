//! The schema of a register as its file has it, and as the program needs it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check;
use super::document::{Document, steps};
use super::schema::{Column, ColumnKind, FilePattern, Schema};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// How a register lies on disk, and which of its columns mean what.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemaFile {
    /// What the register holds, in a line.
    pub title: String,
    /// Canonical columns that together identify a row; with the year, for a register per year. Empty when rows may repeat.
    #[serde(default)]
    pub key: Vec<String>,
    /// File names, one entry per vintage.
    pub file: Vec<FileEntry>,
    /// Canonical column name to what it is on disk.
    pub columns: BTreeMap<String, ColumnEntry>,
}

/// A pattern of file names.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// File name without extension, with `{y}` for the year and `{v}` for the delivery version.
    pub pattern: String,
    /// The first year with this name.
    pub from: Option<i32>,
    /// The last year with this name.
    pub to: Option<i32>,
}

/// A column.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnEntry {
    /// Names on disk, the first one present is read; capitals do not matter.
    pub names: Vec<String>,
    /// What the column holds.
    pub r#type: ColumnType,
    /// For a code: the classification it is of.
    pub classification: Option<String>,
    /// A file without the column is accepted.
    #[serde(default)]
    pub optional: bool,
    /// The unit of a number: `eur`, `persons`.
    pub unit: Option<String>,
    /// No value is below zero.
    #[serde(default)]
    pub nonnegative: bool,
    /// A field may be empty.
    #[serde(default)]
    pub nullable: bool,
    /// Texts that stand for a missing value, beside the empty field.
    #[serde(default)]
    pub missing: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnType {
    /// An identifier, kept as text with its leading zeros.
    Identifier,
    /// Text.
    Text,
    /// A whole or decimal number.
    Number,
    /// A day, `2014-12-31` or `20141231`.
    Date,
    /// A year, in a panel.
    Year,
    /// A code of the classification that is named.
    Code,
}

/// Reads a schema; `name` is that of its file without `.toml`.
pub fn parse(document: &Document, name: &str) -> Result<Schema, Diagnostics> {
    let mut checked = check::check(document, &super::json_schema_of::<SchemaFile>());
    let file: Option<SchemaFile> = checked.read(document, &[]);
    let mut found = checked.found;
    let Some(file) = file else { return Err(found) };
    contradictions(document, &file, &mut found);
    let schema = Schema {
        name: name.to_owned(),
        title: file.title.clone(),
        files: file.file.iter().map(pattern).collect(),
        key: file.key.clone(),
        columns: columns(document, &file),
    };
    found.finish(schema).map(|(schema, _)| schema)
}

fn pattern(entry: &FileEntry) -> FilePattern {
    let bounded = entry.from.is_some() || entry.to.is_some();
    let years = bounded.then(|| (entry.from.unwrap_or(i32::MIN), entry.to.unwrap_or(i32::MAX)));
    FilePattern { pattern: entry.pattern.clone(), years }
}

/// In the order of the file.
fn columns(document: &Document, file: &SchemaFile) -> Vec<Column> {
    let mut columns: Vec<(usize, Column)> = file
        .columns
        .iter()
        .map(|(name, entry)| {
            (document.find(&steps!["columns", name.as_str()]).map_or(0, |node| node.span.start), column(name, entry))
        })
        .collect();
    columns.sort_by_key(|(at, _)| *at);
    columns.into_iter().map(|(_, column)| column).collect()
}

fn column(name: &str, entry: &ColumnEntry) -> Column {
    Column {
        name: name.to_owned(),
        names: entry.names.clone(),
        kind: match entry.r#type {
            ColumnType::Identifier => ColumnKind::Identifier,
            ColumnType::Text => ColumnKind::Text,
            ColumnType::Number => ColumnKind::Number,
            ColumnType::Date => ColumnKind::Date,
            ColumnType::Year => ColumnKind::Year,
            ColumnType::Code => ColumnKind::Code { classification: entry.classification.clone().unwrap_or_default() },
        },
        required: !entry.optional,
        unit: entry.unit.clone(),
        nonnegative: entry.nonnegative,
        nullable: entry.nullable,
        missing: entry.missing.clone(),
    }
}

fn contradictions(document: &Document, file: &SchemaFile, found: &mut Diagnostics) {
    let names: Vec<&str> = file.columns.keys().map(String::as_str).collect();
    for (at, key) in file.key.iter().enumerate() {
        if !file.columns.contains_key(key) {
            let unknown = Diagnostic::error("bad-schema", format!("the key column `{key}` is not among the columns"));
            found.push(check::with_help(unknown, key, &names).at(document.place(&steps!["key", at])));
        }
    }
    if file.file.is_empty() {
        found.push(Diagnostic::error("bad-schema", "no file name is given").at(document.place(&steps!["file"])));
    }
    for (at, entry) in file.file.iter().enumerate() {
        let rest = entry.pattern.replace("{y}", "").replace("{v}", "");
        if rest.is_empty() || rest.contains(['{', '}']) {
            let bad =
                Diagnostic::error("bad-schema", "a file name is made of text, `{y}` for the year and `{v}` for the version");
            found.push(bad.at(document.place(&steps!["file", at, "pattern"])));
        }
    }
    on_disk(document, file, found);
}

/// Every column has a name on disk, no two have the same, and a code says of which classification it is.
fn on_disk(document: &Document, file: &SchemaFile, found: &mut Diagnostics) {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for (name, entry) in &file.columns {
        let bad = |headline: String| {
            Diagnostic::error("bad-schema", headline).at(document.key_place(&steps!["columns", name.as_str()]))
        };
        if entry.names.is_empty() {
            found.push(bad(format!("the column `{name}` has no name on disk")));
        }
        if (entry.r#type == ColumnType::Code) != entry.classification.is_some() {
            found.push(bad(format!("the column `{name}` must have a classification exactly when its type is `code`")));
        }
        for on_disk in &entry.names {
            if let Some(other) = taken.insert(on_disk.to_lowercase(), name) {
                found.push(bad(format!("the columns `{other}` and `{name}` have the same name on disk")));
            }
        }
    }
}
