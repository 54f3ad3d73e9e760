//! A safe table as it is read: a row per class, columns side by side, headers that say what they are for; and the same as HTML.

use super::words;
use crate::disclosure::safe::{SafeTable, State};
use crate::language::Language;
use crate::release::figures::bars::{capital, text};
use crate::release::figures::grid::{Along, Class, Grid, Panel, Point, codes, grid};
use crate::release::figures::svg::escape;
use crate::release::figures::{self, unit, years};
use crate::tables::set::Statistic;

/// A table in words.
pub struct Sheet {
    pub caption: String,
    pub head: Vec<String>,
    pub groups: Vec<Group>,
}

/// Rows below a heading of their own.
pub struct Group {
    pub heading: Option<String>,
    pub rows: Vec<(String, Vec<Cell>)>,
}

pub struct Cell {
    /// `above`, `below`, `equal`, or nothing.
    pub mark: &'static str,
    pub value: String,
    pub units: Option<String>,
}

/// What stands in rows and columns: years or parts of a change across where there are several, the compared groups across otherwise.
struct Layout<'a> {
    grid: &'a Grid,
    turned: bool,
    /// The number of units stands behind each value.
    counted: bool,
    /// The heading of a column that has no class.
    value: String,
    language: Language,
}

pub fn sheet(table: &SafeTable, language: Language) -> Sheet {
    let table = &*figures::drawn(table);
    let along = match () {
        () if table.statistic == Statistic::Decomposition => Along::Parts,
        () if codes(table, "year").len() > 1 => Along::Years,
        () => Along::Classes,
    };
    let grid = grid(table, along, language);
    let value = capital(&unit(table, language));
    let counted = table.statistic == Statistic::Share;
    let layout = Layout { grid: &grid, turned: along != Along::Classes, counted, value, language };
    let mut parts = vec![layout.value.clone(), years(table)];
    parts.extend(figures::only(table, language));
    parts.retain(|part| !part.is_empty());
    let brackets = if counted { words::IN_BRACKETS.of(language) } else { "" };
    Sheet {
        caption: format!("{}{brackets}", parts.join("; ")),
        head: layout.head(),
        groups: grid.panels.iter().map(|panel| layout.group(panel)).collect(),
    }
}

impl Layout<'_> {
    fn columns(&self) -> &[Class] {
        if self.turned { &self.grid.categories } else { &self.grid.series }
    }

    fn rows(&self) -> &[Class] {
        if self.turned { &self.grid.series } else { &self.grid.categories }
    }

    /// A table with a single nameless column is headed by what its values are.
    fn head(&self) -> Vec<String> {
        let label = |class: &Class| if class.label.is_empty() { self.value.clone() } else { capital(&class.label) };
        self.columns().iter().map(label).collect()
    }

    /// The rows of a panel; one row that is the whole panel is headed by the panel itself.
    fn group(&self, panel: &Panel) -> Group {
        let alone = self.rows().len() == 1 && self.rows()[0].label.is_empty();
        let heading = (!panel.labels.is_empty() && !alone).then(|| capital(&panel.label()));
        let row = |(at, class): (usize, &Class)| {
            let label = match (alone, panel.label().as_str()) {
                (true, "") => self.value.clone(),
                (true, label) => capital(label),
                (false, _) => capital(&class.label),
            };
            (label, (0..self.columns().len()).map(|column| self.cell(panel, at, column)).collect())
        };
        Group { heading, rows: self.rows().iter().enumerate().map(row).collect() }
    }

    fn cell(&self, panel: &Panel, row: usize, column: usize) -> Cell {
        let point: &Point = if self.turned { &panel.points[row][column] } else { &panel.points[column][row] };
        let units = point
            .units
            .filter(|_| self.counted && point.state != State::Zero)
            .map(|units| self.language.number(&units.to_string()));
        Cell { mark: point.mark, value: text(point, self.language), units }
    }
}

/// The table with its caption, in a frame that can be scrolled.
pub fn html(table: &SafeTable, language: Language) -> String {
    let sheet = sheet(table, language);
    let headers: String = sheet.head.iter().map(|text| format!("<th scope=\"col\">{}</th>", escape(text))).collect();
    format!(
        concat!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{word}: {name}\">\n<table>\n",
            "<caption><span class=\"hidden\">{name}. </span><span>{caption}</span></caption>\n",
            "<thead>\n<tr><td></td>{headers}</tr>\n</thead>\n{body}</table>\n</div>\n"
        ),
        word = words::TABLE.of(language),
        name = escape(figures::title(table, language)),
        caption = escape(&sheet.caption),
        headers = headers,
        body = sheet.groups.iter().map(|group| body(group, sheet.head.len() + 1, language)).collect::<String>(),
    )
}

fn body(group: &Group, columns: usize, language: Language) -> String {
    let heading = group.heading.as_ref().map_or_else(String::new, |heading| {
        format!("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{columns}\">{}</th></tr>\n", escape(heading))
    });
    let row = |(label, cells): &(String, Vec<Cell>)| {
        let cells: String = cells.iter().map(|cell| data(cell, language)).collect();
        format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", whole_limits(label))
    };
    format!("<tbody>\n{heading}{}</tbody>\n", group.rows.iter().map(row).collect::<String>())
}

/// A label whose limits, in brackets at its end, stay on one line.
fn whole_limits(label: &str) -> String {
    match label.rsplit_once(" (") {
        Some((name, limits)) if limits.ends_with(')') => {
            format!("{} <span class=\"together\">({}</span>", escape(name), escape(limits))
        }
        _ => escape(label),
    }
}

fn data(cell: &Cell, language: Language) -> String {
    let units = cell.units.as_ref().map_or_else(String::new, |units| format!(" <span class=\"n\">({units})</span>"));
    format!("<td>{}{}{units}</td>", mark(cell.mark, language), cell.value)
}

/// A mark is a sign and a word, and a colour beside them.
fn mark(mark: &str, language: Language) -> String {
    match sign(mark) {
        Some((sign, word)) => format!(
            "<span class=\"{mark}\" aria-hidden=\"true\">{sign}</span><span class=\"hidden\">{}: </span> ",
            word.of(language)
        ),
        None => String::new(),
    }
}

/// The sign of a mark, and the words for it.
pub fn sign(mark: &str) -> Option<(&'static str, crate::language::Phrase)> {
    match mark {
        "above" => Some(("▲", words::ABOVE)),
        "below" => Some(("▼", words::BELOW)),
        _ => None,
    }
}
