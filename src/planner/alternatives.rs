//! Other designs than the proposal, and what they lose: better in something and worse in something else.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Planner;
use super::loss::{Loss, WHOLE};
use super::parts::{Choice, Part};
use super::proposal::with_choice;
use super::search::{Design, Found};

/// A whole design and what it loses.
#[derive(Clone, Debug, Serialize)]
pub struct Alternative {
    /// How it differs from the proposal.
    pub what: String,
    pub withheld: u64,
    /// Steps, so that no number of units follows.
    pub units_shown: &'static str,
    pub value_shown: &'static str,
    /// Rows of the finest design that it has, per cent.
    pub detail_kept_percent: u64,
}

/// Most alternatives that are told.
const ALTERNATIVES_MAX: usize = 12;

/// Designs that differ from the proposal in one table as a whole, the tables as they were written, and what the search saw: those that lose
/// less of something than any other. The second number is of designs that were protected for it.
pub(super) fn alternatives(planner: &Planner<'_>, found: &Found) -> (Vec<Alternative>, usize) {
    let mut known: BTreeMap<Design, Loss> =
        found.seen.iter().filter_map(|(design, one)| Some((design.clone(), one.as_ref()?.loss))).collect();
    let mut protected = 0;
    for design in neighbours(planner, &found.design) {
        // What cannot be better in anything than a design that is known needs no protection to be passed over.
        let bound = planner.bound(&design);
        let hopeless = known.values().any(|loss| loss.dominates(&bound));
        if !hopeless && !found.seen.contains_key(&design) && !known.contains_key(&design) {
            protected += 1;
            known.extend(planner.examine(&design).map(|one| (design, one.evaluation.loss)));
        }
    }
    let mut front: Vec<(&Loss, &Design)> = known
        .iter()
        .filter(|(design, loss)| **design != found.design && !known.values().any(|other| other.dominates(loss)))
        .map(|(design, loss)| (loss, design))
        .collect();
    front.sort();
    front.dedup_by_key(|(loss, _)| **loss);
    front.truncate(ALTERNATIVES_MAX);
    let finest = detail_in_all(planner);
    let tell = |what: String, loss: &Loss| Alternative {
        what,
        withheld: loss.withheld,
        units_shown: step(loss.units),
        value_shown: step(loss.value),
        detail_kept_percent: (100 * finest.saturating_sub(loss.detail)).checked_div(finest).unwrap_or(100),
    };
    let first = tell("the proposal".into(), &found.loss);
    let others = front.into_iter().map(|(loss, design)| tell(difference(planner, &found.design, design), loss));
    (std::iter::once(first).chain(others).collect(), protected)
}

/// Detail that is lost when everything is left out.
fn detail_in_all(planner: &Planner<'_>) -> u64 {
    planner.parts.iter().filter_map(|part| part.offers.last()).map(|offer| offer.missing.detail).sum()
}

/// The design as written, and one for every table and variant: all parts of the table that can take it do.
fn neighbours(planner: &Planner<'_>, best: &Design) -> Vec<Design> {
    let wish = planner.wish;
    let whole = |part: &Part, variant: usize| {
        let years = &wish.original.tables[wish.families[part.family].wanted].years;
        part.offers.iter().position(|offer| offer.choice == Choice::Shown { variant, years: years.clone() })
    };
    let as_written = |part: &Part| wish.families[part.family].variants.iter().position(|variant| variant.as_wanted);
    let written: Option<Design> = planner.parts.iter().map(|part| whole(part, as_written(part)?)).collect();
    let mut designs: Vec<Design> = written.into_iter().collect();
    for (at, family) in wish.families.iter().enumerate() {
        for variant in 0..family.variants.len() {
            let years = &wish.original.tables[family.wanted].years;
            let choice = Choice::Shown { variant, years: years.clone() };
            let own = (0..planner.parts.len()).filter(|part| planner.parts[*part].family == at);
            designs.push(own.fold(best.clone(), |design, part| with_choice(planner, &design, part, &choice).unwrap_or(design)));
        }
    }
    designs.retain(|design| design != best);
    designs
}

/// In words, table by table.
fn difference(planner: &Planner<'_>, best: &Design, other: &Design) -> String {
    let wish = planner.wish;
    let mut changes: BTreeMap<(usize, String), Vec<&str>> = BTreeMap::new();
    for (at, part) in planner.parts.iter().enumerate().filter(|(at, _)| best[*at] != other[*at]) {
        let family = &wish.families[part.family];
        let to = match &part.offers[other[at]].choice {
            Choice::Shown { variant, years } if years.len() == wish.original.tables[family.wanted].years.len() => {
                family.variants[*variant].label.clone()
            }
            Choice::Shown { variant, .. } => format!("{} in some years", family.variants[*variant].label),
            Choice::LeftOut => "left out".to_owned(),
        };
        changes.entry((family.wanted, to)).or_default().extend(part.code.as_deref());
    }
    let text = |((wanted, to), codes): ((usize, String), Vec<&str>)| {
        let codes = if codes.is_empty() { String::new() } else { format!(" {}", codes.join(" ")) };
        format!("{}{codes}: {to}", wish.original.tables[wanted].id)
    };
    changes.into_iter().map(text).collect::<Vec<_>>().join("; ")
}

/// The share that is left, in steps too wide for a number of units to follow.
fn step(lost: u64) -> &'static str {
    match lost {
        0 => "all",
        lost if lost <= WHOLE / 20 => "over 95 %",
        lost if lost <= WHOLE / 10 => "over 90 %",
        lost if lost <= WHOLE / 4 => "over 75 %",
        lost if lost <= WHOLE / 2 => "over 50 %",
        _ => "50 % or less",
    }
}
