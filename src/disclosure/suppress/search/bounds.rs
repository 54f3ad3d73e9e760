//! What single equations say of a program: where they leave no room for what is asked it has no solution, and need not be solved.

use std::collections::VecDeque;

use crate::disclosure::problem::Equation;

/// Parts of what is asked: what bounds must contradict each other by, and what a bound must become narrower by to be looked at again.
const CONTRADICTION: f64 = 1e-6;
const NARROWER: f64 = 1e-3;
/// Times that an equation is looked at, on average.
const TIMES: usize = 4;

/// Whether bounds, made narrower by one equation after the other, leave no solution of which `amount` is asked. What equations allow is
/// divided by `scale`.
pub(super) fn contradict(equations: &[Equation], mut bounds: Vec<[f64; 2]>, scale: f64, amount: f64) -> bool {
    let mut standing = vec![Vec::new(); bounds.len()];
    for (at, equation) in equations.iter().enumerate() {
        equation.terms.iter().for_each(|(variable, _)| standing[*variable as usize].push(at));
    }
    let mut waiting: VecDeque<usize> = (0..equations.len()).collect();
    let mut is_waiting = vec![true; equations.len()];
    for _ in 0..TIMES * equations.len() {
        let Some(at) = waiting.pop_front() else { break };
        is_waiting[at] = false;
        let Equation { terms, low, high } = &equations[at];
        let ends = |bounds: &[[f64; 2]], (variable, factor): &(u32, f64)| {
            let [least, most] = bounds[*variable as usize].map(|bound| factor * bound);
            if *factor > 0.0 { [least, most] } else { [most, least] }
        };
        let sum = terms.iter().map(|term| ends(&bounds, term)).fold([0.0, 0.0], |sum, ends| [sum[0] + ends[0], sum[1] + ends[1]]);
        let (low, high) = (low / scale, high / scale);
        if sum[0] > high + CONTRADICTION * amount || sum[1] < low - CONTRADICTION * amount {
            return true;
        }
        // What the others leave for each, as it was when the equation was begun.
        let narrower: Vec<(u32, [f64; 2])> = terms
            .iter()
            .filter_map(|term| {
                let ([least, most], (variable, factor)) = (ends(&bounds, term), term);
                let left = [low - (sum[1] - most), high - (sum[0] - least)].map(|end| end / factor);
                let [least, most] = bounds[*variable as usize];
                let [from, to] = if *factor > 0.0 { left } else { [left[1], left[0]] };
                let new = [from.max(least), to.min(most)];
                (new[0] - least > NARROWER * amount || most - new[1] > NARROWER * amount).then_some((*variable, new))
            })
            .collect();
        for (variable, new) in narrower {
            bounds[variable as usize] = new;
            for other in &standing[variable as usize] {
                if *other != at && !std::mem::replace(&mut is_waiting[*other], true) {
                    waiting.push_back(*other);
                }
            }
        }
    }
    false
}
