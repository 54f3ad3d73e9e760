//! The register of business units.

use std::sync::PoisonError;

use super::codes::{CodeTable, Divisions, classification, digits5};
use super::columns::roles;
use super::dates::{EARLIEST, NO_DATE, days, year_of};
use super::delivery::{Delivery, Piece};
use super::faults::{self, Faults};
use super::frame::{Key, NO_CODE, NO_YEAR, UnitFrame};
use super::interner::Cursor;
use crate::amount::MISSING;

const NOWHERE: u32 = u32::MAX;

/// The units of a year, and where each stands in the frame.
pub(super) struct Units {
    pub frame: UnitFrame,
    /// By unit key: position in the frame, or [`NOWHERE`].
    positions: Vec<u32>,
    pub rows: Rows,
}

/// In which row of its file each unit of a frame stands.
#[derive(Default)]
pub(super) struct Rows {
    /// The column of the identifiers in the file.
    pub column: String,
    /// Positions from which on the rows follow one another, with the row of each.
    runs: Vec<(u32, u64)>,
}

impl Rows {
    /// Notes the row of the next unit.
    fn push(&mut self, position: u32, row: u64) {
        if self.runs.last().is_none_or(|(from, first)| first + u64::from(position - from) != row) {
            self.runs.push((position, row));
        }
    }

    pub(super) fn of(&self, position: u32) -> u64 {
        let run = self.runs.partition_point(|(from, _)| *from <= position).checked_sub(1);
        run.map_or(0, |run| self.runs[run].1 + u64::from(position - self.runs[run].0))
    }
}

impl Units {
    /// Positions in the frame of the units with these identifiers, row by row.
    pub(super) fn positions(&self, delivery: &Delivery, piece: &Piece<'_>, role: usize, near: &mut Cursor) -> Vec<Option<u32>> {
        let interner = delivery.units.read().unwrap_or_else(PoisonError::into_inner);
        let identifiers = piece.identifiers(role);
        let numbers = interner.find_all(piece.rows, |at| identifiers.get(at), near);
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
        let mut faults = delivery.scan(file, &roles, |piece, faults| reading.take(piece, &places, faults));
        if is_sbi93(&reading.sbi) {
            faults.forget(&faults::UNKNOWN_SBI);
            faults.column(&faults::OLD_SBI, &reading.sbi_column);
        }
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
    rows: Rows,
    sbi_column: String,
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
            rows: Rows::default(),
            sbi_column: String::new(),
        }
    }

    fn take(&mut self, piece: &Piece<'_>, places: &Places, faults: &mut Faults) {
        let Some(unit) = places.unit else { return };
        let mut interner = self.delivery.units.write().unwrap_or_else(PoisonError::into_inner);
        let identifiers = piece.identifiers(unit);
        let numbers = interner.intern_all(piece.rows, |at| identifiers.get(at), &mut self.near);
        drop(interner);
        self.rows.column = piece.name(unit).to_owned();
        self.sbi_column = places.sbi.map_or(String::new(), |sbi| piece.name(sbi).to_owned());
        for (at, number) in numbers.into_iter().enumerate().filter(|(at, _)| !identifiers.get(*at).is_empty()) {
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
        self.rows.push(self.frame.unit.len() as u32, row);
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
        Units { frame: self.frame, positions: self.positions, rows: self.rows }
    }
}

/// Whether codes are of SBI'93: divisions that only that edition has are there, and none of those that only SBI 2008 has.
fn is_sbi93(codes: &[u32]) -> bool {
    const ONLY_93: [u32; 3] = [34, 40, 67];
    const ONLY_2008: [u32; 28] =
        [3, 6, 7, 8, 9, 38, 39, 42, 43, 46, 47, 49, 53, 56, 58, 59, 68, 69, 77, 78, 79, 81, 82, 84, 86, 87, 88, 94];
    let mut seen = [false; 100];
    codes.iter().filter(|code| **code > 0).for_each(|code| seen[((code - 1) / 1000) as usize] = true);
    let any = |divisions: &[u32]| divisions.iter().any(|division| seen[*division as usize]);
    any(&ONLY_93) && !any(&ONLY_2008)
}
