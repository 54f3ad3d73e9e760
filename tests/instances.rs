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
use sluis::cells::records::{Dimension, tabulate};
use sluis::disclosure::assess::{Assessed, assess};
use sluis::disclosure::audit::audit;
use sluis::disclosure::evidence::Treatment;
use sluis::disclosure::profile::Profile;
use sluis::disclosure::suppress::protect;
use sluis::tables::set::TableSet;

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

fn table(instance: &Instance, folder: &Path) -> TableSet {
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
        Dimension { name: (*name).to_owned(), hierarchy }
    };
    let dimensions: Vec<Dimension> = instance.spanning.iter().enumerate().map(dimension).collect();
    tabulate(instance.measure, &dimensions, &records).expect("a table")
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

/// Our cells: key, and index in the set.
fn ours(set: &TableSet) -> BTreeMap<[String; 2], usize> {
    let table = &set.tables[0];
    let key = |row: &sluis::tables::set::Row| [0, 1].map(|at| row.key[&table.columns[at]].clone());
    table.rows.iter().map(|row| (key(row), row.cell)).collect()
}

/// Every cell has the peer's value and the peer's verdict; returns the assessment and how many cells are unsafe with and without those
/// that the peer does not judge.
fn compare(instance: &Instance, folder: &Path) -> (Assessed, usize, usize) {
    let set = table(instance, folder);
    let theirs = peer(instance, folder);
    let values: BTreeMap<[String; 2], String> =
        ours(&set).into_iter().map(|(key, cell)| (key, sluis::amount::decimal(set.cells[cell].stats.total, 2))).collect();
    let keys = ours(&set);
    let assessed = assess(set, &rule(instance.p));
    assert_eq!(keys.keys().collect::<Vec<_>>(), theirs.keys().collect::<Vec<_>>(), "the same cells are not empty");
    let (mut all, mut judged) = (0, 0);
    for (key, cell) in &keys {
        assert_eq!(values[key], theirs[key].1, "{key:?}");
        let is_unsafe = assessed.verdict(*cell).is_unsafe();
        all += usize::from(is_unsafe);
        if instance.not_judged.is_none_or(|code| !key.iter().any(|own| own == code)) {
            assert_eq!(is_unsafe, theirs[key].0, "{key:?}");
            judged += usize::from(is_unsafe);
        }
    }
    (assessed, all, judged)
}

/// Protects, audits and prints what it took.
fn solve(instance: &Instance, folder: &Path) {
    let (assessed, all, judged) = compare(instance, folder);
    let began = Instant::now();
    let protected = protect(assessed).expect("a pattern");
    let took = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let (_, evidence) = audit(protected).expect("the audit passes");
    let secondary: Vec<_> = evidence.cells.iter().filter(|cell| cell.treatment == Treatment::Secondary).collect();
    let cost: i128 = secondary.iter().map(|cell| cell.figures.total).sum();
    println!("{}: {} cells not empty, {all} unsafe ({judged} judged by the peer)", instance.name, evidence.cells.len());
    println!("  ours: {} secondary ({}), {took:.1} s", secondary.len(), sluis::amount::decimal(cost, 0));
    println!("  audit: passed, {:.1} s, {} hidden sets", began.elapsed().as_secs_f64(), evidence.virtual_cells.len());
    println!("  effort: {:?}", evidence.protection);
    println!("  known: {}", instance.known);
}

#[test]
fn the_unsafe_cells_of_simple2d_are_those_of_the_peer() {
    let Some(folder) = instances() else { return };
    let (_, all, judged) = compare(&SIMPLE, &folder);
    assert_eq!((all, judged), (9, 9));
}

#[test]
fn the_unsafe_cells_of_enterprise_are_those_of_the_peer() {
    let Some(folder) = instances() else { return };
    let (_, all, judged) = compare(&ENTERPRISE, &folder);
    assert_eq!((all, judged), (290, 283));
}

#[test]
#[ignore = "takes its time; run it to see the figures"]
fn simple2d_is_protected_and_audited() {
    instances().iter().for_each(|folder| solve(&SIMPLE, folder));
}

#[test]
#[ignore = "takes long; run it to see the figures"]
fn enterprise_is_protected_and_audited() {
    instances().iter().for_each(|folder| solve(&ENTERPRISE, folder));
}
