//! A page to draw on, in points from its upper left corner.

use pdf_writer::types::LineJoinStyle;
use pdf_writer::{Content, Str};
use ttf_parser::OutlineBuilder;

use super::typeface;
use crate::release::figures::font::{self, Weight};
use crate::release::figures::svg::{Anchor, CORNER, Drawing, Element, PAPER, RIM, Role, Shape};

/// How a text is written.
#[derive(Clone, Copy, Debug)]
pub struct Ink {
    pub size: f64,
    pub weight: Weight,
    pub colour: &'static str,
}

/// How far the handles of a quarter of a circle lie from its ends, in radii.
const QUARTER: f64 = 0.5523;
/// The same for the stroke of a marker as in the SVG.
const MARKER_STROKE: f64 = 1.5;

/// What is drawn on a page, at last or for one tag.
pub struct Canvas<'a> {
    pub(super) content: &'a mut Content,
}

impl Canvas<'_> {
    /// A text that begins here, on its line.
    pub fn text(&mut self, [x, y]: [f64; 2], ink: Ink, text: &str) {
        let [red, green, blue] = colour(ink.colour);
        self.content.set_fill_rgb(red, green, blue).begin_text();
        self.content.set_font(typeface::name(ink.weight), ink.size as f32);
        // Pages have their origin above, letters stand upright.
        self.content.set_text_matrix([1.0, 0.0, 0.0, -1.0, x as f32, y as f32]);
        self.content.show(Str(&typeface::glyphs(text, ink.weight))).end_text();
    }

    /// A text that ends here.
    pub fn text_before(&mut self, [x, y]: [f64; 2], ink: Ink, text: &str) {
        self.text([x - font::width(text, ink.size, ink.weight), y], ink, text);
    }

    pub fn rectangle(&mut self, [x, y, width, height]: [f64; 4], fill: &str) {
        let [red, green, blue] = colour(fill);
        self.content.set_fill_rgb(red, green, blue);
        self.content.rect(x as f32, y as f32, width as f32, height as f32).fill_nonzero();
    }

    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], stroke: &str, width: f64) {
        self.stroke(stroke, width);
        self.path(&[from, to]);
        self.content.stroke();
    }

    /// A drawing with its upper left corner here, so many points per unit.
    pub fn drawing(&mut self, drawing: &Drawing, [x, y]: [f64; 2], scale: f64) {
        self.content.save_state().transform([scale as f32, 0.0, 0.0, scale as f32, x as f32, y as f32]);
        drawing.elements.iter().for_each(|element| self.element(element));
        self.content.restore_state();
    }

    fn element(&mut self, element: &Element) {
        match element {
            Element::Rectangle { place, fill, stroke, role: Shape::Box } => self.boxed(*place, fill, stroke.unwrap_or(fill)),
            Element::Rectangle { place, fill, .. } => self.rectangle(*place, fill),
            Element::Line { from, to, stroke, width } => self.line(*from, *to, stroke, *width),
            Element::Polyline { points, stroke, width } => {
                self.stroke(stroke, *width);
                self.path(points);
                self.content.stroke();
            }
            Element::Polygon { points, fill } => {
                let [red, green, blue] = colour(fill);
                self.content.set_fill_rgb(red, green, blue);
                self.path(points);
                self.content.close_path().fill_nonzero();
            }
            Element::Marker { centre, radius, fill, stroke, round } => {
                let [red, green, blue] = colour(fill);
                self.content.set_fill_rgb(red, green, blue);
                self.stroke(stroke, MARKER_STROKE);
                let around = [centre[0] - radius, centre[1] - radius, 2.0 * radius, 2.0 * radius];
                self.rounded(around, if *round { *radius } else { 0.0 });
                self.content.fill_nonzero_and_stroke();
            }
            Element::Text { place, style, text } => {
                let ink = Ink { size: style.size, weight: style.weight, colour: style.colour };
                let width = font::width(text, style.size, style.weight);
                let left = match style.anchor {
                    Anchor::Start => place[0],
                    Anchor::Middle => place[0] - width / 2.0,
                    Anchor::End => place[0] - width,
                };
                if style.role == Role::Value {
                    self.rim([left, place[1]], ink, text);
                }
                self.text([left, place[1]], ink, text);
            }
            Element::Moved { by: [x, y], elements } => {
                self.content.save_state().transform([1.0, 0.0, 0.0, 1.0, *x as f32, *y as f32]);
                elements.iter().for_each(|element| self.element(element));
                self.content.restore_state();
            }
        }
    }

    fn stroke(&mut self, stroke: &str, width: f64) {
        let [red, green, blue] = colour(stroke);
        self.content.set_stroke_rgb(red, green, blue).set_line_width(width as f32).set_line_join(LineJoinStyle::RoundJoin);
    }

    fn path(&mut self, points: &[[f64; 2]]) {
        for (at, [x, y]) in points.iter().enumerate() {
            match at {
                0 => self.content.move_to(*x as f32, *y as f32),
                _ => self.content.line_to(*x as f32, *y as f32),
            };
        }
    }

    fn boxed(&mut self, place: [f64; 4], fill: &str, stroke: &str) {
        let [red, green, blue] = colour(fill);
        self.content.set_fill_rgb(red, green, blue);
        self.stroke(stroke, 1.0);
        self.rounded(place, CORNER);
        self.content.fill_nonzero_and_stroke();
    }

    /// The path of a rectangle with round corners.
    fn rounded(&mut self, [x, y, width, height]: [f64; 4], radius: f64) {
        let (right, bottom, handle) = (x + width, y + height, radius * (1.0 - QUARTER));
        let corners = [
            ([right - radius, y], [right - handle, y], [right, y + handle], [right, y + radius]),
            ([right, bottom - radius], [right, bottom - handle], [right - handle, bottom], [right - radius, bottom]),
            ([x + radius, bottom], [x + handle, bottom], [x, bottom - handle], [x, bottom - radius]),
            ([x, y + radius], [x, y + handle], [x + handle, y], [x + radius, y]),
        ];
        self.content.move_to((x + radius) as f32, y as f32);
        for (from, one, other, to) in corners {
            self.content.line_to(from[0] as f32, from[1] as f32);
            let [one, other, to] = [one, other, to].map(|[x, y]| [x as f32, y as f32]);
            self.content.cubic_to(one[0], one[1], other[0], other[1], to[0], to[1]);
        }
        self.content.close_path();
    }

    /// The rim of paper around a value: its outlines, so that no reader finds the text twice.
    fn rim(&mut self, [x, y]: [f64; 2], ink: Ink, text: &str) {
        let Some(face) = font::face(ink.weight) else { return };
        self.stroke(PAPER, RIM);
        let scale = ink.size / f64::from(face.units_per_em());
        let mut left = x;
        for glyph in text.chars().map(|letter| face.glyph_index(letter).unwrap_or_default()) {
            face.outline_glyph(glyph, &mut Outline { content: self.content, from: [left, y], scale });
            left += f64::from(face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
        }
        self.content.stroke();
    }
}

/// Writes the outline of a glyph as a path.
struct Outline<'a> {
    content: &'a mut Content,
    from: [f64; 2],
    scale: f64,
}

impl Outline<'_> {
    fn place(&self, x: f32, y: f32) -> [f32; 2] {
        [self.from[0] + f64::from(x) * self.scale, self.from[1] - f64::from(y) * self.scale].map(|at| at as f32)
    }
}

impl OutlineBuilder for Outline<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let [x, y] = self.place(x, y);
        self.content.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let [x, y] = self.place(x, y);
        self.content.line_to(x, y);
    }

    /// The typeface has cubic outlines only.
    fn quad_to(&mut self, _: f32, _: f32, x: f32, y: f32) {
        self.line_to(x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let [[x1, y1], [x2, y2], [x, y]] = [self.place(x1, y1), self.place(x2, y2), self.place(x, y)];
        self.content.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.content.close_path();
    }
}

/// `#12436d` as parts of one.
fn colour(text: &str) -> [f32; 3] {
    let part = |at: usize| text.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
    [1, 3, 5].map(|at| f32::from(part(at)) / 255.0)
}
