//! Profiles beside each other: what each asks for, rule by rule.

use super::profile::{Extremes, Limit, Profile, Zero, Zeros};
use super::rules;
use crate::diagnostic::Diagnostics;

/// A rule with what each profile asks for, in the order of the profiles; `None` where a profile does not have the rule.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Comparison {
    pub rule: &'static str,
    pub asks: Vec<Option<String>>,
}

/// Every rule that one of the profiles has, those for cells first.
///
/// # Errors
/// `unknown-name` for every name that is no profile.
///
/// ```
/// let rules = sluis::disclosure::compare::compare(&["cbs", "abs"]).unwrap();
/// let dominance = rules.iter().find(|one| one.rule == "dominance").unwrap();
/// assert_eq!(dominance.asks[0].as_deref(), Some("(1, 50 %)"));
/// assert_eq!(dominance.asks[1].as_deref(), Some("(1, 50 %), (2, 67 %)"));
/// ```
pub fn compare(names: &[&str]) -> Result<Vec<Comparison>, Diagnostics> {
    let mut wrong = Diagnostics::default();
    let mut profiles = Vec::new();
    for name in names {
        match Profile::described(name) {
            Ok(profile) => profiles.push(profile),
            Err(findings) => wrong.0.extend(findings.0),
        }
    }
    let cells = rules::ALL.iter().map(|rule| rule.name);
    let all = cells.chain(["degrees_of_freedom", "order_statistics", "rounding", "perturbation"]);
    let compared = all.map(|rule| Comparison { rule, asks: profiles.iter().map(|profile| asks(profile, rule)).collect() });
    let present = compared.filter(|one| one.asks.iter().any(Option::is_some)).collect();
    wrong.finish(present).map(|(compared, _)| compared)
}

/// What a profile asks for under a rule.
fn asks(profile: &Profile, rule: &str) -> Option<String> {
    let rules = &profile.rules;
    match rule {
        "minimum_frequency" => rules.minimum_frequency.as_ref().map(|rule| {
            let zeros = if rule.zeros == Zeros::NotCounted { ", zeros not counted" } else { "" };
            format!("{} contributors{zeros}", rule.contributors)
        }),
        "dominance" => joined(rules.dominance.iter().map(|rule| {
            let limit = if rule.limit == Limit::Unsafe { ", limit unsafe" } else { "" };
            format!("({}, {}{limit})", rule.largest, rule.percent)
        })),
        "p_percent" => rules.p_percent.as_ref().map(|rule| match rule.coalition {
            1 => format!("p = {}", rule.p),
            more => format!("p = {}, coalition of {more}", rule.p),
        }),
        "p_q" => joined(rules.p_q.iter().map(|rule| format!("({}, {})", rule.p, rule.q))),
        "group_disclosure" => rules.group_disclosure.as_ref().map(|rule| format!("{} %", rule.percent)),
        "zero" => (rules.zero == Zero::Unsafe).then(|| "unsafe".to_owned()),
        "degrees_of_freedom" => rules.degrees_of_freedom.as_ref().map(|rule| format!("{}", rule.minimum)),
        "order_statistics" => rules.order_statistics.as_ref().map(|rule| {
            let extremes = if rule.extremes == Extremes::Never { "no extremes" } else { "extremes" };
            format!("{extremes}, {} in a tail", rule.percentile_tail)
        }),
        "rounding" => rules.rounding.as_ref().map(|rule| format!("to {}, tables of counts only", rule.base)),
        "perturbation" => joined(rules.perturbation.iter().map(|one| match one.base {
            Some(base) => format!("{} from {base}", one.method),
            None => one.method.clone(),
        })),
        _ => None,
    }
}

fn joined(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclosure::profile::ALL;
    use crate::disclosure::rules::tests::{measure, stats};
    use crate::disclosure::rules::{Verdict, judge};

    fn verdict(profile: &str, contributions: &[i64]) -> Verdict {
        judge(&measure(&stats(contributions)), &Profile::named(profile).unwrap())
    }

    /// Contributions of a total of 1,000,000: the given ones and as many equal small ones as make it up.
    fn with_small(largest: &[i64]) -> Vec<i64> {
        let rest = 1_000_000 - largest.iter().sum::<i64>();
        let mut all = largest.to_vec();
        all.extend(vec![rest / 20; 19]);
        all.push(rest - rest / 20 * 19);
        all
    }

    #[test]
    fn every_rule_that_a_profile_has_is_compared() {
        let names: Vec<&str> = ALL.iter().map(|known| known.name).collect();
        let all = compare(&names).unwrap();
        assert!(all.iter().any(|one| one.rule == "rounding"));
        assert!(all.iter().all(|one| one.asks.len() == names.len()));
        assert_eq!(compare(&["cbs", "sbc", "bac"]).unwrap_err().0.len(), 2);
    }

    #[test]
    fn two_contributors_with_two_thirds_pass_cbs_and_fail_abs() {
        let (on, above) = (with_small(&[400_000, 270_000]), with_small(&[400_000, 270_001]));
        assert!(!verdict("abs", &on).is_unsafe());
        assert_eq!(verdict("abs", &above).rules(), ["dominance"]);
        assert!(!verdict("cbs", &above).is_unsafe());
    }

    #[test]
    fn ons_limits_the_largest_below_half() {
        assert!(!verdict("ons", &with_small(&[437_500])).is_unsafe());
        assert_eq!(verdict("ons", &with_small(&[437_501])).rules(), ["dominance"]);
        assert!(!verdict("ons", &with_small(&[430_000, 430_000])).is_unsafe());
        assert!(verdict("ons", &with_small(&[430_001, 430_000])).is_unsafe());
    }

    #[test]
    fn nine_tenths_of_two_are_unsafe_in_acro_and_safe_in_eurostat() {
        let (on, below) = (with_small(&[450_000, 450_000]), with_small(&[450_000, 449_980]));
        assert_eq!(verdict("acro", &on).rules(), ["dominance"]);
        assert!(!verdict("acro", &below).is_unsafe());
        assert!(!verdict("eurostat", &on).is_unsafe());
        assert!(verdict("eurostat", &with_small(&[450_000, 450_020])).is_unsafe());
        assert_eq!(verdict("acro", &[0; 20]).rules()[..], ["zero"]);
    }

    #[test]
    fn a_rest_of_a_tenth_of_the_largest_is_safe_in_eurostat_and_acro() {
        // The largest would be dominant with the second, so the rule on the rest is looked at alone.
        let of = |name: &str, last: i64| {
            let mut contributions = vec![10_000; 10];
            contributions.extend([1_000_000, last]);
            verdict(name, &contributions).rules().contains(&"p_percent")
        };
        for name in ["eurostat", "acro"] {
            assert!(!of(name, 10_000) && of(name, 9_999), "{name}");
        }
    }

    #[test]
    fn fdz_needs_three_and_bundesbank_five_of_more_than_nothing() {
        assert!(verdict("fdz", &[500_000; 2]).is_small());
        assert!(!verdict("fdz", &[500_000; 3]).is_unsafe());
        assert!(verdict("bundesbank", &[500_000, 500_000, 500_000, 500_000, 0]).is_small());
        assert!(!verdict("bundesbank", &[500_000; 5]).is_unsafe());
        let of = |first: i64| verdict("bundesbank", &[first, 400_000, 50_000, 50_000, 50_000]).is_unsafe();
        assert!(!of(450_000) && of(450_001));
    }
}
