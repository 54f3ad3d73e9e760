//! The signs that stand where a table or figure has no value, and what they mean; never why a cell is withheld.

use crate::disclosure::safe::State;
use crate::language::Phrase;

/// The sign of a state that has no value; a cell without units may have one, zero.
pub fn sign(state: State) -> &'static str {
    match state {
        State::Suppressed => "*",
        State::NotDelivered => "..",
        State::NotApplicable => "x",
        State::Value | State::Zero => "\u{2013}",
    }
}

/// What the sign means.
pub fn meaning(state: State) -> Phrase {
    match state {
        State::Suppressed => Phrase::new(
            "withheld to protect the firms behind this or another cell",
            "afgeschermd om de bedrijven achter deze of een andere cel te beschermen",
        ),
        State::NotDelivered => Phrase::new("the registers hold nothing for it", "de registers bevatten er niets over"),
        State::NotApplicable => Phrase::new("the cell cannot exist", "de cel kan niet bestaan"),
        State::Value | State::Zero => Phrase::new("no unit is in the cell", "er zijn geen eenheden in de cel"),
    }
}

/// What a zero means where a cell has units.
pub const ROUNDED: Phrase = Phrase::new("less than half of the last digit", "minder dan de helft van het laatste cijfer");

/// The states whose signs need an explanation, in the order of it.
pub const EXPLAINED: [State; 4] = [State::Suppressed, State::Zero, State::NotApplicable, State::NotDelivered];
