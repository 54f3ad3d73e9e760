//! The vault: what a checker needs to redo the proof, as files that stay inside.

use serde_json::json;

use super::truth::{TrueRow, Truth};
use super::{File, layout::state, manifest::json};
use crate::amount::decimal;
use crate::disclosure::evidence::{Evidence, Figures, Treatment, Uncertainty};
use crate::disclosure::safe::SafeTables;

mod columns;
mod parquet;

/// The key columns of `cells.csv`; whatever else a table is broken down by stands in `other`.
const KEYS: [&str; 6] = ["indicator", "year", "arm", "sector", "size_class", "age_class"];

/// The files about cells: what every table shows, the sets behind it, and the atoms the sets are made of.
pub fn files(truth: &Truth, safe: &SafeTables, evidence: &Evidence) -> Vec<File> {
    let cells = cells(&truth.rows(safe), evidence);
    let parquet = File { path: "cells.parquet".into(), bytes: parquet::file(&cells) };
    vec![csv("cells.csv", &cells), parquet, csv("sets.csv", &sets(evidence)), csv("atoms.csv", &atoms(truth)), audit(evidence)]
}

/// A table of texts with its header.
pub struct Texts {
    pub header: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
}

fn cells(rows: &[TrueRow], evidence: &Evidence) -> Texts {
    let mut header = vec!["table", "statistic"];
    header.extend(KEYS);
    header.extend(["other", "n", "contributors", "value", "published", "state", "treatment", "rules", "set"]);
    let record = |row: &TrueRow| {
        let cell = &evidence.cells[row.cell];
        let mut record = vec![row.table.clone(), name(&row.statistic)];
        record.extend(KEYS.iter().map(|key| row.key.get(*key).cloned().unwrap_or_default()));
        record.extend([
            other(row),
            row.units.to_string(),
            row.contributors.to_string(),
            row.value.map(|value| decimal(value, 4)).unwrap_or_default(),
            row.published.clone().unwrap_or_default(),
            state(row.state).to_owned(),
            name(&cell.treatment),
            cell.rules.join(" "),
            format!("c{}", row.cell),
        ]);
        record
    };
    Texts { header, rows: rows.iter().map(record).collect() }
}

fn other(row: &TrueRow) -> String {
    let beside = row.key.iter().filter(|(column, _)| !KEYS.contains(&column.as_str()));
    beside.map(|(column, code)| format!("{column}={code}")).collect::<Vec<_>>().join(" ")
}

fn sets(evidence: &Evidence) -> Texts {
    let rows = evidence.cells.iter().map(|cell| {
        let withheld = cell.treatment != Treatment::Published;
        let mut record = vec![format!("c{}", cell.cell), cell.universe.clone(), cell.layer.clone(), name(&cell.treatment)];
        record.extend([withheld.to_string(), cell.rules.join(" "), cell.importance.to_string()]);
        record.extend(figures(&cell.figures, cell.numerator.as_ref()));
        record.extend(uncertainty(cell.sum.as_ref()));
        record.extend(uncertainty(cell.count.as_ref()));
        record.push(list(&cell.atoms));
        record
    });
    let virtual_rows = evidence.virtual_cells.iter().enumerate().map(|(at, cell)| {
        let mut record = vec![format!("v{at}"), cell.universe.clone(), cell.layer.clone(), name(&cell.origin)];
        record.extend(["true".into(), cell.rules.join(" "), String::new()]);
        record.extend(figures(&cell.figures, None));
        record.extend(uncertainty(cell.sum.as_ref()));
        record.extend(uncertainty(cell.count.as_ref()));
        record.push(list(&cell.atoms));
        record
    });
    Texts { header: columns::SETS.to_vec(), rows: rows.chain(virtual_rows).collect() }
}

fn figures(figures: &Figures, numerator: Option<&Figures>) -> Vec<String> {
    let mut record = vec![figures.units.to_string(), figures.contributors.to_string(), figures.total.to_string()];
    record.push(figures.absolute.to_string());
    record.extend(figures.largest[..2].iter().map(i64::to_string));
    record.extend([
        numerator.map(|n| n.absolute.to_string()).unwrap_or_default(),
        numerator.map(|n| n.largest[0].to_string()).unwrap_or_default(),
    ]);
    record
}

/// Levels asked for, and the interval that an attacker is left with; empty ends lie further out than the audit looked.
fn uncertainty(uncertainty: Option<&Uncertainty>) -> Vec<String> {
    let Some(uncertainty) = uncertainty else { return vec![String::new(); 4] };
    let end = |end: Option<i128>| end.map(|end| end.to_string()).unwrap_or_default();
    vec![uncertainty.level.lower.to_string(), uncertainty.level.upper.to_string(), end(uncertainty.low), end(uncertainty.high)]
}

fn list(atoms: &[u32]) -> String {
    atoms.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
}

fn atoms(truth: &Truth) -> Texts {
    let rows = truth.atoms.iter().map(|atom| {
        vec![atom.universe.clone(), atom.layer.clone(), atom.atom.to_string(), atom.units.to_string(), atom.total.to_string()]
    });
    Texts { header: vec!["universe", "layer", "atom", "units", "total"], rows: rows.collect() }
}

fn audit(evidence: &Evidence) -> File {
    let value = json!({ "profile": evidence.profile, "protection": evidence.protection, "audit": evidence.audit });
    File { path: "audit.json".into(), bytes: json(&value) }
}

/// The name of a plain enum as it is serialised.
fn name<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// A CSV file of the vault: comma, LF.
pub fn csv(path: &str, texts: &Texts) -> File {
    File { path: path.into(), bytes: super::csv::bytes(&texts.header, texts.rows.iter().cloned()) }
}
