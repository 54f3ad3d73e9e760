//! The way from the list of participants to the register of persons, as boxes with numbers: who goes on and who does not.

use super::Body;
use super::bars::text;
use super::font::{self, Weight};
use super::grid::{Grid, Point};
use super::svg::{AXIS, Drawing, GRID, Style};
use crate::language::Language;

const BOX_HEIGHT: f64 = 46.0;
const BOX_WIDTH_MAX: f64 = 220.0;
/// From the way to a box aside.
const ASIDE_GAP: f64 = 60.0;
const ASIDE_GAP_MIN: f64 = 24.0;
const STEP: f64 = 74.0;

/// Steps that leave the way; all others follow one another.
const ASIDE: [&str; 1] = ["without-person"];

/// Draws the steps of an attrition table.
pub fn flow(grid: &Grid, width: f64, language: Language) -> Body {
    let box_width = BOX_WIDTH_MAX.min((width - ASIDE_GAP_MIN) / 2.0);
    let aside_at = box_width + ASIDE_GAP.min(width - 2.0 * box_width);
    let mut drawing = Drawing::default();
    let points = grid.panels.first().and_then(|panel| panel.points.first());
    let steps: Vec<(bool, &str, &Point)> = grid
        .categories
        .iter()
        .zip(points.into_iter().flatten())
        .map(|(class, point)| (ASIDE.contains(&class.code.as_str()), class.label.as_str(), point))
        .collect();
    let mut y = 2.0;
    for (at, (aside, label, point)) in steps.iter().enumerate() {
        if *aside {
            let middle = y - STEP + BOX_HEIGHT + (STEP - BOX_HEIGHT) / 2.0;
            drawing.arrow([box_width / 2.0, middle], [aside_at, middle]);
            boxed(&mut drawing, [aside_at, middle - BOX_HEIGHT / 2.0, box_width], label, &text(point, language), GRID);
            continue;
        }
        if at > 0 {
            drawing.arrow([box_width / 2.0, y - STEP + BOX_HEIGHT], [box_width / 2.0, y]);
        }
        boxed(&mut drawing, [0.0, y, box_width], label, &text(point, language), AXIS);
        y += STEP;
    }
    Body { drawing, height: y - STEP + BOX_HEIGHT + 8.0, own_scales: false }
}

fn boxed(drawing: &mut Drawing, [x, y, width]: [f64; 3], label: &str, value: &str, stroke: &'static str) {
    let width = width.max(font::width(label, Style::LABEL.size, Weight::Regular) + 16.0);
    drawing.outline([x, y, width, BOX_HEIGHT], stroke);
    drawing.text([x + 10.0, y + 18.0], Style::LABEL, label);
    drawing.text([x + 10.0, y + 36.0], Style { size: 15.0, weight: Weight::Bold, ..Style::VALUE }, value);
}
