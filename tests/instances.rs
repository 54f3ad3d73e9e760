//! The engine on instances that other programs have solved, where their files are present: the same unsafe cells, what protecting them
//! costs beside the peers' results and the proven optimum, and what an attack makes of the peers' own patterns.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests read their own files, and fail by panicking"
)]

use std::path::Path;
use std::time::Instant;

use sluis::cells::system::Cost;
use sluis::disclosure::audit::attack::{Ends, Leak, Report, attack};
use sluis::disclosure::problem::{Attackers, Fate, Problem, Witness};
use sluis::disclosure::suppress::search::{Method, Options, Pattern, solve};

#[path = "support/peers.rs"]
mod peers;

use peers::{AGAINST, Against, BOTH, INSTANCES, Instance, Loaded, Optimum, SCALE, instance, instances};

/// Seconds for the exact method in the table.
const SECONDS_MAX: f64 = 15.0;
/// Cells up to which the audit is made a second time without witnesses, against readers and against contributors.
const UNAIDED_MAX: (usize, usize) = (1_700, 500);

impl Against {
    fn attackers(self) -> Attackers {
        if self == Self::Contributors { Attackers::Contributors } else { Attackers::Outsiders }
    }

    fn unaided_max(self) -> usize {
        if self == Self::Contributors { UNAIDED_MAX.1 } else { UNAIDED_MAX.0 }
    }
}

/// One instance protected one way: a row of the table.
struct Row {
    secondary: usize,
    /// In units of the cost.
    cost: f64,
    bound: Option<f64>,
    programs: usize,
    seconds: f64,
    /// Findings of the audit with witnesses, and without where it was made.
    findings: (usize, Option<usize>),
    audit_seconds: f64,
    pattern: Pattern,
}

/// Protects and audits, twice where the table is small.
fn run(loaded: &Loaded, cost: Cost, method: Method, against: Against, seconds_max: Option<f64>) -> Result<Row, String> {
    let problem = loaded.problem(cost, against);
    let began = Instant::now();
    let options = Options { method, attackers: against.attackers(), seconds_max };
    let pattern = solve(&problem, &options).map_err(|stuck| format!("{} cells cannot be protected", stuck.cells.len()))?;
    let seconds = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let audit = |witnesses: &[Witness]| {
        attack(&problem, &pattern.withheld, witnesses, against.attackers(), Ends::AsFarAsLevel).findings.len()
    };
    let aided = audit(&pattern.witnesses);
    let audit_seconds = began.elapsed().as_secs_f64();
    let unaided = (loaded.cells() <= against.unaided_max()).then(|| audit(&[]));
    let scale = if cost == Cost::Value && !problem.whole { SCALE } else { 1.0 };
    let secondary = problem.cells.iter().zip(&pattern.withheld).filter(|(cell, withheld)| **withheld && cell.fate == Fate::Free);
    Ok(Row {
        secondary: secondary.count(),
        cost: pattern.cost / scale,
        bound: pattern.bound.map(|bound| bound / scale),
        programs: pattern.programs,
        seconds,
        findings: (aided, unaided),
        audit_seconds,
        pattern,
    })
}

impl Row {
    fn gap_percent(&self) -> Option<f64> {
        self.bound.map(|bound| if self.cost > 0.0 { 100.0 * (self.cost - bound) / self.cost } else { 0.0 })
    }

    /// Nothing was found, whether witnesses helped or not.
    fn withstands(&self) -> bool {
        self.findings.0 == 0 && self.findings.1.unwrap_or(0) == 0
    }

    fn text(&self) -> String {
        let bound = self.bound.map_or_else(String::new, |bound| format!("{bound:.1}"));
        let gap = self.gap_percent().map_or_else(String::new, |gap| format!("{gap:.3} %"));
        let verdict = match self.findings {
            (0, Some(0)) => "withstands, also without witnesses".to_owned(),
            (0, None) => "withstands".to_owned(),
            (aided, unaided) => format!("{aided} findings, without witnesses {unaided:?}"),
        };
        format!(
            "{} | {:.1} | {bound} | {gap} | {} | {:.2} | {verdict} ({:.2} s)",
            self.secondary, self.cost, self.programs, self.seconds, self.audit_seconds
        )
    }
}

impl Instance {
    fn optimum(&self, cost: Cost, against: Against) -> Option<&Optimum> {
        self.optima.iter().find(|known| known.cost == cost && known.against == against)
    }

    /// Values against everybody, fewest cells where an optimum is known, or against readers where none is.
    fn is_asked(&self, cost: Cost, against: Against) -> bool {
        let unknown = self.optima.is_empty() && against == Against::Outsiders;
        cost == Cost::Value || unknown || self.optimum(cost, against).is_some()
    }

    /// Every row of the instance, printed; the names of those that do not withstand the audit.
    fn print(&self, folder: &Path) -> Vec<String> {
        let loaded = (self.read)(folder);
        let (cells, is_unsafe) = (loaded.cells(), loaded.is_unsafe(self.name));
        let peer = loaded.said.as_deref().unwrap_or(self.peer);
        let mut open = Vec::new();
        for cost in self.costs {
            for against in AGAINST.into_iter().filter(|against| self.is_asked(*cost, *against)) {
                for method in self.methods {
                    let known = self.optimum(*cost, against).map_or_else(String::new, Optimum::text);
                    let name = format!("{} | {cells} | {is_unsafe} | {cost:?} | {against:?} | {method:?}", self.name);
                    match run(&loaded, *cost, *method, against, Some(SECONDS_MAX)) {
                        Ok(row) => {
                            println!("| {name} | {} | {known} | {peer} |", row.text());
                            open.extend((!row.withstands()).then_some(name));
                        }
                        Err(why) => println!("| {name} | {why} | | | | | | | {known} | {peer} |"),
                    }
                }
            }
        }
        open
    }

    /// Asserts that the exact method finds the optimum and proves it.
    fn is_exact(&self, folder: &Path, cost: Cost, against: Against) {
        let (name, row, least) = self.one(folder, cost, Method::Exact, against);
        assert!((row.cost - least).abs() <= 0.51, "{name}: {} and not {least}", row.cost);
        assert!(row.gap_percent().is_some_and(|gap| gap < 1e-4), "{name}: bound {:?}", row.bound);
    }

    /// Asserts that the fast method comes near the optimum.
    fn is_near(&self, folder: &Path, cost: Cost, against: Against) {
        let (name, row, least) = self.one(folder, cost, Method::Fast, against);
        assert!(row.cost <= 1.03 * least, "{name}: {} is more than 3 % above {least}", row.cost);
    }

    /// One pattern, that withstands the audit, and the least cost.
    fn one(&self, folder: &Path, cost: Cost, method: Method, against: Against) -> (String, Row, f64) {
        let known = self.optimum(cost, against).expect("an optimum is known");
        let row = run(&(self.read)(folder), cost, method, against, None).expect("a pattern");
        let name = format!("{} {cost:?} {against:?} {method:?}", self.name);
        println!("{name}: {}", row.text());
        assert!(row.withstands(), "{name}: {:?}", row.findings);
        (name, row, known.least())
    }
}

impl Optimum {
    fn least(&self) -> f64 {
        self.value.unwrap_or(self.cells as f64)
    }

    fn text(&self) -> String {
        match self.value {
            Some(value) => format!("{}, {value}", self.cells),
            None => self.cells.to_string(),
        }
    }
}

/// What the attack learns from the pattern of a peer, with the peer's own levels.
fn attacked(loaded: &Loaded, withheld: &[bool], against: Against) -> (Problem, Report) {
    let problem = loaded.problem(Cost::Value, against);
    let rest = problem.cells[withheld.len()..].iter().map(|cell| cell.fate == Fate::Hidden);
    let withheld: Vec<bool> = withheld.iter().copied().chain(rest).collect();
    let report = attack(&problem, &withheld, &[], against.attackers(), Ends::AsFarAsLevel);
    (problem, report)
}

fn count(report: &Report, leak: Leak) -> usize {
    report.findings.iter().filter(|finding| finding.leak == leak).count()
}

#[test]
fn the_unsafe_cells_are_those_of_the_peers() {
    let Some(folder) = instances() else { return };
    for instance in INSTANCES {
        let loaded = (instance.read)(&folder);
        let found = loaded.is_unsafe(instance.name);
        println!("{}: {} cells, {found} unsafe", instance.name, loaded.cells());
        assert!(instance.is_unsafe.is_none_or(|known| known == found), "{}: {found}", instance.name);
    }
}

#[test]
fn simple2d_is_protected_at_the_proven_optimum() {
    let Some(folder) = instances() else { return };
    for (cost, against) in SIMPLE_OPTIMA {
        instance("simple2d").is_exact(&folder, cost, against);
    }
}

const SIMPLE_OPTIMA: [(Cost, Against); 3] =
    [(Cost::Value, Against::Outsiders), (Cost::Value, Against::Pairs), (Cost::Cells, Against::Pairs)];

#[test]
fn enterprise_is_protected_at_the_proven_optimum() {
    let Some(folder) = instances() else { return };
    instance("enterprise").is_exact(&folder, Cost::Value, Against::Outsiders);
    instance("enterprise").is_exact(&folder, Cost::Value, Against::Pairs);
    instance("enterprise, missing judged").is_exact(&folder, Cost::Value, Against::Pairs);
}

#[test]
fn insee_is_protected_at_the_proven_optimum() {
    let Some(folder) = instances() else { return };
    instance("insee").is_exact(&folder, Cost::Value, Against::Outsiders);
    instance("insee").is_exact(&folder, Cost::Cells, Against::Outsiders);
}

#[test]
fn the_fast_method_is_within_3_percent_of_every_optimum() {
    let Some(folder) = instances() else { return };
    for instance in INSTANCES.iter().filter(|instance| instance.methods == BOTH) {
        let costs = instance.optima.iter().filter(|known| known.value.is_some() || known.cost == Cost::Cells);
        for known in costs {
            instance.is_near(&folder, known.cost, known.against);
        }
    }
}

#[test]
fn small_tables_get_the_pattern_of_the_exact_peers() {
    let Some(folder) = instances() else { return };
    for name in ["microdata1", "batch ex1", "batch ex2"] {
        let loaded = (instance(name).read)(&folder);
        for method in BOTH {
            let row = run(&loaded, Cost::Value, *method, Against::Outsiders, None).expect("a pattern");
            assert!(row.withstands() && row.secondary == 3, "{name} {method:?}: {} {:?}", row.secondary, row.findings);
            assert_eq!(row.pattern.withheld[..15], loaded.patterns[0].1, "{name} {method:?}");
        }
    }
}

/// Attacks every peer's pattern that is at hand with the peer's own levels, and prints what is found; the reports.
fn attack_patterns(instance: &Instance, folder: &Path, against: Against) -> Vec<Report> {
    let loaded = (instance.read)(folder);
    let attack = |(peer, withheld): &(&'static str, Vec<bool>)| {
        let (problem, report) = attacked(&loaded, withheld, against);
        let [shown, recovered, narrowed, open] =
            [Leak::Shown, Leak::Recovered, Leak::Narrowed, Leak::ToContributor].map(|leak| count(&report, leak));
        let name = instance.name;
        assert_eq!(shown, 0, "{name}: the same cells are unsafe");
        println!("| {name} | {peer} | {against:?} | {} | {recovered} | {narrowed} | {open} |", problem.demands.len());
        report
    };
    loaded.patterns.iter().map(attack).collect()
}

const PATTERNS: &str =
    "| instance | pattern | against | demands | recovered | narrowed | open to a contributor |\n|---|---|---|---|---|---|---|";

#[test]
fn the_patterns_of_the_peers_withstand_readers() {
    let Some(folder) = instances() else { return };
    println!("{PATTERNS}");
    for instance in INSTANCES.iter().filter(|instance| instance.methods == BOTH) {
        for against in [Against::Outsiders, Against::Pairs] {
            for report in attack_patterns(instance, &folder, against) {
                assert!(report.findings.is_empty(), "{}: {:?}", instance.name, report.findings);
            }
        }
    }
}

#[test]
fn the_pattern_of_the_peer_for_simple2d_is_open_to_contributors() {
    let Some(folder) = instances() else { return };
    println!("{PATTERNS}");
    let reports = attack_patterns(instance("simple2d"), &folder, Against::Contributors);
    assert_eq!(reports.iter().map(|report| count(report, Leak::ToContributor)).collect::<Vec<_>>(), [4]);
}

#[test]
#[ignore = "takes minutes; run it to see how many cells are open"]
fn the_pattern_of_the_peer_for_enterprise_against_contributors() {
    let Some(folder) = instances() else { return };
    println!("{PATTERNS}");
    let reports = attack_patterns(instance("enterprise"), &folder, Against::Contributors);
    assert!(reports.iter().all(|report| count(report, Leak::Recovered) + count(report, Leak::Narrowed) == 0));
}

#[test]
fn contributors_without_a_name_are_protected() {
    let Some(folder) = instances() else { return };
    for name in ["insee", "pp.tab"] {
        let row =
            run(&(instance(name).read)(&folder), Cost::Value, Method::Fast, Against::Contributors, None).expect("a pattern");
        println!("{name} Contributors Fast: {}", row.text());
        assert!(row.withstands(), "{name}: {:?}", row.findings);
    }
}

#[test]
#[ignore = "takes long; run it to see the table of every instance"]
fn every_instance_is_protected_and_audited() {
    let Some(folder) = instances() else { return };
    println!(
        "| instance | cells | unsafe | cost | against | method | secondary | cost of them | bound | gap | programs | seconds | audit \
         | proven optimum | peers |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    );
    let open: Vec<String> = INSTANCES.iter().flat_map(|instance| instance.print(&folder)).collect();
    assert!(open.is_empty(), "the audit finds something: {open:?}");
}
