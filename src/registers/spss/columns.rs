//! Columns from the cases of an SPSS file, each case a fixed number of bytes.

use std::sync::Arc;

use arrow::array::{ArrayRef, Date32Array, Float64Array, StringBuilder};
use arrow::buffer::NullBuffer;

use super::super::encodings::Script;
use super::super::faults::{self, Faults};
use super::dictionary::{Kind, Missing, SLOT, Shown, Variable};

const SECONDS_PER_DAY: f64 = 86_400.0;
/// From 14 October 1582 to 1 January 1970.
const DAYS_TO_1970: f64 = 141_428.0;

/// Cases, one after the other.
pub(super) struct Rows<'a> {
    pub bytes: &'a [u8],
    pub row_bytes: usize,
    pub first_row: u64,
    pub big_endian: bool,
}

impl Rows<'_> {
    pub(super) fn array(&self, variable: &Variable, script: Script, faults: &mut Faults) -> ArrayRef {
        match &variable.kind {
            Kind::Number { at, shown: Shown::Number, missing } => self.numbers(*at, missing),
            Kind::Number { at, shown: Shown::Padded(digits), missing } => self.padded(*at, *digits, missing),
            Kind::Number { at, shown: Shown::Date, missing } => self.dates(*at, missing, &variable.name, faults),
            Kind::Text { segments, missing } => self.texts(segments, missing, script, &variable.name, faults),
        }
    }

    fn fields(&self, at: usize) -> impl Iterator<Item = f64> {
        let float = |bytes: &[u8; SLOT]| if self.big_endian { f64::from_be_bytes(*bytes) } else { f64::from_le_bytes(*bytes) };
        self.bytes.chunks_exact(self.row_bytes).map(move |row| row[at..].first_chunk().map_or(f64::NAN, float))
    }

    fn filled(&self, at: usize, missing: &Missing) -> impl Iterator<Item = Option<f64>> {
        self.fields(at).map(|value| (!missing.holds(value)).then_some(value))
    }

    fn numbers(&self, at: usize, missing: &Missing) -> ArrayRef {
        let values: Vec<f64> = self.fields(at).collect();
        let valid: Vec<bool> = values.iter().map(|value| !missing.holds(*value)).collect();
        Arc::new(Float64Array::new(values.into(), Some(NullBuffer::from(valid))))
    }

    fn padded(&self, at: usize, digits: usize, missing: &Missing) -> ArrayRef {
        let mut builder = StringBuilder::new();
        self.filled(at, missing).for_each(|value| builder.append_option(value.map(|value| format!("{value:0digits$}"))));
        Arc::new(builder.finish())
    }

    fn dates(&self, at: usize, missing: &Missing, name: &str, faults: &mut Faults) -> ArrayRef {
        let mut day = |(row, value): (u64, Option<f64>)| {
            let days = (value? / SECONDS_PER_DAY).floor() - DAYS_TO_1970;
            if days.abs() < f64::from(i32::MAX) {
                return Some(days as i32);
            }
            faults.row(&faults::NOT_A_DATE, row, name);
            None
        };
        Arc::new((self.first_row..).zip(self.filled(at, missing)).map(&mut day).collect::<Date32Array>())
    }

    fn texts(
        &self,
        segments: &[(usize, usize)],
        missing: &[Vec<u8>],
        script: Script,
        name: &str,
        faults: &mut Faults,
    ) -> ArrayRef {
        let mut builder = StringBuilder::new();
        let mut joined = Vec::new();
        for (row, bytes) in (self.first_row..).zip(self.bytes.chunks_exact(self.row_bytes)) {
            let text = match segments {
                [(at, length)] => &bytes[*at..at + length],
                _ => {
                    joined.clear();
                    segments.iter().for_each(|(at, length)| joined.extend_from_slice(&bytes[*at..at + length]));
                    joined.as_slice()
                }
            };
            let text = without_blanks(text);
            if text.is_empty() || missing.iter().any(|code| code == text) {
                builder.append_null();
                continue;
            }
            match script.read(text) {
                Ok(text) => builder.append_value(text),
                Err(fault) => {
                    faults.row(fault, row, name);
                    builder.append_null();
                }
            }
        }
        Arc::new(builder.finish())
    }
}

/// A text without what fills it up to its width.
fn without_blanks(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| !matches!(byte, b' ' | 0)).map_or(0, |at| at + 1);
    &text[..end]
}
