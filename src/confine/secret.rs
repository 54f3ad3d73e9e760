//! A file with a secret, which nobody but its owner may read or write.

#![allow(clippy::disallowed_methods, reason = "files with secrets are opened here")]

use std::fs::File;
use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;

use crate::diagnostic::Diagnostic;

/// More than a secret is long.
const BYTES_MAX: u64 = 1 << 16;

/// Opens the file.
///
/// # Errors
/// `cannot-read`; `bad-key` when it is no plain file; `key-open-to-others`.
pub fn open(path: &Path) -> Result<File, Diagnostic> {
    let cannot = |error: std::io::Error| Diagnostic::error("cannot-read", format!("cannot read: {error}")).in_file(path);
    // A pipe would keep waiting when it is opened.
    if !std::fs::metadata(path).map_err(cannot)?.is_file() {
        return Err(Diagnostic::error("bad-key", "the key is not in a plain file").in_file(path));
    }
    let file = File::open(path).map_err(cannot)?;
    let metadata = file.metadata().map_err(cannot)?;
    for_its_owner(&metadata).map_err(|finding| finding.in_file(path))?;
    Ok(file)
}

/// Reads the whole file; what was read is overwritten when it goes.
///
/// # Errors
/// As [`open`]; `bad-key` for a file that is too long to be a secret.
pub fn bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, Diagnostic> {
    let file = open(path)?;
    // With room for all of it from the start: growing would leave a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(BYTES_MAX as usize + 1));
    let read = file.take(BYTES_MAX + 1).read_to_end(&mut bytes);
    read.map_err(|error| Diagnostic::error("cannot-read", format!("cannot read: {error}")).in_file(path))?;
    if bytes.len() as u64 > BYTES_MAX {
        let finding = Diagnostic::error("bad-key", format!("a file of more than {BYTES_MAX} bytes is no secret"));
        return Err(finding.in_file(path));
    }
    Ok(bytes)
}

#[cfg(unix)]
fn for_its_owner(metadata: &std::fs::Metadata) -> Result<(), Diagnostic> {
    use std::os::unix::fs::PermissionsExt;
    if metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    let finding = Diagnostic::error("key-open-to-others", "others than its owner can read or write the file with the key");
    Err(finding.help("ask who has seen it; if nobody has, `chmod 600` it, otherwise make a new key"))
}

/// Who may read a file is not told by its mode.
#[cfg(not(unix))]
fn for_its_owner(_: &std::fs::Metadata) -> Result<(), Diagnostic> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_is_read_when_its_owner_alone_can() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        std::fs::write(&path, "well kept").expect("written");
        for (mode, code) in
            [(0o600, None), (0o400, None), (0o640, Some("key-open-to-others")), (0o604, Some("key-open-to-others"))]
        {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
            let read = bytes(&path);
            assert_eq!(read.as_ref().err().map(|finding| finding.code), code, "{mode:o}");
            assert!(read.is_err() || read.is_ok_and(|read| read.as_slice() == b"well kept"));
        }
    }

    #[test]
    fn what_is_no_plain_file_or_too_long_is_no_secret() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(open(folder.path()).err().map(|finding| finding.code), Some("bad-key"));
        assert_eq!(open(&folder.path().join("none")).err().map(|finding| finding.code), Some("cannot-read"));
        let path = folder.path().join("long");
        std::fs::write(&path, vec![b'x'; BYTES_MAX as usize + 1]).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("set");
        assert_eq!(bytes(&path).err().map(|finding| finding.code), Some("bad-key"));
    }
}
