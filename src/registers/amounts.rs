//! The registers of amounts: quarterly turnover, and the sample of investments.

use std::collections::BTreeMap;

use super::columns::{column, roles};
use super::delivery::{Delivery, Piece};
use super::faults::{self, Faults};
use super::frame::Measure;
use super::interner::Cursor;
use super::units::Units;
use crate::amount::{MISSING, SCALE};

/// A quarter without a row; differs from a row whose turnover is missing.
const UNSEEN: i64 = MISSING + 1;

/// What the register of turnover gives.
#[derive(Default)]
pub(super) struct Turnover {
    /// `turnover`, the sum of the quarters that are there, and `quarters`, their number, per unit in ten-thousandths; both are missing
    /// for a unit without a row.
    pub measures: BTreeMap<String, Measure>,
    /// Per unit: which quarters have an amount, a bit for each.
    pub quarters: Vec<u8>,
}

pub(super) fn turnover(delivery: &Delivery, year: i32, units: &Units) -> Turnover {
    let Some(file) = delivery.file("turnover", Some(year)) else { return Turnover::default() };
    let mut quarters = vec![[UNSEEN; 4]; units.len()];
    let mut near = Cursor::default();
    let schema = &delivery.schemas["turnover"];
    // An empty quarter is a fault already where the schema does not allow it.
    let needed = column(schema, "quarter").is_some_and(|column| !column.nullable);
    let faults = delivery.scan(file, &roles("turnover", schema), |piece, faults| {
        let positions = units.positions(delivery, piece, 0, &mut near);
        add_quarters(piece, &positions, &mut quarters, needed, faults);
    });
    delivery.record(file, faults);
    let (mut sums, mut counts) = (Vec::with_capacity(units.len()), Vec::with_capacity(units.len()));
    for of_unit in &quarters {
        let present = of_unit.iter().filter(|value| **value > UNSEEN);
        let row = of_unit.iter().any(|value| *value != UNSEEN);
        sums.push(if row { present.clone().sum() } else { MISSING });
        counts.push(if row { present.count() as i64 * SCALE } else { MISSING });
    }
    let bits = |of_unit: &[i64; 4]| (0..4).filter(|at| of_unit[*at] > UNSEEN).fold(0, |bits, at| bits | 1u8 << at);
    Turnover {
        quarters: quarters.iter().map(bits).collect(),
        measures: BTreeMap::from([
            ("turnover".to_owned(), Measure::Dense(sums)),
            ("quarters".to_owned(), Measure::Dense(counts)),
        ]),
    }
}

fn add_quarters(piece: &Piece<'_>, positions: &[Option<u32>], quarters: &mut [[i64; 4]], needed: bool, faults: &mut Faults) {
    let (Some(quarter), Some(turnover)) = (piece.numbers(1), piece.numbers(2)) else { return };
    for at in 0..piece.rows {
        let row = piece.first_row + at as u64;
        let Some(place) = quarter_place(quarter[at]) else {
            if quarter[at] != MISSING || !needed {
                faults.row(&faults::NOT_A_QUARTER, row, piece.name(1));
            }
            continue;
        };
        let Some(position) = positions[at] else {
            faults.row(&faults::UNKNOWN_UNIT, row, piece.name(0));
            continue;
        };
        match &mut quarters[position as usize][place] {
            slot if *slot == UNSEEN => *slot = turnover[at],
            known if *known == turnover[at] => faults.row(&faults::DUPLICATE, row, piece.name(0)),
            _ => faults.row(&faults::KEY_CONFLICT, row, piece.name(0)),
        }
    }
}

/// 0 to 3 for the quarters 1 to 4.
fn quarter_place(quarter: i64) -> Option<usize> {
    (SCALE..=4 * SCALE).contains(&quarter).then_some(quarter).filter(|q| q % SCALE == 0).map(|q| (q / SCALE - 1) as usize)
}

/// Every number column of the sample by its canonical name, for the units that are in it.
pub(super) fn investments(delivery: &Delivery, year: i32, units: &Units) -> BTreeMap<String, Measure> {
    let Some(file) = delivery.file("investments", Some(year)) else { return BTreeMap::new() };
    let roles = roles("investments", &delivery.schemas["investments"]);
    let mut sample: BTreeMap<u32, Vec<i64>> = BTreeMap::new();
    let mut near = Cursor::default();
    let faults = delivery.scan(file, &roles, |piece, faults| {
        let positions = units.positions(delivery, piece, 0, &mut near);
        for at in 0..piece.rows {
            let row = piece.first_row + at as u64;
            let Some(position) = positions[at] else {
                faults.row(&faults::UNKNOWN_UNIT, row, piece.name(0));
                continue;
            };
            let value = |role: usize| piece.numbers(role).map_or(MISSING, |numbers| numbers[at]);
            let values: Vec<i64> = (1..roles.len()).map(value).collect();
            match sample.get(&position) {
                None => _ = sample.insert(position, values),
                Some(known) if *known == values => faults.row(&faults::DUPLICATE, row, piece.name(0)),
                Some(_) => faults.row(&faults::KEY_CONFLICT, row, piece.name(0)),
            }
        }
    });
    delivery.record(file, faults);
    let measure = |at: usize| {
        let values = sample.values().map(|values| values[at]).collect();
        Measure::Sampled { positions: sample.keys().copied().collect(), values }
    };
    roles[1..].iter().enumerate().map(|(at, role)| (role.name.clone(), measure(at))).collect()
}
