//! `sluis pool`: one release of several that were made apart.

use std::path::{Path, PathBuf};

use serde_json::json;
use sluis::diagnostic::Diagnostics;
use sluis::pool::{Source, pool as combine};
use sluis::release::package;

use super::begin::begin;
use crate::terminal::Terminal;

pub const EXAMPLES: &str = "Examples:
  sluis pool nl/release be/release lu/release --out outputs/benelux
  sluis pool NL=deliveries/17/release BE=deliveries/21/release --out outputs/pooled

Every release must be one that `sluis run` wrote: the same pipeline, profile, classifications and
version of sluis, each on its own registers; what differs is named, and nothing is written. Every
file is held against the hashes of its manifest. Only the folders `release` are read; no vault and
no register is.

A pooled cell is a value where the releases tell it to within a unit of its last decimal,
otherwise an interval that is sure to hold the figure over all units, otherwise not available.
What an environment withholds is never taken for zero. Numbers of units add up; shares are
computed from them; means lie between those of the environments, since releases tell no numbers of
units beside means; an index is computed from pooled means. Columns `told` and `withheld` name the
environments. A pooled table is computed from the releases alone, so it tells nothing that they do
not tell. Units that are in two environments count twice.

DIR receives release/ with tables (CSV with a description of its columns, Parquet, JSON-stat, a
spreadsheet), notes and a manifest,
whole or not at all.";

/// A release with its name: `NAME=DIR`, or a folder that gives its own name.
pub fn source(text: &str) -> Result<Source, String> {
    let named = text.split_once('=').filter(|(name, _)| is_name(name) && !Path::new(text).exists());
    if let Some((name, folder)) = named {
        return Ok(Source { name: name.to_owned(), folder: PathBuf::from(folder) });
    }
    let folder = PathBuf::from(text);
    let names = folder.components().rev().map(|part| part.as_os_str().to_string_lossy().into_owned());
    let name = names.into_iter().find(|name| name != "release").unwrap_or_default();
    if is_name(&name) {
        Ok(Source { name, folder })
    } else {
        Err("the folder gives no name for the environment; write NAME=DIR with letters, digits, `-` and `_`".to_owned())
    }
}

/// Names stand between blanks in the tables.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|letter| letter.is_alphanumeric() || "-_.".contains(letter))
        && name.chars().any(char::is_alphanumeric)
}

pub fn pool(terminal: &Terminal, releases: &[Source], out: &Path) -> Result<(), Diagnostics> {
    let claim = package::claim(out)?;
    let read: Vec<&Path> = releases.iter().map(|source| source.folder.as_path()).collect();
    begin(terminal, &read, &[&claim]);
    let pooled = combine(releases, &|stage| terminal.stage(stage))?;
    terminal.stage("write");
    claim.write(&pooled.files)?;
    terminal.findings(&pooled.findings);
    let text = format!("{}release in {}", pooled.text(), out.join("release").display());
    let value = json!({ "out": out.display().to_string(), "summary": pooled.summary, "findings": pooled.findings });
    terminal.result(&text, &value);
    Ok(())
}
