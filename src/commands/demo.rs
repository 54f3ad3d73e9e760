//! `sluis demo`: synthetic registers, the whole study, and its true values beside the published ones.

use std::path::Path;

use serde_json::json;
use sluis::checks::Checks;
use sluis::compare::Comparison;
use sluis::diagnostic::Diagnostics;
use sluis::language::Phrase;
use sluis::release::package;
use sluis::report::Report;
use sluis::synth::{Format, Options, Summary, Targets};

use super::account::Account;
use super::begin::begin;
use crate::terminal::Terminal;

/// Business units of the demo unless asked otherwise: the Dutch register of 2019.
pub const UNITS: u64 = sluis::synth::NATIONAL_UNITS;

/// The pipeline of the reference study.
const PIPELINE: &str = include_str!("../../pipelines/smart-industry.toml");

/// The source line of a demo: nobody may take it for the study.
const SOURCE: Phrase = Phrase::new("synthetic registers, not of real firms", "synthetische registers, niet van echte bedrijven");

pub fn demo(
    terminal: &Terminal,
    out: &Path,
    units: u64,
    seed: u64,
    targets: Option<&Path>,
    account: &Account,
) -> Result<(), Diagnostics> {
    account.keep_out_of(&[out])?;
    let checks = |(_, report, comparison): &(Summary, Report, Comparison)| Checks::of(report, Some(comparison));
    let ledger = account.open()?;
    let (summary, report, comparison) = ledger.leave("demo", study(terminal, out, units, seed, targets), checks)?;
    // Where to look stands last, below the many lines of the comparison.
    let text = format!("{}\n\n{}\n{}", super::synth::text(&summary), comparison.text(), report.text());
    terminal.result(&text, &json!({ "registers": summary, "report": report, "comparison": comparison }));
    Ok(())
}

fn study(
    terminal: &Terminal,
    out: &Path,
    units: u64,
    seed: u64,
    targets: Option<&Path>,
) -> Result<(Summary, Report, Comparison), Diagnostics> {
    let folder = |name: &str| out.join(name);
    let expected = targets.map_or_else(Targets::shipped, Targets::read)?;
    let registers = package::claim(&folder("registers"))?;
    let packages = package::claim(&folder("study"))?;
    begin(terminal, &[], &[&registers, &packages]);
    let (mut plan, _) = sluis::spec::parse(PIPELINE, Path::new("pipelines/smart-industry.toml"), Path::new("."))?;
    plan.data_source = Some(SOURCE.into());
    let options = Options { units, seed, targets: expected.clone(), format: Format::Parquet };
    let summary = super::synth::write(terminal, &options, registers)?;
    let (report, run) =
        super::run::release(terminal, &plan, &folder("registers"), &folder("study"), sluis::memory::Memory::default(), packages)?;
    let comparison = Comparison::new(&expected, &plan, &run);
    Ok((summary, report, comparison))
}
