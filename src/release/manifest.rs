//! The manifest: what a release consists of, with a hash of every file. It holds no clock and no parameter of a rule.

use serde::Serialize;

use super::{File, Release};
use crate::disclosure::safe::State;

/// The manifest as it is written, last of all files.
#[derive(Serialize)]
pub struct Manifest<'a> {
    pub study: &'a str,
    pub title: &'a str,
    /// Where the data come from, in words.
    pub source: &'a str,
    pub program: Program,
    /// Name and version of the disclosure profile; its parameters stay inside.
    pub profile: &'a str,
    /// Releases that this one was protected together with: BLAKE3 of the manifest of each.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub earlier: &'a [String],
    pub tables: Vec<TableEntry<'a>>,
    pub files: Vec<FileEntry>,
}

#[derive(Serialize)]
pub struct Program {
    pub name: &'static str,
    pub version: &'static str,
}

#[derive(Serialize)]
pub struct TableEntry<'a> {
    pub id: &'a str,
    pub title: &'a str,
    pub cells: usize,
    pub withheld: usize,
}

#[derive(Serialize)]
pub struct FileEntry {
    pub path: String,
    pub bytes: usize,
    pub blake3: String,
}

/// Lists the files as they are; `files` must be all of the release but the manifest itself.
pub fn manifest<'a>(release: &Release<'a>, files: &[File]) -> Manifest<'a> {
    let entry = |file: &File| FileEntry {
        path: file.path.clone(),
        bytes: file.bytes.len(),
        blake3: blake3::hash(&file.bytes).to_hex().to_string(),
    };
    let table = |table: &'a crate::disclosure::safe::SafeTable| TableEntry {
        id: &table.id,
        title: &table.title,
        cells: table.rows.len(),
        withheld: table.rows.iter().filter(|row| row.state == State::Suppressed).count(),
    };
    Manifest {
        study: &release.facts.study,
        title: &release.facts.title,
        source: release.facts.source(),
        program: Program { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        profile: &release.facts.profile,
        earlier: &release.facts.earlier,
        tables: release.tables.tables().iter().map(table).collect(),
        files: files.iter().map(entry).collect(),
    }
}

/// Pretty JSON with a line end.
pub fn json<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    assert!(!bytes.is_empty(), "plain structs can be written as JSON");
    bytes.push(b'\n');
    bytes
}
