//! What stands around a drawing: title, what is shown, the names of the series, notes and source.

use super::bars::capital;
use super::font::{self, Weight};
use super::grid::Grid;
use super::svg::{Drawing, GREY, PAPER, Style, escape};
use super::{Body, Kind, Place, explained, symbols, title, unit, years};
use crate::disclosure::safe::{SafeTable, State};
use crate::language::{Language, Phrase};
use crate::tables::set::{About, Statistic};

pub const WIDTH: f64 = 680.0;
/// That of a figure for a narrow screen.
pub const NARROW: f64 = 380.0;
pub const MARGIN: f64 = 16.0;

const TITLE: Style = Style { size: 15.0, weight: Weight::Bold, ..Style::LABEL };
const SUBTITLE: Style = Style { size: 11.5, colour: GREY, ..Style::LABEL };
const NOTE: Style = Style { size: 9.5, colour: GREY, ..Style::LABEL };

const OWN_SCALES: Phrase = Phrase::new("Every indicator has a scale of its own.", "Elke indicator heeft een eigen schaal.");
const INTERVAL: Phrase = Phrase::new("Estimate with its interval.", "Schatting met betrouwbaarheidsinterval.");
const MEANS: Phrase = Phrase::new(
    "The value of each firm is computed first; the mean is taken over firms.",
    "Eerst is de waarde per bedrijf berekend; het gemiddelde is over bedrijven genomen.",
);
const STEPS: Phrase = Phrase::new(
    "Each bar begins where the one above it ends; together they add up to the change. Other firms with a value: a firm counts in the \
     mean of a year only if it has a value in that year.",
    "Elke staaf begint waar de vorige eindigt; samen tellen zij op tot de verandering. Andere bedrijven met een waarde: een bedrijf telt \
     alleen mee in het gemiddelde van een jaar als het in dat jaar een waarde heeft.",
);
const SOURCE: Phrase = Phrase::new("Source", "Bron");

/// What a drawing is put into its frame with.
pub struct Shown<'a> {
    pub about: &'a About,
    pub table: &'a SafeTable,
    /// The part of the table that is drawn.
    pub drawn: &'a SafeTable,
    pub kind: Kind,
    pub grid: &'a Grid,
    pub place: Place,
    pub language: Language,
}

/// A drawing in its frame, with what those are told who cannot see it.
#[derive(Clone, Debug)]
pub struct Figure {
    id: String,
    pub title: String,
    pub description: String,
    pub drawing: Drawing,
    /// What is left out of the drawing on the left: in a report, figures stand flush with the text.
    pub left: f64,
    pub size: [f64; 2],
    pub language: Language,
}

/// The whole figure; in a report, title and source stand in the text around it.
pub fn frame(shown: &Shown<'_>, body: Body) -> Figure {
    let Shown { about, table, drawn, kind, grid, place, language } = *shown;
    let [left, right] = place.left_out();
    let mut page = Drawing::default();
    let mut y = MARGIN + 12.0;
    if place == Place::Alone {
        y = paragraph(&mut page, place, y, TITLE, 19.0, title(table, language));
    }
    y = paragraph(&mut page, place, y, SUBTITLE, 15.0, &subtitle(table, drawn, language));
    if grid.series.len() > 1 && !matches!(kind, Kind::Forest | Kind::Waterfall) {
        y = legend(&mut page, place, y + 4.0, grid, matches!(kind, Kind::Lines | Kind::IndexLines));
    }
    let top = y + 2.0;
    page.put([MARGIN, top], body.drawing);
    y = top + body.height + 14.0;
    let source = (place == Place::Alone).then(|| origin(about, language)).flatten();
    for note in notes(table, kind, body.own_scales, language).into_iter().chain(source) {
        y = paragraph(&mut page, place, y, NOTE, 12.5, &note);
    }
    Figure {
        id: if place == Place::Narrow { format!("{}-narrow", table.id) } else { table.id.clone() },
        title: title(table, language).to_owned(),
        description: description(shown),
        drawing: page,
        left,
        size: [place.width() - left - right, (y + MARGIN - 12.0).ceil()],
        language,
    }
}

fn paragraph(page: &mut Drawing, place: Place, mut y: f64, style: Style, height: f64, text: &str) -> f64 {
    for line in font::lines(text, style.size, style.weight, place.inside()) {
        page.text([MARGIN, y], style, &line);
        y += height;
    }
    y
}

fn subtitle(table: &SafeTable, drawn: &SafeTable, language: Language) -> String {
    let mut parts = vec![capital(&unit(table, language)), years(drawn)];
    parts.extend(super::only(drawn, language));
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// The names of the series, in the order in which they are drawn.
fn legend(page: &mut Drawing, place: Place, y: f64, grid: &Grid, lines: bool) -> f64 {
    let (mut x, mut y) = (MARGIN, y);
    for (at, series) in grid.series.iter().enumerate() {
        let label = capital(&series.label);
        let width = font::width(&label, Style::LABEL.size, Weight::Regular) + 36.0;
        if x > MARGIN && x + width > place.width() - MARGIN {
            (x, y) = (MARGIN, y + 16.0);
        }
        if lines {
            page.polyline(&[[x, y - 4.0], [x + 14.0, y - 4.0]], at);
            page.marker([x + 7.0, y - 4.0], at, 2.6);
        } else {
            page.rectangle([x + 2.0, y - 9.0, 10.0, 10.0], super::svg::colour(at));
        }
        page.text([x + 18.0, y], Style::LABEL, &label);
        x += width;
    }
    y + 14.0
}

fn notes(table: &SafeTable, kind: Kind, own_scales: bool, language: Language) -> Vec<String> {
    // Cells that cannot exist are no bars of a change.
    let signs = explained(table).into_iter().filter(|state| kind != Kind::Waterfall || *state != State::NotApplicable);
    let mut notes: Vec<String> =
        signs.map(|state| symbols::note(symbols::sign(state, language), symbols::meaning(state), language)).collect();
    let rounded = |row: &crate::disclosure::safe::SafeRow| {
        row.state == State::Value && row.value.as_ref().is_some_and(|value| value.parse() == Ok(0.0))
    };
    notes.extend(table.rows.iter().any(rounded).then(|| symbols::note("0", symbols::ROUNDED, language)));
    let mut sentences: Vec<&str> = Vec::new();
    sentences.extend((table.statistic == Statistic::Mean && kind != Kind::Forest).then_some(MEANS.of(language)));
    sentences.extend((kind == Kind::Forest).then_some(INTERVAL.of(language)));
    sentences.extend((kind == Kind::Waterfall).then_some(STEPS.of(language)));
    sentences.extend(own_scales.then_some(OWN_SCALES.of(language)));
    notes.extend((!sentences.is_empty()).then(|| sentences.join(" ")));
    notes
}

/// The line with the source, when the study names one.
pub fn source(about: &About, language: Language) -> Option<String> {
    about.data_source.as_ref().map(|source| format!("{}: {}.", SOURCE.of(language), source.of(language)))
}

/// The study and the source: a figure on its own tells where it is from.
fn origin(about: &About, language: Language) -> Option<String> {
    let study = Some(about.title.of(language)).filter(|title| !title.is_empty()).map(|title| format!("{title}."));
    let parts: Vec<String> = study.into_iter().chain(source(about, language)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// What is drawn, for those who cannot see it.
fn description(shown: &Shown<'_>) -> String {
    let Shown { table, kind, grid, language, .. } = *shown;
    let what = match kind {
        Kind::Flow => Phrase::new("Boxes from step to step", "Vakken van stap tot stap"),
        Kind::Forest => Phrase::new("Estimates with their intervals", "Schattingen met hun intervallen"),
        Kind::Lines | Kind::IndexLines => Phrase::new("Lines over the years", "Lijnen over de jaren"),
        Kind::Bars | Kind::IndexBars => Phrase::new("Bars", "Staven"),
        Kind::Waterfall => Phrase::new("Bars that add up to a change", "Staven die samen een verandering zijn"),
    };
    const FOR: Phrase = Phrase::new("for", "voor");
    const WITHHELD: Phrase = Phrase::new("Some cells are withheld.", "Enkele cellen zijn afgeschermd.");
    const NUMBERS: Phrase =
        Phrase::new("The numbers stand in the table of the same name.", "De getallen staan in de tabel met dezelfde naam.");
    let mut text = what.of(language).to_owned();
    let series: Vec<String> = grid.series.iter().map(|series| series.label.to_lowercase()).collect();
    if series.len() > 1 && kind != Kind::Waterfall {
        text.push_str(&format!(" {} {}", FOR.of(language), language.list(&series)));
    }
    text.push_str(". ");
    if explained(table).contains(&State::Suppressed) {
        text.push_str(&format!("{} ", WITHHELD.of(language)));
    }
    text + NUMBERS.of(language)
}

impl Figure {
    /// The file of the figure.
    pub fn svg(&self) -> String {
        let (id, left, [width, height]) = (&self.id, self.left, self.size);
        format!(
            concat!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"{left} 0 {width} {height}\" ",
                "role=\"img\" lang=\"{code}\" aria-labelledby=\"{id}-title {id}-desc\" font-family=\"{families}\">",
                "<title id=\"{id}-title\">{title}</title><desc id=\"{id}-desc\">{description}</desc>",
                "<rect x=\"{left}\" width=\"{width}\" height=\"{height}\" fill=\"{paper}\"/>{body}</svg>\n"
            ),
            left = left,
            width = width,
            height = height,
            code = self.language.code(),
            id = id,
            families = font::FAMILIES,
            title = escape(&self.title),
            description = escape(&self.description),
            paper = PAPER,
            body = self.drawing.svg(),
        )
    }
}
