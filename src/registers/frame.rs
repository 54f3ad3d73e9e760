//! A unit frame holds the business units of one year, a column per variable; identifiers have become dense keys.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// A pseudonymised chamber-of-commerce number on the list of participants.
pub enum Pseudonym {}
/// A legal or natural person that runs units.
pub enum Person {}
/// A business unit (*bedrijfseenheid*).
pub enum BusinessUnit {}
/// An enterprise group (*ondernemingengroep*).
pub enum EnterpriseGroup {}

/// The dense number of an identifier, from 0, in no meaningful order. Only a delivery can tell the identifier, and only the vault asks.
pub struct Key<T>(pub u32, PhantomData<T>);

impl<T> Key<T> {
    pub fn new(index: u32) -> Self {
        Self(index, PhantomData)
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Key<T> {}
impl<T> PartialEq for Key<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Key<T> {}
impl<T> PartialOrd for Key<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Key<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Key<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

/// No class, or a code outside the classification.
pub const NO_CODE: u16 = u16::MAX;
/// No founding year.
pub const NO_YEAR: i16 = i16::MIN;

/// Business units of one year. Every column has one entry per unit; no unit stands in it twice.
#[derive(Default)]
pub struct UnitFrame {
    pub year: i32,
    /// Dense keys, the same key for the same unit in every year.
    pub unit: Vec<Key<BusinessUnit>>,
    /// `None` for a unit outside any enterprise group.
    pub group: Vec<Option<Key<EnterpriseGroup>>>,
    /// Employed persons in ten-thousandths, [`crate::amount::MISSING`] when unknown.
    pub persons: Vec<i64>,
    /// Employed persons of the enterprise group, likewise.
    pub group_persons: Vec<i64>,
    /// Founding year, [`NO_YEAR`] when unknown.
    pub founded: Vec<i16>,
    /// By classification (`sector`, `division`, a code column of a panel): index of the class, or [`NO_CODE`].
    pub codes: BTreeMap<String, Vec<u16>>,
    /// By canonical measure name, in ten-thousandths of the unit of the schema. The turnover register gives `turnover` (sum of the
    /// quarters present) and `quarters` (how many are present, in ten-thousandths too).
    pub measures: BTreeMap<String, Measure>,
}

/// One measure over the units of a frame.
pub enum Measure {
    /// One value per unit; [`crate::amount::MISSING`] where it has none.
    Dense(Vec<i64>),
    /// A sampled register: positions in the frame, ascending, and the value of each. Units not listed are missing.
    Sampled { positions: Vec<u32>, values: Vec<i64> },
}

impl Measure {
    /// The value of the unit at this position of the frame.
    pub fn at(&self, position: usize) -> i64 {
        match self {
            Measure::Dense(values) => values[position],
            Measure::Sampled { positions, values } => {
                positions.binary_search(&(position as u32)).map_or(crate::amount::MISSING, |found| values[found])
            }
        }
    }
}

/// A combination of person and business unit, with the period in which it existed, both days included, in days since 1970-01-01.
#[derive(Clone, Copy)]
pub struct PersonUnit {
    pub person: Key<Person>,
    pub unit: Key<BusinessUnit>,
    pub begin: i32,
    pub end: i32,
}

/// What the registers say of one year.
pub struct YearRegisters {
    /// Pairs for the pseudonyms on the list only; without repeats.
    pub kvk_person: Vec<(Key<Pseudonym>, Key<Person>)>,
    /// Combinations of the persons in `kvk_person` only.
    pub person_unit: Vec<PersonUnit>,
    pub units: UnitFrame,
}

/// The list of participants: one entry per listing, in any order.
pub struct Listings {
    pub pseudonyms: Vec<Key<Pseudonym>>,
}

/// A file that was read, for the audit record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct InputFile {
    /// Logical register.
    pub register: String,
    pub year: Option<i32>,
    /// File name without folder.
    pub file: String,
    pub version: Option<u32>,
    pub bytes: u64,
    pub rows: u64,
    /// BLAKE3 of the bytes, hexadecimal.
    pub blake3: String,
}
