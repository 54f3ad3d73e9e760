//! Unions: the withheld parts of a shown sum are known together, although no table prints their sum, and so is what follows from several
//! such sums; where a union is unsafe, it is a cell to protect like any other.

use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};

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

/// Cells of a union up to which others are sought that follow from it, and cells of those.
const FOLLOWED_MAX: usize = 12;
const FOLLOWING_MAX: usize = 3;
/// Unions that are sought, in multiples of the sums.
const UNIONS_MAX: usize = 64;

/// Every unsafe union of a pattern that the problem does not demand yet; `judge` gives the level of what is unsafe.
pub fn open(table: &CellTable, problem: &Problem, withheld: &[bool], judge: &dyn Fn(&Stats) -> Option<Level>) -> Vec<Union> {
    let count = table.cells.len();
    let demanded = demanded(count, problem);
    let new = known(count, problem, withheld).into_iter().filter(|parts| !demanded.contains(parts));
    new.filter_map(|parts| judge(&together(table, &parts)).map(|level| Union { parts, level })).collect()
}

/// Unions that stand in the problem already: sums that are cells beyond the `count` of the table.
pub fn demanded(count: usize, problem: &Problem) -> HashSet<Vec<u32>> {
    let beyond = problem.equations.iter().filter(|equation| is_beyond(count, equation));
    let parts = beyond.map(|equation| {
        let mut parts: Vec<u32> = equation.terms[1..].iter().map(|(cell, _)| *cell).collect();
        parts.sort_unstable();
        parts
    });
    parts.collect()
}

fn is_beyond(count: usize, equation: &Equation) -> bool {
    equation.terms[0].0 as usize >= count && equation.terms[0].1 < 0.0
}

/// Every set of at least two withheld cells of the table whose sum is as good as shown, in the order in which they are found.
pub fn known(count: usize, problem: &Problem, withheld: &[bool]) -> Vec<Vec<u32>> {
    let mut unions = Unions::default();
    let mut parts_of: HashMap<u32, Vec<Vec<u32>>> = HashMap::new();
    for equation in problem.equations.iter().filter(|equation| equation.is_exact() && !is_beyond(count, equation)) {
        let hidden = |whole: bool| {
            let mine = equation.terms.iter().filter(|(cell, factor)| (*factor < 0.0) == whole && withheld[*cell as usize]);
            let mut cells: Vec<u32> = mine.map(|(cell, _)| *cell).collect();
            cells.sort_unstable();
            cells
        };
        let (wholes, parts) = (hidden(true), hidden(false));
        if equation.terms.iter().any(|(_, factor)| factor.abs() != 1.0) {
            continue;
        }
        match wholes.as_slice() {
            [] => unions.add(parts),
            [whole] if parts.is_empty() => unions.add(vec![*whole]),
            [whole] if parts.len() <= FOLLOWED_MAX => parts_of.entry(*whole).or_default().push(parts),
            _ => {}
        }
    }
    unions.follow(&parts_of, UNIONS_MAX * problem.equations.len().max(1));
    unions.all.retain(|union| union.len() > 1);
    unions.all
}

/// Unions in the making.
#[derive(Default)]
struct Unions {
    all: Vec<Vec<u32>>,
    seen: HashSet<Vec<u32>>,
    /// Unions of every cell.
    of: HashMap<u32, Vec<usize>>,
}

impl Unions {
    fn add(&mut self, union: Vec<u32>) {
        if !union.is_empty() && self.seen.insert(union.clone()) {
            union.iter().for_each(|cell| self.of.entry(*cell).or_default().push(self.all.len()));
            self.all.push(union);
        }
    }

    /// Adds what follows: a withheld part is the sum of what is withheld of it, and of two unions, one within the other, the rest is known.
    fn follow(&mut self, parts_of: &HashMap<u32, Vec<Vec<u32>>>, most: usize) {
        let mut next = 0;
        while next < self.all.len() {
            let union = self.all[next].clone();
            next += 1;
            if union.len() > FOLLOWED_MAX {
                continue;
            }
            let mut found: Vec<Vec<u32>> = Vec::new();
            for cell in &union {
                for parts in parts_of.get(cell).into_iter().flatten() {
                    let mut split = union.clone();
                    split.retain(|other| other != cell);
                    if parts.iter().all(|part| !split.contains(part)) {
                        split.extend(parts);
                        split.sort_unstable();
                        found.push(split);
                    }
                }
                for other in self.of.get(cell).into_iter().flatten().map(|at| &self.all[*at]) {
                    let (small, large) = if other.len() < union.len() { (other, &union) } else { (&union, other) };
                    let rest: Vec<u32> = large.iter().copied().filter(|cell| !small.contains(cell)).collect();
                    if rest.len() + small.len() == large.len() {
                        found.push(rest);
                    }
                }
            }
            for new in found.into_iter().filter(|new| new.len() <= FOLLOWING_MAX) {
                if self.all.len() < most {
                    self.add(new);
                }
            }
        }
    }
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
pub fn together(table: &CellTable, parts: &[u32]) -> Stats {
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
    use std::collections::BTreeSet;

    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::super::hierarchy::Hierarchy;
    use super::super::system::{Cost, judge, problem, with_levels};
    use super::super::table::Dimension;
    use super::*;
    use crate::disclosure::assess::judge_cell;
    use crate::disclosure::audit::attack::known_sums;
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

    /// What the search and the audit, each with code of its own, take to be known in random patterns.
    #[test]
    fn the_audit_knows_the_same_sums() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let (mut several, mut derived) = (0, 0);
        for _ in 0..300 {
            let sector = Hierarchy::indented("a\n@a1\n@a2\n@a3\nb\n@b1\n@b2\n", "@").unwrap();
            let dimensions = vec![Dimension::nested("sector", &sector), Dimension::flat("size", ["s", "m", "l"])];
            let record = |_| Record {
                codes: vec![
                    ["a1", "a2", "a3", "b1", "b2"][random.random_range(0..5)].into(),
                    ["s", "m", "l"][random.random_range(0..3)].into(),
                ],
                holding: None,
                value: 10_000,
                weight: None,
            };
            let records: Vec<Record> = (0..40).map(record).collect();
            let table = tabulate("turnover", dimensions, &records).unwrap();
            let problem = with_levels(&table, &vec![None; table.cells.len()], Cost::Cells);
            let withheld: Vec<bool> = (0..problem.cells.len()).map(|_| random.random_bool(0.35)).collect();
            let here: BTreeSet<Vec<u32>> = known(table.cells.len(), &problem, &withheld).into_iter().collect();
            let there = known_sums(&problem, &withheld);
            assert_eq!(here, there);
            several += usize::from(here.len() > 1);
            derived += usize::from(here.len() > problem.equations.len() / 2);
        }
        assert!(several > 200 && derived > 20, "{several} patterns with several sums, {derived} with many");
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
