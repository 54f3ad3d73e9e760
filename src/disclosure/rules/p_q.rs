//! A reader who knows every contribution to within q per cent could learn the largest to within p per cent.

use super::{Evidence, Rule, ceiling};

pub const P_Q: Rule = Rule {
    name: "p_q",
    title: "(p,q)",
    needs: "the two largest contributions and the total, in absolute values, of the measure and of the numerator of a ratio",
    formula: "X − x1 − x2 < (p/q) · x1",
    level: "(p/q) · x1 − (X − x1 − x2)",
    source: "handbook on statistical disclosure control, section 4.2",
    asks: |profile| profile.rules.p_q.iter().map(|_| Evidence::Largest(2)).collect(),
    judge: |case, profile| {
        case.concentrated(|stats| {
            let (first, second) = (i128::from(stats.largest[0]), i128::from(stats.largest[1]));
            let rest = stats.absolute - first - second;
            let excess = |p: i128, q: i128| (q * rest < p * first).then(|| ceiling(p * first, q) - rest);
            profile.rules.p_q.iter().filter_map(|rule| excess(rule.p.into(), rule.q.into())).max()
        })
    },
};

#[cfg(test)]
mod tests {
    use crate::disclosure::rules::tests::{profile, upper};

    #[test]
    fn a_rest_of_exactly_p_over_q_is_safe_and_one_less_is_not() {
        let rule = profile("[[p_q]]\np=10\nq=50\n");
        assert_eq!(upper(&[1_000_000, 500_000, 200_000], &rule), None);
        assert_eq!(upper(&[1_000_000, 500_000, 199_999], &rule), Some(10_000));
        assert_eq!(upper(&[1_000_000, 500_000, 150_000], &rule), Some(50_000));
    }
}
