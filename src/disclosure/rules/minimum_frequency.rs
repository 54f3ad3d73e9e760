//! Too few distinct contributors: each could work out the others, or a reader recognise them.

use super::{Evidence, Levels, Rule, ceiling};
use crate::disclosure::profile::{MinimumFrequency, Zeros};
use crate::tables::set::Stats;

pub const MINIMUM_FREQUENCY: Rule = Rule {
    name: "minimum_frequency",
    title: "Minimum frequency",
    needs: "number of distinct contributors, of the cell and of the numerator of a ratio",
    formula: "0 < n < t; n without those who contribute nothing where the profile says so",
    level: "a declared percentage of X; of the number of units as well, and at least one unit",
    source: "handbook on statistical disclosure control, section 4.2; disclosure guidelines of the data provider",
    asks: |profile| {
        let rule = profile.rules.minimum_frequency.as_ref();
        let of = |rule: &MinimumFrequency| match rule.zeros {
            Zeros::Counted => Evidence::Contributors,
            Zeros::NotCounted => Evidence::Largest(rule.contributors.saturating_sub(1) as usize),
        };
        rule.map(of).into_iter().collect()
    },
    judge: |case, profile| {
        let rule = profile.rules.minimum_frequency.as_ref()?;
        let counted = |stats: &Stats| match rule.zeros {
            Zeros::Counted => stats.contributors,
            Zeros::NotCounted => nonzero(stats),
        };
        let numerator = case.numerator.map_or(u64::MAX, counted);
        if case.stats.units == 0 || counted(case.stats).min(numerator) >= rule.contributors {
            return None;
        }
        let part = |whole: i128| ceiling(whole * i128::from(rule.level_percent), 100);
        let sum = (!case.count).then(|| case.sum(part(case.stats.absolute)));
        Some(Levels { sum, count: Some(case.units(part(i128::from(case.stats.units)))) })
    },
};

/// Contributors of more than nothing, as far as the largest contributions that are kept and one beyond them tell.
fn nonzero(stats: &Stats) -> u64 {
    let kept: i128 = stats.largest.iter().map(|x| i128::from(*x)).sum();
    let seen = stats.largest.iter().filter(|x| **x > 0).count() as u64;
    seen + u64::from(stats.absolute > kept)
}

#[cfg(test)]
mod tests {
    use crate::disclosure::rules::tests::{measure, profile, stats};
    use crate::disclosure::rules::{Case, Level, judge};

    const TEN: &str = "[minimum_frequency]\ncontributors=10\nlevel_percent=10\n";

    #[test]
    fn nine_contributors_are_too_few_and_ten_are_not() {
        assert!(judge(&measure(&stats(&[50_000; 9])), &profile(TEN)).is_small());
        assert!(!judge(&measure(&stats(&[50_000; 10])), &profile(TEN)).is_unsafe());
    }

    #[test]
    fn who_contributes_nothing_is_not_counted_where_the_profile_says_so() {
        let five = "[minimum_frequency]\ncontributors=5\nlevel_percent=10\nzeros=\"not-counted\"\n";
        assert!(!judge(&measure(&stats(&[1, 1, 1, 1, 1])), &profile(five)).is_small());
        assert!(judge(&measure(&stats(&[1, 1, 1, 1, 0, 0])), &profile(five)).is_small());
        assert!(!judge(&measure(&stats(&[1, 1, 1, 1, 0, 0])), &profile(&five.replace("not-", ""))).is_small());
    }

    #[test]
    fn many_units_of_few_groups_are_too_few() {
        let groups = crate::tables::set::Stats { units: 40, contributors: 9, ..stats(&[50_000; 9]) };
        let verdict = judge(&measure(&groups), &profile(TEN));
        assert_eq!(verdict.levels.count, Some(Level { lower: 4, upper: 4 }));
        assert_eq!(verdict.levels.sum, Some(Level { lower: 45_000, upper: 45_000 }));
    }

    #[test]
    fn a_cell_without_units_is_not_small() {
        assert!(!judge(&measure(&stats(&[])), &profile(TEN)).is_unsafe());
    }

    #[test]
    fn the_numerator_needs_contributors_too() {
        let (many, few) = (stats(&[50_000; 10]), stats(&[50_000; 9]));
        assert!(judge(&Case { numerator: Some(&few), ..measure(&many) }, &profile(TEN)).is_small());
        assert!(!judge(&Case { numerator: Some(&many), ..measure(&many) }, &profile(TEN)).is_unsafe());
    }

    #[test]
    fn a_total_of_nothing_is_not_given_away() {
        let verdict = judge(&measure(&stats(&[0; 3])), &profile(TEN));
        assert_eq!(verdict.levels.sum, Some(Level { lower: 0, upper: 10_000 }));
    }
}
