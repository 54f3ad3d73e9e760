//! Memory that holds a secret: no core is dumped of it and no other program of the user reads it.

/// Keeps the memory of the program to itself from now on, as far as the system can.
#[cfg(unix)]
pub fn guard() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // A limit that is lower already cannot be refused.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
}

/// Keeps the memory of the program to itself, where the system can.
#[cfg(not(unix))]
pub fn guard() {}
