//! `sluis pseudonymise`: pseudonyms in the place of KvK numbers.

use std::path::{Path, PathBuf};

use serde_json::json;
use sluis::confine::memory;
use sluis::diagnostic::Diagnostics;
use sluis::pseudonym::{Branches, Key, Wish, pseudonymise as make};
use sluis::release::package;

use super::begin::begin;
use crate::terminal::Terminal;

pub const EXAMPLES: &str = "Examples:
  sluis pseudonymise --new-key pseudonyms.key                                     # once; keep it inside, and keep it
  sluis pseudonymise members.csv --key-file pseudonyms.key --out list/
  sluis pseudonymise members.csv --key-file - --column nummer --keep begin,einde --out list/ < pseudonyms.key

DIR receives deelnemers.csv, with `kvk_crypt` in the place of the number and no other column unless it is kept by name, and
pseudonyms.json, with the method, the counts and the check value of the key: two deliveries with the same check value have the same key.
The rows are in the order of the pseudonyms. A pseudonym is HMAC-SHA-256 of the eight digits, in hexadecimal.

Blanks and dots in a number are left out, and a zero in front that a spreadsheet lost is put back. Numbers of establishments are refused;
twelve digits of another kind are a KvK number and a branch. With one faulty number nothing is written.";

#[derive(clap::Args)]
pub struct Arguments {
    /// The list: CSV with a header, in any dialect of the list of participants.
    #[arg(required_unless_present = "new_key")]
    list: Option<PathBuf>,
    /// The file with the key, which nobody else can read; `-` reads the key from standard input, hidden on a terminal.
    #[arg(long, value_name = "FILE", required_unless_present = "new_key")]
    key_file: Option<PathBuf>,
    /// The column with the numbers. [default: found by its name]
    #[arg(long, value_name = "COLUMN")]
    column: Option<String>,
    /// Columns to keep beside the pseudonym; whatever they tell of a firm is told.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    keep: Vec<String>,
    /// Cut the last four digits off twelve, which are those of a branch.
    #[arg(long)]
    cut_branches: bool,
    /// Folder to write, which must not exist.
    #[arg(long, value_name = "DIR", required_unless_present = "new_key")]
    out: Option<PathBuf>,
    /// Make a new key in a file that does not exist yet, for its owner alone, and do nothing else.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["list", "key_file", "column", "keep", "cut_branches", "out"])]
    new_key: Option<PathBuf>,
}

pub fn pseudonymise(terminal: &Terminal, arguments: &Arguments) -> Result<(), Diagnostics> {
    memory::guard();
    match (&arguments.new_key, &arguments.list, &arguments.key_file, &arguments.out) {
        (Some(file), ..) => new_key(terminal, file),
        (None, Some(list), Some(key_file), Some(out)) => replace(terminal, arguments, list, key_file, out),
        // The command line asks for all of them.
        _ => Ok(()),
    }
}

fn new_key(terminal: &Terminal, file: &Path) -> Result<(), Diagnostics> {
    let check_value = Key::make(file)?.check_value();
    let text = format!("New key in {}, check value {check_value}", file.display());
    terminal.result(&text, &json!({ "key_file": file, "key_check_value": check_value }));
    Ok(())
}

fn replace(terminal: &Terminal, arguments: &Arguments, list: &Path, key_file: &Path, out: &Path) -> Result<(), Diagnostics> {
    let key = if key_file == Path::new("-") { Key::read_standard_input()? } else { Key::read(key_file)? };
    let claim = package::claim(out)?;
    begin(terminal, &[list], &[&claim]);
    let branches = if arguments.cut_branches { Branches::Cut } else { Branches::Refuse };
    let wish = Wish { column: arguments.column.clone(), keep: arguments.keep.clone(), branches };
    let made = make(list, &wish, &key)?;
    drop(key);
    claim.write(&made.files)?;
    let summary = &made.summary;
    let mut text = format!(
        "{} rows, {} different numbers; {} had lost a zero in front, {} were of branches and cut\n",
        summary.rows, summary.numbers, summary.zeros_added, summary.branches_cut
    );
    text.push_str(&format!("Key check value {}\nList in {}", summary.key_check_value, out.display()));
    terminal.result(&text, &json!({ "out": out, "pseudonyms": summary }));
    Ok(())
}
