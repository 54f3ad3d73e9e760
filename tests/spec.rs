//! A case is a readable file: prose, a pipeline file or schema, and the findings it gets. The cases are part of the manual.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sluis::diagnostic::Place;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/spec")
}

/// What stands between a line "```language" and the next "```".
fn block<'a>(case: &'a str, language: &str) -> &'a str {
    let opening = format!("\n```{language}\n");
    let start = case.find(&opening).unwrap_or_else(|| panic!("a case has a {language} block")) + opening.len();
    &case[start..start + case[start..].find("```").expect("a block ends")]
}

/// The findings that the text of a case gets; the name of the case says what it is, and it is a pipeline file unless it says so.
fn findings(case: &str, written: &str) -> String {
    let found = if case.starts_with("schema-") {
        sluis::spec::parse_schema(written, Path::new("schema.toml"), "schema").err().unwrap_or_default().0
    } else if case.starts_with("classification-") {
        sluis::spec::parse_classification(written, Path::new("classification.toml"), "case").err().unwrap_or_default().0
    } else {
        sluis::spec::parse(written, Path::new("pipeline.toml"), &folder()).map_or_else(|found| found.0, |(_, found)| found)
    };
    let mut text = String::new();
    for finding in &found {
        write!(text, "{finding}").unwrap();
    }
    let text = text.replace(&format!("{}/", folder().display()), "");
    if text.is_empty() { "no findings\n".to_owned() } else { text }
}

/// With `SLUIS_WRITE_CASES` set, what was found is written into the files instead, for reading before it is committed.
#[test]
fn every_pipeline_gets_the_findings_that_its_case_describes() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "md"));
    files.sort();
    assert!(files.len() > 10, "the cases are there");
    let mut wrong = String::new();
    for file in files {
        let case = std::fs::read_to_string(&file).unwrap();
        let name = file.file_stem().unwrap().to_string_lossy();
        let (expected, actual) = (block(&case, "text"), findings(&name, block(&case, "toml")));
        if expected == actual {
            continue;
        }
        if std::env::var_os("SLUIS_WRITE_CASES").is_some() {
            let start = case.find("\n```text\n").unwrap() + "\n```text\n".len();
            std::fs::write(&file, format!("{}{actual}```\n", &case[..start])).unwrap();
        } else {
            write!(wrong, "\n{}\nexpected:\n{expected}\nfound:\n{actual}", file.display()).unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A change that a hand or a bad merge could make to a pipeline file.
#[derive(Clone, Debug)]
enum Change {
    /// Leave out this many characters.
    Cut(prop::sample::Index, usize),
    /// Put a text between two characters.
    Put(prop::sample::Index, String),
    /// Leave out a line.
    Drop(prop::sample::Index),
    /// Put a line a second time, somewhere else.
    Copy(prop::sample::Index, prop::sample::Index),
    /// Give a key another value.
    Value(prop::sample::Index, String),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<prop::sample::Index>;
    let value = prop::sample::select(vec![
        "1",
        "-3",
        "99999999999999999999",
        "1.5",
        "nan",
        "inf",
        "true",
        "2014-01-01",
        "\"\"",
        "\"year\"",
        "[]",
        "[[]]",
        "{}",
        "[\"arm\", 3]",
        "{ from = 2014 }",
        "{ from = -1, to = 999999999 }",
        "{ rule = 3 }",
        "{ rule = \"above\", amount = 1e300 }",
        "{ column = \"persons\" }",
        "{ base_year = 1 }",
        "\"../../etc.toml\"",
        "{ arm = [\"x\"], year = [], size.five = [] }",
    ]);
    prop_oneof![
        (index(), 1..40usize).prop_map(|(at, count)| Change::Cut(at, count)),
        (index(), "[\\]\\[{}=.\",#\n a-zé\u{0}0-9]{1,6}").prop_map(|(at, text)| Change::Put(at, text)),
        index().prop_map(Change::Drop),
        (index(), index()).prop_map(|(from, to)| Change::Copy(from, to)),
        (index(), value).prop_map(|(at, value)| Change::Value(at, value.to_owned())),
    ]
}

fn changed(text: &str, change: &Change) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    match change {
        _ if lines.is_empty() => return text.to_owned(),
        Change::Cut(at, count) => {
            let at = at.index(characters.len());
            return characters.iter().enumerate().filter(|(i, _)| *i < at || *i >= at + count).map(|(_, c)| c).collect();
        }
        Change::Put(at, put) => {
            let at = at.index(characters.len());
            return characters[..at].iter().copied().chain(put.chars()).chain(characters[at..].iter().copied()).collect();
        }
        Change::Drop(at) => drop(lines.remove(at.index(lines.len()))),
        Change::Copy(from, to) => {
            let line = lines[from.index(lines.len())].clone();
            lines.insert(to.index(lines.len()), line);
        }
        Change::Value(at, value) => {
            let line = &mut lines[at.index(text.lines().count())];
            if let Some((key, _)) = line.split_once('=') {
                *line = format!("{key}= {value}");
            }
        }
    }
    lines.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_to_a_pipeline_file_makes_the_reader_fail(
        which in 0..3usize,
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let name = ["smart-industry.toml", "job-training.toml", "uk-firms.toml"][which];
        let shipped = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("pipelines").join(name)).unwrap();
        let text = changes.iter().fold(shipped, |text, change| changed(&text, change));
        let found = match sluis::spec::parse(&text, Path::new("pipeline.toml"), &folder()) {
            Ok((_, found)) => found,
            Err(found) => {
                prop_assert!(found.has_errors());
                found.0
            }
        };
        prop_assert!(found.is_sorted_by_key(|finding| &finding.place));
        for finding in &found {
            let Place::Text { line, column, width, text: shown, .. } = &finding.place else { panic!("no place: {finding}") };
            prop_assert!(text.lines().nth(line - 1).unwrap_or_default().replace('\t', " ").starts_with(shown.as_str()), "{finding}");
            prop_assert!(*column >= 1 && *width >= 1 && !finding.headline.is_empty());
        }
    }
}
