//! A view is what an attacker sees of one measure or of all numbers of units: published sums over unknown columns, and what he is after.

use std::collections::BTreeMap;

use super::{Assessed, Uncertainty};
use crate::disclosure::rules::{Level, Verdict};

#[derive(Default)]
pub(super) struct View {
    /// Unknowns are whole numbers.
    pub whole: bool,
    pub nonnegative: bool,
    /// True value of every column.
    pub values: Vec<i128>,
    pub column_of: BTreeMap<u32, u32>,
    /// Published sets once each, with a cell that shows it.
    pub shown: Vec<(usize, Vec<u32>)>,
    /// Withheld cells, and unsafe sets that no table prints.
    pub targets: Vec<Target>,
}

/// A set of columns that the attacker wants to know.
#[derive(Default)]
pub(super) struct Target {
    pub who: Vec<Who>,
    pub columns: Vec<u32>,
    pub value: i128,
    pub level: Option<Level>,
    /// Withheld, or hidden, for its small number of contributors.
    pub small: bool,
    /// Least and greatest number of units that the rules allow a withheld cell.
    pub bounds: Option<(i128, Option<i128>)>,
    /// Columns known to the one contributor of a withheld cell.
    pub single_knows: Option<Vec<u32>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Cell(usize),
    Virtual(usize),
}

/// What the attacker is left with, by cell and by virtual cell.
#[derive(Default)]
pub(super) struct Known {
    pub cells: BTreeMap<usize, Uncertainty>,
    pub virtuals: BTreeMap<usize, Uncertainty>,
}

impl Known {
    pub fn note(&mut self, target: &Target, uncertainty: Uncertainty) {
        for who in &target.who {
            match who {
                Who::Cell(cell) => self.cells.insert(*cell, uncertainty),
                Who::Virtual(at) => self.virtuals.insert(*at, uncertainty),
            };
        }
    }
}

impl Target {
    pub fn is_printed(&self) -> bool {
        self.who.iter().any(|who| matches!(who, Who::Cell(_)))
    }
}

impl View {
    /// In parts that have no column in common; only those in which something is hidden.
    pub fn sums(assessed: &Assessed, withheld: &[bool], universe: usize, layer: usize) -> Vec<View> {
        Builder { assessed, withheld, universe, layer: Some(layer) }.view().map(View::parts).unwrap_or_default()
    }

    pub fn counts(assessed: &Assessed, withheld: &[bool], universe: usize) -> Vec<View> {
        Builder { assessed, withheld, universe, layer: None }.view().map(View::parts).unwrap_or_default()
    }

    /// Spreads the smallest column over everything connected, until nothing changes.
    fn parts(self) -> Vec<View> {
        let mut part: Vec<u32> = (0..self.values.len() as u32).collect();
        loop {
            let before = part.clone();
            let sets = self.shown.iter().map(|(_, set)| set).chain(self.targets.iter().map(|target| &target.columns));
            for set in sets {
                let least = set.iter().map(|column| part[*column as usize]).min().unwrap_or(0);
                set.iter().for_each(|column| part[*column as usize] = least);
            }
            if part == before {
                break;
            }
        }
        let mut parts: BTreeMap<u32, View> = BTreeMap::new();
        let mut number = vec![0; part.len()];
        for (column, name) in part.iter().enumerate() {
            let view = parts.entry(*name).or_insert_with(|| View {
                whole: self.whole,
                nonnegative: self.nonnegative,
                ..View::default()
            });
            number[column] = view.values.len() as u32;
            view.values.push(self.values[column]);
        }
        for (atom, column) in self.column_of {
            if let Some(view) = parts.get_mut(&part[column as usize]) {
                view.column_of.insert(atom, number[column as usize]);
            }
        }
        let here = |set: &[u32]| set.iter().map(|column| number[*column as usize]).collect::<Vec<u32>>();
        for (cell, set) in &self.shown {
            if let Some(view) = parts.get_mut(&part[set[0] as usize]) {
                view.shown.push((*cell, here(set)));
            }
        }
        for mut target in self.targets {
            let name = part[target.columns[0] as usize];
            target.columns = here(&target.columns);
            let own =
                |known: Vec<u32>| here(&known.into_iter().filter(|column| part[*column as usize] == name).collect::<Vec<_>>());
            target.single_knows = target.single_knows.map(own);
            if let Some(view) = parts.get_mut(&name) {
                view.targets.push(target);
            }
        }
        parts.into_values().filter(|view| !view.targets.is_empty()).collect()
    }

    pub fn value(&self, columns: &[u32]) -> i128 {
        columns.iter().map(|column| self.values[*column as usize]).sum()
    }
}

struct Builder<'a> {
    assessed: &'a Assessed,
    withheld: &'a [bool],
    universe: usize,
    /// `None` for the numbers of units.
    layer: Option<usize>,
}

impl Builder<'_> {
    fn view(&self) -> Option<View> {
        let set = &self.assessed.set;
        let mine = |layer: usize| self.layer.is_none_or(|own| own == layer);
        let cells: Vec<usize> = (0..set.cells.len())
            .filter(|at| set.cells[*at].universe == self.universe && mine(set.cells[*at].layer))
            .filter(|at| !self.live(&set.cells[*at].atoms).is_empty())
            .collect();
        let hidden: Vec<usize> = (0..self.assessed.virtuals.len())
            .filter(|at| self.assessed.virtuals[*at].universe == self.universe && mine(self.assessed.virtuals[*at].layer))
            .filter(|at| self.level(&self.assessed.virtuals[*at].verdict).is_some())
            .collect();
        if hidden.is_empty() && !cells.iter().any(|cell| self.withheld[*cell]) {
            return None;
        }
        let sets = cells.iter().map(|cell| &set.cells[*cell].atoms);
        let column_of = self.columns(sets.chain(hidden.iter().map(|at| &self.assessed.virtuals[*at].atoms)));
        let universe = &set.universes[self.universe];
        let layer = &universe.layers[self.layer.unwrap_or(0)];
        let mut view = View {
            whole: self.layer.is_none(),
            nonnegative: self.layer.is_none() || layer.nonnegative,
            values: Vec::new(),
            column_of: (0..).zip(&column_of).filter_map(|(atom, column)| Some((atom, (*column)?))).collect(),
            shown: Vec::new(),
            targets: Vec::new(),
        };
        for (atom, column) in column_of.iter().enumerate().filter_map(|(atom, column)| Some((atom, (*column)?))) {
            view.values.resize(view.values.len().max(column as usize + 1), 0);
            let here = &layer.atoms[atom];
            view.values[column as usize] += if view.whole { i128::from(here.units) } else { here.total };
        }
        self.show(&mut view, &cells, &column_of);
        self.aim(&mut view, &cells, &hidden, &column_of);
        Some(view)
    }

    /// Atoms that are not known to be empty.
    fn live(&self, atoms: &[u32]) -> Vec<u32> {
        let units = &self.assessed.set.universes[self.universe].layers[0].atoms;
        let kept = |atom: &u32| !self.assessed.zeros_are_known() || units[*atom as usize].units > 0;
        atoms.iter().copied().filter(kept).collect()
    }

    fn level(&self, verdict: &Verdict) -> Option<Level> {
        if self.layer.is_none() { verdict.levels.count } else { verdict.levels.sum }
    }

    /// Splits the atoms by one set after the other; numbers what is left apart in the order of the atoms.
    fn columns<'s>(&self, sets: impl Iterator<Item = &'s Vec<u32>>) -> Vec<Option<u32>> {
        let atoms = self.assessed.set.universes[self.universe].atoms;
        let mut class: Vec<u32> = vec![0; atoms];
        let mut next = 1;
        for set in sets {
            let mut split: BTreeMap<u32, u32> = BTreeMap::new();
            for atom in self.live(set) {
                let own = &mut class[atom as usize];
                *own = *split.entry(*own).or_insert_with(|| {
                    next += 1;
                    next - 1
                });
            }
        }
        let mut number: BTreeMap<u32, u32> = BTreeMap::new();
        let mut named = |class: &u32| {
            let count = number.len() as u32;
            (*class > 0).then(|| *number.entry(*class).or_insert(count))
        };
        class.iter().map(&mut named).collect()
    }

    fn project(&self, atoms: &[u32], column_of: &[Option<u32>]) -> Vec<u32> {
        let mut columns: Vec<u32> = self.live(atoms).iter().filter_map(|atom| column_of[*atom as usize]).collect();
        columns.sort_unstable();
        columns.dedup();
        columns
    }

    fn show(&self, view: &mut View, cells: &[usize], column_of: &[Option<u32>]) {
        let set = &self.assessed.set;
        let elsewhere = self.counted_elsewhere();
        let mut seen: BTreeMap<Vec<u32>, usize> = BTreeMap::new();
        for cell in cells.iter().copied() {
            let witness = match self.withheld[cell] {
                false => Some(cell),
                true => set.population(cell).and_then(|population| elsewhere.get(&population).copied()),
            };
            if let Some(witness) = witness {
                seen.entry(self.project(&set.cells[cell].atoms, column_of)).or_insert(witness);
            }
        }
        view.shown = seen.into_iter().map(|(columns, cell)| (cell, columns)).collect();
    }

    /// Published cells by the units they hold: the number of the same units in another year is the same. Sums are not.
    fn counted_elsewhere(&self) -> BTreeMap<u128, usize> {
        let set = &self.assessed.set;
        let published = (0..set.cells.len()).filter(|cell| self.layer.is_none() && !self.withheld[*cell]);
        published.filter_map(|cell| Some((set.population(cell)?, cell))).collect()
    }

    fn aim(&self, view: &mut View, cells: &[usize], hidden: &[usize], column_of: &[Option<u32>]) {
        let mut targets: BTreeMap<Vec<u32>, Target> = BTreeMap::new();
        let shown: std::collections::BTreeSet<&Vec<u32>> = view.shown.iter().map(|(_, columns)| columns).collect();
        for cell in cells.iter().copied().filter(|cell| self.withheld[*cell]) {
            let verdict = &self.assessed.verdicts[cell];
            let columns = self.project(&self.assessed.set.cells[cell].atoms, column_of);
            let printed = shown.contains(&columns);
            let target = targets.entry(columns).or_default();
            self.require(target, Who::Cell(cell), verdict);
            if view.whole && !printed {
                self.bound(target, cell);
            }
            if verdict.is_unsafe() && self.assessed.set.cells[cell].stats.contributors == 1 {
                target.single_knows = Some(self.known_to_single(cell, column_of));
            }
        }
        for at in hidden.iter().copied() {
            let columns = self.project(&self.assessed.virtuals[at].atoms, column_of);
            let target = targets.entry(columns).or_default();
            self.require(target, Who::Virtual(at), &self.assessed.virtuals[at].verdict);
        }
        for (columns, mut target) in targets {
            target.value = view.value(&columns);
            target.columns = columns;
            view.targets.push(target);
        }
    }

    fn require(&self, target: &mut Target, who: Who, verdict: &Verdict) {
        target.who.push(who);
        target.small |= self.layer.is_none() && verdict.is_small();
        if let Some(level) = self.level(verdict) {
            let wide = target.level.get_or_insert(level);
            *wide = Level { lower: wide.lower.max(level.lower), upper: wide.upper.max(level.upper) };
        }
    }

    /// A withheld cell is not empty, since an empty one would be shown as such. When it is withheld for its few contributors, there
    /// are fewer of them than the minimum; that bounds the units only where it is true of them, because a contributor can have several.
    fn bound(&self, target: &mut Target, cell: usize) {
        let least = i128::from(self.assessed.zeros_are_known());
        let rule = self.assessed.profile.rules.minimum_frequency.as_ref();
        let units = self.assessed.set.cells[cell].stats.units;
        let small = self.assessed.verdicts[cell].is_small();
        let most = rule.filter(|rule| small && units < rule.contributors).map(|rule| i128::from(rule.contributors) - 1);
        let before = target.bounds.and_then(|(_, most)| most);
        target.bounds = Some((least, most.or(before)));
    }

    /// The columns in which the one contributor of the cell has every unit: the cell itself, and what else its holding has alone.
    fn known_to_single(&self, cell: usize, column_of: &[Option<u32>]) -> Vec<u32> {
        let units = &self.assessed.set.universes[self.universe].layers[0].atoms;
        let own = &self.assessed.set.cells[cell].atoms;
        let holding = own.iter().find_map(|atom| units[*atom as usize].shared.first().map(|(contributor, _)| *contributor));
        let mut known: BTreeMap<u32, bool> = BTreeMap::new();
        for (atom, column) in column_of.iter().enumerate().filter_map(|(atom, column)| Some((atom, (*column)?))) {
            let here = &units[atom];
            let theirs = here.alone == 0 && here.shared.iter().all(|(contributor, _)| Some(*contributor) == holding);
            let his = here.units == 0 || own.binary_search(&(atom as u32)).is_ok() || theirs;
            *known.entry(column).or_insert(true) &= his;
        }
        known.into_iter().filter(|(_, his)| *his).map(|(column, _)| column).collect()
    }
}
