//! `sluis demo`: synthetic registers, the whole study, and its true values beside the published ones.

use std::path::Path;

use serde_json::json;
use sluis::checks::Checks;
use sluis::compare::Comparison;
use sluis::diagnostic::Diagnostics;
use sluis::language::Phrase;
use sluis::report::Report;
use sluis::synth::{Format, Summary, Targets};

use super::account::Account;
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
    let (summary, report, comparison) = account.leave("demo", study(terminal, out, units, seed, targets), checks)?;
    let text = format!("{}\n\n{}\n\n{}", super::synth::text(&summary), report.text(), comparison.text());
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
    let claim = sluis::release::package::claim(&folder("study"))?;
    drop(claim);
    let (mut plan, _) = sluis::spec::parse(PIPELINE, Path::new("pipelines/smart-industry.toml"), Path::new("."))?;
    plan.data_source = Some(SOURCE.into());
    let summary = super::synth::write(terminal, folder("registers"), units, seed, targets, Format::Parquet)?;
    let (report, run) = super::run::release(terminal, &plan, &folder("registers"), &folder("study"), &super::Memory::default())?;
    let expected = targets.map_or_else(Targets::shipped, Targets::read)?;
    let comparison = Comparison::new(&expected, &plan, &run);
    Ok((summary, report, comparison))
}
