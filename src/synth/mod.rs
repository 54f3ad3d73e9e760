//! Synthetic registers in the reference layout, at any size, from a seed, that give back the targets they were calibrated to.

use std::path::Path;

use rayon::prelude::*;

use crate::diagnostic::Diagnostics;
use crate::release::package::Claim;

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

/// Writes synthetic registers into a claimed folder, whole or not at all; the bytes depend on the options alone.
///
/// # Errors
/// `cannot-write`; `bad-targets` when the targets cannot be met at this size.
pub fn generate(options: &Options, claim: Claim, progress: &dyn Fn(&str)) -> Result<Summary, Diagnostics> {
    let units = usize::try_from(options.units).ok().filter(|units| *units <= 4 * NATIONAL_UNITS as usize);
    let units = units.ok_or_else(|| population::bad("more units than four times the national register"))?;
    progress("draw units");
    let chance = chance::Chance::new(options.seed);
    let targets = &options.targets;
    let (mut population, treated) = population::draw(&chance, units, targets)?;
    let links = links::draw(&chance, &mut population, treated, targets)?;
    progress("calibrate turnover");
    let turnover = turnover::Turnover::new(&chance, &population, &links, treated, targets)?;
    progress("calibrate investments");
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
    let files = write(&world, options, claim, progress)?;
    let count = |range: std::ops::Range<usize>, year| population[range].iter().filter(|unit| unit.lives(year)).count() as u64;
    Ok(Summary {
        units: (0..population::YEARS).map(|year| count(0..population.len(), year)).collect(),
        participants: (0..population::YEARS).map(|year| count(0..treated, year)).collect(),
        files,
    })
}

/// Every file, into the folder of the claim, which takes the name of `out` when all of them are complete.
fn write(
    world: &rows::World,
    options: &Options,
    claim: Claim,
    progress: &dyn Fn(&str),
) -> Result<Vec<(String, u64)>, Diagnostics> {
    let mut files = parts(world, claim.folder(), options.format, progress)?;
    claim.stand()?;
    files.sort();
    Ok(files)
}

fn parts(world: &rows::World, folder: &Path, format: Format, progress: &dyn Fn(&str)) -> Result<Vec<(String, u64)>, Diagnostics> {
    let mut files = Vec::new();
    for (register, parts) in rows::Part::all() {
        progress(&format!("write {register}"));
        let write = |part: rows::Part| Ok((part.name(), world.write(part, folder, format)?));
        let written: Result<Vec<(String, u64)>, Diagnostics> = parts.into_par_iter().with_max_len(1).map(write).collect();
        files.extend(written?);
    }
    Ok(files)
}
