//! The exact method (Fischetti and Salazar 2001): a master program chooses what to withhold, attacks on its choice give cuts, until no
//! attack succeeds. What the master costs is a bound that no pattern goes below.

use rayon::prelude::*;

use super::attack::{Cut, Examined, Extent, Scenario, examine};
use super::claims::{claims, convinces, remaining};
use super::clock::Clock;
use super::fast;
use super::ground::Ground;
use super::improve::{IMPROVEMENT, improve};
use super::ledger::Ledger;
use super::master::{Choice, Master};
use super::{Options, Pattern, Stuck};
use crate::disclosure::problem::Problem;
use crate::disclosure::problem::Witness;

/// Rounds of cuts at choices in parts.
const ROUNDS_MAX: usize = 60;
/// Part of the time that the pattern to begin with may take.
const START: f64 = 0.3;
/// Programs that finding any pattern counts as at least when they are limited.
const PROGRAMS_MIN: usize = 500;
/// Nodes of a choice of whole cells when the programs are limited.
const NODES_MAX: i32 = 2_000;
/// A pattern up to so much dearer than the best is worth improving.
const NEAR: f64 = 1.03;
/// Part by which a bound may fall short of a cost and still prove it.
const PROVEN: f64 = 1e-7;

pub(super) fn solve(problem: &Problem, options: &Options, times_max: usize) -> Result<Pattern, Stuck> {
    let clock = Clock::start(options.seconds_max);
    let ground = Ground::new(problem, options.attackers);
    let claims = claims(&ground);
    // The search itself makes more of a small problem than giving cells back one by one.
    let improvement = if problem.columns.is_empty() { IMPROVEMENT } else { 0 };
    let (ledger, programs) = fast::pattern(&ground, &claims, clock.part(START), improvement)?;
    if ledger.cost() <= 0.0 {
        return Ok(fast::finish(ledger, Some(0.0), programs));
    }
    let programs_max = programs.max(PROGRAMS_MIN).saturating_mul(times_max);
    let mut search = Search::new(&ground, ledger, clock, programs_max);
    search.programs = programs;
    let bound = search.run();
    Ok(fast::finish(search.best, Some(bound), search.programs))
}

struct Search<'a> {
    ground: &'a Ground<'a>,
    best: Ledger<'a>,
    /// What is shown when only the hidden cells are withheld.
    bare: Ledger<'a>,
    master: Master<'a, 'a>,
    scenarios: Vec<Scenario>,
    clock: Clock,
    programs: usize,
    programs_max: usize,
}

impl<'a> Search<'a> {
    fn new(ground: &'a Ground<'a>, best: Ledger<'a>, clock: Clock, programs_max: usize) -> Self {
        let bare = Ledger::new(ground, best.claims);
        Self { ground, best, bare, master: Master::new(ground), scenarios: Vec::new(), clock, programs: 0, programs_max }
    }

    fn is_over(&self) -> bool {
        self.clock.is_over() || self.programs >= self.programs_max
    }

    /// Returns the bound.
    fn run(&mut self) -> f64 {
        self.master.add_bridges();
        self.master.add_local(self.best.claims);
        self.open_scenarios();
        if self.scenarios.is_empty() {
            return self.best.cost();
        }
        let mut bound = self.relax();
        let mut gap = 0.02;
        while !self.is_over() && bound < self.best.cost() * (1.0 - PROVEN) {
            let limit = self.clock.left().min(1e9);
            let nodes = (self.programs_max < usize::MAX).then_some(NODES_MAX);
            let Some(choice) = self.master.whole(gap, limit, nodes) else { break };
            bound = bound.max(choice.bound);
            let cuts = self.examine_whole(&choice);
            if cuts == 0 {
                gap = if gap <= PROVEN / 10.0 { break } else { (gap / 10.0).max(PROVEN / 10.0) };
            }
        }
        bound.min(self.best.cost())
    }

    /// The claims that do not hold when only the hidden cells are withheld, each with its first cut.
    fn open_scenarios(&mut self) {
        let hidden: Vec<f64> = self.ground.hidden().into_iter().map(|hidden| f64::from(u8::from(hidden))).collect();
        let claims = self.best.claims;
        let needs =
            |(cell, difference): &(u32, f64)| self.ground.needs_withholding(*cell, *difference) && hidden[*cell as usize] < 1.0;
        let free = self.best.witnesses.iter().filter(|witness| !witness.differences().iter().any(needs));
        free.for_each(|witness| _ = self.bare.enter(witness.clone()));
        self.programs += fast::confirm(&mut self.bare);
        let bare = (0..claims.len()).filter(|claim| !claims[*claim].rules && !self.bare.shown[*claim].is_found());
        let all: Vec<Scenario> = bare.map(|claim| Scenario { claim, against: None, amount: claims[claim].amount }).collect();
        let answers = self.examine(&all, &hidden, Extent::Whole);
        for (scenario, answer) in all.into_iter().zip(answers) {
            if let Err(cut) = answer {
                self.scenarios.push(scenario);
                self.master.cuts.extend(cut);
            }
        }
    }

    fn examine(&mut self, scenarios: &[Scenario], part: &[f64], extent: Extent) -> Vec<Examined> {
        let (ground, claims, clock) = (self.ground, self.best.claims, self.clock);
        let price = prices(ground, part);
        let one = |scenario: &Scenario| match clock.is_over() {
            true => (Err(None), 0),
            false => examine(ground, claims, scenario, part, &price, extent),
        };
        let answers: Vec<(Examined, usize)> = scenarios.par_iter().map(one).collect();
        self.programs += answers.iter().map(|(_, solved)| solved).sum::<usize>();
        answers.into_iter().map(|(answer, _)| answer).collect()
    }

    /// Cuts at choices in parts until they bring little.
    fn relax(&mut self) -> f64 {
        let mut bound: f64 = 0.0;
        let mut stalled = 0;
        for _round in 0..ROUNDS_MAX {
            let Some((choice, reduced)) = self.master.relaxed() else { break };
            stalled = if choice.bound < bound * 1.0005 { stalled + 1 } else { 0 };
            bound = bound.max(choice.bound);
            self.master.rule_out(&choice, &reduced, self.best.cost());
            if stalled > 4 || self.is_over() {
                break;
            }
            let scenarios = self.scenarios.clone();
            let answers = self.examine(&scenarios, &choice.part, Extent::Parts);
            let before = self.master.cuts.len();
            answers.into_iter().for_each(|answer| self.master.cuts.extend(answer.err().flatten()));
            if self.master.cuts.len() == before {
                break;
            }
        }
        bound
    }

    /// Attacks a choice of whole cells; what stands and is cheaper becomes the best. Returns the number of cuts found.
    fn examine_whole(&mut self, choice: &Choice) -> usize {
        let before = self.master.cuts.len();
        let mut start = self.bare.clone();
        let chosen =
            (0..choice.part.len() as u32).filter(|cell| choice.part[*cell as usize] > 0.5 && self.ground.is_decided(*cell));
        chosen.for_each(|cell| self.ground.withhold(cell, &mut start.withheld));
        self.programs += fast::confirm(&mut start);
        self.examine_open(choice, &mut start);
        if !self.clock.is_over() {
            self.complete(start, choice.bound);
        }
        self.master.cuts.len() - before
    }

    /// Attacks every claim that is not shown: by everybody, then by one contributor after the other to whom the witnesses found say
    /// nothing, until one succeeds, who is an attacker from now on.
    fn examine_open(&mut self, choice: &Choice, start: &mut Ledger<'a>) {
        let open: Vec<usize> = start.open().into_iter().filter(|claim| !start.claims[*claim].rules).collect();
        let (ground, clock) = (self.ground, self.clock);
        let (state, price) = (&*start, prices(ground, &choice.part));
        let one = |claim: &usize| match clock.is_over() {
            true => (Opened::default(), 0),
            false => open_claim(state, *claim, &choice.part, &price),
        };
        let answers: Vec<(Opened, usize)> = open.par_iter().map(one).collect();
        for (answer, solved) in answers {
            self.programs += solved;
            for witness in answer.witnesses {
                start.enter(witness);
            }
            if let Some((scenario, cut)) = answer.broken {
                self.master.cuts.extend(cut);
                if !self.scenarios.contains(&scenario) {
                    self.scenarios.push(scenario);
                }
            }
        }
    }

    /// Makes a pattern of the choice, and keeps it when it is better.
    fn complete(&mut self, mut start: Ledger<'a>, bound: f64) {
        let Ok(programs) = fast::cover(&mut start) else { return };
        start.release_unused();
        self.programs += programs;
        if start.cost() < self.best.cost() * NEAR && start.cost() > bound * (1.0 + PROVEN) {
            self.programs += improve(&mut start, IMPROVEMENT / 20, self.clock);
        }
        if start.cost() < self.best.cost() * (1.0 - 1e-12) {
            self.best = start;
        }
    }
}

/// What became of a claim that was attacked.
#[derive(Default)]
struct Opened {
    witnesses: Vec<Witness>,
    broken: Option<(Scenario, Option<Cut>)>,
}

/// Cells that are withheld are near at hand where a region grows.
fn prices(ground: &Ground<'_>, part: &[f64]) -> Vec<f64> {
    (0..part.len()).map(|cell| ground.cost(cell as u32) * (1.0 - 0.99 * part[cell])).collect()
}

/// What became of the claim, and the programs solved.
fn open_claim(ledger: &Ledger<'_>, at: usize, part: &[f64], price: &[f64]) -> (Opened, usize) {
    let (ground, claim) = (ledger.ground, &ledger.claims[at]);
    let (mut opened, mut solved) = (Opened::default(), 0);
    let mut open_to: Option<Vec<u32>> = None;
    let mut scenario = Scenario { claim: at, against: None, amount: claim.amount };
    loop {
        let (answer, programs) = examine(ground, ledger.claims, &scenario, part, price, Extent::Whole);
        solved += programs;
        let witness = match answer {
            Ok(witness) => witness,
            Err(cut) => {
                opened.broken = Some((scenario, cut));
                return (opened, solved);
            }
        };
        let who = ledger.who(claim, &witness, 1.0);
        let mut left = open_to.unwrap_or_else(|| who.clone());
        left.retain(|one| !convinces(ground, claim, scenario.amount, &who, *one));
        opened.witnesses.push(witness);
        let Some(next) = left.first().copied() else { return (opened, solved) };
        scenario = Scenario { claim: at, against: Some(next), amount: remaining(ground, claim, next) };
        open_to = Some(left);
    }
}
