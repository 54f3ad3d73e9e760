//! What a user sees when the machine fails or is told to stop, and that nothing half done stands.

#![cfg(unix)]
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
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

#[path = "support/program.rs"]
mod program;

use program::{SLUIS, command, files, path, said};

fn shell(script: &str) -> Output {
    let mut shell = Command::new("sh");
    shell.args(["-c", script]).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("a shell")
}

/// A small study and its release, made once.
struct Study {
    folder: tempfile::TempDir,
    /// The arguments of a run on its data, for a shell.
    arguments: String,
    release: BTreeMap<String, Vec<u8>>,
    /// How long the run took.
    time: Duration,
}

fn study() -> &'static Study {
    static STUDY: OnceLock<Study> = OnceLock::new();
    STUDY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, out) = (folder.path().join("registers"), folder.path().join("first"));
        fs::create_dir(&data).expect("made");
        fs::write(data.join("empluk.csv"), panel()).expect("written");
        // The shipped pipeline with its first tables only, so that a run is short.
        let shipped = fs::read_to_string("pipelines/uk-firms.toml").expect("shipped");
        let tables: Vec<&str> = shipped.split("[[table]]").take(3).collect();
        fs::write(folder.path().join("study.toml"), tables.join("[[table]]")).expect("written");
        let arguments = format!("run '{}/study.toml' --data '{}'", path(folder.path()), path(&data));
        let began = Instant::now();
        let run = run_in(folder.path(), &data, &out).output().expect("starts");
        assert!(run.status.success(), "{}", said(&run));
        Study { release: files(&out.join("release")), time: began.elapsed(), folder, arguments }
    })
}

/// Firms of nine sectors in nine years.
fn panel() -> String {
    let mut text = String::from("firm,year,sector,emp,wage,capital,output\n");
    for firm in 0..270 {
        for year in 1976..1985 {
            let (sector, size) = (firm % 9 + 1, 1 + (firm * 7 + year) % 23);
            text.push_str(&format!("{firm},{year},{sector},{size}.{firm},{}.5,{}.25,{}.1\n", 10 + size, 2 * size, 90 + size));
        }
    }
    text
}

fn run_in(folder: &Path, data: &Path, out: &Path) -> Command {
    command(&["run", path(&folder.join("study.toml")), "--data", path(data), "--out", path(out)])
}

impl Study {
    fn data(&self) -> PathBuf {
        self.folder.path().join("registers")
    }
}

fn run(data: &Path, out: &Path) -> Command {
    run_in(study().folder.path(), data, out)
}

/// The names in a folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("readable").file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = fs::read_dir(folder).expect("readable").map(name).collect();
    names.sort();
    names
}

fn is_root() -> bool {
    shell("id -u").stdout == b"0\n"
}

/// A pipe that nobody reads.
fn unread() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

#[test]
fn whoever_stops_reading_is_no_error() {
    for arguments in [&["explain"][..], &["schema"], &["profiles", "--json"], &["--help"]] {
        let output = command(arguments).stdout(unread()).output().expect("starts");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(said(&output), "", "{arguments:?}");
    }
    let shown = shell(&format!("'{SLUIS}' explain | head -n 1; '{SLUIS}' explain dominance | true"));
    assert!(shown.status.success() && shown.stderr.is_empty(), "{}", said(&shown));
}

#[test]
fn a_run_that_nobody_listens_to_goes_on() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let out = folder.path().join("out");
    let status = run(&study.data(), &out).stdout(unread()).stderr(unread()).status().expect("starts");
    assert_eq!(status.code(), Some(0));
    assert!(files(&out.join("release")) == study.release);
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_printed_is_an_error() {
    let full = fs::File::options().write(true).open("/dev/full").expect("a full device");
    let output = command(&["profiles"]).stdout(full).output().expect("starts");
    assert_eq!(output.status.code(), Some(5));
    assert!(
        said(&output).contains("error[cannot-write]: cannot write to standard output: No space left on device"),
        "{}",
        said(&output)
    );
}

/// Sends a signal after a while; gives the status and what was said.
fn signalled(mut child: Child, signal: &str, after: Duration) -> Output {
    std::thread::sleep(after);
    if child.try_wait().expect("asked").is_none() {
        shell(&format!("kill -{signal} {}", child.id()));
    }
    child.wait_with_output().expect("ends")
}

fn piped(mut command: Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts")
}

/// Moments spread over a time, the first ones close together.
fn moments(whole: Duration, count: u32) -> impl Iterator<Item = Duration> {
    (1..=count).map(move |step| whole * step * step / (count * count))
}

#[test]
fn stopped_from_outside_it_says_so_and_leaves_nothing() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let out = folder.path().join("out");
    let mut stopped = 0;
    let signals =
        [("INT", 130, "Ctrl-C"), ("TERM", 143, "a request to end (SIGTERM)"), ("HUP", 129, "a closed terminal (SIGHUP)")];
    // On a busy machine a run can be over before its signal comes; then there are more of them.
    for (at, after) in (0..4).flat_map(|_| moments(study.time, 9)).enumerate() {
        if at >= 9 && stopped > 3 {
            break;
        }
        let (signal, code, name) = signals[at % 3];
        let output = signalled(piped(run(&study.data(), &out)), signal, after + Duration::from_millis(60));
        if output.status.code() == Some(code) && !out.exists() {
            stopped += 1;
            assert!(
                said(&output).contains(&format!("error[stopped]: stopped by {name}; nothing was written")),
                "{}",
                said(&output)
            );
            assert_eq!(names(folder.path()), Vec::<String>::new(), "after {after:?}");
        } else {
            assert!(out.exists() || output.status.signal().is_some(), "{:?} {}", output.status, said(&output));
        }
        if out.exists() {
            assert!(files(&out.join("release")) == study.release);
            fs::remove_dir_all(&out).expect("removed");
        }
    }
    assert!(stopped > 3, "{stopped} runs were stopped under way");
}

#[test]
fn a_signal_that_the_program_was_started_to_pass_over_does_not_stop_it() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let out = folder.path().join("out");
    let script = format!("trap '' HUP; exec '{SLUIS}' {} --out '{}'", study.arguments, path(&out));
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = signalled(piped(shell), "HUP", study.time / 3);
    assert!(output.status.success() && out.exists(), "{}", said(&output));
}

/// What is made, how, and how its making is known to be whole.
type Made = (&'static str, Box<dyn Fn(&Path) -> Command>, Box<dyn Fn(&Path) -> BTreeMap<String, Vec<u8>>>);

fn makers(records: &Path) -> Vec<Made> {
    let records = path(records).to_owned();
    let by_hand = records.clone();
    vec![
        (
            "synth",
            Box::new(|out: &Path| command(&["synth", "--units", "4000", "--format", "csv", "--out", path(out)])),
            Box::new(|out: &Path| files(out)),
        ),
        (
            "protect",
            Box::new(move |out: &Path| {
                let columns = ["--records", "--by", "region,size,sector", "--value", "turnover", "--holding", "firm"];
                let rest = ["--profile", "eurostat", "--method", "fast", "--out", path(out)];
                command(&[&["protect", &records][..], &columns, &rest].concat())
            }),
            Box::new(|out: &Path| files(&out.join("release"))),
        ),
        (
            "perturb",
            Box::new(move |out: &Path| {
                let columns = ["--by", "region,size,sector", "--profile", "handbook", "--method", "conventional"];
                command(&[&["perturb", &by_hand][..], &columns, &["--out", path(out)]].concat())
            }),
            Box::new(|out: &Path| files(&out.join("release"))),
        ),
    ]
}

/// Records of firms, the same every time.
fn records(folder: &Path) -> PathBuf {
    let mut text = String::from("firm,region,size,sector,turnover\n");
    let mut state = 7_u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % below
    };
    for firm in 0..6000 {
        let (region, size, sector) = (draw(6), draw(4), draw(5));
        text.push_str(&format!("f{firm},r{region},s{size},n{sector},{}\n", 10 + draw(1000) * (1 + draw(20))));
    }
    let file = folder.join("records.csv");
    fs::write(&file, text).expect("written");
    file
}

#[test]
fn killed_at_any_moment_nothing_half_stands_of_any_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let records = records(folder.path());
    let out = folder.path().join("out");
    for (name, make, whole) in makers(&records) {
        let began = Instant::now();
        let first = make(&out).output().expect("starts");
        assert!(first.status.success(), "{name}: {}", said(&first));
        let (time, expected) = (began.elapsed(), whole(&out));
        fs::remove_dir_all(&out).expect("removed");
        let mut killed = 0;
        for after in moments(time, 8) {
            let output = signalled(piped(make(&out)), "KILL", after);
            killed += u32::from(output.status.signal() == Some(9));
            if out.exists() {
                assert!(whole(&out) == expected, "{name}: what stands is whole");
                fs::remove_dir_all(&out).expect("removed");
            }
        }
        assert!(killed > 3, "{name}: {killed} were killed under way");
        let last = make(&out).output().expect("starts");
        assert!(last.status.success() && whole(&out) == expected, "{name}: {}", said(&last));
        fs::remove_dir_all(&out).expect("removed");
        assert_eq!(names(folder.path()), ["records.csv"], "{name}: what was killed is cleared away by the next");
    }
}

/// Memory in kilobytes: some that cannot be enough.
#[cfg(target_os = "linux")]
#[test]
fn out_of_memory_it_ends_with_a_message_and_nothing_stands() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let out = folder.path().join("out");
    let mut failed = 0;
    for limit in [70_000, 80_000, 90_000, 100_000, 120_000, 160_000, 220_000, 400_000] {
        let script =
            format!("ulimit -c 0; ulimit -v {limit}; exec '{SLUIS}' {} --threads 2 --out '{}'", study.arguments, path(&out));
        let output = shell(&script);
        println!("{limit} kB: {:?}\n{}", output.status, said(&output));
        if output.status.success() {
            assert!(files(&out.join("release")) == study.release);
            fs::remove_dir_all(&out).expect("removed");
            continue;
        }
        failed += 1;
        assert!(!out.exists() && !output.stderr.is_empty(), "{limit}");
        // The last is how the solver's own lack of memory ends where threads meet.
        let words = ["memory allocation of", "Cannot allocate memory", "error[out-of-memory]", "bad_alloc", "foreign exceptions"];
        assert!(words.iter().any(|word| said(&output).contains(word)), "{limit}: {}", said(&output));
    }
    assert!(failed > 1, "some runs had too little memory");
    let last = run(&study.data(), &out).output().expect("starts");
    assert!(last.status.success() && names(folder.path()) == ["out"], "what was left is cleared away: {}", said(&last));
}

#[test]
fn a_file_that_may_grow_no_further_is_an_error_and_nothing_stands() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let out = folder.path().join("out");
    let script = format!("ulimit -f 8; exec '{SLUIS}' {} --out '{}'", study.arguments, path(&out));
    let output = shell(&script);
    assert_eq!(output.status.code(), Some(5), "{}", said(&output));
    assert!(said(&output).contains("error[cannot-write]: cannot write: File too large"), "{}", said(&output));
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

/// A shell in a name space of its own, where it may mount; `None` where the machine allows no such thing.
fn with_mounts(script: &str) -> Option<Output> {
    let options = if is_root() { "--mount" } else { "--user --map-root-user --mount" };
    let allowed = shell(&format!("unshare {options} sh -c 'mount -t tmpfs -o size=64k none /mnt'")).status.success();
    if !allowed {
        println!(
            "this machine allows no mounts: a full disk is tried as a limit on files alone, a read-only one by rights alone"
        );
        return None;
    }
    let mut shell = Command::new("unshare");
    shell.args(options.split(' ')).args(["sh", "-c", script]).current_dir(env!("CARGO_MANIFEST_DIR"));
    Some(shell.output().expect("starts"))
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_full_disk_nothing_stands_and_the_disk_is_as_empty_as_before() {
    let study = study();
    let script = format!(
        "mount -t tmpfs -o size=64k none /mnt && '{SLUIS}' {} --out /mnt/out; code=$?; ls -A /mnt; exit $code",
        study.arguments
    );
    let Some(output) = with_mounts(&script) else { return };
    assert_eq!(output.status.code(), Some(5), "{}", said(&output));
    assert!(said(&output).contains("error[cannot-write]: cannot write: No space left on device"), "{}", said(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "nothing is left on the disk");
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_disk_is_an_error_before_anything_is_read() {
    let study = study();
    let script = format!("mount -t tmpfs -o ro none /mnt && exec '{SLUIS}' {} --out /mnt/out", study.arguments);
    let Some(output) = with_mounts(&script) else { return };
    assert_eq!(output.status.code(), Some(5), "{}", said(&output));
    assert!(said(&output).contains("error[cannot-write]: cannot write: Read-only file system"), "{}", said(&output));
    assert!(!said(&output).contains("read  "), "{}", said(&output));
}

/// A user who may do nothing but what everybody may: the one of the test, or where that is root somebody without any rights.
struct Nobody {
    /// A copy of the program, since everybody may not enter the folder in which it was built; with the study and its data.
    folder: tempfile::TempDir,
}

impl Nobody {
    const USER: [&str; 4] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // By another process: what is open for writing here can be so in any program that starts meanwhile, and cannot be run then.
        let copied = Command::new("cp").arg(SLUIS).arg(folder.path().join("sluis")).status().expect("starts");
        assert!(copied.success());
        fs::copy(study().folder.path().join("study.toml"), folder.path().join("study.toml")).expect("copied");
        copy_of(&study().data(), folder.path());
        fs::create_dir(folder.path().join("free")).expect("made");
        let nobody = Self { folder };
        for (name, mode) in [("", 0o755), ("free", 0o777), ("data", 0o755)] {
            nobody.allow(name, mode);
        }
        nobody
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn allow(&self, name: &str, mode: u32) {
        fs::set_permissions(self.at(name), fs::Permissions::from_mode(mode)).expect("set");
    }

    fn does(&self, arguments: &str) -> Output {
        let user: &[&str] = if is_root() { &Self::USER } else { &["env"] };
        let mut command = Command::new(user[0]);
        command.args(&user[1..]).arg(self.at("sluis")).args(arguments.split(' ')).current_dir(self.folder.path());
        command.env("TMPDIR", self.at("free")).stdin(Stdio::null()).output().expect("starts")
    }

    /// What is said when a file or folder is given this mode; nothing may stand afterwards.
    fn refused(&self, name: &str, mode: u32, arguments: &str) -> String {
        let before = fs::metadata(self.at(name)).expect("there").permissions();
        self.allow(name, mode);
        let output = self.does(arguments);
        fs::set_permissions(self.at(name), before).expect("set");
        let expected = if name == "study.toml" { 3 } else { 5 };
        assert_eq!(output.status.code(), Some(expected), "{name} {mode:o}: {}", said(&output));
        assert_eq!(names(&self.at("free")), Vec::<String>::new(), "{name} {mode:o}");
        said(&output)
    }
}

const RUN: &str = "run study.toml --data data --out free/out";

#[test]
fn a_user_with_the_rights_that_are_needed_needs_no_others() {
    let nobody = Nobody::new();
    nobody.allow("data", 0o555);
    let output = nobody.does(RUN);
    assert!(output.status.success(), "{}", said(&output));
    assert!(files(&nobody.at("free/out/release")) == study().release);
}

#[test]
fn what_a_user_may_not_read_is_named_and_nothing_stands() {
    let nobody = Nobody::new();
    let register = names(&nobody.at("data")).remove(0);
    for arguments in [RUN, "check study.toml --data data"] {
        let told = nobody.refused(&format!("data/{register}"), 0o000, arguments);
        assert!(told.contains("error[cannot-read]") && told.contains(&register) && told.contains("Permission denied"), "{told}");
        // Without the right to list it, and without the right to open what is in it.
        let told = nobody.refused("data", 0o311, arguments);
        assert!(told.contains("error[cannot-read]") && told.contains("data") && told.contains("Permission denied"), "{told}");
        let told = nobody.refused("data", 0o644, arguments);
        assert!(told.contains("error[cannot-read]") && told.contains(&register), "{told}");
        let told = nobody.refused("study.toml", 0o200, arguments);
        assert!(told.contains("cannot read study.toml: Permission denied"), "{told}");
    }
}

#[test]
fn a_folder_without_the_right_to_write_is_an_error() {
    let nobody = Nobody::new();
    for mode in [0o555, 0o444, 0o000] {
        let told = nobody.refused("free", mode, RUN);
        assert!(told.contains("error[cannot-write]: cannot write: Permission denied"), "{mode:o}: {told}");
        // Before anything is read.
        assert!(!told.contains("read  "), "{told}");
        let told = nobody.refused("free", mode, "synth --units 4000 --format csv --out free/registers");
        assert!(told.contains("error[cannot-write]: cannot write: Permission denied"), "{mode:o}: {told}");
    }
}

#[test]
fn a_key_that_a_user_may_not_read_is_named_and_nothing_stands() {
    let nobody = Nobody::new();
    fs::write(nobody.at("list.csv"), "kvk_nummer\n12345678\n").expect("written");
    fs::write(nobody.at("key"), "8f3a1c5e7d9b0246813579acedf0b2c4d6e8fa1b3c5d7e9f0a2b4c6d8e0f1a3b\n").expect("written");
    let told = nobody.refused("key", 0o000, "pseudonymise list.csv --key-file key --out free/list");
    assert!(told.contains("error[cannot-read]") && told.contains("key") && !told.contains("8f3a"), "{told}");
    let perturb =
        "perturb list.csv --by kvk_nummer --unit kvk_nummer --profile handbook --method cell-key --out free/out --key-file key";
    let told = nobody.refused("key", 0o000, perturb);
    assert!(told.contains("error[cannot-read]") && told.contains("key") && !told.contains("8f3a"), "{told}");
}

fn copy_of(data: &Path, folder: &Path) -> PathBuf {
    let copy = folder.join("data");
    fs::create_dir_all(&copy).expect("made");
    for (name, bytes) in files(data) {
        fs::write(copy.join(name), bytes).expect("written");
    }
    copy
}

#[test]
fn registers_that_cannot_be_written_are_enough() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let copy = copy_of(&study.data(), folder.path());
    let before = files(&copy);
    for name in before.keys() {
        fs::set_permissions(copy.join(name), fs::Permissions::from_mode(0o444)).expect("set");
    }
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o555)).expect("set");
    let out = folder.path().join("out");
    let output = run(&copy, &out).output().expect("starts");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("set");
    assert!(output.status.success() && files(&out.join("release")) == study.release, "{}", said(&output));
    assert!(files(&copy) == before);
}

#[test]
fn a_register_that_goes_away_during_the_run_is_named_or_does_not_matter() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let out = folder.path().join("out");
    let mut refused = 0;
    for after in [0, 10, 20, 40, 80, 160] {
        let copy = copy_of(&study.data(), folder.path());
        let child = piped(run(&copy, &out));
        std::thread::sleep(Duration::from_millis(after));
        let gone = names(&copy).into_iter().find(|name| name.starts_with("empluk")).expect("a register");
        fs::remove_file(copy.join(&gone)).expect("removed");
        let output = child.wait_with_output().expect("ends");
        if output.status.success() {
            assert!(files(&out.join("release")) == study.release);
            fs::remove_dir_all(&out).expect("removed");
        } else {
            refused += 1;
            assert!(matches!(output.status.code(), Some(4 | 5)) && !out.exists(), "{}", said(&output));
            assert!(said(&output).contains("empluk"), "{}", said(&output));
        }
        assert!(names(folder.path()).iter().all(|name| name == "data"));
    }
    println!("{refused} runs missed the register");
}

/// A buffer that begins at an odd place makes the decoder of Arrow panic; the panic is held, and the file is called corrupt.
#[test]
fn a_decoder_that_panics_is_heard_of_as_a_corrupt_file_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, at, from, to) in [("DRT_BEID2014V1", 2024, 16, 17), ("BE_OG_ABR2014V1", 856, 16, 19), ("deelnemers", 568, 24, 27)]
    {
        let mut bytes = fs::read(format!("tests/fixtures/delivery/ipc/{name}.ipc")).expect("a fixture");
        assert_eq!(bytes[at], from, "{name}: an offset stands there");
        bytes[at] = to;
        let file = folder.path().join(format!("{name}.ipc"));
        fs::write(&file, bytes).expect("written");
        let output = command(&["audit", path(&file)]).output().expect("starts");
        let told = said(&output);
        assert_eq!(output.status.code(), Some(4), "{told}");
        assert!(told.starts_with("error[file-corrupt]") && told.contains(name) && !told.contains("panicked"), "{told}");
    }
}

#[test]
fn only_the_output_folder_is_written_to() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let (data, out) = (copy_of(&study.data(), folder.path()), folder.path().join("out"));
    let before = files(&data);
    // A temporary folder that is not there: whoever wanted one would fail.
    let output = run(&data, &out).env("TMPDIR", "/nonexistent/tmp").env("HOME", "/nonexistent/home").output().expect("starts");
    assert!(output.status.success() && files(&out.join("release")) == study.release, "{}", said(&output));
    assert_eq!(names(folder.path()), ["data", "out"]);
    assert!(files(&data) == before);
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_folder_on_another_disk_than_the_temporary_one_is_fine() {
    let study = study();
    let folder = tempfile::tempdir_in("/dev/shm").expect("another disk");
    let out = folder.path().join("out");
    let output = run(&study.data(), &out).output().expect("starts");
    assert!(output.status.success() && files(&out.join("release")) == study.release, "{}", said(&output));
}

#[test]
fn names_with_blanks_and_foreign_letters_are_names() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let data = folder.path().join("de régisters – 2019");
    fs::rename(copy_of(&study.data(), folder.path()), &data).expect("moved");
    let out = folder.path().join("uit voer/ünïcode Ω 数");
    let output = run(&data, &out).output().expect("starts");
    assert!(output.status.success() && files(&out.join("release")) == study.release, "{}", said(&output));
    assert!(said(&output).contains("ünïcode Ω 数"));
}

#[test]
fn a_path_that_is_too_long_is_an_error_that_says_so() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let long = folder.path().join("n".repeat(300));
    let deep = (0..30).fold(folder.path().to_owned(), |path, _| path.join("d".repeat(200)));
    for out in [long, deep] {
        let output = run(&study.data(), &out).output().expect("starts");
        assert_eq!(output.status.code(), Some(5), "{}", said(&output));
        assert!(said(&output).contains("error[cannot-write]: cannot write: File name too long"), "{}", said(&output));
    }
    // Long, and within what the system allows.
    let out = (0..12).fold(folder.path().to_owned(), |path, _| path.join("d".repeat(200)));
    let output = run(&study.data(), &out).output().expect("starts");
    assert!(output.status.success() && files(&out.join("release")) == study.release, "{}", said(&output));
}

#[test]
fn a_folder_for_registers_that_is_there_is_refused_even_when_it_is_empty() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = command(&["synth", "--units", "4000", "--out", path(folder.path())]).output().expect("starts");
    assert_eq!(output.status.code(), Some(5));
    assert!(said(&output).contains("error[output-exists]"), "{}", said(&output));
}

#[cfg(target_os = "linux")]
#[test]
fn the_vault_says_what_the_run_was_held_to() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let out = folder.path().join("out");
    let output = run(&study.data(), &out).output().expect("starts");
    let log: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("vault/log.json")).expect("a log")).expect("one document");
    let held = &log["confinement"];
    let whole = held["files"] == "held" && held["network_and_programs"] == "held";
    assert_eq!(said(&output).contains("warning[not-confined]"), !whole, "{held}");
    if !whole {
        println!("this machine does not hold the run to everything: {held}");
    }
}

/// What a command does where the kernel has no Landlock: the calls are not known to it.
#[cfg(target_os = "linux")]
fn on_an_older_kernel(mut command: Command) -> Output {
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};
    let calls = [libc::SYS_landlock_create_ruleset, libc::SYS_landlock_add_rule, libc::SYS_landlock_restrict_self];
    let unknown = SeccompAction::Errno(libc::ENOSYS as u32);
    let rules = calls.into_iter().map(|call| (call, Vec::new())).collect();
    let machine = std::env::consts::ARCH.try_into().expect("a known machine");
    let filter: BpfProgram =
        SeccompFilter::new(rules, SeccompAction::Allow, unknown, machine).expect("a filter").try_into().expect("a program");
    // A thread of its own: what is taken from it is taken from what it starts.
    let thread = std::thread::spawn(move || {
        apply_filter(&filter).expect("filters are allowed");
        command.output().expect("starts")
    });
    thread.join().expect("ends")
}

#[cfg(target_os = "linux")]
#[test]
fn without_landlock_the_run_goes_on_and_the_terminal_and_the_vault_say_so() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let out = folder.path().join("out");
    let output = on_an_older_kernel(run(&study.data(), &out));
    assert!(output.status.success() && files(&out.join("release")) == study.release, "{}", said(&output));
    let lacks = "not held: this kernel has no Landlock, or it is switched off";
    assert!(
        said(&output).contains("warning[not-confined]") && said(&output).contains(&format!("files: {lacks}")),
        "{}",
        said(&output)
    );
    let log: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("vault/log.json")).expect("a log")).expect("one document");
    assert_eq!(log["confinement"]["files"], lacks);
}

#[cfg(target_os = "linux")]
#[test]
fn a_whole_run_makes_no_network_call_and_starts_no_program() {
    let (study, folder) = (study(), tempfile::tempdir().expect("a folder"));
    let (out, calls) = (folder.path().join("out"), folder.path().join("calls"));
    let wanted = "trace=%network,execve,execveat,io_uring_setup,fork,vfork";
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "-e", wanted, "-o", path(&calls), SLUIS, "run"]);
    traced.arg(study.folder.path().join("study.toml")).args(["--data", path(&study.data()), "--out", path(&out)]);
    let Ok(output) = traced.output() else {
        println!("strace is not here: that nothing is asked of the network is held by `tests/confine.rs` alone");
        return;
    };
    assert!(output.status.success() && files(&out.join("release")) == study.release, "{}", said(&output));
    let text = fs::read_to_string(&calls).expect("calls");
    let calls: Vec<&str> = text.lines().filter(|line| !line.contains("---") && !line.contains("+++")).collect();
    // The start of the program itself, and the pair over which it hears of signals.
    let own = |call: &&&str| call.contains("execve(\"") || call.contains("socketpair(AF_UNIX");
    let receives = |call: &&&str| call.contains("recvfrom(") || call.contains("resumed");
    let others: Vec<_> = calls.iter().filter(|call| !own(call) && !receives(call)).collect();
    assert!(others.is_empty(), "{others:?}");
    assert_eq!(calls.iter().filter(own).count(), 2, "{calls:?}");
}
