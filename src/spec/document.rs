//! A document is a TOML text as a tree in which every key and value knows its place.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use crate::diagnostic::{Diagnostic, Diagnostics, Place};

/// A text with its tree.
#[derive(Clone, Debug)]
pub struct Document {
    pub file: PathBuf,
    pub text: String,
    pub root: Node,
}

/// A value and where it stands, in bytes of the text.
#[derive(Clone, Debug)]
pub struct Node {
    pub span: Range<usize>,
    pub value: Value,
}

#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    /// A number outside the 64-bit range is held at its end; every key has narrower limits.
    Whole(i64),
    Decimal(f64),
    Truth(bool),
    Date,
    List(Vec<Node>),
    /// Key to the place of the key and its value.
    Table(BTreeMap<String, (Range<usize>, Node)>),
}

/// One step from a value to a value in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Key(String),
    Item(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Step::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(item: usize) -> Self {
        Step::Item(item)
    }
}

/// The steps to a value: `steps!["table", 3, "by"]`.
macro_rules! steps {
    ($($step:expr),* $(,)?) => { [$($crate::spec::document::Step::from($step)),*] };
}
pub(crate) use steps;

impl Document {
    /// Every mistake against the syntax of TOML is reported, once per line.
    pub fn parse(file: &Path, text: &str) -> Result<Self, Diagnostics> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (root, errors) = DeTable::parse_recoverable(text);
        let root = Node { span: root.span(), value: table(root.get_ref()) };
        let document = Self { file: file.to_owned(), text: text.to_owned(), root };
        let mut found = Diagnostics::default();
        let mut lines = std::collections::BTreeSet::new();
        for error in errors {
            let place = document.place_of(error.span().unwrap_or(0..0));
            if lines.insert(line_of(&place)) {
                found.push(Diagnostic::error("toml-syntax", error.message().trim().to_lowercase()).at(place));
            }
        }
        found.0.sort_by(|a, b| a.place.cmp(&b.place));
        if found.has_errors() { Err(found) } else { Ok(document) }
    }

    /// The value at the end of these steps.
    pub fn find(&self, steps: &[Step]) -> Option<&Node> {
        steps.iter().try_fold(&self.root, |node, step| node.step(step).map(|(_, value)| value))
    }

    /// Where the value stands; where it is absent, the nearest value around it.
    pub fn place(&self, steps: &[Step]) -> Place {
        let mut node = &self.root;
        for step in steps {
            match node.step(step) {
                Some((_, value)) => node = value,
                None => break,
            }
        }
        self.place_of(node.span.clone())
    }

    /// Where the key of this value stands; where it is absent, the nearest value around it.
    pub fn key_place(&self, steps: &[Step]) -> Place {
        let key = steps.split_last().and_then(|(last, before)| self.find(before)?.step(last)?.0);
        key.map_or_else(|| self.place(steps), |span| self.place_of(span))
    }

    /// Line, column and text of a range of bytes, up to the end of its first line.
    pub fn place_of(&self, span: Range<usize>) -> Place {
        let start = floor(&self.text, span.start);
        let end = floor(&self.text, span.end.max(start));
        let line_start = self.text[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = self.text[start..].find('\n').map_or(self.text.len(), |at| start + at);
        Place::Text {
            file: self.file.clone(),
            line: self.text[..start].matches('\n').count() + 1,
            column: self.text[line_start..start].chars().count() + 1,
            width: self.text[start..end.min(line_end)].trim_end().chars().count().max(1),
            text: self.text[line_start..line_end].trim_end().replace('\t', " "),
        }
    }
}

/// The last boundary between characters up to this byte.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The line of a place in a text.
pub fn line_of(place: &Place) -> usize {
    match place {
        Place::Text { line, .. } => *line,
        _ => 0,
    }
}

impl Node {
    fn step(&self, step: &Step) -> Option<(Option<Range<usize>>, &Node)> {
        match (&self.value, step) {
            (Value::Table(entries), Step::Key(key)) => entries.get(key).map(|(span, node)| (Some(span.clone()), node)),
            (Value::List(items), Step::Item(item)) => items.get(*item).map(|node| (None, node)),
            _ => None,
        }
    }

    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "a text",
            Value::Whole(_) => "a whole number",
            Value::Decimal(_) => "a decimal number",
            Value::Truth(_) => "true or false",
            Value::Date => "a date",
            Value::List(_) => "a list",
            Value::Table(_) => "a group of keys",
        }
    }

    /// As JSON, without places; dates become nothing, since no key takes one.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Text(text) => text.as_str().into(),
            Value::Whole(number) => (*number).into(),
            Value::Decimal(number) => (*number).into(),
            Value::Truth(truth) => (*truth).into(),
            Value::Date => serde_json::Value::Null,
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Table(entries) => {
                serde_json::Value::Object(entries.iter().map(|(key, (_, node))| (key.clone(), node.to_json())).collect())
            }
        }
    }
}

fn node(value: &DeValue, span: Range<usize>) -> Node {
    let value = match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            let saturated = if number.as_str().starts_with('-') { i64::MIN } else { i64::MAX };
            Value::Whole(i64::from_str_radix(number.as_str(), number.radix()).unwrap_or(saturated))
        }
        DeValue::Float(number) => Value::Decimal(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => Value::Truth(*truth),
        DeValue::Datetime(_) => Value::Date,
        DeValue::Array(items) => Value::List(items.iter().map(|item| node(item.get_ref(), item.span())).collect()),
        DeValue::Table(entries) => table(entries),
    };
    Node { span, value }
}

fn table(entries: &DeTable) -> Value {
    Value::Table(
        entries
            .iter()
            .map(|(key, value)| (key.get_ref().to_string(), (key.span(), node(value.get_ref(), value.span()))))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        Document::parse(Path::new("p.toml"), text)
            .err()
            .map_or(Vec::new(), |found| found.0.iter().map(|d| line_of(&d.place)).collect())
    }

    #[test]
    fn mistakes_against_the_syntax_are_found_on_their_lines() {
        assert_eq!(lines("a = 1\nb = \"open\nc = 2\n"), [2]);
        assert_eq!(lines("a = 1\na = 2\n"), [2]);
        assert_eq!(lines("a = \n[b\n"), [1, 2]);
        assert_eq!(lines("a = { b = 1 c = 2 }\n"), [1]);
        assert!(lines("\u{feff}a = 1\r\n").is_empty());
    }

    #[test]
    fn a_place_is_counted_in_characters() {
        let document = Document::parse(Path::new("p.toml"), "a = 1\nname = { \"é\" = \"ü\", b = 2 }\n").unwrap();
        let Place::Text { line, column, width, .. } = document.key_place(&steps!["name", "b"]) else {
            panic!("a place in a text")
        };
        assert_eq!((line, column, width), (2, 21, 1));
        let Place::Text { line, column, width, .. } = document.place(&steps!["name", "é", 3]) else {
            panic!("a place in a text")
        };
        assert_eq!((line, column, width), (2, 16, 3));
    }
}
