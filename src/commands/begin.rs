//! The beginning of a command: what stops it, what it can reach, and then its threads. In this order, since what is taken from one thread
//! is taken from those that it starts and from no other.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use sluis::confine::{self, Hold, Reach};
use sluis::diagnostic::Diagnostic;
use sluis::release::package::Claim;

use crate::terminal::Terminal;

#[cfg(unix)]
mod stop;

/// Threads that were asked for.
static THREADS: OnceLock<u16> = OnceLock::new();

/// Sets the number of threads of the command that is about to begin.
pub fn with_threads(threads: u16) {
    // The command line is read once.
    let _ = THREADS.set(threads);
}

/// Confines the program to what a command reads and to what it has claimed.
pub fn begin(terminal: &Terminal, read: &[&Path], claims: &[&Claim]) {
    begin_reading(terminal, read.iter().map(|path| (*path).to_owned()).collect(), claims);
}

/// As [`begin`].
pub fn begin_reading(terminal: &Terminal, read: Vec<PathBuf>, claims: &[&Claim]) {
    #[cfg(unix)]
    let stops = stop::Stops::listen();
    let mut reach = Reach { read, ..Reach::default() };
    claims.iter().for_each(|claim| claim.widen(&mut reach));
    let held = confine::hold(&reach);
    #[cfg(unix)]
    stops.watch(terminal);
    if let Some(threads) = THREADS.get() {
        // A second attempt to build the pool cannot happen: nothing ran before.
        drop(rayon::ThreadPoolBuilder::new().num_threads(usize::from(*threads)).build_global());
    }
    if !held.is_whole() && (!reach.read.is_empty() || !claims.is_empty()) {
        terminal.findings(&[unconfined(&held.files, &held.network_and_programs)]);
    }
}

fn unconfined(files: &Hold, network_and_programs: &Hold) -> Diagnostic {
    Diagnostic::warning("not-confined", "the system does not confine this program as far as it could")
        .note(format!("files: {files}"))
        .note(format!("network and other programs: {network_and_programs}"))
        .help("use Linux 6.12 or later with Landlock switched on; what the program writes is the same")
}

/// The folders that files lie in: what is named in a file is looked for beside it.
pub fn folders_of<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Vec<PathBuf> {
    let folder = |file: &PathBuf| file.parent().filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_owned);
    let mut folders: Vec<PathBuf> = files.into_iter().map(|file| folder(file).unwrap_or_else(|| PathBuf::from("."))).collect();
    folders.sort();
    folders.dedup();
    folders
}
