//! The key of the pseudonyms: 32 bytes that only their owner can read, kept out of messages, dumps and memory left behind.

#![allow(clippy::disallowed_methods, reason = "the key is read and made here")]

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::number::Number;
use crate::confine::secret;
use crate::diagnostic::Diagnostic;

const BYTES: usize = 32;
const DIGITS: usize = 2 * BYTES;

/// More than a file with a key is long.
const TEXT_MAX: usize = 256;

/// Different bytes that a key drawn at random has at the least, for all one will ever see.
const DIFFERENT_MIN: usize = 16;

/// What the check value is made of; no number reads like it.
const CHECKED: &[u8] = b"sluis key of pseudonyms, check value, version 1";

/// A key. It cannot be printed or copied; its bytes are overwritten when it goes, and stay out of swap where the system allows it.
pub struct Key {
    bytes: Box<Zeroizing<[u8; BYTES]>>,
    _in_memory: Option<region::LockGuard>,
}

/// The text of a key as it lies on disk.
type Text = Box<Zeroizing<[u8; TEXT_MAX]>>;

impl Key {
    /// Draws a key from the randomness of the system and writes it to a file that is not there yet, for its owner alone.
    ///
    /// # Errors
    /// `output-exists`, `cannot-write`; `bad-key` when the system gives no randomness.
    pub fn make(path: &Path) -> Result<Self, Diagnostic> {
        not_a_key(path)?;
        let mut key = Self::empty();
        getrandom::fill(&mut key.bytes[..])
            .map_err(|error| Diagnostic::error("bad-key", format!("the system gives no random numbers: {error}")))?;
        let mut file = create(path)?;
        let mut text: Text = Box::new(Zeroizing::new([0; TEXT_MAX]));
        write_digits(&key.bytes[..], &mut text[..]);
        text[DIGITS] = b'\n';
        let written = file.write_all(&text[..=DIGITS]).and_then(|()| file.sync_all());
        written.map_err(|error| {
            drop(std::fs::remove_file(path));
            Diagnostic::error("cannot-write", format!("cannot write: {error}")).in_file(path)
        })?;
        Ok(key)
    }

    /// Reads a key from a file that nobody but its owner can read.
    ///
    /// # Errors
    /// `cannot-read`, `key-open-to-others`, `bad-key`.
    pub fn read(path: &Path) -> Result<Self, Diagnostic> {
        not_a_key(path)?;
        let file = secret::open(path).map_err(or_standard_input)?;
        Self::of(file).map_err(|finding| finding.in_file(path))
    }

    /// Reads a key from standard input; on a terminal what is typed is not shown.
    ///
    /// # Errors
    /// `cannot-read`, `bad-key`.
    pub fn read_standard_input() -> Result<Self, Diagnostic> {
        let cannot = |error: std::io::Error| Diagnostic::error("cannot-read", format!("cannot read standard input: {error}"));
        // The handle itself: the standard reader would keep a copy of what it read.
        #[cfg(unix)]
        let file = File::from(std::os::fd::AsFd::as_fd(&std::io::stdin()).try_clone_to_owned().map_err(cannot)?);
        #[cfg(windows)]
        let file = File::from(std::os::windows::io::AsHandle::as_handle(&std::io::stdin()).try_clone_to_owned().map_err(cannot)?);
        let _hidden = Hidden::begin();
        Self::of(file)
    }

    /// From the first line of a file.
    fn of(mut file: File) -> Result<Self, Diagnostic> {
        let mut text: Text = Box::new(Zeroizing::new([0; TEXT_MAX]));
        let mut length = 0;
        while length < TEXT_MAX && !text[..length].contains(&b'\n') {
            let read = file.read(&mut text[length..]);
            match read.map_err(|error| Diagnostic::error("cannot-read", format!("cannot read: {error}")))? {
                0 => break,
                more => length += more,
            }
        }
        Self::parse(text[..length].trim_ascii())
    }

    fn parse(digits: &[u8]) -> Result<Self, Diagnostic> {
        let wrong = || {
            Diagnostic::error("bad-key", format!("a key is {DIGITS} hexadecimal digits on one line, and nothing else"))
                .help("make one with `sluis pseudonymise --new-key FILE`")
        };
        if digits.len() != DIGITS {
            return Err(wrong());
        }
        let mut key = Self::empty();
        for (byte, pair) in key.bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let (Some(high), Some(low)) = (nibble(pair[0]), nibble(pair[1])) else { return Err(wrong()) };
            *byte = high << 4 | low;
        }
        let different = (0..=u8::MAX).filter(|byte| key.bytes.contains(byte)).count();
        if different < DIFFERENT_MIN {
            let finding = Diagnostic::error("bad-key", "the key was not drawn at random: it repeats few bytes");
            return Err(finding.help("make one with `sluis pseudonymise --new-key FILE`"));
        }
        Ok(key)
    }

    fn empty() -> Self {
        let bytes = Box::new(Zeroizing::new([0; BYTES]));
        let address: *const [u8; BYTES] = &**bytes;
        // An ordinary user may lock a little memory; where not even that is allowed the key can be swapped out.
        let _in_memory = region::lock(address, BYTES).ok();
        Self { bytes, _in_memory }
    }

    /// The pseudonym of a number.
    pub(super) fn pseudonym(&self, number: &Number) -> String {
        self.mac(number.digits())
    }

    /// Sixteen digits by which two deliveries can be seen to have the same key; they do not tell the key.
    pub fn check_value(&self) -> String {
        self.mac(CHECKED)[..16].to_owned()
    }

    fn mac(&self, message: &[u8]) -> String {
        let mac = Hmac::<Sha256>::new_from_slice(&self.bytes[..]);
        assert!(mac.is_ok(), "HMAC takes a key of any length");
        let hash = mac.map(|mac| mac.chain_update(message).finalize().into_bytes()).unwrap_or_default();
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.bytes.zeroize();
        scrub();
    }
}

/// Overwrites what computing left on the stack.
#[inline(never)]
fn scrub() {
    let mut stack = [0xa5_u8; 1 << 15];
    stack.zeroize();
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn write_digits(bytes: &[u8], text: &mut [u8]) {
    for (byte, pair) in bytes.iter().zip(text.chunks_exact_mut(2)) {
        pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
        pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
    }
}

/// A key in the place of the name of its file is not repeated in a message.
fn not_a_key(path: &Path) -> Result<(), Diagnostic> {
    let name = path.to_string_lossy();
    let digits = name.bytes().filter(u8::is_ascii_hexdigit).count();
    if digits >= DIGITS / 2 && digits == name.len() && !path.exists() {
        let finding = Diagnostic::error("bad-key", "the name of the file with the key looks like a key itself");
        return Err(
            finding.help("name a file; a key on the command line is seen by every user of the machine, so make a new one")
        );
    }
    Ok(())
}

/// A key that cannot be taken from a file can be piped.
fn or_standard_input(finding: Diagnostic) -> Diagnostic {
    if finding.code == "bad-key" { finding.help("name a file, or `-` for standard input") } else { finding }
}

fn create(path: &Path) -> Result<File, Diagnostic> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Diagnostic::error("output-exists", "there is a file of this name already")
            .in_file(path)
            .help("name another file; a key never replaces another, since what was made with it would be lost"),
        _ => Diagnostic::error("cannot-write", format!("cannot write: {error}")).in_file(path),
    })
}

/// A terminal that does not show what is typed, until this goes.
struct Hidden {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

impl Hidden {
    #[cfg(unix)]
    fn begin() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(std::io::stdin()).ok();
        if let Some(before) = &before {
            let mut quiet = before.clone();
            // Without signals too: a program that is stopped would leave the terminal silent.
            quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &quiet);
        }
        Self { before }
    }

    #[cfg(not(unix))]
    fn begin() -> Self {
        Self {}
    }
}

#[cfg(unix)]
impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = rustix::termios::tcsetattr(std::io::stdin(), rustix::termios::OptionalActions::Flush, before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::number::Branches;
    use super::*;

    const TEXT: &str = "8f3a1c5e7d9b0246813579acedf0b2c4d6e8fa1b3c5d7e9f0a2b4c6d8e0f1a3b";

    fn key(text: &str) -> Key {
        Key::parse(text.as_bytes()).expect("a key")
    }

    fn wrong(text: &str) -> Diagnostic {
        Key::parse(text.as_bytes()).err().expect("no key")
    }

    /// Computed by another implementation:
    /// `python3 -c "import hmac; k = bytes.fromhex('8f3a1c5e7d9b0246813579acedf0b2c4d6e8fa1b3c5d7e9f0a2b4c6d8e0f1a3b');
    /// print(hmac.new(k, b'12345678', 'sha256').hexdigest(), hmac.new(k, b'01234567', 'sha256').hexdigest(),
    /// hmac.new(k, b'sluis key of pseudonyms, check value, version 1', 'sha256').hexdigest()[:16])"`
    #[test]
    fn pseudonyms_are_those_of_another_implementation() {
        let number = |field: &str| Number::read(field, Branches::Refuse).expect("a number").0;
        let key = key(TEXT);
        assert_eq!(key.pseudonym(&number("12345678")), "7e3d3623cb34c6cf22ddd815c01dd22e7d52cca4d5ff761067f729d363d5d216");
        assert_eq!(key.pseudonym(&number("1234567")), "d40a5643d5b18f9c7d22172910d1fe4b1efb621a8731f3acf91090c0a63fce07");
        assert_eq!(key.check_value(), "506503c6352f2eca");
    }

    #[test]
    fn the_same_key_gives_the_same_pseudonym_and_another_key_another() {
        let number = Number::read("12 34 56 78", Branches::Refuse).expect("a number").0;
        let other = TEXT.replace("8f3a", "8f3b");
        assert!(key(TEXT).pseudonym(&number) == key(&TEXT.to_uppercase()).pseudonym(&number));
        assert!(key(TEXT).pseudonym(&number) != key(&other).pseudonym(&number));
        assert!(key(TEXT).check_value() != key(&other).check_value());
    }

    #[test]
    fn what_is_no_key_is_refused_without_telling_it() {
        let cases =
            [&TEXT[1..], &format!("{TEXT}0"), &TEXT.replace('8', "g"), "", &"00".repeat(32), &"0123456789abcdef".repeat(4)];
        for text in cases {
            let finding = wrong(text);
            assert_eq!(finding.code, "bad-key");
            assert!(text.is_empty() || !finding.to_string().contains(&text[..text.len().min(8)]), "{finding}");
        }
    }

    #[test]
    fn a_key_in_the_place_of_a_file_is_not_repeated() {
        for made in [Key::read(Path::new(TEXT)), Key::make(Path::new(TEXT))] {
            let finding = made.err().expect("refused");
            assert!(finding.code == "bad-key" && !finding.to_string().contains(&TEXT[..8]), "{finding}");
        }
        assert!(!Path::new(TEXT).exists());
    }

    /// Every writable piece of the memory of this program, and whether any holds `wanted`; the searched text is held inverted.
    #[cfg(target_os = "linux")]
    fn is_in_memory(inverted: &[u8]) -> bool {
        use std::os::unix::fs::FileExt;
        let memory = File::open("/proc/self/mem").expect("own memory");
        let maps = std::fs::read_to_string("/proc/self/maps").expect("own memory");
        let ranges = maps.lines().filter(|line| line.contains(" rw")).filter_map(|line| {
            let (from, to) = line.split(' ').next()?.split_once('-')?;
            Some((u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?))
        });
        let mut piece = vec![0; 1 << 20];
        for (from, to) in ranges {
            for at in (from..to).step_by((1 << 20) - 64) {
                let length = ((to - at) as usize).min(piece.len());
                if memory.read_exact_at(&mut piece[..length], at).is_err() {
                    continue;
                }
                // The piece itself is memory too, so it is inverted before anything is looked for, and wiped after.
                piece[..length].iter_mut().for_each(|byte| *byte = !*byte);
                let found = piece[..length].windows(inverted.len()).any(|window| window == inverted);
                piece.fill(0);
                if found {
                    return true;
                }
            }
        }
        false
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nothing_of_a_key_stays_in_memory() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("key");
        let key = Key::make(&path).expect("made");
        let inverted: Vec<u8> = key.bytes.iter().map(|byte| !byte).collect();
        assert!(is_in_memory(&inverted), "the search finds a key that is there");
        drop(key);
        let key = Key::read(&path).expect("read");
        let number = Number::read("12345678", Branches::Refuse).expect("a number").0;
        assert_eq!(key.pseudonym(&number).len(), DIGITS);
        drop(key);
        // The key, and the two forms in which HMAC takes it in.
        for pad in [0, 0x36, 0x5c] {
            let padded: Vec<u8> = inverted.iter().map(|byte| byte ^ pad).collect();
            assert!(!is_in_memory(&padded), "a key is left in memory, padded with {pad:x}");
        }
        let mut text = vec![0; DIGITS];
        let mut original: Vec<u8> = inverted.iter().map(|byte| !byte).collect();
        write_digits(&original, &mut text);
        original.fill(0);
        text.iter_mut().for_each(|byte| *byte = !*byte);
        assert!(!is_in_memory(&text), "the text of a key is left in memory");
    }
}
