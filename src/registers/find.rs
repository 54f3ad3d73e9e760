//! Finding the files of a delivery: names by pattern, the highest version, the first format that can be read.

#![allow(clippy::disallowed_methods, reason = "registers are read here")]

use std::path::{Path, PathBuf};

use super::reader::{READERS, Reader};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::spec::schema::Schema;

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
        if entry.path().is_file() {
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
    let holds = |years: Option<(i32, i32)>| match (years, year) {
        (Some((from, to)), Some(year)) => (from..=to).contains(&year),
        _ => true,
    };
    schema.files.iter().filter(|file| holds(file.years)).map(|file| file.pattern.as_str()).collect()
}

/// The file of a register and a year, with what is to be said about the choice.
pub(super) fn find(
    register: &str,
    schema: &Schema,
    year: Option<i32>,
    folder: &Path,
    names: &[String],
) -> (Option<RegisterFile>, Option<Diagnostic>) {
    let patterns = patterns(schema, year);
    if patterns.is_empty() {
        return (None, None);
    }
    let mut matches = matching(&patterns, year, names);
    matches.sort_by(|a, b| b.version.cmp(&a.version).then(a.format.cmp(&b.format)).then(a.name.cmp(b.name)));
    let Some(best) = matches.first() else {
        return (None, Some(missing(schema, &patterns, year, folder, names)));
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
    match (pattern, name) {
        ([], []) => Some(None),
        ([p, pattern @ ..], [n, name @ ..]) if p.eq_ignore_ascii_case(n) => version_in(pattern, name, year),
        _ => None,
    }
}

fn several(matches: &[Match<'_>]) -> Diagnostic {
    let others: Vec<String> = matches[1..].iter().map(|other| format!("`{}`", other.name)).collect();
    Diagnostic::warning("several-versions", format!("the register is there in {} files; this one was read", matches.len()))
        .in_file(matches[0].name)
        .note(format!("not read: {}", others.join(", ")))
        .note(format!("the highest version is read; of one version the first format of {}", extensions().join(", ")))
        .help("take the other files out of the folder if this is not the one you mean")
}

fn missing(schema: &Schema, patterns: &[&str], year: Option<i32>, folder: &Path, names: &[String]) -> Diagnostic {
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
            diagnostic.help(format!("convert `{name}` to {}: its format cannot be read", extensions.join(" or ")))
        }
        Some(name) => {
            diagnostic.help(format!("did you mean `{name}`? Rename it, or add its pattern to the schema `{}`", schema.name))
        }
        None => diagnostic.help(format!("put the file there, or limit the years of the schema `{}`", schema.name)),
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

/// The name in the folder that is most like what was asked for.
fn near<'a>(asked: &[String], names: &'a [String]) -> Option<&'a str> {
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
    }

    #[test]
    fn a_number_of_versions_beyond_counting_is_no_panic() {
        assert_eq!(version_in(b"x{v}", b"x99999999999999", None), Some(None));
    }
}
