//! Pooling: one release of several, made by the same pipeline in environments whose records may never stand together.
//!
//! A pooled table is a function of the files of the releases and of nothing else: what is withheld in one of them is never looked up,
//! guessed or taken for zero, so that a reader of the pooled table knows nothing that a reader of the releases could not work out. Every
//! figure is a pair of bounds that the figure over all records is sure to lie between.

use std::path::PathBuf;

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::release::File;
use crate::released::{self, Finished};

mod agree;
mod bounds;
mod cells;
mod files;
mod formats;
mod means;
mod numbers;
mod sets;
#[cfg(test)]
mod tests;

use cells::PooledTable;

/// A release to pool, with the name of the environment it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    /// The folder with `manifest.json`, or the one above it.
    pub folder: PathBuf,
}

/// The pooled release, not yet written.
pub struct Pooled {
    pub summary: Summary,
    /// Warnings.
    pub findings: Vec<Diagnostic>,
    pub files: Vec<File>,
}

/// What was done, for the terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub study: String,
    pub environments: Vec<String>,
    pub tables: usize,
    pub cells: usize,
    pub values: usize,
    pub intervals: usize,
    pub not_available: usize,
    /// What the releases do not hold and pooling would need, in words.
    pub lacking: Vec<String>,
}

/// Reads, verifies and pools releases. Their order is the order of the names in the result and bears on nothing else.
///
/// # Errors
/// Everything that is wrong with the releases: `release-broken`, `release-twice`, `releases-differ`, `too-few-releases`, `cannot-read`.
pub fn pool(sources: &[Source], progress: &dyn Fn(&str)) -> Result<Pooled, Diagnostics> {
    named(sources)?;
    progress("verify");
    let environments = environments(sources)?;
    let findings = agree::agree(&environments)?;
    progress("pool");
    let tables = cells::tables(&environments);
    let summary = summary(&environments, &tables);
    let files = files::files(&environments, &tables, &summary, &findings);
    Ok(Pooled { summary, findings, files })
}

fn named(sources: &[Source]) -> Result<(), Diagnostics> {
    let mut wrong = Diagnostics::default();
    if sources.len() < 2 {
        wrong.push(Diagnostic::error("too-few-releases", "there is one release, and nothing to pool it with"));
    }
    for (at, source) in sources.iter().enumerate() {
        if sources[..at].iter().any(|before| before.name == source.name) {
            let finding = Diagnostic::error("duplicate-name", format!("two environments are called `{}`", source.name));
            wrong.push(finding.help("name them: NAME=RELEASE"));
        }
    }
    wrong.finish(()).map(drop)
}

fn environments(sources: &[Source]) -> Result<Vec<Finished>, Diagnostics> {
    let mut wrong = Diagnostics::default();
    let mut environments = Vec::new();
    for source in sources {
        match released::read(&source.name, &source.folder) {
            Ok(environment) => environments.push(environment),
            Err(found) => wrong.0.extend(found.0),
        }
    }
    wrong.finish(environments).map(|(environments, _)| environments)
}

fn summary(environments: &[Finished], tables: &[PooledTable]) -> Summary {
    use cells::PooledState::{Interval, NotAvailable, Value};
    let count = |state| tables.iter().flat_map(|table| &table.rows).filter(|row| row.state == state).count();
    Summary {
        study: environments.first().map(|one| one.manifest.study.clone()).unwrap_or_default(),
        environments: environments.iter().map(|one| one.name.clone()).collect(),
        tables: tables.len(),
        cells: tables.iter().map(|table| table.rows.len()).sum(),
        values: count(Value),
        intervals: count(Interval),
        not_available: count(NotAvailable),
        lacking: cells::lacking(environments, tables),
    }
}

impl Pooled {
    /// For people.
    pub fn text(&self) -> String {
        let one = &self.summary;
        let mut text = format!(
            "{}: {} cells in {} tables pooled over {}: {} values, {} intervals, {} not available, the others empty\n",
            one.study,
            one.cells,
            one.tables,
            one.environments.join(", "),
            one.values,
            one.intervals,
            one.not_available
        );
        one.lacking.iter().for_each(|lacking| text.push_str(&format!("{lacking}\n")));
        text
    }
}
