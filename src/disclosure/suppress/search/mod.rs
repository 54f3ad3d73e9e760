//! Secondary suppression of a [`Problem`]: one interface, several methods.
//!
//! Every method ends with a witness for every claim: another table that agrees with everything shown and has the unsafe cell as far away
//! as its level asks, on either side; against contributors a second one that nobody can rule out who can rule out the first. The audit
//! checks witnesses, it does not trust them.

use crate::disclosure::problem::{Attackers, Fate, Problem, Witness};

mod allowance;
mod attack;
mod bench;
mod board;
mod bounds;
mod boxes;
mod claims;
mod clock;
mod exact;
mod fast;
mod ground;
mod improve;
mod ledger;
mod marks;
mod master;
mod motion;
mod pool;
mod program;
mod region;
mod room;
#[cfg(test)]
mod tests;
mod witness;

/// How the cells to withhold are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The least cost, proven, or the best found with the gap that is left.
    Exact,
    /// A low cost, also for very large systems.
    Fast,
    /// Exact for small systems, fast for others.
    Auto,
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub method: Method,
    pub attackers: Attackers,
    /// Seconds after which a search ends with the best it has; without it an exact search ends when the optimum is proven.
    pub seconds_max: Option<f64>,
}

/// The cells to withhold.
#[derive(Clone, Debug, Default)]
pub struct Pattern {
    /// One per cell; a hidden cell is withheld.
    pub withheld: Vec<bool>,
    /// Cost of the cells that are withheld and could have been shown.
    pub cost: f64,
    /// No pattern costs less; there when the method proves one.
    pub bound: Option<f64>,
    pub witnesses: Vec<Witness>,
    /// Linear programs solved.
    pub programs: usize,
}

/// Cells that cannot be protected, whatever is withheld.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    pub cells: Vec<u32>,
}

/// Cells up to which [`Method::Auto`] is exact.
const EXACT_MAX: usize = 2_000;

/// Finds cells to withhold so that every demand holds.
///
/// # Errors
/// The cells whose demand cannot be met even when everything that is not fixed is withheld.
pub fn solve(problem: &Problem, options: &Options) -> Result<Pattern, Stuck> {
    solve_within(problem, options, usize::MAX)
}

/// The same; an exact search ends with the best it has after so many times the programs that it took to find any pattern. Unlike a limit on
/// time this is the same on every machine.
///
/// # Errors
/// As [`solve`].
pub fn solve_within(problem: &Problem, options: &Options, times_max: usize) -> Result<Pattern, Stuck> {
    let free = problem.cells.iter().filter(|cell| cell.fate == Fate::Free).count();
    match options.method {
        Method::Fast => fast::solve(problem, options),
        Method::Exact => exact::solve(problem, options, times_max),
        Method::Auto if free <= EXACT_MAX => exact::solve(problem, options, times_max),
        Method::Auto => fast::solve(problem, options),
    }
}
