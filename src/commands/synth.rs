//! `sluis synth`: synthetic registers.

use std::path::Path;

use sluis::diagnostic::Diagnostics;
use sluis::release::package::{self, Claim};
use sluis::synth::{Format, Options, Summary, Targets, generate};

use super::begin::begin;
use crate::terminal::Terminal;

pub fn synth(
    terminal: &Terminal,
    out: &Path,
    units: u64,
    seed: u64,
    targets: Option<&Path>,
    format: Format,
) -> Result<(), Diagnostics> {
    let options = Options { units, seed, targets: targets.map_or_else(Targets::shipped, Targets::read)?, format };
    let claim = package::claim(out)?;
    begin(terminal, &[], &[&claim]);
    let summary = write(terminal, &options, claim)?;
    let text = format!("{}\nRegisters in {}", text(&summary), out.display());
    terminal.result(&text, &summary);
    Ok(())
}

/// Writes the registers and says what they hold.
pub fn write(terminal: &Terminal, options: &Options, claim: Claim) -> Result<Summary, Diagnostics> {
    generate(options, claim, &|stage: &str| terminal.stage(stage))
}

/// The name of a format as the command line has it.
pub fn format(name: &str) -> Result<Format, String> {
    let known = || Format::ALL.iter().map(|format| format.name()).collect::<Vec<_>>().join(", ");
    Format::ALL.iter().copied().find(|format| format.name() == name).ok_or_else(|| format!("the formats are: {}", known()))
}

/// What was written, in words.
pub fn text(summary: &Summary) -> String {
    let rows: u64 = summary.files.iter().map(|(_, rows)| rows).sum();
    let units = summary.units.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    format!("Synthetic registers: {} files, {rows} rows; business units from 2014: {units}", summary.files.len())
}
