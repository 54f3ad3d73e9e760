//! Whether releases can be pooled: made by one pipeline, profile, classification and version, and not twice of the same environment.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::safe::State;
use crate::release::definition::Kind;
use crate::released::{Finished, Table};

/// Differences shown of two releases.
const EXAMPLES: usize = 12;

/// A figure with fewer digits says little about where it is from.
const TELLING: i64 = 100;

/// Fewer telling figures than these are no ground for a warning.
const ENOUGH: usize = 5;

/// Holds every release against the first, and every two against one another.
///
/// # Errors
/// `releases-differ` for everything that differs, `release-twice`.
pub fn agree(environments: &[Finished]) -> Result<Vec<Diagnostic>, Diagnostics> {
    let mut found = Diagnostics::default();
    let Some((first, others)) = environments.split_first() else { return Ok(Vec::new()) };
    for other in others {
        let differences = differences(first, other);
        let more = differences.len().saturating_sub(EXAMPLES);
        for (place, here, there) in differences.into_iter().take(EXAMPLES) {
            let headline = format!("{place} differs: {here} in `{}`, {there} in `{}`", first.name, other.name);
            let help = "run the same pipeline with the same version of sluis in every environment";
            found.push(Diagnostic::error("releases-differ", headline).in_file(&other.folder).help(help));
        }
        if more > 0 {
            let headline = format!("{more} more differences between `{}` and `{}`", first.name, other.name);
            found.push(Diagnostic::error("releases-differ", headline).in_file(&other.folder));
        }
    }
    for (at, one) in environments.iter().enumerate() {
        environments[at + 1..].iter().for_each(|other| apart(one, other, &mut found));
    }
    found.finish(()).map(|((), warnings)| warnings)
}

/// Where two releases differ, and what stands in each.
type Difference = (String, String, String);

fn differences(first: &Finished, other: &Finished) -> Vec<Difference> {
    let mut found = Vec::new();
    let whole = |one: &Finished| {
        serde_json::json!({
            "study": one.manifest.study,
            "title": one.manifest.title,
            "version": { one.manifest.program.name.as_str(): one.manifest.program.version },
            "profile": one.manifest.profile,
            "pipeline": one.definition,
        })
    };
    compare("", &whole(first), &whole(other), &mut found);
    if found.is_empty() {
        found.extend(lists(first, other));
        found.extend(rows(first, other));
    }
    found
}

fn compare(place: &str, here: &Value, there: &Value, found: &mut Vec<Difference>) {
    match (here, there) {
        (Value::Object(here), Value::Object(there)) => {
            let names: std::collections::BTreeSet<&String> = here.keys().chain(there.keys()).collect();
            for name in names {
                let below = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
                compare(&below, here.get(name).unwrap_or(&Value::Null), there.get(name).unwrap_or(&Value::Null), found);
            }
        }
        _ if here == there => {}
        _ => found.push((format!("`{place}`"), shown(here), shown(there))),
    }
}

/// A whole table is too much to show.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Object(_) => "something".to_owned(),
        Value::Array(items) if items.len() > 8 || items.iter().any(Value::is_object) => format!("{} entries", items.len()),
        _ => value.to_string(),
    }
}

/// The names of codes: a classification of another vintage can have the same codes for other things.
fn lists(first: &Finished, other: &Finished) -> Vec<Difference> {
    let lists = |one: &Finished| -> BTreeMap<String, Vec<u8>> {
        one.described
            .iter()
            .filter(|(path, _)| path.starts_with("tables/codes/"))
            .map(|(path, bytes)| (path.clone(), bytes.clone()))
            .collect()
    };
    let (here, there) = (lists(first), lists(other));
    let paths: std::collections::BTreeSet<&String> = here.keys().chain(there.keys()).collect();
    let differing = paths.into_iter().filter(|path| here.get(*path) != there.get(*path));
    differing.map(|path| (format!("the list of codes `{path}`"), "one version".to_owned(), "another".to_owned())).collect()
}

fn rows(first: &Finished, other: &Finished) -> Vec<Difference> {
    let keys = |table: &Table| (table.columns.clone(), table.rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>());
    let differs = |(id, table): (&String, &Table)| {
        let there = other.tables.get(id)?;
        (keys(table) != keys(there)).then(|| {
            (format!("the rows of table `{id}`"), format!("{} rows", table.rows.len()), format!("{} rows", there.rows.len()))
        })
    };
    first.tables.iter().filter_map(differs).collect()
}

/// Releases of the same units are not two releases.
fn apart(one: &Finished, other: &Finished, found: &mut Diagnostics) {
    let names = format!("`{}` and `{}`", one.name, other.name);
    if one.hash == other.hash || (one.described == other.described && one.manifest.study == other.manifest.study) {
        let finding = Diagnostic::error("release-twice", format!("{names} are the same release"));
        found.push(finding.in_file(&other.folder).help("name every environment once"));
        return;
    }
    let (alike, all) = likeness(one, other, |kind| !matches!(kind, Kind::Attrition | Kind::Index | Kind::Decomposition));
    if all >= ENOUGH && 2 * alike > all {
        let headline = format!("{names} tell the same in {alike} of {all} figures, so they may be of the same environment");
        let finding = Diagnostic::warning("releases-overlap", headline).in_file(&other.folder);
        found.push(finding.help("leave one of them out unless their units are different ones"));
    }
    let (alike, all) = likeness(one, other, |kind| kind == Kind::Attrition);
    if all > 0 && alike == all {
        let headline = format!("{names} tell the same of the list of participants, so it may be the same list");
        let finding = Diagnostic::warning("releases-overlap", headline).in_file(&other.folder);
        found.push(finding.help("whoever stands on both lists counts twice in the pooled attrition"));
    }
}

/// How many telling figures are the same, of those that both tell.
fn likeness(one: &Finished, other: &Finished, kinds: impl Fn(Kind) -> bool) -> (usize, usize) {
    let telling = num_rational::BigRational::from_integer(TELLING.into());
    let of = |kind: Option<Kind>| kind.is_some_and(&kinds);
    let (mut alike, mut all) = (0, 0);
    for (id, table) in one.tables.iter().filter(|(id, _)| of(one.definition.tables.get(*id).map(|table| table.kind))) {
        let Some(there) = other.tables.get(id) else { continue };
        for (a, b) in table
            .rows
            .iter()
            .zip(&there.rows)
            .filter(|(a, b)| a.key == b.key && a.state == State::Value && b.state == State::Value)
        {
            let figures = |row: &crate::released::Row| row.units.map(super::bounds::whole).or_else(|| row.value.clone());
            let (Some(a), Some(b)) = (figures(a), figures(b)) else { continue };
            if a >= telling || b >= telling {
                all += 1;
                alike += usize::from(a == b);
            }
        }
    }
    (alike, all)
}
