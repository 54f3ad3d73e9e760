//! Linkage leads each number on the list of participants to at most one business unit per year, and says which rule decided or why not.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use polars::df;
use polars::prelude::{DataFrame, PolarsResult, SortMultipleOptions};

use crate::registers::frame::{BusinessUnit, Key, Listings, Person, PersonUnit, Pseudonym, YearRegisters};
use crate::spec::plan::TieRule;

mod days;

/// What became of one number in one year.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Linked { person: Key<Person>, unit: Key<BusinessUnit>, decided: Decided, candidates: u32 },
    Unlinked(Reason),
}

/// What singled out the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decided {
    /// There was one candidate.
    Only,
    Rule(TieRule),
    /// Candidates were left that no declared rule tells apart; the smallest identifier was taken.
    Tie,
}

/// Why a number leads to no unit in a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The number stands in no register of persons of this year.
    NoPerson,
    /// Its person runs no unit in this year.
    NoUnit,
    /// The units of its person are not in the register of business units of this year.
    UnitNotInRegister,
}

impl Reason {
    /// In words, for reports.
    pub fn text(self) -> &'static str {
        match self {
            Reason::NoPerson => "no person in the register",
            Reason::NoUnit => "the person has no business unit in the year",
            Reason::UnitNotInRegister => "the unit is not in the register of business units",
        }
    }
}

/// The links of one year, ascending by number.
pub struct YearLinks {
    pub year: i32,
    pub outcomes: Vec<(Key<Pseudonym>, Outcome)>,
}

impl YearLinks {
    /// The units that are linked, each once.
    pub fn units(&self) -> BTreeSet<Key<BusinessUnit>> {
        self.outcomes
            .iter()
            .filter_map(|(_, outcome)| match outcome {
                Outcome::Linked { unit, .. } => Some(*unit),
                Outcome::Unlinked(_) => None,
            })
            .collect()
    }

    /// Numbers per reason.
    pub fn unlinked(&self) -> BTreeMap<Reason, u64> {
        let mut counts = BTreeMap::new();
        for (_, outcome) in &self.outcomes {
            if let Outcome::Unlinked(reason) = outcome {
                *counts.entry(*reason).or_insert(0) += 1;
            }
        }
        counts
    }

    /// Linked numbers per deciding rule.
    pub fn decided(&self) -> BTreeMap<Decided, u64> {
        let mut counts = BTreeMap::new();
        for (_, outcome) in &self.outcomes {
            if let Outcome::Linked { decided, .. } = outcome {
                *counts.entry(*decided).or_insert(0) += 1;
            }
        }
        counts
    }
}

/// Links every number of the list in one year.
///
/// `compare` orders units by identifier; it decides [`TieRule::SmallestId`], and the ties that no declared rule decides.
///
/// # Errors
/// When the data frames cannot be joined, which is a broken invariant.
pub fn link(
    listings: &Listings,
    registers: &YearRegisters,
    ties: &[TieRule],
    compare: &(dyn Fn(Key<BusinessUnit>, Key<BusinessUnit>) -> Ordering + Sync),
) -> PolarsResult<YearLinks> {
    let year = registers.units.year;
    let numbers: BTreeSet<_> = listings.pseudonyms.iter().copied().collect();
    let combinations: Vec<_> = registers.person_unit.iter().filter(|c| days::within(c, year) > 0).collect();
    let wanted: hashbrown::HashSet<u32> = combinations.iter().map(|c| c.unit.0).collect();
    // The register has millions of units and the list leads to few of them.
    let units = registers.units.unit.iter().enumerate();
    let positions: HashMap<u32, usize> =
        units.filter(|(_, unit)| wanted.contains(&unit.0)).map(|(at, unit)| (unit.0, at)).collect();
    let known: Vec<_> = combinations.iter().filter(|c| positions.contains_key(&c.unit.0)).copied().collect();
    let candidates = candidates(registers, &known, &positions, &ranks(&known, compare))?;
    let best = decide(&candidates, ties)?;
    let persons: HashMap<_, _> = registers.kvk_person.iter().copied().collect();
    let with_unit: BTreeSet<_> = combinations.iter().map(|c| c.person).collect();
    let of_number = persons_of(&registers.kvk_person);
    let outcomes = numbers.into_iter().map(|number| {
        let outcome = match best.get(&number.0) {
            Some(linked) => *linked,
            None if !persons.contains_key(&number) => Outcome::Unlinked(Reason::NoPerson),
            None if of_number[&number].iter().any(|p| with_unit.contains(p)) => Outcome::Unlinked(Reason::UnitNotInRegister),
            None => Outcome::Unlinked(Reason::NoUnit),
        };
        (number, outcome)
    });
    Ok(YearLinks { year, outcomes: outcomes.collect() })
}

fn persons_of(pairs: &[(Key<Pseudonym>, Key<Person>)]) -> BTreeMap<Key<Pseudonym>, BTreeSet<Key<Person>>> {
    let mut persons: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for (number, person) in pairs {
        persons.entry(*number).or_default().insert(*person);
    }
    persons
}

/// The place of each candidate unit in the order of identifiers.
fn ranks(known: &[&PersonUnit], compare: &dyn Fn(Key<BusinessUnit>, Key<BusinessUnit>) -> Ordering) -> HashMap<u32, u32> {
    let units: BTreeSet<_> = known.iter().map(|c| c.unit).collect();
    let mut ordered: Vec<_> = units.into_iter().collect();
    ordered.sort_by(|a, b| compare(*a, *b));
    ordered.into_iter().zip(0..).map(|(unit, rank)| (unit.0, rank)).collect()
}

/// One row per number, person and unit: days within the year (periods of one combination added), employed persons, identifier rank.
fn candidates(
    registers: &YearRegisters,
    known: &[&PersonUnit],
    positions: &HashMap<u32, usize>,
    ranks: &HashMap<u32, u32>,
) -> PolarsResult<DataFrame> {
    let mut days: BTreeMap<(u32, u32), i32> = BTreeMap::new();
    for combination in known {
        *days.entry((combination.person.0, combination.unit.0)).or_default() += days::within(combination, registers.units.year);
    }
    let mut rows: Vec<(u32, u32, u32, i32)> = Vec::new();
    for (number, person) in &registers.kvk_person {
        let of_person = days.range((person.0, 0)..=(person.0, u32::MAX));
        rows.extend(of_person.map(|((person, unit), days)| (number.0, *person, *unit, *days)));
    }
    df!(
        "number" => rows.iter().map(|row| row.0).collect::<Vec<_>>(),
        "person" => rows.iter().map(|row| row.1).collect::<Vec<_>>(),
        "unit" => rows.iter().map(|row| row.2).collect::<Vec<_>>(),
        "days" => rows.iter().map(|row| row.3).collect::<Vec<_>>(),
        "persons" => rows.iter().map(|row| registers.units.persons[positions[&row.2]]).collect::<Vec<_>>(),
        "rank" => rows.iter().map(|row| ranks[&row.2]).collect::<Vec<_>>(),
    )
}

/// The first candidate of each number in the declared order, and the rule that set it apart from the second.
fn decide(candidates: &DataFrame, ties: &[TieRule]) -> PolarsResult<HashMap<u32, Outcome>> {
    let mut columns = vec!["number"];
    let mut descending = vec![false];
    for rule in ties {
        let (column, down) = match rule {
            TieRule::LongestInYear => ("days", true),
            TieRule::MostEmployedPersons => ("persons", true),
            TieRule::SmallestId => ("rank", false),
        };
        columns.push(column);
        descending.push(down);
    }
    columns.extend(["rank", "person"]);
    descending.extend([false, false]);
    columns.dedup();
    descending.truncate(columns.len());
    let sorted = candidates.sort(columns, SortMultipleOptions::new().with_order_descending_multi(descending))?;
    let (number, person) = (sorted.column("number")?.u32()?, sorted.column("person")?.u32()?);
    let (unit, days) = (sorted.column("unit")?.u32()?, sorted.column("days")?.i32()?);
    let (persons, rank) = (sorted.column("persons")?.i64()?, sorted.column("rank")?.u32()?);
    let mut best = HashMap::new();
    let mut at = 0;
    while at < sorted.height() {
        let of_number = number.get(at);
        let end = (at..sorted.height()).find(|row| number.get(*row) != of_number).unwrap_or(sorted.height());
        // Two persons of one number can run the same unit; that is one candidate.
        let rival = (at + 1..end).find(|row| unit.get(*row) != unit.get(at));
        let mut units: Vec<_> = (at..end).filter_map(|row| unit.get(row)).collect();
        units.sort_unstable();
        units.dedup();
        let decided = rival.map_or(Decided::Only, |rival| {
            let differs = |rule: &TieRule| match rule {
                TieRule::LongestInYear => days.get(at) != days.get(rival),
                TieRule::MostEmployedPersons => persons.get(at) != persons.get(rival),
                TieRule::SmallestId => rank.get(at) != rank.get(rival),
            };
            match ties.iter().find(|rule| differs(rule)) {
                None | Some(TieRule::SmallestId) => Decided::Tie,
                Some(rule) => Decided::Rule(*rule),
            }
        });
        if let (Some(number), Some(person), Some(unit)) = (of_number, person.get(at), unit.get(at)) {
            let linked =
                Outcome::Linked { person: Key::new(person), unit: Key::new(unit), decided, candidates: units.len() as u32 };
            best.insert(number, linked);
        }
        at = end;
    }
    Ok(best)
}

#[cfg(test)]
mod tests;
