//! A spreadsheet of records: a cover with what they mean, and a marked-up table per sheet, one column for each of theirs.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet, XlsxError};

use super::style::{self, Styles};
use super::{PROGRAM, SHEET_NAME_MOST, TABLE_NAME_MOST, TEXT_WIDTH, Under, distinct, identifier, link, mark_up, page};

/// The widest column of text, in characters.
const WIDEST: usize = 40;

/// A table as records.
pub struct Plain {
    pub name: String,
    pub title: String,
    /// Every column, and whether it holds numbers.
    pub headers: Vec<(String, bool)>,
    /// As long as the headers; empty text for nothing.
    pub rows: Vec<Vec<String>>,
}

/// The bytes of the file.
pub fn plain(title: &str, lines: &[String], sheets: &[Plain]) -> Vec<u8> {
    let written = workbook(title, lines, sheets).and_then(|mut workbook| workbook.save_to_buffer());
    assert!(written.is_ok(), "a workbook of valid names can be written to memory");
    written.unwrap_or_default()
}

fn workbook(title: &str, lines: &[String], sheets: &[Plain]) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let date = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_title(title).set_author(PROGRAM).set_creation_datetime(&date));
    let styles = Styles::new();
    let names = distinct(sheets.iter().map(|sheet| sheet.name.clone()), SHEET_NAME_MOST, &["cover"]);
    let marked = distinct(sheets.iter().map(|sheet| identifier(&sheet.name)), TABLE_NAME_MOST, &[]);
    cover(workbook.add_worksheet(), title, lines, sheets, &names, &styles)?;
    for ((sheet, name), marked) in sheets.iter().zip(&names).zip(&marked) {
        table(workbook.add_worksheet().set_name(name)?, sheet, marked, &styles)?;
    }
    Ok(workbook)
}

fn cover(
    sheet: &mut Worksheet,
    title: &str,
    lines: &[String],
    sheets: &[Plain],
    names: &[String],
    styles: &Styles,
) -> Result<(), XlsxError> {
    sheet.set_name("Cover")?.set_column_width(0, TEXT_WIDTH as f64)?;
    sheet.write_with_format(0, 0, title, &styles.title)?;
    for (row, line) in (1..).zip(lines) {
        sheet.set_row_height(row, style::height(style::lines(line, TEXT_WIDTH - 4)))?;
        sheet.write_with_format(row, 0, line, &styles.wrapped)?;
    }
    for (row, (table, name)) in (lines.len() as u32 + 1..).zip(sheets.iter().zip(names)) {
        sheet.write_url_with_format(row, 0, link(name, &format!("{name}: {}", table.title)), &styles.link)?;
    }
    page(sheet);
    Ok(())
}

fn table(sheet: &mut Worksheet, table: &Plain, name: &str, styles: &Styles) -> Result<(), XlsxError> {
    sheet.write_with_format(0, 0, &table.title, &styles.title)?;
    sheet.write_with_format(1, 0, "This sheet contains one table. An empty figure is none; it is never zero.", &styles.text)?;
    sheet.write_url_with_format(2, 0, link("Cover", "Back to the cover"), &styles.link)?;
    let top = 3;
    for (row, record) in (top + 1..).zip(&table.rows) {
        for ((at, text), (_, numeric)) in (0..).zip(record).zip(&table.headers) {
            match text.parse::<f64>() {
                Ok(number) if *numeric => sheet.write_number(row, at, number)?,
                _ if *numeric => sheet.write_string(row, at, "")?,
                _ => sheet.write_string_with_format(row, at, text, &styles.text)?,
            };
        }
    }
    let under = |numeric: bool| if numeric { Under::Number } else { Under::Text };
    let headers: Vec<(String, Under)> = table.headers.iter().map(|(name, numeric)| (name.clone(), under(*numeric))).collect();
    mark_up(sheet, (top, 0), table.rows.len(), name, &headers, styles)?;
    for (at, (header, _)) in table.headers.iter().enumerate() {
        let widest = table.rows.iter().map(|record| record[at].chars().count()).max().unwrap_or(0);
        let width = widest.max(header.chars().count()).clamp(8, WIDEST) + 3;
        sheet.set_column_width(at as u16, width as f64)?;
    }
    sheet.set_freeze_panes(top + 1, 0)?;
    page(sheet);
    Ok(())
}
