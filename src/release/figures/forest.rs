//! A forest plot: an estimate with its interval per row, around the line of no effect.

use super::Body;
use super::bars::capital;
use super::font::{self, Weight};
use super::scale::Scale;
use super::svg::{AXIS, Anchor, Drawing, GRID, Style};
use crate::disclosure::safe::{SafeRow, SafeTable, State};
use crate::language::{Language, Phrase};
use crate::release::symbols;

/// The key column that tells the estimate from the bounds of its interval.
pub const COLUMN: &str = "bound";
const BOUNDS: [&str; 3] = ["estimate", "lower", "upper"];
const ROW: f64 = 22.0;
const TO: Phrase = Phrase::new("to", "tot");

/// An effect: the released estimate, lower and upper bound.
struct Effect<'a> {
    label: String,
    bounds: [Option<&'a SafeRow>; 3],
}

/// Draws the estimates and intervals of a table, in the order of its rows.
pub fn forest(table: &SafeTable, width: f64, language: Language) -> Body {
    let effects = effects(table, language);
    let size = Style::LABEL.size;
    let widest =
        |texts: &mut dyn Iterator<Item = String>| texts.map(|text| font::width(&text, size, Weight::Regular)).fold(0.0, f64::max);
    let left = widest(&mut effects.iter().map(|effect| effect.label.clone())) + 14.0;
    let right = widest(&mut effects.iter().map(|effect| effect.text(language))) + 14.0;
    let scale = Scale::around(effects.iter().flat_map(Effect::numbers).flatten(), 0.0, 5);
    let place = |value: f64| left + (width - left - right) * scale.part(value);
    let bottom = ROW * effects.len() as f64 + 4.0;
    let mut drawing = Drawing::default();
    for tick in &scale.ticks {
        drawing.line([place(*tick), 0.0], [place(*tick), bottom], GRID, 0.8);
        let style = Style::TICK.anchored(Anchor::Middle);
        drawing.text([place(*tick), bottom + 12.0], style, &scale.label(*tick, language));
    }
    drawing.line([place(0.0), 0.0], [place(0.0), bottom], AXIS, 1.2);
    for (at, effect) in effects.iter().enumerate() {
        let y = ROW * at as f64 + ROW / 2.0 + 2.0;
        drawing.text([0.0, y + 4.0], Style::LABEL, &effect.label);
        drawing.text([width, y + 4.0], Style::VALUE.anchored(Anchor::End), &effect.text(language));
        if let [Some(estimate), Some(lower), Some(upper)] = effect.numbers() {
            drawing.line([place(lower), y], [place(upper), y], super::svg::colour(0), 2.0);
            drawing.marker([place(estimate), y], 0, 3.6);
        }
    }
    Body { drawing, height: bottom + 18.0, own_scales: false }
}

fn effects(table: &SafeTable, language: Language) -> Vec<Effect<'_>> {
    let columns: Vec<&String> = table.columns.iter().filter(|column| *column != COLUMN).collect();
    let mut effects: Vec<(Vec<&str>, Effect<'_>)> = Vec::new();
    for row in &table.rows {
        let code = |column: &str| row.key.get(column).map_or("", String::as_str);
        let key: Vec<&str> = columns.iter().map(|column| code(column)).collect();
        let Some(bound) = BOUNDS.iter().position(|bound| *bound == code(COLUMN)) else { continue };
        if !effects.iter().any(|(known, _)| *known == key) {
            let words = columns.iter().zip(&key).map(|(column, code)| table.presentation.class(column, code, language));
            let label = capital(&words.collect::<Vec<_>>().join(", "));
            effects.push((key.clone(), Effect { label, bounds: [None; 3] }));
        }
        if let Some((_, effect)) = effects.iter_mut().find(|(known, _)| *known == key) {
            effect.bounds[bound] = Some(row);
        }
    }
    effects.into_iter().map(|(_, effect)| effect).collect()
}

impl Effect<'_> {
    fn numbers(&self) -> [Option<f64>; 3] {
        self.bounds.map(|row| row?.value.as_ref()?.parse().ok())
    }

    /// `1.2 (−0.3 to 2.7)`; the sign of its state where one of the three is withheld.
    fn text(&self, language: Language) -> String {
        let value = |row: Option<&SafeRow>| row.and_then(|row| row.value.as_deref()).map(|value| language.number(value));
        match self.bounds.map(value) {
            [Some(estimate), Some(lower), Some(upper)] => format!("{estimate} ({lower} {} {upper})", TO.of(language)),
            _ => {
                let without = self.bounds.into_iter().flatten().find(|row| row.value.is_none());
                let state = without.map_or(State::NotApplicable, |row| row.state);
                symbols::sign(state, language).to_owned()
            }
        }
    }
}
