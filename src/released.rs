//! A release as its files tell it: read whole, and held against its manifest before anything is taken from it.

#![allow(clippy::disallowed_methods, reason = "finished releases are read here")]

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use num_rational::BigRational;
use serde::Deserialize;

use crate::amount::{SCALE, parse_decimal};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::safe::State;
use crate::release::definition::{self, Definition};

/// A verified release.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What it is called here.
    pub name: String,
    pub folder: PathBuf,
    pub manifest: Manifest,
    /// BLAKE3 of the manifest, which holds the hashes of all other files.
    pub hash: String,
    pub definition: Definition,
    /// By identifier.
    pub tables: BTreeMap<String, Table>,
    /// Every listed file below `tables/` by path, as it is.
    pub described: BTreeMap<String, Vec<u8>>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Manifest {
    #[serde(default)]
    pub study: String,
    #[serde(default)]
    pub title: String,
    pub program: Program,
    pub profile: Option<String>,
    /// Releases that this one was protected together with: BLAKE3 of the manifest of each.
    #[serde(default)]
    pub earlier: Vec<String>,
    tables: Vec<TableEntry>,
    files: Vec<FileEntry>,
    /// There in a release that was pooled.
    pooled: Option<serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Program {
    pub name: String,
    pub version: String,
}

#[derive(Clone, Debug, Deserialize)]
struct TableEntry {
    /// Tables of `sluis protect` have none.
    id: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct FileEntry {
    path: String,
    bytes: u64,
    blake3: String,
}

/// A table of a release.
#[derive(Clone, Debug)]
pub struct Table {
    /// The names of the key columns.
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug)]
pub struct Row {
    pub key: Vec<String>,
    pub state: State,
    pub value: Option<BigRational>,
    pub units: Option<u64>,
}

/// Reads a release and verifies it.
///
/// # Errors
/// `release-broken` for everything that is not as the manifest says, `cannot-read` where there is no manifest.
pub fn read(name: &str, named: &Path) -> Result<Finished, Diagnostics> {
    let folder = folder(named);
    let path = folder.join("manifest.json");
    let bytes = std::fs::read(&path).map_err(|error| {
        let finding = Diagnostic::error("cannot-read", format!("the manifest of a release cannot be read: {error}"));
        finding.in_file(&path).help("name the folder `release` of a run, or the one above it")
    })?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|error| broken(&path, &format!("the manifest cannot be read: {error}")))?;
    of_a_run(&manifest, &path)?;
    let files = files(&folder, &manifest)?;
    let definition = read_definition(&folder, &files)?;
    let tables = tables(&folder, &manifest, &definition, &files)?;
    let hash = blake3::hash(&bytes).to_hex().to_string();
    let described = files.into_iter().filter(|(path, _)| path.starts_with("tables/")).collect();
    Ok(Finished { name: name.to_owned(), folder, manifest, hash, definition, tables, described })
}

fn folder(named: &Path) -> PathBuf {
    let below = named.join("release");
    if !named.join("manifest.json").exists() && below.join("manifest.json").exists() { below } else { named.to_owned() }
}

fn broken(file: &Path, headline: &str) -> Diagnostic {
    Diagnostic::error("release-broken", headline).in_file(file)
}

/// Pooled releases have intervals in place of values, and tables made elsewhere have no definition by which to compare them.
fn of_a_run(manifest: &Manifest, path: &Path) -> Result<(), Diagnostics> {
    if manifest.pooled.is_some() {
        let finding = broken(path, "the release was pooled itself");
        return Err(finding.help("name the releases that it was made of").into());
    }
    if manifest.study.is_empty() || manifest.tables.iter().any(|table| table.id.is_none()) {
        let finding = broken(path, "this is no release of `sluis run`");
        return Err(finding.help("only what a pipeline made tells what its tables are tables of").into());
    }
    Ok(())
}

/// Every file of the manifest with its bytes. Files beside them are left alone.
fn files(folder: &Path, manifest: &Manifest) -> Result<BTreeMap<String, Vec<u8>>, Diagnostics> {
    let mut wrong = Diagnostics::default();
    let mut files = BTreeMap::new();
    for entry in &manifest.files {
        let path = folder.join(&entry.path);
        if !Path::new(&entry.path).components().all(|part| matches!(part, Component::Normal(_))) {
            wrong.push(broken(&path, "the manifest names a file outside the release"));
            continue;
        }
        match std::fs::read(&path) {
            Err(error) => wrong.push(broken(&path, &format!("a file of the manifest cannot be read: {error}"))),
            Ok(bytes) if bytes.len() as u64 != entry.bytes || blake3::hash(&bytes).to_hex().as_str() != entry.blake3 => {
                let finding = broken(&path, "the file is not the one that the manifest lists: its hash differs");
                wrong.push(finding.help("ask the environment for the release as it left"));
            }
            Ok(bytes) => {
                files.insert(entry.path.clone(), bytes);
            }
        }
    }
    wrong.finish(files).map(|(files, _)| files)
}

fn read_definition(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<Definition, Diagnostics> {
    let path = folder.join(definition::PATH);
    let Some(bytes) = files.get(definition::PATH) else {
        let finding = broken(&path, "the release does not tell what its tables are tables of");
        return Err(finding.help("run the pipeline again with a version of sluis that writes `definition.json`").into());
    };
    match serde_json::from_slice::<Definition>(bytes) {
        Ok(definition) if definition.is_known() => Ok(definition),
        Ok(_) => Err(broken(&path, "the definition has a form that this version of sluis does not know").into()),
        Err(error) => Err(broken(&path, &format!("the definition cannot be read: {error}")).into()),
    }
}

/// The tables of the definition, of the manifest and of the files are the same ones.
fn tables(
    folder: &Path,
    manifest: &Manifest,
    definition: &Definition,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<BTreeMap<String, Table>, Diagnostics> {
    let listed: Vec<&str> = manifest.tables.iter().filter_map(|table| table.id.as_deref()).collect();
    let mut wrong = Diagnostics::default();
    let mut tables = BTreeMap::new();
    for id in definition.tables.keys().map(String::as_str).chain(listed.iter().copied()) {
        let path = format!("tables/{id}.csv");
        let place = folder.join(&path);
        match (files.get(&path), definition.tables.get(id)) {
            _ if tables.contains_key(id) => {}
            (Some(bytes), Some(_)) if listed.contains(&id) => match table(bytes) {
                Ok(table) => drop(tables.insert(id.to_owned(), table)),
                Err(headline) => wrong.push(broken(&place, headline)),
            },
            _ => wrong.push(broken(&place, &format!("the table `{id}` is missing from the release or from its manifest"))),
        }
    }
    let of_table = |path: &&String| path.starts_with("tables/") && path.ends_with(".csv-metadata.json");
    for path in files.keys().filter(of_table).filter(|path| !is_description(&files[*path])) {
        wrong.push(broken(&folder.join(path), "the description of a table is none"));
    }
    wrong.finish(tables).map(|(tables, _)| tables)
}

/// Whether the columns of a table are described, as CSV on the Web has it.
fn is_description(bytes: &[u8]) -> bool {
    let description: Option<serde_json::Value> = serde_json::from_slice(bytes).ok();
    description.is_some_and(|known| {
        known.is_object() && known.pointer("/tables/0/tableSchema/columns").is_some_and(serde_json::Value::is_array)
    })
}

fn table(bytes: &[u8]) -> Result<Table, &'static str> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let mut records = reader.records();
    let header = records.next().and_then(Result::ok).ok_or("the table has no header")?;
    let place = |name: &str| header.iter().position(|column| column == name);
    let value = place("value").ok_or("the table has no column `value`")?;
    let state = place("state").ok_or("the table has no column `state`")?;
    let units = place("n");
    let columns: Vec<String> = header.iter().take(value).map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(|_| "a row of the table cannot be read")?;
        let text = |at: usize| record.get(at).unwrap_or_default();
        let state = state_of(text(state)).ok_or("a state is none that a release has")?;
        let units = match units.map(text) {
            None | Some("") => None,
            Some(text) => Some(text.parse().map_err(|_| "a number of units is no whole number")?),
        };
        let value = match text(value) {
            "" => None,
            text => Some(parse_decimal(text, b'.').map(exact).ok_or("a value is no number")?),
        };
        let key = record.iter().take(columns.len()).map(str::to_owned).collect();
        rows.push(consistent(Row { key, state, value, units })?);
    }
    Ok(Table { columns, rows })
}

/// From ten-thousandths.
fn exact(scaled: i64) -> BigRational {
    BigRational::new(scaled.into(), SCALE.into())
}

fn state_of(text: &str) -> Option<State> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

/// A figure stands where the state says that there is one.
fn consistent(row: Row) -> Result<Row, &'static str> {
    let told = row.value.is_some();
    match row.state {
        State::Value if !told => Err("a row in the state `value` has no value"),
        State::Suppressed | State::NotApplicable | State::NotDelivered if told || row.units.is_some() => {
            Err("a row tells a figure that its state says is not told")
        }
        State::Zero if row.units.unwrap_or(0) != 0 => Err("a row in the state `zero` has units"),
        _ => Ok(row),
    }
}

impl Finished {
    /// The identifiers of the tables in the order of the manifest.
    pub fn order(&self) -> Vec<String> {
        self.manifest.tables.iter().filter_map(|table| table.id.clone()).collect()
    }
}
