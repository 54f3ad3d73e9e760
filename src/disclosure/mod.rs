//! Disclosure control: from a table set to tables that are safe, in steps that consume one another.
//!
//! `TableSet` → [`assess::assess`] → `Assessed` → [`suppress::protect`] → `Protected` → [`audit::audit`] → [`safe::SafeTables`].
//! Nothing else makes any of the last three:
//!
//! ```
//! use sluis::disclosure::{assess::assess, audit::audit, example, profile::Profile, safe::SafeTables, suppress::protect};
//!
//! fn write(_tables: &SafeTables) {}
//!
//! let profile = Profile::named("cbs").unwrap();
//! let protected = protect(assess(example::size_by_sector(), &profile)).unwrap();
//! let (tables, _evidence) = audit(protected).unwrap();
//! write(&tables);
//! ```
//!
//! What has not been audited cannot be written:
//!
//! ```compile_fail,E0308
//! use sluis::disclosure::{assess::assess, audit::audit, example, profile::Profile, safe::SafeTables, suppress::protect};
//!
//! fn write(_tables: &SafeTables) {}
//!
//! let profile = Profile::named("cbs").unwrap();
//! let protected = protect(assess(example::size_by_sector(), &profile)).unwrap();
//! write(&protected);
//! ```
//!
//! nor can a table set:
//!
//! ```compile_fail,E0308
//! use sluis::disclosure::{example, safe::SafeTables};
//!
//! fn write(_tables: &SafeTables) {}
//!
//! write(&example::size_by_sector());
//! ```
//!
//! and safe tables cannot be made by hand:
//!
//! ```compile_fail,E0624
//! let tables = sluis::disclosure::safe::SafeTables::new(Vec::new());
//! ```

use crate::tables::set::{Row, Table, TableSet};

mod bits;

pub mod profile;
pub mod rules;
pub mod compare;
pub mod problem;
pub mod assess;
pub mod suppress;
pub mod safe;
pub mod evidence;
pub mod audit;
pub mod example;

/// A row in which a table shows the cell, or else uses it: the table and the key of the row. Tables of this run come first.
fn place(set: &TableSet, cell: usize) -> Option<(String, String)> {
    let rows = || set.every_table().flat_map(|(table, release)| table.rows.iter().map(move |row| (table, release, row)));
    let uses = |row: &Row| row.margin == Some(cell) || row.base == Some(cell);
    let (table, release, row) = rows().find(|(.., row)| row.cell == cell).or_else(|| rows().find(|(.., row)| uses(row)))?;
    Some((table_name(table, release), key(table, row)))
}

/// The table; one of an earlier release with that.
fn table_name(table: &Table, release: Option<&str>) -> String {
    release.map_or_else(|| table.id.clone(), |release| format!("{} of {release}", table.id))
}

/// `sector=C, size_class=all`
fn key(table: &Table, row: &Row) -> String {
    let code = |column: &String| {
        let code = row.key.get(column).map_or("", String::as_str);
        format!("{column}={}", if code.is_empty() { "all" } else { code })
    };
    table.columns.iter().map(code).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod small_problems;
#[cfg(test)]
mod vectors;
