//! A sheet with one table: its title, what to know to read it, and a grid with the units in its header.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::super::grid::{Grid, Line, grid};
use super::super::layout::{self, Field, Record};
use super::super::notes::Note;
use super::super::{Release, facts::Column};
use super::style::{self, Shade, Styles};
use super::{SYMBOLS, Under, distinct, link, mark_up, page};
use crate::disclosure::safe::{SafeTable, State};
use crate::tables::set::Statistic;

/// The longest header that Excel takes for a column of a marked-up table.
const HEADER_MOST: usize = 255;

/// Characters fewer that fit in a column when they are bold.
const BOLDER: usize = 2;

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
pub fn write(
    sheet: &mut Worksheet,
    release: &Release<'_>,
    table: &SafeTable,
    name: &str,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let grid = grid(table);
    let mut columns = columns(release, table, &grid);
    let top = heading(sheet, release, table, &grid, styles)?;
    for (row, line) in (top + 1..).zip(&grid.rows) {
        for (at, column) in (0..).zip(&mut columns) {
            let text = cell(sheet, (row, at), table, line, column.kind, styles)?;
            column.width = column.width.max(text.chars().count());
        }
    }
    let headers = distinct(columns.iter().map(|column| column.header.clone()), HEADER_MOST, &[]);
    let headers: Vec<(String, Under)> = headers.into_iter().zip(columns.iter().map(Printed::under)).collect();
    mark_up(sheet, (top, 0), grid.rows.len(), name, &headers, styles)?;
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
        (self.width.max(word).max(third) + BOLDER + 1).max(9)
    }
}

fn columns<'a>(release: &Release<'a>, table: &SafeTable, grid: &Grid<'_>) -> Vec<Printed<'a>> {
    let known = |name: &str| release.facts.columns(&table.id).iter().find(|column| column.name == name);
    let key = |(at, name): (usize, &&str)| {
        let column = known(name);
        printed(column.map_or_else(|| (*name).to_owned(), |column| column.title.clone()), Kind::Key(at, column))
    };
    let mut columns: Vec<Printed<'a>> = grid.keys.iter().enumerate().map(key).collect();
    let unit = &table.unit;
    let groups: Vec<String> = match &grid.across {
        Some((name, codes)) => codes.iter().map(|code| words(known(name), code)).collect(),
        None => vec![capital(layout::statistic(table))],
    };
    columns.extend(groups.iter().enumerate().map(|(at, group)| printed(format!("{group} ({unit})"), Kind::Value(at))));
    if table.statistic == Statistic::Share {
        let header =
            |group: &String| if groups.len() > 1 { format!("{group}: number of units") } else { "Number of units".to_owned() };
        columns.extend(groups.iter().enumerate().map(|(at, group)| printed(header(group), Kind::Units(at))));
    }
    if table.mark {
        columns.extend(marked(grid).map(|at| printed(format!("{} against the other group", groups[at]), Kind::Mark(at))));
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

fn words(column: Option<&Column>, code: &str) -> String {
    column.map_or_else(|| code.to_owned(), |column| column.words(code))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The id of a table as it is printed: `T3`, `F35-T9`, `Attrition`.
fn name(id: &str) -> String {
    let is_number = id.split('-').all(|part| part.chars().count() <= 3 && part.chars().any(|c| c.is_ascii_digit()));
    if is_number { id.to_uppercase() } else { capital(id) }
}

/// The lines above the table; returns the row of its header.
fn heading(
    sheet: &mut Worksheet,
    release: &Release<'_>,
    table: &SafeTable,
    grid: &Grid<'_>,
    styles: &Styles,
) -> Result<u32, XlsxError> {
    let notes: Vec<String> = Note::of(table).map(Note::label).collect();
    let title = format!("{}: {} {}", name(&table.id), table.title, notes.join(" "));
    sheet.write_with_format(0, 0, title.trim_end(), &styles.title)?;
    let mut lines = vec![format!("This sheet contains one table. {}", constants(release, table, grid)).trim_end().to_owned()];
    let shown = |state: State| table.rows.iter().any(|row| row.state == state && row.value.is_none());
    let symbols: Vec<String> =
        SYMBOLS.iter().filter(|(_, state, _)| shown(*state)).map(|(symbol, _, text)| format!("{symbol} {text}")).collect();
    if !symbols.is_empty() {
        lines.push(format!("Some cells hold a symbol in the place of a number. {}", symbols.join(" ")));
    }
    if table.mark {
        lines.push(
            "A value above that of the other group is green and has ▲, a value below it is red and has ▼ in the last column."
                .into(),
        );
    }
    for (row, line) in (1..).zip(&lines) {
        sheet.write_with_format(row, 0, line, &styles.text)?;
    }
    let row = lines.len() as u32 + 1;
    sheet.write_url_with_format(row, 0, link("Contents", "Back to the contents"), &styles.link)?;
    Ok(row + 1)
}

/// What is the same in every row.
fn constants(release: &Release<'_>, table: &SafeTable, grid: &Grid<'_>) -> String {
    let columns = release.facts.columns(&table.id);
    let text = |(name, code): &(&str, &str)| {
        let column = columns.iter().find(|column| column.name == *name);
        format!("{}: {}.", column.map_or(*name, |column| &column.title), words(column, code))
    };
    let only = table.presentation.filters.iter().map(|filter| format!("{} only.", capital(&filter.english)));
    grid.constant.iter().map(text).chain(only).collect::<Vec<_>>().join(" ")
}

/// Writes a cell and returns its text as it is shown.
fn cell(
    sheet: &mut Worksheet,
    (row, at): super::Place,
    table: &SafeTable,
    line: &Line<'_>,
    kind: Kind<'_>,
    styles: &Styles,
) -> Result<String, XlsxError> {
    let (text, format, is_number) = match kind {
        Kind::Key(key, column) => {
            let text = words(column, line.key[key]);
            let year = column.is_some_and(|column| column.name == "year") && text.parse::<f64>().is_ok();
            (text, if year { styles.year.clone() } else { styles.text.clone() }, year)
        }
        Kind::Value(across) => number(table, line.cells[across].as_ref(), Field::Value, table.decimals),
        Kind::Units(across) => number(table, line.cells[across].as_ref(), Field::Units, 0),
        Kind::Mark(across) => {
            let (text, shade) = mark(line, across);
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
fn mark(line: &Line<'_>, across: usize) -> (&'static str, Shade) {
    let mark = line.cells[across].as_ref().map_or("", |record| record.mark);
    let text = match mark {
        "above" => "▲ above",
        "below" => "▼ below",
        "equal" => "= equal",
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
