//! The report: one HTML file per language with every table and figure, how they came about and how they are protected.

use super::figures::svg::escape;
use super::figures::{self, Place, frame, languages, title};
use super::{File, Format, Release, symbols};
use crate::disclosure::safe::{SafeTable, SafeTables};
use crate::language::Language;
use crate::spec::plan::Section;

mod embed;
mod method;
mod table;
mod words;

pub const REPORT: Format = Format { name: "report", files };

const STYLE: &str = include_str!("style.css");

fn files(release: &Release<'_>) -> Vec<File> {
    let tables = release.tables;
    let file = |language: &Language| File {
        path: format!("report.{}.html", language.code()),
        bytes: report(tables, *language).into_bytes(),
    };
    languages(tables.about()).iter().map(file).collect()
}

/// A part of the report: its name in links, its heading and its content.
struct Part {
    anchor: String,
    heading: String,
    content: String,
    /// Anchors and headings of what stands in it.
    below: Vec<(String, String)>,
}

fn report(tables: &SafeTables, language: Language) -> String {
    let about = tables.about();
    let mut parts: Vec<Part> = sections(tables).into_iter().map(|section| part(tables, section, language)).collect();
    parts.extend(
        about.method.as_ref().map(|method| text_part("method", words::METHOD.of(language), &method::sentences(method, language))),
    );
    parts.push(text_part("protection", words::PROTECTION.of(language), &words::protection(language)));
    parts.push(reading(language));
    let name = escape(about.title.of(language));
    let source = frame::source(about, language).map(|source| format!("<p class=\"source\">{}</p>", escape(&source)));
    let body: String = parts.iter().map(section_html).collect();
    format!(
        concat!(
            "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n",
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; font-src data:\">\n",
            "<title>{name}</title>\n",
            "<style>\n{fonts}{style}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#content\">{skip}</a>\n",
            "<header>\n<h1>{name}</h1>\n{source}\n</header>\n",
            "<nav aria-label=\"{contents}\">\n<h2>{contents}</h2>\n{toc}</nav>\n<main id=\"content\">\n{body}</main>\n</body>\n</html>\n"
        ),
        code = language.code(),
        name = name,
        fonts = embed::typefaces(),
        style = STYLE,
        skip = words::SKIP.of(language),
        source = source.unwrap_or_default(),
        contents = words::CONTENTS.of(language),
        toc = contents(&parts),
        body = body,
    )
}

/// The sections that have tables, in their order; tables made elsewhere stand in one without a name.
fn sections(tables: &SafeTables) -> Vec<Option<Section>> {
    let mut sections: Vec<Option<Section>> = tables.tables().iter().map(|table| table.presentation.section).collect();
    sections.sort_unstable();
    sections.dedup();
    sections
}

fn part(tables: &SafeTables, section: Option<Section>, language: Language) -> Part {
    let of_section: Vec<&SafeTable> = tables.tables().iter().filter(|table| table.presentation.section == section).collect();
    let (anchor, heading, intro) = words::section(section);
    let mut content = paragraph(intro.of(language));
    content.extend(of_section.iter().map(|table| shown(tables, table, language)));
    if section == Some(Section::Development) {
        content.push_str(&format!("<h3 id=\"decomposition\">{}</h3>\n", words::DECOMPOSITION.of(language)));
        content.push_str(&paragraph(words::NO_DECOMPOSITION.of(language)));
    }
    let mut below: Vec<(String, String)> =
        of_section.iter().map(|table| (format!("table-{}", table.id), title(table, language).to_owned())).collect();
    below.extend(
        (section == Some(Section::Development)).then(|| ("decomposition".into(), words::DECOMPOSITION.of(language).into())),
    );
    Part { anchor: anchor.to_owned(), heading: heading.of(language).to_owned(), content, below }
}

/// A table with its figure.
fn shown(tables: &SafeTables, table: &SafeTable, language: Language) -> String {
    let svg = figures::draw(tables.about(), table, Place::InReport, language);
    format!(
        concat!(
            "<article id=\"table-{id}\">\n<h3>{title}</h3>\n",
            "<figure>\n<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{figure}: {title}\">\n{svg}</div>\n",
            "<figcaption>{source}</figcaption>\n</figure>\n{table}</article>\n"
        ),
        id = table.id,
        title = escape(title(table, language)),
        figure = words::FIGURE.of(language),
        svg = svg,
        source = escape(&frame::source(tables.about(), language).unwrap_or_default()),
        table = table::html(table, language),
    )
}

fn paragraph(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<p>{}</p>\n", escape(text)) }
}

fn text_part(anchor: &str, heading: &str, sentences: &[String]) -> Part {
    let content = sentences.iter().map(|sentence| paragraph(sentence)).collect();
    Part { anchor: anchor.to_owned(), heading: heading.to_owned(), content, below: Vec::new() }
}

/// What the signs mean and where the numbers lie.
fn reading(language: Language) -> Part {
    let line = |state: &crate::disclosure::safe::State| {
        format!("<dt>{}</dt><dd>{}</dd>\n", symbols::sign(*state), escape(symbols::meaning(*state).of(language)))
    };
    let signs: String = symbols::EXPLAINED.iter().map(line).collect();
    let marks =
        format!("<dt>▲</dt><dd>{}</dd>\n<dt>▼</dt><dd>{}</dd>\n", words::ABOVE_LONG.of(language), words::BELOW_LONG.of(language));
    let content = format!("<dl>\n{signs}{marks}</dl>\n{}", paragraph(words::FILES.of(language)));
    Part { anchor: "reading".into(), heading: words::READING.of(language).into(), content, below: Vec::new() }
}

fn section_html(part: &Part) -> String {
    format!(
        "<section id=\"{0}\" aria-labelledby=\"{0}-heading\">\n<h2 id=\"{0}-heading\">{1}</h2>\n{2}</section>\n",
        part.anchor,
        escape(&part.heading),
        part.content
    )
}

fn contents(parts: &[Part]) -> String {
    let link = |anchor: &str, text: &str| format!("<a href=\"#{anchor}\">{}</a>", escape(text));
    let item = |part: &Part| {
        let below: String = part.below.iter().map(|(anchor, text)| format!("<li>{}</li>\n", link(anchor, text))).collect();
        let below = if below.is_empty() { String::new() } else { format!("\n<ul>\n{below}</ul>\n") };
        format!("<li>{}{below}</li>\n", link(&part.anchor, &part.heading))
    };
    format!("<ol>\n{}</ol>\n", parts.iter().map(item).collect::<String>())
}
