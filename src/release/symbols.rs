//! The signs that stand where a table or figure has no value, and what they mean; never why a cell is withheld.

use crate::disclosure::safe::State;
use crate::language::{Language, Phrase};

/// The sign of a state that has no value; a cell without units may have one, zero. `x` and `.` would be read as withheld by those who
/// know the signs of Statistics Netherlands.
pub fn sign(state: State, language: Language) -> &'static str {
    match state {
        State::Suppressed => "*",
        State::NotDelivered => "..",
        State::NotApplicable => NOT_APPLICABLE.of(language),
        State::Value | State::Zero => "\u{2013}",
    }
}

const NOT_APPLICABLE: Phrase = Phrase::new("n/a", "n.v.t.");

/// What the sign means.
pub fn meaning(state: State) -> Phrase {
    match state {
        State::Suppressed => Phrase::new(
            "withheld to protect the firms behind this or another cell",
            "afgeschermd om de bedrijven achter deze of een andere cel te beschermen",
        ),
        State::NotDelivered => Phrase::new(
            "not available: the registers hold nothing for it",
            "niet beschikbaar: de registers bevatten er niets over",
        ),
        State::NotApplicable => Phrase::new("not applicable", "niet van toepassing"),
        State::Value | State::Zero => Phrase::new("nil: there is nothing in this cell", "nihil: er is niets in deze cel"),
    }
}

/// What a zero means where a cell has units.
pub const ROUNDED: Phrase = Phrase::new("less than half of the unit shown", "minder dan de helft van de getoonde eenheid");

/// A sign with its meaning, as a note.
pub fn note(sign: &str, meaning: Phrase, language: Language) -> String {
    format!("{sign} = {}", meaning.of(language))
}

/// The states whose signs need an explanation, in the order of it.
pub const EXPLAINED: [State; 4] = [State::Suppressed, State::Zero, State::NotApplicable, State::NotDelivered];
