//! Releases that hold tables of the same units: apart they can give away what together they keep.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

#[path = "support/attack.rs"]
#[allow(dead_code, reason = "the rules are looked at elsewhere")]
mod attack;
#[path = "support/run.rs"]
mod run;

use run::{PIPELINE, path, sluis, succeeds, text};

/// Participants by sector and five classes of size, and their turnover.
const FIRST: &str = "
[[table]]
id     = 'five'
title  = 'Participants by sector and size'
show   = 'count'
by     = ['sector', 'size.five']
totals = ['sector', 'size.five']
where  = { arm = ['participants'] }
years  = [2018]

[[table]]
id         = 'turnover'
title      = 'Turnover per person'
show       = 'mean'
indicators = ['turnover-per-person']
by         = ['sector', 'arm']
totals     = ['sector']
years      = [2018]
";

/// The same participants in other classes, and another measure of them.
const SECOND: &str = "
[[table]]
id     = 'three'
title  = 'Participants by sector and size'
show   = 'count'
by     = ['sector', 'size.three']
totals = ['sector']
where  = { arm = ['participants'] }
years  = [2018]

[[table]]
id         = 'persons'
title      = 'Employed persons'
show       = 'mean'
indicators = ['persons']
by         = ['sector', 'arm']
years      = [2018]
";

/// Participants by sector, of which some have few.
const SECTORS: &str = "
[[table]]
id    = 'sectors'
title = 'Participants by sector'
show  = 'count'
by    = ['sector']
where = { arm = ['participants'] }
years = [2018]
";

/// The head of the reference study with these tables, in a folder of its own that also holds what is named as earlier.
fn pipeline(folder: &Path, name: &str, tables: &str, earlier: &[&str]) -> PathBuf {
    let study = fs::read_to_string(PIPELINE).expect("readable");
    let head = study.split("# --- linkage").next().expect("a head");
    let plain = head.lines().filter(|line| !line.contains("_nl ") && !line.contains("_nl=")).collect::<Vec<_>>().join("\n");
    let named = earlier.iter().map(|one| format!("'{one}'")).collect::<Vec<_>>().join(", ");
    let file = folder.join(format!("{name}.toml"));
    fs::write(&file, format!("{plain}\nearlier = [{named}]\n{tables}")).expect("written");
    file
}

/// Registers, a first release, and a second one with and without it.
struct Made(tempfile::TempDir);

impl Made {
    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, name: &str, tables: &str, earlier: &[&str]) -> std::process::Output {
        let file = pipeline(self.0.path(), name, tables, earlier);
        sluis(&["run", path(&file), "--data", path(&self.at("registers")), "--out", path(&self.at(name))])
    }
}

fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let made = Made(tempfile::tempdir().expect("a folder"));
        succeeds(&["synth", "--units", "20000", "--format", "csv", "--out", path(&made.at("registers"))]);
        for (name, tables, earlier) in
            [("first", FIRST, &[][..]), ("apart", SECOND, &[][..]), ("together", SECOND, &["first/release"][..])]
        {
            let done = made.run(name, tables, earlier);
            assert!(done.status.success(), "{name}: {}{}", text(&done.stdout), text(&done.stderr));
        }
        made
    })
}

/// The set of every row that the release shows, by what its vault tells of the same row in another run.
fn shown_sets(release: &Path, vault: &Path) -> Vec<String> {
    let key = |record: &csv::StringRecord, header: &csv::StringRecord| {
        let named = header
            .iter()
            .zip(record)
            .filter(|(name, code)| ["year", "arm", "sector", "size_class", "indicator"].contains(name) && !code.is_empty());
        named.map(|(name, code)| format!("{name}={code}")).collect::<BTreeSet<_>>()
    };
    let mut sets = BTreeMap::new();
    let mut reader = csv::Reader::from_path(vault.join("cells.csv")).expect("the vault has its cells");
    let header = reader.headers().expect("a header").clone();
    for record in reader.records().map(|record| record.expect("a record")) {
        let of = |name: &str| header.iter().position(|column| column == name).map(|at| record[at].to_owned()).expect("a column");
        sets.insert((of("table"), key(&record, &header)), of("set"));
    }
    let mut shown = Vec::new();
    for table in ["three", "persons"] {
        let mut reader = csv::Reader::from_path(release.join(format!("tables/{table}.csv"))).expect("a table");
        let header = reader.headers().expect("a header").clone();
        for record in reader.records().map(|record| record.expect("a record")) {
            if header.iter().zip(&record).any(|(name, text)| name == "state" && text == "value") {
                shown.push(sets[&(table.to_owned(), key(&record, &header))].clone());
            }
        }
    }
    shown
}

#[test]
fn together_they_keep_what_apart_they_give_away() {
    let vault = made().at("together/vault");
    let mut both = attack::read(&vault);
    let first = attack::read(&made().at("first/vault"));
    let shown = |release: &attack::Release| release.sets.iter().filter(|set| !set.withheld && set.universe == "2018").count();
    assert!(shown(&both) > shown(&attack::read(&made().at("apart/vault"))) && shown(&both) > shown(&first));
    let breaches = both.attack();
    assert!(breaches.is_empty(), "{breaches:#?}");
    let apart = shown_sets(&made().at("apart/release"), &vault);
    let also = both.sets.iter_mut().filter(|set| set.withheld && apart.contains(&set.id));
    let also: Vec<String> = also.map(|set| (set.withheld = false, set.id.clone()).1).collect();
    let breaches = both.attack();
    println!("{} sets shown by the second release alone give away {}", also.len(), breaches.len());
    assert!(!also.is_empty() && !breaches.is_empty(), "the releases are safe apart: {also:?}");
}

#[test]
fn a_release_that_is_made_again_beside_itself_is_the_same() {
    let done = made().run("again", FIRST, &["first/release"]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    for table in ["five", "turnover"] {
        let csv = |run: &str| fs::read_to_string(made().at(run).join(format!("release/tables/{table}.csv"))).expect("a table");
        assert_eq!(csv("again"), csv("first"), "{table}");
    }
    assert!(text(&done.stdout).contains("with the 2 tables of first/release"), "{}", text(&done.stdout));
    let log = fs::read_to_string(made().at("again/vault/log.json")).expect("a log");
    let manifest = fs::read(made().at("first/release/manifest.json")).expect("a manifest");
    assert!(log.contains(blake3::hash(&manifest).to_hex().as_str()), "{log}");
    let definition = fs::read_to_string(made().at("together/release/definition.json")).expect("a definition");
    assert!(definition.contains("\"three\"") && !definition.contains("\"five\": {"), "only its own tables are in a release");
}

/// Exit code and what was said.
fn refused(name: &str, change: impl Fn(&str) -> String, registers: &str) -> String {
    let file = pipeline(made().0.path(), name, SECOND, &["first/release"]);
    let before = fs::read_to_string(&file).expect("readable");
    let changed = change(&before);
    fs::write(&file, changed).expect("written");
    let out = made().at(name);
    let done = sluis(&["run", path(&file), "--data", path(&made().at(registers)), "--out", path(&out)]);
    assert!(!done.status.success() && !out.join("release").exists(), "{name}: {}", text(&done.stdout));
    text(&done.stderr)
}

#[test]
fn releases_of_other_units_or_made_otherwise_are_refused() {
    let said = refused("choice", |text| text.replace("group_members = \"keep\"", "group_members = \"leave-out\""), "registers");
    assert!(said.contains("earlier-differs") && said.contains("`cohort.group_members`"), "{said}");
    let said = refused(
        "years",
        |text| text.replace("from = 2014, to = 2019", "from = 2014, to = 2017").replace("[2018]", "[2017]"),
        "registers",
    );
    assert!(said.contains("earlier-differs") && said.contains("2018"), "{said}");
    let said = refused("nowhere", |text| text.replace("first/release", "none/release"), "registers");
    assert!(said.contains("cannot-read"), "{said}");
    succeeds(&["synth", "--units", "15000", "--format", "csv", "--out", path(&made().at("others"))]);
    let said = refused("others-run", str::to_owned, "others");
    assert!(said.contains("earlier-differs") && said.contains("turnover of first/release"), "{said}");
    // What the release printed is not told again.
    let printed = fs::read_to_string(made().at("first/release/tables/turnover.csv")).expect("a table");
    let total = printed.lines().nth(1).and_then(|line| line.split(',').nth(4)).expect("a total");
    assert!(total.len() > 4 && !said.contains(total), "{said}");
}

#[test]
fn a_release_that_was_changed_is_refused() {
    let copy = made().at("changed");
    for (name, bytes) in run::files(&made().at("first/release")) {
        let file = copy.join(&name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        fs::write(file, bytes).expect("written");
    }
    let table = copy.join("tables/five.csv");
    fs::write(&table, fs::read_to_string(&table).expect("readable").replacen(",value", ",suppressed", 1)).expect("written");
    let said = refused("broken", |text| text.replace("first/release", "changed"), "registers");
    assert!(said.contains("release-broken"), "{said}");
    let check = pipeline(made().0.path(), "check", SECOND, &["changed"]);
    let done = sluis(&["check", path(&check)]);
    assert!(!done.status.success() && text(&done.stderr).contains("release-broken"), "{}", text(&done.stderr));
}

#[test]
fn what_an_earlier_release_was_protected_with_is_named_too() {
    let file = pipeline(made().0.path(), "third", SECTORS, &["together/release"]);
    let run = || sluis(&["run", path(&file), "--data", path(&made().at("registers")), "--out", path(&made().at("third"))]);
    let said = text(&run().stderr);
    assert!(said.contains("earlier-missing") && said.contains("together/release"), "{said}");
    pipeline(made().0.path(), "third", SECTORS, &["first/release", "together/release"]);
    let done = run();
    assert!(done.status.success(), "{}", text(&done.stderr));
    let breaches = attack::read(&made().at("third/vault")).attack();
    assert!(breaches.is_empty(), "{breaches:#?}");
}

#[test]
fn a_release_under_other_rules_is_refused() {
    let file = pipeline(made().0.path(), "weak", SECTORS, &[]);
    fs::write(&file, fs::read_to_string(&file).expect("readable").replace("\"cbs\"", "\"fdz\"")).expect("written");
    succeeds(&["run", path(&file), "--data", path(&made().at("registers")), "--out", path(&made().at("weak"))]);
    let said = refused("strict", |text| text.replace("first/release", "weak/release"), "registers");
    assert!(said.contains("earlier-differs") && said.contains("another disclosure profile"), "{said}");
    let said = refused("twice", |text| text.replace("'first/release'", "'first/release', 'first'"), "registers");
    assert!(said.contains("named twice"), "{said}");
}
