//! The fast method: witnesses are sought region by region, the most demanding claims first; then what is withheld is given back where the
//! claims that lean on it find other witnesses at less cost.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::claims::{Claim, claims, convinces, inside, remaining};
use super::clock::Clock;
use super::ground::Ground;
use super::ledger::Ledger;
use super::master::Master;
use super::region::{Found, Limits, Programs, Region, State};
use super::{Options, Pattern, Stuck};
use crate::disclosure::problem::{Problem, Witness};

/// Where a region has no witness it grows so many times.
const GROWTH: usize = 4;
/// Regions that are worked at the same time, all from the same state, so that the number of threads changes nothing.
const BATCH: usize = 16;
/// Claims that one region serves.
const SERVED_MAX: usize = 48;
/// Claims that may lean on a cell that is to be given back.
const LEANING_MAX: usize = 60;
/// Linear programs that giving back may take at least; in a large system a part of those that the pattern took.
pub(super) const IMPROVEMENT: usize = 4_000;
/// Reaches in turn, from the narrow to the wide; after so many turns without gain giving back ends.
const REACHES: [Reach; 3] = [Reach::Cell, Reach::Sums, Reach::SumsOfSums];
const IDLE_MAX: usize = 3;
/// Part of a cost below which a difference is none.
const EQUAL: f64 = 1e-9;
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

/// Programs that giving back may take after so many.
pub(super) fn budget(programs: usize, least: usize) -> usize {
    (programs / 4).max(least)
}

pub(super) fn finish(ledger: Ledger<'_>, bound: Option<f64>, programs: usize) -> Pattern {
    assert!(ledger.open().is_empty(), "every claim has its witnesses");
    let cost = ledger.cost();
    Pattern { cost, bound, programs, witnesses: ledger.witnesses_used(), withheld: ledger.withheld }
}

/// Finds witnesses for every claim. Returns the number of programs solved.
pub(super) fn cover(ledger: &mut Ledger<'_>) -> Result<usize, Stuck> {
    let mut programs = 0;
    let mut size = ledger.ground.region;
    loop {
        let open = ledger.open();
        if open.is_empty() {
            return Ok(programs);
        }
        let (solved, failed) = sweep(ledger, &open, size, More::Allowed);
        programs += solved;
        if failed.is_empty() {
            continue;
        }
        if size >= ledger.ground.problem.cells.len() {
            let mut cells: Vec<u32> = failed.iter().map(|claim| ledger.claims[*claim].cell).collect();
            cells.sort_unstable();
            cells.dedup();
            return Err(Stuck { cells });
        }
        size *= GROWTH;
    }
}

/// Whether more may be withheld than is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    Allowed,
    Refused,
}

/// Finds witnesses that need nothing more withheld. Returns the number of programs solved.
pub(super) fn confirm(ledger: &mut Ledger<'_>) -> usize {
    let (open, size) = (ledger.open(), ledger.ground.region * GROWTH);
    sweep(ledger, &open, size, More::Refused).0
}

/// One pass over the open claims with regions of one size; returns the claims that found nothing.
fn sweep(ledger: &mut Ledger<'_>, open: &[usize], size: usize, more: More) -> (usize, Vec<usize>) {
    let (mut programs, mut failed, mut next) = (0, Vec::new(), 0);
    let mut tried = vec![false; ledger.claims.len()];
    while next < open.len() {
        let (mut seeds, mut at): (Vec<usize>, usize) = (Vec::new(), next);
        while at < open.len() && seeds.len() < BATCH && at < next + 64 * BATCH {
            let claim = open[at];
            let new = seeds.iter().all(|seed| ledger.claims[*seed].cell != ledger.claims[claim].cell);
            if new && !tried[claim] && !ledger.shown[claim].is_complete() {
                seeds.push(claim);
            }
            at += 1;
        }
        if seeds.is_empty() {
            next = at;
            continue;
        }
        let work: Vec<(Vec<usize>, Region)> = apart(ledger, &seeds, size)
            .into_iter()
            .map(|(seed, region)| (served(ledger, seed, &region, &tried), region))
            .collect();
        let state = &*ledger;
        let results: Vec<Worked> = work.par_iter().map(|(served, region)| work_region(state, served, region, more)).collect();
        for ((served, _), result) in work.iter().zip(results) {
            programs += result.programs;
            result.witnesses.into_iter().for_each(|witness| {
                ledger.enter(witness);
            });
            served.iter().for_each(|claim| tried[*claim] = true);
            failed.extend(result.failed);
        }
        while next < open.len() && (tried[open[next]] || ledger.shown[open[next]].is_complete()) {
            next += 1;
        }
    }
    failed.retain(|claim| !ledger.shown[*claim].is_complete());
    (programs, failed)
}

/// The regions of the seeds, without those whose seed lies in one before.
fn apart(ledger: &Ledger<'_>, seeds: &[usize], size: usize) -> Vec<(usize, Region)> {
    let cell = |seed: usize| ledger.claims[seed].cell;
    let grown: Vec<Region> =
        seeds.par_iter().map(|seed| Region::grow(ledger.ground, ledger.state(), &[cell(*seed)], size)).collect();
    let mut taken: Vec<(usize, Region)> = Vec::new();
    for (seed, region) in seeds.iter().zip(grown) {
        if !taken.iter().any(|(_, before)| before.contains(cell(*seed))) {
            taken.push((*seed, region));
        }
    }
    taken
}

/// The seed and the open claims in the inner part of its region, in order.
fn served(ledger: &Ledger<'_>, seed: usize, region: &Region, tried: &[bool]) -> Vec<usize> {
    let count = if ledger.ground.problem.columns.is_empty() { region.cells.len() / 4 + 1 } else { region.cells.len() };
    let inner = &region.cells[..region.cells.len().min(count)];
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
    failed: Vec<usize>,
    programs: usize,
}

/// Finds witnesses for the claims as if this region were alone.
fn work_region(ledger: &Ledger<'_>, served: &[usize], region: &Region, more: More) -> Worked {
    let mut bench = Bench::new(ledger, ledger.withheld.clone(), std::slice::from_ref(region), more);
    let mut worked = Worked::default();
    for at in served {
        if !bench.is_met(*at) && !bench.meet(*at, &[], f64::INFINITY) {
            worked.failed.push(*at);
        }
    }
    worked.programs = bench.solved();
    worked.witnesses = bench.found;
    worked
}

/// The work in one region, or in one of every system that a cell is known from: the state of the ledger and what was found since.
struct Bench<'a, 'l> {
    ledger: &'a Ledger<'l>,
    withheld: Vec<bool>,
    /// What was withheld before the work began.
    before: Vec<bool>,
    programs: Vec<Programs<'a, 'l>>,
    more: More,
    found: Vec<Witness>,
}

impl<'a, 'l> Bench<'a, 'l> {
    fn new(ledger: &'a Ledger<'l>, withheld: Vec<bool>, regions: &'a [Region], more: More) -> Self {
        let before = withheld.clone();
        let programs = regions.iter().map(|region| Programs::new(ledger.ground, region)).collect();
        Self { ledger, withheld, before, programs, more, found: Vec::new() }
    }

    fn solved(&self) -> usize {
        self.programs.iter().map(|programs| programs.solved).sum()
    }

    /// The cheapest witness from the region of the claim's cell.
    fn cheapest(&mut self, claim: &Claim, amount: f64, withheld: Option<&[bool]>, limits: &Limits) -> Option<Found> {
        let state = State { withheld: withheld.unwrap_or(&self.withheld), price: &self.ledger.price };
        let programs = self.programs.iter_mut().find(|programs| programs.region.contains(claim.cell))?;
        programs.cheapest(claim, amount, state, limits)
    }

    /// Whether what was found here shows the claim to everybody.
    fn is_met(&self, at: usize) -> bool {
        let claim = &self.ledger.claims[at];
        if claim.rules {
            let shows =
                |witness: &Witness| witness.touches(claim.cell) && witness.obeys_rules(self.ledger.ground, &self.withheld);
            return self.found.iter().any(shows);
        }
        self.found.iter().any(|witness| self.serves(claim, witness).is_some_and(|who| who.is_empty()))
    }

    /// Who rules the witness out as far as the claim goes; `None` when it does not show it.
    fn serves(&self, claim: &Claim, witness: &Witness) -> Option<Vec<u32>> {
        let difference = witness.at(claim.cell);
        if difference == 0.0 || claim.rules || claim.known.iter().any(|known| witness.touches(*known)) {
            return None;
        }
        let factor = self.ledger.ground.whole_factor(claim.cell, claim.side.sign() * claim.amount / difference);
        let room = witness.factor_max(self.ledger.ground, &self.withheld, factor.signum()) * (1.0 + 1e-9);
        (factor.abs() <= room).then(|| self.ledger.who(claim, witness, factor))
    }

    /// Finds the cheapest way to show the claim at less than `cost_max` without moving the cells in `fixed`: one witness that nobody can
    /// rule out, or several that nobody can rule out together.
    fn meet(&mut self, at: usize, fixed: &[u32], cost_max: f64) -> bool {
        let claim = &self.ledger.claims[at];
        if claim.rules {
            return self.meet_by_rules(claim, fixed, cost_max);
        }
        let all = inside(self.ledger.ground.attackers);
        let nothing_more = self.more == More::Refused;
        let limits = Limits { fixed: fixed.to_vec(), unseen_by_all: all, nothing_more, ..Limits::default() };
        if all {
            // What nobody sees through although it need not be so is the cheapest there is.
            let plain = Limits { fixed: fixed.to_vec(), nothing_more, ..Limits::default() };
            let Some(found) = self.cheapest(claim, claim.amount, None, &plain) else { return false };
            if found.cost >= cost_max {
                return false;
            }
            if self.ledger.who(claim, &found.witness, 1.0).is_empty() {
                self.take(found.witness);
                return true;
            }
        }
        let alone = self.cheapest(claim, claim.amount, None, &limits);
        let alone = alone.map(|found| (found.cost, vec![found.witness]));
        let several = match &alone {
            Some((cost, _)) if *cost == 0.0 => None,
            _ if !all => None,
            _ => self.several(claim, fixed),
        };
        let best = [alone, several].into_iter().flatten().min_by(|a, b| a.0.total_cmp(&b.0)).filter(|(cost, _)| *cost < cost_max);
        best.map(|(_, witnesses)| witnesses.into_iter().for_each(|witness| self.take(witness))).is_some()
    }

    /// The cheapest other number of units that the rules allow, on either side.
    fn meet_by_rules(&mut self, claim: &Claim, fixed: &[u32], cost_max: f64) -> bool {
        let limits = Limits { fixed: fixed.to_vec(), nothing_more: self.more == More::Refused, ..Limits::default() };
        let sides = [claim.clone(), claim.turned()].map(|claim| self.cheapest(&claim, claim.amount, None, &limits));
        let best = sides.into_iter().flatten().min_by(|a, b| a.cost.total_cmp(&b.cost)).filter(|found| found.cost < cost_max);
        best.map(|found| self.take(found.witness)).is_some()
    }

    /// Witnesses one after the other, each unseen by those who rule out all before it.
    fn several(&mut self, claim: &Claim, fixed: &[u32]) -> Option<(f64, Vec<Witness>)> {
        let ground = self.ledger.ground;
        let nothing_more = self.more == More::Refused;
        let limits = |unseen_by: Vec<u32>| Limits { fixed: fixed.to_vec(), unseen_by, nothing_more, ..Limits::default() };
        let first = self.cheapest(claim, claim.amount, None, &limits(Vec::new()))?;
        let mut open_to = self.ledger.who(claim, &first.witness, 1.0);
        open_to.retain(|one| remaining(ground, claim, *one) > 0.0);
        let mut withheld = self.withheld.clone();
        withhold(ground, &mut withheld, &first.witness);
        let (mut cost, mut witnesses) = (first.cost, vec![first.witness]);
        while let Some(next) = open_to.first().copied() {
            let everybody = open_to.iter().map(|one| remaining(ground, claim, *one)).fold(f64::INFINITY, f64::min);
            let together = self.cheapest(claim, everybody, Some(&withheld), &limits(open_to.clone()));
            let (amount, found) = match together {
                Some(found) => (everybody, found),
                None => {
                    let amount = remaining(ground, claim, next);
                    (amount, self.cheapest(claim, amount, Some(&withheld), &limits(vec![next]))?)
                }
            };
            let who = self.ledger.who(claim, &found.witness, 1.0);
            let before = open_to.len();
            open_to.retain(|one| !convinces(ground, claim, amount, &who, *one));
            if open_to.len() == before {
                return None;
            }
            withhold(ground, &mut withheld, &found.witness);
            cost += found.cost;
            witnesses.push(found.witness);
        }
        Some((cost, witnesses))
    }

    fn take(&mut self, witness: Witness) {
        withhold(self.ledger.ground, &mut self.withheld, &witness);
        self.found.push(witness);
    }
}

fn withhold(ground: &Ground<'_>, withheld: &mut [bool], witness: &Witness) {
    for (cell, difference) in &witness.differences {
        if ground.is_free(*cell) && ground.needs_withholding(*cell, *difference) {
            ground.withhold(*cell, withheld);
        }
    }
}

/// Gives cells back, the dearest first, as long as the budget of programs and the time last. Returns the programs solved.
pub(super) fn improve(ledger: &mut Ledger<'_>, budget: usize, clock: Clock) -> usize {
    let (mut programs, mut idle) = (0, 0);
    while programs < budget && idle < IDLE_MAX && !clock.is_over() {
        let (before, mut moved) = (ledger.cost(), false);
        for reach in REACHES {
            let gave = give_back(ledger, budget.saturating_sub(programs), reach, clock);
            ledger.release_unused();
            programs += gave.programs;
            moved |= gave.moved;
            if ledger.cost() < before * (1.0 - EQUAL) {
                break;
            }
        }
        match ledger.cost() < before * (1.0 - EQUAL) {
            true => idle = 0,
            false if moved => idle += 1,
            false => break,
        }
    }
    programs
}

/// What giving back took, and whether anything changed.
struct Gave {
    programs: usize,
    moved: bool,
}

/// What is put at stake to give a cell back: only the cell, also what is withheld for others in its sums, or in their sums too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Cell,
    Sums,
    SumsOfSums,
}

impl Reach {
    fn narrower(self) -> Self {
        if self == Self::SumsOfSums { Self::Sums } else { Self::Cell }
    }
}

fn stake(ledger: &Ledger<'_>, cell: u32, reach: Reach) -> Vec<u32> {
    let ground = ledger.ground;
    let steps = match reach {
        Reach::Cell => 0,
        Reach::Sums => 1,
        Reach::SumsOfSums => 2,
    };
    let mut stake = vec![cell];
    for _ in 0..steps {
        let mut next: Vec<u32> = stake.iter().flat_map(|at| ground.beside(*at, &ledger.withheld)).collect();
        next.sort_unstable();
        next.dedup();
        stake = next;
    }
    let dependent = |at: &u32| ground.held(*at).filter(|at| ledger.withheld[*at as usize] && ground.is_decided(*at));
    let mut stake: Vec<u32> = stake.iter().flat_map(dependent).collect();
    stake.sort_unstable();
    stake.dedup();
    stake
}

/// Whether a narrower reach puts the same at stake.
fn is_no_wider(ledger: &Ledger<'_>, cell: u32, reach: Reach, count: usize) -> bool {
    reach != Reach::Cell && self::stake(ledger, cell, reach.narrower()).len() == count
}

/// Gives cells back, the dearest first, as long as budget and time last.
fn give_back(ledger: &mut Ledger<'_>, budget: usize, reach: Reach, clock: Clock) -> Gave {
    let ground = ledger.ground;
    let mut secondary: Vec<u32> =
        (0..ledger.withheld.len() as u32).filter(|cell| ledger.withheld[*cell as usize] && ground.is_decided(*cell)).collect();
    secondary.sort_by(|a, b| ground.cost(*b).total_cmp(&ground.cost(*a)).then(a.cmp(b)));
    let mut gave = Gave { programs: 0, moved: false };
    for batch in secondary.chunks(BATCH) {
        if gave.programs >= budget || clock.is_over() {
            break;
        }
        let state = &*ledger;
        let tries: Vec<(Option<Vec<Witness>>, usize)> = batch.par_iter().map(|cell| without(state, *cell, reach)).collect();
        for (cell, (found, solved)) in batch.iter().zip(tries) {
            gave.programs += solved;
            if let Some(found) = found {
                let stake = stake(ledger, *cell, reach);
                gave.moved |= ledger.exchange(&stake, found);
            }
        }
    }
    gave
}

/// Witnesses that do without the cell for the claims that lean on what is at stake, and cost less than that.
fn without(ledger: &Ledger<'_>, cell: u32, reach: Reach) -> (Option<Vec<Witness>>, usize) {
    let ground = ledger.ground;
    let stake = stake(ledger, cell, reach);
    let mut claims: Vec<usize> = stake.iter().flat_map(|at| ledger.leaning(*at)).collect();
    claims.sort_unstable();
    claims.dedup();
    if claims.len() > LEANING_MAX || !ledger.withheld[cell as usize] || is_no_wider(ledger, cell, reach, stake.len()) {
        return (None, 0);
    }
    let mut withheld = ledger.withheld.clone();
    stake.iter().for_each(|at| ground.show(*at, &mut withheld));
    let mut seeds = stake.clone();
    seeds.extend(claims.iter().map(|claim| ledger.claims[*claim].cell));
    let regions = regions(ground, State { withheld: &withheld, price: &ledger.price }, &seeds);
    let mut bench = Bench::new(ledger, withheld, &regions, More::Allowed);
    let worth: f64 = stake.iter().map(|at| ground.cost(*at)).sum();
    for at in claims {
        let (spent, met) = (bench.spent(), bench.is_met(at));
        if !met && !bench.meet(at, &[cell], worth * (1.0 + EQUAL) - spent) {
            return (None, bench.solved());
        }
    }
    let solved = bench.solved();
    (Some(bench.found), solved)
}

/// A region around the seeds of every system.
fn regions(ground: &Ground<'_>, state: State<'_>, seeds: &[u32]) -> Vec<Region> {
    let mut apart: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    seeds.iter().for_each(|seed| apart.entry(ground.system(*seed)).or_default().push(*seed));
    let size = |seeds: &[u32]| ground.region.max(8 * seeds.len());
    apart.values().map(|seeds| Region::grow(ground, state, seeds, size(seeds))).collect()
}

impl Bench<'_, '_> {
    /// Cost of what was withheld here.
    fn spent(&self) -> f64 {
        let cells = self.found.iter().flat_map(|witness| witness.differences.iter().map(|(cell, _)| *cell));
        let cells: BTreeSet<u32> = cells.flat_map(|cell| self.ledger.ground.decided(cell)).collect();
        let new = |cell: &&u32| self.withheld[**cell as usize] && !self.before[**cell as usize];
        cells.iter().filter(new).map(|cell| self.ledger.ground.cost(*cell)).sum()
    }
}
