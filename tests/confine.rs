//! What the program cannot do once it began: tried from inside, by a copy of this test that confines itself.

#![cfg(target_os = "linux")]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Output};

use sluis::confine::{Hold, Reach, hold};
use sluis::release::package;

const FOLDER: &str = "SLUIS_TEST_FOLDER";

fn attempt(name: &str, done: bool) {
    println!("attempt {name} {}", if done { "done" } else { "refused" });
}

/// Runs in a program of its own: everything that is tried, and what came of it. `confined` stands in the name of the folder.
#[test]
#[ignore = "runs inside of the other tests, with a single thread"]
fn attempts() {
    let Some(folder) = std::env::var_os(FOLDER).map(std::path::PathBuf::from) else { return };
    let at = |name: &str| folder.join(name);
    let claim = package::claim(&at("out")).expect("free");
    if folder.ends_with("confined") {
        let mut reach = Reach { read: vec![at("data")], ..Reach::default() };
        claim.widen(&mut reach);
        let held = hold(&reach);
        println!("\nheld files {:?}\nheld network {:?}", held.files, held.network_and_programs);
    }
    files(&folder, claim);
    attempt("tcp connect", TcpStream::connect(fs::read_to_string(at("data/address")).expect("an address")).is_ok());
    attempt("tcp listen", TcpListener::bind("127.0.0.1:0").is_ok());
    attempt("udp", UdpSocket::bind("127.0.0.1:0").is_ok());
    attempt("unix socket", UnixStream::pair().is_ok());
    attempt("unix listen", UnixListener::bind(claimed(&folder).join("socket")).is_ok());
    attempt("program", Command::new("/bin/true").status().is_ok_and(|status| status.success()));
    // A thread that starts later is held too.
    let later = std::thread::spawn(|| (UdpSocket::bind("127.0.0.1:0").is_ok(), fs::read("/etc/passwd").is_ok()));
    let (socket, read) = later.join().expect("ends");
    attempt("udp of a later thread", socket);
    attempt("read of a later thread", read);
}

/// Where the package stood up; rules follow the folder.
fn claimed(folder: &Path) -> std::path::PathBuf {
    folder.join("out")
}

fn files(folder: &Path, claim: package::Claim) {
    let at = |name: &str| folder.join(name);
    attempt("read data", fs::read(at("data/register.csv")).is_ok());
    attempt("read data through a link", fs::read(at("data/linked.csv")).is_ok());
    attempt("read beside", fs::read(at("other/secret")).is_ok());
    attempt("read system", fs::read("/etc/passwd").is_ok());
    attempt("write data", fs::write(at("data/register.csv"), "changed").is_ok());
    attempt("truncate data", truncate(&at("data/truncated.csv")));
    attempt("make in data", fs::write(at("data/new"), "new").is_ok());
    attempt("make beside", fs::write(at("new"), "new").is_ok());
    attempt("make above", fs::write(at("../new"), "new").is_ok());
    attempt("write beside", fs::write(at("other/secret"), "changed").is_ok());
    attempt("remove beside", fs::remove_file(at("other/removed")).is_ok());
    attempt("move data", fs::rename(at("data/moved.csv"), at("other/moved.csv")).is_ok());
    attempt("link beside", std::os::unix::fs::symlink("/etc/passwd", at("link")).is_ok());
    let written = claim.write(&[package_file("release/a.csv"), package_file("vault/b.csv")]);
    attempt("write the package", written.is_ok() && at("out/release/a.csv").exists());
}

fn package_file(path: &str) -> sluis::release::File {
    sluis::release::File { path: path.into(), bytes: b"x".to_vec() }
}

fn truncate(path: &Path) -> bool {
    let opened = fs::File::options().write(true).open(path).and_then(|file| file.set_len(0));
    opened.is_ok() || std::os::unix::fs::MetadataExt::size(&fs::metadata(path).expect("there")) == 0
}

/// A folder with something in it to attack, and what came of the attempts.
fn tried(name: &str) -> (String, BTreeMap<String, bool>) {
    let base = tempfile::tempdir().expect("a folder");
    let folder = base.path().join(name);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    for inside in ["data", "other", "elsewhere"] {
        fs::create_dir_all(folder.join(inside)).expect("made");
    }
    let plain =
        ["data/register.csv", "data/truncated.csv", "data/moved.csv", "other/secret", "other/removed", "elsewhere/target.csv"];
    plain.iter().for_each(|file| fs::write(folder.join(file), "as it was").expect("written"));
    std::os::unix::fs::symlink("../elsewhere/target.csv", folder.join("data/linked.csv")).expect("a link");
    fs::write(folder.join("data/address"), listener.local_addr().expect("bound").to_string()).expect("written");
    let own = std::env::current_exe().expect("this test");
    let mut child = Command::new(own);
    child.args(["attempts", "--exact", "--ignored", "--nocapture", "--test-threads=1"]).env(FOLDER, &folder);
    let output: Output = child.output().expect("starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let attempts = text.lines().filter_map(|line| line.split("attempt ").nth(1)?.rsplit_once(' '));
    let attempts = attempts.map(|(name, outcome)| (name.to_owned(), outcome == "done")).collect();
    (text, attempts)
}

/// What a run needs, whatever it is held to.
const NEEDED: [&str; 3] = ["read data", "read data through a link", "write the package"];

#[test]
fn without_confinement_every_attempt_succeeds() {
    let (text, attempts) = tried("free");
    assert!(attempts.len() > 20, "{text}");
    assert!(attempts.values().all(|done| *done), "{text}");
}

#[test]
fn confined_the_program_does_what_it_needs_and_nothing_else() {
    let (text, attempts) = tried("confined");
    let of_network = ["tcp connect", "tcp listen", "udp", "unix socket", "unix listen", "program", "udp of a later thread"];
    let held = |what: &str| text.lines().find_map(|line| Some(line.split_once(what)?.1.trim().to_owned())).expect("said");
    assert!(NEEDED.iter().all(|name| attempts[*name]), "{text}");
    if held("held network") == format!("{:?}", Hold::Held) {
        assert!(of_network.iter().all(|name| !attempts[*name]), "{text}");
    } else {
        println!("seccomp is not active here, so sockets are not refused: {}", held("held network"));
        assert!(held("held network").starts_with("Not("), "{text}");
    }
    let of_files = attempts.keys().filter(|name| !NEEDED.contains(&name.as_str()) && !of_network.contains(&name.as_str()));
    let of_files: Vec<&String> = of_files.collect();
    assert!(of_files.len() > 9, "{text}");
    // The frame of the tests has a thread of its own, which the program has not.
    let of_threads = format!("{:?}", Hold::Partly("threads that ran before are not confined".into()));
    if [format!("{:?}", Hold::Held), of_threads].contains(&held("held files")) {
        assert!(of_files.iter().all(|name| !attempts[*name]), "{text}");
    } else {
        println!("Landlock is not whole here, so files are not all out of reach: {}", held("held files"));
        assert!(kernel_lacks_landlock(), "the kernel could, and the program does not: {text}");
    }
}

/// What the kernel itself says, by another way than the program asks it: the version of Linux, and the modules that are switched on
/// where they are shown.
fn kernel_lacks_landlock() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers = release.split(|sign: char| !sign.is_ascii_digit()).filter_map(|number| number.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    let modules = fs::read_to_string("/sys/kernel/security/lsm").ok();
    version < (6, 12) || modules.is_none_or(|modules| !modules.split(',').any(|module| module.trim() == "landlock"))
}
