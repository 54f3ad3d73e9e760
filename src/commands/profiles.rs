//! `sluis profiles`: the disclosure profiles, and what tells them apart.

use serde_json::json;
use sluis::diagnostic::Diagnostics;
use sluis::disclosure::compare::{Comparison, compare};
use sluis::disclosure::profile::{self, Profile};

use super::begin::begin;
use crate::terminal::Terminal;

pub fn profiles(terminal: &Terminal, names: &[String]) -> Result<(), Diagnostics> {
    begin(terminal, &[], &[]);
    if names.is_empty() {
        list(terminal);
        return Ok(());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let rules = compare(&names)?;
    terminal.result(&beside(&names, &rules), &json!({ "profiles": names, "rules": rules }));
    Ok(())
}

/// Every profile with its title, source and hash, and why it would be refused.
fn list(terminal: &Terminal) {
    let mut text = String::new();
    let mut values = Vec::new();
    for description in profile::descriptions() {
        let refused = Profile::named(description.name()).err().and_then(|mut wrong| wrong.0.pop());
        let note = if refused.is_some() { "; refused for a study, whose numbers are not rounded" } else { "" };
        let name = description.name();
        text.push_str(&format!(
            "{name:<12} {:<8} {}{note}\n{:21} {}\n",
            description.version(),
            description.title(),
            "",
            description.source()
        ));
        values.push(json!({
            "name": name,
            "version": description.version(),
            "title": description.title(),
            "source": description.source(),
            "hash": description.hash(),
            "applied": refused.is_none(),
        }));
    }
    text.push_str("\nCompare them rule by rule: sluis profiles cbs abs");
    terminal.result(&text, &json!({ "profiles": values }));
}

/// One line per rule, one column per profile; rules on which they differ are marked.
fn beside(names: &[&str], rules: &[Comparison]) -> String {
    let asked = |one: &Comparison, at: usize| one.asks[at].clone().unwrap_or_else(|| "-".to_owned());
    let width = |at: usize| rules.iter().map(|one| asked(one, at).chars().count()).chain([names[at].len()]).max().unwrap_or(0);
    let widths: Vec<usize> = (0..names.len()).map(width).collect();
    let line = |first: &str, cells: Vec<String>| {
        let cells: Vec<String> = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{first:<22}  {}\n", cells.join("  ")).replace(" \n", "\n")
    };
    let mut text = line("", names.iter().map(|name| (*name).to_owned()).collect());
    for one in rules {
        let differ = if one.asks.windows(2).any(|pair| pair[0] != pair[1]) { "≠" } else { " " };
        text.push_str(&line(&format!("{differ} {}", one.rule), (0..names.len()).map(|at| asked(one, at)).collect()));
    }
    text
}
