//! The release: what may leave, made of safe tables alone, and the vault beside it, written together or not at all.
//!
//! A writer takes [`SafeTables`] and nothing else, and only the audit makes those:
//!
//! ```
//! fn formats(tables: &sluis::disclosure::safe::SafeTables) -> usize {
//!     sluis::release::FORMATS.iter().map(|format| (format.files)(tables).len()).sum()
//! }
//! ```
//!
//! Tables that were not audited are of another type, so this does not compile:
//!
//! ```compile_fail,E0308
//! fn formats(tables: &sluis::tables::set::TableSet) -> usize {
//!     sluis::release::FORMATS.iter().map(|format| (format.files)(tables).len()).sum()
//! }
//! ```

use crate::disclosure::safe::SafeTables;

pub mod csv;
pub mod figures;
pub mod links;
pub mod manifest;
pub mod mark;
pub mod notes;
pub mod package;
pub mod publication;
pub mod symbols;
pub mod truth;
pub mod vault;

/// A file of a package: its path inside the package, with `/` between folders, and its bytes.
pub struct File {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// An output format: safe tables in, files out.
pub struct Format {
    pub name: &'static str,
    pub files: fn(&SafeTables) -> Vec<File>,
}

/// Every format that a release is written in.
pub const FORMATS: &[Format] = &[csv::CSV, figures::FIGURES, publication::REPORT];
