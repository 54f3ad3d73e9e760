//! The decimal sign of a text file: found from its numbers, so that a thousands separator is never taken for it in silence.

use super::faults::{self, Fault, Faults};
use crate::amount::{SCALE, parse_decimal};

/// What the numbers of one column say of the decimal sign so far.
pub(super) struct Decimals {
    /// The sign that goes with the separator of fields: `,` with `;`, and `.` with anything else.
    usual: u8,
    decided: Option<u8>,
    /// First rows, and number, of values such as `1.234` that were read before anything was decided; by sign.
    open: [(Vec<u64>, u64); 2],
}

/// What a field was read as.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Ten-thousandths.
    Amount(i64),
    Fault(&'static Fault),
}

/// A number as text, by what its sign can be.
enum Shape {
    Whole,
    /// One sign that can only be a decimal sign.
    Decimal(u8),
    /// One sign with one to three digits before and three behind: decimal sign or thousands separator.
    Either(u8),
    Thousands,
}

impl Decimals {
    /// `separator` is that of the fields, for a text format.
    pub(super) fn new(separator: Option<u8>) -> Self {
        let usual = if separator == Some(b';') { b',' } else { b'.' };
        Self { usual, decided: None, open: Default::default() }
    }

    /// Reads a field that is not empty.
    pub(super) fn read(&mut self, text: &str, row: u64) -> Reading {
        if let Some(value) = small_whole(text.as_bytes()) {
            return Reading::Amount(value);
        }
        if !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b',' | b'e' | b'E')) {
            return Reading::Fault(&faults::NOT_A_NUMBER);
        }
        let sign = match shape(text.as_bytes()) {
            Shape::Whole => b'.',
            Shape::Thousands => return Reading::Fault(&faults::THOUSANDS),
            Shape::Decimal(sign) | Shape::Either(sign) if self.decided.is_some_and(|decided| decided != sign) => {
                return Reading::Fault(&faults::THOUSANDS);
            }
            Shape::Decimal(sign) => {
                self.decided = Some(sign);
                sign
            }
            Shape::Either(sign) => {
                self.postpone(sign, row);
                sign
            }
        };
        match parse_decimal(text, sign) {
            Some(value) => Reading::Amount(value),
            None if is_number(text.as_bytes()) => Reading::Fault(&faults::TOO_LARGE),
            None => Reading::Fault(&faults::NOT_A_NUMBER),
        }
    }

    fn postpone(&mut self, sign: u8, row: u64) {
        if self.decided.is_none() {
            let (rows, count) = &mut self.open[usize::from(sign == b',')];
            *count += 1;
            if rows.len() < 5 {
                rows.push(row);
            }
        }
    }

    /// The verdict of one column, once the whole file is read; `decided` are the signs that its columns came to.
    pub(super) fn report(&self, decided: &[u8], column: &str, faults: &mut Faults) {
        for (sign, (rows, count)) in [b'.', b','].into_iter().zip(&self.open).filter(|(_, (rows, _))| !rows.is_empty()) {
            let fault = match decided {
                [only] if *only == sign => continue,
                [] if self.usual == sign && self.open.iter().filter(|(rows, _)| !rows.is_empty()).count() == 1 => {
                    &faults::THREE_DECIMALS
                }
                [] => &faults::MAYBE_THOUSANDS,
                _ => &faults::THOUSANDS,
            };
            faults.several(fault, (rows, *count), column);
        }
    }

    pub(super) fn decided(&self) -> Option<u8> {
        self.decided
    }
}

/// Digits alone, few enough to need no check.
fn small_whole(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 13 {
        return None;
    }
    let value = bytes.iter().try_fold(0i64, |n, byte| byte.is_ascii_digit().then(|| n * 10 + i64::from(byte - b'0')))?;
    Some(value * SCALE)
}

fn shape(bytes: &[u8]) -> Shape {
    let bytes = bytes.strip_prefix(b"-").or_else(|| bytes.strip_prefix(b"+")).unwrap_or(bytes);
    let signs: Vec<usize> = (0..bytes.len()).filter(|at| matches!(bytes[*at], b'.' | b',')).collect();
    let (&at, more) = match signs.as_slice() {
        [] => return Shape::Whole,
        [at, more @ ..] => (at, more),
    };
    if !more.is_empty() {
        return Shape::Thousands;
    }
    let (before, behind) = (&bytes[..at], &bytes[at + 1..]);
    let grouped =
        behind.len() == 3 && behind.iter().all(u8::is_ascii_digit) && (1..=3).contains(&before.len()) && before[0] != b'0';
    if grouped { Shape::Either(bytes[at]) } else { Shape::Decimal(bytes[at]) }
}

fn is_number(bytes: &[u8]) -> bool {
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    !digits.is_empty() && digits.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(separator: u8, texts: &[&str]) -> Vec<&'static str> {
        let mut decimals = Decimals::new(Some(separator));
        let mut faults = Faults::default();
        for (at, text) in texts.iter().enumerate() {
            if let Reading::Fault(fault) = decimals.read(text, at as u64 + 1) {
                faults.row(fault, at as u64 + 1, "omzet");
            }
        }
        let decided: Vec<u8> = decimals.decided().into_iter().collect();
        decimals.report(&decided, "omzet", &mut faults);
        let severity = |d: &crate::diagnostic::Diagnostic| {
            if d.severity == crate::diagnostic::Severity::Error { "error" } else { "warning" }
        };
        faults.into_diagnostics("f").iter().map(severity).collect()
    }

    #[test]
    fn a_decimal_sign_is_found_from_the_data() {
        assert!(verdict(b';', &["12,5", "1,234", "7"]).is_empty());
        assert!(verdict(b';', &["1.234", "12.5", "7"]).is_empty());
        assert!(verdict(b',', &["12.5", "0.123", "-3.25"]).is_empty());
    }

    #[test]
    fn a_thousands_separator_is_never_read_in_silence() {
        assert_eq!(verdict(b';', &["1.234", "250"]), ["error"]);
        assert_eq!(verdict(b',', &["1,234", "250"]), ["error"]);
        assert_eq!(verdict(b';', &["1.234,56"]), ["error"]);
        assert_eq!(verdict(b',', &["1,234.56"]), ["error"]);
        assert_eq!(verdict(b';', &["1.234.567"]), ["error"]);
        assert_eq!(verdict(b';', &["12,5", "1.234"]), ["error"]);
        assert_eq!(verdict(b';', &["1.234", "12,5"]), ["error"]);
        assert_eq!(verdict(b';', &["12,5", "12.5"]), ["error"]);
        assert_eq!(verdict(b';', &["1,234", "250"]), ["warning"]);
    }

    #[test]
    fn a_number_that_is_too_large_is_told_from_text() {
        let mut decimals = Decimals::new(None);
        assert_eq!(decimals.read("99999999999999999999", 1), Reading::Fault(&faults::TOO_LARGE));
        assert_eq!(decimals.read("twelve", 1), Reading::Fault(&faults::NOT_A_NUMBER));
        assert_eq!(decimals.read("-12", 1), Reading::Amount(-120_000));
    }
}
