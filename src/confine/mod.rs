//! Confinement takes from the program what it does not need for its work: other files, the network, other programs.
//!
//! It holds from before the first thread starts until the program ends; nothing gives back what was taken, and no flag or variable
//! leaves it out. Where the system cannot confine, the work goes on, the terminal and the vault say so.

use std::fmt;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde::{Serialize, Serializer};

pub mod memory;
pub mod secret;

#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod system;
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod system;

/// The files that the program may still reach.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Read: files, and folders with everything below them and what links in them lead to.
    pub read: Vec<PathBuf>,
    /// Written: folders with everything below them.
    pub write: Vec<PathBuf>,
    /// Folders below which folders may be made, renamed and, once empty, removed; no file there can be made, changed or removed.
    pub around: Vec<PathBuf>,
}

/// Whether the system holds the program to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hold {
    Held,
    /// Held but for something.
    Partly(String),
    Not(String),
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hold::Held => write!(f, "held"),
            Hold::Partly(lacking) => write!(f, "held in part: {lacking}"),
            Hold::Not(why) => write!(f, "not held: {why}"),
        }
    }
}

impl Serialize for Hold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What the system holds the program to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Nothing is read or written outside the [`Reach`].
    pub files: Hold,
    /// No socket is made and no other program started.
    pub network_and_programs: Hold,
}

impl Held {
    pub fn is_whole(&self) -> bool {
        self.files == Hold::Held && self.network_and_programs == Hold::Held
    }
}

static HELD: OnceLock<Held> = OnceLock::new();

/// Confines the program to a reach, once and for good.
pub fn hold(reach: &Reach) -> &'static Held {
    HELD.get_or_init(|| system::hold(reach))
}

/// What the program is held to.
pub fn held() -> Held {
    let not = || Hold::Not("the library was used without the program".into());
    HELD.get().cloned().unwrap_or_else(|| Held { files: not(), network_and_programs: not() })
}
