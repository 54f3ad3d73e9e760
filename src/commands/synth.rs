//! `sluis synth`: synthetic registers.

use std::path::{Path, PathBuf};

use sluis::diagnostic::Diagnostics;
use sluis::synth::{Format, Options, Summary, Targets, generate};

use crate::terminal::Terminal;

pub fn synth(
    terminal: &Terminal,
    out: PathBuf,
    units: u64,
    seed: u64,
    targets: Option<&Path>,
    format: Format,
) -> Result<(), Diagnostics> {
    let summary = write(terminal, out.clone(), units, seed, targets, format)?;
    let text = format!("{}\nRegisters in {}", summary.text(), out.display());
    terminal.result(&text, &summary);
    Ok(())
}

/// Writes the registers and says what they hold.
pub fn write(
    terminal: &Terminal,
    out: PathBuf,
    units: u64,
    seed: u64,
    targets: Option<&Path>,
    format: Format,
) -> Result<Summary, Diagnostics> {
    let targets = targets.map_or_else(Targets::shipped, Targets::read)?;
    generate(&Options { out, units, seed, targets, format }, &|stage: &str| terminal.stage(stage))
}
