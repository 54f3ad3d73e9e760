//! `sluis explain` and `sluis schema`: what the names mean.

use std::fmt::Write;

use serde_json::json;
use sluis::cells::perturb;
use sluis::diagnostic::{Diagnostic, Diagnostics};
use sluis::disclosure::rules;
use sluis::explain::{self, Kind, Topic};
use sluis::spec::{self, shipped, suggest};

use super::begin::begin;
use crate::terminal::Terminal;

pub fn explain(terminal: &Terminal, name: Option<&str>) -> Result<(), Diagnostics> {
    begin(terminal, &[], &[]);
    let text = match name {
        Some(name) => explain::explain(name, &rules())?,
        None => list()?,
    };
    terminal.result(&text, &json!({ "name": name, "text": text }));
    Ok(())
}

/// The disclosure rules and the methods of `sluis perturb` as topics.
fn rules() -> Vec<Topic> {
    let method = |method: &&perturb::Method| Topic {
        kind: Kind::Method,
        name: method.name.to_owned(),
        summary: method.title.to_owned(),
        text: format!(
            "{}\n\nValue: {}.\n{}Source: {}.\n",
            method.title,
            method.formula,
            method.base.map(|base| format!("Usual base: {base}.\n")).unwrap_or_default(),
            method.source
        ),
    };
    let topic = |rule: &rules::Rule| Topic {
        kind: Kind::Rule,
        name: rule.name.to_owned(),
        summary: rule.title.to_owned(),
        text: format!(
            "{}\n\nUnsafe when {}.\nProtection level: {}.\nNeeds: {}.\nSource: {}.\n",
            rule.title, rule.formula, rule.level, rule.needs, rule.source
        ),
    };
    rules::ALL.iter().map(topic).chain(perturb::ALL.iter().map(method)).collect()
}

/// Every topic on a line of its own, by kind.
fn list() -> Result<String, Diagnostics> {
    let mut text = String::new();
    let mut kind = None;
    for topic in explain::topics().into_iter().chain(rules()) {
        if kind != Some(topic.kind) {
            kind = Some(topic.kind);
            let written = writeln!(text, "\n{}", topic.kind.title());
            assert!(written.is_ok(), "a text in memory can be extended");
        }
        text.push_str(&format!("  {:<34} {}\n", topic.name, topic.summary));
    }
    Ok(text)
}

/// The JSON Schema of a kind of file, or the text of a schema or classification that is shipped.
pub fn schema(terminal: &Terminal, name: Option<&str>) -> Result<(), Diagnostics> {
    begin(terminal, &[], &[]);
    let text = match name {
        None | Some("pipeline") => spec::json_schema(),
        Some("register") => spec::register_json_schema(),
        Some("classification") => spec::classification_json_schema(),
        Some(name) => {
            let shipped = [shipped::SCHEMAS, shipped::CLASSIFICATIONS].concat();
            let Some(text) = shipped::text(&shipped, name) else {
                let known = ["pipeline", "register", "classification"].into_iter().chain(shipped.iter().map(|(name, _)| *name));
                let mut unknown = Diagnostic::error("unknown-name", format!("there is no schema `{name}`"));
                unknown.help = suggest::help(name, known);
                return Err(unknown.into());
            };
            terminal.result(text, &json!({ "name": name, "text": text }));
            return Ok(());
        }
    };
    let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    terminal.result(&text, &value);
    Ok(())
}
