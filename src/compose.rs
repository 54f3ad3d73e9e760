//! The files of both packages of a finished run, in the order in which they are written: the manifest of the release last.

use rayon::prelude::*;
use serde_json::json;

use crate::pipeline::Run;
use crate::release::manifest::{json, manifest};
use crate::release::vault::{self, Texts};
use crate::release::{FORMATS, Facts, File, Release, links, notes};
use crate::spec::plan::Plan;

/// Everything below the output folder.
pub fn files(plan: &Plan, run: &Run) -> Vec<File> {
    let mut files = inside("vault", vault_files(plan, run));
    let profile = format!("{} {}", run.evidence.profile.name, run.evidence.profile.version);
    let facts = Facts::of(plan, profile, run.earlier.iter().map(|earlier| earlier.hash.clone()).collect());
    let release = Release { facts: &facts, tables: &run.safe };
    let by_format: Vec<Vec<File>> = FORMATS.par_iter().map(|format| (format.files)(&release)).collect();
    let mut leaving: Vec<File> = by_format.into_iter().flatten().collect();
    leaving.push(notes::notes(&release));
    let manifest = json(&manifest(&release, &leaving));
    files.extend(inside("release", leaving));
    files.extend(inside("release", vec![File { path: "manifest.json".into(), bytes: manifest }]));
    files
}

fn inside(folder: &str, files: Vec<File>) -> Vec<File> {
    files.into_iter().map(|file| File { path: format!("{folder}/{}", file.path), bytes: file.bytes }).collect()
}

fn vault_files(plan: &Plan, run: &Run) -> Vec<File> {
    let mut files = vault::files(&run.truth, &run.safe, &run.evidence);
    if run.listings.is_some() {
        files.push(vault::csv("links.csv", &links::links(&run.links, &run.delivery)));
    }
    files.push(vault::csv("outliers.csv", &outliers(plan, run)));
    files.push(File { path: "pipeline.toml".into(), bytes: plan.source.clone().into_bytes() });
    files.push(File { path: "inputs.json".into(), bytes: json(&run.inputs) });
    files.push(File { path: "findings.json".into(), bytes: json(&run.findings) });
    files.push(File { path: "log.json".into(), bytes: json(&log(run)) });
    files
}

/// The extreme values that the outlier rule acted on.
fn outliers(plan: &Plan, run: &Run) -> Texts {
    let row = |extreme: &crate::cohort::outliers::Extreme| {
        vec![
            plan.indicators[extreme.indicator].name.clone(),
            extreme.year.to_string(),
            run.delivery.unit_identifier(extreme.unit).0,
        ]
    };
    let mut rows: Vec<_> = run.removed.log.iter().map(row).collect();
    rows.sort();
    Texts { header: vec!["indicator", "year", "unit"], rows }
}

/// The only place where time is told.
fn log(run: &Run) -> serde_json::Value {
    let stages: Vec<_> = run.times.iter().map(|(stage, time)| json!({ "stage": stage, "seconds": time.as_secs_f64() })).collect();
    json!({
        "program": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "confinement": crate::confine::held(),
        "earlier_releases": run.earlier,
        "stages": stages,
        "units": run.arms.iter().map(|(year, [treated, controls, left_out])| {
            json!({ "year": year, "treated": treated, "controls": controls, "left_out": left_out })
        }).collect::<Vec<_>>(),
    })
}
