//! A workshop works one system: it keeps a witness for every obligation, and has cells withheld where one is missing.

use std::collections::BTreeSet;

use super::Certificate;
use super::obligation::{Obligation, Side, Witness, obligations, unknown};
use super::solver::{More, Solver};
use super::system::System;

pub(super) struct Workshop<'a> {
    system: &'a System,
    solver: Solver<'a>,
    obligations: Vec<Obligation>,
    /// The witness of every obligation, once it has one.
    shown_by: Vec<Option<usize>>,
    witnesses: Vec<Witness>,
}

/// New witnesses for obligations, by their index.
pub(super) type Replacement = Vec<(usize, Witness)>;

impl<'a> Workshop<'a> {
    pub fn new(system: &'a System) -> Self {
        let obligations = obligations(system);
        let shown_by = vec![None; obligations.len()];
        Self { system, solver: Solver::new(system), obligations, shown_by, witnesses: Vec::new() }
    }

    pub fn obligations(&self) -> usize {
        self.obligations.len()
    }

    pub fn programs(&self) -> usize {
        self.solver.programs
    }

    /// Withholds cells until every obligation has a witness; on failure the cells of the rows that have none.
    pub fn secure(&mut self, withheld: &mut [bool]) -> Result<(), Vec<usize>> {
        let mut stuck = Vec::new();
        for at in 0..self.obligations.len() {
            let open = self.open(withheld);
            if self.adopt(at, &open) {
                continue;
            }
            let obligation = &self.obligations[at];
            match self.solver.cheapest(obligation, withheld, More::Allowed) {
                Some(witness) => self.withhold(at, witness, withheld),
                None => match self.flooded(at) {
                    Some(witness) => self.withhold(at, witness, withheld),
                    None => stuck.extend(self.system.rows[obligation.row].cells.first()),
                },
            }
        }
        if stuck.is_empty() { Ok(()) } else { Err(stuck) }
    }

    /// Whether every obligation is shown by its witness.
    pub fn is_secure(&self, withheld: &[bool]) -> bool {
        let open = self.open(withheld);
        self.obligations.iter().zip(&self.shown_by).all(|(obligation, by)| {
            by.is_some_and(|by| {
                let witness = &self.witnesses[by];
                witness.is_sound(self.system) && witness.shows(obligation, self.system, &open)
            })
        })
    }

    /// The witnesses that are needed when the cell is published again; `None` when there are not enough. `withheld` has it published.
    pub fn without(&mut self, cell: usize, withheld: &[bool]) -> Option<Replacement> {
        let mut replacement = Replacement::new();
        let Some(row) = self.system.rows.iter().position(|row| row.cells.contains(&cell)) else { return Some(replacement) };
        let open = self.open(withheld);
        for at in 0..self.obligations.len() {
            let lost = self.shown_by[at].is_none_or(|by| self.witnesses[by].touched.binary_search(&row).is_ok());
            if !lost || self.adopt(at, &open) {
                continue;
            }
            // A new witness of another obligation may serve; `accept` finds it again.
            let obligation = &self.obligations[at];
            if replacement.iter().any(|(_, new): &(usize, Witness)| new.shows(obligation, self.system, &open)) {
                continue;
            }
            let witness = self.solver.cheapest(&self.obligations[at], withheld, More::Refused)?;
            if !witness.shows(&self.obligations[at], self.system, &open) {
                return None;
            }
            replacement.push((at, witness));
        }
        Some(replacement)
    }

    /// Takes over what [`Self::without`] found, for the cells now withheld.
    pub fn accept(&mut self, found: Replacement, withheld: &[bool]) {
        for (at, witness) in found {
            self.shown_by[at] = Some(self.witnesses.len());
            self.witnesses.push(witness);
        }
        let open = self.open(withheld);
        for at in 0..self.obligations.len() {
            self.adopt(at, &open);
        }
    }

    /// The witnesses of numbers of units that are in use, spread over the atoms.
    pub fn certificates(&self, universe: usize) -> Vec<Certificate> {
        let used: BTreeSet<usize> = self.shown_by.iter().filter_map(|by| *by).filter(|_| self.system.whole).collect();
        let certificate = |by: usize| Certificate { universe, differences: self.spread(&self.witnesses[by]) };
        used.into_iter().map(certificate).collect()
    }

    fn spread(&self, witness: &Witness) -> Vec<(u32, i64)> {
        let mut differences = Vec::new();
        for (atoms, difference) in self.system.atoms.iter().zip(&witness.columns) {
            let mut left = *difference as i128;
            for (atom, value) in atoms.iter().filter(|_| *difference != 0.0) {
                let step = left.max(-value);
                differences.push((*atom, step as i64));
                left -= step;
            }
        }
        differences
    }

    fn open(&self, withheld: &[bool]) -> Vec<bool> {
        self.system.rows.iter().map(|row| row.is_open(withheld)).collect()
    }

    /// Keeps the witness, or takes another that is already there.
    fn adopt(&mut self, at: usize, open: &[bool]) -> bool {
        let obligation = &self.obligations[at];
        let shows = |by: &usize| self.witnesses[*by].shows(obligation, self.system, open);
        let found = self.shown_by[at].filter(shows).or_else(|| (0..self.witnesses.len()).find(shows));
        if found.is_some() {
            self.shown_by[at] = found;
        }
        found.is_some()
    }

    fn withhold(&mut self, at: usize, witness: Witness, withheld: &mut [bool]) {
        for row in &witness.touched {
            for cell in &self.system.rows[*row].cells {
                withheld[*cell] = true;
            }
        }
        self.shown_by[at] = Some(self.witnesses.len());
        self.witnesses.push(witness);
    }

    /// A witness that needs any number of cells withheld: the set itself grows or shrinks and nothing makes up for it.
    fn flooded(&self, at: usize) -> Option<Witness> {
        let obligation = &self.obligations[at];
        let row = &self.system.rows[obligation.row];
        let columns = match obligation.insider {
            Some(insider) => unknown(row, &self.system.rows[insider]),
            None => row.columns.clone(),
        };
        let open = vec![true; self.system.rows.len()];
        let sides = [(Side::Up, 1.0), (Side::Down, -1.0)];
        sides.into_iter().filter(|(side, _)| obligation.side == *side || obligation.side == Side::Either).find_map(|(_, sign)| {
            let mut difference = vec![0.0; self.system.values.len()];
            let mut left = obligation.target as f64;
            for column in &columns {
                let value = self.system.values[*column as usize] as f64;
                let bounded = sign < 0.0 && self.system.nonnegative;
                let step = if bounded { left.min(value) } else { left };
                difference[*column as usize] = sign * step;
                left -= step;
            }
            let witness = Witness::new(self.system, difference, 0.0);
            (witness.is_sound(self.system) && witness.shows(obligation, self.system, &open)).then_some(witness)
        })
    }
}
