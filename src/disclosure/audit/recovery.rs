//! Exact recovery: hidden sets that are a combination of published ones, found by elimination, each with the combination.

use super::field::{add, fraction, invert, multiply, negate, scatter};
use super::view::{Target, View};

/// The targets that published cells give exactly, with factor and cell of every term.
///
/// Columns are first mixed at random into little more columns than there are rows, which keeps every combination and creates none but by
/// a chance of 2^-61; what is found is then verified on the columns themselves.
pub(super) fn recovered<'a>(view: &View, targets: &[&'a Target]) -> Vec<(&'a Target, Vec<(i64, usize)>)> {
    let mixer = Mixer::new(view);
    let mut basis = Basis::default();
    for (_, set) in &view.shown {
        basis.add(mixer.mix(set));
    }
    let given = targets.iter().filter(|target| basis.reduce(mixer.mix(&target.columns)).iter().all(|x| *x == 0));
    given.filter_map(|target| Some((*target, combination(view, &mixer, target)?))).collect()
}

/// Turns a set of columns into a row of field elements.
struct Mixer {
    columns: usize,
    width: usize,
}

impl Mixer {
    fn new(view: &View) -> Self {
        let columns = view.values.len();
        Self { columns, width: columns.min(view.shown.len() + 8) }
    }

    fn mix(&self, set: &[u32]) -> Vec<u64> {
        let mut row = vec![0; self.width];
        for column in set {
            if self.width == self.columns {
                row[*column as usize] = 1;
                continue;
            }
            let start = u64::from(*column) * self.width as u64;
            for (position, slot) in (start..).zip(&mut row) {
                *slot = add(*slot, scatter(position));
            }
        }
        row
    }
}

/// Rows in echelon form.
#[derive(Default)]
struct Basis {
    /// Position of the leading one, and the row.
    rows: Vec<(usize, Vec<u64>)>,
}

impl Basis {
    fn add(&mut self, row: Vec<u64>) {
        let mut row = self.reduce(row);
        if let Some(lead) = row.iter().position(|x| *x != 0) {
            let inverse = invert(row[lead]);
            row.iter_mut().for_each(|x| *x = multiply(*x, inverse));
            self.rows.push((lead, row));
        }
    }

    fn reduce(&self, mut row: Vec<u64>) -> Vec<u64> {
        for (lead, known) in &self.rows {
            let factor = negate(row[*lead]);
            if factor != 0 {
                for (x, y) in row.iter_mut().zip(known) {
                    *x = add(*x, multiply(factor, *y));
                }
            }
        }
        row
    }
}

/// The published cells that add up to the target, with whole factors when there are such; verified.
fn combination(view: &View, mixer: &Mixer, target: &Target) -> Option<Vec<(i64, usize)>> {
    let count = view.shown.len();
    let extended = |set: &[u32], own: Option<usize>| {
        let mut row = mixer.mix(set);
        row.extend((0..count).map(|at| u64::from(own == Some(at))));
        row
    };
    let mut basis = Basis::default();
    for (at, (_, set)) in view.shown.iter().enumerate() {
        let row = basis.reduce(extended(set, Some(at)));
        if row[..mixer.width].iter().any(|x| *x != 0) {
            basis.add(row);
        }
    }
    let rest = basis.reduce(extended(&target.columns, None));
    let factors: Option<Vec<(i64, i64)>> = rest[mixer.width..].iter().map(|x| fraction(negate(*x))).collect();
    let factors = factors?;
    let common = factors.iter().try_fold(1i64, |common, (_, denominator)| {
        let next = common / gcd(common, *denominator) * denominator;
        (next < 1 << 20).then_some(next)
    })?;
    let whole: Vec<i64> = factors.iter().map(|(numerator, denominator)| numerator * (common / denominator)).collect();
    let mut sums = vec![0i128; view.values.len()];
    for (factor, (_, set)) in whole.iter().zip(&view.shown) {
        set.iter().for_each(|column| sums[*column as usize] += i128::from(*factor));
    }
    target.columns.iter().for_each(|column| sums[*column as usize] -= i128::from(common));
    let terms = whole.into_iter().zip(&view.shown).filter(|(factor, _)| *factor != 0).map(|(factor, (cell, _))| (factor, *cell));
    sums.iter().all(|x| *x == 0).then(|| terms.collect())
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
