//! The files of the vault about the way from the list to the units: every link with the rule that decided, and every number without one.

use super::vault::Texts;
use crate::linkage::{Decided, Outcome, YearLinks};
use crate::registers::Delivery;
use crate::registers::frame::{Key, Pseudonym};
use crate::spec::plan::TieRule;

/// `links.csv`: one row per number and year, by year and number, with the identifiers as they stand in the registers.
pub fn links(years: &[YearLinks], delivery: &Delivery) -> Texts {
    let header = vec!["year", "number", "outcome", "person", "unit", "rule", "candidates", "reason"];
    let row = |year: i32, number: Key<Pseudonym>, outcome: &Outcome| {
        let number = delivery.number(number).0;
        let mut record = vec![year.to_string(), number];
        record.extend(match outcome {
            Outcome::Linked { person, unit, decided, candidates } => [
                "linked".into(),
                delivery.person_identifier(*person).0,
                delivery.unit_identifier(*unit).0,
                rule(*decided).into(),
                candidates.to_string(),
                String::new(),
            ],
            Outcome::Unlinked(reason) => {
                ["unlinked".into(), String::new(), String::new(), String::new(), String::new(), reason.text().into()]
            }
        });
        record
    };
    let of_year = |links: &YearLinks| links.outcomes.iter().map(|(number, outcome)| row(links.year, *number, outcome)).collect();
    let mut rows: Vec<Vec<String>> = years.iter().flat_map(|links| -> Vec<_> { of_year(links) }).collect();
    rows.sort();
    Texts { header, rows }
}

/// The deciding rule as reports and the vault name it.
pub fn rule(decided: Decided) -> &'static str {
    match decided {
        Decided::Only => "only-candidate",
        Decided::Rule(TieRule::LongestInYear) => "longest-in-year",
        Decided::Rule(TieRule::MostEmployedPersons) => "most-employed-persons",
        Decided::Rule(TieRule::SmallestId) => "smallest-id",
        Decided::Tie => "tie",
    }
}
