//! The audit: an attack on what would be published, with code of its own, before anything can be written.
//!
//! Only the verdicts of the rules are taken over from the assessment. Columns, rows and programs are built here from cells and atoms;
//! nothing of the suppression is used. The tables that it offers as proof of uncertainty are taken like any found here: after
//! they are checked, number by number, against everything that is published.

use rayon::prelude::*;

use super::assess::{Assessed, set_verdict};
use super::evidence::{AuditEvidence, CellEvidence, Evidence, ProfileEvidence, Treatment, Uncertainty, VirtualEvidence};
use super::safe::SafeTables;
use super::suppress::{Certificate, Protected};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};

pub mod attack;
mod attacker;
mod compose;
mod earlier;
mod field;
mod recovery;
mod universe;
mod view;

pub use earlier::repeat;
use universe::Examined;

/// A way to learn too much.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// The cell that is laid open, or one that contains the set.
    cell: usize,
    /// No table prints the set itself.
    hidden: bool,
    leak: Leak,
    /// Published cells with the factor each takes in the combination that gives the value away; empty when it is only narrowed down.
    witness: Vec<(i64, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Leak {
    Published,
    Recovered,
    SumNarrowed,
    UnitsNarrowed,
    UnitsByRules,
    ToContributor,
}

impl Leak {
    fn headline(self) -> &'static str {
        match self {
            Leak::Published => "an unsafe cell is published",
            Leak::Recovered => "published cells give a withheld value exactly",
            Leak::SumNarrowed => "published cells give a withheld value more closely than its protection level",
            Leak::UnitsNarrowed => "published cells give a withheld number of units more closely than its protection level",
            Leak::UnitsByRules => "published cells and the rules together give a withheld number of units exactly",
            Leak::ToContributor => "a contributor who knows its own value learns too much of a withheld cell",
        }
    }
}

/// Attacks the pattern; only when nothing is found are the tables made.
///
/// # Errors
/// `audit-failed` for every set that is laid open, `all-suppressed` when no cell with units is left to show; as [`repeat`].
pub fn audit(protected: Protected) -> Result<(SafeTables, Evidence), Diagnostics> {
    repeat(&protected.assessed.set)?;
    let examined = examine(&protected);
    let Protected { assessed, withheld, effort, .. } = &protected;
    let mut findings: Vec<Finding> = examined.iter().flat_map(|one| one.findings.iter().cloned()).collect();
    if !findings.is_empty() {
        findings.sort_unstable();
        findings.dedup_by_key(|finding| (finding.cell, finding.hidden, finding.leak));
        return Err(Diagnostics(findings.iter().map(|finding| describe(assessed, finding)).collect()));
    }
    let tables = compose::tables(&assessed.set, &assessed.set.tables, withheld);
    if !compose::shows_anything(&tables) {
        let finding = Diagnostic::error("all-suppressed", "no cell with units can be shown");
        return Err(finding.help("merge classes, or ask for fewer breakdowns").into());
    }
    let evidence = evidence(assessed, withheld, *effort, &examined);
    Ok((SafeTables::new(assessed.set.about.clone(), tables), evidence))
}

/// The attack on every universe.
fn examine(protected: &Protected) -> Vec<Examined> {
    let Protected { assessed, withheld, certificates, .. } = protected;
    let universes: Vec<usize> = (0..assessed.set.universes.len()).collect();
    universes.par_iter().map(|universe| universe::examine(assessed, withheld, certificates, *universe)).collect()
}

/// Number of ways found to learn too much.
#[cfg(test)]
pub(super) fn leaks(protected: &Protected) -> usize {
    examine(protected).iter().map(|one| one.findings.len()).sum()
}

fn describe(assessed: &Assessed, finding: &Finding) -> Diagnostic {
    let set = &assessed.set;
    let mut diagnostic = Diagnostic::error("audit-failed", finding.leak.headline());
    if let Some((table, cell)) = super::place(set, finding.cell) {
        diagnostic = diagnostic.at(Place::Cell { table, cell });
    }
    if finding.hidden {
        diagnostic = diagnostic.note("it concerns a part of this cell that no table prints");
    }
    if !finding.witness.is_empty() {
        let term = |(factor, cell): &(i64, usize)| {
            let (table, key) = super::place(set, *cell).unwrap_or_default();
            format!("{factor:+} × [{table}: {key}]")
        };
        diagnostic = diagnostic.note(finding.witness.iter().map(term).collect::<Vec<_>>().join(" "));
    }
    diagnostic.help(match finding.witness.first() {
        Some(_) => "withhold one of the cells of the combination, or merge classes",
        None => "withhold another cell of the same row or column, or merge classes",
    })
}

fn evidence(assessed: &Assessed, withheld: &[bool], protection: super::suppress::Effort, examined: &[Examined]) -> Evidence {
    let mut audit = AuditEvidence::default();
    for one in examined {
        audit.systems += one.effort.systems;
        audit.nested_pairs += one.effort.nested_pairs;
        audit.eliminations += one.effort.eliminations;
        audit.programs += one.effort.programs;
        audit.insiders += one.effort.insiders;
    }
    let profile = &assessed.profile;
    Evidence {
        profile: ProfileEvidence { name: profile.name().into(), version: profile.version().into(), hash: profile.hash().into() },
        cells: (0..assessed.set.cells.len()).map(|cell| cell_evidence(assessed, withheld, cell, examined)).collect(),
        virtual_cells: (0..assessed.virtuals.len()).map(|at| virtual_evidence(assessed, at, examined)).collect(),
        protection,
        audit,
    }
}

fn cell_evidence(assessed: &Assessed, withheld: &[bool], at: usize, examined: &[Examined]) -> CellEvidence {
    let cell = &assessed.set.cells[at];
    let universe = &assessed.set.universes[cell.universe];
    let verdict = &assessed.verdicts[at];
    let known = |of: fn(&Examined) -> &view::Known| of(&examined[cell.universe]).cells.get(&at).copied();
    CellEvidence {
        cell: at,
        universe: universe.label.clone(),
        layer: universe.layers[cell.layer].name.clone(),
        atoms: cell.atoms.clone(),
        figures: (&cell.stats).into(),
        numerator: cell.numerator.as_ref().map(Into::into),
        importance: cell.importance,
        rules: verdict.rules.clone(),
        treatment: match (withheld[at], verdict.is_unsafe()) {
            (false, _) => Treatment::Published,
            (true, true) => Treatment::Primary,
            (true, false) => Treatment::Secondary,
        },
        sum: known(|one| &one.sums),
        count: known(|one| &one.counts),
    }
}

fn virtual_evidence(assessed: &Assessed, at: usize, examined: &[Examined]) -> VirtualEvidence {
    let hidden = &assessed.virtuals[at];
    let universe = &assessed.set.universes[hidden.universe];
    let known =
        |of: fn(&Examined) -> &view::Known| -> Option<Uncertainty> { of(&examined[hidden.universe]).virtuals.get(&at).copied() };
    VirtualEvidence {
        universe: universe.label.clone(),
        layer: universe.layers[hidden.layer].name.clone(),
        atoms: hidden.atoms.clone(),
        figures: (&hidden.stats).into(),
        origin: hidden.origin.clone(),
        rules: hidden.verdict.rules.clone(),
        sum: known(|one| &one.sums),
        count: known(|one| &one.counts),
    }
}
