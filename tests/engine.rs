//! The search for cells to withhold and the attack on what it finds, against an attacker that tries every table, and against publications
//! that give cells away.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests print their counts, and fail by panicking"
)]

use std::ops::Range;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use sluis::cells::system::Cost;
use sluis::disclosure::audit::attack::{Ends, Leak, Report, attack};
use sluis::disclosure::problem::{Attackers, Cell, Equation, Fate, Problem, Witness};
use sluis::disclosure::suppress::search::{Method, Options, Pattern, Stuck, solve};

#[path = "support/brute.rs"]
mod brute;
#[path = "support/medium.rs"]
mod medium;
#[path = "support/small.rs"]
mod small;

use brute::{Attacker, SIDES, broken, level};
use small::{SHAPES, Small};

fn protect(problem: &Problem, method: Method, attackers: Attackers) -> Result<Pattern, Stuck> {
    solve(problem, &Options { method, attackers, seconds_max: None })
}

/// The table of a seed. Amounts stand in tables whose intervals have whole ends, where trying whole tables is enough.
fn small(seed: u64) -> Small {
    // The larger shapes are for every eighth.
    let shapes: &[usize] = if seed.is_multiple_of(8) { &[1, 3, 4, 6] } else { &[0, 2, 5] };
    let shape = &SHAPES[shapes[(seed / 8) as usize % shapes.len()]];
    Small::random(shape, !shape.network || (seed / 7).is_multiple_of(2), seed)
}

fn attackers(seed: u64) -> Attackers {
    if (seed / 14).is_multiple_of(2) { Attackers::Outsiders } else { Attackers::Contributors }
}

/// Adds numbers by place.
fn add<const N: usize>(a: [usize; N], b: [usize; N]) -> [usize; N] {
    std::array::from_fn(|at| a[at] + b[at])
}

// Whatever is found withstands every table.

/// Tables, tables that cannot be protected, tables with cells withheld for others, breaches.
fn withstand(seed: u64) -> [usize; 4] {
    let (small, attackers) = (small(seed), attackers(seed));
    let method = if (seed / 28).is_multiple_of(16) { Method::Exact } else { Method::Fast };
    match protect(&small.problem, method, attackers) {
        Ok(pattern) => {
            let broken = broken(&small, &pattern.withheld, attackers);
            if !broken.is_empty() {
                println!("seed {seed}, {method:?}, {attackers:?}: demands {broken:?} broken");
            }
            let shown: Vec<usize> = (0..pattern.withheld.len()).filter(|at| pattern.withheld[*at]).collect();
            let fates = |fate: Fate| shown.iter().any(|at| small.problem.cells[*at].fate == fate);
            assert!(!fates(Fate::Shown), "seed {seed}: what is known was withheld");
            [1, 0, usize::from(fates(Fate::Free)), broken.len()]
        }
        Err(stuck) => {
            // Of contributors without a name more is feared than is true, so that there no table need be the reason.
            if attackers == Attackers::Outsiders || small.names_all() {
                let broken = broken(&small, &small.everything(), attackers);
                assert!(!broken.is_empty(), "seed {seed}, {method:?}, {attackers:?}: {stuck:?} could be protected");
            }
            [1, 1, 0, 0]
        }
    }
}

fn withstand_all(seeds: Range<u64>) {
    let [tables, stuck, secondary, breaches] = seeds.into_par_iter().map(withstand).reduce(|| [0; 4], add);
    println!("{tables} tables, {stuck} beyond protection, {secondary} with cells withheld for others: {breaches} breaches");
    assert_eq!(breaches, 0);
    assert!(secondary > tables / 4 && stuck < tables / 2, "the tables ask for something");
}

/// Found among a million: a witness that was out of order was taken for another; and a witness that convinces some contributors in full and
/// others by less of it was counted for the first only. In the last two the solver, begun where the program before ended, came to no end.
#[test]
fn tables_that_once_gave_way_withstand() {
    let unnamed =
        [22_866, 46_617, 59_609, 306_227, 307_681, 309_050, 314_402, 315_774, 316_332, 318_290, 320_113, 333_113, 334_813];
    for seed in unnamed.into_iter().chain([573_653, 676_971]) {
        assert_eq!(withstand(seed), [1, 0, 1, 0], "seed {seed}");
    }
}

#[test]
fn ten_thousand_small_tables_withstand_every_attack() {
    withstand_all(0..10_000);
}

/// `FROM=250000 TABLES=250000 cargo test --test engine -- --ignored --nocapture a_million` runs the second quarter.
#[test]
#[ignore = "a million tables, for the night"]
#[allow(clippy::disallowed_methods, reason = "a long run is made in pieces")]
fn a_million_small_tables_withstand_every_attack() {
    let number = |name, otherwise| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let from: u64 = number("FROM", 0);
    withstand_all(from..from + number("TABLES", 1_000_000));
}

// The attack sees what every table shows.

/// A table of whole numbers with cells withheld at random, and now and then a shown one rounded.
fn pattern(seed: u64) -> (Small, Vec<bool>) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut small = Small::random(&SHAPES[seed as usize % SHAPES.len()], true, seed);
    let share = random.random_range(0.1..0.9);
    let withheld = small
        .problem
        .cells
        .iter()
        .map(|cell| match cell.fate {
            Fate::Shown => false,
            Fate::Free => random.random_bool(share),
            Fate::Hidden => random.random_bool(0.9),
        })
        .collect();
    for cell in &mut small.problem.cells {
        if random.random_bool(0.05) {
            cell.half_width = random.random_range(0..3).min(cell.value);
        }
    }
    (small, withheld)
}

fn audit(small: &Small, withheld: &[bool], offered: &[Witness], attackers: Attackers) -> Report {
    attack(&small.problem, withheld, offered, attackers, Ends::Exact)
}

/// Demands, findings, and demands of which the attack says something else than the tables.
fn compare(seed: u64) -> [usize; 3] {
    let (small, withheld) = pattern(seed);
    let report = audit(&small, &withheld, &[], Attackers::Outsiders);
    let mut counts = [0, report.findings.len(), 0];
    for (demand, interval) in small.problem.demands.iter().zip(&report.demands) {
        let cell = demand.cell as usize;
        let attacker = Attacker { small: &small, withheld: &withheld, contributor: None, known: &demand.known };
        let shown = !withheld[cell];
        let ends = SIDES.map(|side| if shown { 0 } else { attacker.furthest(cell, side) });
        let falls = shown || SIDES.iter().zip(ends).any(|(side, end)| end < level(&small, demand, *side));
        let found = report.findings.iter().any(|finding| finding.cell == demand.cell);
        let same = [interval.above, interval.below] == ends.map(|end| end as f64);
        counts[0] += 1;
        if !same || falls != found {
            println!("seed {seed}, cell {cell}: tables {ends:?}, falls {falls}; attack {interval:?}, found {found}");
            counts[2] += 1;
        }
    }
    counts
}

fn compare_all(count: u64) {
    let [demands, findings, wrong] = (0..count).into_par_iter().map(compare).reduce(|| [0; 3], add);
    println!("{demands} demands, {findings} findings: {wrong} not as the tables have it");
    assert_eq!(wrong, 0);
    assert!(findings > demands / 10 && findings < demands * 9 / 10, "there are both kinds");
}

#[test]
fn intervals_are_those_of_all_tables() {
    compare_all(1_500);
}

#[test]
#[ignore = "many tables, for the night"]
fn intervals_are_those_of_all_tables_at_length() {
    compare_all(200_000);
}

/// Whoever contributes breaks what the tables say he breaks, and nothing else. Contributors without a name are feared for more.
fn compare_insiders(seed: u64) -> [usize; 3] {
    let (mut small, withheld) = pattern(seed);
    // A level towards the largest contributor that is not whole, and a cell of nothing, are left out.
    if !small.names_all() || !small.has_whole_levels() {
        return [0; 3];
    }
    small.problem.cells.iter_mut().for_each(|cell| cell.half_width = 0);
    let report = audit(&small, &withheld, &[], Attackers::Contributors);
    let broken = broken(&small, &withheld, Attackers::Contributors);
    let told: Vec<u32> = report.findings.iter().map(|finding| finding.cell).collect();
    let truth: Vec<u32> = broken.iter().map(|at| small.problem.demands[*at].cell).collect();
    if told != truth {
        println!("seed {seed}: tables {truth:?}, attack {:?}", report.findings);
    }
    let inside = report.findings.iter().filter(|finding| finding.leak == Leak::ToContributor).count();
    [1, inside, usize::from(told != truth)]
}

#[test]
fn contributors_learn_what_all_tables_say() {
    let [patterns, inside, wrong] = (0..6_000).into_par_iter().map(compare_insiders).reduce(|| [0; 3], add);
    println!("{patterns} patterns, {inside} cells open to contributors alone: {wrong} not as the tables have it");
    assert_eq!(wrong, 0);
    assert!(patterns > 50 && inside > 0);
}

// Witnesses are checked.

/// Spoils a witness: its sums, what it moves, or by how much.
fn spoil(witness: &Witness, problem: &Problem, withheld: &[bool], random: &mut ChaCha8Rng) -> Witness {
    let mut differences = witness.differences().to_vec();
    let at = random.random_range(0..differences.len());
    match random.random_range(0..7u32) {
        0 => differences[at].1 += f64::from(random.random_range(1..4u32)),
        1 => drop(differences.remove(at)),
        2 => {
            let shown =
                (0..withheld.len()).find(|cell| !withheld[*cell] && differences.iter().all(|(own, _)| *own != *cell as u32));
            differences.extend(shown.map(|cell| (cell as u32, 1.0)));
            differences.sort_by_key(|(cell, _)| *cell);
        }
        3 => differences[at].1 = -2.0 - problem.cells[differences[at].0 as usize].value as f64,
        4 => differences.iter_mut().for_each(|(_, difference)| *difference *= 0.3),
        5 => differences.push(differences[at]),
        _ => differences[at].1 = f64::NAN,
    }
    Witness::new(differences)
}

/// Witnesses, those that the attack takes for sound, and verdicts that they change.
fn mislead(seed: u64) -> [usize; 3] {
    let (small, attackers) = (small(seed), attackers(seed));
    if attackers == Attackers::Contributors && !small.has_whole_levels() {
        return [0; 3];
    }
    let Ok(found) = protect(&small.problem, Method::Fast, attackers) else { return [0; 3] };
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // Half of the time the witnesses are spoilt, half of the time the pattern is, too.
    let mut withheld = found.withheld.clone();
    if random.random_bool(0.5) {
        let free = |at: &usize| withheld[*at] && small.problem.cells[*at].fate == Fate::Free;
        let put_back: Vec<usize> = (0..withheld.len()).filter(free).filter(|_| random.random_bool(0.5)).collect();
        put_back.into_iter().for_each(|at| withheld[at] = false);
    }
    let spoilt: Vec<Witness> =
        found.witnesses.iter().map(|witness| spoil(witness, &small.problem, &withheld, &mut random)).collect();
    let told = |offered: &[Witness]| {
        let report = attack(&small.problem, &withheld, offered, attackers, Ends::AsFarAsLevel);
        (report.findings, report.effort.witnesses_sound)
    };
    let (alone, (spoilt_verdict, sound)) = (told(&[]).0, told(&spoilt));
    let (all, _) = told(&[found.witnesses.as_slice(), &spoilt].concat());
    let changed = alone != spoilt_verdict || alone != all;
    if changed {
        println!("seed {seed}, {attackers:?}: {alone:?}; spoilt {spoilt_verdict:?}; all {all:?}");
    }
    [spoilt.len(), sound, usize::from(changed)]
}

#[test]
fn spoilt_witnesses_change_no_verdict() {
    let [offered, sound, changed] = (0..2_000).into_par_iter().map(mislead).reduce(|| [0; 3], add);
    println!("{offered} spoilt witnesses, {sound} of them still tables: {changed} verdicts changed");
    assert_eq!(changed, 0);
    assert!(offered > 500 && sound < offered / 2);
}

// Exact is exact.

/// The least cost over all choices of free cells that withstand every table; the search over whole tables is the judge.
fn least_cost(small: &Small, attackers: Attackers) -> Option<f64> {
    let cells = &small.problem.cells;
    let free: Vec<usize> = (0..cells.len()).filter(|at| cells[*at].fate == Fate::Free).collect();
    let hidden: Vec<bool> = cells.iter().map(|cell| cell.fate == Fate::Hidden).collect();
    let chosen = |choice: u32| free.iter().enumerate().filter(move |(at, _)| choice >> at & 1 == 1).map(|(_, cell)| *cell);
    let mut choices: Vec<(f64, u32)> =
        (0..1u32 << free.len()).map(|choice| (chosen(choice).map(|cell| cells[cell].cost).sum(), choice)).collect();
    choices.sort_by(|a, b| a.0.total_cmp(&b.0));
    let holds = |(_, choice): &&(f64, u32)| {
        let mut withheld = hidden.clone();
        chosen(*choice).for_each(|cell| withheld[cell] = true);
        broken(small, &withheld, attackers).is_empty()
    };
    choices.iter().find(holds).map(|(cost, _)| *cost)
}

/// Tables, those that cost something, and those where the cost or the bound is not the least cost.
fn optimum(seed: u64) -> [usize; 3] {
    let (mut small, attackers) = (Small::random(&SHAPES[seed as usize % 3], seed.is_multiple_of(2), seed), attackers(seed));
    if attackers == Attackers::Contributors && !small.names_all() {
        return [0; 3];
    }
    // Cells beyond those that can all be tried are known.
    let free: Vec<usize> = (0..small.problem.cells.len()).filter(|at| small.problem.cells[*at].fate == Fate::Free).collect();
    free.iter().skip(11).for_each(|at| small.problem.cells[*at].fate = Fate::Shown);
    let Ok(found) = protect(&small.problem, Method::Exact, attackers) else { return [1, 0, 0] };
    let (least, bound) = (least_cost(&small, attackers).expect("a choice that holds"), found.bound.expect("a bound"));
    let wrong = (found.cost - least).abs() > 1e-6 || (bound - least).abs() > 1e-6;
    if wrong {
        println!("seed {seed}, {attackers:?}: least {least}, cost {}, bound {bound}", found.cost);
    }
    [1, usize::from(found.cost > 0.0), usize::from(wrong)]
}

fn optimum_all(count: u64) {
    let [tables, dear, wrong] = (0..count).into_par_iter().map(optimum).reduce(|| [0; 3], add);
    println!("{tables} tables, {dear} with cells withheld for others: {wrong} not at least cost");
    assert_eq!(wrong, 0);
    assert!(dear > tables / 4);
}

#[test]
fn exact_costs_the_least_and_proves_it() {
    optimum_all(1_000);
}

#[test]
#[ignore = "many tables, for the night"]
fn exact_costs_the_least_and_proves_it_at_length() {
    optimum_all(50_000);
}

// Publications that give a cell away are caught.

/// A pattern with what was published beside it.
struct Published {
    problem: Problem,
    withheld: Vec<bool>,
    offered: Vec<Witness>,
    attackers: Attackers,
}

impl Published {
    fn new(shape: &[(usize, usize)], seed: u64, method: Method) -> Self {
        // Costs of the same order, so that no cell is too cheap to count.
        let cost = if method == Method::Exact { Cost::LogValue } else { Cost::Value };
        let attackers = if seed.is_multiple_of(2) { Attackers::Outsiders } else { Attackers::Contributors };
        let problem = medium::table(shape, seed, cost);
        let found = protect(&problem, method, attackers).expect("a pattern");
        Self { problem, withheld: found.withheld, offered: found.witnesses, attackers }
    }

    /// Whether the attack finds something, with what the suppression offers and without.
    fn is_caught(&self) -> [bool; 2] {
        [self.offered.as_slice(), &[]].map(|offered| {
            !attack(&self.problem, &self.withheld, offered, self.attackers, Ends::AsFarAsLevel).findings.is_empty()
        })
    }

    fn change(&self, change: impl FnOnce(&mut Self)) -> [bool; 2] {
        let Self { problem, withheld, offered, attackers } = self;
        let mut changed =
            Self { problem: problem.clone(), withheld: withheld.clone(), offered: offered.clone(), attackers: *attackers };
        change(&mut changed);
        changed.is_caught()
    }

    /// Adds a cell that is known up to `half_width`, and the sum of others.
    fn add_known(&mut self, terms: &[(u32, f64)], half_width: i128) {
        let value: f64 = terms.iter().map(|(cell, factor)| self.problem.cells[*cell as usize].value as f64 * factor).sum();
        let at = self.problem.cells.len() as u32;
        self.problem.cells.push(Cell { least: None, half_width, ..Cell::plain(value as i128, 1.0, Fate::Shown) });
        self.withheld.push(false);
        let terms = std::iter::once((at, -1.0)).chain(terms.iter().copied()).collect();
        self.problem.equations.push(Equation { terms, low: 0.0, high: 0.0 });
    }

    fn secondary(&self) -> Vec<usize> {
        (0..self.withheld.len()).filter(|at| self.withheld[*at] && self.problem.cells[*at].fate == Fate::Free).collect()
    }

    /// Unsafe cells and the width that their level asks for.
    fn demanded(&self) -> Vec<(u32, i128)> {
        let all = self.problem.demands.iter().map(|demand| (demand.cell, demand.level.upper));
        all.filter(|(_, level)| *level > 1).collect()
    }
}

/// The kinds of changes, each with how often it was made and how often both attacks found it.
const KINDS: [&str; 6] = [
    "unsafe cell put back",
    "secondary cell put back",
    "rounding narrowed",
    "table added",
    "index added",
    "earlier release added",
];

type Counts = [usize; 12];

fn note(counts: &mut Counts, kind: usize, caught: [bool; 2]) {
    counts[2 * kind] += 1;
    counts[2 * kind + 1] += usize::from(caught == [true, true]);
}

/// Changes to one unsafe cell.
fn give_away(published: &Published, cell: u32, level: i128, counts: &mut Counts) {
    note(counts, 0, published.change(|it| it.withheld[cell as usize] = false));
    note(counts, 5, published.change(|it| it.add_known(&[(cell, 1.0)], (level - 1) / 2)));
    for equation in published.problem.equations.iter().filter(|equation| equation.terms.iter().any(|(own, _)| *own == cell)) {
        let other = |(own, _): &&(u32, f64)| *own != cell && published.withheld[*own as usize];
        let others: Vec<(u32, f64)> = equation.terms.iter().filter(other).copied().collect();
        if !others.is_empty() {
            note(counts, 3, published.change(|it| it.add_known(&others, 0)));
        }
    }
    let shown = (0..published.problem.cells.len()).find(|at| !published.withheld[*at] && published.problem.cells[*at].value > 0);
    let shown = shown.expect("a cell is shown");
    // Without what the suppression offers: it knew of no index.
    let caught = published.change(|it| it.problem.equations.push(index(&it.problem, cell, shown as u32, level)));
    note(counts, 4, [caught[1]; 2]);
}

/// A withheld level as a share of a shown one, rounded as coarsely as still narrows the level down more than it allows.
fn index(problem: &Problem, cell: u32, shown: u32, level: i128) -> Equation {
    let [value, base] = [cell, shown].map(|at| problem.cells[at as usize].value as f64);
    let unit = 10f64.powf((0.9 * level as f64 / base).log10().floor());
    let printed = (value / base / unit).round() * unit;
    let [low, high] = [printed - unit / 2.0, printed + unit / 2.0].map(|end| end * base - value);
    Equation { terms: vec![(cell, 1.0), (shown, -printed)], low, high }
}

/// Changes to one cell that is withheld for others. Without it the attack finds something, or the pattern did not need it.
fn put_back(published: &Published, cell: usize, method: Method, counts: &mut Counts) {
    let caught = published.change(|it| it.withheld[cell] = false);
    if method == Method::Exact || caught[1] {
        note(counts, 1, caught);
        note(counts, 5, published.change(|it| it.add_known(&[(cell as u32, 1.0)], 0)));
    }
}

/// What is withheld for others is rounded instead where that protects; then one rounding after the other is left out.
fn narrow(published: &Published, counts: &mut Counts) {
    let secondary = published.secondary();
    let mut rounded = Published { offered: Vec::new(), ..published.clone_of() };
    for at in &secondary {
        rounded.withheld[*at] = false;
        rounded.problem.cells[*at].half_width = rounded.problem.cells[*at].value;
    }
    if rounded.attackers == Attackers::Outsiders && rounded.is_caught() == [false, false] {
        secondary.iter().for_each(|at| note(counts, 2, rounded.change(|it| it.problem.cells[*at].half_width = 0)));
    }
}

impl Published {
    fn clone_of(&self) -> Self {
        let Self { problem, withheld, offered, attackers } = self;
        Self { problem: problem.clone(), withheld: withheld.clone(), offered: offered.clone(), attackers: *attackers }
    }
}

fn mutate(seed: u64) -> Counts {
    let method = if seed.is_multiple_of(4) || seed % 4 == 3 { Method::Exact } else { Method::Fast };
    // The exact search is given the smaller tables.
    let shapes = if method == Method::Exact { &medium::SHAPES[..2] } else { medium::SHAPES };
    let published = Published::new(shapes[(seed / 4) as usize % shapes.len()], seed, method);
    assert_eq!(published.is_caught(), [false, false], "seed {seed}: the pattern itself holds");
    let mut counts = [0; 12];
    published.demanded().into_iter().for_each(|(cell, level)| give_away(&published, cell, level, &mut counts));
    published.secondary().into_iter().for_each(|cell| put_back(&published, cell, method, &mut counts));
    if method == Method::Exact {
        narrow(&published, &mut counts);
    }
    if (0..KINDS.len()).any(|kind| counts[2 * kind] != counts[2 * kind + 1]) {
        println!("seed {seed}, {method:?}: {counts:?}");
    }
    counts
}

fn mutate_all(count: u64) {
    let counts = (0..count).into_par_iter().map(mutate).reduce(|| [0; 12], add);
    for (kind, name) in KINDS.iter().enumerate() {
        println!("{name}: {} of {} caught", counts[2 * kind + 1], counts[2 * kind]);
    }
    for kind in 0..KINDS.len() {
        assert!(counts[2 * kind] > 0, "{} was tried", KINDS[kind]);
        assert_eq!(counts[2 * kind + 1], counts[2 * kind], "{}", KINDS[kind]);
    }
}

#[test]
fn every_publication_that_gives_a_cell_away_is_caught() {
    mutate_all(8);
}

#[test]
#[ignore = "some hundreds of tables, for the night"]
fn every_publication_that_gives_a_cell_away_is_caught_at_length() {
    mutate_all(400);
}

/// Beyond 2,500 cells attacks are made region by region.
#[test]
fn exact_proves_a_system_that_is_attacked_region_by_region() {
    let problem = medium::table(&[(5, 10), (5, 10)], 1, Cost::Value);
    assert!(problem.cells.len() > 2_500);
    let [exact, fast] =
        [Method::Exact, Method::Fast].map(|method| protect(&problem, method, Attackers::Outsiders).expect("a pattern"));
    let bound = exact.bound.expect("a bound");
    println!("{} cells: exact {}, bound {bound}, fast {}", problem.cells.len(), exact.cost, fast.cost);
    assert!(exact.cost > 0.0 && bound >= exact.cost * (1.0 - 1e-6) && bound <= fast.cost);
    let report = attack(&problem, &exact.withheld, &[], Attackers::Outsiders, Ends::AsFarAsLevel);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

/// Where most of a region is withheld its programs are written otherwise.
#[test]
fn a_table_of_which_a_quarter_is_unsafe_withstands() {
    for (attackers, seed) in [(Attackers::Outsiders, 1), (Attackers::Contributors, 2)] {
        let problem = medium::table_of(&[(2, 3), (2, 3), (2, 2)], 1..2, seed, Cost::Value);
        assert!(4 * problem.demands.len() > problem.cells.len(), "{} of {}", problem.demands.len(), problem.cells.len());
        let found = protect(&problem, Method::Fast, attackers).expect("a pattern");
        let withheld = found.withheld.iter().filter(|withheld| **withheld).count();
        println!("{attackers:?}: {} cells, {} unsafe, {withheld} withheld", problem.cells.len(), problem.demands.len());
        let report = attack(&problem, &found.withheld, &found.witnesses, attackers, Ends::AsFarAsLevel);
        assert!(report.findings.is_empty(), "{:?}", report.findings);
        assert_eq!(report.effort.witnesses_sound, found.witnesses.len());
    }
}

// The number of threads changes nothing.

#[test]
fn one_thread_and_two_find_the_same() {
    for (method, seed) in [(Method::Fast, 1), (Method::Fast, 2), (Method::Exact, 3), (Method::Exact, 4)] {
        let problem = medium::table(medium::SHAPES[1], seed, Cost::Value);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| protect(&problem, method, Attackers::Contributors)).expect("a pattern")
        };
        let (one, two) = (with(1), with(2));
        assert!(one.withheld.contains(&true) && !one.witnesses.is_empty());
        assert_eq!(one.withheld, two.withheld);
        assert_eq!(one.witnesses, two.witnesses);
        assert_eq!((one.cost, one.bound), (two.cost, two.bound));
    }
}
