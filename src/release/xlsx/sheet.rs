//! A sheet with one table: its title, what to know to read it, and a grid with the units in its header.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::super::grid::{Grid, Line, grid};
use super::super::layout::{Field, Record};
use super::super::notes::Note;
use super::super::{facts::Column, figures, words};
use super::style::{self, Shade};
use super::{Book, CONTENTS, SYMBOLS, Under, distinct, link, mark_up, page};
use crate::disclosure::safe::{SafeTable, State};
use crate::language::{Language, Phrase, Text};
use crate::tables::set::Statistic;

/// The longest header that Excel takes for a column of a marked-up table.
const HEADER_MOST: usize = 255;

/// Characters fewer that fit in a column when they are bold.
const BOLDER: usize = 2;

/// Characters between what stands in a column and the next.
const GAP: usize = 3;

/// A column of the sheet.
struct Printed<'a> {
    header: String,
    kind: Kind<'a>,
    /// Characters of the longest text in it.
    width: usize,
}

#[derive(Clone, Copy)]
enum Kind<'a> {
    /// A position in the key of a line, with the words for its codes.
    Key(usize, Option<&'a Column>),
    /// What stands across, by position.
    Value(usize),
    Units(usize),
    Mark(usize),
}

/// `name` is that of the marked-up table.
pub fn write(sheet: &mut Worksheet, book: &Book<'_>, table: &SafeTable, name: &str) -> Result<(), XlsxError> {
    let grid = grid(table);
    let mut columns = columns(book, table, &grid);
    let top = heading(sheet, book, table, &grid)?;
    for (row, line) in (top + 1..).zip(&grid.rows) {
        for (at, column) in (0..).zip(&mut columns) {
            let text = cell(sheet, (row, at), (table, line), column.kind, book)?;
            column.width = column.width.max(text.chars().count());
        }
    }
    let headers = distinct(columns.iter().map(|column| column.header.clone()), HEADER_MOST, &[]);
    let headers: Vec<(String, Under)> = headers.into_iter().zip(columns.iter().map(Printed::under)).collect();
    mark_up(sheet, (top, 0), grid.rows.len(), name, &headers, &book.styles)?;
    for (at, column) in (0..).zip(&columns) {
        sheet.set_column_width(at, column.fitting_width() as f64)?;
    }
    let lines = columns.iter().map(|column| style::lines(&column.header, column.fitting_width() - BOLDER)).max();
    sheet.set_row_height(top, style::height(lines.unwrap_or(1)))?;
    sheet.set_freeze_panes(top + 1, 0)?;
    page(sheet);
    Ok(())
}

impl Printed<'_> {
    fn under(&self) -> Under {
        match self.kind {
            Kind::Key(..) => Under::Text,
            Kind::Value(_) | Kind::Units(_) => Under::Number,
            Kind::Mark(_) => Under::Aside,
        }
    }

    /// Room for the longest text and for the longest word of the header, which may take three lines.
    fn fitting_width(&self) -> usize {
        let word = self.header.split(' ').map(|word| word.chars().count()).max().unwrap_or(0);
        let third = self.header.chars().count().div_ceil(3);
        (self.width.max(word).max(third) + BOLDER + GAP).max(9)
    }
}

fn columns<'a>(book: &Book<'a>, table: &SafeTable, grid: &Grid<'_>) -> Vec<Printed<'a>> {
    const UNITS: Phrase = Phrase::new("number of units", "aantal eenheden");
    const AGAINST: Phrase = Phrase::new("against the other group", "ten opzichte van de andere groep");
    let language = book.language;
    let known = |name: &str| book.release.facts.columns(&table.id).iter().find(|column| column.name == name);
    let key = |(at, name): (usize, &&str)| {
        let column = known(name);
        let title = column.map_or_else(|| (*name).to_owned(), |column| column.title.of(language).to_owned());
        printed(title, Kind::Key(at, column))
    };
    let mut columns: Vec<Printed<'a>> = grid.keys.iter().enumerate().map(key).collect();
    let unit = words::unit(table, language);
    let groups: Vec<String> = match &grid.across {
        Some((name, codes)) => codes.iter().map(|code| class(known(name), code, language)).collect(),
        None => vec![book.say(words::statistic(table)).to_owned()],
    };
    columns.extend(groups.iter().enumerate().map(|(at, group)| printed(format!("{group} ({unit})"), Kind::Value(at))));
    if table.statistic == Statistic::Share {
        let units = book.say(UNITS);
        let header = |group: &String| if groups.len() > 1 { format!("{group}: {units}") } else { capital(units) };
        columns.extend(groups.iter().enumerate().map(|(at, group)| printed(header(group), Kind::Units(at))));
    }
    if table.mark {
        let against = |at: usize| format!("{} {}", groups[at], book.say(AGAINST));
        columns.extend(marked(grid).map(|at| printed(against(at), Kind::Mark(at))));
    }
    columns
}

/// Positions across whose cells are marked.
fn marked(grid: &Grid<'_>) -> impl Iterator<Item = usize> {
    let participants = match &grid.across {
        Some(("arm", codes)) => codes.iter().position(|code| *code == "participants"),
        _ => Some(0),
    };
    participants.into_iter()
}

fn printed(header: String, kind: Kind<'_>) -> Printed<'_> {
    Printed { header, kind, width: 0 }
}

fn class(column: Option<&Column>, code: &str, language: Language) -> String {
    column.map_or_else(|| code.to_owned(), |column| column.words(code, language))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A table that goes by a number is printed with it: `T3`, `F35-T9`.
fn number_of(id: &str) -> Option<String> {
    let is_number = id.split('-').all(|part| part.chars().count() <= 3 && part.chars().any(|c| c.is_ascii_digit()));
    is_number.then(|| id.to_uppercase())
}

/// The lines above the table; returns the row of its header.
fn heading(sheet: &mut Worksheet, book: &Book<'_>, table: &SafeTable, grid: &Grid<'_>) -> Result<u32, XlsxError> {
    const ONE_TABLE: Phrase = Phrase::new("This sheet contains one table.", "Dit blad bevat één tabel.");
    const BACK: Phrase = Phrase::new("Back to the contents", "Terug naar de inhoud");
    let language = book.language;
    let notes: Vec<String> = Note::of(table).map(|note| note.label(language)).collect();
    let number = number_of(&table.id).map(|number| format!("{number}: ")).unwrap_or_default();
    let title = format!("{number}{} {}", figures::title(table, language), notes.join(" "));
    sheet.write_with_format(0, 0, title.trim_end(), &book.styles.title)?;
    let first = format!("{} {}", book.say(ONE_TABLE), constants(book, table, grid));
    let mut lines = vec![first.trim_end().to_owned()];
    lines.extend(symbols(book, table));
    lines.extend(table.mark.then(|| book.say(COLOURS).to_owned()));
    for (row, line) in (1..).zip(&lines) {
        sheet.write_with_format(row, 0, line, &book.styles.text)?;
    }
    let row = lines.len() as u32 + 1;
    sheet.write_url_with_format(row, 0, link(book.say(CONTENTS), book.say(BACK)), &book.styles.link)?;
    Ok(row + 1)
}

const COLOURS: Phrase = Phrase::new(
    "A value above that of the other group is green and has ▲, a value below it is red and has ▼ in the last column.",
    "Een waarde boven die van de andere groep is groen en heeft ▲, een waarde eronder is rood en heeft ▼ in de laatste kolom.",
);

/// What the symbols on the sheet mean, where there are any.
fn symbols(book: &Book<'_>, table: &SafeTable) -> Option<String> {
    const SOME: Phrase = Phrase::new(
        "Some cells hold a symbol in the place of a number.",
        "In enkele cellen staat een teken op de plaats van een getal.",
    );
    let stands = |state: State| table.rows.iter().any(|row| row.state == state && row.value.is_none());
    let symbols = SYMBOLS.iter().filter(|(_, state, _)| stands(*state));
    let symbols: Vec<String> = symbols.map(|(symbol, _, text)| format!("{symbol} {}", book.say(*text))).collect();
    (!symbols.is_empty()).then(|| format!("{} {}", book.say(SOME), symbols.join(" ")))
}

/// What is the same in every row.
fn constants(book: &Book<'_>, table: &SafeTable, grid: &Grid<'_>) -> String {
    let (columns, language) = (book.release.facts.columns(&table.id), book.language);
    let text = |(name, code): &(&str, &str)| {
        let column = columns.iter().find(|column| column.name == *name);
        let title = column.map_or(*name, |column| column.title.of(language));
        format!("{title}: {}.", class(column, code, language))
    };
    let only = |filter: &Text| match language {
        Language::English => format!("{} only.", capital(filter.of(language))),
        Language::Dutch => format!("Alleen {}.", filter.of(language).to_lowercase()),
    };
    const BASE: Phrase = Phrase::new("Base year", "Basisjaar");
    let filters = table.presentation.filters.iter().map(only);
    let base = table.presentation.base.map(|base| format!("{}: {base}.", book.say(BASE)));
    grid.constant.iter().map(text).chain(filters).chain(base).collect::<Vec<_>>().join(" ")
}

/// Writes a cell and returns its text as it is shown.
fn cell(
    sheet: &mut Worksheet,
    (row, at): super::Place,
    (table, line): (&SafeTable, &Line<'_>),
    kind: Kind<'_>,
    book: &Book<'_>,
) -> Result<String, XlsxError> {
    let (text, format, is_number) = match kind {
        Kind::Key(key, column) => {
            let text = class(column, line.key[key], book.language);
            let year = column.is_some_and(|column| column.name == "year") && text.parse::<f64>().is_ok();
            (text, if year { book.styles.year.clone() } else { book.styles.text.clone() }, year)
        }
        Kind::Value(across) => number(table, line.cells[across].as_ref(), Field::Value, table.decimals),
        Kind::Units(across) => number(table, line.cells[across].as_ref(), Field::Units, 0),
        Kind::Mark(across) => {
            let (text, shade) = mark(line, across, book.language);
            (text.to_owned(), style::words(shade), false)
        }
    };
    match text.parse::<f64>() {
        Ok(number) if is_number => sheet.write_number_with_format(row, at, number, &format)?,
        _ => sheet.write_string_with_format(row, at, &text, &format)?,
    };
    Ok(text)
}

fn number(
    table: &SafeTable,
    record: Option<&Record<'_>>,
    field: Field<'_>,
    decimals: u32,
) -> (String, rust_xlsxwriter::Format, bool) {
    let text = record.map(|record| field.text(table, record).into_owned()).unwrap_or_default();
    let format = style::number(decimals, record.map_or(Shade::Plain, |record| shade(record.mark)));
    if text.is_empty() { (symbol(record).to_owned(), format, false) } else { (text, format, true) }
}

/// What stands in the place of a number.
fn symbol(record: Option<&Record<'_>>) -> &'static str {
    let state = record.map_or(State::NotApplicable, |record| record.row.state);
    SYMBOLS.iter().find(|(_, known, _)| *known == state).map_or("[z]", |(symbol, ..)| symbol)
}

fn shade(mark: &str) -> Shade {
    match mark {
        "above" => Shade::Above,
        "below" => Shade::Below,
        _ => Shade::Plain,
    }
}

/// The mark in words; where there is none, the symbol of the value that it would need.
fn mark(line: &Line<'_>, across: usize, language: Language) -> (&'static str, Shade) {
    const ABOVE: Phrase = Phrase::new("▲ above", "▲ hoger");
    const BELOW: Phrase = Phrase::new("▼ below", "▼ lager");
    const EQUAL: Phrase = Phrase::new("= equal", "= gelijk");
    let mark = line.cells[across].as_ref().map_or("", |record| record.mark);
    let text = match mark {
        "above" => ABOVE.of(language),
        "below" => BELOW.of(language),
        "equal" => EQUAL.of(language),
        _ => line
            .cells
            .iter()
            .map(|record| (record, symbol(record.as_ref())))
            .find(|(record, _)| !told(record.as_ref()))
            .map_or("[z]", |(_, symbol)| symbol),
    };
    (text, shade(mark))
}

fn told(record: Option<&Record<'_>>) -> bool {
    record.is_some_and(|record| record.row.value.is_some())
}
