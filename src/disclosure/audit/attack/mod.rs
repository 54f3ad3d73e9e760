//! The attack on a pattern of a [`Problem`]: whatever way it was found, and with code of its own.
//!
//! Every demand is tried from both sides, by readers and by contributors with what they know. Witnesses that are offered are taken after
//! they are checked against everything shown; where they do not answer, linear programs do, first around the cell and then over all that
//! hangs together with it. What a program finds in a part is possible in the whole, so that a part can clear a cell and never convict it.

use rayon::prelude::*;

use crate::disclosure::problem::{Attackers, Demand, Problem, Witness};
use crate::disclosure::rules::Level;

mod elimination;
mod insider;
mod intervals;
mod offered;
mod stand;
mod sums;

pub use sums::known_sums;

use insider::Knower;
use intervals::Reach;
use offered::Offered;
use stand::{Side, Stand};

/// What came of an attack.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub findings: Vec<Finding>,
    /// One per demand, in their order.
    pub demands: Vec<Interval>,
    pub effort: Effort,
}

/// How far a demanded cell can be from its true value in the eyes of a reader.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Interval {
    pub cell: u32,
    /// Distance below and above that cannot be excluded; infinite where nothing bounds it.
    pub below: f64,
    pub above: f64,
    /// The ends are exact; otherwise they were followed as far as the level.
    pub exact: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub cell: u32,
    pub leak: Leak,
    /// Shown cells with the factor each takes in the combination that gives the value; empty when it is only narrowed down.
    pub combination: Vec<(f64, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leak {
    /// An unsafe cell is shown.
    Shown,
    /// Shown cells give its value exactly.
    Recovered,
    /// Shown cells give its value more closely than its level allows.
    Narrowed,
    /// The rules leave only one number of units.
    ByRules,
    /// A contributor who knows its own contributions gets closer than the level allows.
    ToContributor,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Effort {
    pub witnesses_offered: usize,
    pub witnesses_sound: usize,
    pub programs: usize,
    /// Attacks by a contributor.
    pub insiders: usize,
}

/// Whether the ends of intervals are sought beyond the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    AsFarAsLevel,
    Exact,
}

/// Attacks a pattern; `withheld` has one entry per cell.
pub fn attack(problem: &Problem, withheld: &[bool], witnesses: &[Witness], attackers: Attackers, ends: Ends) -> Report {
    assert!(withheld.len() == problem.cells.len(), "a pattern has one entry per cell");
    let stand = Stand::new(problem, withheld, attackers);
    let offered = Offered::new(&stand, witnesses);
    let mut report = Report::default();
    report.effort.witnesses_offered = offered.offered;
    report.effort.witnesses_sound = offered.sound.len();
    let order: Vec<usize> = (0..problem.demands.len()).collect();
    let answers: Vec<Vec<Answer>> =
        order.par_chunks(64).map(|chunk| chunk.iter().map(|at| examine(&stand, &offered, *at, ends)).collect()).collect();
    for answer in answers.into_iter().flatten() {
        report.effort.programs += answer.programs;
        report.effort.insiders += answer.insiders;
        report.findings.extend(answer.finding);
        report.demands.push(answer.interval);
    }
    by_rules(problem, withheld, witnesses, &mut report);
    report
}

/// The same for who knows the rules: every ruled number of units must have another that is possible.
fn by_rules(problem: &Problem, withheld: &[bool], offered: &[Witness], report: &mut Report) {
    let mut known = problem.clone();
    for ruled in problem.ruled.iter().filter(|ruled| withheld[ruled.cell as usize]) {
        let cell = &mut known.cells[ruled.cell as usize];
        cell.least = Some(cell.least.map_or(ruled.least, |least| least.max(ruled.least)));
        cell.most = Some(cell.most.map_or(ruled.most, |most| most.min(ruled.most)));
    }
    let stand = Stand::new(&known, withheld, Attackers::Outsiders);
    let offered = Offered::for_cells(&stand, offered, problem.ruled.iter().map(|ruled| ruled.cell));
    for ruled in problem.ruled.iter().filter(|ruled| ruled.guarded && withheld[ruled.cell as usize]) {
        let demand = Demand { cell: ruled.cell, level: Level { lower: 1, upper: 1 }, known: Vec::new() };
        let mut reach = Reach::new(&stand);
        let mut possible = |side| {
            offered.reaches(&stand, &demand, side, 1.0)
                || reach.furthest(&demand, side, 1.0, None, Ends::AsFarAsLevel) >= 1.0 - stand::SLACK
        };
        if !possible(Side::Above) && !possible(Side::Below) {
            report.findings.push(Finding { cell: ruled.cell, leak: Leak::ByRules, combination: Vec::new() });
        }
        report.effort.programs += reach.programs;
    }
}

/// What came of one demand.
struct Answer {
    interval: Interval,
    finding: Option<Finding>,
    programs: usize,
    insiders: usize,
}

fn examine(stand: &Stand<'_>, offered: &Offered, at: usize, ends: Ends) -> Answer {
    let demand = &stand.problem.demands[at];
    let mut answer = Answer {
        interval: Interval { cell: demand.cell, below: 0.0, above: 0.0, exact: true },
        finding: None,
        programs: 0,
        insiders: 0,
    };
    let found = |leak, combination| Some(Finding { cell: demand.cell, leak, combination });
    if !stand.withheld[demand.cell as usize] {
        answer.finding = found(Leak::Shown, vec![(1.0, demand.cell)]);
        return answer;
    }
    let mut reach = Reach::new(stand);
    let sides = [(Side::Above, demand.level.upper), (Side::Below, stand.lower(demand))];
    for (side, level) in sides {
        let level = level as f64;
        let distance = match offered.reaches(stand, demand, side, level) {
            true if ends == Ends::AsFarAsLevel => level,
            _ => reach.furthest(demand, side, level, None, ends),
        };
        answer.interval.exact &= ends == Ends::Exact || distance < level;
        *(if side == Side::Above { &mut answer.interval.above } else { &mut answer.interval.below }) = distance;
        if distance < level * (1.0 - stand::SLACK) {
            let combination = elimination::combination(stand, demand);
            let leak = if combination.is_some() { Leak::Recovered } else { Leak::Narrowed };
            answer.finding = answer.finding.or(found(leak, combination.unwrap_or_default()));
            continue;
        }
        if stand.attackers == Attackers::Contributors && answer.finding.is_none() {
            let open = insider::open_to(stand, offered, demand, side, level, &mut reach);
            answer.insiders += open.len();
            let learns = |knower: &Knower| {
                reach.furthest(demand, side, knower.level, Some(knower.contributor), Ends::AsFarAsLevel)
                    < knower.level * (1.0 - stand::SLACK)
            };
            if open.iter().any(learns) {
                answer.finding = found(Leak::ToContributor, Vec::new());
            }
        }
    }
    answer.programs = reach.programs;
    answer
}
