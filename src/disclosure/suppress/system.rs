//! A system is a connected set of cells over the atoms that they can tell apart: what an attacker sees of one measure, or of the
//! numbers of units.

use std::collections::{BTreeMap, BTreeSet};

use crate::disclosure::assess::Assessed;
use crate::disclosure::rules::{Level, Verdict};
use crate::tables::set::Cell;

/// Unknowns are columns (atoms that the same cells contain); a row is a set of columns that cells show or that must be protected.
pub(super) struct System {
    /// Unknowns are whole numbers.
    pub whole: bool,
    pub nonnegative: bool,
    /// True value of every column.
    pub values: Vec<i128>,
    /// Atoms of every column, with their true value.
    pub atoms: Vec<Vec<(u32, i128)>>,
    pub rows: Vec<Row>,
}

pub(super) struct Row {
    /// Every cell that shows this set; empty for a set that no table prints.
    pub cells: Vec<usize>,
    /// Cost of withholding each of them.
    pub costs: Vec<f64>,
    pub columns: Vec<u32>,
    pub value: i128,
    /// How far it has to stay uncertain, when it is unsafe.
    pub level: Option<Level>,
    /// What a reader who knows the rules knows of the number of units of a withheld cell.
    pub known: Known,
    /// The columns that a single contributor of this withheld set knows.
    pub insider: Option<Vec<u32>>,
}

/// Bounds from the rules; they only hold for numbers of units.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known {
    /// The minimum frequency makes it unsafe.
    pub small: bool,
    /// An empty cell would have been shown as such.
    pub least: i128,
    /// Below the minimum frequency; only where it is true of the units, of which there can be more than contributors.
    pub most: Option<i128>,
}

/// A row in the making, by its atoms.
#[derive(Default)]
struct Draft {
    cells: Vec<usize>,
    costs: Vec<f64>,
    level: Option<Level>,
    known: Known,
    single: bool,
}

/// Cost of withholding a cell: its importance times the size of its number of units.
pub(super) fn cost(cell: &Cell) -> f64 {
    f64::from(cell.importance.max(1)) * (2.0 + cell.stats.units as f64).ln()
}

impl System {
    /// The sums of one measure, in connected parts.
    pub fn sums(assessed: &Assessed, universe: usize, layer: usize) -> Vec<System> {
        let atoms = &assessed.set.universes[universe].layers[layer];
        let value = |atom: u32| atoms.atoms[atom as usize].total;
        let drafts = drafts(assessed, universe, Some(layer));
        build(assessed, universe, drafts, &value, System::empty(false, atoms.nonnegative))
    }

    /// The numbers of units of all cells of the universe, in connected parts.
    pub fn counts(assessed: &Assessed, universe: usize) -> Vec<System> {
        let units = &assessed.set.universes[universe].layers[0];
        let value = |atom: u32| i128::from(units.atoms[atom as usize].units);
        build(assessed, universe, drafts(assessed, universe, None), &value, System::empty(true, true))
    }

    fn empty(whole: bool, nonnegative: bool) -> Self {
        Self { whole, nonnegative, values: Vec::new(), atoms: Vec::new(), rows: Vec::new() }
    }

    /// Sum of the columns.
    pub fn value(&self, columns: &[u32]) -> i128 {
        columns.iter().map(|column| self.values[*column as usize]).sum()
    }
}

/// Rows by their atoms, without the atoms that a reader knows to be empty.
fn drafts(assessed: &Assessed, universe: usize, layer: Option<usize>) -> BTreeMap<Vec<u32>, Draft> {
    let units = &assessed.set.universes[universe].layers[0].atoms;
    let live = |atoms: &[u32]| -> Vec<u32> {
        let kept = |atom: &&u32| !assessed.zeros_are_known() || units[**atom as usize].units > 0;
        atoms.iter().filter(kept).copied().collect()
    };
    let mut drafts: BTreeMap<Vec<u32>, Draft> = BTreeMap::new();
    for (at, cell) in assessed.set.cells.iter().enumerate().filter(|(_, cell)| cell.universe == universe) {
        let atoms = live(&cell.atoms);
        if atoms.is_empty() || layer.is_some_and(|layer| layer != cell.layer) {
            continue;
        }
        let draft = drafts.entry(atoms).or_default();
        draft.cells.push(at);
        draft.costs.push(cost(cell));
        draft.require(&assessed.verdicts[at], layer.is_none(), assessed, Some(cell));
    }
    for hidden in assessed.virtuals.iter().filter(|hidden| hidden.universe == universe) {
        let wanted = if layer.is_none() { hidden.verdict.levels.count } else { hidden.verdict.levels.sum };
        if wanted.is_some() && layer.is_none_or(|layer| layer == hidden.layer) {
            drafts.entry(live(&hidden.atoms)).or_default().require(&hidden.verdict, layer.is_none(), assessed, None);
        }
    }
    drafts
}

impl Draft {
    fn require(&mut self, verdict: &Verdict, count: bool, assessed: &Assessed, cell: Option<&Cell>) {
        let level = if count { verdict.levels.count } else { verdict.levels.sum };
        if let Some(level) = level {
            let before = self.level.unwrap_or_default();
            self.level = Some(Level { lower: before.lower.max(level.lower), upper: before.upper.max(level.upper) });
        }
        self.known.small |= count && verdict.is_small();
        let Some(cell) = cell else { return };
        self.single |= verdict.is_unsafe() && cell.stats.contributors == 1;
        self.known.least = i128::from(count && assessed.zeros_are_known());
        let rule = assessed.profile.rules.minimum_frequency.as_ref().filter(|_| count && verdict.is_small());
        if let Some(rule) = rule.filter(|rule| cell.stats.units < rule.contributors) {
            self.known.most = Some(i128::from(rule.contributors) - 1);
        }
    }
}

/// Cuts the drafts into connected systems and gives every column its value.
fn build(
    assessed: &Assessed,
    universe: usize,
    drafts: BTreeMap<Vec<u32>, Draft>,
    value: &dyn Fn(u32) -> i128,
    like: System,
) -> Vec<System> {
    let mut signatures: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, (atoms, _)) in drafts.iter().enumerate() {
        for atom in atoms {
            signatures.entry(*atom).or_default().push(at);
        }
    }
    let part_of = components(drafts.len(), signatures.values());
    let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
    for (atom, signature) in &signatures {
        parts.entry(part_of[signature[0]]).or_default().add(*atom, signature, value(*atom));
    }
    let mut systems = Vec::new();
    let mut drafts: Vec<(Vec<u32>, Option<Draft>)> = drafts.into_iter().map(|(atoms, draft)| (atoms, Some(draft))).collect();
    for (name, part) in parts {
        let mut system = System { values: part.values.clone(), atoms: part.atoms.clone(), rows: Vec::new(), ..like };
        for (at, (atoms, draft)) in drafts.iter_mut().enumerate().filter(|(at, _)| part_of[*at] == name) {
            let Some(draft) = draft.take() else { continue };
            let columns = part.rows.get(&at).cloned().unwrap_or_default();
            let insider = draft.single.then(|| part.alone(assessed, universe, atoms));
            let value = system.value(&columns);
            let Draft { cells, costs, level, known, .. } = draft;
            system.rows.push(Row { cells, costs, columns: columns.into_iter().collect(), value, level, known, insider });
        }
        systems.push(system);
    }
    systems
}

/// The columns of one connected part.
#[derive(Default)]
struct Part {
    column_of: BTreeMap<Vec<usize>, u32>,
    /// Raw atoms of each column, with their value.
    atoms: Vec<Vec<(u32, i128)>>,
    values: Vec<i128>,
    /// Columns of each draft.
    rows: BTreeMap<usize, Vec<u32>>,
}

impl Part {
    fn add(&mut self, atom: u32, signature: &[usize], value: i128) {
        let next = self.atoms.len() as u32;
        let column = match self.column_of.get(signature) {
            Some(column) => *column,
            None => {
                self.column_of.insert(signature.to_vec(), next);
                self.atoms.push(Vec::new());
                self.values.push(0);
                for row in signature {
                    self.rows.entry(*row).or_default().push(next);
                }
                next
            }
        };
        self.atoms[column as usize].push((atom, value));
        self.values[column as usize] += value;
    }

    /// The columns in which the single contributor of a set has every unit.
    fn alone(&self, assessed: &Assessed, universe: usize, set: &[u32]) -> Vec<u32> {
        let units = &assessed.set.universes[universe].layers[0].atoms;
        let inside: BTreeSet<u32> = set.iter().copied().collect();
        let holding = set.iter().flat_map(|atom| &units[*atom as usize].shared).map(|(contributor, _)| *contributor).next();
        let his = |atom: &u32| {
            let here = &units[*atom as usize];
            let shared = here.shared.iter().all(|(contributor, _)| Some(*contributor) == holding);
            inside.contains(atom) || here.units == 0 || (here.alone == 0 && shared)
        };
        (0..self.atoms.len() as u32).filter(|column| self.atoms[*column as usize].iter().all(|(atom, _)| his(atom))).collect()
    }
}

/// The smallest row connected to each row, where rows that share an atom are connected.
fn components<'a>(rows: usize, signatures: impl Iterator<Item = &'a Vec<usize>>) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..rows).collect();
    fn root(parent: &mut [usize], mut at: usize) -> usize {
        while parent[at] != at {
            parent[at] = parent[parent[at]];
            at = parent[at];
        }
        at
    }
    for signature in signatures {
        for pair in signature.windows(2) {
            let (a, b) = (root(&mut parent, pair[0]), root(&mut parent, pair[1]));
            parent[a.max(b)] = a.min(b);
        }
    }
    (0..rows).map(|row| root(&mut parent, row)).collect()
}
