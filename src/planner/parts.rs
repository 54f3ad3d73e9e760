//! A part is what chooses a breakdown for itself: a table, or one class of the classification by which it is split. Its choice holds in
//! every year and in both arms.

use rayon::prelude::*;

use super::families::Family;
use super::judge::{Judged, Outcome, judge};
use super::loss::Loss;
use super::weights::Weights;
use crate::disclosure::profile::Profile;
use crate::spec::plan::{Plan, Show, TablePlan};
use crate::tables::select::Chosen;
use crate::tables::set::{Row, TableSet};

/// What a part can become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// A variant of the family, in these years.
    Shown {
        variant: usize,
        years: Vec<i32>,
    },
    LeftOut,
}

/// A choice with its rows and what losing them means.
pub struct Offer {
    pub choice: Choice,
    /// Indices into the rows of the table of the variant.
    pub rows: Vec<usize>,
    /// By row: what is lost when it is withheld.
    pub weights: Vec<Loss>,
    /// What is lost even when nothing is withheld.
    pub missing: Loss,
    /// No design with this choice loses less on this part.
    pub bound: Loss,
}

pub struct Part {
    /// Index of the family.
    pub family: usize,
    /// Class of the classification by which the family is split.
    pub code: Option<String>,
    pub offers: Vec<Offer>,
    /// By variant, over all years.
    pub alone: Vec<Alone>,
}

/// What the rules and the protection say of a variant of a part when nothing else is published.
pub struct Alone {
    pub rows: Vec<usize>,
    pub judged: Vec<Outcome>,
    pub possible: bool,
}

/// Every part of every family.
pub fn parts(plan: &Plan, families: &[Family], set: &TableSet, profile: &Profile) -> Vec<Part> {
    let of = |at: usize| {
        let setting = Setting { plan, family: &families[at], set, profile };
        let codes = setting.codes();
        let alone: Vec<Vec<Alone>> = codes.par_iter().map(|code| setting.alone(code.as_deref())).collect();
        let weights = Weights::new(&families[at], &alone, set, families.len());
        let part = |((code, alone), place): ((Option<String>, Vec<Alone>), usize)| {
            let offers = setting.offers(&alone, &weights, place);
            Part { family: at, code, offers, alone }
        };
        codes.into_iter().zip(alone).zip(0..).map(part).collect::<Vec<_>>()
    };
    (0..families.len()).flat_map(of).collect()
}

/// A family with the tables of all its variants.
struct Setting<'a> {
    plan: &'a Plan,
    family: &'a Family,
    set: &'a TableSet,
    profile: &'a Profile,
}

impl Setting<'_> {
    /// The classes that get a breakdown of their own, in their order.
    fn codes(&self) -> Vec<Option<String>> {
        let mut codes: Vec<Option<String>> = Vec::new();
        for row in &self.set.tables[self.family.variants[0].table].rows {
            let code = self.family.code(0, row).map(str::to_owned);
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes
    }

    fn alone(&self, code: Option<&str>) -> Vec<Alone> {
        let variant = |at: usize| {
            let table = self.family.variants[at].table;
            let all = &self.set.tables[table].rows;
            let rows: Vec<usize> = (0..all.len()).filter(|row| self.family.code(at, &all[*row]) == code).collect();
            let chosen = Chosen { table, rows: rows.clone(), importance: self.plan.tables[table].importance };
            let Judged { rows: judged, possible } = judge(self.set.select(&[chosen]), self.profile, self.plan.search);
            Alone { rows, judged: judged.into_iter().flatten().collect(), possible }
        };
        (0..self.family.variants.len()).map(variant).collect()
    }

    /// Every variant over all years, over the years in which no rule objects where that is only some, and not at all.
    fn offers(&self, alone: &[Alone], weights: &Weights, part: usize) -> Vec<Offer> {
        let mut offers = Vec::new();
        for (variant, alone) in alone.iter().enumerate().filter(|(_, alone)| alone.possible) {
            let table = &self.plan.tables[self.family.variants[variant].table];
            let safe = self.safe_years(variant, alone);
            let some = safe.len() < table.years.len() && !safe.is_empty() && keeps_base(table, &safe);
            for years in std::iter::once(table.years.clone()).chain(some.then_some(safe)) {
                offers.push(self.shown(variant, years, alone, weights, part));
            }
        }
        let missing = weights.left_out(part, self.plan.tables[self.family.variants[0].table].importance);
        offers.push(Offer { choice: Choice::LeftOut, rows: Vec::new(), weights: Vec::new(), missing, bound: missing });
        offers
    }

    fn safe_years(&self, variant: usize, alone: &Alone) -> Vec<i32> {
        let table = self.family.variants[variant].table;
        let rows = &self.set.tables[table].rows;
        let of = |year: &i32| {
            let year = year.to_string();
            alone.rows.iter().zip(&alone.judged).filter(move |(row, _)| rows[**row].key["year"] == year)
        };
        let is_safe = |year: &i32| of(year).all(|(_, outcome)| outcome.rules.is_empty());
        self.plan.tables[table].years.iter().copied().filter(is_safe).collect()
    }

    fn shown(&self, variant: usize, years: Vec<i32>, alone: &Alone, weights: &Weights, part: usize) -> Offer {
        let table = self.family.variants[variant].table;
        let source = &self.set.tables[table].rows;
        let named: Vec<String> = years.iter().map(i32::to_string).collect();
        let kept = || alone.rows.iter().zip(&alone.judged).filter(|(row, _)| named.contains(&source[**row].key["year"]));
        let all: Vec<&Row> = alone.rows.iter().map(|row| &source[*row]).collect();
        let rows: Vec<&Row> = kept().map(|(row, _)| &source[*row]).collect();
        let importance = self.plan.tables[table].importance;
        let weighed = weights.rows(part, self.set, &all, &rows);
        let missing = weights.missing(part, self.set, &all, &rows, importance);
        let unsafe_rows = kept().zip(&weighed).filter(|((_, outcome), _)| !outcome.rules.is_empty());
        let mut bound = unsafe_rows.fold(missing, |bound, (_, weight)| bound + *weight);
        // Sets that no table prints can be unsafe as well; then at least one row of the part goes.
        if rows.len() == all.len() && alone.judged.iter().any(|outcome| outcome.withheld) {
            bound.withheld = bound.withheld.max(1);
        }
        let rows = kept().map(|(row, _)| *row).collect();
        Offer { choice: Choice::Shown { variant, years }, rows, weights: weighed, missing, bound }
    }
}

fn keeps_base(table: &TablePlan, years: &[i32]) -> bool {
    match table.show {
        Show::Index { base } => years.contains(&base),
        _ => true,
    }
}
