//! Boxes: small tables of differences around a cell that leave every sum as it is.
//!
//! A cell that moves puts the sums it stands in off. A second cell in such a sum is a choice; whatever then stands in two sums that are off
//! is none. In a table of any number of ways that leads to the corners of a box (the hypercube of the method of that name), with what they
//! are the sums of, and in other systems to whatever takes their place.

use hashbrown::HashSet;

use super::allowance::Allowance;
use super::board::Board;
use super::claims::{Claim, convinces, inside, remaining};
use super::ground::{Ground, number};
use super::region::State;
use crate::disclosure::problem::Witness;

/// Witnesses that may convince together.
const WITNESSES_MAX: usize = 8;
/// Cells of a box at most: one that grows beyond leads nowhere.
const CELLS_MAX: usize = 100;
/// Choices that are taken back.
const BACK_MAX: usize = 4;
/// Choices that are followed in a sum, the cheapest ones.
const CHOICES: usize = 6;
/// Cost of a difference where withholding costs nothing more, in middling costs.
const MOVE: f64 = 0.01;
/// How many times as much a cell costs at most that has no room for all that is asked, and what using a cell again adds.
const SHORT: f64 = 8.0;
const AGAIN: f64 = 0.5;

/// What boxes say of a claim.
#[derive(Default)]
pub(super) struct Boxes {
    /// Every cell that differs in one of them.
    pub cells: Vec<u32>,
    /// Witnesses that nobody can rule out together, where boxes alone make such.
    pub witnesses: Vec<Witness>,
}

/// Boxes around the cell of the claim that leave the cells in `fixed` alone: what nobody can rule out, and where contributors can, others
/// that each rules out fewer of those who are left.
pub(super) fn around(ground: &Ground<'_>, state: State<'_>, claim: &Claim, fixed: &[u32], allowance: Allowance) -> Boxes {
    let mut fixed = fixed.to_vec();
    fixed.extend(&claim.known);
    let search = Search { ground, state, claim, fixed, allowance, exempt: ground.exempt(claim.cell) };
    let mut boxes = Boxes::default();
    ground.on_board(|board| {
        if !inside(ground.attackers) {
            boxes.witnesses.extend(search.filled(board, claim.amount, &Eyes::Nobody, &mut boxes.cells));
        } else if let Some(unseen) = search.filled(board, claim.amount, &Eyes::Everybody, &mut boxes.cells) {
            boxes.witnesses.push(unseen);
        } else {
            boxes.witnesses = search.several(board, &mut boxes.cells).unwrap_or_default();
        }
    });
    let mut seen = HashSet::new();
    boxes.cells.retain(|cell| seen.insert(*cell));
    boxes
}

/// Who must not be able to rule a box out.
enum Eyes<'a> {
    Nobody,
    Everybody,
    /// Ascending.
    These(&'a [u32]),
}

impl Eyes<'_> {
    fn include(&self, contributor: u32) -> bool {
        match self {
            Self::Nobody => false,
            Self::Everybody => true,
            Self::These(these) => these.binary_search(&contributor).is_ok(),
        }
    }
}

/// What is looked for.
struct Search<'a, 'g> {
    ground: &'a Ground<'g>,
    state: State<'a>,
    claim: &'a Claim,
    fixed: Vec<u32>,
    allowance: Allowance,
    /// Whom the claim guards nothing against.
    exempt: Option<u32>,
}

impl Search<'_, '_> {
    /// Witnesses one after the other, each unseen by those who rule out all before it.
    fn several(&self, board: &mut Board, cells: &mut Vec<u32>) -> Option<Vec<Witness>> {
        let first = self.filled(board, self.claim.amount, &Eyes::Nobody, cells)?;
        let mut open_to = self.ruled_out_by(&first);
        open_to.retain(|one| remaining(self.ground, self.claim, *one) > 0.0);
        let mut witnesses = vec![first];
        while !open_to.is_empty() {
            if witnesses.len() == WITNESSES_MAX {
                return None;
            }
            let needed = |one: &u32| remaining(self.ground, self.claim, *one);
            let most = open_to.iter().map(needed).fold(0.0, f64::max);
            let all = self.filled(board, most, &Eyes::These(&open_to), cells).map(|found| (most, found));
            let (amount, found) = match all {
                Some(found) => found,
                None => (needed(&open_to[0]), self.filled(board, needed(&open_to[0]), &Eyes::These(&open_to[..1]), cells)?),
            };
            let who = self.ruled_out_by(&found);
            let before = open_to.len();
            open_to.retain(|one| !convinces(self.ground, self.claim, amount, &who, *one));
            if open_to.len() == before {
                return None;
            }
            witnesses.push(found);
        }
        Some(witnesses)
    }

    fn ruled_out_by(&self, witness: &Witness) -> Vec<u32> {
        let mut who = witness.ruled_out_by(self.ground, 1.0);
        who.retain(|one| Some(*one) != self.exempt);
        who
    }

    /// Boxes that add up to the amount. Their cells are noted in any case.
    fn filled(&self, board: &mut Board, amount: f64, eyes: &Eyes<'_>, cells: &mut Vec<u32>) -> Option<Witness> {
        let is_filled = self.fill(board, amount, eyes, cells);
        let mut moved = board.take_moved();
        moved.retain(|(_, moved)| *moved != 0.0);
        is_filled.then(|| Witness::new(moved))
    }

    /// Makes box after box, until they move the cell by the amount or one cannot be made.
    fn fill(&self, board: &mut Board, amount: f64, eyes: &Eyes<'_>, cells: &mut Vec<u32>) -> bool {
        let mut left = amount;
        for _ in 0..self.allowance.boxes() {
            let mut made = Making { search: self, eyes, amount: left, board: &mut *board, barred: HashSet::new() };
            made.close();
            let part = made.room().min(left);
            let part = if self.ground.is_whole(self.claim.cell) { part.floor() } else { part };
            cells.extend(&board.order);
            if part > 0.0 {
                board.note(part);
            }
            board.wipe(self.ground);
            left -= part.max(0.0);
            if part <= 0.0 || left <= 0.0 {
                return part > 0.0;
            }
        }
        false
    }
}

/// A choice, and where the box stood before it.
struct Chosen {
    sum: u32,
    cell: u32,
    next: usize,
    order: usize,
    waiting: usize,
}

/// A box in the making.
struct Making<'a, 'g> {
    search: &'a Search<'a, 'g>,
    eyes: &'a Eyes<'a>,
    amount: f64,
    board: &'a mut Board,
    /// Choices that led nowhere.
    barred: HashSet<(u32, u32)>,
}

impl Making<'_, '_> {
    /// Puts one sum right after the other. Where no choice leads on, the last one is taken back, so many times; then the box stays open.
    fn close(&mut self) {
        let ground = self.search.ground;
        self.board.put(ground, self.search.claim.cell, self.search.claim.side.sign());
        if self.follow(f64::INFINITY).is_none() {
            return;
        }
        let (mut next, mut chosen, mut back): (usize, Vec<Chosen>, usize) = (0, Vec::new(), 0);
        while next < self.board.waiting.len() && self.board.order.len() < CELLS_MAX {
            let sum = self.board.waiting[next];
            if self.board.off(sum) == 0.0 {
                next += 1;
                continue;
            }
            if let Some((cell, difference)) = self.best(sum) {
                chosen.push(Chosen { sum, cell, next, order: self.board.order.len(), waiting: self.board.waiting.len() });
                self.board.put(ground, cell, difference);
                self.follow(f64::INFINITY);
                continue;
            }
            let Some(last) = chosen.pop().filter(|_| back < BACK_MAX) else { return };
            back += 1;
            self.board.back_to(ground, last.order, last.waiting);
            next = last.next;
            self.barred.insert((last.sum, last.cell));
        }
    }

    /// The choice in a sum that costs the least with all that follows from it.
    fn best(&mut self, sum: u32) -> Option<(u32, f64)> {
        let off = self.board.off(sum);
        let mut choices: Vec<(f64, u32, f64)> = Vec::new();
        for (cell, factor) in &self.search.ground.problem.equations[sum as usize].terms {
            let difference = -off / factor;
            let cost = self.cost(*cell, difference);
            if cost.is_finite() && !self.board.differs(*cell) && !self.barred.contains(&(sum, *cell)) {
                choices.push((cost, *cell, difference));
            }
        }
        choices.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        choices.truncate(CHOICES);
        let mut best: Option<(f64, u32, f64)> = None;
        for (cost, cell, difference) in choices {
            let most = best.map_or(f64::INFINITY, |(cost, _, _)| cost);
            if let Some(all) = self.trial(cell, difference, cost, most) {
                best = Some((all, cell, difference));
            }
        }
        best.map(|(_, cell, difference)| (cell, difference))
    }

    /// The cost of a choice with all that follows from it, if that is less than `most`.
    fn trial(&mut self, cell: u32, difference: f64, cost: f64, most: f64) -> Option<f64> {
        if cost >= most {
            return None;
        }
        let (before, waiting) = (self.board.order.len(), self.board.waiting.len());
        self.board.put(self.search.ground, cell, difference);
        let follows = self.follow(most - cost);
        self.board.back_to(self.search.ground, before, waiting);
        follows.map(|more| cost + more).filter(|all| *all < most)
    }

    /// Puts whatever stands in two sums that are off; the cost, or `None` where that cannot be or costs more than `most`.
    fn follow(&mut self, most: f64) -> Option<f64> {
        let mut cost = 0.0;
        while let Some(cell) = self.board.next_forced() {
            let Some(difference) = self.board.asked_of(self.search.ground, cell) else { continue };
            cost += self.cost(cell, difference);
            if cost >= most || self.board.order.len() >= CELLS_MAX {
                self.board.forget_forced();
                return None;
            }
            self.board.put(self.search.ground, cell, difference);
        }
        Some(cost)
    }

    /// How far the cell can still move in that direction without being seen.
    fn room_of(&self, cell: u32, difference: f64) -> f64 {
        let ground = self.search.ground;
        let here = &ground.problem.cells[cell as usize];
        let sees = |contributor: u32| Some(contributor) != self.search.exempt && self.eyes.include(contributor);
        if here.owner().is_some_and(sees) {
            return 0.0;
        }
        let known = || here.shares.iter().filter(|share| sees(share.contributor)).map(|share| share.amount).max().unwrap_or(0);
        let room = match difference > 0.0 {
            true => ground.up[cell as usize],
            false => ground.down[cell as usize].min(number(here.value - known())),
        };
        let hidden = self.search.state.withheld[cell as usize] || ground.is_free(cell);
        let room = if hidden { room } else { room.min(ground.half_width(cell)) };
        let moved = self.board.used(cell).moved * difference.signum();
        (room - moved) / difference.abs()
    }

    /// How far all cells of a closed box can move together, beside the cell itself.
    fn room(&self) -> f64 {
        if !self.board.is_closed() {
            return 0.0;
        }
        let others = self.board.order.iter().filter(|cell| **cell != self.search.claim.cell);
        others.map(|cell| self.room_of(*cell, self.board.difference(*cell))).fold(f64::INFINITY, f64::min)
    }

    fn cost(&self, cell: u32, difference: f64) -> f64 {
        let Search { ground, state, fixed, allowance, .. } = self.search;
        let room = if fixed.contains(&cell) { 0.0 } else { self.room_of(cell, difference) };
        if room <= self.amount * allowance.least() || !ground.may_move(cell, state.withheld) {
            return f64::INFINITY;
        }
        let shown = !state.withheld[cell as usize] && ground.needs_withholding(cell, difference * self.amount);
        let price = if shown { ground.price(cell, state.withheld, state.price) / ground.cost_unit } else { 0.0 };
        let again = f64::from(self.board.used(cell).times);
        (MOVE + price) * (self.amount / room).clamp(1.0, SHORT) * (1.0 + AGAIN * again)
    }
}
