//! Finding the files of a delivery: names by pattern, the highest version, the first format that can be read.

#![allow(clippy::disallowed_methods, reason = "registers are read here")]

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::reader::{READERS, Reader};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::spec::register_file::quoted;
use crate::spec::schema::{Schema, holds};
use crate::spec::shipped;

/// Similarity from which a file or column name is worth suggesting, 0 to 1.
pub(super) const ALIKE: f64 = 0.7;

/// The file of one register, for one year or for all.
pub(super) struct RegisterFile {
    pub register: String,
    pub year: Option<i32>,
    pub path: PathBuf,
    /// File name with extension.
    pub name: String,
    pub version: Option<u32>,
    pub reader: &'static Reader,
}

struct Match<'a> {
    version: Option<u32>,
    /// Place of the format in [`READERS`].
    format: usize,
    name: &'a str,
}

/// The names of the files in a folder, in order.
pub(super) fn list(folder: &Path) -> Result<Vec<String>, Diagnostics> {
    let unreadable = |error: std::io::Error| -> Diagnostics {
        Diagnostic::error("cannot-read", format!("the data folder cannot be read: {error}"))
            .in_file(folder)
            .help("give the folder that holds the registers")
            .into()
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        // What may not be looked at is there all the same; opening it says so.
        let is_file =
            entry.path().metadata().map_or_else(|error| error.kind() == ErrorKind::PermissionDenied, |found| found.is_file());
        if is_file {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Whether the register has a file for each year, rather than one for all.
pub(super) fn is_yearly(schema: &Schema) -> bool {
    schema.files.iter().any(|file| file.pattern.contains("{y}"))
}

/// The patterns that hold in a year; without any the register is not asked for in that year.
fn patterns(schema: &Schema, year: Option<i32>) -> Vec<&str> {
    schema.files.iter().filter(|file| holds(file.years, year)).map(|file| file.pattern.as_str()).collect()
}

/// A register and a year that files are looked for.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Asked<'a> {
    pub register: &'a str,
    pub schema: &'a Schema,
    pub year: Option<i32>,
}

impl Asked<'_> {
    /// Whether a file belongs here by its name, whatever its format.
    fn claims(&self, name: &str) -> bool {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let fits = |pattern: &&str| version_in(pattern.as_bytes(), stem.as_bytes(), self.year).is_some();
        patterns(self.schema, self.year).iter().any(fits)
    }
}

/// The file of a register and a year, with what is to be said about the choice. `all` is everything that files are looked for.
pub(super) fn find(
    asked: Asked<'_>,
    all: &[Asked<'_>],
    folder: &Path,
    names: &[String],
) -> (Option<RegisterFile>, Option<Diagnostic>) {
    let Asked { register, schema, year } = asked;
    let patterns = patterns(schema, year);
    if patterns.is_empty() {
        return (None, None);
    }
    let mut matches = matching(&patterns, year, names);
    matches.sort_by(|a, b| b.version.cmp(&a.version).then(a.format.cmp(&b.format)).then(a.name.cmp(b.name)));
    let Some(best) = matches.first() else {
        let others = |name: &&String| all.iter().any(|other| *other != asked && other.claims(name));
        let free: Vec<&String> = names.iter().filter(|name| !others(name) && !is_of_another_year(name, year)).collect();
        return (None, Some(missing(schema, &patterns, year, folder, &free)));
    };
    let file = RegisterFile {
        register: register.to_owned(),
        year,
        path: folder.join(best.name),
        name: best.name.to_owned(),
        version: best.version,
        reader: &READERS[best.format],
    };
    let notice = (matches.len() > 1).then(|| several(&matches));
    (Some(file), notice)
}

fn matching<'a>(patterns: &[&str], year: Option<i32>, names: &'a [String]) -> Vec<Match<'a>> {
    let mut found = Vec::new();
    for name in names {
        let Some((stem, extension)) = name.rsplit_once('.') else { continue };
        let Some(format) = READERS.iter().position(|reader| reader.extension.eq_ignore_ascii_case(extension)) else { continue };
        if let Some(version) = patterns.iter().find_map(|pattern| version_in(pattern.as_bytes(), stem.as_bytes(), year)) {
            found.push(Match { version, format, name });
        }
    }
    found
}

/// `Some(version)` when the name fits the pattern; letters are compared without regard to case.
fn version_in(pattern: &[u8], name: &[u8], year: Option<i32>) -> Option<Option<u32>> {
    if let Some(rest) = pattern.strip_prefix(b"{y}") {
        let year = year?.to_string();
        return version_in(rest, name.strip_prefix(year.as_bytes())?, Some(year.parse().ok()?));
    }
    if let Some(rest) = pattern.strip_prefix(b"{v}") {
        let digits = name.iter().take_while(|byte| byte.is_ascii_digit()).count();
        return (1..=digits).rev().find_map(|length| {
            version_in(rest, &name[length..], year)?;
            Some(std::str::from_utf8(&name[..length]).ok()?.parse().ok())
        });
    }
    if let Some(rest) = pattern.strip_prefix(b"*") {
        return (0..=name.len()).find_map(|length| version_in(rest, &name[length..], year));
    }
    match (pattern, name) {
        ([], []) => Some(None),
        ([p, pattern @ ..], [n, name @ ..]) if p.eq_ignore_ascii_case(n) => version_in(pattern, name, year),
        _ => None,
    }
}

fn several(matches: &[Match<'_>]) -> Diagnostic {
    let others: Vec<String> = matches[1..].iter().map(|other| format!("`{}`", other.name)).collect();
    let read = format!("the register is there in {} files; `{}` was read", matches.len(), matches[0].name);
    Diagnostic::warning("several-versions", read)
        .in_file(matches[0].name)
        .note(format!("not read: {}", others.join(", ")))
        .note(format!("the highest version is read; of one version the first format of {}", extensions().join(", ")))
        .help("take the other files out of the folder if this is not the one you mean")
}

fn missing(schema: &Schema, patterns: &[&str], year: Option<i32>, folder: &Path, names: &[&String]) -> Diagnostic {
    let asked: Vec<String> =
        patterns.iter().map(|pattern| year.map_or(pattern.to_string(), |y| pattern.replace("{y}", &y.to_string()))).collect();
    let when = year.map_or(String::new(), |year| format!(" for {year}"));
    let extensions = extensions();
    let looked = format!("looked for `{}` ending in {} in {}", asked.join("` or `"), extensions.join(", "), folder.display());
    let diagnostic = Diagnostic::error("file-missing", format!("no file{when}: {}", schema.title))
        .at(Place::Data { file: asked[0].clone().into(), row: None, column: None })
        .note(looked);
    match near(&asked, names) {
        Some(name) if unread_format(patterns, year, name) => {
            diagnostic.help(format!("save `{name}` as Parquet or CSV: its format cannot be read"))
        }
        Some(name) => noting_copy(diagnostic, schema).help(format!(
            "did you mean `{name}`? Rename it, or add to the schema `{}`\n[[file]]\n{}",
            schema.name,
            pattern_lines(name, year)
        )),
        None => noting_copy(diagnostic, schema).help(format!(
            "put the file there, or, if the register has none for that year, limit the years of the file in the schema `{}` (`from`, `to`)",
            schema.name
        )),
    }
}

fn noting_copy(diagnostic: Diagnostic, schema: &Schema) -> Diagnostic {
    shipped::how_to_change(&schema.name).into_iter().fold(diagnostic, Diagnostic::note)
}

/// The lines of a schema that make a file with this name the one of the year.
fn pattern_lines(name: &str, year: Option<i32>) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let digits = stem.len() - stem.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
    let versioned = stem[..stem.len() - digits].ends_with(['V', 'v']) && digits > 0;
    let pattern = if versioned { format!("{}{{v}}", &stem[..stem.len() - digits]) } else { stem.to_owned() };
    match year {
        Some(year) => {
            let pattern = pattern.replacen(&year.to_string(), "{y}", 1);
            format!("pattern = {}\nfrom    = {year}", quoted(&pattern))
        }
        None => format!("pattern = {}", quoted(&pattern)),
    }
}

fn extensions() -> Vec<&'static str> {
    READERS.iter().map(|reader| reader.extension).collect()
}

fn unread_format(patterns: &[&str], year: Option<i32>, name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    let read = READERS.iter().any(|reader| reader.extension.eq_ignore_ascii_case(extension));
    !read && patterns.iter().any(|pattern| version_in(pattern.as_bytes(), stem.as_bytes(), year).is_some())
}

/// Whether a name holds a year and not the one that is asked for.
fn is_of_another_year(name: &str, year: Option<i32>) -> bool {
    let runs = name.split(|letter: char| !letter.is_ascii_digit()).filter_map(|run| run.parse::<i32>().ok());
    let years: Vec<i32> = runs.filter(|run| (1980..2080).contains(run)).collect();
    year.is_some_and(|year| !years.is_empty() && !years.contains(&year))
}

/// The name in the folder that is most like what was asked for.
fn near<'a>(asked: &[String], names: &[&'a String]) -> Option<&'a str> {
    let likeness = |name: &str| {
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_lowercase();
        let like = |asked: &String| strsim::normalized_damerau_levenshtein(&asked.replace("{v}", "1").to_lowercase(), &stem);
        asked.iter().map(like).fold(0.0, f64::max)
    };
    let scored = names.iter().map(|name| (likeness(name), name.as_str())).filter(|(score, _)| *score >= ALIKE);
    scored
        .fold(None, |best: Option<(f64, &str)>, next| if best.is_none_or(|b| next.0 > b.0) { Some(next) } else { best })
        .map(|b| b.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_from_the_name() {
        assert_eq!(version_in(b"BE_ABR{y}V{v}", b"be_abr2014v12", Some(2014)), Some(Some(12)));
        assert_eq!(version_in(b"BE_ABR{y}V{v}", b"BE_ABR2015V1", Some(2014)), None);
        assert_eq!(version_in(b"BE_ABR{y}V{v}", b"BE_ABR2014V", Some(2014)), None);
        assert_eq!(version_in(b"deelnemers", b"deelnemers", None), Some(None));
        assert_eq!(version_in(b"BE_ABR{y}V{v}", b"BE_ABR2014V1_old", Some(2014)), None);
        assert_eq!(version_in(b"* OG_ABR {y}V{v}", b"130923 OG_ABR 2006V3", Some(2006)), Some(Some(3)));
        assert_eq!(version_in(b"* OG_ABR {y}V{v}", b"130923 BE_OG_ABR 2006V3", Some(2006)), None);
    }

    #[test]
    fn a_number_of_versions_beyond_counting_is_no_panic() {
        assert_eq!(version_in(b"x{v}", b"x99999999999999", None), Some(None));
    }
}
