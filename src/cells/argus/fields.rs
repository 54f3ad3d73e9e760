//! The lines of a table or of records as columns, cut as a description says; and the output of τ-ARGUS with a status code per cell.

use std::path::Path;

use super::description::Description;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::registers::texts::{TextColumn, Texts};

/// Lines shown of one kind of fault.
const EXAMPLES: usize = 5;

/// The variables as columns, in the order of the description.
///
/// # Errors
/// `file-corrupt` for lines with another number of fields, or too short; `file-empty` without lines.
pub fn columns(file: &Path, text: &str, description: &Description) -> Result<Texts, Diagnostics> {
    let names: Vec<&str> = description.variables.iter().map(|variable| variable.name.as_str()).collect();
    let cut = |line: &str| -> Option<Vec<String>> {
        match description.separator {
            Some(separator) => Some(split(line, separator)),
            None => description.variables.iter().map(|variable| variable.of(line).map(str::to_owned)).collect(),
        }
    };
    let separator = description.separator.and_then(|separator| u8::try_from(separator).ok());
    collect(file, text, &names, separator, &cut)
}

/// `"code","code",value,status` in every line, as τ-ARGUS writes it; `None` when the text is something else.
///
/// # Errors
/// As [`columns`].
pub fn code_value(file: &Path, text: &str, spanning: &[String]) -> Option<Result<Texts, Diagnostics>> {
    let first = text.lines().find(|line| !line.trim().is_empty())?;
    let separator = [',', ';'].into_iter().max_by_key(|separator| split(first, *separator).len())?;
    let fields = split(first, separator);
    let status: u8 = fields.last()?.parse().ok()?;
    let value = fields.get(fields.len().checked_sub(2)?)?;
    let numeric = value == "-" || value.parse::<f64>().is_ok();
    if fields.len() < 3 || !(1..=14).contains(&status) || !numeric || !first.starts_with('"') {
        return None;
    }
    let width = fields.len() - 2;
    let name = |at: usize| spanning.get(at).cloned().unwrap_or_else(|| format!("variable_{}", at + 1));
    let names: Vec<String> = (0..width).map(name).chain(["value".to_owned(), "status".to_owned()]).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Some(collect(file, text, &names, u8::try_from(separator).ok(), &|line| Some(split(line, separator))))
}

fn collect(
    file: &Path,
    text: &str,
    names: &[&str],
    separator: Option<u8>,
    cut: &dyn Fn(&str) -> Option<Vec<String>>,
) -> Result<Texts, Diagnostics> {
    let mut columns: Vec<TextColumn> = names.iter().map(|name| TextColumn::new(name)).collect();
    let (mut rows, mut bad) = (0, Vec::new());
    for line in text.lines().map(|line| line.trim_end_matches('\r')).filter(|line| !line.trim().is_empty()) {
        rows += 1;
        match cut(line).filter(|fields| fields.len() == names.len()) {
            Some(fields) => columns.iter_mut().zip(&fields).for_each(|(column, field)| column.push(field)),
            None => bad.push(rows as u64),
        }
    }
    if rows == 0 {
        return Err(Diagnostic::error("file-empty", "the file has no rows").in_file(file).into());
    }
    let mut wrong = Diagnostics::default();
    for row in bad.iter().take(EXAMPLES) {
        let place = Place::Data { file: file.to_owned(), row: Some(*row), column: None };
        let headline = format!("the row does not have the {} fields of its description ({} such rows)", names.len(), bad.len());
        wrong
            .push(Diagnostic::error("file-corrupt", headline).at(place).help("compare the row with the description of the file"));
    }
    let texts = Texts { file: file.to_owned(), separator, columns, rows };
    wrong.finish(texts).map(|(texts, _)| texts)
}

/// Fields between a separator that does not stand in quotes; quotes and blanks around a field are left out.
pub fn split(line: &str, separator: char) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match (character, fields.last_mut()) {
            ('"', _) => quoted = !quoted,
            (character, _) if character == separator && !quoted => fields.push(String::new()),
            (character, Some(field)) => field.push(character),
            (_, None) => {}
        }
    }
    fields.iter().map(|field| field.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_of_the_peer_is_known_by_its_last_column() {
        let text = "\"Total\",\" 1\",12.50,1\r\n\"A\",\" 1\",-,14\r\n";
        let texts = code_value(Path::new("x.txt"), text, &["act".to_owned()]).unwrap().unwrap();
        let names: Vec<&str> = texts.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names, ["act", "variable_2", "value", "status"]);
        assert_eq!((texts.rows, texts.columns[1].get(0)), (2, "1"));
        assert!(code_value(Path::new("x.txt"), "a,b,c\n1,2,3\n", &[]).is_none());
    }

    #[test]
    fn a_row_with_a_field_too_many_is_named() {
        let description = Description::parse("<SEPARATOR> \",\"\na\nb\n").unwrap();
        let found = columns(Path::new("x.tab"), "1,2\n1,2,3\n", &description).err().unwrap();
        assert_eq!(found.0[0].place, Place::Data { file: "x.tab".into(), row: Some(2), column: None });
    }
}
