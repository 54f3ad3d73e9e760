//! The whole way from registers to tables that may leave: read, link, build, compute, tabulate, assess, protect, audit, compose, write.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::amount::MISSING;
use crate::cohort::outliers::{self, Extreme, Removed};
use crate::cohort::values::{self, Values};
use crate::cohort::{self, CohortYear, Context};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::assess::assess;
use crate::disclosure::audit::{audit, repeat};
use crate::disclosure::evidence::Evidence;
use crate::disclosure::profile::Profile;
use crate::disclosure::safe::SafeTables;
use crate::disclosure::suppress::protect_by;
use crate::earlier::{Known, Reference};
use crate::linkage::{self, YearLinks};
use crate::memory::Memory;
use crate::registers::frame::{BusinessUnit, InputFile, Key, Listings, Measure, UnitFrame, YearRegisters};
use crate::registers::{Delivery, Leads};
use crate::release::truth::Truth;
use crate::spec::plan::{Input, Plan, Search, Weights};
use crate::tables::set::TableSet;
use crate::tables::{Asked, Condensed, tabulate};

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
    /// Releases that were protected together with this one.
    pub earlier: Vec<Reference>,
}

/// Runs every stage up to the audit; nothing is written.
///
/// # Errors
/// Everything found wrong with the registers, or what keeps the tables from being safe.
pub fn run(plan: &Plan, data: &Path, memory: Memory, progress: Progress<'_>) -> Result<Run, Diagnostics> {
    let (mut clock, memory) = (Clock::new(progress), Arc::new(memory));
    let known = Known::of(plan)?;
    let gathered = gather(&known, data, &memory, &mut clock)?;
    let Gathered { profile, delivery, listings, links, arms, removed, set } = gathered;
    let truth = Truth::of(&set);
    memory.room(program_bytes(&set), "protecting the tables")?;
    let (safe, evidence) = disclose(set, &profile, plan.search, &mut clock)?;
    memory.room(0, "writing the release")?;
    let times = clock.finish();
    let (inputs, findings) = (delivery.inputs(), delivery.findings());
    let earlier = known.references();
    Ok(Run { safe, evidence, truth, profile, listings, links, arms, removed, inputs, findings, times, delivery, earlier })
}

/// Runs the stages up to the tables; nothing is judged yet. The tables are sensitive.
///
/// # Errors
/// Everything found wrong with the registers.
pub fn table_set(plan: &Plan, data: &Path, memory: Memory, progress: Progress<'_>) -> Result<(TableSet, Profile), Diagnostics> {
    let known = Known::of(plan)?;
    gather(&known, data, &Arc::new(memory), &mut Clock::new(progress)).map(|gathered| (gathered.set, gathered.profile))
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

fn gather(known: &Known, data: &Path, memory: &Arc<Memory>, clock: &mut Clock<'_>) -> Result<Gathered, Diagnostics> {
    let plan = &known.plan;
    clock.stage("read");
    let profile = Profile::named(&plan.profile)?;
    let delivery = Delivery::open(&plan.input, &plan.years, &plan.classifications, data)?.within(Arc::clone(memory));
    let listings = match plan.input {
        Input::Registers { .. } => Some(delivery.listings()?),
        Input::Panel { .. } => None,
    };
    let asked = Asked::new(plan);
    let passing = Passing::new(plan, &delivery, listings.as_ref(), &asked, &clock.steps)?;
    let left = passing.every_year(memory)?;
    clock.stage("tables");
    let Left { arms, links, extremes, condensed } = left;
    somebody_is_linked(plan, &links)?;
    let removed = Removed::of(plan, extremes);
    let mut set = tabulate(plan, &asked, condensed, &removed, listings.as_ref().map(|listings| (listings, links.as_slice())));
    known.part(&mut set)?;
    repeat(&set)?;
    Ok(Gathered { profile, delivery, listings, links, arms, removed, set })
}

/// The units of a study pass by, year after year; of each year only what [`Left`] holds is kept.
struct Passing<'a> {
    plan: &'a Plan,
    delivery: &'a Delivery,
    listings: Option<&'a Listings>,
    asked: &'a Asked,
    steps: &'a Steps,
    context: Context,
    /// Units that the outlier rule may leave out.
    open: BTreeSet<Key<BusinessUnit>>,
    /// By year, until it is its turn.
    waiting: Vec<Mutex<Option<Waiting>>>,
}

/// What is known of a year before it is its turn.
enum Waiting {
    Leads(Leads),
    /// Read whole, since the other years are judged beside it.
    Read(YearRegisters),
}

/// What is left of the years, in their order.
#[derive(Default)]
struct Left {
    arms: Vec<(i32, [u64; 3])>,
    links: Vec<YearLinks>,
    extremes: Vec<Vec<Vec<Extreme>>>,
    condensed: Vec<(i32, Condensed)>,
}

impl<'a> Passing<'a> {
    fn new(
        plan: &'a Plan,
        delivery: &'a Delivery,
        listings: Option<&'a Listings>,
        asked: &'a Asked,
        steps: &'a Steps,
    ) -> Result<Self, Diagnostics> {
        let leads: Vec<Leads> = steps.time("read", || plan.years.par_iter().map(|year| delivery.leads(*year)).collect());
        let mut open: BTreeSet<_> = leads.iter().flat_map(Leads::units).collect();
        let (context, waiting) = if Context::is_needed(plan) {
            let read = |(year, leads): (&i32, Leads)| delivery.year_from(*year, leads);
            let years = all(plan.years.par_iter().zip(leads).map(|year| steps.time("read", || read(year))).collect())?;
            let context = Context::new(plan, &years.iter().map(|year| &year.units).collect::<Vec<_>>());
            open.extend(context.ever_treated());
            (context, years.into_iter().map(Waiting::Read).collect())
        } else {
            (Context::default(), leads.into_iter().map(Waiting::Leads).collect::<Vec<_>>())
        };
        if plan.outliers.is_none() {
            open.clear();
        }
        let waiting = waiting.into_iter().map(|year| Mutex::new(Some(year))).collect();
        Ok(Self { plan, delivery, listings, asked, steps, context, open, waiting })
    }

    /// As many years at once as there are threads, or fewer where the memory is bounded.
    fn every_year(&self, memory: &Memory) -> Result<Left, Diagnostics> {
        let years: Vec<_> = self.plan.years.iter().zip(&self.waiting).collect();
        let (mut left, mut found, mut at) = (Left::default(), Diagnostics::default(), 0);
        let before = memory.held().saturating_sub(self.delivery.identifier_bytes(0, 0));
        while at < years.len() {
            let together = self.together(&self.plan.years[at..], before + left.bytes(), memory)?;
            let now = &years[at..at + together];
            for of_year in now.par_iter().map(|(year, waiting)| self.year(**year, waiting)).collect::<Vec<_>>() {
                match of_year {
                    Ok(of_year) => left.add(of_year),
                    Err(wrong) => found.0.extend(wrong.0),
                }
            }
            if memory.is_met() {
                break;
            }
            at += together;
        }
        found.finish(left).map(|(left, _)| left)
    }

    /// How many of these years fit in the memory at once, beside so many bytes; one at least.
    fn together(&self, years: &[i32], beside: u64, memory: &Memory) -> Result<usize, Diagnostics> {
        /// Buffers of readers, and holes between what is held, of each further year.
        const FURTHER_YEAR: u64 = 64 << 20;
        let most = years.len().min(rayon::current_num_threads());
        let units: Vec<u64> = years.iter().map(|year| self.delivery.expected_units(*year)).collect();
        let widest = |count: usize| units[..count].iter().max().copied().unwrap_or(0);
        let need = |known: usize, passing: u64, count: u64| {
            let read = units[..known].iter().sum();
            let identifiers = self.delivery.identifier_bytes(read, widest(known));
            beside + identifiers + passing * unit_bytes(self.plan) + count.saturating_sub(1) * FURTHER_YEAR
        };
        let at_once = |count: usize| need(count, units[..count].iter().sum(), count as u64);
        let later = need(years.len(), widest(years.len()), 1);
        memory.room_for(at_once(1), later, "one year of the registers")?;
        Ok((1..=most).rev().find(|count| memory.has_room_for(at_once(*count))).unwrap_or(1))
    }

    fn year(&self, year: i32, waiting: &Mutex<Option<Waiting>>) -> Result<YearLeft, Diagnostics> {
        let Self { plan, steps, .. } = self;
        let registers = steps.time("read", || self.registers(year, waiting))?;
        weights_are_there(plan, &registers)?;
        let links = steps.time("link", || self.link(&registers))?;
        let linked = links.as_ref().map(YearLinks::units).unwrap_or_default();
        let mut cohort = steps.time("cohort", || cohort::build(plan, &self.context, registers.units, &linked));
        let values = steps.time("indicators", || compute(plan, &mut cohort));
        let extremes = outliers::find(plan, &cohort, &values);
        let condensed = steps.time("atoms", || self.asked.condense(&cohort, &values, &self.open));
        Ok(YearLeft { arms: arms(&cohort), links, extremes, condensed })
    }

    fn registers(&self, year: i32, waiting: &Mutex<Option<Waiting>>) -> Result<YearRegisters, Diagnostics> {
        match waiting.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(Waiting::Read(registers)) => Ok(registers),
            Some(Waiting::Leads(leads)) => self.delivery.year_from(year, leads),
            None => self.delivery.year(year),
        }
    }

    fn link(&self, registers: &YearRegisters) -> Result<Option<YearLinks>, Diagnostics> {
        let (Some(listings), Input::Registers { ties, .. }) = (self.listings, &self.plan.input) else { return Ok(None) };
        let links = linkage::link(listings, registers, ties, &|a, b| self.delivery.compare_units(a, b));
        links
            .map(Some)
            .map_err(|error| Diagnostic::error("broken-invariant", format!("linkage frames do not fit: {error}")).into())
    }
}

impl Left {
    fn bytes(&self) -> u64 {
        self.condensed.iter().map(|(_, condensed)| condensed.bytes()).sum()
    }

    fn add(&mut self, year: YearLeft) {
        self.arms.push(year.arms);
        self.links.extend(year.links);
        self.extremes.push(year.extremes);
        self.condensed.push((year.arms.0, year.condensed));
    }
}

/// Bytes that a unit takes while its year passes, at the moment when it takes most.
fn unit_bytes(plan: &Plan) -> u64 {
    /// Key, persons, group and persons of the group, founding, sector, division, size.
    const ROW: u64 = 4 + 8 + 8 + 8 + 2 + 6;
    /// While registers are read: place of the key, which can be twice as many; first row and persons of the group, likewise; quarters,
    /// their sum, their number and which there are.
    const READING: u64 = 8 + 32 + 32 + 8 + 8 + 1;
    /// While values are computed: turnover and quarters, contributor, arm, group level.
    const COMPUTING: u64 = 16 + 4 + 1 + 1;
    let classes = 2 * cohort::dimensions(plan).len() as u64;
    let dense = plan.indicators.iter().filter(|indicator| !indicator.sampled);
    let values: u64 = dense.map(|indicator| if indicator.definition.ratio { 20 } else { 12 }).sum();
    ROW + READING.max(COMPUTING + classes + values)
}

/// About what the linear programs take that protect these tables: every atom of a cell is an entry, which the solver holds by row and by
/// column, scaled and factored, in one program per thread at the most.
fn program_bytes(set: &TableSet) -> u64 {
    const ENTRY: u64 = 512;
    set.cells.iter().map(|cell| cell.atoms.len() as u64).sum::<u64>() * ENTRY
}

/// What is left of one year.
struct YearLeft {
    arms: (i32, [u64; 3]),
    links: Option<YearLinks>,
    extremes: Vec<Vec<Extreme>>,
    condensed: Condensed,
}

/// Every value, or everything that is wrong.
fn all<T>(results: Vec<Result<T, Diagnostics>>) -> Result<Vec<T>, Diagnostics> {
    let (mut found, mut values) = (Diagnostics::default(), Vec::with_capacity(results.len()));
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(wrong) => found.0.extend(wrong.0),
        }
    }
    found.finish(values).map(|(values, _)| values)
}

fn disclose(
    set: TableSet,
    profile: &Profile,
    search: Search,
    clock: &mut Clock<'_>,
) -> Result<(SafeTables, Evidence), Diagnostics> {
    clock.stage("assess");
    let assessed = assess(set, profile);
    clock.stage("protect");
    let protected = protect_by(assessed, search)?;
    clock.stage("audit");
    audit(protected)
}

/// With design weights declared, every year of a sampled register has them: units without one would silently be left out.
fn weights_are_there(plan: &Plan, year: &YearRegisters) -> Result<(), Diagnostics> {
    let sampled = |measure: &Measure| matches!(measure, Measure::Sampled { .. });
    let known = |measure: &Measure| match measure {
        Measure::Sampled { values, .. } | Measure::Dense(values) => values.iter().any(|weight| *weight != MISSING),
    };
    let measures = &year.units.measures;
    let lacks = measures.values().any(sampled) && !measures.get("weight").is_some_and(known);
    if plan.measures.weights != Weights::Design || !lacks {
        return Ok(());
    }
    let headline = format!("the sampled register of {} has no design weight", year.units.year);
    Err(Diagnostic::error("column-missing", headline)
        .help("deliver the column, or set measures.weights = \"none\" in the pipeline file")
        .into())
}

fn somebody_is_linked(plan: &Plan, links: &[YearLinks]) -> Result<(), Diagnostics> {
    if matches!(plan.input, Input::Panel { .. }) || links.iter().any(|year| !year.units().is_empty()) {
        return Ok(());
    }
    Err(Diagnostic::error("nobody-linked", "no number on the list leads to a business unit in any year")
        .help("check that the list holds pseudonyms of the same delivery as the registers, not plain numbers")
        .into())
}

/// Indicator values of a year by indicator; what they came from is let go.
fn compute(plan: &Plan, cohort: &mut CohortYear) -> Vec<Values> {
    let values = plan.indicators.par_iter().map(|indicator| values::compute(plan, indicator, &cohort.frame)).collect();
    let (year, unit) = (cohort.frame.year, std::mem::take(&mut cohort.frame.unit));
    cohort.frame = UnitFrame { year, unit, ..UnitFrame::default() };
    values
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
    steps: Steps,
}

/// Time of the steps within a stage, added up over threads.
#[derive(Default)]
struct Steps(Mutex<BTreeMap<&'static str, Duration>>);

impl Steps {
    fn time<T>(&self, name: &'static str, step: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let done = step();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name).or_default() += began.elapsed();
        done
    }
}

impl<'a> Clock<'a> {
    fn new(progress: Progress<'a>) -> Self {
        Self { progress, began: Instant::now(), stage: None, times: Vec::new(), steps: Steps::default() }
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

    /// Stages in their order, then the steps of the first.
    fn finish(mut self) -> Vec<(String, Duration)> {
        self.close();
        let steps = self.steps.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.times.extend(steps.into_iter().map(|(name, time)| (format!("{name}, over threads"), time)));
        self.times
    }
}
