//! Pooling from end to end: one pipeline in three environments, each with its own release, against the truth in their vaults.

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
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

#[path = "support/environments.rs"]
mod environments;
#[path = "support/formats.rs"]
mod formats;
#[path = "support/run.rs"]
mod run;

use environments::{ENVIRONMENTS, PIPELINE, environment};
use run::{path, sluis, succeeds, text};

/// A folder with a release and a vault per environment and the pooled release of them, made once for all tests.
fn made() -> &'static Path {
    static MADE: OnceLock<tempfile::TempDir> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        std::thread::scope(|threads| {
            for one in ENVIRONMENTS {
                let folder = folder.path();
                threads.spawn(move || environment(folder, one));
            }
        });
        let releases = ENVIRONMENTS.map(|(name, ..)| path(&folder.path().join(name)).to_owned());
        let out = folder.path().join("pooled");
        succeeds(&["pool", &releases[0], &releases[1], &releases[2], "--out", path(&out)]);
        folder
    })
    .path()
}

type Record = BTreeMap<String, String>;

fn records(file: &Path) -> Vec<Record> {
    let mut reader = csv::Reader::from_path(file).expect("a table");
    reader.deserialize().map(|record| record.expect("a record")).collect()
}

/// Every table of a release or pooled release.
fn tables(release: &Path) -> BTreeMap<String, Vec<Record>> {
    let mut tables = BTreeMap::new();
    for entry in fs::read_dir(release.join("tables")).expect("a release") {
        let file = entry.expect("readable").path();
        if file.extension().is_some_and(|extension| extension == "csv") {
            tables.insert(file.file_stem().expect("a name").to_string_lossy().into_owned(), records(&file));
        }
    }
    tables
}

fn number(record: &Record, column: &str) -> Option<f64> {
    record.get(column).filter(|text| !text.is_empty()).map(|text| text.parse().expect("a number"))
}

/// The codes of a row of a table, in a release or in a vault.
fn key(record: &Record) -> Vec<(String, String)> {
    const KEYS: [&str; 7] = ["year", "indicator", "arm", "sector", "size_class", "step", "group_level"];
    let other: BTreeMap<&str, &str> = record
        .get("other")
        .map_or_else(BTreeMap::new, |other| other.split(' ').filter_map(|pair| pair.split_once('=')).collect());
    let code = |name: &str| record.get(name).cloned().or_else(|| other.get(name).map(|code| (*code).to_owned()));
    KEYS.iter().map(|name| ((*name).to_owned(), code(name).unwrap_or_default())).collect()
}

/// What is true of a cell in one environment.
#[derive(Clone, Debug)]
struct True {
    n: f64,
    value: Option<f64>,
    set: String,
}

type Truth = BTreeMap<(String, Vec<(String, String)>), True>;

fn truth(name: &str) -> Truth {
    let cells = records(&made().join(name).join("vault/cells.csv"));
    let of =
        |cell: &Record| True { n: number(cell, "n").expect("a count"), value: number(cell, "value"), set: cell["set"].clone() };
    cells.iter().map(|cell| ((cell["table"].clone(), key(cell)), of(cell))).collect()
}

fn truths() -> Vec<Truth> {
    ENVIRONMENTS.map(|(name, ..)| truth(name)).to_vec()
}

/// The key without a column.
fn without(key: &[(String, String)], column: &str) -> Vec<(String, String)> {
    key.iter().filter(|(name, _)| name != column).cloned().collect()
}

/// All units of the row of a share: what its largest class is the share of that the vault says.
fn whole(truth: &Truth, table: &str, key: &[(String, String)], of: &str) -> f64 {
    let rest = without(key, of);
    let group = truth.iter().filter(|((id, other), _)| id == table && without(other, of) == rest);
    let largest = group.map(|(_, cell)| cell).max_by(|a, b| a.n.total_cmp(&b.n)).expect("a class");
    (100.0 * largest.n / largest.value.expect("a share")).round()
}

/// The figure over the units of all environments.
fn pooled_truth(truths: &[Truth], table: &str, key: &[(String, String)]) -> Option<f64> {
    let cells: Vec<&True> = truths.iter().map(|truth| &truth[&(table.to_owned(), key.to_vec())]).collect();
    let units: f64 = cells.iter().map(|cell| cell.n).sum();
    let share = |of: &str| 100.0 * units / truths.iter().map(|truth| whole(truth, table, key, of)).sum::<f64>();
    match table {
        "attrition" | "sector-size" | "units" => Some(units),
        "by-sector" => Some(share("sector")),
        "by-size" => Some(share("size_class")),
        "groups" => Some(share("group_level")),
        "turnover" | "investment" | "age" => {
            let sum: f64 = cells.iter().filter_map(|cell| Some(cell.n * cell.value?)).sum();
            (units > 0.0).then_some(sum / units)
        }
        "turnover-index" | "investment-index" => {
            let means = table.trim_end_matches("-index");
            let mut base = key.to_vec();
            base[0].1 = "2014".into();
            Some(100.0 * pooled_truth(truths, means, key)? / pooled_truth(truths, means, &base)?)
        }
        other => panic!("no truth is known of table {other}"),
    }
}

#[test]
fn every_value_is_the_truth_as_rounded_and_every_interval_holds_it() {
    let truths = truths();
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    // The vault has four decimals of a mean, and an index is made of two of them.
    let slack = 0.002;
    for (table, rows) in tables(&made().join("pooled/release")) {
        for row in rows {
            let (key, state) = (key(&row), row["state"].as_str());
            let units: f64 = truths.iter().map(|truth| truth[&(table.clone(), key.clone())].n).sum();
            let what = format!("{table} {row:?}");
            assert!(number(&row, "n").is_none_or(|n| n == units), "{what}: {units} units");
            assert!(number(&row, "n_low").is_none_or(|n| n <= units), "{what}: {units} units");
            assert!(number(&row, "n_high").is_none_or(|n| n >= units), "{what}: {units} units");
            let (low, high) = (number(&row, "low"), number(&row, "high"));
            match (state, pooled_truth(&truths, &table, &key)) {
                ("value" | "interval", Some(truth)) => {
                    assert!(low.is_none_or(|low| low <= truth + slack), "{what}: {truth}");
                    assert!(high.is_none_or(|high| high >= truth - slack), "{what}: {truth}");
                    let value = number(&row, "value");
                    assert_eq!(value.is_some(), state == "value", "{what}");
                    let last = if table == "age" { 0.1 } else { 1.0 };
                    assert!(value.is_none_or(|value| (value - truth).abs() <= last + slack), "{what}: {truth}");
                    assert!(state == "value" || low.is_some() || high.is_some(), "{what}");
                    if matches!(table.as_str(), "attrition" | "sector-size" | "units") && state == "value" {
                        assert_eq!(value, Some(truth), "{what}");
                    }
                }
                ("zero", _) => assert_eq!(units, 0.0, "{what}"),
                ("not-available" | "not-delivered", _) => assert!([low, high, number(&row, "value")] == [None; 3], "{what}"),
                other => panic!("{what}: {other:?}"),
            }
            *counts.entry((table.clone(), state.to_owned())).or_default() += 1;
        }
    }
    println!("{counts:?}");
    let count = |table: &str, state: &str| counts.get(&(table.to_owned(), state.to_owned())).copied().unwrap_or(0);
    for (table, state) in [
        ("sector-size", "value"),
        ("sector-size", "interval"),
        ("by-sector", "value"),
        ("by-sector", "interval"),
        ("by-size", "value"),
        ("turnover", "interval"),
        ("turnover-index", "interval"),
        ("investment", "interval"),
        ("age", "not-available"),
        ("age", "interval"),
        ("age", "zero"),
    ] {
        assert!(count(table, state) > 0, "{table} has nothing in state {state}: {counts:?}");
    }
}

/// How closely a reader of a release alone knows the number of units of a withheld set, as the audit in the vault has it: an end that it
/// did not reach lies at least at the level that was asked for.
fn known_before(name: &str) -> BTreeMap<String, (f64, f64)> {
    let sets = records(&made().join(name).join("vault/sets.csv"));
    let withheld = sets.iter().filter(|set| set["withheld"] == "true" && set["layer"] == "units");
    let interval = |set: &Record| {
        let units = number(set, "units").expect("units");
        let level = |column: &str| number(set, column).unwrap_or(0.0);
        let low = number(set, "count_low").unwrap_or(units - level("count_level_lower"));
        let high = number(set, "count_high").unwrap_or(units + level("count_level_upper"));
        (set["set"].clone(), (low, high))
    };
    withheld.map(interval).collect()
}

#[test]
fn no_withheld_number_is_known_more_closely_than_from_its_own_release() {
    let truths = truths();
    let before: Vec<_> = ENVIRONMENTS.iter().map(|(name, ..)| known_before(name)).collect();
    let (mut alone, mut tried) = (0, 0);
    for (table, rows) in tables(&made().join("pooled/release")) {
        for row in rows.iter().filter(|row| !row["withheld"].is_empty()) {
            let what = format!("{table} {row:?}");
            if ["turnover", "investment", "age"].iter().any(|means| table.starts_with(means)) {
                assert_eq!(row["state"], "not-available", "{what}");
                continue;
            }
            let key = (table.clone(), key(row));
            let withholding: Vec<&str> = row["withheld"].split(' ').collect();
            // What the others tell is taken off, so that what is left is what the pooled row says of those that withhold.
            let (mut told, mut least, mut most) = (0.0, 0.0, 0.0);
            for ((truth, before), (name, ..)) in truths.iter().zip(&before).zip(&ENVIRONMENTS) {
                let own = &truth[&key];
                match withholding.contains(name) {
                    true => (least, most) = (least + before[&own.set].0, most + before[&own.set].1),
                    false => told += own.n,
                }
            }
            let low = number(row, "n_low").map_or(0.0, |low| low - told).max(0.0);
            let high = number(row, "n_high").map_or(f64::INFINITY, |high| high - told);
            assert!(low <= least && high >= most && low < high, "{what}: {low} to {high} against {least} to {most}");
            tried += 1;
            alone += usize::from(withholding.len() == 1);
        }
    }
    println!("{tried} withheld numbers, {alone} of them in one environment");
    assert!(tried > 50 && alone > 5, "{tried}, {alone}");
}

#[test]
fn a_withheld_part_is_never_in_a_value() {
    for (table, rows) in tables(&made().join("pooled/release")) {
        for row in rows.iter().filter(|row| !row["withheld"].is_empty()) {
            assert!(["interval", "not-available"].contains(&row["state"].as_str()), "{table} {row:?}");
            assert!(row["value"].is_empty() && row["n"].is_empty(), "{table} {row:?}");
        }
    }
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("readable") {
            let path = entry.expect("readable").path();
            match path.is_dir() {
                true => open.push(path),
                false => {
                    drop(found.insert(path.strip_prefix(folder).expect("below").to_owned(), fs::read(&path).expect("readable")))
                }
            }
        }
    }
    found
}

/// Copies the release of an environment and nothing else.
fn copy(name: &str, to: &Path) -> PathBuf {
    let release = to.join(name).join("release");
    for (file, bytes) in files(&made().join(name).join("release")) {
        let file = release.join(file);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, bytes).expect("written");
    }
    release
}

#[test]
fn a_pooled_release_is_made_of_the_files_of_the_releases_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let releases = ENVIRONMENTS.map(|(name, ..)| copy(name, folder.path()));
    let out = folder.path().join("out");
    succeeds(&["pool", path(&releases[0]), path(&releases[1]), path(&releases[2]), "--threads", "1", "--out", path(&out)]);
    assert_eq!(files(&out), files(&made().join("pooled")));
    assert_eq!(fs::read_dir(&out).expect("readable").count(), 1, "a pooled release has no vault");
}

#[test]
fn the_order_of_the_releases_changes_no_figure() {
    let folder = tempfile::tempdir().expect("a folder");
    let releases = ENVIRONMENTS.map(|(name, ..)| path(&made().join(name)).to_owned());
    succeeds(&["pool", &releases[2], &releases[0], &releases[1], "--out", path(&folder.path().join("out"))]);
    let figures = |release: &Path| {
        let mut tables = tables(release);
        for row in tables.values_mut().flatten() {
            row.retain(|column, _| column != "told" && column != "withheld");
        }
        tables
    };
    assert_eq!(figures(&folder.path().join("out/release")), figures(&made().join("pooled/release")));
}

#[test]
fn every_format_tells_what_the_csv_tells() {
    let release = made().join("pooled/release");
    let read = |name: String| fs::read(release.join(name)).expect("a file of the release");
    let (mut figures, mut empty) = (0, 0);
    let sheets = formats::sheets(&read("firms.xlsx".into()));
    for (id, rows) in tables(&release) {
        let cube: serde_json::Value = serde_json::from_slice(&read(format!("json-stat/{id}.json"))).expect("JSON");
        let measures: Vec<String> =
            serde_json::from_value(cube["dimension"]["measure"]["category"]["index"].clone()).expect("names");
        let records = formats::parquet_records(&read(format!("parquet/{id}.parquet")));
        let (_, sheet) = sheets.iter().find(|(name, _)| *name == id).expect("a sheet per table");
        let sheet: Vec<_> = sheet.rows().skip(3).collect();
        assert_eq!((records.len(), sheet.len()), (rows.len(), rows.len() + 1), "{id}");
        let values: Vec<Option<f64>> = cube["value"].as_array().expect("values").iter().map(serde_json::Value::as_f64).collect();
        let told: Vec<f64> = values.iter().flatten().copied().collect();
        let mut of_csv: Vec<f64> = Vec::new();
        for ((row, record), line) in rows.iter().zip(&records).zip(&sheet[1..]) {
            for measure in &measures {
                let figure = number(row, measure);
                assert_eq!(figure, record[measure].as_deref().and_then(|text| text.parse().ok()), "{id} {measure}");
                let at = sheet[0].iter().position(|name| name.to_string().split(' ').next() == Some(measure)).expect("a column");
                assert_eq!(figure, line[at].to_string().parse().ok(), "{id} {measure}");
                of_csv.extend(figure);
                empty += usize::from(figure.is_none());
            }
        }
        // The cube has the rows in the order of its codes.
        let sorted = |mut numbers: Vec<f64>| {
            numbers.sort_by(f64::total_cmp);
            numbers
        };
        figures += told.len();
        assert_eq!(sorted(told), sorted(of_csv), "{id}");
    }
    println!("{figures} figures, {empty} empty");
    assert!(figures > 100 && empty > 20);
}

#[test]
fn the_manifest_lists_every_file_and_names_what_was_pooled() {
    let release = made().join("pooled/release");
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(release.join("manifest.json")).expect("a manifest")).expect("JSON");
    let mut files = files(&release);
    files.remove(Path::new("manifest.json"));
    let listed = manifest["files"].as_array().expect("files");
    assert_eq!(listed.len(), files.len());
    for entry in listed {
        let bytes = &files[Path::new(entry["path"].as_str().expect("a path"))];
        assert_eq!(entry["blake3"], blake3::hash(bytes).to_hex().as_str());
    }
    for (at, (name, ..)) in ENVIRONMENTS.iter().enumerate() {
        let bytes = fs::read(made().join(name).join("release/manifest.json")).expect("a manifest");
        assert_eq!(manifest["pooled"][at]["environment"], *name);
        assert_eq!(manifest["pooled"][at]["manifest_blake3"], blake3::hash(&bytes).to_hex().as_str());
    }
}

/// Pools the releases of two environments after `change` was done to a copy of the second; what is said of it.
fn refused(change: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let (first, second) = (copy("NL", folder.path()), copy("BE", folder.path()));
    change(&second);
    let out = folder.path().join("out");
    let output = sluis(&["pool", path(&first), path(&second), "--out", path(&out)]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(!out.exists() && !said.contains("bug"), "{said}");
    said
}

/// Changes a file and lets the manifest follow, as only whoever makes a release can.
fn rewrite(release: &Path, file: &str, change: impl FnOnce(String) -> String) {
    let before = fs::read_to_string(release.join(file)).expect("a file");
    let after = change(before.clone());
    assert_ne!(before, after, "{file} was changed");
    fs::write(release.join(file), &after).expect("written");
    manifest(release, |manifest| {
        for entry in manifest["files"].as_array_mut().expect("files") {
            if entry["path"] == file {
                entry["bytes"] = after.len().into();
                entry["blake3"] = blake3::hash(after.as_bytes()).to_hex().to_string().into();
            }
        }
    });
}

fn manifest(release: &Path, change: impl FnOnce(&mut serde_json::Value)) {
    let file = release.join("manifest.json");
    let mut manifest = serde_json::from_slice(&fs::read(&file).expect("a manifest")).expect("JSON");
    change(&mut manifest);
    fs::write(&file, serde_json::to_vec(&manifest).expect("JSON")).expect("written");
}

fn says(said: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(said.contains(part), "`{part}` is not in: {said}"));
}

#[test]
fn two_releases_of_two_environments_are_pooled() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = succeeds(&[
        "pool",
        &format!("north={}", path(&made().join("NL"))),
        path(&made().join("BE/release")),
        "--out",
        path(&folder.path().join("out")),
    ]);
    says(&text(&output.stdout), &["pooled over north, BE", "no numbers of units beside means"]);
    assert!(!text(&output.stderr).contains("warning"), "{}", text(&output.stderr));
}

#[test]
fn a_tampered_file_is_refused() {
    let said = refused(|release| {
        let file = release.join("tables/units.csv");
        let before = fs::read_to_string(&file).expect("a table");
        fs::write(&file, before.replacen("units,4", "units,5", 1)).expect("written");
    });
    says(&said, &["error[release-broken]", "its hash differs", "tables/units.csv"]);
}

#[test]
fn a_missing_table_is_refused_whether_or_not_the_manifest_knows() {
    let table = "tables/by-size.csv";
    let said = refused(|release| fs::remove_file(release.join(table)).expect("removed"));
    says(&said, &["error[release-broken]", "cannot be read", table]);
    let said = refused(|release| {
        fs::remove_file(release.join(table)).expect("removed");
        manifest(release, |manifest| manifest["files"].as_array_mut().expect("files").retain(|entry| entry["path"] != table));
    });
    says(&said, &["error[release-broken]", "the table `by-size` is missing", table]);
    let said = refused(|release| {
        manifest(release, |manifest| manifest["tables"].as_array_mut().expect("tables").retain(|entry| entry["id"] != "by-size"));
    });
    says(&said, &["error[release-broken]", "the table `by-size` is missing"]);
}

#[test]
fn a_release_of_another_version_of_the_pipeline_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipeline = fs::read_to_string(PIPELINE).expect("the pipeline");
    let other = folder.path().join("pool.toml");
    let changed = pipeline.replace("missing_quarter   = \"missing-year\"", "missing_quarter   = \"zero\"").replace(
        "title = \"Firms by size\"\nshow  = \"share\"\nof    = \"size.five\"",
        "title = \"Firms by size\"\nshow  = \"share\"\nof    = \"size.four\"",
    );
    assert_ne!(pipeline, changed);
    fs::write(&other, changed).expect("written");
    let registers = made().join("LU-registers");
    succeeds(&["run", path(&other), "--data", path(&registers), "--out", path(&folder.path().join("LU"))]);
    let out = folder.path().join("out");
    let output = sluis(&["pool", path(&made().join("NL")), path(&folder.path().join("LU")), "--out", path(&out)]);
    let said = text(&output.stderr);
    assert!(output.status.code() == Some(4) && !out.exists(), "{said}");
    says(
        &said,
        &[
            "error[releases-differ]",
            "`pipeline.choices.measures.missing_quarter` differs: \"missing-year\" in `NL`, \"zero\" in `LU`",
            "`pipeline.tables.by-size.of` differs: \"size.five\" in `NL`, \"size.four\" in `LU`",
        ],
    );
}

#[test]
fn another_profile_version_or_classification_is_refused() {
    let said = refused(|release| manifest(release, |manifest| manifest["profile"] = "cbs 2025.1".into()));
    says(&said, &["`profile` differs: \"cbs 2026.1\" in `NL`, \"cbs 2025.1\" in `BE`"]);
    let said = refused(|release| manifest(release, |manifest| manifest["program"]["version"] = "9.9.9".into()));
    says(&said, &["`version.sluis` differs", "\"9.9.9\" in `BE`"]);
    let said = refused(|release| rewrite(release, "tables/codes/sector.csv", |list| list.replace("C,Industry", "C,Mining")));
    says(&said, &["the list of codes `tables/codes/sector.csv` differs"]);
    let said = refused(|release| rewrite(release, "definition.json", |text| text.replacen("\"from\": 250", "\"from\": 251", 1)));
    says(&said, &["`pipeline.dimensions.size.five.classes` differs"]);
    let said = refused(|release| rewrite(release, "definition.json", |text| text.replace("\"version\": 1", "\"version\": 2")));
    says(&said, &["a form that this version of sluis does not know"]);
}

#[test]
fn the_same_release_twice_is_refused_under_any_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let (one, copied) = (made().join("NL"), copy("NL", folder.path()));
    let output = sluis(&["pool", path(&one), &format!("other={}", path(&copied)), "--out", path(&out)]);
    assert!(output.status.code() == Some(4) && !out.exists());
    says(&text(&output.stderr), &["error[release-twice]", "`NL` and `other` are the same release"]);
    let output = sluis(&["pool", path(&one), path(&copied), "--out", path(&out)]);
    says(&text(&output.stderr), &["two environments are called `NL`", "NAME=RELEASE"]);
    let output = sluis(&["pool", path(&one), "--out", path(&out)]);
    says(&text(&output.stderr), &["error[too-few-releases]"]);
}

#[test]
fn releases_of_the_same_units_are_warned_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let again = copy("NL", folder.path());
    rewrite(&again, "tables/age.csv", |table| table.replacen('.', ".0", 1));
    let output = succeeds(&[
        "pool",
        path(&made().join("NL")),
        &format!("again={}", path(&again)),
        "--out",
        path(&folder.path().join("out")),
    ]);
    says(&text(&output.stderr), &["warning[releases-overlap]", "may be of the same environment", "may be the same list"]);
    says(&fs::read_to_string(folder.path().join("out/release/NOTES.md")).expect("notes"), &["may be of the same environment"]);
}

#[test]
fn what_is_no_release_of_a_run_is_refused() {
    let said = refused(|release| manifest(release, |manifest| manifest["files"][0]["path"] = "../vault/cells.csv".into()));
    says(&said, &["names a file outside the release"]);
    let said = refused(|release| {
        rewrite(release, "tables/by-sector.csv", |table| table.replacen(",,%,,suppressed", ",7,%,,suppressed", 1))
    });
    says(&said, &["a row tells a figure that its state says is not told", "tables/by-sector.csv"]);
    let said = refused(|release| {
        rewrite(release, "tables/units.csv", |table| table.lines().take(3).map(|line| format!("{line}\n")).collect())
    });
    says(&said, &["the rows of table `units` differs"]);
    for other in ["[]", "7", "{\"tables\": [{\"tableSchema\": {\"columns\": 7}}]}"] {
        let said = refused(|release| rewrite(release, "tables/units.csv-metadata.json", |_| other.to_owned()));
        says(&said, &["the description of a table is none", "tables/units.csv-metadata.json"]);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let output = sluis(&["pool", path(&made().join("NL")), path(&made().join("pooled")), "--out", path(&out)]);
    says(&text(&output.stderr), &["the release was pooled itself"]);
    let output = sluis(&["pool", path(&made().join("NL")), path(folder.path()), "--out", path(&out)]);
    assert_eq!(output.status.code(), Some(5));
    says(&text(&output.stderr), &["error[cannot-read]", "name the folder `release` of a run"]);
}
