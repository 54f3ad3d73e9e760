//! The ledger keeps what is withheld, the witnesses, and which claims they show.

use std::collections::BTreeSet;

use super::claims::{Claim, convinces, inside, wanted};
use super::ground::Ground;
use super::region::State;
use crate::disclosure::problem::Witness;

#[derive(Clone)]
pub(super) struct Ledger<'a> {
    pub ground: &'a Ground<'a>,
    pub claims: &'a [Claim],
    pub withheld: Vec<bool>,
    /// What withholding a cell is taken to cost while witnesses are sought.
    pub price: Vec<f64>,
    pub witnesses: Vec<Witness>,
    /// One per claim.
    pub shown: Vec<Shown>,
    /// Claims of every cell.
    claims_of: Vec<Vec<u32>>,
    /// For every cell that may be withheld, the witnesses that need it; for every witness, the claims that it was taken for.
    needed_by: Vec<Vec<u32>>,
    taken_for: Vec<Vec<u32>>,
}

/// What shows a claim: witnesses, so that nobody can rule all of them out.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    witnesses: Vec<u32>,
    /// Contributors to whom none of the witnesses shows it; ascending.
    pub open_to: Vec<u32>,
}

impl Shown {
    pub fn is_complete(&self) -> bool {
        !self.witnesses.is_empty() && self.open_to.is_empty()
    }

    /// Whether who contributes to no cell is answered.
    pub fn is_found(&self) -> bool {
        !self.witnesses.is_empty()
    }

    pub fn witnesses(&self) -> impl Iterator<Item = u32> {
        self.witnesses.iter().copied()
    }
}

impl<'a> Ledger<'a> {
    pub fn new(ground: &'a Ground<'a>, claims: &'a [Claim]) -> Self {
        let mut claims_of = vec![Vec::new(); ground.problem.cells.len()];
        claims.iter().enumerate().for_each(|(at, claim)| claims_of[claim.cell as usize].push(at as u32));
        let needed_by = vec![Vec::new(); ground.problem.cells.len()];
        let shown = vec![Shown::default(); claims.len()];
        let price = ground.problem.cells.iter().map(|cell| cell.cost).collect();
        Self {
            ground,
            claims,
            withheld: ground.hidden(),
            price,
            witnesses: Vec::new(),
            shown,
            claims_of,
            needed_by,
            taken_for: Vec::new(),
        }
    }

    /// Withholds what the witness needs and notes every claim that it shows; `false`, and nothing done, when it shows none that is open.
    pub fn enter(&mut self, witness: Witness) -> bool {
        let number = self.witnesses.len() as u32;
        if !self.is_whole(&witness) {
            return false;
        }
        let claims = self.note(&witness, number);
        if claims.is_empty() {
            return false;
        }
        for (cell, difference) in witness.differences() {
            if self.ground.is_free(*cell) && self.ground.needs_withholding(*cell, *difference) {
                self.ground.withhold(*cell, &mut self.withheld);
                self.ground.decided(*cell).for_each(|at| self.needed_by[at as usize].push(number));
            }
        }
        self.witnesses.push(witness);
        self.taken_for.push(claims);
        true
    }

    fn note(&mut self, witness: &Witness, number: u32) -> Vec<u32> {
        let room = self.room(witness);
        let mut claims = Vec::new();
        for (cell, _) in witness.differences() {
            for at in 0..self.claims_of[*cell as usize].len() {
                let claim = self.claims_of[*cell as usize][at];
                if self.show(claim as usize, witness, number, room) {
                    claims.push(claim);
                }
            }
        }
        claims
    }

    /// Claims whose witnesses need the cell withheld, ascending.
    pub fn leaning(&self, cell: u32) -> Vec<usize> {
        let mut claims: Vec<usize> = Vec::new();
        for witness in &self.needed_by[cell as usize] {
            let uses = |claim: &&u32| self.shown[**claim as usize].witnesses().any(|used| used == *witness);
            claims.extend(self.taken_for[*witness as usize].iter().filter(uses).map(|claim| *claim as usize));
        }
        claims.sort_unstable();
        claims.dedup();
        claims
    }

    /// Shows the cells and takes the witnesses for the claims that lean on them, when that costs no more; otherwise nothing changes.
    pub fn exchange(&mut self, released: &[u32], found: Vec<Witness>) -> bool {
        let needed = found
            .iter()
            .flat_map(|witness| witness.differences())
            .filter(|(at, difference)| self.ground.needs_withholding(*at, *difference));
        let needed: BTreeSet<u32> = needed.flat_map(|(at, _)| self.ground.decided(*at)).collect();
        let given_back = |cell: &u32| self.withheld[*cell as usize] && !needed.contains(cell);
        let released = released.iter().copied().filter(given_back).flat_map(|at| self.ground.held(at));
        let released: BTreeSet<u32> = released.filter(|at| self.withheld[*at as usize]).collect();
        let released: Vec<u32> = released.into_iter().collect();
        let new: Vec<u32> = needed.iter().copied().filter(|at| !self.withheld[*at as usize]).collect();
        let price = |cells: &[u32]| cells.iter().map(|at| self.ground.cost(*at)).sum::<f64>();
        let leaning: BTreeSet<usize> = released.iter().flat_map(|cell| self.leaning(*cell)).collect();
        if released.is_empty() || price(&new) > price(&released) * (1.0 + 1e-9) {
            return false;
        }
        let before: Vec<(usize, Shown)> = leaning.iter().map(|claim| (*claim, self.shown[*claim].clone())).collect();
        released.iter().for_each(|cell| self.withheld[*cell as usize] = false);
        leaning.iter().for_each(|claim| self.shown[*claim] = Shown::default());
        found.into_iter().for_each(|witness| {
            self.enter(witness);
        });
        if leaning.iter().all(|claim| self.shown[*claim].is_complete()) {
            return true;
        }
        before.into_iter().for_each(|(claim, shown)| self.shown[claim] = shown);
        new.iter().for_each(|at| self.ground.show(*at, &mut self.withheld));
        released.iter().for_each(|cell| self.withheld[*cell as usize] = true);
        false
    }

    /// The witnesses that show claims, in the order in which they were found.
    pub fn witnesses_used(&self) -> Vec<Witness> {
        let used: BTreeSet<u32> = self.shown.iter().flat_map(Shown::witnesses).collect();
        used.into_iter().map(|witness| self.witnesses[witness as usize].clone()).collect()
    }

    /// What the witnesses, one after the other, show of the claim when what they need is withheld.
    pub fn shown_by(&self, at: usize, witnesses: &[Witness]) -> Shown {
        let with = |shown: Shown, witness: &Witness| self.more(at, &shown, witness).unwrap_or(shown);
        witnesses.iter().fold(Shown::default(), with)
    }

    /// The same with one more; `None` when that adds nothing.
    pub fn more(&self, at: usize, shown: &Shown, witness: &Witness) -> Option<Shown> {
        let number = shown.witnesses.len() as u32;
        let more = || self.with(&self.claims[at], shown, witness, number, self.room(witness));
        self.is_whole(witness).then(more).flatten()
    }

    /// Whether the witness serves the claim, which then notes it.
    fn show(&mut self, at: usize, witness: &Witness, number: u32, room: [f64; 2]) -> bool {
        let (claim, shown) = (&self.claims[at], &self.shown[at]);
        if claim.rules && !shown.is_complete() {
            return self.show_by_rules(at, witness, number);
        }
        let more = self.with(claim, shown, witness, number, room);
        let serves = more.is_some();
        more.into_iter().for_each(|more| self.shown[at] = more);
        serves
    }

    /// What shows the claim with one witness more; `None` when that adds nothing.
    fn with(&self, claim: &Claim, shown: &Shown, witness: &Witness, number: u32, room: [f64; 2]) -> Option<Shown> {
        let difference = witness.at(claim.cell);
        if difference == 0.0 || shown.is_complete() || claim.known.iter().any(|known| witness.touches(*known)) {
            return None;
        }
        let times = |amount: f64| {
            let factor = self.ground.whole_factor(claim.cell, claim.side.sign() * amount / difference);
            (factor.abs() <= if factor > 0.0 { room[0] } else { room[1] }).then_some(factor)
        };
        let mut more = None;
        if shown.witnesses.is_empty() {
            more = Some(Shown { witnesses: vec![number], open_to: self.who(claim, witness, times(claim.amount)?) });
        }
        // One witness can convince some in full and others by less of it.
        for amount in wanted(self.ground, claim, &more.as_ref().unwrap_or(shown).open_to) {
            let Some(factor) = times(amount) else { continue };
            let who = self.who(claim, witness, factor);
            if who.is_empty() && amount == claim.amount {
                return Some(Shown { witnesses: vec![number], open_to: who });
            }
            let before = more.as_ref().unwrap_or(shown);
            let mut next = before.clone();
            next.open_to.retain(|one| !convinces(self.ground, claim, amount, &who, *one));
            if next.open_to.len() < before.open_to.len() {
                if next.witnesses.last() != Some(&number) {
                    next.witnesses.push(number);
                }
                more = Some(next);
            }
        }
        more
    }

    /// How many times as far it can go, one way and the other.
    fn room(&self, witness: &Witness) -> [f64; 2] {
        [1.0, -1.0].map(|sign| witness.factor_max(self.ground, &self.withheld, sign) * (1.0 + 1e-9))
    }

    /// Whether it leaves whole numbers whole.
    fn is_whole(&self, witness: &Witness) -> bool {
        witness.differences().iter().all(|(cell, difference)| difference.fract() == 0.0 || !self.ground.is_whole(*cell))
    }

    /// Whether the witness leaves every number of units that the rules bound where they allow it; the claim then notes it.
    fn show_by_rules(&mut self, at: usize, witness: &Witness, number: u32) -> bool {
        let shows = witness.obeys_rules(self.ground, &self.withheld);
        if shows {
            self.shown[at] = Shown { witnesses: vec![number], open_to: Vec::new() };
        }
        shows
    }

    /// Who rules it out, except who has all of the claim's cell: nobody is protected against himself.
    pub fn who(&self, claim: &Claim, witness: &Witness, factor: f64) -> Vec<u32> {
        if !inside(self.ground.attackers) {
            return Vec::new();
        }
        let exempt = self.ground.exempt(claim.cell);
        let mut who = witness.ruled_out_by(self.ground, factor);
        who.retain(|one| Some(*one) != exempt);
        who
    }

    pub fn state(&self) -> State<'_> {
        State { withheld: &self.withheld, price: &self.price }
    }

    /// Claims in order that are not shown in full.
    pub fn open(&self) -> Vec<usize> {
        (0..self.claims.len()).filter(|at| !self.shown[*at].is_complete()).collect()
    }

    pub fn claims_of(&self, cell: u32) -> &[u32] {
        &self.claims_of[cell as usize]
    }

    /// Cells that are withheld for others, without those that no witness in use needs.
    pub fn release_unused(&mut self) {
        let mut used = self.ground.hidden();
        for shown in &self.shown {
            for witness in shown.witnesses() {
                let cells = self.witnesses[witness as usize].differences().iter().map(|(cell, _)| *cell);
                cells.flat_map(|cell| self.ground.decided(cell)).for_each(|cell| used[cell as usize] = true);
            }
        }
        for cell in (0..used.len() as u32).filter(|cell| !used[*cell as usize] && self.ground.is_decided(*cell)) {
            self.ground.show(cell, &mut self.withheld);
        }
    }

    /// Cost of what is withheld for others.
    pub fn cost(&self) -> f64 {
        let secondary = |cell: &usize| self.withheld[*cell] && self.ground.is_decided(*cell as u32);
        (0..self.withheld.len()).filter(secondary).map(|cell| self.ground.cost(cell as u32)).sum()
    }
}
