//! A region is the part of a system around some cells in which a witness is sought: outside it nothing differs.
//!
//! What is possible in a region is possible in the whole, so that a witness found here needs no further proof.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use hashbrown::HashMap;

use super::allowance::Allowance;
use super::boxes::Boxes;
use super::ground::Ground;
use super::marks::Marks;
use crate::disclosure::problem::Witness;

/// Cells of a region over which a program counts as one.
const LIGHT: usize = 400;
/// Innermost parts of a cell that moves with all it is a part of, and steps down to each at most.
const INMOST: usize = 4;
const DEEP: usize = 100;
/// How much sums that a cell would open count against it.
const OPENING: i32 = 3;

/// Cells that stand together in equations, nearest to the seeds first.
pub(super) struct Region {
    pub cells: Vec<u32>,
    /// Equations with at least one of the cells.
    pub equations: Vec<u32>,
    pub at: HashMap<u32, u32>,
    /// For claims the witnesses that boxes make of it.
    pub witnesses: Vec<(usize, Vec<Witness>)>,
}

impl Region {
    /// Grows from the seeds to at most `size` cells: along withheld cells first, then to those that are cheap and stand in many equations
    /// that are already touched and few that are not. Beyond the first size it begins with the sums that the seeds are parts of, up to the
    /// highest.
    pub fn grow(ground: &Ground<'_>, state: State<'_>, seeds: &[u32], size: usize) -> Self {
        Self::grown(ground, state, seeds, size, if size > ground.region { seeds } else { &[] })
    }

    /// The seeds, cells of boxes, and more around them; what the first seed is a part of where the allowance reaches so far.
    pub fn around(
        ground: &Ground<'_>,
        state: State<'_>,
        seeds: &[u32],
        boxes: Vec<(usize, Boxes)>,
        allowance: Allowance,
    ) -> Self {
        let mut cells = seeds.to_vec();
        cells.extend(boxes.iter().flat_map(|(_, boxes)| &boxes.cells).take(allowance.cells()));
        let rise = if allowance.rises() { &seeds[..1] } else { &[] };
        let mut region = Self::grown(ground, state, &cells, cells.len() + allowance.around, rise);
        region.witnesses = boxes.into_iter().map(|(claim, boxes)| (claim, boxes.witnesses)).collect();
        region
    }

    /// Grows from the seeds, beginning with all that the cells in `rise` move with.
    pub fn grown(ground: &Ground<'_>, state: State<'_>, seeds: &[u32], size: usize, rise: &[u32]) -> Self {
        ground.with_marks(|marks| {
            let mut growth = Growth { ground, state, cells: Vec::new(), heap: BinaryHeap::new(), marks };
            seeds.iter().for_each(|seed| growth.heap.push(Entry { score: 0.0, depth: 0, cell: *seed }));
            growth.rise(rise, size / 2);
            while growth.cells.len() < size {
                let Some(entry) = growth.heap.pop() else { break };
                growth.take(entry.depth, entry.cell);
            }
            Self::pruned(ground, growth.cells, growth.marks)
        })
    }

    /// Without the cells that cannot differ because they stand alone in a sum.
    fn pruned(ground: &Ground<'_>, mut cells: Vec<u32>, marks: &mut Marks) -> Self {
        let terms = |at: u32| ground.problem.equations[at as usize].terms.iter().map(|(cell, _)| *cell);
        let exact = |at: u32| ground.problem.equations[at as usize].is_exact();
        let alone = |at: u32, marks: &Marks| {
            let mut here = terms(at).filter(|cell| marks.is_inside(*cell));
            here.next().filter(|_| exact(at) && here.next().is_none())
        };
        let mut equations = marks.touched();
        let mut waiting = equations.clone();
        while let Some(at) = waiting.pop() {
            if let Some(cell) = alone(at, marks) {
                marks.remove(cell);
                waiting.extend(&ground.equations_of[cell as usize]);
            }
        }
        cells.retain(|cell| marks.is_inside(*cell));
        equations.retain(|at| terms(*at).any(|cell| marks.is_inside(cell)));
        let at = cells.iter().copied().zip(0..).collect();
        Self { cells, equations, at, witnesses: Vec::new() }
    }

    /// What a program over it takes, in programs of a few hundred cells.
    pub fn weight(&self) -> usize {
        (self.cells.len() / LIGHT).pow(2).max(1)
    }

    pub fn contains(&self, cell: u32) -> bool {
        self.at.contains_key(&cell)
    }
}

struct Growth<'a, 'g> {
    ground: &'a Ground<'g>,
    state: State<'a>,
    cells: Vec<u32>,
    heap: BinaryHeap<Entry>,
    marks: &'a mut Marks,
}

struct Entry {
    score: f32,
    /// Steps from a seed.
    depth: u32,
    cell: u32,
}

impl Growth<'_, '_> {
    /// Whether the cell is withheld, or as good as that.
    fn given(&self, cell: u32) -> bool {
        self.state.withheld[cell as usize] || self.state.price[cell as usize] < 0.7 * self.ground.cost(cell)
    }

    /// Takes everything that the cells, or innermost parts of them, are a part of, so that they can move together with all of it.
    fn rise(&mut self, seeds: &[u32], size: usize) {
        let mut waiting: VecDeque<u32> = seeds.iter().flat_map(|seed| self.inmost(*seed)).collect();
        while let Some(cell) = waiting.pop_front().filter(|_| self.cells.len() < size) {
            self.take(0, cell);
            let wholes = self.ground.wholes_of(cell).filter(|whole| self.ground.may_move(*whole, self.state.withheld));
            waiting.extend(wholes.filter(|whole| !self.marks.is_inside(*whole)));
        }
    }

    /// The cell, or where it is a sum what its largest parts come down to.
    fn inmost(&self, cell: u32) -> Vec<u32> {
        let mut inmost = self.parts(cell);
        inmost.truncate(INMOST);
        for at in &mut inmost {
            for _ in 0..DEEP {
                let Some(part) = self.parts(*at).first().copied() else { break };
                *at = part;
            }
        }
        if inmost.is_empty() { vec![cell] } else { inmost }
    }

    /// The parts of a cell in one sum, the largest first.
    fn parts(&self, cell: u32) -> Vec<u32> {
        let sums = self.ground.equations_of[cell as usize].iter().map(|at| &self.ground.problem.equations[*at as usize]);
        let movable = |part: &u32| self.ground.may_move(*part, self.state.withheld);
        let parts = sums.map(|sum| sum.parts_of(cell).filter(movable).collect()).find(|parts: &Vec<u32>| !parts.is_empty());
        let mut parts = parts.unwrap_or_default();
        parts.sort_by_key(|part| (Reverse(self.ground.problem.cells[*part as usize].value), *part));
        parts
    }

    fn take(&mut self, depth: u32, cell: u32) {
        if !self.marks.put(cell) {
            return;
        }
        self.cells.push(cell);
        for equation in &self.ground.equations_of[cell as usize] {
            if !self.marks.touch(*equation) {
                continue;
            }
            for (other, _) in &self.ground.problem.equations[*equation as usize].terms {
                if self.ground.may_move(*other, self.state.withheld) && !self.marks.is_inside(*other) {
                    let links = self.marks.link(*other);
                    let new = self.ground.equations_of[*other as usize].len() as u32 - links;
                    let score = score(self.given(*other), self.ground.rank[*other as usize], links, new);
                    self.heap.push(Entry { score, depth: depth + 1, cell: *other });
                }
            }
        }
    }
}

/// A cell ranks by its price, the sums it would help to close and those it would open: one that is left open keeps its cells from moving.
fn score(given: bool, rank: f32, links: u32, new: u32) -> f32 {
    let price = if given { 0.05 } else { 0.3 + rank };
    price * (1.0 + new as f32).powi(OPENING) / (links * links) as f32
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Entry {
    /// The lowest score is the greatest entry, then what is nearest.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.score.total_cmp(&self.score).then(other.depth.cmp(&self.depth)).then(other.cell.cmp(&self.cell))
    }
}

/// What is withheld, and what withholding more is taken to cost.
#[derive(Clone, Copy)]
pub(super) struct State<'a> {
    pub withheld: &'a [bool],
    pub price: &'a [f64],
}
