//! The same records give the same bytes: whatever the threads, the order of rows, the format and its row groups, and the memory bound.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use arrow::array::UInt32Array;
use arrow::compute::{concat_batches, take_record_batch};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;

#[path = "support/program.rs"]
mod program;

use program::{command, files, path, said};

const PIPELINE: &str = "pipelines/smart-industry.toml";

fn finished(mut command: Command) -> Output {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Registers as Parquet, and the packages of a run on them with one thread.
struct Reference {
    folder: tempfile::TempDir,
    release: BTreeMap<String, Vec<u8>>,
    vault: BTreeMap<String, Vec<u8>>,
}

fn reference() -> &'static Reference {
    static REFERENCE: OnceLock<Reference> = OnceLock::new();
    REFERENCE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        synthesise(&folder.path().join("parquet"), "parquet");
        let out = folder.path().join("out");
        run(&folder.path().join("parquet"), &out, &["--threads", "1"]);
        let (release, vault) = (files(&out.join("release")), vault(&out));
        Reference { folder, release, vault }
    })
}

fn synthesise(out: &Path, format: &str) {
    finished(command(&["synth", "--quiet", "--units", "20000", "--out", path(out), "--format", format]));
}

fn run(data: &Path, out: &Path, more: &[&str]) {
    let mut command = command(&["run", PIPELINE, "--quiet", "--data", path(data), "--out", path(out)]);
    command.args(more);
    finished(command);
}

/// What stays inside, but for the log, which tells the time.
fn vault(out: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(&out.join("vault"));
    files.remove("log.json").expect("a log");
    files
}

fn same(found: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>, what: &str) {
    let differing: Vec<&String> =
        expected.keys().chain(found.keys()).filter(|name| found.get(*name) != expected.get(*name)).collect();
    assert!(differing.is_empty(), "{what}: {differing:?}");
}

/// The registers again, in row groups of this size, with the rows in another order when asked.
fn rewritten(name: &str, group_rows: usize, shuffled: bool) -> PathBuf {
    let folder = reference().folder.path();
    let (from, to) = (folder.join("parquet"), folder.join(name));
    fs::create_dir(&to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.extension().is_some_and(|extension| extension == "parquet") {
            rewrite(&path, &target, group_rows, shuffled);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
    to
}

fn rewrite(from: &Path, to: &Path, group_rows: usize, shuffled: bool) {
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(from).unwrap()).unwrap().build().unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    let mut all = concat_batches(&batches[0].schema(), &batches).unwrap();
    if shuffled {
        let mut order: Vec<u32> = (0..all.num_rows() as u32).collect();
        order.sort_by_key(|row| u64::from(*row).wrapping_add(7).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23));
        all = take_record_batch(&all, &UInt32Array::from(order)).unwrap();
    }
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(group_rows)).build();
    let mut writer = ArrowWriter::try_new(File::create(to).unwrap(), all.schema(), Some(properties)).unwrap();
    writer.write(&all).unwrap();
    writer.close().unwrap();
}

#[test]
fn threads_change_nothing_in_either_package() {
    let reference = reference();
    for threads in ["1", "2", "5"] {
        let out = reference.folder.path().join(format!("threads-{threads}"));
        let data = reference.folder.path().join("parquet");
        let mut command = command(&["run", PIPELINE, "--quiet", "--data", path(&data), "--out", path(&out)]);
        command.env("RAYON_NUM_THREADS", threads);
        finished(command);
        same(&files(&out.join("release")), &reference.release, threads);
        same(&vault(&out), &reference.vault, threads);
    }
}

#[test]
fn row_groups_and_the_order_of_rows_change_nothing_in_the_release() {
    let reference = reference();
    for (group_rows, shuffled) in [(700, false), (100_000, true), (700, true)] {
        let name = format!("rows-{group_rows}-{shuffled}");
        let out = reference.folder.path().join(format!("{name}-out"));
        run(&rewritten(&name, group_rows, shuffled), &out, &["--threads", "2"]);
        same(&files(&out.join("release")), &reference.release, &name);
        let truth = |vault: &BTreeMap<String, Vec<u8>>| {
            ["cells.csv", "sets.csv", "atoms.csv", "audit.json", "links.csv", "outliers.csv"].map(|file| vault.get(file).cloned())
        };
        assert!(truth(&vault(&out)) == truth(&reference.vault), "{name}: what the vault tells of the tables differs");
    }
}

#[test]
fn a_csv_and_a_parquet_of_the_same_records_give_the_same_release() {
    let reference = reference();
    let data = reference.folder.path().join("csv");
    synthesise(&data, "csv");
    for threads in ["1", "2"] {
        let out = reference.folder.path().join(format!("csv-{threads}"));
        run(&data, &out, &["--threads", threads]);
        same(&files(&out.join("release")), &reference.release, threads);
    }
}

#[test]
fn a_memory_bound_changes_nothing_when_the_study_fits_and_ends_the_run_when_not() {
    let reference = reference();
    let data = reference.folder.path().join("parquet");
    for bound in ["400MiB", "8GiB"] {
        let out = reference.folder.path().join(format!("bound-{bound}"));
        run(&data, &out, &["--memory", bound]);
        same(&files(&out.join("release")), &reference.release, bound);
        same(&vault(&out), &reference.vault, bound);
    }
    let out = reference.folder.path().join("narrow");
    let narrow = command(&["run", PIPELINE, "--memory", "64MiB", "--data", path(&data), "--out", path(&out)]).output().unwrap();
    let told = said(&narrow);
    assert_eq!(narrow.status.code(), Some(5), "{told}");
    assert!(told.contains("memory-bound") && told.contains("--memory"), "{told}");
    assert!(!out.exists(), "no half package stands");
    let nonsense = command(&["run", PIPELINE, "--memory", "much", "--data", path(&data), "--out", path(&out)]).output().unwrap();
    assert_eq!(nonsense.status.code(), Some(2));
}

/// The exit code, what was printed, and the most that the process held, in bytes.
#[cfg(target_os = "linux")]
fn watched(mut command: Command) -> (Option<i32>, String, u64) {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("starts");
    let status = format!("/proc/{}/status", child.id());
    let mut most = 0;
    while child.try_wait().expect("asked").is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        most = most.max(line.and_then(|kibibytes| kibibytes.parse::<u64>().ok()).unwrap_or(0) << 10);
        std::thread::sleep(Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("ends");
    (output.status.code(), said(&output), most)
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_ends_before_it_passes_its_bound_and_the_bound_it_asks_for_is_enough() {
    let reference = reference();
    let data = reference.folder.path().join("parquet");
    let out = reference.folder.path().join("watched");
    let run = |bound: &str| {
        let watched =
            watched(command(&["run", PIPELINE, "--quiet", "--memory", bound, "--data", path(&data), "--out", path(&out)]));
        let stands = out.exists();
        drop(fs::remove_dir_all(&out));
        assert_eq!(stands, watched.0 == Some(0), "{bound}: a package is whole or absent");
        watched
    };
    let (mut refused, mut bound) = (0, "40MiB".to_owned());
    loop {
        let (code, told, most) = run(&bound);
        assert!(most > 0 && most <= sluis::memory::size(&bound).unwrap(), "{bound}: {most} bytes were held");
        if code == Some(0) {
            break;
        }
        refused += 1;
        assert!(code == Some(5) && told.contains("error[memory-bound]") && refused < 6, "{bound}: {told}");
        let asked = told.split("give --memory ").nth(1).and_then(|rest| rest.split(' ').next()).expect("a larger bound");
        bound = asked.to_owned();
    }
    assert!(refused > 0);
}
