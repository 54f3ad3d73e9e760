//! Earlier releases, made once more: what they tell is known of the units at hand only where their tables come out the same.

use super::compose;
use crate::amount::parse_decimal;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::disclosure::safe::{SafeRow, State};
use crate::disclosure::{key, table_name};
use crate::tables::set::{Printed, TableSet};

/// Rows shown of those that differ.
const EXAMPLES: usize = 5;

/// Whether the tables of every earlier release, made of these units, print what the release does.
///
/// # Errors
/// `earlier-differs` for a row that tells something else, or nothing where the release does.
pub fn repeat(set: &TableSet) -> Result<(), Diagnostics> {
    let mut wrong = Diagnostics::default();
    for earlier in &set.earlier {
        let withheld: Vec<bool> = earlier.told(set.cells.len()).iter().map(|told| !told).collect();
        let again = compose::tables(set, &earlier.tables, &withheld);
        let again = again.iter().flat_map(|table| &table.rows);
        let differs = earlier.rows().zip(again).filter(|((_, _, printed), again)| !is_told(*printed, again));
        let differs: Vec<_> = differs.map(|((table, row, _), _)| (table, row)).collect();
        for (table, row) in differs.iter().take(EXAMPLES) {
            let headline = format!("an earlier release tells something else of these units ({} such rows)", differs.len());
            let place = Place::Cell { table: table_name(table, Some(&earlier.release)), cell: key(table, row) };
            let finding = Diagnostic::error("earlier-differs", headline).at(place);
            wrong.push(finding.help("run the study on the registers and for the years of that release"));
        }
    }
    wrong.finish(()).map(drop)
}

fn is_told(printed: Printed, again: &SafeRow) -> bool {
    match printed {
        Printed::Nothing => !matches!(again.state, State::Value | State::Zero),
        Printed::Undefined => again.state == State::NotApplicable,
        Printed::Zero => again.state == State::Zero,
        Printed::Figure { value, units } => {
            let same = again.value.as_deref().and_then(|text| parse_decimal(text, b'.')) == Some(value);
            again.state == State::Value && same && units.is_none_or(|units| again.units == Some(units))
        }
    }
}
