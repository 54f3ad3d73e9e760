//! The way from the list of participants to the register of persons, as boxes with numbers: who goes on and who does not.

use super::Body;
use super::bars::text;
use super::font::{self, Weight};
use super::grid::{Grid, Point};
use super::svg::{AXIS, Drawing, GRID, Style};
use crate::language::Language;

const BOX: [f64; 2] = [220.0, 46.0];
const STEP: f64 = 74.0;

/// Steps that leave the way; all others follow one another.
const ASIDE: [&str; 1] = ["without-person"];

/// Draws the steps of an attrition table.
pub fn flow(grid: &Grid, language: Language) -> Body {
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
            let middle = y - STEP + BOX[1] + (STEP - BOX[1]) / 2.0;
            drawing.arrow([BOX[0] / 2.0, middle], [BOX[0] + 60.0, middle]);
            boxed(&mut drawing, [BOX[0] + 60.0, middle - BOX[1] / 2.0], label, &text(point, language), GRID);
            continue;
        }
        if at > 0 {
            drawing.arrow([BOX[0] / 2.0, y - STEP + BOX[1]], [BOX[0] / 2.0, y]);
        }
        boxed(&mut drawing, [0.0, y], label, &text(point, language), AXIS);
        y += STEP;
    }
    Body { drawing, height: y - STEP + BOX[1] + 8.0, own_scales: false }
}

fn boxed(drawing: &mut Drawing, [x, y]: [f64; 2], label: &str, value: &str, stroke: &'static str) {
    let width = BOX[0].max(font::width(label, Style::LABEL.size, Weight::Regular) + 24.0);
    drawing.outline([x, y, width, BOX[1]], stroke);
    drawing.text([x + 12.0, y + 18.0], Style::LABEL, label);
    drawing.text([x + 12.0, y + 36.0], Style { size: 15.0, weight: Weight::Bold, ..Style::VALUE }, value);
}
