//! Conversion turns the arrays that a reader hands over into checked columns: text, amounts in ten-thousandths, days.

use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Decimal128Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};

use super::columns::Role;
use super::dates::{NO_DATE, days_of_number, parse_date, read_date};
use super::decimals::{Decimals, Reading};
use super::faults::{self, Fault, Faults};
use crate::amount::{MISSING, SCALE, from_f64, parse_decimal};
use crate::spec::schema;

/// Amounts beyond this, in ten-thousandths, could overflow when the quarters of a year are added up.
const AMOUNT_MAX: i64 = 100_000_000_000_000_000;

/// How the program uses a column; the schema says what it is called and what it may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Identifier,
    Text,
    Number,
    Date,
}

/// A column to be read: where it stands and the rules for it.
pub(super) struct Wanted<'a> {
    /// Name in the file.
    pub header: String,
    pub kind: Kind,
    pub rules: &'a schema::Column,
    nonnegative: bool,
    /// The declared texts for "missing", as amounts.
    missing: Vec<i64>,
    /// Those that are dates.
    missing_days: Vec<i32>,
    pub decimals: Decimals,
}

/// A column of a piece. An empty text, [`MISSING`] and [`NO_DATE`] stand for a field that is empty.
pub(super) enum Values {
    Text(StringArray),
    Numbers(Vec<i64>),
    Dates(Vec<i32>),
    /// The file does not have this column.
    Absent,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(header: String, role: &Role, rules: &'a schema::Column, separator: Option<u8>) -> Self {
        let amount = |text: &String| parse_decimal(text, b'.').or_else(|| parse_decimal(text, b','));
        let missing = rules.missing.iter().filter_map(amount).collect();
        let nonnegative = rules.nonnegative || role.nonnegative;
        let missing_days = rules.missing.iter().filter_map(|text| parse_date(text)).collect();
        Self { header, kind: role.kind, rules, nonnegative, missing, missing_days, decimals: Decimals::new(separator) }
    }

    /// The checked column, with every fault in it noted.
    pub(super) fn convert(&mut self, array: &ArrayRef, first_row: u64, faults: &mut Faults) -> Values {
        match self.kind {
            Kind::Identifier | Kind::Text => Values::Text(self.texts(array, first_row, faults)),
            Kind::Number => Values::Numbers(self.numbers(array, first_row, faults)),
            Kind::Date => Values::Dates(self.dates(array, first_row, faults)),
        }
    }

    fn texts(&self, array: &ArrayRef, first_row: u64, faults: &mut Faults) -> StringArray {
        if self.kind == Kind::Identifier && array.data_type().is_numeric() {
            faults.column(&faults::NUMERIC_IDENTIFIER, &self.header);
        }
        let Some(texts) = self.as_texts(array, faults) else { return StringArray::new_null(array.len()) };
        if self.is_plain(&texts) {
            return texts;
        }
        for at in 0..texts.len() {
            let text = if texts.is_null(at) { "" } else { texts.value(at).trim_ascii() };
            let empty = text.is_empty() || self.rules.missing.iter().any(|missing| missing == text);
            if empty && !self.rules.nullable {
                faults.row(&faults::EMPTY_FIELD, first_row + at as u64, &self.header);
            }
            if !text.is_ascii() && looks_misread(text) {
                faults.row(&faults::MOJIBAKE, first_row + at as u64, &self.header);
            }
        }
        if self.rules.missing.is_empty() { texts } else { self.without_missing(&texts) }
    }

    /// Whether a look at all bytes at once tells that no field can be at fault: printable ASCII without blanks, nothing empty.
    fn is_plain(&self, texts: &StringArray) -> bool {
        let whole = texts.null_count() == 0 && self.rules.missing.is_empty();
        let filled = || texts.value_offsets().array_windows().all(|[begin, end]| begin < end);
        whole && (self.rules.nullable || filled()) && is_graphic(texts.value_data())
    }

    /// The declared texts for "missing" become empty fields.
    fn without_missing(&self, texts: &StringArray) -> StringArray {
        let declared = |text: &str| self.rules.missing.iter().any(|missing| missing == text.trim_ascii());
        texts.iter().map(|text| text.filter(|text| !declared(text))).collect()
    }

    fn as_texts(&self, array: &ArrayRef, faults: &mut Faults) -> Option<StringArray> {
        if let Some(texts) = array.as_string_opt::<i32>() {
            return Some(texts.clone());
        }
        if let Some(texts) = floating_texts(array) {
            return Some(texts);
        }
        match cast(array, &DataType::Utf8) {
            Ok(texts) => Some(texts.as_string::<i32>().clone()),
            Err(_) => {
                faults.column(&faults::COLUMN_TYPE, &self.header);
                None
            }
        }
    }

    fn numbers(&mut self, array: &ArrayRef, first_row: u64, faults: &mut Faults) -> Vec<i64> {
        let mut values = match array.data_type() {
            DataType::Int64 => self.whole::<Int64Type>(array, first_row, faults),
            DataType::Int32 => self.whole::<Int32Type>(array, first_row, faults),
            DataType::Int16 => self.whole::<Int16Type>(array, first_row, faults),
            DataType::Int8 => self.whole::<Int8Type>(array, first_row, faults),
            DataType::UInt64 => self.whole::<UInt64Type>(array, first_row, faults),
            DataType::UInt32 => self.whole::<UInt32Type>(array, first_row, faults),
            DataType::UInt16 => self.whole::<UInt16Type>(array, first_row, faults),
            DataType::UInt8 => self.whole::<UInt8Type>(array, first_row, faults),
            DataType::Float64 => self.floating(array.as_primitive::<Float64Type>(), first_row, faults),
            DataType::Float32 => match cast(array, &DataType::Float64) {
                Ok(wide) => self.floating(wide.as_primitive::<Float64Type>(), first_row, faults),
                Err(_) => return self.unreadable(array, faults),
            },
            DataType::Decimal128(_, scale) => self.decimal128(array.as_primitive::<Decimal128Type>(), *scale, first_row, faults),
            DataType::Null => vec![MISSING; array.len()],
            _ => match self.as_texts(array, faults) {
                Some(texts) => self.written(&texts, first_row, faults),
                None => return vec![0; array.len()],
            },
        };
        self.check_numbers(&mut values, first_row, faults);
        values
    }

    fn unreadable(&self, array: &ArrayRef, faults: &mut Faults) -> Vec<i64> {
        faults.column(&faults::COLUMN_TYPE, &self.header);
        vec![0; array.len()]
    }

    fn whole<T: ArrowPrimitiveType>(&self, array: &ArrayRef, first_row: u64, faults: &mut Faults) -> Vec<i64>
    where
        T::Native: TryInto<i64>,
    {
        let array = array.as_primitive::<T>();
        let mut values = Vec::with_capacity(array.len());
        for (at, &value) in array.values().iter().enumerate() {
            let scaled = value.try_into().ok().and_then(|value: i64| value.checked_mul(SCALE)).unwrap_or(i64::MAX);
            values.push(if array.is_null(at) { MISSING } else { scaled });
            if values[at] == i64::MAX {
                faults.row(&faults::TOO_LARGE, first_row + at as u64, &self.header);
                values[at] = 0;
            }
        }
        values
    }

    fn floating(&self, array: &PrimitiveArray<Float64Type>, first_row: u64, faults: &mut Faults) -> Vec<i64> {
        let value = |at: usize, value: f64, faults: &mut Faults| {
            from_f64(value).unwrap_or_else(|| {
                let fault = if value.is_finite() { &faults::TOO_LARGE } else { &faults::NOT_A_NUMBER };
                faults.row(fault, first_row + at as u64, &self.header);
                0
            })
        };
        let field = |(at, &x): (usize, &f64)| if array.is_null(at) || x.is_nan() { MISSING } else { value(at, x, faults) };
        array.values().iter().enumerate().map(field).collect()
    }

    fn decimal128(&self, array: &PrimitiveArray<Decimal128Type>, scale: i8, first_row: u64, faults: &mut Faults) -> Vec<i64> {
        let shift = 4 - i32::from(scale);
        let scaled = |value: i128| match shift {
            _ if value.unsigned_abs() > 10u128.pow(37) => None,
            0.. => 10i128.checked_pow(shift as u32).and_then(|power| value.checked_mul(power)),
            _ => 10i128.checked_pow(shift.unsigned_abs()).map(|power| crate::amount::divide_round(value, power)),
        };
        let mut values = vec![MISSING; array.len()];
        for (at, value) in array.values().iter().enumerate().filter(|(at, _)| !array.is_null(*at)) {
            values[at] = scaled(*value).and_then(|value| i64::try_from(value).ok()).unwrap_or_else(|| {
                faults.row(&faults::TOO_LARGE, first_row + at as u64, &self.header);
                0
            });
        }
        values
    }

    fn written(&mut self, texts: &StringArray, first_row: u64, faults: &mut Faults) -> Vec<i64> {
        let mut values = Vec::with_capacity(texts.len());
        for at in 0..texts.len() {
            let text = if texts.is_null(at) { "" } else { texts.value(at).trim_ascii() };
            let row = first_row + at as u64;
            let value = if text.is_empty() || self.rules.missing.iter().any(|missing| missing == text) {
                MISSING
            } else {
                match self.decimals.read(text, row) {
                    Reading::Amount(value) => value,
                    Reading::Fault(fault) => {
                        faults.row(fault, row, &self.header);
                        0
                    }
                }
            };
            values.push(value);
        }
        values
    }

    fn check_numbers(&self, values: &mut [i64], first_row: u64, faults: &mut Faults) {
        for (at, value) in values.iter_mut().enumerate() {
            if (0..AMOUNT_MAX).contains(value) && self.missing.is_empty() {
                continue;
            }
            let row = first_row + at as u64;
            if self.missing.contains(value) {
                *value = MISSING;
            }
            if *value == MISSING {
                if !self.rules.nullable {
                    faults.row(&faults::EMPTY_FIELD, row, &self.header);
                }
            } else if *value >= AMOUNT_MAX || *value <= -AMOUNT_MAX {
                faults.row(&faults::TOO_LARGE, row, &self.header);
                *value = 0;
            } else if *value < 0 && self.nonnegative && self.rules.name != "persons" {
                faults.row(&faults::NEGATIVE, row, &self.header);
            } else if *value < 0 && self.rules.name == "persons" {
                faults.row(&faults::NEGATIVE_PERSONS, row, &self.header);
            }
        }
    }

    fn dates(&self, array: &ArrayRef, first_row: u64, faults: &mut Faults) -> Vec<i32> {
        match array.data_type() {
            DataType::Date32 | DataType::Date64 | DataType::Timestamp(_, _) => match cast(array, &DataType::Date32) {
                Ok(days) => self.days(days.as_primitive::<Date32Type>(), first_row, faults),
                Err(_) => self.no_dates(array, faults),
            },
            kind if kind.is_numeric() => match cast(array, &DataType::Int64) {
                Ok(numbers) => {
                    let numbers = numbers.as_primitive::<Int64Type>();
                    let declared = |number: i64| number.checked_mul(SCALE).is_some_and(|amount| self.missing.contains(&amount));
                    let date = |at| match numbers.is_null(at) || declared(numbers.value(at)) {
                        true => Ok(NO_DATE),
                        false => days_of_number(numbers.value(at)),
                    };
                    self.each_date(array.len(), first_row, faults, date)
                }
                Err(_) => self.no_dates(array, faults),
            },
            _ => match self.as_texts(array, faults) {
                Some(texts) => self.each_date(texts.len(), first_row, faults, |at| {
                    let text = if texts.is_null(at) { "" } else { texts.value(at).trim_ascii() };
                    if text.is_empty() || self.rules.missing.iter().any(|m| m == text) { Ok(NO_DATE) } else { read_date(text) }
                }),
                None => vec![NO_DATE; array.len()],
            },
        }
    }

    fn days(&self, days: &PrimitiveArray<Date32Type>, first_row: u64, faults: &mut Faults) -> Vec<i32> {
        self.each_date(days.len(), first_row, faults, |at| Ok(if days.is_null(at) { NO_DATE } else { days.value(at) }))
    }

    fn no_dates(&self, array: &ArrayRef, faults: &mut Faults) -> Vec<i32> {
        faults.column(&faults::COLUMN_TYPE, &self.header);
        vec![NO_DATE; array.len()]
    }

    fn each_date(
        &self,
        rows: usize,
        first: u64,
        faults: &mut Faults,
        date: impl Fn(usize) -> Result<i32, &'static Fault>,
    ) -> Vec<i32> {
        let known = |day: i32| if self.missing_days.contains(&day) { NO_DATE } else { day };
        let mut field = |at: usize| {
            let fault = match date(at).map(known) {
                Ok(NO_DATE) if !self.rules.nullable => &faults::EMPTY_FIELD,
                Ok(days) => return days,
                Err(fault) => fault,
            };
            faults.row(fault, first + at as u64, &self.header);
            NO_DATE
        };
        (0..rows).map(&mut field).collect()
    }
}

/// Whether every byte is printable ASCII other than a blank; eight bytes are looked at together.
fn is_graphic(bytes: &[u8]) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const BLANKS: u64 = 0x2121_2121_2121_2121;
    let (words, rest) = bytes.as_chunks::<8>();
    let odd = words.iter().fold(0, |odd, word| {
        let word = u64::from_le_bytes(*word);
        // A byte below 0x21 borrows, unless the byte under it did already: then there is an odd byte all the same.
        odd | word | (word.wrapping_sub(BLANKS) & !word)
    });
    odd & HIGH == 0 && rest.iter().all(u8::is_ascii_graphic)
}

/// Floating numbers as texts, for they can be codes: 62010 is written without decimals. What is no number is no text.
pub(super) fn floating_texts(array: &ArrayRef) -> Option<StringArray> {
    let wide = array.data_type().is_floating().then(|| cast(array, &DataType::Float64).ok()).flatten()?;
    let text = |value: Option<f64>| value.filter(|value| !value.is_nan()).map(|value| value.to_string());
    Some(wide.as_primitive::<Float64Type>().iter().map(text).collect())
}

/// A letter that shows up when text was decoded with the wrong encoding: the replacement character, or `Ã` before a continuation byte.
fn looks_misread(text: &str) -> bool {
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        if letter == '\u{FFFD}' || (letter == 'Ã' && matches!(next, '\u{80}'..='\u{BF}' | '\u{2018}'..='\u{2122}')) {
            return true;
        }
    }
    false
}
