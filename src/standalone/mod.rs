//! Tables made elsewhere, protected and audited without a pipeline: files in, both packages out.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cells::link::{Linked, Part, apriori, link};
use crate::cells::read::{self, Wish};
use crate::cells::rulings::{Basis, Rounding};
use crate::cells::system::Cost;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::disclosure::profile::Profile;
use crate::disclosure::suppress::search::Method;
use crate::registers::texts;

mod audit;
mod files;
mod job;
mod protect;
mod why;

pub use audit::{Audit, audit};
pub use protect::{Protected, protect};

/// What to do with which files.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Tables to protect, or one job of τ-ARGUS (`.arb`).
    pub tables: Vec<PathBuf>,
    /// Tables published before.
    pub known: Vec<PathBuf>,
    pub wish: Wish,
    /// What is known beforehand of single cells (`.hst`).
    pub apriori: Option<PathBuf>,
    pub profile: Option<String>,
    pub method: Option<Method>,
    pub cost: Option<Cost>,
    /// Seconds for the exact method.
    pub seconds: Option<f64>,
    pub rounding: Rounding,
    /// Formats for the vault beside CSV.
    pub also: Vec<String>,
    /// Cells to explain, by their codes.
    pub why: Vec<String>,
}

/// Tables that are solved together.
struct Task {
    name: String,
    linked: Linked,
    basis: Basis,
    method: Method,
    seconds: Option<f64>,
    /// Format and name of a file that a job asks for.
    outputs: Vec<(String, String)>,
}

/// A file that was read.
#[derive(Clone, Debug, Serialize)]
pub struct Input {
    /// Without folders.
    pub file: String,
    pub bytes: u64,
    pub blake3: String,
}

/// Reads everything that is asked for.
fn tasks(request: &Request, finished: bool) -> Result<(Vec<Task>, Vec<Input>), Diagnostics> {
    let inputs = inputs(request)?;
    if let [only] = request.tables.as_slice()
        && only.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("arb"))
    {
        return Ok((job::tasks(only, request)?, inputs));
    }
    let basis = basis(request, finished);
    let mut wrong = Diagnostics::default();
    let mut parts = Vec::new();
    let files = request.tables.iter().map(|path| (path, false)).chain(request.known.iter().map(|path| (path, true)));
    for (path, known) in files {
        let wish = Wish { finished: finished || known, ..request.wish.clone() };
        match read::read(path, &wish) {
            Ok(read) => parts.push(Part { read, known, rounded_to: if known { request.rounding.known } else { None } }),
            Err(found) => wrong.0.extend(found.0),
        }
    }
    if let (Some(path), Some(part)) = (&request.apriori, parts.first_mut()) {
        wrong.0.extend(apriori(&mut part.read, path, None).err().into_iter().flat_map(|found| found.0));
    }
    let basis = match basis {
        Ok(basis) if !wrong.has_errors() => basis,
        Ok(_) => return Err(wrong),
        Err(found) => {
            wrong.0.extend(found.0);
            return Err(wrong);
        }
    };
    unique(&mut parts);
    let linked = link(parts)?;
    let name = linked.table.measure.clone();
    let method = request.method.unwrap_or(Method::Auto);
    Ok((vec![Task { name, linked, basis, method, seconds: request.seconds, outputs: Vec::new() }], inputs))
}

fn basis(request: &Request, finished: bool) -> Result<Basis, Diagnostics> {
    match request.profile.as_deref() {
        None if finished => Ok(Basis::Nothing),
        None => {
            let finding = Diagnostic::error("no-profile", "no disclosure profile is named");
            Err(finding.help("name one with --profile, such as --profile cbs; `sluis profiles` lists them").into())
        }
        Some(name) => Profile::named(name).map(Basis::Profile),
    }
}

/// Tables of one name get numbers.
fn unique(parts: &mut [Part]) {
    for at in 1..parts.len() {
        let name = parts[at].read.name.clone();
        let before = parts[..at].iter().filter(|part| part.read.name == name).count();
        if before > 0 {
            parts[at].read.name = format!("{name}-{}", before + 1);
        }
    }
}

fn inputs(request: &Request) -> Result<Vec<Input>, Diagnostics> {
    let mut wrong = Diagnostics::default();
    let mut inputs = Vec::new();
    let beside = request.apriori.iter().chain(&request.wish.metadata);
    for path in request.tables.iter().chain(&request.known).chain(beside) {
        match texts::fingerprint(path) {
            Ok((blake3, bytes)) => inputs.push(Input { file: file_name(path), bytes, blake3 }),
            Err(found) => wrong.0.extend(found.0),
        }
    }
    wrong.finish(inputs).map(|(inputs, _)| inputs)
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Warnings and notes of everything that was read.
fn findings(tasks: &[Task]) -> Vec<Diagnostic> {
    let all = tasks.iter().flat_map(|task| task.linked.findings.iter());
    all.filter(|finding| finding.severity != Severity::Error).cloned().collect()
}
