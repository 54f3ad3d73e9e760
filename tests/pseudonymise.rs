//! `sluis pseudonymise` from end to end: the key stays where it is, and no number gets out.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const KEY: &str = "8f3a1c5e7d9b0246813579acedf0b2c4d6e8fa1b3c5d7e9f0a2b4c6d8e0f1a3b";

/// `python3 -c "import hmac; print(hmac.new(bytes.fromhex(KEY), b'12345678', 'sha256').hexdigest())"`, with KEY as above.
const PSEUDONYM: &str = "7e3d3623cb34c6cf22ddd815c01dd22e7d52cca4d5ff761067f729d363d5d216";

const LIST: &str = "naam;kvk_nummer;begin\nBakkerij Roggeveld;12345678;2016-04-01\nSmederij;1234567;2017-01-01\n";

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let bench = Self { folder: tempfile::tempdir().expect("a folder") };
        fs::write(bench.at("list.csv"), LIST).expect("written");
        bench.key_with("key", &format!("{KEY}\n"), 0o600);
        bench
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn key_with(&self, name: &str, text: &str, mode: u32) {
        fs::write(self.at(name), text).expect("written");
        fs::set_permissions(self.at(name), fs::Permissions::from_mode(mode)).expect("set");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
        command.current_dir(self.folder.path()).arg("pseudonymise").args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self.command(arguments).spawn().expect("starts");
        // Who needs no input has closed it.
        drop(child.stdin.take().expect("piped").write_all(input.as_bytes()));
        child.wait_with_output().expect("ends")
    }

    /// Everything that was said and written, but the key file.
    fn told(&self, output: &Output) -> String {
        let mut text = String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned();
        for file in ["out/deelnemers.csv", "out/pseudonyms.json"] {
            text.push_str(&fs::read_to_string(self.at(file)).unwrap_or_default());
        }
        text
    }
}

fn holds_key(text: &str) -> bool {
    let text = text.to_lowercase();
    (0..KEY.len() - 8).any(|at| text.contains(&KEY[at..at + 8]))
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).expect("readable").map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_list_leaves_with_pseudonyms_that_another_implementation_gives() {
    let bench = Bench::new();
    let output = bench.run(&["list.csv", "--key-file", "key", "--keep", "begin", "--out", "out"], "");
    assert!(output.status.success(), "{}", bench.told(&output));
    let list = fs::read_to_string(bench.at("out/deelnemers.csv")).expect("written");
    assert!(list.starts_with("kvk_crypt,begin\n") && list.contains(&format!("{PSEUDONYM},2016-04-01\n")), "{list}");
    let told = bench.told(&output);
    for canary in ["12345678", "1234567;", "1234567,", "Bakkerij", "Smederij"] {
        assert!(!told.contains(canary), "{told}");
    }
    assert!(!holds_key(&told), "{told}");
    assert_eq!(names(bench.folder.path()), ["key", "list.csv", "out"]);
}

#[test]
fn a_key_from_standard_input_is_the_same_key() {
    let bench = Bench::new();
    let from_file = bench.run(&["list.csv", "--key-file", "key", "--out", "out"], "");
    let list = fs::read(bench.at("out/deelnemers.csv")).expect("written");
    fs::rename(bench.at("out"), bench.at("first")).expect("moved");
    let from_input = bench.run(&["list.csv", "--key-file", "-", "--out", "out"], &format!("{KEY}\n"));
    assert!(from_input.status.success() && fs::read(bench.at("out/deelnemers.csv")).expect("written") == list);
    let check_value = |output: &Output| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().find_map(|line| line.strip_prefix("Key check value ").map(str::to_owned)).expect("told")
    };
    assert_eq!(check_value(&from_file), check_value(&from_input));
    assert_eq!(check_value(&from_file).len(), 16);
}

#[test]
fn a_new_key_is_for_its_owner_alone_and_replaces_none() {
    let bench = Bench::new();
    let made = bench.run(&["--new-key", "new"], "");
    let text = fs::read_to_string(bench.at("new")).expect("made");
    assert!(made.status.success() && text.len() == 65);
    assert_eq!(fs::metadata(bench.at("new")).expect("there").permissions().mode() & 0o777, 0o600);
    assert!(!String::from_utf8_lossy(&made.stdout).contains(&text[..8]));
    let again = bench.run(&["--new-key", "new"], "");
    assert_eq!(again.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&again.stderr).contains("error[output-exists]"));
    assert!(fs::read_to_string(bench.at("new")).expect("there") == text);
    let other = bench.run(&["--new-key", "other"], "");
    assert!(other.status.success() && fs::read_to_string(bench.at("other")).expect("made") != text);
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let bench = Bench::new();
    for mode in [0o644, 0o640, 0o604, 0o660, 0o620, 0o610] {
        bench.key_with("key", KEY, mode);
        let output = bench.run(&["list.csv", "--key-file", "key", "--out", "out"], "");
        let told = bench.told(&output);
        assert_eq!(output.status.code(), Some(5), "{mode:o}: {told}");
        assert!(told.contains("error[key-open-to-others]") && !holds_key(&told), "{told}");
        assert_eq!(names(bench.folder.path()), ["key", "list.csv"]);
    }
    bench.key_with("key", KEY, 0o400);
    assert!(bench.run(&["list.csv", "--key-file", "key", "--out", "out"], "").status.success());
}

#[test]
fn a_key_is_told_by_no_refusal() {
    let bench = Bench::new();
    let cut = &KEY[..63];
    bench.key_with("cut", cut, 0o600);
    bench.key_with("long", &format!("{KEY}{KEY}{KEY}{KEY}{KEY}"), 0o600);
    bench.key_with("bad", &KEY.replace('8', "z"), 0o600);
    let list = ["list.csv", "--out", "out", "--key-file"];
    let cases: [(&[&str], &str, &str, i32); 6] = [
        (&["cut"], "", "error[bad-key]", 5),
        (&["long"], "", "error[bad-key]", 5),
        (&["bad"], "", "error[bad-key]", 5),
        (&["-"], cut, "error[bad-key]", 5),
        (&["-"], "", "error[bad-key]", 5),
        (&[KEY], "", "error[bad-key]", 5),
    ];
    for (key, input, error, code) in cases {
        let output = bench.run(&[&list[..], key].concat(), input);
        let told = bench.told(&output);
        assert!(output.status.code() == Some(code) && told.contains(error), "{told}");
        assert!(!holds_key(&told), "{told}");
        assert!(!bench.at("out").exists());
    }
    // Neither an argument nor a variable is a way to give a key.
    let mut with_variable = bench.command(&["list.csv", "--out", "out"]);
    let output = with_variable.env("SLUIS_KEY", KEY).env("SLUIS_KEY_FILE", bench.at("key")).output().expect("ends");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_faulty_number_stops_everything_and_is_named_by_its_row() {
    let bench = Bench::new();
    fs::write(bench.at("list.csv"), format!("{LIST}Molen;4455;2018-01-01\nKuiperij;000055667788;\n")).expect("written");
    for json in [&[][..], &["--json"]] {
        let output = bench.run(&[&["list.csv", "--key-file", "key", "--out", "out"], json].concat(), "");
        let told = bench.told(&output);
        assert_eq!(output.status.code(), Some(4), "{told}");
        assert!(told.contains("bad-number") && !bench.at("out").exists(), "{told}");
        for canary in ["12345678", "1234567", "4455", "55667788", "Molen", "Kuiperij", "Roggeveld"] {
            assert!(!told.contains(canary), "{told}");
        }
        assert!(!json.is_empty() || told.contains("list.csv, row 3, column `kvk_nummer`"), "{told}");
    }
    assert_eq!(names(bench.folder.path()), ["key", "list.csv"]);
}

/// A program that holds the key and waits for more.
fn holding(bench: &Bench) -> Child {
    let script =
        format!("ulimit -c unlimited; exec '{}' pseudonymise list.csv --key-file - --out out", env!("CARGO_BIN_EXE_sluis"));
    let mut child = Command::new("sh");
    child.args(["-c", &script]).current_dir(bench.folder.path()).stdin(Stdio::piped());
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
    child.stdin.as_mut().expect("piped").write_all(KEY.as_bytes()).expect("read");
    std::thread::sleep(Duration::from_millis(1500));
    child
}

fn dumps_core(mut child: Child) -> bool {
    let killed = Command::new("sh").args(["-c", &format!("kill -ABRT {}", child.id())]).status();
    assert!(killed.expect("sent").success());
    let status = child.wait().expect("ends");
    assert_eq!(status.signal(), Some(6));
    status.core_dumped()
}

#[test]
fn no_core_is_dumped_while_a_key_is_held() {
    let bench = Bench::new();
    let holding = holding(&bench);
    if cfg!(target_os = "linux") {
        let limits = fs::read_to_string(format!("/proc/{}/limits", holding.id())).expect("readable");
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).expect("a limit");
        assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{core}");
    }
    assert!(!dumps_core(holding), "a core was dumped");
    assert_eq!(names(bench.folder.path()), ["key", "list.csv"]);
    // The same with a program that does not look after its memory, to know that cores are dumped here.
    let mut other = Command::new("sh");
    let other =
        other.args(["-c", "ulimit -c unlimited; exec sleep 20"]).current_dir(bench.folder.path()).spawn().expect("starts");
    std::thread::sleep(Duration::from_millis(300));
    if !dumps_core(other) {
        println!("no core is dumped on this machine at all: only the limits of the process were seen");
    }
}
