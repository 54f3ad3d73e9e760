//! Few contributors have nearly everything, so that the total is as good as theirs.

use super::{Evidence, Rule, ceiling};
use crate::disclosure::profile::{Dominance, Limit};

pub const DOMINANCE: Rule = Rule {
    name: "dominance",
    title: "(n,k) dominance",
    needs: "the n largest contributions and the total, in absolute values, of the measure and of the numerator of a ratio",
    formula: "x1 + … + xn > k % of X; ≥ where the profile declares a cell on the limit unsafe and X is not nothing",
    level: "(100/k)·(x1 + … + xn) − X",
    source: "handbook on statistical disclosure control, section 4.2",
    asks: |profile| profile.rules.dominance.iter().map(|rule| Evidence::Largest(rule.largest)).collect(),
    judge: |case, profile| {
        let rules = &profile.rules.dominance;
        case.concentrated(|stats| {
            let excess = |rule: &Dominance| {
                let top: i128 = stats.largest[..rule.largest].iter().map(|x| i128::from(*x)).sum();
                let percent = i128::from(rule.percent.hundredths);
                let (have, limit) = (10_000 * top, percent * stats.absolute);
                let dominated = have > limit || (rule.limit == Limit::Unsafe && have == limit && top > 0);
                dominated.then(|| ceiling(have, percent) - stats.absolute)
            };
            rules.iter().filter_map(excess).max()
        })
    },
};

#[cfg(test)]
mod tests {
    use crate::disclosure::rules::tests::{measure, profile, stats, upper};
    use crate::disclosure::rules::{Case, judge};

    const HALF: &str = "[[dominance]]\nlargest=1\npercent=50\n";

    #[test]
    fn exactly_half_is_safe_and_one_more_is_not() {
        assert_eq!(upper(&[500_000, 300_000, 200_000], &profile(HALF)), None);
        assert_eq!(upper(&[500_001, 300_000, 200_000], &profile(HALF)), Some(10_000));
        assert_eq!(upper(&[700_000, 300_000], &profile(HALF)), Some(400_000));
    }

    #[test]
    fn the_two_largest_are_added() {
        let two = profile("[[dominance]]\nlargest=2\npercent=85\n");
        assert_eq!(upper(&[500_000, 350_000, 150_000], &two), None);
        assert_eq!(upper(&[500_000, 350_001, 149_999], &two), Some(10_000));
    }

    #[test]
    fn a_cell_on_the_limit_is_unsafe_where_the_profile_says_so() {
        let two = profile("[[dominance]]\nlargest=2\npercent=90\nlimit=\"unsafe\"\n");
        assert_eq!(upper(&[500_000, 400_000, 100_000], &two), Some(10_000));
        assert_eq!(upper(&[500_000, 399_999, 100_001], &two), None);
        assert_eq!(upper(&[0, 0, 0], &two), None);
    }

    #[test]
    fn a_limit_can_lie_between_whole_percentages() {
        let rule = profile("[[dominance]]\nlargest=1\npercent=43.75\n");
        assert_eq!(upper(&[437_500, 300_000, 262_500], &rule), None);
        assert_eq!(upper(&[437_501, 300_000, 262_499], &rule), Some(10_000));
    }

    #[test]
    fn a_dominated_numerator_makes_a_ratio_unsafe_in_proportion() {
        let (ratio, numerator) = (stats(&[100_000; 10]), stats(&[900_000, 60_000, 40_000]));
        let verdict = judge(&Case { numerator: Some(&numerator), ..measure(&ratio) }, &profile(HALF));
        assert_eq!(verdict.levels.sum.map(|level| level.upper), Some(800_000));
        assert!(!judge(&measure(&ratio), &profile(HALF)).is_unsafe());
    }

    #[test]
    fn a_number_of_units_has_no_dominance() {
        let one = stats(&[1]);
        assert!(!judge(&Case { count: true, ..measure(&one) }, &profile(HALF)).is_unsafe());
    }

    #[test]
    fn nothing_is_not_dominated() {
        assert_eq!(upper(&[0, 0, 0], &profile(HALF)), None);
    }
}
