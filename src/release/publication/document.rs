//! The report before it has a form: headings, paragraphs, and tables with their figures, in reading order.

use super::{changes, lead, method, words};
use crate::disclosure::safe::{SafeTable, SafeTables};
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

/// A part of the report: its name in links, its heading and its content.
pub struct Part<'a> {
    pub anchor: &'static str,
    pub heading: &'a str,
    pub blocks: Vec<Block<'a>>,
}

pub enum Block<'a> {
    Paragraph(String),
    /// A table with its figure, and what is said of it.
    Table {
        table: &'a SafeTable,
        remarks: Vec<String>,
    },
    /// Signs with their meanings.
    Terms(Vec<(&'static str, &'static str)>),
}

impl<'a> Document<'a> {
    pub fn of(tables: &'a SafeTables, language: Language) -> Self {
        let about = tables.about();
        let mut parts: Vec<Part<'a>> = sections(tables).into_iter().map(|section| part(tables, section, language)).collect();
        if let Some(method) = &about.method {
            parts.push(text_part("method", words::METHOD.of(language), method::sentences(method, language)));
        }
        parts.push(text_part("protection", words::PROTECTION.of(language), words::protection(language)));
        parts.push(reading(language));
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

impl<'a> Part<'a> {
    /// Anchors and titles of the tables in it.
    pub fn tables(&self, language: Language) -> impl Iterator<Item = (String, &'a str)> {
        self.blocks.iter().filter_map(move |block| match block {
            Block::Table { table, .. } => Some((format!("table-{}", table.id), title(table, language))),
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

fn part(tables: &SafeTables, section: Option<Section>, language: Language) -> Part<'_> {
    let of_section = tables.tables().iter().filter(|table| table.presentation.section == section);
    let (anchor, heading, intro) = words::section(section);
    let mut blocks = Vec::new();
    blocks.extend((!intro.of(language).is_empty()).then(|| Block::Paragraph(intro.of(language).to_owned())));
    let mut explained = false;
    for table in of_section {
        let is_change = table.statistic == Statistic::Decomposition;
        if is_change && !explained {
            blocks.push(Block::Paragraph(words::DECOMPOSITION.of(language).to_owned()));
            explained = true;
        }
        let remarks = if is_change { changes::sentences(table, language) } else { Vec::new() };
        blocks.push(Block::Table { table, remarks });
    }
    Part { anchor, heading: heading.of(language), blocks }
}

fn text_part<'a>(anchor: &'static str, heading: &'a str, sentences: Vec<String>) -> Part<'a> {
    Part { anchor, heading, blocks: sentences.into_iter().map(Block::Paragraph).collect() }
}

/// What the signs mean and where the numbers lie.
fn reading<'a>(language: Language) -> Part<'a> {
    let mut terms: Vec<(&'static str, &'static str)> =
        symbols::EXPLAINED.iter().map(|state| (symbols::sign(*state), symbols::meaning(*state).of(language))).collect();
    terms.push(("0", symbols::ROUNDED.of(language)));
    terms.extend([("▲", words::ABOVE_LONG.of(language)), ("▼", words::BELOW_LONG.of(language))]);
    let blocks = vec![Block::Terms(terms), Block::Paragraph(words::FILES.of(language).to_owned())];
    Part { anchor: "reading", heading: words::READING.of(language), blocks }
}
