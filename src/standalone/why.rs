//! Why a cell is withheld, which attacks that blocks, and the cheapest change that would free it; in codes and rules, never in values.

use serde::Serialize;

use super::Task;
use super::files::Done;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::audit::attack::{Ends, Leak, attack};
use crate::disclosure::problem::{Attackers, Fate, Problem};
use crate::disclosure::suppress::search::{Options, solve};

/// Attacks and cells named of one kind.
const EXAMPLES: usize = 8;

/// What is said of a cell.
#[derive(Clone, Debug, Serialize)]
pub struct Why {
    pub cell: String,
    pub standing: Standing,
    /// Rules that make it unsafe.
    pub rules: Vec<&'static str>,
    /// What an attacker would learn if it were shown and nothing else changed.
    pub blocks: Vec<Blocked>,
    /// What would free it.
    pub freed_by: Freed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Shown,
    /// Withheld because it is unsafe.
    Unsafe,
    /// Withheld to protect others.
    Secondary,
}

#[derive(Clone, Debug, Serialize)]
pub struct Blocked {
    pub cell: String,
    pub leak: Leak,
    /// Shown cells, each with its factor, that would give the value away exactly.
    pub combination: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Freed {
    /// It is shown.
    Nothing,
    /// Only fewer classes, so that it has more contributors of less different size.
    Merging,
    /// Withholding these instead, which costs so much more, in per cent of what is withheld now.
    Exchange { withhold: Vec<String>, show: Vec<String>, dearer_percent: f64 },
    /// It has to be withheld as long as the unsafe cells are.
    No,
}

/// Explains the named cells.
///
/// # Errors
/// `unknown-name` for every name that no cell has.
pub(super) fn explain(task: &Task, done: &Done, names: &[String]) -> Result<Vec<Why>, Diagnostics> {
    let table = &task.linked.table;
    let mut wrong = Diagnostics::default();
    let mut found = Vec::new();
    for name in names {
        let plain = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
        match (0..table.cells.len()).find(|at| plain(&table.name(*at)) == plain(name)) {
            Some(cell) => found.push(one(task, done, cell)),
            None => {
                let finding = Diagnostic::error("unknown-name", format!("no cell is called `{name}`"));
                wrong.push(finding.help("write every variable with its code, such as `region=North, size=all`"));
            }
        }
    }
    wrong.finish(found).map(|(found, _)| found)
}

fn one(task: &Task, done: &Done, cell: usize) -> Why {
    let rules = done.rulings[cell].rules.clone();
    let standing = match (done.pattern.withheld[cell], done.rulings[cell].level.is_some()) {
        (false, _) => Standing::Shown,
        (true, true) => Standing::Unsafe,
        (true, false) => Standing::Secondary,
    };
    let (blocks, freed_by) = match standing {
        Standing::Shown => (Vec::new(), Freed::Nothing),
        Standing::Unsafe => (Vec::new(), Freed::Merging),
        Standing::Secondary => (blocked(task, done, cell), exchange(task, done, cell)),
    };
    Why { cell: task.linked.table.name(cell), standing, rules, blocks, freed_by }
}

/// The findings of an attack on the pattern with the cell put back.
fn blocked(task: &Task, done: &Done, cell: usize) -> Vec<Blocked> {
    let mut withheld = done.pattern.withheld.clone();
    withheld[cell] = false;
    let report = attack(&done.problem, &withheld, &done.pattern.witnesses, Attackers::Contributors, Ends::AsFarAsLevel);
    let name = |at: u32| name(task, at);
    let blocked = report.findings.into_iter().map(|finding| Blocked {
        cell: name(finding.cell),
        leak: finding.leak,
        combination: finding.combination.iter().map(|(factor, at)| format!("{factor:+} × [{}]", name(*at))).collect(),
    });
    blocked.take(EXAMPLES).collect()
}

/// The cheapest pattern that shows the cell, beside the one there is.
fn exchange(task: &Task, done: &Done, cell: usize) -> Freed {
    let mut problem: Problem = done.problem.clone();
    problem.cells[cell].fate = Fate::Shown;
    let options = Options { method: task.method, attackers: Attackers::Contributors, seconds_max: task.seconds };
    let Ok(other) = solve(&problem, &options) else { return Freed::No };
    let count = task.linked.table.cells.len();
    let differ = |from: &[bool], to: &[bool]| {
        (0..count).filter(|at| from[*at] && !to[*at] && *at != cell).take(EXAMPLES).map(|at| name(task, at as u32)).collect()
    };
    let dearer = 100.0 * (other.cost - done.pattern.cost) / done.pattern.cost.max(f64::MIN_POSITIVE);
    Freed::Exchange {
        withhold: differ(&other.withheld, &done.pattern.withheld),
        show: differ(&done.pattern.withheld, &other.withheld),
        dearer_percent: (dearer * 10.0).round() / 10.0,
    }
}

/// Cells beyond those of the table are sums that no table prints.
fn name(task: &Task, cell: u32) -> String {
    let table = &task.linked.table;
    if (cell as usize) < table.cells.len() { table.name(cell as usize) } else { "a sum that no table prints".to_owned() }
}

impl Why {
    /// For people.
    pub fn text(&self) -> String {
        let standing = match self.standing {
            Standing::Shown => "is shown".to_owned(),
            Standing::Unsafe => format!("is withheld because it is unsafe: {}", self.rules.join(", ")),
            Standing::Secondary => "is withheld to protect others".to_owned(),
        };
        let mut text = format!("[{}] {standing}\n", self.cell);
        for blocked in &self.blocks {
            let leak = match blocked.leak {
                Leak::Shown | Leak::Recovered => "could be worked out exactly",
                Leak::Narrowed => "would be known more closely than its level allows",
                Leak::ByRules => "could be worked out with the rules",
                Leak::ToContributor => "would be known too closely to a contributor",
            };
            text.push_str(&format!("  if it were shown, [{}] {leak}", blocked.cell));
            if !blocked.combination.is_empty() {
                text.push_str(&format!(": {}", blocked.combination.join(" ")));
            }
            text.push('\n');
        }
        text.push_str(&match &self.freed_by {
            Freed::Nothing => String::new(),
            Freed::Merging => "  merge its class with a neighbour, or leave the breakdown out, to show more\n".to_owned(),
            Freed::No => "  nothing that could be withheld instead would protect the unsafe cells\n".to_owned(),
            Freed::Exchange { withhold, show, dearer_percent } => {
                let shown = if show.is_empty() { String::new() } else { format!(", showing [{}]", show.join("], [")) };
                format!("  withhold [{}] instead{shown}: {dearer_percent} % dearer\n", withhold.join("], ["))
            }
        });
        text
    }
}
