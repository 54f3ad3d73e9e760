//! Time and memory of suppression and of the full audit on random hierarchical tables, by size.
//!
//! `cargo bench --bench engine -- 10000 50000`: cells wanted, in tables of three ways, or of four with `ways=4`; without any it runs one
//! small table, to see that it works. `density=` records for every innermost cell, `exact`, `outsiders`.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a benchmark prints and fails by panicking"
)]

use std::time::Instant;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sluis::cells::hierarchy::Hierarchy;
use sluis::cells::records::{Record, tabulate};
use sluis::cells::system::{Cost, judge, problem};
use sluis::cells::table::Dimension;
use sluis::disclosure::audit::attack::{Ends, attack};
use sluis::disclosure::problem::{Attackers, Fate, Problem};
use sluis::disclosure::profile::Profile;
use sluis::disclosure::suppress::search::{Method, Options, solve};

/// Ways, groups per way and parts per group.
struct Shape {
    ways: usize,
    groups: usize,
    parts: usize,
}

const SHAPES: &[Shape] = &[
    Shape { ways: 3, groups: 3, parts: 2 },
    Shape { ways: 3, groups: 4, parts: 4 },
    Shape { ways: 2, groups: 8, parts: 13 },
    Shape { ways: 4, groups: 3, parts: 2 },
    Shape { ways: 3, groups: 6, parts: 5 },
    Shape { ways: 4, groups: 2, parts: 6 },
    Shape { ways: 3, groups: 5, parts: 8 },
    Shape { ways: 4, groups: 3, parts: 5 },
    Shape { ways: 3, groups: 23, parts: 3 },
    Shape { ways: 4, groups: 4, parts: 6 },
];

/// Seconds after which an exact search ends.
const SECONDS_MAX: f64 = 60.0;

impl Shape {
    fn cells(&self) -> usize {
        (1 + self.groups * (1 + self.parts)).pow(self.ways as u32)
    }

    fn dimensions(&self) -> Vec<Dimension> {
        let group = |group: usize| {
            let parts: String = (0..self.parts).map(|part| format!("@g{group}p{part}\n")).collect();
            format!("g{group}\n{parts}")
        };
        let text: String = (0..self.groups).map(group).collect();
        let hierarchy = Hierarchy::indented(&text, "@").expect("a hierarchy");
        (0..self.ways).map(|way| Dimension::nested(&format!("way{way}"), &hierarchy)).collect()
    }
}

/// Contributors of very different size that stand in several cells; `density` records for every innermost cell.
fn records(shape: &Shape, density: f64, seed: u64) -> Vec<Record> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let count = ((shape.groups * shape.parts).pow(shape.ways as u32) as f64 * density) as usize;
    let holdings = (count / 3).max(1);
    let record = |_| {
        let code = |random: &mut ChaCha8Rng| {
            format!("g{}p{}", random.random_range(0..shape.groups), random.random_range(0..shape.parts))
        };
        let codes = (0..shape.ways).map(|_| code(&mut random)).collect();
        let size: f64 = (0..6).map(|_| random.random_range(-1.0..1.0f64)).sum::<f64>() * 1.2;
        let holding = Some(format!("h{}", random.random_range(0..holdings)));
        Record { codes, holding, value: (size.exp() * 1e6) as i64 * 10_000, weight: None }
    };
    (0..count).map(record).collect()
}

fn run(shape: &Shape, density: f64, method: Method, attackers: Attackers) {
    let records = records(shape, density, 1);
    let table = tabulate("turnover", shape.dimensions(), &records).expect("a table");
    let profile = "name='p'\nversion='1'\ntitle='p %'\nsource='benchmark'\nzero='safe'\n[p_percent]\np=10\n";
    let verdicts = judge(&table, &Profile::parse(profile).expect("a profile"));
    let problem = problem(&table, &verdicts, Cost::Value);
    let primary = verdicts.iter().filter(|verdict| verdict.is_unsafe()).count();
    println!(
        "{}-way, {} cells with units, {primary} unsafe ({:.0} %), {} sums; making the table took {:.2} GiB",
        shape.ways,
        table.cells.len(),
        100.0 * primary as f64 / table.cells.len() as f64,
        problem.equations.len(),
        peak_gib()
    );
    let began = Instant::now();
    let pattern = solve(&problem, &Options { method, attackers, seconds_max: (method == Method::Exact).then_some(SECONDS_MAX) })
        .expect("a pattern");
    let took = began.elapsed().as_secs_f64();
    let secondary = (0..problem.cells.len()).filter(|at| pattern.withheld[*at] && problem.cells[*at].fate == Fate::Free).count();
    println!(
        "  {method:?} {attackers:?}: {took:.1} s, {:.2} ms per cell, {secondary} secondary, {:.2} % of value, gap {}, {} programs, {} witnesses, peak {:.2} GiB",
        1e3 * took / table.cells.len() as f64,
        share(&problem, pattern.cost),
        pattern.bound.map_or("-".into(), |bound| format!("{:.2} %", 100.0 * (pattern.cost - bound) / pattern.cost.max(1.0))),
        pattern.programs,
        pattern.witnesses.len(),
        peak_gib()
    );
    let began = Instant::now();
    let report = attack(&problem, &pattern.withheld, &pattern.witnesses, attackers, Ends::AsFarAsLevel);
    println!(
        "  audit: {:.1} s, {} findings, {} of {} witnesses sound, {} programs, {} insiders, peak {:.2} GiB",
        began.elapsed().as_secs_f64(),
        report.findings.len(),
        report.effort.witnesses_sound,
        report.effort.witnesses_offered,
        report.effort.programs,
        report.effort.insiders,
        peak_gib()
    );
    assert!(report.findings.is_empty(), "the audit has findings");
}

/// Part of the value of all cells that could be shown, in per cent.
fn share(problem: &Problem, cost: f64) -> f64 {
    100.0 * cost / problem.cells.iter().map(|cell| cell.value as f64).sum::<f64>()
}

fn peak_gib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    peak.unwrap_or(0.0) / 1024.0 / 1024.0
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let method = if wanted.iter().any(|word| word == "exact") { Method::Exact } else { Method::Fast };
    let attackers = if wanted.iter().any(|word| word == "outsiders") { Attackers::Outsiders } else { Attackers::Contributors };
    let density = wanted.iter().find_map(|word| word.strip_prefix("density=")?.parse().ok()).unwrap_or(6.0);
    let ways = wanted.iter().find_map(|word| word.strip_prefix("ways=")?.parse().ok()).unwrap_or(3);
    let sizes: Vec<usize> = wanted.iter().filter_map(|word| word.parse().ok()).collect();
    if sizes.is_empty() {
        return run(&SHAPES[0], density, method, attackers);
    }
    for size in sizes {
        let distance = |shape: &&Shape| (shape.cells() as f64 / size as f64).ln().abs();
        let nearest =
            SHAPES.iter().filter(|shape| shape.ways == ways).min_by(|a, b| distance(a).total_cmp(&distance(b))).expect("a shape");
        run(nearest, density, method, attackers);
    }
}
