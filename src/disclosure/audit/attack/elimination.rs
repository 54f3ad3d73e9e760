//! Exact recovery: the sums of shown cells that give a withheld one, found by elimination in exact arithmetic.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};

use super::stand::Stand;
use crate::disclosure::problem::Demand;

/// Withheld cells that hang together beyond which recovery is left to the programs, which bound the value all the same.
const UNKNOWNS_MAX: usize = 3_000;

/// A row over unknown cells, and the equations that it is made of.
#[derive(Clone, Default)]
struct Row {
    terms: BTreeMap<u32, BigRational>,
    made_of: BTreeMap<u32, BigRational>,
}

/// The shown cells, each with its factor, that add up to the cell exactly; `None` when none do.
pub(super) fn combination(stand: &Stand<'_>, demand: &Demand) -> Option<Vec<(f64, u32)>> {
    let unknown = |cell: u32| stand.is_unknown(cell) && !demand.known.contains(&cell);
    let equations = together(stand, demand.cell, &unknown)?;
    let mut basis: BTreeMap<u32, Row> = BTreeMap::new();
    for at in equations {
        let equation = &stand.problem.equations[at as usize];
        if equation.low != 0.0 || equation.high != 0.0 {
            continue;
        }
        let mut row = Row::default();
        for (cell, factor) in equation.terms.iter().filter(|(cell, _)| unknown(*cell)) {
            row.terms.insert(*cell, BigRational::from_float(*factor)?);
        }
        row.made_of.insert(at, BigRational::one());
        // The demanded cell is eliminated last, so that a row that has it alone is left over when it can be recovered.
        reduce(&mut row, &basis);
        if let Some(lead) = row.terms.keys().copied().find(|cell| *cell != demand.cell) {
            basis.insert(lead, row);
        } else if !row.terms.is_empty() {
            return Some(witness(stand, &row, demand, &unknown));
        }
    }
    None
}

fn reduce(row: &mut Row, basis: &BTreeMap<u32, Row>) {
    while let Some(lead) = row.terms.keys().copied().find(|cell| basis.contains_key(cell)) {
        let other = &basis[&lead];
        let factor = &row.terms[&lead] / &other.terms[&lead];
        subtract(&mut row.terms, &other.terms, &factor);
        subtract(&mut row.made_of, &other.made_of, &factor);
    }
}

fn subtract(from: &mut BTreeMap<u32, BigRational>, what: &BTreeMap<u32, BigRational>, factor: &BigRational) {
    for (at, value) in what {
        let left = from.remove(at).unwrap_or_else(BigRational::zero) - value * factor;
        if !left.is_zero() {
            from.insert(*at, left);
        }
    }
}

/// Equations that hang together with the cell by unknown cells; `None` when there are too many.
fn together(stand: &Stand<'_>, cell: u32, unknown: &impl Fn(u32) -> bool) -> Option<Vec<u32>> {
    let mut cells = std::collections::BTreeSet::from([cell]);
    let mut queue = vec![cell];
    let mut equations = std::collections::BTreeSet::new();
    while let Some(cell) = queue.pop() {
        for at in &stand.equations_of[cell as usize] {
            if equations.insert(*at) {
                for (other, _) in stand.problem.equations[*at as usize].terms.iter().filter(|(other, _)| unknown(*other)) {
                    if cells.insert(*other) {
                        queue.push(*other);
                    }
                }
            }
        }
        if cells.len() > UNKNOWNS_MAX {
            return None;
        }
    }
    Some(equations.into_iter().collect())
}

/// The row gives the cell as a combination of the shown cells in its equations.
fn witness(stand: &Stand<'_>, row: &Row, demand: &Demand, unknown: &impl Fn(u32) -> bool) -> Vec<(f64, u32)> {
    let own = &row.terms[&demand.cell];
    let mut factors: BTreeMap<u32, BigRational> = BTreeMap::new();
    for (at, weight) in &row.made_of {
        for (cell, factor) in stand.problem.equations[*at as usize].terms.iter().filter(|(cell, _)| !unknown(*cell)) {
            let factor = BigRational::from_float(*factor).unwrap_or_else(|| BigRational::from_integer(BigInt::zero()));
            *factors.entry(*cell).or_insert_with(BigRational::zero) -= weight * factor / own;
        }
    }
    let told = |(cell, factor): (u32, BigRational)| (factor.to_f64().unwrap_or(f64::NAN), cell);
    factors.into_iter().filter(|(_, factor)| !factor.is_zero()).map(told).collect()
}
