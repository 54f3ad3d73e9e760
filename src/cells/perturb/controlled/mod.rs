//! Controlled rounding takes every value to a multiple of a base near it, so that totals stay sums and the distance is least.
//!
//! An attacker is taken to know the base and how far values may move, not that the distance is least.

use super::{Change, Method, Range, Suits, Task, Totals};
use crate::diagnostic::Diagnostics;

mod block;
mod program;

use block::Block;
use program::{Answer, Program};

pub const CONTROLLED: Method = Method {
    name: "controlled",
    title: "every number taken to one of the two multiples of a base around it, totals the sums of what is published, distance least",
    formula: "min Σ|r(x) − x|, r(x) ∈ {b·⌊x/b⌋, b·⌈x/b⌉}, and r of a total the sum of r of its parts",
    source: "Handbook on Statistical Disclosure Control, 2nd edition, section 5.4.3; Salazar-González, Computers & Operations Research 32 (2005)",
    totals: Totals::Additive,
    suits: Suits::Any,
    base: Some(5),
    change,
};

/// Steps of the base beyond the two multiples around a value before the search is given up.
const STEPS_MAX: i128 = 6;

fn change(task: &Task) -> Result<Change, Diagnostics> {
    change_in_blocks_of(task, block::CELLS_MAX)
}

/// Rounds block after block; what one has rounded stands fast in the next.
fn change_in_blocks_of(task: &Task, cells_max: usize) -> Result<Change, Diagnostics> {
    let sums = task.sums;
    let blocks = Block::whole(task.table).divide(task.table, cells_max);
    let mut rounded: Vec<Option<i128>> = vec![None; sums.values.len()];
    let mut steps: Vec<i128> = vec![1; sums.values.len()];
    let mut unproven = 0;
    for block in &blocks {
        let program = Program::new(sums, task.base, &block.relations(task.table, sums), &rounded);
        let Answer { multiples, steps: taken, proven } =
            (1..=STEPS_MAX).find_map(|steps| program.solve(steps)).ok_or_else(none)?;
        unproven += usize::from(!proven);
        for (cell, multiple) in program.cells().iter().zip(multiples) {
            rounded[*cell] = Some(multiple * task.base);
            steps[*cell] = taken;
        }
    }
    // A cell in no sum is rounded by itself.
    let values: Vec<i128> = rounded
        .iter()
        .zip(&sums.values)
        .map(|(rounded, value)| rounded.unwrap_or_else(|| super::conventional::nearest(*value, task.base)))
        .collect();
    let known = |at: usize| range(values[at], task.base, steps[at], sums.least(at));
    let ranges = (0..values.len()).map(known).collect();
    Ok(Change { ranges, notes: notes(blocks.len(), unproven, &steps), values: values[..sums.shown].to_vec() })
}

/// The values that could have been rounded to it: a multiple of the base stays unless values may take more than one step.
fn range(rounded: i128, base: i128, steps: i128, least: i128) -> Range {
    Range::new((rounded - steps * base + 1).max(least), rounded + steps * base - 1)
}

fn notes(blocks: usize, unproven: usize, steps: &[i128]) -> Vec<String> {
    let mut notes = Vec::new();
    let far = steps.iter().filter(|steps| **steps > 1).count();
    if blocks > 1 {
        notes.push(format!("rounded in {blocks} blocks along the hierarchies: the distance is least within each, not over all"));
    }
    if unproven > 0 {
        notes.push(format!("in {unproven} blocks the search ended before the distance was proven to be least"));
    }
    if far > 0 {
        let most = steps.iter().max().copied().unwrap_or(1);
        notes.push(format!("{far} values could move up to {most} times the base, since no table within one multiple adds up"));
    }
    notes
}

fn none() -> Diagnostics {
    let finding = crate::diagnostic::Diagnostic::error("cannot-protect", "no rounded table was found that adds up");
    finding.help("choose another base, or `--method sum-of-rounded`").into()
}

#[cfg(test)]
mod tests;
