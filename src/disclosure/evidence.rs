//! The evidence: every cell with what the rules said, what was done and what an attacker can still work out, for a checker inside.
//!
//! Sensitive: it belongs in the vault.

use super::assess::Origin;
use super::rules::Level;
use super::suppress::Effort;
use crate::tables::set::Stats;

/// Enough to redo the protection and the audit.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Evidence {
    pub profile: ProfileEvidence,
    /// One per cell of the table set, in its order.
    pub cells: Vec<CellEvidence>,
    /// Unsafe sets that no table prints.
    pub virtual_cells: Vec<VirtualEvidence>,
    pub protection: Effort,
    pub audit: AuditEvidence,
}

#[derive(Clone, Debug, serde::Serialize)]
pub struct ProfileEvidence {
    pub name: String,
    pub version: String,
    /// BLAKE3 of the profile file.
    pub hash: String,
}

/// What became of a cell, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Treatment {
    Published,
    /// Withheld for its own sake.
    Primary,
    /// Withheld to protect another.
    Secondary,
}

#[derive(Clone, Debug, serde::Serialize)]
pub struct CellEvidence {
    pub cell: usize,
    pub universe: String,
    pub layer: String,
    pub atoms: Vec<u32>,
    pub figures: Figures,
    /// In the numerator of a ratio.
    pub numerator: Option<Figures>,
    pub importance: u32,
    /// Names of the rules that fired.
    pub rules: Vec<&'static str>,
    pub treatment: Treatment,
    pub sum: Option<Uncertainty>,
    pub count: Option<Uncertainty>,
}

#[derive(Clone, Debug, serde::Serialize)]
pub struct VirtualEvidence {
    pub universe: String,
    pub layer: String,
    pub atoms: Vec<u32>,
    pub figures: Figures,
    pub origin: Origin,
    pub rules: Vec<&'static str>,
    pub sum: Option<Uncertainty>,
    pub count: Option<Uncertainty>,
}

/// Amounts in ten-thousandths of the unit of the layer.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Figures {
    pub units: u64,
    pub contributors: u64,
    pub total: i128,
    pub absolute: i128,
    pub largest: [i64; crate::tables::set::LARGEST],
}

/// What an attacker cannot exclude, beside what he must be unable to exclude.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Uncertainty {
    pub level: Level,
    /// Least value an attacker cannot exclude; `None` is further below than the audit looks.
    pub low: Option<i128>,
    /// Greatest value an attacker cannot exclude; `None` is further above than the audit looks.
    pub high: Option<i128>,
    /// The ends are exact; otherwise they were followed as far as the level, and the attacker may be left with more.
    pub exact: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct AuditEvidence {
    /// Systems of published values attacked.
    pub systems: usize,
    /// Nested pairs of published cells examined.
    pub nested_pairs: usize,
    /// Unsafe sets, printed or not, that were tested for exact recovery.
    pub eliminations: usize,
    /// Linear programs solved.
    pub programs: usize,
    /// Attacks by a contributor.
    pub insiders: usize,
}

impl Uncertainty {
    /// Whether an attacker is left with less than the level on either side of the true value.
    pub fn falls_short(&self, value: i128) -> bool {
        self.low.is_some_and(|low| low > value - self.level.lower)
            || self.high.is_some_and(|high| high < value + self.level.upper)
    }
}

impl Evidence {
    /// Unsafe sets, printed or not, whose sum or count an attacker knows better than its protection level allows.
    pub fn breaches(&self) -> usize {
        let cells = self.cells.iter().map(|cell| (&cell.figures, cell.sum, cell.count));
        let virtual_cells = self.virtual_cells.iter().map(|cell| (&cell.figures, cell.sum, cell.count));
        let short = |figures: &Figures, sum: Option<Uncertainty>, count: Option<Uncertainty>| {
            sum.is_some_and(|sum| sum.falls_short(figures.total))
                || count.is_some_and(|count| count.falls_short(i128::from(figures.units)))
        };
        cells.chain(virtual_cells).filter(|(figures, sum, count)| short(figures, *sum, *count)).count()
    }
}

impl From<&Stats> for Figures {
    fn from(stats: &Stats) -> Self {
        Self {
            units: stats.units,
            contributors: stats.contributors,
            total: stats.total,
            absolute: stats.absolute,
            largest: stats.largest,
        }
    }
}
