//! The sums of a table are its true values with the relations between them, and with what a total holds beyond its listed parts.

use std::collections::BTreeMap;

use crate::amount::SCALE;
use crate::cells::table::{CellTable, Relation};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// True values, first those of the cells in their order, then what totals hold that no cell shows. Sensitive.
pub struct Sums {
    pub values: Vec<i128>,
    /// Values that cells show; the others are printed nowhere.
    pub shown: usize,
    pub relations: Vec<Relation>,
    /// What counts as 1 in the unit of the table.
    pub unit: i128,
    /// Values are whole numbers of units.
    pub whole: bool,
    /// Every combination of codes is listed, so that it says nothing about a cell that it stands there.
    pub complete: bool,
}

impl Sums {
    /// # Errors
    /// `bad-value` for a negative value, or a total that is less than its parts.
    pub fn of(table: &CellTable) -> Result<Self, Diagnostics> {
        let values = table.cells.iter().map(|cell| cell.value(table.whole)).collect();
        let unit = if table.whole { 1 } else { i128::from(SCALE) };
        let combinations = table.dimensions.iter().map(|dimension| dimension.codes.len() as u128).product::<u128>();
        let complete = combinations == table.cells.len() as u128;
        let mut sums =
            Self { values, shown: table.cells.len(), relations: table.relations(), unit, whole: table.whole, complete };
        let mut wrong = Diagnostics::default();
        for (cell, _) in sums.values.iter().enumerate().filter(|(_, value)| **value < 0) {
            wrong.push(refusal(table, cell, "a value is negative, and only numbers from 0 upwards can be perturbed"));
        }
        for at in 0..sums.relations.len() {
            let Relation { whole, parts } = &sums.relations[at];
            let rest = sums.values[*whole] - parts.iter().map(|part| sums.values[*part]).sum::<i128>();
            if rest < 0 {
                wrong.push(refusal(table, *whole, "a total is less than the sum of its parts"));
            } else if rest > 0 {
                sums.relations[at].parts.push(sums.values.len());
                sums.values.push(rest);
            }
        }
        wrong.finish(sums).map(|(sums, _)| sums)
    }

    /// Every value as the sum of those that are the sum of nothing, from the values of these.
    ///
    /// # Errors
    /// `bad-value` when two sums for one total rest on different values, so that they cannot both be kept.
    pub fn from_innermost(&self, innermost: &[i128]) -> Result<Vec<i128>, Diagnostic> {
        let mut of: BTreeMap<usize, Vec<&Relation>> = BTreeMap::new();
        self.relations.iter().for_each(|relation| of.entry(relation.whole).or_default().push(relation));
        let mut values: Vec<Option<i128>> =
            (0..self.values.len()).map(|at| (!of.contains_key(&at)).then(|| innermost[at])).collect();
        let mut left: Vec<usize> = of.keys().copied().collect();
        while !left.is_empty() {
            let before = left.len();
            left.retain(|whole| {
                let sum = |relation: &&Relation| relation.parts.iter().map(|part| values[*part]).sum::<Option<i128>>();
                values[*whole] = of[whole].iter().find_map(sum);
                values[*whole].is_none()
            });
            assert!(left.len() < before, "no code is a part of itself");
        }
        let values: Vec<i128> = values.into_iter().flatten().collect();
        if self.is_additive(&values) {
            return Ok(values);
        }
        Err(Diagnostic::error(
            "bad-value",
            "two sums of one total rest on different cells, so that rounded parts cannot add up to it",
        )
        .help("list every cell that a total is the sum of, or round with `--method controlled`"))
    }

    /// Whether every total is the sum of its parts.
    pub fn is_additive(&self, values: &[i128]) -> bool {
        self.relations
            .iter()
            .all(|relation| values[relation.whole] == relation.parts.iter().map(|part| values[*part]).sum::<i128>())
    }

    /// The least that is known of a value before anything is published: a cell that is listed where others are not has a unit.
    pub fn least(&self, at: usize) -> i128 {
        if self.complete { 0 } else { self.values[at].clamp(0, 1) }
    }
}

fn refusal(table: &CellTable, cell: usize, why: &str) -> Diagnostic {
    Diagnostic::error("bad-value", why).note(format!("in the cell {}", table.name(cell)))
}
