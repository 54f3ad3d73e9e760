//! The release: what may leave, made of safe tables alone, and the vault beside it, written together or not at all.
//!
//! A writer takes a [`Release`] and nothing else, which holds safe tables, and only the audit makes those:
//!
//! ```
//! use sluis::release::{FORMATS, Facts, Release};
//!
//! fn formats(facts: &Facts, tables: &sluis::disclosure::safe::SafeTables) -> usize {
//!     let release = Release { facts, tables };
//!     FORMATS.iter().map(|format| (format.files)(&release).len()).sum()
//! }
//! ```
//!
//! Tables that were not audited are of another type, so this does not compile:
//!
//! ```compile_fail,E0308
//! use sluis::release::{FORMATS, Facts, Release};
//!
//! fn formats(facts: &Facts, tables: &sluis::tables::set::TableSet) -> usize {
//!     let release = Release { facts, tables };
//!     FORMATS.iter().map(|format| (format.files)(&release).len()).sum()
//! }
//! ```

use crate::disclosure::safe::SafeTables;

pub mod definition;
pub mod facts;
pub mod layout;
pub mod grid;
pub mod csv;
pub mod csvw;
pub mod figures;
mod pdf;
pub mod json_stat;
pub mod parquet;
pub mod sdmx;
pub mod xlsx;
pub mod links;
pub mod manifest;
pub mod mark;
pub mod notes;
pub mod package;
pub mod perturbed;
pub mod publication;
pub mod symbols;
pub mod words;
pub mod truth;
pub mod vault;

pub use facts::Facts;

/// A file of a package: its path inside the package, with `/` between folders, and its bytes.
pub struct File {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// What may leave, before it has a form: audited tables, and facts of the run that say nothing about a unit.
#[derive(Clone, Copy, Debug)]
pub struct Release<'a> {
    pub facts: &'a Facts,
    pub tables: &'a SafeTables,
}

/// An output format: a release in, files out.
pub struct Format {
    pub name: &'static str,
    pub files: fn(&Release<'_>) -> Vec<File>,
}

/// Every format that a release is written in.
pub const FORMATS: &[Format] = &[
    csv::CSV,
    csvw::CSVW,
    parquet::PARQUET,
    sdmx::SDMX,
    json_stat::JSON_STAT,
    xlsx::XLSX,
    figures::FIGURES,
    publication::REPORT,
    definition::DEFINITION,
];
