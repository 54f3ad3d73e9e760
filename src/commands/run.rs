//! `sluis run`: from registers to a release and its vault.

use std::path::Path;

use sluis::checks::Checks;
use sluis::diagnostic::{Diagnostic, Diagnostics};
use sluis::pipeline::{self, Run};
use sluis::release::package::{self, Claim};
use sluis::report::Report;
use sluis::spec::plan::Plan;

use super::Memory;
use super::account::Account;
use super::begin::begin;
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
    let ledger = account.open()?;
    let report = ledger.leave(&name, report(terminal, pipeline, data, out, memory), |report| Checks::of(report, None))?;
    terminal.result(&report.text(), &report);
    Ok(())
}

fn report(terminal: &Terminal, pipeline: &Path, data: &Path, out: &Path, memory: &Memory) -> Result<Report, Diagnostics> {
    let (plan, findings) = sluis::spec::load(pipeline)?;
    let claim = claim_outside(data, out)?;
    let memory = memory.bound()?;
    begin(terminal, &reach(&plan, data), &[&claim]);
    terminal.findings(&findings);
    release(terminal, &plan, data, out, memory, claim).map(|(report, _)| report)
}

/// What a run reads once its pipeline is known.
pub fn reach<'a>(plan: &'a Plan, data: &'a Path) -> Vec<&'a Path> {
    std::iter::once(data).chain(plan.earlier.iter().map(|earlier| earlier.folder.as_path())).collect()
}

fn claim_outside(data: &Path, out: &Path) -> Result<Claim, Diagnostics> {
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
    Ok(package::claim(out)?)
}

/// Runs a plan within a bound of memory and writes both packages into what was claimed.
pub fn release(
    terminal: &Terminal,
    plan: &Plan,
    data: &Path,
    out: &Path,
    memory: sluis::memory::Memory,
    claim: Claim,
) -> Result<(Report, Run), Diagnostics> {
    let run = pipeline::run(plan, data, memory, &|stage: &str| terminal.stage(stage))?;
    terminal.stage("write");
    claim.write(&sluis::compose::files(plan, &run))?;
    terminal.end_stage();
    Ok((Report::new(plan, &run, out), run))
}
