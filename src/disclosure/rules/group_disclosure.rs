//! Nearly all units of a row or column fall in one cell, so that the cell tells something of every unit of that row or column.

use super::{Level, Levels, Rule};

pub const GROUP_DISCLOSURE: Rule = Rule {
    name: "group_disclosure",
    title: "Group disclosure",
    needs: "number of units of the cell and of its row and column; tables of counts and shares only",
    formula: "units > g % of the units of the row or column",
    level: "one unit; below, down to g % of the row or column",
    source: "guidelines for the checking of output based on microdata research, section on group disclosure",
    asks: |_| Vec::new(),
    judge: |case, profile| {
        let percent = i128::from(profile.rules.group_disclosure.as_ref()?.percent);
        let units = i128::from(case.stats.units);
        let above = |margin: &u64| {
            let margin = i128::from(*margin);
            (100 * units > percent * margin).then(|| units - percent * margin / 100)
        };
        let lower = case.margins.iter().filter_map(above).max().filter(|_| case.count && units > 0)?;
        Some(Levels { sum: None, count: Some(Level { upper: 1, lower }) })
    },
};

#[cfg(test)]
mod tests {
    use crate::disclosure::rules::tests::{measure, profile, stats};
    use crate::disclosure::rules::{Case, Level, judge};

    #[test]
    fn ninety_per_cent_of_a_row_is_safe_and_one_unit_more_is_not() {
        let rule = profile("[group_disclosure]\npercent=90\n[minimum_frequency]\ncontributors=3\nlevel_percent=10\n");
        let (ninety, more) = (stats(&[1; 90]), stats(&[1; 91]));
        assert!(!judge(&Case { count: true, margins: &[100, 500], ..measure(&ninety) }, &rule).is_unsafe());
        let verdict = judge(&Case { count: true, margins: &[500, 100], ..measure(&more) }, &rule);
        assert_eq!(verdict.rules(), ["group_disclosure"]);
        assert_eq!(verdict.levels.count, Some(Level { lower: 1, upper: 1 }));
        assert!(!judge(&Case { margins: &[100], ..measure(&more) }, &rule).is_unsafe());
    }
}
