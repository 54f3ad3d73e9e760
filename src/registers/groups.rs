//! Enterprise groups: which unit belongs to which, and how many persons a group employs.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::columns::roles;
use super::dates::{EARLIEST, NO_DATE, OPEN_END, days};
use super::delivery::{Delivery, Piece};
use super::faults::{self, Faults};
use super::frame::{EnterpriseGroup, Key};
use super::interner::Cursor;
use super::units::Units;
use crate::amount::MISSING;

/// The enterprise group of every unit, and the employed persons of that group in ten-thousandths.
///
/// Without a register of groups the persons of a group are the sum over its units.
pub(super) fn read(delivery: &Delivery, year: i32, units: &Units) -> (Vec<Option<Key<EnterpriseGroup>>>, Vec<i64>) {
    let mut links = Links { year, group: vec![None; units.len()], ..Links::default() };
    let file = delivery.file("unit_group", Some(year));
    let mut faults = file.map(|file| {
        let roles = roles("unit_group", &delivery.schemas["unit_group"]);
        let place = |name: &str| roles.iter().position(|role| role.name == name);
        (links.begin, links.end) = (place("begin"), place("end"));
        let mut near = (Cursor::default(), Cursor::default());
        let mut faults = delivery.scan(file, &roles, |piece, faults| links.take(delivery, units, piece, &mut near, faults));
        links.settle(delivery, &mut faults);
        faults
    });
    let persons = match delivery.schemas.contains_key("groups") {
        true => group_persons(delivery, &links, faults.as_mut()),
        false => summed_persons(units, &links.group),
    };
    if let (Some(file), Some(faults)) = (file, faults) {
        delivery.record(file, faults);
    }
    let of = |group: &Option<Key<EnterpriseGroup>>| group.and_then(|key| persons.get(key.0 as usize).copied()).unwrap_or(MISSING);
    let of_units = links.group.iter().map(of).collect();
    (links.group, of_units)
}

/// The links of units with groups as they are read.
#[derive(Default)]
struct Links {
    year: i32,
    /// Places of the period among the roles.
    begin: Option<usize>,
    end: Option<usize>,
    /// By position in the frame of units.
    group: Vec<Option<Key<EnterpriseGroup>>>,
    /// Likewise, in a file that has periods.
    periods: Vec<(i32, i32)>,
    /// By position: the further links of a unit that has several.
    further: BTreeMap<u32, Vec<Link>>,
    /// By group: the row that first names it in this year, 0 where none does.
    first_rows: Vec<u64>,
    group_column: String,
}

#[derive(Clone, Copy)]
struct Link {
    group: Key<EnterpriseGroup>,
    period: (i32, i32),
    row: u64,
}

impl Links {
    fn take(
        &mut self,
        delivery: &Delivery,
        units: &Units,
        piece: &Piece<'_>,
        (near_unit, near_group): &mut (Cursor, Cursor),
        faults: &mut Faults,
    ) {
        let positions = units.positions(delivery, piece, 0, near_unit);
        let dated = [self.begin, self.end].iter().flatten().any(|role| piece.has(*role));
        if dated && self.periods.is_empty() {
            self.periods = vec![(EARLIEST, OPEN_END); self.group.len()];
        }
        self.group_column = piece.name(1).to_owned();
        let (unit, of) = (piece.identifiers(0), piece.identifiers(1));
        let mut groups = delivery.groups.write().unwrap_or_else(PoisonError::into_inner);
        let numbers = groups.intern_all(piece.rows, |at| of.get(at), near_group);
        drop(groups);
        for (at, (position, group)) in positions.into_iter().zip(numbers).enumerate() {
            if unit.get(at).is_empty() || of.get(at).is_empty() {
                continue;
            }
            let row = piece.first_row + at as u64;
            let Some(position) = position else {
                faults.row(&faults::UNKNOWN_UNIT, row, piece.name(0));
                continue;
            };
            let Some(period) = self.period(piece, at, dated, faults) else { continue };
            let group = Key::new(group);
            self.name(group, row);
            self.add(position, Link { group, period, row }, piece.name(0), faults);
        }
    }

    /// The period of a row, without which it holds for the whole year; `None` for one that cannot be.
    fn period(&self, piece: &Piece<'_>, at: usize, dated: bool, faults: &mut Faults) -> Option<(i32, i32)> {
        if !dated {
            return Some((EARLIEST, OPEN_END));
        }
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

    fn name(&mut self, group: Key<EnterpriseGroup>, row: u64) {
        let at = group.0 as usize;
        if self.first_rows.len() <= at {
            self.first_rows.resize((at + 1).next_power_of_two(), 0);
        }
        if self.first_rows[at] == 0 {
            self.first_rows[at] = row;
        }
    }

    fn add(&mut self, position: u32, link: Link, column: &str, faults: &mut Faults) {
        let at = position as usize;
        let Some(known) = self.group[at] else {
            self.group[at] = Some(link.group);
            if let Some(period) = self.periods.get_mut(at) {
                *period = link.period;
            }
            return;
        };
        let same = |group, period| group == link.group && period == link.period;
        let Some(period) = self.periods.get(at) else {
            let fault = if known == link.group { &faults::DUPLICATE } else { &faults::GROUP_CONFLICT };
            return faults.row(fault, link.row, column);
        };
        let further = self.further.entry(position).or_default();
        if same(known, *period) || further.iter().any(|other| same(other.group, other.period)) {
            faults.row(&faults::DUPLICATE, link.row, column);
        } else {
            further.push(link);
        }
    }

    /// Gives every unit with several links the group of most days of the year, then the one with the smallest identifier.
    fn settle(&mut self, delivery: &Delivery, faults: &mut Faults) {
        let groups = delivery.groups.read().unwrap_or_else(PoisonError::into_inner);
        for (position, further) in std::mem::take(&mut self.further) {
            let at = position as usize;
            let Some(group) = self.group[at] else { continue };
            let last_row = further.iter().map(|link| link.row).max().unwrap_or(0);
            let links = further.into_iter().chain([Link { group, period: self.periods[at], row: 0 }]);
            let mut of_group: BTreeMap<u32, Vec<(i32, i32)>> = BTreeMap::new();
            links.for_each(|link| of_group.entry(link.group.0).or_default().push(link.period));
            let mut spans: Vec<(u32, Span)> = of_group.into_iter().map(|(group, p)| (group, Span::of(p, self.year))).collect();
            spans.sort_by(|a, b| b.1.days.cmp(&a.1.days).then_with(|| groups.compare(a.0, b.0)));
            self.group[at] = spans.first().map(|(group, _)| Key::new(*group));
            if spans.iter().filter(|(_, span)| span.days > 0).count() > 1 {
                faults.row(&faults::SEVERAL_GROUPS, last_row, &self.group_column);
            } else if spans.iter().any(|(_, span)| span.interrupted) {
                faults.row(&faults::INTERRUPTED, last_row, &self.group_column);
            }
        }
    }
}

/// What several periods come to within a year.
struct Span {
    days: i32,
    interrupted: bool,
}

impl Span {
    fn of(mut periods: Vec<(i32, i32)>, year: i32) -> Self {
        let (first, last) = (days(year, 1, 1), days(year + 1, 1, 1) - 1);
        periods.sort_unstable();
        let mut span = Self { days: 0, interrupted: false };
        let mut until: Option<i32> = None;
        let inside = periods.iter().map(|(begin, end)| (*begin.max(&first), *end.min(&last)));
        for (begin, end) in inside.filter(|(begin, end)| begin <= end) {
            span.interrupted |= until.is_some_and(|until| begin > until + 1);
            span.days += (end - until.map_or(begin, |until| begin.max(until + 1)) + 1).max(0);
            until = until.max(Some(end));
        }
        span
    }
}

/// Employed persons by group key, of the groups that units of this year belong to.
fn group_persons(delivery: &Delivery, links: &Links, wrong: Option<&mut Faults>) -> Vec<i64> {
    /// A group that no row has named yet; differs from a group whose persons are missing.
    const UNSEEN: i64 = MISSING + 1;
    /// A group to which no unit of this year belongs.
    const OTHER: i64 = MISSING + 2;
    let start = |row: &u64| if *row == 0 { OTHER } else { UNSEEN };
    let mut persons: Vec<i64> = links.first_rows.iter().map(start).collect();
    if let Some(file) = delivery.file("groups", Some(links.year)) {
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
                    OTHER => {}
                    UNSEEN => *slot = *value,
                    known if known == *value => faults.row(&faults::DUPLICATE, piece.first_row + at as u64, piece.name(0)),
                    _ => faults.row(&faults::KEY_CONFLICT, piece.first_row + at as u64, piece.name(0)),
                }
            }
        });
        delivery.record(file, faults);
    }
    let readable = delivery.is_readable("groups", links.year);
    if let Some(faults) = wrong.filter(|wrong| readable && !wrong.is_corrupt()) {
        let unseen = persons.iter().zip(&links.first_rows).filter(|(slot, _)| **slot == UNSEEN);
        let mut rows: Vec<u64> = unseen.map(|(_, row)| *row).collect();
        rows.sort_unstable();
        faults.several(&faults::UNKNOWN_GROUP, (&rows, rows.len() as u64), &links.group_column);
    }
    persons.iter_mut().filter(|value| matches!(**value, UNSEEN | OTHER)).for_each(|value| *value = MISSING);
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
