//! The register of business units and its enterprise groups.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::columns::roles;
use super::dates::{EARLIEST, NO_DATE, days, year_of};
use super::delivery::{Delivery, Piece};
use super::faults::{self, Faults};
use super::frame::{EnterpriseGroup, Key, NO_CODE, NO_YEAR, UnitFrame};
use super::interner::Cursor;
use crate::amount::MISSING;
use crate::spec::plan::Classification;

const NOWHERE: u32 = u32::MAX;

/// The units of a year, and where each stands in the frame.
pub(super) struct Units {
    pub frame: UnitFrame,
    /// By unit key: position in the frame, or [`NOWHERE`].
    positions: Vec<u32>,
}

impl Units {
    /// Positions in the frame of the units with these identifiers, row by row.
    pub(super) fn positions(&self, delivery: &Delivery, piece: &Piece<'_>, role: usize, near: &mut Cursor) -> Vec<Option<u32>> {
        let interner = delivery.units.read().unwrap_or_else(PoisonError::into_inner);
        let numbers = interner.find_all(piece.rows, |at| piece.text(role, at), near);
        drop(interner);
        numbers.iter().map(|number| self.position_of(*number)).collect()
    }

    pub(super) fn position_of(&self, number: u32) -> Option<u32> {
        self.positions.get(number as usize).copied().filter(|position| *position != NOWHERE)
    }

    pub(super) fn len(&self) -> usize {
        self.frame.unit.len()
    }
}

/// The business units of a year, without groups and measures.
pub(super) fn read(delivery: &Delivery, year: i32) -> Units {
    let mut reading = UnitReading::new(delivery, year);
    if let Some(file) = delivery.file("business_units", Some(year)) {
        let roles = roles("business_units", &delivery.schemas["business_units"]);
        let at = |name: &str| roles.iter().position(|role| role.name == name);
        let places =
            Places { unit: at("unit"), persons: at("persons"), sbi: at("sbi"), size: at("size_code"), founded: at("founded") };
        let faults = delivery.scan(file, &roles, |piece, faults| reading.take(piece, &places, faults));
        delivery.record(file, faults);
    }
    reading.finish()
}

/// Places of the roles.
struct Places {
    unit: Option<usize>,
    persons: Option<usize>,
    sbi: Option<usize>,
    size: Option<usize>,
    founded: Option<usize>,
}

struct UnitReading<'a> {
    delivery: &'a Delivery,
    year: i32,
    frame: UnitFrame,
    positions: Vec<u32>,
    /// Five digits as a number plus one; 0 for anything else.
    sbi: Vec<u32>,
    size: Vec<u16>,
    sizes: Option<(&'a str, CodeTable<'a>)>,
    divisions: Divisions,
    near: Cursor,
}

/// What a row says of its unit.
#[derive(PartialEq, Eq)]
struct Content {
    persons: i64,
    sbi: u32,
    size: u16,
    founded: i16,
}

impl<'a> UnitReading<'a> {
    fn new(delivery: &'a Delivery, year: i32) -> Self {
        let schema = delivery.schemas.get("business_units");
        let column = schema.and_then(|schema| super::columns::column(schema, "size_code"));
        Self {
            delivery,
            year,
            frame: UnitFrame { year, ..UnitFrame::default() },
            positions: Vec::new(),
            sbi: Vec::new(),
            size: Vec::new(),
            sizes: column.and_then(|column| classification(delivery, column)).map(|(name, known)| (name, CodeTable::new(known))),
            divisions: Divisions::new(&delivery.classifications),
            near: Cursor::default(),
        }
    }

    fn take(&mut self, piece: &Piece<'_>, places: &Places, faults: &mut Faults) {
        let Some(unit) = places.unit else { return };
        let mut interner = self.delivery.units.write().unwrap_or_else(PoisonError::into_inner);
        let numbers = interner.intern_all(piece.rows, |at| piece.text(unit, at), &mut self.near);
        drop(interner);
        for (at, number) in numbers.into_iter().enumerate().filter(|(at, _)| !piece.text(unit, *at).is_empty()) {
            let row = piece.first_row + at as u64;
            let content = self.content(piece, places, at, row, faults);
            self.add(number, &content, (row, piece.name(unit)), faults);
        }
    }

    fn content(&self, piece: &Piece<'_>, places: &Places, at: usize, row: u64, faults: &mut Faults) -> Content {
        let mut content = Content { persons: MISSING, sbi: 0, size: NO_CODE, founded: NO_YEAR };
        if let Some(persons) = places.persons.and_then(|place| piece.numbers(place)) {
            content.persons = persons[at];
        }
        if let Some(sbi) = places.sbi.filter(|place| piece.has(*place)) {
            content.sbi = digits5(piece.text(sbi, at));
            if self.divisions.class(content.sbi).0 == NO_CODE {
                faults.row(&faults::UNKNOWN_SBI, row, piece.name(sbi));
            }
        }
        if let (Some((_, table)), Some(size)) = (&self.sizes, places.size.filter(|place| piece.has(*place))) {
            content.size = table.class(piece.text(size, at));
            if content.size == NO_CODE {
                faults.row(&faults::UNKNOWN_CODE, row, piece.name(size));
            }
        }
        if let Some(founded) = places.founded {
            content.founded = self.founded(piece, founded, at, faults);
        }
        content
    }

    fn founded(&self, piece: &Piece<'_>, role: usize, at: usize, faults: &mut Faults) -> i16 {
        let day = piece.dates(role).map_or(NO_DATE, |days| days[at]);
        if day == NO_DATE {
            return NO_YEAR;
        }
        if !(EARLIEST..days(self.year + 1, 1, 1)).contains(&day) {
            faults.row(&faults::IMPLAUSIBLE_FOUNDING, piece.first_row + at as u64, piece.name(role));
            return NO_YEAR;
        }
        year_of(day) as i16
    }

    fn add(&mut self, number: u32, content: &Content, (row, column): (u64, &str), faults: &mut Faults) {
        if self.positions.len() <= number as usize {
            self.positions.resize((number as usize + 1).next_power_of_two(), NOWHERE);
        }
        let position = self.positions[number as usize];
        if position != NOWHERE {
            let same = *content == self.at(position as usize);
            faults.row(if same { &faults::DUPLICATE } else { &faults::KEY_CONFLICT }, row, column);
            return;
        }
        self.positions[number as usize] = self.frame.unit.len() as u32;
        self.frame.unit.push(Key::new(number));
        self.frame.persons.push(content.persons);
        self.frame.founded.push(content.founded);
        self.sbi.push(content.sbi);
        self.size.push(content.size);
    }

    fn at(&self, position: usize) -> Content {
        let frame = &self.frame;
        Content {
            persons: frame.persons[position],
            sbi: self.sbi[position],
            size: self.size[position],
            founded: frame.founded[position],
        }
    }

    fn finish(mut self) -> Units {
        let classes =
            |part: fn((u16, u16)) -> u16| self.sbi.iter().map(|sbi| part(self.divisions.class(*sbi))).collect::<Vec<_>>();
        let (sectors, divisions) = (classes(|class| class.0), classes(|class| class.1));
        self.frame.codes.insert("sector".to_owned(), sectors);
        self.frame.codes.insert("division".to_owned(), divisions);
        if let Some((name, _)) = self.sizes {
            self.frame.codes.insert(name.to_owned(), self.size);
        }
        Units { frame: self.frame, positions: self.positions }
    }
}

/// Five digits as a number plus one; 0 for anything else, since a code that lost its leading zero looks like another code.
fn digits5(text: &str) -> u32 {
    let bytes = text.as_bytes();
    if bytes.len() != 5 || !bytes.iter().all(u8::is_ascii_digit) {
        return 0;
    }
    bytes.iter().fold(0, |number, byte| number * 10 + u32::from(byte - b'0')) + 1
}

/// The classes of `sector` and `division` by the first two digits of an SBI code.
struct Divisions {
    classes: [(u16, u16); 100],
}

impl Divisions {
    fn new(classifications: &BTreeMap<String, Classification>) -> Self {
        let mut classes = [(NO_CODE, NO_CODE); 100];
        for (at, class) in classifications.get("sector").into_iter().flat_map(|known| known.classes.iter().enumerate()) {
            let divisions = class.divisions.iter().filter(|division| **division < 100);
            divisions.for_each(|division| classes[usize::from(*division)].0 = at as u16);
        }
        for (at, class) in classifications.get("division").into_iter().flat_map(|known| known.classes.iter().enumerate()) {
            if let Some(slot) = class.code.parse::<usize>().ok().and_then(|division| classes.get_mut(division)) {
                slot.1 = at as u16;
            }
        }
        Self { classes }
    }

    /// Class of the sector and of the division of a code as [`digits5`] gives it.
    fn class(&self, sbi: u32) -> (u16, u16) {
        sbi.checked_sub(1).map_or((NO_CODE, NO_CODE), |code| self.classes[(code / 1000) as usize])
    }
}

/// The classification of a code column with the name it goes under: that of the classification, else that of the column.
pub(super) fn classification<'a>(
    delivery: &'a Delivery,
    column: &crate::spec::schema::Column,
) -> Option<(&'a str, &'a Classification)> {
    let crate::spec::schema::ColumnKind::Code { classification } = &column.kind else { return None };
    let known = &delivery.classifications;
    let named = known.get_key_value(classification).or_else(|| known.get_key_value(&column.name));
    let found = named.or_else(|| known.iter().find(|(_, known)| known.name == *classification));
    found.map(|(name, known)| (name.as_str(), known))
}

/// Codes of a classification; leading zeros of a number do not count.
pub(super) struct CodeTable<'a> {
    classes: BTreeMap<&'a str, u16>,
    divisions: Option<[u16; 100]>,
}

impl<'a> CodeTable<'a> {
    pub(super) fn new(known: &'a Classification) -> Self {
        let classes = known.classes.iter().enumerate().map(|(at, class)| (bare(&class.code), at as u16)).collect();
        let divided = known.classes.iter().any(|class| !class.divisions.is_empty());
        let divisions = divided.then(|| {
            let mut table = [NO_CODE; 100];
            for (at, class) in known.classes.iter().enumerate() {
                class.divisions.iter().filter(|d| **d < 100).for_each(|d| table[usize::from(*d)] = at as u16);
            }
            table
        });
        Self { classes, divisions }
    }

    /// The class of a code as it stands in the data, or [`NO_CODE`].
    pub(super) fn class(&self, code: &str) -> u16 {
        if let Some(class) = self.classes.get(bare(code)) {
            return *class;
        }
        let division = code.get(..2).and_then(|first| first.parse::<usize>().ok());
        self.divisions.and_then(|table| table.get(division?).copied()).unwrap_or(NO_CODE)
    }
}

fn bare(code: &str) -> &str {
    let bare = code.trim_start_matches('0');
    let bare = bare.strip_suffix(".0").unwrap_or(bare);
    if bare.is_empty() && !code.is_empty() { "0" } else { bare }
}

/// The enterprise group of every unit, and the employed persons of that group in ten-thousandths.
///
/// Without a register of groups the persons of a group are the sum over its units.
pub(super) fn groups(delivery: &Delivery, year: i32, units: &Units) -> (Vec<Option<Key<EnterpriseGroup>>>, Vec<i64>) {
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
        let mut groups = delivery.groups.write().unwrap_or_else(PoisonError::into_inner);
        for (at, position) in positions.into_iter().enumerate() {
            let (unit, of) = (piece.text(0, at), piece.text(1, at));
            if unit.is_empty() || of.is_empty() {
                continue;
            }
            let row = piece.first_row + at as u64;
            let Some(position) = position else {
                faults.row(&faults::UNKNOWN_UNIT, row, piece.name(0));
                continue;
            };
            let key = Key::new(groups.intern(of, &mut near_group));
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
            let interner = delivery.groups.read().unwrap_or_else(PoisonError::into_inner);
            let values = piece.numbers(1).unwrap_or_default();
            for (at, value) in values.iter().enumerate() {
                let number = interner.find(piece.text(0, at), &mut near);
                let Some(slot) = number.and_then(|number| persons.get_mut(number as usize)) else { continue };
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
