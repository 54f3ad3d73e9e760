//! An explanation says what a name in a pipeline file, a table or a message means.

use serde_json::Value as Json;

use crate::diagnostic::{CODES, Diagnostic, Domain};
use crate::indicators::{ALL, Indicator};
use crate::spec::classification_file::Classes;
use crate::spec::plan::{ClassSet, Classification};
use crate::spec::{self, suggest};

/// What kind of thing a topic is; one name can belong to several kinds, which are then explained one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Key,
    Indicator,
    Classification,
    ClassSet,
    Rule,
    Method,
    Code,
}

impl Kind {
    /// As a heading.
    pub fn title(self) -> &'static str {
        match self {
            Kind::Key => "key",
            Kind::Indicator => "indicator",
            Kind::Classification => "classification",
            Kind::ClassSet => "class set",
            Kind::Rule => "disclosure rule",
            Kind::Method => "change of values",
            Kind::Code => "message",
        }
    }
}

/// Something that can be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    pub kind: Kind,
    /// The full name, by which it is found; `table.show` is found as `show` too.
    pub name: String,
    /// One line.
    pub summary: String,
    /// Everything there is to say, in lines.
    pub text: String,
}

/// The explanation of every topic of this name; `rules` are the topics of modules below this one in the order of the stages.
///
/// ```
/// let text = sluis::explain::explain("turnover-per-person", &[]).unwrap();
/// assert!(text.contains("mean of these ratios"));
/// assert!(sluis::explain::explain("turnover-per-persn", &[]).unwrap_err().help.unwrap().contains("turnover-per-person"));
/// ```
pub fn explain(name: &str, rules: &[Topic]) -> Result<String, Diagnostic> {
    let topics: Vec<Topic> = topics().into_iter().chain(rules.iter().cloned()).collect();
    let mut found: Vec<&Topic> = topics.iter().filter(|topic| topic.name == name).collect();
    if found.is_empty() {
        found = topics.iter().filter(|topic| short(topic) == Some(name)).collect();
    }
    if found.is_empty() {
        return class(name).ok_or_else(|| unknown(name, &topics));
    }
    let texts: Vec<String> =
        found.iter().map(|topic| format!("{} ({})\n\n{}", topic.name, topic.kind.title(), topic.text)).collect();
    Ok(texts.join("\n"))
}

/// Everything that can be explained, by kind and in the order of the program.
pub fn topics() -> Vec<Topic> {
    let mut topics = keys();
    topics.extend(ALL.iter().flat_map(indicators));
    let (codes, sets) = classifications();
    topics.extend(codes.iter().map(classification));
    topics.extend(sets.iter().map(class_set));
    topics.extend(CODES.iter().map(|code| Topic {
        kind: Kind::Code,
        name: code.code.to_owned(),
        summary: code.meaning.to_owned(),
        text: format!(
            "{}\n\nIt concerns {}; the program ends with exit code {}.\n",
            code.meaning,
            concerns(code.domain),
            code.domain.exit_code()
        ),
    }));
    topics
}

/// The last part of the name of a key.
fn short(topic: &Topic) -> Option<&str> {
    (topic.kind == Kind::Key).then(|| topic.name.rsplit('.').next()).flatten()
}

fn unknown(name: &str, topics: &[Topic]) -> Diagnostic {
    let known = topics.iter().flat_map(|topic| [Some(topic.name.as_str()), short(topic)]).flatten();
    let mut diagnostic = Diagnostic::error("unknown-name", format!("nothing is called `{name}`"));
    let nearest = suggest::nearest(name, known);
    diagnostic.help =
        Some(nearest.map_or("list all topics with `sluis explain`".to_owned(), |near| format!("did you mean `{near}`?")));
    diagnostic
}

fn concerns(domain: Domain) -> &'static str {
    match domain {
        Domain::Pipeline => "the pipeline file, or a schema or profile that it names",
        Domain::Data => "the registers",
        Domain::Machine => "files, folders or memory",
        Domain::Safety => "the safety of the tables",
        Domain::Bug => "the program itself",
    }
}

fn indicators(indicator: &Indicator) -> Vec<Topic> {
    let mut text = format!("{}\n\nFormula: {}.\n", indicator.title, indicator.formula);
    if !indicator.unit.is_empty() {
        text += &format!("Unit: {}, {} decimals.\n", indicator.unit, indicator.decimals);
    }
    text += &format!("Source: {}.\n", indicator.source);
    let variants: Vec<_> = indicator.variants.iter().filter(|variant| !variant.name.is_empty()).collect();
    if !variants.is_empty() {
        text += "Variants:\n";
    }
    for variant in &variants {
        text += &format!("  {}.{}: {}, from {}\n", indicator.name, variant.name, variant.title, variant.numerator.join(" + "));
    }
    if indicator.variants.iter().any(|variant| variant.sampled) {
        text += "Measured in a sample; units outside it are missing.\n";
    }
    let topic = |name: String, summary: String| Topic { kind: Kind::Indicator, name, summary, text: text.clone() };
    let whole = topic(indicator.name.to_owned(), indicator.title.english.to_owned());
    let variants = variants
        .iter()
        .map(|variant| topic(format!("{}.{}", indicator.name, variant.name), format!("{}, {}", indicator.title, variant.title)));
    std::iter::once(whole).chain(variants).collect()
}

fn classifications() -> (Vec<Classification>, Vec<ClassSet>) {
    let (mut codes, mut sets) = (Vec::new(), Vec::new());
    for classes in spec::shipped_classifications().into_values() {
        match classes {
            Classes::Codes(levels) => codes.extend(levels),
            Classes::Sets(several) => sets.extend(several),
        }
    }
    (codes, sets)
}

fn classification(classification: &Classification) -> Topic {
    let classes = classification.classes.iter().map(|class| match class.divisions.as_slice() {
        [first, .., last] => format!("  {}  {} ({first:02}-{last:02})\n", class.code, class.label),
        _ => format!("  {}  {}\n", class.code, class.label),
    });
    Topic {
        kind: Kind::Classification,
        name: classification.name.clone(),
        summary: classification.title.english.clone(),
        text: format!("{}, from `{}`\n\n{}", classification.title, classification.scheme, classes.collect::<String>()),
    }
}

fn class_set(set: &ClassSet) -> Topic {
    let classes = set.classes.iter().map(|class| match class.code == class.label.english {
        true => format!("  {}\n", class.code),
        false => format!("  {}  {}\n", class.code, class.label),
    });
    let merged = set.merges_into.as_ref().map_or(String::new(), |next| format!("\nMerges into `{next}`.\n"));
    let text = format!("{}: classes of `{}`\n\n{}{merged}", set.title, set.variable, classes.collect::<String>());
    Topic { kind: Kind::ClassSet, name: set.name.clone(), summary: set.title.english.clone(), text }
}

/// A class of a classification or class set, by its code.
fn class(code: &str) -> Option<String> {
    let (codes, sets) = classifications();
    let of_codes = codes.iter().flat_map(|all| all.classes.iter().map(move |class| (&all.name, &class.code, &class.label)));
    let of_sets = sets.iter().flat_map(|all| all.classes.iter().map(move |class| (&all.name, &class.code, &class.label)));
    let lines: String = of_codes
        .chain(of_sets)
        .filter(|(_, known, _)| *known == code)
        .map(|(name, _, label)| format!("  {label}, in `{name}`\n"))
        .collect();
    (!lines.is_empty()).then(|| format!("{code} (class)\n\n{lines}"))
}

/// Every key of the pipeline file, and after `schema.` and `classification.` those of the other files, as they are documented.
fn keys() -> Vec<Topic> {
    let mut topics = Vec::new();
    let files = [
        ("", spec::json_schema_of::<spec::pipeline::Pipeline>()),
        ("schema", spec::json_schema_of::<spec::register_file::SchemaFile>()),
        ("classification", spec::json_schema_of::<spec::classification_file::ClassificationFile>()),
    ];
    for (prefix, schema) in &files {
        walk(schema, schema, prefix, &mut topics);
    }
    topics
}

fn walk(root: &Json, schema: &Json, prefix: &str, topics: &mut Vec<Topic>) {
    let schema = resolve(root, schema);
    for items in ["items", "additionalProperties"].iter().filter_map(|key| schema.get(key)) {
        walk(root, items, prefix, topics);
    }
    topics.extend(tag_topic(schema, prefix));
    for branch in branches(schema) {
        walk(root, branch, prefix, topics);
    }
    let required: Vec<&str> =
        schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    for (key, property) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        if !topics.iter().any(|topic| topic.name == name) {
            topics.push(key_topic(root, name.clone(), property, required.contains(&key.as_str())));
        }
        walk(root, property, &name, topics);
    }
}

/// The key whose value says which other keys stand beside it.
fn tag_topic(schema: &Json, prefix: &str) -> Option<Topic> {
    let tags = branches(schema).iter().filter_map(|branch| {
        let (key, value) =
            branch.get("properties")?.as_object()?.iter().find_map(|(key, inner)| Some((key, inner.get("const")?)))?;
        Some((key, format!("  {}  {}\n", value.as_str()?, meaning(branch))))
    });
    let tags: Vec<(&String, String)> = tags.collect();
    let (key, _) = tags.first()?;
    let summary = format!("What the other keys of `{prefix}` are.");
    let values: String = tags.iter().map(|(_, line)| line.as_str()).collect();
    let text = format!("{summary}\n\nValues:\n{values}\nRequired.\n");
    Some(Topic { kind: Kind::Key, name: format!("{prefix}.{key}"), summary, text })
}

fn meaning(schema: &Json) -> String {
    schema.get("description").and_then(Json::as_str).unwrap_or_default().replace('\n', " ")
}

fn key_topic(root: &Json, name: String, property: &Json, required: bool) -> Topic {
    let resolved = resolve(root, property);
    let description = [meaning(property), meaning(resolved)].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let mut text = format!("{description}\n");
    let values = values(root, resolved);
    if !values.is_empty() {
        text += &format!(
            "\nValues:\n{}",
            values.iter().map(|(value, meaning)| format!("  {value}  {meaning}\n")).collect::<String>()
        );
    }
    text += &match property.get("default").filter(|default| default.as_object().is_none_or(|inner| inner.is_empty())) {
        Some(default) => format!("\nDefault: {}\n", default.to_string().replace("{}", "nothing").replace("[]", "nothing")),
        None if required => "\nRequired.\n".to_owned(),
        None => "\nMay be left out.\n".to_owned(),
    };
    let summary = description.split_once(". ").map_or(description.clone(), |(first, _)| format!("{first}."));
    Topic { kind: Kind::Key, name, summary, text }
}

/// The texts that a key can have, with their meanings.
fn values(root: &Json, schema: &Json) -> Vec<(String, String)> {
    let schema = resolve(root, schema);
    let constant = schema.get("const").and_then(Json::as_str).map(|value| (value.to_owned(), meaning(schema)));
    let plain = schema.get("enum").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
    let inner = branches(schema).iter().chain(schema.get("items")).flat_map(|inner| values(root, inner));
    constant.into_iter().chain(plain.map(|value| (value.to_owned(), String::new()))).chain(inner).collect()
}

fn branches(schema: &Json) -> &[Json] {
    schema.get("anyOf").or_else(|| schema.get("oneOf")).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn resolve<'a>(root: &'a Json, schema: &'a Json) -> &'a Json {
    let reference = schema.get("$ref").and_then(Json::as_str);
    reference.and_then(|reference| root.pointer(reference.trim_start_matches('#'))).unwrap_or(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_is_explained_by_its_name() {
        assert!(topics().iter().any(|topic| topic.name == "schema.columns.nullable"));
        for topic in topics() {
            assert!(!topic.summary.is_empty() && topic.text.len() > 10, "{} says nothing", topic.name);
            assert!(explain(&topic.name, &[]).unwrap().contains(topic.text.as_str()), "{}", topic.name);
        }
    }

    #[test]
    fn a_key_is_found_by_its_last_part_and_shows_values_and_default() {
        let text = explain("missing_quarter", &[]).unwrap();
        assert!(text.contains("scale-up") && text.contains("Default: \"missing-year\""), "{text}");
        assert!(explain("years", &[]).unwrap().contains("study.years"));
    }

    #[test]
    fn a_class_is_explained_by_its_code() {
        assert!(explain("C", &[]).unwrap().contains("Industry, in `sector`"));
        assert!(explain("250+", &[]).unwrap().contains("size.five"));
    }

    #[test]
    fn an_unknown_name_gets_the_nearest() {
        assert_eq!(explain("robst-z", &[]).unwrap_err().help.unwrap(), "list all topics with `sluis explain`");
        assert_eq!(explain("yaers", &[]).unwrap_err().help.unwrap(), "did you mean `years`?");
    }
}
