//! Sums of withheld cells that are as good as shown, although no table prints them: what is withheld of a shown sum, the same with a
//! withheld part replaced by what is withheld of that part, and the difference of two such sums of which one contains the other.

use std::collections::BTreeSet;

use crate::disclosure::problem::Problem;

/// Cells of a sum up to which others are worked out from it, and cells of those.
const USED_MAX: usize = 12;
const DERIVED_MAX: usize = 3;
/// Sums that are followed, in multiples of the equations.
const SUMS_MAX: usize = 64;

/// Sets of at least two withheld cells, each ascending, whose sum is known.
pub fn known_sums(problem: &Problem, withheld: &[bool]) -> BTreeSet<Vec<u32>> {
    let rows: Vec<Row> =
        problem.equations.iter().filter(|equation| equation.is_exact()).filter_map(|e| row(&e.terms, withheld)).collect();
    let mut known: BTreeSet<Vec<u32>> = rows.iter().filter(|row| row.minus.is_empty()).map(|row| row.plus.clone()).collect();
    let most = SUMS_MAX * problem.equations.len().max(1);
    let mut rows_of: Vec<Vec<usize>> = vec![Vec::new(); problem.cells.len()];
    for (at, row) in rows.iter().enumerate().filter(|(_, row)| row.minus.len() == 1 && row.plus.len() <= USED_MAX) {
        rows_of[row.minus[0] as usize].push(at);
    }
    let mut sets_of: Vec<BTreeSet<Vec<u32>>> = vec![BTreeSet::new(); problem.cells.len()];
    let mut waiting: Vec<Vec<u32>> = known.iter().filter(|set| set.len() <= USED_MAX).cloned().collect();
    while let Some(set) = waiting.pop() {
        let mut derived: Vec<Vec<u32>> = Vec::new();
        for cell in &set {
            derived.extend(rows_of[*cell as usize].iter().filter_map(|at| replaced(&set, *cell, &rows[*at].plus)));
        }
        let near: BTreeSet<&Vec<u32>> = set.iter().flat_map(|cell| &sets_of[*cell as usize]).collect();
        derived.extend(near.into_iter().filter_map(|other| difference(&set, other).or_else(|| difference(other, &set))));
        for cell in &set {
            sets_of[*cell as usize].insert(set.clone());
        }
        derived.retain(|new| new.len() <= DERIVED_MAX);
        for new in derived {
            if known.len() < most && known.insert(new.clone()) {
                waiting.push(new);
            }
        }
    }
    known.retain(|set| set.len() > 1);
    known
}

/// The withheld cells of an equation, by the side on which they stand; one side has the most.
struct Row {
    plus: Vec<u32>,
    minus: Vec<u32>,
}

fn row(terms: &[(u32, f64)], withheld: &[bool]) -> Option<Row> {
    let hidden = || terms.iter().filter(|(cell, _)| withheld[*cell as usize]);
    let alike = hidden().all(|(_, factor)| factor.abs() == 1.0);
    let side = |sign: f64| {
        let mut cells: Vec<u32> = hidden().filter(|(_, factor)| factor * sign > 0.0).map(|(cell, _)| *cell).collect();
        cells.sort_unstable();
        cells
    };
    let (plus, minus) = (side(1.0), side(-1.0));
    let (plus, minus) = if plus.is_empty() { (minus, plus) } else { (plus, minus) };
    (alike && !plus.is_empty()).then_some(Row { plus, minus })
}

/// The set with a cell replaced by its parts; none when it contains one of them already.
fn replaced(set: &[u32], cell: u32, parts: &[u32]) -> Option<Vec<u32>> {
    let mut all: Vec<u32> = set.iter().copied().filter(|other| *other != cell).chain(parts.iter().copied()).collect();
    all.sort_unstable();
    let count = all.len();
    all.dedup();
    (all.len() == count).then_some(all)
}

/// What the larger set has beyond the smaller, which it contains.
fn difference(larger: &[u32], smaller: &[u32]) -> Option<Vec<u32>> {
    let contains = larger.len() > smaller.len() && smaller.iter().all(|cell| larger.binary_search(cell).is_ok());
    contains.then(|| larger.iter().copied().filter(|cell| smaller.binary_search(cell).is_err()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disclosure::problem::{Cell, Equation, Fate};

    fn problem(cells: usize, equations: Vec<Equation>) -> Problem {
        Problem { cells: vec![Cell::plain(1, 1.0, Fate::Free); cells], equations, ..Problem::default() }
    }

    #[test]
    fn what_is_withheld_of_a_shown_sum_is_known() {
        let problem = problem(4, vec![Equation::sum(0, &[1, 2, 3])]);
        assert_eq!(known_sums(&problem, &[false, true, false, true]), BTreeSet::from([vec![1, 3]]));
        assert!(known_sums(&problem, &[true, true, false, true]).is_empty());
    }

    #[test]
    fn a_withheld_part_is_followed_into_its_own_parts() {
        // 0 = 1 + 2, 1 = 3 + 4, 2 = 5 + 6; of each part one cell is withheld.
        let sums = vec![Equation::sum(0, &[1, 2]), Equation::sum(1, &[3, 4]), Equation::sum(2, &[5, 6])];
        let known = known_sums(&problem(7, sums), &[false, true, true, true, false, false, true]);
        assert!(known.contains(&vec![3, 6]), "{known:?}");
    }

    #[test]
    fn a_sum_within_another_gives_the_rest() {
        let sums = vec![Equation::sum(0, &[2, 3, 4, 5]), Equation::sum(1, &[2, 3])];
        let known = known_sums(&problem(6, sums), &[false, false, true, true, true, true]);
        assert!(known.contains(&vec![4, 5]), "{known:?}");
    }
}
