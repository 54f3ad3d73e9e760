//! Perturbation changes values where suppression withholds them: rounding and noise, with what an attacker can still find out.
//!
//! A [`Method`] turns the true values of a table into a [`Perturbed`] table, which only [`check::check`] turns into one that may leave:
//!
//! ```
//! use sluis::cells::perturb::{self, Settings, check::check};
//! use sluis::cells::table::CellTable;
//! use sluis::disclosure::profile::Profile;
//!
//! fn rounded(table: &CellTable, profile: &Profile) -> bool {
//!     let method = perturb::method("redaction").unwrap();
//!     let perturbed = perturb::apply(method, table, &Settings::default()).unwrap();
//!     check(&perturbed, table, profile).is_ok()
//! }
//! ```

use crate::cells::table::CellTable;
use crate::diagnostic::{Diagnostic, Diagnostics};

pub mod attack;
pub mod cell_key;
pub mod check;
mod controlled;
mod conventional;
mod midpoint;
mod redaction;
mod sum_of_rounded;
pub mod sums;
pub mod utility;

use cell_key::Noise;
use sums::Sums;

/// Every method, in the order in which a comparison shows them.
pub const ALL: &[&Method] = &[
    &controlled::CONTROLLED,
    &sum_of_rounded::SUM_OF_ROUNDED,
    &conventional::CONVENTIONAL,
    &midpoint::MIDPOINT,
    &redaction::REDACTION,
    &cell_key::CELL_KEY,
];

/// A way to change values.
pub struct Method {
    pub name: &'static str,
    /// One line.
    pub title: &'static str,
    pub formula: &'static str,
    pub source: &'static str,
    pub totals: Totals,
    pub suits: Suits,
    /// The base that is usual; a method without one is not a rounding.
    pub base: Option<u32>,
    change: fn(&Task) -> Result<Change, Diagnostics>,
}

/// Whether published totals are the sums of their published parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Totals {
    Additive,
    /// Each total is changed by itself.
    Apart,
}

/// What a method can be used on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suits {
    Frequencies,
    Any,
}

/// What is chosen beside the method.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// In the unit of the table; the usual base of the method otherwise.
    pub base: Option<u32>,
    /// What a cell-key method needs.
    pub noise: Option<Noise>,
}

/// What a method is given.
struct Task<'a> {
    table: &'a CellTable,
    sums: &'a Sums,
    /// In the scale of the values of the table; 0 for a method without base.
    base: i128,
    settings: &'a Settings,
}

/// What a method makes of the values.
struct Change {
    /// One per cell of the table.
    values: Vec<i128>,
    /// One per value of the sums.
    ranges: Vec<Range>,
    notes: Vec<String>,
}

/// What is known of a true value from the published one alone, by who knows the method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub low: i128,
    /// `None` is without bound.
    pub high: Option<i128>,
}

/// Changed values, of which nobody has said yet that they protect. Sensitive: it holds the true values too.
pub struct Perturbed {
    pub(crate) method: &'static Method,
    pub(crate) base: Option<u32>,
    pub(crate) sums: Sums,
    pub(crate) values: Vec<i128>,
    pub(crate) ranges: Vec<Range>,
    pub(crate) notes: Vec<String>,
}

impl Range {
    /// Nothing is known.
    pub const ANYTHING: Self = Self { low: 0, high: None };

    pub fn new(low: i128, high: i128) -> Self {
        Self { low: low.max(0), high: Some(high) }
    }

    pub fn holds(&self, value: i128) -> bool {
        value >= self.low && self.high.is_none_or(|high| value <= high)
    }
}

impl Perturbed {
    /// Published values, one per cell of the table.
    pub fn values(&self) -> &[i128] {
        &self.values
    }

    /// What had to be given up, such as how far a value was moved.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

/// The method of that name in [`ALL`].
///
/// # Errors
/// `unknown-name` when there is none.
pub fn method(name: &str) -> Result<&'static Method, Diagnostic> {
    ALL.iter().copied().find(|method| method.name == name).ok_or_else(|| {
        let names: Vec<&str> = ALL.iter().map(|method| method.name).collect();
        Diagnostic::error("unknown-name", format!("there is no method `{name}`"))
            .help(format!("the methods are: {}", names.join(", ")))
    })
}

/// Changes the values of a table.
///
/// # Errors
/// `conflict` for a method that does not suit the table, a base below 2, or a setting that is absent; `bad-value` for negative values,
/// or totals that are less than their parts; `cannot-protect` when no table of the kind exists.
pub fn apply(method: &'static Method, table: &CellTable, settings: &Settings) -> Result<Perturbed, Diagnostics> {
    if method.suits == Suits::Frequencies && !table.whole {
        let headline = format!("the method `{}` is for numbers of units, not for amounts", method.name);
        return Err(Diagnostic::error("conflict", headline).into());
    }
    let base = method.base.map(|usual| settings.base.unwrap_or(usual));
    if base.is_some_and(|base| base < 2) {
        return Err(Diagnostic::error("conflict", "rounding needs a base above 1").into());
    }
    let sums = Sums::of(table)?;
    let base_scaled = i128::from(base.unwrap_or(0)) * sums.unit;
    let change = (method.change)(&Task { table, sums: &sums, base: base_scaled, settings })?;
    assert!(change.values.len() == table.cells.len() && change.ranges.len() == sums.values.len(), "a method changes every value");
    let kept = sums.values.iter().zip(&change.ranges).all(|(value, range)| range.holds(*value));
    assert!(kept, "a method says of a value what is true of it");
    let Change { values, ranges, notes } = change;
    Ok(Perturbed { method, base, sums, values, ranges, notes })
}

#[cfg(test)]
pub(crate) mod tests;
