//! The set of units that a row of a table is about, in words that are the same in every table: how a number of units in one table is found
//! to be of the same units as a mean in another.

use std::collections::BTreeMap;

use crate::release::definition::{Definition, TableDefinition};

/// A year, and by variable the classes that a unit can be in.
pub type Set = (String, BTreeMap<String, Vec<String>>);

/// The set of a row; with `without`, of the row over all classes of that dimension. `None` where two classes of one variable would have to
/// be held against one another.
pub fn set(definition: &Definition, table: &TableDefinition, key: &[String], without: Option<&str>) -> Option<Set> {
    let mut year = String::new();
    let mut classes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (dimension, codes) in &table.r#where {
        classes.insert(dimension, codes.iter().map(String::as_str).collect());
    }
    for ((_, dimension), code) in table.columns.iter().zip(key) {
        match dimension.as_str() {
            "year" => year.clone_from(code),
            "indicator" => {}
            dimension if !code.is_empty() => drop(classes.insert(dimension, vec![code])),
            _ => {}
        }
    }
    if let Some(without) = without {
        classes.remove(without);
    }
    let mut set = BTreeMap::new();
    for (dimension, codes) in classes {
        let (variable, mut codes) = in_words(definition, dimension, &codes)?;
        codes.sort();
        if set.insert(variable, codes).is_some() {
            return None;
        }
    }
    Some((year, set))
}

/// Classes of a whole number go by their bounds, so that the same class of two class sets is one; others by their codes.
fn in_words(definition: &Definition, dimension: &str, codes: &[&str]) -> Option<(String, Vec<String>)> {
    let known = definition.dimensions.get(dimension)?;
    let Some(variable) = &known.variable else {
        return Some((dimension.to_owned(), codes.iter().map(|code| (*code).to_owned()).collect()));
    };
    let bounds = |code: &&str| {
        let class = known.classes.iter().find(|class| class.code == **code)?;
        let end = class.to.map_or_else(String::new, |to| to.to_string());
        Some(format!("{} to {end}", class.from?))
    };
    Some((format!("{variable}, a number"), codes.iter().map(bounds).collect::<Option<_>>()?))
}
