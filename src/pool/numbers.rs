//! Numbers of units as one release tells them: those that are printed, and of those that are withheld what sums over printed ones leave.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::Zero;

use super::bounds::{Bounds, half, whole};
use super::sets::{Set, set};
use crate::disclosure::safe::State;
use crate::release::definition::{Definition, Kind, TableDefinition};
use crate::released::{Finished, Table};

/// What a release tells of numbers of units.
pub struct Numbers {
    /// By table, one per row.
    pub rows: BTreeMap<String, Vec<Bounds>>,
    /// By table of shares, one per row: the units of all classes together.
    pub wholes: BTreeMap<String, Vec<Bounds>>,
    /// Printed numbers by what they are numbers of.
    pub of: BTreeMap<Set, BigRational>,
}

impl Numbers {
    pub fn of(environment: &Finished) -> Self {
        let definition = &environment.definition;
        let counted = |kind: Kind| matches!(kind, Kind::Attrition | Kind::Count | Kind::Share);
        let mut numbers = Self { rows: BTreeMap::new(), wholes: BTreeMap::new(), of: BTreeMap::new() };
        let tables: Vec<(&String, &TableDefinition, &Table)> =
            definition.tables.iter().filter_map(|(id, table)| Some((id, table, environment.tables.get(id)?))).collect();
        for (id, defined, table) in tables.iter().filter(|(_, defined, _)| counted(defined.kind)) {
            let rows: Vec<Bounds> = table.rows.iter().map(|row| printed(row.state, row.units)).collect();
            numbers.learn(definition, defined, table, &rows);
            numbers.rows.insert((*id).clone(), rows);
        }
        for (id, defined, table) in tables.iter().filter(|(_, defined, _)| counted(defined.kind)) {
            let mut rows = numbers.rows.remove(*id).unwrap_or_default();
            tighten(definition, defined, table, &mut rows);
            if let Some(of) = defined.of.as_deref() {
                let wholes = numbers.wholes_of(definition, defined, table, &rows, of);
                below(definition, defined, table, &mut rows, &wholes);
                numbers.wholes.insert((*id).clone(), wholes);
            }
            numbers.rows.insert((*id).clone(), rows);
        }
        numbers
    }

    fn learn(&mut self, definition: &Definition, defined: &TableDefinition, table: &Table, rows: &[Bounds]) {
        if defined.kind == Kind::Attrition {
            return;
        }
        for (row, bounds) in table.rows.iter().zip(rows) {
            if let (Some(number), Some(set)) = (bounds.exact(), set(definition, defined, &row.key, None)) {
                self.of.insert(set, number.clone());
            }
        }
    }

    /// The number of all units that the classes of a share are a part of: printed in another table; or no less than the classes come to,
    /// and such that every printed share is what its number of units is of it.
    fn wholes_of(
        &self,
        definition: &Definition,
        defined: &TableDefinition,
        table: &Table,
        rows: &[Bounds],
        of: &str,
    ) -> Vec<Bounds> {
        let mut wholes = vec![Bounds::from_zero(); table.rows.len()];
        for members in groups(defined, table, of) {
            let Some(first) = members.first() else { continue };
            let told = set(definition, defined, &table.rows[*first].key, Some(of)).and_then(|set| self.of.get(&set));
            let mut whole = told.map_or_else(Bounds::from_zero, |told| Bounds::exactly(told.clone()));
            whole = whole.both(&Bounds { low: at_least(definition, of, &members, rows), high: None });
            for at in &members {
                if let (Some(units), Some(share)) = (rows[*at].exact(), &table.rows[*at].value) {
                    whole = whole.both(&implied(units, share, defined.decimals));
                }
            }
            let whole = whole_numbers(&whole);
            members.iter().for_each(|at| wholes[*at] = whole.clone());
        }
        wholes
    }
}

fn printed(state: State, units: Option<u64>) -> Bounds {
    match (state, units) {
        (State::Value | State::Zero, Some(units)) => Bounds::exactly(whole(units)),
        (State::Zero, None) => Bounds::exactly(BigRational::zero()),
        _ => Bounds::from_zero(),
    }
}

/// What number `units` is a share of, when the share is printed rounded.
fn implied(units: &BigRational, share: &BigRational, decimals: u32) -> Bounds {
    let hundred = BigRational::from_integer(100.into());
    let (least, most) = (share - half(decimals), share + half(decimals));
    let at_most = (least > BigRational::zero() && !units.is_zero()).then(|| units * &hundred / least);
    Bounds { low: Some(units * hundred / most), high: at_most }
}

fn whole_numbers(bounds: &Bounds) -> Bounds {
    Bounds { low: bounds.low.as_ref().map(BigRational::ceil), high: bounds.high.as_ref().map(BigRational::floor) }
}

fn overlap(definition: &Definition, dimension: &str) -> bool {
    definition.dimensions.get(dimension).is_none_or(|known| known.overlapping)
}

fn at_least(definition: &Definition, of: &str, members: &[usize], rows: &[Bounds]) -> Option<BigRational> {
    let lows = members.iter().filter_map(|at| rows[*at].low.clone());
    if overlap(definition, of) { lows.max() } else { Some(lows.sum()) }
}

/// Rows that differ in the class of one dimension only.
fn groups(defined: &TableDefinition, table: &Table, dimension: &str) -> Vec<Vec<usize>> {
    let Some(column) = defined.columns.iter().position(|(_, of)| of == dimension) else { return Vec::new() };
    let mut groups: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
    for (at, row) in table.rows.iter().enumerate() {
        let others = row.key.iter().enumerate().filter(|(place, _)| *place != column).map(|(_, code)| code.as_str());
        groups.entry(others.collect()).or_default().push(at);
    }
    groups.into_values().collect()
}

/// No class has more than all classes have without the others.
fn below(definition: &Definition, defined: &TableDefinition, table: &Table, rows: &mut [Bounds], wholes: &[Bounds]) {
    let Some(of) = defined.of.as_deref() else { return };
    for members in groups(defined, table, of) {
        for at in &members {
            let rest: BigRational = match overlap(definition, of) {
                true => BigRational::zero(),
                false => members.iter().filter(|other| *other != at).filter_map(|other| rows[*other].low.clone()).sum(),
            };
            let most = wholes[*at].high.as_ref().map(|whole| whole - rest);
            rows[*at] = rows[*at].both(&Bounds { low: None, high: most });
        }
    }
}

/// A row for all classes of a dimension has at least what its classes have, and no class more than it has without the others. Units that
/// are in no class are in such a row alone, so nothing follows from below. Twice per dimension, so that it carries over several of them.
fn tighten(definition: &Definition, defined: &TableDefinition, table: &Table, rows: &mut [Bounds]) {
    let parted: Vec<&String> = defined.totals.iter().filter(|dimension| !overlap(definition, dimension)).collect();
    for dimension in parted.iter().chain(&parted) {
        let Some(column) = defined.columns.iter().position(|(_, of)| *of == **dimension) else { continue };
        for members in groups(defined, table, dimension) {
            let (totals, parts): (Vec<usize>, Vec<usize>) =
                members.iter().partition(|at| table.rows[**at].key[column].is_empty());
            let [total] = totals.as_slice() else { continue };
            let sum: BigRational = parts.iter().filter_map(|at| rows[*at].low.clone()).sum();
            rows[*total] = rows[*total].both(&Bounds { low: Some(sum.clone()), high: None });
            for at in parts {
                let own = rows[at].low.clone().unwrap_or_else(BigRational::zero);
                let most = rows[*total].high.as_ref().map(|total| total - (&sum - own));
                rows[at] = rows[at].both(&Bounds { low: None, high: most });
            }
        }
    }
}
