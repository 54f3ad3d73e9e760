//! Reading a table made elsewhere: a file becomes columns, columns get roles, spanning variables their hierarchies, and rows become
//! cells, or records of contributors of which cells are made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hashbrown::HashMap;

use super::argus::description::Description;
use super::table::CellTable;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::rules::Level;
use crate::registers::texts::{self, Texts};

mod coarser;
pub mod complete;
pub mod hierarchies;
mod marks;
pub mod roles;
mod rows;
mod spanning;
mod units;

pub use marks::Mark;
pub(super) use spanning::{is_usual_total, merged};

/// What the user says of the columns; what is not said is guessed from usual names.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Spanning variables.
    pub by: Vec<String>,
    pub value: Option<String>,
    pub count: Option<String>,
    /// Largest contributions, descending.
    pub largest: Vec<String>,
    /// Who they are from.
    pub contributors: Vec<String>,
    /// The total of absolute contributions.
    pub absolute: Option<String>,
    pub cost: Option<String>,
    pub status: Option<String>,
    pub holding: Option<String>,
    pub weight: Option<String>,
    /// Variable, and a file, levels in digits or coarser columns.
    pub hierarchies: Vec<(String, String)>,
    /// Codes that stand for a missing one: they are in no hierarchy, directly below the total.
    pub missing: Vec<String>,
    /// Codes of totals beside the usual ones.
    pub totals: Vec<String>,
    /// Texts of a value that is withheld, beside the usual ones.
    pub symbols: Vec<String>,
    /// Rows are records of contributors, whatever the columns look like.
    pub records: bool,
    /// Only numbers of units are published, not values.
    pub frequency: bool,
    /// Units can have negative values although no cell has one.
    pub signed: bool,
    /// A description of τ-ARGUS.
    pub metadata: Option<PathBuf>,
    /// Cells without a value are withheld cells, as in a table to be audited.
    pub finished: bool,
}

/// What a file says of a cell beside its figures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extra {
    pub mark: Mark,
    /// Protection level from the file.
    pub level: Option<Level>,
    /// The value is not in the file.
    pub unknown: bool,
    /// The cell was made of others, the file does not have it.
    pub computed: bool,
}

/// A table as it was read. Sensitive: it is never printed.
pub struct ReadTable {
    /// Of the file, without folders and extension.
    pub name: String,
    pub table: CellTable,
    /// One per cell.
    pub extras: Vec<Extra>,
    /// Names of the contributors by number; empty for those that have none.
    pub contributors: Vec<String>,
    /// The same records with every record its own contributor, where the contributors are holdings.
    pub singly: Option<CellTable>,
    /// Coarser columns: name, dimension that it belongs to, and the codes of its texts.
    pub coarser: Vec<(String, usize, BTreeMap<String, u32>)>,
    /// The number of contributors of every cell is known.
    pub counted: bool,
    /// The total of absolute contributions is known where values have both signs.
    pub absolute_known: bool,
    /// Decimals of the values.
    pub decimals: u32,
    /// Per dimension the code that stands for a missing one.
    pub missing: Vec<Vec<u32>>,
    pub findings: Vec<Diagnostic>,
}

/// A kind of file: whether it is this one, and its columns with what is known of them.
pub struct Reader {
    pub name: &'static str,
    pub extensions: &'static [&'static str],
    /// It is any file for which a description is named.
    pub described: bool,
    columns: fn(&Path, &Wish) -> Result<Option<Columns>, Diagnostics>,
}

/// Columns with a description of τ-ARGUS where there is one.
pub struct Columns {
    pub texts: Texts,
    pub description: Option<(PathBuf, Description)>,
}

/// Every kind of file, tried in this order.
pub const READERS: &[Reader] = &[
    Reader {
        name: "τ-ARGUS table or records with their description",
        extensions: &["tab", "asc", "dat"],
        described: true,
        columns: described,
    },
    Reader {
        name: "τ-ARGUS output of codes, value and status",
        extensions: &["txt", "csv"],
        described: false,
        columns: code_value,
    },
    Reader {
        name: "CSV or Parquet with a header",
        extensions: &[],
        described: false,
        columns: |path, _| Ok(Some(Columns { texts: Texts::read(path)?, description: None })),
    },
];

/// Reads a table.
///
/// # Errors
/// Everything wrong with the file in one go, by place and never by value.
pub fn read(path: &Path, wish: &Wish) -> Result<ReadTable, Diagnostics> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    let fits = |reader: &&Reader| {
        let described = reader.described && wish.metadata.is_some();
        described || reader.extensions.is_empty() || reader.extensions.contains(&extension.as_str())
    };
    for reader in READERS.iter().filter(fits) {
        if let Some(columns) = (reader.columns)(path, wish)? {
            return table(columns, wish);
        }
    }
    Err(Diagnostic::error("file-corrupt", "the file is of no kind that is known").in_file(path).into())
}

/// From columns to cells.
pub(super) fn table(columns: Columns, wish: &Wish) -> Result<ReadTable, Diagnostics> {
    let (roles, mut findings) = roles::resolve(&columns, wish)?;
    let spanning = spanning::spanning(&columns, &roles, wish)?;
    findings.extend(spanning.findings.iter().cloned());
    let is_records = wish.records
        || roles.holding.is_some()
        || roles.weight.is_some()
        || (roles.aggregates() == 0 && spanning.repeats(&columns.texts));
    let mut read = match is_records {
        true => units::tabulate(&columns, &roles, &spanning, wish)?,
        false => rows::cells(&columns, &roles, &spanning, wish)?,
    };
    findings.append(&mut read.findings);
    read.findings = findings;
    renumber(&mut read);
    Ok(read)
}

/// Contributors get their numbers in the order in which the sorted cells name them, the larger first. So the same cells are protected alike,
/// whether they were made of records here, or elsewhere, by whatever names and in whatever order.
fn renumber(read: &mut ReadTable) {
    let mut numbers: HashMap<u32, u32> = HashMap::new();
    let mut names: Vec<String> = Vec::new();
    for (contributor, _) in read.table.cells.iter_mut().flat_map(|cell| &mut cell.shares) {
        let next = numbers.len() as u32;
        let old = *contributor;
        *contributor = *numbers.entry(old).or_insert_with(|| {
            names.push(read.contributors.get(old as usize).cloned().unwrap_or_default());
            next
        });
    }
    read.contributors = names;
}

/// A table or records with a description: named, or beside it with the same name.
fn described(path: &Path, wish: &Wish) -> Result<Option<Columns>, Diagnostics> {
    let beside = || path.file_stem().and_then(|stem| texts::beside(path, &format!("{}.rda", stem.to_string_lossy())));
    let Some(metadata) = wish.metadata.clone().or_else(beside) else {
        let finding = Diagnostic::error("bad-schema", "a file of τ-ARGUS needs its description").in_file(path);
        return Err(finding.help("name the .rda file with --metadata").into());
    };
    let described = Description::parse(&texts::text(&metadata)?).map_err(|wrong| in_file(wrong, &metadata))?;
    let texts = super::argus::fields::columns(path, &texts::text(path)?, &described)?;
    Ok(Some(Columns { texts, description: Some((metadata, described)) }))
}

fn code_value(path: &Path, wish: &Wish) -> Result<Option<Columns>, Diagnostics> {
    let found = super::argus::fields::code_value(path, &texts::text(path)?, &wish.by).transpose()?;
    Ok(found.map(|texts| Columns { texts, description: None }))
}

/// Findings that have no place yet stand in this file.
pub(crate) fn in_file(mut wrong: Diagnostics, file: &Path) -> Diagnostics {
    for finding in wrong.0.iter_mut().filter(|finding| finding.place == crate::diagnostic::Place::Nowhere) {
        *finding = finding.clone().in_file(file);
    }
    wrong
}

fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Sorts cells by their codes, with what belongs to them.
fn sort(table: &mut CellTable, extras: &mut Vec<Extra>) {
    let mut both: Vec<_> = std::mem::take(&mut table.cells).into_iter().zip(std::mem::take(extras)).collect();
    both.sort_by(|a, b| a.0.codes.cmp(&b.0.codes));
    (table.cells, *extras) = both.into_iter().unzip();
}

/// Numbers for names, in the order in which they are met.
#[derive(Default)]
struct Names {
    at: HashMap<String, u32>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(at) = self.at.get(name) {
            return *at;
        }
        let at = self.names.len() as u32;
        self.at.insert(name.to_owned(), at);
        self.names.push(name.to_owned());
        at
    }
}
