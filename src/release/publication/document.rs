//! The report before it has a form: headings, paragraphs, and tables with their figures, in reading order.

use super::{changes, lead, method, words};
use crate::disclosure::safe::{SafeTable, SafeTables, State};
use crate::language::Language;
use crate::release::figures::{frame, title};
use crate::release::symbols;
use crate::spec::plan::Section;
use crate::tables::set::{About, Statistic};

pub struct Document<'a> {
    pub language: Language,
    pub about: &'a About,
    pub title: &'a str,
    /// The line with the source.
    pub source: Option<String>,
    /// What a hurried reader takes along.
    pub lead: Vec<String>,
    pub parts: Vec<Part<'a>>,
}

/// A part of the report: its name in links, its heading with its number, and its content.
pub struct Part<'a> {
    pub anchor: &'static str,
    pub heading: String,
    pub blocks: Vec<Block<'a>>,
}

pub enum Block<'a> {
    Paragraph(String),
    /// A table with its figure under a heading with its number, what is said of it, and what its signs mean beside those of the figure.
    Table {
        table: &'a SafeTable,
        heading: String,
        remarks: Vec<String>,
        notes: Vec<String>,
    },
    /// Signs with their meanings.
    Terms(Vec<(&'static str, &'static str)>),
}

impl<'a> Document<'a> {
    pub fn of(tables: &'a SafeTables, language: Language) -> Self {
        let about = tables.about();
        let mut parts: Vec<Part<'a>> =
            (1..).zip(sections(tables)).map(|(number, section)| part(tables, number, section, language)).collect();
        if let Some(method) = &about.method {
            parts.push(text_part("method", words::METHOD.of(language), parts.len() + 1, method::sentences(method, language)));
        }
        parts.push(text_part("protection", words::PROTECTION.of(language), parts.len() + 1, words::protection(language)));
        parts.push(reading(parts.len() + 1, language));
        Self {
            language,
            about,
            title: about.title.of(language),
            source: frame::source(about, language),
            lead: lead::sentences(tables, language),
            parts,
        }
    }
}

impl Part<'_> {
    /// Anchors and headings of the tables in it.
    pub fn tables(&self) -> impl Iterator<Item = (String, &str)> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table { table, heading, .. } => Some((format!("table-{}", table.id), heading.as_str())),
            _ => None,
        })
    }
}

/// The sections that have tables, in their order; tables made elsewhere stand in one without a name.
fn sections(tables: &SafeTables) -> Vec<Option<Section>> {
    let mut sections: Vec<Option<Section>> = tables.tables().iter().map(|table| table.presentation.section).collect();
    sections.sort_unstable();
    sections.dedup();
    sections
}

fn part(tables: &SafeTables, number: usize, section: Option<Section>, language: Language) -> Part<'_> {
    let of_section = tables.tables().iter().filter(|table| table.presentation.section == section);
    let (anchor, heading, intro) = words::section(section);
    let mut blocks = Vec::new();
    blocks.extend((!intro.of(language).is_empty()).then(|| Block::Paragraph(intro.of(language).to_owned())));
    let mut explained = false;
    for (at, table) in (1..).zip(of_section) {
        let is_change = table.statistic == Statistic::Decomposition;
        let mut remarks = Vec::new();
        remarks.extend((is_change && !explained).then(|| words::DECOMPOSITION.of(language).to_owned()));
        remarks.extend(is_change.then(|| changes::sentences(table, language)).into_iter().flatten());
        explained |= is_change;
        let heading = format!("{number}.{at} {}", title(table, language));
        blocks.push(Block::Table { table, heading, remarks, notes: notes(table, language) });
    }
    Part { anchor, heading: numbered(number, heading.of(language)), blocks }
}

fn numbered(number: usize, heading: &str) -> String {
    format!("{number} {heading}")
}

/// What the signs of a table mean that its figure does not have.
fn notes(table: &SafeTable, language: Language) -> Vec<String> {
    let not_applicable = State::NotApplicable;
    let stands = table.statistic == Statistic::Decomposition && table.rows.iter().any(|row| row.state == not_applicable);
    let sign = symbols::sign(not_applicable, language);
    let mut notes: Vec<String> = Vec::new();
    notes.extend(stands.then(|| symbols::note(sign, symbols::meaning(not_applicable), language)));
    if table.mark {
        notes.extend([("▲", words::ABOVE), ("▼", words::BELOW)].map(|(sign, word)| symbols::note(sign, word, language)));
    }
    notes
}

fn text_part<'a>(anchor: &'static str, heading: &str, number: usize, sentences: Vec<String>) -> Part<'a> {
    Part { anchor, heading: numbered(number, heading), blocks: sentences.into_iter().map(Block::Paragraph).collect() }
}

/// What the signs mean and where the numbers lie.
fn reading<'a>(number: usize, language: Language) -> Part<'a> {
    let mut terms: Vec<(&'static str, &'static str)> =
        symbols::EXPLAINED.iter().map(|state| (symbols::sign(*state, language), symbols::meaning(*state).of(language))).collect();
    terms.push(("0", symbols::ROUNDED.of(language)));
    terms.extend([("▲", words::ABOVE_LONG.of(language)), ("▼", words::BELOW_LONG.of(language))]);
    let blocks = vec![Block::Terms(terms), Block::Paragraph(words::FILES.of(language).to_owned())];
    Part { anchor: "reading", heading: numbered(number, words::READING.of(language)), blocks }
}
