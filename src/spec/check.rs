//! A check holds a document against the JSON Schema of its types and reports everything that does not fit, with its place.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::document::{Document, Node, Step, Value};
use super::suggest;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// How far a part of the document can be used in spite of what was found in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A key that means nothing was left out.
    UnknownKey,
    /// A value is absent or is not what its key asks for.
    Broken,
}

/// What was found, and the document without the keys that mean nothing.
pub struct Checked {
    pub found: Diagnostics,
    pub json: Json,
    faults: Vec<(Vec<Step>, Fault)>,
}

impl Checked {
    /// The worst fault at or below these steps.
    pub fn fault(&self, steps: &[Step]) -> Option<Fault> {
        self.faults.iter().filter(|(at, _)| at.starts_with(steps)).map(|(_, fault)| *fault).max()
    }

    /// The value at the end of these steps as its type, when nothing in it is broken.
    pub fn read<T: serde::de::DeserializeOwned>(&mut self, document: &Document, steps: &[Step]) -> Option<T> {
        if self.fault(steps) == Some(Fault::Broken) {
            return None;
        }
        let json = steps.iter().try_fold(&self.json, |json, step| match step {
            Step::Key(key) => json.get(key),
            Step::Item(item) => json.get(item),
        })?;
        match serde_json::from_value(json.clone()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.found.push(Diagnostic::error("wrong-type", error.to_string()).at(document.place(steps)));
                None
            }
        }
    }
}

/// Holds a document against a JSON Schema as [`super::json_schema_of`] makes it.
pub fn check(document: &Document, schema: &Json) -> Checked {
    let mut check = Check { document, root: schema, found: Diagnostics::default(), faults: Vec::new(), steps: Vec::new() };
    let json = check.value(&document.root, schema);
    Checked { found: check.found, json, faults: check.faults }
}

struct Check<'a> {
    document: &'a Document,
    root: &'a Json,
    found: Diagnostics,
    faults: Vec<(Vec<Step>, Fault)>,
    steps: Vec<Step>,
}

impl<'a> Check<'a> {
    /// Reports what does not fit; gives the value without the keys that mean nothing.
    fn value(&mut self, node: &Node, schema: &'a Json) -> Json {
        let schema = self.resolve(schema);
        if let Some(branches) = branches(schema) {
            return self.one_of(node, branches);
        }
        let types = types(schema);
        if !types.is_empty() && !types.iter().any(|wanted| fits(node, wanted)) {
            self.wrong_type(node, &types);
            return node.to_json();
        }
        match &node.value {
            Value::Text(text) => self.text(node, text, &constants(schema)),
            Value::Whole(_) | Value::Decimal(_) => self.range(node, schema),
            Value::List(items) => return self.list(items, schema),
            Value::Table(_) => return self.table(node, schema),
            Value::Truth(_) | Value::Date => {}
        }
        node.to_json()
    }

    fn resolve(&self, schema: &'a Json) -> &'a Json {
        let Some(reference) = schema.get("$ref").and_then(Json::as_str) else { return schema };
        let target = self.root.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some(), "every reference in a generated JSON Schema leads somewhere: {reference}");
        target.map_or(schema, |target| self.resolve(target))
    }

    /// The branches are told apart by their type, texts by their constants, groups of keys by a key with a constant.
    fn one_of(&mut self, node: &Node, branches: &'a [Json]) -> Json {
        let flat: Vec<&'a Json> = branches.iter().flat_map(|branch| self.flatten(branch)).collect();
        let fitting: Vec<&'a Json> =
            flat.iter().copied().filter(|branch| types(branch).iter().any(|wanted| fits(node, wanted))).collect();
        match (&node.value, fitting.as_slice()) {
            (_, []) => {
                let wanted: Vec<&str> = flat.iter().flat_map(|branch| types(branch)).collect();
                self.wrong_type(node, &wanted);
                node.to_json()
            }
            (Value::Text(text), several) => {
                let known: Vec<&str> = several.iter().flat_map(|branch| constants(branch)).collect();
                self.text(node, text, &known);
                node.to_json()
            }
            (_, [one]) => self.value(node, one),
            (_, several) => self.tagged(node, several),
        }
    }

    fn flatten(&self, branch: &'a Json) -> Vec<&'a Json> {
        let branch = self.resolve(branch);
        match branches(branch) {
            Some(inner) => inner.iter().flat_map(|inner| self.flatten(inner)).collect(),
            None => vec![branch],
        }
    }

    /// Several groups of keys, told apart by the one key that has a constant in each.
    fn tagged(&mut self, node: &Node, branches: &[&'a Json]) -> Json {
        let mut by_tag: BTreeMap<&str, &'a Json> = BTreeMap::new();
        let mut tag = "";
        for branch in branches {
            for (key, property) in properties(branch) {
                if let Some(constant) = property.get("const").and_then(Json::as_str) {
                    tag = key;
                    by_tag.insert(constant, branch);
                }
            }
        }
        let entries = match &node.value {
            Value::Table(entries) => entries,
            _ => return node.to_json(),
        };
        match entries.get(tag) {
            None => self.missing(node, tag),
            Some((_, chosen)) => match &chosen.value {
                Value::Text(name) => match by_tag.get(name.as_str()) {
                    Some(branch) => return self.value(node, branch),
                    None => {
                        self.inside(tag.into(), |check| check.text(chosen, name, &by_tag.keys().copied().collect::<Vec<_>>()))
                    }
                },
                _ => self.inside(tag.into(), |check| check.wrong_type(chosen, &["string"])),
            },
        }
        node.to_json()
    }

    fn text(&mut self, node: &Node, text: &str, known: &[&str]) {
        if known.is_empty() || known.contains(&text) {
            return;
        }
        let diagnostic = Diagnostic::error("unknown-value", format!("{} cannot be `{text}`", self.subject()));
        self.report(with_help(diagnostic, text, known), node);
    }

    fn range(&mut self, node: &Node, schema: &Json) {
        let value = match node.value {
            Value::Whole(number) => number as f64,
            Value::Decimal(number) => number,
            _ => return,
        };
        let (least, most) = limits(schema);
        if !value.is_finite() || value < least || value > most {
            let limits = match (least.is_finite(), most.is_finite()) {
                (true, true) => format!("between {least} and {most}"),
                (true, false) => format!("{least} or more"),
                _ => "a number".to_owned(),
            };
            let headline = format!("{} is out of range", self.subject());
            self.report(Diagnostic::error("out-of-range", headline).help(format!("give {limits}")), node);
        }
    }

    fn list(&mut self, items: &[Node], schema: &'a Json) -> Json {
        let Some(wanted) = schema.get("items") else { return items.iter().map(Node::to_json).collect() };
        items.iter().enumerate().map(|(at, item)| self.inside(at.into(), |check| check.value(item, wanted))).collect()
    }

    fn table(&mut self, node: &Node, schema: &'a Json) -> Json {
        let Value::Table(entries) = &node.value else { return node.to_json() };
        let known: BTreeMap<&str, &'a Json> = properties(schema).collect();
        let open = schema.get("additionalProperties").filter(|inner| inner.is_object());
        let mut kept = serde_json::Map::new();
        let mut meant = Vec::new();
        for (key, (span, value)) in entries {
            match known.get(key.as_str()).copied().or(open) {
                Some(inner) => {
                    kept.insert(key.clone(), self.inside(key.as_str().into(), |check| check.value(value, inner)));
                }
                None => {
                    let absent = known.keys().copied().filter(|name| !entries.contains_key(*name));
                    meant.extend(self.unknown_key(key, span.clone(), absent.collect(), &known));
                }
            }
        }
        for key in schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
            if !entries.contains_key(key) {
                if meant.contains(&key) {
                    self.faults.push((self.steps.clone(), Fault::Broken));
                } else {
                    self.missing(node, key);
                }
            }
        }
        Json::Object(kept)
    }

    /// Reports the key; gives the absent key that was probably meant.
    fn unknown_key(
        &mut self,
        key: &str,
        span: std::ops::Range<usize>,
        absent: Vec<&'a str>,
        known: &BTreeMap<&'a str, &'a Json>,
    ) -> Option<&'a str> {
        let section = self.steps.iter().rev().find_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None });
        let headline = section.map_or(format!("unknown key `{key}`"), |section| format!("unknown key `{key}` in `{section}`"));
        let meant = suggest::nearest(key, absent.iter().copied());
        let names: Vec<&str> = known.keys().copied().collect();
        let mut diagnostic = Diagnostic::error("unknown-key", headline).at(self.document.place_of(span));
        diagnostic.help = match meant {
            Some(meant) => Some(format!("did you mean `{meant}`?")),
            None => suggest::help(key, names.iter().copied()),
        };
        self.found.push(diagnostic);
        self.faults.push((self.steps.clone(), Fault::UnknownKey));
        meant
    }

    /// A missing disclosure profile has a code of its own, since it means a run without rules.
    fn missing(&mut self, node: &Node, key: &str) {
        let profile =
            key == "disclosure" && self.steps.is_empty() || key == "profile" && self.steps == [Step::from("disclosure")];
        let diagnostic = if profile {
            Diagnostic::error("no-profile", "no disclosure profile is named")
                .help(format!("add the section [disclosure] with `profile`, which is {}", suggest::list(super::PROFILES)))
        } else if self.steps.is_empty() {
            Diagnostic::error("missing-key", format!("the section `{key}` is missing"))
        } else {
            Diagnostic::error("missing-key", format!("{} has no `{key}`", self.subject()))
                .help(format!("add `{key}`; `sluis explain {key}` says what it is"))
        };
        self.report(diagnostic, node);
    }

    fn wrong_type(&mut self, node: &Node, wanted: &[&str]) {
        let mut words: Vec<&str> = wanted.iter().map(|wanted| in_words(wanted)).collect();
        words.sort_unstable();
        words.dedup();
        let headline = format!("{} must be {}, not {}", self.subject(), words.join(" or "), node.kind());
        let mut diagnostic = Diagnostic::error("wrong-type", headline);
        diagnostic.help = self.spelling(node, wanted);
        self.report(diagnostic, node);
    }

    /// How to write what TOML reads otherwise than it looks.
    fn spelling(&self, node: &Node, wanted: &[&str]) -> Option<String> {
        let table = matches!(node.value, Value::Table(_)) && wanted == ["array"];
        match self.steps.as_slice() {
            [Step::Key(section)] if table => Some(format!("write `[[{section}]]`, once for each")),
            [.., Step::Key(filters), Step::Key(_)] if table && filters == "where" => {
                Some("put a name with a point in quotes: \"size.five\" = [\"10-49\"]".to_owned())
            }
            [.., Step::Key(years)] if years == "years" => Some("write { from = 2014, to = 2019 } or [2014, 2019]".to_owned()),
            _ => None,
        }
    }

    fn inside<T>(&mut self, step: Step, work: impl FnOnce(&mut Self) -> T) -> T {
        self.steps.push(step);
        let result = work(self);
        self.steps.pop();
        result
    }

    fn report(&mut self, diagnostic: Diagnostic, node: &Node) {
        self.found.push(diagnostic.at(self.document.place_of(node.span.clone())));
        self.faults.push((self.steps.clone(), Fault::Broken));
    }

    /// The value by its keys: `` `study.years` ``.
    fn subject(&self) -> String {
        let keys: Vec<&str> =
            self.steps.iter().filter_map(|step| if let Step::Key(key) = step { Some(key.as_str()) } else { None }).collect();
        if keys.is_empty() { "the file".to_owned() } else { format!("`{}`", keys.join(".")) }
    }
}

/// Adds the nearest known name, or the list of them.
pub fn with_help(mut diagnostic: Diagnostic, name: &str, known: &[&str]) -> Diagnostic {
    diagnostic.help = suggest::help(name, known.iter().copied());
    diagnostic
}

fn branches(schema: &Json) -> Option<&Vec<Json>> {
    schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Json::as_array)
}

fn properties(schema: &Json) -> impl Iterator<Item = (&str, &Json)> {
    schema.get("properties").and_then(Json::as_object).into_iter().flatten().map(|(key, inner)| (key.as_str(), inner))
}

fn types(schema: &Json) -> Vec<&str> {
    match schema.get("type") {
        Some(Json::String(one)) => vec![one],
        Some(Json::Array(several)) => several.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

fn constants(schema: &Json) -> Vec<&str> {
    let several = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
    several.chain(schema.get("const")).filter_map(Json::as_str).collect()
}

fn limits(schema: &Json) -> (f64, f64) {
    let declared = |key: &str| schema.get(key).and_then(Json::as_f64);
    let (least, most) = match schema.get("format").and_then(Json::as_str) {
        Some("int32") => (f64::from(i32::MIN), f64::from(i32::MAX)),
        Some("uint32") => (0.0, f64::from(u32::MAX)),
        _ => (f64::NEG_INFINITY, f64::INFINITY),
    };
    (declared("minimum").unwrap_or(least), declared("maximum").unwrap_or(most))
}

fn fits(node: &Node, wanted: &str) -> bool {
    match node.value {
        Value::Text(_) => wanted == "string",
        Value::Whole(_) => wanted == "integer" || wanted == "number",
        Value::Decimal(_) => wanted == "number",
        Value::Truth(_) => wanted == "boolean",
        Value::Date => false,
        Value::List(_) => wanted == "array",
        Value::Table(_) => wanted == "object",
    }
}

fn in_words(wanted: &str) -> &str {
    match wanted {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "a group of keys",
        other => other,
    }
}
