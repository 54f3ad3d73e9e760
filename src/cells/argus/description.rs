//! A description (`.rda`) says of every variable of a file where it stands, what it is, and which codes mean nothing or everything.

use crate::diagnostic::{Diagnostic, Diagnostics};

/// What a file consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Of the fields; records of fixed width have none.
    pub separator: Option<char>,
    /// Texts of the status column: safe, unsafe, protected.
    pub safe: String,
    pub is_unsafe: String,
    pub protect: String,
    pub variables: Vec<Variable>,
}

/// A variable of the records or of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    /// Position of the first character, from 0; of fixed width alone.
    pub(super) start: usize,
    pub(super) width: usize,
    pub role: Role,
    /// It names the holding of the record.
    pub holding: bool,
    /// Codes that stand for a missing one.
    pub missing: Vec<String>,
    /// The code of the total.
    pub total: Option<String>,
    pub decimals: Option<u32>,
    /// Name of the file with the codes, without folders.
    pub code_list: Option<String>,
    /// Name of the file with the hierarchy, without folders.
    pub hierarchy_file: Option<String>,
    /// What begins a line of that file once per level.
    pub lead: String,
    /// Characters per level of a code that is nested in itself.
    pub levels: Vec<usize>,
}

/// What a variable is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    #[default]
    Other,
    Spanning,
    Numeric,
    Holding,
    Weight,
    Frequency,
    MaxScore,
    Status,
    Cost,
    Shadow,
    Lower,
    Upper,
    Request,
}

impl Description {
    /// Reads a description. Attributes that do not bear on cells are passed over.
    ///
    /// # Errors
    /// `bad-schema` for an attribute before any variable, and for a variable of fixed width without its place.
    pub fn parse(text: &str) -> Result<Self, Diagnostics> {
        let fixed = !text.lines().any(|line| line.trim().to_uppercase().starts_with("<SEPARATOR>"));
        let mut found = Self { safe: "S".into(), is_unsafe: "U".into(), protect: "P".into(), ..Self::default() };
        let mut wrong = Diagnostics::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            let done: Result<(), String> = match line.starts_with('<') {
                _ if line.is_empty() || line.starts_with("//") => Ok(()),
                true => {
                    attributes(line).into_iter().try_for_each(|(name, value)| found.take(&name, value).map_err(str::to_owned))
                }
                false => variable(line, fixed).map(|variable| found.variables.push(variable)),
            };
            if let Err(what) = done {
                wrong.push(Diagnostic::error("bad-schema", format!("line {}: {what}", number + 1)));
            }
        }
        wrong.finish(found).map(|(found, _)| found)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        let plain = value.trim_matches('"');
        match name {
            "SEPARATOR" => self.separator = separator(plain),
            "SAFE" => plain.clone_into(&mut self.safe),
            "UNSAFE" => plain.clone_into(&mut self.is_unsafe),
            "PROTECT" => plain.clone_into(&mut self.protect),
            _ => match self.variables.last_mut() {
                Some(variable) => variable.take(name, value),
                None => return Err("an attribute stands before any variable"),
            },
        }
        Ok(())
    }

    pub fn find(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name.eq_ignore_ascii_case(name))
    }

    pub fn with(&self, role: Role) -> impl Iterator<Item = &Variable> {
        self.variables.iter().filter(move |variable| variable.role == role)
    }
}

fn separator(text: &str) -> Option<char> {
    match text {
        "\\t" | "TAB" | "tab" => Some('\t'),
        other => other.chars().next(),
    }
}

/// `<NAME> value <NAME> …` as names and values; a `<` inside quotes begins nothing.
pub(super) fn attributes(line: &str) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    let mut starts = Vec::new();
    let mut quoted = false;
    for (at, character) in line.char_indices() {
        match character {
            '"' => quoted = !quoted,
            '<' if !quoted => starts.push(at),
            _ => {}
        }
    }
    starts.push(line.len());
    for pair in starts.windows(2) {
        if let Some((name, value)) = line[pair[0]..pair[1]].trim_start_matches('<').split_once('>') {
            found.push((name.trim().to_uppercase(), value.trim()));
        }
    }
    found
}

/// `name start width missing…` of fixed width, otherwise `name width missing…` with the width left out where a code in quotes follows.
fn variable(line: &str, fixed: bool) -> Result<Variable, String> {
    let mut words = words(line).into_iter();
    let name = words.next().unwrap_or_default().0;
    let mut rest: Vec<(String, bool)> = words.collect();
    let number = |rest: &[(String, bool)], at: usize| {
        rest.get(at).filter(|(_, quoted)| !quoted).and_then(|(word, _)| word.parse::<usize>().ok()).filter(|number| *number > 0)
    };
    let mut variable = Variable { name, ..Variable::default() };
    if fixed {
        let (Some(start), Some(width)) = (number(&rest, 0), number(&rest, 1)) else {
            return Err(format!("variable `{}` has no start and width", variable.name));
        };
        (variable.start, variable.width) = (start - 1, width);
        rest.drain(..2);
    } else if number(&rest, 0).is_some() {
        rest.remove(0);
    }
    variable.missing = rest.into_iter().map(|(word, _)| word.trim().to_owned()).filter(|word| !word.is_empty()).collect();
    Ok(variable)
}

/// Words between blanks, and texts in quotes, with whether they stand in quotes.
pub(super) fn words(line: &str) -> Vec<(String, bool)> {
    let mut found: Vec<(String, bool)> = Vec::new();
    for (at, part) in line.split('"').enumerate() {
        match at % 2 {
            0 => found.extend(part.split_whitespace().map(|word| (word.to_owned(), false))),
            _ => found.push((part.to_owned(), true)),
        }
    }
    found
}

impl Variable {
    fn take(&mut self, name: &str, value: &str) {
        let plain = value.trim_matches('"');
        let file = || plain.rsplit(['\\', '/']).next().filter(|name| !name.is_empty()).map(str::to_owned);
        let role = match name {
            "RECODEABLE" | "RECODABLE" => Role::Spanning,
            "NUMERIC" => Role::Numeric,
            "HOLDING" => Role::Holding,
            "WEIGHT" => Role::Weight,
            "FREQUENCY" => Role::Frequency,
            "MAXSCORE" => Role::MaxScore,
            "STATUS" => Role::Status,
            "COSTVAR" => Role::Cost,
            "SHADOW" => Role::Shadow,
            "LOWERPL" => Role::Lower,
            "UPPERPL" => Role::Upper,
            "REQUEST" => Role::Request,
            _ => Role::Other,
        };
        // `NUMERIC` says little beside what else a variable is.
        if role != Role::Other && (role != Role::Numeric || self.role == Role::Other) {
            self.role = role;
        }
        match name {
            "HOLDING" => self.holding = true,
            "TOTCODE" => self.total = Some(plain.trim().to_owned()),
            "DECIMALS" => self.decimals = value.parse().ok(),
            "CODELIST" => self.code_list = file(),
            "HIERCODELIST" => self.hierarchy_file = file(),
            "HIERLEADSTRING" => plain.clone_into(&mut self.lead),
            "HIERLEVELS" => self.levels = value.split_whitespace().filter_map(|word| word.parse().ok()).collect(),
            _ => {}
        }
    }

    /// The field in a line of fixed width, blanks around it left out; `None` when the line ends before it.
    pub(super) fn of<'a>(&self, line: &'a str) -> Option<&'a str> {
        line.get(self.start..self.start.checked_add(self.width)?).or_else(|| line.get(self.start..)).map(str::trim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_attributes_stand_on_a_line_and_the_width_may_be_left_out() {
        let text = "   <SEPARATOR> \";\"\nSize \"99\" \n <RECODEABLE>\n <TOTCODE> \"Total\"\nweight 3 999\n <NUMERIC> <WEIGHT>\nx\n <NUMERIC> <SHADOW>";
        let found = Description::parse(text).unwrap();
        assert_eq!(found.separator, Some(';'));
        let roles: Vec<Role> = found.variables.iter().map(|variable| variable.role).collect();
        assert_eq!(roles, [Role::Spanning, Role::Weight, Role::Shadow]);
        assert_eq!(found.variables[0].missing, ["99"]);
        assert_eq!(
            (found.variables[0].total.as_deref(), found.variables[1].missing.as_slice()),
            (Some("Total"), &["999".to_owned()][..])
        );
    }

    #[test]
    fn an_attribute_before_any_variable_is_refused() {
        assert_eq!(Description::parse("<NUMERIC>\nx 1 2\n").unwrap_err().0[0].code, "bad-schema");
    }
}
