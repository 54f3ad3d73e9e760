//! What the value of a table is, in words: its statistic and its unit.

use crate::disclosure::safe::SafeTable;
use crate::language::{Language, Phrase};
use crate::tables::set::Statistic;

/// What is told of every cell.
pub fn statistic(table: &SafeTable) -> Phrase {
    match table.statistic {
        Statistic::Count => Phrase::new("Number", "Aantal"),
        Statistic::Share => Phrase::new("Share", "Aandeel"),
        Statistic::Mean => Phrase::new("Mean", "Gemiddelde"),
        Statistic::Index => Phrase::new("Index", "Index"),
        Statistic::Decomposition => Phrase::new("Change", "Verandering"),
    }
}

/// The unit of the values, as short as the table has it where it has no words for it.
pub fn unit(table: &SafeTable, language: Language) -> &str {
    match table.presentation.unit.of(language) {
        "" => &table.unit,
        unit => unit,
    }
}
