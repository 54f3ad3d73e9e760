//! The fast method: witnesses are sought region by region, the most demanding claims first; then what is withheld is given back where the
//! claims that lean on it find other witnesses at less cost.

use rayon::prelude::*;

use super::allowance::{Allowance, Allowances, Outcome};
use super::bench::{Bench, More};
use super::boxes;
use super::claims::{Claim, claims};
use super::clock::Clock;
use super::ground::Ground;
use super::improve::{IMPROVEMENT, budget, improve};
use super::ledger::Ledger;
use super::master::Master;
use super::region::Region;
use super::{Options, Pattern, Stuck};
use crate::disclosure::problem::{Problem, Witness};

/// How many times as large as the first region is one in which nothing more may be withheld.
const CONFIRMED: usize = 4;
/// Regions that are worked at the same time, all from the same state, so that the number of threads changes nothing.
pub(super) const BATCH: usize = 32;
/// Open claims among which those of a batch are looked for.
const SEEN: usize = 32 * BATCH;
/// Claims that one region serves.
const SERVED_MAX: usize = 48;
/// Rounds of cuts that guide the first pattern, cuts beyond which one round has to do, and what is taken off the price of a cell that is withheld there.
const GUIDE_ROUNDS: usize = 15;
const GUIDE_CUTS: usize = 60_000;
const DISCOUNT: f64 = 0.99;

pub(super) fn solve(problem: &Problem, options: &Options) -> Result<Pattern, Stuck> {
    let ground = Ground::new(problem, options.attackers);
    let claims = claims(&ground);
    let (ledger, programs) = pattern(&ground, &claims, Clock::start(options.seconds_max), IMPROVEMENT)?;
    Ok(finish(ledger, None, programs))
}

/// A pattern of low cost, which is not improved any more when the time is over, and the programs solved for it.
pub(super) fn pattern<'a>(
    ground: &'a Ground<'a>,
    claims: &'a [Claim],
    clock: Clock,
    improvement: usize,
) -> Result<(Ledger<'a>, usize), Stuck> {
    let mut ledger = Ledger::new(ground, claims);
    guide(&mut ledger);
    let mut programs = cover(&mut ledger)?;
    ledger.price = ground.problem.cells.iter().map(|cell| cell.cost).collect();
    ledger.release_unused();
    programs += improve(&mut ledger, budget(programs, improvement), clock);
    Ok((ledger, programs))
}

/// Makes cells cheap that the least cost in parts of cells withholds, as far as single sums tell.
fn guide(ledger: &mut Ledger<'_>) {
    let mut master = Master::new(ledger.ground);
    master.add_local(ledger.claims);
    for round in 0..GUIDE_ROUNDS {
        let Some((choice, _)) = master.relaxed() else { return };
        let added = master.add_broken_bridges(&choice);
        let last = added == 0 || round + 1 == GUIDE_ROUNDS || master.cuts.len() > GUIDE_CUTS;
        if last {
            for (cell, part) in choice.part.iter().enumerate() {
                ledger.price[cell] = ledger.ground.cost(cell as u32) * (1.0 - DISCOUNT * part);
            }
        }
        if last {
            return;
        }
    }
}

pub(super) fn finish(ledger: Ledger<'_>, bound: Option<f64>, programs: usize) -> Pattern {
    assert!(ledger.open().is_empty(), "every claim has its witnesses");
    let cost = ledger.cost();
    Pattern { cost, bound, programs, witnesses: ledger.witnesses_used(), withheld: ledger.withheld }
}

/// Finds witnesses for every claim. Returns the number of programs solved.
pub(super) fn cover(ledger: &mut Ledger<'_>) -> Result<usize, Stuck> {
    let (ground, mut programs) = (ledger.ground, 0);
    let mut allowances = Allowances::new(ground, ledger.claims.len());
    loop {
        let due = allowances.due(ledger);
        if due.is_empty() {
            return Ok(programs);
        }
        let (solved, outcomes) = sweep(ledger, &due, Span::Boxes(&allowances));
        programs += solved;
        // What was met and is open all the same is as good as not found, so that nothing is tried for ever.
        let is_open = |claim: &usize| !ledger.shown[*claim].is_complete();
        let left = outcomes.into_iter().filter(|(claim, _)| is_open(claim));
        let mut unmet: Vec<u32> = Vec::new();
        for (claim, outcome) in left {
            if !allowances.note(ground, claim, outcome) {
                unmet.push(ledger.claims[claim].cell);
            }
        }
        if !unmet.is_empty() {
            unmet.sort_unstable();
            unmet.dedup();
            return Err(Stuck { cells: unmet });
        }
        allowances.spend_more();
    }
}

/// Finds witnesses that need nothing more withheld. Returns the number of programs solved.
pub(super) fn confirm(ledger: &mut Ledger<'_>) -> usize {
    let (open, size) = (ledger.open(), ledger.ground.region * CONFIRMED);
    sweep(ledger, &open, Span::Withheld(size)).0
}

/// Where witnesses are sought, and what they may need.
#[derive(Clone, Copy)]
enum Span<'a> {
    /// In boxes around a claim and cells beside them; more may be withheld.
    Boxes(&'a Allowances),
    /// In so many cells around a claim, all of them withheld as it is.
    Withheld(usize),
}

impl Span<'_> {
    fn more(self) -> More {
        if matches!(self, Self::Boxes(_)) { More::Allowed } else { More::Refused }
    }

    fn allowance(self, ground: &Ground<'_>, claim: usize) -> Allowance {
        match self {
            Self::Boxes(allowances) => allowances.of(claim),
            Self::Withheld(_) => Allowance::full(ground),
        }
    }

    /// Witnesses of the claim that were found before.
    fn begun(&self, claim: usize) -> &[Witness] {
        match self {
            Self::Boxes(allowances) => allowances.begun(claim),
            Self::Withheld(_) => &[],
        }
    }

    fn cost_max(self, ledger: &Ledger<'_>, claim: usize) -> f64 {
        match self {
            Self::Boxes(allowances) => allowances.cost_max(ledger, claim),
            Self::Withheld(_) => f64::INFINITY,
        }
    }

    /// The region of a claim.
    fn region(self, ledger: &Ledger<'_>, seed: usize) -> Region {
        let cell = ledger.claims[seed].cell;
        match self {
            Self::Withheld(size) => Region::grow(ledger.ground, ledger.state(), &[cell], size),
            Self::Boxes(allowances) if ledger.ground.has_columns() => {
                let size = allowances.of(seed).around.max(ledger.ground.region);
                Region::grow(ledger.ground, ledger.state(), &[cell], size)
            }
            Self::Boxes(allowances) => {
                let allowance = allowances.of(seed);
                let claims = ledger.claims_of(cell).iter().map(|claim| *claim as usize);
                let open = claims.filter(|claim| !ledger.shown[*claim].is_complete());
                let around = |claim| (claim, boxes::around(ledger.ground, ledger.state(), &ledger.claims[claim], &[], allowance));
                Region::around(ledger.ground, ledger.state(), &[cell], open.map(around).collect(), allowance)
            }
        }
    }

    /// Claims of so many of the first cells of a region find there what they need: boxes are made for one cell.
    fn inner(self, ground: &Ground<'_>, region: &Region) -> usize {
        let part = match self {
            _ if ground.has_columns() => region.cells.len(),
            Self::Boxes(_) => 1,
            Self::Withheld(_) => region.cells.len() / 4 + 1,
        };
        region.cells.len().min(part)
    }
}

/// One pass over the open claims; returns the programs solved and what came of each claim.
fn sweep(ledger: &mut Ledger<'_>, open: &[usize], span: Span<'_>) -> (usize, Vec<(usize, Outcome)>) {
    let (mut programs, mut outcomes, mut next) = (0, Vec::new(), 0);
    let mut tried = vec![false; ledger.claims.len()];
    while next < open.len() {
        let seeds = seeds(ledger, &open[next..], &tried);
        if seeds.is_empty() {
            next = (next + SEEN).min(open.len());
            continue;
        }
        let work: Vec<(Vec<usize>, Region)> = apart(ledger, &seeds, span)
            .into_iter()
            .map(|(seed, region)| (served(ledger, seed, &region.cells[..span.inner(ledger.ground, &region)], &tried), region))
            .collect();
        let state = &*ledger;
        let results: Vec<Worked> = work.par_iter().map(|(served, region)| work_region(state, served, region, span)).collect();
        for ((served, _), result) in work.iter().zip(results) {
            programs += result.programs;
            result.witnesses.into_iter().for_each(|witness| {
                ledger.enter(witness);
            });
            served.iter().for_each(|claim| tried[*claim] = true);
            outcomes.extend(result.outcomes);
        }
        while next < open.len() && (tried[open[next]] || ledger.shown[open[next]].is_complete()) {
            next += 1;
        }
    }
    (programs, outcomes)
}

/// The first claims, of different cells, that are still to be tried.
fn seeds(ledger: &Ledger<'_>, open: &[usize], tried: &[bool]) -> Vec<usize> {
    let mut seeds: Vec<usize> = Vec::new();
    for claim in open.iter().take(SEEN) {
        let new = seeds.iter().all(|seed| ledger.claims[*seed].cell != ledger.claims[*claim].cell);
        if new && !tried[*claim] && !ledger.shown[*claim].is_complete() {
            seeds.push(*claim);
        }
        if seeds.len() == BATCH {
            break;
        }
    }
    seeds
}

/// The regions of the seeds, without those whose seed lies in one before.
fn apart(ledger: &Ledger<'_>, seeds: &[usize], span: Span<'_>) -> Vec<(usize, Region)> {
    let cell = |seed: usize| ledger.claims[seed].cell;
    let grown: Vec<Region> = seeds.par_iter().map(|seed| span.region(ledger, *seed)).collect();
    let mut taken: Vec<(usize, Region)> = Vec::new();
    for (seed, region) in seeds.iter().zip(grown) {
        if !taken.iter().any(|(_, before)| before.contains(cell(*seed))) {
            taken.push((*seed, region));
        }
    }
    taken
}

/// The seed and the open claims of the inner cells of its region, in order.
fn served(ledger: &Ledger<'_>, seed: usize, inner: &[u32], tried: &[bool]) -> Vec<usize> {
    let of = |cell: &u32| ledger.claims_of(*cell).iter().map(|claim| *claim as usize);
    let open = |claim: &usize| *claim != seed && !tried[*claim] && !ledger.shown[*claim].is_complete();
    let mut others: Vec<usize> = inner.iter().flat_map(of).filter(open).collect();
    others.truncate(SERVED_MAX);
    others.sort_unstable();
    let mut all = vec![seed];
    all.extend(others);
    all
}

/// What the work in one region gave, in the order in which it was found.
#[derive(Default)]
struct Worked {
    witnesses: Vec<Witness>,
    outcomes: Vec<(usize, Outcome)>,
    programs: usize,
}

/// Finds witnesses for the claims, the first of which made the region, as if it were alone.
fn work_region(ledger: &Ledger<'_>, served: &[usize], region: &Region, span: Span<'_>) -> Worked {
    let allowance = span.allowance(ledger.ground, served[0]);
    let mut bench = Bench::new(ledger, ledger.withheld.clone(), std::slice::from_ref(region), span.more(), allowance);
    let mut worked = Worked::default();
    for at in served {
        let met = bench.is_met(*at);
        let outcome = if met { Outcome::Met } else { bench.meet(*at, &[], span.cost_max(ledger, *at), span.begun(*at)) };
        worked.outcomes.push((*at, outcome));
    }
    worked.programs = bench.programs();
    worked.witnesses = bench.found;
    worked
}
