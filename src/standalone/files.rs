//! The files of both packages of tables made elsewhere.

use serde_json::{Value, json};

use super::protect::rules;
use super::{Input, Request, Task};
use crate::cells::rulings::{Basis, Ruling};
use crate::cells::safe::{SafeCells, SafeTable};
use crate::cells::system::Cost;
use crate::cells::write::{Outcome, WRITERS, Writer};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::audit::attack::Report;
use crate::disclosure::problem::Problem;
use crate::disclosure::suppress::search::Pattern;
use crate::release::File;
use crate::release::layout::state;
use crate::release::manifest::json as pretty;

/// A task that was solved.
pub(super) struct Done {
    pub rulings: Vec<Ruling>,
    pub problem: Problem,
    pub pattern: Pattern,
    pub safe: SafeCells,
    pub report: Report,
    pub cost: Cost,
}

/// Intervals by cell, in amounts.
pub(super) type Intervals = Vec<Option<(Option<i128>, Option<i128>)>>;

impl Done {
    pub fn gap_percent(&self) -> Option<f64> {
        let bound = self.pattern.bound?;
        let gap = if self.pattern.cost > 0.0 { (self.pattern.cost - bound).max(0.0) / self.pattern.cost } else { 0.0 };
        Some((gap * 1e6).round() / 1e4)
    }
}

/// What a reader is left with of every demanded cell; an end that nothing bounds is none.
pub(super) fn intervals(problem: &Problem, report: &Report, cells: usize) -> Intervals {
    let mut intervals = vec![None; cells];
    for interval in report.demands.iter().filter(|interval| (interval.cell as usize) < cells) {
        let value = problem.cells[interval.cell as usize].value;
        let end = |distance: f64, sign: i128| {
            (distance.is_finite() && distance < 1e30).then(|| value + sign * distance.round() as i128)
        };
        intervals[interval.cell as usize] = Some((end(interval.below, -1), end(interval.above, 1)));
    }
    intervals
}

/// Everything below the output folder, the manifest of the release last.
///
/// # Errors
/// `unknown-name` for a format that there is not.
pub(super) fn files(
    request: &Request,
    tasks: &[Task],
    done: &[Done],
    inputs: &[Input],
    findings: &[Diagnostic],
) -> Result<Vec<File>, Diagnostics> {
    let mut vault: Vec<File> = Vec::new();
    let mut release: Vec<File> = Vec::new();
    let mut evidence = Vec::new();
    for (task, done) in tasks.iter().zip(done) {
        let intervals = intervals(&done.problem, &done.report, done.rulings.len());
        let withheld = &done.pattern.withheld[..done.rulings.len()];
        let outcome = Outcome { linked: &task.linked, rulings: &done.rulings, withheld, intervals: &intervals };
        let folder = if tasks.len() > 1 { format!("{}/", task.name) } else { String::new() };
        for member in &task.linked.members {
            for writer in writers(request)? {
                add(
                    &mut vault,
                    (writer.files)(&outcome, member).into_iter().map(|(name, bytes)| (format!("cells/{folder}{name}"), bytes)),
                );
            }
        }
        for (format, file) in &task.outputs {
            let writer = writer(format)?;
            let made = task.linked.members.first().and_then(|member| (writer.files)(&outcome, member).into_iter().next());
            add(&mut vault, made.into_iter().map(|(_, bytes)| (format!("job/{file}"), bytes)));
        }
        add(&mut release, done.safe.tables().iter().map(|table| (format!("tables/{folder}{}.csv", table.name), csv(table))));
        evidence.push(account(task, done));
    }
    vault.push(File {
        path: "protection.json".into(),
        bytes: pretty(&json!({ "tables": evidence, "rounding": request.rounding, "confinement": crate::confine::held() })),
    });
    vault.push(File { path: "inputs.json".into(), bytes: pretty(&inputs) });
    vault.push(File { path: "findings.json".into(), bytes: pretty(&findings) });
    release.push(File { path: "NOTES.md".into(), bytes: notes(request, tasks, done).into_bytes() });
    let manifest = manifest(tasks, done, &release);
    release.push(File { path: "manifest.json".into(), bytes: pretty(&manifest) });
    let inside = |folder: &str, files: Vec<File>| {
        files.into_iter().map(|file| File { path: format!("{folder}/{}", file.path), bytes: file.bytes }).collect()
    };
    let mut all: Vec<File> = inside("vault", vault);
    all.extend(inside("release", release) as Vec<File>);
    Ok(all)
}

/// Hierarchies of several tables are the same files.
fn add(files: &mut Vec<File>, new: impl Iterator<Item = (String, Vec<u8>)>) {
    for (path, bytes) in new {
        if !files.iter().any(|file| file.path == path) {
            files.push(File { path, bytes });
        }
    }
}

fn writers(request: &Request) -> Result<Vec<&'static Writer>, Diagnostics> {
    let asked = request.also.iter().map(String::as_str).filter(|name| *name != "csv");
    ["csv"].into_iter().chain(asked).map(writer).collect()
}

fn writer(name: &str) -> Result<&'static Writer, Diagnostics> {
    let known = || WRITERS.iter().map(|writer| writer.name).collect::<Vec<_>>().join(", ");
    let missing = || {
        Diagnostic::error("unknown-name", format!("no format is called `{name}`")).help(format!("the formats are: {}", known()))
    };
    WRITERS.iter().find(|writer| writer.name == name).ok_or_else(|| missing().into())
}

/// A table as it may leave: codes, value and state; an empty code is a total.
fn csv(table: &SafeTable) -> Vec<u8> {
    let mut writer = ::csv::WriterBuilder::new().from_writer(Vec::new());
    let value = if table.whole { "count" } else { "value" };
    let header = table.columns.iter().map(String::as_str).chain([value, "state"]);
    let mut written = writer.write_record(header);
    for row in &table.rows {
        let fields = row.codes.iter().map(String::as_str).chain([row.value.as_deref().unwrap_or_default(), state(row.state)]);
        written = written.and_then(|()| writer.write_record(fields));
    }
    assert!(written.is_ok(), "records of equal length can be written to memory");
    writer.into_inner().unwrap_or_default()
}

/// How the pattern came about and what the attack made of it, for a checker inside.
fn account(task: &Task, done: &Done) -> Value {
    let pattern = &done.pattern;
    json!({
        "name": task.name,
        "tables": task.linked.members.iter().map(|member| &member.name).collect::<Vec<_>>(),
        "rules": rules(&task.basis),
        "method": task.method,
        "seconds_max": task.seconds,
        "cost": { "of": done.cost, "pattern": pattern.cost, "bound": pattern.bound, "gap_percent": done.gap_percent() },
        "witnesses": pattern.witnesses.len(),
        "programs": pattern.programs,
        "audit": { "attackers": "contributors", "demands": done.report.demands.len(), "effort": done.report.effort },
        "evidence": { "contributors": task.linked.counted, "largest": task.linked.table.largest_known, "nonnegative": task.linked.table.nonnegative },
    })
}

fn manifest(tasks: &[Task], done: &[Done], files: &[File]) -> Value {
    let profiles: Vec<String> = tasks
        .iter()
        .map(|task| match &task.basis {
            Basis::Profile(profile) => format!("{} {}", profile.name(), profile.version()),
            Basis::Job(_) | Basis::Nothing => "rules of the job".to_owned(),
        })
        .collect();
    let tables: Vec<Value> = done
        .iter()
        .flat_map(|done| done.safe.tables())
        .map(|table| {
            let withheld = table.rows.iter().filter(|row| row.value.is_none()).count();
            json!({ "name": table.name, "cells": table.rows.len(), "withheld": withheld })
        })
        .collect();
    let files: Vec<Value> = files.iter().map(|file| {
        json!({ "path": file.path, "bytes": file.bytes.len(), "blake3": blake3::hash(&file.bytes).to_hex().to_string() })
    }).collect();
    json!({
        "program": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "profile": profiles.first(),
        "tables": tables,
        "files": files,
    })
}

fn notes(request: &Request, tasks: &[Task], done: &[Done]) -> String {
    let mut text = "# Protected tables\n\nA row is a cell; an empty code stands for the total. `state` is one of\n\n| state | meaning |\n|---|---|\n\
        | value | the value stands there |\n| zero | no unit is in the cell |\n\
        | suppressed | withheld to protect those behind this or another cell |\n\n"
        .to_owned();
    if let Some(base) = request.rounding.own {
        text += &format!("Values are rounded to multiples of {base}.\n\n");
    }
    for (task, done) in tasks.iter().zip(done) {
        let names: Vec<&str> = done.safe.tables().iter().map(|table| table.name.as_str()).collect();
        text += &format!("- {}: {}\n", task.name, names.join(", "));
    }
    text
}
