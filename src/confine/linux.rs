//! Confinement on Linux: Landlock for files, seccomp for sockets and other programs.

#![allow(clippy::disallowed_methods, reason = "the threads of the program and the links in its folders are looked up here")]

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, RestrictionStatus, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError,
    RulesetStatus, Scope, make_bitflags, path_beneath_rules,
};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

use super::{Held, Hold, Reach};

/// The rights that are taken: all that this version knows of, where the kernel does.
const KNOWN: ABI = ABI::V6;

/// What libraries ask of the system to choose a number of threads.
const SYSTEM: [&str; 3] = ["/proc/self/cgroup", "/sys/fs/cgroup", "/sys/devices/system/cpu"];

/// Calls that make a socket or use one that was inherited, start a program, or reach into another one. A ring of the kernel could do
/// any of this without a call.
const REFUSED: [i64; 13] = [
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_io_uring_setup,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
];

pub(super) fn hold(reach: &Reach) -> Held {
    // Asked before, since the answer lies in a file.
    let threads = threads();
    let files = match (restrict(reach), threads) {
        (Ok(status), 1) => of(status),
        (Ok(_), _) => Hold::Partly("threads that ran before are not confined".into()),
        (Err(error), _) => Hold::Not(error.to_string()),
    };
    let network_and_programs = match refuse() {
        Ok(()) => Hold::Held,
        Err(error) => Hold::Not(error.to_string()),
    };
    Held { files, network_and_programs }
}

fn of(status: RestrictionStatus) -> Hold {
    match status.ruleset {
        RulesetStatus::FullyEnforced => Hold::Held,
        RulesetStatus::PartiallyEnforced => Hold::Partly("the Landlock of this kernel is older than what was asked of it".into()),
        RulesetStatus::NotEnforced => Hold::Not("this kernel has no Landlock, or it is switched off".into()),
    }
}

fn restrict(reach: &Reach) -> Result<RestrictionStatus, RulesetError> {
    let read: BitFlags<AccessFs> = make_bitflags!(AccessFs::{ReadFile | ReadDir});
    let write = read | make_bitflags!(AccessFs::{WriteFile | Truncate | MakeReg | MakeDir | RemoveFile | RemoveDir});
    // A folder is opened to be written through to the disk.
    let around = make_bitflags!(AccessFs::{MakeDir | RemoveDir | ReadDir});
    Ruleset::default()
        .handle_access(AccessFs::from_all(KNOWN))?
        .handle_access(AccessNet::from_all(KNOWN))?
        .scope(Scope::from_all(KNOWN))?
        .create()?
        .add_rules(path_beneath_rules(SYSTEM, AccessFs::ReadFile | AccessFs::ReadDir))?
        .add_rules(path_beneath_rules(reach.read.iter().flat_map(|path| with_links(path)), read))?
        .add_rules(path_beneath_rules(&reach.write, write))?
        .add_rules(path_beneath_rules(&reach.around, around))?
        .restrict_self()
}

/// A path, and where the links lead that stand in it as a folder: a register can be a link to a file elsewhere.
fn with_links(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let links = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    std::iter::once(path.to_owned()).chain(links.map(|link| link.path())).collect()
}

/// Threads of the program; what is taken from one is taken from those that it starts, not from others.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

fn refuse() -> Result<(), Box<dyn std::error::Error>> {
    let rules = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let refused = SeccompAction::Errno(libc::EPERM as u32);
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refused, std::env::consts::ARCH.try_into()?)?;
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter_all_threads(&program)?;
    Ok(())
}
