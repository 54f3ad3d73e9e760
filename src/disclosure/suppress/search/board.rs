//! A board on which boxes are made: how far every cell differs and every sum is off. It is laid out once and wiped after each box, because
//! a box touches little of a large system.

use super::ground::Ground;

pub(super) struct Board {
    /// How far a cell differs; 0 where it does not.
    difference: Vec<f64>,
    /// For every cell: sums that are off in which it stands.
    asked: Vec<u32>,
    /// How far a sum is off; 0 where it is not.
    off: Vec<f64>,
    count_off: usize,
    /// Cells that differ, in the order in which they were put.
    pub order: Vec<u32>,
    /// Sums that were off once, in order.
    pub waiting: Vec<u32>,
    /// Cells that came to stand in two such sums.
    forced: Vec<u32>,
    /// Sums that were off since the board was wiped.
    touched: Vec<u32>,
    /// What boxes before made of a cell, and the cells of which they made something.
    used: Vec<Use>,
    used_cells: Vec<u32>,
}

/// How many boxes moved a cell, and how far they did together.
#[derive(Clone, Copy, Default)]
pub(super) struct Use {
    pub times: u32,
    pub moved: f64,
}

impl Board {
    pub fn new(ground: &Ground<'_>) -> Self {
        Self {
            difference: vec![0.0; ground.problem.cells.len()],
            asked: vec![0; ground.problem.cells.len()],
            off: vec![0.0; ground.problem.equations.len()],
            count_off: 0,
            order: Vec::new(),
            waiting: Vec::new(),
            forced: Vec::new(),
            touched: Vec::new(),
            used: vec![Use::default(); ground.problem.cells.len()],
            used_cells: Vec::new(),
        }
    }

    /// Notes that the box is used so many times.
    pub fn note(&mut self, times: f64) {
        for cell in &self.order {
            let used = &mut self.used[*cell as usize];
            if used.times == 0 {
                self.used_cells.push(*cell);
            }
            used.times += 1;
            used.moved += self.difference[*cell as usize] * times;
        }
    }

    pub fn used(&self, cell: u32) -> Use {
        self.used[cell as usize]
    }

    /// How far each cell was moved by the boxes that were noted; the board forgets them.
    pub fn take_moved(&mut self) -> Vec<(u32, f64)> {
        let cells = std::mem::take(&mut self.used_cells);
        cells.into_iter().map(|cell| (cell, std::mem::take(&mut self.used[cell as usize]).moved)).collect()
    }

    /// Takes the box off the board.
    pub fn wipe(&mut self, ground: &Ground<'_>) {
        self.order.drain(..).for_each(|cell| self.difference[cell as usize] = 0.0);
        for at in self.touched.drain(..) {
            if std::mem::take(&mut self.off[at as usize]) != 0.0 {
                let terms = &ground.problem.equations[at as usize].terms;
                terms.iter().for_each(|(other, _)| self.asked[*other as usize] = 0);
            }
        }
        self.count_off = 0;
        self.waiting.clear();
        self.forced.clear();
    }

    pub fn difference(&self, cell: u32) -> f64 {
        self.difference[cell as usize]
    }

    pub fn differs(&self, cell: u32) -> bool {
        self.difference[cell as usize] != 0.0
    }

    pub fn off(&self, sum: u32) -> f64 {
        self.off[sum as usize]
    }

    /// Whether no sum is off.
    pub fn is_closed(&self) -> bool {
        self.count_off == 0
    }

    pub fn put(&mut self, ground: &Ground<'_>, cell: u32, difference: f64) {
        self.difference[cell as usize] = difference;
        self.order.push(cell);
        self.shift(ground, cell, difference);
    }

    /// Takes everything back that was put since.
    pub fn back_to(&mut self, ground: &Ground<'_>, order: usize, waiting: usize) {
        while self.order.len() > order {
            let Some(cell) = self.order.pop() else { break };
            let difference = std::mem::take(&mut self.difference[cell as usize]);
            self.shift(ground, cell, -difference);
        }
        self.waiting.truncate(waiting);
        self.forced.clear();
    }

    fn shift(&mut self, ground: &Ground<'_>, cell: u32, difference: f64) {
        for (at, factor) in ground.terms_of(cell) {
            let terms = &ground.problem.equations[at as usize].terms;
            let before = self.off[at as usize];
            let now = before + factor * difference;
            self.off[at as usize] = now;
            match (before == 0.0, now == 0.0) {
                (true, false) => {
                    self.count_off += 1;
                    self.waiting.push(at);
                    self.touched.push(at);
                    for (other, _) in terms {
                        let asked = &mut self.asked[*other as usize];
                        *asked += 1;
                        if *asked == 2 {
                            self.forced.push(*other);
                        }
                    }
                }
                (false, true) => {
                    self.count_off -= 1;
                    terms.iter().for_each(|(other, _)| self.asked[*other as usize] -= 1);
                }
                _ => {}
            }
        }
    }

    pub fn forget_forced(&mut self) {
        self.forced.clear();
    }

    /// The next cell that stands in two sums that are off and does not differ.
    pub fn next_forced(&mut self) -> Option<u32> {
        while let Some(cell) = self.forced.pop() {
            if self.asked[cell as usize] >= 2 && !self.differs(cell) {
                return Some(cell);
            }
        }
        None
    }

    /// The difference that all sums that are off ask of a cell, when they agree.
    pub fn asked_of(&self, ground: &Ground<'_>, cell: u32) -> Option<f64> {
        let mut asked = None;
        for (at, factor) in ground.terms_of(cell).filter(|(at, _)| self.off(*at) != 0.0) {
            let difference = -self.off(at) / factor;
            if asked.is_some_and(|before| before != difference) {
                return None;
            }
            asked = Some(difference);
        }
        asked
    }
}
