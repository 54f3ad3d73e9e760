//! Arithmetic modulo the prime 2^61 − 1, in which elimination is exact and fast.

pub(super) const PRIME: u64 = (1 << 61) - 1;

pub(super) fn multiply(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    let folded = (product as u64 & PRIME) + (product >> 61) as u64;
    if folded >= PRIME { folded - PRIME } else { folded }
}

pub(super) fn add(a: u64, b: u64) -> u64 {
    let sum = a + b;
    if sum >= PRIME { sum - PRIME } else { sum }
}

pub(super) fn negate(a: u64) -> u64 {
    if a == 0 { 0 } else { PRIME - a }
}

/// By Fermat's little theorem; of a number that is not zero.
pub(super) fn invert(a: u64) -> u64 {
    let (mut result, mut base, mut exponent) = (1, a, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        exponent >>= 1;
    }
    result
}

/// The fraction with small numerator and denominator that the number stands for (Wang's rational reconstruction).
pub(super) fn fraction(a: u64) -> Option<(i64, i64)> {
    const LIMIT: i128 = 1 << 29;
    let (mut r, mut s) = ((i128::from(PRIME), i128::from(a)), (0i128, 1i128));
    while r.1 > LIMIT {
        let quotient = r.0 / r.1;
        r = (r.1, r.0 - quotient * r.1);
        s = (s.1, s.0 - quotient * s.1);
    }
    let (numerator, denominator) = if s.1 < 0 { (-r.1, -s.1) } else { (r.1, s.1) };
    (denominator != 0 && denominator <= LIMIT).then_some((numerator as i64, denominator as i64))
}

/// A reproducible element for a position (the finalizer of splitmix64).
pub(super) fn scatter(position: u64) -> u64 {
    let mut x = position.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(0x9E37_79B9_7F4A_7C15);
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (x ^ (x >> 31)) % PRIME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_undoes_multiplication() {
        for a in [1, 2, 3, 12_345_678_901, PRIME - 1] {
            assert_eq!(multiply(a, invert(a)), 1);
            assert_eq!(add(a, negate(a)), 0);
        }
    }

    #[test]
    fn small_fractions_are_read_back() {
        for (numerator, denominator) in [(1i64, 1i64), (-1, 1), (0, 1), (2, 3), (-7, 12)] {
            let top = if numerator < 0 { negate(numerator.unsigned_abs()) } else { numerator as u64 };
            assert_eq!(fraction(multiply(top, invert(denominator as u64))), Some((numerator, denominator)));
        }
    }
}
