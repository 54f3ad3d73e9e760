//! Unions: the withheld parts of a shown sum are known together, although no table prints their sum; where that sum is unsafe, it is a cell
//! to protect like any other.

use std::collections::BTreeMap;

use hashbrown::HashSet;

use super::table::CellTable;
use crate::disclosure::problem::{Cell, Demand, Equation, Fate, Problem, SHARES, Share};
use crate::disclosure::rules::Level;
use crate::tables::set::Stats;

/// Withheld cells whose sum is as good as shown, and how far it has to stay uncertain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Union {
    /// Ascending, at least two.
    pub parts: Vec<u32>,
    pub level: Level,
}

/// Every unsafe union of a pattern that the problem does not demand yet; `judge` gives the level of what is unsafe.
pub fn open(table: &CellTable, problem: &Problem, withheld: &[bool], judge: &dyn Fn(&Stats) -> Option<Level>) -> Vec<Union> {
    let count = table.cells.len() as u32;
    let mut seen: HashSet<Vec<u32>> = HashSet::new();
    let mut unions = Vec::new();
    for equation in &problem.equations {
        let hidden = |(cell, _): &&(u32, f64)| withheld[*cell as usize];
        let mut parts: Vec<u32> = equation.terms.iter().filter(hidden).map(|(cell, _)| *cell).collect();
        let whole_is_shown = equation.terms.iter().all(|(cell, factor)| *factor > 0.0 || !withheld[*cell as usize]);
        if parts.len() < 2 || !whole_is_shown || parts.iter().any(|part| *part >= count) {
            continue;
        }
        parts.sort_unstable();
        if seen.contains(&parts) {
            continue;
        }
        seen.insert(parts.clone());
        if let Some(level) = judge(&together(table, &parts)) {
            unions.push(Union { parts, level });
        }
    }
    unions
}

impl Union {
    /// Makes the union a hidden cell of the problem with a demand of its own.
    pub fn demand_in(&self, problem: &mut Problem) {
        let at = problem.cells.len() as u32;
        let parts = || self.parts.iter().map(|part| &problem.cells[*part as usize]);
        let value = parts().map(|part| part.value).sum();
        let least = parts().map(|part| part.least).sum::<Option<i128>>();
        let mut sums: BTreeMap<u32, i128> = BTreeMap::new();
        parts().flat_map(|part| &part.shares).for_each(|share| *sums.entry(share.contributor).or_default() += share.amount);
        let mut shares: Vec<Share> = sums.into_iter().map(|(contributor, amount)| Share { contributor, amount }).collect();
        shares.sort_by(|a, b| b.amount.cmp(&a.amount).then(a.contributor.cmp(&b.contributor)));
        shares.truncate(SHARES);
        let contributors = parts().map(|part| part.contributors).sum();
        problem.cells.push(Cell { least, shares, contributors, ..Cell::plain(value, 1.0, Fate::Hidden) });
        problem.equations.push(Equation::sum(at, &self.parts));
        problem.demands.push(Demand { cell: at, level: self.level, known: Vec::new() });
    }
}

/// What the rules look at in the sum of the cells. A contributor of several cells is counted and ranked once, as far as contributors are
/// known by name.
fn together(table: &CellTable, parts: &[u32]) -> Stats {
    let mut stats = Stats::default();
    let mut named: BTreeMap<u32, i64> = BTreeMap::new();
    let mut largest: Vec<i64> = Vec::new();
    let mut twice = 0;
    for part in parts {
        let row = &table.cells[*part as usize];
        stats.units += row.stats.units;
        stats.total += row.stats.total;
        stats.absolute += row.stats.absolute;
        stats.contributors += row.stats.contributors;
        for (contributor, amount) in &row.shares {
            let sum = named.entry(*contributor).or_insert_with(|| {
                twice -= 1;
                0
            });
            twice += 1;
            *sum = sum.saturating_add(*amount);
        }
        if row.shares.is_empty() {
            largest.extend(row.stats.largest.iter().filter(|amount| **amount > 0));
        }
    }
    stats.contributors = stats.contributors.saturating_sub(u64::try_from(twice).unwrap_or(0));
    largest.extend(named.into_values());
    largest.sort_unstable_by(|a, b| b.cmp(a));
    for (slot, amount) in stats.largest.iter_mut().zip(largest) {
        *slot = amount;
    }
    stats
}

#[cfg(test)]
mod tests {
    use super::super::records::{Record, tabulate};
    use super::super::system::{Cost, judge, problem};
    use super::super::table::Dimension;
    use super::*;
    use crate::disclosure::assess::judge_cell;
    use crate::disclosure::problem::Attackers;
    use crate::disclosure::profile::Profile;
    use crate::disclosure::suppress::search::{Method, Options, solve};

    /// Two cells of one firm each, of the same size, and two large safe ones.
    fn table() -> CellTable {
        let mut records = vec![("a", "x", 100), ("b", "y", 100)];
        records.extend((0..12).map(|_| ("c", "", 90)));
        records.extend((0..12).map(|_| ("d", "", 80)));
        let record = |(code, holding, value): (&str, &str, i64)| Record {
            codes: vec![code.to_owned()],
            holding: (!holding.is_empty()).then(|| holding.to_owned()),
            value: value * crate::amount::SCALE,
            weight: None,
        };
        let records: Vec<Record> = records.into_iter().map(record).collect();
        tabulate("turnover", vec![Dimension::flat("sector", ["a", "b", "c", "d"])], &records).unwrap()
    }

    #[test]
    fn two_single_firms_do_not_protect_each_other() {
        let profile = Profile::parse("name='p'\nversion='1'\ntitle='p'\nsource='x'\nzero='safe'\n[p_percent]\np=10\n").unwrap();
        let table = table();
        let mut problem = problem(&table, &judge(&table, &profile), Cost::Value);
        let options = Options { method: Method::Exact, attackers: Attackers::Outsiders, seconds_max: None };
        let level = |stats: &Stats| {
            let verdict = judge_cell(stats, true, false, &profile);
            verdict.is_unsafe().then(|| verdict.level(false).unwrap_or_default())
        };
        let before = solve(&problem, &options).unwrap();
        assert_eq!(before.cost, 0.0);
        let unions = open(&table, &problem, &before.withheld, &level);
        assert_eq!(unions.len(), 1);
        assert_eq!(unions[0].level.upper, 10 * i128::from(crate::amount::SCALE));
        unions[0].demand_in(&mut problem);
        let after = solve(&problem, &options).unwrap();
        assert!(after.cost > 0.0);
        assert!(open(&table, &problem, &after.withheld, &level).is_empty());
    }
}
