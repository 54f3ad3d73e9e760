//! The common refinement of the published sets of one year: units that every set contains or leaves out together share an atom.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;

use super::define::Definition;
use super::layers::{LayerPlan, Role};
use super::set::{AtomContributions, LARGEST, Layer, Universe};
use crate::cohort::outliers::Removed;
use crate::cohort::values::Values;
use crate::cohort::{Arm, CohortYear};
use crate::registers::frame::NO_CODE;
use crate::spec::plan::Dimension;

/// Stands for "in no published set".
const NOWHERE: u32 = u32::MAX;

/// How an indicator sees a unit, two bits per indicator in a mask.
const PRESENT: u128 = 1;
const OUTLIER: u128 = 2;

/// Everything about one year that its atoms are made from.
pub struct Year<'a> {
    pub cohort: &'a CohortYear,
    /// By indicator.
    pub values: &'a [Values],
    pub removed: &'a Removed,
    pub layers: &'a [LayerPlan],
    /// Every published set of the year, each once, sorted.
    pub definitions: &'a [&'a Definition],
}

/// The universe of a year and the atoms of each definition, in the order of the definitions.
pub fn refine(year: &Year<'_>) -> (Universe, Vec<Vec<u32>>) {
    let (stratum_of, strata) = strata(year);
    let signatures = signatures(year, &strata);
    let masks = masks(year);
    let (atom_of, keys) = assign(year, &stratum_of, &signatures, &masks);
    let members = members(year, &signatures.lists, &keys);
    let layers = contributions(year, &atom_of, &keys);
    let populations = populations(year, &atom_of, keys.len());
    (Universe { label: year.cohort.frame.year.to_string(), atoms: keys.len(), populations, layers }, members)
}

/// The combination of classes over all dimensions in which each unit stands, and the distinct combinations.
fn strata(year: &Year<'_>) -> (Vec<u32>, Vec<Stratum>) {
    let classes: Vec<(&Dimension, &Vec<u16>)> = year.cohort.classes.iter().collect();
    let mut stratum_of: Vec<u32> = year.cohort.arm.iter().map(|arm| *arm as u32).collect();
    let mut first_unit: Vec<usize> = Vec::new();
    for columns in packable(&classes) {
        let mut found: HashMap<u128, u32> = HashMap::new();
        first_unit.clear();
        for (at, stratum) in stratum_of.iter_mut().enumerate() {
            let add = |packed: u128, (codes, width): &(&Vec<u16>, u32)| packed << width | u128::from(place(codes[at]));
            let packed = columns.iter().fold(u128::from(*stratum), add);
            *stratum = *found.entry(packed).or_insert_with(|| {
                first_unit.push(at);
                first_unit.len() as u32 - 1
            });
        }
    }
    let stratum = |at: &usize| Stratum {
        arm: year.cohort.arm[*at],
        codes: classes.iter().map(|(dimension, codes)| ((*dimension).clone(), codes[*at])).collect(),
    };
    (stratum_of, first_unit.iter().map(stratum).collect())
}

/// Columns with their width in bits, in runs that fit in 128 bits beside the number of a stratum; one run at least.
fn packable<'a>(classes: &[(&'a Dimension, &'a Vec<u16>)]) -> Vec<Vec<(&'a Vec<u16>, u32)>> {
    let mut runs: Vec<Vec<(&Vec<u16>, u32)>> = vec![Vec::new()];
    let mut used = 0;
    for (_, codes) in classes {
        let width = width(codes);
        used += width;
        if used > u128::BITS - u32::BITS {
            runs.push(Vec::new());
            used = width;
        }
        runs.last_mut().into_iter().for_each(|run| run.push((*codes, width)));
    }
    runs
}

/// No class is zero, the first class one.
fn place(code: u16) -> u16 {
    code.wrapping_add(1)
}

/// Bits that hold every place of a column.
fn width(codes: &[u16]) -> u32 {
    u16::BITS - codes.iter().map(|code| place(*code)).max().unwrap_or(0).leading_zeros()
}

struct Stratum {
    arm: Arm,
    codes: BTreeMap<Dimension, u16>,
}

impl Stratum {
    fn meets(&self, (dimension, classes): &(Dimension, Vec<u16>)) -> bool {
        match dimension {
            Dimension::Year => true,
            Dimension::Arm => classes.contains(&(self.arm as u16)),
            Dimension::GroupLevel => classes.iter().any(|class| self.codes[dimension] >> class & 1 == 1),
            other => self.codes[other] != NO_CODE && classes.contains(&self.codes[other]),
        }
    }
}

/// Which definitions a stratum lies in, outliers and missing values aside.
struct Signatures {
    /// By stratum: index into `lists`, or [`NOWHERE`].
    of_stratum: Vec<u32>,
    /// Definitions by index, ascending; the lists themselves ascending.
    lists: Vec<Vec<u32>>,
}

fn signatures(year: &Year<'_>, strata: &[Stratum]) -> Signatures {
    let list = |stratum: &Stratum| -> Vec<u32> {
        if stratum.arm == Arm::Excluded {
            return Vec::new();
        }
        let inside = |at: &usize| year.definitions[*at].conditions.iter().all(|condition| stratum.meets(condition));
        (0..year.definitions.len()).filter(inside).map(|at| at as u32).collect()
    };
    let of_each: Vec<Vec<u32>> = strata.iter().map(list).collect();
    let lists: Vec<Vec<u32>> =
        of_each.iter().filter(|list| !list.is_empty()).collect::<BTreeSet<_>>().into_iter().cloned().collect();
    let of_stratum = of_each.iter().map(|list| lists.binary_search(list).map_or(NOWHERE, |at| at as u32)).collect();
    Signatures { of_stratum, lists }
}

/// For every unit which indicators have a value, and for which of them it is an outlier.
fn masks(year: &Year<'_>) -> Vec<u128> {
    let frame = &year.cohort.frame;
    assert!(year.values.len() <= 64, "a mask has two bits for each of at most 64 indicators");
    let mut masks = vec![0u128; frame.unit.len()];
    for (indicator, values) in year.values.iter().enumerate() {
        let removed = year.removed.units.get(&indicator);
        for &at in &values.positions {
            let outlier = removed.is_some_and(|units| units.contains(&frame.unit[at as usize]));
            masks[at as usize] |= (if outlier { OUTLIER } else { PRESENT }) << (2 * indicator);
        }
    }
    masks
}

/// An atom: a signature and the indicators that matter within it.
type AtomKey = (u32, u128);

/// The atom of every unit ([`NOWHERE`] for units in no published set) and the keys of the atoms, ascending.
fn assign(year: &Year<'_>, stratum_of: &[u32], signatures: &Signatures, masks: &[u128]) -> (Vec<u32>, Vec<AtomKey>) {
    let relevant: Vec<Relevant> = signatures.lists.iter().map(|list| relevant(year, list)).collect();
    let mut found: HashMap<AtomKey, u32> = HashMap::new();
    let mut keys: Vec<AtomKey> = Vec::new();
    let mut atom_of: Vec<u32> = Vec::with_capacity(masks.len());
    for (stratum, mask) in stratum_of.iter().zip(masks) {
        let signature = signatures.of_stratum[*stratum as usize];
        let key = if signature == NOWHERE { None } else { relevant[signature as usize].key(signature, *mask) };
        atom_of.push(key.map_or(NOWHERE, |key| {
            *found.entry(key).or_insert_with(|| {
                keys.push(key);
                keys.len() as u32 - 1
            })
        }));
    }
    // Numbered by what they are, so that the order of the input rows leaves no trace.
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    order.sort_unstable_by_key(|at| keys[*at as usize]);
    let mut rank = vec![0u32; keys.len()];
    order.iter().zip(0..).for_each(|(at, new)| rank[*at as usize] = new);
    atom_of.iter_mut().filter(|atom| **atom != NOWHERE).for_each(|atom| *atom = rank[*atom as usize]);
    keys.sort_unstable();
    (atom_of, keys)
}

/// Which bits of a mask make a difference within one signature.
struct Relevant {
    /// Both bits of every indicator with a set here.
    bits: u128,
    /// The outlier bit of indicators whose sets here are all without outliers: outliers are as good as missing.
    dropped: u128,
    /// The outlier bit of indicators whose sets here are all with outliers: outliers are as good as others.
    merged: u128,
    /// The signature has a set of the count layer, so that a unit without any value counts as well.
    counted: bool,
}

fn relevant(year: &Year<'_>, list: &[u32]) -> Relevant {
    let mut relevant = Relevant { bits: 0, dropped: 0, merged: 0, counted: false };
    let mut uses: BTreeMap<usize, BTreeSet<bool>> = BTreeMap::new();
    for &at in list {
        let definition = year.definitions[at as usize];
        let layer = &year.layers[definition.layer];
        match layer.role {
            Role::Units => relevant.counted = true,
            _ => drop(uses.entry(layer.indicator).or_default().insert(definition.with_outliers)),
        }
    }
    for (indicator, with_outliers) in uses {
        relevant.bits |= (PRESENT | OUTLIER) << (2 * indicator);
        match (with_outliers.contains(&true), with_outliers.contains(&false)) {
            (false, _) => relevant.dropped |= OUTLIER << (2 * indicator),
            (true, false) => relevant.merged |= OUTLIER << (2 * indicator),
            (true, true) => {}
        }
    }
    relevant
}

impl Relevant {
    fn key(&self, signature: u32, mask: u128) -> Option<AtomKey> {
        let as_present = (mask & self.merged) >> 1;
        let mask = (mask & self.bits & !self.dropped & !self.merged) | as_present;
        (self.counted || mask != 0).then_some((signature, mask))
    }
}

/// The atoms of every definition, ascending.
fn members(year: &Year<'_>, lists: &[Vec<u32>], keys: &[AtomKey]) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); year.definitions.len()];
    for (atom, (signature, mask)) in keys.iter().enumerate() {
        for &at in &lists[*signature as usize] {
            let definition = year.definitions[at as usize];
            if holds(&year.layers[definition.layer], *mask, definition.with_outliers) {
                members[at as usize].push(atom as u32);
            }
        }
    }
    members
}

fn holds(layer: &LayerPlan, mask: u128, with_outliers: bool) -> bool {
    let bits = mask >> (2 * layer.indicator);
    layer.role == Role::Units || bits & PRESENT != 0 || (with_outliers && bits & OUTLIER != 0)
}

/// Every layer over the atoms.
fn contributions(year: &Year<'_>, atom_of: &[u32], keys: &[AtomKey]) -> Vec<Layer> {
    let several = several(&year.cohort.contributor, atom_of);
    let layer = |plan: &LayerPlan| {
        let mut tally = Tally { atoms: vec![AtomContributions::default(); keys.len()], grouped: Vec::new() };
        let mut add = |at: usize, value: i64| {
            let atom = atom_of[at];
            if atom != NOWHERE && holds(plan, keys[atom as usize].1, true) {
                tally.add(atom, year.cohort.contributor[at], several[at], value);
            }
        };
        let values = year.values.get(plan.indicator);
        match plan.role {
            Role::Units => (0..atom_of.len()).for_each(|at| add(at, 1)),
            role => values.into_iter().for_each(|values| {
                let column = match role {
                    Role::Numerator => &values.numerators,
                    Role::Weight => &values.weights,
                    _ => &values.values,
                };
                let weighted = |at: usize| match values.weights.get(at) {
                    Some(weight) if role != Role::Weight => weigh(column[at], *weight),
                    _ => column[at],
                };
                (0..column.len()).for_each(|at| add(values.positions[at] as usize, weighted(at)));
            }),
        }
        Layer {
            name: plan.name.clone(),
            nonnegative: plan.nonnegative,
            whole: plan.role == Role::Units,
            numerator: plan.numerator,
            weight: plan.weight,
            atoms: tally.finish(),
        }
    };
    year.layers.iter().map(layer).collect()
}

/// For every atom the sum of the numbers drawn for its units.
fn populations(year: &Year<'_>, atom_of: &[u32], atoms: usize) -> Vec<u128> {
    let mut populations = vec![0u128; atoms];
    for (unit, atom) in year.cohort.frame.unit.iter().zip(atom_of).filter(|(_, atom)| **atom != NOWHERE) {
        let sum = &mut populations[*atom as usize];
        *sum = sum.wrapping_add(drawn(unit.0));
    }
    populations
}

/// A number of 128 bits for a unit: two rounds of SplitMix64 (Steele, Lea and Flood 2014), so that sums of different sets differ.
pub fn drawn(unit: u32) -> u128 {
    let scatter = |seed: u64| {
        let mut x = u64::from(unit).wrapping_add(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u128::from(x ^ (x >> 31))
    };
    scatter(1) << 64 | scatter(1 << 40)
}

fn weigh(value: i64, weight: i64) -> i64 {
    let scaled = crate::amount::divide_round(i128::from(value) * i128::from(weight), i128::from(crate::amount::SCALE));
    i64::try_from(scaled).unwrap_or(i64::MAX)
}

/// For every unit whether its contributor has another unit in a published set of the year.
fn several(contributor: &[u32], atom_of: &[u32]) -> Vec<bool> {
    let mut units = vec![0u8; contributor.iter().max().map_or(0, |last| *last as usize + 1)];
    for (owner, atom) in contributor.iter().zip(atom_of) {
        if *atom != NOWHERE {
            units[*owner as usize] = units[*owner as usize].saturating_add(1);
        }
    }
    contributor.iter().map(|owner| units[*owner as usize] > 1).collect()
}

/// Contributions of one layer while they are gathered.
pub(super) struct Tally {
    pub atoms: Vec<AtomContributions>,
    /// Contributor, atom and value of units whose contributor has several units.
    pub grouped: Vec<(u32, u32, i64)>,
}

impl Tally {
    fn add(&mut self, atom: u32, contributor: u32, several: bool, value: i64) {
        let here = &mut self.atoms[atom as usize];
        here.units += 1;
        here.total += i128::from(value);
        match several {
            true => self.grouped.push((contributor, atom, value)),
            false => add_alone(here, value),
        }
    }

    /// Adds what was gathered of a whole atom.
    pub fn add_all(&mut self, atom: u32, gathered: &AtomContributions) {
        let here = &mut self.atoms[atom as usize];
        here.units += gathered.units;
        here.total += gathered.total;
        here.alone += gathered.alone;
        here.alone_absolute += gathered.alone_absolute;
        gathered.alone_largest.iter().for_each(|size| keep_largest(here, *size));
        self.grouped.extend(gathered.shared.iter().map(|(contributor, value)| (*contributor, atom, *value)));
    }

    pub fn finish(mut self) -> Vec<AtomContributions> {
        self.grouped.sort_unstable();
        for of_contributor in self.grouped.chunk_by(|a, b| a.0 == b.0) {
            let per_atom: Vec<(u32, i64)> =
                of_contributor.chunk_by(|a, b| a.1 == b.1).map(|same| (same[0].1, same.iter().map(|x| x.2).sum())).collect();
            match per_atom.as_slice() {
                [(atom, value)] => add_alone(&mut self.atoms[*atom as usize], *value),
                several => {
                    several.iter().for_each(|(atom, value)| self.atoms[*atom as usize].shared.push((of_contributor[0].0, *value)))
                }
            }
        }
        self.atoms
    }
}

fn add_alone(here: &mut AtomContributions, value: i64) {
    let size = value.saturating_abs();
    here.alone += 1;
    here.alone_absolute += i128::from(size);
    keep_largest(here, size);
}

fn keep_largest(here: &mut AtomContributions, size: i64) {
    if size > here.alone_largest[LARGEST - 1] {
        let at = here.alone_largest.partition_point(|larger| *larger >= size);
        here.alone_largest[at..].rotate_right(1);
        here.alone_largest[at] = size;
    }
}
