//! The main job from end to end, through the program itself: registers in, release and vault out, or nothing.

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
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

#[path = "support/attack.rs"]
mod attack;
#[path = "support/formats.rs"]
mod formats;

const UNITS: &str = "20000";
const PIPELINE: &str = "pipelines/smart-industry.toml";

fn sluis(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the program starts")
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn succeeds(arguments: &[&str]) -> Output {
    let output = sluis(arguments);
    assert!(output.status.success(), "{arguments:?}: {}\n{}", text(&output.stdout), text(&output.stderr));
    output
}

/// Registers and one finished run on them, made once for all tests.
struct Study {
    folder: tempfile::TempDir,
    run: Output,
}

impl Study {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn study() -> &'static Study {
    static STUDY: OnceLock<Study> = OnceLock::new();
    STUDY.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let (registers, out) = (folder.path().join("registers"), folder.path().join("out"));
        succeeds(&["synth", "--units", UNITS, "--format", "csv", "--out", path(&registers)]);
        let (summary, junit) = (folder.path().join("summary.md"), folder.path().join("checks.xml"));
        let account = ["--summary", path(&summary), "--junit", path(&junit)];
        let run = succeeds(&[&["run", PIPELINE, "--data", path(&registers), "--out", path(&out)][..], &account].concat());
        Study { folder, run }
    })
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

/// Every file below a folder with its bytes, by relative path.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
                found.insert(name, fs::read(path).expect("readable"));
            }
        }
    }
    found
}

#[test]
fn the_demo_gives_back_every_published_value() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = succeeds(&["demo", "--units", UNITS, "--json", "--out", path(&folder.path().join("demo"))]);
    let result: serde_json::Value = serde_json::from_slice(&demo.stdout).expect("one document");
    let facts = result["comparison"]["facts"].as_array().expect("facts");
    let differing: Vec<_> = facts.iter().filter(|fact| fact["matches"] != true).collect();
    assert!(facts.len() > 80 && differing.is_empty(), "{differing:#?}");
    let star = facts.iter().find(|fact| fact["published"] == "*").expect("the withheld cell of table 10");
    assert_eq!(star["withheld"], true);
}

#[test]
fn other_targets_give_other_results() {
    let folder = tempfile::tempdir().expect("a folder");
    let shipped = fs::read_to_string("pipelines/targets/smart-industry.toml").expect("the targets are there");
    let mut doubled = String::new();
    let mut inside = false;
    for line in shipped.lines() {
        inside = if line.starts_with('[') { line.contains("per_person_industry") } else { inside };
        match line.split_once('[') {
            Some((key, levels)) if inside && key.contains('=') => {
                let numbers = levels.trim_end_matches(']').split(',').map(|n| n.trim().parse::<u64>().expect("a level") * 2);
                let numbers: Vec<String> = numbers.map(|n| n.to_string()).collect();
                doubled.push_str(&format!("{key}[{}]\n", numbers.join(", ")));
            }
            _ => doubled.push_str(&format!("{line}\n")),
        }
    }
    let targets = folder.path().join("doubled.toml");
    fs::write(&targets, doubled).expect("written");
    let out = folder.path().join("demo");
    let demo = succeeds(&["demo", "--units", UNITS, "--json", "--targets", path(&targets), "--out", path(&out)]);
    let result: serde_json::Value = serde_json::from_slice(&demo.stdout).expect("one document");
    let facts = result["comparison"]["facts"].as_array().expect("facts");
    let table_8: Vec<_> =
        facts.iter().filter(|fact| fact["what"].as_str().is_some_and(|what| what.starts_with("table 8"))).collect();
    assert_eq!((table_8.len(), table_8[0]["published"].as_str()), (16, Some("387750")));
    assert!(facts.iter().all(|fact| fact["matches"] == true), "{facts:#?}");
}

#[test]
fn one_thread_two_threads_and_shuffled_rows_give_the_same_bytes() {
    let study = study();
    let shuffled = study.path("shuffled");
    fs::create_dir(&shuffled).expect("a folder");
    for (name, bytes) in files(&study.path("registers")) {
        let text = String::from_utf8(bytes).expect("text");
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].sort_by_key(|line| {
            line.bytes().rev().fold(7u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
        });
        fs::write(shuffled.join(name), lines.join("\n") + "\n").expect("written");
    }
    let expected = files(&study.path("out/release"));
    for (threads, registers) in [("1", "registers"), ("2", "registers"), ("2", "shuffled")] {
        let out = study.path(&format!("again-{threads}-{registers}"));
        let data = study.path(registers);
        succeeds(&["run", PIPELINE, "--threads", threads, "--data", path(&data), "--out", path(&out)]);
        assert!(files(&out.join("release")) == expected, "{threads} threads, {registers}: the release differs");
    }
}

/// What the vault says of its inputs, without what differs between formats of files.
fn without_formats(vault: &BTreeMap<String, Vec<u8>>, format: &str) -> BTreeMap<String, String> {
    let own = |line: &&str| ["\"bytes\":", "\"blake3\":", "\"seconds\":"].iter().all(|own| !line.contains(own));
    let plain = |bytes: &Vec<u8>| {
        let text = text(bytes).replace(&format!(".{format}"), ".csv");
        text.lines().filter(own).collect::<Vec<_>>().join("\n")
    };
    vault.iter().filter(|(name, _)| !name.ends_with(".parquet")).map(|(name, bytes)| (name.clone(), plain(bytes))).collect()
}

#[test]
fn registers_in_any_format_give_the_same_release() {
    let study = study();
    let (release, vault) = (files(&study.path("out/release")), files(&study.path("out/vault")));
    for format in ["parquet", "arrow", "sav", "zsav", "dta"] {
        let (registers, out) = (study.path(&format!("registers-{format}")), study.path(&format!("out-{format}")));
        succeeds(&["synth", "--units", UNITS, "--format", format, "--out", path(&registers)]);
        succeeds(&["run", PIPELINE, "--data", path(&registers), "--out", path(&out)]);
        assert!(files(&out.join("release")) == release, "{format}: the release differs");
        let found = files(&out.join("vault"));
        assert!(found["cells.parquet"] == vault["cells.parquet"], "{format}: the cells of the vault differ");
        let (found, expected) = (without_formats(&found, format), without_formats(&vault, "csv"));
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{format}");
        let differing: Vec<&String> = found.keys().filter(|name| found[*name] != expected[*name]).collect();
        assert!(differing.is_empty(), "{format}: {differing:?}");
    }
}

#[test]
fn the_manifest_lists_every_file_with_its_hash() {
    let release = files(&study().path("out/release"));
    let manifest: serde_json::Value = serde_json::from_slice(&release["manifest.json"]).expect("JSON");
    let listed = manifest["files"].as_array().expect("files");
    assert_eq!(listed.len() + 1, release.len());
    for entry in listed {
        let bytes = &release[entry["path"].as_str().expect("a path")];
        assert_eq!(entry["blake3"].as_str(), Some(blake3::hash(bytes).to_hex().as_str()));
    }
    let text = text(&release["manifest.json"]);
    assert!(!text.contains("0.5") && !text.to_lowercase().contains("dominance"), "rule parameters stay inside");
}

#[test]
fn an_independent_attack_finds_no_breach_until_a_withheld_cell_is_put_back() {
    let mut release = attack::read(&study().path("out/vault"));
    let withheld: Vec<usize> = (0..release.sets.len()).filter(|at| release.sets[*at].withheld).collect();
    let unsafe_sets = release.sets.iter().filter(|set| set.is_unsafe()).count();
    let breaches = release.attack();
    println!("{} sets, {unsafe_sets} unsafe, {} withheld, {} breaches", release.sets.len(), withheld.len(), breaches.len());
    assert!(!withheld.is_empty() && breaches.is_empty(), "{breaches:#?}");
    let safe = withheld.iter().find(|at| !release.sets[**at].is_unsafe());
    let put_back = *safe.unwrap_or(&withheld[0]);
    release.sets[put_back].withheld = false;
    assert!(!release.attack().is_empty(), "{:?} was withheld for nothing", release.sets[put_back]);
}

#[test]
fn the_attack_agrees_with_the_rules_on_what_is_unsafe() {
    for set in attack::read(&study().path("out/vault")).sets {
        if set.is_unsafe() {
            assert!(set.withheld && !set.rules.is_empty(), "{set:?}");
        }
    }
}

#[test]
fn no_identifier_and_no_amount_of_one_unit_gets_out() {
    let study = study();
    let mut canaries: Vec<String> = Vec::new();
    for (name, bytes) in files(&study.path("registers")) {
        let text = String::from_utf8(bytes).expect("text");
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().expect("a header").split(';').collect();
        let identifying = |column: &str| column.contains("crypt") || column.contains("identificatie");
        let secret: Vec<bool> = header.iter().map(|column| identifying(column) || *column == "omzet").collect();
        let every = if name.starts_with("deelnemers") { 1 } else { 97 };
        for line in lines.step_by(every) {
            let fields = line.split(';').zip(&secret).filter(|(field, secret)| **secret && field.len() >= 7);
            canaries.extend(fields.map(|(field, _)| field.to_owned()));
        }
    }
    canaries.sort();
    canaries.dedup();
    assert!(canaries.len() > 1000, "there are canaries to look for");
    let release = files(&study.path("out/release"));
    let mut leaving: String = release.iter().map(|(name, bytes)| formats::all_text(name, bytes) + "\n").collect();
    for file in ["summary.md", "checks.xml"] {
        leaving.push_str(&fs::read_to_string(study.path(file)).expect("an account of the run"));
    }
    leaving.push_str(&text(&study.run.stdout));
    leaving.push_str(&text(&study.run.stderr));
    let words: std::collections::BTreeSet<&str> = leaving.split(|c: char| !c.is_alphanumeric()).collect();
    for canary in canaries {
        assert!(!words.contains(canary.as_str()), "a canary got out");
    }
}

/// The files of the release of one kind, by the id of their table.
fn tables_of(release: &BTreeMap<String, Vec<u8>>, folder: &str, ending: &str) -> BTreeMap<String, Vec<u8>> {
    let id = |name: &String| Some(name.strip_prefix(folder)?.strip_suffix(ending)?.to_owned()).filter(|id| !id.contains('/'));
    release.iter().filter_map(|(name, bytes)| Some((id(name)?, bytes.clone()))).collect()
}

#[test]
fn every_format_tells_the_same_cells() {
    let release = files(&study().path("out/release"));
    let tables = tables_of(&release, "tables/", ".csv");
    let mut statuses = BTreeMap::new();
    for (id, bytes) in &tables {
        let table = formats::csv_table(bytes);
        let (metadata, parquet) = formats::parquet_table(&release[&format!("parquet/{id}.parquet")], &table.keys);
        assert!(parquet == table, "{id}: Parquet differs");
        assert_eq!((metadata["table"].as_str(), metadata["study"].as_str()), (id.as_str(), "smart-industry"));
        let recoded = |code: fn(&str) -> String| {
            let key = |key: &Vec<String>| key.iter().map(|part| code(part)).collect::<Vec<_>>();
            let cells = table.cells.iter().map(|(of, cell)| (key(of), cell.clone())).collect();
            formats::Table { cells, ..table.clone() }
        };
        let (counted, sdmx) = formats::sdmx_table(&release[&format!("sdmx/{id}.csv")], &table.keys);
        assert!(sdmx == recoded(formats::sdmx_code), "{id}: SDMX-CSV differs");
        counted.into_iter().for_each(|(status, count)| *statuses.entry(status).or_insert(0) += count);
        let cube = formats::json_stat_table(&release[&format!("json-stat/{id}.json")]);
        let total = |code: &str| if code.is_empty() { "_T".to_owned() } else { code.to_owned() };
        assert!(cube == recoded(total), "{id}: JSON-stat differs");
    }
    assert!(tables.len() > 20);
    let withheld: Vec<_> = statuses.keys().filter(|[state, ..]| state == "suppressed").collect();
    assert_eq!(withheld, [&["suppressed", "Q", "C"].map(str::to_owned)], "one code for every withheld cell");
    let told: Vec<_> = statuses.keys().filter(|[state, ..]| state == "value").collect();
    assert_eq!(told, [&["value", "A", "F"].map(str::to_owned)]);
}

#[test]
fn the_spreadsheet_shows_every_cell_of_every_table() {
    let release = files(&study().path("out/release"));
    let sheets = formats::sheets(&release["smart-industry.xlsx"]);
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[..3], ["Cover", "Contents", "Notes"]);
    let lists = tables_of(&release, "tables/codes/", ".csv");
    let labels: Vec<_> = lists.values().flat_map(|list| formats::code_list(list)).collect();
    let (mut numbers, mut symbols) = (0, 0);
    for (id, bytes) in tables_of(&release, "tables/", ".csv") {
        let table = formats::csv_table(&bytes);
        let (_, sheet) = sheets.iter().find(|(name, _)| *name == id).expect("a sheet per table");
        let (header, rows) = formats::sheet_table(sheet);
        for (key, cell) in &table.cells {
            // What a code may be called: itself, its name, or both.
            let words = |code: &String| -> Vec<String> {
                let named = labels.iter().filter(|(known, _)| known == code);
                let named = named.flat_map(|(code, label)| [label.clone(), format!("{code} {label}")]);
                named.chain([if code.is_empty() { "All".to_owned() } else { code.clone() }]).collect()
            };
            let key: Vec<Vec<String>> = key.iter().map(words).collect();
            let across = |name: &String| key.iter().flatten().any(|word| *name == format!("{word} ({})", table.unit));
            let column =
                header.iter().position(across).or_else(|| header.iter().position(|n| n.ends_with(&format!("({})", table.unit))));
            let column = column.expect("a column of values");
            let keys = header.iter().position(|name| name.ends_with(&format!("({})", table.unit))).expect("a column of values");
            let line = rows
                .iter()
                .find(|row| row[..keys].iter().all(|shown| key.iter().any(|words| words.contains(&shown.to_string()))));
            let shown = &line.unwrap_or_else(|| panic!("{id}: a row of the table is not in the sheet"))[column];
            match cell.value {
                Some(value) => {
                    assert_eq!(shown, &calamine::Data::Float(value), "{id} {key:?}");
                    numbers += 1;
                }
                None => {
                    let symbol = match cell.state.as_str() {
                        "suppressed" => "[c]",
                        "zero" => "[w]",
                        "not-delivered" => "[x]",
                        _ => "[z]",
                    };
                    assert_eq!(shown.to_string(), symbol, "{id} {key:?}");
                    symbols += 1;
                }
            }
        }
    }
    println!("{numbers} numbers and {symbols} symbols");
    assert!(numbers > 300 && symbols > 10);
}

#[test]
fn printed_parts_add_up_and_no_share_is_above_100() {
    let release = files(&study().path("out/release"));
    let (mut shares, mut sums) = (0, 0);
    for (id, bytes) in tables_of(&release, "tables/", ".csv") {
        let table = formats::csv_table(&bytes);
        let mut groups: BTreeMap<Vec<String>, Vec<&formats::Cell>> = BTreeMap::new();
        for (key, cell) in table.cells.iter().filter(|_| table.unit == "%") {
            assert!(cell.value.is_none_or(|share| (0.0..=100.0).contains(&share)), "{id} {key:?}");
            shares += 1;
            if cell.units.is_some() || cell.state == "suppressed" {
                groups.entry(key[..key.len() - 1].to_vec()).or_default().push(cell);
            }
        }
        // A breakdown that is printed whole: the shares are those of the printed numbers, and come to 100 but for their rounding.
        let overlapping = table.keys.iter().any(|key| key == "group_level");
        for cells in groups.values().filter(|cells| !overlapping && cells.iter().all(|cell| cell.units.is_some())) {
            let whole: i64 = cells.iter().filter_map(|cell| cell.units).sum();
            let share = |cell: &&&formats::Cell| cell.units.map(|n| (100.0 * n as f64 / whole as f64).round());
            let printed: Vec<_> = cells.iter().map(|cell| cell.value).collect();
            assert_eq!(printed, cells.iter().map(|cell| share(&cell)).collect::<Vec<_>>(), "{id}");
            let sum: f64 = printed.iter().flatten().sum();
            assert!((sum - 100.0).abs() <= cells.len() as f64 / 2.0, "{id}: {sum}");
            sums += 1;
        }
    }
    let attrition = formats::csv_table(&release["tables/attrition.csv"]);
    let step = |name: &str| attrition.cells[&vec![name.to_owned()]].value;
    if let (Some(numbers), Some(without), Some(with)) = (step("unique-numbers"), step("without-person"), step("with-person")) {
        assert_eq!(numbers, without + with);
        sums += 1;
    }
    println!("{shares} shares, {sums} sums");
    assert!(shares > 50 && sums > 0);
}

#[test]
fn the_metadata_of_a_csv_names_its_columns_and_its_lists() {
    let release = files(&study().path("out/release"));
    for (id, bytes) in tables_of(&release, "tables/", ".csv") {
        let metadata = &release[&format!("tables/{id}.csv-metadata.json")];
        let metadata: serde_json::Value = serde_json::from_slice(metadata).expect("JSON");
        let tables = metadata["tables"].as_array().expect("tables");
        assert_eq!(tables[0]["url"], format!("{id}.csv"));
        let columns = tables[0]["tableSchema"]["columns"].as_array().expect("columns");
        let names: Vec<&str> = columns.iter().map(|column| column["titles"].as_str().expect("a title")).collect();
        assert_eq!(text(&bytes).lines().next(), Some(names.join(",").as_str()));
        for list in &tables[1..] {
            let url = list["url"].as_str().expect("a place");
            assert!(release.contains_key(&format!("tables/{url}")), "{id}: {url} is not there");
        }
    }
}

#[test]
fn a_run_accounts_for_itself_to_a_build_server() {
    let study = study();
    let summary = fs::read_to_string(study.path("summary.md")).expect("a summary");
    assert!(summary.starts_with("# smart-industry\n\n**Released.**") && !summary.contains("fails"), "{summary}");
    assert!(summary.contains("| ✓ holds | audit: no breach | 0 breaches under profile cbs"), "{summary}");
    let junit = fs::read_to_string(study.path("checks.xml")).expect("checks");
    let cases = junit.matches("<testcase ").count();
    assert!(cases > 25 && junit.contains(&format!("tests=\"{cases}\" failures=\"0\"")), "{junit}");

    let stopped = study.path("stopped.xml");
    let (empty, out) = (study.path("no-registers"), study.path("not-written"));
    let run = sluis(&["run", PIPELINE, "--data", path(&empty), "--out", path(&out), "--junit", path(&stopped)]);
    assert_ne!(run.status.code(), Some(0));
    let junit = fs::read_to_string(&stopped).expect("checks of a stopped run");
    assert!(junit.contains("classname=\"smart-industry.run\"") && junit.contains("<failure>"), "{junit}");
    assert!(!out.exists());

    let inside = out.join("checks.xml");
    let run = sluis(&["run", PIPELINE, "--data", path(&empty), "--out", path(&out), "--junit", path(&inside)]);
    assert_eq!(run.status.code(), Some(5), "{}", text(&run.stderr));
}

#[test]
fn killed_at_any_moment_no_half_release_stands() {
    let study = study();
    let complete = files(&study.path("out/release"));
    let out = study.path("killed");
    let data = study.path("registers");
    let mut killed = 0;
    for step in 0..14 {
        let mut run = command(&["run", PIPELINE, "--quiet", "--data", path(&data), "--out", path(&out)]);
        let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("starts");
        std::thread::sleep(Duration::from_millis(40 * step * step));
        let ended = run.try_wait().expect("asked").is_some();
        run.kill().expect("killed");
        run.wait().expect("gone");
        killed += u32::from(!ended);
        if out.exists() {
            assert!(files(&out.join("release")) == complete, "what stands is whole");
            fs::remove_dir_all(&out).expect("removed");
        }
    }
    assert!(killed > 2, "some runs were killed under way");
    succeeds(&["run", PIPELINE, "--data", path(&data), "--out", path(&out)]);
    assert!(files(&out.join("release")) == complete);
}

/// A copy of the registers with one change; the run must fail with this exit code and name this error, and write nothing.
fn refused(change: impl Fn(&Path), exit_code: i32, error: &str) {
    let study = study();
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    fs::create_dir(&data).expect("a folder");
    for (name, bytes) in files(&study.path("registers")) {
        fs::write(data.join(name), bytes).expect("written");
    }
    change(&data);
    let out = folder.path().join("out");
    let run = sluis(&["run", PIPELINE, "--data", path(&data), "--out", path(&out)]);
    let said = text(&run.stderr);
    assert!(run.status.code() == Some(exit_code) && said.contains(error), "{:?}: {said}", run.status);
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 1, "nothing was written");
}

fn rewrite(file: &Path, change: impl Fn(&str) -> String) {
    let text = fs::read_to_string(file).expect("readable");
    fs::write(file, change(&text)).expect("written");
}

#[test]
fn bad_registers_are_refused_with_their_own_error() {
    let turnover = |data: &Path| data.join("DRT_BEID2016V1.csv");
    refused(|data| fs::remove_file(turnover(data)).expect("removed"), 4, "file-missing");
    refused(|data| fs::write(turnover(data), "").expect("written"), 4, "file-empty");
    refused(|data| rewrite(&turnover(data), |text| text.replacen("omzet", "bedrag", 1)), 4, "column-missing");
    refused(
        |data| rewrite(&data.join("deelnemers.csv"), |text| text.lines().next().unwrap_or_default().to_owned() + "\n"),
        4,
        "empty-list",
    );
    let strangers = |data: &Path| {
        rewrite(&data.join("deelnemers.csv"), |text| {
            let header = text.lines().next().unwrap_or_default();
            let width = header.split(';').count();
            let row = |at: usize| format!("stranger{at}{}", ";".repeat(width - 1));
            format!("{header}\n{}\n", (0..20).map(row).collect::<Vec<_>>().join("\n"))
        });
    };
    refused(strangers, 4, "nobody-linked");
}

#[test]
fn an_output_folder_that_is_there_is_refused() {
    let study = study();
    let before = files(&study.path("out"));
    let run = sluis(&["run", PIPELINE, "--data", path(&study.path("registers")), "--out", path(&study.path("out"))]);
    assert_eq!(run.status.code(), Some(5));
    assert!(text(&run.stderr).contains("output-exists"));
    assert!(files(&study.path("out")) == before);
}

#[test]
fn a_wrong_pipeline_is_refused_with_its_places() {
    let folder = tempfile::tempdir().expect("a folder");
    let pipeline = folder.path().join("wrong.toml");
    let text_of = fs::read_to_string(PIPELINE).expect("readable").replace("profile = \"cbs\"", "profil = \"cbs\"");
    fs::write(&pipeline, text_of.replacen("by       = [\"year\"]", "by       = [\"yaer\"]", 1)).expect("written");
    let check = sluis(&["check", path(&pipeline)]);
    let said = text(&check.stderr);
    assert_eq!(check.status.code(), Some(3), "{said}");
    assert!(said.contains("did you mean `profile`") && said.contains("did you mean `year`"), "{said}");
}

/// A changed copy of the pipeline of the reference study, in a folder of its own.
fn changed_pipeline(from: &str, to: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let pipeline = folder.path().join("changed.toml");
    let text = fs::read_to_string(PIPELINE).expect("readable");
    assert!(text.contains(from));
    fs::write(&pipeline, text.replace(from, to)).expect("written");
    (folder, pipeline)
}

#[test]
fn a_year_without_a_file_is_not_a_year_of_zeros() {
    let (folder, pipeline) = changed_pipeline("{ from = 2014, to = 2018 }", "{ from = 2014, to = 2019 }");
    let out = folder.path().join("out");
    succeeds(&["run", path(&pipeline), "--data", path(&study().path("registers")), "--out", path(&out)]);
    let table = fs::read_to_string(out.join("release/tables/f35-t9.csv")).expect("the table");
    let last: Vec<&str> = table.lines().filter(|line| line.starts_with("2019,")).collect();
    assert_eq!(last.len(), 8);
    assert!(last.iter().all(|line| line.ends_with(",,eur per person,not-delivered")), "{last:?}");
}

#[test]
fn declared_weights_that_are_not_delivered_are_an_error() {
    let (folder, pipeline) = changed_pipeline("weights           = \"none\"", "weights           = \"design\"");
    let out = folder.path().join("weighted");
    succeeds(&["run", path(&pipeline), "--data", path(&study().path("registers")), "--out", path(&out)]);
    let notes = fs::read_to_string(out.join("release/NOTES.md")).expect("the notes");
    assert!(notes.contains("design"), "{notes}");
    assert!(files(&out.join("release/tables")) != files(&study().path("out/release/tables")), "weights change the means");
    let without = folder.path().join("without");
    fs::create_dir(&without).expect("a folder");
    for (name, bytes) in files(&study().path("registers")) {
        fs::write(without.join(name), bytes).expect("written");
    }
    rewrite(&without.join("Investeringen2016V1.csv"), |text| text.replacen("ophoogfactor", "overig", 1));
    let run = sluis(&["run", path(&pipeline), "--data", path(&without), "--out", path(&folder.path().join("refused"))]);
    assert!(run.status.code() == Some(4) && text(&run.stderr).contains("column-missing"), "{}", text(&run.stderr));
}

/// Runs a pipeline on public data, when they are there.
fn real(pipeline: &str, file: &str) {
    let data = Path::new("../shared/data/real");
    if !data.join(file).exists() {
        println!("skipped: {file} is not in {}; README.md says where to get it", data.display());
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    succeeds(&["check", pipeline, "--data", path(data)]);
    let run = succeeds(&["run", pipeline, "--json", "--data", path(data), "--out", path(&out)]);
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).expect("one document");
    println!("{pipeline}: {}", report["audit"]);
    assert_eq!(report["audit"]["breaches"], 0);
    let release = attack::read(&out.join("vault"));
    let breaches = release.attack();
    assert!(breaches.is_empty(), "{breaches:#?}");
    assert!(release.sets.iter().any(|set| !set.withheld), "something is published");
}

#[test]
fn the_michigan_job_training_firms_run_to_a_release() {
    real("pipelines/job-training.toml", "jtrain.csv");
}

#[test]
fn the_uk_firms_run_to_a_release() {
    real("pipelines/uk-firms.toml", "empluk.csv");
}

/// What stands between tags of a file that was written as markup, with the rest of the opening tag before it.
fn elements<'a>(markup: &'a str, opening: &str) -> Vec<(&'a str, &'a str)> {
    let content = |rest: &'a str| {
        let (tag, rest) = rest.split_once('>')?;
        Some((tag, rest.split_once("</")?.0))
    };
    markup.split(opening).skip(1).filter_map(content).collect()
}

/// Every value of every table of the release as both languages write it, and the signs of cells without one.
fn released(release: &Path) -> std::collections::BTreeSet<String> {
    let signs = ["*", "..", "x", "\u{2013}"].map(str::to_owned);
    let mut released: std::collections::BTreeSet<String> = signs.into();
    for (_, bytes) in tables_of(&files(release), "tables/", ".csv") {
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().expect("a header").clone();
        let columns: Vec<usize> = (0..header.len()).filter(|at| ["value", "n"].contains(&&header[*at])).collect();
        for row in reader.records() {
            let row = row.expect("a row");
            for value in columns.iter().map(|at| &row[*at]).filter(|value| !value.is_empty()) {
                for language in [sluis::language::Language::English, sluis::language::Language::Dutch] {
                    released.insert(language.number(value));
                }
            }
        }
    }
    released
}

#[test]
fn every_number_in_a_figure_and_in_the_report_is_a_released_value() {
    let release = study().path("out/release");
    let released = released(&release);
    let mut checked = 0;
    for (name, bytes) in files(&release).into_iter().filter(|(name, _)| name.ends_with(".svg") || name.ends_with(".html")) {
        let markup = text(&bytes);
        let values = elements(&markup, "<text class=\"value\"").into_iter().map(|(_, value)| value.to_owned());
        let cells = markup.split("<td>").skip(1).filter_map(|cell| cell.split_once("</td>")).flat_map(|(cell, _)| {
            let visible = cell.rsplit_once("</span> ").map_or(cell, |(_, value)| value);
            let (value, count) = visible.split_once(" <span class=\"n\">(").unwrap_or((visible, ""));
            [value.to_owned(), count.trim_end_matches(")</span>").to_owned()]
        });
        for value in values.chain(cells).filter(|value| !value.is_empty()) {
            assert!(released.contains(&value), "{name}: {value}");
            checked += 1;
        }
        let words = elements(&markup, "<text class=\"label\"").into_iter().map(|(_, label)| label.to_owned());
        let long = words.flat_map(|label| label.split(|c: char| !c.is_ascii_digit()).map(str::to_owned).collect::<Vec<_>>());
        assert!(long.into_iter().all(|digits| digits.len() <= 4), "{name}: words hold years and limits of classes only");
    }
    assert!(checked > 2000, "{checked} numbers were looked at");
}

#[test]
fn the_report_stands_on_its_own_in_both_languages() {
    let release = files(&study().path("out/release"));
    let tables: Vec<String> = tables_of(&release, "tables/", ".csv").into_keys().collect();
    assert!(tables.len() > 20);
    for language in ["en", "nl"] {
        let report = text(&release[&format!("report.{language}.html")]);
        assert!(report.starts_with(&format!("<!DOCTYPE html>\n<html lang=\"{language}\">")));
        let outside = report.replace("http://www.w3.org/2000/svg", "");
        for asking in ["http:", "https:", "//", "<script", "<link", "@import"] {
            let found = outside
                .match_indices(asking)
                .filter(|(at, _)| !outside[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '/' || c == '+'));
            assert_eq!(found.count(), 0, "{asking} in the {language} report");
        }
        let ids: Vec<&str> = report.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "ids are unique");
        for target in report.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ids.contains(&target), "a link leads to {target}");
        }
        for table in &tables {
            assert!(report.contains(&format!("<article id=\"table-{table}\">")), "{table}");
            for extension in ["csv", "pdf", "png", "svg"] {
                assert!(release.contains_key(&format!("figures/{language}/{table}.{extension}")), "{table}.{extension}");
            }
        }
    }
}
