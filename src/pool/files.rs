//! The files of a pooled release: its tables as CSV with what their columns hold and in the other formats, notes, and a manifest that
//! names what was pooled.

use serde_json::{Value, json};

use super::Summary;
use super::cells::{PooledRow, PooledState, PooledTable, units};
use super::formats::{FORMATS, Pooling};
use crate::diagnostic::Diagnostic;
use crate::release::manifest::{FileEntry, Program, json as pretty};
use crate::release::{File, csv};
use crate::released::Finished;

/// Decimals of bounds beyond those of their table.
const FINER: u32 = 2;

/// The columns behind the keys, each with its type in CSV on the Web and what it holds.
pub(super) const COLUMNS: [(&str, &str, &str); 11] = [
    ("value", "decimal", "the figure over all units, rounded; in the states value and zero"),
    ("low", "decimal", "the figure over all units is no lower"),
    ("high", "decimal", "the figure over all units is no higher"),
    ("estimate", "decimal", "a mean weighted with the numbers of units of the cell, units without a value among them: no bound"),
    ("unit", "string", "unit of value, low, high and estimate"),
    ("n", "nonNegativeInteger", "number of units behind the figure, where it is known"),
    ("n_low", "nonNegativeInteger", "it is no smaller"),
    ("n_high", "nonNegativeInteger", "it is no larger"),
    ("state", "string", "what the releases tell together"),
    ("told", "string", "environments whose figure is in it, between blanks"),
    ("withheld", "string", "environments that withhold theirs"),
];

/// Everything below the output folder, the manifest last.
pub fn files(environments: &[Finished], tables: &[PooledTable], summary: &Summary, findings: &[Diagnostic]) -> Vec<File> {
    let mut files: Vec<File> = tables.iter().map(table).collect();
    if let Some(first) = environments.first() {
        files.extend(tables.iter().filter_map(|table| described(first, table)));
        let lists = first.described.iter().filter(|(path, _)| path.starts_with("tables/codes/"));
        files.extend(lists.map(|(path, bytes)| File { path: path.clone(), bytes: bytes.clone() }));
    }
    let pooling = Pooling { environments, tables };
    files.extend(FORMATS.iter().flat_map(|format| format(&pooling)));
    files.push(File { path: "NOTES.md".into(), bytes: notes(environments, tables, summary, findings).into_bytes() });
    let manifest = manifest(environments, tables, &files);
    files.push(File { path: "manifest.json".into(), bytes: manifest });
    files.into_iter().map(|file| File { path: format!("release/{}", file.path), bytes: file.bytes }).collect()
}

fn table(table: &PooledTable) -> File {
    let keys = table.defined.columns.iter().map(|(name, _)| name.as_str());
    let header: Vec<&str> = keys.chain(COLUMNS.iter().map(|(name, _, _)| *name)).collect();
    let bytes = csv::bytes(&header, table.rows.iter().map(|row| record(table, row)));
    File { path: format!("tables/{}.csv", table.id), bytes }
}

/// The row of a table in its CSV: the codes of its key, then [`COLUMNS`].
pub(super) fn record(table: &PooledTable, row: &PooledRow) -> Vec<String> {
    let [low, high] = row.bounds.texts(table.defined.decimals + FINER);
    let [n, n_low, n_high] = units(row);
    let mut record = row.key.clone();
    record.extend([row.value.clone().unwrap_or_default(), low, high, row.estimate.clone().unwrap_or_default()]);
    record.extend([table.defined.unit.clone(), n, n_low, n_high, row.state.name().to_owned()]);
    record.extend([row.told.join(" "), row.withheld.join(" ")]);
    record
}

/// The description of the first release, which is that of all of them, with the columns of a pooled table.
fn described(first: &Finished, table: &PooledTable) -> Option<File> {
    let path = format!("tables/{}.csv-metadata.json", table.id);
    let mut value: Value = serde_json::from_slice(first.described.get(&path)?).ok()?;
    value.as_object_mut()?.insert("dc:rights".into(), "Pooled from releases that are protected against disclosure".into());
    let columns = value.pointer_mut("/tables/0/tableSchema/columns")?.as_array_mut()?;
    columns.truncate(table.defined.columns.len());
    columns.extend(COLUMNS.iter().map(|(name, datatype, title)| {
        let datatype = match *name {
            "state" => json!({ "base": "string", "format": PooledState::ALL.map(|(state, _)| state.name()).join("|") }),
            _ => json!(datatype),
        };
        let required = matches!(*name, "unit" | "state");
        json!({ "name": name, "titles": name, "datatype": datatype, "required": required, "dc:description": title })
    }));
    Some(File { path, bytes: pretty(&value) })
}

fn manifest(environments: &[Finished], tables: &[PooledTable], files: &[File]) -> Vec<u8> {
    let first = environments.first();
    let entry = |file: &File| FileEntry {
        path: file.path.clone(),
        bytes: file.bytes.len(),
        blake3: blake3::hash(&file.bytes).to_hex().to_string(),
    };
    let pooled = |one: &Finished| json!({ "environment": one.name, "manifest_blake3": one.hash });
    let of = |table: &PooledTable| {
        let count = |state| table.rows.iter().filter(|row| row.state == state).count();
        json!({
            "id": table.id,
            "title": table.defined.title,
            "cells": table.rows.len(),
            "values": count(PooledState::Value),
            "intervals": count(PooledState::Interval),
            "not_available": count(PooledState::NotAvailable),
        })
    };
    pretty(&json!({
        "study": first.map(|one| &one.manifest.study),
        "title": first.map(|one| &one.manifest.title),
        "program": Program { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        "profile": first.and_then(|one| one.manifest.profile.as_ref()),
        "pooled": environments.iter().map(pooled).collect::<Vec<_>>(),
        "tables": tables.iter().map(of).collect::<Vec<_>>(),
        "files": files.iter().map(entry).collect::<Vec<_>>(),
    }))
}

fn notes(environments: &[Finished], tables: &[PooledTable], summary: &Summary, findings: &[Diagnostic]) -> String {
    let title = environments.first().map(|one| one.manifest.title.as_str()).unwrap_or_default();
    let mut text = format!("# {title}\n\nPooled over {}. {METHOD}\n", summary.environments.join(", "));
    if !summary.lacking.is_empty() {
        text += "\n## What the releases do not tell\n\n";
        summary.lacking.iter().for_each(|lacking| text += &format!("- {lacking}\n"));
    }
    if !findings.is_empty() {
        text += "\n## Warnings\n\n";
        findings.iter().for_each(|finding| text += &format!("- {}\n", finding.headline));
    }
    text += "\n## Columns\n\nA row is a cell. An empty key column stands for all classes together. Behind the keys stand\n\n| column | meaning |\n|---|---|\n";
    COLUMNS.iter().for_each(|(name, _, title)| text += &format!("| {name} | {title} |\n"));
    text += "\n| state | meaning |\n|---|---|\n";
    PooledState::ALL.iter().for_each(|(state, meaning)| text += &format!("| {} | {meaning} |\n", state.name()));
    text += "\nAn empty figure is none; it is never zero.\n\n## Tables\n\n";
    tables.iter().for_each(|table| text += &format!("- `{}`: {} ({})\n", table.id, table.defined.title, table.defined.unit));
    text += "\nEvery table stands in `tables/` as CSV with a description, in `parquet/` and in `json-stat/`, and on a sheet of the spreadsheet.\n";
    text + "\n`manifest.json` lists every file with its BLAKE3 hash, and of every release that was pooled the hash of its manifest.\n"
}

const METHOD: &str = "Every figure follows from the figures of these releases, without any record and without what they withhold.

- A number of units is the sum of those of the environments. Where one withholds its number, the sum lies above what the others tell; it
  has an upper bound only where printed totals leave one.
- A share is the units of a class over the units of all classes, as per cent. The units of all classes are taken from a table that prints
  them, and otherwise from the printed numbers and rounded shares.
- A mean lies between the lowest and the highest mean of the environments, each taken to be rounded. Where an environment withholds its
  mean there is none. `estimate` weights the means with the numbers of units of the same cells, where tables print them; units without a
  value are among those, so it is an estimate and no bound.
- An index is the pooled mean over the pooled mean of its base year, each within its bounds. It needs a table of those means.
- Rules that look at all units of a study, such as that for extreme values, were applied in each environment by itself.
- A unit, or a firm on the list, that is in two environments counts twice. Releases do not tell which are.";
