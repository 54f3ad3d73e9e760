//! The pipeline file, the schemas and the classifications: text with places, lowered to a plan.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Diagnostics};
use document::Document;
use plan::Plan;

pub mod check;
pub mod classification_file;
pub mod document;
mod lower;
pub mod pipeline;
pub mod plan;
pub mod register_file;
pub mod schema;
pub mod shipped;
pub mod suggest;

/// The disclosure profiles that a pipeline can name.
pub const PROFILES: &[&str] = &["cbs", "eurostat", "ons", "abs", "fdz", "bundesbank", "opensafely", "acro", "handbook"];

/// Reads a pipeline file. Warnings come with the plan; with an error there is none, and everything that was found is returned.
pub fn load(path: &Path) -> Result<(Plan, Vec<Diagnostic>), Diagnostics> {
    let text = read(path)?;
    parse(&text, path, path.parent().unwrap_or(Path::new("")))
}

/// Reads the text of a pipeline file; findings call it `name`, and it finds its own schemas and classifications from `base_dir`.
pub fn parse(text: &str, name: &Path, base_dir: &Path) -> Result<(Plan, Vec<Diagnostic>), Diagnostics> {
    let document = Document::parse(name, text)?;
    let mut checked = check::check(&document, &json_schema_of::<pipeline::Pipeline>());
    let plan = lower::lower(&document, &mut checked, base_dir);
    let found = in_order(checked.found);
    match plan {
        Some(plan) => found.finish(plan),
        None => {
            assert!(found.has_errors(), "a pipeline file without a plan has an error");
            Err(found)
        }
    }
}

/// Findings by their place, each once.
fn in_order(mut found: Diagnostics) -> Diagnostics {
    found.0.sort_by(|a, b| (&a.place, a.code, &a.headline).cmp(&(&b.place, b.code, &b.headline)));
    found.0.dedup();
    found
}

/// Reads the text of a schema; `name` is that of its file without `.toml`.
pub fn parse_schema(text: &str, file: &Path, name: &str) -> Result<schema::Schema, Diagnostics> {
    register_file::parse(&Document::parse(file, text)?, name).map_err(in_order)
}

/// Reads the text of a classification; `name` is that by which schemas and tables call it.
pub fn parse_classification(text: &str, file: &Path, name: &str) -> Result<classification_file::Classes, Diagnostics> {
    classification_file::parse(&Document::parse(file, text)?, name).map_err(in_order)
}

/// Every shipped schema by name.
pub fn shipped_schemas() -> schema::Schemas {
    shipped_by_name(shipped::SCHEMAS, parse_schema)
}

/// Every shipped classification by name.
pub fn shipped_classifications() -> BTreeMap<String, classification_file::Classes> {
    shipped_by_name(shipped::CLASSIFICATIONS, parse_classification)
}

fn shipped_by_name<T>(shipped: &[(&str, &str)], parse: fn(&str, &Path, &str) -> Result<T, Diagnostics>) -> BTreeMap<String, T> {
    let mut by_name = BTreeMap::new();
    for (name, text) in shipped {
        let parsed = parse(text, &PathBuf::from(format!("{name}.toml")), name);
        assert!(parsed.is_ok(), "every shipped schema and classification is valid: {name}");
        by_name.extend(parsed.ok().map(|parsed| ((*name).to_owned(), parsed)));
    }
    by_name
}

/// The JSON Schema of the pipeline file, for editors.
pub fn json_schema() -> String {
    pretty(&json_schema_of::<pipeline::Pipeline>())
}

/// The JSON Schema of a schema of a register, for editors.
pub fn register_json_schema() -> String {
    pretty(&json_schema_of::<register_file::SchemaFile>())
}

/// The JSON Schema of a classification, for editors.
pub fn classification_json_schema() -> String {
    pretty(&json_schema_of::<classification_file::ClassificationFile>())
}

fn pretty(schema: &Json) -> String {
    let pretty = serde_json::to_string_pretty(schema);
    assert!(pretty.is_ok(), "a JSON Schema can be written as JSON");
    pretty.unwrap_or_default() + "\n"
}

/// The JSON Schema of a type. TOML has no null, so an optional key is one that may be absent.
pub fn json_schema_of<T: schemars::JsonSchema>() -> Json {
    let mut schema = schemars::schema_for!(T).to_value();
    without_null(&mut schema);
    schema
}

fn without_null(schema: &mut Json) {
    match schema {
        Json::Object(entries) => {
            entries.values_mut().for_each(without_null);
            entries.retain(|key, value| !(key == "default" && value.is_null()));
            for branches in ["type", "anyOf"] {
                only_one(entries, branches);
            }
        }
        Json::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}

/// Drops null from a list of types or branches, and the list when one is left.
fn only_one(entries: &mut serde_json::Map<String, Json>, key: &str) {
    let Some(Json::Array(several)) = entries.get_mut(key) else { return };
    several.retain(|one| one != "null" && one.get("type").is_none_or(|kind| kind != "null"));
    if several.len() > 1 {
        return;
    }
    match several.pop() {
        Some(Json::Object(branch)) => {
            entries.remove(key);
            for (inner, value) in branch {
                entries.entry(inner).or_insert(value);
            }
        }
        Some(kind) => {
            entries.insert(key.to_owned(), kind);
        }
        None => {}
    }
}

#[expect(clippy::disallowed_methods, reason = "pipelines, schemas and classifications are read here and nowhere else")]
fn read(path: &Path) -> Result<String, Diagnostics> {
    let unreadable =
        |why: &str| Diagnostic::error("missing-pipeline", format!("cannot read {}: {why}", path.display())).in_file(path).into();
    let bytes = std::fs::read(path).map_err(|error| unreadable(&error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped_pipeline(name: &str) -> Plan {
        match load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines").join(name)) {
            Ok((plan, found)) => {
                assert!(found.is_empty(), "{found:?}");
                plan
            }
            Err(found) => panic!("{}", found.0.iter().map(ToString::to_string).collect::<String>()),
        }
    }

    #[test]
    fn the_study_lowers_without_a_finding() {
        let plan = shipped_pipeline("smart-industry.toml");
        assert_eq!(plan.years, (2014..=2019).collect::<Vec<_>>());
        assert_eq!(plan.tables.len(), 26);
        assert_eq!(plan.classifications["sector"].classes.len(), 21);
        assert_eq!(plan.classifications["division"].classes.len(), 88);
        assert_eq!(
            plan.class_sets.iter().map(|set| set.name.as_str()).collect::<Vec<_>>(),
            ["age.two", "size.five", "size.four", "size.three"]
        );
        let t10 = plan.tables.iter().find(|table| table.id == "t10").unwrap();
        let names: Vec<_> = t10.indicators.iter().map(|at| plan.indicators[*at].name.as_str()).collect();
        assert_eq!(names[1], "investment-per-person.communication");
        assert_eq!(t10.years, [2014, 2018]);
        assert_eq!(t10.filters, [plan::Filter { dimension: plan::Dimension::Code("sector".into()), classes: vec![2] }]);
    }

    #[test]
    fn indicators_are_numbered_as_the_plan_has_them() {
        let plan = shipped_pipeline("smart-industry.toml");
        let outliers = plan.outliers.as_ref().unwrap();
        let names: Vec<_> = outliers.families.iter().flatten().map(|at| plan.indicators[*at].name.as_str()).collect();
        let investment = "investment-per-person";
        let types = ["computers", "communication", "machines", "software"].map(|name| format!("{investment}.{name}"));
        assert_eq!(names[..2], ["turnover-thousands", "turnover-per-person"]);
        assert_eq!(names[2..], types);
        assert_eq!(plan.class_sets[outliers.class_set].name, "size.five");
        let ages = plan.tables.iter().find(|table| table.id == "f28-age").unwrap();
        assert_eq!(plan.indicators[ages.indicators[0]].name, "firm-age");
        assert!(plan.tables.iter().flat_map(|table| &table.indicators).all(|at| *at < plan.indicators.len()));
    }

    #[test]
    fn the_class_sets_of_size_merge_from_five_to_three() {
        let plan = shipped_pipeline("smart-industry.toml");
        let next: Vec<_> = plan.class_sets.iter().map(|set| set.merges_into.as_deref()).collect();
        assert_eq!(next, [None, Some("size.four"), Some("size.three"), None]);
        let codes: Vec<_> = plan.class_sets[1].classes.iter().map(|class| class.code.as_str()).collect();
        assert_eq!(codes, ["0-1", "2-9", "10-49", "50-249", "250+"]);
    }

    #[test]
    fn the_pipelines_on_public_data_lower_without_a_finding() {
        let plan = shipped_pipeline("job-training.toml");
        assert_eq!(plan.cohort.treated, plan::Treated::Column { column: "grant".into(), ever: true });
        assert!(plan.indicators.iter().all(|indicator| indicator.nonnegative));
        let plan = shipped_pipeline("uk-firms.toml");
        assert_eq!(plan.cohort.treated, plan::Treated::Nobody);
        assert_eq!(plan.classifications["uk_sector"].classes.len(), 9);
    }

    /// Write them anew with `SLUIS_WRITE_SCHEMA=1 cargo test --lib json_schema`, or with `sluis schema > schemas/pipeline.schema.json`.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test holds files of the repository against the program")]
    fn the_json_schemas_in_the_repository_are_current() {
        let texts =
            [("pipeline", json_schema()), ("register", register_json_schema()), ("classification", classification_json_schema())];
        for (name, text) in texts {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("schemas/{name}.schema.json"));
            if std::env::var_os("SLUIS_WRITE_SCHEMA").is_some() {
                std::fs::write(&file, &text).unwrap();
            }
            let same = std::fs::read_to_string(&file).unwrap_or_default() == text;
            assert!(same, "schemas/{name}.schema.json is old: SLUIS_WRITE_SCHEMA=1 cargo test --lib json_schema");
        }
    }
}
