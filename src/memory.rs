//! Memory is a bound that the user sets: what the process holds is looked at before more is taken, and a run ends before it passes it.

#![allow(clippy::disallowed_methods, reason = "the kernel tells in a file what a process holds")]

use std::fs::File;
use std::io::{Read, Seek};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::diagnostic::{Diagnostic, Diagnostics};

/// What a run may hold. Without a bound there is always room.
#[derive(Default)]
pub struct Memory {
    bound: Option<Bound>,
    /// A bound was met while a register was read.
    met: AtomicBool,
}

struct Bound {
    bytes: u64,
    /// Opened once, before the process shuts itself in.
    status: Mutex<File>,
}

impl Memory {
    /// # Errors
    /// `memory-bound` where the system does not tell what a process holds, or where the program itself holds more.
    pub fn bounded(bytes: u64) -> Result<Self, Diagnostics> {
        let file = File::open("/proc/self/status").ok();
        let bound = file.map(|file| Bound { bytes, status: Mutex::new(file) });
        let memory = Self { bound, met: AtomicBool::new(false) };
        if memory.left().is_none() {
            return Err(Diagnostic::error("memory-bound", "this system does not tell how much memory a process holds")
                .help("leave out --memory, and bound the process from outside")
                .into());
        }
        memory.room(0, "the program itself")?;
        Ok(memory)
    }

    /// Bytes below the bound; `None` without one.
    pub fn left(&self) -> Option<u64> {
        let bound = self.bound.as_ref()?;
        // A process that cannot see what it holds has nothing left.
        Some(bound.resident().map_or(0, |held| bound.bytes.saturating_sub(held)))
    }

    /// Bytes that the process holds; 0 without a bound.
    pub fn held(&self) -> u64 {
        self.bound.as_ref().map_or(0, |bound| bound.resident().unwrap_or(bound.bytes))
    }

    /// Whether so many bytes more fit, beside a piece of a register.
    pub fn has_room(&self, more: u64) -> bool {
        self.left().is_none_or(|left| left >= more.saturating_add(PIECE))
    }

    /// Whether a process of so many bytes in all is within the bound, beside a margin for what is not counted. What was let go and not given
    /// back to the system is used again: it is held, and yet it is no reason to refuse what comes next.
    pub fn has_room_for(&self, all: u64) -> bool {
        self.bound.as_ref().is_none_or(|bound| all.saturating_add(MARGIN) <= bound.bytes)
    }

    /// # Errors
    /// `memory-bound` when so many bytes more do not fit.
    pub fn room(&self, more: u64, what: &str) -> Result<(), Diagnostics> {
        let fits = !self.is_met() && self.has_room(more);
        if fits { Ok(()) } else { Err(self.too_small(self.held().saturating_add(more).saturating_add(PIECE), what)) }
    }

    /// # Errors
    /// `memory-bound` when a process of so many bytes in all does not fit; `later` is what is needed further on, for the help.
    pub fn room_for(&self, all: u64, later: u64, what: &str) -> Result<(), Diagnostics> {
        let fits = !self.is_met() && self.has_room_for(all);
        if fits { Ok(()) } else { Err(self.too_small(all.max(later).saturating_add(MARGIN), what)) }
    }

    fn too_small(&self, wanted: u64, what: &str) -> Diagnostics {
        let bound = self.bound.as_ref().map_or(0, |bound| bound.bytes);
        // A bound that was met while a register was read does not tell by how much it is too small.
        let enough = if self.is_met() { wanted.max(bound + bound / 8) } else { wanted };
        Diagnostic::error("memory-bound", format!("{what} does not fit in the {} of --memory", shown(bound)))
            .note(format!("{} are held, about {} are needed", shown(self.held()), shown(wanted)))
            .help(format!("give --memory {} or more, or study fewer years at once", shown(enough)))
            .into()
    }

    /// Notes that a register could not be read on for lack of room.
    pub fn meet(&self) {
        self.met.store(true, Ordering::Relaxed);
    }

    pub fn is_met(&self) -> bool {
        self.met.load(Ordering::Relaxed)
    }
}

/// Kept free for what is not counted beforehand: buffers of readers, stacks, holes between what is held, the files of both packages.
const MARGIN: u64 = 128 << 20;
/// Kept free while a register is read: pieces as they are decoded and converted.
const PIECE: u64 = 16 << 20;

impl Bound {
    fn resident(&self) -> Option<u64> {
        let mut text = String::new();
        let mut file = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        file.rewind().ok()?;
        file.read_to_string(&mut text).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kibibytes| kibibytes << 10)
    }
}

const UNITS: [(&str, u64); 4] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];

/// Reads a size: `8GiB`, `1.5 GiB`, `500MB`, or bytes.
///
/// # Errors
/// What a size looks like.
pub fn size(text: &str) -> Result<u64, String> {
    let wrong = || "a size is a number with KiB, MiB, GiB, TiB, KB, MB, GB or TB, such as 8GiB".to_owned();
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = (text[..digits].parse::<f64>().map_err(|_| wrong())?, text[digits..].trim().to_ascii_lowercase());
    let decimal = [("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("tb", 1e12), ("", 1.0), ("b", 1.0)];
    let binary = UNITS.map(|(name, bytes)| (name.to_ascii_lowercase(), bytes as f64));
    let decimal = decimal.map(|(name, bytes)| (name.to_owned(), bytes));
    let found = binary.into_iter().chain(decimal).find(|(name, _)| *name == unit);
    let bytes = number * found.ok_or_else(wrong)?.1;
    if bytes < 1.0 { Err(wrong()) } else { Ok(bytes as u64) }
}

/// A size in words, rounded up.
fn shown(bytes: u64) -> String {
    let (name, unit) = if bytes < 10 << 30 { ("MiB", 1 << 20) } else { ("GiB", 1 << 30) };
    format!("{}{name}", bytes.div_ceil(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_read_in_either_kind_of_unit() {
        let read = |text: &str| size(text).ok();
        assert_eq!((read("8GiB"), read("8 gib"), read("1.5GB")), (Some(8 << 30), Some(8 << 30), Some(1_500_000_000)));
        assert_eq!((read("4096"), read("0"), read("8 apples"), read("-1"), read("")), (Some(4096), None, None, None, None));
    }

    #[test]
    fn what_is_shown_is_read_again_and_is_no_less() {
        for bytes in [1, 1 << 20, (1 << 20) + 1, 3 << 30, (77 << 30) + 5] {
            assert!(size(&shown(bytes)).is_ok_and(|read| read >= bytes), "{bytes}");
        }
    }

    #[test]
    fn there_is_room_below_the_bound_and_none_above() {
        let wide = Memory::bounded(1 << 44).unwrap_or_else(|_| panic!("/proc is there"));
        assert!(wide.room(1 << 40, "this").is_ok() && wide.room(1 << 44, "this").is_err());
        assert!(wide.has_room_for(1 << 43) && !wide.has_room_for(1 << 44));
        let found = wide.room_for(1 << 44, 1 << 45, "this").err().map(|found| found.0[0].to_string());
        assert!(found.is_some_and(|found| found.contains("memory-bound") && found.contains("--memory 32769GiB")));
        let found = Memory::bounded(1 << 20).err();
        assert!(found.is_some_and(|found| found.0[0].code == "memory-bound" && found.exit_code() == 5));
        assert!(Memory::default().room(u64::MAX, "this").is_ok());
    }
}
