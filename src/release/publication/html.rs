//! The report as one HTML file that asks for nothing from elsewhere.

use super::document::{Block, Document, Part};
use super::{embed, table, words};
use crate::disclosure::safe::SafeTable;
use crate::release::figures::svg::escape;
use crate::release::figures::{self, Place};

const STYLE: &str = include_str!("style.css");

/// The bytes of the file.
pub fn html(document: &Document<'_>) -> Vec<u8> {
    let language = document.language;
    let name = escape(document.title);
    let source = document.source.as_ref().map(|source| format!("<p class=\"source\">{}</p>", escape(source)));
    let lead: String = document.lead.iter().map(|sentence| format!("<li>{}</li>\n", escape(sentence))).collect();
    let page = format!(
        concat!(
            "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n",
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; font-src data:\">\n",
            "<title>{name}</title>\n",
            "<style>\n{fonts}{style}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">{skip}</a>\n",
            "<header>\n<h1>{name}</h1>\n{source}\n<section id=\"summary\" aria-labelledby=\"summary-heading\">\n",
            "<h2 id=\"summary-heading\">{summary}</h2>\n<ul>\n{lead}</ul>\n</section>\n</header>\n",
            "<nav aria-label=\"{contents}\">\n<h2>{contents}</h2>\n{toc}</nav>\n<main id=\"content\">\n{body}</main>\n</body>\n</html>\n"
        ),
        code = language.code(),
        name = name,
        fonts = embed::typefaces(),
        style = STYLE,
        skip = words::SKIP.of(language),
        source = source.unwrap_or_default(),
        summary = words::SUMMARY.of(language),
        lead = lead,
        contents = words::CONTENTS.of(language),
        toc = contents(&document.parts),
        body = document.parts.iter().map(|part| section(document, part)).collect::<String>(),
    );
    page.into_bytes()
}

fn section(document: &Document<'_>, part: &Part<'_>) -> String {
    format!(
        "<section id=\"{0}\" aria-labelledby=\"{0}-heading\">\n<h2 id=\"{0}-heading\">{1}</h2>\n{2}</section>\n",
        part.anchor,
        escape(&part.heading),
        part.blocks.iter().map(|block| self::block(document, block)).collect::<String>()
    )
}

fn block(document: &Document<'_>, block: &Block<'_>) -> String {
    match block {
        Block::Paragraph(text) => paragraph(text),
        Block::Table { table, heading, remarks, notes } => shown(document, table, heading, [remarks, notes]),
        Block::Terms(terms) => {
            let term = |(sign, meaning): &(&str, &str)| format!("<dt>{}</dt><dd>{}</dd>\n", escape(sign), escape(meaning));
            format!("<dl>\n{}</dl>\n", terms.iter().map(term).collect::<String>())
        }
    }
}

/// A table with its figure.
fn shown(document: &Document<'_>, table: &SafeTable, heading: &str, [remarks, notes]: [&[String]; 2]) -> String {
    let language = document.language;
    let drawn = |place: Place| figures::draw(document.about, table, place, language).svg();
    let (wide, narrow) = (drawn(Place::InReport), drawn(Place::Narrow));
    format!(
        concat!(
            "<article id=\"table-{id}\">\n<h3>{title}</h3>\n{remarks}",
            "<figure>\n<div class=\"wide\">\n{wide}</div>\n<div class=\"narrow\">\n{narrow}</div>\n",
            "<figcaption>{source}</figcaption>\n</figure>\n{table}{notes}</article>\n"
        ),
        id = table.id,
        title = escape(heading),
        remarks = remarks.iter().map(|remark| paragraph(remark)).collect::<String>(),
        wide = wide,
        narrow = narrow,
        source = escape(document.source.as_deref().unwrap_or_default()),
        table = table::html(table, language),
        notes = notes.iter().map(|note| format!("<p class=\"note\">{}</p>\n", escape(note))).collect::<String>(),
    )
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>\n", escape(text))
}

fn contents(parts: &[Part<'_>]) -> String {
    let link = |anchor: &str, text: &str| format!("<a href=\"#{anchor}\">{}</a>", escape(text));
    let item = |part: &Part<'_>| {
        let below: String = part.tables().map(|(anchor, text)| format!("<li>{}</li>\n", link(&anchor, text))).collect();
        let below = if below.is_empty() { String::new() } else { format!("\n<ul>\n{below}</ul>\n") };
        format!("<li>{}{below}</li>\n", link(part.anchor, &part.heading))
    };
    format!("<ol>\n{}</ol>\n", parts.iter().map(item).collect::<String>())
}
