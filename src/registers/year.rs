//! One year of the registers: units first, then what is known of them.

use super::amounts;
use super::delivery::Delivery;
use super::frame::{BusinessUnit, Key, Person, Pseudonym, YearRegisters};
use super::links::Combinations;
use super::units::Rows;
use super::{groups, links, units};

/// Where the list leads in a year: known before the units are.
#[derive(Default)]
pub struct Leads {
    pub(super) kvk_person: Vec<(Key<Pseudonym>, Key<Person>)>,
    pub(super) combinations: Combinations,
}

impl Leads {
    /// Every unit that a listed number may lead to.
    pub fn units(&self) -> impl Iterator<Item = Key<BusinessUnit>> {
        self.combinations.all.iter().map(|combination| combination.unit)
    }
}

/// A year as read, with what only a look at the delivery needs.
pub(super) struct Year {
    pub registers: YearRegisters,
    /// In which row each unit stands.
    pub rows: Rows,
    /// Per unit: which quarters have a turnover, a bit for each; empty without that register.
    pub quarters: Vec<u8>,
}

/// Reads the registers that lead from the list to units.
pub(super) fn leads(delivery: &Delivery, year: i32) -> Leads {
    let kvk_person = links::kvk_person(delivery, year);
    let combinations = links::person_unit(delivery, year, &kvk_person);
    Leads { kvk_person, combinations }
}

/// Reads the other registers of a year; what is wrong with them is recorded with the delivery.
pub(super) fn read(delivery: &Delivery, year: i32, leads: Leads) -> Year {
    let Leads { kvk_person, combinations } = leads;
    let mut units = units::read(delivery, year);
    let person_unit = combinations.checked(delivery, year, &units);
    let (turnover, (groups, investments)) = rayon::join(
        || amounts::turnover(delivery, year, &units),
        || (groups::read(delivery, year, &units), amounts::investments(delivery, year, &units)),
    );
    (units.frame.group, units.frame.group_persons) = groups;
    units.frame.measures.extend(turnover.measures);
    units.frame.measures.extend(investments);
    let registers = YearRegisters { kvk_person, person_unit, units: units.frame };
    Year { registers, rows: units.rows, quarters: turnover.quarters }
}
