//! The list of participants and the registers that lead from it to business units.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use super::columns::roles;
use super::dates::{EARLIEST, NO_DATE, OPEN_END};
use super::delivery::{Delivery, Piece};
use super::faults::{self, Faults};
use super::frame::{Key, Person, PersonUnit, Pseudonym};
use super::interner::{Cursor, UNKNOWN};
use super::units::Units;

/// Pseudonym numbers, one per listing.
pub(super) fn listings(delivery: &Delivery) -> Vec<u32> {
    let Some(file) = delivery.file("participants", None) else { return Vec::new() };
    let roles = roles("participants", &delivery.schemas["participants"]);
    let mut listings = Vec::new();
    let mut near = Cursor::default();
    let faults = delivery.scan(file, &roles, |piece, _| {
        let mut interner = delivery.pseudonyms.write().unwrap_or_else(PoisonError::into_inner);
        let named = (0..piece.rows).map(|at| piece.text(0, at)).filter(|text| !text.is_empty());
        listings.extend(named.map(|text| interner.intern(text, &mut near)));
    });
    delivery.record(file, faults);
    listings
}

/// Pairs of a listed pseudonym and a person, without repeats.
pub(super) fn kvk_person(delivery: &Delivery, year: i32) -> Vec<(Key<Pseudonym>, Key<Person>)> {
    delivery.listed();
    let Some(file) = delivery.file("kvk_person", Some(year)) else { return Vec::new() };
    let schema = &delivery.schemas["kvk_person"];
    let one_person = schema.key == ["pseudonym"];
    let mut pairs: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let (mut near, mut near_person) = (Cursor::default(), Cursor::default());
    let faults = delivery.scan(file, &roles("kvk_person", schema), |piece, faults| {
        let identifiers = piece.identifiers(0);
        let listed = delivery.pseudonyms.read().unwrap_or_else(PoisonError::into_inner);
        let numbers = listed.find_all(piece.rows, |at| identifiers.get(at), &mut near);
        drop(listed);
        for (at, pseudonym) in numbers.into_iter().enumerate().filter(|(_, number)| *number != UNKNOWN) {
            let person = piece.text(1, at);
            if person.is_empty() {
                continue;
            }
            let mut persons = delivery.persons.write().unwrap_or_else(PoisonError::into_inner);
            let person = persons.intern(person, &mut near_person);
            let known = pairs.entry(pseudonym).or_default();
            let row = piece.first_row + at as u64;
            if known.contains(&person) {
                faults.row(&faults::DUPLICATE, row, piece.name(0));
            } else if one_person && !known.is_empty() {
                faults.row(&faults::KEY_CONFLICT, row, piece.name(0));
            } else {
                known.push(person);
            }
        }
    });
    delivery.record(file, faults);
    pairs.into_iter().flat_map(|(p, persons)| persons.into_iter().map(move |person| (Key::new(p), Key::new(person)))).collect()
}

/// Combinations of listed persons with business units, before it is known which units the register of the year has.
#[derive(Default)]
pub(super) struct Combinations {
    pub all: Vec<PersonUnit>,
    /// Row and unit number of every row that was taken, in the order of the file.
    rows: Vec<(u64, u32)>,
    /// What is wrong with the file; recorded when the units are known.
    faults: Faults,
    /// Name of the column of units in the file.
    column: String,
}

impl Combinations {
    /// The combinations, when units that the register does not have are recorded as such.
    pub(super) fn checked(mut self, delivery: &Delivery, year: i32, units: &Units) -> Vec<PersonUnit> {
        if let Some(file) = delivery.file("person_unit", Some(year)) {
            for (row, _) in self.rows.iter().filter(|(_, unit)| units.position_of(*unit).is_none()) {
                self.faults.row(&faults::UNKNOWN_LINKED_UNIT, *row, &self.column);
            }
            delivery.record(file, self.faults);
        }
        self.all
    }
}

/// Combinations of the persons in `kvk_person` with business units.
pub(super) fn person_unit(delivery: &Delivery, year: i32, kvk_person: &[(Key<Pseudonym>, Key<Person>)]) -> Combinations {
    let Some(file) = delivery.file("person_unit", Some(year)) else { return Combinations::default() };
    let roles = roles("person_unit", &delivery.schemas["person_unit"]);
    let place = |name: &str| roles.iter().position(|role| role.name == name);
    let periods = Periods { begin: place("begin"), end: place("end") };
    let wanted: BTreeSet<u32> = kvk_person.iter().map(|(_, person)| person.0).collect();
    let one_end = delivery.schemas["person_unit"].key == ["person", "unit", "begin"];
    let mut combinations: BTreeSet<(u32, u32, i32, i32)> = BTreeSet::new();
    let (mut rows, mut column) = (Vec::new(), String::new());
    let mut of_wanted = 0;
    let (mut near, mut near_unit) = (Cursor::default(), Cursor::default());
    let mut faults = delivery.scan(file, &roles, |piece, faults| {
        let identifiers = piece.identifiers(0);
        let persons = delivery.persons.read().unwrap_or_else(PoisonError::into_inner);
        let numbers = persons.find_all(piece.rows, |at| identifiers.get(at), &mut near);
        drop(persons);
        piece.name(1).clone_into(&mut column);
        let wanted = |person: &u32| *person != UNKNOWN && wanted.contains(person);
        for (at, person) in numbers.into_iter().enumerate().filter(|(_, person)| wanted(person)) {
            if piece.text(1, at).is_empty() {
                continue;
            }
            of_wanted += 1;
            let Some((begin, end)) = periods.checked(piece, at, faults) else { continue };
            let row = piece.first_row + at as u64;
            let mut interner = delivery.units.write().unwrap_or_else(PoisonError::into_inner);
            let unit = interner.intern(piece.text(1, at), &mut near_unit);
            rows.push((row, unit));
            let mut begun = combinations.range((person, unit, begin, i32::MIN)..=(person, unit, begin, i32::MAX));
            let other_end = begun.any(|known| known.3 != end);
            if !combinations.insert((person, unit, begin, end)) {
                faults.row(&faults::DUPLICATE, row, piece.name(0));
            } else if one_end && other_end {
                faults.row(&faults::KEY_CONFLICT, row, piece.name(0));
            }
        }
    });
    faults.escalate(&faults::IMPLAUSIBLE_PERIOD, &faults::MOSTLY_IMPLAUSIBLE, of_wanted);
    let combination = |(person, unit, begin, end)| PersonUnit { person: Key::new(person), unit: Key::new(unit), begin, end };
    Combinations { all: combinations.into_iter().map(combination).collect(), rows, faults, column }
}

/// Where the period of a combination stands.
struct Periods {
    begin: Option<usize>,
    end: Option<usize>,
}

impl Periods {
    /// First and last day; an empty begin is the earliest day and an empty end the open end. `None` for a period that cannot be.
    fn checked(&self, piece: &Piece<'_>, at: usize, faults: &mut Faults) -> Option<(i32, i32)> {
        let day = |role: Option<usize>, open: i32| match role.and_then(|role| piece.dates(role)).map(|days| days[at]) {
            None | Some(NO_DATE) => open,
            Some(day) => day,
        };
        let (begin, end) = (day(self.begin, EARLIEST), day(self.end, OPEN_END));
        if EARLIEST <= begin && begin <= end && end <= OPEN_END {
            return Some((begin, end));
        }
        let column = self.end.or(self.begin).unwrap_or(0);
        faults.row(&faults::IMPLAUSIBLE_PERIOD, piece.first_row + at as u64, piece.name(column));
        None
    }
}
