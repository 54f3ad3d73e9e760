//! What stops a program from outside: Ctrl-C, and a request to end. What is half done is cleared away and the program says so.

#![allow(clippy::disallowed_methods, reason = "the system is asked which signals the program was told to pass over")]

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use sluis::diagnostic::Diagnostic;
use sluis::release::package;

use crate::terminal::Terminal;

/// The signals, as the terminal and the manual call them.
const NAMES: [(i32, &str); 3] =
    [(SIGINT, "Ctrl-C"), (SIGTERM, "a request to end (SIGTERM)"), (SIGHUP, "a closed terminal (SIGHUP)")];

/// Signals that wait to be heard; without them the program ends as any other does, and the next run clears away what it left.
pub struct Stops(Option<Signals>);

impl Stops {
    /// Listens to the signals that the program was not started to pass over, as `nohup` does.
    pub fn listen() -> Self {
        // A limit on the size of files is then an error of the write, which says which file it was.
        let _ = signal_hook::flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
        let wanted = NAMES.iter().map(|(signal, _)| *signal).filter(|signal| !is_passed_over(*signal));
        Self(Signals::new(wanted).ok())
    }

    /// Ends the program at the first signal.
    pub fn watch(self, terminal: &Terminal) {
        let Some(mut signals) = self.0 else { return };
        let terminal = terminal.for_another_thread();
        let stop = move || {
            if let Some(signal) = signals.forever().next() {
                end(&terminal, signal);
            }
        };
        // Without the thread the signals are kept and not heard; that is no reason not to work.
        drop(std::thread::Builder::new().name("stop".into()).spawn(stop));
    }
}

fn end(terminal: &Terminal, signal: i32) {
    let standing = package::abandon();
    let name = NAMES.iter().find(|(known, _)| *known == signal).map_or("a signal", |(_, name)| name);
    let finding = match standing.as_slice() {
        [] => Diagnostic::error("stopped", format!("stopped by {name}; nothing was written")),
        standing => {
            let stands = standing.iter().map(|folder| format!("{} was written whole before", folder.display()));
            let finding = Diagnostic::error("stopped", format!("stopped by {name}; nothing else was written"));
            stands.fold(finding, Diagnostic::note)
        }
    };
    terminal.stopped(&finding, 128 + signal);
    std::process::exit(128 + signal);
}

/// Whether the program was started to pass over a signal.
fn is_passed_over(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    mask & (1 << (signal - 1)) != 0
}
