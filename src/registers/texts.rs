//! A file as columns of text, whatever they mean, and a file as one text: what tables made elsewhere come in.

#![allow(clippy::disallowed_methods, reason = "registers and tables made elsewhere are read here")]

use std::path::{Path, PathBuf};

use arrow::array::{Array, ArrayRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use hashbrown::HashMap;

use super::convert::floating_texts;
use super::decimals::{Decimals, Reading};
use super::faults::{self, Faults};
use super::reader::{READERS, Reader, Unreadable};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};

/// Columns of equal length. Sensitive: it is never printed.
pub struct Texts {
    pub file: PathBuf,
    /// Of the fields, for a text format.
    pub separator: Option<u8>,
    pub columns: Vec<TextColumn>,
    pub rows: usize,
}

/// A column; every distinct text stands once, blanks around it left out.
pub struct TextColumn {
    pub name: String,
    /// In the order in which they first stand in the file.
    pub texts: Vec<String>,
    /// One per row: the index of its text.
    pub at: Vec<u32>,
    index: HashMap<String, u32>,
}

/// Numbers of some columns, in the order in which these were asked for; in ten-thousandths, `None` where a field is missing.
pub type Numbers = Vec<Vec<Option<i64>>>;

impl TextColumn {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), texts: Vec::new(), at: Vec::new(), index: HashMap::new() }
    }

    pub fn push(&mut self, text: &str) {
        let text = text.trim();
        let at = match self.index.get(text) {
            Some(at) => *at,
            None => {
                let at = self.texts.len() as u32;
                self.texts.push(text.to_owned());
                self.index.insert(text.to_owned(), at);
                at
            }
        };
        self.at.push(at);
    }

    pub fn get(&self, row: usize) -> &str {
        &self.texts[self.at[row] as usize]
    }
}

impl Texts {
    /// Reads a file with a header: in the format of its extension, or as fields between `;`, `,` or tabs.
    ///
    /// # Errors
    /// Everything wrong with the file as such; places, never values.
    pub fn read(path: &Path) -> Result<Self, Diagnostics> {
        let mut faults = Faults::default();
        let read = Self::open(path, &mut faults);
        let mut wrong = Diagnostics::default();
        let texts = match read {
            Ok(texts) => Some(texts),
            Err(Unreadable::Fault(fault)) => {
                faults.file(fault);
                None
            }
            Err(Unreadable::Machine(error)) => {
                wrong.push(cannot_read(path, &error));
                None
            }
        };
        wrong.0.extend(faults.into_diagnostics(&path.display().to_string()));
        match (texts, wrong.has_errors()) {
            (Some(texts), false) if texts.rows > 0 => Ok(texts),
            (Some(_), false) => Err(Diagnostic::error("file-empty", "the file has a header and no rows").in_file(path).into()),
            _ => Err(wrong),
        }
    }

    fn open(path: &Path, faults: &mut Faults) -> Result<Self, Unreadable> {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase()).unwrap_or_default();
        let fits = |reader: &&Reader| reader.extension == extension;
        let reader = READERS.iter().find(fits).or(READERS.iter().find(|reader| reader.extension == "csv"));
        let reader = reader.ok_or(Unreadable::Fault(&faults::BROKEN_OFF))?;
        let source = (reader.open)(path)?;
        let header: Vec<String> = source.header().to_vec();
        for (at, name) in header.iter().enumerate() {
            if header[..at].contains(name) {
                faults.column(&faults::SAME_HEADER, name);
            }
        }
        let separator = source.separator();
        let mut columns: Vec<TextColumn> = header.iter().map(|name| TextColumn::new(name)).collect();
        let all: Vec<usize> = (0..header.len()).collect();
        let mut take = |_: u64, arrays: &[ArrayRef], faults: &mut Faults| {
            for (column, array) in columns.iter_mut().zip(arrays) {
                append(column, array, faults);
            }
        };
        source.read(&all, faults, &mut take)?;
        let rows = columns.iter().map(|column| column.at.len()).min().unwrap_or(0);
        Ok(Self { file: path.to_owned(), separator, columns, rows })
    }

    pub fn find(&self, name: &str) -> Option<usize> {
        let alike = |column: &TextColumn| column.name.eq_ignore_ascii_case(name);
        self.columns.iter().position(|column| column.name == name).or_else(|| self.columns.iter().position(alike))
    }

    /// Reads columns as numbers. The decimal sign is found from all of them together; a text for which `missing` holds is none.
    ///
    /// # Errors
    /// Every field that holds no number, by its place.
    pub fn numbers(&self, columns: &[usize], missing: &dyn Fn(&str) -> bool) -> Result<(Numbers, Vec<Diagnostic>), Diagnostics> {
        let mut faults = Faults::default();
        let mut readings: Vec<Decimals> = columns.iter().map(|_| Decimals::new(self.separator)).collect();
        let mut all = Vec::with_capacity(columns.len());
        for (column, decimals) in columns.iter().map(|at| &self.columns[*at]).zip(&mut readings) {
            let mut numbers = Vec::with_capacity(self.rows);
            for row in 0..self.rows {
                let text = column.get(row);
                numbers.push(if missing(text) { None } else { number(decimals, text, row, &column.name, &mut faults) });
            }
            all.push(numbers);
        }
        let mut decided: Vec<u8> = readings.iter().filter_map(Decimals::decided).collect();
        decided.sort_unstable();
        decided.dedup();
        for (column, decimals) in columns.iter().zip(&readings) {
            decimals.report(&decided, &self.columns[*column].name, &mut faults);
        }
        Diagnostics(faults.into_diagnostics(&self.file.display().to_string())).finish(all)
    }

    /// Where a field stands; rows count from 0 here and from 1 there.
    pub fn place(&self, row: usize, column: &str) -> Place {
        Place::Data { file: self.file.clone(), row: Some(row as u64 + 1), column: Some(column.to_owned()) }
    }
}

fn number(decimals: &mut Decimals, text: &str, row: usize, column: &str, faults: &mut Faults) -> Option<i64> {
    match decimals.read(text, row as u64 + 1) {
        Reading::Amount(amount) => Some(amount),
        Reading::Fault(fault) => {
            faults.row(fault, row as u64 + 1, column);
            None
        }
    }
}

/// Adds what an array shows; what is null is an empty text.
fn append(column: &mut TextColumn, array: &ArrayRef, faults: &mut Faults) {
    if let Some(texts) = floating_texts(array) {
        return texts.iter().for_each(|text| column.push(text.unwrap_or_default()));
    }
    let options = FormatOptions::new().with_null("");
    match ArrayFormatter::try_new(array.as_ref(), &options) {
        Ok(formatter) => {
            let mut text = String::new();
            for row in 0..array.len() {
                text.clear();
                if formatter.value(row).write(&mut text).is_err() {
                    faults.column(&faults::COLUMN_TYPE, &column.name);
                }
                column.push(&text);
            }
        }
        Err(_) => faults.column(&faults::COLUMN_TYPE, &column.name),
    }
}

/// A file as one text, in UTF-8 or Windows-1252; a mark of its encoding at the start is left out.
///
/// # Errors
/// `cannot-read` when the machine cannot read it, `file-empty` without bytes.
pub fn text(path: &Path) -> Result<String, Diagnostics> {
    let bytes = bytes(path)?;
    let plain = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    Ok(match std::str::from_utf8(plain) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(plain).0.into_owned(),
    })
}

/// BLAKE3 of a file, hexadecimal, and its length.
///
/// # Errors
/// `cannot-read` when the machine cannot read it.
pub fn fingerprint(path: &Path) -> Result<(String, u64), Diagnostics> {
    let read = || -> std::io::Result<(String, u64)> {
        let mut hasher = blake3::Hasher::new();
        let length = std::io::copy(&mut std::fs::File::open(path)?, &mut hasher)?;
        Ok((hasher.finalize().to_hex().to_string(), length))
    };
    read().map_err(|error| cannot_read(path, &error).into())
}

/// The file of that name, whatever the case of its letters, in the folder of another file; folders in the name are left out.
pub fn beside(file: &Path, name: &str) -> Option<PathBuf> {
    let name = name.rsplit(['\\', '/']).next().unwrap_or(name);
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let plain = folder.join(name);
    if plain.is_file() {
        return Some(plain);
    }
    let alike = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().eq_ignore_ascii_case(name).then(|| entry.path());
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).ok()?.filter_map(|entry| alike(entry.ok()?)).collect();
    found.sort();
    found.into_iter().next()
}

fn bytes(path: &Path) -> Result<Vec<u8>, Diagnostics> {
    let bytes = std::fs::read(path).map_err(|error| cannot_read(path, &error))?;
    if bytes.is_empty() {
        return Err(Diagnostic::error("file-empty", "the file has no bytes").in_file(path).into());
    }
    Ok(bytes)
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("cannot-read", format!("the file cannot be read: {error}")).in_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, bytes: &[u8]) -> Result<Texts, Diagnostics> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Texts::read(&path)
    }

    #[test]
    fn the_separator_and_the_decimal_sign_are_found() {
        for (separator, point) in [(';', ','), (',', '.'), ('\t', ','), ('\t', '.')] {
            let text = format!("a{separator}v\nx{separator}1{point}5\ny{separator}2\n");
            let texts = read("t.csv", text.as_bytes()).unwrap();
            let numbers = texts.numbers(&[1], &|_| false).unwrap().0;
            assert!(numbers == [[Some(15_000), Some(20_000)]], "{separator:?} {point:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_named_by_its_place_and_not_shown() {
        let texts = read("t.csv", b"a,v\nx,1\ny,4711x\n").unwrap();
        let found = texts.numbers(&[1], &|_| false).err().unwrap().0.remove(0);
        assert_eq!(found.place, Place::Data { file: texts.file.clone(), row: Some(2), column: Some("v".into()) });
        assert!(!found.to_string().contains("4711"));
    }

    #[test]
    fn a_header_alone_is_an_empty_file() {
        assert_eq!(read("t.csv", b"a,b\n").err().unwrap().0[0].code, "file-empty");
        assert_eq!(read("t.csv", b"a,a\n1,2\n").err().unwrap().0[0].code, "file-corrupt");
    }
}
