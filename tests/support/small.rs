//! Small tables at random, with every contribution to every cell, and the problem that an attacker of them faces.

use std::collections::BTreeMap;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sluis::disclosure::problem::{Cell, Demand, Equation, Fate, Problem, SHARES, Share};
use sluis::disclosure::rules::Level;

/// Contributors of a table; more than are kept by name.
pub const POOL: u32 = 7;

/// A table whose cells are all sums of its innermost cells.
pub struct Small {
    pub problem: Problem,
    /// For every cell the innermost cells that it is the sum of, by their place among the innermost.
    pub members: Vec<Vec<usize>>,
    /// The innermost cells in order.
    pub innermost: Vec<usize>,
    /// For every cell all that contribute to it, also those that the problem does not name.
    pub given: Vec<BTreeMap<u32, i128>>,
}

/// A code of a spanning variable: the leaves below it, and the codes that it is the sum of.
struct Node {
    leaves: Vec<usize>,
    parts: Vec<usize>,
}

/// The spanning variables, each as the sizes of its groups; a group of one is a code right below the total.
pub struct Shape {
    variables: &'static [&'static [usize]],
    /// Sums of such tables are those of a network: with whole bounds the ends of every interval are whole, so that a search over whole
    /// tables is exact for amounts as well. That is so with two variables, of which one at most has groups.
    pub network: bool,
}

pub const SHAPES: &[Shape] = &[
    Shape { variables: &[&[1, 1], &[1, 1, 1]], network: true },
    Shape { variables: &[&[1, 1, 1], &[1, 1, 1]], network: true },
    Shape { variables: &[&[2, 1], &[1, 1]], network: true },
    Shape { variables: &[&[2, 2], &[1, 1]], network: true },
    Shape { variables: &[&[2, 1], &[2, 1]], network: false },
    Shape { variables: &[&[1, 1], &[1, 1], &[1, 1]], network: false },
    Shape { variables: &[&[2, 1], &[1, 1], &[1, 1]], network: false },
];

/// The total stands first.
fn nodes(groups: &[usize]) -> Vec<Node> {
    let mut nodes = vec![Node { leaves: (0..groups.iter().sum()).collect(), parts: Vec::new() }];
    let mut leaf = 0;
    for size in groups {
        let top = nodes.len();
        nodes[0].parts.push(top);
        if *size > 1 {
            nodes.push(Node { leaves: (leaf..leaf + size).collect(), parts: (top + 1..=top + size).collect() });
        }
        nodes.extend((leaf..leaf + size).map(|leaf| Node { leaves: vec![leaf], parts: Vec::new() }));
        leaf += size;
    }
    nodes
}

/// Every combination of a place in each of the lists, the last list fastest.
fn combinations(sizes: &[usize]) -> Vec<Vec<usize>> {
    let longer = |all: Vec<Vec<usize>>, size: &usize| {
        all.iter().flat_map(|start| (0..*size).map(|at| [start.as_slice(), &[at]].concat())).collect()
    };
    sizes.iter().fold(vec![Vec::new()], longer)
}

impl Small {
    pub fn random(shape: &Shape, whole: bool, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let variables: Vec<Vec<Node>> = shape.variables.iter().map(|groups| nodes(groups)).collect();
        let codes = combinations(&variables.iter().map(Vec::len).collect::<Vec<_>>());
        let leaves = combinations(&shape.variables.iter().map(|groups| groups.iter().sum()).collect::<Vec<_>>());
        let contributions: Vec<BTreeMap<u32, i128>> = leaves.iter().map(|_| contributions(&mut random)).collect();
        let mut small = Self { problem: Problem::default(), members: Vec::new(), innermost: Vec::new(), given: Vec::new() };
        small.problem.whole = whole;
        for code in &codes {
            let inside = |leaf: &Vec<usize>| {
                leaf.iter().zip(code).zip(&variables).all(|((leaf, at), nodes)| nodes[*at].leaves.contains(leaf))
            };
            let members: Vec<usize> = (0..leaves.len()).filter(|at| inside(&leaves[*at])).collect();
            small.add_cell(members, &contributions, &mut random);
        }
        small.innermost = (0..leaves.len()).map(|at| small.members.iter().position(|own| *own == [at]).unwrap()).collect();
        small.add_sums(&codes, &variables);
        small.bound(&mut random);
        small.demand(&mut random);
        small
    }

    fn add_cell(&mut self, members: Vec<usize>, contributions: &[BTreeMap<u32, i128>], random: &mut ChaCha8Rng) {
        let mut given: BTreeMap<u32, i128> = BTreeMap::new();
        members
            .iter()
            .flat_map(|at| &contributions[*at])
            .for_each(|(contributor, amount)| *given.entry(*contributor).or_default() += amount);
        let mut shares: Vec<Share> = given.iter().map(|(who, amount)| Share { contributor: *who, amount: *amount }).collect();
        shares.sort_by(|a, b| b.amount.cmp(&a.amount).then(a.contributor.cmp(&b.contributor)));
        shares.truncate(SHARES);
        let value: i128 = given.values().sum();
        let shown = if value == 0 { random.random_bool(0.5) } else { random.random_bool(0.08) };
        let fate = if shown { Fate::Shown } else { Fate::Free };
        let cost = f64::from(random.random_range(1..10u32));
        self.problem.cells.push(Cell { shares, contributors: given.len() as u64, ..Cell::plain(value, cost, fate) });
        self.members.push(members);
        self.given.push(given);
    }

    fn add_sums(&mut self, codes: &[Vec<usize>], variables: &[Vec<Node>]) {
        for (whole, code) in codes.iter().enumerate() {
            for (way, nodes) in variables.iter().enumerate().filter(|(way, nodes)| !nodes[code[*way]].parts.is_empty()) {
                let mut of = code.clone();
                let part = |at: &usize| {
                    of[way] = *at;
                    codes.iter().position(|one| *one == of).unwrap() as u32
                };
                let parts: Vec<u32> = nodes[code[way]].parts.iter().map(part).collect();
                self.problem.equations.push(Equation::sum(whole as u32, &parts));
            }
        }
    }

    /// Either the total is known or every innermost cell has a greatest value, so that no table is out of reach.
    fn bound(&mut self, random: &mut ChaCha8Rng) {
        self.problem.cells[0].fate = Fate::Shown;
        if random.random_bool(0.25) {
            self.problem.cells[0].fate = Fate::Free;
            for at in &self.innermost {
                let cell = &mut self.problem.cells[*at];
                cell.most = Some(cell.value + random.random_range(1..5));
            }
        }
    }

    /// One to three unsafe cells, most of them innermost, and now and then a cell that is hidden without being unsafe.
    fn demand(&mut self, random: &mut ChaCha8Rng) {
        let count = self.problem.cells.len();
        for _ in 0..random.random_range(1..4) {
            let any = random.random_range(1..count);
            let at = if random.random_bool(0.8) { self.innermost[any % self.innermost.len()] } else { any };
            if self.problem.demands.iter().any(|demand| demand.cell as usize == at) {
                continue;
            }
            self.problem.cells[at].fate = Fate::Hidden;
            let level = Level { lower: random.random_range(0..4), upper: random.random_range(0..4) };
            let other = random.random_range(1..count);
            let known = if other != at && random.random_bool(0.15) { vec![other as u32] } else { Vec::new() };
            self.problem.demands.push(Demand { cell: at as u32, level, known });
        }
        if random.random_bool(0.1) {
            self.problem.cells[random.random_range(1..count)].fate = Fate::Hidden;
        }
    }

    /// Everything withheld that may be.
    pub fn everything(&self) -> Vec<bool> {
        self.problem.cells.iter().map(|cell| cell.fate != Fate::Shown).collect()
    }

    /// Whether what is left of every level towards the largest contributor is whole, and every unsafe cell holds something.
    pub fn has_whole_levels(&self) -> bool {
        self.problem.demands.iter().all(|demand| {
            let cell = &self.problem.cells[demand.cell as usize];
            let others = cell.value - cell.shares.first().map_or(0, |share| share.amount);
            let lower = demand.level.lower.min(cell.value);
            cell.value > 0 && [lower, demand.level.upper].iter().all(|level| level * others % cell.value == 0)
        })
    }

    /// Whether every contributor of every cell is kept by name.
    pub fn names_all(&self) -> bool {
        self.problem.cells.iter().all(|cell| cell.contributors as usize == cell.shares.len())
    }
}

/// Up to eight units of up to three contributors.
fn contributions(random: &mut ChaCha8Rng) -> BTreeMap<u32, i128> {
    let units = if random.random_bool(0.2) { 0 } else { random.random_range(1..9) };
    let who: Vec<u32> = (0..random.random_range(1..4)).map(|_| random.random_range(0..POOL)).collect();
    let mut given = BTreeMap::new();
    for _ in 0..units {
        *given.entry(who[random.random_range(0..who.len())]).or_default() += 1;
    }
    given
}
