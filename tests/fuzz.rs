//! Whatever bytes a file holds, reading it ends soon, with a result or with findings, and never with a crash.
//!
//! `SECONDS=600 SEED=7 cargo test --test fuzz -- --ignored csv` fuzzes one reader for ten minutes, with cases of its own for every seed.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use sluis::pool::{Source, pool};
use sluis::registers::{self, Delivery};
use sluis::spec::plan::Plan;

#[path = "support/delivery.rs"]
mod delivery;
#[path = "support/environments.rs"]
mod environments;
#[path = "support/mutate.rs"]
mod mutate;
#[path = "support/run.rs"]
mod run;

use delivery::{Files, GROUP_OF, GROUPS, INVESTED, NUMBERS, PERSONS, TURNOVER, UNITS, name};

/// A case that takes longer hangs.
const LONGEST: Duration = Duration::from_secs(30);

/// Reads the case of a seed.
type Case = Box<dyn FnMut(u64) + Send>;

const YEAR: i32 = 2015;

const PIPELINE: &str = r#"
study = { name = "small", title = "A small study", years = [2015] }
disclosure = { profile = "cbs" }
table = [{ id = "units", title = "Units by sector", show = "count", by = ["sector"] }]

[registers]
participants   = "deelnemers"
kvk_person     = "cbs_persoon_kvk"
person_unit    = "be_persoon_abr"
business_units = "be_abr"
unit_group     = "be_og_abr"
groups         = "og_abr"
turnover       = "drt_beid"
investments    = "investeringen"
"#;

fn plan(year: i32) -> Plan {
    let text = PIPELINE.replace("2015", &year.to_string());
    sluis::spec::parse(&text, Path::new("p.toml"), Path::new("")).map_err(|found| format!("{:?}", found.0)).unwrap().0
}

fn delivery_files() -> Vec<String> {
    let yearly = [UNITS, GROUP_OF, GROUPS, NUMBERS, PERSONS, TURNOVER, INVESTED].map(|register| name(register, YEAR));
    yearly.into_iter().chain(["deelnemers.csv".to_owned()]).collect()
}

/// A delivery of one year, of which one file is changed.
fn delivered(year: i32, files: Vec<(String, Vec<u8>)>) -> Case {
    let (plan, folder) = (plan(year), tempfile::tempdir().unwrap());
    assert_eq!(files.len(), 8, "every register of the layout");
    files.iter().for_each(|(name, bytes)| fs::write(folder.path().join(name), bytes).unwrap());
    Box::new(move |seed| {
        let (file, bytes) = &files[(seed % files.len() as u64) as usize];
        fs::write(folder.path().join(file), mutate::mutated(bytes, seed)).unwrap();
        let delivery = Delivery::look(&plan.input, &plan.years, &plan.classifications, folder.path());
        assert!(registers::check(&delivery).iter().all(|finding| !finding.headline.is_empty()));
        fs::write(folder.path().join(file), bytes).unwrap();
    })
}

/// The files of a sound delivery in CSV.
fn sound() -> Vec<(String, Vec<u8>)> {
    let files = Files::sound();
    delivery_files().into_iter().map(|name| (name.clone(), files.get(&name).to_vec())).collect()
}

fn parquet_files() -> Vec<(String, Vec<u8>)> {
    let (mut files, names) = (Files::sound(), delivery_files());
    let whole = ["kwartaal", "omzet", "rbe_werkzamepersonen", "rog_werkzamepersonen", "comp_nieuw"];
    let names = names.iter().map(|name| files.parquet(name, &whole, &[]));
    names.collect::<Vec<_>>().into_iter().map(|name| (name.clone(), files.get(&name).to_vec())).collect()
}

/// What other software made of a delivery, in the format of this folder.
fn fixtures(format: &str) -> Vec<(String, Vec<u8>)> {
    let folder = root().join("tests/fixtures/delivery").join(format);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())).collect();
    files.sort();
    files
}

/// Deliveries in turn.
fn in_turn(mut cases: Vec<Case>) -> Case {
    let count = cases.len() as u64;
    Box::new(move |seed| cases[(seed % count) as usize](seed / count))
}

/// A text in the ways in which programs write one: separator, quotes, ends of lines, mark of the encoding, code page.
fn dialect(text: &str, variant: usize) -> Vec<u8> {
    let quoted =
        |line: &str, separator: &str| line.split(';').map(|field| format!("\"{field}\"")).collect::<Vec<_>>().join(separator);
    let lines = |change: &dyn Fn(&str) -> String, end: &str| text.lines().map(|line| change(line) + end).collect::<String>();
    match variant {
        0 => lines(&|line| line.replace(',', ".").replace(';', ","), "\n").into_bytes(),
        1 => lines(&|line| line.replace(';', "\t"), "\r\n").into_bytes(),
        2 => [b"\xEF\xBB\xBF".to_vec(), lines(&|line| quoted(line, ";"), "\r\n").into_bytes()].concat(),
        3 => lines(&|line| quoted(line, ","), "\r").into_bytes(),
        // Windows-1252, with a letter that it has and UTF-8 has otherwise.
        4 => lines(&|line| line.replace("Q0001", "Q000\u{e9}"), "\n").chars().map(|letter| letter as u32 as u8).collect(),
        _ => [b"\xFF\xFE".to_vec(), text.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(),
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn texts(folder: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// A text of the repository, changed.
fn toml(folder: &str, read: fn(&str)) -> Case {
    let texts = texts(folder);
    Box::new(move |seed| {
        let changed = mutate::mutated(&texts[(seed % texts.len() as u64) as usize], seed);
        read(&String::from_utf8_lossy(&changed));
    })
}

fn csv() -> Case {
    delivered(YEAR, sound())
}

fn dialects() -> Case {
    let changed = |variant: usize| {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        delivered(YEAR, sound().into_iter().map(|(name, bytes)| (name, dialect(&text(&bytes), variant))).collect())
    };
    in_turn((0..6).map(changed).collect())
}

fn parquet() -> Case {
    delivered(YEAR, parquet_files())
}

fn spss() -> Case {
    in_turn(["sav", "sav-plain", "zsav"].map(|format| delivered(2014, fixtures(format))).into())
}

fn stata() -> Case {
    delivered(2014, fixtures("dta"))
}

fn arrow() -> Case {
    in_turn(["arrow", "feather", "ipc"].map(|format| delivered(2014, fixtures(format))).into())
}

fn targets() -> Case {
    toml("pipelines/targets", |text| _ = sluis::synth::Targets::parse(text, Path::new("t.toml")))
}

/// A table of noise, changed.
fn noise() -> Case {
    let table = "i;j;p;v;p_int_ub\n0;0;1;0;1\n1;0;0.5;-1;0.5\n1;2;0.5;1;1\n2;0;0.4;-2;0.4\n2;3;0.6;1;1\n".as_bytes();
    Box::new(move |seed| {
        let changed = mutate::mutated(table, seed);
        _ = sluis::cells::perturb::cell_key::table::NoiseTable::parse(&String::from_utf8_lossy(&changed));
    })
}

/// Releases of three environments, of which one file is changed; in two cases of three the manifest lists it as it is then.
fn releases() -> Case {
    let folder = tempfile::tempdir().unwrap();
    let sources = environments::ENVIRONMENTS.map(|one| {
        environments::environment(folder.path(), one);
        Source { name: one.0.to_owned(), folder: folder.path().join(one.0).join("release") }
    });
    let names = run::files(&sources[0].folder).into_keys();
    let names: Vec<String> = names.filter(|name| name.starts_with("tables/") || name.ends_with(".json")).collect();
    assert!(names.len() > 30 && names.contains(&"definition.json".to_owned()), "{names:?}");
    Box::new(move |seed| {
        // `folder` lives as long as its cases.
        let release = &sources[(seed % 3) as usize].folder;
        assert!(release.starts_with(folder.path()));
        let (path, manifest) = (release.join(&names[(seed / 3) as usize % names.len()]), release.join("manifest.json"));
        let (bytes, listed) = (fs::read(&path).unwrap(), fs::read(&manifest).unwrap());
        let changed = match serde_json::from_slice(&bytes) {
            Ok(value) if seed % 5 > 1 => serde_json::to_vec(&other(value, seed)).unwrap(),
            _ => mutate::mutated(&bytes, seed),
        };
        fs::write(&path, &changed).unwrap();
        if seed % 7 > 1 && path != manifest {
            let name = path.strip_prefix(release).unwrap().to_str().unwrap();
            fs::write(&manifest, relisted(&listed, name, &changed)).unwrap();
        }
        match pool(&sources, &|_| {}) {
            Ok(pooled) => assert!(pooled.files.iter().any(|file| file.path.ends_with("manifest.json"))),
            Err(found) => assert!(!found.0.is_empty() && found.0.iter().all(|finding| !finding.headline.is_empty())),
        }
        fs::write(&path, bytes).unwrap();
        fs::write(&manifest, listed).unwrap();
    })
}

/// A manifest that lists a file with these bytes.
fn relisted(manifest: &[u8], name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut manifest: Value = serde_json::from_slice(manifest).unwrap();
    let entry = manifest["files"].as_array_mut().unwrap().iter_mut().find(|entry| entry["path"] == name).unwrap();
    entry["bytes"] = bytes.len().into();
    entry["blake3"] = blake3::hash(bytes).to_hex().to_string().into();
    serde_json::to_vec(&manifest).unwrap()
}

/// A document of which some values are others: gone, of another kind, out of range, or from elsewhere in the document.
fn other(mut document: Value, seed: u64) -> Value {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..random.random_range(1..4u32) {
        let pointers = pointers(&document);
        // The document itself, which stands last, is one of many places; it is taken more often than that.
        let last = pointers.len() - 1;
        let to = if random.random_bool(0.15) { last } else { random.random_range(0..=last) };
        let from = random.random_range(0..=last);
        let value = match random.random_range(0..12u32) {
            0 => Value::Null,
            1 => Value::Bool(true),
            2 => (-1).into(),
            3 => u64::MAX.into(),
            4 => 1e308.into(),
            5 => "".into(),
            6 => "../vault/cells.csv".into(),
            7 => Value::Array(Vec::new()),
            8 => Value::Object(serde_json::Map::new()),
            _ => document.pointer(&pointers[from]).unwrap().clone(),
        };
        *document.pointer_mut(&pointers[to]).unwrap() = value;
    }
    document
}

/// Where the values of a document stand, the document itself last.
fn pointers(document: &Value) -> Vec<String> {
    let below = |key: &str, value: &Value| {
        let key = key.replace('~', "~0").replace('/', "~1");
        pointers(value).into_iter().map(|rest| format!("/{key}{rest}")).collect::<Vec<_>>()
    };
    let mut found: Vec<String> = match document {
        Value::Array(values) => values.iter().enumerate().flat_map(|(at, value)| below(&at.to_string(), value)).collect(),
        Value::Object(values) => values.iter().flat_map(|(key, value)| below(key, value)).collect(),
        _ => Vec::new(),
    };
    found.push(String::new());
    found
}

fn pipeline() -> Case {
    toml("pipelines", |text| _ = sluis::spec::parse(text, Path::new("p.toml"), &root().join("pipelines")))
}

fn schema() -> Case {
    toml("schemas", |text| _ = sluis::spec::parse_schema(text, Path::new("s.toml"), "s"))
}

fn classification() -> Case {
    toml("schemas/classifications", |text| _ = sluis::spec::parse_classification(text, Path::new("c.toml"), "c"))
}

/// Runs cases from a seed on until the time is over; the number of cases. A crash or a hang fails, with the seed that shows it.
fn fuzz(make: fn() -> Case, first: u64, time: Duration) -> u64 {
    let (begin, begun) = channel();
    let (end, ended) = channel();
    std::thread::spawn(move || {
        let mut case = make();
        let start = Instant::now();
        for seed in first.. {
            if start.elapsed() >= time || begin.send(seed).is_err() {
                return;
            }
            let crashed = catch_unwind(AssertUnwindSafe(|| case(seed))).is_err();
            if end.send(crashed).is_err() {
                return;
            }
        }
    });
    watch(&begun, &ended)
}

fn watch(begun: &Receiver<u64>, ended: &Receiver<bool>) -> u64 {
    let mut cases = 0;
    for seed in begun {
        match ended.recv_timeout(LONGEST) {
            Ok(false) => cases += 1,
            Ok(true) => panic!("the case of seed {seed} crashes"),
            Err(RecvTimeoutError::Timeout) => panic!("the case of seed {seed} hangs"),
            Err(RecvTimeoutError::Disconnected) => panic!("the case of seed {seed} ends the thread"),
        }
    }
    cases
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

macro_rules! readers {
    ($($reader:ident $short:ident $long:ident)*) => {
        $(#[test]
        fn $short() {
            assert!(fuzz($reader, 0, Duration::from_millis(1500)) > 10);
        }

        #[test]
        #[ignore = "minutes; SECONDS says how many seconds"]
        fn $long() {
            let (seconds, seed) = (number("SECONDS", 600), number("SEED", 1));
            let cases = fuzz($reader, seed << 32, Duration::from_secs(seconds));
            println!("{}: {cases} cases from seed {seed} in {seconds} s, 0 crashes, 0 hangs", stringify!($reader));
        })*
    };
}

readers! {
    csv no_changed_csv_file_crashes_the_reader csv_for_minutes
    dialects no_changed_csv_file_of_any_dialect_crashes_the_reader dialects_for_minutes
    parquet no_changed_parquet_file_crashes_the_reader parquet_for_minutes
    spss no_changed_delivery_of_spss_crashes_the_reader spss_for_minutes
    stata no_changed_delivery_of_stata_crashes_the_reader stata_for_minutes
    arrow no_changed_delivery_of_arrow_crashes_the_reader arrow_for_minutes
    targets no_changed_file_of_targets_crashes_the_reader targets_for_minutes
    noise no_changed_table_of_noise_crashes_the_reader noise_for_minutes
    releases no_changed_file_of_a_release_crashes_pooling releases_for_minutes
    pipeline no_changed_pipeline_file_crashes_the_reader pipeline_for_minutes
    schema no_changed_schema_crashes_the_reader schema_for_minutes
    classification no_changed_classification_crashes_the_reader classification_for_minutes
}
