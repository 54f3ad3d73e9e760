//! The terminal: progress and reports for people, one JSON document for machines.

use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use sluis::diagnostic::{Diagnostic, Diagnostics, Place, Severity};

pub struct Terminal {
    quiet: bool,
    json: bool,
    stage: Mutex<Option<Stage>>,
    /// Why the result could not be printed.
    unsaid: OnceLock<std::io::Error>,
}

struct Stage {
    name: String,
    began: Instant,
    bar: ProgressBar,
}

impl Terminal {
    pub fn new(quiet: bool, json: bool) -> Self {
        Self { quiet, json, stage: Mutex::new(None), unsaid: OnceLock::new() }
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
            aside(&format!("  {:<32}{:>7.1} s", stage.name, stage.began.elapsed().as_secs_f64()));
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
            self.say(&json);
        } else if !self.quiet {
            self.say(text.trim_end());
        }
    }

    /// Warnings and notes, on standard error.
    pub fn findings(&self, findings: &[Diagnostic]) {
        self.end_stage();
        if !self.quiet && !self.json {
            for finding in findings {
                aside(&painted(finding));
            }
        }
    }

    /// What is wrong.
    pub fn wrong(&self, wrong: &Diagnostics) {
        if let Some(stage) = self.set(None) {
            stage.bar.finish_and_clear();
        }
        if self.json {
            self.say_findings(&wrong.0, i32::from(wrong.exit_code()));
            return;
        }
        for diagnostic in &wrong.0 {
            aside(&painted(diagnostic));
        }
        if wrong.0.len() > 1 {
            anstream::eprintln!("{}", count(&wrong.0));
        }
    }

    /// What stopped the program from outside.
    #[cfg(unix)]
    pub fn stopped(&self, finding: &Diagnostic, exit_code: i32) {
        if self.json {
            self.say_findings(std::slice::from_ref(finding), exit_code);
            return;
        }
        // The line of the running stage stays above.
        if std::io::stderr().is_terminal() {
            aside("");
        }
        aside(&painted(finding));
    }

    /// The same terminal for a thread that does not end with a command.
    #[cfg(unix)]
    pub fn for_another_thread(&self) -> Self {
        Self::new(self.quiet, self.json)
    }

    /// Why a result could not be printed. Whoever reads it through a pipe may stop reading at any line; that is no error.
    pub fn unsaid(&self) -> Option<Diagnostics> {
        let error = self.unsaid.get().filter(|error| error.kind() != ErrorKind::BrokenPipe)?;
        let finding = Diagnostic::error("cannot-write", format!("cannot write to standard output: {error}"));
        Some(finding.help("the command did its work; only what it prints is incomplete").into())
    }

    fn say_findings(&self, findings: &[Diagnostic], exit_code: i32) {
        let value = serde_json::json!({ "exit_code": exit_code, "findings": findings });
        self.say(&serde_json::to_string_pretty(&value).unwrap_or_default());
    }

    fn say(&self, text: &str) {
        let mut out = anstream::stdout();
        if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush()) {
            drop(self.unsaid.set(error));
        }
    }
}

/// A line on standard error; where nobody reads it any more, the work goes on.
fn aside(text: &str) {
    drop(writeln!(anstream::stderr(), "{text}"));
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
