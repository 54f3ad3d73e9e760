//! A job of τ-ARGUS as tasks: tables of one response are linked, and protected under the rules of the job.

use std::path::{Path, PathBuf};

use super::{Request, Task};
use crate::cells::argus::batch::{Job, Table};
use crate::cells::argus::description::{Description, Role};
use crate::cells::link::{Part, apriori, link};
use crate::cells::read::{self, Wish};
use crate::cells::rulings::Basis;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::suppress::search::Method;
use crate::registers::texts;

pub(super) fn tasks(path: &Path, request: &Request) -> Result<Vec<Task>, Diagnostics> {
    let job = Job::parse(&texts::text(path)?).map_err(|wrong| placed(wrong, path))?;
    if request.profile.is_some() {
        let finding = Diagnostic::error("conflict", "a job has rules of its own, so it goes without --profile").in_file(path);
        return Err(finding.help("leave --profile out, or protect the tables of the job one by one under the profile").into());
    }
    let data = beside(path, &job.data)?;
    let metadata = beside(path, &job.description)?;
    let description = Description::parse(&texts::text(&metadata)?).map_err(|wrong| placed(wrong, &metadata))?;
    let mut tasks: Vec<Task> = Vec::new();
    let mut done: Vec<&str> = Vec::new();
    for table in &job.tables {
        if done.contains(&table.response.as_str()) {
            continue;
        }
        done.push(&table.response);
        tasks.push(task(&job, table, &data, &metadata, &description, path, request)?);
    }
    Ok(tasks)
}

fn task(
    job: &Job,
    first: &Table,
    data: &Path,
    metadata: &Path,
    description: &Description,
    path: &Path,
    request: &Request,
) -> Result<Task, Diagnostics> {
    let same: Vec<(usize, &Table)> =
        job.tables.iter().enumerate().filter(|(_, table)| table.response == first.response).collect();
    if same.iter().any(|(_, table)| table.rules != first.rules) {
        let finding = Diagnostic::error("conflict", "tables of one response have different rules").in_file(path);
        return Err(finding.help("give them the same rules: their cells are linked").into());
    }
    let rules = &first.rules;
    if rules.on_holdings() && description.with(Role::Holding).next().is_none() {
        return Err(Diagnostic::error("evidence-missing", "a rule is for holdings, and no variable names them")
            .in_file(metadata)
            .into());
    }
    let mut parts = Vec::new();
    for (at, table) in &same {
        let mut read = read::read(data, &wish(job, table, metadata, description))?;
        if same.len() > 1 {
            read.name = table.spanning.join("-");
        }
        for (file, _, separator) in job.known.iter().filter(|(_, number, _)| *number == at + 1) {
            apriori(&mut read, &beside(path, file)?, *separator)?;
        }
        parts.push(Part { read, known: false, rounded_to: None });
    }
    let linked = link(parts)?;
    let asked = job.suppress.iter().find(|(table, ..)| same.iter().any(|(at, _)| at + 1 == *table));
    let method = request.method.or(asked.map(|(_, method, _)| *method)).unwrap_or(Method::Auto);
    let seconds = request.seconds.or(asked.and_then(|(_, _, minutes)| minutes.map(|minutes| minutes * 60.0)));
    let outputs = job.outputs.iter().filter(|output| same.iter().any(|(at, _)| at + 1 == output.table));
    let outputs = outputs.map(|output| (format(output.kind).to_owned(), output.file.clone())).collect();
    let name = if is_count(&first.response) { "units".to_owned() } else { first.response.clone() };
    Ok(Task { name, linked, basis: Basis::Job(rules.clone()), method, seconds, outputs })
}

fn is_count(response: &str) -> bool {
    response.is_empty() || response.eq_ignore_ascii_case("<freq>")
}

fn wish(job: &Job, table: &Table, metadata: &Path, description: &Description) -> Wish {
    let frequency = is_count(&table.response);
    let weight =
        table.rules.weighted.then(|| description.with(Role::Weight).next().map(|variable| variable.name.clone())).flatten();
    Wish {
        by: table.spanning.clone(),
        value: (!frequency).then(|| table.response.clone()),
        absolute: table.shadow.clone().filter(|shadow| *shadow != table.response),
        cost: table.cost.clone(),
        weight,
        records: job.records,
        frequency,
        metadata: Some(metadata.to_owned()),
        ..Wish::default()
    }
}

/// The format of the vault for a kind of file that a job asks for.
fn format(kind: u32) -> &'static str {
    match kind {
        3 => "code-value",
        4 => "sbs",
        5 | 6 => "tab",
        _ => "csv",
    }
}

fn beside(path: &Path, name: &str) -> Result<PathBuf, Diagnostics> {
    texts::beside(path, name).ok_or_else(|| {
        let finding = Diagnostic::error("cannot-read", format!("the file `{name}` that the job opens is not beside it"));
        finding.in_file(path).into()
    })
}

fn placed(wrong: Diagnostics, path: &Path) -> Diagnostics {
    Diagnostics(wrong.0.into_iter().map(|finding| finding.in_file(path)).collect())
}
