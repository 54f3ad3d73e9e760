//! The whole way from registers to tables that may leave: read, link, build, compute, tabulate, assess, protect, audit, compose, write.

use std::path::Path;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::amount::MISSING;
use crate::cohort::outliers::{self, Removed};
use crate::cohort::values::{self, Values};
use crate::cohort::{self, CohortYear, Context};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::assess::assess;
use crate::disclosure::audit::audit;
use crate::disclosure::evidence::Evidence;
use crate::disclosure::profile::Profile;
use crate::disclosure::safe::SafeTables;
use crate::disclosure::suppress::protect;
use crate::linkage::{self, YearLinks};
use crate::registers::Delivery;
use crate::registers::frame::{InputFile, Listings, Measure, YearRegisters};
use crate::release::truth::Truth;
use crate::spec::plan::{Input, Plan, Weights};
use crate::tables::set::TableSet;
use crate::tables::tabulate;

/// Hears of every stage that begins.
pub type Progress<'a> = &'a (dyn Fn(&str) + Sync);

/// Everything a finished run knows. `safe` may leave; all the rest stays inside.
pub struct Run {
    pub safe: SafeTables,
    pub evidence: Evidence,
    pub truth: Truth,
    pub profile: Profile,
    pub listings: Option<Listings>,
    pub links: Vec<YearLinks>,
    /// Units per year: treated, controls, left out.
    pub arms: Vec<(i32, [u64; 3])>,
    pub removed: Removed,
    pub inputs: Vec<InputFile>,
    pub findings: Vec<Diagnostic>,
    /// Wall time per stage.
    pub times: Vec<(String, Duration)>,
    pub delivery: Delivery,
}

/// Runs every stage up to the audit; nothing is written.
///
/// # Errors
/// Everything found wrong with the registers, or what keeps the tables from being safe.
pub fn run(plan: &Plan, data: &Path, progress: Progress<'_>) -> Result<Run, Diagnostics> {
    let mut clock = Clock::new(progress);
    let gathered = gather(plan, data, &mut clock)?;
    let Gathered { profile, delivery, listings, links, arms, removed, set } = gathered;
    let truth = Truth::of(&set);
    let (safe, evidence) = disclose(set, &profile, &mut clock)?;
    let times = clock.finish();
    let (inputs, findings) = (delivery.inputs(), delivery.findings());
    Ok(Run { safe, evidence, truth, profile, listings, links, arms, removed, inputs, findings, times, delivery })
}

/// Runs the stages up to the tables; nothing is judged yet. The tables are sensitive.
///
/// # Errors
/// Everything found wrong with the registers.
pub fn table_set(plan: &Plan, data: &Path, progress: Progress<'_>) -> Result<(TableSet, Profile), Diagnostics> {
    gather(plan, data, &mut Clock::new(progress)).map(|gathered| (gathered.set, gathered.profile))
}

/// What the stages up to the tables leave.
struct Gathered {
    profile: Profile,
    delivery: Delivery,
    listings: Option<Listings>,
    links: Vec<YearLinks>,
    arms: Vec<(i32, [u64; 3])>,
    removed: Removed,
    set: TableSet,
}

fn gather(plan: &Plan, data: &Path, clock: &mut Clock<'_>) -> Result<Gathered, Diagnostics> {
    clock.stage("read");
    let profile = Profile::named(&plan.profile)?;
    let delivery = Delivery::open(&plan.input, &plan.years, &plan.classifications, data)?;
    let (listings, years) = read(plan, &delivery)?;
    weights_are_there(plan, &years)?;
    clock.stage("link");
    let links = link(plan, &delivery, listings.as_ref(), &years)?;
    clock.stage("cohort");
    let mut cohorts = build(plan, years, &links);
    clock.stage("indicators");
    let values = compute(plan, &mut cohorts);
    let removed = outliers::find(plan, &cohorts, &values);
    clock.stage("tables");
    let set = tabulate(plan, &cohorts, &values, &removed, listings.as_ref().map(|listings| (listings, links.as_slice())));
    let arms = cohorts.iter().map(arms).collect();
    Ok(Gathered { profile, delivery, listings, links, arms, removed, set })
}

fn disclose(set: TableSet, profile: &Profile, clock: &mut Clock<'_>) -> Result<(SafeTables, Evidence), Diagnostics> {
    clock.stage("assess");
    let assessed = assess(set, profile);
    clock.stage("protect");
    let protected = protect(assessed)?;
    clock.stage("audit");
    audit(protected)
}

fn read(plan: &Plan, delivery: &Delivery) -> Result<(Option<Listings>, Vec<YearRegisters>), Diagnostics> {
    let listings = match plan.input {
        Input::Registers { .. } => Some(delivery.listings()?),
        Input::Panel { .. } => None,
    };
    let years: Vec<Result<YearRegisters, Diagnostics>> = plan.years.par_iter().map(|year| delivery.year(*year)).collect();
    let mut found = Diagnostics::default();
    let mut read = Vec::new();
    for year in years {
        match year {
            Ok(year) => read.push(year),
            Err(wrong) => found.0.extend(wrong.0),
        }
    }
    found.finish((listings, read)).map(|(read, _)| read)
}

/// With design weights declared, every year of a sampled register has them: units without one would silently be left out.
fn weights_are_there(plan: &Plan, years: &[YearRegisters]) -> Result<(), Diagnostics> {
    let sampled = |measure: &Measure| matches!(measure, Measure::Sampled { .. });
    let known = |measure: &Measure| match measure {
        Measure::Sampled { values, .. } | Measure::Dense(values) => values.iter().any(|weight| *weight != MISSING),
    };
    let lacks = |year: &&YearRegisters| {
        let measures = &year.units.measures;
        measures.values().any(sampled) && !measures.get("weight").is_some_and(known)
    };
    let missing = years.iter().filter(|_| plan.measures.weights == Weights::Design).filter(lacks).map(|year| {
        let headline = format!("the sampled register of {} has no design weight", year.units.year);
        Diagnostic::error("column-missing", headline)
            .help("deliver the column, or set measures.weights = \"none\" in the pipeline file")
    });
    Diagnostics(missing.collect()).finish(()).map(|((), _)| ())
}

fn link(
    plan: &Plan,
    delivery: &Delivery,
    listings: Option<&Listings>,
    years: &[YearRegisters],
) -> Result<Vec<YearLinks>, Diagnostics> {
    let (Some(listings), Input::Registers { ties, .. }) = (listings, &plan.input) else { return Ok(Vec::new()) };
    let compare = |a, b| delivery.compare_units(a, b);
    let links = years.par_iter().map(|year| linkage::link(listings, year, ties, &compare)).collect::<Result<Vec<_>, _>>();
    let links = links.map_err(|error| Diagnostic::error("broken-invariant", format!("linkage frames do not fit: {error}")))?;
    if links.iter().all(|year| year.units().is_empty()) {
        return Err(Diagnostic::error("nobody-linked", "no number on the list leads to a business unit in any year")
            .help("check that the list holds pseudonyms of the same delivery as the registers, not plain numbers")
            .into());
    }
    Ok(links)
}

fn build(plan: &Plan, years: Vec<YearRegisters>, links: &[YearLinks]) -> Vec<CohortYear> {
    let frames: Vec<_> = years.into_iter().map(|year| year.units).collect();
    let context = Context::new(plan, &frames);
    let linked = |year: i32| links.iter().find(|links| links.year == year).map(YearLinks::units).unwrap_or_default();
    let frames: Vec<_> = frames.into_iter().map(|frame| (linked(frame.year), frame)).collect();
    frames.into_par_iter().map(|(linked, frame)| cohort::build(plan, &context, frame, &linked)).collect()
}

/// Indicator values by year and indicator; the measures they came from are let go.
fn compute(plan: &Plan, cohorts: &mut [CohortYear]) -> Vec<Vec<Values>> {
    let of_year = |cohort: &mut CohortYear| {
        let values = plan.indicators.par_iter().map(|indicator| values::compute(plan, indicator, &cohort.frame)).collect();
        cohort.frame.measures.clear();
        values
    };
    cohorts.par_iter_mut().map(of_year).collect()
}

fn arms(cohort: &CohortYear) -> (i32, [u64; 3]) {
    let mut counts = [0; 3];
    cohort.arm.iter().for_each(|arm| counts[*arm as usize] += 1);
    (cohort.frame.year, counts)
}

/// Wall time per stage, for the log.
struct Clock<'a> {
    progress: Progress<'a>,
    began: Instant,
    stage: Option<&'static str>,
    times: Vec<(String, Duration)>,
}

impl<'a> Clock<'a> {
    fn new(progress: Progress<'a>) -> Self {
        Self { progress, began: Instant::now(), stage: None, times: Vec::new() }
    }

    fn stage(&mut self, name: &'static str) {
        self.close();
        self.stage = Some(name);
        (self.progress)(name);
    }

    fn close(&mut self) {
        if let Some(stage) = self.stage.take() {
            self.times.push((stage.to_owned(), self.began.elapsed()));
        }
        self.began = Instant::now();
    }

    fn finish(mut self) -> Vec<(String, Duration)> {
        self.close();
        self.times
    }
}
