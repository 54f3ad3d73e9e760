//! What a user names as the hierarchy of a variable: a file, levels in digits, or coarser columns of the same table.

use std::path::{Path, PathBuf};

use crate::cells::hierarchy::Hierarchy;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::registers::texts::{self, Texts};

/// Where the codes above a code come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Codes with their totals.
    Codes(Hierarchy),
    /// Numbers of characters per level of codes that are nested in themselves.
    Digits(Vec<usize>),
    /// Coarser columns of the table, by name.
    Columns(Vec<String>),
}

/// `regions.hrc`, `codes.csv`, `2,1,1`, or `county,district`; names of files are looked up beside the table as well.
///
/// # Errors
/// What is wrong with the file, or `unknown-name` when it is none and no column has the name.
pub fn source(text: &str, table: &Texts) -> Result<Source, Diagnostics> {
    let parts: Vec<&str> = text.split([',', '+']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let digits: Option<Vec<usize>> = parts.iter().map(|part| part.parse().ok().filter(|digits| *digits > 0)).collect();
    if let Some(digits) = digits.filter(|digits| !digits.is_empty()) {
        return Ok(Source::Digits(digits));
    }
    if !parts.is_empty() && parts.iter().all(|part| table.find(part).is_some()) {
        return Ok(Source::Columns(parts.into_iter().map(str::to_owned).collect()));
    }
    let path = PathBuf::from(text);
    let path = if path.is_file() { Some(path) } else { texts::beside(&table.file, text) };
    match path {
        Some(path) => file(&path, "@").map(Source::Codes),
        None => {
            let finding = Diagnostic::error("unknown-name", format!("the hierarchy `{text}` is no file and no column"));
            Err(finding.in_file(&table.file).help("name a .hrc or .csv file, levels such as 2,1,1, or coarser columns").into())
        }
    }
}

/// A file of codes: `.csv` and `.parquet` have a header, anything else has a code a line with its depth before it.
///
/// # Errors
/// What is wrong with the file.
pub fn file(path: &Path, lead: &str) -> Result<Hierarchy, Diagnostics> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
    let made = match extension.as_str() {
        "csv" | "parquet" | "tsv" => tabular(&Texts::read(path)?),
        _ => Hierarchy::indented(&texts::text(path)?.replace('\r', "\n"), lead),
    };
    made.map_err(|wrong| super::in_file(wrong, path))
}

/// With a column `parent`: a code and what it is a part of in every row. Otherwise every row is a way from the coarsest code to the finest.
fn tabular(texts: &Texts) -> Result<Hierarchy, Diagnostics> {
    match (texts.find("parent"), texts.find("code").or(Some(0))) {
        (Some(parent), Some(code)) if parent != code => parents(texts, code, parent),
        _ => ways(texts),
    }
}

fn parents(texts: &Texts, code: usize, parent: usize) -> Result<Hierarchy, Diagnostics> {
    let rows: Vec<(&str, &str)> =
        (0..texts.rows).map(|row| (texts.columns[code].get(row), texts.columns[parent].get(row))).collect();
    let total = |name: &str| {
        super::spanning::is_usual_total(name) && !rows.iter().any(|(code, parent)| *code == name && !parent.is_empty())
    };
    let mut hierarchy = Hierarchy::default();
    let mut wrong = Diagnostics::default();
    let mut open: Vec<usize> = (0..rows.len()).filter(|row| !total(rows[*row].0)).collect();
    loop {
        let mut left = Vec::new();
        for row in &open {
            let (code, parent) = rows[*row];
            match hierarchy.find(parent).or(total(parent).then_some(crate::cells::hierarchy::TOTAL)) {
                Some(parent) => {
                    if let Err(finding) = hierarchy.add(code, parent) {
                        wrong.push(finding.at(texts.place(*row, &texts.columns[0].name)));
                    }
                }
                None => left.push(*row),
            }
        }
        if left.is_empty() || left.len() == open.len() {
            open = left;
            break;
        }
        open = left;
    }
    for row in open {
        let finding = Diagnostic::error("bad-schema", "what the code is a part of is no code, or a part of itself");
        wrong.push(finding.at(texts.place(row, "parent")));
    }
    wrong.finish(hierarchy).map(|(hierarchy, _)| hierarchy)
}

fn ways(texts: &Texts) -> Result<Hierarchy, Diagnostics> {
    let mut hierarchy = Hierarchy::default();
    let mut wrong = Diagnostics::default();
    for row in 0..texts.rows {
        let mut above = crate::cells::hierarchy::TOTAL;
        for column in &texts.columns {
            let name = column.get(row);
            // The same text one level further down is the same code.
            if name.is_empty() || hierarchy.name(above) == name {
                continue;
            }
            above = match hierarchy.find(name) {
                Some(code) if hierarchy.parent(code) == above => code,
                Some(code) => {
                    let finding = Diagnostic::error("bad-schema", "the code stands below two codes");
                    wrong.push(finding.at(texts.place(row, &column.name)));
                    code
                }
                None => hierarchy.insert(name, above),
            };
        }
    }
    wrong.finish(hierarchy).map(|(hierarchy, _)| hierarchy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, text: &str) -> Result<Hierarchy, Diagnostics> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        file(&path, "@")
    }

    fn path(hierarchy: &Hierarchy, code: &str) -> Vec<String> {
        hierarchy.path(hierarchy.find(code).unwrap()).into_iter().map(|code| hierarchy.name(code).to_owned()).collect()
    }

    #[test]
    fn indentation_parents_and_ways_give_the_same_hierarchy() {
        let expected = ["a", "North", ""];
        for (name, text) in [
            ("h.hrc", "North\n@a\n@b\nSouth\n@c\n"),
            ("h.csv", "code,parent\na,North\nb,North\nc,South\nNorth,\nSouth,\n"),
            ("t.csv", "parent,code\nNorth,a\nNorth,b\nSouth,c\nTotal,North\nTotal,South\n"),
            ("w.csv", "area,region\nNorth,a\nNorth,b\nSouth,c\n"),
        ] {
            let hierarchy = of(name, text).unwrap();
            assert_eq!((path(&hierarchy, "a"), hierarchy.len()), (expected.map(str::to_owned).to_vec(), 6), "{name}");
        }
    }

    #[test]
    fn a_code_below_two_or_below_none_is_refused() {
        assert_eq!(of("w.csv", "area,region\nNorth,a\nSouth,a\n").unwrap_err().0[0].code, "bad-schema");
        assert_eq!(of("h.csv", "code,parent\na,b\nb,a\n").unwrap_err().0.len(), 2);
        assert_eq!(of("h.csv", "code,parent\na,\na,\n").unwrap_err().0[0].code, "duplicate-name");
    }
}
