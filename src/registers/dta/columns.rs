//! Columns from the rows of a Stata file, each row a fixed number of bytes.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, Int32Array, StringBuilder};
use arrow::buffer::NullBuffer;

use super::super::faults::{self, Faults};
use super::header::{Header, Shown, Storage, Variable, until_zero};
use super::long_texts::LongTexts;

/// The largest numbers; what lies above is `.` or `.a` to `.z`.
const BYTE_MAX: i32 = 100;
const INT_MAX: i32 = 32_740;
const LONG_MAX: i32 = 2_147_483_620;
const FLOAT_MAX: f32 = f32::from_bits(0x7EFF_FFFF);
const DOUBLE_MAX: f64 = f64::from_bits(0x7FDF_FFFF_FFFF_FFFF);

/// From 1 January 1960 to 1 January 1970.
const DAYS_TO_1970: f64 = 3_653.0;
const MILLISECONDS_PER_DAY: f64 = 86_400_000.0;

/// Rows, one after the other.
pub(super) struct Rows<'a> {
    pub bytes: &'a [u8],
    pub header: &'a Header,
    pub first_row: u64,
}

impl Rows<'_> {
    pub(super) fn array(&self, variable: &Variable, long_texts: &LongTexts, faults: &mut Faults) -> ArrayRef {
        match variable.storage {
            Storage::Text(width) => self.texts(variable, faults, |row| Some(until_zero(&row[variable.at..variable.at + width]))),
            Storage::LongText => self.texts(variable, faults, |row| long_texts.get(row[variable.at..].first_chunk()?)),
            Storage::Byte | Storage::Int | Storage::Long if variable.shown == Shown::Number => self.whole(variable),
            _ => self.shown(variable, faults),
        }
    }

    fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks_exact(self.header.row_bytes)
    }

    /// The bytes of a number in each row, the most significant first.
    fn fields<const N: usize>(&self, at: usize) -> impl Iterator<Item = [u8; N]> {
        let big_endian = self.header.big_endian;
        self.rows().map(move |row| {
            let mut bytes = row[at..].first_chunk::<N>().copied().unwrap_or([0; N]);
            if !big_endian {
                bytes.reverse();
            }
            bytes
        })
    }

    fn whole(&self, variable: &Variable) -> ArrayRef {
        let (values, largest) = self.integers(variable);
        let valid: Vec<bool> = values.iter().map(|value| *value <= largest).collect();
        Arc::new(Int32Array::new(values.into(), Some(NullBuffer::from(valid))))
    }

    /// Numbers with the largest that is none of the missing codes.
    fn integers(&self, variable: &Variable) -> (Vec<i32>, i32) {
        match variable.storage {
            Storage::Byte => (self.fields(variable.at).map(|bytes| i32::from(i8::from_be_bytes(bytes))).collect(), BYTE_MAX),
            Storage::Int => (self.fields(variable.at).map(|bytes| i32::from(i16::from_be_bytes(bytes))).collect(), INT_MAX),
            _ => (self.fields(variable.at).map(i32::from_be_bytes).collect(), LONG_MAX),
        }
    }

    fn floats(&self, variable: &Variable) -> Vec<Option<f64>> {
        match variable.storage {
            Storage::Float => {
                let filled = |value: f32| (value <= FLOAT_MAX).then(|| f64::from(value));
                self.fields(variable.at).map(f32::from_be_bytes).map(filled).collect()
            }
            Storage::Double => {
                self.fields(variable.at).map(f64::from_be_bytes).map(|value| (value <= DOUBLE_MAX).then_some(value)).collect()
            }
            _ => {
                let (values, largest) = self.integers(variable);
                values.into_iter().map(|value| (value <= largest).then(|| f64::from(value))).collect()
            }
        }
    }

    fn shown(&self, variable: &Variable, faults: &mut Faults) -> ArrayRef {
        let values = self.floats(variable);
        match variable.shown {
            Shown::Number => Arc::new(Float64Array::from(values)),
            Shown::Padded(digits) => {
                let mut builder = StringBuilder::new();
                values.iter().for_each(|value| builder.append_option(value.map(|value| format!("{value:0digits$}"))));
                Arc::new(builder.finish())
            }
            Shown::Days => self.dates(&values, 1.0, variable, faults),
            Shown::Milliseconds => self.dates(&values, MILLISECONDS_PER_DAY, variable, faults),
        }
    }

    fn dates(&self, values: &[Option<f64>], per_day: f64, variable: &Variable, faults: &mut Faults) -> ArrayRef {
        let mut day = |(row, value): (u64, &Option<f64>)| {
            let days = ((*value)? / per_day).floor() - DAYS_TO_1970;
            if days.abs() < f64::from(i32::MAX) {
                return Some(days as i32);
            }
            faults.row(&faults::NOT_A_DATE, row, &variable.name);
            None
        };
        Arc::new((self.first_row..).zip(values).map(&mut day).collect::<Date32Array>())
    }

    fn texts<'a>(&'a self, variable: &Variable, faults: &mut Faults, field: impl Fn(&'a [u8]) -> Option<&'a [u8]>) -> ArrayRef {
        let mut builder = StringBuilder::new();
        for (row, bytes) in (self.first_row..).zip(self.rows()) {
            match field(bytes).ok_or(&faults::BROKEN_OFF).and_then(|text| self.header.script.read(text)) {
                Ok(text) if text.is_empty() => builder.append_null(),
                Ok(text) => builder.append_value(text),
                Err(fault) => {
                    faults.row(fault, row, &variable.name);
                    builder.append_null();
                }
            }
        }
        Arc::new(builder.finish())
    }
}
