//! All tables of a run at once: rows, cells and atoms of every year.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::atoms::{Condensed, Sets};
use super::define::{self, Definition, RowPlan};
use super::layers::{self, LayerPlan};
use super::set::{Cell, Row, Table, TableSet, Universe};
use super::{atoms, attrition, present};
use crate::cohort::CohortYear;
use crate::cohort::outliers::Removed;
use crate::cohort::values::Values;
use crate::linkage::YearLinks;
use crate::registers::frame::{BusinessUnit, Key, Listings};
use crate::spec::plan::{Plan, Show};

/// What the tables of a plan ask of the units, known before any is read.
pub struct Asked {
    layers: Vec<LayerPlan>,
    /// By table.
    rows: Vec<Vec<RowPlan>>,
}

impl Asked {
    pub fn new(plan: &Plan) -> Self {
        let (layers, value_layers) = layers::plan(plan);
        let rows = plan.tables.iter().map(|table| table_rows(plan, table, &value_layers)).collect();
        Self { layers, rows }
    }

    /// Every published set by year, each once.
    fn definitions(&self) -> BTreeMap<i32, BTreeSet<&Definition>> {
        let mut definitions: BTreeMap<i32, BTreeSet<&Definition>> = BTreeMap::new();
        for row in self.rows.iter().flatten() {
            for definition in row.definitions() {
                definitions.entry(definition.year).or_default().insert(definition);
            }
        }
        definitions
    }

    /// What is left of a year once its units are let go. `values` runs over the indicators of the plan; `open` are the units that the
    /// outlier rule may leave out.
    pub fn condense(&self, cohort: &CohortYear, values: &[Values], open: &BTreeSet<Key<BusinessUnit>>) -> Condensed {
        let definitions: Vec<&Definition> = self.definitions().remove(&cohort.frame.year).into_iter().flatten().collect();
        let sets = Sets { layers: &self.layers, definitions: &definitions };
        atoms::condense(&atoms::Year { cohort, values, open, sets })
    }
}

/// Builds every table of the plan from what is left of its years; `list` is there when the study starts from a list of participants.
pub fn tabulate(
    plan: &Plan,
    asked: &Asked,
    years: Vec<(i32, Condensed)>,
    removed: &Removed,
    list: Option<(&Listings, &[YearLinks])>,
) -> TableSet {
    let definitions = asked.definitions();
    let years: Vec<_> = years.into_iter().filter_map(|(year, left)| Some((left, definitions.get(&year)?))).collect();
    assert_eq!(years.len(), definitions.len(), "every year of a table is a year of the study");
    let refine = |(left, definitions): (Condensed, &BTreeSet<&Definition>)| {
        let definitions: Vec<&Definition> = definitions.iter().copied().collect();
        atoms::refine(left, removed, Sets { layers: &asked.layers, definitions: &definitions })
    };
    let refined: Vec<_> = years.into_par_iter().map(refine).collect();
    let mut builder = Builder::default();
    for ((of_year, (universe, members)), at) in definitions.values().zip(refined).zip(0..) {
        builder.add(at, universe, of_year, members);
    }
    let tables = plan.tables.iter().zip(&asked.rows);
    let mut tables: Vec<Table> = tables.map(|(table, rows)| builder.table(plan, table, rows)).collect();
    if let Some((listings, links)) = list {
        for (table, plan) in tables.iter_mut().zip(&plan.tables) {
            if plan.show == Show::Attrition {
                table.columns = vec!["step".into()];
                table.rows = builder.attrition(listings, links, plan.importance);
            }
        }
    }
    TableSet { universes: builder.universes, cells: builder.cells, tables, earlier: Vec::new(), about: present::about(plan) }
}

fn table_rows(plan: &Plan, table: &crate::spec::plan::TablePlan, value_layers: &[usize]) -> Vec<RowPlan> {
    if table.show == Show::Attrition { Vec::new() } else { define::rows(plan, table, value_layers) }
}

/// Cells as they are gathered, each set of atoms once per layer.
#[derive(Default)]
struct Builder<'a> {
    universes: Vec<Universe>,
    cells: Vec<Cell>,
    of_set: BTreeMap<(usize, usize, Vec<u32>), usize>,
    of_definition: BTreeMap<&'a Definition, usize>,
}

impl<'a> Builder<'a> {
    fn add(&mut self, at: usize, universe: Universe, definitions: &BTreeSet<&'a Definition>, members: Vec<Vec<u32>>) {
        self.universes.push(universe);
        for (definition, atoms) in definitions.iter().zip(members) {
            let cell = self.cell(at, definition.layer, atoms);
            self.of_definition.insert(definition, cell);
        }
    }

    fn cell(&mut self, universe: usize, layer: usize, atoms: Vec<u32>) -> usize {
        let layers = &self.universes[universe].layers;
        *self.of_set.entry((universe, layer, atoms)).or_insert_with_key(|(_, _, atoms)| {
            self.cells.push(Cell {
                universe,
                layer,
                stats: layers[layer].stats(atoms),
                numerator: layers[layer].numerator.map(|numerator| layers[numerator].stats(atoms)),
                atoms: atoms.clone(),
                importance: 1,
                margins: Vec::new(),
            });
            self.cells.len() - 1
        })
    }

    fn table(&mut self, plan: &Plan, table: &crate::spec::plan::TablePlan, rows: &[RowPlan]) -> Table {
        let (statistic, unit, decimals) = define::value_column(plan, table);
        let rows = rows.iter().map(|row| {
            let at = |definition: &Definition| self.of_definition[definition];
            let (cell, margin, base) = (at(&row.cell), row.margin.as_ref().map(at), row.base.as_ref().map(at));
            let row = Row { key: row.key.clone(), cell, margin, base, split: row.split.as_ref().map(|split| split.map(at)) };
            for part in row.cells() {
                self.cells[part].importance = self.cells[part].importance.max(table.importance);
            }
            if let Some(margin) = margin
                && !self.cells[cell].margins.contains(&margin)
                && margin != cell
            {
                self.cells[cell].margins.push(margin);
            }
            row
        });
        let rows = rows.collect();
        Table {
            id: table.id.clone(),
            title: table.title.english.clone(),
            statistic,
            decimals,
            columns: define::columns(plan, table),
            mark: table.mark,
            presentation: present::table(plan, table, &unit),
            unit,
            rows,
        }
    }

    fn attrition(&mut self, listings: &Listings, links: &[YearLinks], importance: u32) -> Vec<Row> {
        let at = match self.universes.iter().position(|universe| universe.label == "list") {
            Some(at) => at,
            None => self.universes.len(),
        };
        let (universe, members) = attrition::universe(listings, links);
        if at == self.universes.len() {
            self.universes.push(universe);
        }
        let row = |(step, atoms): (&&str, Vec<u32>)| {
            let cell = self.cell(at, 0, atoms);
            self.cells[cell].importance = self.cells[cell].importance.max(importance);
            Row { key: BTreeMap::from([("step".to_owned(), (*step).to_owned())]), cell, margin: None, base: None, split: None }
        };
        attrition::STEPS.iter().zip(members).map(row).collect()
    }
}
