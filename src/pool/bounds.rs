//! Bounds are two numbers, in exact arithmetic, that something is sure to lie between; an end that nothing tells is none.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    pub low: Option<BigRational>,
    pub high: Option<BigRational>,
}

pub fn whole(number: u64) -> BigRational {
    BigRational::from_integer(number.into())
}

/// Half a unit of the last decimal.
pub fn half(decimals: u32) -> BigRational {
    BigRational::new(1.into(), BigInt::from(2) * power(decimals))
}

fn power(decimals: u32) -> BigInt {
    BigInt::from(10).pow(decimals)
}

impl Bounds {
    pub fn exactly(number: BigRational) -> Self {
        Self { low: Some(number.clone()), high: Some(number) }
    }

    /// What a number of units can be.
    pub fn from_zero() -> Self {
        Self { low: Some(BigRational::zero()), high: None }
    }

    /// What a printed number stands for.
    pub fn rounded(printed: BigRational, decimals: u32) -> Self {
        Self { low: Some(&printed - half(decimals)), high: Some(printed + half(decimals)) }
    }

    pub fn exact(&self) -> Option<&BigRational> {
        self.low.as_ref().filter(|low| Some(*low) == self.high.as_ref())
    }

    pub fn plus(&self, other: &Self) -> Self {
        let sum = |a: &Option<BigRational>, b: &Option<BigRational>| Some(a.as_ref()? + b.as_ref()?);
        Self { low: sum(&self.low, &other.low), high: sum(&self.high, &other.high) }
    }

    /// What both say together.
    pub fn both(&self, other: &Self) -> Self {
        let of = |a: &Option<BigRational>, b: &Option<BigRational>, first: bool| match (a, b) {
            (Some(a), Some(b)) => Some(if (a > b) == first { a.clone() } else { b.clone() }),
            (one, None) | (None, one) => one.clone(),
        };
        Self { low: of(&self.low, &other.low, true), high: of(&self.high, &other.high, false) }
    }

    pub fn sum<'a>(all: impl IntoIterator<Item = &'a Self>) -> Self {
        all.into_iter().fold(Self::exactly(BigRational::zero()), |sum, one| sum.plus(one))
    }

    /// Both ends are known and no further apart than a unit of the last decimal.
    pub fn is_a_value(&self, decimals: u32) -> bool {
        let width = self.high.as_ref().zip(self.low.as_ref()).map(|(high, low)| high - low);
        width.is_some_and(|width| width <= half(decimals) * BigRational::from_integer(2.into()))
    }

    /// The middle, as a table prints it.
    pub fn middle(&self, decimals: u32) -> Option<String> {
        let middle = (self.low.as_ref()? + self.high.as_ref()?) / BigRational::from_integer(2.into());
        Some(nearest(&middle, decimals))
    }

    /// The ends as text, rounded outwards; empty where there is none.
    pub fn texts(&self, decimals: u32) -> [String; 2] {
        let scale = BigRational::from_integer(power(decimals));
        let low = self.low.as_ref().map(|low| plain(&(low * &scale).floor().to_integer(), decimals));
        let high = self.high.as_ref().map(|high| plain(&(high * &scale).ceil().to_integer(), decimals));
        [low.unwrap_or_default(), high.unwrap_or_default()]
    }
}

/// Rounded to the nearest, a half away from zero, with all decimals.
pub fn nearest(number: &BigRational, decimals: u32) -> String {
    fixed(&(number * BigRational::from_integer(power(decimals))).round().to_integer(), decimals)
}

fn fixed(scaled: &BigInt, decimals: u32) -> String {
    if decimals == 0 {
        return scaled.to_string();
    }
    let sign = if scaled.is_negative() { "-" } else { "" };
    let digits = format!("{:0>width$}", scaled.abs().to_string(), width = decimals as usize + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals as usize);
    format!("{sign}{whole}.{part}")
}

/// Without decimals that say nothing.
fn plain(scaled: &BigInt, decimals: u32) -> String {
    let text = fixed(scaled, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
