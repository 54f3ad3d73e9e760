use super::*;
use crate::amount::SCALE;
use crate::registers::frame::UnitFrame;

const YEAR: i32 = 2015;

/// Units 0, 1, 2 … with these persons; numbers 0, 1 … are run by the person of the same index.
fn registers(persons: &[i64], combinations: &[(u32, u32, i32, i32)], numbers: u32) -> YearRegisters {
    let start = days::first_day(YEAR);
    YearRegisters {
        kvk_person: (0..numbers).map(|n| (Key::new(n), Key::new(n))).collect(),
        person_unit: combinations
            .iter()
            .map(|(person, unit, begin, end)| PersonUnit {
                person: Key::new(*person),
                unit: Key::new(*unit),
                begin: start + begin,
                end: start + end,
            })
            .collect(),
        units: UnitFrame {
            year: YEAR,
            unit: (0..persons.len() as u32).map(Key::new).collect(),
            persons: persons.iter().map(|p| p * SCALE).collect(),
            ..UnitFrame::default()
        },
    }
}

const ALL_TIES: [TieRule; 3] = [TieRule::LongestInYear, TieRule::MostEmployedPersons, TieRule::SmallestId];

fn link_one(registers: &YearRegisters, ties: &[TieRule]) -> (Outcome, YearLinks) {
    let listings = Listings { pseudonyms: vec![Key::new(0), Key::new(0)] };
    let links = link(&listings, registers, ties, &|a, b| a.cmp(&b)).expect("frames of equal height join");
    (links.outcomes[0].1, links)
}

fn unit_and_rule(outcome: Outcome) -> (u32, Decided, u32) {
    match outcome {
        Outcome::Linked { unit, decided, candidates, .. } => (unit.0, decided, candidates),
        Outcome::Unlinked(reason) => panic!("unlinked: {}", reason.text()),
    }
}

#[test]
fn the_longest_combination_within_the_year_wins() {
    let registers = registers(&[1, 500], &[(0, 0, -900, 200), (0, 1, 201, 364)], 1);
    assert_eq!(unit_and_rule(link_one(&registers, &ALL_TIES).0), (0, Decided::Rule(TieRule::LongestInYear), 2));
}

#[test]
fn equal_length_is_decided_by_employed_persons() {
    let registers = registers(&[1, 500], &[(0, 0, 0, 400), (0, 1, -10, 364)], 1);
    assert_eq!(unit_and_rule(link_one(&registers, &ALL_TIES).0), (1, Decided::Rule(TieRule::MostEmployedPersons), 2));
}

#[test]
fn what_is_still_equal_goes_to_the_smallest_identifier_and_is_called_a_tie() {
    let registers = registers(&[5, 5], &[(0, 1, 0, 364), (0, 0, 0, 364)], 1);
    assert_eq!(unit_and_rule(link_one(&registers, &ALL_TIES).0), (0, Decided::Tie, 2));
    assert_eq!(unit_and_rule(link_one(&registers, &[TieRule::LongestInYear]).0), (0, Decided::Tie, 2));
}

#[test]
fn two_periods_of_one_combination_are_added() {
    let registers = registers(&[5, 5], &[(0, 1, 0, 99), (0, 1, 200, 299), (0, 0, 100, 250)], 1);
    assert_eq!(unit_and_rule(link_one(&registers, &ALL_TIES).0), (1, Decided::Rule(TieRule::LongestInYear), 2));
}

#[test]
fn a_number_listed_twice_counts_once() {
    let registers = registers(&[5], &[(0, 0, 0, 364)], 1);
    let (outcome, links) = link_one(&registers, &ALL_TIES);
    assert_eq!(unit_and_rule(outcome), (0, Decided::Only, 1));
    assert_eq!(links.outcomes.len(), 1);
}

#[test]
fn several_numbers_can_lead_to_one_unit() {
    let registers = registers(&[5], &[(0, 0, 0, 364), (1, 0, 0, 364)], 2);
    let listings = Listings { pseudonyms: vec![Key::new(0), Key::new(1)] };
    let links = link(&listings, &registers, &ALL_TIES, &|a, b| a.cmp(&b)).expect("frames join");
    assert_eq!((links.outcomes.len(), links.units().len()), (2, 1));
}

#[test]
fn every_unlinked_number_has_its_reason() {
    let reason = |registers: &YearRegisters| match link_one(registers, &ALL_TIES).0 {
        Outcome::Unlinked(reason) => Some(reason),
        Outcome::Linked { .. } => None,
    };
    assert_eq!(reason(&registers(&[5], &[], 0)), Some(Reason::NoPerson));
    assert_eq!(reason(&registers(&[5], &[], 1)), Some(Reason::NoUnit));
    assert_eq!(reason(&registers(&[5], &[(0, 0, -90, -1)], 1)), Some(Reason::NoUnit));
    assert_eq!(reason(&registers(&[5], &[(0, 9, 0, 364)], 1)), Some(Reason::UnitNotInRegister));
}
