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
use std::process::Stdio;
use std::time::Duration;

#[path = "support/attack.rs"]
mod attack;
#[path = "support/run.rs"]
mod run;

use run::{PIPELINE, UNITS, command, files, path, sluis, study, succeeds, text};

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

/// What the protection of a study took when its cells are sought by a declared method, as the vault tells it.
fn protection(registers: &Path, method: &str) -> serde_json::Value {
    let (folder, pipeline) = changed_pipeline("profile = \"cbs\"", &format!("profile = \"cbs\"\nmethod = \"{method}\""));
    let out = folder.path().join("out");
    succeeds(&["run", path(&pipeline), "--data", path(registers), "--out", path(&out)]);
    let audit = fs::read(out.join("vault/audit.json")).expect("the audit");
    let audit: serde_json::Value = serde_json::from_slice(&audit).expect("one document");
    assert_eq!(audit["protection"]["search"], method);
    audit["protection"].clone()
}

#[test]
fn an_exact_search_of_a_study_proves_its_cost_and_a_fast_one_costs_no_less() {
    let folder = tempfile::tempdir().expect("a folder");
    let registers = folder.path().join("registers");
    // On these an unsafe cell asks for another one.
    succeeds(&["synth", "--units", UNITS, "--seed", "4", "--out", path(&registers)]);
    let (exact, fast) = (protection(&registers, "exact"), protection(&registers, "fast"));
    let number = |protection: &serde_json::Value, name: &str| protection[name].as_f64();
    let (cost, bound) = (number(&exact, "cost").expect("a cost"), number(&exact, "bound").expect("a bound"));
    assert!(cost > 0.0 && (cost - bound).abs() <= 1e-6 * cost, "{exact}");
    assert!(number(&fast, "cost").expect("a cost") >= bound * (1.0 - 1e-6), "{fast}");
    assert_eq!(number(&fast, "bound"), None, "a fast search proves nothing");
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
