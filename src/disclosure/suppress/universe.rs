//! The problem of one universe: the sums of every layer beside the numbers of units of all its cells, tied together where one printed cell
//! tells both.
//!
//! Rows are sets of atoms that cells print or that must be protected; columns are atoms that the same rows contain, and nobody is shown
//! them. A row is the sum of its columns.

use std::collections::{BTreeMap, BTreeSet};

use super::Certificate;
use super::before::Before;
use super::connected::connected;
use crate::disclosure::assess::Assessed;
use crate::disclosure::problem::{Cell, Demand, Equation, Fate, Problem, Ruled, Witness};
use crate::disclosure::rules::{Level, Verdict};
use crate::tables::set;

/// The problem with what its cells stand for.
pub(super) struct Joint<'a> {
    assessed: &'a Assessed,
    before: &'a Before,
    universe: usize,
    pub problem: Problem,
    /// Cells of the table set that are withheld whatever is done.
    pub withheld: Vec<bool>,
    /// Cells of the table set that are known already although they tell what must stay uncertain.
    pub told_already: Vec<usize>,
    /// For every cell of the problem those of the table set that are withheld when it is.
    prints: Vec<Vec<usize>>,
    /// For a cell of the problem that must be protected, a cell of the table set that contains its units.
    around: BTreeMap<u32, usize>,
    /// The row of the sums that a cell of the table set prints.
    told: BTreeMap<usize, u32>,
    /// Atoms of every column of the numbers of units, with their true number.
    atoms: BTreeMap<u32, Vec<(u32, i128)>>,
    /// Connected systems with something to protect.
    pub systems: usize,
}

/// A row in the making.
#[derive(Default)]
struct Draft {
    cells: Vec<usize>,
    /// A cell that contains the set.
    around: usize,
    level: Option<Level>,
    /// The minimum frequency makes it unsafe.
    small: bool,
    /// Least and greatest number of units that the rules allow a withheld cell.
    least: i128,
    most: Option<i128>,
    /// It is withheld and has a single contributor.
    single: bool,
}

/// Rows by their atoms, without the atoms that a reader knows to be empty.
type Drafts = BTreeMap<Vec<u32>, Draft>;

/// What the rows tell: the sums of a layer, or numbers of units.
#[derive(Clone, Copy)]
enum Told {
    Sums(usize),
    Units,
}

/// Cost of withholding a cell: its importance times the logarithm of two and its number of units together.
fn cost(cell: &set::Cell) -> f64 {
    f64::from(cell.importance.max(1)) * (2.0 + cell.stats.units as f64).ln()
}

impl<'a> Joint<'a> {
    /// `also` are cells to withhold beside the unsafe ones.
    pub fn new(assessed: &'a Assessed, before: &'a Before, universe: usize, also: &[bool]) -> Self {
        let cells = &assessed.set.cells;
        let must = |at: usize| assessed.verdicts[at].is_unsafe() || also[at] || before.hidden[at];
        let withheld = (0..cells.len()).map(|at| cells[at].universe == universe && !before.told[at] && must(at));
        let mut joint = Self {
            assessed,
            before,
            universe,
            problem: Problem { whole: true, ..Problem::default() },
            withheld: withheld.collect(),
            told_already: Vec::new(),
            prints: Vec::new(),
            around: BTreeMap::new(),
            told: BTreeMap::new(),
            atoms: BTreeMap::new(),
            systems: 0,
        };
        let layers = assessed.set.universes[universe].layers.len();
        let mut sides: Vec<(Told, Drafts)> =
            (1..layers).map(Told::Sums).chain([Told::Units]).map(|told| (told, joint.drafts(told))).collect();
        // What must stay uncertain cannot be printed by any cell.
        let laid_open = |at: &usize| cells[*at].universe == universe && before.told[*at] && assessed.verdicts[*at].is_unsafe();
        joint.told_already = (0..cells.len()).filter(laid_open).collect();
        for (told, draft) in sides.iter().flat_map(|(told, drafts)| drafts.values().map(move |draft| (*told, draft))) {
            if draft.is_demanded() && draft.is_known(told, before) {
                joint.told_already.push(draft.around);
            } else if draft.is_demanded() {
                draft.cells.iter().for_each(|cell| joint.withheld[*cell] = true);
            }
        }
        sides.drain(..).for_each(|(told, drafts)| joint.add(told, drafts));
        joint
    }

    /// The cells of the table set that are withheld when these of the problem are.
    pub fn spread(&self, withheld: &[bool]) -> Vec<bool> {
        let mut all = self.withheld.clone();
        for (_, prints) in withheld.iter().zip(&self.prints).filter(|(withheld, _)| **withheld) {
            prints.iter().for_each(|cell| all[*cell] = true);
        }
        all
    }

    /// A cell of the table set for each of these of the problem.
    pub fn around(&self, cells: &[u32]) -> Vec<usize> {
        cells.iter().filter_map(|cell| self.around.get(cell).copied()).collect()
    }

    /// The numbers of units that a witness changes, atom by atom; `None` when it is one of sums.
    pub fn certificate(&self, witness: &Witness) -> Option<Certificate> {
        let mut differences = Vec::new();
        for (cell, difference) in witness.differences() {
            let mut left = *difference as i128;
            for (atom, units) in self.atoms.get(cell).into_iter().flatten() {
                let step = left.max(-units);
                differences.push((*atom, step as i64));
                left -= step;
            }
        }
        (!differences.is_empty()).then_some(Certificate { universe: self.universe, differences })
    }

    fn drafts(&self, told: Told) -> Drafts {
        let mut drafts = Drafts::new();
        let cells = self.assessed.set.cells.iter().enumerate();
        for (at, cell) in cells.filter(|(_, cell)| cell.universe == self.universe && told.is_of(cell.layer)) {
            let atoms = self.live(&cell.atoms);
            if atoms.is_empty() {
                continue;
            }
            let draft = drafts.entry(atoms).or_insert_with(|| Draft { around: at, ..Draft::default() });
            draft.cells.push(at);
            draft.require(&self.assessed.verdicts[at], told);
            draft.read(cell, &self.assessed.verdicts[at], told, self.assessed);
        }
        for hidden in self.assessed.virtuals.iter().filter(|hidden| hidden.universe == self.universe) {
            if told.is_of(hidden.layer) && told.level(&hidden.verdict).is_some() {
                let new = || Draft { around: hidden.origin.within(), ..Draft::default() };
                drafts.entry(self.live(&hidden.atoms)).or_insert_with(new).require(&hidden.verdict, told);
            }
        }
        drafts
    }

    fn live(&self, atoms: &[u32]) -> Vec<u32> {
        let units = &self.assessed.set.universes[self.universe].layers[0].atoms;
        let kept = |atom: &&u32| !self.assessed.zeros_are_known() || units[**atom as usize].units > 0;
        atoms.iter().filter(kept).copied().collect()
    }

    /// The true value of an atom.
    fn value(&self, told: Told, atom: u32) -> i128 {
        let layers = &self.assessed.set.universes[self.universe].layers;
        match told {
            Told::Sums(layer) => layers[layer].atoms[atom as usize].total,
            Told::Units => i128::from(layers[0].atoms[atom as usize].units),
        }
    }

    /// Adds the rows, and the columns of those that are connected with something to protect.
    fn add(&mut self, told: Told, drafts: Drafts) {
        let mut rows_of: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (row, atoms) in drafts.keys().enumerate() {
            atoms.iter().for_each(|atom| rows_of.entry(*atom).or_default().push(row));
        }
        let part_of = connected(drafts.len(), rows_of.values().map(|rows| rows.iter().copied()));
        let demanded = drafts.values().enumerate().filter(|(_, draft)| draft.is_demanded()).map(|(row, _)| part_of[row]);
        let parts: BTreeSet<usize> = demanded.collect();
        self.systems += parts.len();
        let first = self.problem.cells.len() as u32;
        drafts.iter().for_each(|(atoms, draft)| self.add_row(told, atoms, draft));
        let mut columns: BTreeMap<Vec<usize>, Vec<u32>> = BTreeMap::new();
        for (atom, rows) in rows_of.into_iter().filter(|(_, rows)| parts.contains(&part_of[rows[0]])) {
            columns.entry(rows).or_default().push(atom);
        }
        let mut system = System { rows: vec![Vec::new(); drafts.len()], columns: Vec::new() };
        for (rows, atoms) in columns {
            let column = self.add_column(told, &atoms);
            rows.iter().for_each(|row| system.rows[*row].push(column));
            system.columns.push((column, part_of[rows[0]], atoms));
        }
        for (row, columns) in system.rows.iter().enumerate().filter(|(row, _)| parts.contains(&part_of[*row])) {
            self.problem.equations.push(Equation::sum(first + row as u32, columns));
        }
        self.demand(&drafts, &part_of, &system, first);
    }

    fn add_row(&mut self, told: Told, atoms: &[u32], draft: &Draft) {
        let at = self.problem.cells.len() as u32;
        let value: i128 = atoms.iter().map(|atom| self.value(told, *atom)).sum();
        let open: Vec<usize> = draft.cells.iter().copied().filter(|cell| !self.withheld[*cell]).collect();
        let own: Vec<usize> = open.iter().copied().filter(|cell| !self.told.contains_key(cell)).collect();
        let is_known = draft.is_known(told, self.before);
        let fate = match () {
            () if is_known => Fate::Shown,
            () if own.is_empty() => Fate::Hidden,
            () => Fate::Free,
        };
        let price = own.iter().map(|cell| cost(&self.assessed.set.cells[*cell])).sum();
        let tied: Vec<u32> = open.iter().filter(|_| !is_known).filter_map(|cell| self.told.get(cell).copied()).collect();
        self.problem.cells.push(self.cell(told, value, price, fate));
        if !tied.is_empty() {
            self.problem.tied.insert(at, tied);
        }
        match told {
            Told::Sums(_) => {
                self.problem.amounts.insert(at);
                self.told.extend(draft.cells.iter().map(|cell| (*cell, at)));
            }
            Told::Units => self.problem.ruled.extend(draft.ruled(at).filter(|_| !is_known)),
        }
        self.prints.push(own);
        self.around.insert(at, draft.around);
    }

    fn add_column(&mut self, told: Told, atoms: &[u32]) -> u32 {
        let at = self.problem.cells.len() as u32;
        let values: Vec<(u32, i128)> = atoms.iter().map(|atom| (*atom, self.value(told, *atom))).collect();
        let value = values.iter().map(|(_, value)| value).sum();
        self.problem.cells.push(self.cell(told, value, 0.0, Fate::Hidden));
        self.prints.push(Vec::new());
        self.problem.columns.insert(at);
        match told {
            Told::Sums(_) => _ = self.problem.amounts.insert(at),
            Told::Units => _ = self.atoms.insert(at, values),
        }
        at
    }

    fn cell(&self, told: Told, value: i128, cost: f64, fate: Fate) -> Cell {
        let layer = match told {
            Told::Sums(layer) => layer,
            Told::Units => 0,
        };
        let nonnegative = self.assessed.set.universes[self.universe].layers[layer].nonnegative;
        Cell { least: nonnegative.then_some(0), ..Cell::plain(value, cost, fate) }
    }

    /// What must stay uncertain, also for every single contributor of a withheld set.
    fn demand(&mut self, drafts: &Drafts, part_of: &[usize], system: &System, first: u32) {
        let single = drafts.iter().enumerate().filter(|(_, (_, draft))| draft.single);
        let insiders: Vec<(usize, Vec<u32>)> =
            single.map(|(row, (atoms, _))| (row, self.alone(atoms, part_of[row], system))).collect();
        for (row, level) in drafts.values().enumerate().filter_map(|(row, draft)| Some((row, draft.level?))) {
            let cell = first + row as u32;
            self.problem.demands.push(Demand { cell, level, known: Vec::new() });
            let others = insiders.iter().filter(|(other, _)| *other != row && part_of[*other] == part_of[row]);
            let inside = others.filter_map(|(_, known)| self.against(cell, level, known, &system.rows[row]));
            self.problem.demands.extend(inside.collect::<Vec<_>>());
        }
    }

    /// The demand against who knows some columns; `None` where those are all.
    fn against(&self, cell: u32, level: Level, known: &[u32], columns: &[u32]) -> Option<Demand> {
        let rest: Vec<u32> = columns.iter().copied().filter(|column| !known.contains(column)).collect();
        let left: i128 = rest.iter().map(|column| self.problem.cells[*column as usize].value).sum();
        let lower = if self.problem.cells[cell as usize].least.is_some() { level.lower.min(left) } else { level.lower };
        (!rest.is_empty()).then(|| Demand { cell, level: Level { lower, ..level }, known: known.to_vec() })
    }

    /// The columns of the part in which the single contributor of a set has every unit.
    fn alone(&self, set: &[u32], part: usize, system: &System) -> Vec<u32> {
        let units = &self.assessed.set.universes[self.universe].layers[0].atoms;
        let holding = set.iter().flat_map(|atom| &units[*atom as usize].shared).map(|(contributor, _)| *contributor).next();
        let his = |atom: &u32| {
            let here = &units[*atom as usize];
            let shared = here.shared.iter().all(|(contributor, _)| Some(*contributor) == holding);
            set.binary_search(atom).is_ok() || here.units == 0 || (here.alone == 0 && shared)
        };
        let inside = system.columns.iter().filter(|(_, own, atoms)| *own == part && atoms.iter().all(his));
        inside.map(|(column, _, _)| *column).collect()
    }
}

/// How rows and columns hang together.
struct System {
    /// Columns of every row.
    rows: Vec<Vec<u32>>,
    /// Every column with its part and its atoms.
    columns: Vec<(u32, usize, Vec<u32>)>,
}

impl Told {
    fn is_of(self, layer: usize) -> bool {
        match self {
            Told::Sums(own) => own == layer,
            Told::Units => true,
        }
    }

    fn level(self, verdict: &Verdict) -> Option<Level> {
        match self {
            Told::Sums(_) => verdict.levels.sum,
            Told::Units => verdict.levels.count,
        }
    }
}

impl Draft {
    fn is_demanded(&self) -> bool {
        self.small || self.level.is_some()
    }

    /// Whether a reader was told before what the row tells.
    fn is_known(&self, told: Told, before: &Before) -> bool {
        self.cells.iter().any(|cell| if matches!(told, Told::Units) { before.counted[*cell] } else { before.told[*cell] })
    }

    fn require(&mut self, verdict: &Verdict, told: Told) {
        if let Some(level) = told.level(verdict) {
            let before = self.level.unwrap_or_default();
            self.level = Some(Level { lower: before.lower.max(level.lower), upper: before.upper.max(level.upper) });
        }
        self.small |= matches!(told, Told::Units) && verdict.is_small();
    }

    /// What a reader who knows the rules knows of a cell that is withheld: an empty one would have been shown as such, and a small one is
    /// below the minimum frequency; that bounds its units only where it is true of them, of which there can be more than contributors.
    fn read(&mut self, cell: &set::Cell, verdict: &Verdict, told: Told, assessed: &Assessed) {
        self.single |= verdict.is_unsafe() && cell.stats.contributors == 1;
        self.least = i128::from(assessed.zeros_are_known());
        let rule = assessed.profile.rules.minimum_frequency.as_ref();
        let small = matches!(told, Told::Units) && verdict.is_small();
        if let Some(rule) = rule.filter(|rule| small && cell.stats.units < rule.contributors) {
            self.most = Some(i128::from(rule.contributors) - 1);
        }
    }

    fn ruled(&self, cell: u32) -> Option<Ruled> {
        let most = self.most.unwrap_or(i128::MAX);
        let tells = self.small || self.least > 0 || self.most.is_some();
        tells.then_some(Ruled { cell, least: self.least, most, guarded: self.small })
    }
}
