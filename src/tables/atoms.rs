//! The common refinement of the published sets of one year: units that every set contains or leaves out together share an atom.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::{HashMap, HashSet};
use rayon::prelude::*;

use super::define::Definition;
use super::layers::{LayerPlan, Role};
use super::set::{AtomContributions, LARGEST, Layer, Universe};
use crate::amount::MISSING;
use crate::cohort::outliers::Removed;
use crate::cohort::values::Values;
use crate::cohort::{Arm, CohortYear};
use crate::registers::frame::{BusinessUnit, Key, NO_CODE};
use crate::spec::plan::Dimension;

/// Stands for "in no published set".
const NOWHERE: u32 = u32::MAX;

/// How an indicator sees a unit, two bits per indicator in a mask.
const PRESENT: u128 = 1;
const OUTLIER: u128 = 2;
/// As many indicators as a mask holds.
pub const INDICATORS: usize = 64;

/// The published sets of a year and the measures they are published for.
#[derive(Clone, Copy)]
pub struct Sets<'a> {
    pub layers: &'a [LayerPlan],
    /// Every published set of the year, each once, sorted.
    pub definitions: &'a [&'a Definition],
}

/// Everything about one year that its atoms are made from.
pub struct Year<'a> {
    pub cohort: &'a CohortYear,
    /// By indicator.
    pub values: &'a [Values],
    /// Units that the outlier rule may leave out once all years are known. All others are settled.
    pub open: &'a BTreeSet<Key<BusinessUnit>>,
    pub sets: Sets<'a>,
}

/// What is left of a year when its units are let go: settled units added up by atom, open ones one by one.
pub struct Condensed {
    label: String,
    /// Definitions by index, ascending; the lists themselves ascending.
    lists: Vec<Vec<u32>>,
    /// In no order.
    keys: Vec<AtomKey>,
    populations: Vec<u128>,
    /// By layer; contributors with an open unit are still gathered.
    tallies: Vec<Tally>,
    open: Vec<Open>,
}

impl Condensed {
    /// About what it takes in memory.
    pub fn bytes(&self) -> u64 {
        let open: usize = self.open.iter().map(|unit| size_of::<Open>() + unit.contributions.len() * size_of::<i64>()).sum();
        let tallies: usize = self.tallies.iter().map(Tally::bytes).sum();
        (open + tallies + self.keys.len() * (size_of::<AtomKey>() + size_of::<u128>())) as u64
    }
}

/// A unit that may still be left out of some indicators.
struct Open {
    unit: Key<BusinessUnit>,
    /// Index into the lists.
    signature: u32,
    /// By indicator whether it has a value.
    present: u64,
    contributor: u32,
    /// By layer; [`MISSING`] where it has none.
    contributions: Vec<i64>,
}

/// Goes over the units of a year for the last time.
pub fn condense(year: &Year<'_>) -> Condensed {
    let (mut signature_of, strata) = strata(year);
    let Signatures { of_stratum, lists } = signatures(year, &strata);
    signature_of.iter_mut().for_each(|stratum| *stratum = of_stratum[*stratum as usize]);
    let masks = masks(year);
    let open = open_units(year, &signature_of);
    let several = several(&year.cohort.contributor, &signature_of);
    let (atom_of, keys) = assign(year, &signature_of, &lists, &masks, &open);
    let pending: HashSet<u32> = open.iter().map(|at| year.cohort.contributor[*at]).collect();
    let tallies = contributions(year, &atom_of, &keys, &several, &pending);
    let populations = populations(year, &atom_of, keys.len());
    let unit = |at: &usize| Open {
        unit: year.cohort.frame.unit[*at],
        signature: signature_of[*at],
        present: masks[*at],
        contributor: year.cohort.contributor[*at],
        contributions: year.sets.layers.iter().map(|layer| contribution(year, layer, *at)).collect(),
    };
    let open = open.iter().map(unit).collect();
    Condensed { label: year.cohort.frame.year.to_string(), lists, keys, populations, tallies, open }
}

/// The universe of a year and the atoms of each definition, in the order of the definitions.
pub fn refine(condensed: Condensed, removed: &Removed, sets: Sets<'_>) -> (Universe, Vec<Vec<u32>>) {
    let Condensed { label, lists, mut keys, mut populations, mut tallies, open } = condensed;
    let mut found: HashMap<AtomKey, u32> = keys.iter().copied().zip(0..).collect();
    for unit in &open {
        let relevant = relevant(sets, &lists[unit.signature as usize]);
        let Some(key) = relevant.key(unit.signature, unit.mask(removed)) else { continue };
        let atom = *found.entry(key).or_insert_with(|| {
            keys.push(key);
            populations.push(0);
            keys.len() as u32 - 1
        });
        let sum = &mut populations[atom as usize];
        *sum = sum.wrapping_add(drawn(unit.unit.0));
        for ((layer, tally), value) in sets.layers.iter().zip(&mut tallies).zip(&unit.contributions) {
            tally.atoms.resize(keys.len(), AtomContributions::default());
            if *value != MISSING && holds(layer, key.1, true) {
                tally.add(atom, unit.contributor, true, *value);
            }
        }
    }
    // Numbered by what they are, so that the order of the input rows leaves no trace.
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    order.sort_unstable_by_key(|at| keys[*at as usize]);
    keys.sort_unstable();
    let members = members(sets, &lists, &keys);
    let layer = |(plan, tally): (&LayerPlan, Tally)| Layer {
        name: plan.name.clone(),
        nonnegative: plan.nonnegative,
        whole: plan.role == Role::Units,
        numerator: plan.numerator,
        weight: plan.weight,
        atoms: in_order(tally.finish(), &order),
    };
    let layers = sets.layers.iter().zip(tallies).map(layer).collect();
    (Universe { label, atoms: keys.len(), populations: in_order(populations, &order), layers }, members)
}

fn in_order<T: Default>(mut values: Vec<T>, order: &[u32]) -> Vec<T> {
    order.iter().map(|at| std::mem::take(&mut values[*at as usize])).collect()
}

impl Open {
    fn mask(&self, removed: &Removed) -> u128 {
        let outlier = |indicator: usize| removed.units.get(&indicator).is_some_and(|units| units.contains(&self.unit));
        let bits = |indicator: usize| match self.present >> indicator & 1 {
            0 => 0,
            _ => (if outlier(indicator) { OUTLIER } else { PRESENT }) << (2 * indicator),
        };
        (0..INDICATORS).map(bits).fold(0, |mask, bits| mask | bits)
    }
}

/// Positions of the open units that stand in a published set.
fn open_units(year: &Year<'_>, signature_of: &[u32]) -> Vec<usize> {
    let Some(last) = year.open.last() else { return Vec::new() };
    let unit = &year.cohort.frame.unit;
    // Most keys are beyond the last one that is open.
    (0..unit.len()).filter(|at| signature_of[*at] != NOWHERE && unit[*at] <= *last && year.open.contains(&unit[*at])).collect()
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
        let inside = |at: &usize| year.sets.definitions[*at].conditions.iter().all(|condition| stratum.meets(condition));
        (0..year.sets.definitions.len()).filter(inside).map(|at| at as u32).collect()
    };
    let of_each: Vec<Vec<u32>> = strata.iter().map(list).collect();
    let lists: Vec<Vec<u32>> =
        of_each.iter().filter(|list| !list.is_empty()).collect::<BTreeSet<_>>().into_iter().cloned().collect();
    let of_stratum = of_each.iter().map(|list| lists.binary_search(list).map_or(NOWHERE, |at| at as u32)).collect();
    Signatures { of_stratum, lists }
}

/// For every unit which indicators have a value, a bit each.
fn masks(year: &Year<'_>) -> Vec<u64> {
    assert!(year.values.len() <= INDICATORS, "a mask has a bit for each of at most 64 indicators");
    let mut masks = vec![0; year.cohort.frame.unit.len()];
    for (indicator, values) in year.values.iter().enumerate() {
        values.positions.iter().for_each(|at| masks[*at as usize] |= 1 << indicator);
    }
    masks
}

/// The mask of a unit that is an outlier nowhere.
fn without_outliers(mut present: u64) -> u128 {
    let mut mask = 0;
    while present != 0 {
        mask |= PRESENT << (2 * present.trailing_zeros());
        present &= present - 1;
    }
    mask
}

/// An atom: a signature and the indicators that matter within it.
type AtomKey = (u32, u128);

/// The atom of every settled unit ([`NOWHERE`] for the open ones and those in no published set) and the keys of the atoms.
fn assign(year: &Year<'_>, signature_of: &[u32], lists: &[Vec<u32>], masks: &[u64], open: &[usize]) -> (Vec<u32>, Vec<AtomKey>) {
    let relevant: Vec<Relevant> = lists.iter().map(|list| relevant(year.sets, list)).collect();
    let mut atoms: HashMap<AtomKey, u32> = HashMap::new();
    let mut keys: Vec<AtomKey> = Vec::new();
    let mut atom = |signature: u32, present: u64| {
        let key = relevant[signature as usize].key(signature, without_outliers(present))?;
        Some(*atoms.entry(key).or_insert_with(|| {
            keys.push(key);
            keys.len() as u32 - 1
        }))
    };
    let mut known: HashMap<(u32, u64), u32> = HashMap::new();
    let mut open = open.iter().copied().peekable();
    let mut atom_of: Vec<u32> = Vec::with_capacity(masks.len());
    for (at, (signature, present)) in signature_of.iter().zip(masks).enumerate() {
        let settled = open.next_if_eq(&at).is_none() && *signature != NOWHERE;
        let mut find = || *known.entry((*signature, *present)).or_insert_with(|| atom(*signature, *present).unwrap_or(NOWHERE));
        atom_of.push(if settled { find() } else { NOWHERE });
    }
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

fn relevant(sets: Sets<'_>, list: &[u32]) -> Relevant {
    let mut relevant = Relevant { bits: 0, dropped: 0, merged: 0, counted: false };
    let mut uses: BTreeMap<usize, BTreeSet<bool>> = BTreeMap::new();
    for &at in list {
        let definition = sets.definitions[at as usize];
        let layer = &sets.layers[definition.layer];
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
fn members(sets: Sets<'_>, lists: &[Vec<u32>], keys: &[AtomKey]) -> Vec<Vec<u32>> {
    let mut members = vec![Vec::new(); sets.definitions.len()];
    for (atom, (signature, mask)) in keys.iter().enumerate() {
        for &at in &lists[*signature as usize] {
            let definition = sets.definitions[at as usize];
            if holds(&sets.layers[definition.layer], *mask, definition.with_outliers) {
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

/// Every layer over the atoms of the settled units; of the pending contributors more is to come.
fn contributions(year: &Year<'_>, atom_of: &[u32], keys: &[AtomKey], several: &[bool], pending: &HashSet<u32>) -> Vec<Tally> {
    let tally = |plan: &LayerPlan| {
        let mut tally = Tally { atoms: vec![AtomContributions::default(); keys.len()], grouped: Vec::new() };
        let held: Vec<bool> = keys.iter().map(|(_, mask)| holds(plan, *mask, true)).collect();
        let mut add = |at: usize, value: i64| {
            let atom = atom_of[at];
            if atom != NOWHERE && held[atom as usize] {
                tally.add(atom, year.cohort.contributor[at], several[at], value);
            }
        };
        match column(year, plan) {
            None => (0..atom_of.len()).for_each(|at| add(at, 1)),
            Some(column) => {
                let positions = column.values.positions.iter().enumerate();
                positions.for_each(|(entry, at)| add(*at as usize, column.at(entry)));
            }
        }
        tally.settle(pending);
        tally
    };
    year.sets.layers.par_iter().map(tally).collect()
}

/// What a layer adds up, entry by entry of the values of its indicator.
struct Column<'a> {
    values: &'a Values,
    amounts: &'a [i64],
    weighted: bool,
}

/// `None` for the count of units.
fn column<'a>(year: &Year<'a>, plan: &LayerPlan) -> Option<Column<'a>> {
    let values = || &year.values[plan.indicator];
    let (values, amounts) = match plan.role {
        Role::Units => return None,
        Role::Value => (values(), &values().values),
        Role::Numerator => (values(), &values().numerators),
        Role::Weight => (values(), &values().weights),
    };
    Some(Column { values, amounts, weighted: plan.role != Role::Weight && !values.weights.is_empty() })
}

impl Column<'_> {
    fn at(&self, entry: usize) -> i64 {
        if self.weighted { weigh(self.amounts[entry], self.values.weights[entry]) } else { self.amounts[entry] }
    }
}

/// What one unit contributes to a layer; [`MISSING`] where it has no value.
fn contribution(year: &Year<'_>, plan: &LayerPlan, at: usize) -> i64 {
    column(year, plan)
        .map_or(1, |column| column.values.positions.binary_search(&(at as u32)).map_or(MISSING, |entry| column.at(entry)))
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

/// For every unit whether its contributor has another unit in a published set of the year, outliers counted.
fn several(contributor: &[u32], signature_of: &[u32]) -> Vec<bool> {
    let mut units = vec![0u8; contributor.iter().max().map_or(0, |last| *last as usize + 1)];
    for (owner, signature) in contributor.iter().zip(signature_of) {
        if *signature != NOWHERE {
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
    fn bytes(&self) -> usize {
        let shared: usize = self.atoms.iter().map(|atom| atom.shared.capacity()).sum();
        let grouped = self.grouped.capacity() * size_of::<(u32, u32, i64)>();
        self.atoms.len() * size_of::<AtomContributions>() + shared * size_of::<(u32, i64)>() + grouped
    }

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

    /// Everything that was gathered, by atom.
    pub fn finish(mut self) -> Vec<AtomContributions> {
        self.settle(&HashSet::new());
        self.atoms.iter_mut().for_each(|atom| atom.shared.sort_unstable());
        self.atoms
    }

    /// Adds up what was gathered of contributors with several units, but for those of which more is to come.
    fn settle(&mut self, pending: &HashSet<u32>) {
        let mut grouped = std::mem::take(&mut self.grouped);
        self.grouped = grouped.extract_if(.., |(contributor, ..)| pending.contains(contributor)).collect();
        grouped.sort_unstable();
        for of_contributor in grouped.chunk_by(|a, b| a.0 == b.0) {
            let per_atom: Vec<(u32, i64)> =
                of_contributor.chunk_by(|a, b| a.1 == b.1).map(|same| (same[0].1, same.iter().map(|x| x.2).sum())).collect();
            match per_atom.as_slice() {
                [(atom, value)] => add_alone(&mut self.atoms[*atom as usize], *value),
                several => {
                    several.iter().for_each(|(atom, value)| self.atoms[*atom as usize].shared.push((of_contributor[0].0, *value)))
                }
            }
        }
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
