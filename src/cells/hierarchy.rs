//! A hierarchy is the codes of a spanning variable below its total, each with the code that it is a part of.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics};

/// Index of the total in every hierarchy.
pub const TOTAL: usize = 0;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hierarchy {
    /// The total has no name.
    names: Vec<String>,
    /// Of the total: the total.
    parents: Vec<usize>,
    at: BTreeMap<String, usize>,
}

impl Default for Hierarchy {
    fn default() -> Self {
        Self { names: vec![String::new()], parents: vec![TOTAL], at: BTreeMap::new() }
    }
}

impl Hierarchy {
    /// One code a line; a code stands as many levels below the total as its line begins with `lead`, as in a file of τ-ARGUS.
    ///
    /// # Errors
    /// `bad-schema` for a line that skips a level, `duplicate-name` for a code that stands there twice.
    ///
    /// ```
    /// use sluis::cells::hierarchy::Hierarchy;
    ///
    /// let regions = Hierarchy::indented("North\n@ 1\n@ 2\nSouth\n@ 3\n", "@").unwrap();
    /// let path: Vec<&str> = regions.path(regions.find("2").unwrap()).into_iter().map(|code| regions.name(code)).collect();
    /// assert_eq!(path, ["2", "North", ""]);
    /// ```
    pub fn indented(text: &str, lead: &str) -> Result<Self, Diagnostics> {
        let mut hierarchy = Self::default();
        let mut wrong = Diagnostics::default();
        // The codes on the way from the total to the last line.
        let mut way = vec![TOTAL];
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let mut rest = line;
            let mut depth = 0;
            while let Some(deeper) = rest.strip_prefix(lead).filter(|_| !lead.is_empty()) {
                (rest, depth) = (deeper, depth + 1);
            }
            if depth >= way.len() {
                let headline = format!("line {} of a hierarchy lies more than one level below the line before", number + 1);
                wrong.push(Diagnostic::error("bad-schema", headline));
                continue;
            }
            way.truncate(depth + 1);
            match hierarchy.add(rest.trim(), way[depth]) {
                Ok(code) => way.push(code),
                Err(finding) => wrong.push(finding),
            }
        }
        wrong.finish(hierarchy).map(|(hierarchy, _)| hierarchy)
    }

    /// Codes cut into the given numbers of characters, each level beginning with the one above: `311` under `31` under `3`.
    ///
    /// # Errors
    /// `bad-schema` when a code is not as long as the levels together.
    pub fn nested<'a>(codes: impl IntoIterator<Item = &'a str>, levels: &[usize]) -> Result<Self, Diagnostics> {
        let mut hierarchy = Self::default();
        let mut wrong = Diagnostics::default();
        for code in codes {
            if code.chars().count() != levels.iter().sum::<usize>() {
                wrong.push(Diagnostic::error("bad-schema", format!("the code `{code}` is not as long as its levels together")));
                continue;
            }
            let (mut parent, mut length) = (TOTAL, 0);
            for level in levels.iter().filter(|level| **level > 0) {
                length += level;
                let name: String = code.chars().take(length).collect();
                parent = hierarchy.find(&name).unwrap_or_else(|| hierarchy.insert(&name, parent));
            }
        }
        wrong.finish(hierarchy).map(|(hierarchy, _)| hierarchy)
    }

    /// Adds codes that are not there yet, directly below the total.
    pub fn complete<'a>(&mut self, codes: impl IntoIterator<Item = &'a str>) {
        for code in codes {
            if self.find(code).is_none() {
                self.insert(code, TOTAL);
            }
        }
    }

    /// Index of a code, blanks around it left out.
    pub fn find(&self, code: &str) -> Option<usize> {
        self.at.get(code.trim()).copied()
    }

    pub fn name(&self, code: usize) -> &str {
        &self.names[code]
    }

    /// Codes with the total.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is no code but the total.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// What the code is directly a part of; of the total: the total.
    pub fn parent(&self, code: usize) -> usize {
        self.parents[code]
    }

    /// The code, what it is a part of, and so on to the total.
    pub fn path(&self, code: usize) -> Vec<usize> {
        let mut path = vec![code];
        let mut at = code;
        while at != TOTAL {
            at = self.parents[at];
            path.push(at);
        }
        path
    }

    /// Whether no code is a part of it.
    pub fn is_innermost(&self, code: usize) -> bool {
        code != TOTAL && !self.parents.contains(&code)
    }

    pub(super) fn add(&mut self, name: &str, parent: usize) -> Result<usize, Diagnostic> {
        if self.at.contains_key(name) {
            return Err(Diagnostic::error("duplicate-name", format!("the code `{name}` stands twice in a hierarchy")));
        }
        Ok(self.insert(name, parent))
    }

    pub(super) fn insert(&mut self, name: &str, parent: usize) -> usize {
        let code = self.names.len();
        self.names.push(name.trim().to_owned());
        self.parents.push(parent);
        self.at.insert(name.trim().to_owned(), code);
        code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_go_one_level_deeper_and_not_two() {
        assert_eq!(Hierarchy::indented("A\n@B\n@@C\nD\n", "@").unwrap().len(), 5);
        assert_eq!(Hierarchy::indented("A\n@@C\n", "@").unwrap_err().0[0].code, "bad-schema");
    }

    #[test]
    fn a_code_stands_once() {
        assert_eq!(Hierarchy::indented("A\n@B\nC\n@B\n", "@").unwrap_err().0[0].code, "duplicate-name");
    }

    #[test]
    fn nested_codes_share_their_beginnings() {
        let industry = Hierarchy::nested(["311", "312", "320"], &[1, 1, 1]).unwrap();
        let path: Vec<&str> = industry.path(industry.find("312").unwrap()).into_iter().map(|code| industry.name(code)).collect();
        assert_eq!(path, ["312", "31", "3", ""]);
        assert!(industry.is_innermost(industry.find("320").unwrap()) && !industry.is_innermost(industry.find("32").unwrap()));
        assert!(Hierarchy::nested(["31"], &[1, 1, 1]).is_err());
    }

    #[test]
    fn a_code_without_a_place_stands_below_the_total() {
        let mut hierarchy = Hierarchy::indented("A\n@B\n", "@").unwrap();
        hierarchy.complete(["B", "00"]);
        assert_eq!(hierarchy.path(hierarchy.find("00").unwrap()).len(), 2);
        assert_eq!(hierarchy.len(), 4);
    }
}
