//! A list of numbers, with pseudonyms in their place: whole, or every fault in it and nothing.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use serde_json::json;

use super::key::Key;
use super::number::{Branches, Fault, Mended, Number, inside};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::registers::texts::Texts;
use crate::release::manifest::{Program, json as pretty};
use crate::release::{File, csv};

/// The column of pseudonyms, as the reference layout calls it.
const PSEUDONYM: &str = "kvk_crypt";

/// What columns of KvK numbers are called, in small letters and without other signs.
const USUAL: &[&str] = &[
    "kvk",
    "kvknr",
    "kvkno",
    "kvknummer",
    "kvknumber",
    "kvkcode",
    "kvkdossier",
    "kvkdossiernummer",
    "dossiernummer",
    "handelsregisternummer",
    "nummerhandelsregister",
    "coc",
    "cocnumber",
    "chamberofcommercenumber",
];

/// Rows that are named of one kind of fault; the rest are counted.
const EXAMPLES: usize = 5;

/// What is asked of a list.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The column of numbers; found by its name where none is given.
    pub column: Option<String>,
    /// Further columns to keep.
    pub keep: Vec<String>,
    pub branches: Branches,
}

/// What came of a list; it tells no number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub method: &'static str,
    /// The same for every delivery with the same key.
    pub key_check_value: String,
    pub rows: usize,
    /// Different numbers.
    pub numbers: usize,
    /// Numbers that had lost a zero in front.
    pub zeros_added: usize,
    /// Numbers of branches that were cut.
    pub branches_cut: usize,
    pub kept_columns: Vec<String>,
}

/// The files of a list with pseudonyms.
pub struct Made {
    pub files: Vec<File>,
    pub summary: Summary,
}

/// Reads a list and puts pseudonyms in the place of its numbers. The rows are put in the order of the pseudonyms, so that their order
/// does not tell which number each of them was.
///
/// # Errors
/// Everything that is wrong with the list, by its place; never a value, and no name of a column that was not given.
pub fn pseudonymise(list: &Path, wish: &Wish, key: &Key) -> Result<Made, Diagnostics> {
    let texts = Texts::read(list).map_err(without_names)?;
    let at = column(&texts, wish)?;
    let kept = kept(&texts, wish, at)?;
    let read = numbers(&texts, at, wish)?;
    holds_no_number(&texts, &kept, &read)?;
    let mut rows: Vec<Vec<String>> = Vec::with_capacity(texts.rows);
    for (row, (number, _)) in read.iter().enumerate() {
        let beside = kept.iter().map(|column| texts.columns[*column].get(row).to_owned());
        rows.push(std::iter::once(key.pseudonym(number)).chain(beside).collect());
    }
    rows.sort();
    let mended = |wanted: Mended| read.iter().filter(|(_, mended)| *mended == wanted).count();
    let summary = Summary {
        method: "HMAC-SHA-256 of the eight digits, hexadecimal",
        key_check_value: key.check_value(),
        rows: rows.len(),
        numbers: read.iter().map(|(number, _)| number).collect::<BTreeSet<_>>().len(),
        zeros_added: mended(Mended::ZeroAdded),
        branches_cut: mended(Mended::BranchCut),
        kept_columns: wish.keep.clone(),
    };
    Ok(Made { files: files(&summary, &wish.keep, rows), summary })
}

fn files(summary: &Summary, keep: &[String], rows: Vec<Vec<String>>) -> Vec<File> {
    let header: Vec<&str> = std::iter::once(PSEUDONYM).chain(keep.iter().map(String::as_str)).collect();
    let list = File { path: "deelnemers.csv".into(), bytes: csv::bytes(&header, rows.into_iter()) };
    let program = Program { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
    let account = json!({ "program": program, "pseudonyms": summary, "confinement": crate::confine::held() });
    vec![list, File { path: "pseudonyms.json".into(), bytes: pretty(&account) }]
}

/// Without the names of columns: in a file without a header they are values.
fn without_names(mut found: Diagnostics) -> Diagnostics {
    for finding in &mut found.0 {
        if let Place::Data { column, .. } = &mut finding.place {
            *column = None;
        }
    }
    found
}

fn plain(name: &str) -> String {
    name.chars().filter(|sign| sign.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn column(texts: &Texts, wish: &Wish) -> Result<usize, Diagnostics> {
    if let Some(name) = &wish.column {
        return find(texts, name);
    }
    let usual = |name: &str| USUAL.contains(&plain(name).as_str());
    let found: Vec<usize> = (0..texts.columns.len()).filter(|at| usual(&texts.columns[*at].name)).collect();
    match found.as_slice() {
        [at] => Ok(*at),
        [] => Err(missing(texts, "no column has a usual name of KvK numbers, such as kvk_nummer")
            .help("name it with --column; if the file has no header, put one above it")
            .into()),
        several => Err(missing(texts, &format!("{} columns have a usual name of KvK numbers", several.len()))
            .help("name the one that is meant with --column")
            .into()),
    }
}

fn missing(texts: &Texts, headline: &str) -> Diagnostic {
    Diagnostic::error("column-missing", headline)
        .in_file(&texts.file)
        .note(format!("the first line of the file has {} columns", texts.columns.len()))
}

fn find(texts: &Texts, name: &str) -> Result<usize, Diagnostics> {
    texts.find(name).ok_or_else(|| missing(texts, &format!("there is no column `{name}`")).into())
}

/// The columns to keep, which must be others than that of the numbers.
fn kept(texts: &Texts, wish: &Wish, numbers: usize) -> Result<Vec<usize>, Diagnostics> {
    let mut kept = Vec::new();
    let mut wrong = Diagnostics::default();
    for name in &wish.keep {
        match find(texts, name) {
            Ok(at) if at == numbers => wrong.push(identifying(texts, name, "the column of the numbers itself cannot be kept")),
            Ok(at) if kept.contains(&at) || plain(name) == plain(PSEUDONYM) => {
                wrong.push(identifying(texts, name, "the column would stand there twice"));
            }
            Ok(at) => kept.push(at),
            Err(found) => wrong.0.extend(found.0),
        }
    }
    wrong.finish(kept).map(|(kept, _)| kept)
}

fn identifying(texts: &Texts, column: &str, headline: &str) -> Diagnostic {
    let place = Place::Data { file: texts.file.clone(), row: None, column: Some(column.to_owned()) };
    Diagnostic::error("identifying-column", headline).at(place).help("leave it out of --keep")
}

fn numbers(texts: &Texts, at: usize, wish: &Wish) -> Result<Vec<(Number, Mended)>, Diagnostics> {
    let column = &texts.columns[at];
    let by_text: Vec<_> = column.texts.iter().map(|text| Number::read(text, wish.branches)).collect();
    let mut faults: Vec<(&'static Fault, Vec<usize>)> = Vec::new();
    let mut read = Vec::with_capacity(texts.rows);
    for row in 0..texts.rows {
        match by_text[column.at[row] as usize] {
            Ok(number) => read.push(number),
            Err(fault) => match faults.iter_mut().find(|(known, _)| *known == fault) {
                Some((_, rows)) => rows.push(row),
                None => faults.push((fault, vec![row])),
            },
        }
    }
    // A column that was found is named by its usual name, one that was given as it was given.
    let name = wish.column.clone().unwrap_or_else(|| column.name.clone());
    let finding = |(fault, rows): &(&Fault, Vec<usize>)| {
        let finding = Diagnostic::error("bad-number", fault.headline).at(texts.place(rows[0], &name)).help(fault.help);
        if rows.len() > 1 { finding.note(also(&rows[1..])) } else { finding }
    };
    Diagnostics(faults.iter().map(finding).collect()).finish(read).map(|(read, _)| read)
}

/// `also in rows 3, 7 and 12 others`.
fn also(rows: &[usize]) -> String {
    let shown: Vec<String> = rows.iter().take(EXAMPLES).map(|row| (row + 1).to_string()).collect();
    let others = rows.len() - shown.len();
    let rest = if others > 0 { format!(" and {others} others") } else { String::new() };
    format!("also in rows {}{rest}", shown.join(", "))
}

/// Refuses to keep a column in which a number of the list stands.
fn holds_no_number(texts: &Texts, kept: &[usize], read: &[(Number, Mended)]) -> Result<(), Diagnostics> {
    let numbers: BTreeSet<&Number> = read.iter().map(|(number, _)| number).collect();
    let mut wrong = Diagnostics::default();
    for column in kept.iter().map(|at| &texts.columns[*at]) {
        let telling: Vec<bool> = column.texts.iter().map(|text| inside(text).any(|number| numbers.contains(&number))).collect();
        if let Some(row) = column.at.iter().position(|text| telling[*text as usize]) {
            let finding = Diagnostic::error("identifying-column", "a column to be kept holds a KvK number of the list");
            wrong.push(finding.at(texts.place(row, &column.name)).help("leave the column out of --keep"));
        }
    }
    wrong.finish(()).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERS: [&str; 4] = ["12345678", "87654321", "1234567", "55667788"];

    fn key() -> Key {
        let folder = tempfile::tempdir().expect("a folder");
        Key::make(&folder.path().join("key")).expect("a key")
    }

    fn made_with(text: &str, wish: &Wish, key: &Key) -> Result<Made, Diagnostics> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("list.csv");
        std::fs::write(&path, text).expect("written");
        pseudonymise(&path, wish, key)
    }

    fn made(text: &str, wish: &Wish) -> Result<Made, Diagnostics> {
        made_with(text, wish, &key())
    }

    fn list(made: &Made) -> String {
        String::from_utf8(made.files[0].bytes.clone()).expect("text")
    }

    fn wrong(text: &str, wish: &Wish) -> Vec<Diagnostic> {
        let found = made(text, wish).err().expect("refused").0;
        for finding in &found {
            let shown = format!("{finding} {finding:?}");
            assert!(NUMBERS.iter().all(|number| !shown.contains(number)) && !shown.contains("Bakkerij"), "{shown}");
        }
        found
    }

    fn keep(columns: &[&str]) -> Wish {
        Wish { keep: columns.iter().map(|name| (*name).to_owned()).collect(), ..Wish::default() }
    }

    #[test]
    fn every_dialect_gives_the_same_list() {
        let key = key();
        let dialects = [
            "kvk_nummer;naam\n12345678;Bakkerij\n01234567;Slager\n".to_owned(),
            "\u{feff}naam,KvK-nummer\r\nBakkerij,12.345.678\r\n\"Slager, B\",1234567\r\n".to_owned(),
            "\"KvK nr\"\n1234567\n\"12 34 56 78\"\n".to_owned(),
        ];
        let lists: Vec<String> =
            dialects.iter().map(|text| list(&made_with(text, &Wish::default(), &key).ok().unwrap())).collect();
        assert!(lists.iter().all(|list| *list == lists[0]));
        assert_eq!(lists[0].lines().count(), 3);
        assert_eq!(lists[0].lines().next(), Some("kvk_crypt"));
    }

    #[test]
    fn nothing_is_kept_but_what_was_asked_for() {
        let text = "kvk;naam;begin;einde\n12345678;Bakkerij;2016-01-01;\n87654321;Slager;2017-01-01;2018-01-01\n";
        let bare = list(&made(text, &Wish::default()).ok().unwrap());
        assert!(!bare.contains("Bakkerij") && !bare.contains("2016-"));
        let made = made(text, &keep(&["einde", "begin"])).ok().unwrap();
        assert!(list(&made).starts_with("kvk_crypt,einde,begin\n") && !list(&made).contains("Bakkerij"));
        assert!(made.files.iter().all(|file| NUMBERS.iter().all(|n| !String::from_utf8_lossy(&file.bytes).contains(n))));
        assert_eq!((made.summary.rows, made.summary.numbers), (2, 2));
    }

    #[test]
    fn the_order_of_rows_tells_nothing() {
        let key = key();
        let rows = |order: &[&str]| format!("kvk\n{}\n", order.join("\n"));
        let one = made_with(&rows(&NUMBERS), &Wish::default(), &key).ok().unwrap();
        let reversed: Vec<&str> = NUMBERS.iter().rev().copied().collect();
        assert!(list(&one) == list(&made_with(&rows(&reversed), &Wish::default(), &key).ok().unwrap()));
        assert_eq!(one.summary.zeros_added, 1);
    }

    #[test]
    fn every_fault_is_named_by_its_row_and_none_by_its_value() {
        let found = wrong("naam;kvk\nBakkerij;12345678\nA;123\nB;87654321x\nC;45\nD;\n", &Wish::default());
        let at: Vec<_> = found.iter().map(|finding| (finding.code, finding.place.clone(), finding.notes.clone())).collect();
        let place = |row| Place::Data {
            file: match &found[0].place {
                Place::Data { file, .. } => file.clone(),
                _ => "".into(),
            },
            row: Some(row),
            column: Some("kvk".into()),
        };
        let expected = [(2, vec!["also in rows 4".to_owned()]), (3, vec![]), (5, vec![])];
        assert_eq!(at, expected.map(|(row, notes)| ("bad-number", place(row), notes)).to_vec());
    }

    #[test]
    fn a_file_without_a_header_is_refused_without_showing_its_first_row() {
        assert_eq!(wrong("12345678;Bakkerij\n87654321;Slager\n", &Wish::default())[0].code, "column-missing");
        assert_eq!(wrong("12345678;12345678\n87654321;87654321\n", &Wish::default())[0].code, "file-corrupt");
        let named = Wish { column: Some("nummer".into()), ..Wish::default() };
        assert_eq!(wrong("12345678;Bakkerij\n87654321;Slager\n", &named)[0].code, "column-missing");
        assert_eq!(wrong("kvk;kvk_nummer\n12345678;87654321\n", &Wish::default())[0].code, "column-missing");
    }

    #[test]
    fn a_column_that_holds_a_number_is_not_kept() {
        let text = "kvk;naam;bron\n12345678;Bakkerij;lijst\n1234567;Slager;KvK 12345678 (oud)\n";
        assert_eq!(wrong(text, &keep(&["bron"]))[0].code, "identifying-column");
        assert_eq!(wrong(text, &keep(&["kvk"]))[0].code, "identifying-column");
        assert_eq!(wrong(text, &keep(&["naam", "naam"]))[0].code, "identifying-column");
        assert!(made(text, &keep(&["naam"])).is_ok());
    }

    #[test]
    fn branches_are_cut_only_when_asked() {
        let text = "kvk\n123456780001\n12345678\n";
        assert_eq!(wrong(text, &Wish::default())[0].code, "bad-number");
        let cut = made(text, &Wish { branches: Branches::Cut, ..Wish::default() }).ok().unwrap();
        assert_eq!((cut.summary.rows, cut.summary.numbers, cut.summary.branches_cut), (2, 1, 1));
    }
}
