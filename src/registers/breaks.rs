//! A break is one unit under two identifiers: its development would look like an exit and an entry.
//!
//! Nothing is merged here: two units of one enterprise group and industry, of which one begins where the other ends, can be two units.

use std::collections::BTreeMap;

use super::faults::{self, Fault, Faults};
use super::frame::{BusinessUnit, EnterpriseGroup, Key, NO_CODE, NO_YEAR, UnitFrame};
use super::units::Rows;
use super::year::Year;

/// Units of one enterprise group and industry.
type Kin = (Key<EnterpriseGroup>, u16);

/// What a comparison with the next year needs of a year.
pub(super) struct Summary {
    unit: Vec<Key<BusinessUnit>>,
    group: Vec<Option<Key<EnterpriseGroup>>>,
    division: Vec<u16>,
    founded: Vec<i16>,
    rows: Rows,
}

impl Summary {
    pub(super) fn of(year: Year) -> Self {
        let UnitFrame { unit, group, founded, mut codes, .. } = year.registers.units;
        Self { unit, group, founded, division: codes.remove("division").unwrap_or_default(), rows: year.rows }
    }

    fn kin(&self, at: usize) -> Option<Kin> {
        kin(self.group[at], self.division[at])
    }
}

fn kin(group: Option<Key<EnterpriseGroup>>, division: u16) -> Option<Kin> {
    group.filter(|_| division != NO_CODE).map(|group| (group, division))
}

/// Units that have their first quarters of turnover right after the last ones of another unit of their kin.
pub(super) fn within(year: &Year, faults: &mut Faults) {
    let frame = &year.registers.units;
    let Some(divisions) = frame.codes.get("division") else { return };
    let mut ended: BTreeMap<(Kin, u32), u32> = BTreeMap::new();
    let mut begun: BTreeMap<(Kin, u32), Vec<usize>> = BTreeMap::new();
    for (at, quarters) in year.quarters.iter().enumerate().filter(|(_, quarters)| !matches!(**quarters, 0 | 0b1111)) {
        let Some(kin) = kin(frame.group[at], divisions[at]) else { continue };
        let (first, last) = (quarters.trailing_zeros(), 8 - quarters.leading_zeros());
        let unbroken = last - first == quarters.count_ones();
        if unbroken && first == 0 {
            *ended.entry((kin, last)).or_default() += 1;
        } else if unbroken {
            begun.entry((kin, first)).or_default().push(at);
        }
    }
    let pairs = begun.iter().filter(|(key, units)| units.len() == 1 && ended.get(*key) == Some(&1));
    note(&faults::TWICE_IN_GROUP, pairs.map(|(_, units)| units[0]), &year.rows, faults);
}

/// Units that are new in a year though founded before it, where another unit of their kin is gone.
pub(super) fn between(before: &Summary, after: &Summary, year: i32, faults: &mut Faults) {
    let (old, new) = (present(before), present(after));
    let is_in = |present: &[bool], unit: &Key<BusinessUnit>| present.get(unit.0 as usize).copied().unwrap_or(false);
    let gone: Vec<usize> = (0..before.unit.len()).filter(|at| !is_in(&new, &before.unit[*at])).collect();
    if gone.len() * 2 > before.unit.len() {
        return faults.column(&faults::IDENTIFIERS_CHANGED, &after.rows.column);
    }
    let mut gone_of: BTreeMap<Kin, u32> = BTreeMap::new();
    gone.iter().filter_map(|at| before.kin(*at)).for_each(|kin| *gone_of.entry(kin).or_default() += 1);
    let mut new_of: BTreeMap<Kin, Vec<usize>> = BTreeMap::new();
    let founded_before = |at: &usize| after.founded[*at] != NO_YEAR && i32::from(after.founded[*at]) < year;
    let fresh = (0..after.unit.len()).filter(|at| !is_in(&old, &after.unit[*at])).filter(founded_before);
    for (kin, at) in fresh.filter_map(|at| Some((after.kin(at)?, at))) {
        if gone_of.contains_key(&kin) {
            new_of.entry(kin).or_default().push(at);
        }
    }
    let pairs = new_of.iter().filter(|(kin, units)| units.len() == 1 && gone_of.get(*kin) == Some(&1));
    note(&faults::NEW_IDENTIFIER, pairs.map(|(_, units)| units[0]), &after.rows, faults);
}

/// By key: whether the unit stands in the year.
fn present(summary: &Summary) -> Vec<bool> {
    let count = summary.unit.iter().map(|unit| unit.0 as usize + 1).max().unwrap_or(0);
    let mut present = vec![false; count];
    summary.unit.iter().for_each(|unit| present[unit.0 as usize] = true);
    present
}

/// The units at these positions, in the order of their rows.
fn note(fault: &'static Fault, positions: impl Iterator<Item = usize>, rows: &Rows, faults: &mut Faults) {
    let mut found: Vec<u64> = positions.map(|at| rows.of(at as u32)).collect();
    found.sort_unstable();
    faults.several(fault, (&found, found.len() as u64), &rows.column);
}
