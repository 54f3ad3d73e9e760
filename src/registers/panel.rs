//! A panel is one file with a row per unit and year.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use super::codes::{CodeTable, classification};
use super::columns::{self, Role};
use super::convert::Kind;
use super::dates::{EARLIEST, NO_DATE, OPEN_END, year_of};
use super::delivery::{Delivery, PANEL, Piece};
use super::faults::{self, Faults};
use super::frame::{Key, Measure, NO_CODE, NO_YEAR, UnitFrame, YearRegisters};
use super::interner::Cursor;
use crate::amount::{MISSING, SCALE};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::schema::{ColumnKind, Schema};

/// A panel as read: its rows by year.
pub(super) struct Panel {
    years: BTreeMap<i32, Rows>,
}

/// The rows of one year, columns by canonical name.
#[derive(Default)]
struct Rows {
    /// By unit number: the row among these.
    places: BTreeMap<u32, usize>,
    unit: Vec<u32>,
    group: Vec<Option<u32>>,
    numbers: Vec<Vec<i64>>,
    codes: Vec<Vec<u16>>,
    founded: Vec<i16>,
}

/// What the columns of a panel are for, as places among its roles.
struct Uses<'a> {
    roles: Vec<Role>,
    unit: usize,
    year: usize,
    group: Option<usize>,
    founded: Option<usize>,
    /// Number columns, with the name of the measure.
    numbers: Vec<(usize, &'a str)>,
    /// Code columns, with the name they go under.
    codes: Vec<(usize, &'a str, CodeTable<'a>)>,
}

impl<'a> Uses<'a> {
    fn new(delivery: &'a Delivery, schema: &'a Schema) -> Option<Self> {
        let roles = columns::roles(PANEL, schema);
        let place = |name: &str| schema.columns.iter().position(|column| column.name == name);
        let of = |kind: &ColumnKind| schema.columns.iter().position(|column| column.kind == *kind);
        let unit = place("unit").or_else(|| of(&ColumnKind::Identifier))?;
        let year = place("year").or_else(|| of(&ColumnKind::Year))?;
        let columns = || schema.columns.iter().enumerate();
        let numbers = columns().filter(|(at, _)| roles[*at].kind == Kind::Number && *at != year);
        let code = |(at, column)| classification(delivery, column).map(|(name, known)| (at, name, CodeTable::new(known)));
        Some(Self {
            unit,
            year,
            group: place("group"),
            founded: place("founded"),
            numbers: numbers.map(|(at, column)| (at, column.name.as_str())).collect(),
            codes: columns().filter_map(code).collect(),
            roles,
        })
    }
}

impl Panel {
    pub(super) fn read(delivery: &Delivery) -> Self {
        let mut panel = Self { years: BTreeMap::new() };
        let schema = &delivery.schemas[PANEL];
        if let (Some(file), Some(uses)) = (delivery.file(PANEL, None), Uses::new(delivery, schema)) {
            let faults = delivery.scan(file, &uses.roles, |piece, faults| panel.take(delivery, &uses, piece, faults));
            delivery.record(file, faults);
        }
        panel
    }

    fn take(&mut self, delivery: &Delivery, uses: &Uses<'_>, piece: &Piece<'_>, faults: &mut Faults) {
        let Some(years) = piece.numbers(uses.year) else { return };
        let mut units = delivery.units.write().unwrap_or_else(PoisonError::into_inner);
        let mut groups = delivery.groups.write().unwrap_or_else(PoisonError::into_inner);
        let mut near = Cursor::default();
        for (at, year) in years.iter().enumerate() {
            let row = piece.first_row + at as u64;
            let Some(year) = calendar_year(*year) else {
                faults.row(&faults::NOT_A_YEAR, row, piece.name(uses.year));
                continue;
            };
            if !delivery.years.contains(&year) || piece.text(uses.unit, at).is_empty() {
                continue;
            }
            let unit = units.intern(piece.text(uses.unit, at), &mut near);
            let group = uses.group.map(|role| piece.text(role, at)).filter(|text| !text.is_empty());
            let group = group.map(|text| groups.intern(text, &mut Cursor::default()));
            self.years.entry(year).or_default().add(unit, group, uses, (piece, at, row), faults);
        }
    }

    /// The frame of a year; a year without a row is an error.
    pub(super) fn year(&self, delivery: &Delivery, year: i32) -> Result<YearRegisters, Diagnostics> {
        let schema = &delivery.schemas[PANEL];
        let Some(file) = delivery.file(PANEL, None) else {
            return Ok(YearRegisters {
                kvk_person: Vec::new(),
                person_unit: Vec::new(),
                units: UnitFrame { year, ..UnitFrame::default() },
            });
        };
        let (Some(rows), Some(uses)) = (self.years.get(&year), Uses::new(delivery, schema)) else {
            let finding = Diagnostic::error("file-missing", format!("the file has no row for {year}"));
            return Err(finding.in_file(&file.name).help("take the year out of the study, or ask for its rows").into());
        };
        Ok(YearRegisters { kvk_person: Vec::new(), person_unit: Vec::new(), units: rows.frame(year, schema, &uses) })
    }
}

fn calendar_year(amount: i64) -> Option<i32> {
    (amount % SCALE == 0).then_some(amount / SCALE).filter(|year| (1000..=9999).contains(year)).map(|year| year as i32)
}

impl Rows {
    fn add(&mut self, unit: u32, group: Option<u32>, uses: &Uses<'_>, from: (&Piece<'_>, usize, u64), faults: &mut Faults) {
        let (piece, at, row) = from;
        let number = |(role, _): &(usize, &str)| piece.numbers(*role).map_or(MISSING, |numbers| numbers[at]);
        let numbers: Vec<i64> = uses.numbers.iter().map(number).collect();
        let codes: Vec<u16> = uses.codes.iter().map(|code| code_of(code, piece, at, row, faults)).collect();
        let founded = founded(uses.founded, piece, (at, row), faults);
        if let Some(known) = self.places.get(&unit) {
            let same = self.group[*known] == group
                && self.founded[*known] == founded
                && self.numbers.iter().map(|column| column[*known]).eq(numbers)
                && self.codes.iter().map(|column| column[*known]).eq(codes);
            faults.row(if same { &faults::DUPLICATE } else { &faults::KEY_CONFLICT }, row, piece.name(uses.unit));
            return;
        }
        self.places.insert(unit, self.unit.len());
        self.unit.push(unit);
        self.group.push(group);
        self.founded.push(founded);
        push_all(&mut self.numbers, numbers);
        push_all(&mut self.codes, codes);
    }

    fn frame(&self, year: i32, schema: &Schema, uses: &Uses<'_>) -> UnitFrame {
        let column = |name: &str| uses.numbers.iter().position(|(_, measure)| *measure == name).map(|at| &self.numbers[at]);
        let persons = column("persons").map_or_else(
            || vec![MISSING; self.unit.len()],
            |values| values.iter().map(|value| in_persons(*value, schema)).collect(),
        );
        let dense = |(at, (_, name)): (usize, &(usize, &str))| ((*name).to_owned(), Measure::Dense(self.numbers[at].clone()));
        let coded = |(at, (_, name, _)): (usize, &(usize, &str, CodeTable<'_>))| ((*name).to_owned(), self.codes[at].clone());
        UnitFrame {
            year,
            unit: self.unit.iter().map(|number| Key::new(*number)).collect(),
            group: self.group.iter().map(|group| group.map(Key::new)).collect(),
            group_persons: column("group_persons").cloned().unwrap_or_else(|| vec![MISSING; self.unit.len()]),
            persons,
            founded: self.founded.clone(),
            codes: uses.codes.iter().enumerate().map(coded).collect(),
            measures: uses.numbers.iter().enumerate().map(dense).collect(),
        }
    }
}

fn push_all<T>(columns: &mut Vec<Vec<T>>, row: Vec<T>) {
    columns.resize_with(row.len().max(columns.len()), Vec::new);
    columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
}

fn code_of(code: &(usize, &str, CodeTable<'_>), piece: &Piece<'_>, at: usize, row: u64, faults: &mut Faults) -> u16 {
    let (role, _, table) = code;
    let text = piece.text(*role, at);
    if text.is_empty() {
        return NO_CODE;
    }
    let class = table.class(text);
    if class == NO_CODE {
        faults.row(&faults::UNKNOWN_CODE, row, piece.name(*role));
    }
    class
}

/// The founding year, from a date or from a number that is a year.
fn founded(role: Option<usize>, piece: &Piece<'_>, (at, row): (usize, u64), faults: &mut Faults) -> i16 {
    let Some(role) = role else { return NO_YEAR };
    match piece.dates(role).map(|dates| dates[at]) {
        Some(NO_DATE) => NO_YEAR,
        Some(day) if (EARLIEST..=OPEN_END).contains(&day) => year_of(day) as i16,
        Some(_) => {
            faults.row(&faults::IMPLAUSIBLE_FOUNDING, row, piece.name(role));
            NO_YEAR
        }
        None => piece.numbers(role).and_then(|numbers| calendar_year(numbers[at])).map_or(NO_YEAR, |year| year as i16),
    }
}

/// Persons in ten-thousandths, from the unit of the schema: `persons`, or a number of them as in `1000 persons`.
fn in_persons(value: i64, schema: &Schema) -> i64 {
    let unit = columns::column(schema, "persons").and_then(|column| column.unit.as_deref()).unwrap_or("persons");
    let factor = unit.split_once(' ').and_then(|(factor, _)| factor.parse::<i64>().ok()).unwrap_or(1);
    if value == MISSING { MISSING } else { value.checked_mul(factor).unwrap_or(MISSING) }
}
