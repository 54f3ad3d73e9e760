//! A column is coarser than another when every code of the other goes with one code of it: then it gives sums of the other's codes.

use std::collections::BTreeMap;

use crate::cells::table::{Dimension, Sum, TOTAL};
use crate::registers::texts::{TextColumn, Texts};

/// Which texts of a column stand for the total.
pub(super) type Totals = Vec<bool>;

/// Columns of one variable, the finest first, and those that only repeat another.
pub(super) struct Grouped {
    pub groups: Vec<Vec<usize>>,
    /// Column, and the column whose codes it names once more.
    pub labels: Vec<(usize, usize)>,
    /// Columns with the same code on every row.
    pub constant: Vec<usize>,
}

/// Puts columns together that are one variable.
pub(super) fn group(texts: &Texts, columns: &[usize], totals: &[Totals]) -> Grouped {
    let distinct = |at: usize| totals[at].iter().filter(|total| !**total).count();
    let goes_with = |fine: usize, coarse: usize| function(texts, fine, coarse, &totals[fine]).is_some();
    let mut grouped = Grouped { groups: Vec::new(), labels: Vec::new(), constant: Vec::new() };
    let constant = |at: &usize| columns.len() > 1 && texts.rows > 1 && texts.columns[*at].texts.len() == 1 && distinct(*at) == 1;
    let (constant, mut open): (Vec<usize>, Vec<usize>) = columns.iter().partition(|at| constant(at));
    grouped.constant = constant;
    for at in open.clone() {
        let same = open
            .iter()
            .take_while(|other| **other != at)
            .find(|other| distinct(**other) == distinct(at) && goes_with(**other, at) && goes_with(at, **other));
        if let Some(same) = same.copied() {
            grouped.labels.push((at, same));
            open.retain(|other| *other != at);
        }
    }
    let coarser = |fine: usize, coarse: usize| fine != coarse && distinct(coarse) < distinct(fine) && goes_with(fine, coarse);
    let finest: Vec<usize> = open.iter().copied().filter(|at| !open.iter().any(|other| coarser(*other, *at))).collect();
    let mut placed: Vec<usize> = finest.clone();
    for fine in &finest {
        let mut own: Vec<usize> = open.iter().copied().filter(|at| !placed.contains(at) && coarser(*fine, *at)).collect();
        placed.extend(&own);
        own.sort_by_key(|at| std::cmp::Reverse(distinct(*at)));
        own.insert(0, *fine);
        grouped.groups.push(own);
    }
    grouped
}

/// For every text of `fine` the text of `coarse` that it always goes with; rows where `fine` is the total say nothing.
fn function(texts: &Texts, fine: usize, coarse: usize, totals: &[bool]) -> Option<Vec<Option<u32>>> {
    first_conflict(texts, fine, coarse, totals).ok()
}

/// The same, or the first row that goes against it.
pub(super) fn first_conflict(texts: &Texts, fine: usize, coarse: usize, totals: &[bool]) -> Result<Vec<Option<u32>>, usize> {
    let (fine, coarse): (&TextColumn, &TextColumn) = (&texts.columns[fine], &texts.columns[coarse]);
    let mut map: Vec<Option<u32>> = vec![None; fine.texts.len()];
    for row in 0..texts.rows {
        let at = fine.at[row] as usize;
        if totals[at] {
            continue;
        }
        match map[at] {
            None => map[at] = Some(coarse.at[row]),
            Some(known) if known != coarse.at[row] => return Err(row),
            Some(_) => {}
        }
    }
    Ok(map)
}

/// The dimension of a group, and for every column of it the code of each of its texts.
pub(super) fn dimension(texts: &Texts, group: &[usize], totals: &[Totals]) -> (Dimension, Vec<Vec<u32>>) {
    let name = &texts.columns[group[0]].name;
    let mut building = Building { dimension: Dimension::new(name), members: vec![Vec::new()], at: BTreeMap::new() };
    let mut codes: Vec<Vec<u32>> = vec![building.fine(&texts.columns[group[0]], &totals[group[0]])];
    for (at, column) in group.iter().enumerate().skip(1) {
        // The next finer column gives the parts: of those that go with this one, the one with the fewest codes.
        let finer =
            (1..at).rev().find(|finer| function(texts, group[*finer], *column, &totals[group[*finer]]).is_some()).unwrap_or(0);
        let map = |fine: usize| function(texts, group[fine], *column, &totals[group[fine]]).unwrap_or_default();
        let (members, parts) = (below(&codes[0], &map(0)), below(&codes[finer], &map(finer)));
        codes.push(building.coarse(&texts.columns[*column], &totals[*column], members, parts));
    }
    let above = |at: usize| (at + 1..group.len()).any(|up| function(texts, group[at], group[up], &totals[group[at]]).is_some());
    let tops: Vec<usize> = (1..group.len()).filter(|at| !above(*at)).collect();
    for top in &tops {
        let map = function(texts, group[0], group[*top], &totals[group[0]]).unwrap_or_default();
        let outside = |(text, code): (usize, &u32)| {
            map.get(text).copied().flatten().is_some_and(|up| codes[*top][up as usize] == TOTAL).then_some(*code)
        };
        let lone: Vec<u32> = codes[0].iter().enumerate().filter_map(outside).collect();
        building.total(codes[*top].iter().copied().chain(lone));
    }
    if tops.is_empty() {
        building.total(codes[0].iter().copied());
    }
    (building.dimension, codes)
}

struct Building {
    dimension: Dimension,
    /// Per code the innermost codes it consists of, ascending.
    members: Vec<Vec<u32>>,
    at: BTreeMap<String, u32>,
}

impl Building {
    fn add(&mut self, name: String, members: Option<Vec<u32>>) -> u32 {
        let code = self.dimension.codes.len() as u32;
        self.members.push(members.unwrap_or_else(|| vec![code]));
        self.at.insert(name.clone(), code);
        self.dimension.codes.push(name);
        code
    }

    fn fine(&mut self, column: &TextColumn, totals: &[bool]) -> Vec<u32> {
        let mut codes = vec![TOTAL; column.texts.len()];
        for at in sorted(column) {
            if !totals[at] {
                codes[at] = self.add(column.texts[at].clone(), None);
            }
        }
        codes
    }

    /// A text that is a code already is that code when nothing else is a part of it; otherwise it gets the name of its column.
    fn coarse(&mut self, column: &TextColumn, totals: &[bool], mut members: Below, mut parts: Below) -> Vec<u32> {
        let mut codes = vec![TOTAL; column.texts.len()];
        for at in sorted(column) {
            if totals[at] {
                continue;
            }
            let of = |all: &mut Below| all.remove(&(at as u32)).unwrap_or_default();
            let (members, parts) = (of(&mut members), of(&mut parts));
            let mut name = column.texts[at].clone();
            let same = |code: &u32| self.members[*code as usize] == members && parts.iter().all(|part| part == code);
            if let Some(code) = self.at.get(&name).copied().filter(same) {
                codes[at] = code;
                continue;
            }
            while self.at.contains_key(&name) {
                name = format!("{}={name}", column.name);
            }
            codes[at] = self.add(name, Some(members));
            if !parts.is_empty() {
                self.dimension.sums.push(Sum { whole: codes[at], parts });
            }
        }
        codes
    }

    fn total(&mut self, parts: impl Iterator<Item = u32>) {
        let mut parts: Vec<u32> = parts.filter(|code| *code != TOTAL).collect();
        parts.sort_unstable();
        parts.dedup();
        if !parts.is_empty() {
            self.dimension.sums.push(Sum { whole: TOTAL, parts });
        }
    }
}

/// For every text of a coarser column the codes that go with it, ascending.
type Below = BTreeMap<u32, Vec<u32>>;

fn below(codes: &[u32], map: &[Option<u32>]) -> Below {
    let mut all = Below::new();
    for (code, up) in codes.iter().zip(map).filter(|(code, _)| **code != TOTAL) {
        up.iter().for_each(|up| all.entry(*up).or_default().push(*code));
    }
    all.values_mut().for_each(|codes| {
        codes.sort_unstable();
        codes.dedup();
    });
    all
}

/// Places of the texts in alphabetical order, so that the order of rows changes nothing.
fn sorted(column: &TextColumn) -> Vec<usize> {
    let mut order: Vec<usize> = (0..column.texts.len()).collect();
    order.sort_by(|a, b| column.texts[*a].cmp(&column.texts[*b]));
    order
}
