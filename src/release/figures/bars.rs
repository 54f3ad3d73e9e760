//! Grouped bars on one origin: shares, levels and numbers from zero, an index from one hundred.

use super::Body;
use super::font::{self, Weight};
use super::grid::{Grid, Panel, Point};
use super::scale::Scale;
use super::svg::{AXIS, Anchor, Drawing, GRID, Style};
use crate::disclosure::safe::State;
use crate::language::Language;
use crate::release::symbols;

const GROUP_GAP: f64 = 9.0;
const PANEL_GAP: f64 = 26.0;
const LINE: f64 = 12.5;
/// The most of the width that labels may take, and the most of it at all.
const LABEL_PART_MAX: f64 = 0.3;
const LABEL_WIDTH_MAX: f64 = 190.0;
/// A panel is no narrower than this where another stands beside it.
const PANEL_WIDTH_MIN: f64 = 240.0;

/// What is the same for every panel.
struct Layout<'a> {
    grid: &'a Grid,
    labels: Vec<Vec<String>>,
    gutter: f64,
    panel_width: f64,
    value_width: f64,
    bar: f64,
    /// Top of each category below the top of the panel, and at the end the height of all.
    tops: Vec<f64>,
    origin: f64,
    language: Language,
}

/// Draws a grid as bars from `origin`.
pub fn bars(grid: &Grid, origin: f64, width: f64, language: Language) -> Body {
    let layout = layout(grid, origin, width, language);
    let per_row = per_row(grid, width);
    let mut drawing = Drawing::default();
    let mut y = 0.0;
    for (row, panels) in grid.panels.chunks(per_row).enumerate() {
        y += if row > 0 { PANEL_GAP } else { 0.0 };
        let titles: Vec<Vec<String>> = panels.iter().map(|panel| layout.title(panel)).collect();
        let lines = titles.iter().map(Vec::len).max().unwrap_or(0);
        let top = y + if lines > 0 { 7.5 + LINE * lines as f64 } else { 4.0 };
        layout.categories(&mut drawing, top);
        for (at, (panel, title)) in panels.iter().zip(&titles).enumerate() {
            let x = layout.gutter + at as f64 * (layout.panel_width + PANEL_GAP);
            for (line, words) in title.iter().enumerate() {
                drawing.text([x, y + 9.0 + LINE * line as f64], Style { weight: Weight::Bold, ..Style::LABEL }, words);
            }
            layout.panel(&mut drawing, panel, [x, top]);
        }
        y = top + layout.height() + 16.0;
    }
    Body { drawing, height: y, own_scales: scales(grid) > 1 }
}

fn per_row(grid: &Grid, width: f64) -> usize {
    grid.panels.len().clamp(1, if width < 2.0 * PANEL_WIDTH_MIN { 1 } else { 2 })
}

/// How many scales the panels are drawn on.
pub fn scales(grid: &Grid) -> usize {
    grid.panels.iter().map(|panel| panel.scale + 1).max().unwrap_or(1)
}

/// A label as it begins a line.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn layout(grid: &Grid, origin: f64, width: f64, language: Language) -> Layout<'_> {
    let size = Style::LABEL.size;
    let label_width_max = LABEL_WIDTH_MAX.min(width * LABEL_PART_MAX);
    let labels: Vec<Vec<String>> =
        grid.categories.iter().map(|class| font::lines(&capital(&class.label), size, Weight::Regular, label_width_max)).collect();
    let widest = labels.iter().flatten().map(|line| font::width(line, size, Weight::Regular)).fold(0.0, f64::max);
    let gutter = widest + 10.0;
    let columns = per_row(grid, width) as f64;
    let panel_width = (width - gutter - (columns - 1.0) * PANEL_GAP) / columns;
    let bar = if grid.series.len() > 1 { 12.5 } else { 15.0 };
    let mut tops = vec![0.0];
    for lines in &labels {
        let height = (bar * grid.series.len() as f64).max(LINE * lines.len() as f64);
        tops.push(tops[tops.len() - 1] + height + GROUP_GAP);
    }
    let points = grid.panels.iter().flat_map(|panel| panel.points.iter().flatten());
    let value_width = points.map(|point| font::width(&text(point, language), size, Weight::Regular)).fold(8.0, f64::max);
    Layout { grid, labels, gutter, panel_width, value_width, bar, tops, origin, language }
}

/// What is written beside a point: its released value, or the sign of its state. A cell without units has the sign of nothing, so that it is
/// not taken for a value that is rounded to zero.
pub fn text(point: &Point, language: Language) -> String {
    match &point.value {
        Some((value, _)) if point.state != State::Zero => language.number(value),
        _ => symbols::sign(point.state, language).to_owned(),
    }
}

impl Layout<'_> {
    /// The lines of the title of a panel; none where it has no name.
    fn title(&self, panel: &Panel) -> Vec<String> {
        let label = capital(&panel.label());
        if label.is_empty() { Vec::new() } else { font::lines(&label, Style::LABEL.size, Weight::Bold, self.panel_width) }
    }

    fn height(&self) -> f64 {
        self.tops[self.tops.len() - 1]
    }

    fn categories(&self, drawing: &mut Drawing, top: f64) {
        for (at, lines) in self.labels.iter().enumerate() {
            let middle = top + (self.tops[at] + self.tops[at + 1] - GROUP_GAP) / 2.0;
            let first = middle - LINE * (lines.len() as f64 - 1.0) / 2.0 + 4.0;
            for (line, text) in lines.iter().enumerate() {
                let place = [self.gutter - 10.0, first + LINE * line as f64];
                drawing.text(place, Style::LABEL.anchored(Anchor::End), text);
            }
        }
    }

    fn scale(&self, panel: &Panel, length: f64) -> Scale {
        let same = self.grid.panels.iter().filter(|other| other.scale == panel.scale);
        let numbers: Vec<f64> = same.flat_map(|panel| panel.points.iter().flatten()).filter_map(Point::number).collect();
        let steps = |steps| Scale::up_to(numbers.iter().copied(), self.origin, steps);
        let fits = |scale: &Scale| (scale.label_width(self.language) + 10.0) * scale.ticks.len() as f64 <= length;
        (1..=4).rev().map(steps).find(fits).unwrap_or_else(|| steps(1))
    }

    fn panel(&self, drawing: &mut Drawing, panel: &Panel, [x, top]: [f64; 2]) {
        // Left of the origin there has to be room for values too, when some bars go that way.
        let below = panel.points.iter().flatten().filter_map(Point::number).any(|number| number < self.origin);
        let left = if below { self.value_width + 6.0 } else { 0.0 };
        let length = self.panel_width - left - self.value_width - 6.0;
        let scale = self.scale(panel, length);
        let place = |value: f64| x + left + length * scale.part(value);
        let bottom = top + self.height() - GROUP_GAP + 4.0;
        for tick in &scale.ticks {
            drawing.line([place(*tick), top - 4.0], [place(*tick), bottom], GRID, 0.8);
            let style = Style::TICK.anchored(Anchor::Middle);
            drawing.text([place(*tick), bottom + 11.0], style, &scale.label(*tick, self.language));
        }
        for (series, points) in panel.points.iter().enumerate() {
            for (category, point) in points.iter().enumerate() {
                let y = top + self.first(category) + self.bar * series as f64;
                self.point(drawing, point, [place(self.origin), y], point.number().map(place), series);
            }
        }
        drawing.line([place(self.origin), top - 4.0], [place(self.origin), bottom], AXIS, 1.2);
    }

    /// The top of the first bar of a category: bars stand in the middle of the room for the label.
    fn first(&self, category: usize) -> f64 {
        let room = self.tops[category + 1] - self.tops[category] - GROUP_GAP;
        self.tops[category] + (room - self.bar * self.grid.series.len() as f64) / 2.0
    }

    /// A bar with its value, or the sign of a cell that has none: no bar, and so never a zero.
    fn point(&self, drawing: &mut Drawing, point: &Point, [zero, y]: [f64; 2], end: Option<f64>, series: usize) {
        let baseline = y + self.bar / 2.0 + 3.9;
        let Some(end) = end else {
            drawing.text([zero + 5.0, baseline], Style::VALUE, &text(point, self.language));
            return;
        };
        drawing.bar([zero.min(end), y + 0.5, (end - zero).abs(), self.bar - 1.0], series);
        let (at, anchor) = if end < zero { (end - 4.0, Anchor::End) } else { (end + 4.0, Anchor::Start) };
        drawing.text([at, baseline], Style::VALUE.anchored(anchor), &text(point, self.language));
    }
}
