//! The work in one region: each claim is shown at the least cost, with what is withheld for those before it.

use std::collections::BTreeSet;

use super::allowance::{Allowance, Outcome};
use super::claims::{Claim, inside, remaining};
use super::ground::Ground;
use super::ledger::{Ledger, Shown};
use super::program::{Found, Limits, Programs};
use super::region::{Region, State};
use crate::disclosure::problem::Witness;

/// Witnesses that show a claim together, with the cost of what must be withheld for them.
type Way = (f64, Vec<Witness>);

/// Whether more may be withheld than is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum More {
    Allowed,
    Refused,
}

/// The work in one region, or in one of every system that a cell is known from: the state of the ledger and what was found since.
pub(super) struct Bench<'a, 'l> {
    ledger: &'a Ledger<'l>,
    withheld: Vec<bool>,
    /// What was withheld before the work began.
    before: Vec<bool>,
    regions: &'a [Region],
    programs: Vec<Programs<'a, 'l>>,
    more: More,
    allowance: Allowance,
    pub found: Vec<Witness>,
}

impl<'a, 'l> Bench<'a, 'l> {
    pub fn new(ledger: &'a Ledger<'l>, withheld: Vec<bool>, regions: &'a [Region], more: More, allowance: Allowance) -> Self {
        let before = withheld.clone();
        let programs = regions.iter().map(|region| Programs::new(ledger.ground, region, allowance)).collect();
        Self { ledger, withheld, before, regions, programs, more, allowance, found: Vec::new() }
    }

    /// The cheapest witness from the region of the claim's cell.
    fn cheapest(&mut self, claim: &Claim, amount: f64, withheld: Option<&[bool]>, limits: &Limits) -> Option<Found> {
        let state = State { withheld: withheld.unwrap_or(&self.withheld), price: &self.ledger.price };
        let programs = self.programs.iter_mut().find(|programs| programs.region.contains(claim.cell))?;
        programs.cheapest(claim, amount, state, limits)
    }

    /// As many of the group as may be convinced together by a witness from the region, as far as single equations tell; `None` where there is
    /// one who cannot be convinced alone.
    fn convincible(
        &mut self,
        claim: &Claim,
        mut group: Vec<u32>,
        withheld: &[bool],
        limits: impl Fn(Vec<u32>) -> Limits,
    ) -> Option<Vec<u32>> {
        let (ground, state) = (self.ledger.ground, State { withheld, price: &self.ledger.price });
        let programs = self.programs.iter_mut().find(|programs| programs.region.contains(claim.cell))?;
        let mut may = |group: &[u32]| programs.may_find(claim, least(ground, claim, group), state, &limits(group.to_vec()));
        if may(&group) {
            return Some(group);
        }
        while group.len() > 1 {
            let other = group.split_off(group.len() / 2);
            if may(&group) {
                if may(&other) {
                    return Some(group);
                }
                group = other;
            }
        }
        None
    }

    /// Linear programs solved.
    pub fn programs(&self) -> usize {
        self.programs.iter().map(|programs| programs.solved).sum()
    }

    /// Whether what was found here shows the claim to everybody.
    pub fn is_met(&self, at: usize) -> bool {
        let claim = &self.ledger.claims[at];
        if claim.rules {
            let shows =
                |witness: &Witness| witness.touches(claim.cell) && witness.obeys_rules(self.ledger.ground, &self.withheld);
            return self.found.iter().any(shows);
        }
        self.found.iter().any(|witness| self.serves(claim, witness).is_some_and(|who| who.is_empty()))
    }

    /// Who rules the witness out as far as the claim goes; `None` when it does not show it.
    fn serves(&self, claim: &Claim, witness: &Witness) -> Option<Vec<u32>> {
        let difference = witness.at(claim.cell);
        if difference == 0.0 || claim.rules || claim.known.iter().any(|known| witness.touches(*known)) {
            return None;
        }
        let factor = self.ledger.ground.whole_factor(claim.cell, claim.side.sign() * claim.amount / difference);
        let room = witness.factor_max(self.ledger.ground, &self.withheld, factor.signum()) * (1.0 + 1e-9);
        (factor.abs() <= room).then(|| self.ledger.who(claim, witness, factor))
    }

    /// Finds the cheapest way to show the claim at less than `cost_max` without moving the cells in `fixed`: one witness that nobody can
    /// rule out, or several that nobody can rule out together, of which some may have been found before.
    pub fn meet(&mut self, at: usize, fixed: &[u32], cost_max: f64, begun: &[Witness]) -> Outcome {
        let claim = &self.ledger.claims[at];
        let (ways, part) = match claim.rules {
            true => (self.by_rules(claim, fixed), Vec::new()),
            false => self.ways(at, fixed, cost_max, begun),
        };
        match ways.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)) {
            None => Outcome::Part(part),
            Some((cost, _)) if cost >= cost_max => Outcome::Dear(cost),
            Some((_, witnesses)) => {
                witnesses.into_iter().for_each(|witness| self.take(witness));
                Outcome::Met
            }
        }
    }

    /// Ways to show the claim, each with its cost, and the witnesses of one that does not convince everybody. Where the cheapest witness is
    /// too dear already it stands for all.
    fn ways(&mut self, at: usize, fixed: &[u32], cost_max: f64, begun: &[Witness]) -> (Vec<Way>, Vec<Witness>) {
        let claim = &self.ledger.claims[at];
        let (mut ways, mut part): (Vec<Way>, _) = (self.boxed(at).into_iter().collect(), Vec::new());
        if ways.first().is_some_and(|(cost, _)| *cost <= 0.0) {
            // Nothing more is withheld for them.
        } else if !inside(self.ledger.ground.attackers) {
            ways.extend(self.single(claim, fixed, false));
        } else if let Some((cost, first)) = self.begin(claim, fixed, cost_max, begun) {
            let shown = self.ledger.shown_by(at, &first);
            // What nobody sees through although it need not be so is the cheapest there is.
            if cost >= cost_max || shown.is_complete() {
                ways.push((cost, first));
            } else {
                match self.several(at, fixed, (cost, first), shown) {
                    Ok(way) => ways.push(way),
                    Err(short) => {
                        // Where somebody rules out whatever moves the cell, nothing is unseen by all. A search in whole numbers does not tell,
                        // and where everything is tried nothing is left out.
                        let tells = !self.ledger.ground.is_whole(claim.cell) && !self.allowance.is_full;
                        if !tells || short.len() > self.allowance.witnesses() {
                            ways.extend(self.single(claim, fixed, true));
                        }
                        part = short;
                    }
                }
            }
        }
        (ways, part)
    }

    /// What was found before, if that is not too dear, or the cheapest witness.
    fn begin(&mut self, claim: &Claim, fixed: &[u32], cost_max: f64, begun: &[Witness]) -> Option<Way> {
        let before = (!begun.is_empty()).then(|| (self.cost(begun), begun.to_vec()));
        before.filter(|(cost, _)| *cost < cost_max).or_else(|| self.single(claim, fixed, false))
    }

    /// What boxes make of the claim, with its cost.
    fn boxed(&self, at: usize) -> Option<Way> {
        let (_, witnesses) = self.regions.iter().flat_map(|region| &region.witnesses).find(|(claim, _)| *claim == at)?;
        self.ledger.shown_by(at, witnesses).is_complete().then(|| (self.cost(witnesses), witnesses.clone()))
    }

    /// The price of what must be withheld for the witnesses and is not yet.
    fn cost(&self, witnesses: &[Witness]) -> f64 {
        let ground = self.ledger.ground;
        let needed =
            |(cell, difference): &&(u32, f64)| !self.withheld[*cell as usize] && ground.needs_withholding(*cell, *difference);
        let cells = witnesses.iter().flat_map(|witness| witness.differences()).filter(needed);
        let cells: BTreeSet<u32> = cells.flat_map(|(cell, _)| ground.decided(*cell)).collect();
        cells.iter().filter(|cell| !self.withheld[**cell as usize]).map(|cell| self.ledger.price[*cell as usize]).sum()
    }

    fn single(&mut self, claim: &Claim, fixed: &[u32], unseen: bool) -> Option<Way> {
        self.one(claim, fixed, unseen).map(|found| (found.cost, vec![found.witness]))
    }

    /// One witness, that nobody can rule out when it has to be unseen.
    fn one(&mut self, claim: &Claim, fixed: &[u32], unseen: bool) -> Option<Found> {
        let limits = Limits {
            fixed: fixed.to_vec(),
            unseen_by_all: unseen,
            nothing_more: self.more == More::Refused,
            ..Limits::default()
        };
        self.cheapest(claim, claim.amount, None, &limits)
    }

    /// The cheapest other number of units that the rules allow, on either side.
    fn by_rules(&mut self, claim: &Claim, fixed: &[u32]) -> Vec<Way> {
        let limits = Limits { fixed: fixed.to_vec(), nothing_more: self.more == More::Refused, ..Limits::default() };
        let sides = [claim.clone(), claim.turned()].map(|claim| self.cheapest(&claim, claim.amount, None, &limits));
        sides.into_iter().flatten().map(|found| (found.cost, vec![found.witness])).collect()
    }

    /// Witnesses after the first, each unseen by as many as can be of those who rule out all before it. Where there is none that some
    /// contributor cannot rule out, the witnesses before it, which are not enough.
    fn several(&mut self, at: usize, fixed: &[u32], first: Way, mut shown: Shown) -> Result<Way, Vec<Witness>> {
        let (ledger, nothing_more) = (self.ledger, self.more == More::Refused);
        let (ground, claim) = (ledger.ground, &ledger.claims[at]);
        let limits = |unseen_by: Vec<u32>| Limits { fixed: fixed.to_vec(), unseen_by, nothing_more, ..Limits::default() };
        let (mut cost, mut witnesses) = first;
        let mut withheld = self.withheld.clone();
        witnesses.iter().for_each(|witness| withhold(ground, &mut withheld, witness));
        while !shown.is_complete() {
            if shown.open_to.is_empty() || witnesses.len() > self.allowance.witnesses() {
                return Err(witnesses);
            }
            let mut group = shown.open_to.clone();
            let found = loop {
                let Some(some) = self.convincible(claim, group, &withheld, limits) else { return Err(witnesses) };
                match self.cheapest(claim, least(ground, claim, &some), Some(&withheld), &limits(some.clone())) {
                    Some(found) => break found,
                    None if some.len() == 1 => return Err(witnesses),
                    None => group = some[..some.len() / 2].to_vec(),
                }
            };
            let Some(more) = ledger.more(at, &shown, &found.witness) else { return Err(witnesses) };
            shown = more;
            withhold(ground, &mut withheld, &found.witness);
            cost += found.cost;
            witnesses.push(found.witness);
        }
        Ok((cost, witnesses))
    }

    /// Cost of what was withheld here.
    pub fn spent(&self) -> f64 {
        let cells = self.found.iter().flat_map(|witness| witness.differences().iter().map(|(cell, _)| *cell));
        let cells: BTreeSet<u32> = cells.flat_map(|cell| self.ledger.ground.decided(cell)).collect();
        let new = |cell: &&u32| self.withheld[**cell as usize] && !self.before[**cell as usize];
        cells.iter().filter(new).map(|cell| self.ledger.ground.cost(*cell)).sum()
    }

    fn take(&mut self, witness: Witness) {
        withhold(self.ledger.ground, &mut self.withheld, &witness);
        self.found.push(witness);
    }
}

/// What shows the claim to any of the group.
fn least(ground: &Ground<'_>, claim: &Claim, group: &[u32]) -> f64 {
    group.iter().map(|one| remaining(ground, claim, *one)).fold(f64::INFINITY, f64::min)
}

fn withhold(ground: &Ground<'_>, withheld: &mut [bool], witness: &Witness) {
    for (cell, difference) in witness.differences() {
        if ground.is_free(*cell) && ground.needs_withholding(*cell, *difference) {
            ground.withhold(*cell, withheld);
        }
    }
}
