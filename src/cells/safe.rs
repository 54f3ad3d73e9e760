//! Safe cells are what may leave of a table made elsewhere: codes, values and states. Only an attack that learns nothing makes them.
//!
//! ```compile_fail,E0451
//! let cells = sluis::cells::safe::SafeCells { tables: Vec::new() };
//! ```

use super::link::{Linked, Member};
use super::rulings::{Rounding, Ruling};
use super::table::TOTAL;
use super::unions::{Union, demanded, together};
use crate::amount::{SCALE, decimal, divide_round};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::disclosure::audit::attack::{Ends, Finding, Leak, Report, attack, known_sums};
use crate::disclosure::problem::{Attackers, Problem};
use crate::disclosure::rules::Level;
use crate::disclosure::safe::State;
use crate::disclosure::suppress::search::Pattern;
use crate::tables::set::Stats;

/// Findings shown.
const EXAMPLES: usize = 20;

/// Shown cells named in a combination.
const COMBINATION: usize = 6;

/// Tables that an attack accepted.
#[derive(Debug)]
pub struct SafeCells {
    tables: Vec<SafeTable>,
}

/// One of them.
#[derive(Debug)]
pub struct SafeTable {
    pub name: String,
    pub columns: Vec<String>,
    /// Values are numbers of units.
    pub whole: bool,
    pub rows: Vec<SafeRow>,
}

/// A cell; a total is an empty code.
#[derive(Debug)]
pub struct SafeRow {
    pub codes: Vec<String>,
    /// There when the state is value or zero.
    pub value: Option<String>,
    pub state: State,
}

impl SafeCells {
    pub fn tables(&self) -> &[SafeTable] {
        &self.tables
    }

    /// Attacks the pattern; when nothing is learned, the cells that are shown.
    ///
    /// # Errors
    /// `audit-failed` with every cell that is laid open.
    pub fn after(
        linked: &Linked,
        rulings: &[Ruling],
        problem: &Problem,
        pattern: &Pattern,
        rounding: &Rounding,
        judge: &Judge<'_>,
    ) -> Result<(Self, Report), Diagnostics> {
        let (problem, withheld) = with_sums(linked, problem, &pattern.withheld, judge);
        let report = attack(&problem, &withheld, &pattern.witnesses, Attackers::Contributors, Ends::AsFarAsLevel);
        let shown = rulings.iter().zip(&pattern.withheld).any(|(ruling, withheld)| ruling.level.is_some() && !withheld);
        if shown || !report.findings.is_empty() {
            let mut wrong = laid_open(linked, &report.findings);
            if wrong.0.is_empty() {
                wrong.push(Diagnostic::error("audit-failed", "an unsafe cell would be shown"));
            }
            return Err(wrong);
        }
        let table = |member: &Member| SafeTable {
            name: member.name.clone(),
            columns: member.dimensions.iter().map(|at| linked.table.dimensions[*at].name.clone()).collect(),
            whole: linked.table.whole,
            rows: member.cells.iter().map(|cell| row(linked, member, *cell, pattern.withheld[*cell], rounding)).collect(),
        };
        Ok((Self { tables: linked.members.iter().map(table).collect() }, report))
    }
}

/// The level of what the rules make unsafe.
pub type Judge<'a> = dyn Fn(&Stats) -> Option<Level> + 'a;

/// The problem with a demand for every unsafe sum of withheld cells that is as good as shown; a sum is withheld as such.
pub fn with_sums(linked: &Linked, problem: &Problem, withheld: &[bool], judge: &Judge<'_>) -> (Problem, Vec<bool>) {
    let (mut problem, mut withheld) = (problem.clone(), withheld.to_vec());
    let count = linked.table.cells.len();
    let demanded = demanded(count, &problem);
    let known = known_sums(&problem, &withheld);
    let new = |parts: &Vec<u32>| parts.iter().all(|part| (*part as usize) < count) && !demanded.contains(parts);
    for parts in known.into_iter().filter(new) {
        if let Some(level) = judge(&together(&linked.table, &parts)) {
            Union { parts, level }.demand_in(&mut problem);
            withheld.push(true);
        }
    }
    (problem, withheld)
}

fn row(linked: &Linked, member: &Member, cell: usize, withheld: bool, rounding: &Rounding) -> SafeRow {
    let own = &linked.table.cells[cell];
    let code = |at: &usize| match own.codes[*at] {
        TOTAL => String::new(),
        code => linked.table.dimensions[*at].codes[code as usize].clone(),
    };
    let codes = member.dimensions.iter().map(code).collect();
    if withheld {
        return SafeRow { codes, value: None, state: State::Suppressed };
    }
    let value = rounded(own.value(linked.table.whole), linked.table.whole, rounding.own);
    let text = if linked.table.whole {
        value.to_string()
    } else {
        decimal(value, if rounding.own.is_some() { 0 } else { linked.decimals })
    };
    let empty = own.stats.units == 0 && own.stats.total == 0;
    SafeRow { codes, value: Some(text), state: if empty { State::Zero } else { State::Value } }
}

/// To a multiple of the base, half away from zero.
fn rounded(value: i128, whole: bool, base: Option<u32>) -> i128 {
    let Some(base) = base else { return value };
    let base = i128::from(base) * if whole { 1 } else { i128::from(SCALE) };
    divide_round(value, base) * base
}

/// What an attack found, by the names of cells and without a value.
pub fn laid_open(linked: &Linked, findings: &[Finding]) -> Diagnostics {
    let mut wrong = Diagnostics::default();
    let count = linked.table.cells.len();
    let name = |cell: u32| match (cell as usize) < count {
        true => linked.table.name(cell as usize),
        false => "a sum of withheld cells that no table prints".to_owned(),
    };
    let table = || linked.members.first().map(|member| member.name.clone()).unwrap_or_default();
    for finding in findings.iter().take(EXAMPLES) {
        let headline = match finding.leak {
            Leak::Shown => "an unsafe cell is shown",
            Leak::Recovered => "shown cells give the value of a withheld cell exactly",
            Leak::Narrowed => "shown cells give the value of a withheld cell more closely than its level allows",
            Leak::ByRules => "shown cells and the rules leave one number of units only",
            Leak::ToContributor => "a contributor gets closer to the value of a withheld cell than its level allows",
        };
        let mut diagnostic =
            Diagnostic::error("audit-failed", headline).at(Place::Cell { table: table(), cell: name(finding.cell) });
        if finding.leak == Leak::Recovered && !finding.combination.is_empty() {
            let part = |(factor, cell): &(f64, u32)| format!("{} {}", if *factor < 0.0 { "−" } else { "+" }, name(*cell));
            let mut parts: Vec<String> = finding.combination.iter().take(COMBINATION).map(part).collect();
            if finding.combination.len() > COMBINATION {
                parts.push(format!("and {} more", finding.combination.len() - COMBINATION));
            }
            diagnostic = diagnostic.note(parts.join("; "));
        }
        wrong.push(diagnostic);
    }
    if findings.len() > EXAMPLES {
        wrong.push(Diagnostic::error("audit-failed", format!("{} cells are laid open in all", findings.len())));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_rounded_half_away_from_zero() {
        assert_eq!(rounded(25, true, Some(10)), 30);
        assert_eq!(rounded(-25, true, Some(10)), -30);
        assert_eq!(rounded(149_999, false, Some(10)), 100_000);
        assert_eq!(rounded(149_999, false, None), 149_999);
    }
}
