//! A delivery is a folder of register files, found and looked at, from which years are read.

#![allow(clippy::disallowed_methods, reason = "registers are read here")]

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use rayon::prelude::*;

use super::columns::{self, Role};
use super::convert::Values;
use super::faults::{self, Faults};
use super::find::{self, Asked, RegisterFile};
use super::frame::{BusinessUnit, InputFile, Key, Listings, Person, Pseudonym, YearRegisters};
use super::interner::Interner;
use super::panel::Panel;
use super::reader::{PIECE_ROWS, Unreadable};
use super::year::{self, Leads};
use super::{breaks, links};
use crate::amount::Sensitive;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Severity};
use crate::memory::Memory;
use crate::spec::plan::{Classification, Input};
use crate::spec::schema::Schema;

/// The name under which the schema of a panel goes.
pub(super) const PANEL: &str = "panel";

/// One in so many units of a year was not there in the years before, at the most. A year with more of them meets the bound when it is read.
const NEW_UNITS: u64 = 8;

/// Bytes of a row when a format does not tell how many there are.
const SMALLEST_ROW: u64 = 16;

/// A folder of registers: files found, headers checked. It can be read by several threads at once.
pub struct Delivery {
    pub(super) schemas: BTreeMap<String, Schema>,
    pub(super) classifications: BTreeMap<String, Classification>,
    pub(super) years: Vec<i32>,
    files: BTreeMap<(String, Option<i32>), RegisterFile>,
    pub(super) units: RwLock<Interner>,
    pub(super) groups: RwLock<Interner>,
    pub(super) persons: RwLock<Interner>,
    pub(super) pseudonyms: RwLock<Interner>,
    listings: OnceLock<Vec<u32>>,
    panel: OnceLock<Panel>,
    /// What was found when the folder was looked at, beyond single files.
    opened: Vec<Diagnostic>,
    /// Whether the files that are read are kept on record with their hash.
    recording: bool,
    log: Mutex<Log>,
    memory: Arc<Memory>,
}

fn identifier(interner: &RwLock<Interner>, key: u32) -> Sensitive<String> {
    Sensitive(interner.read().unwrap_or_else(PoisonError::into_inner).identifier(key))
}

/// What the files that were read hold and what is wrong with them, by file name.
#[derive(Default)]
struct Log {
    inputs: BTreeMap<String, InputFile>,
    findings: BTreeMap<String, Vec<Diagnostic>>,
}

/// A piece of a register: its columns in the order of the roles that were asked for.
pub(super) struct Piece<'a> {
    pub first_row: u64,
    pub rows: usize,
    columns: Vec<&'a Values>,
    names: &'a [String],
}

impl Piece<'_> {
    /// A text column, trimmed; an empty text stands for an empty field and for an absent column.
    pub(super) fn text(&self, role: usize, at: usize) -> &str {
        use arrow::array::Array;
        match self.columns[role] {
            Values::Text(texts) if !texts.is_null(at) => texts.value(at).trim_ascii(),
            _ => "",
        }
    }

    /// The same as bytes, for going through a whole column.
    pub(super) fn identifiers(&self, role: usize) -> Identifiers<'_> {
        use arrow::array::Array;
        match self.columns[role] {
            Values::Text(texts) => {
                Identifiers { offsets: texts.value_offsets(), bytes: texts.value_data(), nulls: texts.nulls() }
            }
            _ => Identifiers { offsets: &[], bytes: &[], nulls: None },
        }
    }

    /// Amounts in ten-thousandths; `None` when the file does not have the column.
    pub(super) fn numbers(&self, role: usize) -> Option<&[i64]> {
        match self.columns[role] {
            Values::Numbers(numbers) => Some(numbers),
            _ => None,
        }
    }

    /// Days since 1970-01-01; `None` when the file does not have the column.
    pub(super) fn dates(&self, role: usize) -> Option<&[i32]> {
        match self.columns[role] {
            Values::Dates(dates) => Some(dates),
            _ => None,
        }
    }

    /// The name of the column in the file, for findings.
    pub(super) fn name(&self, role: usize) -> &str {
        &self.names[role]
    }

    pub(super) fn has(&self, role: usize) -> bool {
        !matches!(self.columns[role], Values::Absent)
    }
}

/// A text column as bytes.
#[derive(Clone, Copy)]
pub(super) struct Identifiers<'a> {
    offsets: &'a [i32],
    bytes: &'a [u8],
    nulls: Option<&'a arrow::buffer::NullBuffer>,
}

impl<'a> Identifiers<'a> {
    /// Trimmed; nothing stands for an empty field and for an absent column.
    pub(super) fn get(&self, at: usize) -> &'a [u8] {
        if self.offsets.is_empty() || self.nulls.is_some_and(|nulls| nulls.is_null(at)) {
            return &[];
        }
        let field = &self.bytes[self.offsets[at] as usize..self.offsets[at + 1] as usize];
        match field {
            [first, .., last] if *first > b' ' && *last > b' ' => field,
            _ => field.trim_ascii(),
        }
    }
}

impl Delivery {
    /// Finds the files of the years and checks their headers; nothing heavy is read. Everything wrong is reported in one go.
    pub fn open(
        input: &Input,
        years: &[i32],
        classifications: &BTreeMap<String, Classification>,
        folder: &Path,
    ) -> Result<Self, Diagnostics> {
        let delivery = Self { recording: true, ..Self::look(input, years, classifications, folder) };
        if delivery.opened.iter().any(|found| found.severity == Severity::Error) {
            return Err(Diagnostics(delivery.opened));
        }
        Ok(delivery)
    }

    /// Like [`Delivery::open`], but what is wrong is kept as a finding, so that [`check`] can go on with the other files; no file is put
    /// on record.
    pub fn look(input: &Input, years: &[i32], classifications: &BTreeMap<String, Classification>, folder: &Path) -> Self {
        let schemas = match input {
            Input::Registers { schemas, .. } => schemas.clone(),
            Input::Panel { schema } => BTreeMap::from([(PANEL.to_owned(), schema.clone())]),
        };
        let mut opened = Vec::new();
        let files = match find::list(folder) {
            Ok(names) => find_all(&schemas, years, folder, &names, &mut opened),
            Err(found) => {
                opened.extend(found.0);
                BTreeMap::new()
            }
        };
        opened.sort();
        Self {
            schemas,
            classifications: classifications.clone(),
            years: years.to_vec(),
            files,
            units: RwLock::default(),
            groups: RwLock::default(),
            persons: RwLock::default(),
            pseudonyms: RwLock::default(),
            listings: OnceLock::new(),
            panel: OnceLock::new(),
            opened,
            recording: false,
            log: Mutex::default(),
            memory: Arc::default(),
        }
    }

    /// Reads within this bound.
    pub fn within(self, memory: Arc<Memory>) -> Self {
        Self { memory, ..self }
    }

    /// About how many units the register of a year has, from the size of its file.
    pub fn expected_units(&self, year: i32) -> u64 {
        let file = self.file("business_units", Some(year)).or_else(|| self.file(PANEL, None));
        let rows = file.and_then(|file| (file.reader.open)(&file.path).ok()).and_then(|source| source.rows());
        let bytes = file.and_then(|file| file.path.metadata().ok()).map_or(0, |metadata| metadata.len());
        rows.unwrap_or(bytes / SMALLEST_ROW)
    }

    /// About what the identifiers of units and groups take once years with so many units, of which the largest has `widest`, are read.
    pub fn identifier_bytes(&self, units: u64, widest: u64) -> u64 {
        let after = |known: usize| Interner::bytes_for(widest.max(known as u64) + units / NEW_UNITS);
        after(self.unit_count()) + after(self.group_count())
    }

    /// Whether a piece of a register can be taken in: tables of identifiers double when they are full.
    fn has_room(&self) -> bool {
        let growth = |interner: &RwLock<Interner>| interner.read().unwrap_or_else(PoisonError::into_inner).growth(PIECE_ROWS);
        self.memory.has_room(growth(&self.units) + growth(&self.groups))
    }

    /// The list of participants, one key per listing; empty where the pipeline names no list.
    pub fn listings(&self) -> Result<Listings, Diagnostics> {
        let pseudonyms = self.listed().iter().map(|number| Key::new(*number)).collect();
        self.verdict("participants", None)?;
        Ok(Listings { pseudonyms })
    }

    pub(super) fn listed(&self) -> &[u32] {
        self.listings.get_or_init(|| links::listings(self))
    }

    /// What the registers say of one year. For a panel there are no links, and every number column is a measure.
    ///
    /// Keys of units and groups are the same in every year; which number a unit has depends on what was read first.
    pub fn year(&self, year: i32) -> Result<YearRegisters, Diagnostics> {
        self.year_from(year, self.leads(year))
    }

    /// Where the list leads in a year; nowhere for a panel. What is wrong comes out when the year is read.
    pub fn leads(&self, year: i32) -> Leads {
        if self.schemas.contains_key(PANEL) { Leads::default() } else { year::leads(self, year) }
    }

    /// Like [`Delivery::year`], where it is known already where the list leads.
    pub fn year_from(&self, year: i32, leads: Leads) -> Result<YearRegisters, Diagnostics> {
        if self.schemas.contains_key(PANEL) {
            let read = self.panel.get_or_init(|| Panel::read(self)).year(self, year);
            self.verdict(PANEL, None)?;
            return read;
        }
        let read = year::read(self, year, leads).registers;
        self.memory.room(0, "reading the registers")?;
        let mut found = Vec::new();
        for register in self.schemas.keys().filter(|register| *register != "participants") {
            found.extend(self.verdict(register, Some(year)).err().into_iter().flat_map(|found| found.0));
        }
        if found.is_empty() { Ok(read) } else { Err(Diagnostics(found)) }
    }

    /// Whether a register of a year is there with all its columns and can be read to its end, so that what it does not hold is unknown.
    pub(super) fn is_readable(&self, register: &str, year: i32) -> bool {
        let Some(file) = self.file(register, Some(year)) else { return false };
        let here =
            |found: &&Diagnostic| matches!(&found.place, Place::Data { file: named, .. } if named.as_os_str() == &*file.name);
        let broken = |found: &Diagnostic| {
            let codes = ["file-corrupt", "file-empty", "cannot-read", "column-missing"];
            found.severity == Severity::Error && codes.contains(&found.code)
        };
        let read = self.log().findings.get(&file.name).is_some_and(|found| found.iter().any(broken));
        !read && !self.opened.iter().filter(here).any(broken)
    }

    /// The order of two units by the text of their identifiers.
    pub fn compare_units(&self, a: Key<BusinessUnit>, b: Key<BusinessUnit>) -> Ordering {
        self.units.read().unwrap_or_else(PoisonError::into_inner).compare(a.0, b.0)
    }

    /// The identifier of a unit, for the vault alone.
    pub fn unit_identifier(&self, unit: Key<BusinessUnit>) -> Sensitive<String> {
        identifier(&self.units, unit.0)
    }

    /// The identifier of a person, for the vault alone.
    pub fn person_identifier(&self, person: Key<Person>) -> Sensitive<String> {
        identifier(&self.persons, person.0)
    }

    /// The number on the list, for the vault alone.
    pub fn number(&self, pseudonym: Key<Pseudonym>) -> Sensitive<String> {
        identifier(&self.pseudonyms, pseudonym.0)
    }

    /// Every key of a unit handed out so far is below this.
    pub fn unit_count(&self) -> usize {
        self.units.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Every key of an enterprise group handed out so far is below this.
    pub fn group_count(&self) -> usize {
        self.groups.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The files read so far, by register, year and name.
    pub fn inputs(&self) -> Vec<InputFile> {
        let mut inputs: Vec<_> = self.log().inputs.values().cloned().collect();
        inputs.sort();
        inputs
    }

    /// What was found so far, in a fixed order: when the folder was opened, then file by file.
    pub fn findings(&self) -> Vec<Diagnostic> {
        let log = self.log();
        self.opened.iter().chain(log.findings.values().flatten()).cloned().collect()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The findings of one file, as an error when there is an error among them.
    fn verdict(&self, register: &str, year: Option<i32>) -> Result<(), Diagnostics> {
        let Some(file) = self.file(register, year) else { return Ok(()) };
        let found = Diagnostics(self.log().findings.get(&file.name).cloned().unwrap_or_default());
        if found.has_errors() { Err(found) } else { Ok(()) }
    }

    /// The file of a register in a year; a register with one file for all years has it in each.
    pub(super) fn file(&self, register: &str, year: Option<i32>) -> Option<&RegisterFile> {
        let of = |year| self.files.get(&(register.to_owned(), year));
        of(year).or_else(|| of(None))
    }

    /// Reads the columns of a file in pieces; what is wrong with them is in the answer, to be added to and [recorded](Self::record).
    pub(super) fn scan(&self, file: &RegisterFile, roles: &[Role], mut take: impl FnMut(&Piece<'_>, &mut Faults)) -> Faults {
        let mut faults = Faults::default();
        let hash = self.recording.then(|| hash(&file.path)).transpose();
        let rows = self.scan_rows(file, roles, &mut take, &mut faults);
        match (hash, rows) {
            (Ok(hash), Ok(rows)) => {
                faults.rows = rows;
                if rows == 0 {
                    faults.file(if file.register == "participants" { &faults::NO_LISTINGS } else { &faults::NO_ROWS });
                }
                let inputs = hash.map(|hash| input_file(file, rows, hash));
                self.log().inputs.extend(inputs.map(|input| (file.name.clone(), input)));
            }
            (_, Err(Unreadable::Fault(fault))) => faults.file(fault),
            (Err(error), _) | (_, Err(Unreadable::Machine(error))) => faults.machine(error),
        }
        faults
    }

    fn scan_rows(
        &self,
        file: &RegisterFile,
        roles: &[Role],
        take: &mut impl FnMut(&Piece<'_>, &mut Faults),
        faults: &mut Faults,
    ) -> Result<u64, Unreadable> {
        let source = (file.reader.open)(&file.path)?;
        let schema = &self.schemas[&file.register];
        let mut selection = columns::select(roles, schema, (source.header(), file.year), source.separator());
        let names = selection.names(roles);
        let rows = source.read(&selection.header_places, faults, &mut |first_row, arrays, faults| {
            let wanted = selection.wanted.iter_mut().zip(arrays);
            let values: Vec<Values> = wanted.map(|(wanted, array)| wanted.convert(array, first_row, faults)).collect();
            let columns = selection.places.iter().map(|place| place.map_or(&Values::Absent, |place| &values[place])).collect();
            let rows = arrays.first().map_or(0, |array| array.len());
            if self.memory.is_met() || !self.has_room() {
                // The rest of the file is passed over; the year ends with an error.
                self.memory.meet();
                return;
            }
            take(&Piece { first_row, rows, columns, names: &names }, faults);
        })?;
        let decided: BTreeSet<u8> = selection.wanted.iter().filter_map(|wanted| wanted.decimals.decided()).collect();
        let decided: Vec<u8> = decided.into_iter().collect();
        selection.wanted.iter().for_each(|wanted| wanted.decimals.report(&decided, &wanted.header, faults));
        Ok(rows)
    }

    /// Keeps what is wrong with a file.
    pub(super) fn record(&self, file: &RegisterFile, mut faults: Faults) {
        if file.year.is_some_and(|year| !self.is_readable("business_units", year)) {
            faults.forget(&faults::UNKNOWN_UNIT);
            faults.forget(&faults::UNKNOWN_LINKED_UNIT);
        }
        let rows = faults.rows;
        faults.escalate(&faults::UNKNOWN_UNIT, &faults::MOSTLY_UNKNOWN_UNITS, rows);
        faults.escalate(&faults::UNKNOWN_SBI, &faults::MOSTLY_UNKNOWN_SBI, rows);
        let mut found = faults.into_diagnostics(&file.name);
        for finding in found.iter_mut().filter(|finding| finding.code == "key-not-unique") {
            finding.notes.insert(0, key_note(&self.schemas[&file.register]));
        }
        self.log().findings.insert(file.name.clone(), found);
    }
}

fn key_note(schema: &Schema) -> String {
    let names: Vec<String> = schema.key.iter().map(|name| format!("`{name}`")).collect();
    format!("the key of the schema `{}`: {}", schema.name, names.join(", "))
}

fn input_file(file: &RegisterFile, rows: u64, (blake3, bytes): (String, u64)) -> InputFile {
    InputFile {
        register: file.register.clone(),
        year: file.year,
        file: file.name.clone(),
        version: file.version,
        bytes,
        rows,
        blake3,
    }
}

/// BLAKE3 of the bytes of a file, and their number.
fn hash(path: &Path) -> std::io::Result<(String, u64)> {
    let mut hasher = blake3::Hasher::new();
    let bytes = std::io::copy(&mut std::fs::File::open(path)?, &mut hasher)?;
    Ok((hasher.finalize().to_hex().to_string(), bytes))
}

fn find_all(
    schemas: &BTreeMap<String, Schema>,
    years: &[i32],
    folder: &Path,
    names: &[String],
    opened: &mut Vec<Diagnostic>,
) -> BTreeMap<(String, Option<i32>), RegisterFile> {
    let mut all = Vec::new();
    for (register, schema) in schemas {
        opened.extend(columns::gaps(register, schema));
        let asked: Vec<Option<i32>> = if find::is_yearly(schema) { years.iter().map(|y| Some(*y)).collect() } else { vec![None] };
        all.extend(asked.into_iter().map(|year| Asked { register, schema, year }));
    }
    let mut files = BTreeMap::new();
    for asked in &all {
        let (file, finding) = find::find(*asked, &all, folder, names);
        opened.extend(finding);
        let Some(file) = file else { continue };
        match headers(&file, asked.schema) {
            Ok(found) => {
                opened.extend(found);
                files.insert((asked.register.to_owned(), asked.year), file);
            }
            Err(found) => opened.extend(found.0),
        }
    }
    files
}

/// What is wrong with the header; an error when there is none to be had.
fn headers(file: &RegisterFile, schema: &Schema) -> Result<Vec<Diagnostic>, Diagnostics> {
    match (file.reader.open)(&file.path) {
        Ok(source) => Ok(columns::check(&file.name, schema, source.header(), file.year)),
        Err(unreadable) => {
            let mut faults = Faults::default();
            match unreadable {
                Unreadable::Fault(fault) => faults.file(fault),
                Unreadable::Machine(error) => faults.machine(error),
            }
            Err(Diagnostics(faults.into_diagnostics(&file.name)))
        }
    }
}

/// Reads everything and returns all findings: errors before warnings, then file by file.
pub fn check(delivery: &Delivery) -> Vec<Diagnostic> {
    let _ = delivery.listings();
    let mut found = match delivery.schemas.contains_key(PANEL) {
        true => delivery.years.iter().filter_map(|year| delivery.year(*year).err()).flat_map(|found| found.0).collect(),
        false => breaks_of(delivery),
    };
    found.extend(delivery.findings());
    found.sort_by(|a, b| (a.severity, &a.place, a.code, &a.headline).cmp(&(b.severity, &b.place, b.code, &b.headline)));
    found.dedup();
    found
}

/// Reads every year and compares each with the one before.
fn breaks_of(delivery: &Delivery) -> Vec<Diagnostic> {
    let look = |year: &i32| {
        let read = year::read(delivery, *year, year::leads(delivery, *year));
        let mut faults = Faults::default();
        breaks::within(&read, &mut faults);
        (breaks::Summary::of(read), faults)
    };
    let mut looked: Vec<(breaks::Summary, Faults)> = delivery.years.par_iter().map(look).collect();
    for (at, years) in delivery.years.windows(2).enumerate() {
        let (before, after) = looked.split_at_mut(at + 1);
        let (Some((before, _)), Some((after, faults))) = (before.last(), after.first_mut()) else { continue };
        if years[0] + 1 == years[1] && years.iter().all(|year| delivery.is_readable("business_units", *year)) {
            breaks::between(before, after, years[1], faults);
        }
    }
    let name = |year: i32| delivery.file("business_units", Some(year)).map(|file| file.name.clone());
    let named = delivery.years.iter().zip(looked).filter_map(|(year, (_, faults))| Some((name(*year)?, faults)));
    named.flat_map(|(name, faults)| faults.into_diagnostics(&name)).collect()
}
