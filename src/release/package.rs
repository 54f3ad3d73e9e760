//! A package is written beside its place and renamed into it, so that at any moment it is there whole or not at all.

#![allow(clippy::disallowed_methods, reason = "packages are written here")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::File;
use crate::diagnostic::Diagnostic;

/// The claim of one run on an output folder, held from before the first register is read until the package stands.
pub struct Claim {
    out: PathBuf,
    partial: PathBuf,
    /// Locked as long as the claim lives; the operating system lets go of it when the program dies.
    lock: fs::File,
    lock_path: PathBuf,
}

/// Claims an output folder that must not exist yet. What a killed run left beside it is cleared away.
///
/// # Errors
/// `output-exists`, `output-in-use` or `cannot-write`.
pub fn claim(out: &Path) -> Result<Claim, Diagnostic> {
    let name = out.file_name().map(|name| name.to_string_lossy().into_owned());
    let Some(name) = name else {
        return Err(Diagnostic::error("cannot-write", "the output folder has no name").in_file(out));
    };
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent).map_err(|error| cannot_write(parent, &error))?;
    if out.exists() {
        return Err(Diagnostic::error("output-exists", "the output folder is already there")
            .in_file(out)
            .help("choose another `--out`, or move the folder away; a release never replaces another one"));
    }
    let lock_path = parent.join(format!(".{name}.lock"));
    let lock = fs::File::create(&lock_path).map_err(|error| cannot_write(&lock_path, &error))?;
    if lock.try_lock().is_err() {
        return Err(Diagnostic::error("output-in-use", "another run is writing to this output folder")
            .in_file(out)
            .help("wait for it to end, or choose another `--out`"));
    }
    let partial = parent.join(format!(".{name}.partial"));
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(|error| cannot_write(&partial, &error))?;
    }
    Ok(Claim { out: out.to_owned(), partial, lock, lock_path })
}

impl Claim {
    /// Writes all files and makes them appear at once. The last file of the list is the last one written.
    ///
    /// # Errors
    /// `cannot-write`; then nothing stands at the output folder.
    pub fn write(self, files: &[File]) -> Result<(), Diagnostic> {
        for file in files {
            let path = self.partial.join(&file.path);
            write_file(&path, &file.bytes).map_err(|error| cannot_write(&path, &error))?;
        }
        confine(&self.partial.join("vault")).map_err(|error| cannot_write(&self.partial, &error))?;
        fs::rename(&self.partial, &self.out).map_err(|error| cannot_write(&self.out, &error))?;
        let parent = self.out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        sync_folder(parent).map_err(|error| cannot_write(parent, &error))
    }
}

/// Writes a file that is no part of a package, in the place of one that is there.
///
/// # Errors
/// `cannot-write`.
pub fn write_beside(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    fs::write(path, bytes).map_err(|error| cannot_write(path, &error))
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Nothing can be done about a failure here; the next claim clears it away.
        drop(fs::remove_dir_all(&self.partial));
        drop(fs::remove_file(&self.lock_path));
        drop(self.lock.unlock());
    }
}

fn write_file(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The vault is for its owner alone, where the system has such a notion.
#[cfg(unix)]
fn confine(vault: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    if vault.exists() { fs::set_permissions(vault, fs::Permissions::from_mode(0o700)) } else { Ok(()) }
}

#[cfg(not(unix))]
fn confine(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn cannot_write(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("cannot-write", format!("cannot write: {error}"))
        .in_file(path)
        .help("check the rights and the free space of the folder")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str) -> File {
        File { path: path.into(), bytes: b"x".to_vec() }
    }

    #[test]
    fn a_folder_that_is_there_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let refused = claim(folder.path()).err().map(|d| d.code);
        assert_eq!(refused, Some("output-exists"));
    }

    #[test]
    fn two_runs_cannot_claim_one_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out");
        let first = claim(&out).expect("free");
        assert_eq!(claim(&out).err().map(|d| d.code), Some("output-in-use"));
        drop(first);
        assert!(claim(&out).is_ok());
    }

    #[test]
    fn what_a_killed_run_left_is_cleared_and_nothing_half_stands() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out");
        fs::create_dir_all(folder.path().join(".out.partial/release")).expect("left by a killed run");
        fs::write(folder.path().join(".out.partial/release/old.csv"), "half").expect("left by a killed run");
        claim(&out).expect("free").write(&[file("release/a.csv"), file("vault/b.csv")]).expect("written");
        assert!(out.join("release/a.csv").exists() && !out.join("release/old.csv").exists());
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1);
    }

    #[test]
    fn a_failed_write_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().join("out");
        let failed = claim(&out).expect("free").write(&[file("release/a"), file("release/a")]);
        assert_eq!(failed.err().map(|d| d.code), Some("cannot-write"));
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0);
    }
}
