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
    for column in &group[1..] {
        let map = function(texts, group[0], *column, &totals[group[0]]).unwrap_or_default();
        codes.push(building.coarse(&texts.columns[*column], &totals[*column], &map, &codes[0]));
    }
    for (at, column) in group.iter().enumerate().skip(1) {
        // The next finer column gives the parts: of those that go with this one, the one with the fewest codes.
        let finer =
            (1..at).rev().find(|finer| function(texts, group[*finer], *column, &totals[group[*finer]]).is_some()).unwrap_or(0);
        let map = function(texts, group[finer], *column, &totals[group[finer]]).unwrap_or_default();
        building.sums(&codes[finer], &codes[at], &map);
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

    /// A text that is a code already, with the same innermost codes, is the same code; with others it gets the name of its column.
    fn coarse(&mut self, column: &TextColumn, totals: &[bool], map: &[Option<u32>], fine: &[u32]) -> Vec<u32> {
        let mut codes = vec![TOTAL; column.texts.len()];
        for at in sorted(column) {
            if totals[at] {
                continue;
            }
            let members =
                (0..map.len()).filter(|text| map[*text] == Some(at as u32) && fine[*text] != TOTAL).map(|text| fine[text]);
            let mut members: Vec<u32> = members.collect();
            members.sort_unstable();
            let text = column.texts[at].clone();
            codes[at] = match self.at.get(&text) {
                Some(code) if self.members[*code as usize] == members => *code,
                Some(_) => self.add(format!("{}={text}", column.name), Some(members)),
                None => self.add(text, Some(members)),
            };
        }
        codes
    }

    fn sums(&mut self, finer: &[u32], coarse: &[u32], map: &[Option<u32>]) {
        let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (text, up) in map.iter().enumerate() {
            let whole = up.map_or(TOTAL, |up| coarse[up as usize]);
            if whole != TOTAL && finer[text] != TOTAL && finer[text] != whole {
                parts.entry(whole).or_default().push(finer[text]);
            }
        }
        for (whole, mut parts) in parts {
            parts.sort_unstable();
            parts.dedup();
            self.dimension.sums.push(Sum { whole, parts });
        }
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

/// Places of the texts in alphabetical order, so that the order of rows changes nothing.
fn sorted(column: &TextColumn) -> Vec<usize> {
    let mut order: Vec<usize> = (0..column.texts.len()).collect();
    order.sort_by(|a, b| column.texts[*a].cmp(&column.texts[*b]));
    order
}
