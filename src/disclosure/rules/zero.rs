//! A cell in which there is nothing says of every unit in it that it has nothing.

use super::{Levels, Rule};
use crate::disclosure::profile::Zero;

pub const ZERO: Rule = Rule {
    name: "zero",
    title: "Zero cells",
    needs: "number of units and the total of absolute contributions",
    formula: "no unit, or X = 0, where the profile declares zero cells unsafe",
    level: "one unit of the measure, and one unit",
    source: "handbook on statistical disclosure control, section 4.2",
    asks: |_| Vec::new(),
    judge: |case, profile| {
        let nothing = case.stats.units == 0 || (!case.count && case.stats.absolute == 0);
        if profile.rules.zero == Zero::Safe || !nothing {
            return None;
        }
        Some(Levels { sum: (!case.count).then(|| case.sum(0)), count: (case.stats.units == 0).then(|| case.units(1)) })
    },
};

#[cfg(test)]
mod tests {
    use crate::disclosure::profile::Profile;
    use crate::disclosure::rules::judge;
    use crate::disclosure::rules::tests::{measure, stats};

    #[test]
    fn a_zero_is_unsafe_only_where_the_profile_says_so() {
        let rules = "name='x'\nversion='1'\ntitle='x'\nsource='x'\n[minimum_frequency]\ncontributors=3\nlevel_percent=10\n";
        let of = |zero: &str| Profile::parse(&format!("zero='{zero}'\n{rules}")).unwrap();
        let zeros = stats(&[0; 5]);
        assert!(!judge(&measure(&zeros), &of("safe")).is_unsafe());
        assert_eq!(judge(&measure(&zeros), &of("unsafe")).rules(), ["zero"]);
        assert!(!judge(&measure(&stats(&[1; 5])), &of("unsafe")).is_unsafe());
    }
}
