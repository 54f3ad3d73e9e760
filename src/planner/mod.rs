//! The planner: the finest design of the tables that can be published, found before the analysis is written.
//!
//! A *design* gives every part of the wanted tables one breakdown along the declared merge orders, the same in every year and in both
//! arms. The registers are read once: every variant of every table is tabulated over one refinement of the units, and a design is a
//! selection of rows. What a design loses is what `assess` and `protect` say of it, together with the tables that are not planned.
//!
//! Designs are ranked by what they lose, the first difference deciding: rows withheld, share of the units shown, share of the values shown,
//! rows of detail. So the first choice is the finest design in which nothing is withheld and no unit is left out.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::profile::Profile;
use crate::spec::plan::Plan;
use crate::spec::suggest;
use crate::tables::select::Chosen;
use crate::tables::set::TableSet;

mod alternatives;
mod draft;
mod families;
mod fragment;
mod groups;
mod judge;
mod loss;
mod parts;
mod proposal;
mod report;
mod search;
mod weights;

pub use alternatives::Alternative;
pub use proposal::{Obstacle, PartProposal, Proposal, Step, TableProposal};

use families::Family;
use groups::Group;
use loss::Loss;
use parts::{Choice, Part};
use search::{Design, Evaluation, Found};

/// What is asked of the planner.
#[derive(Clone, Debug)]
pub struct Options {
    /// Ids of the tables to plan; all when empty. The others are published as they are.
    pub tables: Vec<String>,
    pub merging: Merging,
    /// How many designs may be protected before the search ends with the best so far.
    pub allowance: usize,
}

/// Which class sets are tried in the place of the one that a table names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merging {
    /// Begin with the finest class set of the merge order, even where the pipeline file names a coarser one.
    pub finest: bool,
    /// Try every merge of neighbouring classes, declared or not.
    pub any_neighbours: bool,
}

/// The tables that are wanted, with everything that they could become.
pub struct Wish {
    original: Plan,
    spread: Plan,
    families: Vec<Family>,
    /// Places of the tables that stay as they are in the pipeline file; they come first in `spread`.
    fixed: Vec<usize>,
}

impl Wish {
    /// # Errors
    /// A table that the pipeline does not have, or nothing that leaves a choice.
    pub fn new(plan: &Plan, options: &Options) -> Result<Self, Diagnostics> {
        let mut wrong = Diagnostics::default();
        let known = || plan.tables.iter().map(|table| table.id.as_str());
        for id in options.tables.iter().filter(|id| !known().any(|known| known == id.as_str())) {
            let unknown = Diagnostic::error("unknown-name", format!("the pipeline has no table `{id}`"));
            let help = suggest::nearest(id, known()).map(|near| format!("did you mean `{near}`?"));
            wrong.0.push(Diagnostic { help, ..unknown });
        }
        let asked = |at: &usize| options.tables.is_empty() || options.tables.contains(&plan.tables[*at].id);
        let planned: Vec<usize> = (0..plan.tables.len()).filter(asked).collect();
        let (spread, families, fixed) = families::spread(plan, &planned, options.merging);
        if families.is_empty() && wrong.0.is_empty() {
            let nothing = Diagnostic::error("conflict", "no table to plan is broken down by a classification or a class set");
            wrong.0.push(nothing.help("name another table, or plan all of them"));
        }
        wrong.finish(Self { original: plan.clone(), spread, families, fixed }).map(|(wish, _)| wish)
    }

    /// The plan whose tables are to be made for [`Wish::propose`].
    pub fn plan(&self) -> &Plan {
        &self.spread
    }

    /// Searches the designs; `set` holds the tables of [`Wish::plan`].
    ///
    /// # Errors
    /// `cannot-protect` when not even leaving out every planned table makes the rest safe.
    pub fn propose(
        &self,
        set: &TableSet,
        profile: &Profile,
        allowance: usize,
        progress: &(dyn Fn(&str) + Sync),
    ) -> Result<Proposal, Diagnostics> {
        assert!(set.tables.len() == self.spread.tables.len(), "the tables are those of the plan of the wish");
        progress("breakdowns");
        let planner = Planner::new(self, set, profile);
        progress("designs");
        let Some(found) = planner.search(allowance) else {
            let impossible = Diagnostic::error("cannot-protect", "the tables that are not planned cannot be protected");
            return Err(impossible.help("plan them as well, or leave them out of the pipeline file").into());
        };
        progress("alternatives");
        Ok(proposal::write(&planner, &found))
    }
}

/// Everything that a design is judged with.
struct Planner<'a> {
    wish: &'a Wish,
    set: &'a TableSet,
    profile: &'a Profile,
    parts: Vec<Part>,
    /// Parts that show the same cells choose alike.
    groups: Vec<Group>,
    fixed: Vec<Chosen>,
    /// Rows withheld in the fixed tables when nothing else is published.
    baseline: u64,
}

/// A design after protection.
struct Examined {
    evaluation: Evaluation,
    /// Part and place of the row in its offer.
    withheld: BTreeSet<(usize, usize)>,
}

/// A row of an offer by its part and place.
type Owner = (usize, usize);

/// Rows of a table, each with its owner.
type OwnedRows = Vec<(usize, Owner)>;

impl<'a> Planner<'a> {
    fn new(wish: &'a Wish, set: &'a TableSet, profile: &'a Profile) -> Self {
        let whole = |table: usize| Chosen {
            table,
            rows: (0..set.tables[table].rows.len()).collect(),
            importance: wish.spread.tables[table].importance,
        };
        let fixed: Vec<Chosen> = (0..wish.fixed.len()).map(whole).collect();
        let alone = judge::judge(set.select(&fixed), profile, wish.spread.search);
        let baseline = alone.rows.iter().flatten().filter(|row| row.withheld).count() as u64;
        let parts = parts::parts(&wish.spread, &wish.families, set, profile);
        let groups = groups::groups(&wish.spread, &wish.families, &parts);
        Self { wish, set, profile, parts, groups, fixed, baseline }
    }

    /// The best design of the parts, found over the groups.
    fn search(&self, allowance: usize) -> Option<Found> {
        let bound = |group: &Group, offers: &Vec<usize>| {
            let bounds = group.parts.iter().zip(offers).map(|(part, offer)| self.parts[*part].offers[*offer].bound);
            bounds.fold(Loss::default(), |sum, one| sum + one)
        };
        let bounds: Vec<Vec<Loss>> =
            self.groups.iter().map(|group| group.choices.iter().map(|offers| bound(group, offers)).collect()).collect();
        let found = search::search(&bounds, allowance, &mut |choices| {
            let mut evaluation = self.examine(&groups::expand(&self.groups, choices))?.evaluation;
            let is_touched = |group: &Group| group.parts.iter().any(|part| evaluation.touched.contains(part));
            evaluation.touched = (0..self.groups.len()).filter(|at| is_touched(&self.groups[*at])).collect();
            Some(evaluation)
        })?;
        let expand = |choices: &Design| groups::expand(&self.groups, choices);
        let seen = found.seen.iter().map(|(choices, evaluation)| (expand(choices), evaluation.clone())).collect();
        Some(Found { design: expand(&found.design), seen, ..found })
    }

    /// No design with these offers loses less.
    fn bound(&self, design: &[usize]) -> Loss {
        self.parts.iter().zip(design).fold(Loss::default(), |sum, (part, offer)| sum + part.offers[*offer].bound)
    }

    /// The rows of a design and whose they are; parts of a family that choose alike stand in one table.
    fn assemble(&self, design: &[usize]) -> (Vec<Chosen>, Vec<Vec<Owner>>) {
        let mut tables: BTreeMap<(usize, &[i32]), OwnedRows> = BTreeMap::new();
        for (at, (part, offer)) in self.parts.iter().zip(design).enumerate() {
            let offer = &part.offers[*offer];
            if let Choice::Shown { variant, years } = &offer.choice {
                let table = self.wish.families[part.family].variants[*variant].table;
                let rows = tables.entry((table, years)).or_default();
                rows.extend(offer.rows.iter().enumerate().map(|(place, row)| (*row, (at, place))));
            }
        }
        let mut chosen = self.fixed.clone();
        let mut owners = Vec::new();
        for ((table, _), mut rows) in tables {
            rows.sort_unstable();
            let importance = self.wish.spread.tables[table].importance;
            chosen.push(Chosen { table, rows: rows.iter().map(|(row, _)| *row).collect(), importance });
            owners.push(rows.into_iter().map(|(_, owner)| owner).collect());
        }
        (chosen, owners)
    }

    /// Protects a design; `None` when that is impossible.
    fn examine(&self, design: &[usize]) -> Option<Examined> {
        let (chosen, owners) = self.assemble(design);
        let judged = judge::judge(self.set.select(&chosen), self.profile, self.wish.spread.search);
        if !judged.possible {
            return None;
        }
        let (fixed, planned) = judged.rows.split_at(self.fixed.len());
        let in_fixed = fixed.iter().flatten().filter(|row| row.withheld).count() as u64;
        let elsewhere = in_fixed.saturating_sub(self.baseline);
        let outcomes = planned.iter().flatten().zip(owners.iter().flatten());
        let withheld: BTreeSet<Owner> = outcomes.filter(|(outcome, _)| outcome.withheld).map(|(_, owner)| *owner).collect();
        let missing = self.parts.iter().zip(design).map(|(part, offer)| part.offers[*offer].missing);
        let lost = withheld.iter().map(|(part, place)| self.parts[*part].offers[design[*part]].weights[*place]);
        let loss = missing.chain(lost).fold(Loss { withheld: elsewhere, ..Loss::default() }, |sum, one| sum + one);
        let touched: BTreeSet<usize> = withheld.iter().map(|(part, _)| *part).collect();
        let evaluation = Evaluation { loss, touched: touched.into_iter().collect() };
        Some(Examined { evaluation, withheld })
    }
}

#[cfg(test)]
mod tests;
