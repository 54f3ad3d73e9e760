//! Rows are what each register file says; every file is written by one function that goes through the units once.

use std::path::Path;

use super::Format;
use super::chance::{Chance, Purpose, scramble};
use super::investments::{Response, SURVEY_YEARS};
use super::layout::{Kind, Register, Value, days};
use super::links::{Links, Period};
use super::population::{FIRST_YEAR, NONE, Unit, YEARS};
use super::turnover::Turnover;
use crate::diagnostic::Diagnostics;

/// Everything that is written.
pub struct World<'a> {
    pub chance: &'a Chance,
    pub seed: u64,
    pub population: &'a [Unit],
    pub treated: usize,
    pub links: &'a Links,
    pub turnover: &'a Turnover<'a>,
    pub responses: &'a [Vec<Response>],
}

/// One file of the layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Listings,
    KvkPerson(usize),
    PersonUnit(usize),
    Units { year: usize, version: u32 },
    UnitGroup(usize),
    Groups(usize),
    Turnover(usize),
    Investments(usize),
}

/// The year whose register of units was delivered twice.
const TWICE: usize = 2;

impl Part {
    /// Every file, register by register.
    pub fn all() -> Vec<(&'static str, Vec<Part>)> {
        let per_year = |part: fn(usize) -> Part| (0..YEARS).map(part).collect::<Vec<Part>>();
        let version = |year, version| Part::Units { year, version };
        let units = (0..YEARS).flat_map(|year| (1..=1 + u32::from(year == TWICE)).map(move |v| version(year, v)));
        vec![
            ("the list of participants", vec![Part::Listings]),
            ("business units", units.collect()),
            ("numbers and persons", per_year(Part::KvkPerson)),
            ("persons and units", per_year(Part::PersonUnit)),
            ("units and groups", per_year(Part::UnitGroup)),
            ("enterprise groups", per_year(Part::Groups)),
            ("turnover", per_year(Part::Turnover)),
            ("investments", (0..SURVEY_YEARS).map(Part::Investments).collect()),
        ]
    }

    /// File name without extension.
    pub fn name(self) -> String {
        let named = |stem: &str, year: usize| format!("{stem}{}V1", FIRST_YEAR + year as i32);
        match self {
            Part::Listings => "deelnemers".into(),
            Part::KvkPerson(year) => named("CBS_persoon_KvK_FIN_ABR", year),
            Part::PersonUnit(year) => named("BE_persoon_ABR", year),
            Part::Units { year, version } => format!("BE_ABR{}V{version}", FIRST_YEAR + year as i32),
            Part::UnitGroup(year) => named("BE_OG_ABR", year),
            Part::Groups(year) => named("OG_ABR", year),
            Part::Turnover(year) => named("DRT_BEID", year),
            Part::Investments(year) => named("Investeringen", year),
        }
    }
}

const UNIT: (&str, Kind) = ("rbe_identificatie", Kind::Text(10));
const PERSON: (&str, Kind) = ("cbspersoonidentificatie", Kind::Text(16));
const GROUP: (&str, Kind) = ("rog_identificatie", Kind::Text(10));
const NUMBER: (&str, Kind) = ("kvk_crypt", Kind::Text(16));
/// The end of what has not ended.
const OPEN: (i32, i32, i32) = (2079, 6, 6);

impl World<'_> {
    /// Writes one file and gives its number of rows.
    ///
    /// # Errors
    /// `cannot-write`.
    pub fn write(&self, part: Part, folder: &Path, format: Format) -> Result<u64, Diagnostics> {
        let create = |columns: &[(&str, Kind)]| Register::create(folder, &part.name(), format, columns);
        match part {
            Part::Listings => {
                self.listings(Register::create(folder, &part.name(), Format::Csv, &[NUMBER, ("fieldlab", Kind::Text(20))])?)
            }
            Part::KvkPerson(year) => self.kvk_person(create(&[NUMBER, PERSON])?, year),
            Part::PersonUnit(year) => {
                self.person_unit(create(&[PERSON, UNIT, ("datumbegin", Kind::Date), ("dateinde", Kind::Date)])?, year)
            }
            Part::Units { year, version } => {
                let columns = [
                    UNIT,
                    ("rbe_sbigecoordineerd", Kind::Text(5)),
                    ("rbe_gksbsgecoordineerd", Kind::Text(2)),
                    ("rbe_werkzamepersonen", Kind::Whole),
                    ("rbe_datumontstaan", Kind::Date),
                ];
                self.units(create(&columns)?, year, year == TWICE && version == 1)
            }
            Part::UnitGroup(year) => self.unit_group(create(&[UNIT, GROUP])?, year),
            Part::Groups(year) => self.groups(create(&[GROUP, ("rog_werkzamepersonen", Kind::Whole)])?, year),
            Part::Turnover(year) => self.turnover(create(&[UNIT, ("kwartaal", Kind::Whole), ("omzet", Kind::Whole)])?, year),
            Part::Investments(year) => self.investments(create(&survey_columns())?, year),
        }
    }

    fn living(&self, year: usize) -> impl Iterator<Item = (usize, &Unit)> {
        let units = self.links.order.iter().map(|at| (*at as usize, &self.population[*at as usize]));
        units.filter(move |(_, unit)| unit.lives(year))
    }

    /// Ten digits, with leading zeros, in the order of the positions.
    pub(super) fn unit_id(&self, at: usize) -> String {
        format!("{:010}", 1_000_003 + 7 * u64::from(self.links.position[at]))
    }

    fn group_id(&self, group: u32) -> String {
        format!("{:010}", 50_000_017 + 3 * u64::from(self.links.position[group as usize]))
    }

    fn pseudonym(&self, kind: u64, index: u64) -> String {
        format!("{:016x}", scramble(index ^ scramble(self.seed ^ (kind << 60))))
    }

    fn person_id(&self, person: u32) -> String {
        self.pseudonym(1, u64::from(person))
    }

    fn number_id(&self, number: u64) -> String {
        self.pseudonym(2, number)
    }

    /// Numbers on the list come before the numbers of everybody else.
    fn listings(&self, mut register: Register) -> Result<u64, Diagnostics> {
        const FIELDLABS: [&str; 8] = ["ACM3", "Zephyros", "SCSN", "3DMZ", "DCMC", "Industrial Reality", "AML", "BlockLab"];
        let mut draws = self.chance.stream(Purpose::List, 1);
        for &listing in &self.links.listings {
            let fieldlab = FIELDLABS[draws.below(FIELDLABS.len())];
            register.row(&[Value::Text(&self.number_id(u64::from(listing))), Value::Text(fieldlab)])?;
        }
        register.finish()
    }

    fn kvk_person(&self, mut register: Register, year: usize) -> Result<u64, Diagnostics> {
        let numbers = &self.links.numbers;
        let mut row = |number: usize, person: u32| {
            let (number, person) = (self.number_id(number as u64), self.person_id(person));
            register.row(&[Value::Text(&number), Value::Text(&person)])
        };
        // A number on the list keeps its person in the years in which that person runs nothing.
        for (number, person) in numbers.iter().enumerate() {
            if let Some(person) = person {
                row(number, *person)?;
            }
        }
        for (at, unit) in self.living(year) {
            if at >= self.treated && unit.person as usize == at {
                row(numbers.len() + at, unit.person)?;
                // Some persons have two numbers.
                if at % 100 == 7 {
                    row(numbers.len() + self.population.len() + at, unit.person)?;
                }
            }
        }
        register.finish()
    }

    fn person_unit(&self, mut register: Register, year: usize) -> Result<u64, Diagnostics> {
        let open = days(OPEN.0, OPEN.1, OPEN.2);
        let here = FIRST_YEAR + year as i32;
        let mut row = |person: u32, unit: usize, begin: i32, end: i32| {
            let (person, unit) = (self.person_id(person), self.unit_id(unit));
            register.row(&[Value::Text(&person), Value::Text(&unit), Value::Date(begin), Value::Date(end)])
        };
        for side in self.links.sides.iter().filter(|side| usize::from(side.year) == year) {
            let (begin, end) = match side.period {
                Period::Part => (days(here, 3, 1), days(here, 8, 31)),
                Period::Whole => (days(2008, 5, 1), open),
            };
            row(side.person, side.unit as usize, begin, end)?;
        }
        for &(person, unit) in self.links.second_persons.iter().filter(|(_, unit)| self.population[*unit as usize].lives(year)) {
            row(person, unit as usize, days(2010, 9, 1), open)?;
        }
        for (at, unit) in self.living(year) {
            let begin = self.begin(at, unit);
            let ends = usize::from(unit.last) == year && year + 1 < YEARS;
            let end = if ends { days(here, 7, 1) + (at % 180) as i32 } else { open };
            row(unit.person, at, begin.min(end), end)?;
        }
        register.finish()
    }

    /// The day on which a unit came into being.
    fn founded(&self, unit: &Unit) -> i32 {
        days(i32::from(unit.founded), 1, 1) + i32::from(unit.founded_day)
    }

    /// The day on which its person took it on: before the first year of the register, or in the year in which it entered.
    fn begin(&self, at: usize, unit: &Unit) -> i32 {
        let entered = FIRST_YEAR + i32::from(unit.first);
        let at_entry = if unit.first == 0 { days(2013, 12, 31) } else { days(entered, 1, 1) + (at % 170) as i32 };
        if i32::from(unit.founded) == entered { self.founded(unit) } else { self.founded(unit).min(at_entry) }
    }

    fn units(&self, mut register: Register, year: usize, superseded: bool) -> Result<u64, Diagnostics> {
        let mut count = 0u64;
        for (at, unit) in self.living(year) {
            let mut persons = unit.persons[year];
            let mut draws = self.chance.stream(Purpose::Order, 1 + (at * 8 + year) as u64);
            let class = size_code(persons, &mut draws);
            if superseded && at % 50 == 0 {
                persons += 1 + (at % 3) as u32;
            }
            let (id, sbi) = (self.unit_id(at), format!("{:05}", unit.sbi));
            let row = [
                Value::Text(&id),
                Value::Text(&sbi),
                Value::Text(class),
                Value::Whole(Some(i64::from(persons))),
                Value::Date(self.founded(unit)),
            ];
            register.row(&row)?;
            count += 1;
            if count.is_multiple_of(2_500) {
                register.row(&row)?;
            }
        }
        register.finish()
    }

    fn grouped(&self, year: usize) -> impl Iterator<Item = (usize, &Unit)> {
        self.living(year).filter(move |(_, unit)| unit.group != NONE && unit.group_years & (1 << year) != 0)
    }

    fn unit_group(&self, mut register: Register, year: usize) -> Result<u64, Diagnostics> {
        for (at, unit) in self.grouped(year) {
            register.row(&[Value::Text(&self.unit_id(at)), Value::Text(&self.group_id(unit.group))])?;
        }
        register.finish()
    }

    fn groups(&self, mut register: Register, year: usize) -> Result<u64, Diagnostics> {
        let mut persons: Vec<Option<i64>> = vec![None; self.population.len()];
        for (_, unit) in self.grouped(year) {
            *persons[unit.group as usize].get_or_insert(0) += i64::from(unit.persons[year]);
        }
        for &group in &self.links.order {
            if let Some(persons) = persons[group as usize] {
                register.row(&[Value::Text(&self.group_id(group)), Value::Whole(Some(persons))])?;
            }
        }
        register.finish()
    }

    fn turnover(&self, mut register: Register, year: usize) -> Result<u64, Diagnostics> {
        for (at, _) in self.living(year) {
            let id = self.unit_id(at);
            let quarters = self.turnover.quarters(at, year);
            for quarter in (0..4).filter(|quarter| quarters.row[*quarter]) {
                register.row(&[
                    Value::Text(&id),
                    Value::Whole(Some(quarter as i64 + 1)),
                    Value::Whole(quarters.omzet[quarter]),
                ])?;
            }
        }
        register.finish()
    }

    fn investments(&self, mut register: Register, year: usize) -> Result<u64, Diagnostics> {
        let mut responses: Vec<&Response> = self.responses[year].iter().collect();
        responses.sort_by_key(|response| self.links.position[response.unit as usize]);
        for response in responses {
            let id = self.unit_id(response.unit as usize);
            let mut row = vec![Value::Text(&id), Value::Decimal(response.weight)];
            row.extend(response.amounts.iter().flatten().map(|amount| Value::Whole(Some(*amount))));
            register.row(&row)?;
        }
        register.finish()
    }
}

fn survey_columns() -> Vec<(&'static str, Kind)> {
    const AMOUNTS: [&str; 12] = [
        "comp_nieuw",
        "comp_tweedehands",
        "comp_eigen",
        "comm_nieuw",
        "comm_tweedehands",
        "comm_eigen",
        "mach_nieuw",
        "mach_tweedehands",
        "mach_eigen",
        "soft_standaard",
        "soft_maatwerk",
        "soft_eigen",
    ];
    let mut columns = vec![UNIT, ("ophoogfactor", Kind::Decimal)];
    columns.extend(AMOUNTS.map(|name| (name, Kind::Whole)));
    columns
}

/// Size-class code of the register; in one unit in fifty it lags behind the persons by a class.
fn size_code(persons: u32, draws: &mut super::chance::Draws) -> &'static str {
    const BOUNDS: [(u32, &str); 15] = [
        (0, "0"),
        (1, "10"),
        (2, "21"),
        (3, "22"),
        (5, "30"),
        (10, "40"),
        (20, "50"),
        (50, "60"),
        (100, "71"),
        (150, "72"),
        (200, "81"),
        (250, "82"),
        (500, "91"),
        (1000, "92"),
        (2000, "93"),
    ];
    let right = BOUNDS.iter().rposition(|(least, _)| persons >= *least).unwrap_or(0);
    let lag = usize::from(draws.happens(0.02));
    BOUNDS[right.saturating_sub(lag)].1
}
