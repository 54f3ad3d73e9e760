//! `sluis perturb`: a table made elsewhere with rounded or noisy values, and how methods compare on it.

use std::path::{Path, PathBuf};

use serde_json::json;
use sluis::cells::perturb::cell_key::key::Secret;
use sluis::cells::perturb::cell_key::maker::{Wanted, make};
use sluis::cells::perturb::cell_key::table::NoiseTable;
use sluis::cells::perturb::cell_key::{Amounts, Flex, Noise, ZeroKeys};
use sluis::cells::perturb::check::{attack, check};
use sluis::cells::perturb::utility::{Utility, of_perturbed, utility};
use sluis::cells::perturb::{self, Method, Settings};
use sluis::cells::plain::{Columns, Plain, read, text};
use sluis::cells::system::{Cost, judge, problem};
use sluis::cells::table::CellTable;
use sluis::confine::secret;
use sluis::diagnostic::{Diagnostic, Diagnostics};
use sluis::disclosure::problem::Attackers;
use sluis::disclosure::profile::Profile;
use sluis::disclosure::suppress::search::{self, Options, solve};
use sluis::release::{package, perturbed};

use super::begin::begin_reading;
use crate::terminal::Terminal;

#[derive(clap::Args)]
pub struct Arguments {
    /// CSV file: each row a unit, or with --count each row a cell.
    table: PathBuf,
    /// Columns of the spanning variables; totals over each are made, or checked where they stand in the file.
    #[arg(long, value_name = "COLUMN", required = true, value_delimiter = ',')]
    by: Vec<String>,
    /// Column with the number of units of a cell.
    #[arg(long, value_name = "COLUMN")]
    count: Option<String>,
    /// Column with an amount of each unit; then amounts are tabulated, not units.
    #[arg(long, value_name = "COLUMN")]
    value: Option<String>,
    /// Codes below the total of a variable, one a line, each led by as many `@` as it lies deeper.
    #[arg(long, value_name = "COLUMN=FILE", value_parser = pair)]
    hierarchy: Vec<(String, PathBuf)>,
    /// Code of totals in the file; an empty field is one too.
    #[arg(long, value_name = "CODE", default_value = "Total")]
    total: String,
    /// The disclosure profile; `sluis profiles` lists them.
    #[arg(long, value_name = "NAME")]
    profile: String,
    /// How values are changed; `sluis explain` says more of each.
    #[arg(long, value_name = "NAME", required_unless_present = "compare", value_parser = methods())]
    method: Option<String>,
    /// Base of the rounding. [default: 6 for midpoint, 5 for others]
    #[arg(long, value_name = "N")]
    base: Option<u32>,
    /// Print the utility of every method, and of suppression, instead of writing anything.
    #[arg(long, conflicts_with_all = ["method", "out"])]
    compare: bool,
    /// Folder to write, which must not exist.
    #[arg(long, value_name = "DIR", required_unless_present = "compare")]
    out: Option<PathBuf>,
    /// Column that a unit is recognised by; its key is drawn from it.
    #[arg(long, value_name = "COLUMN", help_heading = "Cell key")]
    unit: Option<String>,
    /// File with the secret that keys are drawn with, of 32 bytes at least, which nobody else can read.
    #[arg(long, value_name = "FILE", help_heading = "Cell key", requires = "unit")]
    key_file: Option<PathBuf>,
    /// Column with keys from 0 up to 1, of units or of innermost cells.
    #[arg(long, value_name = "COLUMN", help_heading = "Cell key", conflicts_with = "key_file")]
    key: Option<String>,
    /// Noise table for numbers of units (i;j;p;v;p_int_ub), or MAX,VARIANCE,FORBIDDEN to make one: largest noise, its variance, largest
    /// small number that is never published.
    #[arg(long, value_name = "FILE|MAX,VARIANCE,FORBIDDEN", help_heading = "Cell key", default_value = "5,3,2")]
    noise: String,
    /// Noise table for amounts.
    #[arg(long, value_name = "FILE", help_heading = "Cell key", requires = "flex")]
    noise_amounts: Option<PathBuf>,
    /// Noise table for small contributions.
    #[arg(long, value_name = "FILE", help_heading = "Cell key", requires = "noise_amounts")]
    noise_small: Option<PathBuf>,
    /// Scale of the noise of amounts: share of large, share of small, bend, power, weights of the second largest and so on.
    #[arg(long, value_name = "NUMBERS", help_heading = "Cell key")]
    flex: Option<String>,
    /// Count keys of units without an amount too.
    #[arg(long, help_heading = "Cell key")]
    zero_keys: bool,
}

fn methods() -> clap::builder::PossibleValuesParser {
    perturb::ALL.iter().map(|method| method.name).collect::<Vec<_>>().into()
}

fn pair(text: &str) -> Result<(String, PathBuf), String> {
    let (name, file) = text.split_once('=').ok_or("give the column and the file, such as region=regions.hrc")?;
    Ok((name.to_owned(), PathBuf::from(file)))
}

pub fn perturb(terminal: &Terminal, arguments: &Arguments) -> Result<(), Diagnostics> {
    let profile = Profile::for_perturbation(&arguments.profile)?;
    if arguments.key_file.is_some() {
        sluis::confine::memory::guard();
    }
    let secret = arguments.key_file.as_deref().map(|file| Secret::new(&secret::bytes(file)?)).transpose()?;
    let claim = arguments.out.as_deref().map(package::claim).transpose()?;
    begin_reading(terminal, reads(arguments), &claim.iter().collect::<Vec<_>>());
    terminal.stage("table");
    let Plain { table, keys } = read(&arguments.table, &columns(arguments), secret.as_ref())?;
    let noise = keys.map(|keys| noise(arguments, keys)).transpose()?;
    let settings = Settings { base: arguments.base, noise };
    match (&arguments.method, claim) {
        (Some(name), Some(claim)) => {
            write(terminal, perturb::method(name)?, &table, &settings, &profile, claim, arguments.out.as_deref())
        }
        _ => {
            compare(terminal, &table, &settings, &profile);
            Ok(())
        }
    }
}

fn reads(arguments: &Arguments) -> Vec<PathBuf> {
    let mut reads = vec![arguments.table.clone(), PathBuf::from(&arguments.noise)];
    reads.extend(arguments.hierarchy.iter().map(|(_, file)| file.clone()));
    reads.extend([&arguments.noise_amounts, &arguments.noise_small].into_iter().flatten().cloned());
    reads
}

fn columns(arguments: &Arguments) -> Columns {
    Columns {
        by: arguments.by.clone(),
        count: arguments.count.clone(),
        value: arguments.value.clone(),
        unit: arguments.unit.clone(),
        key: arguments.key.clone(),
        total: arguments.total.clone(),
        hierarchies: arguments.hierarchy.clone(),
    }
}

fn noise(arguments: &Arguments, keys: Vec<perturb::cell_key::CellKey>) -> Result<Noise, Diagnostics> {
    let table = |file: &Path| -> Result<NoiseTable, Diagnostics> { NoiseTable::parse(&text(file)?) };
    let counts = Some(match wanted(&arguments.noise) {
        Some(wanted) => make(&wanted)?,
        None => table(Path::new(&arguments.noise))?,
    });
    let amounts = match (&arguments.noise_amounts, &arguments.flex) {
        (Some(file), Some(flex)) => Some(Amounts {
            table: table(file)?,
            small: arguments.noise_small.as_deref().map(table).transpose()?,
            flex: Flex::parse(flex)?,
            zeros: if arguments.zero_keys { ZeroKeys::Counted } else { ZeroKeys::LeftOut },
        }),
        _ => None,
    };
    Ok(Noise { keys, counts, amounts })
}

/// `5,3,2`: what is asked of noise; otherwise the text is a file.
fn wanted(text: &str) -> Option<Wanted> {
    let fields: Vec<&str> = text.split(',').map(str::trim).collect();
    let [noise_max, variance, forbidden_max] = fields.as_slice() else { return None };
    let (noise_max, forbidden_max) = (noise_max.parse().ok()?, forbidden_max.parse().ok()?);
    // Beyond these the sizes of the table would be many, and their noise no longer small.
    let sensible = (1..=100).contains(&noise_max) && forbidden_max <= 100;
    sensible.then_some(Wanted { noise_max, variance: variance.parse().ok()?, forbidden_max })
}

fn write(
    terminal: &Terminal,
    method: &'static Method,
    table: &CellTable,
    settings: &Settings,
    profile: &Profile,
    claim: package::Claim,
    out: Option<&Path>,
) -> Result<(), Diagnostics> {
    terminal.stage(method.name);
    let changed = perturb::apply(method, table, settings)?;
    terminal.stage("check");
    let (safe, judged) = check(&changed, table, profile)?;
    let utility = of_perturbed(&changed, table);
    terminal.stage("write");
    claim.write(&perturbed::files(&safe, table, &judged, &utility, profile))?;
    let out = out.unwrap_or(Path::new(".")).display();
    let mut text = format!(
        "{} cells, {} of them unsafe by themselves and protected; release and vault in {out}\n",
        safe.rows.len(),
        judged.len()
    );
    text.push_str(&format!("mean distance {:.4}, greatest gap of a total {:.4}\n", utility.distance, utility.additivity_gap));
    safe.notes.iter().for_each(|note| text.push_str(&format!("{note}\n")));
    let value = json!({ "out": out.to_string(), "cells": safe.rows.len(), "unsafe": judged.len(), "utility": utility, "notes": safe.notes });
    terminal.result(&text, &value);
    Ok(())
}

/// One line per method that suits the table.
fn compare(terminal: &Terminal, table: &CellTable, settings: &Settings, profile: &Profile) {
    let mut text = format!(
        "{:<15} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}  protects\n",
        "method", "distance", "relative", "hellinger", "gap", "spearman", "kendall", "cramér", "withheld", "of value"
    );
    let mut values = Vec::new();
    for method in perturb::ALL {
        terminal.stage(method.name);
        match perturb::apply(method, table, settings) {
            Ok(changed) => {
                let (utility, judged) = (of_perturbed(&changed, table), attack(&changed, table, profile));
                let open = judged.iter().filter(|one| !one.is_protected()).count();
                let accepted = profile.accepts(method.name, settings.base.or(method.base)).is_ok();
                let beside = if accepted { "" } else { ", not accepted by the profile" };
                let protects = if open == 0 { "yes".to_owned() } else { format!("no: {open} of {} open", judged.len()) };
                text.push_str(&line(method.name, &utility, &format!("{protects}{beside}")));
                values.push(json!({ "method": method.name, "utility": utility, "open": open, "accepted": accepted }));
            }
            Err(wrong) => {
                let why = wrong.0.first().map(|finding: &Diagnostic| finding.headline.clone()).unwrap_or_default();
                text.push_str(&format!("{:<15} {why}\n", method.name));
                values.push(json!({ "method": method.name, "refused": why }));
            }
        }
    }
    terminal.stage("suppression");
    match suppressed(table, profile) {
        Some(utility) => {
            text.push_str(&line("suppression", &utility, "by its own witnesses, not audited here"));
            values.push(json!({ "method": "suppression", "utility": utility, "open": 0, "accepted": true }));
        }
        None => text.push_str("suppression     some cells cannot be protected\n"),
    }
    terminal.result(&text, &json!({ "profile": profile.name(), "methods": values }));
}

fn line(name: &str, utility: &Utility, protects: &str) -> String {
    let optional = |value: Option<f64>| value.map(|value| format!("{value:.4}")).unwrap_or_else(|| "-".to_owned());
    format!(
        "{name:<15} {:>9.4} {:>9.4} {:>9.4} {:>9.2} {:>9} {:>9} {:>9} {:>8.1}% {:>8.1}%  {protects}\n",
        utility.distance,
        utility.distance_relative,
        utility.hellinger,
        utility.additivity_gap,
        optional(utility.spearman),
        optional(utility.kendall),
        optional(utility.cramer_change),
        utility.withheld_cells * 100.0,
        utility.withheld_value * 100.0,
    )
}

/// What is left when unsafe cells and those that would give them away are withheld.
fn suppressed(table: &CellTable, profile: &Profile) -> Option<Utility> {
    let problem = problem(table, &judge(table, profile), Cost::Value);
    let options = Options { method: search::Method::Fast, attackers: Attackers::Outsiders, seconds_max: None };
    let pattern = solve(&problem, &options).ok()?;
    let shown = |at: usize| (!pattern.withheld[at]).then(|| table.cells[at].value(table.whole));
    Some(utility(table, &(0..table.cells.len()).map(shown).collect::<Vec<_>>()))
}
