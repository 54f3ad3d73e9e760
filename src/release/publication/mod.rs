//! The report: every table and figure of a release, how they came about and how they are protected, as HTML and as PDF in every language.

use super::figures::languages;
use super::{File, Format, Release};
use document::Document;

mod method;
mod words;
mod changes;
mod lead;
mod document;
mod embed;
mod table;
mod html;
mod print;

pub const REPORT: Format = Format { name: "report", files };

fn files(release: &Release<'_>) -> Vec<File> {
    let tables = release.tables;
    let of_language = |language: &crate::language::Language| {
        let document = Document::of(tables, *language);
        let file = |extension: &str, bytes: Vec<u8>| File { path: format!("report.{}.{extension}", language.code()), bytes };
        [file("html", html::html(&document)), file("pdf", print::pdf(&document))]
    };
    languages(tables.about()).iter().flat_map(of_language).collect()
}
