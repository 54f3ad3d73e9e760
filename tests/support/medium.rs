//! Tables of some hundred cells, from records of contributors of very different size, under the p % rule.

use std::ops::Range;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sluis::cells::hierarchy::Hierarchy;
use sluis::cells::records::{Record, tabulate};
use sluis::cells::system::{Cost, judge, problem};
use sluis::cells::table::Dimension;
use sluis::disclosure::problem::Problem;
use sluis::disclosure::profile::Profile;

/// Groups, and parts of a group, of every spanning variable.
pub const SHAPES: &[&[(usize, usize)]] =
    &[&[(3, 2), (3, 2)], &[(3, 3), (3, 2)], &[(3, 3), (3, 3)], &[(4, 3), (4, 3)], &[(2, 2), (2, 2), (2, 1)]];

fn dimension((way, (groups, parts)): (usize, &(usize, usize))) -> Dimension {
    let group = |group: usize| {
        let parts: String = (0..*parts).map(|part| format!("@g{group}p{part}\n")).collect();
        format!("g{group}\n{parts}")
    };
    let text: String = (0..*groups).map(group).collect();
    Dimension::nested(&format!("way{way}"), &Hierarchy::indented(&text, "@").unwrap())
}

fn records(shape: &[(usize, usize)], density: Range<usize>, seed: u64) -> Vec<Record> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let innermost: usize = shape.iter().map(|(groups, parts)| groups * parts).product();
    let count = innermost * random.random_range(density);
    let record = |_| {
        let code = |random: &mut ChaCha8Rng, (groups, parts): &(usize, usize)| {
            format!("g{}p{}", random.random_range(0..*groups), random.random_range(0..*parts))
        };
        let codes = shape.iter().map(|way| code(&mut random, way)).collect();
        let size: f64 = (0..6).map(|_| random.random_range(-1.0..1.0f64)).sum::<f64>() * 0.9;
        let holding = Some(format!("h{}", random.random_range(0..count / 2)));
        Record { codes, holding, value: (size.exp() * 1e3) as i64 * 10_000, weight: None }
    };
    (0..count).map(record).collect()
}

pub fn table(shape: &[(usize, usize)], seed: u64, cost: Cost) -> Problem {
    table_of(shape, 4..10, seed, cost)
}

/// With so many records for every innermost cell.
pub fn table_of(shape: &[(usize, usize)], density: Range<usize>, seed: u64, cost: Cost) -> Problem {
    let dimensions = shape.iter().enumerate().map(dimension).collect();
    let table = tabulate("turnover", dimensions, &records(shape, density, seed)).unwrap();
    let profile = "name='p'\nversion='1'\ntitle='p %'\nsource='test'\nzero='safe'\n[p_percent]\np=10\n";
    problem(&table, &judge(&table, &Profile::parse(profile).unwrap()), cost)
}
