//! `sluis audit`: what a reader learns of the withheld cells of a finished table.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use sluis::diagnostic::Diagnostics;
use sluis::release::package;
use sluis::standalone;

use super::begin::begin_reading;
use super::protect::{Columns, reads};
use crate::terminal::Terminal;

pub const EXAMPLES: &str = "Examples:
  sluis audit outputs/turnover/release/tables/turnover.csv --hierarchy ACTIVITY=nace.csv
  sluis audit suppressed.csv --value value --count n --largest max1,max2 --profile cbs --out outputs/audit
  sluis audit Simple2D.txt --by Size,Region --hierarchy Region=region2.hrc

Withheld cells are those that the table says are suppressed (a status or state, or columns `suppressed` and `primary`), and those without
a value. With --profile and the values of the withheld cells, every unsafe cell is tried against its level, also by contributors where
they are known; otherwise the audit looks for cells that have one possible value. Intervals go to the vault in --out, never to the
terminal. Exit code 6 when something is laid open.";

#[derive(Args)]
pub struct Arguments {
    /// Finished tables, published together.
    #[arg(required = true, value_name = "TABLE")]
    tables: Vec<PathBuf>,
    #[command(flatten)]
    columns: Columns,
    /// Further texts that stand for a withheld value. [default: empty, x, c, :c, *, ., NA, and the like]
    #[arg(long, value_name = "TEXTS", value_delimiter = ',')]
    symbol: Vec<String>,
    /// Folder to write what was found to, which must not exist.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub fn audit(terminal: &Terminal, arguments: Arguments) -> Result<(), Diagnostics> {
    let mut request = arguments.columns.request(arguments.tables);
    request.wish.symbols = arguments.symbol;
    let claim = arguments.out.as_deref().map(package::claim).transpose()?;
    begin_reading(terminal, reads(&request), &claim.iter().collect::<Vec<_>>());
    let audit = standalone::audit(&request, &|stage| terminal.stage(stage))?;
    if let Some(claim) = claim {
        terminal.stage("write");
        claim.write(&audit.files)?;
    }
    terminal.end_stage();
    terminal.findings(&audit.findings);
    if audit.wrong.has_errors() {
        return Err(audit.wrong);
    }
    terminal.result(&audit.text(), &json!({ "audit": audit.summary, "findings": audit.findings }));
    Ok(())
}
