//! Giving back: what is withheld for others is shown again where the claims that lean on it find other witnesses at less cost.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::allowance::{Allowance, Outcome};
use super::bench::{Bench, More};
use super::boxes;
use super::clock::Clock;
use super::fast::BATCH;
use super::ledger::Ledger;
use super::region::{Region, State};
use crate::disclosure::problem::Witness;

/// Claims that may lean on a cell that is to be given back.
const LEANING_MAX: usize = 60;
/// Work that giving back may take at least; in a large system a part of the programs that the pattern took.
pub(super) const IMPROVEMENT: usize = 4_000;
/// Reaches in turn, from the narrow to the wide; after so many turns without gain giving back ends.
const REACHES: [Reach; 3] = [Reach::Cell, Reach::Sums, Reach::SumsOfSums];
const IDLE_MAX: usize = 3;
/// Claims around which boxes are made in the time of a program.
const BOXED: usize = 4;
/// A reach is given up when this part of the budget brought less than that part of the cost.
const STRETCH: usize = 16;
const WORTHWHILE: f64 = 1e-3;
/// Part of a cost below which a difference is none.
const EQUAL: f64 = 1e-9;

/// Work that giving back may take after so many programs, and at least.
pub(super) fn budget(programs: usize, least: usize) -> usize {
    (programs / 10).max(least)
}

/// Gives cells back as long as the budget of work and the time last. Returns the programs solved.
pub(super) fn improve(ledger: &mut Ledger<'_>, budget: usize, clock: Clock) -> usize {
    let (mut programs, mut work, mut idle) = (0, 0, 0);
    while work < budget && idle < IDLE_MAX && !clock.is_over() {
        let (before, mut moved, mut tired) = (ledger.cost(), false, false);
        for reach in REACHES {
            let gave = give_back(ledger, Budget { left: budget.saturating_sub(work), stretch: budget / STRETCH }, reach, clock);
            ledger.release_unused();
            programs += gave.programs;
            work += gave.work;
            moved |= gave.moved;
            tired |= gave.tired;
            // What is given up goes on with the wider reaches, once.
            if ledger.cost() < before * (1.0 - EQUAL) && !tired {
                break;
            }
        }
        if tired {
            break;
        }
        match ledger.cost() < before * (1.0 - EQUAL) {
            true => idle = 0,
            false if moved => idle += 1,
            false => break,
        }
    }
    programs
}

/// Work that giving back may take, and that by which it is seen whether more is worth it.
struct Budget {
    left: usize,
    stretch: usize,
}

/// What giving back took, whether anything changed, and whether it was given up as not worth it.
struct Gave {
    programs: usize,
    work: usize,
    moved: bool,
    tired: bool,
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

/// What is withheld for others, first what costs most for each claim that leans on it: every one of these must find other witnesses, so that
/// a cell with many seldom can be given back and takes long to try.
fn by_promise(ledger: &Ledger<'_>) -> Vec<u32> {
    let ground = ledger.ground;
    let secondary = (0..ledger.withheld.len() as u32).filter(|cell| ledger.withheld[*cell as usize] && ground.is_decided(*cell));
    let promise = |cell: u32| (ground.cost(cell) / ledger.leaning(cell).len() as f64, cell);
    let mut secondary: Vec<(f64, u32)> = secondary.map(promise).collect();
    secondary.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    secondary.into_iter().map(|(_, cell)| cell).collect()
}

/// Gives cells back, the most promising first, as long as budget and time last and it is worth it.
fn give_back(ledger: &mut Ledger<'_>, budget: Budget, reach: Reach, clock: Clock) -> Gave {
    let mut gave = Gave { programs: 0, work: 0, moved: false, tired: false };
    let (mut cost, mut since) = (ledger.cost(), 0);
    for batch in by_promise(ledger).chunks(BATCH) {
        if gave.work - since >= budget.stretch {
            gave.tired = ledger.cost() > cost * (1.0 - WORTHWHILE);
            (cost, since) = (ledger.cost(), gave.work);
        }
        if gave.tired || gave.work >= budget.left || clock.is_over() {
            break;
        }
        let state = &*ledger;
        let tries: Vec<Try> = batch.par_iter().map(|cell| without(state, *cell, reach)).collect();
        for (cell, tried) in batch.iter().zip(tries) {
            gave.programs += tried.programs;
            gave.work += tried.work;
            if let Some(found) = tried.found {
                let stake = stake(ledger, *cell, reach);
                gave.moved |= ledger.exchange(&stake, found);
            }
        }
    }
    gave
}

/// What came of a try to give a cell back.
#[derive(Default)]
struct Try {
    found: Option<Vec<Witness>>,
    programs: usize,
    work: usize,
}

/// Witnesses that do without the cell for the claims that lean on what is at stake, and cost less than that.
fn without(ledger: &Ledger<'_>, cell: u32, reach: Reach) -> Try {
    let stake = stake(ledger, cell, reach);
    let mut claims: Vec<usize> = stake.iter().flat_map(|at| ledger.leaning(*at)).collect();
    claims.sort_unstable();
    claims.dedup();
    if claims.len() > LEANING_MAX || !ledger.withheld[cell as usize] || is_no_wider(ledger, cell, reach, stake.len()) {
        return Try::default();
    }
    let mut withheld = ledger.withheld.clone();
    stake.iter().for_each(|at| ledger.ground.show(*at, &mut withheld));
    let regions = match ledger.ground.has_columns() {
        true => near(ledger, &withheld, &stake, &claims),
        false => vec![around(ledger, &withheld, cell, &stake, &claims)],
    };
    let weight = regions.iter().map(Region::weight).max().unwrap_or(1);
    let allowance = Allowance::giving_back(ledger.ground, ledger.claims.len());
    let mut bench = Bench::new(ledger, withheld, &regions, More::Allowed, allowance);
    let worth: f64 = stake.iter().map(|at| ledger.ground.cost(*at)).sum();
    let all_met = claims.iter().all(|at| {
        let spent = bench.spent();
        bench.is_met(*at) || bench.meet(*at, &[cell], worth * (1.0 + EQUAL) - spent, &[]) == Outcome::Met
    });
    let programs = bench.programs();
    let work = programs * weight + claims.len() / BOXED;
    Try { found: all_met.then_some(bench.found), programs, work }
}

/// A region of every system around what is at stake and the claims: a sum of columns has no boxes.
fn near(ledger: &Ledger<'_>, withheld: &[bool], stake: &[u32], claims: &[usize]) -> Vec<Region> {
    let ground = ledger.ground;
    let mut apart: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    let seeds = stake.iter().copied().chain(claims.iter().map(|claim| ledger.claims[*claim].cell));
    seeds.for_each(|seed| apart.entry(ground.system(seed)).or_default().push(seed));
    let state = State { withheld, price: &ledger.price };
    let grow = |seeds: &Vec<u32>| Region::grow(ground, state, seeds, ground.region.max(8 * seeds.len()));
    apart.values().map(grow).collect()
}

/// Boxes around the claims that do without the cell, and what is near.
fn around(ledger: &Ledger<'_>, withheld: &[bool], cell: u32, stake: &[u32], claims: &[usize]) -> Region {
    let ground = ledger.ground;
    let allowance = Allowance::giving_back(ground, ledger.claims.len());
    let state = State { withheld, price: &ledger.price };
    let mut seeds = stake.to_vec();
    seeds.extend(claims.iter().map(|claim| ledger.claims[*claim].cell));
    let (mut made, mut cells) = (Vec::new(), 0);
    for claim in claims {
        if cells >= ground.region {
            break;
        }
        let boxes = boxes::around(ground, state, &ledger.claims[*claim], &[cell], allowance);
        cells += boxes.cells.len();
        made.push((*claim, boxes));
    }
    Region::around(ground, state, &seeds, made, allowance)
}
