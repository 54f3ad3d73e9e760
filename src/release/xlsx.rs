//! One spreadsheet of the whole release, after the conventions of the UK Government Statistical Service: cover, contents, notes, and one
//! marked-up table per sheet, without merged cells and with nothing told by colour alone.

use std::collections::BTreeSet;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Table, TableColumn, TableStyle, Url, Workbook, Worksheet, XlsxError};

use super::figures::{self, languages, title};
use super::notes::{self, Note};
use super::{File, Format, Release, words};
use crate::disclosure::safe::{SafeTable, State};
use crate::language::{Language, Phrase};

mod sheet;
mod style;
mod plain;

pub use plain::{Plain, plain};

use style::Styles;

pub const XLSX: Format = Format { name: "xlsx", files };

fn files(release: &Release<'_>) -> Vec<File> {
    languages(release.tables.about()).iter().map(|language| file(release, *language)).collect()
}

/// Where the spreadsheet of a language stands.
pub fn path(study: &str, language: Language) -> String {
    match language {
        Language::English => format!("{study}.xlsx"),
        other => format!("{study}.{}.xlsx", other.code()),
    }
}

/// Limits of Excel, in characters; a table is named after `table_`.
const SHEET_NAME_MOST: usize = 31;
const TABLE_NAME_MOST: usize = 200;

/// Width of a column of running text, in characters.
const TEXT_WIDTH: usize = 100;

/// The same of titles in the contents.
const TITLE_WIDTH: usize = 70;

/// Row and column of a cell, from zero.
type Place = (u32, u16);

/// What every sheet is written from.
struct Book<'a> {
    release: &'a Release<'a>,
    language: Language,
    styles: Styles,
}

impl Book<'_> {
    fn say(&self, phrase: Phrase) -> &'static str {
        phrase.of(self.language)
    }

    /// The title of the study.
    fn study(&self) -> &str {
        match self.release.tables.about().title.of(self.language) {
            "" => &self.release.facts.title,
            title => title,
        }
    }

    fn source(&self) -> &str {
        let source = self.release.tables.about().data_source.as_ref();
        source.map_or_else(|| self.study(), |source| source.of(self.language))
    }
}

fn file(release: &Release<'_>, language: Language) -> File {
    let book = Book { release, language, styles: Styles::new() };
    let written = workbook(&book).and_then(|mut workbook| workbook.save_to_buffer());
    assert!(written.is_ok(), "a workbook of valid names can be written to memory");
    File { path: path(&release.facts.study, language), bytes: written.unwrap_or_default() }
}

const COVER: Phrase = Phrase::new("Cover", "Voorblad");
const CONTENTS: Phrase = Phrase::new("Contents", "Inhoud");
const NOTES: Phrase = Phrase::new("Notes", "Toelichting");

fn workbook(book: &Book<'_>) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(book)?);
    let tables = book.release.tables.tables();
    let ids = || tables.iter().map(|table| table.id.clone());
    let names = distinct(ids(), SHEET_NAME_MOST, &[COVER, CONTENTS, NOTES].map(|name| book.say(name)));
    let marked = distinct(ids().map(|id| identifier(&id)), TABLE_NAME_MOST, &["contents", "notes", "symbols"]);
    cover(workbook.add_worksheet(), book)?;
    contents(workbook.add_worksheet(), book, &names)?;
    remarks(workbook.add_worksheet(), book)?;
    for ((table, name), marked) in tables.iter().zip(&names).zip(&marked) {
        sheet::write(workbook.add_worksheet().set_name(name)?, book, table, marked)?;
    }
    Ok(workbook)
}

/// The date stands still: the same tables give the same bytes.
fn properties(book: &Book<'_>) -> Result<DocProperties, XlsxError> {
    const KEYWORDS: Phrase = Phrase::new("statistics, disclosure control", "statistiek, statistische beveiliging");
    let facts = book.release.facts;
    Ok(DocProperties::new()
        .set_title(book.study())
        .set_subject(&facts.study)
        .set_author(PROGRAM)
        .set_keywords(book.say(KEYWORDS))
        .set_comment(protected(book))
        .set_custom_property("Language", book.language.code())
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?))
}

fn protected(book: &Book<'_>) -> String {
    let profile = &book.release.facts.profile;
    match book.language {
        Language::English => format!("All tables were protected together against disclosure, under profile {profile}."),
        Language::Dutch => format!("Alle tabellen zijn samen beveiligd tegen onthulling, volgens profiel {profile}."),
    }
}

const PROGRAM: &str = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));

/// Names of at most so many characters that differ in more than their case, from those wanted: one that is too long is cut, one that is
/// there already gets a number.
fn distinct(wanted: impl IntoIterator<Item = String>, most: usize, reserved: &[&str]) -> Vec<String> {
    let mut taken: BTreeSet<String> = reserved.iter().map(|name| name.to_lowercase()).collect();
    let distinct = |wanted: String| {
        let cut = |most: usize| wanted.chars().take(most).collect::<String>();
        let mut name = cut(most);
        for number in 2.. {
            if taken.insert(name.to_lowercase()) {
                break;
            }
            let number = format!("-{number}");
            name = cut(most - number.len()) + &number;
        }
        name
    };
    wanted.into_iter().map(distinct).collect()
}

fn cover(sheet: &mut Worksheet, book: &Book<'_>) -> Result<(), XlsxError> {
    sheet.set_name(book.say(COVER))?.set_column_width(0, TEXT_WIDTH as f64)?;
    sheet.write_with_format(0, 0, book.study(), &book.styles.title)?;
    let mut row = 1;
    for line in lines(book) {
        sheet.set_row_height(row, style::height(style::lines(&line, TEXT_WIDTH - 4)))?;
        sheet.write_with_format(row, 0, line, &book.styles.wrapped)?;
        row += 1;
    }
    const TO_CONTENTS: Phrase = Phrase::new("Go to the contents", "Naar de inhoud");
    const TO_NOTES: Phrase = Phrase::new("Go to the notes", "Naar de toelichting");
    for (name, text) in [(CONTENTS, TO_CONTENTS), (NOTES, TO_NOTES)] {
        sheet.write_url_with_format(row, 0, link(book.say(name), book.say(text)), &book.styles.link)?;
        row += 1;
    }
    page(sheet);
    Ok(())
}

/// What the cover tells.
fn lines(book: &Book<'_>) -> [String; 7] {
    const WITHHELD: Phrase = Phrase::new(
        "Withheld values have a symbol in their place; the sheet Notes explains symbols and figures.",
        "Op de plaats van een afgeschermde waarde staat een teken; het blad Toelichting legt tekens en cijfers uit.",
    );
    const BESIDE: Phrase = Phrase::new(
        "The same tables stand in the folders beside this file, as CSV, Parquet, SDMX-CSV and JSON-stat.",
        "Dezelfde tabellen staan in de mappen naast dit bestand, als CSV, Parquet, SDMX-CSV en JSON-stat.",
    );
    let (facts, source) = (book.release.facts, book.source());
    let (count, study) = (book.release.tables.tables().len(), &facts.study);
    let [extent, source, made] = match book.language {
        Language::English => [
            format!("This spreadsheet holds {count} tables of the study {study}, one on each sheet."),
            format!("Source: {source}."),
            format!("Made with {PROGRAM}."),
        ],
        Language::Dutch => [
            format!("Dit werkboek bevat {count} tabellen van de studie {study}, één op elk blad."),
            format!("Bron: {source}."),
            format!("Gemaakt met {PROGRAM}."),
        ],
    };
    let mean = book.say(notes::mean(facts.weights)).to_owned();
    [extent, source, mean, protected(book), book.say(WITHHELD).to_owned(), book.say(BESIDE).to_owned(), made]
}

fn link(sheet: &str, text: &str) -> Url {
    Url::new(format!("internal:'{}'!A1", sheet.replace('\'', "''"))).set_text(text)
}

fn contents(sheet: &mut Worksheet, book: &Book<'_>, names: &[String]) -> Result<(), XlsxError> {
    const ABOUT: Phrase = Phrase::new(
        "This sheet contains one table, with a link to every table of the spreadsheet.",
        "Dit blad bevat één tabel, met een verwijzing naar elke tabel van het werkboek.",
    );
    const TEXTS: [Phrase; 5] = [
        Phrase::new("Sheet", "Blad"),
        Phrase::new("Table", "Tabel"),
        Phrase::new("Statistic", "Grootheid"),
        Phrase::new("Unit", "Eenheid"),
        Phrase::new("Years", "Jaren"),
    ];
    const NUMBERS: [Phrase; 2] = [Phrase::new("Cells", "Cellen"), Phrase::new("Withheld cells", "Afgeschermde cellen")];
    let (styles, language, tables) = (&book.styles, book.language, book.release.tables.tables());
    sheet.set_name(book.say(CONTENTS))?;
    sheet.write_with_format(0, 0, book.say(CONTENTS), &styles.title)?;
    sheet.write(1, 0, book.say(ABOUT))?;
    let top = 2;
    let texts = |table: &SafeTable| {
        let statistic = words::statistic(table).of(language);
        [title(table, language), statistic, words::unit(table, language), &figures::years(table)].map(str::to_owned)
    };
    let mut widths = [0; 4];
    for (row, (table, name)) in (top + 1..).zip(tables.iter().zip(names)) {
        let withheld = table.rows.iter().filter(|row| row.state == State::Suppressed).count();
        sheet.write_url_with_format(row, 0, link(name, name), &styles.link)?;
        let texts = texts(table);
        let lines = texts.iter().map(|text| style::lines(text, TITLE_WIDTH)).max();
        sheet.set_row_height(row, style::height(lines.unwrap_or(1)))?;
        for ((column, text), width) in (1..).zip(texts).zip(&mut widths) {
            *width = text.chars().count().min(TITLE_WIDTH).max(*width);
            sheet.write_with_format(row, column, text, &styles.wrapped)?;
        }
        sheet.write_with_format(row, 5, table.rows.len() as u32, &styles.whole)?;
        sheet.write_with_format(row, 6, withheld as u32, &styles.whole)?;
    }
    let headers = TEXTS.map(|text| (book.say(text).to_owned(), Under::Text));
    let numbers = NUMBERS.map(|text| (book.say(text).to_owned(), Under::Number));
    mark_up(sheet, (top, 0), names.len(), "contents", &[&headers[..], &numbers].concat(), styles)?;
    let sheets = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    let [titles, statistics, units, years] = widths;
    for (column, width) in (0..).zip([sheets, titles, statistics, units, years, 6, 18]) {
        sheet.set_column_width(column, (width.max(8) + 3) as f64)?;
    }
    page(sheet);
    Ok(())
}

/// The sheet with symbols and notes.
fn remarks(sheet: &mut Worksheet, book: &Book<'_>) -> Result<(), XlsxError> {
    const ABOUT: Phrase = Phrase::new(
        "This sheet contains two tables, of notes and of symbols.",
        "Dit blad bevat twee tabellen, van noten en van tekens.",
    );
    const NOTE: Phrase = Phrase::new("Note", "Noot");
    const SYMBOL: Phrase = Phrase::new("Symbol", "Teken");
    const MEANING: Phrase = Phrase::new("Meaning", "Betekenis");
    let (styles, weights) = (&book.styles, book.release.facts.weights);
    sheet.set_name(book.say(NOTES))?;
    sheet.write_with_format(0, 0, book.say(NOTES), &styles.title)?;
    sheet.write(1, 0, book.say(ABOUT))?;
    let notes: Vec<(String, String)> =
        Note::ALL.iter().map(|note| (note.label(book.language), note.text(weights, book.language))).collect();
    let symbols: Vec<(String, String)> =
        SYMBOLS.iter().map(|(symbol, _, text)| ((*symbol).to_owned(), book.say(*text).to_owned())).collect();
    let mut top = 2;
    for (name, header, rows) in [("notes", NOTE, notes), ("symbols", SYMBOL, symbols)] {
        for (row, (first, text)) in (top + 1..).zip(&rows) {
            sheet.write_with_format(row, 0, first, &styles.text)?;
            sheet.write_with_format(row, 1, text, &styles.wrapped)?;
            sheet.set_row_height(row, style::height(style::lines(text, TEXT_WIDTH - 4)))?;
        }
        let headers = [header, MEANING].map(|text| (book.say(text).to_owned(), Under::Text));
        mark_up(sheet, (top, 0), rows.len(), name, &headers, styles)?;
        top += rows.len() as u32 + 2;
    }
    sheet.set_column_width(0, 12)?.set_column_width(1, TEXT_WIDTH as f64)?;
    page(sheet);
    Ok(())
}

/// What stands in a cell in the place of a number.
const SYMBOLS: [(&str, State, Phrase); 4] = [
    (
        "[c]",
        State::Suppressed,
        Phrase::new(
            "Confidential: withheld to protect the firms behind this or another cell.",
            "Geheim: afgeschermd om de bedrijven achter deze of een andere cel te beschermen.",
        ),
    ),
    (
        "[w]",
        State::Zero,
        Phrase::new("No firm is in the cell, so there is no mean.", "Er is geen bedrijf in de cel, dus is er geen gemiddelde."),
    ),
    (
        "[x]",
        State::NotDelivered,
        Phrase::new(
            "Not available: the registers hold nothing for the cell.",
            "Niet beschikbaar: de registers bevatten niets over de cel.",
        ),
    ),
    (
        "[z]",
        State::NotApplicable,
        Phrase::new("Not applicable: the cell cannot exist.", "Niet van toepassing: de cel kan niet bestaan."),
    ),
];

/// What stands under a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Under {
    Text,
    /// Text that belongs to the number on its left.
    Aside,
    Number,
}

/// Makes a named table of headers and the rows below them.
fn mark_up(
    sheet: &mut Worksheet,
    (row, column): Place,
    rows: usize,
    name: &str,
    headers: &[(String, Under)],
    styles: &Styles,
) -> Result<(), XlsxError> {
    let format = |under: Under| match under {
        Under::Text => &styles.header,
        Under::Aside => &styles.aside_header,
        Under::Number => &styles.number_header,
    };
    let header = |(text, under): &(String, Under)| TableColumn::new().set_header(text).set_header_format(format(*under));
    let columns: Vec<TableColumn> = headers.iter().map(header).collect();
    let table = Table::new()
        .set_name(format!("table_{name}"))
        .set_columns(&columns)
        .set_style(TableStyle::None)
        .set_banded_rows(false)
        .set_autofilter(false);
    sheet.set_repeat_rows(row, row)?;
    if rows > 0 {
        sheet.add_table(row, column, row + rows as u32, column + headers.len() as u16 - 1, &table)?;
    }
    Ok(())
}

/// Text as a name in Excel, which knows letters, digits and `_`.
fn identifier(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// How every sheet is printed: on A4 across, as wide as the page.
fn page(sheet: &mut Worksheet) {
    sheet.set_paper_size(9).set_landscape().set_print_fit_to_pages(1, 0).set_screen_gridlines(false);
    sheet.set_footer("&L&A&R&P / &N");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_long_or_there_already_are_told_apart() {
        let wanted = ["t3", "T3", "notes", "investment-per-person-by-type-and-size", "investment-per-person-by-type-and-sector"];
        let names = distinct(wanted.map(str::to_owned), 31, &["notes"]);
        assert_eq!(names[..3], ["t3", "T3-2", "notes-2"]);
        assert_eq!(names[3..], ["investment-per-person-by-type-a", "investment-per-person-by-type-2"]);
    }
}
