//! The attack on the published values of one universe: measure by measure, then on all numbers of units together.

use super::attacker::{Attacker, Knowledge};
use super::recovery;
use super::view::{Known, Target, View, Who};
use super::{Assessed, AuditEvidence, Certificate, Finding, Leak, Uncertainty, set_verdict};

#[derive(Default)]
pub(super) struct Examined {
    pub findings: Vec<Finding>,
    pub sums: Known,
    pub counts: Known,
    pub effort: AuditEvidence,
}

pub(super) fn examine(assessed: &Assessed, withheld: &[bool], offered: &[Certificate], universe: usize) -> Examined {
    let offered: Vec<&Certificate> = offered.iter().filter(|certificate| certificate.universe == universe).collect();
    let mut examined = Examined::default();
    examined.published(assessed, withheld, universe);
    examined.nested(assessed, withheld, universe);
    for layer in 1..assessed.set.universes[universe].layers.len() {
        for view in View::sums(assessed, withheld, universe, layer) {
            examined.attack(assessed, &view, &[]);
        }
    }
    for view in View::counts(assessed, withheld, universe) {
        examined.attack(assessed, &view, &offered);
    }
    examined
}

impl Examined {
    fn published(&mut self, assessed: &Assessed, withheld: &[bool], universe: usize) {
        let cells = assessed.set.cells.iter().enumerate().filter(|(_, cell)| cell.universe == universe);
        for (cell, _) in cells.filter(|(at, _)| !withheld[*at] && assessed.verdicts[*at].is_unsafe()) {
            self.findings.push(Finding { cell, hidden: false, leak: Leak::Published, witness: vec![(1, cell)] });
        }
    }

    /// Pairs of published cells of which one contains the other: what lies between is known exactly.
    fn nested(&mut self, assessed: &Assessed, withheld: &[bool], universe: usize) {
        let cells = &assessed.set.cells;
        let shown: Vec<usize> = (0..cells.len()).filter(|at| cells[*at].universe == universe && !withheld[*at]).collect();
        for &outer in &shown {
            for &inner in shown.iter().filter(|inner| cells[**inner].layer == cells[outer].layer) {
                if cells[inner].stats.units >= cells[outer].stats.units || cells[inner].stats.units == 0 {
                    continue;
                }
                let Some(between) = difference(&cells[outer].atoms, &cells[inner].atoms) else { continue };
                self.effort.nested_pairs += 1;
                let (stats, verdict) =
                    set_verdict(&assessed.set.universes[universe], cells[outer].layer, &between, &assessed.profile);
                if stats.units > 0 && verdict.is_unsafe() {
                    let witness = vec![(1, outer), (-1, inner)];
                    self.findings.push(Finding { cell: outer, hidden: true, leak: Leak::Recovered, witness });
                }
            }
        }
    }

    fn attack(&mut self, assessed: &Assessed, view: &View, offered: &[&Certificate]) {
        self.effort.systems += 1;
        self.recover(assessed, view);
        let mut attacker = Attacker::new(view, Knowledge::Values, offered);
        for target in &view.targets {
            self.narrow(assessed, view, target, &mut attacker);
        }
        for insider in view.targets.iter().filter(|target| target.single_knows.is_some()) {
            self.effort.insiders += 1;
            self.inside(assessed, view, insider, &mut attacker);
        }
        self.effort.programs += attacker.programs;
        if view.whole {
            let mut attacker = Attacker::new(view, Knowledge::ValuesAndRules, offered);
            for target in view.targets.iter().filter(|target| target.small) {
                if !attacker.leaves_a_choice(target) {
                    self.find(assessed, target, Leak::UnitsByRules, Vec::new());
                }
            }
            self.effort.programs += attacker.programs;
        }
    }

    /// Exact recovery, by elimination.
    fn recover(&mut self, assessed: &Assessed, view: &View) {
        let wanted: Vec<&Target> = view.targets.iter().filter(|target| target.level.is_some()).collect();
        self.effort.eliminations += wanted.len();
        for (target, witness) in recovery::recovered(view, &wanted) {
            self.find(assessed, target, Leak::Recovered, witness);
        }
    }

    /// The interval that the published values leave, against the level.
    fn narrow(&mut self, assessed: &Assessed, view: &View, target: &Target, attacker: &mut Attacker) {
        let uncertainty = match target.is_printed() {
            true => attacker.interval(target),
            false => attacker.as_far_as_the_level(target),
        };
        let Uncertainty { level, low, high, .. } = uncertainty;
        // As floating numbers, in which the distances were found.
        let short = |distance: i128, wanted: i128| (distance as f64) < wanted as f64;
        let below = low.is_some_and(|low| short(target.value - low, level.lower));
        let open = below || high.is_some_and(|high| short(high - target.value, level.upper));
        if target.level.is_some() && open {
            let leak = if view.whole { Leak::UnitsNarrowed } else { Leak::SumNarrowed };
            self.find(assessed, target, leak, Vec::new());
        }
        let known = if view.whole { &mut self.counts } else { &mut self.sums };
        known.note(target, uncertainty);
    }

    /// The same for the only contributor of a withheld set, who knows its own part.
    fn inside(&mut self, assessed: &Assessed, view: &View, insider: &Target, attacker: &mut Attacker) {
        let knows = insider.single_knows.as_deref().unwrap_or_default();
        for target in view.targets.iter().filter(|target| target.columns != insider.columns) {
            let Some(level) = target.level else { continue };
            let rest: Vec<u32> = target.columns.iter().copied().filter(|column| !knows.contains(column)).collect();
            if rest.is_empty() {
                continue;
            }
            let below = if view.nonnegative { level.lower.min(view.value(&rest)) } else { level.lower };
            if !attacker.can_exceed(target, 1, level.upper, knows) || !attacker.can_exceed(target, -1, below, knows) {
                self.find(assessed, target, Leak::ToContributor, Vec::new());
            }
        }
    }

    fn find(&mut self, assessed: &Assessed, target: &Target, leak: Leak, witness: Vec<(i64, usize)>) {
        let cell = target.who.iter().find_map(|who| match who {
            Who::Cell(cell) => Some(*cell),
            Who::Virtual(_) => None,
        });
        let around = target.who.first().map(|who| match who {
            Who::Cell(cell) => *cell,
            Who::Virtual(at) => assessed.virtuals[*at].origin.within(),
        });
        if let Some(around) = cell.or(around) {
            self.findings.push(Finding { cell: around, hidden: cell.is_none(), leak, witness });
        }
    }
}

/// What the first has beyond the second, when it contains it; both ascending.
fn difference(outer: &[u32], inner: &[u32]) -> Option<Vec<u32>> {
    let inside = |atom: &u32| outer.binary_search(atom).is_ok();
    inner.iter().all(inside).then(|| outer.iter().copied().filter(|atom| inner.binary_search(atom).is_err()).collect())
}
