//! Files of τ-ARGUS: descriptions (`.rda`), tables and records, hierarchies, what is known beforehand (`.hst`), and jobs (`.arb`).

pub mod apriori;
pub mod batch;
pub mod description;
pub mod fields;

pub use description::Variable;

use super::records::Record;
use crate::amount::parse_decimal;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// The variables of a description.
///
/// # Errors
/// `bad-schema` for an attribute before any variable, or a variable without its place.
pub fn variables(text: &str) -> Result<Vec<Variable>, Diagnostics> {
    Ok(description::Description::parse(text)?.variables)
}

/// Records of fixed width with the named spanning variables and measure; the holding is that of the description.
///
/// # Errors
/// `unknown-name` for a name that no variable has; `bad-value` with the line when a measure is no number or a line too short.
pub fn records(text: &str, variables: &[Variable], spanning: &[&str], measure: &str) -> Result<Vec<Record>, Diagnostics> {
    let find = |name: &str| {
        let missing = || Diagnostic::error("unknown-name", format!("no variable is called `{name}`"));
        variables.iter().find(|variable| variable.name == name).ok_or_else(|| Diagnostics::from(missing()))
    };
    let spanning = spanning.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>()?;
    let measure = find(measure)?;
    let holding = variables.iter().find(|variable| variable.holding);
    let mut wrong = Diagnostics::default();
    let mut records = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let codes: Option<Vec<String>> = spanning.iter().map(|one| one.of(line).map(str::to_owned)).collect();
        let value = measure.of(line).and_then(|field| parse_decimal(field, b'.'));
        match (codes, value) {
            (Some(codes), Some(value)) => {
                let holding = holding.and_then(|holding| holding.of(line)).map(str::to_owned);
                records.push(Record { codes, holding, value, weight: None });
            }
            _ => wrong.push(Diagnostic::error("bad-value", format!("line {} of the records cannot be read", number + 1))),
        }
    }
    wrong.finish(records).map(|(records, _)| records)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RDA: &str = "id 1 3\r\n  <HOLDING>\r\nact 4 2 00\r\n  <HIERARCHICAL>\r\n  <HIERCODELIST> \"\\\\x\\y\\acts.hrc\"\r\n  \
                       <HIERLEADSTRING> \"@\"\r\nturnover 6 8\r\n  <NUMERIC>\r\n  <DECIMALS> 2";

    #[test]
    fn a_description_gives_places_holding_and_hierarchy() {
        let found = variables(RDA).unwrap();
        assert_eq!(found.len(), 3);
        assert!(found[0].holding && !found[1].holding);
        assert_eq!((found[1].hierarchy_file.as_deref(), found[1].lead.as_str()), (Some("acts.hrc"), "@"));
    }

    #[test]
    fn a_line_is_cut_at_the_places() {
        let found = records("101 1  206.57\r\n10202    2.4\r\n", &variables(RDA).unwrap(), &["act"], "turnover").unwrap();
        let read: Vec<_> = found.iter().map(|one| (one.codes[0].as_str(), one.holding.as_deref(), one.value)).collect();
        assert!(read == [("1", Some("101"), 2_065_700), ("02", Some("102"), 24_000)]);
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_line() {
        let found = records("101 1  206.57\n10202    x.4\n", &variables(RDA).unwrap(), &["act"], "turnover").err().unwrap();
        assert_eq!(found.0[0].headline, "line 2 of the records cannot be read");
        assert!(variables("region\n").is_err());
    }
}
