//! What earlier releases decide of cells: what they tell is known whatever is done, and what only they could have told is not.

use std::collections::BTreeSet;

use crate::tables::set::TableSet;

/// One entry per cell.
pub(super) struct Before {
    /// It is known already.
    pub told: Vec<bool>,
    /// Its number of units is: it is told, or the same units are in another year.
    pub counted: Vec<bool>,
    /// No table of this run shows it, and none before did.
    pub hidden: Vec<bool>,
}

impl Before {
    pub fn of(set: &TableSet) -> Self {
        let (told, now) = (set.told_before(), set.told_now());
        let populations = (0..told.len()).filter(|cell| told[*cell]).filter_map(|cell| set.population(cell));
        let populations: BTreeSet<u128> = populations.collect();
        let elsewhere = |cell: usize| set.population(cell).is_some_and(|population| populations.contains(&population));
        let counted = (0..told.len()).map(|cell| told[cell] || elsewhere(cell)).collect();
        let hidden = told.iter().zip(&now).map(|(told, now)| !told && !now).collect();
        Self { told, counted, hidden }
    }
}
