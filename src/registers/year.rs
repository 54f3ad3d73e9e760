//! One year of the registers: units first, then what is known of them.

use super::amounts;
use super::delivery::Delivery;
use super::frame::YearRegisters;
use super::units::Rows;
use super::{groups, links, units};

/// A year as read, with what only a look at the delivery needs.
pub(super) struct Year {
    pub registers: YearRegisters,
    /// In which row each unit stands.
    pub rows: Rows,
    /// Per unit: which quarters have a turnover, a bit for each; empty without that register.
    pub quarters: Vec<u8>,
}

/// Reads the registers of a year; what is wrong with them is recorded with the delivery.
pub(super) fn read(delivery: &Delivery, year: i32) -> Year {
    let (mut units, kvk_person) = rayon::join(|| units::read(delivery, year), || links::kvk_person(delivery, year));
    let ((person_unit, turnover), (groups, investments)) = rayon::join(
        || (links::person_unit(delivery, year, &kvk_person, &units), amounts::turnover(delivery, year, &units)),
        || (groups::read(delivery, year, &units), amounts::investments(delivery, year, &units)),
    );
    (units.frame.group, units.frame.group_persons) = groups;
    units.frame.measures.extend(turnover.measures);
    units.frame.measures.extend(investments);
    let registers = YearRegisters { kvk_person, person_unit, units: units.frame };
    Year { registers, rows: units.rows, quarters: turnover.quarters }
}
