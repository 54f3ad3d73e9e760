//! Utility measures say what a protected table still tells: how far values moved, whether order and association remain.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Perturbed;
use crate::cells::table::{CellTable, Relation, TOTAL};

/// One table under one method beside its true values. Distances are in the unit of the table and over cells that are shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Utility {
    pub cells: usize,
    /// Share of cells that are withheld.
    pub withheld_cells: f64,
    /// Share of the sum of all values that is withheld.
    pub withheld_value: f64,
    /// Mean of |published − true|.
    pub distance: f64,
    /// The same over true, where that is above 0.
    pub distance_relative: f64,
    /// Hellinger distance of the shares of innermost cells: 0 for the same, 1 for nothing in common.
    pub hellinger: f64,
    /// The greatest |total − sum of parts| where all are shown.
    pub additivity_gap: f64,
    pub spearman: Option<f64>,
    /// Kendall's τ-b.
    pub kendall: Option<f64>,
    /// Cramér's V of a table of two variables, published less true.
    pub cramer_change: Option<f64>,
}

/// The utility of perturbed values.
pub fn of_perturbed(perturbed: &Perturbed, table: &CellTable) -> Utility {
    let published: Vec<Option<i128>> = perturbed.values.iter().copied().map(Some).collect();
    utility(table, &published)
}

/// The utility of what is published; `None` where a value is withheld.
pub fn utility(table: &CellTable, published: &[Option<i128>]) -> Utility {
    let unit = if table.whole { 1.0 } else { crate::amount::SCALE as f64 };
    let truth: Vec<f64> = table.cells.iter().map(|cell| cell.value(table.whole) as f64 / unit).collect();
    let told: Vec<Option<f64>> = published.iter().map(|value| value.map(|value| value as f64 / unit)).collect();
    let both: Vec<(f64, f64)> = truth.iter().zip(&told).filter_map(|(truth, told)| Some((*truth, (*told)?))).collect();
    let distances = || both.iter().map(|(truth, told)| (told - truth).abs());
    let relations = table.relations();
    let withheld = truth.iter().zip(&told).filter(|(_, told)| told.is_none());
    Utility {
        cells: truth.len(),
        withheld_cells: share((truth.len() - both.len()) as f64, truth.len() as f64),
        withheld_value: share(withheld.map(|(truth, _)| truth.abs()).sum(), truth.iter().map(|value| value.abs()).sum()),
        distance: mean(distances()),
        distance_relative: mean(
            distances().zip(&both).filter(|(_, (truth, _))| *truth > 0.0).map(|(far, (truth, _))| far / truth),
        ),
        hellinger: hellinger(&innermost(&relations, &truth, &told)),
        additivity_gap: gap(&relations, &told),
        spearman: spearman(&both),
        kendall: kendall(&both),
        cramer_change: cramer_change(table, &truth, &told),
    }
}

fn share(part: f64, whole: f64) -> f64 {
    // The sum of no floating numbers is −0.
    if whole == 0.0 || part == 0.0 { 0.0 } else { part / whole }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    share(sum, count)
}

/// True and published values of cells that are the sum of nothing and are shown.
fn innermost(relations: &[Relation], truth: &[f64], told: &[Option<f64>]) -> Vec<(f64, f64)> {
    let totals: std::collections::BTreeSet<usize> = relations.iter().map(|relation| relation.whole).collect();
    let shown = |at: usize| Some((truth[at], told[at]?));
    (0..truth.len()).filter(|at| !totals.contains(at)).filter_map(shown).collect()
}

/// `√(1 − Σ√(p·q))` over the shares p and q (Hellinger 1909; for tables Shlomo, Privacy in Statistical Databases, 2007).
fn hellinger(both: &[(f64, f64)]) -> f64 {
    let (truth, told): (f64, f64) = both.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0.max(0.0), sum.1 + one.1.max(0.0)));
    if truth == 0.0 || told == 0.0 {
        return if truth == told { 0.0 } else { 1.0 };
    }
    let affinity: f64 = both.iter().map(|one| (one.0.max(0.0) / truth * one.1.max(0.0) / told).sqrt()).sum();
    (1.0 - affinity).max(0.0).sqrt()
}

fn gap(relations: &[Relation], told: &[Option<f64>]) -> f64 {
    let gap = |relation: &Relation| {
        let parts: f64 = relation.parts.iter().map(|part| told[*part]).sum::<Option<f64>>()?;
        Some((told[relation.whole]? - parts).abs())
    };
    relations.iter().filter_map(gap).fold(0.0, f64::max)
}

/// Correlation of ranks, of equal values their mean (Spearman 1904); `None` where all values are equal.
fn spearman(both: &[(f64, f64)]) -> Option<f64> {
    let truth = ranks(&both.iter().map(|one| one.0).collect::<Vec<_>>());
    let told = ranks(&both.iter().map(|one| one.1).collect::<Vec<_>>());
    let middle = (both.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    let spread = (product(&truth, &truth) * product(&told, &told)).sqrt();
    (spread > 0.0).then(|| product(&truth, &told) / spread)
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = before as f64 + (equal.len() as f64 + 1.0) / 2.0;
        equal.iter().for_each(|at| ranks[*at] = rank);
        before += equal.len();
    }
    ranks
}

/// τ-b by sorting (Knight, JASA 61, 1966); `None` where all values are equal.
fn kendall(both: &[(f64, f64)]) -> Option<f64> {
    let mut sorted = both.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let pairs = |count: usize| (count * count.saturating_sub(1) / 2) as f64;
    let ties = |groups: &mut dyn Iterator<Item = usize>| groups.map(pairs).sum::<f64>();
    let all = pairs(sorted.len());
    let of_truth = ties(&mut sorted.chunk_by(|a, b| a.0 == b.0).map(<[_]>::len));
    let of_both = ties(&mut sorted.chunk_by(|a, b| a == b).map(<[_]>::len));
    let mut told: Vec<f64> = sorted.iter().map(|one| one.1).collect();
    let swaps = sort_counting(&mut told) as f64;
    let of_told = ties(&mut told.chunk_by(|a, b| a == b).map(<[_]>::len));
    let spread = ((all - of_truth) * (all - of_told)).sqrt();
    (spread > 0.0).then(|| (all - of_truth - of_told + of_both - 2.0 * swaps) / spread)
}

/// Sorts by merging and counts the pairs that stood the wrong way round.
fn sort_counting(values: &mut [f64]) -> usize {
    if values.len() < 2 {
        return 0;
    }
    let middle = values.len() / 2;
    let (left, right) = values.split_at_mut(middle);
    let mut swaps = sort_counting(left) + sort_counting(right);
    let (left, right) = (left.to_vec(), right.to_vec());
    let (mut a, mut b) = (0, 0);
    for slot in values.iter_mut() {
        if a < left.len() && (b == right.len() || left[a] <= right[b]) {
            *slot = left[a];
            a += 1;
        } else {
            *slot = right[b];
            (b, swaps) = (b + 1, swaps + left.len() - a);
        }
    }
    swaps
}

/// Cramér's V over the innermost codes of the two variables that the table has; `None` for other tables, and with a cell withheld.
fn cramer_change(table: &CellTable, truth: &[f64], told: &[Option<f64>]) -> Option<f64> {
    let [first, second] = table.dimensions.as_slice() else { return None };
    let mut cells: Vec<([u32; 2], f64, f64)> = Vec::new();
    for (at, cell) in table.cells.iter().enumerate() {
        let codes = [cell.codes[0], cell.codes[1]];
        if codes[0] != TOTAL && codes[1] != TOTAL && first.is_innermost(codes[0]) && second.is_innermost(codes[1]) {
            cells.push((codes, truth[at], told[at]?));
        }
    }
    let of =
        |value: fn(&([u32; 2], f64, f64)) -> f64| cramer(&cells.iter().map(|cell| (cell.0, value(cell))).collect::<Vec<_>>());
    Some(of(|cell| cell.2)? - of(|cell| cell.1)?)
}

/// `√(χ²/(n·(min(rows, columns) − 1)))` over rows and columns that are not empty (Cramér 1946, section 21.9).
fn cramer(cells: &[([u32; 2], f64)]) -> Option<f64> {
    let margin = |at: usize| {
        let mut sums: BTreeMap<u32, f64> = BTreeMap::new();
        cells.iter().for_each(|(codes, value)| *sums.entry(codes[at]).or_default() += value);
        sums.retain(|_, sum| *sum > 0.0);
        sums
    };
    let (rows, columns) = (margin(0), margin(1));
    let all: f64 = rows.values().sum();
    let smaller = rows.len().min(columns.len());
    if smaller < 2 {
        return None;
    }
    let value_of: BTreeMap<[u32; 2], f64> = cells.iter().copied().collect();
    let term = |row: (&u32, &f64), column: (&u32, &f64)| {
        let expected = row.1 * column.1 / all;
        (value_of.get(&[*row.0, *column.0]).copied().unwrap_or(0.0) - expected).powi(2) / expected
    };
    let chi: f64 = rows.iter().flat_map(|row| columns.iter().map(move |column| term(row, column))).sum();
    Some((chi / (all * (smaller - 1) as f64)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// τ-b over all pairs, as it is defined.
    fn kendall_by_pairs(both: &[(f64, f64)]) -> Option<f64> {
        let sign = |a: f64, b: f64| if a == b { 0.0 } else { (a - b).signum() };
        let (mut sum, mut truth, mut told) = (0.0, 0.0, 0.0);
        for (at, a) in both.iter().enumerate() {
            for b in &both[at + 1..] {
                let (x, y) = (sign(a.0, b.0), sign(a.1, b.1));
                (sum, truth, told) = (sum + x * y, truth + x * x, told + y * y);
            }
        }
        (truth * told > 0.0).then(|| sum / f64::sqrt(truth * told))
    }

    #[test]
    fn kendall_is_what_all_pairs_say() {
        let mut state = 7u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % below) as f64
        };
        for size in 0..40 {
            let both: Vec<(f64, f64)> = (0..size).map(|_| (draw(9), draw(7))).collect();
            match (kendall(&both), kendall_by_pairs(&both)) {
                (Some(a), Some(b)) => assert!((a - b).abs() < 1e-12, "{both:?}"),
                (a, b) => assert_eq!(a, b),
            }
        }
    }

    #[test]
    fn ranks_and_distances_are_those_of_a_small_example() {
        // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4.
        let both = [(1.0, 0.0), (4.0, 3.0), (4.0, 5.0), (9.0, 10.0)];
        assert!((spearman(&both).unwrap() - 4.5 / f64::sqrt(4.5 * 5.0)).abs() < 1e-12);
        assert_eq!(spearman(&[(1.0, 2.0), (3.0, 2.0)]), None);
        assert!(hellinger(&[(1.0, 2.0), (3.0, 6.0)]) < 1e-7);
        assert_eq!(hellinger(&[(1.0, 0.0), (0.0, 1.0)]), 1.0);
        // Half and half beside all in one: 1 − √½.
        assert!((hellinger(&[(1.0, 2.0), (1.0, 0.0)]) - (1.0 - 0.5f64.sqrt()).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn association_is_none_for_equal_rows_and_one_on_a_diagonal() {
        let cells = |values: [f64; 4]| [([1, 1], values[0]), ([1, 2], values[1]), ([2, 1], values[2]), ([2, 2], values[3])];
        assert!(cramer(&cells([2.0, 4.0, 3.0, 6.0])).unwrap() < 1e-12);
        assert!((cramer(&cells([5.0, 0.0, 0.0, 7.0])).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(cramer(&cells([5.0, 0.0, 7.0, 0.0])), None);
    }
}
