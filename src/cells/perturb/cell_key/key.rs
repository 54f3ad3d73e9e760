//! A key is a number from 0 up to 1 that every unit has; the key of a cell is the sum of those of its units, modulo 1.
//!
//! So the same units have the same key in whatever table they stand, and the noise drawn with it is the same too (Fraser and Wooton,
//! UNECE work session on statistical data confidentiality, 2005; Thompson, Broadfoot and Elazar, ABS, 2013).

use crate::diagnostic::Diagnostic;

/// How many parts make 1: keys of up to 18 decimals are exact.
pub const WHOLE: u64 = 1_000_000_000_000_000_000;

/// Bytes that a secret needs.
const SECRET_BYTES_MIN: usize = 32;

/// A key, in parts of [`WHOLE`]. Sensitive: who knows it can take the noise off again.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Key(u64);

/// What keys of units are drawn with; it stays inside, and is the same for all tables that must agree.
pub struct Secret([u8; 32]);

impl Secret {
    /// From the bytes of a file, blanks around them left out.
    ///
    /// # Errors
    /// `bad-value` when they are too few to be a secret.
    pub fn new(bytes: &[u8]) -> Result<Self, Diagnostic> {
        let bytes = bytes.trim_ascii();
        if bytes.len() < SECRET_BYTES_MIN {
            let finding =
                Diagnostic::error("bad-value", format!("a secret of fewer than {SECRET_BYTES_MIN} bytes can be guessed"));
            return Err(finding
                .help("make one, such as `(umask 077; head -c 32 /dev/urandom | base64 > secret.key)`, and keep it inside"));
        }
        Ok(Self(blake3::derive_key("sluis record keys of units, version 1", bytes)))
    }

    /// The key of a unit: uniform, and the same whenever the unit is.
    pub fn key(&self, unit: &str) -> Key {
        let hash = blake3::keyed_hash(&self.0, unit.trim().as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&hash.as_bytes()[..8]);
        let scaled = u128::from(u64::from_le_bytes(first)) * u128::from(WHOLE);
        Key((scaled >> 64) as u64)
    }
}

impl Key {
    /// From a decimal number from 0 up to 1, of at most 18 decimals.
    pub fn parse(text: &str) -> Option<Self> {
        parts(text).filter(|parts| *parts < WHOLE).map(Self)
    }

    /// The key of the units of both, which share none.
    pub fn plus(self, other: Self) -> Self {
        Self((self.0 + other.0) % WHOLE)
    }

    pub fn parts(self) -> u64 {
        self.0
    }

    /// The first decimal taken from the front to the end, so that one key gives several (as in cellKey, argument `same_key`).
    pub fn turned(self) -> Self {
        let first = self.0 / (WHOLE / 10);
        Self(self.0 % (WHOLE / 10) * 10 + first)
    }
}

/// A decimal number from 0 to 1 in parts of [`WHOLE`], further decimals cut off, also as `1.00E-07`.
pub fn parts(text: &str) -> Option<u64> {
    let text = text.trim();
    if text.contains(['e', 'E']) {
        let number: f64 = text.parse().ok()?;
        return (0.0..=1.0).contains(&number).then(|| (number * WHOLE as f64).round() as u64);
    }
    let (before, after) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(before) || !digits(after) || (before.is_empty() && after.is_empty()) {
        return None;
    }
    let ones: u64 = if before.is_empty() { 0 } else { before.parse().ok()? };
    let after: String = after.chars().chain(std::iter::repeat('0')).take(18).collect();
    let value = ones.checked_mul(WHOLE)?.checked_add(after.parse().ok()?)?;
    (value <= WHOLE).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_key_is_read_exactly_and_added_modulo_one() {
        let key = |text| Key::parse(text).unwrap();
        assert!(key("0.7").plus(key("0.45")) == key("0.15"));
        assert!(key(".25") == key("0.250000000000000000"));
        assert!(
            Key::parse("1").is_none() && Key::parse("-0.1").is_none() && Key::parse("x").is_none() && Key::parse("").is_none()
        );
        assert_eq!(parts("1.00E-07"), Some(WHOLE / 10_000_000));
        assert!(key("0.12345678").turned() == key("0.234567800000000001"));
    }

    #[test]
    fn the_same_unit_has_the_same_key_and_another_secret_gives_another() {
        let (one, two) = (secret("0123456789abcdef0123456789abcdef"), secret("0123456789abcdef0123456789abcdeg"));
        assert!(one.key("unit 1") == one.key(" unit 1 ") && one.key("unit 1") != one.key("unit 2"));
        assert!(one.key("unit 1") != two.key("unit 1"));
        assert!(Secret::new(b"too short").is_err());
    }

    #[test]
    fn keys_are_uniform() {
        let secret = secret("0123456789abcdef0123456789abcdef");
        let mut tenths = [0u32; 10];
        for unit in 0..20_000 {
            tenths[(secret.key(&unit.to_string()).parts() / (WHOLE / 10)) as usize] += 1;
        }
        // Chi-squared with 9 degrees of freedom: 27.9 is its 99.9th percentile.
        let distance: f64 = tenths.iter().map(|count| (f64::from(*count) - 2_000.0).powi(2) / 2_000.0).sum();
        assert!(distance < 27.9, "{tenths:?}");
    }
}
