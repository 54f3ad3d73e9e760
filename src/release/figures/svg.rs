//! A drawing surface that writes SVG: rectangles, lines, markers and texts, with coordinates of one decimal.

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

/// What has been drawn.
#[derive(Debug, Default)]
pub struct Drawing {
    pub body: String,
}

impl Drawing {
    fn write(&mut self, element: std::fmt::Arguments<'_>) {
        let written = self.body.write_fmt(element);
        assert!(written.is_ok(), "a text in memory can be extended");
    }

    pub fn rectangle(&mut self, [x, y, width, height]: [f64; 4], fill: &str) {
        let [x, y, width, height] = [x, y, width, height].map(coordinate);
        self.write(format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>"));
    }

    /// A bar of a series; only these stand for values.
    pub fn bar(&mut self, [x, y, width, height]: [f64; 4], series: usize) {
        let [x, y, width, height] = [x, y, width, height].map(coordinate);
        let fill = colour(series);
        self.write(format_args!(
            "<rect class=\"bar\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>"
        ));
    }

    pub fn outline(&mut self, [x, y, width, height]: [f64; 4], stroke: &str) {
        let [x, y, width, height] = [x, y, width, height].map(coordinate);
        self.write(format_args!(
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"4\" fill=\"{PAPER}\" stroke=\"{stroke}\"/>"
        ));
    }

    pub fn line(&mut self, from: [f64; 2], to: [f64; 2], stroke: &str, width: f64) {
        let ([x1, y1], [x2, y2]) = (from.map(coordinate), to.map(coordinate));
        self.write(format_args!(
            "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" stroke=\"{stroke}\" stroke-width=\"{width}\"/>"
        ));
    }

    pub fn polyline(&mut self, points: &[[f64; 2]], series: usize) {
        let points: Vec<String> = points.iter().map(|[x, y]| format!("{},{}", coordinate(*x), coordinate(*y))).collect();
        self.write(format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2\" stroke-linejoin=\"round\"/>",
            points.join(" "),
            colour(series)
        ));
    }

    /// The marker of a series: a disc, an open square, and so on, so that lines can be told apart without colour.
    pub fn marker(&mut self, [x, y]: [f64; 2], series: usize, radius: f64) {
        let stroke = colour(series);
        let fill = if series.is_multiple_of(2) { stroke } else { PAPER };
        let shape = match series % 4 {
            0 | 3 => format!("<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\"", coordinate(x), coordinate(y)),
            _ => {
                let side = coordinate(2.0 * radius);
                let [x, y] = [x - radius, y - radius].map(coordinate);
                format!("<rect x=\"{x}\" y=\"{y}\" width=\"{side}\" height=\"{side}\"")
            }
        };
        self.write(format_args!("{shape} class=\"marker\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"1.5\"/>"));
    }

    pub fn arrow(&mut self, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        let length = (x2 - x1).hypot(y2 - y1).max(1.0);
        let (dx, dy) = ((x2 - x1) / length, (y2 - y1) / length);
        let base = [x2 - 7.0 * dx, y2 - 7.0 * dy];
        self.line([x1, y1], base, AXIS, 1.2);
        let corners = [[x2, y2], [base[0] - 4.0 * dy, base[1] + 4.0 * dx], [base[0] + 4.0 * dy, base[1] - 4.0 * dx]];
        let corners: Vec<String> = corners.iter().map(|[x, y]| format!("{},{}", coordinate(*x), coordinate(*y))).collect();
        self.write(format_args!("<polygon points=\"{}\" fill=\"{AXIS}\"/>", corners.join(" ")));
    }

    pub fn text(&mut self, [x, y]: [f64; 2], style: Style, text: &str) {
        let class = match style.role {
            Role::Value => "value",
            Role::Tick => "tick",
            Role::Label => "label",
        };
        let anchor = match style.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if style.weight == Weight::Bold { " font-weight=\"600\"" } else { "" };
        let ([x, y], size, colour) = ([x, y].map(coordinate), style.size, style.colour);
        self.write(format_args!(
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{weight}{anchor} fill=\"{colour}\">{}</text>",
            escape(text)
        ));
    }
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
