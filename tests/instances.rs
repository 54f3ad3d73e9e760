//! The engine on instances that other programs have solved, where their files are present: the same unsafe cells, and what it costs.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests read their own files, and fail by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use sluis::cells::argus::{self, Variable};
use sluis::cells::hierarchy::Hierarchy;
use sluis::cells::records::tabulate;
use sluis::cells::system::{Cost, judge, problem, singleton_pairs};
use sluis::cells::table::{CellTable, Dimension};
use sluis::disclosure::audit::attack::{Ends, attack};
use sluis::disclosure::problem::{Attackers, Fate};
use sluis::disclosure::profile::Profile;
use sluis::disclosure::rules::Verdict;
use sluis::disclosure::suppress::search::{Method, Options, solve};

struct Instance {
    name: &'static str,
    folder: &'static str,
    description: &'static str,
    records: &'static str,
    peer: &'static str,
    spanning: [&'static str; 2],
    measure: &'static str,
    p: u32,
    /// A code that stands for a missing one, whose cells the peer does not judge.
    not_judged: Option<&'static str>,
    /// What the peer and an exact solution withhold beside the unsafe cells: number and sum of values.
    known: &'static str,
}

const SIMPLE: Instance = Instance {
    name: "simple2d",
    folder: "argus/simple2d",
    description: "Tau_TestW.rda",
    records: "tau_testW.asc",
    peer: "Simple2D.txt",
    spanning: ["Size", "Region"],
    measure: "Var2",
    p: 15,
    not_judged: None,
    known: "tau-ARGUS Modular 12 (2,524,351); optimum 6 (521,926), with singleton pairs 12 (1,092,477), fewest cells then 8",
};

const ENTERPRISE: Instance = Instance {
    name: "enterprise",
    folder: "argus/enterprise",
    description: "example_enterprise.rda",
    records: "example_enterprise.asc",
    peer: "test_1.txt",
    spanning: ["act", "product"],
    measure: "turnover",
    p: 10,
    not_judged: Some("00"),
    known: "tau-ARGUS Hypercube 133 (1,376,577); optimum 55 (318,552), with singleton pairs 78 (412,135), fewest cells then 71; \
            missing codes judged: GaussSuppression 80 (410,733), optimum with singleton pairs 77 (411,953)",
};

/// The folder with the instances, beside the repository; `None` where there is none, and then it is said.
fn instances() -> Option<PathBuf> {
    let found =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared/data/sdc")).find(|at| at.is_dir());
    if found.is_none() {
        eprintln!("the instances are not here, nothing was compared");
    }
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("the file of the instance can be read")
}

fn table(instance: &Instance, folder: &Path) -> CellTable {
    let folder = folder.join(instance.folder);
    let variables = argus::variables(&read(&folder.join(instance.description))).expect("a description");
    let text = read(&folder.join(instance.records));
    let records = argus::records(&text, &variables, &instance.spanning, instance.measure).expect("records");
    let dimension = |(at, name): (usize, &&str)| {
        let variable: &Variable = variables.iter().find(|one| one.name == **name).expect("the variable");
        let mut hierarchy = match &variable.hierarchy_file {
            Some(file) => Hierarchy::indented(&read(&folder.join(file)), &variable.lead).expect("a hierarchy"),
            None => Hierarchy::default(),
        };
        hierarchy.complete(records.iter().map(|record| record.codes[at].as_str()));
        Dimension::nested(name, &hierarchy)
    };
    let dimensions: Vec<Dimension> = instance.spanning.iter().enumerate().map(dimension).collect();
    tabulate(instance.measure, dimensions, &records).expect("a table")
}

fn rule(p: u32) -> Profile {
    let text = format!("name='p'\nversion='1'\ntitle='p %'\nsource='the instance'\nzero='safe'\n[p_percent]\np={p}\n");
    Profile::parse(&text).expect("a profile")
}

/// The peer's cells that are not empty: whether each is unsafe, and its value with two decimals.
fn peer(instance: &Instance, folder: &Path) -> BTreeMap<[String; 2], (bool, String)> {
    let text = read(&folder.join(instance.folder).join(instance.peer));
    let code = |field: &str| {
        let code = field.trim_matches('"').trim();
        if code == "Total" { String::new() } else { code.to_owned() }
    };
    let cells = text.lines().filter_map(|line| {
        let fields: Vec<&str> = line.trim().split(',').collect();
        let empty = fields.len() < 4 || fields[3] == "14";
        (!empty).then(|| ([code(fields[0]), code(fields[1])], (fields[3] == "3", fields[2].to_owned())))
    });
    cells.collect()
}

/// Whether each cell is unsafe in our eyes, all of them and those that the peer judges; every cell has the peer's value and verdict.
fn compare(instance: &Instance, folder: &Path) -> (CellTable, Vec<Verdict>, usize, usize) {
    let table = table(instance, folder);
    let theirs = peer(instance, folder);
    let verdicts = judge(&table, &rule(instance.p));
    assert_eq!(table.cells.len(), theirs.len(), "the same cells are not empty");
    let (mut all, mut judged) = (0, 0);
    for (cell, verdict) in table.cells.iter().zip(&verdicts) {
        let key = [0, 1].map(|at| table.dimensions[at].codes[cell.codes[at] as usize].clone());
        assert_eq!(sluis::amount::decimal(cell.stats.total, 2), theirs[&key].1, "{key:?}");
        all += usize::from(verdict.is_unsafe());
        if instance.not_judged.is_none_or(|code| !key.iter().any(|own| own == code)) {
            assert_eq!(verdict.is_unsafe(), theirs[&key].0, "{key:?}");
            judged += usize::from(verdict.is_unsafe());
        }
    }
    (table, verdicts, all, judged)
}

/// Protects and prints what it took, without and with singleton pairs kept apart, and against every contributor.
fn solve_all(instance: &Instance, folder: &Path) {
    let (table, mut verdicts, all, judged) = compare(instance, folder);
    println!("{}: {} cells not empty, {all} unsafe ({judged} judged by the peer)", instance.name, table.cells.len());
    println!("  known: {}", instance.known);
    for kept in [instance.not_judged, None] {
        if kept.is_none() && instance.not_judged.is_some() {
            println!("  missing codes judged:");
        }
        if let Some(code) = kept {
            for (cell, verdict) in table.cells.iter().zip(&mut verdicts) {
                if [0, 1].iter().any(|at| table.dimensions[*at].codes[cell.codes[*at] as usize] == code) {
                    *verdict = Verdict::default();
                }
            }
        } else {
            verdicts = judge(&table, &rule(instance.p));
        }
        for method in [Method::Fast, Method::Exact] {
            for (name, attackers, pairs) in
                [("plain", Attackers::Outsiders, false), ("pairs", Attackers::Outsiders, true), ("contributors", Attackers::Contributors, false)]
            {
                let mut problem = problem(&table, &verdicts, Cost::Value);
                if pairs {
                    problem.demands.extend(singleton_pairs(&problem));
                }
                let began = Instant::now();
                let pattern = solve(&problem, &Options { method, attackers, seconds_max: None }).expect("a pattern");
                let count = (0..problem.cells.len()).filter(|at| pattern.withheld[*at] && problem.cells[*at].fate == Fate::Free).count();
                let took = began.elapsed().as_secs_f64();
                let began = Instant::now();
                let report = attack(&problem, &pattern.withheld, &pattern.witnesses, attackers, Ends::AsFarAsLevel);
                println!(
                    "    {method:?} {name}: {count} cells, cost {:.0}, bound {:?}, {} programs, {took:.2} s; audit: {} findings, {:?}, {:.2} s",
                    pattern.cost / 10_000.0,
                    pattern.bound.map(|bound| (bound / 10_000.0).round()),
                    pattern.programs,
                    report.findings.len(),
                    report.effort,
                    began.elapsed().as_secs_f64()
                );
                assert!(report.findings.is_empty(), "{:?}", report.findings);
                let alone = attack(&problem, &pattern.withheld, &[], attackers, Ends::AsFarAsLevel);
                assert!(alone.findings.is_empty(), "without witnesses: {:?}", alone.findings);
            }
        }
        if instance.not_judged.is_none() {
            break;
        }
    }
}

#[test]
fn the_unsafe_cells_of_simple2d_are_those_of_the_peer() {
    let Some(folder) = instances() else { return };
    let (_, _, all, judged) = compare(&SIMPLE, &folder);
    assert_eq!((all, judged), (9, 9));
}

#[test]
fn the_unsafe_cells_of_enterprise_are_those_of_the_peer() {
    let Some(folder) = instances() else { return };
    let (_, _, all, judged) = compare(&ENTERPRISE, &folder);
    assert_eq!((all, judged), (290, 283));
}

#[test]
#[ignore = "takes its time; run it to see the figures"]
fn simple2d_is_protected_and_audited() {
    instances().iter().for_each(|folder| solve_all(&SIMPLE, folder));
}

#[test]
#[ignore = "takes long; run it to see the figures"]
fn enterprise_is_protected_and_audited() {
    instances().iter().for_each(|folder| solve_all(&ENTERPRISE, folder));
}
