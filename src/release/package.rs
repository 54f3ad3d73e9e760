//! A package is written beside its place and renamed into it, so that at any moment it is there whole or not at all.

#![allow(clippy::disallowed_methods, reason = "packages are written here")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::File;
use crate::confine::Reach;
use crate::diagnostic::Diagnostic;

/// The claim of one run on an output folder, held from before the first register is read until the package stands.
pub struct Claim {
    out: PathBuf,
    /// The folder beside it in which the package comes about.
    partial: PathBuf,
    /// The folder beside it that holds the lock, so that no file outside these folders is ever made or removed.
    lock_folder: PathBuf,
    /// Locked as long as the claim lives; the operating system lets go of it when the program dies.
    lock: fs::File,
}

/// What this program has under way and what it has finished.
#[derive(Default)]
struct Desk {
    /// Folders to clear away, in this order, when the program is stopped.
    open: Vec<PathBuf>,
    standing: Vec<PathBuf>,
}

static DESK: Mutex<Desk> = Mutex::new(Desk { open: Vec::new(), standing: Vec::new() });

fn desk() -> MutexGuard<'static, Desk> {
    DESK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Claims an output folder that must not exist yet. What a killed run left beside it is cleared away.
///
/// # Errors
/// `output-exists`, `output-in-use` or `cannot-write`.
pub fn claim(out: &Path) -> Result<Claim, Diagnostic> {
    let name = out.file_name().map(|name| name.to_os_string());
    let Some(name) = name else {
        return Err(Diagnostic::error("cannot-write", "the output folder has no name").in_file(out));
    };
    let parent = around(out);
    fs::create_dir_all(parent).map_err(|error| cannot_write(parent, &error))?;
    if out.symlink_metadata().is_ok() {
        return Err(Diagnostic::error("output-exists", "the output folder is already there")
            .in_file(out)
            .help("choose another `--out`, or move the folder away; a release never replaces another one"));
    }
    let hidden = |ending: &str| {
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(&name);
        hidden.push(ending);
        parent.join(hidden)
    };
    let (partial, lock_folder) = (hidden(".partial"), hidden(".lock"));
    let lock = lock(&lock_folder, out)?;
    let cleared = if partial.exists() { fs::remove_dir_all(&partial) } else { Ok(()) };
    let claim = Claim { out: out.to_owned(), partial, lock_folder, lock };
    cleared.and_then(|()| fs::create_dir(&claim.partial)).map_err(|error| cannot_write(&claim.partial, &error))?;
    desk().open.extend([claim.partial.clone(), claim.lock_folder.clone()]);
    Ok(claim)
}

fn around(out: &Path) -> &Path {
    out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn lock(folder: &Path, out: &Path) -> Result<fs::File, Diagnostic> {
    let path = folder.join("held");
    let made = fs::create_dir_all(folder).and_then(|()| fs::File::create(&path));
    let lock = made.map_err(|error| cannot_write(&path, &error))?;
    // Between opening and locking, the file can have been removed by the run that held it before.
    if lock.try_lock().is_err() || !is_same(&lock, &path) {
        return Err(Diagnostic::error("output-in-use", "another run is writing to this output folder")
            .in_file(out)
            .help("wait for it to end, or choose another `--out`"));
    }
    Ok(lock)
}

#[cfg(unix)]
fn is_same(file: &fs::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let same = |a: &fs::Metadata, b: &fs::Metadata| (a.dev(), a.ino()) == (b.dev(), b.ino());
    matches!((file.metadata(), fs::metadata(path)), (Ok(file), Ok(path)) if same(&file, &path))
}

#[cfg(not(unix))]
fn is_same(_: &fs::File, _: &Path) -> bool {
    true
}

impl Claim {
    /// The folder in which the package comes about.
    pub fn folder(&self) -> &Path {
        &self.partial
    }

    /// Adds what this claim has to reach.
    pub fn widen(&self, reach: &mut Reach) {
        reach.write.extend([self.partial.clone(), self.lock_folder.clone()]);
        reach.around.push(around(&self.out).to_owned());
    }

    /// Writes all files and makes them appear at once. The last file of the list is the last one written.
    ///
    /// # Errors
    /// `cannot-write`; then nothing stands at the output folder.
    pub fn write(self, files: &[File]) -> Result<(), Diagnostic> {
        for file in files {
            let path = self.partial.join(&file.path);
            // Who stops the program keeps the desk, so that nothing is written after the folder was cleared away.
            let _desk = desk();
            write_file(&path, &file.bytes).map_err(|error| cannot_write(&path, &error))?;
        }
        confine(&self.partial.join("vault")).map_err(|error| cannot_write(&self.partial, &error))?;
        self.stand()
    }

    /// Makes what was written into the folder of the claim appear at once.
    ///
    /// # Errors
    /// `cannot-write`; then nothing stands at the output folder.
    pub fn stand(self) -> Result<(), Diagnostic> {
        let mut desk = desk();
        fs::rename(&self.partial, &self.out).map_err(|error| cannot_write(&self.out, &error))?;
        desk.standing.push(self.out.clone());
        drop(desk);
        let parent = around(&self.out);
        sync_folder(parent).map_err(|error| cannot_write(parent, &error))
    }
}

/// Clears away every package that is under way, for a program that is about to end; gives those that stand. Nothing is written after.
pub fn abandon() -> Vec<PathBuf> {
    let desk = desk();
    for folder in &desk.open {
        // Other threads can still add files to a folder; what is left after this is cleared away by the next claim.
        (0..20).any(|_| fs::remove_dir_all(folder).is_ok() || !folder.exists());
    }
    let standing = desk.standing.clone();
    std::mem::forget(desk);
    standing
}

/// A file that is no part of a package, in the place of one that is there; open from the start, and empty until it is written.
pub struct Beside {
    path: PathBuf,
    file: fs::File,
}

impl Beside {
    /// # Errors
    /// `cannot-write`.
    pub fn open(path: &Path) -> Result<Self, Diagnostic> {
        let file = fs::File::create(path).map_err(|error| cannot_write(path, &error))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// # Errors
    /// `cannot-write`.
    pub fn write(mut self, bytes: &[u8]) -> Result<(), Diagnostic> {
        self.file.write_all(bytes).map_err(|error| cannot_write(&self.path, &error))
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let mut desk = desk();
        // Nothing can be done about a failure here; the next claim clears it away.
        drop(fs::remove_dir_all(&self.partial));
        drop(fs::remove_dir_all(&self.lock_folder));
        drop(self.lock.unlock());
        desk.open.retain(|folder| *folder != self.partial && *folder != self.lock_folder);
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
    fn what_is_abandoned_is_cleared_away() {
        // The desk stays with whoever abandons, so this is done in a program of its own: see `tests/failures.rs`.
        let folder = tempfile::tempdir().expect("a folder");
        let first = claim(&folder.path().join("out")).expect("free");
        let open = desk().open.clone();
        assert!(open.contains(&first.partial) && open.contains(&first.lock_folder));
        let (partial, lock_folder) = (first.partial.clone(), first.lock_folder.clone());
        drop(first);
        let open = desk().open.clone();
        assert!(!open.contains(&partial) && !open.contains(&lock_folder));
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
