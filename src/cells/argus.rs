//! The metadata (`.rda`) of τ-ARGUS for records of fixed width, and the records that it describes.

use super::records::Record;
use crate::amount::parse_decimal;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// A variable of the records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    /// Position of the first character, from 0.
    start: usize,
    width: usize,
    /// It names the holding of the record.
    pub holding: bool,
    /// Name of the file with the hierarchy, without folders.
    pub hierarchy_file: Option<String>,
    /// What begins a line of that file once per level.
    pub lead: String,
    /// Characters per level of a code that is nested in itself.
    pub levels: Vec<usize>,
}

/// Reads a description of records of fixed width. Attributes that do not bear on cells are passed over.
///
/// # Errors
/// `bad-schema` for records with a separator, or a variable without its place.
pub fn variables(text: &str) -> Result<Vec<Variable>, Diagnostics> {
    let mut found: Vec<Variable> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match (attribute(line), found.last_mut()) {
            (Some(("SEPARATOR", _)), _) => {
                return Err(Diagnostic::error("bad-schema", "records with a separator are not of fixed width").into());
            }
            (Some((name, value)), Some(variable)) => variable.take(name, value),
            (Some(_), None) => return Err(Diagnostic::error("bad-schema", "an attribute stands before any variable").into()),
            (None, _) => found.push(place(line)?),
        }
    }
    Ok(found)
}

/// `<NAME> value` as name and value.
fn attribute(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix('<')?.split_once('>')?;
    Some((name.trim(), value.trim()))
}

/// `name start width …`, the start counted from 1.
fn place(line: &str) -> Result<Variable, Diagnostics> {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or_default().to_owned();
    let mut number = || words.next().and_then(|word| word.parse::<usize>().ok()).filter(|number| *number > 0);
    match (number(), number()) {
        (Some(start), Some(width)) => Ok(Variable { name, start: start - 1, width, ..Variable::default() }),
        _ => Err(Diagnostic::error("bad-schema", format!("variable `{name}` has no start and width")).into()),
    }
}

impl Variable {
    fn take(&mut self, name: &str, value: &str) {
        let plain = value.trim_matches('"');
        match name {
            "HOLDING" => self.holding = true,
            "HIERCODELIST" => self.hierarchy_file = plain.rsplit(['\\', '/']).next().map(str::to_owned),
            "HIERLEADSTRING" => self.lead = plain.to_owned(),
            "HIERLEVELS" => self.levels = value.split_whitespace().filter_map(|word| word.parse().ok()).collect(),
            _ => {}
        }
    }

    fn of<'a>(&self, line: &'a str) -> Option<&'a str> {
        line.get(self.start..self.start + self.width).or_else(|| line.get(self.start..)).map(str::trim)
    }
}

/// The records with the named spanning variables and measure; the holding is that of the description.
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
                records.push(Record { codes, holding, value });
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
        assert!(variables("<SEPARATOR> \",\"\nregion\n").is_err());
        assert!(variables("region\n").is_err());
    }
}
