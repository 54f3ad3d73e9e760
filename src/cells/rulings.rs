//! A ruling is what the rules, and the maker of the table, say of a cell: whether it is unsafe, why, and how far it must stay uncertain.

use super::argus::batch::{Contributor, Rules};
use super::link::Linked;
use super::read::Mark;
use super::system::{Cost, with_levels};
use super::table::{CellTable, Declared, TOTAL};
use crate::amount::SCALE;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::disclosure::assess::judge_part;
use crate::disclosure::problem::{Fate, Problem};
use crate::disclosure::profile::Profile;
use crate::disclosure::rules::{Evidence, Level, Verdict, evidence};

/// Level of a cell that is unsafe by declaration, in per cent of its value, where nothing else is said: the default of τ-ARGUS.
pub const MANUAL_PERCENT: u32 = 20;

/// Cells shown of one kind.
const EXAMPLES: usize = 5;

/// By which rules a table is judged.
pub enum Basis {
    Profile(Profile),
    Job(Rules),
    /// A finished table of which only is asked what can be worked out exactly.
    Nothing,
}

/// What is said of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ruling {
    /// Names of the rules that make it unsafe; `declared` for the maker of the table.
    pub rules: Vec<&'static str>,
    /// There when it is unsafe.
    pub level: Option<Level>,
}

/// The ruling on every cell.
///
/// # Errors
/// `evidence-missing` for every rule that cannot be judged, `conflict` for cells that are unsafe and have to be shown.
pub fn rulings(linked: &mut Linked, basis: &Basis) -> Result<Vec<Ruling>, Diagnostics> {
    let verdicts = match basis {
        Basis::Nothing => vec![Verdict::default(); linked.table.cells.len()],
        Basis::Profile(profile) => {
            enough(linked, profile)?;
            judged(&linked.table, profile)
        }
        Basis::Job(rules) => job(linked, rules)?,
    };
    let manual = match basis {
        Basis::Job(rules) => rules.manual_percent.unwrap_or(MANUAL_PERCENT),
        _ => MANUAL_PERCENT,
    };
    let is_job = matches!(basis, Basis::Job(_));
    let mut rulings: Vec<Ruling> = Vec::with_capacity(verdicts.len());
    for (at, verdict) in verdicts.iter().enumerate() {
        rulings.push(ruling(linked, at, verdict, manual, is_job));
    }
    let declared_safe = linked.extras.iter().filter(|extra| extra.mark == Mark::Safe).count();
    if !is_job && declared_safe > 0 {
        let headline =
            format!("{declared_safe} cells are declared safe; the rules of the profile are applied to them all the same");
        linked.findings.push(Diagnostic::warning("conflict", headline));
    }
    shown(linked, &mut rulings)?;
    Ok(rulings)
}

fn ruling(linked: &Linked, at: usize, verdict: &Verdict, manual: u32, is_job: bool) -> Ruling {
    let (extra, table) = (&linked.extras[at], &linked.table);
    if is_job && extra.mark == Mark::Safe {
        return Ruling::default();
    }
    let mut ruling = Ruling { rules: verdict.rules().to_vec(), level: None };
    if verdict.is_unsafe() {
        ruling.level = Some(verdict.level(table.whole).unwrap_or_default());
    }
    if extra.mark == Mark::Unsafe {
        ruling.rules.push("declared");
        let value = table.cells[at].value(table.whole);
        let least = if table.whole { 1 } else { 10i128.pow(4 - linked.decimals.min(4)) };
        let percent = (value.abs() * i128::from(manual)).div_ceil_of(100).max(least);
        let lower = if table.nonnegative { percent.min(value.max(0)) } else { percent };
        let manual = extra.level.unwrap_or(Level { lower, upper: percent });
        ruling.level = Some(match ruling.level {
            Some(level) if extra.level.is_none() => level,
            _ => manual,
        });
    }
    ruling
}

/// Division that rounds up.
trait Ceiling {
    fn div_ceil_of(self, denominator: i128) -> i128;
}

impl Ceiling for i128 {
    fn div_ceil_of(self, denominator: i128) -> i128 {
        (self + denominator - 1) / denominator
    }
}

fn judged(table: &CellTable, profile: &Profile) -> Vec<Verdict> {
    let margins = if table.whole { margins(table) } else { vec![Vec::new(); table.cells.len()] };
    let judge = |(cell, margins): (&super::table::CellRow, &Vec<u64>)| {
        judge_part(&cell.stats, table.nonnegative, table.whole, margins, profile)
    };
    table.cells.iter().zip(&margins).map(judge).collect()
}

/// Units of the cells that each cell is directly a part of.
fn margins(table: &CellTable) -> Vec<Vec<u64>> {
    let mut margins = vec![Vec::new(); table.cells.len()];
    for relation in table.relations() {
        for part in relation.parts {
            margins[part].push(table.cells[relation.whole].stats.units);
        }
    }
    margins
}

/// Every rule of the profile finds what it asks for.
fn enough(linked: &Linked, profile: &Profile) -> Result<(), Diagnostics> {
    let table = &linked.table;
    let mut wrong = Diagnostics::default();
    for (rule, evidence) in evidence(profile).into_iter().filter(|_| !table.whole) {
        let lacks = |what: String, flag: &str| {
            let finding = Diagnostic::error(
                "evidence-missing",
                format!("the rule `{rule}` asks for {what}, which the table does not have"),
            );
            finding.help(format!("name the column with {flag}, or hand over the records of contributors with --records"))
        };
        match evidence {
            Evidence::Contributors if !linked.counted => wrong.push(lacks("the number of contributors".into(), "--count")),
            Evidence::Largest(n) if table.largest_known < n => {
                let what = match n {
                    1 => "the largest contribution".to_owned(),
                    n => format!("the {n} largest contributions ({} of them known)", table.largest_known),
                };
                wrong.push(lacks(what, "--largest"));
            }
            Evidence::Largest(_) if !linked.absolute_known => {
                wrong.push(lacks("the total of absolute contributions, since values have both signs".into(), "--absolute"))
            }
            _ => {}
        }
    }
    wrong.finish(()).map(drop)
}

/// What the rules of a job say: those for records of the records, those for holdings of the holdings.
fn job(linked: &Linked, rules: &Rules) -> Result<Vec<Verdict>, Diagnostics> {
    let mut verdicts = vec![Verdict::default(); linked.table.cells.len()];
    for (contributor, table) in
        [(Contributor::Record, linked.singly.as_ref().unwrap_or(&linked.table)), (Contributor::Holding, &linked.table)]
    {
        if let Some(profile) = rules.profile(contributor)? {
            enough(linked, &profile)?;
            let own = judged(table, &profile);
            verdicts = verdicts.iter().zip(&own).map(|(verdict, own)| verdict.clone().or(own)).collect();
        }
    }
    if !rules.missing_judged {
        for (cell, verdict) in linked.table.cells.iter().zip(&mut verdicts) {
            if cell.codes.iter().zip(&linked.missing).any(|(code, missing)| *code != TOTAL && missing.contains(code)) {
                *verdict = Verdict::default();
            }
        }
    }
    Ok(verdicts)
}

/// What was published before stays published; what has to be shown and is unsafe is a contradiction.
fn shown(linked: &mut Linked, rulings: &mut [Ruling]) -> Result<(), Diagnostics> {
    let mut wrong = Diagnostics::default();
    let mut published = 0;
    for (at, ruling) in rulings.iter_mut().enumerate().filter(|(_, ruling)| ruling.level.is_some()) {
        if linked.known[at] {
            *ruling = Ruling::default();
            published += 1;
        } else if linked.table.cells[at].declared == Declared::Shown {
            let place = Place::Cell {
                table: linked.members.first().map(|member| member.name.clone()).unwrap_or_default(),
                cell: linked.table.name(at),
            };
            wrong.push(Diagnostic::error("conflict", "the cell has to be shown and is unsafe").at(place));
        }
    }
    let count = wrong.0.len();
    wrong.0.truncate(EXAMPLES);
    if count > wrong.0.len() {
        wrong.push(Diagnostic::error("conflict", format!("{count} cells have to be shown and are unsafe")));
    }
    if published > 0 {
        let headline = format!(
            "{published} cells are unsafe and were published before; they stay known, and others are protected beside them"
        );
        linked.findings.push(Diagnostic::warning("published-before", headline));
    }
    wrong.finish(()).map(drop)
}

/// The problem of an attacker, with who owns single-contributor cells, and what is rounded.
pub fn problem(linked: &Linked, rulings: &[Ruling], cost: Cost, rounding: &Rounding) -> Problem {
    let levels: Vec<Option<Level>> = rulings.iter().map(|ruling| ruling.level).collect();
    let mut problem = with_levels(&linked.table, &levels, cost);
    for (at, shares) in super::unnamed::shares(&linked.table, &problem) {
        problem.cells[at].shares = shares;
    }
    for at in 0..linked.table.cells.len() {
        if linked.known[at] && linked.table.cells[at].declared == Declared::Shown {
            problem.cells[at].fate = Fate::Shown;
        }
        let base = if linked.known[at] { rounding.known } else { rounding.own };
        problem.cells[at].half_width = base.map_or(0, |base| half(base, linked.table.whole));
    }
    problem
}

/// To what base values are rounded, in whole units of the measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Rounding {
    /// Those of the release.
    pub own: Option<u32>,
    /// Those that were published before.
    pub known: Option<u32>,
}

/// Half the base; of whole numbers, the whole part of it.
pub fn half(base: u32, whole: bool) -> i128 {
    if whole { i128::from(base / 2) } else { i128::from(base) * i128::from(SCALE) / 2 }
}
