//! A drawing: rectangles, lines, markers and texts; and the same as SVG, with coordinates of one decimal.

use std::fmt::Write;

use super::font::Weight;

pub const INK: &str = "#1f2328";
pub const GREY: &str = "#57606a";
pub const GRID: &str = "#d8dee4";
pub const AXIS: &str = "#6e7781";
pub const PAPER: &str = "#ffffff";

/// Colours of series: told apart with any colour vision, and by lightness when printed in grey.
const SERIES: [&str; 6] = ["#12436d", "#e0711c", "#28a197", "#801650", "#7a6bb0", "#3d3d3d"];

/// The colour of a series.
pub fn colour(series: usize) -> &'static str {
    SERIES[series % SERIES.len()]
}

/// What a text is for, so that a reader of the file can tell released values from scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A released value.
    Value,
    /// A number on a scale.
    Tick,
    /// Words.
    Label,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub size: f64,
    pub weight: Weight,
    pub anchor: Anchor,
    pub colour: &'static str,
    pub role: Role,
}

impl Style {
    pub const LABEL: Style = Style { size: 11.0, weight: Weight::Regular, anchor: Anchor::Start, colour: INK, role: Role::Label };
    pub const VALUE: Style = Style { role: Role::Value, ..Self::LABEL };
    pub const TICK: Style = Style { size: 9.5, colour: GREY, role: Role::Tick, ..Self::LABEL };

    pub const fn anchored(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }
}

/// What has been drawn, in the order in which it lies on the paper.
#[derive(Clone, Debug, Default)]
pub struct Drawing {
    pub elements: Vec<Element>,
}

/// A shape or a text. Lengths are in units of the figure, from its upper left corner.
#[derive(Clone, Debug)]
pub enum Element {
    Rectangle {
        place: [f64; 4],
        fill: &'static str,
        stroke: Option<&'static str>,
        role: Shape,
    },
    Line {
        from: [f64; 2],
        to: [f64; 2],
        stroke: &'static str,
        width: f64,
    },
    Polyline {
        points: Vec<[f64; 2]>,
        stroke: &'static str,
        width: f64,
    },
    Polygon {
        points: Vec<[f64; 2]>,
        fill: &'static str,
    },
    /// A disc, or a square where it is not round.
    Marker {
        centre: [f64; 2],
        radius: f64,
        fill: &'static str,
        stroke: &'static str,
        round: bool,
    },
    Text {
        place: [f64; 2],
        style: Style,
        text: String,
    },
    /// Everything in it is moved to the right and down.
    Moved {
        by: [f64; 2],
        elements: Vec<Element>,
    },
}

/// What a rectangle is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Only these stand for values.
    Bar,
    /// With round corners.
    Box,
    Plain,
}

/// The round of the corners of a box.
pub const CORNER: f64 = 4.0;
const MARKER_STROKE: f64 = 1.5;

impl Drawing {
    pub fn rectangle(&mut self, place: [f64; 4], fill: &'static str) {
        self.elements.push(Element::Rectangle { place, fill, stroke: None, role: Shape::Plain });
    }

    /// A bar of a series.
    pub fn bar(&mut self, place: [f64; 4], series: usize) {
        self.elements.push(Element::Rectangle { place, fill: colour(series), stroke: None, role: Shape::Bar });
    }

    pub fn outline(&mut self, place: [f64; 4], stroke: &'static str) {
        self.elements.push(Element::Rectangle { place, fill: PAPER, stroke: Some(stroke), role: Shape::Box });
    }

    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], stroke: &'static str, width: f64) {
        self.elements.push(Element::Line { from, to, stroke, width });
    }

    pub fn polyline(&mut self, points: &[[f64; 2]], series: usize) {
        self.elements.push(Element::Polyline { points: points.to_vec(), stroke: colour(series), width: 2.0 });
    }

    /// The marker of a series: a disc, an open square, and so on, so that lines can be told apart without colour.
    pub fn marker(&mut self, centre: [f64; 2], series: usize, radius: f64) {
        let stroke = colour(series);
        let fill = if series.is_multiple_of(2) { stroke } else { PAPER };
        self.elements.push(Element::Marker { centre, radius, fill, stroke, round: matches!(series % 4, 0 | 3) });
    }

    pub fn arrow(&mut self, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        let length = (x2 - x1).hypot(y2 - y1).max(1.0);
        let (dx, dy) = ((x2 - x1) / length, (y2 - y1) / length);
        let base = [x2 - 7.0 * dx, y2 - 7.0 * dy];
        self.line([x1, y1], base, AXIS, 1.2);
        let points = vec![[x2, y2], [base[0] - 4.0 * dy, base[1] + 4.0 * dx], [base[0] + 4.0 * dy, base[1] - 4.0 * dx]];
        self.elements.push(Element::Polygon { points, fill: AXIS });
    }

    pub fn text(&mut self, place: [f64; 2], style: Style, text: &str) {
        self.elements.push(Element::Text { place, style, text: text.to_owned() });
    }

    /// Another drawing, with its upper left corner here.
    pub fn put(&mut self, by: [f64; 2], drawing: Drawing) {
        self.elements.push(Element::Moved { by, elements: drawing.elements });
    }

    /// Its elements as SVG.
    pub fn svg(&self) -> String {
        let mut body = String::new();
        let written = self.elements.iter().try_for_each(|element| write(&mut body, element));
        assert!(written.is_ok(), "a text in memory can be extended");
        body
    }
}

fn write(body: &mut String, element: &Element) -> std::fmt::Result {
    match element {
        Element::Rectangle { place, fill, stroke, role } => {
            let [x, y, width, height] = place.map(coordinate);
            let class = if *role == Shape::Bar { " class=\"bar\"" } else { "" };
            let corner = if *role == Shape::Box { format!(" rx=\"{CORNER}\"") } else { String::new() };
            let stroke = stroke.map(|stroke| format!(" stroke=\"{stroke}\"")).unwrap_or_default();
            write!(
                body,
                "<rect{class} x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{corner} fill=\"{fill}\"{stroke}/>"
            )
        }
        Element::Line { from, to, stroke, width } => {
            let ([x1, y1], [x2, y2]) = (from.map(coordinate), to.map(coordinate));
            write!(body, "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" stroke=\"{stroke}\" stroke-width=\"{width}\"/>")
        }
        Element::Polyline { points, stroke, width } => write!(
            body,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"/>",
            coordinates(points)
        ),
        Element::Polygon { points, fill } => write!(body, "<polygon points=\"{}\" fill=\"{fill}\"/>", coordinates(points)),
        Element::Marker { centre: [x, y], radius, fill, stroke, round } => {
            let shape = if *round {
                format!("<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\"", coordinate(*x), coordinate(*y))
            } else {
                let side = coordinate(2.0 * radius);
                let [x, y] = [x - radius, y - radius].map(coordinate);
                format!("<rect x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\"")
            };
            write!(body, "{shape} class=\"marker\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{MARKER_STROKE}\"/>")
        }
        Element::Text { place, style, text } => write_text(body, *place, *style, text),
        Element::Moved { by: [x, y], elements } => {
            write!(body, "<g transform=\"translate({} {})\">", coordinate(*x), coordinate(*y))?;
            elements.iter().try_for_each(|element| write(body, element))?;
            body.write_str("</g>")
        }
    }
}

/// A value has a rim of paper, so that lines below it do not run through its digits.
fn write_text(body: &mut String, place: [f64; 2], style: Style, text: &str) -> std::fmt::Result {
    let class = match style.role {
        Role::Value => "value",
        Role::Tick => "tick",
        Role::Label => "label",
    };
    let rim = match style.role {
        Role::Value => format!(" stroke=\"{PAPER}\" stroke-width=\"{RIM}\" stroke-linejoin=\"round\" paint-order=\"stroke\""),
        _ => String::new(),
    };
    let anchor = match style.anchor {
        Anchor::Start => "",
        Anchor::Middle => " text-anchor=\"middle\"",
        Anchor::End => " text-anchor=\"end\"",
    };
    let weight = if style.weight == Weight::Bold { " font-weight=\"600\"" } else { "" };
    let ([x, y], size, colour) = (place.map(coordinate), style.size, style.colour);
    write!(
        body,
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{weight}{anchor} fill=\"{colour}\"{rim}>{}</text>",
        escape(text)
    )
}

/// Width of the rim around a value, half of it outside.
pub const RIM: f64 = 3.0;

fn coordinates(points: &[[f64; 2]]) -> String {
    points.iter().map(|[x, y]| format!("{},{}", coordinate(*x), coordinate(*y))).collect::<Vec<_>>().join(" ")
}

/// A coordinate with one decimal, without a sign before zero and without needless zeros.
pub fn coordinate(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Text as XML and HTML have it, within elements and attributes.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
