//! Figures of safe tables, as SVG, PNG and PDF in every language of the study, each with the data behind it.

use std::borrow::Cow;

use rayon::prelude::*;

use super::{File, Format, Release, pdf, symbols, words};
use crate::disclosure::safe::{SafeTable, State};
use crate::language::{Language, Phrase};
use crate::tables::set::{About, Statistic};
use frame::Figure;
use grid::Along;

pub mod bars;
mod data;
mod flow;
pub mod font;
mod forest;
pub mod frame;
pub mod grid;
mod lines;
mod raster;
mod scale;
pub mod svg;
mod waterfall;

pub const FIGURES: Format = Format { name: "figures", files };

/// What a figure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Boxes from step to step.
    Flow,
    /// An estimate with its interval per row.
    Forest,
    /// Lines over years.
    Lines,
    /// Bars side by side.
    Bars,
    /// Lines around one hundred.
    IndexLines,
    /// Bars from one hundred.
    IndexBars,
    /// Bars that begin where the one before ends.
    Waterfall,
}

/// Where a figure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file of its own.
    Alone,
    /// In a report, below a heading with its title.
    InReport,
    /// The same, on a narrow screen.
    Narrow,
}

impl Place {
    /// The width of the whole figure.
    fn width(self) -> f64 {
        if self == Place::Narrow { frame::NARROW } else { frame::WIDTH }
    }

    /// What a report leaves out of a figure on the left and on the right, where years stand half outside the drawing.
    fn left_out(self) -> [f64; 2] {
        if self == Place::Alone { [0.0, 0.0] } else { [frame::MARGIN - 1.0, frame::MARGIN - 12.0] }
    }

    /// The width that a drawing may take.
    fn inside(self) -> f64 {
        self.width() - 2.0 * frame::MARGIN
    }
}

/// The part of a figure between its title and its notes.
pub struct Body {
    drawing: svg::Drawing,
    height: f64,
    /// Panels have scales of their own.
    own_scales: bool,
}

/// Years on either side of which an index is told in bars rather than lines.
const INDEX_YEARS: usize = 2;

/// What a table is drawn as; it follows from its statistic and its key columns.
pub fn kind(table: &SafeTable) -> Kind {
    let years = grid::codes(table, "year").len();
    let has = |column: &str| table.columns.iter().any(|known| known == column);
    match table.statistic {
        _ if has("step") => Kind::Flow,
        _ if has(forest::COLUMN) => Kind::Forest,
        Statistic::Decomposition => Kind::Waterfall,
        Statistic::Index if years > INDEX_YEARS => Kind::IndexLines,
        Statistic::Index => Kind::IndexBars,
        _ if years > 1 => Kind::Lines,
        _ => Kind::Bars,
    }
}

fn files(release: &Release<'_>) -> Vec<File> {
    let tables = release.tables;
    let languages = languages(tables.about());
    let figures: Vec<(Language, &SafeTable)> =
        languages.iter().flat_map(|language| tables.tables().iter().map(move |table| (*language, table))).collect();
    let made: Vec<Vec<File>> = figures
        .par_iter()
        .map(|(language, table)| {
            let figure = draw(tables.about(), table, Place::Alone, *language);
            let svg = figure.svg();
            let file = |extension: &str, bytes: Vec<u8>| {
                assert!(!bytes.is_empty(), "a figure of the program can be drawn");
                File { path: format!("figures/{}/{}.{extension}", language.code(), table.id), bytes }
            };
            let (png, pdf) = (raster::png(&svg), pdf::figure(&figure));
            vec![file("csv", data::data(table, *language)), file("pdf", pdf), file("png", png), file("svg", svg.into_bytes())]
        })
        .collect();
    made.into_iter().flatten().collect()
}

/// The languages that a release is made in: English where the study names none.
pub fn languages(about: &About) -> &[Language] {
    if about.languages.is_empty() { &[Language::English] } else { &about.languages }
}

/// The figure of a table.
pub fn draw(about: &About, table: &SafeTable, place: Place, language: Language) -> Figure {
    let kind = kind(table);
    let drawn = drawn(table);
    let grid = grid::grid(&drawn, along(kind), language);
    let body = match kind {
        Kind::Flow => flow::flow(&grid, place.inside(), language),
        Kind::Forest => forest::forest(table, place.inside(), language),
        Kind::Lines => lines::lines(&grid, 0.0, place.inside(), language),
        Kind::IndexLines => lines::lines(&grid, 100.0, place.inside(), language),
        Kind::Bars => bars::bars(&grid, 0.0, place.inside(), language),
        Kind::IndexBars => bars::bars(&grid, 100.0, place.inside(), language),
        Kind::Waterfall => waterfall::waterfall(&grid, place.inside(), language),
    };
    frame::frame(&frame::Shown { about, table, drawn: &drawn, kind, grid: &grid, place, language }, body)
}

fn along(kind: Kind) -> Along {
    match kind {
        Kind::Lines | Kind::IndexLines => Along::Years,
        Kind::Waterfall => Along::Parts,
        _ => Along::Classes,
    }
}

/// The part of a table that tells something: bars of an index leave out the base year, which is one hundred by definition.
pub fn drawn(table: &SafeTable) -> Cow<'_, SafeTable> {
    if kind(table) == Kind::IndexBars { without_base(table) } else { Cow::Borrowed(table) }
}

fn without_base(table: &SafeTable) -> Cow<'_, SafeTable> {
    let base = table.presentation.base.map(|year| year.to_string());
    let is_base = |year: Option<&String>| year == base.as_ref() && base.is_some();
    let mut kept = table.clone();
    kept.rows.retain(|row| !is_base(row.key.get("year")));
    if kept.rows.is_empty() { Cow::Borrowed(table) } else { Cow::Owned(kept) }
}

/// The states of a table whose signs need an explanation.
pub fn explained(table: &SafeTable) -> Vec<State> {
    let stands =
        |state: &State| table.rows.iter().any(|row| row.state == *state && (row.value.is_none() || *state == State::Zero));
    symbols::EXPLAINED.into_iter().filter(stands).collect()
}

/// What a value of the table is, with its unit: `mean, euros`.
pub fn unit(table: &SafeTable, language: Language) -> String {
    let unit = words::unit(table, language);
    const SHARE: Phrase = Phrase::new("% of business units", "% van de bedrijfseenheden");
    const MEAN: Phrase = Phrase::new("mean", "gemiddelde");
    const CHANGE: Phrase = Phrase::new("change of the mean", "verandering van het gemiddelde");
    match table.statistic {
        Statistic::Share => SHARE.of(language).to_owned(),
        Statistic::Mean if unit.is_empty() => MEAN.of(language).to_owned(),
        Statistic::Mean => format!("{}, {unit}", MEAN.of(language)),
        Statistic::Decomposition if unit.is_empty() => CHANGE.of(language).to_owned(),
        Statistic::Decomposition => format!("{}, {unit}", CHANGE.of(language)),
        Statistic::Count | Statistic::Index => unit.to_owned(),
    }
}

/// The classes that a whole table is about, in words: what is the same in every row beside its year.
pub fn only(table: &SafeTable, language: Language) -> Vec<String> {
    let columns = table.columns.iter().filter(|column| !["year", "indicator", "step"].contains(&column.as_str()));
    let alone = columns.filter_map(|column| match grid::codes(table, column).as_slice() {
        [code] if !code.is_empty() => Some((column, *code)),
        _ => None,
    });
    let mut only: Vec<String> =
        alone.map(|(column, code)| table.presentation.class(column, code, language).to_lowercase()).collect();
    only.extend(table.presentation.filters.iter().map(|text| text.of(language).to_lowercase()));
    only
}

/// The title of a table in a language.
pub fn title(table: &SafeTable, language: Language) -> &str {
    match table.presentation.title.of(language) {
        "" => &table.title,
        title => title,
    }
}

/// The years of a table: one, a few, or the first and the last where none between them is left out. A change is told from its base.
pub fn years(table: &SafeTable) -> String {
    let base = table.presentation.base.filter(|_| table.statistic == Statistic::Decomposition).map(|year| year.to_string());
    let shown = grid::codes(table, "year").into_iter().filter(|year| !year.is_empty());
    let years: Vec<&str> = base.as_deref().into_iter().chain(shown).collect();
    match years.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first, .., last] if is_run(&years) => format!("{first}\u{2013}{last}"),
        some => some.join(", "),
    }
}

/// More than two years, each the one after that before it.
fn is_run(years: &[&str]) -> bool {
    let numbers: Vec<i32> = years.iter().filter_map(|year| year.parse().ok()).collect();
    numbers.len() == years.len() && years.len() > INDEX_YEARS && numbers.windows(2).all(|pair| pair[1] == pair[0] + 1)
}

#[cfg(test)]
mod tests;
