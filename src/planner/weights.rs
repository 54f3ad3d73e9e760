//! How much a row counts: every family the same, within it every year, arm and indicator the same, within those by units and values.

use std::collections::BTreeMap;

use super::families::Family;
use super::loss::{Loss, WHOLE};
use super::parts::Alone;
use crate::tables::set::{Row, TableSet};

/// Year, arm and indicator.
type Group = (String, String, String);

/// Units and absolute value.
type Sums = BTreeMap<Group, [u128; 2]>;

/// The parts of one family.
pub struct Weights {
    /// By part and group: the share of the part in all that is planned, in [`WHOLE`].
    parts: Vec<BTreeMap<Group, [u64; 2]>>,
    /// By part: rows with units of the variant that has most.
    rows_max: Vec<u64>,
}

impl Weights {
    /// `alone` has the variants of every part, `families` is the number of families.
    pub fn new(family: &Family, alone: &[Vec<Alone>], set: &TableSet, families: usize) -> Self {
        let rows = |table: usize, alone: &Alone| alone.rows.iter().map(|row| &set.tables[table].rows[*row]).collect::<Vec<_>>();
        let variants = |part: &Vec<Alone>| {
            family.variants.iter().zip(part).map(|(variant, alone)| rows(variant.table, alone)).collect::<Vec<_>>()
        };
        let parts: Vec<Vec<Vec<&Row>>> = alone.iter().map(variants).collect();
        let rows_max = parts.iter().map(|part| part.iter().map(|rows| filled(set, rows)).max().unwrap_or(0)).collect();
        let largest: Vec<Sums> = parts.iter().map(|part| largest(set, part)).collect();
        let mut totals = Sums::new();
        for (group, sums) in largest.iter().flatten() {
            totals.entry(group.clone()).or_default().iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
        }
        let scale = (totals.len().max(1) * families.max(1)) as u128;
        let share = |(group, sums): (&Group, &[u128; 2])| {
            (group.clone(), [0, 1].map(|at| portion(WHOLE, sums[at], totals[group][at].saturating_mul(scale))))
        };
        Self { parts: largest.iter().map(|part| part.iter().map(share).collect()).collect(), rows_max }
    }

    /// What is lost with each row of a breakdown; `all` are its rows over all years.
    pub fn rows(&self, part: usize, set: &TableSet, all: &[&Row], rows: &[&Row]) -> Vec<Loss> {
        let totals = sums(set, all);
        let weigh = |row: &&Row| {
            let [units, value] = self.shares(part, set, &totals, row);
            Loss { withheld: 1, units, value, ..Loss::default() }
        };
        rows.iter().map(weigh).collect()
    }

    /// What is lost when of all rows of a breakdown only `rows` are there, and all of them are shown.
    pub fn missing(&self, part: usize, set: &TableSet, all: &[&Row], rows: &[&Row], importance: u32) -> Loss {
        let totals = sums(set, all);
        let kept = sums(set, rows);
        let dropped = self.parts[part].iter().filter(|(group, _)| totals.contains_key(*group) && !kept.contains_key(*group));
        let mut missing = dropped.fold(Loss::default(), |lost, (_, share)| lost + whole(share));
        for row in rows {
            let [units, _] = facts(set, row);
            let [share, _] = self.shares(part, set, &totals, row);
            missing.unevenness += totals.get(&group(row)).map_or(0, |total| portion(share, units, total[0]));
        }
        missing.detail = self.rows_max[part].saturating_sub(filled(set, rows)) * u64::from(importance);
        missing
    }

    /// What is lost without the part.
    pub fn left_out(&self, part: usize, importance: u32) -> Loss {
        let detail = Loss { detail: self.rows_max[part] * u64::from(importance), ..Loss::default() };
        self.parts[part].values().fold(detail, |lost, share| lost + whole(share))
    }

    /// The share of a row in all that is planned; none for a row over all classes of a dimension, whose units stand in others too.
    fn shares(&self, part: usize, set: &TableSet, totals: &Sums, row: &Row) -> [u64; 2] {
        let group = group(row);
        match (self.parts[part].get(&group), totals.get(&group)) {
            (Some(share), Some(total)) if !is_total(row) => {
                let own = facts(set, row);
                [0, 1].map(|at| portion(share[at], own[at], total[at]))
            }
            _ => [0, 0],
        }
    }
}

fn whole(share: &[u64; 2]) -> Loss {
    Loss { units: share[0], value: share[1], unevenness: share[0], ..Loss::default() }
}

/// By group the most that any variant has.
fn largest(set: &TableSet, variants: &[Vec<&Row>]) -> Sums {
    let mut largest = Sums::new();
    for (group, sums) in variants.iter().flat_map(|rows| sums(set, rows)) {
        largest.entry(group).or_default().iter_mut().zip(sums).for_each(|(largest, sum)| *largest = (*largest).max(sum));
    }
    largest
}

fn sums(set: &TableSet, rows: &[&Row]) -> Sums {
    let mut sums = Sums::new();
    for row in rows.iter().filter(|row| !is_total(row)) {
        sums.entry(group(row)).or_default().iter_mut().zip(facts(set, row)).for_each(|(sum, own)| *sum += own);
    }
    sums
}

/// Units and absolute value of a row, the value in ten-thousandths.
fn facts(set: &TableSet, row: &Row) -> [u128; 2] {
    let stats = &set.cells[row.cell].stats;
    [u128::from(stats.units), stats.absolute.unsigned_abs()]
}

/// Rows with units.
fn filled(set: &TableSet, rows: &[&Row]) -> u64 {
    rows.iter().filter(|row| facts(set, row)[0] > 0).count() as u64
}

fn group(row: &Row) -> Group {
    let of = |column: &str| row.key.get(column).cloned().unwrap_or_default();
    (of("year"), of("arm"), of("indicator"))
}

fn is_total(row: &Row) -> bool {
    row.key.values().any(String::is_empty)
}

/// `whole · part / of`, rounded down; nothing of nothing.
fn portion(whole: u64, part: u128, of: u128) -> u64 {
    u128::from(whole).saturating_mul(part).checked_div(of).map_or(0, |portion| u64::try_from(portion).unwrap_or(u64::MAX))
}
