//! Means over several environments: a weighted mean of theirs, whose weights a release mostly does not tell.

use num_rational::BigRational;
use num_traits::{One, Zero};

use super::bounds::Bounds;

/// The mean of one environment, and what is told of the number of units in it.
#[derive(Clone, Debug)]
pub struct Part {
    pub mean: Bounds,
    pub units: Bounds,
}

/// What the mean over all units lies between. It is no lower than the lowest mean and no higher than the highest, whatever the weights;
/// closer where numbers of units are told.
pub fn pooled(parts: &[Part]) -> Bounds {
    let high = extreme(parts, |part| part.mean.high.clone());
    let low = extreme(parts, |part| part.mean.low.clone().map(|mean| -mean)).map(|mean| -mean);
    Bounds { low, high }
}

/// The largest weighted mean: units as many as can be where the mean is high, as few as can be where it is low. Which means are high is
/// tried from the highest on (a linear fractional program over a box has its optimum at such a corner).
fn extreme(parts: &[Part], of: impl Fn(&Part) -> Option<BigRational>) -> Option<BigRational> {
    let mut sorted: Vec<(BigRational, &Bounds)> =
        parts.iter().map(|part| Some((of(part)?, &part.units))).collect::<Option<_>>()?;
    sorted.sort_by(|a, b| b.0.cmp(&a.0));
    let highest = sorted.first()?.0.clone();
    let corner = |many: usize| {
        let mut sums = (BigRational::zero(), BigRational::zero());
        for (at, (mean, units)) in sorted.iter().enumerate() {
            let number = if at < many { units.high.clone()? } else { units.low.clone()? };
            sums.0 += mean * &number;
            sums.1 += number;
        }
        (!sums.1.is_zero()).then(|| sums.0 / sums.1)
    };
    // Where the highest have no bound above, nearly all units can be there.
    let corners: Option<Vec<BigRational>> = (1..=sorted.len()).map(corner).collect();
    Some(corners.and_then(|corners| corners.into_iter().max()).unwrap_or(highest))
}

/// Units of which no more is told than that there are some.
pub fn some() -> Bounds {
    Bounds { low: Some(BigRational::one()), high: None }
}

/// At least one, at most so many.
pub fn at_most(units: &BigRational) -> Bounds {
    Bounds { low: Some(BigRational::one()), high: Some(units.clone()) }
}

/// Weighted with these numbers, which are not quite those of the means: not a bound.
pub fn estimate(parts: &[(BigRational, BigRational)]) -> Option<BigRational> {
    let units: BigRational = parts.iter().map(|(_, units)| units).sum();
    let sum: BigRational = parts.iter().map(|(mean, units)| mean * units).sum();
    (!units.is_zero()).then(|| sum / units)
}
