//! `sluis perturb` as a user meets it: what leaves, what stays inside, what is refused, and that the same input gives the same bytes.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const COUNTS: &str = "region,sex,n\nNorth,f,12\nNorth,m,3\nSouth,f,8\nSouth,m,41\nTotal,f,20\n";
const SECRET: &str = "a-secret-that-nobody-else-will-know-0123456789";

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("counts.csv", COUNTS);
        folder.secret(SECRET, 0o600);
        folder.write("units.csv", &units(false));
        folder.write("reversed.csv", &units(true));
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// The file with the secret, for those whom the mode allows.
    fn secret(&self, text: &str, mode: u32) {
        self.write("secret.key", text);
        #[cfg(unix)]
        fs::set_permissions(self.path("secret.key"), std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn run(&self, arguments: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sluis"));
        command.current_dir(self.0.path()).args(arguments.split_whitespace()).output().unwrap()
    }

    /// Runs and must end with this code.
    fn must(&self, arguments: &str, code: i32) -> String {
        let output = self.run(arguments);
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments}\n{text}");
        text
    }
}

/// Units with identifiers that must not be found anywhere again.
fn units(reversed: bool) -> String {
    let mut rows: Vec<String> = (0..300)
        .map(|unit| format!("canary{unit},{},{}\n", ["North", "South", "West"][unit % 3], ["f", "m"][unit / 7 % 2]))
        .collect();
    if reversed {
        rows.reverse();
    }
    format!("id,region,sex\n{}", rows.concat())
}

/// All files below a folder with their bytes.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push((path.clone(), fs::read(&path).unwrap())) }
    }
    found.sort();
    found
}

#[test]
fn a_table_leaves_rounded_under_the_profile_opensafely() {
    let folder = Folder::new();
    folder.must("perturb counts.csv --by region,sex --count n --profile opensafely --method redaction --out out", 0);
    let table = "region,sex,value,state\n,,60,value\n,f,20,value\n,m,40,value\nNorth,,10,value\nNorth,f,10,value\nNorth,m,0,value\n\
                 South,,50,value\nSouth,f,10,value\nSouth,m,40,value\n";
    assert_eq!(folder.read("out/release/tables/table.csv"), table);
    let inside = folder.read("out/vault/cells.csv");
    assert!(inside.contains("\"region=North, sex=m\",3,3,0,value,minimum_frequency,0,7,2\n"), "{inside}");
    let manifest: serde_json::Value = serde_json::from_str(&folder.read("out/release/manifest.json")).unwrap();
    assert_eq!((manifest["method"].as_str(), manifest["base"].as_u64()), (Some("redaction"), Some(5)));
    assert_eq!(manifest["files"][0]["blake3"].as_str().unwrap(), blake3::hash(table.as_bytes()).to_hex().as_str());
    folder.must("perturb counts.csv --by region,sex --count n --profile opensafely --method redaction --out out", 5);
}

#[test]
fn a_study_is_not_rounded_and_so_refused_under_it() {
    let folder = Folder::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let pipeline = fs::read_to_string(root.join("pipelines/smart-industry.toml")).unwrap();
    folder.write("study.toml", &pipeline.replace("\"cbs\"", "\"opensafely\""));
    let text = folder.must("check study.toml", 6);
    assert!(text.contains("profile-not-applied") && text.contains("sluis perturb --profile opensafely"), "{text}");
}

#[test]
fn what_is_not_protected_or_not_accepted_is_not_written() {
    let folder = Folder::new();
    folder.write("sevens.csv", "group,n\na,2\nb,2\nc,2\nd,2\n");
    let run = "perturb sevens.csv --by group --count n --profile handbook --out out";
    // Four numbers of 2 become 0 with base 5; their total of 8, rounded by itself, is 10 and so gives them away.
    let text = folder.must(&format!("{run} --method conventional --base 5"), 6);
    assert!(text.contains("audit-failed") && text.contains("4 of 4 unsafe cells"), "{text}");
    assert!(!folder.path("out").exists());
    folder.must("perturb sevens.csv --by group --count n --profile cbs --out out --method sum-of-rounded", 6);
    folder.must("perturb sevens.csv --by group --count n --profile none --out out --method sum-of-rounded", 3);
    assert!(!folder.path("out").exists());
    folder.must(&format!("{run} --method sum-of-rounded --base 5"), 0);
}

#[test]
fn the_same_units_have_the_same_noise_whatever_the_order_and_the_table() {
    let folder = Folder::new();
    let run = |table: &str, by: &str, out: &str| {
        folder.must(
            &format!(
                "perturb {table}.csv --by {by} --unit id --key-file secret.key --profile handbook --method cell-key --out {out}"
            ),
            0,
        );
        folder.read(&format!("{out}/release/tables/table.csv"))
    };
    let both = run("units", "region,sex", "one");
    assert_eq!(both, run("reversed", "region,sex", "two"));
    let alone = run("units", "region", "three");
    for line in alone.lines().skip(1) {
        let (region, rest) = line.split_once(',').unwrap();
        assert!(both.contains(&format!("\n{region},,{rest}\n")), "{line} is not in {both}");
    }
    for (name, bytes) in files(&folder.path("one/release")) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains("canary") && !text.contains(SECRET), "{}", name.display());
    }
    folder.secret("another-secret-that-is-long-enough-0123456789", 0o600);
    assert_ne!(both, run("units", "region,sex", "four"));
}

#[test]
fn methods_are_compared_on_one_table() {
    let folder = Folder::new();
    let text = folder.must("--json perturb counts.csv --by region,sex --count n --profile opensafely --compare", 0);
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    let of = |name: &str| found["methods"].as_array().unwrap().iter().find(|one| one["method"] == name).unwrap().clone();
    assert_eq!(of("redaction")["accepted"], true);
    assert_eq!(of("controlled")["accepted"], false);
    assert_eq!(of("sum-of-rounded")["utility"]["additivity_gap"], 0.0);
    assert!(of("cell-key")["refused"].as_str().unwrap().contains("keys of the units"));
    assert!(of("suppression")["utility"]["withheld_cells"].as_f64().unwrap() > 0.0);
    let distance = |name: &str| of(name)["utility"]["distance"].as_f64().unwrap();
    assert!(distance("conventional") <= distance("redaction"));
}

#[test]
fn a_key_that_can_be_guessed_and_a_wrong_table_are_refused() {
    let folder = Folder::new();
    folder.secret("short", 0o600);
    folder
        .must("perturb units.csv --by region --unit id --key-file secret.key --profile handbook --method cell-key --out out", 4);
    let text = folder.must("perturb counts.csv --by region --count n --profile opensafely --method redaction --out out", 4);
    assert!(text.contains("key-not-unique") && text.contains("row 2"), "{text}");
    let text = folder.must("perturb counts.csv --by region,sex --count n --profile opensafely --method noise --out out", 2);
    assert!(text.contains("possible values: controlled, sum-of-rounded"), "{text}");
    assert!(!folder.path("out").exists());
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_is_refused_and_not_told() {
    let folder = Folder::new();
    let run = "perturb units.csv --by region --unit id --key-file secret.key --profile handbook --method cell-key --out";
    for mode in [0o644, 0o660, 0o602] {
        folder.secret(SECRET, mode);
        let text = folder.must(&format!("{run} open"), 5);
        assert!(text.contains("error[key-open-to-others]") && text.contains("secret.key") && !text.contains(SECRET), "{text}");
        assert!(!folder.path("open").exists());
    }
    folder.secret(SECRET, 0o600);
    folder.must(&format!("{run} kept"), 0);
}
