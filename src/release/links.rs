//! The files of the vault about the way from the list to the units: every link with the rule that decided, and every number without one.

use super::vault::Texts;
use crate::linkage::{Decided, Outcome, YearLinks};
use crate::spec::plan::TieRule;

/// `links.csv`: one row per number and year. Numbers, persons and units stand as the keys of this run.
pub fn links(years: &[YearLinks]) -> Texts {
    let header = vec!["year", "number", "outcome", "person", "unit", "rule", "candidates", "reason"];
    let row = |year: i32, number: u32, outcome: &Outcome| {
        let key = |key: u32| key.to_string();
        let (linked, person, unit, rule, candidates, reason) = match outcome {
            Outcome::Linked { person, unit, decided, candidates } => {
                ("linked", key(person.0), key(unit.0), self::rule(*decided), candidates.to_string(), "")
            }
            Outcome::Unlinked(reason) => ("unlinked", String::new(), String::new(), "", String::new(), reason.text()),
        };
        vec![year.to_string(), key(number), linked.into(), person, unit, rule.into(), candidates, reason.into()]
    };
    let rows = years.iter().flat_map(|links| links.outcomes.iter().map(|(number, outcome)| row(links.year, number.0, outcome)));
    Texts { header, rows: rows.collect() }
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
