//! The loss of a design: what a reader would not see of what was wanted, in the order in which losses count.

use std::ops::Add;

/// Shares are in this many parts.
pub const WHOLE: u64 = 1_000_000_000;

/// Smaller is better, the first field that differs decides. Losses of parts of a design add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// Rows of tables that have to be withheld.
    pub withheld: u64,
    /// Share of the units that stand in no row that is shown, in [`WHOLE`]; every table, year, arm and indicator weighs the same.
    pub units: u64,
    /// The same of the absolute values.
    pub value: u64,
    /// Rows with units that the finest design has and this one has not, times the importance of their table.
    pub detail: u64,
    /// Sum over rows of the squared share of the units, in [`WHOLE`]: of two designs with equally many rows the one with the more
    /// even classes tells more.
    pub unevenness: u64,
}

impl Add for Loss {
    type Output = Loss;

    fn add(self, other: Loss) -> Loss {
        Loss {
            withheld: self.withheld.saturating_add(other.withheld),
            units: self.units.saturating_add(other.units),
            value: self.value.saturating_add(other.value),
            detail: self.detail.saturating_add(other.detail),
            unevenness: self.unevenness.saturating_add(other.unevenness),
        }
    }
}

impl Loss {
    /// Whether nothing of the other is lost less, and something of this one is; detail and evenness are the same thing, seen twice.
    pub fn dominates(&self, other: &Loss) -> bool {
        let of = |loss: &Loss| [loss.withheld, loss.units, loss.value, loss.detail];
        let (own, other) = (of(self), of(other));
        own != other && own.iter().zip(&other).all(|(own, other)| own <= other)
    }
}
