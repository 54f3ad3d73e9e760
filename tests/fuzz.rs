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

use sluis::registers::{self, Delivery};
use sluis::spec::plan::Plan;

#[path = "support/delivery.rs"]
mod delivery;
#[path = "support/mutate.rs"]
mod mutate;

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

fn plan() -> Plan {
    sluis::spec::parse(PIPELINE, Path::new("p.toml"), Path::new("")).map_err(|found| format!("{:?}", found.0)).unwrap().0
}

fn delivery_files() -> Vec<String> {
    let yearly = [UNITS, GROUP_OF, GROUPS, NUMBERS, PERSONS, TURNOVER, INVESTED].map(|register| name(register, YEAR));
    yearly.into_iter().chain(["deelnemers.csv".to_owned()]).collect()
}

/// A delivery of one year, of which one file is changed.
fn registers(parquet: bool) -> Case {
    let (plan, mut files) = (plan(), Files::sound());
    let mut names = delivery_files();
    files.keep(&names);
    if parquet {
        let whole = ["kwartaal", "omzet", "rbe_werkzamepersonen", "rog_werkzamepersonen", "comp_nieuw"];
        names = names.iter().map(|name| files.parquet(name, &whole, &[])).collect();
    }
    let folder = tempfile::tempdir().unwrap();
    files.write_to(folder.path());
    Box::new(move |seed| {
        let file = &names[(seed % names.len() as u64) as usize];
        fs::write(folder.path().join(file), mutate::mutated(files.get(file), seed)).unwrap();
        let delivery = Delivery::look(&plan.input, &plan.years, &plan.classifications, folder.path());
        assert!(registers::check(&delivery).iter().all(|finding| !finding.headline.is_empty()));
        fs::write(folder.path().join(file), files.get(file)).unwrap();
    })
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
    registers(false)
}

fn parquet() -> Case {
    registers(true)
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
    let start = Instant::now();
    std::thread::spawn(move || {
        let mut case = make();
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
    parquet no_changed_parquet_file_crashes_the_reader parquet_for_minutes
    pipeline no_changed_pipeline_file_crashes_the_reader pipeline_for_minutes
    schema no_changed_schema_crashes_the_reader schema_for_minutes
    classification no_changed_classification_crashes_the_reader classification_for_minutes
}
