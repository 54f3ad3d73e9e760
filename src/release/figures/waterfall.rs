//! A decomposition as bars that begin where the one before ends: what each class changed, the rest, and the change that they add up to.

use super::Body;
use super::bars::{capital, text};
use super::font::{self, Weight};
use super::grid::{Grid, Panel, Point};
use super::scale::Scale;
use super::svg::{AXIS, Anchor, Drawing, GREY, GRID, Style};
use crate::language::{Language, Phrase};
use crate::tables::set::Part;

const ROW: f64 = 19.0;
const BAR: f64 = 13.0;
const PANEL_GAP: f64 = 22.0;
const LINE: f64 = 12.0;
const LABEL_WIDTH_MAX: f64 = 150.0;
/// Below this width panels stand below each other.
const BESIDE_MIN: f64 = 480.0;
const TITLE: Style = Style { weight: Weight::Bold, ..Style::LABEL };
/// The place of the colours of the steps and of their sum among those of series: other ones than those of the arms.
const STEP_COLOUR: usize = 2;
const SUM_COLOUR: usize = 5;

const WITHIN: Phrase = Phrase::new("Within classes:", "Binnen klassen:");

/// A line of the figure: a heading, or a point of every panel by series and category.
struct Line {
    label: Vec<String>,
    place: Option<(usize, usize)>,
    is_sum: bool,
    height: f64,
}

struct Layout<'a> {
    grid: &'a Grid,
    lines: Vec<Line>,
    per_row: usize,
    gutter: f64,
    panel_width: f64,
    value_width: f64,
    language: Language,
}

/// Draws a grid whose series are classes, all of them last, and whose categories are the parts of a change.
pub fn waterfall(grid: &Grid, width: f64, language: Language) -> Body {
    let layout = layout(grid, width, language);
    let height: f64 = layout.lines.iter().map(|line| line.height).sum();
    let mut drawing = Drawing::default();
    let mut y = 0.0;
    for (row, panels) in grid.panels.chunks(layout.per_row).enumerate() {
        y += if row > 0 { PANEL_GAP } else { 0.0 };
        let titles = |panel: &Panel| font::lines(&capital(&panel.label()), TITLE.size, TITLE.weight, layout.panel_width);
        let titles: Vec<Vec<String>> = panels.iter().map(titles).collect();
        let top = y + LINE * titles.iter().map(Vec::len).max().unwrap_or(0) as f64 + 6.0;
        layout.labels(&mut drawing, top);
        for (at, (panel, title)) in panels.iter().zip(titles).enumerate() {
            let x = layout.gutter + at as f64 * (layout.panel_width + PANEL_GAP);
            for (line, words) in title.iter().enumerate() {
                drawing.text([x, y + 10.0 + LINE * line as f64], TITLE, words);
            }
            layout.panel(&mut drawing, panel, [x, top]);
        }
        y = top + height + 16.0;
    }
    Body { drawing, height: y, own_scales: super::bars::scales(grid) > 1 }
}

fn layout(grid: &Grid, width: f64, language: Language) -> Layout<'_> {
    let lines = lines(grid, LABEL_WIDTH_MAX.min(width * 0.36), language);
    let size = Style::LABEL.size;
    let widest =
        lines.iter().flat_map(|line| &line.label).map(|words| font::width(words, size, Weight::Regular)).fold(0.0, f64::max);
    let per_row = grid.panels.len().clamp(1, if width < BESIDE_MIN { 1 } else { 2 });
    let columns = per_row as f64;
    let gutter = widest + 10.0;
    let points = grid.panels.iter().flat_map(|panel| panel.points.iter().flatten());
    let value_width = points.map(|point| font::width(&text(point, language), size, Weight::Regular)).fold(8.0, f64::max);
    let panel_width = (width - gutter - (columns - 1.0) * PANEL_GAP) / columns;
    Layout { grid, lines, per_row, gutter, panel_width, value_width, language }
}

fn lines(grid: &Grid, label_width: f64, language: Language) -> Vec<Line> {
    let part = |part: Part| grid.categories.iter().position(|class| class.code == part.code());
    let line = |label: &str, place: Option<(usize, usize)>, is_sum: bool| {
        let label = font::lines(label, Style::LABEL.size, Weight::Regular, label_width);
        let height = ROW.max(LINE * label.len() as f64 + 5.0);
        Line { label, place, is_sum, height }
    };
    let all = grid.series.iter().position(|class| class.code.is_empty()).unwrap_or(0);
    let mut lines = vec![line(WITHIN.of(language), None, false)];
    if let Some(within) = part(Part::Within) {
        let classes = grid.series.iter().enumerate().filter(|(at, _)| *at != all);
        lines.extend(classes.map(|(at, class)| line(&capital(&class.label), Some((at, within)), false)));
    }
    for (of, is_sum) in [(Part::Composition, false), (Part::Coverage, false), (Part::Change, true)] {
        lines.extend(part(of).map(|at| line(&capital(&grid.categories[at].label), Some((all, at)), is_sum)));
    }
    lines
}

impl Layout<'_> {
    fn labels(&self, drawing: &mut Drawing, top: f64) {
        let mut y = top;
        for line in &self.lines {
            let weight = if line.is_sum { Weight::Bold } else { Weight::Regular };
            let colour = if line.place.is_none() { GREY } else { Style::LABEL.colour };
            let style = Style { weight, colour, ..Style::LABEL }.anchored(Anchor::End);
            let first = y + line.height / 2.0 - LINE * (line.label.len() as f64 - 1.0) / 2.0 + 4.0;
            for (at, words) in line.label.iter().enumerate() {
                drawing.text([self.gutter - 10.0, first + LINE * at as f64], style, words);
            }
            y += line.height;
        }
    }

    /// Every line that has a number: where its bar begins and where it ends.
    fn steps(&self, panel: &Panel) -> Vec<Option<[f64; 2]>> {
        let mut from = 0.0;
        let step = |line: &Line| {
            let number = self.point(panel, line)?.number()?;
            let begin = if line.is_sum { 0.0 } else { from };
            from = begin + number;
            Some([begin, begin + number])
        };
        self.lines.iter().map(step).collect()
    }

    fn point<'a>(&self, panel: &'a Panel, line: &Line) -> Option<&'a Point> {
        let (series, category) = line.place?;
        panel.points.get(series)?.get(category)
    }

    fn scale(&self, panel: &Panel, length: f64) -> Scale {
        let same = self.grid.panels.iter().filter(|other| other.scale == panel.scale);
        let ends: Vec<f64> = same.flat_map(|panel| self.steps(panel)).flatten().flatten().collect();
        let steps = |steps| Scale::up_to(ends.iter().copied(), 0.0, steps);
        let fits = |scale: &Scale| (scale.label_width(self.language) + 10.0) * scale.ticks.len() as f64 <= length;
        (1..=4).rev().map(steps).find(fits).unwrap_or_else(|| steps(1))
    }

    fn panel(&self, drawing: &mut Drawing, panel: &Panel, [x, top]: [f64; 2]) {
        let left = self.value_width + 6.0;
        let length = self.panel_width - 2.0 * left;
        let scale = self.scale(panel, length);
        let place = |value: f64| x + left + length * scale.part(value);
        let bottom = top + self.lines.iter().map(|line| line.height).sum::<f64>();
        for tick in &scale.ticks {
            drawing.line([place(*tick), top], [place(*tick), bottom], GRID, 0.8);
            let style = Style::TICK.anchored(Anchor::Middle);
            drawing.text([place(*tick), bottom + 11.0], style, &scale.label(*tick, self.language));
        }
        drawing.line([place(0.0), top], [place(0.0), bottom], AXIS, 1.2);
        let mut y = top;
        for (line, step) in self.lines.iter().zip(self.steps(panel)) {
            if let Some(point) = self.point(panel, line) {
                let step = step.map(|ends| ends.map(&place));
                self.bar(drawing, (line, point), step, [place(0.0), y]);
            }
            y += line.height;
        }
    }

    /// A bar with its value on the side to which it goes and a line down to the next; or the sign of a part that is not told.
    fn bar(&self, drawing: &mut Drawing, (line, point): (&Line, &Point), step: Option<[f64; 2]>, [zero, y]: [f64; 2]) {
        let (middle, value) = (y + line.height / 2.0, text(point, self.language));
        let Some([begin, end]) = step else {
            drawing.text([zero + 5.0, middle + 3.9], Style::VALUE, &value);
            return;
        };
        let colour = if line.is_sum { SUM_COLOUR } else { STEP_COLOUR };
        drawing.bar([begin.min(end), middle - BAR / 2.0, (end - begin).abs(), BAR], colour);
        if !line.is_sum {
            drawing.line([end, middle - BAR / 2.0], [end, y + line.height + (ROW - BAR) / 2.0], AXIS, 0.8);
        }
        let (at, anchor) = if end < begin { (end - 4.0, Anchor::End) } else { (end + 4.0, Anchor::Start) };
        drawing.text([at, middle + 3.9], Style::VALUE.anchored(anchor), &value);
    }
}
