//! The command line of sluis.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sluis::diagnostic::Diagnostics;

mod broken;
mod commands;
mod terminal;

/// From a list of participants to protected tables that may leave a secure data environment.
#[derive(Parser)]
#[command(version, propagate_version = true, max_term_width = 110, after_help = EXIT_CODES, subcommand_required = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Say nothing but what is wrong.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Print the result, or what is wrong, as one JSON document on standard output.
    #[arg(long, global = true)]
    json: bool,
    /// Number of threads; the result does not depend on it. [default: all]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

const EXIT_CODES: &str = "Exit codes:
  0   done; for `run`, `protect` and `demo`: released; for `audit`: nothing laid open
  2   the command line is wrong
  3   the pipeline file, a schema, a profile or a targets file is wrong
  4   the registers or tables are wrong: a file missing, empty or corrupt, a bad value, nobody linked
  5   the machine: the output folder exists or is in use, a file cannot be read or written
  6   not safe: the tables cannot be released; no release was written
  70  a bug of sluis
  128 + signal: stopped from outside, as 130 by Ctrl-C; 134 out of memory. Nothing half done stands.

Begin with `sluis demo`, then read the pipeline file it used: pipelines/smart-industry.toml.";

#[derive(Subcommand)]
enum Command {
    /// Check a pipeline file, and with --data also the registers it reads. Computes no result.
    #[command(after_help = "Example: sluis check pipelines/smart-industry.toml --data registers/")]
    Check {
        /// The pipeline file.
        pipeline: PathBuf,
        /// Folder with the registers: every file is read and every fault reported, with its place and never its value.
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
        #[command(flatten)]
        memory: commands::Memory,
    },
    /// Write synthetic registers in the reference layout: same seed, same bytes.
    #[command(after_help = "Example: sluis synth --out registers/ --units 20000 --seed 1 --format parquet")]
    Synth {
        /// Folder to write, which must not exist.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Business units in the last year; the Dutch register of 2019 has 1986609.
        #[arg(long, value_name = "N", default_value_t = 50_000)]
        units: u64,
        #[arg(long, value_name = "S", default_value_t = 1)]
        seed: u64,
        /// What the study on these registers has to find. [default: the published values of the reference study]
        #[arg(long, value_name = "FILE")]
        targets: Option<PathBuf>,
        /// File format: csv, parquet, arrow, sav, zsav or dta.
        #[arg(long, value_name = "FORMAT", default_value = "parquet", value_parser = commands::synth::format)]
        format: sluis::synth::Format,
    },
    /// Run a pipeline on registers: release and vault, or nothing.
    #[command(after_help = "Example: sluis run pipelines/smart-industry.toml --data registers/ --out outputs/smart-industry

DIR receives release/ (what may leave: tables, notes, manifest) and vault/ (what stays inside, for the checker: every
cell with its true value, the rule that fired, what an attacker could learn, the links, the inputs with their hashes).")]
    Run {
        /// The pipeline file.
        pipeline: PathBuf,
        /// Folder with the registers.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Folder to write, which must not exist.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        memory: commands::Memory,
        #[command(flatten)]
        account: commands::account::Account,
    },
    /// Propose the finest breakdowns that can be published, before the analysis is written. Writes nothing.
    #[command(after_help = "Example: sluis plan pipelines/smart-industry.toml --data registers/ --finest --table t8 --table f34

Every table that is broken down by a class set or a classification is tried along the merge orders, each class of a
classification by itself, the same in all years and arms, together with the tables that are not planned. The first
choice is the finest design in which nothing is withheld; if there is none, the one that loses least: rows withheld,
then units shown, value shown, detail. The result names classes and rules, never numbers of units; it stays inside.")]
    Plan {
        /// The pipeline file, with the tables as they are wanted.
        pipeline: PathBuf,
        /// Folder with the registers.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Plan only this table; can be given several times. [default: every table]
        #[arg(long = "table", value_name = "ID")]
        tables: Vec<String>,
        /// Begin with the finest class set of each merge order, even where the file names a coarser one.
        #[arg(long)]
        finest: bool,
        /// Try every merge of neighbouring classes, not only the declared ones; the class sets to declare are printed.
        #[arg(long)]
        any_merge: bool,
        /// Protect at most this many designs in the search.
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
        designs: u16,
        #[command(flatten)]
        memory: commands::Memory,
    },
    /// Round a table made elsewhere, or add noise to it: release and vault, or nothing; or compare the methods on it.
    #[command(after_help = "Examples:
  sluis perturb counts.csv --by region,sex --count n --profile opensafely --method redaction --out outputs/counts
  sluis perturb counts.csv --by region,sex --count n --profile handbook --method controlled --base 5 --out outputs/counts
  sluis perturb units.csv --by region --unit id --key-file secret.key --profile handbook --method cell-key --out outputs/counts
  sluis perturb counts.csv --by region,sex --count n --profile handbook --compare

An attacker who knows the method, every sum, and that units are whole must not get nearer to an unsafe cell than the
profile asks; otherwise nothing is written.")]
    Perturb(Box<commands::perturb::Arguments>),
    /// Protect tables made elsewhere: release and vault, or nothing.
    #[command(after_help = commands::protect::EXAMPLES)]
    Protect(Box<commands::protect::Arguments>),
    /// Audit a finished table with withheld cells: what can be worked out from what is shown.
    #[command(after_help = commands::audit::EXAMPLES)]
    Audit(Box<commands::audit::Arguments>),
    /// Replace the KvK numbers on a list by pseudonyms, with a key that stays inside.
    #[command(alias = "pseudonymize", after_help = commands::pseudonymise::EXAMPLES)]
    Pseudonymise(Box<commands::pseudonymise::Arguments>),
    /// Pool releases of one pipeline that was run in several environments whose records may not stand together.
    #[command(after_help = commands::pool::EXAMPLES)]
    Pool {
        /// The releases: NAME=DIR, or DIR when the folder above `release` has the name of the environment.
        #[arg(required = true, num_args = 1.., value_name = "RELEASE", value_parser = commands::pool::source)]
        releases: Vec<sluis::pool::Source>,
        /// Folder to write, which must not exist.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Explain an indicator, a rule, a pipeline key, a code or an error; without a name list what there is.
    Explain { name: Option<String> },
    /// List the disclosure profiles, or compare some of them rule by rule.
    #[command(after_help = "Example: sluis profiles cbs abs")]
    Profiles { names: Vec<String> },
    /// Print the JSON Schema of pipeline files, of schemas of registers or of classifications, for editors; or a shipped schema or
    /// classification, to change a copy.
    #[command(after_help = "Examples: sluis schema register > register.schema.json
          sluis schema be_abr > be_abr.toml")]
    Schema {
        /// `pipeline`, `register`, `classification`, or the name of one that is shipped. [default: pipeline]
        name: Option<String>,
    },
    /// The whole study on synthetic registers, beside the published values.
    #[command(after_help = "Example: sluis demo --out outputs/demo --units 50000")]
    Demo {
        /// Folder to write, which must not exist.
        #[arg(long, value_name = "DIR", default_value = "outputs/demo")]
        out: PathBuf,
        /// Business units in the last year.
        #[arg(long, value_name = "N", default_value_t = commands::demo::UNITS)]
        units: u64,
        #[arg(long, value_name = "S", default_value_t = 1)]
        seed: u64,
        /// What the study has to find. [default: the published values of the reference study]
        #[arg(long, value_name = "FILE")]
        targets: Option<PathBuf>,
        #[command(flatten)]
        account: commands::account::Account,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let terminal = terminal::Terminal::new(arguments.quiet, arguments.json);
    if let Some(threads) = arguments.threads {
        commands::begin::with_threads(threads);
    }
    broken::listen();
    // What was under way is cleared away as the failure passes through.
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| done(&terminal, arguments.command)));
    let wrong = match done {
        Ok(Ok(())) => terminal.unsaid(),
        Ok(Err(wrong)) => Some(wrong),
        Err(why) => Some(broken::finding(why.as_ref()).into()),
    };
    let Some(wrong) = wrong else { return ExitCode::SUCCESS };
    terminal.wrong(&wrong);
    ExitCode::from(wrong.exit_code())
}

fn done(terminal: &terminal::Terminal, command: Command) -> Result<(), Diagnostics> {
    match command {
        Command::Check { pipeline, data, memory } => commands::check::check(terminal, &pipeline, data.as_deref(), &memory),
        Command::Synth { out, units, seed, targets, format } => {
            commands::synth::synth(terminal, &out, units, seed, targets.as_deref(), format)
        }
        Command::Run { pipeline, data, out, memory, account } => {
            commands::run::run(terminal, &pipeline, &data, &out, &memory, &account)
        }
        Command::Plan { pipeline, data, tables, finest, any_merge, designs, memory } => {
            let merging = sluis::planner::Merging { finest, any_neighbours: any_merge };
            let options = sluis::planner::Options { tables, merging, allowance: usize::from(designs) };
            commands::plan::plan(terminal, &pipeline, &data, &memory, &options)
        }
        Command::Perturb(arguments) => commands::perturb::perturb(terminal, &arguments),
        Command::Protect(arguments) => commands::protect::protect(terminal, *arguments),
        Command::Audit(arguments) => commands::audit::audit(terminal, *arguments),
        Command::Pseudonymise(arguments) => commands::pseudonymise::pseudonymise(terminal, &arguments),
        Command::Pool { releases, out } => commands::pool::pool(terminal, &releases, &out),
        Command::Explain { name } => commands::explain::explain(terminal, name.as_deref()),
        Command::Profiles { names } => commands::profiles::profiles(terminal, &names),
        Command::Schema { name } => commands::explain::schema(terminal, name.as_deref()),
        Command::Demo { out, units, seed, targets, account } => {
            commands::demo::demo(terminal, &out, units, seed, targets.as_deref(), &account)
        }
    }
}
