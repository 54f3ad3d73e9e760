//! Small problems whose answer can be told by hand, solved and attacked.

use super::audit::attack::{Ends, Leak, attack};
use super::problem::{Attackers, Cell, Demand, Equation, Fate, Problem, Ruled, Share};
use super::rules::Level;
use super::suppress::search::{Method, Options, Stuck, solve};

const EXACT: Options = Options { method: Method::Exact, attackers: Attackers::Outsiders, seconds_max: None };
const FAST: Options = Options { method: Method::Fast, ..EXACT };

/// A row: the total first, then its parts; unsafe parts stay uncertain by one.
fn row(parts: &[(i128, bool)]) -> Problem {
    let total = parts.iter().map(|(value, _)| value).sum();
    let mut problem = Problem { whole: true, cells: vec![Cell::plain(total, 100.0, Fate::Free)], ..Problem::default() };
    for (value, is_unsafe) in parts {
        let fate = if *is_unsafe { Fate::Hidden } else { Fate::Free };
        if *is_unsafe {
            let level = Level { lower: 1, upper: 1 };
            problem.demands.push(Demand { cell: problem.cells.len() as u32, level, known: Vec::new() });
        }
        problem.cells.push(Cell::plain(*value, *value as f64, fate));
    }
    let all: Vec<u32> = (1..problem.cells.len() as u32).collect();
    problem.equations.push(Equation::sum(0, &all));
    problem
}

fn withheld(problem: &Problem, options: &Options) -> Vec<usize> {
    let pattern = solve(problem, options).unwrap();
    let report = attack(problem, &pattern.withheld, &pattern.witnesses, options.attackers, Ends::AsFarAsLevel);
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    (0..problem.cells.len()).filter(|cell| pattern.withheld[*cell]).collect()
}

#[test]
fn the_cheapest_part_is_withheld_beside_an_unsafe_one() {
    for options in [EXACT, FAST] {
        assert_eq!(withheld(&row(&[(3, true), (40, false), (20, false)]), &options), [1, 3]);
    }
}

#[test]
fn two_small_numbers_that_add_up_to_eighteen_are_both_nine_to_who_knows_the_rules() {
    let mut problem = row(&[(9, true), (9, true), (40, false), (20, false)]);
    assert_eq!(withheld(&problem, &EXACT), [1, 2]);
    problem.ruled = [1, 2].map(|cell| Ruled { cell, least: 1, most: 9, guarded: true }).to_vec();
    let only_small: Vec<bool> = (0..problem.cells.len()).map(|cell| cell == 1 || cell == 2).collect();
    let report = attack(&problem, &only_small, &[], Attackers::Outsiders, Ends::AsFarAsLevel);
    assert_eq!(report.findings.iter().map(|finding| finding.leak).collect::<Vec<_>>(), [Leak::ByRules, Leak::ByRules]);
    for options in [EXACT, FAST] {
        assert_eq!(withheld(&problem, &options), [1, 2, 4]);
    }
}

#[test]
fn who_owns_one_of_two_withheld_parts_must_not_learn_the_other() {
    let mut problem = row(&[(5, true), (5, true), (40, false), (20, false)]);
    for (cell, owner) in [(1, 7), (2, 8)] {
        problem.cells[cell].contributors = 1;
        problem.cells[cell].shares = vec![Share { contributor: owner, amount: 5 }];
    }
    assert_eq!(withheld(&problem, &EXACT), [1, 2]);
    for method in [Method::Exact, Method::Fast] {
        let options = Options { method, attackers: Attackers::Contributors, seconds_max: None };
        assert_eq!(withheld(&problem, &options), [1, 2, 4]);
    }
}

#[test]
fn rounding_that_is_coarse_enough_needs_nothing_withheld() {
    let mut problem = row(&[(3, true), (40, false), (20, false)]);
    problem.cells.iter_mut().for_each(|cell| cell.half_width = 2);
    assert_eq!(withheld(&problem, &FAST), [1]);
    assert_eq!(solve(&problem, &EXACT).unwrap().cost, 0.0);
}

#[test]
fn classes_that_differ_by_one_cut_are_protected_together() {
    // {0-1, 2-9} in one table and {0-9} in another, over the same units.
    let mut problem = row(&[(3, true), (40, false), (60, false)]);
    let both = problem.cells.len() as u32;
    problem.cells.push(Cell::plain(43, 43.0, Fate::Free));
    problem.equations.push(Equation::sum(both, &[1, 2]));
    let pattern = withheld(&problem, &EXACT);
    assert!(pattern.contains(&(both as usize)) || pattern.contains(&2));
    let mut only = vec![false; problem.cells.len()];
    (only[1], only[3]) = (true, true);
    let report = attack(&problem, &only, &[], Attackers::Outsiders, Ends::AsFarAsLevel);
    assert_eq!(report.findings[0].leak, Leak::Recovered);
    assert_eq!(report.findings[0].combination, [(-1.0, 2), (1.0, both)]);
}

#[test]
fn what_cannot_be_protected_is_named() {
    let mut problem = row(&[(3, true), (40, false)]);
    problem.cells[0].fate = Fate::Shown;
    problem.cells[2].fate = Fate::Shown;
    assert_eq!(solve(&problem, &FAST).err(), Some(Stuck { cells: vec![1] }));
}

/// Numbers of units of a total and three parts, of which the first is unsafe; of each the given amounts are printed, with what it costs to
/// withhold them, and no number by itself.
fn told_by_amounts(costs: [&[f64]; 4]) -> Problem {
    let mut problem = row(&[(5, true), (40, false), (20, false)]);
    problem.cells.iter_mut().for_each(|cell| (cell.fate, cell.cost) = (Fate::Hidden, 0.0));
    for (number, costs) in (0..).zip(costs) {
        let first = problem.cells.len() as u32;
        let amounts: Vec<u32> = (first..first + costs.len() as u32).collect();
        problem.cells.extend(costs.iter().map(|cost| Cell::plain(1_000, *cost, Fate::Free)));
        problem.amounts.extend(&amounts);
        problem.tied.insert(number, amounts);
    }
    problem
}

#[test]
fn a_number_is_unknown_when_all_that_tells_it_is_withheld() {
    for options in [EXACT, FAST] {
        let withheld = |costs| {
            let pattern = solve(&told_by_amounts(costs), &options).unwrap();
            ((0..pattern.withheld.len()).filter(|cell| pattern.withheld[*cell]).collect::<Vec<_>>(), pattern.cost)
        };
        assert_eq!(withheld([&[100.0], &[], &[40.0], &[20.0]]), (vec![1, 3, 6], 20.0));
        assert_eq!(withheld([&[100.0], &[], &[40.0], &[20.0, 30.0]]), (vec![1, 2, 5], 40.0));
        assert_eq!(withheld([&[9.0, 9.0], &[], &[40.0], &[20.0, 30.0]]), (vec![0, 1, 4, 5], 18.0));
    }
}
