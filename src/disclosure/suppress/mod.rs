//! Secondary suppression: the cells to withhold beside the unsafe ones, so that no unsafe set of units can be worked out.
//!
//! Protection is shown by example. For every unsafe set, printed or not, and each side of its level there must be another
//! table (a *witness*) that agrees with everything published and has the set that far away from its true value. Cells are withheld until
//! every witness exists, then given back while all of them still do. Witnesses of numbers of units are whole and checked exactly.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::assess::Assessed;
use crate::disclosure::problem::Attackers;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::tables::set::TableSet;

mod obligation;
pub mod search;
mod solver;
mod system;
mod universe;
mod workshop;

use search::{Method, Options};
use system::System;
use universe::Joint;
use workshop::Workshop;

/// An assessed table set and the cells that are withheld. Only [`protect`] makes one.
pub struct Protected {
    pub(super) assessed: Assessed,
    /// One per cell.
    pub(super) withheld: Vec<bool>,
    pub(super) effort: Effort,
    pub(super) certificates: Vec<Certificate>,
}

/// Other numbers of units that agree with what is published; to be checked, not trusted.
pub(super) struct Certificate {
    pub universe: usize,
    /// Atoms whose number of units differs, and by how much.
    pub differences: Vec<(u32, i64)>,
}

/// What the protection took.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Effort {
    /// Connected systems of cells.
    pub systems: usize,
    /// Tables that had to be possible.
    pub obligations: usize,
    /// Linear programs solved.
    pub programs: usize,
}

/// What is withheld in one universe.
struct Pattern {
    withheld: Vec<bool>,
    effort: Effort,
    certificates: Vec<Certificate>,
    /// Cells that could not be protected.
    stuck: Vec<usize>,
}

/// Withholds the unsafe cells and what else is needed, jointly over all tables.
///
/// # Errors
/// `cannot-protect` when even withholding every cell leaves an unsafe number of units known.
pub fn protect(assessed: Assessed) -> Result<Protected, Diagnostics> {
    protect_by(assessed, protect_universe)
}

#[cfg(test)]
pub(super) fn protect_before(assessed: Assessed) -> Result<Protected, Diagnostics> {
    protect_by(assessed, protect_universe_before)
}

/// Programs of a universe after which a search for the least cost ends.
const PROGRAMS_MAX: usize = 20_000;

type One = fn(&Assessed, usize, &[bool]) -> Pattern;

fn protect_by(assessed: Assessed, protect_universe: One) -> Result<Protected, Diagnostics> {
    let populations = populations(&assessed.set);
    let universes: Vec<usize> = (0..assessed.set.universes.len()).collect();
    let mut also = vec![false; assessed.set.cells.len()];
    let mut patterns: Vec<Pattern> = universes.par_iter().map(|universe| protect_universe(&assessed, *universe, &also)).collect();
    // One universe after the other from here on, so that each begins with what those before it hide.
    while disagree(&assessed.set, &populations, &patterns) {
        for universe in &universes {
            patterns[*universe] = protect_universe(&assessed, *universe, &also);
            follow(&mut also, &assessed.set, &populations, &patterns[*universe].withheld, *universe);
        }
    }
    let mut withheld = vec![false; assessed.set.cells.len()];
    let mut effort = Effort::default();
    let (mut certificates, mut stuck) = (Vec::new(), Vec::new());
    for pattern in patterns {
        withheld.iter_mut().zip(&pattern.withheld).for_each(|(all, own)| *all |= own);
        effort.systems += pattern.effort.systems;
        effort.obligations += pattern.effort.obligations;
        effort.programs += pattern.effort.programs;
        certificates.extend(pattern.certificates);
        stuck.extend(pattern.stuck);
    }
    if stuck.is_empty() {
        return Ok(Protected { assessed, withheld, effort, certificates });
    }
    stuck.sort_unstable();
    stuck.dedup();
    Err(Diagnostics(stuck.into_iter().map(|cell| cannot_protect(&assessed.set, cell)).collect()))
}

/// The cells of every set of units that stands in more than one universe.
fn populations(set: &TableSet) -> Vec<Vec<usize>> {
    let mut cells: BTreeMap<u128, Vec<usize>> = BTreeMap::new();
    for cell in 0..set.cells.len() {
        set.population(cell).into_iter().for_each(|population| cells.entry(population).or_default().push(cell));
    }
    let several = |cells: &Vec<usize>| cells.iter().any(|cell| set.cells[*cell].universe != set.cells[cells[0]].universe);
    cells.into_values().filter(several).collect()
}

/// Whether the number of some units is hidden in one universe and shown in another.
fn disagree(set: &TableSet, populations: &[Vec<usize>], patterns: &[Pattern]) -> bool {
    populations.iter().any(|cells| {
        let universes: BTreeSet<usize> = cells.iter().map(|cell| set.cells[*cell].universe).collect();
        let hidden = universes.iter().filter(|universe| hides(set, cells, &patterns[**universe].withheld, **universe)).count();
        hidden > 0 && hidden < universes.len()
    })
}

/// Whether every cell of these units in the universe is withheld, so that their number is.
fn hides(set: &TableSet, cells: &[usize], withheld: &[bool], universe: usize) -> bool {
    let mut here = cells.iter().filter(|cell| set.cells[**cell].universe == universe).peekable();
    here.peek().is_some() && here.all(|cell| withheld[*cell])
}

/// Adds every cell that would show a number of units that this universe hides. What is added stays, so that this comes to an end.
fn follow(also: &mut [bool], set: &TableSet, populations: &[Vec<usize>], withheld: &[bool], universe: usize) {
    for cells in populations.iter().filter(|cells| hides(set, cells, withheld, universe)) {
        cells.iter().for_each(|cell| also[*cell] = true);
    }
}

impl Protected {
    /// Whether the cell is withheld.
    pub fn withholds(&self, cell: usize) -> bool {
        self.withheld[cell]
    }

    pub fn effort(&self) -> Effort {
        self.effort
    }

    #[cfg(test)]
    pub(super) fn put_back(&mut self, cell: usize) {
        self.withheld[cell] = false;
    }

    #[cfg(test)]
    pub(super) fn withhold_again(&mut self, cell: usize) {
        self.withheld[cell] = true;
    }
}

fn cannot_protect(set: &TableSet, cell: usize) -> Diagnostic {
    let finding =
        Diagnostic::error("cannot-protect", "the number of units follows from the rules even when every cell is withheld")
            .help("merge classes of this table, or leave the breakdown out");
    match super::place(set, cell) {
        Some((table, key)) => finding.at(Place::Cell { table, cell: key }),
        None => finding,
    }
}

/// One problem for everything that is told of a universe.
fn protect_universe(assessed: &Assessed, universe: usize, also: &[bool]) -> Pattern {
    let joint = Joint::new(assessed, universe, also);
    let method = if std::env::var("M").is_ok() { Method::Fast } else { Method::Auto };
    let options = Options { method, attackers: Attackers::Outsiders, seconds_max: None };
    let effort = Effort { systems: joint.systems, obligations: joint.problem.demands.len(), programs: 0 };
    match search::solve_within(&joint.problem, &options, PROGRAMS_MAX) {
        Ok(pattern) => Pattern {
            withheld: joint.spread(&pattern.withheld),
            effort: Effort { programs: pattern.programs, ..effort },
            certificates: pattern.witnesses.iter().filter_map(|witness| joint.certificate(witness)).collect(),
            stuck: Vec::new(),
        },
        Err(stuck) => {
            Pattern { withheld: joint.withheld.clone(), effort, certificates: Vec::new(), stuck: joint.around(&stuck.cells) }
        }
    }
}

/// Sums first, layer by layer; then the numbers of units, which bind all layers together. Withholding more never breaks a witness, so
/// that neither has to be done again.
fn protect_universe_before(assessed: &Assessed, universe: usize, also: &[bool]) -> Pattern {
    let mut withheld: Vec<bool> = (0..assessed.set.cells.len())
        .map(|cell| assessed.set.cells[cell].universe == universe && (assessed.verdicts[cell].is_unsafe() || also[cell]))
        .collect();
    let layers = assessed.set.universes[universe].layers.len();
    let sums = (1..layers).flat_map(|layer| System::sums(assessed, universe, layer));
    let systems: Vec<System> = sums.chain(System::counts(assessed, universe)).collect();
    let mut workshops: Vec<Workshop> = systems.iter().map(Workshop::new).collect();
    let mut stuck = Vec::new();
    for workshop in &mut workshops {
        stuck.extend(workshop.secure(&mut withheld).err().into_iter().flatten());
    }
    if stuck.is_empty() {
        give_back(assessed, &mut workshops, &mut withheld, also);
        assert!(workshops.iter().all(|workshop| workshop.is_secure(&withheld)), "every obligation keeps a witness");
    }
    let effort = Effort {
        systems: systems.len(),
        obligations: workshops.iter().map(Workshop::obligations).sum(),
        programs: workshops.iter().map(Workshop::programs).sum(),
    };
    let certificates =
        workshops.iter().filter(|_| stuck.is_empty()).flat_map(|workshop| workshop.certificates(universe)).collect();
    Pattern { withheld, effort, certificates, stuck }
}

/// Publishes again what is not needed, the dearest cells first.
fn give_back(assessed: &Assessed, workshops: &mut [Workshop], withheld: &mut [bool], also: &[bool]) {
    let cells = &assessed.set.cells;
    let mut secondary: Vec<usize> =
        (0..cells.len()).filter(|cell| withheld[*cell] && !also[*cell] && !assessed.verdicts[*cell].is_unsafe()).collect();
    secondary.sort_by(|a, b| {
        let key = |cell: usize| (system::cost(&cells[cell]), cells[cell].layer, &cells[cell].atoms);
        key(*b).0.total_cmp(&key(*a).0).then_with(|| key(*a).1.cmp(&key(*b).1)).then_with(|| key(*a).2.cmp(key(*b).2))
    });
    for cell in secondary {
        withheld[cell] = false;
        let replacements: Option<Vec<_>> = workshops.iter_mut().map(|workshop| workshop.without(cell, withheld)).collect();
        match replacements {
            Some(all) => workshops.iter_mut().zip(all).for_each(|(workshop, found)| workshop.accept(found, withheld)),
            None => withheld[cell] = true,
        }
    }
}
