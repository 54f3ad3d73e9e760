//! An obligation is another table that must be possible; a witness is such a table, as its difference from the true one.

use super::system::{Row, System};

/// The row must be able to lie this far from its true value, given what is published.
#[derive(Clone, Debug)]
pub(super) struct Obligation {
    pub row: usize,
    pub side: Side,
    /// At least 1.
    pub target: i128,
    /// The attacker uses the rules as well.
    pub rules_known: bool,
    /// The row whose single contributor is the attacker.
    pub insider: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Up,
    Down,
    Either,
}

/// A table that differs from the true one by `columns`.
#[derive(Debug)]
pub(super) struct Witness {
    pub columns: Vec<f64>,
    /// Difference of every row.
    pub rows: Vec<f64>,
    /// Rows with cells that differ: the witness needs them withheld.
    pub touched: Vec<usize>,
}

/// What has to hold in a system, the most demanding first.
pub(super) fn obligations(system: &System) -> Vec<Obligation> {
    let mut all = Vec::new();
    let insiders: Vec<usize> = (0..system.rows.len()).filter(|row| system.rows[*row].insider.is_some()).collect();
    for (at, row) in system.rows.iter().enumerate() {
        let Some(level) = row.level else { continue };
        let mut add = |side, target: i128, rules_known, insider| {
            if target > 0 {
                all.push(Obligation { row: at, side, target, rules_known, insider });
            }
        };
        add(Side::Up, level.upper, false, None);
        add(Side::Down, level.lower, false, None);
        add(Side::Either, i128::from(row.known.small), true, None);
        for insider in insiders.iter().copied().filter(|insider| *insider != at) {
            let rest = unknown(row, &system.rows[insider]);
            if rest.is_empty() {
                continue;
            }
            let lower = if system.nonnegative { level.lower.min(system.value(&rest)) } else { level.lower };
            add(Side::Up, level.upper, false, Some(insider));
            add(Side::Down, lower, false, Some(insider));
        }
    }
    all.sort_by(|a, b| {
        let key = |o: &Obligation| (o.insider.is_some(), o.rules_known, std::cmp::Reverse(o.target), o.row, o.side, o.insider);
        key(a).cmp(&key(b))
    });
    all
}

/// The columns of a row that the insider does not know.
pub(super) fn unknown(row: &Row, insider: &Row) -> Vec<u32> {
    let known = insider.insider.as_deref().unwrap_or_default();
    row.columns.iter().copied().filter(|column| known.binary_search(column).is_err()).collect()
}

impl Witness {
    /// Completes a difference of columns; what is smaller than `negligible` is no difference.
    pub fn new(system: &System, columns: Vec<f64>, negligible: f64) -> Self {
        let sum = |row: &Row| row.columns.iter().map(|column| columns[*column as usize]).sum::<f64>();
        let rows: Vec<f64> = system.rows.iter().map(sum).collect();
        let differs = |row: &usize| !system.rows[*row].cells.is_empty() && rows[*row].abs() > negligible;
        let touched = (0..rows.len()).filter(differs).collect();
        Self { columns, rows, touched }
    }

    /// A whole witness must be whole and leave no number of units below zero.
    pub fn is_sound(&self, system: &System) -> bool {
        !system.whole
            || self.columns.iter().zip(&system.values).all(|(difference, value)| {
                difference.fract() == 0.0 && difference.abs() < 9.0e15 && *difference as i128 + value >= 0
            })
    }

    /// Whether it shows what is asked, when exactly the cells of the `open` rows are withheld.
    pub fn shows(&self, obligation: &Obligation, system: &System, open: &[bool]) -> bool {
        self.reaches(obligation)
            && self.touched.iter().all(|row| open[*row])
            && (!obligation.rules_known || self.obeys_rules(system, open))
            && obligation.insider.is_none_or(|insider| self.leaves(system.rows[insider].insider.as_deref().unwrap_or_default()))
    }

    fn reaches(&self, obligation: &Obligation) -> bool {
        let (difference, target) = (self.rows[obligation.row], obligation.target as f64 * (1.0 - 1e-9));
        match obligation.side {
            Side::Up => difference >= target,
            Side::Down => difference <= -target,
            Side::Either => difference.abs() >= target,
        }
    }

    fn leaves(&self, columns: &[u32]) -> bool {
        columns.iter().all(|column| self.columns[*column as usize] == 0.0)
    }

    fn obeys_rules(&self, system: &System, open: &[bool]) -> bool {
        self.touched.iter().filter(|row| open[**row]).all(|at| {
            let row = &system.rows[*at];
            let (low, high) = row.bounds();
            (low as f64..=high.map_or(f64::INFINITY, |high| high as f64)).contains(&self.rows[*at])
        })
    }
}

impl Row {
    /// Least and greatest difference that the rules allow the number of units of a withheld cell.
    pub fn bounds(&self) -> (i128, Option<i128>) {
        (self.known.least - self.value, self.known.most.map(|most| most - self.value))
    }

    /// Whether all its cells are withheld; a set that no table prints always is.
    pub fn is_open(&self, withheld: &[bool]) -> bool {
        self.cells.iter().all(|cell| withheld[*cell])
    }
}
