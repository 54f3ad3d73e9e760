//! `sluis run`: from registers to a release and its vault.

use std::path::Path;

use sluis::checks::Checks;
use sluis::diagnostic::{Diagnostic, Diagnostics};
use sluis::pipeline::{self, Run};
use sluis::release::package;
use sluis::report::Report;
use sluis::spec::plan::Plan;

use super::Memory;
use super::account::Account;
use crate::terminal::Terminal;

pub fn run(
    terminal: &Terminal,
    pipeline: &Path,
    data: &Path,
    out: &Path,
    memory: &Memory,
    account: &Account,
) -> Result<(), Diagnostics> {
    account.keep_out_of(&[data, out])?;
    let name = pipeline.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let report = account.leave(&name, report(terminal, pipeline, data, out, memory), |report| Checks::of(report, None))?;
    terminal.result(&report.text(), &report);
    Ok(())
}

fn report(terminal: &Terminal, pipeline: &Path, data: &Path, out: &Path, memory: &Memory) -> Result<Report, Diagnostics> {
    let (plan, findings) = sluis::spec::load(pipeline)?;
    terminal.findings(&findings);
    release(terminal, &plan, data, out, memory).map(|(report, _)| report)
}

/// Runs a plan and writes both packages.
pub fn release(terminal: &Terminal, plan: &Plan, data: &Path, out: &Path, memory: &Memory) -> Result<(Report, Run), Diagnostics> {
    let inside = |folder: &Path| match (std::path::absolute(folder), std::path::absolute(data)) {
        (Ok(folder), Ok(data)) => folder.starts_with(data),
        _ => false,
    };
    if inside(out) {
        return Err(Diagnostic::error("output-in-use", "the output folder lies inside the folder with the registers")
            .in_file(out)
            .help("choose another `--out`; the data folder is only read")
            .into());
    }
    let claim = package::claim(out)?;
    let run = pipeline::run(plan, data, memory.bound()?, &|stage: &str| terminal.stage(stage))?;
    terminal.stage("write");
    claim.write(&sluis::compose::files(plan, &run))?;
    terminal.end_stage();
    Ok((Report::new(plan, &run, out), run))
}
