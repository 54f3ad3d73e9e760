//! The terminal: progress and reports for people, one JSON document for machines.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use sluis::diagnostic::{Diagnostic, Diagnostics, Place, Severity};

pub struct Terminal {
    quiet: bool,
    json: bool,
    stage: Mutex<Option<Stage>>,
}

struct Stage {
    name: String,
    began: Instant,
    bar: ProgressBar,
}

impl Terminal {
    pub fn new(quiet: bool, json: bool) -> Self {
        Self { quiet, json, stage: Mutex::new(None) }
    }

    /// Ends the running stage, if any, and begins the next.
    pub fn stage(&self, name: &str) {
        self.end_stage();
        if self.quiet || self.json {
            return;
        }
        let bar = if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("  {spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(name.to_owned());
        bar.enable_steady_tick(Duration::from_millis(120));
        self.set(Some(Stage { name: name.to_owned(), began: Instant::now(), bar }));
    }

    /// Ends the running stage and prints how long it took.
    pub fn end_stage(&self) {
        if let Some(stage) = self.set(None) {
            stage.bar.finish_and_clear();
            anstream::eprintln!("  {:<12}{:>7.1} s", stage.name, stage.began.elapsed().as_secs_f64());
        }
    }

    fn set(&self, next: Option<Stage>) -> Option<Stage> {
        match self.stage.lock() {
            Ok(mut stage) => std::mem::replace(&mut *stage, next),
            Err(poisoned) => std::mem::replace(&mut *poisoned.into_inner(), next),
        }
    }

    /// The result: `text` for people, `value` for machines.
    pub fn result<T: Serialize>(&self, text: &str, value: &T) {
        self.end_stage();
        if self.json {
            let json = serde_json::to_string_pretty(value).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"));
            anstream::println!("{json}");
        } else if !self.quiet {
            anstream::println!("{}", text.trim_end());
        }
    }

    /// Warnings and notes, on standard error.
    pub fn findings(&self, findings: &[Diagnostic]) {
        self.end_stage();
        if !self.quiet && !self.json {
            for finding in findings {
                anstream::eprintln!("{}", painted(finding));
            }
        }
    }

    /// What is wrong.
    pub fn wrong(&self, wrong: &Diagnostics) {
        if let Some(stage) = self.set(None) {
            stage.bar.finish_and_clear();
        }
        if self.json {
            let value = serde_json::json!({ "exit_code": wrong.exit_code(), "findings": wrong.0 });
            anstream::println!("{}", serde_json::to_string_pretty(&value).unwrap_or_default());
            return;
        }
        for diagnostic in &wrong.0 {
            anstream::eprintln!("{}", painted(diagnostic));
        }
        if wrong.0.len() > 1 {
            anstream::eprintln!("{}", count(&wrong.0));
        }
    }
}

/// How many findings there are of each kind, and how their places are to be read.
fn count(found: &[Diagnostic]) -> String {
    let errors = found.iter().filter(|finding| finding.severity == Severity::Error).count();
    let rows = found.iter().any(|finding| matches!(finding.place, Place::Data { row: Some(_), .. }));
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let counted = format!("{}, {}", counted(errors, "error"), counted(found.len() - errors, "warning"));
    counted + if rows { "; rows are counted without the header" } else { "" }
}

/// The first word in colour; it is taken off again where standard error is no terminal.
fn painted(diagnostic: &Diagnostic) -> String {
    let text = diagnostic.to_string();
    let (head, rest) = text.split_once(':').unwrap_or((&text, ""));
    let colour = if head.starts_with("error") { "\x1b[1;31m" } else { "\x1b[1;33m" };
    format!("{colour}{head}\x1b[0m:{rest}")
}
