//! A safe table laid out for drawing: panels of series over categories, each point a state and, where it may be shown, a number.

use crate::disclosure::safe::{SafeRow, SafeTable, State};
use crate::language::Language;
use crate::release::mark::marks;
use crate::tables::define;

/// A table as a figure has it. Every list follows the order of the rows of the table.
pub struct Grid {
    pub panels: Vec<Panel>,
    /// Codes and labels of the categories: what stands along the axis.
    pub categories: Vec<Class>,
    /// What is set side by side within a category; one nameless series where there is nothing to compare.
    pub series: Vec<Class>,
    /// Classes of the column that tells panels of one row apart; zero when there is no other column and panels may wrap.
    pub columns: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    pub code: String,
    pub label: String,
}

pub struct Panel {
    /// Its classes in words, one per column that tells panels apart.
    pub labels: Vec<String>,
    /// Panels with the same number are drawn on one scale.
    pub scale: usize,
    /// By series, then category; a combination that the table lacks cannot exist.
    pub points: Vec<Vec<Point>>,
}

/// A cell as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub state: State,
    /// The released text, and the number that it says.
    pub value: Option<(String, f64)>,
    /// Number of units behind the value.
    pub units: Option<u64>,
    /// `above`, `below` or `equal` to the controls, or nothing.
    pub mark: &'static str,
}

impl Panel {
    pub fn label(&self) -> String {
        self.labels.join(" \u{2013} ")
    }
}

impl Point {
    /// A combination that the table does not have.
    const NONE: Point = Point { state: State::NotApplicable, value: None, units: None, mark: "" };

    fn of(row: &SafeRow, mark: &'static str) -> Self {
        let value = row.value.as_ref().and_then(|text| text.parse().ok().map(|number| (text.clone(), number)));
        Self { state: row.state, value, units: row.units, mark }
    }

    pub fn number(&self) -> Option<f64> {
        self.value.as_ref().map(|(_, number)| *number)
    }
}

/// The key columns that tell rows apart, by what they do in a figure.
struct Roles<'a> {
    category: Option<&'a str>,
    series: Option<&'a str>,
    panels: Vec<&'a str>,
}

/// What stands along the axis of a figure, or across a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// The last class column.
    Classes,
    Years,
    /// The parts of a change, with the classes of which they are parts as series.
    Parts,
}

/// Columns whose classes are compared within a category, the first that is there.
const COMPARED: [&str; 2] = ["arm", "group_level"];

/// Lays a table out.
pub fn grid(table: &SafeTable, along: Along, language: Language) -> Grid {
    let roles = roles(table, along);
    let class = |column: &str, code: &str| Class {
        code: code.to_owned(),
        label: table.presentation.class(column, code, language).to_owned(),
    };
    let classes = |column: Option<&str>| match column {
        Some(column) => codes(table, column).iter().map(|code| class(column, code)).collect(),
        None => vec![Class { code: String::new(), label: String::new() }],
    };
    let (categories, mut series): (Vec<Class>, Vec<Class>) = (classes(roles.category), classes(roles.series));
    // So that an arm has the same colour whether or not both together are shown.
    series.sort_by_key(|class| class.code.is_empty());
    let panels = panels(table, &roles, &categories, &series, language);
    let columns = match roles.panels.as_slice() {
        [_, .., last] => codes(table, last).len(),
        _ => 0,
    };
    Grid { panels, categories, series, columns }
}

fn roles(table: &SafeTable, along: Along) -> Roles<'_> {
    let mut varying: Vec<&str> =
        table.columns.iter().map(String::as_str).filter(|column| codes(table, column).len() > 1).collect();
    let mut take = |wanted: &dyn Fn(&str) -> bool| {
        let at = varying.iter().rposition(|column| wanted(column))?;
        Some(varying.remove(at))
    };
    if along == Along::Parts {
        let category = take(&|column| column == define::PART);
        let series = take(&|column| !["year", "indicator", "arm"].contains(&column));
        return Roles { category, series, panels: varying };
    }
    let years = (along == Along::Years).then(|| take(&|column| column == "year")).flatten();
    let series = COMPARED.iter().find_map(|name| take(&|column| column == *name));
    let category = years.or_else(|| take(&|column| column != "indicator")).or_else(|| take(&|_| true));
    match (category, series) {
        (None, Some(series)) => Roles { category: Some(series), series: None, panels: varying },
        _ => Roles { category, series, panels: varying },
    }
}

/// The codes of a column in the order of the rows.
pub fn codes<'a>(table: &'a SafeTable, column: &str) -> Vec<&'a str> {
    let mut codes: Vec<&str> = Vec::new();
    for row in &table.rows {
        let code = key(row, column);
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

fn key<'a>(row: &'a SafeRow, column: &str) -> &'a str {
    row.key.get(column).map_or("", String::as_str)
}

fn panels(table: &SafeTable, roles: &Roles<'_>, categories: &[Class], series: &[Class], language: Language) -> Vec<Panel> {
    let of_row = |row: &SafeRow| roles.panels.iter().map(|column| key(row, column).to_owned()).collect::<Vec<_>>();
    let mut keys: Vec<Vec<String>> = Vec::new();
    for row in &table.rows {
        let key = of_row(row);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let (scales, marks) = (codes(table, "indicator"), marks(table));
    let panel = |panel_key: &Vec<String>| {
        let rows: Vec<(&SafeRow, &'static str)> =
            table.rows.iter().zip(marks.iter().copied()).filter(|(row, _)| of_row(row) == *panel_key).collect();
        let labels = roles.panels.iter().zip(panel_key);
        let labels = labels.map(|(column, code)| table.presentation.class(column, code, language).to_owned());
        let indicator = rows.first().map_or("", |(row, _)| key(row, "indicator"));
        Panel {
            labels: labels.collect(),
            scale: scales.iter().position(|code| *code == indicator).unwrap_or(0),
            points: series.iter().map(|series| points(&rows, roles, series, categories)).collect(),
        }
    };
    keys.iter().map(panel).collect()
}

fn points(rows: &[(&SafeRow, &'static str)], roles: &Roles<'_>, series: &Class, categories: &[Class]) -> Vec<Point> {
    let is = |row: &SafeRow, column: Option<&str>, code: &str| column.is_none_or(|column| key(row, column) == code);
    let point = |category: &Class| {
        let found = rows.iter().find(|(row, _)| is(row, roles.category, &category.code) && is(row, roles.series, &series.code));
        found.map_or(Point::NONE, |(row, mark)| Point::of(row, mark))
    };
    categories.iter().map(point).collect()
}
