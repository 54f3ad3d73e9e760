//! The next largest contributors, alone or as a coalition, could estimate the largest to within p per cent.

use super::{Evidence, Rule, ceiling};

pub const P_PERCENT: Rule = Rule {
    name: "p_percent",
    title: "p %",
    needs: "the largest contribution, those of the coalition (one unless the profile says more), and the total, in absolute values, of the measure and of the numerator of a ratio",
    formula: "X − x1 − x2 < p/100 · x1; with a coalition of c, X − x1 − … − x(c+1)",
    level: "p/100 · x1 − (X − x1 − x2)",
    source: "handbook on statistical disclosure control, section 4.2",
    asks: |profile| profile.rules.p_percent.iter().map(|rule| Evidence::Largest(rule.coalition + 1)).collect(),
    judge: |case, profile| {
        let rule = profile.rules.p_percent.as_ref()?;
        let p = i128::from(rule.p);
        case.concentrated(|stats| {
            let first = i128::from(stats.largest[0]);
            let rest = stats.absolute - stats.largest[..=rule.coalition].iter().map(|x| i128::from(*x)).sum::<i128>();
            (100 * rest < p * first).then(|| ceiling(p * first, 100) - rest)
        })
    },
};

#[cfg(test)]
mod tests {
    use crate::disclosure::rules::tests::{profile, upper};

    #[test]
    fn a_rest_of_exactly_p_per_cent_is_safe_and_one_less_is_not() {
        let ten = profile("[p_percent]\np=10\n");
        assert_eq!(upper(&[1_000_000, 500_000, 100_000], &ten), None);
        assert_eq!(upper(&[1_000_000, 500_000, 99_999], &ten), Some(10_000));
        assert_eq!(upper(&[1_000_000, 500_000], &ten), Some(100_000));
    }

    #[test]
    fn a_coalition_knows_more() {
        let contributions = [1_000_000, 500_000, 150_000, 10_000];
        let of = |coalition: usize| upper(&contributions, &profile(&format!("[p_percent]\np=10\ncoalition={coalition}\n")));
        assert_eq!((of(1), of(2), of(3)), (None, Some(90_000), Some(100_000)));
    }

    #[test]
    fn the_level_is_the_one_of_the_textbook() {
        let fifteen = profile("[p_percent]\np=15\n");
        assert_eq!(upper(&[114_010_000, 1_450_000, 1_450_000, 1_450_000, 1_320_000], &fifteen), Some(12_881_500));
    }
}
