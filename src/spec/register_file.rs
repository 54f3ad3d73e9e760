//! The schema of a register as its file has it, and as the program needs it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check;
use super::document::{Document, steps};
use super::schema::{Column, ColumnKind, ColumnName, FilePattern, Schema, Vintage};
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
    /// File name without extension, with `{y}` for the year, `{v}` for the delivery version and `*` for any text.
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
    /// Names on disk, the first one present is read; capitals do not matter. A name of some years is written with them:
    /// `{ name = "wpactueel", from = 2021 }`.
    pub names: Vec<NameEntry>,
    /// What the column holds.
    pub r#type: ColumnType,
    /// For a code: the classification it is of.
    pub classification: Option<String>,
    /// A file without the column is accepted.
    #[serde(default)]
    pub optional: bool,
    /// The first year whose file has the column.
    pub from: Option<i32>,
    /// The last year whose file has the column; in later ones it is not read.
    pub to: Option<i32>,
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

/// A name that holds in all years, or in some.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum NameEntry {
    /// In all years.
    Always(String),
    Vintage(VintageName),
}

/// A name of some years.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VintageName {
    /// The name on disk.
    pub name: String,
    /// The first year with this name.
    pub from: Option<i32>,
    /// The last year with this name.
    pub to: Option<i32>,
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
    FilePattern { pattern: entry.pattern.clone(), years: vintage(entry.from, entry.to) }
}

fn vintage(from: Option<i32>, to: Option<i32>) -> Vintage {
    let bounded = from.is_some() || to.is_some();
    bounded.then(|| (from.unwrap_or(i32::MIN), to.unwrap_or(i32::MAX)))
}

fn on_disk_name(entry: &NameEntry) -> ColumnName {
    match entry {
        NameEntry::Always(name) => name.as_str().into(),
        NameEntry::Vintage(VintageName { name, from, to }) => ColumnName { text: name.clone(), years: vintage(*from, *to) },
    }
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
        names: entry.names.iter().map(on_disk_name).collect(),
        years: vintage(entry.from, entry.to),
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
        let rest = entry.pattern.replace("{y}", "").replace("{v}", "").replace('*', "");
        if rest.is_empty() || rest.contains(['{', '}']) {
            let parts = "a file name is made of text, `{y}` for the year, `{v}` for the version and `*` for any text";
            let bad = Diagnostic::error("bad-schema", parts);
            found.push(bad.at(document.place(&steps!["file", at, "pattern"])));
        }
    }
    on_disk(document, file, found);
}

/// Every column has a name on disk, no two have the same in one year, and a code says of which classification it is.
fn on_disk(document: &Document, file: &SchemaFile, found: &mut Diagnostics) {
    let mut taken: Vec<(String, Vintage, &str)> = Vec::new();
    for (name, entry) in &file.columns {
        let steps = steps!["columns", name.as_str()];
        let bad = |headline: String| Diagnostic::error("bad-schema", headline).at(document.key_place(&steps));
        if entry.names.is_empty() {
            found.push(bad(format!("the column `{name}` has no name on disk")));
        }
        if (entry.r#type == ColumnType::Code) != entry.classification.is_some() {
            found.push(bad(format!("the column `{name}` must have a classification exactly when its type is `code`")));
        }
        for known in entry.names.iter().map(on_disk_name) {
            let text = known.text.to_lowercase();
            let years = both(known.years, vintage(entry.from, entry.to));
            if years.is_some_and(|(from, to)| from > to) {
                found.push(bad(format!("a name of the column `{name}` holds in no year")));
            }
            if let Some((.., other)) = taken.iter().find(|(other, held, _)| *other == text && overlap(*held, years)) {
                found.push(bad(format!("the columns `{other}` and `{name}` have the same name on disk")));
            }
            taken.push((text, years, name));
        }
    }
    let patterns = file.file.iter().enumerate().filter(|(_, entry)| vintage(entry.from, entry.to).is_some_and(|(a, b)| a > b));
    for (at, _) in patterns {
        let never = Diagnostic::error("bad-schema", "a file name holds in no year");
        found.push(never.at(document.place(&steps!["file", at])));
    }
}

/// The years in which both hold.
fn both(a: Vintage, b: Vintage) -> Vintage {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.max(b.0), a.1.min(b.1))),
        (one, other) => one.or(other),
    }
}

fn overlap(a: Vintage, b: Vintage) -> bool {
    both(a, b).is_none_or(|(from, to)| from <= to)
}

/// The line of a schema that declares a column, for a finding to suggest.
pub fn line(column: &Column) -> String {
    let names: Vec<String> = column.names.iter().map(name_text).collect();
    let kind = match &column.kind {
        ColumnKind::Identifier => "identifier",
        ColumnKind::Text => "text",
        ColumnKind::Number => "number",
        ColumnKind::Date => "date",
        ColumnKind::Year => "year",
        ColumnKind::Code { .. } => "code",
    };
    let mut parts = vec![format!("names = [{}]", names.join(", ")), format!("type = \"{kind}\"")];
    if let ColumnKind::Code { classification } = &column.kind {
        parts.push(format!("classification = {}", quoted(classification)));
    }
    parts.extend(column.unit.as_ref().map(|unit| format!("unit = {}", quoted(unit))));
    let flags = [("optional", !column.required), ("nonnegative", column.nonnegative), ("nullable", column.nullable)];
    parts.extend(flags.iter().filter(|(_, set)| *set).map(|(flag, _)| format!("{flag} = true")));
    parts.extend(years_text(column.years));
    if !column.missing.is_empty() {
        parts.push(format!("missing = [{}]", column.missing.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")));
    }
    format!("{} = {{ {} }}", key_text(&column.name), parts.join(", "))
}

fn name_text(name: &ColumnName) -> String {
    let parts: Vec<String> = [format!("name = {}", quoted(&name.text))].into_iter().chain(years_text(name.years)).collect();
    if parts.len() == 1 { quoted(&name.text) } else { format!("{{ {} }}", parts.join(", ")) }
}

fn years_text(years: Vintage) -> Vec<String> {
    let (from, to) = years.unwrap_or((i32::MIN, i32::MAX));
    let ends = [("from", from, i32::MIN), ("to", to, i32::MAX)];
    ends.iter().filter(|(_, year, open)| year != open).map(|(key, year, _)| format!("{key} = {year}")).collect()
}

fn key_text(name: &str) -> String {
    let plain = name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'));
    if plain && !name.is_empty() { name.to_owned() } else { quoted(name) }
}

/// A text as TOML writes it.
pub fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
