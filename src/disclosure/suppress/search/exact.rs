//! The exact method (Fischetti and Salazar 2001): a master program chooses what to withhold, attacks on its choice give cuts, until no
//! attack succeeds. What the master costs is a bound that no pattern goes below.

use std::time::Instant;

use rayon::prelude::*;

use super::attack::{Attack, Cut, Examined, Extent, Scenario, examine_locally};
use super::claims::{claims, convinces, remaining};
use super::fast;
use super::ground::Ground;
use super::ledger::Ledger;
use super::master::{Choice, Master};
use super::{Options, Pattern, Stuck};
use crate::disclosure::problem::Problem;
use crate::disclosure::problem::Witness;

/// Rounds of cuts at choices in parts.
const ROUNDS_MAX: usize = 60;
/// Scenarios examined together.
const CHUNK: usize = 32;
/// Systems with more cells are attacked region by region.
const LOCAL_MIN: usize = 2_500;
/// A pattern up to so much dearer than the best is worth improving.
const NEAR: f64 = 1.03;
/// Part by which a bound may fall short of a cost and still prove it.
const PROVEN: f64 = 1e-7;

pub(super) fn solve(problem: &Problem, options: &Options) -> Result<Pattern, Stuck> {
    let began = Instant::now();
    let ground = Ground::new(problem, options.attackers);
    let claims = claims(problem);
    let (ledger, mut programs) = fast::pattern(&ground, &claims)?;
    let mut search = Search::new(&ground, ledger, *options, began);
    let bound = search.run();
    programs += search.programs;
    let ledger = search.best;
    Ok(fast::finish(ledger, Some(bound), programs))
}

struct Search<'a> {
    ground: &'a Ground<'a>,
    best: Ledger<'a>,
    master: Master<'a, 'a>,
    scenarios: Vec<Scenario>,
    options: Options,
    began: Instant,
    programs: usize,
}

/// How long the search may still go on.
#[derive(Clone, Copy)]
struct Clock {
    began: Instant,
    seconds_max: Option<f64>,
}

impl Clock {
    fn left(self) -> f64 {
        self.seconds_max.map_or(f64::INFINITY, |max| max - self.began.elapsed().as_secs_f64())
    }
}

impl<'a> Search<'a> {
    fn new(ground: &'a Ground<'a>, best: Ledger<'a>, options: Options, began: Instant) -> Self {
        Self { ground, best, master: Master::new(ground), scenarios: Vec::new(), options, began, programs: 0 }
    }

    fn left(&self) -> f64 {
        self.clock().left()
    }

    fn clock(&self) -> Clock {
        Clock { began: self.began, seconds_max: self.options.seconds_max }
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
        while self.left() > 0.0 && bound < self.best.cost() * (1.0 - PROVEN) {
            let limit = if self.left().is_finite() { self.left() } else { 1e9 };
            let Some(choice) = self.master.whole(gap, limit) else { break };
            bound = bound.max(choice.bound);
            let cuts = self.examine_whole(&choice);
            if cuts == 0 {
                gap = if choice.proven && gap <= PROVEN / 10.0 { break } else { (gap / 10.0).max(PROVEN / 10.0) };
            }
        }
        bound.min(self.best.cost())
    }

    /// The claims that do not hold when only the hidden cells are withheld, each with its first cut.
    fn open_scenarios(&mut self) {
        let hidden: Vec<f64> = self.ground.hidden().into_iter().map(|hidden| f64::from(u8::from(hidden))).collect();
        let claims = self.best.claims;
        let mut alone = Ledger::new(self.ground, claims);
        self.programs += fast::confirm(&mut alone);
        let bare = (0..claims.len()).filter(|claim| !claims[*claim].rules && !alone.shown[*claim].is_found());
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
        let (ground, claims, clock) = (self.ground, self.best.claims, self.clock());
        let answers: Vec<(Vec<Examined>, usize)> = if ground.problem.cells.len() > LOCAL_MIN {
            let price: Vec<f64> = (0..part.len()).map(|cell| ground.cost(cell as u32) * (1.0 - 0.99 * part[cell])).collect();
            let one = |scenario: &Scenario| match clock.left() <= 0.0 {
                true => (vec![Err(None)], 0),
                false => {
                    let (answer, solved) = examine_locally(ground, claims, scenario, part, &price, extent);
                    (vec![answer], solved)
                }
            };
            scenarios.par_iter().map(one).collect()
        } else {
            scenarios
                .par_chunks(CHUNK)
                .map(|chunk| {
                    let mut attack = Attack::new(ground, claims);
                    let one = |scenario| if clock.left() <= 0.0 { Err(None) } else { attack.examine(scenario, part, extent) };
                    let answers = chunk.iter().map(one).collect();
                    (answers, attack.solved)
                })
                .collect()
        };
        self.programs += answers.iter().map(|(_, solved)| solved).sum::<usize>();
        answers.into_iter().flat_map(|(answers, _)| answers).collect()
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
            if stalled > 4 || self.left() <= 0.0 {
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
        let mut start = Ledger::new(self.ground, self.best.claims);
        (0..start.withheld.len()).for_each(|cell| start.withheld[cell] |= choice.part[cell] > 0.5);
        self.programs += fast::confirm(&mut start);
        self.examine_open(choice, &mut start);
        if self.left() > 0.0 {
            self.complete(start);
        }
        self.master.cuts.len() - before
    }

    /// Attacks every claim that is not shown: by everybody, then by one contributor after the other to whom the witnesses found say
    /// nothing, until one succeeds, who is an attacker from now on.
    fn examine_open(&mut self, choice: &Choice, start: &mut Ledger<'a>) {
        let open: Vec<usize> = start.open().into_iter().filter(|claim| !start.claims[*claim].rules).collect();
        let (ground, claims, clock) = (self.ground, self.best.claims, self.clock());
        let state = &*start;
        let answers: Vec<(Vec<Opened>, usize)> = open
            .par_chunks(CHUNK)
            .map(|chunk| {
                let mut attack = Attack::new(ground, claims);
                let in_time = chunk.iter().take_while(|_| clock.left() > 0.0);
                let answers = in_time.map(|claim| open_claim(state, &mut attack, *claim, &choice.part)).collect();
                (answers, attack.solved)
            })
            .collect();
        for (answers, solved) in answers {
            self.programs += solved;
            for answer in answers {
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
    }

    /// Makes a pattern of the choice, and keeps it when it is better.
    fn complete(&mut self, mut start: Ledger<'a>) {
        let Ok(programs) = fast::cover(&mut start) else { return };
        start.release_unused();
        self.programs += programs;
        if start.cost() < self.best.cost() * NEAR {
            self.programs += fast::improve(&mut start, fast::budget(0) / 20);
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

fn open_claim(ledger: &Ledger<'_>, attack: &mut Attack<'_, '_>, at: usize, part: &[f64]) -> Opened {
    let (ground, claim) = (ledger.ground, &ledger.claims[at]);
    let mut opened = Opened::default();
    let mut open_to: Option<Vec<u32>> = None;
    let mut scenario = Scenario { claim: at, against: None, amount: claim.amount };
    loop {
        let witness = match attack.examine(&scenario, part, Extent::Whole) {
            Ok(witness) => witness,
            Err(cut) => {
                opened.broken = Some((scenario, cut));
                return opened;
            }
        };
        let who = ledger.who(claim, &witness, 1.0);
        let mut left = open_to.unwrap_or_else(|| who.clone());
        left.retain(|one| !convinces(ground, claim, scenario.amount, &who, *one));
        opened.witnesses.push(witness);
        let Some(next) = left.first().copied() else { return opened };
        scenario = Scenario { claim: at, against: Some(next), amount: remaining(ground, claim, next) };
        open_to = Some(left);
    }
}
