//! The report on paper: A4 pages with real text, tables whose header returns on every page, and figures that are never cut.

use super::document::{Block, Document, Part};
use super::table::{self, Cell, Group, Sheet};
use super::words;
use crate::disclosure::safe::SafeTable;
use crate::language::Language;
use crate::release::figures::font::{self, Weight};
use crate::release::figures::svg::{AXIS, GREY, GRID, INK};
use crate::release::figures::{self, Place};
use crate::release::pdf::{Entry, Ink, Pdf, Role};

const PAGE: [f64; 2] = [595.0, 842.0];
const LEFT: f64 = 57.0;
const WIDTH: f64 = PAGE[0] - 2.0 * LEFT;
const TOP: f64 = 62.0;
const BOTTOM: f64 = PAGE[1] - 62.0;
const ACCENT: &str = "#12436d";
const ABOVE: &str = "#0b6b4f";
const BELOW: &str = "#a3281d";

const TITLE: Ink = Ink { size: 21.0, weight: Weight::Bold, colour: INK };
const CHAPTER: Ink = Ink { size: 15.0, weight: Weight::Bold, colour: INK };
const HEADING: Ink = Ink { size: 11.0, weight: Weight::Bold, colour: INK };
const TEXT: Ink = Ink { size: 9.5, weight: Weight::Regular, colour: INK };
const SMALL: Ink = Ink { size: 8.0, weight: Weight::Regular, colour: GREY };
/// Lines per size of letter.
const LEADING: f64 = 1.42;
/// Sizes in which a table is tried, until it fits.
const TABLE_SIZES: [f64; 4] = [8.5, 7.5, 6.75, 6.0];
/// Rows of a table that stands on one page.
const SHORT: usize = 14;
/// Rows of a group of a table that stand on one page.
const TOGETHER: usize = 8;
/// A part of text begins on a page that has this much room.
const TEXT_ROOM: f64 = 110.0;
/// The height of the heading of a part, with the room around it and a line or two of text.
const PART_HEAD: f64 = 100.0;
/// Blocks that stay with the heading of a part: what it is about, and the first table.
const PART_BLOCKS: usize = 2;
/// A figure is drawn in no less than this part of its size for the sake of the page.
const SMALLEST: f64 = 0.74;
const CONTENTS_SIZE: f64 = 8.5;
/// What lines of contents take that are wrapped, on the whole.
const WRAPPED: f64 = 1.06;
/// Part of the width that the labels of a table may take.
const LABELS_MOST: f64 = 0.42;

/// Where a part begins: its page and height there.
type Spot = (usize, f64);

/// The bytes of the file. It is laid out twice: the first time tells on which page every part begins.
pub fn pdf(document: &Document<'_>) -> Vec<u8> {
    let first = Flow::new(document, &[], 0).all();
    let (spots, pages) = (first.spots, first.pdf.pages());
    Flow::new(document, &spots, pages).all().pdf.finish()
}

struct Flow<'a> {
    document: &'a Document<'a>,
    language: Language,
    pdf: Pdf,
    page: usize,
    y: f64,
    /// Where the parts begin, as far as they have been laid out; in the order of the contents.
    spots: Vec<Spot>,
    /// The same of the layout before.
    known: &'a [Spot],
    pages: usize,
    /// The contents are the last that was laid out.
    is_contents: bool,
    /// The tag of the part that is being written.
    section: Option<usize>,
}

impl<'a> Flow<'a> {
    fn new(document: &'a Document<'a>, known: &'a [Spot], pages: usize) -> Self {
        let language = document.language;
        let pdf = Pdf::new(document.title, language);
        let mut flow =
            Self { document, language, pdf, page: 0, y: TOP, spots: Vec::new(), known, pages, is_contents: true, section: None };
        flow.turn();
        flow
    }

    fn all(mut self) -> Self {
        self.opening();
        self.contents();
        let document = self.document;
        document.parts.iter().for_each(|part| self.part(part));
        self
    }

    /// A new page, with its number.
    fn turn(&mut self) {
        self.page = self.pdf.page(PAGE);
        self.y = TOP;
        let (number, name) = (format!("{} / {}", self.page + 1, self.pages), self.document.title.to_owned());
        let first = self.page == 0;
        self.pdf.write(self.page, None, |canvas| {
            canvas.text_before([LEFT + WIDTH, PAGE[1] - 34.0], SMALL, &number);
            if !first {
                canvas.text([LEFT, 38.0], SMALL, &name);
            }
        });
    }

    /// Turns the page when less than this is left on it.
    fn need(&mut self, height: f64) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.turn();
        }
    }

    /// Running text in a tag of its own; it may go on on the next page.
    fn text(&mut self, tag: usize, text: &str, ink: Ink, indent: f64) {
        for line in font::lines(text, ink.size, ink.weight, WIDTH - indent) {
            self.need(ink.size * LEADING);
            let place = [LEFT + indent, self.y + ink.size];
            self.pdf.write(self.page, Some(tag), |canvas| canvas.text(place, ink, &line));
            self.y += ink.size * LEADING;
        }
    }

    fn paragraph(&mut self, text: &str) {
        let tag = self.pdf.tag(self.section, Role::Paragraph);
        self.text(tag, text, TEXT, 0.0);
        self.y += 5.0;
    }

    fn opening(&mut self) {
        let document = self.document;
        let tag = self.pdf.tag(None, Role::Heading(1));
        self.y += 10.0;
        self.text(tag, document.title, TITLE, 0.0);
        self.y += 6.0;
        if let Some(source) = &document.source {
            let tag = self.pdf.tag(None, Role::Paragraph);
            self.text(tag, source, SMALL, 0.0);
        }
        self.y += 14.0;
        let tag = self.pdf.tag(None, Role::Heading(2));
        self.text(tag, words::SUMMARY.of(self.language), CHAPTER, 0.0);
        self.y += 4.0;
        let list = self.pdf.tag(None, Role::List);
        for sentence in &document.lead {
            let item = self.pdf.tag(Some(list), Role::ListItem);
            self.need(TEXT.size * LEADING);
            let place = [LEFT, self.y + TEXT.size];
            self.pdf.write(self.page, None, |canvas| canvas.text(place, TEXT, "\u{2013}"));
            self.text(item, sentence, TEXT, 14.0);
            self.y += 3.0;
        }
    }

    fn contents(&mut self) {
        let document = self.document;
        self.y += 18.0;
        // The contents stand on one page where they can.
        let tables = document.parts.iter().map(|part| part.tables().count()).sum::<usize>() as f64;
        let lines = document.parts.len() as f64 * (TEXT.size * LEADING + 3.0) + tables * CONTENTS_SIZE * LEADING * WRAPPED;
        let height = CHAPTER.size * LEADING + 4.0 + lines;
        self.need(if height < BOTTOM - TOP { height } else { 80.0 });
        let tag = self.pdf.tag(None, Role::Heading(2));
        self.text(tag, words::CONTENTS.of(self.language), CHAPTER, 0.0);
        self.y += 4.0;
        let list = self.pdf.tag(None, Role::Contents);
        let mut at = 0;
        for part in &document.parts {
            self.y += 3.0;
            self.line_of_contents(list, &part.heading, Ink { weight: Weight::Bold, ..TEXT }, 0.0, at);
            at += 1;
            for (_, title) in part.tables() {
                self.line_of_contents(list, title, Ink { size: CONTENTS_SIZE, ..TEXT }, 12.0, at);
                at += 1;
            }
        }
    }

    fn line_of_contents(&mut self, list: usize, text: &str, ink: Ink, indent: f64, at: usize) {
        let lines = font::lines(text, ink.size, ink.weight, WIDTH - indent - 40.0);
        self.need(ink.size * LEADING * lines.len() as f64);
        let item = self.pdf.tag(Some(list), Role::ContentsItem);
        let spot = self.known.get(at).copied();
        let (top, last) = (self.y, lines.len().saturating_sub(1));
        for (number, line) in lines.iter().enumerate() {
            let base = self.y + ink.size;
            self.pdf.write(self.page, Some(item), |canvas| {
                canvas.text([LEFT + indent, base], ink, line);
                if let Some((page, _)) = spot.filter(|_| number == last) {
                    canvas.text_before([LEFT + WIDTH, base], ink, &(page + 1).to_string());
                }
            });
            self.y += ink.size * LEADING;
        }
        if let Some((page, height)) = spot {
            self.pdf.link(self.page, [LEFT, top, WIDTH, self.y - top], page, height);
        }
    }

    /// A part begins a page, unless its first table with its figure has room on the one before.
    fn part(&mut self, part: &Part<'a>) {
        let room = PART_HEAD + part.blocks.iter().map(|block| self.least(block)).take(PART_BLOCKS).fold(0.0, f64::max);
        if self.y > TOP && (self.is_contents || self.y + room > BOTTOM) {
            self.turn();
        }
        self.is_contents = false;
        self.y += if self.y > TOP { 22.0 } else { 0.0 };
        self.section = Some(self.pdf.tag(None, Role::Section));
        self.begins(0, &part.heading);
        let (y, tag) = (self.y, self.pdf.tag(self.section, Role::Heading(2)));
        self.pdf.write(self.page, None, |canvas| canvas.line([LEFT, y], [LEFT + WIDTH, y], ACCENT, 1.5));
        self.y += 8.0;
        self.text(tag, &part.heading, CHAPTER, 0.0);
        self.y += 6.0;
        part.blocks.iter().for_each(|block| self.block(block));
        self.section = None;
    }

    /// The room that a block wants at least on the page on which it begins.
    fn least(&self, block: &Block<'_>) -> f64 {
        match block {
            Block::Paragraph(_) | Block::Terms(_) => TEXT_ROOM,
            Block::Table { table, heading, remarks, .. } => {
                let figure = figures::draw(self.document.about, table, Place::InReport, self.language);
                let size = figure.size[1] * WIDTH / figure.size[0] * SMALLEST;
                before(heading, remarks) + if size < BOTTOM - TOP { size } else { 0.0 }
            }
        }
    }

    fn begins(&mut self, level: usize, title: &str) {
        let (page, top) = (self.page, self.y);
        self.spots.push((page, top));
        self.pdf.entry(Entry { level, title: title.to_owned(), page, top });
    }

    fn block(&mut self, block: &Block<'_>) {
        match block {
            Block::Paragraph(text) => self.paragraph(text),
            Block::Table { table, heading, remarks, notes } => self.table(table, heading, [remarks, notes]),
            Block::Terms(terms) => {
                let list = self.pdf.tag(self.section, Role::List);
                for (sign, meaning) in terms {
                    let item = self.pdf.tag(Some(list), Role::ListItem);
                    self.need(TEXT.size * LEADING);
                    let place = [LEFT, self.y + TEXT.size];
                    let bold = Ink { weight: Weight::Bold, ..TEXT };
                    self.pdf.write(self.page, Some(item), |canvas| canvas.text(place, bold, sign));
                    self.text(item, meaning, TEXT, 20.0);
                }
                self.y += 6.0;
            }
        }
    }

    /// Heading, remarks, figure and table. The figure stands below its heading, a little smaller where that keeps it on the page, or whole
    /// on the next page.
    fn table(&mut self, table: &SafeTable, words: &str, [remarks, notes]: [&[String]; 2]) {
        let figure = figures::draw(self.document.about, table, Place::InReport, self.language);
        let before = before(words, remarks);
        let whole = WIDTH / figure.size[0];
        let fitting = |room: f64| whole.min(room / figure.size[1]);
        // A line for the heading, where a figure stands on a page without it.
        let page = BOTTOM - TOP - 10.0 - SMALL.size * LEADING;
        let beside = [BOTTOM - self.y - before, page - before].map(fitting).into_iter().find(|scale| *scale >= whole * SMALLEST);
        let scale = beside.unwrap_or_else(|| fitting(page));
        self.need(before + if beside.is_some() { figure.size[1] * scale } else { 0.0 });
        self.y += if self.y > TOP { 14.0 } else { 0.0 };
        self.begins(1, words);
        let begun = self.page;
        let tag = self.pdf.tag(self.section, Role::Heading(3));
        self.text(tag, words, HEADING, 0.0);
        self.y += 2.0;
        remarks.iter().for_each(|text| self.paragraph(text));
        self.need(figure.size[1] * scale);
        if self.page != begun {
            let tag = self.pdf.tag(self.section, Role::Paragraph);
            self.text(tag, words, Ink { weight: Weight::Bold, ..SMALL }, 0.0);
        }
        let tag = self.pdf.tag(self.section, Role::Figure(figure.description.clone()));
        let place = [LEFT - figure.left * scale, self.y];
        self.pdf.write(self.page, Some(tag), |canvas| canvas.drawing(&figure.drawing, place, scale));
        self.y += figure.size[1] * scale + 4.0;
        self.sheet(&table::sheet(table, self.language), words, begun);
        for note in notes {
            let tag = self.pdf.tag(self.section, Role::Paragraph);
            self.text(tag, note, SMALL, 0.0);
        }
    }

    /// A table with its caption; on another page than its heading, which began there, it tells what it is.
    fn sheet(&mut self, sheet: &Sheet, words: &str, begun: usize) {
        let columns = Columns { name: words.to_owned(), ..Columns::of(sheet) };
        let rows: usize = sheet.groups.iter().map(|group| group.rows.len() + usize::from(group.heading.is_some())).sum();
        let row = columns.size * LEADING + 3.0;
        // A short table is not torn apart.
        self.need(row * if rows <= SHORT { rows as f64 + 1.0 } else { 4.0 } + columns.head_height() + 36.0);
        let caption = self.pdf.tag(self.section, Role::Paragraph);
        if self.page != begun {
            self.text(caption, words, Ink { weight: Weight::Bold, ..SMALL }, 0.0);
        }
        self.text(caption, &sheet.caption, SMALL, 0.0);
        self.y += 3.0;
        let tag = self.pdf.tag(self.section, Role::Table);
        self.head(&columns, tag);
        for group in &sheet.groups {
            self.group(group, &columns, tag);
        }
        self.y += 8.0;
    }

    fn head(&mut self, columns: &Columns, table: usize) {
        let row = self.pdf.tag(Some(table), Role::Row);
        // Above the labels stands nothing.
        self.pdf.tag(Some(row), Role::Cell);
        let ink = Ink { size: columns.size, weight: Weight::Bold, colour: INK };
        let height = columns.head_height();
        for (lines, right) in columns.head.iter().zip(columns.rights()) {
            let cell = self.pdf.tag(Some(row), Role::ColumnHeader);
            let mut y = self.y + height - ink.size * LEADING * lines.len() as f64;
            for line in lines {
                let place = [right, y + ink.size];
                self.pdf.write(self.page, Some(cell), |canvas| canvas.text_before(place, ink, line));
                y += ink.size * LEADING;
            }
        }
        self.y += height + 1.0;
        self.rule(AXIS, 1.0, columns);
    }

    fn rule(&mut self, colour: &str, width: f64, columns: &Columns) {
        let (y, right) = (self.y, LEFT + columns.label + columns.widths.iter().sum::<f64>());
        self.pdf.write(self.page, None, |canvas| canvas.line([LEFT, y], [right, y], colour, width));
        self.y += 2.0;
    }

    /// Room for a row; on a new page name and header come again, as something that is not read aloud.
    fn row_room(&mut self, height: f64, columns: &Columns) {
        if self.y + height <= BOTTOM {
            return;
        }
        self.turn();
        let ink = Ink { size: columns.size, weight: Weight::Bold, colour: INK };
        let (height, begin, page) = (columns.head_height(), self.y, self.page);
        let name = font::lines(&columns.name, SMALL.size, Weight::Bold, WIDTH);
        let top = begin + SMALL.size * LEADING * name.len() as f64 + 3.0;
        self.y = top;
        self.pdf.write(page, None, |canvas| {
            for (line, words) in name.iter().enumerate() {
                let place = [LEFT, begin + SMALL.size + SMALL.size * LEADING * line as f64];
                canvas.text(place, Ink { weight: Weight::Bold, ..SMALL }, words);
            }
            for (lines, right) in columns.head.iter().zip(columns.rights()) {
                let first = top + height - ink.size * LEADING * lines.len() as f64 + ink.size;
                for (at, line) in lines.iter().enumerate() {
                    canvas.text_before([right, first + ink.size * LEADING * at as f64], ink, line);
                }
            }
        });
        self.y += height + 1.0;
        self.rule(AXIS, 1.0, columns);
    }

    fn group(&mut self, group: &Group, columns: &Columns, table: usize) {
        let line = columns.size * LEADING;
        if let Some(heading) = &group.heading {
            // A small group is not torn apart.
            let rows = if group.rows.len() <= TOGETHER { group.rows.len() } else { 1 };
            self.row_room(line + 9.0 + rows as f64 * (line + 3.0), columns);
            self.y += 3.0;
            let row = self.pdf.tag(Some(table), Role::Row);
            let cell = self.pdf.tag(Some(row), Role::GroupHeader(columns.widths.len() + 1));
            let ink = Ink { size: columns.size, weight: Weight::Bold, colour: INK };
            self.text(cell, heading, ink, 0.0);
            self.y += 1.0;
            self.rule(GRID, 0.6, columns);
        }
        for (label, cells) in &group.rows {
            self.row(label, cells, columns, table);
        }
    }

    fn row(&mut self, label: &str, cells: &[Cell], columns: &Columns, table: usize) {
        let ink = Ink { size: columns.size, weight: Weight::Regular, colour: INK };
        let lines = font::lines(label, ink.size, ink.weight, columns.label - 8.0);
        let height = ink.size * LEADING * lines.len() as f64;
        self.row_room(height + 3.0, columns);
        let row = self.pdf.tag(Some(table), Role::Row);
        let header = self.pdf.tag(Some(row), Role::RowHeader);
        for (at, line) in lines.iter().enumerate() {
            let place = [LEFT, self.y + ink.size * LEADING * at as f64 + ink.size];
            self.pdf.write(self.page, Some(header), |canvas| canvas.text(place, ink, line));
        }
        let base = self.y + height - ink.size * LEADING + ink.size;
        for (cell, right) in cells.iter().zip(columns.rights()) {
            let tag = self.pdf.tag(Some(row), Role::Cell);
            self.pdf.write(self.page, Some(tag), |canvas| {
                let units = units(cell);
                canvas.text_before([right, base], Ink { colour: GREY, ..ink }, &units);
                let before = right - font::width(&units, ink.size, ink.weight);
                canvas.text_before([before, base], ink, &cell.value);
                if let Some((sign, _)) = table::sign(cell.mark) {
                    let left = before - font::width(&cell.value, ink.size, ink.weight) - 3.0;
                    let colour = if cell.mark == "above" { ABOVE } else { BELOW };
                    canvas.text_before([left, base], Ink { colour, ..ink }, sign);
                }
            });
        }
        self.y += height + 1.0;
        self.rule(GRID, 0.6, columns);
    }
}

/// The height of the heading of a table and of what is said of it.
fn before(heading: &str, remarks: &[String]) -> f64 {
    let height = |text: &str, ink: Ink| font::lines(text, ink.size, ink.weight, WIDTH).len() as f64 * ink.size * LEADING;
    16.0 + height(heading, HEADING) + remarks.iter().map(|text| height(text, TEXT) + 5.0).sum::<f64>()
}

fn units(cell: &Cell) -> String {
    cell.units.as_ref().map_or_else(String::new, |units| format!(" ({units})"))
}

/// Where the columns of a table stand, and the size of its letters.
struct Columns {
    /// What the table is.
    name: String,
    size: f64,
    label: f64,
    widths: Vec<f64>,
    head: Vec<Vec<String>>,
}

impl Columns {
    /// The largest size in which everything fits; in the smallest, headers take what lines they need.
    fn of(sheet: &Sheet) -> Self {
        let tried = TABLE_SIZES.map(|size| Self::at(sheet, size));
        let fits = |columns: &Self| columns.label + columns.widths.iter().sum::<f64>() <= WIDTH + 0.1;
        let [.., smallest] = &TABLE_SIZES;
        tried.into_iter().find(fits).unwrap_or_else(|| Self::at(sheet, *smallest))
    }

    fn at(sheet: &Sheet, size: f64) -> Self {
        let wide = |text: &str, weight| font::width(text, size, weight);
        let rows = || sheet.groups.iter().flat_map(|group| &group.rows);
        let label = rows().map(|(label, _)| wide(label, Weight::Regular)).fold(60.0, f64::max) + 10.0;
        let content = |column: usize| {
            let cell = |cells: &[Cell]| {
                cells.get(column).map_or(0.0, |cell| {
                    let mark = if cell.mark.is_empty() { 0.0 } else { wide("▲", Weight::Regular) + 4.0 };
                    wide(&cell.value, Weight::Regular) + wide(&units(cell), Weight::Regular) + mark
                })
            };
            rows().map(|(_, cells)| cell(cells)).fold(0.0, f64::max)
        };
        let word = |text: &str| text.split(' ').map(|word| wide(word, Weight::Bold)).fold(0.0, f64::max);
        let least: Vec<f64> = sheet.head.iter().enumerate().map(|(at, text)| content(at).max(word(text)) + 12.0).collect();
        let label = label.min((WIDTH - least.iter().sum::<f64>()).max(WIDTH * LABELS_MOST / 2.0)).min(WIDTH * LABELS_MOST);
        // What is left goes to the headers that would like more, up to a third of them in a line.
        let spare = ((WIDTH - label - least.iter().sum::<f64>()) / least.len().max(1) as f64).max(0.0);
        let wanted =
            sheet.head.iter().zip(&least).map(|(text, least)| (wide(text, Weight::Bold) + 12.0).min(least + spare).max(*least));
        let widths: Vec<f64> = wanted.collect();
        let head =
            sheet.head.iter().zip(&widths).map(|(text, width)| font::lines(text, size, Weight::Bold, width - 10.0)).collect();
        Self { name: String::new(), size, label, widths, head }
    }

    /// The right edge of every column.
    fn rights(&self) -> Vec<f64> {
        let mut right = LEFT + self.label;
        let add = |width: &f64| {
            right += width;
            right
        };
        self.widths.iter().map(add).collect()
    }

    fn head_height(&self) -> f64 {
        self.size * LEADING * self.head.iter().map(Vec::len).max().unwrap_or(1) as f64
    }
}
