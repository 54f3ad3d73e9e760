//! Noise tables for numbers of units: the most random noise with mean zero and a given variance that makes no small number.
//!
//! Of all distributions with these two moments the one of maximum entropy is `p(v) ∝ exp(λv + μv²)`; λ and μ minimise a convex
//! function of two variables (Giessing, PSD 2016, LNCS 9867, section 3; Marley and Leaver, ISI 2011).

use std::collections::BTreeMap;

use super::table::NoiseTable;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// What is asked of noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wanted {
    /// The largest noise on either side.
    pub noise_max: u32,
    pub variance: f64,
    /// The largest number above 0 that is never published; 0 for none.
    pub forbidden_max: u32,
}

const ROUNDS_MAX: usize = 200;

/// # Errors
/// `out-of-range` when no noise has this variance for some number of units.
pub fn make(wanted: &Wanted) -> Result<NoiseTable, Diagnostics> {
    let mut rows = BTreeMap::from([(0, vec![(0, 1.0)])]);
    // From here on no noise leads to a forbidden number, and all rows are the same.
    for size in 1..=wanted.noise_max + wanted.forbidden_max + 1 {
        let noise = support(size, wanted);
        let found = maximum_entropy(&noise, wanted.variance).ok_or_else(|| infeasible(size, wanted))?;
        rows.insert(size, noise.into_iter().zip(found).collect());
    }
    NoiseTable::new(&rows)
}

fn support(size: u32, wanted: &Wanted) -> Vec<i32> {
    let far = wanted.noise_max as i32;
    let allowed = |noise: &i32| {
        let published = size as i32 + noise;
        published == 0 || published > wanted.forbidden_max as i32
    };
    (-far..=far).filter(allowed).collect()
}

/// Newton's method on the dual, with steps halved until the function falls.
fn maximum_entropy(noise: &[i32], variance: f64) -> Option<Vec<f64>> {
    let (mut at, mut height) = ([0.0, 0.0], height([0.0, 0.0], noise, variance));
    for _ in 0..ROUNDS_MAX {
        let chances = chances(at, noise);
        let moment = |power: i32| noise.iter().zip(&chances).map(|(v, p)| p * f64::from(*v).powi(power)).sum::<f64>();
        let (first, second, third, fourth) = (moment(1), moment(2), moment(3), moment(4));
        if first.abs() < 1e-12 && (second - variance).abs() < 1e-12 * variance.max(1.0) {
            return Some(chances);
        }
        let step =
            newton([first, second - variance], [second - first * first, third - first * second, fourth - second * second])?;
        let mut length = 1.0;
        let (next, lower) = loop {
            let next = [at[0] - length * step[0], at[1] - length * step[1]];
            let lower = self::height(next, noise, variance);
            if lower < height || length < 1e-6 {
                break (next, lower);
            }
            length /= 2.0;
        };
        (at, height) = (next, lower);
    }
    // The last steps may be below what floating numbers can tell apart.
    let chances = chances(at, noise);
    let mean: f64 = noise.iter().zip(&chances).map(|(v, p)| p * f64::from(*v)).sum();
    let second: f64 = noise.iter().zip(&chances).map(|(v, p)| p * f64::from(v * v)).sum();
    (mean.abs() < 1e-9 && (second - variance).abs() < 1e-9).then_some(chances)
}

fn chances([mean, square]: [f64; 2], noise: &[i32]) -> Vec<f64> {
    let exponents: Vec<f64> = noise.iter().map(|v| f64::from(*v) * (mean + square * f64::from(*v))).collect();
    let most = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = exponents.iter().map(|exponent| (exponent - most).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// The dual: log Σ exp(λv + μv²) − μ·variance.
fn height([mean, square]: [f64; 2], noise: &[i32], variance: f64) -> f64 {
    let exponents: Vec<f64> = noise.iter().map(|v| f64::from(*v) * (mean + square * f64::from(*v))).collect();
    let most = exponents.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + exponents.iter().map(|exponent| (exponent - most).exp()).sum::<f64>().ln() - square * variance
}

/// Solves `[[a, b], [b, c]] · step = gradient`; `None` when the variances have vanished, as they do where nothing is feasible.
fn newton(gradient: [f64; 2], [a, b, c]: [f64; 3]) -> Option<[f64; 2]> {
    let determinant = a * c - b * b;
    if determinant.is_nan() || determinant <= 1e-14 * a * c {
        return None;
    }
    Some([(c * gradient[0] - b * gradient[1]) / determinant, (a * gradient[1] - b * gradient[0]) / determinant])
}

fn infeasible(size: u32, wanted: &Wanted) -> Diagnostic {
    let Wanted { noise_max, variance, forbidden_max } = wanted;
    Diagnostic::error("out-of-range", format!("no noise of mean 0 and variance {variance} can be added to {size} units"))
        .note(format!("noise is at most {noise_max}, and numbers from 1 to {forbidden_max} may not come of it"))
        .help("ask for another variance, more noise, or fewer forbidden numbers")
}
