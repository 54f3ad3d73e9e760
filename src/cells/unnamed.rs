//! Contributors without a name: who is alone in a cell, and who makes up a sum of such cells, follows from the table all the same.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::table::{CellTable, Relation};
use crate::disclosure::problem::{Problem, SHARES, Share};

/// Cells with one contributor without a name: it has a number of its own, the same in cells that hold nobody else.
fn owners(table: &CellTable) -> Vec<(usize, u32)> {
    let alone = |at: usize| table.cells[at].stats.contributors == 1 && table.cells[at].shares.is_empty();
    let mut same: HashMap<usize, usize> = HashMap::new();
    for relation in table.relations().into_iter().filter(|relation| alone(relation.whole)) {
        let parts: Vec<usize> = relation.parts.iter().copied().filter(|part| table.cells[*part].stats.contributors > 0).collect();
        if let [only] = parts.as_slice()
            && alone(*only)
        {
            let (a, b) = (root(&same, relation.whole), root(&same, *only));
            if a != b {
                same.insert(a.max(b), a.min(b));
            }
        }
    }
    let first = table.cells.iter().flat_map(|cell| cell.shares.iter().map(|(contributor, _)| contributor + 1)).max().unwrap_or(0);
    (0..table.cells.len()).filter(|at| alone(*at)).map(|at| (at, first + root(&same, at) as u32)).collect()
}

/// Who has what in cells whose contributors have no names, as far as it follows: single contributors, those of the parts where the parts
/// hold them all, and else who has more than half because a part says so.
pub(super) fn shares(table: &CellTable, problem: &Problem) -> BTreeMap<usize, Vec<Share>> {
    let alone = |(at, contributor): (usize, u32)| (at, vec![Share { contributor, amount: problem.cells[at].value.abs() }]);
    let mut shares: BTreeMap<usize, Vec<Share>> = owners(table).into_iter().map(alone).collect();
    let nameless = |relation: &Relation| table.cells[relation.whole].shares.is_empty();
    let relations: Vec<Relation> = table.relations().into_iter().filter(nameless).collect();
    loop {
        let before = shares.len();
        for relation in &relations {
            if shares.contains_key(&relation.whole) {
                continue;
            }
            let known = of_parts(table, &shares, relation, problem.cells[relation.whole].value);
            known.into_iter().for_each(|known| {
                shares.insert(relation.whole, known);
            });
        }
        if shares.len() == before {
            return shares;
        }
    }
}

/// The shares that are known of the parts, where they are all there are, or the one of more than half.
fn of_parts(table: &CellTable, shares: &BTreeMap<usize, Vec<Share>>, relation: &Relation, value: i128) -> Option<Vec<Share>> {
    let parts = || relation.parts.iter().filter(|part| table.cells[**part].stats.contributors > 0);
    let mut together: BTreeMap<u32, i128> = BTreeMap::new();
    for share in parts().filter_map(|part| shares.get(part)).flatten() {
        *together.entry(share.contributor).or_default() += share.amount;
    }
    let mut all: Vec<Share> = together.into_iter().map(|(contributor, amount)| Share { contributor, amount }).collect();
    all.sort_by(|a, b| b.amount.cmp(&a.amount).then(a.contributor.cmp(&b.contributor)));
    let contributors = table.cells[relation.whole].stats.contributors;
    let is_whole = all.len() as u64 == contributors && all.len() <= SHARES && parts().all(|part| shares.contains_key(part));
    if !is_whole {
        all.retain(|share| table.nonnegative && 2 * share.amount > value);
    }
    (!all.is_empty()).then_some(all)
}

fn root(same: &HashMap<usize, usize>, mut at: usize) -> usize {
    while let Some(next) = same.get(&at) {
        at = *next;
    }
    at
}
