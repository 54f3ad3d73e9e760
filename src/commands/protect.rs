//! `sluis protect`: tables made elsewhere, made safe.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use sluis::cells::read::Wish;
use sluis::cells::rulings::Rounding;
use sluis::cells::system::Cost;
use sluis::diagnostic::{Diagnostic, Diagnostics};
use sluis::disclosure::suppress::search::Method;
use sluis::release::package;
use sluis::standalone::{self, Request};

use super::begin::{begin_reading, folders_of};
use crate::terminal::Terminal;

pub const EXAMPLES: &str = "Examples:
  sluis protect cells.csv --profile cbs --out outputs/cells
  sluis protect turnover.csv --value TOT --count N_OBS --largest MAX --hierarchy ACTIVITY=nace.csv --profile cbs --out outputs/turnover
  sluis protect firms.parquet --records --by region,industry --value turnover --holding group_id --profile eurostat --out outputs/firms
  sluis protect by-region.csv by-industry.csv --known last-year.csv --profile cbs --out outputs/linked
  sluis protect cells.csv --profile cbs --why \"region=North, size=all\" --out outputs/cells
  sluis protect job.arb --out outputs/job

A file is CSV (`,` `;` or tabs, decimal point or comma), Parquet, or a table or records of τ-ARGUS with their .rda; a job of τ-ARGUS
(.arb) brings its own rules. Columns get their roles from usual names (freq, value, N_OBS, TOT, MAX, status, holding, weight, …)
unless they are named. A hierarchy is a .hrc file, a CSV of code,parent or of codes from coarse to fine, levels in digits such as
2,1,1, or coarser columns; coarser columns are found by themselves. Several tables are linked by the names of their variables.

DIR receives release/ (tables with states, notes, manifest) and vault/ (every cell with its rules, levels and treatment; the pattern's
cost and bound, the audit, the inputs with their hashes), whole or not at all.";

/// What the columns of a table are.
#[derive(Args)]
pub struct Columns {
    /// Spanning variables. [default: every column without another role]
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    by: Vec<String>,
    /// The value.
    #[arg(long, value_name = "COLUMN")]
    value: Option<String>,
    /// The number of contributors; without a value, the figure that is published.
    #[arg(long, value_name = "COLUMN")]
    count: Option<String>,
    /// The largest contributions, in descending order.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    largest: Vec<String>,
    /// Who the largest contributions are from, in the same order.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    contributors: Vec<String>,
    /// The total of absolute contributions, where values have both signs.
    #[arg(long, value_name = "COLUMN")]
    absolute: Option<String>,
    /// The status: published, suppressed, unsafe, or a status of another program.
    #[arg(long, value_name = "COLUMN")]
    status: Option<String>,
    /// Hierarchy of a variable: a file, levels in digits, or coarser columns. Can be given several times.
    #[arg(long, value_name = "VARIABLE=WHAT", value_parser = hierarchy)]
    hierarchy: Vec<(String, String)>,
    /// Further codes that stand for a total. [default: Total, Tot, all, empty, and the like]
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    total: Vec<String>,
    /// Codes that stand for a missing one and are in no hierarchy.
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    missing: Vec<String>,
    /// Description of τ-ARGUS (.rda) of the file. [default: of the same name, beside it]
    #[arg(long, value_name = "FILE")]
    metadata: Option<PathBuf>,
    /// Units can have values below zero although no cell has one.
    #[arg(long)]
    signed: bool,
    /// Tables published before, as known to everyone.
    #[arg(long, value_name = "FILE")]
    known: Vec<PathBuf>,
    /// The base to which published values are rounded.
    #[arg(long, value_name = "BASE", value_parser = clap::value_parser!(u32).range(1..))]
    rounded_to: Option<u32>,
    /// The base to which the values of known tables were rounded.
    #[arg(long, value_name = "BASE", value_parser = clap::value_parser!(u32).range(1..))]
    known_rounded_to: Option<u32>,
    /// The disclosure profile; `sluis profiles` lists them.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

#[derive(Args)]
pub struct Arguments {
    /// The tables, or one job of τ-ARGUS (.arb).
    #[arg(required = true, value_name = "TABLE")]
    tables: Vec<PathBuf>,
    #[command(flatten)]
    columns: Columns,
    /// Rows are records of contributors. [default: found from holding, weight or repeated codes]
    #[arg(long)]
    records: bool,
    /// Only numbers of units are published, no values.
    #[arg(long)]
    frequency: bool,
    /// The holding that a record belongs to.
    #[arg(long, value_name = "COLUMN")]
    holding: Option<String>,
    /// How many units a record stands for: totals are weighted, contributions are ranked as they are.
    #[arg(long, value_name = "COLUMN")]
    weight: Option<String>,
    /// What is known beforehand of single cells, as a file of τ-ARGUS (.hst).
    #[arg(long, value_name = "FILE")]
    apriori: Option<PathBuf>,
    /// What withholding a cell costs: cells, contributors, value, log-value, or the name of a column.
    #[arg(long, value_name = "COST", default_value = "value")]
    cost: String,
    /// How cells to withhold are found: the least cost, proven; a low cost for very large tables; or by size.
    #[arg(long, value_name = "METHOD", value_parser = method)]
    method: Option<Method>,
    /// Seconds after which the exact method ends with the best it has and says how far that can be from the optimum.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    seconds: Option<u32>,
    /// Further formats for the vault: parquet, tab, code-value, sbs.
    #[arg(long, value_name = "FORMATS", value_delimiter = ',')]
    also: Vec<String>,
    /// Explain a cell by its codes: why it is withheld, which attacks that blocks, what would free it. Can be given several times.
    #[arg(long, value_name = "CELL")]
    why: Vec<String>,
    /// Folder to write, which must not exist.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub fn protect(terminal: &Terminal, arguments: Arguments) -> Result<(), Diagnostics> {
    let out = arguments.out.clone();
    let request = arguments.request();
    outside(&out, &request)?;
    let claim = package::claim(&out)?;
    begin_reading(terminal, reads(&request), &[&claim]);
    let protected = standalone::protect(&request, &|stage| terminal.stage(stage))?;
    terminal.stage("write");
    claim.write(&protected.files)?;
    terminal.end_stage();
    terminal.findings(&protected.findings);
    let text = format!("{}\nRelease and vault in {}", protected.text(), out.display());
    terminal.result(
        &text,
        &json!({ "out": out, "tables": protected.summaries, "inputs": protected.inputs, "findings": protected.findings, "explanations": protected.explanations }),
    );
    Ok(())
}

/// What tables made elsewhere are read from: their folders, since a job and a description name files beside them, and what was named.
pub fn reads(request: &Request) -> Vec<PathBuf> {
    let wish = &request.wish;
    let mut reads = folders_of(request.tables.iter().chain(&request.known));
    reads.extend(wish.metadata.iter().chain(&request.apriori).cloned());
    reads.extend(wish.hierarchies.iter().map(|(_, what)| PathBuf::from(what)));
    reads
}

/// Nothing is written over what is read.
fn outside(out: &Path, request: &Request) -> Result<(), Diagnostics> {
    match request.tables.iter().chain(&request.known).any(|table| table.starts_with(out)) {
        true => Err(Diagnostic::error("output-exists", "a table lies inside the output folder").in_file(out).into()),
        false => Ok(()),
    }
}

impl Arguments {
    fn request(self) -> Request {
        let declared = COSTS.iter().find(|(name, _)| *name == self.cost).map(|(_, cost)| *cost);
        let column = declared.is_none().then(|| self.cost.clone());
        let mut request = self.columns.request(self.tables);
        request.wish = Wish {
            holding: self.holding,
            weight: self.weight,
            records: self.records,
            frequency: self.frequency,
            cost: column,
            ..request.wish
        };
        Request {
            apriori: self.apriori,
            method: self.method,
            cost: declared,
            seconds: self.seconds.map(f64::from),
            also: self.also,
            why: self.why,
            ..request
        }
    }
}

impl Columns {
    pub fn request(self, tables: Vec<PathBuf>) -> Request {
        let wish = Wish {
            by: self.by,
            value: self.value,
            count: self.count,
            largest: self.largest,
            contributors: self.contributors,
            absolute: self.absolute,
            status: self.status,
            hierarchies: self.hierarchy,
            totals: self.total,
            missing: self.missing,
            metadata: self.metadata,
            signed: self.signed,
            ..Wish::default()
        };
        let rounding = Rounding { own: self.rounded_to, known: self.known_rounded_to };
        Request { tables, known: self.known, wish, profile: self.profile, rounding, ..Request::default() }
    }
}

const COSTS: &[(&str, Cost)] =
    &[("cells", Cost::Cells), ("contributors", Cost::Contributors), ("value", Cost::Value), ("log-value", Cost::LogValue)];

fn hierarchy(text: &str) -> Result<(String, String), String> {
    let split = text.split_once('=').filter(|(name, what)| !name.is_empty() && !what.is_empty());
    split
        .map(|(name, what)| (name.to_owned(), what.to_owned()))
        .ok_or_else(|| "write VARIABLE=WHAT, such as region=regions.hrc".to_owned())
}

fn method(name: &str) -> Result<Method, String> {
    match name {
        "exact" => Ok(Method::Exact),
        "fast" => Ok(Method::Fast),
        "auto" => Ok(Method::Auto),
        _ => Err("the methods are: exact, fast, auto".to_owned()),
    }
}
