//! A case is a readable file: prose, a pipeline file and the findings it gets. They are part of the manual.

use std::fmt::Write;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/spec")
}

/// What stands between a line "```language" and the next "```".
fn block<'a>(case: &'a str, language: &str) -> &'a str {
    let opening = format!("\n```{language}\n");
    let start = case.find(&opening).unwrap_or_else(|| panic!("a case has a {language} block")) + opening.len();
    &case[start..start + case[start..].find("```").expect("a block ends")]
}

fn findings(pipeline: &str) -> String {
    let found = match sluis::spec::parse(pipeline, Path::new("pipeline.toml"), &folder()) {
        Ok((_, found)) => found,
        Err(found) => found.0,
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
        let (expected, actual) = (block(&case, "text"), findings(block(&case, "toml")));
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
