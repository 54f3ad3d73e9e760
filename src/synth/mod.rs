//! Synthetic registers in the reference layout, at any size, from a seed, that give back the targets they were calibrated to.

#![allow(clippy::disallowed_methods, reason = "synthetic registers are written here")]

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::diagnostic::{Diagnostic, Diagnostics};

mod calibrate;
mod chance;
mod investments;
mod layout;
mod links;
mod population;
mod rows;
mod spss;
mod stata;
mod targets;
mod turnover;

#[cfg(test)]
mod tests;

pub use layout::Format;
pub use targets::{Level, Targets};

/// Business units of the Dutch register in 2019.
pub const NATIONAL_UNITS: u64 = 1_986_609;

/// What to generate.
#[derive(Clone, Debug)]
pub struct Options {
    /// A folder that is not there yet, or empty.
    pub out: PathBuf,
    /// Business units in 2019, participants included.
    pub units: u64,
    pub seed: u64,
    pub targets: Targets,
    pub format: Format,
}

/// What was generated.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Business units of every year, from 2014.
    pub units: Vec<u64>,
    /// Those among them that link to the list.
    pub participants: Vec<u64>,
    /// Every file with its number of rows, by name.
    pub files: Vec<(String, u64)>,
}

/// Writes synthetic registers into a folder, whole or not at all; the bytes depend on the options alone.
///
/// # Errors
/// `output-exists`, `cannot-write`; `bad-targets` when the targets cannot be met at this size.
pub fn generate(options: &Options, progress: &dyn Fn(&str)) -> Result<Summary, Diagnostics> {
    free(&options.out)?;
    let units = usize::try_from(options.units).ok().filter(|units| *units <= 4 * NATIONAL_UNITS as usize);
    let units = units.ok_or_else(|| population::bad("more units than four times the national register"))?;
    progress("drawing units, groups and participants");
    let chance = chance::Chance::new(options.seed);
    let targets = &options.targets;
    let (mut population, treated) = population::draw(&chance, units, targets)?;
    let links = links::draw(&chance, &mut population, treated, targets)?;
    progress("calibrating turnover");
    let turnover = turnover::Turnover::new(&chance, &population, &links, treated, targets)?;
    progress("calibrating investments");
    let responses = investments::draw(&chance, &population, &links, treated, targets)?;
    let world = rows::World {
        chance: &chance,
        seed: options.seed,
        population: &population,
        treated,
        links: &links,
        turnover: &turnover,
        responses: &responses,
    };
    let files = write(&world, options, progress)?;
    let count = |range: std::ops::Range<usize>, year| population[range].iter().filter(|unit| unit.lives(year)).count() as u64;
    Ok(Summary {
        units: (0..population::YEARS).map(|year| count(0..population.len(), year)).collect(),
        participants: (0..population::YEARS).map(|year| count(0..treated, year)).collect(),
        files,
    })
}

/// Refuses a folder in which something stands.
fn free(out: &Path) -> Result<(), Diagnostics> {
    let occupied = match std::fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => out.symlink_metadata().is_ok(),
    };
    if occupied {
        let found =
            Diagnostic::error("output-exists", "the folder for the synthetic registers is there and not empty").in_file(out);
        return Err(found.help("name a folder that does not exist yet").into());
    }
    Ok(())
}

/// Every file, into a folder beside `out` that takes its name when all of them are complete.
fn write(world: &rows::World, options: &Options, progress: &dyn Fn(&str)) -> Result<Vec<(String, u64)>, Diagnostics> {
    let beside = beside(&options.out)?;
    let failed = |error: std::io::Error| layout::cannot_write(&options.out, &error.to_string());
    std::fs::create_dir(&beside).map_err(failed)?;
    let written = parts(world, &beside, options.format, progress);
    let renamed = written.and_then(|files| match std::fs::rename(&beside, &options.out) {
        Ok(()) => Ok(files),
        Err(error) => Err(failed(error)),
    });
    if renamed.is_err() {
        // What cannot be removed stays under its own name and is never taken for the registers.
        let _ = std::fs::remove_dir_all(&beside);
    }
    let mut files = renamed?;
    files.sort();
    Ok(files)
}

fn parts(world: &rows::World, folder: &Path, format: Format, progress: &dyn Fn(&str)) -> Result<Vec<(String, u64)>, Diagnostics> {
    let mut files = Vec::new();
    for (register, parts) in rows::Part::all() {
        progress(&format!("writing {register}"));
        let write = |part: rows::Part| Ok((part.name(), world.write(part, folder, format)?));
        let written: Result<Vec<(String, u64)>, Diagnostics> = parts.into_par_iter().with_max_len(1).map(write).collect();
        files.extend(written?);
    }
    Ok(files)
}

/// A hidden name in the same folder, so that the last step is one rename.
fn beside(out: &Path) -> Result<PathBuf, Diagnostics> {
    let failed = |error: std::io::Error| layout::cannot_write(out, &error.to_string());
    let name = out.file_name().ok_or_else(|| layout::cannot_write(out, "it has no name"))?;
    let parent = match out.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(parent).map_err(failed)?;
    let beside = parent.join(format!(".{}.part-{}", name.to_string_lossy(), std::process::id()));
    if beside.exists() {
        return Err(Diagnostic::error("output-in-use", "another run is writing to this folder").in_file(out).into());
    }
    Ok(beside)
}
