//! The judgement of a set of tables: which rows the rules call unsafe, and which are withheld after protection.

use crate::disclosure::assess::assess;
use crate::disclosure::audit::audit;
use crate::disclosure::profile::Profile;
use crate::disclosure::suppress::protect_by;
use crate::spec::plan::Search;
use crate::tables::set::TableSet;

/// What becomes of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The rules that make a cell that it shows or uses unsafe.
    pub rules: Vec<&'static str>,
    pub withheld: bool,
}

/// Every row of every table, in order.
pub struct Judged {
    pub rows: Vec<Vec<Outcome>>,
    /// The tables can be protected at all.
    pub possible: bool,
}

/// Assesses and protects.
pub fn judge(set: TableSet, profile: &Profile, search: Search) -> Judged {
    let parts: Vec<Vec<Vec<usize>>> =
        set.tables.iter().map(|table| table.rows.iter().map(|row| parts(&set, row)).collect()).collect();
    let cells = set.cells.len();
    let assessed = assess(set, profile);
    let rules: Vec<Vec<&'static str>> = (0..cells).map(|cell| assessed.verdict(cell).rules().to_vec()).collect();
    let protected = protect_by(assessed, search);
    let withheld = |cell: usize| match &protected {
        Ok(protected) => protected.withholds(cell),
        Err(_) => !rules[cell].is_empty(),
    };
    let outcome = |parts: &Vec<usize>| {
        let mut of_parts: Vec<&'static str> = parts.iter().flat_map(|part| rules[*part].iter().copied()).collect();
        of_parts.sort_unstable();
        of_parts.dedup();
        Outcome { rules: of_parts, withheld: parts.iter().any(|part| withheld(*part)) }
    };
    let rows = parts.iter().map(|rows| rows.iter().map(outcome).collect()).collect();
    Judged { rows, possible: protected.is_ok() }
}

/// Whether the tables would be released.
pub fn is_released(set: TableSet, profile: &Profile, search: Search) -> bool {
    protect_by(assess(set, profile), search).and_then(audit).is_ok()
}

/// The cells that a row shows or uses; one without units says nothing of its margin or base.
fn parts(set: &TableSet, row: &crate::tables::set::Row) -> Vec<usize> {
    let others = row.cells().skip(1).filter(|_| row.split.is_some() || set.cells[row.cell].stats.units > 0);
    std::iter::once(row.cell).chain(others).collect()
}
