//! The attrition of the list: from listings to numbers to numbers that lead to a unit, as cells like any other.

use std::collections::{BTreeMap, BTreeSet};

use super::set::{AtomContributions, LARGEST, Layer, Universe};
use crate::linkage::{Outcome, Reason, YearLinks};
use crate::registers::frame::Listings;

/// The steps, each a set of listings; a number is counted by its first listing.
///
/// The units of a year stand in the tables by year. Numbers that lead to none in any year are not counted apart here: they are few, and
/// a step for them would have to be withheld together with its neighbours.
pub const STEPS: [&str; 4] = ["listings", "unique-numbers", "without-person", "with-person"];

/// The universe of listings. A unit is a listing and a contributor a number; the second value holds the atoms of each step.
pub fn universe(listings: &Listings, years: &[YearLinks]) -> (Universe, Vec<Vec<u32>>) {
    let fates = fates(years);
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    listings.pseudonyms.iter().for_each(|number| *counts.entry(number.0).or_default() += 1);
    // Atoms: the first listings by fate (0 and 1), then the repeated ones (2).
    let mut atoms: Vec<Vec<(u32, i64)>> = vec![Vec::new(); 3];
    for (number, count) in counts {
        atoms[fates.get(&number).copied().unwrap_or(0)].push((number, 1));
        if count > 1 {
            atoms[2].push((number, count as i64 - 1));
        }
    }
    let repeated: BTreeSet<u32> = atoms[2].iter().map(|(number, _)| *number).collect();
    let atoms: Vec<AtomContributions> = atoms.iter().map(|atom| contributions(atom, &repeated)).collect();
    let layer = Layer { name: "units".into(), nonnegative: true, whole: true, numerator: None, weight: None, atoms };
    let members = vec![vec![0, 1, 2], vec![0, 1], vec![0], vec![1]];
    (Universe { label: "list".into(), atoms: 3, populations: Vec::new(), layers: vec![layer] }, members)
}

/// By number: 0 no person in any year, 1 a person in some year.
fn fates(years: &[YearLinks]) -> BTreeMap<u32, usize> {
    let mut fates: BTreeMap<u32, usize> = BTreeMap::new();
    for (number, outcome) in years.iter().flat_map(|links| &links.outcomes) {
        let fate = match outcome {
            Outcome::Unlinked(Reason::NoPerson) => 0,
            Outcome::Unlinked(_) | Outcome::Linked { .. } => 1,
        };
        let known = fates.entry(number.0).or_default();
        *known = fate.max(*known);
    }
    fates
}

fn contributions(listings: &[(u32, i64)], repeated: &BTreeSet<u32>) -> AtomContributions {
    let alone: Vec<i64> = listings.iter().filter(|(number, _)| !repeated.contains(number)).map(|(_, count)| *count).collect();
    let mut largest = [0; LARGEST];
    let mut sorted = alone.clone();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    largest.iter_mut().zip(sorted).for_each(|(slot, count)| *slot = count);
    let total: i64 = listings.iter().map(|(_, count)| count).sum();
    AtomContributions {
        units: total as u64,
        total: i128::from(total),
        alone: alone.len() as u64,
        alone_absolute: alone.iter().map(|count| i128::from(*count)).sum(),
        alone_largest: largest,
        shared: listings.iter().filter(|(number, _)| repeated.contains(number)).copied().collect(),
    }
}
