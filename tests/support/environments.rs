//! Environments whose releases can be pooled: one pipeline, registers of their own.

use std::fs;
use std::path::Path;

use super::run::{path, succeeds};

pub const PIPELINE: &str = "tests/support/pool.toml";

/// What registers of one environment have that those of the others have not: text of the targets, and what stands in its place.
pub type Changes = &'static [(&'static str, &'static str)];

/// Name, business units, seed, changes.
pub type Environment = (&'static str, &'static str, &'static str, Changes);

pub const ENVIRONMENTS: [Environment; 3] = [
    ("NL", "6000", "1", &[]),
    (
        "BE",
        "6000",
        "7",
        &[
            ("listings       = 733", "listings       = 690"),
            ("numbers        = 552", "numbers        = 530"),
            ("without_person = 30", "without_person = 20"),
            ("units = [428, 449, 468, 488, 493, 494]", "units = [391, 402, 411, 420, 455, 460]"),
            ("trade              = 11", "trade              = 6"),
            ("age_six_or_more    = 78", "age_six_or_more    = 70"),
        ],
    ),
    (
        "LU",
        "4000",
        "11",
        &[
            ("listings       = 733", "listings       = 700"),
            ("numbers        = 552", "numbers        = 541"),
            ("units = [428, 449, 468, 488, 493, 494]", "units = [401, 412, 431, 440, 465, 470]"),
            ("ict                = 14", "ict                = 9"),
        ],
    ),
];

/// Registers, release and vault of an environment, below a folder.
pub fn environment(folder: &Path, (name, units, seed, other): Environment) {
    let mut targets = fs::read_to_string("pipelines/targets/smart-industry.toml").expect("the targets are there");
    for (from, to) in other {
        assert!(targets.contains(from), "{from}");
        targets = targets.replacen(from, to, 1);
    }
    let (file, registers) = (folder.join(format!("{name}.toml")), folder.join(format!("{name}-registers")));
    fs::write(&file, targets).expect("written");
    succeeds(&["synth", "--units", units, "--seed", seed, "--targets", path(&file), "--out", path(&registers)]);
    succeeds(&["run", PIPELINE, "--data", path(&registers), "--out", path(&folder.join(name))]);
}
