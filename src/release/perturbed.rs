//! The two packages of a table whose values were changed: made of what the check accepted alone, and what a checker needs beside it.

use serde_json::json;

use super::File;
use super::layout::state;
use super::manifest::{FileEntry, Program, json as pretty};
use super::vault::{self, Texts};
use crate::amount::decimal;
use crate::cells::perturb::check::{Judged, SafeTable};
use crate::cells::perturb::utility::Utility;
use crate::cells::table::CellTable;
use crate::disclosure::profile::Profile;

/// Everything below the output folder, the manifest of the release last.
pub fn files(safe: &SafeTable, truth: &CellTable, judged: &[Judged], utility: &Utility, profile: &Profile) -> Vec<File> {
    let mut files = vec![
        inside("vault", vault::csv("cells.csv", &cells(safe, truth, judged))),
        inside("vault", File { path: "audit.json".into(), bytes: pretty(&audit(safe, judged, utility, profile)) }),
    ];
    let release = [table(safe), notes(safe)];
    let manifest = manifest(safe, &release, profile);
    files.extend(release.into_iter().map(|file| inside("release", file)));
    files.push(inside("release", File { path: "manifest.json".into(), bytes: manifest }));
    files
}

fn inside(folder: &str, file: File) -> File {
    File { path: format!("{folder}/{}", file.path), bytes: file.bytes }
}

fn table(safe: &SafeTable) -> File {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    let header = safe.columns.iter().map(String::as_str).chain(["value", "state"]);
    let mut written = writer.write_record(header);
    for row in &safe.rows {
        let record = row.codes.iter().map(String::as_str).chain([row.value.as_str(), state(row.state)]);
        written = written.and_then(|()| writer.write_record(record));
    }
    assert!(written.is_ok(), "records of equal length can be written to memory");
    File { path: "tables/table.csv".into(), bytes: writer.into_inner().unwrap_or_default() }
}

/// `NOTES.md`: how the values came about, without what would help to undo it.
fn notes(safe: &SafeTable) -> File {
    let base = safe.base.map(|base| format!(", base {base}")).unwrap_or_default();
    let mut text = format!("# {}\n\nMethod: {}{base}: {}.\n", safe.measure, safe.method.name, safe.method.title);
    text.push_str(
        "An empty key column stands for all codes together. A value of 0 in the state `value` can stand for more than nothing;\n",
    );
    text.push_str("in the state `zero` nothing is in the cell. `manifest.json` lists every file with its BLAKE3 hash.\n");
    for note in &safe.notes {
        text.push_str(&format!("\n- {note}"));
    }
    File { path: "NOTES.md".into(), bytes: format!("{}\n", text.trim_end()).into_bytes() }
}

fn manifest(safe: &SafeTable, files: &[File], profile: &Profile) -> Vec<u8> {
    let entry = |file: &File| FileEntry {
        path: file.path.clone(),
        bytes: file.bytes.len(),
        blake3: blake3::hash(&file.bytes).to_hex().to_string(),
    };
    pretty(&json!({
        "program": Program { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        "profile": format!("{} {}", profile.name(), profile.version()),
        "measure": safe.measure,
        "method": safe.method.name,
        "base": safe.base,
        "cells": safe.rows.len(),
        "files": files.iter().map(entry).collect::<Vec<_>>(),
    }))
}

/// True and published values, and of unsafe cells the rule and what an attacker finds out.
fn cells(safe: &SafeTable, truth: &CellTable, judged: &[Judged]) -> Texts {
    let figure = |value: i128| if truth.whole { value.to_string() } else { decimal(value, 4) };
    let of: std::collections::BTreeMap<usize, &Judged> = judged.iter().map(|one| (one.cell, one)).collect();
    let record = |(at, row): (usize, &crate::cells::perturb::check::SafeRow)| {
        let cell = &truth.cells[at];
        let unsafe_cell = of.get(&at);
        let text = |of: &dyn Fn(&Judged) -> String| unsafe_cell.map(|one| of(one)).unwrap_or_default();
        vec![
            truth.name(at),
            cell.stats.units.to_string(),
            figure(cell.value(truth.whole)),
            row.value.clone(),
            state(row.state).to_owned(),
            text(&|one| one.rules.join(" ")),
            text(&|one| figure(one.interval.low)),
            text(&|one| one.interval.high.map(figure).unwrap_or_default()),
            text(&|one| figure(one.width)),
        ]
    };
    Texts {
        header: vec!["cell", "n", "value", "published", "state", "rules", "least", "most", "width_needed"],
        rows: safe.rows.iter().enumerate().map(record).collect(),
    }
}

fn audit(safe: &SafeTable, judged: &[Judged], utility: &Utility, profile: &Profile) -> serde_json::Value {
    json!({
        "profile": { "name": profile.name(), "version": profile.version(), "hash": profile.hash() },
        "method": { "name": safe.method.name, "formula": safe.method.formula, "source": safe.method.source, "base": safe.base },
        "unsafe_cells": judged.len(),
        "protected_cells": judged.iter().filter(|one| one.is_protected()).count(),
        "utility": utility,
        "notes": safe.notes,
        "confinement": crate::confine::held(),
    })
}
