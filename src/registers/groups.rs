//! Enterprise groups: which unit belongs to which, and how many persons a group employs.

use std::sync::PoisonError;

use super::columns::roles;
use super::delivery::Delivery;
use super::faults;
use super::frame::{EnterpriseGroup, Key};
use super::interner::Cursor;
use super::units::Units;
use crate::amount::MISSING;

/// The enterprise group of every unit, and the employed persons of that group in ten-thousandths.
///
/// Without a register of groups the persons of a group are the sum over its units.
pub(super) fn read(delivery: &Delivery, year: i32, units: &Units) -> (Vec<Option<Key<EnterpriseGroup>>>, Vec<i64>) {
    let group = unit_group(delivery, year, units);
    let persons = match delivery.schemas.contains_key("groups") {
        true => group_persons(delivery, year),
        false => summed_persons(units, &group),
    };
    let of = |group: &Option<Key<EnterpriseGroup>>| group.and_then(|key| persons.get(key.0 as usize).copied()).unwrap_or(MISSING);
    let of_units = group.iter().map(of).collect();
    (group, of_units)
}

fn unit_group(delivery: &Delivery, year: i32, units: &Units) -> Vec<Option<Key<EnterpriseGroup>>> {
    let mut group: Vec<Option<Key<EnterpriseGroup>>> = vec![None; units.len()];
    let Some(file) = delivery.file("unit_group", Some(year)) else { return group };
    let roles = roles("unit_group", &delivery.schemas["unit_group"]);
    let (mut near_unit, mut near_group) = (Cursor::default(), Cursor::default());
    let faults = delivery.scan(file, &roles, |piece, faults| {
        let positions = units.positions(delivery, piece, 0, &mut near_unit);
        let (unit, of) = (piece.identifiers(0), piece.identifiers(1));
        let mut interner = delivery.groups.write().unwrap_or_else(PoisonError::into_inner);
        let groups = interner.intern_all(piece.rows, |at| of.get(at), &mut near_group);
        drop(interner);
        for (at, (position, number)) in positions.into_iter().zip(groups).enumerate() {
            if unit.get(at).is_empty() || of.get(at).is_empty() {
                continue;
            }
            let row = piece.first_row + at as u64;
            let Some(position) = position else {
                faults.row(&faults::UNKNOWN_UNIT, row, piece.name(0));
                continue;
            };
            let key = Key::new(number);
            match &mut group[position as usize] {
                Some(known) if *known == key => faults.row(&faults::DUPLICATE, row, piece.name(0)),
                Some(_) => faults.row(&faults::KEY_CONFLICT, row, piece.name(0)),
                free => *free = Some(key),
            }
        }
    });
    delivery.record(file, faults);
    group
}

/// Employed persons by group key.
fn group_persons(delivery: &Delivery, year: i32) -> Vec<i64> {
    /// A group that no row has named yet; differs from a group whose persons are missing.
    const UNSEEN: i64 = MISSING + 1;
    let count = delivery.groups.read().unwrap_or_else(PoisonError::into_inner).len();
    let mut persons = vec![UNSEEN; count];
    if let Some(file) = delivery.file("groups", Some(year)) {
        let roles = roles("groups", &delivery.schemas["groups"]);
        let mut near = Cursor::default();
        let faults = delivery.scan(file, &roles, |piece, faults| {
            let groups = piece.identifiers(0);
            let interner = delivery.groups.read().unwrap_or_else(PoisonError::into_inner);
            let numbers = interner.find_all(piece.rows, |at| groups.get(at), &mut near);
            drop(interner);
            let values = piece.numbers(1).unwrap_or_default();
            for (at, (value, number)) in values.iter().zip(numbers).enumerate() {
                let Some(slot) = persons.get_mut(number as usize) else { continue };
                match *slot {
                    UNSEEN => *slot = *value,
                    known if known == *value => faults.row(&faults::DUPLICATE, piece.first_row + at as u64, piece.name(0)),
                    _ => faults.row(&faults::KEY_CONFLICT, piece.first_row + at as u64, piece.name(0)),
                }
            }
        });
        delivery.record(file, faults);
    }
    persons.iter_mut().filter(|value| **value == UNSEEN).for_each(|value| *value = MISSING);
    persons
}

fn summed_persons(units: &Units, group: &[Option<Key<EnterpriseGroup>>]) -> Vec<i64> {
    let count = group.iter().flatten().map(|key| key.0 as usize + 1).max().unwrap_or(0);
    let mut sums = vec![0i64; count];
    for (key, persons) in group.iter().zip(&units.frame.persons) {
        if let (Some(key), false) = (key, *persons == MISSING) {
            sums[key.0 as usize] = sums[key.0 as usize].saturating_add(*persons);
        }
    }
    sums
}
