//! A diagnostic says what is wrong with a pipeline, a schema, a register or the machine, where, and what to do about it.
//!
//! A message about register data gives the place, never the value.

use std::fmt;
use std::path::PathBuf;

/// Whether work can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
    Note,
}

/// Who has to act; it fixes the exit code of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Domain {
    /// The pipeline file, a schema, a classification, a profile or a target file.
    Pipeline,
    /// The registers.
    Data,
    /// Files, folders, memory.
    Machine,
    /// The tables cannot be released.
    Safety,
    /// A broken promise of this program.
    Bug,
}

impl Domain {
    /// The exit code of the program when an error of this domain stops it.
    pub fn exit_code(self) -> u8 {
        match self {
            Domain::Pipeline => 3,
            Domain::Data => 4,
            Domain::Machine => 5,
            Domain::Safety => 6,
            Domain::Bug => 70,
        }
    }
}

/// Where it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(untagged)]
pub enum Place {
    /// A file written by hand: line and column count from 1, `text` is that line.
    Text {
        file: PathBuf,
        line: usize,
        column: usize,
        width: usize,
        text: String,
    },
    /// A data file: the row counts from 1 and leaves the header out.
    Data {
        file: PathBuf,
        row: Option<u64>,
        column: Option<String>,
    },
    /// A cell of a table of the run.
    Cell {
        table: String,
        cell: String,
    },
    Nowhere,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Diagnostic {
    pub severity: Severity,
    pub domain: Domain,
    /// One of [`CODES`].
    pub code: &'static str,
    /// One line, lower case.
    pub headline: String,
    pub place: Place,
    pub notes: Vec<String>,
    /// What to do, in the imperative.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error with the domain that its code has in [`CODES`].
    pub fn error(code: &'static str, headline: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, headline)
    }

    /// A warning with the domain that its code has in [`CODES`].
    pub fn warning(code: &'static str, headline: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, headline)
    }

    fn new(severity: Severity, code: &'static str, headline: impl Into<String>) -> Self {
        let domain = CODES.iter().find(|known| known.code == code).map(|known| known.domain);
        assert!(domain.is_some(), "every diagnostic code stands in CODES: {code}");
        Self {
            severity,
            domain: domain.unwrap_or(Domain::Bug),
            code,
            headline: headline.into(),
            place: Place::Nowhere,
            notes: Vec::new(),
            help: None,
        }
    }

    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// In a data file as a whole.
    pub fn in_file(self, file: impl Into<PathBuf>) -> Self {
        self.at(Place::Data { file: file.into(), row: None, column: None })
    }

    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        writeln!(f, "{severity}[{}]: {}", self.code, self.headline)?;
        match &self.place {
            Place::Text { file, line, column, width, text } => {
                let gutter = line.to_string().len();
                writeln!(f, "{:gutter$}--> {}:{line}:{column}", "", file.display())?;
                writeln!(f, "{:gutter$} |", "")?;
                writeln!(f, "{line} | {text}")?;
                writeln!(f, "{:gutter$} | {:indent$}{}", "", "", "^".repeat((*width).max(1)), indent = column - 1)?;
            }
            Place::Data { file, row, column } => {
                write!(f, "  --> {}", file.display())?;
                if let Some(row) = row {
                    write!(f, ", row {row}")?;
                }
                if let Some(column) = column {
                    write!(f, ", column `{column}`")?;
                }
                writeln!(f)?;
            }
            Place::Cell { table, cell } => writeln!(f, "  --> table {table}, cell {cell}")?,
            Place::Nowhere => {}
        }
        for note in &self.notes {
            writeln!(f, "  = note: {note}")?;
        }
        if let Some(help) = &self.help {
            writeln!(f, "  = help: {}", help.replace('\n', "\n          "))?;
        }
        Ok(())
    }
}

/// Everything wrong, reported in one go.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// The value when no error was found; otherwise everything that was found.
    pub fn finish<T>(self, value: T) -> Result<(T, Vec<Diagnostic>), Diagnostics> {
        if self.has_errors() { Err(self) } else { Ok((value, self.0)) }
    }

    /// The code of the most fundamental error.
    pub fn exit_code(&self) -> u8 {
        self.0.iter().filter(|d| d.severity == Severity::Error).map(|d| d.domain).min().unwrap_or(Domain::Bug).exit_code()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

/// A code with its meaning, for `sluis explain`.
pub struct Code {
    pub code: &'static str,
    pub domain: Domain,
    pub meaning: &'static str,
}

macro_rules! codes {
    ($($domain:ident $code:literal $meaning:literal)*) => {
        /// Every diagnostic code of the program.
        pub const CODES: &[Code] = &[$(Code { code: $code, domain: Domain::$domain, meaning: $meaning }),*];
    };
}

codes! {
    Pipeline "toml-syntax" "The file is not valid TOML, so nothing in it could be read."
    Pipeline "unknown-key" "A key stands in the file that means nothing there. Keys are refused rather than ignored, since an ignored key is a choice that was not made."
    Pipeline "missing-key" "A key that has no default is absent."
    Pipeline "wrong-type" "A value has another type than its key asks for."
    Pipeline "unknown-value" "A value is none of those its key allows."
    Pipeline "unknown-name" "A name is used (of an indicator, class set, register, sector, table or profile) that nothing declares."
    Pipeline "duplicate-name" "Two things of one kind have the same name."
    Pipeline "out-of-range" "A number or year lies outside the range that makes sense for it."
    Pipeline "conflict" "Two choices in the file exclude each other."
    Pipeline "missing-pipeline" "The pipeline file, or a schema or profile it names, cannot be read."
    Pipeline "bad-schema" "A schema or classification contradicts itself."
    Pipeline "bad-targets" "The targets of the synthetic registers contradict each other or cannot be met at this size."
    Data "file-missing" "A register the pipeline needs has no file in the data folder, for the whole study or for one year."
    Data "file-empty" "A register file has no bytes, or a header and no rows."
    Data "file-corrupt" "A register file breaks off or is not the format its name says."
    Data "column-missing" "A column that the schema asks for is not in the file, under none of its known names."
    Data "column-ambiguous" "A file has a column under several of its names. The first in the schema was read; whether the others say the same is not looked at."
    Data "column-left-out" "A column of a table made elsewhere has no role, so nothing is done with it."
    Data "published-before" "A cell that the rules call unsafe was published before. It cannot be taken back; what is still to be published is protected with it known."
    Data "nothing-withheld" "No cell of a table to be audited is withheld, so there is nothing to work out."
    Data "totals-computed" "A table made elsewhere has no totals of some variable; they were computed from the cells it has."
    Data "cells-disagree" "Cells of a table made elsewhere contradict each other: a sum is less than its parts, a cell has two values, or a contribution is more than its cell."
    Data "evidence-missing" "A rule of the profile asks for something that the table does not hold, such as the second largest contribution. A rule is never left out in silence."
    Data "bad-value" "A field holds something its column cannot: text where a number must stand, an impossible date, a decimal comma where a point was declared."
    Data "bad-encoding" "A text file is not in the encoding that was declared or found at its start."
    Data "negative-persons" "A unit has fewer than zero employed persons."
    Data "implausible-date" "A date lies outside the range in which a business register can hold one, or a period ends before it begins. The founding year is read as unknown; a period is left out."
    Data "key-not-unique" "A key stands on two rows that say different things."
    Data "duplicate-row" "The same row stands in the file more than once; one is kept. A repeated key with other content is refused instead, since nothing says which row holds."
    Data "unknown-code" "A code is not in the classification of its column. The unit is kept and stands in no class; when most codes are unknown the file is refused."
    Data "unknown-unit" "A unit in a register of amounts is not in the register of business units of that year; its amounts are left out. When most rows are of unknown units the file is refused."
    Data "unknown-group" "A unit belongs to an enterprise group that is not in the register of groups of that year, so the persons employed by the group are unknown."
    Data "interrupted-link" "A unit belongs to its enterprise group with interruptions, or changes its group, within a year. The group of most days is taken, then the smallest identifier."
    Data "identifier-break" "Units seem to go on under another identifier: a new one within an enterprise group and year, a new one in the next year, or new ones throughout. A development over years would show an exit and an entry."
    Data "several-versions" "A file is there in several delivery versions; the highest was read."
    Data "empty-list" "The list of participants has no rows."
    Data "nobody-linked" "No number on the list of participants leads to a business unit in any year of the study."
    Data "bad-number" "A field of a list holds no KvK number: eight digits, of which the first two are not 00."
    Data "identifying-column" "A column that was to be kept beside a pseudonym would tell the number it stands for."
    Data "value-too-large" "An amount is too large to be summed exactly."
    Data "release-broken" "A release is not as its manifest says: a file is missing, has other bytes, or holds something else than a release does. Figures are pooled from whole releases alone."
    Data "releases-differ" "Releases were not made by one pipeline, profile, classification and version of the program, so that their cells are cells of different things."
    Data "release-twice" "The same release is named twice. Its units would be counted twice."
    Data "releases-overlap" "Two releases tell so much alike that they may be of the same environment or list. What they share would be counted twice."
    Data "too-few-releases" "There is nothing to pool with one release."
    Machine "output-exists" "The output folder is already there. A release never replaces another one."
    Machine "output-in-use" "Another run is writing to this output folder."
    Machine "cannot-write" "A file or folder could not be written."
    Machine "stopped" "The program was stopped from outside. What was under way was cleared away."
    Machine "out-of-memory" "The system gave no more memory or threads. Where it is memory for data that is missing, the system's own message `memory allocation of ... bytes failed` stands last and the exit code is 134; what is left then are hidden folders beside the output folder, which the next run clears away."
    Machine "not-confined" "The system does not keep the program from files, networks and other programs that it does not need. The work goes on; the vault says so."
    Machine "bad-key" "A key of pseudonyms is not 64 hexadecimal digits that were drawn at random. Its text is never shown."
    Machine "key-open-to-others" "Others than its owner can read the file with a key, so it may be known already."
    Machine "cannot-read" "A file or folder could not be read."
    Machine "memory-bound" "The run needs more memory than --memory allows; it ended before it took it."
    Safety "all-suppressed" "Every cell of the run is unsafe or withheld, so there is nothing to release."
    Safety "audit-failed" "The independent audit found a way to learn too much from the tables. Nothing was written."
    Safety "cannot-protect" "No suppression pattern was found that protects every unsafe cell."
    Safety "earlier-differs" "An earlier release was made of other units, or otherwise, so that it cannot be protected together with this run."
    Safety "earlier-missing" "An earlier release was protected together with another that the pipeline does not name."
    Safety "earlier-unsafe" "An earlier release tells a value that the rules of this run keep uncertain."
    Safety "no-profile" "No disclosure profile was named. A run without rules is refused."
    Safety "profile-not-applied" "The profile has a rule that the program does not apply. A run under half of the rules is refused."
    Bug "broken-invariant" "The program broke a promise of its own. Please report it, with the message and without data."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_explained() {
        let mut codes: Vec<_> = CODES.iter().map(|c| c.code).collect();
        codes.sort_unstable();
        let count = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), count);
        assert!(CODES.iter().all(|c| c.meaning.ends_with('.')));
    }

    #[test]
    fn the_most_fundamental_error_decides_the_exit_code() {
        let mut found = Diagnostics::from(Diagnostic::error("audit-failed", "a cell is open"));
        found.push(Diagnostic::error("unknown-key", "unknown key"));
        found.push(Diagnostic::warning("several-versions", "two versions"));
        assert_eq!(found.exit_code(), 3);
    }

    #[test]
    fn a_place_in_a_text_is_underlined() {
        let place = Place::Text { file: "p.toml".into(), line: 12, column: 3, width: 4, text: "  yaers = 1".into() };
        let shown = Diagnostic::error("unknown-key", "unknown key `yaers`").at(place).help("did you mean `years`?").to_string();
        assert!(shown.contains("12 |   yaers = 1\n   |   ^^^^\n"), "{shown}");
    }
}
