//! A mark is what a file says of a cell: nothing, to be shown, unsafe, withheld for another, withheld for a reason not told, or empty.

/// What a status column says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    #[default]
    Nothing,
    /// Safe by declaration, whatever a rule says; only the job of τ-ARGUS that says it is held to it.
    Safe,
    /// Published before, or not to be withheld.
    Shown,
    /// Unsafe by declaration.
    Unsafe,
    /// Withheld to protect another.
    Secondary,
    /// Withheld, the reason is not told.
    Withheld,
    /// There is no unit in it.
    Empty,
}

/// The usual texts in lower case: letters of τ-ARGUS, sdcTable and the SBS format, and the status codes 1 to 14 of τ-ARGUS.
const MARKS: &[(Mark, &[&str])] = &[
    (Mark::Nothing, &["", "s", "safe", "v", "value", "zero", "ok", "1", "2", "13"]),
    (Mark::Shown, &["p", "z", "protected", "published", "shown", "fixed", "10"]),
    (Mark::Unsafe, &["u", "unsafe", "primary", "a", "b", "c", "f", "3", "4", "5", "6", "7", "8", "9"]),
    (Mark::Secondary, &["x", "m", "d", "secondary", "11", "12"]),
    (Mark::Withheld, &["suppressed", "withheld", "w"]),
    (Mark::Empty, &["e", "empty", "-", "14"]),
];

/// Texts that stand for a withheld value.
pub const SYMBOLS: &[&str] =
    &["", "x", "X", "c", ":c", ": c", ":", "*", "**", "***", ".", "..", "...", "na", "NA", "NaN", "nan", "null", "NULL"];

/// What a text in a status column says; `None` when it is none of the usual ones.
pub fn mark(text: &str) -> Option<Mark> {
    let text = text.to_lowercase();
    MARKS.iter().find(|(_, texts)| texts.contains(&text.as_str())).map(|(mark, _)| *mark)
}

/// What a text in a column of yes and no says.
pub fn yes(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "t" | "1" | "yes" | "y" => Some(true),
        "false" | "f" | "0" | "no" | "n" | "" | "na" => Some(false),
        _ => None,
    }
}

impl Mark {
    /// Whether the cell is not shown.
    pub fn is_withheld(self) -> bool {
        matches!(self, Mark::Unsafe | Mark::Secondary | Mark::Withheld)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_has_two_meanings() {
        let mut all: Vec<&str> = MARKS.iter().flat_map(|(_, texts)| texts.iter().copied()).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert_eq!((mark("U"), mark("11"), mark("?")), (Some(Mark::Unsafe), Some(Mark::Secondary), None));
    }
}
