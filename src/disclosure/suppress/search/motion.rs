//! Cells of a region that can only move together: a sum moves as its only part there does, and two parts of a sum that stays move against
//! each other. One motion stands for all of them, and equations that say nothing else about motions are left out.

use hashbrown::HashSet;

use super::ground::Ground;
use super::region::Region;
use crate::disclosure::problem::Equation;

/// How the cells of a region move.
pub(super) struct Motions {
    /// For every cell of the region the motion it follows, with 1 or -1 when it moves against it; `None` where it cannot move.
    pub of: Vec<Option<(u32, f64)>>,
    pub count: usize,
    /// What the equations of the region say of motions.
    pub equations: Vec<Equation>,
}

impl Motions {
    pub fn of(ground: &Ground<'_>, region: &Region) -> Self {
        let here = |at: &u32| {
            let Equation { terms, low, high } = &ground.problem.equations[*at as usize];
            let inside = |(cell, factor): &(u32, f64)| region.at.get(cell).map(|local| (*local, *factor));
            Equation { terms: terms.iter().filter_map(inside).collect(), low: *low, high: *high }
        };
        let mut joining = Joining::new(region.cells.len(), region.equations.iter().map(here).collect());
        joining.run();
        joining.done()
    }
}

/// Motions while they are joined: at first every cell has its own.
struct Joining {
    /// For every cell one whose motion it follows, which may follow another, with the factor.
    follows: Vec<(u32, f64)>,
    still: Vec<bool>,
    equations: Vec<Equation>,
    /// Equations in which the motion stands.
    equations_of: Vec<Vec<u32>>,
}

impl Joining {
    fn new(cells: usize, equations: Vec<Equation>) -> Self {
        let mut equations_of = vec![Vec::new(); cells];
        for (at, equation) in equations.iter().enumerate() {
            equation.terms.iter().for_each(|(cell, _)| equations_of[*cell as usize].push(at as u32));
        }
        Self { follows: (0..cells as u32).map(|cell| (cell, 1.0)).collect(), still: vec![false; cells], equations, equations_of }
    }

    /// The motion of the cell.
    fn motion(&mut self, cell: u32) -> (u32, f64) {
        let (mut motion, mut factor) = (cell, 1.0);
        while self.follows[motion as usize].0 != motion {
            let (next, by) = self.follows[motion as usize];
            // Whoever asks again has half the way.
            let (after, further) = self.follows[next as usize];
            self.follows[motion as usize] = (after, by * further);
            (motion, factor) = (after, factor * by * further);
        }
        (motion, factor)
    }

    /// Joins what an exact sum of two lets move together only, and stills what stands in one alone, until none does.
    fn run(&mut self) {
        let mut waiting: Vec<u32> = (0..self.equations.len() as u32).rev().collect();
        while let Some(at) = waiting.pop() {
            self.simplify(at as usize);
            let equation = &mut self.equations[at as usize];
            if !equation.is_exact() {
                continue;
            }
            match equation.terms[..] {
                [(alone, _)] => {
                    equation.terms.clear();
                    self.still[alone as usize] = true;
                    waiting.append(&mut self.equations_of[alone as usize]);
                }
                // Other multiples would not stay whole numbers.
                [(one, by), (other, against)] if by.abs() == against.abs() => {
                    equation.terms.clear();
                    let fewer = |at: u32| self.equations_of[at as usize].len();
                    let (stays, goes) = if fewer(one) < fewer(other) { (other, one) } else { (one, other) };
                    self.follows[goes as usize] = (stays, -by / against);
                    let gone = std::mem::take(&mut self.equations_of[goes as usize]);
                    waiting.extend(&gone);
                    self.equations_of[stays as usize].extend(gone);
                }
                _ => {}
            }
        }
    }

    /// Writes the equation in the motions of its cells, each once.
    fn simplify(&mut self, at: usize) {
        let mut terms = std::mem::take(&mut self.equations[at].terms);
        for (cell, factor) in &mut terms {
            let (motion, by) = self.motion(*cell);
            (*cell, *factor) = (motion, *factor * by);
        }
        terms.sort_by_key(|(motion, _)| *motion);
        terms.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0.0 };
            same
        });
        terms.retain(|(motion, factor)| *factor != 0.0 && !self.still[*motion as usize]);
        self.equations[at].terms = terms;
    }

    /// The motions that are left, and every equation about them once.
    fn done(mut self) -> Motions {
        let cells = self.follows.len() as u32;
        let of: Vec<(u32, f64)> = (0..cells).map(|cell| self.motion(cell)).collect();
        let mut number = vec![u32::MAX; of.len()];
        let mut count = 0;
        for (motion, _) in of.iter().filter(|(motion, _)| !self.still[*motion as usize]) {
            if number[*motion as usize] == u32::MAX {
                number[*motion as usize] = count;
                count += 1;
            }
        }
        let numbered = |(motion, by): (u32, f64)| (!self.still[motion as usize]).then(|| (number[motion as usize], by));
        let mut said = HashSet::new();
        let mut equations = self.equations;
        equations.retain_mut(|equation| {
            equation.terms.iter_mut().for_each(|(motion, _)| *motion = number[*motion as usize]);
            !equation.terms.is_empty() && (!equation.is_exact() || said.insert(saying(equation)))
        });
        Motions { of: of.into_iter().map(numbered).collect(), count: count as usize, equations }
    }
}

/// The same for exact equations that are multiples of each other.
fn saying(equation: &Equation) -> Vec<(u32, u64)> {
    let first = equation.terms[0].1;
    equation.terms.iter().map(|(motion, factor)| (*motion, (factor / first).to_bits())).collect()
}
