//! One finished run on synthetic registers, and the files that it wrote.

#![allow(dead_code, reason = "every test takes what it needs")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Output;
use std::sync::OnceLock;

#[path = "program.rs"]
mod program;

#[allow(unused_imports, reason = "every test takes what it needs")]
pub use program::{command, files, path};

pub const UNITS: &str = "20000";
pub const PIPELINE: &str = "pipelines/smart-industry.toml";

pub fn sluis(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the program starts")
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

pub fn succeeds(arguments: &[&str]) -> Output {
    let output = sluis(arguments);
    assert!(output.status.success(), "{arguments:?}: {}\n{}", text(&output.stdout), text(&output.stderr));
    output
}

/// Registers and one finished run on them, made once for all tests.
pub struct Study {
    pub folder: tempfile::TempDir,
    pub run: Output,
}

impl Study {
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

pub fn study() -> &'static Study {
    static STUDY: OnceLock<Study> = OnceLock::new();
    STUDY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let (registers, out) = (folder.path().join("registers"), folder.path().join("out"));
        succeeds(&["synth", "--units", UNITS, "--format", "csv", "--out", path(&registers)]);
        let (summary, junit) = (folder.path().join("summary.md"), folder.path().join("checks.xml"));
        let account = ["--summary", path(&summary), "--junit", path(&junit)];
        let run = succeeds(&[&["run", PIPELINE, "--data", path(&registers), "--out", path(&out)][..], &account].concat());
        Study { folder, run }
    })
}

/// The files of the release of one kind, by the id of their table.
pub fn tables_of(release: &BTreeMap<String, Vec<u8>>, folder: &str, ending: &str) -> BTreeMap<String, Vec<u8>> {
    let id = |name: &String| Some(name.strip_prefix(folder)?.strip_suffix(ending)?.to_owned()).filter(|id| !id.contains('/'));
    release.iter().filter_map(|(name, bytes)| Some((id(name)?, bytes.clone()))).collect()
}
