//! The proposal: what each part becomes and why nothing finer, what other designs would lose, and the tables to paste. It names classes
//! and rules, never a number of units or a value, and shares only in steps.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::alternatives::{self, Alternative};
use super::parts::{Alone, Choice, Part};
use super::search::{Design, Found};
use super::{Examined, Planner, draft, fragment, judge};
use crate::spec::plan::{Plan, TablePlan};

/// The result of planning. For the researcher inside, not for release.
#[derive(Clone, Debug, Serialize)]
pub struct Proposal {
    pub study: String,
    pub profile: String,
    /// No design that could be chosen loses less, in the order in which losses count.
    pub proven: bool,
    /// The audit accepts the tables of the proposal, together with those that are not planned.
    pub accepted: bool,
    /// Designs that could be chosen, in words because there can be very many.
    pub designs: String,
    /// Designs that were assessed and protected.
    pub protected: usize,
    /// Rows withheld in tables that are not planned, whatever is chosen here.
    pub withheld_elsewhere: u64,
    pub tables: Vec<TableProposal>,
    /// The proposal first, then designs that are better in something and worse in something else.
    pub alternatives: Vec<Alternative>,
    /// The tables that change, as they stand in a pipeline file.
    pub fragment: String,
    /// The pipeline with the proposed tables.
    #[serde(skip)]
    pub plan: Plan,
}

#[derive(Clone, Debug, Serialize)]
pub struct TableProposal {
    pub id: String,
    pub title: String,
    pub changed: bool,
    pub parts: Vec<PartProposal>,
}

/// What a table, or one class of it, becomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PartProposal {
    /// `sector C`; none where the table is planned as a whole.
    pub part: Option<String>,
    /// `size.four`; none where it is left out.
    pub breakdown: Option<String>,
    /// The classes of the breakdown.
    pub classes: Vec<String>,
    /// Years that are dropped.
    pub without_years: Vec<i32>,
    /// Rows that have to be withheld in it.
    pub withheld: usize,
    /// Finer breakdowns, and what stands in their way.
    pub finer: Vec<Step>,
}

/// A finer breakdown and what stands in its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    pub breakdown: String,
    pub obstacles: Vec<Obstacle>,
}

/// Why a breakdown cannot be published whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Obstacle {
    /// The class, `all` for a row without one; empty where no row of this table is to blame.
    pub class: String,
    /// The arm, empty where the table has none.
    pub arm: String,
    pub years: Vec<String>,
    /// None where all of the table are concerned.
    pub indicators: Vec<String>,
    /// The rules that object; none where the row would be withheld to protect others.
    pub rules: Vec<&'static str>,
    /// Other tables are needed to see it.
    pub jointly: bool,
}

pub(super) fn write(planner: &Planner<'_>, found: &Found) -> Proposal {
    let examined = planner.examine(&found.design);
    let withheld = examined.map(|one| one.withheld).unwrap_or_default();
    let (alternatives, protected) = alternatives::alternatives(planner, found);
    let plan = draft::draft(planner, &found.design);
    let wish = planner.wish;
    let changed = |at: usize| !plan.tables.contains(&wish.original.tables[at]);
    let mut tables: BTreeMap<usize, Vec<PartProposal>> = BTreeMap::new();
    for (at, part) in planner.parts.iter().enumerate() {
        let own = withheld.iter().filter(|(owner, _)| *owner == at).count();
        let proposal = part_proposal(planner, &found.design, at, own);
        tables.entry(wish.families[part.family].wanted).or_default().push(proposal);
    }
    let table = |(at, parts): (usize, Vec<PartProposal>)| {
        let TablePlan { id, title, .. } = &wish.original.tables[at];
        TableProposal { id: id.clone(), title: title.english.clone(), changed: changed(at), parts }
    };
    let tables: Vec<TableProposal> = tables.into_iter().map(table).collect();
    let gone = tables.iter().filter(|table| table.parts.iter().all(|part| part.breakdown.is_none()));
    let gone: String = gone.map(|table| format!("# Without the table `{}`.\n", table.id)).collect();
    Proposal {
        study: wish.original.name.clone(),
        profile: planner.profile.name().to_owned(),
        // Where earlier releases hide numbers, a part can lose more alone than beside others that show them.
        proven: found.proven && planner.set.earlier.is_empty(),
        accepted: judge::is_released(
            planner.set.select(&planner.assemble(&found.design).0),
            planner.profile,
            planner.wish.spread.search,
        ),
        designs: planner.groups.iter().fold(1u128, |all, group| all.saturating_mul(group.choices.len() as u128)).to_string(),
        protected: found.seen.len() + protected,
        withheld_elsewhere: planner.baseline,
        tables,
        alternatives,
        fragment: gone + &fragment::changed(&wish.original, &plan),
        plan,
    }
}

fn part_proposal(planner: &Planner<'_>, design: &[usize], at: usize, withheld: usize) -> PartProposal {
    let part = &planner.parts[at];
    let family = &planner.wish.families[part.family];
    let (variant, years) = match &part.offers[design[at]].choice {
        Choice::Shown { variant, years } => (Some(*variant), years.clone()),
        Choice::LeftOut => (None, Vec::new()),
    };
    let all_years = &planner.wish.original.tables[family.wanted].years;
    let whole = variant.is_none() || years.len() == all_years.len();
    let finer = (0..variant.map_or(family.variants.len(), |variant| if whole { variant } else { variant + 1 }))
        .map(|finer| Step { breakdown: family.variants[finer].label.clone(), obstacles: obstacles(planner, design, at, finer) });
    PartProposal {
        part: part.code.as_ref().zip(family.split.as_ref()).map(|(code, split)| format!("{split} {code}")),
        breakdown: variant.map(|variant| family.variants[variant].label.clone()),
        classes: variant
            .map(|variant| classes(planner, part, &part.alone[variant], family.variants[variant].table))
            .unwrap_or_default(),
        without_years: if whole { Vec::new() } else { all_years.iter().copied().filter(|year| !years.contains(year)).collect() },
        withheld,
        finer: finer.collect(),
    }
}

/// The classes of the rows of a part, in their order.
fn classes(planner: &Planner<'_>, part: &Part, alone: &Alone, table: usize) -> Vec<String> {
    let mut classes: Vec<String> = Vec::new();
    for row in &alone.rows {
        let class = class(planner, part, table, *row);
        if class != "all" && !classes.contains(&class) {
            classes.push(class);
        }
    }
    classes
}

/// The codes of a row apart from year, arm, indicator and the class that the part stands for.
fn class(planner: &Planner<'_>, part: &Part, table: usize, row: usize) -> String {
    let split = planner.wish.families[part.family].split.as_deref();
    let table = &planner.set.tables[table];
    let apart = ["year", "arm", "indicator"];
    let own = |column: &&String| !apart.contains(&column.as_str()) && Some(column.as_str()) != split;
    let codes: Vec<&str> = table
        .columns
        .iter()
        .filter(own)
        .map(|column| table.rows[row].key[column].as_str())
        .filter(|code| !code.is_empty())
        .collect();
    if codes.is_empty() { "all".to_owned() } else { codes.join(" ") }
}

/// What stands in the way of a finer breakdown: the rules, or else what the protection of everything together would take.
fn obstacles(planner: &Planner<'_>, design: &[usize], at: usize, variant: usize) -> Vec<Obstacle> {
    let part = &planner.parts[at];
    let table = planner.wish.families[part.family].variants[variant].table;
    let alone = &part.alone[variant];
    let objected = alone.rows.iter().zip(&alone.judged).filter(|(_, outcome)| !outcome.rules.is_empty());
    let objected: Vec<(usize, &[&'static str])> = objected.map(|(row, outcome)| (*row, outcome.rules.as_slice())).collect();
    if !objected.is_empty() {
        return gather(planner, part, table, &objected, false);
    }
    let hidden = alone.rows.iter().zip(&alone.judged).filter(|(_, outcome)| outcome.withheld);
    let hidden: Vec<(usize, &[&'static str])> = hidden.map(|(row, _)| (*row, [].as_slice())).collect();
    if !hidden.is_empty() {
        return gather(planner, part, table, &hidden, false);
    }
    let years = planner.wish.spread.tables[table].years.clone();
    let Some(next) = with_choice(planner, design, at, &Choice::Shown { variant, years }) else { return Vec::new() };
    let Some(Examined { withheld, .. }) = planner.examine(&next) else { return Vec::new() };
    let own = withheld.iter().filter(|(owner, _)| *owner == at);
    let rows = &part.offers[next[at]].rows;
    let own: Vec<(usize, &[&'static str])> = own.map(|(_, place)| (rows[*place], [].as_slice())).collect();
    if own.is_empty() {
        let elsewhere = Obstacle {
            class: String::new(),
            arm: String::new(),
            years: vec![],
            indicators: vec![],
            rules: vec![],
            jointly: true,
        };
        return vec![elsewhere];
    }
    gather(planner, part, table, &own, true)
}

/// The design with another choice of a part, and of those that choose with it.
pub(super) fn with_choice(planner: &Planner<'_>, design: &[usize], at: usize, choice: &Choice) -> Option<Design> {
    let group = planner.groups.iter().find(|group| group.parts.contains(&at))?;
    let mut next: Design = design.to_vec();
    for part in &group.parts {
        next[*part] = planner.parts[*part].offers.iter().position(|offer| offer.choice == *choice)?;
    }
    Some(next)
}

/// One obstacle per class and arm.
fn gather(planner: &Planner<'_>, part: &Part, table: usize, rows: &[(usize, &[&'static str])], jointly: bool) -> Vec<Obstacle> {
    let source = &planner.set.tables[table];
    let mut found: BTreeMap<(usize, String), [BTreeSet<&str>; 3]> = BTreeMap::new();
    let order = classes(planner, part, &part.alone[variant_of(planner, part, table)], table);
    for (row, rules) in rows {
        let key = &source.rows[*row].key;
        let of = |column: &str| key.get(column).map_or("", String::as_str);
        let class = class(planner, part, table, *row);
        let place = order.iter().position(|other| *other == class).map_or(0, |at| at + 1);
        let [years, indicators, fired] = found.entry((place, of("arm").to_owned())).or_default();
        years.insert(of("year"));
        indicators.extend((!of("indicator").is_empty()).then(|| of("indicator")));
        fired.extend(rules.iter());
    }
    let owned = |texts: BTreeSet<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let spread = &planner.wish.spread;
    let all = &spread.tables[table].indicators;
    // Where every indicator is concerned none is named.
    let named = |names: BTreeSet<&str>| {
        let at: Vec<usize> = all.iter().copied().filter(|at| names.contains(spread.indicators[*at].name.as_str())).collect();
        if at.len() == all.len() { Vec::new() } else { fragment::indicators(spread, &at) }
    };
    let rule = |name: &str| crate::disclosure::rules::ALL.iter().map(|rule| rule.name).find(|known| *known == name);
    let obstacle = |((place, arm), [years, indicators, rules]): ((usize, String), [BTreeSet<&str>; 3])| Obstacle {
        class: place.checked_sub(1).map_or("all".to_owned(), |at| order[at].clone()),
        arm,
        years: owned(years),
        indicators: named(indicators),
        rules: rules.into_iter().filter_map(rule).collect(),
        jointly,
    };
    found.into_iter().map(obstacle).collect()
}

fn variant_of(planner: &Planner<'_>, part: &Part, table: usize) -> usize {
    planner.wish.families[part.family].variants.iter().position(|variant| variant.table == table).unwrap_or_default()
}
