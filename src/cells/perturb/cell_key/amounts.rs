//! Noise for amounts: a share of each of the largest contributions, less for larger ones.
//!
//! With contributions `x_1 ≥ x_2 ≥ …` of a cell of total x, key `k_j` and noise table v:
//! `x + Σ_j s_j · v(min(x/s_j, i_max), k_j)`, where the scale `s_j` is `ε_j · m(x_j) · x_j` (Handbook, section 5.4.5; Giessing and Tent,
//! UNECE work session on statistical data confidentiality, 2019; the R package cellKey).

use super::key::Key;
use super::table::NoiseTable;
use super::{Noise, ZeroKeys, absent};
use crate::amount::SCALE;
use crate::cells::perturb::{Change, Range, Task};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::tables::set::{LARGEST, Stats};

/// How amounts are changed.
#[derive(Clone, Debug)]
pub struct Amounts {
    pub table: NoiseTable,
    /// For contributions so small that a share of them protects nothing.
    pub small: Option<NoiseTable>,
    pub flex: Flex,
    pub zeros: ZeroKeys,
}

/// The share of a contribution that noise of 1 amounts to: `m(x)` in the reference, the flex function.
#[derive(Clone, Debug, PartialEq)]
pub struct Flex {
    /// For large contributions.
    share_large: f64,
    /// For contributions up to the bend.
    share_small: f64,
    /// In the unit of the measure.
    bend: f64,
    power: f64,
    /// For the largest, the second largest contribution and so on; the first is 1.
    weights: Vec<f64>,
}

impl Flex {
    /// `share_large,share_small,bend,power,weight_2,weight_3,…`, as in the `SCALING F(…)` of τ-ARGUS.
    ///
    /// # Errors
    /// `bad-value` for anything else.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let numbers: Option<Vec<f64>> = text.split(',').map(|number| number.trim().parse().ok()).collect();
        let wrong = Diagnostic::error("bad-value", format!("`{text}` does not say how noise is scaled")).help(
            "give share of large, share of small, bend, power, weights of the second largest and so on: 0.03,0.30,1000,3,0.5,0.2",
        );
        match numbers.as_deref() {
            Some([share_large, share_small, bend, power, weights @ ..]) => {
                let weights = std::iter::once(1.0).chain(weights.iter().copied()).collect();
                let flex = Self { share_large: *share_large, share_small: *share_small, bend: *bend, power: *power, weights };
                if flex.makes_sense() { Ok(flex) } else { Err(wrong) }
            }
            _ => Err(wrong),
        }
    }

    fn makes_sense(&self) -> bool {
        let shares = 0.0 < self.share_large && self.share_large <= self.share_small && self.share_small <= 1.0;
        let weights = self.weights.windows(2).all(|pair| pair[1] >= 0.0 && pair[1] <= pair[0]);
        shares
            && weights
            && self.weights.len() <= LARGEST
            && self.bend > 0.0
            && self.bend.is_finite()
            && (1.0..100.0).contains(&self.power)
    }

    /// `m(x) = σ1` up to the bend f, beyond it `σ0·(1 + (σ1·x − σ0·f)/(σ0·f) · (2f/(f + x))^q)`.
    fn share(&self, amount: f64) -> f64 {
        if amount <= self.bend {
            return self.share_small;
        }
        let base = self.share_large * self.bend;
        let excess = (self.share_small * amount - base) / base;
        self.share_large * (1.0 + excess * (2.0 * self.bend / (self.bend + amount)).powf(self.power))
    }

    /// √Σε², by which the scale of one contribution becomes that of the cell.
    fn weight(&self) -> f64 {
        self.weights.iter().map(|weight| weight * weight).sum::<f64>().sqrt()
    }
}

impl Amounts {
    /// Scale of the noise of the j-th contribution, and the table that it is drawn from.
    ///
    /// Below `z = m1/(√E·σ1)` the scale is that of `z`, so that it does not jump there; `m1²` is the variance of the table for small
    /// contributions.
    fn scale(&self, at: usize, amount: f64) -> (f64, &NoiseTable) {
        let weight = self.flex.weights[at];
        if let Some(small) = &self.small {
            let scale = small.variance().sqrt() / self.flex.weight();
            if amount < scale / self.flex.share_small {
                return (weight * scale, small);
            }
        }
        (weight * self.flex.share(amount) * amount, &self.table)
    }

    /// The noise of a cell, and the least and greatest noise that it could have been, in the unit of the measure.
    fn noise(&self, stats: &Stats, key: Key) -> (f64, f64, f64) {
        let total = stats.total as f64 / SCALE as f64;
        let (mut sum, mut least, mut most, mut key) = (0.0, 0.0, 0.0, key);
        for (at, amount) in stats.largest.iter().take(self.flex.weights.len()).enumerate().filter(|(_, amount)| **amount > 0) {
            let (scale, table) = self.scale(at, *amount as f64 / SCALE as f64);
            let (low, high) = table.reach();
            if scale > 0.0 {
                sum += scale * table.noise_between(total / scale, key);
            }
            (least, most, key) = (least + scale * low, most + scale * high, key.turned());
        }
        (sum, least, most)
    }
}

pub(super) fn change(task: &Task, noise: &Noise) -> Result<Change, Diagnostics> {
    let amounts = noise.amounts.as_ref().ok_or_else(|| absent("a noise table for amounts"))?;
    if task.table.largest_known < amounts.flex.weights.len() {
        let headline =
            format!("noise is scaled with the {} largest contributions, which are not all known", amounts.flex.weights.len());
        return Err(Diagnostic::error("conflict", headline).into());
    }
    let (mut values, mut ranges) = (Vec::new(), Vec::new());
    for (cell, key) in task.table.cells.iter().zip(&noise.keys) {
        let key = if amounts.zeros == ZeroKeys::Counted { key.all } else { key.nonzero };
        let (noise, least, most) = amounts.noise(&cell.stats, key);
        let scaled = |amount: f64| (amount * SCALE as f64).round() as i128;
        let published = (cell.stats.total + scaled(noise)).max(0);
        values.push(published);
        // What is published as 0 may have been less; rounding moves an end by one.
        ranges.push(Range::new(if published == 0 { 0 } else { published - scaled(most) - 1 }, published - scaled(least) + 1));
    }
    Ok(Change { values, ranges, notes: Vec::new() })
}
