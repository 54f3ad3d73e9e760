//! An attacker who shares no code with the protection: it reads a finished run's files and computes, for every unsafe set of units, the
//! interval into which the published numbers force its sum and its count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use highs::{HighsModelStatus, RowProblem, Sense};

/// A set of units × layer as `vault/sets.csv` has it.
#[derive(Clone, Debug)]
pub struct Set {
    pub id: String,
    pub universe: String,
    pub layer: String,
    pub units: f64,
    pub contributors: f64,
    /// Sum of the layer, in ten-thousandths.
    pub total: f64,
    pub largest: f64,
    pub absolute: f64,
    pub numerator: Option<(f64, f64)>,
    pub rules: String,
    pub withheld: bool,
    pub atoms: BTreeSet<usize>,
}

/// Sums per universe, layer and atom; counts stand in the layer `units`.
pub struct Release {
    pub sets: Vec<Set>,
    atoms: BTreeMap<(String, String), BTreeMap<usize, f64>>,
}

/// A set whose interval is narrower than its protection level.
#[derive(Debug)]
#[allow(dead_code, reason = "printed when a test fails")]
pub struct Breach {
    pub set: String,
    pub what: &'static str,
    pub truth: f64,
    pub level: f64,
    pub low: f64,
    pub high: f64,
}

pub fn read(vault: &Path) -> Release {
    let mut sets = Vec::new();
    let mut reader = csv::Reader::from_path(vault.join("sets.csv")).expect("the vault has its sets");
    for record in reader.deserialize::<BTreeMap<String, String>>() {
        let record = record.expect("a record");
        let number = |column: &str| record[column].parse::<f64>().ok();
        sets.push(Set {
            id: record["set"].clone(),
            universe: record["universe"].clone(),
            layer: record["layer"].clone(),
            units: number("units").expect("units"),
            contributors: number("contributors").expect("contributors"),
            total: number("total").expect("total"),
            largest: number("largest_1").expect("largest"),
            absolute: number("absolute").expect("absolute"),
            numerator: number("numerator_absolute").zip(number("numerator_largest_1")),
            rules: record["rules"].clone(),
            withheld: record["withheld"] == "true",
            atoms: record["atoms"].split_whitespace().map(|atom| atom.parse().expect("an atom")).collect(),
        });
    }
    let mut atoms: BTreeMap<(String, String), BTreeMap<usize, f64>> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(vault.join("atoms.csv")).expect("the vault has its atoms");
    for record in reader.deserialize::<(String, String, usize, u64, f64)>() {
        let (universe, layer, atom, _, total) = record.expect("a record");
        atoms.entry((universe, layer)).or_default().insert(atom, total);
    }
    Release { sets, atoms }
}

impl Set {
    /// Whether `cbs` calls the set unsafe, from its own figures: fewer than ten contributors, or one with more than half.
    pub fn is_unsafe(&self) -> bool {
        let dominated = self.layer != "units" && 2.0 * self.largest > self.absolute;
        let numerator = self.numerator.is_some_and(|(absolute, largest)| 2.0 * largest > absolute);
        self.units > 0.0 && (self.contributors < 10.0 || dominated || numerator)
    }

    /// How far the sum must be able to move.
    fn level(&self) -> f64 {
        let frequency = if self.contributors < 10.0 { 0.1 * self.total.abs() } else { 0.0 };
        let dominance = 2.0 * self.largest - self.absolute;
        frequency.max(dominance).max(0.0)
    }
}

impl Release {
    /// Every unsafe set that the released numbers narrow down too far.
    pub fn attack(&self) -> Vec<Breach> {
        let mut breaches = Vec::new();
        for universe in self.sets.iter().map(|set| &set.universe).collect::<BTreeSet<_>>() {
            let of_universe: Vec<&Set> = self.sets.iter().filter(|set| set.universe == *universe).collect();
            // How many units a dominated cell holds is no secret; how few there are in a small one is.
            let few = |set: &Set| if set.contributors < 10.0 { 1.0 } else { 0.0 };
            breaches.extend(self.attack_layer(&of_universe, "units", few, "count"));
            for layer in of_universe.iter().map(|set| set.layer.as_str()).filter(|l| *l != "units").collect::<BTreeSet<_>>() {
                let of_layer: Vec<&Set> = of_universe.iter().filter(|set| set.layer == layer).copied().collect();
                breaches.extend(self.attack_layer(&of_layer, layer, Set::level, "sum"));
            }
        }
        breaches
    }

    fn attack_layer(&self, sets: &[&Set], layer: &str, level: impl Fn(&Set) -> f64, what: &'static str) -> Vec<Breach> {
        let targets: Vec<&&Set> = sets.iter().filter(|set| set.is_unsafe()).collect();
        let Some(first) = sets.first() else { return Vec::new() };
        let values = &self.atoms[&(first.universe.clone(), layer.to_owned())];
        let columns = columns(sets, values);
        let mut breaches = Vec::new();
        for target in targets {
            let known: Vec<&&Set> = sets.iter().filter(|set| !set.withheld).collect();
            let truth: f64 = target.atoms.iter().filter_map(|atom| values.get(atom)).sum();
            let level = level(target);
            if level == 0.0 {
                continue;
            }
            let (low, high) =
                (bound(&columns, &known, target, Sense::Minimise), bound(&columns, &known, target, Sense::Maximise));
            let slack = 1e-6 * truth.abs().max(1.0);
            let lower = if target.total >= 0.0 { level.min(truth.abs()) } else { level };
            if high < truth + level - slack || low > truth - lower + slack {
                breaches.push(Breach { set: target.id.clone(), what, truth, level, low, high });
            }
        }
        breaches
    }
}

/// Atoms that the same sets contain, with their true sum.
struct Column {
    atom: usize,
    total: f64,
}

fn columns(sets: &[&Set], values: &BTreeMap<usize, f64>) -> Vec<Column> {
    let mut by_membership: BTreeMap<Vec<usize>, Column> = BTreeMap::new();
    for (&atom, &total) in values {
        let membership: Vec<usize> = (0..sets.len()).filter(|at| sets[*at].atoms.contains(&atom)).collect();
        if !membership.is_empty() {
            by_membership.entry(membership).or_insert(Column { atom, total: 0.0 }).total += total;
        }
    }
    by_membership.into_values().collect()
}

/// The smallest or largest sum of the target that fits everything known; values are scaled so that the target is about 1.
fn bound(columns: &[Column], known: &[&&Set], target: &Set, sense: Sense) -> f64 {
    let inside = |set: &Set, column: &Column| set.atoms.contains(&column.atom);
    let truth: f64 = columns.iter().filter(|column| inside(target, column)).map(|column| column.total).sum();
    let scale = truth.abs().max(1.0);
    let mut problem = RowProblem::default();
    let variables: Vec<_> = columns
        .iter()
        .map(|column| {
            let gain = if inside(target, column) { 1.0 } else { 0.0 };
            let least = if column.total < 0.0 { f64::NEG_INFINITY } else { 0.0 };
            problem.add_column(gain, least..)
        })
        .collect();
    for set in known {
        let row: Vec<_> = columns.iter().zip(&variables).filter(|(c, _)| inside(set, c)).map(|(_, v)| (*v, 1.0)).collect();
        let sum: f64 = columns.iter().filter(|column| inside(set, column)).map(|column| column.total).sum();
        problem.add_row(sum / scale..=sum / scale, row);
    }
    let mut model = problem.optimise(sense);
    model.set_option("output_flag", false);
    let solved = model.solve();
    match solved.status() {
        HighsModelStatus::Optimal => solved.objective_value() * scale,
        HighsModelStatus::Unbounded | HighsModelStatus::UnboundedOrInfeasible => {
            if sense == Sense::Maximise {
                f64::INFINITY
            } else {
                f64::NEG_INFINITY
            }
        }
        other => panic!("the attacker's system has the truth as a solution, yet: {other:?}"),
    }
}
