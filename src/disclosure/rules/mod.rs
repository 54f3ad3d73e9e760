//! A rule says of one cell whether it is unsafe, and how far its value must then stay uncertain. Each is a file here and a line in [`ALL`].
//!
//! X is the total of the absolute contributions, x1 ≥ x2 ≥ … are the largest of them, n is the number of contributors. All comparisons
//! are between whole numbers, so that a cell exactly on a limit is decided the same way everywhere.

use super::profile::Profile;
use crate::amount::SCALE;
use crate::tables::set::Stats;

mod dominance;
mod group_disclosure;
mod minimum_frequency;
mod p_percent;
mod p_q;
mod zero;

/// Every rule that a profile can have; the name is that of its table in the profile file.
pub const ALL: &[Rule] = &[
    minimum_frequency::MINIMUM_FREQUENCY,
    dominance::DOMINANCE,
    p_percent::P_PERCENT,
    p_q::P_Q,
    group_disclosure::GROUP_DISCLOSURE,
    zero::ZERO,
];

/// The definition of a rule.
pub struct Rule {
    pub name: &'static str,
    pub title: &'static str,
    /// What it has to be told of a cell.
    pub needs: &'static str,
    /// When a cell is unsafe.
    pub formula: &'static str,
    /// Upper protection level.
    pub level: &'static str,
    pub source: &'static str,
    /// What it has to be told of a cell for the parameters of a profile; nothing where the profile does not have the rule.
    asks: fn(&Profile) -> Vec<Evidence>,
    /// The levels when the cell is unsafe.
    judge: fn(&Case, &Profile) -> Option<Levels>,
}

/// What a table has to hold beside the values of its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// The number of distinct contributors.
    Contributors,
    /// So many of the largest contributions, and the total of all of them in absolute values.
    Largest(usize),
}

/// What the rules of a profile ask of a table of totals, each with the name of its rule.
pub fn evidence(profile: &Profile) -> Vec<(&'static str, Evidence)> {
    ALL.iter().flat_map(|rule| (rule.asks)(profile).into_iter().map(|evidence| (rule.name, evidence))).collect()
}

/// What the rules are told of a cell or of a set that no table prints.
pub(super) struct Case<'a> {
    /// The cell is a number of units; otherwise a total with its number of units.
    pub count: bool,
    /// No unit has a negative value.
    pub nonnegative: bool,
    pub stats: &'a Stats,
    /// The same in the numerator of a ratio.
    pub numerator: Option<&'a Stats>,
    /// Units of the rows and columns that the cell is a part of.
    pub margins: &'a [u64],
}

/// How far below and above the true value an attacker must be unable to exclude values; in the unit of the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Level {
    pub lower: i128,
    pub upper: i128,
}

/// Levels for the two things a cell publishes; none where a rule asks for no uncertainty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Levels {
    pub sum: Option<Level>,
    pub count: Option<Level>,
}

/// What all rules of a profile say of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Names of the rules that make it unsafe.
    pub(super) rules: Vec<&'static str>,
    pub(super) levels: Levels,
}

impl Verdict {
    pub fn is_unsafe(&self) -> bool {
        !self.rules.is_empty()
    }

    pub fn rules(&self) -> &[&'static str] {
        &self.rules
    }

    /// How far the value must stay uncertain: the number of units of a frequency table, otherwise the sum.
    pub fn level(&self, count: bool) -> Option<Level> {
        if count { self.levels.count } else { self.levels.sum }
    }

    /// Unsafe where either says so, with the wider level.
    pub fn or(mut self, other: &Self) -> Self {
        self.rules.extend(other.rules.iter().filter(|rule| !self.rules.contains(*rule)).copied().collect::<Vec<_>>());
        self.levels =
            Levels { sum: widest(self.levels.sum, other.levels.sum), count: widest(self.levels.count, other.levels.count) };
        self
    }

    /// The number of contributors is below the minimum.
    pub(super) fn is_small(&self) -> bool {
        self.rules.contains(&minimum_frequency::MINIMUM_FREQUENCY.name)
    }
}

/// Asks every rule; where several make the cell unsafe the widest level counts.
pub(super) fn judge(case: &Case, profile: &Profile) -> Verdict {
    let mut verdict = Verdict::default();
    for rule in ALL {
        if let Some(levels) = (rule.judge)(case, profile) {
            verdict.rules.push(rule.name);
            verdict.levels.sum = widest(verdict.levels.sum, levels.sum);
            verdict.levels.count = widest(verdict.levels.count, levels.count);
        }
    }
    verdict
}

fn widest(a: Option<Level>, b: Option<Level>) -> Option<Level> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Level { lower: a.lower.max(b.lower), upper: a.upper.max(b.upper) }),
        (a, b) => a.or(b),
    }
}

impl Case<'_> {
    /// The level of the total for an upper level: at least one unit of the measure, so that a total of nothing is not given away,
    /// and the same below unless the total is smaller than that.
    fn sum(&self, upper: i128) -> Level {
        let upper = upper.max(i128::from(SCALE));
        Level { upper, lower: if self.nonnegative { upper.min(self.stats.total) } else { upper } }
    }

    /// The level of the number of units.
    fn units(&self, level: i128) -> Level {
        Level { upper: level.max(1), lower: level.max(1).min(i128::from(self.stats.units)) }
    }

    /// The widest level that a rule on the largest contributions asks for, over the layer itself and its numerator.
    /// What it asks of the numerator is carried over in proportion.
    fn concentrated(&self, excess: impl Fn(&Stats) -> Option<i128>) -> Option<Levels> {
        if self.count {
            return None;
        }
        let own = excess(self.stats);
        let above = self.numerator.and_then(|stats| Some(ceiling(self.stats.absolute * excess(stats)?, stats.absolute.max(1))));
        let upper = own.max(above)?;
        Some(Levels { sum: Some(self.sum(upper)), count: None })
    }
}

/// `numerator / denominator` rounded up; both are not negative.
fn ceiling(numerator: i128, denominator: i128) -> i128 {
    assert!(denominator > 0 && numerator >= 0, "a level is a share of something");
    (numerator + denominator - 1) / denominator
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::tables::set::LARGEST;

    pub fn profile(rules: &str) -> Profile {
        Profile::parse(&format!("name='x'\nversion='1'\ntitle='x'\nsource='x'\nzero='safe'\n{rules}")).unwrap()
    }

    /// Contributions of one unit each.
    pub fn stats(contributions: &[i64]) -> Stats {
        let mut sorted: Vec<i64> = contributions.iter().map(|x| x.abs()).collect();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        sorted.resize(sorted.len().max(LARGEST), 0);
        let mut largest = [0; LARGEST];
        largest.copy_from_slice(&sorted[..LARGEST]);
        Stats {
            units: contributions.len() as u64,
            contributors: contributions.len() as u64,
            total: contributions.iter().map(|x| i128::from(*x)).sum(),
            absolute: contributions.iter().map(|x| i128::from(x.abs())).sum(),
            largest,
        }
    }

    pub fn measure(stats: &Stats) -> Case<'_> {
        Case { count: false, nonnegative: true, stats, numerator: None, margins: &[] }
    }

    /// The upper level of the total when the rules call the cell unsafe.
    pub fn upper(contributions: &[i64], profile: &Profile) -> Option<i128> {
        judge(&measure(&stats(contributions)), profile).levels.sum.map(|level| level.upper)
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = ALL.iter().map(|rule| rule.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
    }

    #[test]
    fn one_negative_value_switches_no_rule_off() {
        let profile = profile("[[dominance]]\nlargest=1\npercent=50\n");
        let stats = stats(&[-900_000, 300_000, 300_000]);
        let case = Case { nonnegative: false, ..measure(&stats) };
        let verdict = judge(&case, &profile);
        assert_eq!(verdict.rules(), ["dominance"]);
        assert_eq!(verdict.levels.sum, Some(Level { lower: 300_000, upper: 300_000 }));
    }

    #[test]
    fn the_widest_level_of_several_rules_counts() {
        let profile = profile("[minimum_frequency]\ncontributors=10\nlevel_percent=10\n[[dominance]]\nlargest=1\npercent=50\n");
        assert_eq!(upper(&[900_000, 100_000], &profile), Some(800_000));
        assert_eq!(upper(&[100_000; 9], &profile), Some(90_000));
        assert_eq!(upper(&[100_000; 10], &profile), None);
    }
}
