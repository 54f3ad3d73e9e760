//! A classification as its file has it: codes in levels, or sets of classes of a number, from fine to coarse.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check;
use super::document::{Document, steps};
use super::plan::{ClassSet, Classification, CodeClass, NumberClass};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::language::Text;

/// Codes in levels (`class`), or sets of classes of a number (`set`).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassificationFile {
    /// What is classified, in a line.
    pub title: String,
    /// The same in Dutch.
    pub title_nl: Option<String>,
    /// Where the classification comes from.
    pub source: Option<String>,
    /// For codes: the levels from coarse to fine, each a variable that tables can be broken down by. One level named as the file
    /// unless declared; with two the codes on disk belong to the finer one by their first two digits.
    #[serde(default)]
    pub levels: Vec<Level>,
    /// The classes of the coarsest level.
    #[serde(default)]
    pub class: Vec<ClassEntry>,
    /// For class sets: the number that is cut into classes, such as `persons` or `age`.
    pub variable: Option<String>,
    /// The class sets, from fine to coarse: the classes of each are made of whole classes of the one before. Classes are merged in
    /// this order.
    #[serde(default)]
    pub set: Vec<SetEntry>,
}

/// A level of a classification of codes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The name by which a table is broken down by it.
    pub name: String,
    /// What the level is called.
    pub title: String,
    /// The same in Dutch.
    pub title_nl: Option<String>,
}

/// A class of codes.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassEntry {
    /// The code.
    pub code: String,
    /// The name of the class.
    pub label: String,
    /// The name of the class in Dutch.
    pub label_nl: Option<String>,
    /// The classes of the finer level that it consists of.
    #[serde(default)]
    pub below: Vec<BelowEntry>,
}

/// A class of the finer level.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BelowEntry {
    /// Two digits: every code that begins with them belongs to the class.
    pub code: String,
    /// The codes on disk that there are, or what they begin with; every code that begins with the two digits unless declared.
    #[serde(default)]
    pub codes: Vec<String>,
    /// The name of the class.
    pub label: String,
    /// The name of the class in Dutch.
    pub label_nl: Option<String>,
}

/// A set of classes of a number.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetEntry {
    /// Tables name the set as `file.name`, such as `size.five`.
    pub name: String,
    /// What the set is called.
    pub title: String,
    /// The same in Dutch.
    pub title_nl: Option<String>,
    /// The classes, ascending and without gaps.
    pub classes: Vec<NumberEntry>,
}

/// A class of a number.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NumberEntry {
    /// The first number in the class.
    pub from: i64,
    /// The last number in the class; the last class has none.
    pub to: Option<i64>,
    /// The name of the class; its limits unless declared.
    pub label: Option<String>,
    /// The name of the class in Dutch.
    pub label_nl: Option<String>,
}

/// The contents of a classification file.
#[derive(Clone, Debug)]
pub enum Classes {
    /// One classification per level, coarse first.
    Codes(Vec<Classification>),
    /// Fine first.
    Sets(Vec<ClassSet>),
}

/// Reads a classification; `name` is that by which schemas and tables call it.
pub fn parse(document: &Document, name: &str) -> Result<Classes, Diagnostics> {
    let mut checked = check::check(document, &super::json_schema_of::<ClassificationFile>());
    let file: Option<ClassificationFile> = checked.read(document, &[]);
    let mut found = checked.found;
    let Some(file) = file else { return Err(found) };
    let bad = |headline: &str| Diagnostic::error("bad-schema", headline).at(document.place(&[]));
    let classes = match (file.class.is_empty(), file.set.is_empty()) {
        (false, true) => Classes::Codes(codes(document, &file, name, &mut found)),
        (true, false) => Classes::Sets(sets(document, &file, name, &mut found)),
        _ => {
            found.push(bad("a classification has either codes (`class`) or class sets (`set`)"));
            return Err(found);
        }
    };
    found.finish(classes).map(|(classes, _)| classes)
}

fn codes(document: &Document, file: &ClassificationFile, name: &str, found: &mut Diagnostics) -> Vec<Classification> {
    let one = [Level { name: name.to_owned(), title: file.title.clone(), title_nl: file.title_nl.clone() }];
    let levels = if file.levels.is_empty() { &one[..] } else { &file.levels[..] };
    if levels.len() > 2 {
        found.push(
            Diagnostic::error("bad-schema", "a classification has at most two levels").at(document.place(&steps!["levels"])),
        );
    }
    let level = |level: &Level, classes| Classification {
        name: level.name.clone(),
        scheme: name.to_owned(),
        title: Text::new(&level.title, level.title_nl.clone()),
        classes,
    };
    let two = levels.len() > 1;
    let coarse: Vec<CodeClass> = file.class.iter().map(|class| coarse(class, two)).collect();
    unique(document, coarse.iter().map(|class| class.code.as_str()), found);
    let fine: Vec<CodeClass> = file.class.iter().flat_map(|class| class.below.iter().map(fine)).collect();
    unique(document, fine.iter().map(|class| class.code.as_str()), found);
    below(document, file, two, found);
    levels.iter().zip([coarse, fine]).map(|(named, classes)| level(named, classes)).collect()
}

fn coarse(class: &ClassEntry, two: bool) -> CodeClass {
    let divisions = if two { class.below.iter().filter_map(|below| below.code.parse().ok()).collect() } else { Vec::new() };
    CodeClass { code: class.code.clone(), label: Text::new(&class.label, class.label_nl.clone()), divisions, codes: Vec::new() }
}

fn fine(below: &BelowEntry) -> CodeClass {
    CodeClass {
        code: below.code.clone(),
        label: Text::new(&below.label, below.label_nl.clone()),
        divisions: below.code.parse().into_iter().collect(),
        codes: below.codes.clone(),
    }
}

fn unique<'a>(document: &Document, codes: impl Iterator<Item = &'a str>, found: &mut Diagnostics) {
    let mut seen = std::collections::BTreeSet::new();
    for code in codes {
        if !seen.insert(code) {
            found.push(
                Diagnostic::error("bad-schema", format!("the code `{code}` stands there twice"))
                    .at(document.place(&steps!["class"])),
            );
        }
    }
}

/// With two levels every class has classes below it, of two digits; with one none has.
fn below(document: &Document, file: &ClassificationFile, two: bool, found: &mut Diagnostics) {
    for (at, class) in file.class.iter().enumerate() {
        if class.below.is_empty() == two {
            let headline = format!("the class `{}` must have classes below it exactly when there are two levels", class.code);
            found.push(Diagnostic::error("bad-schema", headline).at(document.place(&steps!["class", at])));
        }
        for (inner, entry) in class.below.iter().enumerate() {
            if entry.code.len() != 2 || entry.code.parse::<u8>().is_err() {
                let headline = format!("the code `{}` is not of two digits", entry.code);
                let place = document.place(&steps!["class", at, "below", inner]);
                found.push(Diagnostic::error("bad-schema", headline).at(place));
            }
            let fits = |code: &&String| {
                code.starts_with(&entry.code) && (3..=5).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())
            };
            for code in entry.codes.iter().filter(|code| !fits(code)) {
                let headline = format!("the code `{code}` is not one of three to five digits that begins with `{}`", entry.code);
                let place = document.place(&steps!["class", at, "below", inner, "codes"]);
                found.push(Diagnostic::error("bad-schema", headline).at(place));
            }
        }
    }
}

fn sets(document: &Document, file: &ClassificationFile, name: &str, found: &mut Diagnostics) -> Vec<ClassSet> {
    if file.variable.is_none() {
        found.push(Diagnostic::error("bad-schema", "class sets need the `variable` that they cut").at(document.place(&[])));
    }
    let mut sets: Vec<ClassSet> = Vec::new();
    for (at, entry) in file.set.iter().enumerate() {
        let set = ClassSet {
            name: format!("{name}.{}", entry.name),
            title: Text::new(&entry.title, entry.title_nl.clone()),
            variable: file.variable.clone().unwrap_or_default(),
            merges_into: file.set.get(at + 1).map(|next| format!("{name}.{}", next.name)),
            classes: entry.classes.iter().map(number).collect(),
        };
        let mut bad = |headline: String| {
            found.push(Diagnostic::error("bad-schema", headline).at(document.place(&steps!["set", at])));
        };
        if !without_gaps(&set.classes) {
            bad(format!("the classes of `{}` must ascend without gaps, and only the last one is open", set.name));
        } else if sets.last().is_some_and(|finer| !made_of(&set, finer)) {
            bad(format!("the classes of `{}` are not made of whole classes of the set before it", set.name));
        }
        if sets.iter().any(|other| other.name == set.name) {
            bad(format!("the class set `{}` stands there twice", set.name));
        }
        sets.push(set);
    }
    sets
}

fn number(entry: &NumberEntry) -> NumberClass {
    let code = match entry.to {
        Some(to) if to == entry.from => to.to_string(),
        Some(to) => format!("{}-{to}", entry.from),
        None => format!("{}+", entry.from),
    };
    let label = Text::new(entry.label.clone().unwrap_or_else(|| code.clone()), entry.label_nl.clone());
    NumberClass { label, code, from: entry.from, to: entry.to }
}

fn without_gaps(classes: &[NumberClass]) -> bool {
    let joined = classes.windows(2).all(|pair| pair[0].to.and_then(|to| to.checked_add(1)) == Some(pair[1].from));
    let ordered = classes.iter().all(|class| class.to.is_none_or(|to| to >= class.from));
    !classes.is_empty() && joined && ordered
}

/// Every class begins where a finer one begins, and both sets cover the same numbers.
fn made_of(coarse: &ClassSet, fine: &ClassSet) -> bool {
    let begins = coarse.classes.iter().all(|class| fine.classes.iter().any(|finer| finer.from == class.from));
    let ends = |set: &ClassSet| (set.classes.first().map(|class| class.from), set.classes.last().map(|class| class.to));
    begins && ends(coarse) == ends(fine)
}
