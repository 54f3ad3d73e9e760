//! A safe table as HTML: a row per class, columns side by side, headers that say what they are for.

use super::words;
use crate::disclosure::safe::SafeTable;
use crate::language::Language;
use crate::release::figures::bars::{capital, text};
use crate::release::figures::grid::{Along, Class, Grid, Panel, Point, codes, grid};
use crate::release::figures::svg::escape;
use crate::release::figures::{self, unit, years};
use crate::tables::set::Statistic;

/// What stands in rows and columns: years or parts of a change across where there are several, the compared groups across otherwise.
struct Layout<'a> {
    grid: &'a Grid,
    turned: bool,
    /// The number of units stands behind each value.
    counted: bool,
    language: Language,
}

/// The table with its caption, in a frame that can be scrolled.
pub fn html(table: &SafeTable, language: Language) -> String {
    let table = &*figures::drawn(table);
    let along = match () {
        () if table.statistic == Statistic::Decomposition => Along::Parts,
        () if codes(table, "year").len() > 1 => Along::Years,
        () => Along::Classes,
    };
    let grid = grid(table, along, language);
    let layout = Layout { grid: &grid, turned: along != Along::Classes, counted: table.statistic == Statistic::Share, language };
    let caption = format!("{}{}", capital(&unit(table, language)), if years(table).is_empty() { "" } else { "; " });
    let counted = if layout.counted { words::IN_BRACKETS.of(language) } else { "" };
    let name = escape(figures::title(table, language));
    format!(
        concat!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{word}: {name}\">\n<table>\n",
            "<caption><span class=\"hidden\">{name}. </span>{caption}{years}{counted}</caption>\n{head}{body}</table>\n</div>\n"
        ),
        word = words::TABLE.of(language),
        name = name,
        caption = escape(&caption),
        years = years(table),
        counted = counted,
        head = layout.head(),
        body = grid.panels.iter().map(|panel| layout.body(panel)).collect::<String>(),
    )
}

impl Layout<'_> {
    fn columns(&self) -> &[Class] {
        if self.turned { &self.grid.categories } else { &self.grid.series }
    }

    fn rows(&self) -> &[Class] {
        if self.turned { &self.grid.series } else { &self.grid.categories }
    }

    /// A table with a single nameless column is headed by what its values are.
    fn head(&self) -> String {
        let label = |class: &Class| match class.label.as_str() {
            "" => words::VALUE.of(self.language).to_owned(),
            label => capital(label),
        };
        let headers: String =
            self.columns().iter().map(|class| format!("<th scope=\"col\">{}</th>", escape(&label(class)))).collect();
        format!("<thead>\n<tr><td></td>{headers}</tr>\n</thead>\n")
    }

    /// The rows of a panel; one row that is the whole panel is headed by the panel itself.
    fn body(&self, panel: &Panel) -> String {
        let alone = self.rows().len() == 1 && self.rows()[0].label.is_empty();
        let heading = if panel.labels.is_empty() || alone {
            String::new()
        } else {
            let columns = self.columns().len() + 1;
            let label = escape(&capital(&panel.label()));
            format!("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{columns}\">{label}</th></tr>\n")
        };
        let row = |(at, class): (usize, &Class)| {
            let label = match (alone, panel.label().as_str()) {
                (true, "") => words::VALUE.of(self.language).to_owned(),
                (true, label) => capital(label),
                (false, _) => capital(&class.label),
            };
            let cells: String = (0..self.columns().len()).map(|column| self.cell(panel, at, column)).collect();
            format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", escape(&label))
        };
        format!("<tbody>\n{heading}{}</tbody>\n", self.rows().iter().enumerate().map(row).collect::<String>())
    }

    fn cell(&self, panel: &Panel, row: usize, column: usize) -> String {
        let point = if self.turned { &panel.points[row][column] } else { &panel.points[column][row] };
        format!("<td>{}{}{}</td>", self.mark(point), text(point, self.language), self.units(point))
    }

    fn units(&self, point: &Point) -> String {
        let units = point.units.filter(|_| self.counted).map(|units| self.language.number(&units.to_string()));
        units.map_or_else(String::new, |units| format!(" <span class=\"n\">({units})</span>"))
    }

    /// A mark is a sign and a word, and a colour beside them.
    fn mark(&self, point: &Point) -> String {
        let (sign, word) = match point.mark {
            "above" => ("▲", words::ABOVE),
            "below" => ("▼", words::BELOW),
            _ => return String::new(),
        };
        format!(
            "<span class=\"{}\" aria-hidden=\"true\">{sign}</span><span class=\"hidden\">{}: </span> ",
            point.mark,
            word.of(self.language)
        )
    }
}
