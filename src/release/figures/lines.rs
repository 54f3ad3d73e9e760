//! Lines over years as small multiples; a year without a value leaves a gap and its sign.

use super::Body;
use super::bars::{capital, scales, text};
use super::font::{self, Weight};
use super::grid::{Grid, Panel, Point};
use super::scale::Scale;
use super::svg::{AXIS, Anchor, Drawing, GRID, Style, colour};
use crate::language::Language;

const PLOT_HEIGHT: f64 = 118.0;
const PANEL_WIDTH_MIN: f64 = 125.0;
const GAP: f64 = 20.0;
const TITLE_LINE: f64 = 13.0;
const TITLE: Style = Style { weight: Weight::Bold, size: 10.5, ..Style::LABEL };
const VALUE: Style = Style { size: 10.0, ..Style::VALUE };
/// Where every year has this much more room than the widest value, each value stands beside its marker.
const VALUE_ROOM: f64 = 12.0;

/// The line of a value from its marker.
const ABOVE: f64 = 6.5;
const BELOW: f64 = 14.0;
/// Between the markers of two series, for a value to stand there.
const ROOM_ABOVE: f64 = 18.0;

struct Layout<'a> {
    grid: &'a Grid,
    per_row: usize,
    /// Of the numbers of the scale: before every panel, or once before the row where all share one.
    gutter: f64,
    one_scale: bool,
    panel_width: f64,
    /// Of the plot, without the room for scale and last values.
    plot_width: f64,
    /// Room on either side of the outermost years, for the values beside them.
    inset: f64,
    /// Where each year stands between the first, 0, and the last, 1.
    places: Vec<f64>,
    origin: f64,
    language: Language,
}

/// Draws a grid as lines; the scale encloses `origin`, where a stronger line stands.
pub fn lines(grid: &Grid, origin: f64, width: f64, language: Language) -> Body {
    let layout = layout(grid, origin, width, language);
    let mut drawing = Drawing::default();
    let mut y = 0.0;
    let heading = |panel: &Panel| panel.labels.split_last().map(|(_, before)| before.to_vec());
    let groups = grid.panels.chunk_by(|a, b| heading(a) == heading(b));
    for (number, group) in groups.enumerate() {
        for (row, panels) in group.chunks(layout.per_row).enumerate() {
            y += if number + row > 0 { 14.0 } else { 0.0 };
            y = layout.row(&mut drawing, panels, row == 0, y);
        }
    }
    Body { drawing, height: y, own_scales: scales(grid) > 1 }
}

fn per_row(grid: &Grid, width: f64) -> usize {
    let most = ((width / PANEL_WIDTH_MIN) as usize).max(1);
    let wanted = match (grid.columns, grid.panels.len()) {
        (0, 4) => 2,
        (0, panels) => panels.clamp(1, 3),
        (columns, _) => columns.clamp(1, 5),
    };
    wanted.min(most)
}

fn layout(grid: &Grid, origin: f64, width: f64, language: Language) -> Layout<'_> {
    let per_row = per_row(grid, width);
    let one_scale = grid.columns > 0 || scales(grid) == 1;
    let places = places(grid);
    let mut layout =
        Layout { grid, per_row, gutter: 0.0, one_scale, panel_width: 0.0, plot_width: 0.0, inset: 6.0, places, origin, language };
    let gutters = grid.panels.iter().map(|panel| layout.scale(panel).label_width(language));
    layout.gutter = gutters.fold(0.0, f64::max) + 6.0;
    let ends = grid.panels.iter().flat_map(|panel| panel.points.iter().filter_map(|points| points.last()));
    let ends = ends.map(|point| font::width(&text(point, language), VALUE.size, Weight::Regular)).fold(8.0, f64::max);
    let before_row = if one_scale { layout.gutter } else { 0.0 };
    layout.panel_width = (width - before_row - GAP * (per_row as f64 - 1.0)) / per_row as f64;
    layout.plot_width = layout.panel_width - if one_scale { 0.0 } else { layout.gutter };
    let widest = grid.panels.iter().flat_map(|panel| panel.points.iter().flatten());
    let widest = widest.map(|point| font::width(&text(point, language), VALUE.size, Weight::Regular)).fold(8.0, f64::max);
    if layout.is_roomy(widest) {
        layout.inset = widest / 2.0 + 3.0;
    } else {
        layout.plot_width -= ends + 8.0;
    }
    layout
}

/// Years stand as far apart as they are; what is no year stands evenly.
fn places(grid: &Grid) -> Vec<f64> {
    let years: Vec<f64> = grid.categories.iter().filter_map(|class| class.code.parse::<i32>().ok()).map(f64::from).collect();
    let count = grid.categories.len();
    match years.as_slice() {
        [first, .., last] if years.len() == count && last > first && years.is_sorted() => {
            years.iter().map(|year| (year - first) / (last - first)).collect()
        }
        _ => (0..count).map(|at| at as f64 / count.saturating_sub(1).max(1) as f64).collect(),
    }
}

impl Layout<'_> {
    fn scale(&self, panel: &Panel) -> Scale {
        let same = self.grid.panels.iter().filter(|other| other.scale == panel.scale);
        Scale::around(same.flat_map(|panel| panel.points.iter().flatten()).filter_map(Point::number), self.origin, 4)
    }

    /// A row of panels below its titles; the first of a group has a heading above them. Returns where it ends.
    fn row(&self, drawing: &mut Drawing, panels: &[Panel], is_first: bool, mut y: f64) -> f64 {
        let heading = panels.first().filter(|panel| panel.labels.len() > 1);
        if let Some(panel) = heading.filter(|_| is_first) {
            let label = panel.labels[..panel.labels.len() - 1].join(" \u{2013} ");
            drawing.text([0.0, y + 10.0], Style { size: 11.5, ..TITLE }, &capital(&label));
            y += 20.0;
        }
        let weight = if heading.is_some() { Weight::Regular } else { Weight::Bold };
        let title = |panel: &Panel| match panel.labels.last() {
            Some(label) => font::lines(&capital(label), TITLE.size, weight, self.panel_width),
            None => Vec::new(),
        };
        let titles: Vec<Vec<String>> = panels.iter().map(title).collect();
        let top =
            y + TITLE_LINE * titles.iter().map(Vec::len).max().unwrap_or(0) as f64 + if self.inset > 6.0 { 18.0 } else { 12.0 };
        for (at, (panel, title)) in panels.iter().zip(titles).enumerate() {
            let x = if self.one_scale { self.gutter } else { 0.0 } + at as f64 * (self.panel_width + GAP);
            let left = if self.one_scale { x } else { x + self.gutter };
            for (line, words) in title.iter().enumerate() {
                drawing.text([left, y + 10.0 + TITLE_LINE * line as f64], Style { weight, ..TITLE }, words);
            }
            self.panel(drawing, panel, [left, top], at == 0 || !self.one_scale);
        }
        top + PLOT_HEIGHT + self.below() + 18.0
    }

    fn x(&self, left: f64, category: usize) -> f64 {
        left + self.inset + (self.plot_width - 2.0 * self.inset) * self.places.get(category).copied().unwrap_or(0.0)
    }

    /// The room that the closest two years leave each other.
    fn narrowest(&self) -> f64 {
        let closest = self.places.windows(2).map(|pair| pair[1] - pair[0]).fold(1.0, f64::min);
        self.plot_width * closest / (1.0 + closest)
    }

    fn is_roomy(&self, widest: f64) -> bool {
        let series = self.grid.panels.iter().map(|panel| panel.points.len()).max().unwrap_or(0);
        self.narrowest() >= widest + VALUE_ROOM && series <= 2
    }

    /// Room below the plot for values of the lower line.
    fn below(&self) -> f64 {
        if self.inset > 6.0 { 12.0 } else { 0.0 }
    }

    fn panel(&self, drawing: &mut Drawing, panel: &Panel, [left, top]: [f64; 2], labelled: bool) {
        let scale = self.scale(panel);
        let place = |value: f64| top + PLOT_HEIGHT * (1.0 - scale.part(value));
        for tick in &scale.ticks {
            let strong = *tick == self.origin;
            let (stroke, width) = if strong { (AXIS, 1.2) } else { (GRID, 0.8) };
            drawing.line([left, place(*tick)], [left + self.plot_width, place(*tick)], stroke, width);
            if labelled {
                let style = Style::TICK.anchored(Anchor::End);
                drawing.text([left - 6.0, place(*tick) + 3.3], style, &scale.label(*tick, self.language));
            }
        }
        self.years(drawing, [left, top + PLOT_HEIGHT + self.below() + 13.0]);
        for (series, points) in panel.points.iter().enumerate().rev() {
            self.series(drawing, points, series, left, &place);
            self.signs(drawing, points, series, [left, top]);
        }
        match self.inset > 6.0 {
            true => self.all_values(drawing, panel, left, &place),
            false => self.last_values(drawing, panel, left, &place),
        }
    }

    /// Every year when there is room, the first and the last otherwise.
    fn years(&self, drawing: &mut Drawing, [left, y]: [f64; 2]) {
        let last = self.grid.categories.len().saturating_sub(1);
        let widths = self.grid.categories.iter().map(|class| font::width(&class.label, Style::TICK.size, Weight::Regular));
        let all = widths.fold(0.0, f64::max) + 6.0 <= self.narrowest();
        for (at, class) in self.grid.categories.iter().enumerate().filter(|(at, _)| all || *at == 0 || *at == last) {
            drawing.text([self.x(left, at), y], Style::TICK.anchored(Anchor::Middle), &class.label);
        }
    }

    fn series(&self, drawing: &mut Drawing, points: &[Point], series: usize, left: f64, place: &dyn Fn(f64) -> f64) {
        let at = |(category, point): (usize, &Point)| point.number().map(|number| [self.x(left, category), place(number)]);
        let placed: Vec<Option<[f64; 2]>> = points.iter().enumerate().map(at).collect();
        for run in placed.split(Option::is_none).filter(|run| run.len() > 1) {
            let run: Vec<[f64; 2]> = run.iter().flatten().copied().collect();
            drawing.polyline(&run, series);
        }
        for point in placed.iter().flatten() {
            drawing.marker(*point, series, 2.6);
        }
    }

    /// The sign of every year without a value, in the colour of its series and above the plot, where nobody takes it for a value.
    fn signs(&self, drawing: &mut Drawing, points: &[Point], series: usize, [left, top]: [f64; 2]) {
        for (category, point) in points.iter().enumerate().filter(|(_, point)| point.value.is_none()) {
            let place = [self.x(left, category) - 3.0 + 8.0 * series as f64, top - 1.0];
            drawing.text(place, Style { colour: colour(series), ..Style::VALUE }, &text(point, self.language));
        }
    }

    /// Every value: that of the higher series above its marker, that of the lower below, and never across the line of the origin.
    fn all_values(&self, drawing: &mut Drawing, panel: &Panel, left: f64, place: &dyn Fn(f64) -> f64) {
        for category in 0..self.grid.categories.len() {
            let mut points: Vec<&Point> = panel.points.iter().map(|points| &points[category]).collect();
            points.sort_by(|a, b| b.number().partial_cmp(&a.number()).unwrap_or(std::cmp::Ordering::Equal));
            let highest = points.first().and_then(|point| point.number()).map(place);
            for (at, point) in points.into_iter().enumerate() {
                if let Some(number) = point.number() {
                    let y = if at == 0 { place(number) - ABOVE } else { self.lower(number, highest, place) };
                    let style = VALUE.anchored(Anchor::Middle);
                    drawing.text([self.x(left, category), y], style, &text(point, self.language));
                }
            }
        }
    }

    /// Where the lower of two values is written: below its marker; above it, or below the line of the origin, where it would cross that.
    fn lower(&self, number: f64, highest: Option<f64>, place: &dyn Fn(f64) -> f64) -> f64 {
        let (marker, origin) = (place(number), place(self.origin));
        let crosses = number >= self.origin && marker + BELOW + 3.0 > origin;
        let is_free = highest.is_none_or(|highest| marker - highest > ROOM_ABOVE);
        match crosses {
            true if is_free => marker - ABOVE,
            true => origin + BELOW - 3.0,
            false => marker + BELOW,
        }
    }

    /// The last values beside the ends of the lines, moved apart where they would overlap.
    fn last_values(&self, drawing: &mut Drawing, panel: &Panel, left: f64, place: &dyn Fn(f64) -> f64) {
        let ends = panel.points.iter().filter_map(|points| points.last());
        let mut labels: Vec<(f64, String)> =
            ends.filter_map(|end| end.number().map(|number| (place(number) + 3.5, text(end, self.language)))).collect();
        labels.sort_by(|a, b| a.0.total_cmp(&b.0));
        for at in 1..labels.len() {
            let overlap = labels[at - 1].0 + 11.0 - labels[at].0;
            if overlap > 0.0 {
                labels[at - 1].0 -= overlap / 2.0;
                labels[at].0 += overlap / 2.0;
            }
        }
        for (y, value) in labels {
            drawing.text([left + self.plot_width + 2.0, y], VALUE, &value);
        }
    }
}
