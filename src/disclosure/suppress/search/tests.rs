//! Boxes around cells of tables of three ways.

use super::allowance::{Allowance, Allowances, Outcome};
use super::bench::{Bench, More};
use super::bounds;
use super::boxes::{Boxes, around};
use super::claims::{Claim, Side, claims};
use super::ground::Ground;
use super::ledger::Ledger;
use super::motion::Motions;
use super::region::{Region, State};
use crate::disclosure::problem::{Attackers, Cell, Demand, Equation, Fate, Problem, Share, Witness};
use crate::disclosure::rules::Level;

/// Codes of every way: the total, then its parts.
const CODES: u32 = 4;

fn at(way: [u32; 3]) -> u32 {
    (way[0] * CODES + way[1]) * CODES + way[2]
}

/// Three ways with totals that are shown; `value` tells the innermost cells.
fn cube(whole: bool, value: impl Fn([u32; 3]) -> i128) -> Problem {
    let mut problem = Problem { whole, ..Problem::default() };
    let codes = || 0..CODES;
    for way in codes().flat_map(|a| codes().flat_map(move |b| codes().map(move |c| [a, b, c]))) {
        let parts = |code: u32| if code == 0 { 1..CODES } else { code..code + 1 };
        let inner = parts(way[0]).flat_map(|a| parts(way[1]).flat_map(move |b| parts(way[2]).map(move |c| [a, b, c])));
        let sum: i128 = inner.map(&value).sum();
        let fate = if way.contains(&0) { Fate::Shown } else { Fate::Free };
        problem.cells.push(Cell::plain(sum, 1.0 + sum as f64, fate));
        for dimension in (0..3).filter(|dimension| way[*dimension] == 0) {
            let part = |code| {
                let mut part = way;
                part[dimension] = code;
                at(part)
            };
            problem.equations.push(Equation::sum(at(way), &(1..CODES).map(part).collect::<Vec<_>>()));
        }
    }
    problem
}

fn boxes(problem: &Problem, attackers: Attackers, amount: f64, fixed: &[u32]) -> Boxes {
    let ground = Ground::new(problem, attackers);
    let price: Vec<f64> = problem.cells.iter().map(|cell| cell.cost).collect();
    let claim = Claim { cell: at([1, 1, 1]), side: Side::Up, amount, known: Vec::new(), rules: false };
    let found = around(&ground, State { withheld: &ground.hidden(), price: &price }, &claim, fixed, Allowance::full(&ground));
    for witness in &found.witnesses {
        assert_eq!(witness.at(claim.cell), amount);
        for sum in &problem.equations {
            assert_eq!(sum.terms.iter().map(|(cell, factor)| factor * witness.at(*cell)).sum::<f64>(), 0.0);
        }
        let possible = |(cell, difference): &(u32, f64)| problem.cells[*cell as usize].value as f64 + difference >= 0.0;
        assert!(witness.differences().iter().all(possible));
    }
    found
}

#[test]
fn the_corners_of_the_cheapest_box_leave_every_sum_as_it_is() {
    // What has a 2 in it is cheap.
    let problem = cube(false, |way| 1_000 - 100 * i128::from(way.iter().filter(|code| **code == 2).count() as u32));
    let found = boxes(&problem, Attackers::Outsiders, 50.0, &[]);
    let mut corners: Vec<u32> = (0..8).map(|corner| at([1, 2, 4].map(|way| 1 + u32::from(corner & way > 0)))).collect();
    corners.sort_unstable();
    assert_eq!(found.witnesses[0].differences().iter().map(|(cell, _)| *cell).collect::<Vec<_>>(), corners);
}

#[test]
fn a_box_leaves_alone_what_must_not_differ() {
    let problem = cube(false, |way| 1_000 - 100 * i128::from(way.iter().filter(|code| **code == 2).count() as u32));
    let fixed = at([2, 2, 2]);
    let found = boxes(&problem, Attackers::Outsiders, 50.0, &[fixed]);
    assert_eq!(found.witnesses.len(), 1);
    assert!(!found.cells.contains(&fixed));
}

#[test]
fn boxes_add_up_where_no_cell_has_room_for_all_of_it() {
    let problem = cube(true, |_| 3);
    let found = boxes(&problem, Attackers::Outsiders, 5.0, &[]);
    assert!(found.witnesses[0].differences().len() > 8);
    assert!(found.witnesses[0].differences().iter().all(|(_, difference)| difference.fract() == 0.0));
    assert!(boxes(&problem, Attackers::Outsiders, 7.0, &[]).witnesses.is_empty(), "two other cells of a sum hold six");
}

/// Contributor 7 has all of whatever has a 2 in it, and 8 all of whatever has a 3 in it but no 2.
fn owned(mut problem: Problem) -> Problem {
    for way in (1..CODES).flat_map(|a| (1..CODES).flat_map(move |b| (1..CODES).map(move |c| [a, b, c]))) {
        let owner = way.iter().find(|code| **code == 2).or(way.iter().find(|code| **code == 3));
        if let Some(code) = owner {
            let cell = &mut problem.cells[at(way) as usize];
            cell.contributors = 1;
            cell.shares = vec![Share { contributor: 5 + code, amount: cell.value }];
        }
    }
    problem
}

#[test]
fn a_box_that_a_contributor_sees_through_is_not_the_only_one() {
    let problem = owned(cube(false, |_| 1_000));
    let found = boxes(&problem, Attackers::Contributors, 50.0, &[]);
    assert_eq!(found.witnesses.len(), 2, "one for each to be unsure of");
    let ground = Ground::new(&problem, Attackers::Contributors);
    assert_eq!(found.witnesses.iter().map(|witness| witness.ruled_out_by(&ground, 1.0)).collect::<Vec<_>>(), [vec![7], vec![8]]);
    assert_eq!(boxes(&problem, Attackers::Outsiders, 50.0, &[]).witnesses.len(), 1);
}

#[test]
fn a_search_goes_on_from_the_witnesses_that_it_began_with() {
    let problem = owned(demanding());
    let ground = Ground::new(&problem, Attackers::Contributors);
    let claims = claims(&ground);
    let ledger = Ledger::new(&ground, &claims);
    let regions = [Region::grow(&ground, ledger.state(), &[claims[0].cell], problem.cells.len())];
    let meet = |begun: &[Witness]| {
        let mut bench = Bench::new(&ledger, ledger.withheld.clone(), &regions, More::Allowed, Allowance::full(&ground));
        let outcome = bench.meet(0, &[], f64::INFINITY, begun);
        (outcome, bench.programs(), bench.found)
    };
    let (outcome, programs, found) = meet(&[]);
    assert!(outcome == Outcome::Met && found.len() > 1, "others for who sees through the first: {found:?}");
    let (outcome, fewer, again) = meet(&found[..1]);
    assert!(outcome == Outcome::Met && again[0] == found[0] && fewer < programs);
    // Where every box without contributor 8 is barred, what convinces everybody else is kept.
    let barred: Vec<u32> =
        (0..problem.cells.len() as u32).filter(|cell| problem.cells[*cell as usize].owner() == Some(7)).collect();
    let mut bench = Bench::new(&ledger, ledger.withheld.clone(), &regions, More::Allowed, Allowance::full(&ground));
    let Outcome::Part(part) = bench.meet(0, &barred, f64::INFINITY, &[]) else { panic!("8 sees through every box that is left") };
    assert_eq!(ledger.shown_by(0, &part).open_to, [8]);
    assert_eq!(bench.programs(), 1, "single sums tell that nothing convinces 8");
}

#[test]
fn what_is_negligible_is_kept_where_a_small_sum_needs_it() {
    // 0 = 1 + 2 and 3 = 4 + 5, with a large and a small difference, and what the solver leaves of nothing.
    let sums = vec![Equation::sum(0, &[1, 2]), Equation::sum(3, &[4, 5])];
    let problem = Problem { cells: vec![Cell::plain(1, 1.0, Fate::Free); 6], equations: sums, ..Problem::default() };
    let ground = Ground::new(&problem, Attackers::Outsiders);
    let differences = vec![(0, 1e9), (1, 1e9), (2, 1e-3), (3, 5e3), (4, 4.5e3), (5, 500.0)];
    let witness = Witness::without_dust(&ground, differences, 1e3);
    assert_eq!(witness.differences(), [(0, 1e9), (1, 1e9), (3, 5e3), (4, 4.5e3), (5, 500.0)]);
}

/// A cube with one unsafe cell, and the claim of one side of it.
fn demanding() -> Problem {
    let mut problem = cube(false, |_| 100);
    problem.cells[at([1, 1, 1]) as usize].fate = Fate::Hidden;
    problem.demands.push(Demand { cell: at([1, 1, 1]), level: Level { lower: 50, upper: 50 }, known: Vec::new() });
    problem
}

#[test]
fn a_sum_that_moves_with_all_it_is_a_part_of_moves_in_its_parts_too() {
    // What the sum is made of is dear, so that a region would rather grow elsewhere.
    let mut problem = cube(false, |way| if way[2] == 1 { 1_000 } else { 1 });
    problem.cells.iter_mut().for_each(|cell| cell.fate = Fate::Free);
    let (sum, ground) = (at([0, 0, 1]), Ground::new(&problem, Attackers::Contributors));
    let price: Vec<f64> = problem.cells.iter().map(|cell| cell.cost).collect();
    let state = State { withheld: &ground.hidden(), price: &price };
    let region = Region::grown(&ground, state, &[sum], 16, &[sum]);
    let moves = |cell: u32| {
        let mut with = vec![cell];
        let mut next = 0;
        while next < with.len() {
            with.extend(ground.wholes_of(with[next]));
            next += 1;
        }
        with.contains(&sum) && with.iter().all(|cell| region.contains(*cell))
    };
    let inner = (1..CODES).flat_map(|a| (1..CODES).map(move |b| at([a, b, 1])));
    assert_eq!(inner.filter(|cell| moves(*cell)).count(), 3, "the largest part of each of its parts");
}

#[test]
fn a_region_leaves_no_marks_for_the_next() {
    let problem = demanding();
    let ground = Ground::new(&problem, Attackers::Outsiders);
    let price: Vec<f64> = problem.cells.iter().map(|cell| cell.cost).collect();
    let state = State { withheld: &ground.hidden(), price: &price };
    let grow = || Region::grow(&ground, state, &[at([1, 1, 1])], 20);
    let (first, second) = (grow(), grow());
    assert!(!first.cells.is_empty() && first.cells == second.cells && first.equations == second.equations);
}

#[test]
fn what_is_done_grows_until_everything_is_tried() {
    let problem = demanding();
    let ground = Ground::new(&problem, Attackers::Outsiders);
    // Among so many claims little is done for each at first.
    let first = Allowance::first(&ground, 1_000_000);
    assert!(!first.is_full && first.cells() < usize::MAX);
    let next = first.more(&ground);
    assert!(next.is_full && next.boxes() > first.boxes() && next.least() < first.least());
    assert!(next.steps(1_000_000) > first.steps(1_000_000) && next.witnesses() == usize::MAX);
    // A single claim gets everything at once.
    assert!(Allowance::first(&ground, 1).is_full && Allowance::full(&ground).is_full);
}

#[test]
fn what_is_dear_waits_until_so_much_may_be_spent_and_nothing_is_tried_for_ever() {
    let problem = demanding();
    let ground = Ground::new(&problem, Attackers::Outsiders);
    let claims = claims(&ground);
    let ledger = Ledger::new(&ground, &claims);
    let mut allowances = Allowances::new(&ground, claims.len());
    assert_eq!(allowances.due(&ledger), [0, 1]);
    // A box of three ways has eight corners.
    let unit = ground.cost(at([1, 1, 1]));
    assert_eq!(allowances.cost_max(&ledger, 0), 8.0 * unit);
    assert!(allowances.note(&ground, 0, Outcome::Dear(100.0 * unit)) && allowances.note(&ground, 1, Outcome::Dear(20.0 * unit)));
    assert_eq!(allowances.due(&ledger), [1], "the cheaper first");
    assert_eq!(allowances.cost_max(&ledger, 1), 32.0 * unit);
    assert!(allowances.note(&ground, 1, Outcome::Dear(1e300)));
    assert_eq!(allowances.due(&ledger), [0]);
    assert!(allowances.note(&ground, 0, Outcome::Dear(1e300)));
    assert_eq!(allowances.due(&ledger), [0, 1], "what is dearer than anything is due in the end");
    // Everything is tried for so few claims at once, and what then finds nothing, or nothing that could be paid, is impossible.
    assert!(
        !allowances.note(&ground, 0, Outcome::Part(Vec::new())) && !allowances.note(&ground, 1, Outcome::Dear(f64::INFINITY))
    );
}

/// All cells of the equations, as a region.
fn whole_region(problem: &Problem) -> Region {
    let cells: Vec<u32> = (0..problem.cells.len() as u32).collect();
    let at = cells.iter().map(|cell| (*cell, *cell)).collect();
    Region { cells, equations: (0..problem.equations.len() as u32).collect(), at, witnesses: Vec::new() }
}

#[test]
fn cells_that_can_only_move_together_have_one_motion() {
    let terms = |terms: &[(u32, f64)]| Equation { terms: terms.to_vec(), low: 0.0, high: 0.0 };
    let equations = vec![
        // 0 is 1, 2 and 3 move against each other, 4 cannot move and so 5 follows 6.
        Equation::sum(0, &[1]),
        terms(&[(2, 1.0), (3, 1.0)]),
        terms(&[(5, 1.0), (6, -1.0), (4, 1.0)]),
        terms(&[(4, 1.0)]),
        // The same twice of three motions, once with the signs turned; and half of one is no whole number.
        terms(&[(0, 1.0), (2, 1.0), (5, -1.0)]),
        terms(&[(1, -1.0), (3, 1.0), (6, 1.0)]),
        terms(&[(7, 1.0), (8, -2.0)]),
        // Not exact: nothing follows of it.
        Equation { terms: vec![(9, 1.0), (10, -1.0)], low: -1.0, high: 1.0 },
    ];
    let problem = Problem { cells: vec![Cell::plain(9, 1.0, Fate::Free); 11], equations, ..Problem::default() };
    let ground = Ground::new(&problem, Attackers::Outsiders);
    let motions = Motions::of(&ground, &whole_region(&problem));
    let of = |cell: usize| motions.of[cell].expect("it moves");
    assert_eq!(of(0), of(1));
    assert_eq!((of(2).0, of(2).1), (of(3).0, -of(3).1));
    assert_eq!((motions.of[4], of(5)), (None, of(6)));
    assert!(of(7).0 != of(8).0 && of(9).0 != of(10).0);
    assert_eq!(motions.count, 7);
    let sizes: Vec<usize> = motions.equations.iter().map(|equation| equation.terms.len()).collect();
    assert_eq!(sizes, [3, 2, 2], "what is said twice stands there once");
}

#[test]
fn bounds_contradict_where_the_others_of_a_sum_have_no_room() {
    // 0 = 1 + 2 and 2 = 3 + 4; the first is asked to rise by 10.
    let equations = [Equation::sum(0, &[1, 2]), Equation::sum(2, &[3, 4])];
    let contradict = |room: f64, equations: &[Equation], scale: f64| {
        let bounds = vec![[10.0, 10.0], [-4.0, 4.0], [-20.0, 20.0], [-room, room], [-3.0, 3.0]];
        bounds::contradict(equations, bounds, scale, 10.0)
    };
    assert!(contradict(2.0, &equations, 1.0), "four and five are nine");
    assert!(!contradict(3.0, &equations, 1.0));
    // A sum that is known to within two, in programs on half the scale.
    let mut loose = equations;
    (loose[1].low, loose[1].high) = (-2.0, 2.0);
    assert!(!contradict(2.0, &loose, 2.0));
    assert!(contradict(1.0, &loose, 2.0), "one short");
}
