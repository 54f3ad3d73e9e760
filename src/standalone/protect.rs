//! Protecting tables: rules, a pattern, an attack on it, and the files of both packages.

use serde::Serialize;

use super::files::{self, Done};
use super::why::{self, Why};
use super::{Input, Request, Task, tasks};
use crate::cells::rulings::{Basis, Ruling, problem, rulings};
use crate::cells::safe::SafeCells;
use crate::cells::system::Cost;
use crate::cells::unions;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::disclosure::assess::judge_cell;
use crate::disclosure::problem::{Attackers, Fate, Problem, Ruled};
use crate::disclosure::rules::Level;
use crate::disclosure::suppress::search::{Method, Options, Pattern, Stuck, solve};
use crate::release::File;
use crate::tables::set::Stats;

/// Cells shown of those that cannot be protected.
const EXAMPLES: usize = 10;

/// What was done, for the terminal: no value and no sum of values.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    pub name: String,
    pub tables: Vec<String>,
    pub cells: usize,
    pub is_unsafe: usize,
    /// Withheld for others, or because the table says so.
    pub secondary: usize,
    pub method: Method,
    /// Share of the cost that a cheaper pattern could save at most, where the method tells; in per cent.
    pub gap_percent: Option<f64>,
}

/// Both packages, not yet written.
pub struct Protected {
    pub summaries: Vec<Summary>,
    pub inputs: Vec<Input>,
    pub findings: Vec<Diagnostic>,
    /// What was asked about single cells.
    pub explanations: Vec<Why>,
    pub files: Vec<File>,
}

/// Protects the tables of a request.
///
/// # Errors
/// Everything wrong with the files; `cannot-protect` with the cells that cannot be; `audit-failed` when the attack learns something.
pub fn protect(request: &Request, progress: &dyn Fn(&str)) -> Result<Protected, Diagnostics> {
    progress("read");
    let (mut tasks, inputs) = tasks(request, false)?;
    let cost = request.cost.unwrap_or(Cost::Value);
    let mut done = Vec::new();
    for task in &mut tasks {
        done.push(one(task, request, cost, progress)?);
    }
    let findings = super::findings(&tasks);
    let explanations = match (tasks.first(), done.first()) {
        (Some(task), Some(done)) if !request.why.is_empty() => {
            progress("explain");
            why::explain(task, done, &request.why)?
        }
        _ => Vec::new(),
    };
    let summaries = tasks.iter().zip(&done).map(|(task, done)| summary(task, done)).collect();
    let files = files::files(request, &tasks, &done, &inputs, &findings)?;
    Ok(Protected { summaries, inputs, findings, explanations, files })
}

fn one(task: &mut Task, request: &Request, cost: Cost, progress: &dyn Fn(&str)) -> Result<Done, Diagnostics> {
    progress("assess");
    let rulings = rulings(&mut task.linked, &task.basis)?;
    let mut problem = problem(&task.linked, &rulings, cost, &request.rounding);
    problem.ruled = ruled(task, &rulings, &problem);
    progress("protect");
    let pattern = pattern(task, &mut problem)?;
    progress("audit");
    let (safe, report) = SafeCells::after(&task.linked, &rulings, &problem, &pattern, &request.rounding, &judge(task))?;
    let count = task.linked.table.cells.len();
    if (0..count).all(|at| pattern.withheld[at] || problem.cells[at].fate == Fate::Shown && problem.cells[at].value == 0) {
        return Err(Diagnostic::error("all-suppressed", "every cell would be withheld, so there is nothing to release").into());
    }
    Ok(Done { rulings, problem, pattern, safe, report, cost })
}

/// In a table of numbers of units, those that are withheld because they are small are known to be small.
fn ruled(task: &Task, rulings: &[Ruling], problem: &Problem) -> Vec<Ruled> {
    let Basis::Profile(profile) = &task.basis else { return Vec::new() };
    let Some((least, most)) = profile.small_numbers().filter(|_| task.linked.table.whole) else { return Vec::new() };
    let small = |(_, ruling): &(usize, &Ruling)| ruling.rules.contains(&"minimum_frequency");
    let within = |at: &usize| (least..=most).contains(&problem.cells[*at].value);
    let cells = rulings.iter().enumerate().filter(small).map(|(at, _)| at).filter(within);
    cells.map(|at| Ruled { cell: at as u32, least, most, guarded: true }).collect()
}

/// A pattern in which no sum of withheld cells that is as good as shown is unsafe either: where one is, it becomes a demand, and the search
/// begins anew. Every round adds one, and there are only so many, so that this comes to an end.
fn pattern(task: &Task, problem: &mut Problem) -> Result<Pattern, Diagnostics> {
    let options = Options { method: task.method, attackers: Attackers::Contributors, seconds_max: task.seconds };
    let table = &task.linked.table;
    loop {
        let pattern = solve(problem, &options).map_err(|stuck| cannot(task, &stuck))?;
        let open = unions::open(table, problem, &pattern.withheld, &judge(task));
        if open.is_empty() {
            return Ok(pattern);
        }
        open.iter().for_each(|union| union.demand_in(problem));
    }
}

/// How a sum of withheld cells is judged: by the rules of the profile; a job of other software knows no such sums.
pub(super) fn judge(task: &Task) -> impl Fn(&Stats) -> Option<Level> {
    let table = &task.linked.table;
    move |stats| {
        let Basis::Profile(profile) = &task.basis else { return None };
        let verdict = judge_cell(stats, table.nonnegative, table.whole, profile);
        verdict.is_unsafe().then(|| verdict.level(table.whole).unwrap_or_default())
    }
}

fn cannot(task: &Task, stuck: &Stuck) -> Diagnostics {
    let count = task.linked.table.cells.len();
    let table = || task.linked.members.first().map(|member| member.name.clone()).unwrap_or_default();
    let mut wrong = Diagnostics::default();
    for cell in stuck.cells.iter().filter(|cell| (**cell as usize) < count).take(EXAMPLES) {
        let headline = format!("the cell cannot be protected, whatever is withheld ({} such cells)", stuck.cells.len());
        let place = Place::Cell { table: table(), cell: task.linked.table.name(*cell as usize) };
        wrong.push(
            Diagnostic::error("cannot-protect", headline)
                .at(place)
                .help("let cells that are fixed as published be withheld, or merge codes"),
        );
    }
    if wrong.0.is_empty() {
        wrong.push(Diagnostic::error("cannot-protect", "no pattern protects every unsafe cell"));
    }
    wrong
}

fn summary(task: &Task, done: &Done) -> Summary {
    let is_unsafe = done.rulings.iter().filter(|ruling| ruling.level.is_some()).count();
    let withheld = done.pattern.withheld[..done.rulings.len()].iter().filter(|withheld| **withheld).count();
    Summary {
        name: task.name.clone(),
        tables: task.linked.members.iter().map(|member| member.name.clone()).collect(),
        cells: task.linked.table.cells.len(),
        is_unsafe,
        secondary: withheld - is_unsafe,
        method: task.method,
        gap_percent: done.gap_percent(),
    }
}

impl Protected {
    /// For people.
    pub fn text(&self) -> String {
        let line = |one: &Summary| {
            let gap = match one.gap_percent {
                Some(gap) if gap < 0.005 => "; no pattern costs less".to_owned(),
                Some(gap) => format!("; another pattern costs at most {gap:.2} % less"),
                None => String::new(),
            };
            format!(
                "{}: {} cells in {}; {} unsafe, {} withheld beside them{gap}",
                one.name,
                one.cells,
                one.tables.join(", "),
                one.is_unsafe,
                one.secondary
            )
        };
        let summaries = self.summaries.iter().map(line).collect::<Vec<_>>().join("\n");
        let explanations: String = self.explanations.iter().map(|why| format!("\n{}", why.text())).collect();
        summaries + &explanations
    }
}

/// The rules as the evidence has them.
pub(super) fn rules(basis: &Basis) -> serde_json::Value {
    match basis {
        Basis::Profile(profile) => {
            serde_json::json!({ "profile": profile.name(), "version": profile.version(), "blake3": profile.hash() })
        }
        Basis::Job(rules) => serde_json::json!({ "job": rules.text }),
        Basis::Nothing => serde_json::Value::Null,
    }
}
