//! Secondary suppression: the cells to withhold beside the unsafe ones, so that no unsafe set of units can be worked out.
//!
//! Protection is shown by example. For every unsafe set, printed or not, and each side of its level there must be another
//! table (a *witness*) that agrees with everything published and has the set that far away from its true value. What is told of a universe
//! becomes one problem for the [`search`], which finds the cells to withhold and the witnesses; those of numbers of units are whole.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::assess::Assessed;
use super::problem::Attackers;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::spec::plan::Search;
use crate::tables::set::TableSet;

mod before;
mod connected;
pub mod search;
mod universe;

use before::Before;
use search::{Method, Options};
use universe::Joint;

/// Programs that the search for the least cost of a universe takes at most, in multiples of those that find any pattern.
const SEARCH_MAX: usize = 4;

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
    pub search: Search,
    /// Connected systems of cells.
    pub systems: usize,
    /// Sets that had to stay uncertain, each also for who knows some of it.
    pub demands: usize,
    /// Linear programs solved.
    pub programs: usize,
    /// Cost of the cells that are withheld to protect others: importance times the logarithm of two and the number of units together.
    pub cost: f64,
    /// No cells cost less, each universe with what the others hide; there where a search has proven one.
    pub bound: Option<f64>,
}

impl Effort {
    fn add(&mut self, other: Self) {
        self.systems += other.systems;
        self.demands += other.demands;
        self.programs += other.programs;
        self.cost += other.cost;
        self.bound = self.bound.zip(other.bound).map(|(all, own)| all + own);
    }
}

/// What is withheld in one universe.
struct Pattern {
    withheld: Vec<bool>,
    effort: Effort,
    certificates: Vec<Certificate>,
    /// Cells that could not be protected.
    stuck: Vec<usize>,
    /// Cells that are known already although they tell what must stay uncertain.
    told_already: Vec<usize>,
}

/// Withholds the unsafe cells and what else is needed, jointly over all tables.
///
/// # Errors
/// `cannot-protect` when even withholding every cell leaves an unsafe number of units known; `earlier-unsafe` when an earlier release tells
/// what must stay uncertain.
pub fn protect(assessed: Assessed) -> Result<Protected, Diagnostics> {
    protect_by(assessed, Search::Auto)
}

/// The same with a declared search.
///
/// # Errors
/// As [`protect`].
pub fn protect_by(assessed: Assessed, search: Search) -> Result<Protected, Diagnostics> {
    let before = Before::of(&assessed.set);
    let protect_universe = |universe: usize, also: &[bool]| protect_universe(&assessed, &before, universe, also, search);
    let populations = populations(&assessed.set, &before);
    let universes: Vec<usize> = (0..assessed.set.universes.len()).collect();
    let mut also = vec![false; assessed.set.cells.len()];
    let mut patterns: Vec<Pattern> = universes.par_iter().map(|universe| protect_universe(*universe, &also)).collect();
    // One universe after the other from here on, so that each begins with what those before it hide.
    while disagree(&assessed.set, &populations, &patterns) {
        for universe in &universes {
            patterns[*universe] = protect_universe(*universe, &also);
            follow(&mut also, &assessed.set, &populations, &patterns[*universe].withheld, *universe);
        }
    }
    let mut withheld = vec![false; assessed.set.cells.len()];
    let mut effort = Effort { search, bound: Some(0.0), ..Effort::default() };
    let (mut certificates, mut stuck, mut told) = (Vec::new(), Vec::new(), Vec::new());
    for pattern in patterns {
        withheld.iter_mut().zip(&pattern.withheld).for_each(|(all, own)| *all |= own);
        effort.add(pattern.effort);
        certificates.extend(pattern.certificates);
        stuck.extend(pattern.stuck);
        told.extend(pattern.told_already);
    }
    if stuck.is_empty() && told.is_empty() {
        return Ok(Protected { assessed, withheld, effort, certificates });
    }
    let each_once = |cells: Vec<usize>| cells.into_iter().collect::<BTreeSet<_>>().into_iter();
    let told = each_once(told).map(|cell| told_already(&assessed.set, cell));
    Err(Diagnostics(told.chain(each_once(stuck).map(|cell| cannot_protect(&assessed.set, cell))).collect()))
}

/// The cells of every set of units that stands in more than one universe and whose number nobody was told.
fn populations(set: &TableSet, before: &Before) -> Vec<Vec<usize>> {
    let mut cells: BTreeMap<u128, Vec<usize>> = BTreeMap::new();
    for cell in (0..set.cells.len()).filter(|cell| !before.counted[*cell]) {
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
    let headline = match set.earlier.is_empty() {
        true => "the number of units follows from the rules even when every cell is withheld",
        false => "the rules and what earlier releases tell leave too little room even when every cell is withheld",
    };
    let finding = Diagnostic::error("cannot-protect", headline);
    at_cell(finding.help("merge classes of this table, or leave the breakdown out"), set, cell)
}

fn told_already(set: &TableSet, cell: usize) -> Diagnostic {
    let finding = Diagnostic::error("earlier-unsafe", "an earlier release tells what must stay uncertain");
    let help = "leave out the breakdown, or the share, in which it is unsafe; what is told cannot be taken back";
    at_cell(finding.help(help), set, cell)
}

fn at_cell(finding: Diagnostic, set: &TableSet, cell: usize) -> Diagnostic {
    match super::place(set, cell) {
        Some((table, key)) => finding.at(Place::Cell { table, cell: key }),
        None => finding,
    }
}

/// One problem for everything that is told of a universe.
fn protect_universe(assessed: &Assessed, before: &Before, universe: usize, also: &[bool], search: Search) -> Pattern {
    let joint = Joint::new(assessed, before, universe, also);
    let effort = Effort { systems: joint.systems, demands: joint.problem.demands.len(), ..Effort::default() };
    if !joint.told_already.is_empty() {
        let (withheld, told_already) = (joint.withheld, joint.told_already);
        return Pattern { withheld, effort, certificates: Vec::new(), stuck: Vec::new(), told_already };
    }
    let options = |method| Options { method, attackers: Attackers::Outsiders, seconds_max: None };
    let found = match search {
        Search::Auto => search::solve_within(&joint.problem, &options(Method::Auto), SEARCH_MAX),
        Search::Exact => search::solve(&joint.problem, &options(Method::Exact)),
        Search::Fast => search::solve(&joint.problem, &options(Method::Fast)),
    };
    match found {
        Ok(pattern) => Pattern {
            withheld: joint.spread(&pattern.withheld),
            effort: Effort { programs: pattern.programs, cost: pattern.cost.abs(), bound: pattern.bound, ..effort },
            certificates: pattern.witnesses.iter().filter_map(|witness| joint.certificate(witness)).collect(),
            stuck: Vec::new(),
            told_already: Vec::new(),
        },
        Err(stuck) => Pattern {
            withheld: joint.withheld.clone(),
            effort,
            certificates: Vec::new(),
            stuck: joint.around(&stuck.cells),
            told_already: Vec::new(),
        },
    }
}
