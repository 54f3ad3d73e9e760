//! Auditing a finished table: which withheld cells follow from those shown, exactly or more closely than their levels allow.

use serde::Serialize;

use super::files::{Intervals, intervals};
use super::{Input, Request, Task, tasks};
use crate::cells::feasible;
use crate::cells::link::Linked;
use crate::cells::rulings::{Basis, Ruling, half, problem, rulings};
use crate::cells::safe::{laid_open, with_sums};
use crate::cells::system::Cost;
use crate::cells::write::{Outcome, WRITERS};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::audit::attack::{Ends, Finding, Leak, Report, attack};
use crate::disclosure::problem::{Attackers, Problem};
use crate::release::File;
use crate::release::manifest::json;

/// What an audit says, for the terminal and the vault.
pub struct Audit {
    pub summary: Summary,
    pub findings: Vec<Diagnostic>,
    /// What is laid open, by cell; empty when nothing is.
    pub wrong: Diagnostics,
    /// For the vault.
    pub files: Vec<File>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    pub cells: usize,
    pub withheld: usize,
    /// Cells whose level was tried, under the rules of a profile.
    pub levels: usize,
    pub shown_unsafe: usize,
    pub recovered: usize,
    pub narrowed: usize,
    pub by_rules: usize,
    pub to_contributor: usize,
}

/// Audits the tables of a request, which count as published together.
///
/// # Errors
/// Everything wrong with the files. What is laid open is no error here but part of the audit.
pub fn audit(request: &Request, progress: &dyn Fn(&str)) -> Result<Audit, Diagnostics> {
    progress("read");
    let (mut tasks, inputs) = tasks(request, true)?;
    let Some(task) = tasks.first_mut() else { return Err(Diagnostic::error("file-empty", "there is no table to audit").into()) };
    let withheld: Vec<bool> = (0..task.linked.extras.len()).map(|at| is_withheld(&task.linked, at)).collect();
    if !withheld.contains(&true) {
        task.linked.findings.push(Diagnostic::warning("nothing-withheld", "no cell of the table is withheld"));
    }
    progress("audit");
    let unknown = task.linked.extras.iter().any(|extra| extra.unknown);
    let (rulings, mut findings, problem, report) = match task.basis {
        Basis::Nothing => exact(&task.linked, &withheld, request)?,
        _ if unknown => {
            let finding =
                Diagnostic::error("evidence-missing", "levels need the values of withheld cells, which the table does not have");
            return Err(finding
                .help("leave --profile out to look for cells that can be worked out exactly, or audit the table of the vault")
                .into());
        }
        _ => by_levels(task, &withheld, request)?,
    };
    findings.sort_by_key(|finding| (finding.leak, finding.cell));
    let intervals = intervals(&problem, &report, withheld.len());
    let count = |leak: Leak| findings.iter().filter(|finding| finding.leak == leak).count();
    let summary = Summary {
        cells: withheld.len(),
        withheld: withheld.iter().filter(|withheld| **withheld).count(),
        levels: rulings.iter().filter(|ruling| ruling.level.is_some()).count(),
        shown_unsafe: count(Leak::Shown),
        recovered: count(Leak::Recovered),
        narrowed: count(Leak::Narrowed),
        by_rules: count(Leak::ByRules),
        to_contributor: count(Leak::ToContributor),
    };
    let wrong = laid_open(&task.linked, &findings);
    let files = files(task, &rulings, &withheld, &intervals, &summary, &report, &inputs);
    Ok(Audit { findings: super::findings(&tasks), summary, wrong, files })
}

/// A cell is withheld when the table says so, or has no value for it.
fn is_withheld(linked: &Linked, at: usize) -> bool {
    linked.extras[at].mark.is_withheld() || linked.extras[at].unknown
}

type Attacked = (Vec<Ruling>, Vec<Finding>, Problem, Report);

/// Without rules: which cells have no other possible value.
fn exact(linked: &Linked, withheld: &[bool], request: &Request) -> Result<Attacked, Diagnostics> {
    let half_width = request.rounding.own.map_or(0, |base| half(base, linked.table.whole));
    let problem = feasible::problem(linked, withheld, half_width)?;
    let report = attack(&problem, withheld, &[], Attackers::Outsiders, Ends::Exact);
    let single = |at: &usize| report.demands[*at].below + report.demands[*at].above < 0.5;
    let combination = |cell: u32| {
        report.findings.iter().find(|finding| finding.cell == cell).map(|finding| finding.combination.clone()).unwrap_or_default()
    };
    let findings = (0..report.demands.len()).filter(single).map(|at| {
        let cell = report.demands[at].cell;
        Finding { cell, leak: Leak::Recovered, combination: combination(cell) }
    });
    Ok((vec![Ruling::default(); withheld.len()], findings.collect(), problem, report))
}

/// Under a profile: every unsafe cell is withheld and keeps its level, against contributors as well.
fn by_levels(task: &mut Task, withheld: &[bool], request: &Request) -> Result<Attacked, Diagnostics> {
    let rulings = rulings(&mut task.linked, &task.basis)?;
    let problem = problem(&task.linked, &rulings, Cost::Cells, &request.rounding);
    let mut pattern = withheld.to_vec();
    // What no table prints of a sum is not known.
    pattern.resize(problem.cells.len(), true);
    let (problem, pattern) = with_sums(&task.linked, &problem, &pattern, &super::protect::judge(task));
    let report = attack(&problem, &pattern, &[], Attackers::Contributors, Ends::AsFarAsLevel);
    Ok((rulings, report.findings.clone(), problem, report))
}

fn files(
    task: &Task,
    rulings: &[Ruling],
    withheld: &[bool],
    intervals: &Intervals,
    summary: &Summary,
    report: &Report,
    inputs: &[Input],
) -> Vec<File> {
    let outcome = Outcome { linked: &task.linked, rulings, withheld, intervals };
    let mut files = Vec::new();
    for member in &task.linked.members {
        for writer in WRITERS.iter().filter(|writer| writer.name == "csv") {
            let made = (writer.files)(&outcome, member);
            files.extend(made.into_iter().map(|(name, bytes)| File { path: format!("vault/cells/{name}"), bytes }));
        }
    }
    let account = serde_json::json!({
        "rules": super::protect::rules(&task.basis), "summary": summary, "effort": report.effort, "inputs": inputs,
    });
    files.push(File { path: "vault/audit.json".into(), bytes: json(&account) });
    files
}

impl Audit {
    /// For people.
    pub fn text(&self) -> String {
        let one = &self.summary;
        let levels = match one.levels {
            0 => "levels were not tried: no profile is named or no cell is unsafe".to_owned(),
            levels => format!("{levels} cells were tried against their levels"),
        };
        format!(
            "{} cells, {} withheld; {levels}\nshown although unsafe {}, worked out exactly {}, too closely {}, with the rules {}, by a contributor {}",
            one.cells, one.withheld, one.shown_unsafe, one.recovered, one.narrowed, one.by_rules, one.to_contributor
        )
    }
}
