//! The report of a run: the counts that matter and where to look. It is for the researcher inside, not for release.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::disclosure::evidence::Treatment;
use crate::disclosure::safe::State;
use crate::earlier::Reference;
use crate::linkage::{Outcome, YearLinks};
use crate::pipeline::Run;
use crate::release::links::rule;
use crate::spec::plan::Plan;

#[derive(Serialize)]
pub struct Report {
    pub study: String,
    pub title: String,
    pub profile: String,
    pub list: Option<ListReport>,
    pub years: Vec<YearReport>,
    pub tables: Vec<TableReport>,
    /// Units left out as outliers, per indicator.
    pub outliers: BTreeMap<String, usize>,
    pub audit: AuditReport,
    /// Releases that were protected together with this one.
    pub earlier: Vec<Reference>,
    /// Seconds per stage.
    pub seconds: Vec<(String, f64)>,
    /// Warnings about the registers: kind to number; each stands in `vault/findings.json` with its place.
    pub warnings: BTreeMap<String, usize>,
    pub out: PathBuf,
}

#[derive(Serialize)]
pub struct ListReport {
    pub listings: usize,
    pub numbers: usize,
    /// In no register of persons, in any year.
    pub without_person: usize,
    pub linked_in_some_year: usize,
}

#[derive(Serialize)]
pub struct YearReport {
    pub year: i32,
    pub numbers_linked: u64,
    /// Reason to numbers.
    pub unlinked: BTreeMap<String, u64>,
    /// Deciding rule to numbers.
    pub decided: BTreeMap<String, u64>,
    pub treated: u64,
    pub controls: u64,
    pub left_out: u64,
}

#[derive(Serialize)]
pub struct TableReport {
    pub id: String,
    pub title: String,
    pub cells: usize,
    pub withheld: usize,
}

#[derive(Serialize)]
pub struct AuditReport {
    /// Distinct sets of units that the tables publish or withhold.
    pub cells: usize,
    pub unsafe_cells: usize,
    pub withheld: usize,
    /// Sets that no table prints and that follow from those it does.
    pub virtual_cells: usize,
    pub breaches: usize,
}

impl Report {
    pub fn new(plan: &Plan, run: &Run, out: &Path) -> Self {
        let tables = run.safe.tables().iter().map(|table| TableReport {
            id: table.id.clone(),
            title: table.title.clone(),
            cells: table.rows.len(),
            withheld: table.rows.iter().filter(|row| row.state == State::Suppressed).count(),
        });
        let outliers = run.removed.units.iter().map(|(at, units)| (plan.indicators[*at].name.clone(), units.len()));
        Self {
            study: plan.name.clone(),
            title: plan.title.english.clone(),
            profile: format!("{} {}", run.evidence.profile.name, run.evidence.profile.version),
            list: run.listings.as_ref().map(|listings| list(listings.pseudonyms.as_slice(), &run.links)),
            years: run.arms.iter().map(|(year, counts)| year_report(*year, *counts, &run.links)).collect(),
            tables: tables.collect(),
            outliers: outliers.collect(),
            audit: AuditReport {
                cells: run.evidence.cells.len(),
                unsafe_cells: run.evidence.cells.iter().filter(|cell| !cell.rules.is_empty()).count(),
                withheld: run.evidence.cells.iter().filter(|cell| cell.treatment != Treatment::Published).count(),
                virtual_cells: run.evidence.virtual_cells.len(),
                breaches: run.evidence.breaches(),
            },
            earlier: run.earlier.clone(),
            seconds: run.times.iter().map(|(stage, time)| (stage.clone(), time.as_secs_f64())).collect(),
            warnings: warnings(&run.findings),
            out: out.to_owned(),
        }
    }

    /// The report for the terminal.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let written = self.write(&mut text);
        assert!(written.is_ok(), "a text in memory can be extended");
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "{}", self.title)?;
        if let Some(list) = &self.list {
            writeln!(
                text,
                "\nLinkage   {} listings, {} numbers, {} without a person, {} linked in some year",
                list.listings, list.numbers, list.without_person, list.linked_in_some_year
            )?;
        }
        writeln!(text, "\n  year   linked  unlinked   treated    controls")?;
        for year in &self.years {
            let unlinked: u64 = year.unlinked.values().sum();
            writeln!(
                text,
                "  {:<6}{:>7}{:>10}{:>10}{:>12}",
                year.year, year.numbers_linked, unlinked, year.treated, year.controls
            )?;
        }
        for (indicator, units) in self.outliers.iter().filter(|(_, units)| **units > 0) {
            writeln!(text, "  outliers left out of {indicator}: {units}")?;
        }
        writeln!(text, "\n  {:<34}{:>6}{:>10}", "table", "cells", "withheld")?;
        for table in &self.tables {
            writeln!(text, "  {:<34}{:>6}{:>10}", table.id, table.cells, table.withheld)?;
        }
        let AuditReport { cells, unsafe_cells, withheld, virtual_cells, breaches } = &self.audit;
        writeln!(
            text,
            "\nProtection   {cells} distinct cells, {unsafe_cells} unsafe, {withheld} withheld; {virtual_cells} virtual cells guarded"
        )?;
        for Reference { release, tables, .. } in &self.earlier {
            writeln!(text, "Together     with the {tables} tables of {release}")?;
        }
        writeln!(text, "Audit        {breaches} breaches under profile {}", self.profile)?;
        if !self.warnings.is_empty() {
            let kinds = self.warnings.iter().map(|(code, count)| format!("{count} {code}")).collect::<Vec<_>>().join(", ");
            writeln!(text, "Warnings     {kinds}; see findings.json in the vault, or `sluis check --data`")?;
        }
        writeln!(text, "\nRead first   {}", self.out.join("release/report.en.html").display())?;
        writeln!(text, "May leave    {}", self.out.join("release").display())?;
        writeln!(text, "Stays inside {}", self.out.join("vault").display())
    }
}

fn warnings(findings: &[crate::diagnostic::Diagnostic]) -> BTreeMap<String, usize> {
    let mut kinds = BTreeMap::new();
    findings.iter().for_each(|finding| *kinds.entry(finding.code.to_owned()).or_default() += 1);
    kinds
}

fn list(numbers: &[crate::registers::frame::Key<crate::registers::frame::Pseudonym>], links: &[YearLinks]) -> ListReport {
    let mut linked = std::collections::BTreeSet::new();
    let mut with_person = std::collections::BTreeSet::new();
    let mut all = std::collections::BTreeSet::new();
    for (number, outcome) in links.iter().flat_map(|year| &year.outcomes) {
        all.insert(*number);
        match outcome {
            Outcome::Linked { .. } => {
                linked.insert(*number);
                with_person.insert(*number);
            }
            Outcome::Unlinked(crate::linkage::Reason::NoPerson) => {}
            Outcome::Unlinked(_) => {
                with_person.insert(*number);
            }
        }
    }
    ListReport {
        listings: numbers.len(),
        numbers: all.len(),
        without_person: all.len() - with_person.len(),
        linked_in_some_year: linked.len(),
    }
}

fn year_report(year: i32, [treated, controls, left_out]: [u64; 3], links: &[YearLinks]) -> YearReport {
    let links = links.iter().find(|links| links.year == year);
    let decided = links.map(YearLinks::decided).unwrap_or_default();
    let unlinked = links.map(YearLinks::unlinked).unwrap_or_default();
    YearReport {
        year,
        numbers_linked: decided.values().sum(),
        unlinked: unlinked.into_iter().map(|(reason, count)| (reason.text().to_owned(), count)).collect(),
        decided: decided.into_iter().map(|(decided, count)| (rule(decided).to_owned(), count)).collect(),
        treated,
        controls,
        left_out,
    }
}
