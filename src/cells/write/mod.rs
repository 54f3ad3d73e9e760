//! Writing protected tables: for the vault with values and reasons, in the formats of other programs; for a release as safe cells alone.

use super::link::{Linked, Member};
use super::rulings::Ruling;
use super::table::TOTAL;
use crate::amount::decimal;
use crate::disclosure::evidence::Treatment;

mod cells;
mod code_value;
mod sbs;
mod tab;

/// A protected table with everything about it. Sensitive: it belongs in the vault.
pub struct Outcome<'a> {
    pub linked: &'a Linked,
    pub rulings: &'a [Ruling],
    /// One per cell.
    pub withheld: &'a [bool],
    /// One per cell: what an attacker is left with, where that was worked out.
    pub intervals: &'a [Option<(Option<i128>, Option<i128>)>],
}

/// Names of files and their bytes.
pub type NamedFiles = Vec<(String, Vec<u8>)>;

/// A format with values and reasons: files of a table by their names.
pub struct Writer {
    pub name: &'static str,
    pub title: &'static str,
    pub files: fn(&Outcome<'_>, &Member) -> NamedFiles,
}

/// Every format for the vault.
pub const WRITERS: &[Writer] = &[cells::CSV, cells::PARQUET, code_value::CODE_VALUE, tab::TAB, sbs::SBS];

impl Outcome<'_> {
    /// What became of a cell.
    pub fn treatment(&self, cell: usize) -> Treatment {
        match (self.withheld[cell], self.rulings[cell].level.is_some()) {
            (false, _) => Treatment::Published,
            (true, true) => Treatment::Primary,
            (true, false) => Treatment::Secondary,
        }
    }

    /// The value as a decimal number with a point.
    pub fn value(&self, cell: usize) -> String {
        self.amount(self.linked.table.cells[cell].value(self.linked.table.whole))
    }

    /// An amount of the measure as a decimal number.
    pub fn amount(&self, amount: i128) -> String {
        if self.linked.table.whole { amount.to_string() } else { decimal(amount, self.linked.decimals) }
    }

    /// A level or the end of an interval, with all its decimals.
    pub fn exact(&self, amount: i128) -> String {
        if self.linked.table.whole { amount.to_string() } else { decimal(amount, 4) }
    }

    /// Whether there is no unit in the cell.
    pub fn is_empty(&self, cell: usize) -> bool {
        let stats = &self.linked.table.cells[cell].stats;
        stats.units == 0 && stats.total == 0
    }

    /// The codes of a cell in a member; a total is `total`.
    pub fn codes<'a>(&'a self, cell: usize, member: &'a Member, total: &'a str) -> impl Iterator<Item = &'a str> {
        let table = &self.linked.table;
        member.dimensions.iter().map(move |at| match table.cells[cell].codes[*at] {
            TOTAL => total,
            code => table.dimensions[*at].codes[code as usize].as_str(),
        })
    }

    pub fn columns<'a>(&'a self, member: &'a Member) -> impl Iterator<Item = &'a str> {
        member.dimensions.iter().map(|at| self.linked.table.dimensions[*at].name.as_str())
    }
}

/// A text between quotes, with quotes inside doubled.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
