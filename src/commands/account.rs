//! The files that a run leaves for a build server, beside its release: a summary and JUnit XML.

use std::path::{Path, PathBuf};

use sluis::checks::Checks;
use sluis::diagnostic::{Diagnostic, Diagnostics};
use sluis::release::package::Beside;

/// Where to leave the checks of a run.
#[derive(clap::Args)]
pub struct Account {
    /// Write the checks of the run as a summary in Markdown; a file that is there is replaced.
    #[arg(long, value_name = "FILE.md")]
    summary: Option<PathBuf>,
    /// Write the checks of the run as JUnit XML; a file that is there is replaced.
    #[arg(long, value_name = "FILE.xml")]
    junit: Option<PathBuf>,
}

impl Account {
    /// Refuses files inside the folders of a run, which are written whole or only read.
    pub fn keep_out_of(&self, folders: &[&Path]) -> Result<(), Diagnostics> {
        let inside = |file: &Path, folder: &Path| match (std::path::absolute(file), std::path::absolute(folder)) {
            (Ok(file), Ok(folder)) => file.starts_with(folder),
            _ => false,
        };
        let files = [&self.summary, &self.junit].into_iter().flatten();
        let wrong = files.filter(|file| folders.iter().any(|folder| inside(file, folder))).map(|file| {
            Diagnostic::error("cannot-write", "the file lies inside the output folder or the folder with the registers")
                .in_file(file)
                .help("choose a place outside both")
        });
        let wrong = Diagnostics(wrong.collect());
        if wrong.has_errors() { Err(wrong) } else { Ok(()) }
    }

    /// Opens the files, before the program is confined; they stay empty should the run not come to its end.
    pub fn open(&self) -> Result<Ledger, Diagnostics> {
        let open = |file: &Option<PathBuf>| file.as_deref().map(Beside::open).transpose();
        Ok(Ledger { summary: open(&self.summary)?, junit: open(&self.junit)? })
    }
}

/// The open files that the checks of a run are left in.
pub struct Ledger {
    summary: Option<Beside>,
    junit: Option<Beside>,
}

impl Ledger {
    /// Leaves the checks of a finished run, or of one that was stopped, and gives its result back.
    pub fn leave<T>(self, study: &str, result: Result<T, Diagnostics>, checks: impl Fn(&T) -> Checks) -> Result<T, Diagnostics> {
        let checks = match &result {
            Ok(done) => checks(done),
            Err(wrong) => Checks::stopped(study, wrong),
        };
        let write = |file: Option<Beside>, text: String| file.map_or(Ok(()), |file| file.write(text.as_bytes()));
        let written = write(self.summary, checks.markdown()).and_then(|()| write(self.junit, checks.junit()));
        match (result, written) {
            (Ok(_), Err(error)) => Err(error.into()),
            (result, _) => result,
        }
    }
}
