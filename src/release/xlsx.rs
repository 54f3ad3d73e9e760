//! One spreadsheet of the whole release, after the conventions of the UK Government Statistical Service: cover, contents, notes, and one
//! marked-up table per sheet, without merged cells and with nothing told by colour alone.

use std::collections::BTreeSet;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Table, TableColumn, TableStyle, Url, Workbook, Worksheet, XlsxError};

use super::notes::{self, Note};
use super::{File, Format, Release, layout};
use crate::disclosure::safe::State;

mod sheet;
mod style;
mod plain;

pub use plain::{Plain, plain};

use style::Styles;

pub const XLSX: Format = Format { name: "xlsx", files: |release| vec![file(release)] };

/// Limits of Excel, in characters; a table is named after `table_`.
const SHEET_NAME_MOST: usize = 31;
const TABLE_NAME_MOST: usize = 200;

/// Width of a column of running text, in characters.
const TEXT_WIDTH: usize = 100;

/// Row and column of a cell, from zero.
type Place = (u32, u16);

fn file(release: &Release<'_>) -> File {
    let written = workbook(release).and_then(|mut workbook| workbook.save_to_buffer());
    assert!(written.is_ok(), "a workbook of valid names can be written to memory");
    File { path: format!("{}.xlsx", release.facts.study), bytes: written.unwrap_or_default() }
}

fn workbook(release: &Release<'_>) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(release)?);
    let styles = Styles::new();
    let ids = || release.tables.tables().iter().map(|table| table.id.clone());
    let names = distinct(ids(), SHEET_NAME_MOST, &["cover", "contents", "notes"]);
    let marked = distinct(ids().map(|id| identifier(&id)), TABLE_NAME_MOST, &["contents", "notes", "symbols"]);
    cover(workbook.add_worksheet(), release, &styles)?;
    contents(workbook.add_worksheet(), release, &names, &styles)?;
    remarks(workbook.add_worksheet(), release, &styles)?;
    for ((table, name), marked) in release.tables.tables().iter().zip(&names).zip(&marked) {
        sheet::write(workbook.add_worksheet().set_name(name)?, release, table, marked, &styles)?;
    }
    Ok(workbook)
}

/// The date stands still: the same tables give the same bytes.
fn properties(release: &Release<'_>) -> Result<DocProperties, XlsxError> {
    let facts = release.facts;
    Ok(DocProperties::new()
        .set_title(&facts.title)
        .set_subject(&facts.study)
        .set_author(PROGRAM)
        .set_keywords("statistics, disclosure control")
        .set_comment(format!("Protected against disclosure under profile {}.", facts.profile))
        .set_custom_property("Language", facts.language)
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?))
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

fn cover(sheet: &mut Worksheet, release: &Release<'_>, styles: &Styles) -> Result<(), XlsxError> {
    let facts = release.facts;
    sheet.set_name("Cover")?.set_column_width(0, TEXT_WIDTH as f64)?;
    sheet.write_with_format(0, 0, &facts.title, &styles.title)?;
    let tables = release.tables.tables();
    let lines = [
        format!("This spreadsheet holds {} tables of the study {}, one on each sheet.", tables.len(), facts.study),
        format!("Source: {}.", facts.source()),
        notes::mean(facts.weights).to_owned(),
        format!("All tables were protected together against disclosure, under profile {}.", facts.profile),
        "Withheld values have a symbol in their place; the sheet Notes explains symbols and figures.".to_owned(),
        "The same tables stand in the folders beside this file, as CSV, Parquet, SDMX-CSV and JSON-stat.".to_owned(),
        format!("Made with {PROGRAM}."),
    ];
    let mut row = 1;
    for line in lines {
        sheet.set_row_height(row, style::height(style::lines(&line, TEXT_WIDTH - 4)))?;
        sheet.write_with_format(row, 0, line, &styles.wrapped)?;
        row += 1;
    }
    for (name, text) in [("Contents", "Go to the contents"), ("Notes", "Go to the notes")] {
        sheet.write_url_with_format(row, 0, link(name, text), &styles.link)?;
        row += 1;
    }
    page(sheet);
    Ok(())
}

fn link(sheet: &str, text: &str) -> Url {
    Url::new(format!("internal:'{}'!A1", sheet.replace('\'', "''"))).set_text(text)
}

fn contents(sheet: &mut Worksheet, release: &Release<'_>, names: &[String], styles: &Styles) -> Result<(), XlsxError> {
    sheet.set_name("Contents")?;
    sheet.write_with_format(0, 0, "Contents", &styles.title)?;
    sheet.write(1, 0, "This sheet contains one table, with a link to every table of the spreadsheet.")?;
    let top = 2;
    for (row, (table, name)) in (top + 1..).zip(release.tables.tables().iter().zip(names)) {
        let withheld = table.rows.iter().filter(|row| row.state == State::Suppressed).count();
        sheet.write_url_with_format(row, 0, link(name, name), &styles.link)?;
        sheet.write_with_format(row, 1, &table.title, &styles.text)?;
        sheet.write_with_format(row, 2, layout::statistic(table), &styles.text)?;
        sheet.write_with_format(row, 3, &table.unit, &styles.text)?;
        sheet.write_with_format(row, 4, super::figures::years(table), &styles.text)?;
        sheet.write_with_format(row, 5, table.rows.len() as u32, &styles.whole)?;
        sheet.write_with_format(row, 6, withheld as u32, &styles.whole)?;
    }
    let texts = ["Sheet", "Table", "Statistic", "Unit", "Years"].map(|text| (text.to_owned(), Under::Text));
    let numbers = ["Cells", "Withheld cells"].map(|text| (text.to_owned(), Under::Number));
    mark_up(sheet, (top, 0), names.len(), "contents", &[&texts[..], &numbers].concat(), styles)?;
    let longest = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0).max(8) + 3;
    let tables = release.tables.tables();
    let sheets = longest(&mut names.iter().map(|name| name.chars().count()));
    let titles = longest(&mut tables.iter().map(|table| table.title.chars().count()));
    let units = longest(&mut tables.iter().map(|table| table.unit.chars().count()));
    for (column, width) in (0..).zip([sheets, titles, 16, units, 13, 9, 16]) {
        sheet.set_column_width(column, width as f64)?;
    }
    page(sheet);
    Ok(())
}

/// The sheet with symbols and notes.
fn remarks(sheet: &mut Worksheet, release: &Release<'_>, styles: &Styles) -> Result<(), XlsxError> {
    sheet.set_name("Notes")?;
    sheet.write_with_format(0, 0, "Notes", &styles.title)?;
    sheet.write(1, 0, "This sheet contains two tables, of notes and of symbols.")?;
    let notes: Vec<(String, String)> = Note::ALL.iter().map(|note| (note.label(), note.text(release.facts.weights))).collect();
    let symbols: Vec<(String, String)> =
        SYMBOLS.iter().map(|(symbol, _, text)| ((*symbol).to_owned(), (*text).to_owned())).collect();
    let mut top = 2;
    for (name, header, rows) in [("notes", "Note", notes), ("symbols", "Symbol", symbols)] {
        for (row, (first, text)) in (top + 1..).zip(&rows) {
            sheet.write_with_format(row, 0, first, &styles.text)?;
            sheet.write_with_format(row, 1, text, &styles.wrapped)?;
            sheet.set_row_height(row, style::height(style::lines(text, TEXT_WIDTH - 4)))?;
        }
        let headers = [header, "Meaning"].map(|text| (text.to_owned(), Under::Text));
        mark_up(sheet, (top, 0), rows.len(), name, &headers, styles)?;
        top += rows.len() as u32 + 2;
    }
    sheet.set_column_width(0, 12)?.set_column_width(1, TEXT_WIDTH as f64)?;
    page(sheet);
    Ok(())
}

/// What stands in a cell in the place of a number.
pub(super) const SYMBOLS: [(&str, State, &str); 4] = [
    ("[c]", State::Suppressed, "Confidential: withheld to protect the firms behind this or another cell."),
    ("[w]", State::Zero, "No firm is in the cell, so there is no mean."),
    ("[x]", State::NotDelivered, "Not available: the registers hold nothing for the cell."),
    ("[z]", State::NotApplicable, "Not applicable: the cell cannot exist."),
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
