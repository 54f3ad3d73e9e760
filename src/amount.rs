//! Amounts are whole numbers of ten-thousandths of their unit, so that sums are exact and do not depend on order.

use std::fmt;

/// Ten-thousandths in one unit.
pub const SCALE: i64 = 10_000;

/// The stand-in for "missing" in a column of raw amounts.
pub const MISSING: i64 = i64::MIN;

/// A firm-level ratio as an amount: `numerator / denominator`, rounded half away from zero; both are whole numbers in the same scale.
///
/// A denominator of zero or less gives [`MISSING`].
pub fn ratio(numerator: i64, denominator: i64) -> i64 {
    if numerator == MISSING || denominator == MISSING || denominator <= 0 {
        return MISSING;
    }
    let scaled = i128::from(numerator) * i128::from(SCALE);
    i64::try_from(divide_round(scaled, i128::from(denominator))).unwrap_or(MISSING)
}

/// `numerator / denominator` rounded half away from zero.
pub fn divide_round(numerator: i128, denominator: i128) -> i128 {
    assert!(denominator > 0, "a rounded division has a positive denominator");
    let half = denominator / 2;
    if numerator >= 0 { (numerator + half) / denominator } else { -((-numerator + half) / denominator) }
}

/// An amount in ten-thousandths, as a decimal number with `decimals` places, rounded half away from zero.
///
/// ```
/// assert_eq!(sluis::amount::decimal(12_345_678, 0), "1235");
/// assert_eq!(sluis::amount::decimal(-12_345_678, 2), "-1234.57");
/// ```
pub fn decimal(scaled: i128, decimals: u32) -> String {
    let decimals = decimals.min(4);
    let unit = 10i128.pow(4 - decimals);
    let rounded = divide_round(scaled, unit);
    let power = 10i128.pow(decimals);
    let sign = if rounded < 0 { "-" } else { "" };
    let (whole, part) = (rounded.abs() / power, rounded.abs() % power);
    if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:0width$}", width = decimals as usize) }
}

/// Parses a decimal number with `point` as its decimal sign into ten-thousandths, rounding further decimals half away from zero.
///
/// No thousands separators, no exponent above 18; `None` when it is not such a number or too large.
pub fn parse_decimal(text: &str, point: u8) -> Option<i64> {
    let bytes = text.trim().as_bytes();
    let (negative, digits) = match bytes.first()? {
        b'-' => (true, &bytes[1..]),
        b'+' => (false, &bytes[1..]),
        _ => (false, bytes),
    };
    let mut value: i128 = 0;
    let mut places: Option<u32> = None;
    let mut seen = false;
    let mut round_up = false;
    for (at, &byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                seen = true;
                match places {
                    Some(4) => {
                        round_up = byte >= b'5';
                        places = Some(5);
                    }
                    Some(5) => {}
                    _ => {
                        value = value.checked_mul(10)?.checked_add(i128::from(byte - b'0'))?;
                        places = places.map(|p| p + 1);
                        if value > i128::from(i64::MAX) {
                            return None;
                        }
                    }
                }
            }
            _ if byte == point && places.is_none() => places = Some(0),
            b'e' | b'E' if seen => return exponent(text),
            _ => return None,
        }
        if at > 40 {
            return None;
        }
    }
    if !seen {
        return None;
    }
    value *= 10i128.pow(4u32.saturating_sub(places.unwrap_or(0)));
    value += i128::from(round_up);
    let value = i64::try_from(value).ok()?;
    Some(if negative { -value } else { value })
}

fn exponent(text: &str) -> Option<i64> {
    let value: f64 = text.trim().parse().ok()?;
    from_f64(value)
}

/// A floating number as an amount; `None` when it is not finite or too large to be exact in ten-thousandths.
pub fn from_f64(value: f64) -> Option<i64> {
    let scaled = value * SCALE as f64;
    (scaled.is_finite() && scaled.abs() < 9.0e18).then(|| scaled.round() as i64)
}

/// Something about one unit; it can be computed with, not printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sensitive<T>(pub T);

impl<T> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sensitive<{}>", std::any::type_name::<T>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly() {
        assert_eq!(parse_decimal("5.0409999", b'.'), Some(50_410));
        assert_eq!(parse_decimal("-12,5", b','), Some(-125_000));
        assert_eq!(parse_decimal("1e3", b'.'), Some(10_000_000));
        assert_eq!(parse_decimal("0.00005", b'.'), Some(1));
        assert_eq!(parse_decimal("1.000,5", b','), None);
        assert_eq!(parse_decimal("12a", b'.'), None);
        assert_eq!(parse_decimal("", b'.'), None);
        assert_eq!(parse_decimal(".", b'.'), None);
        assert_eq!(parse_decimal("99999999999999999999", b'.'), None);
    }

    #[test]
    fn a_ratio_without_persons_is_missing() {
        assert_eq!(ratio(5 * SCALE, 0), MISSING);
        assert_eq!(ratio(MISSING, SCALE), MISSING);
        assert_eq!(ratio(SCALE, 3 * SCALE), 3333);
        assert_eq!(ratio(-SCALE, 3 * SCALE), -3333);
    }

    #[test]
    fn sensitive_values_do_not_print() {
        assert_eq!(format!("{:?}", Sensitive(1234i64)), "Sensitive<i64>");
    }
}
