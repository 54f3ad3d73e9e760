//! The languages that a release speaks: texts in them, and the way each writes a number.

use std::fmt;

/// A language of the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    English,
    Dutch,
}

/// A text in English, and in Dutch where there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    pub english: String,
    pub dutch: Option<String>,
}

/// A text of the program itself, in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Phrase {
    pub english: &'static str,
    pub dutch: &'static str,
}

impl Language {
    /// The code that a file name and a `lang` attribute have.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Dutch => "nl",
        }
    }

    /// A decimal number with a point, as tables hold it, with the separators of the language: `1,234.5` or `1.234,5`. Digits are
    /// neither added nor taken away.
    ///
    /// ```
    /// use sluis::language::Language;
    /// assert_eq!(Language::English.number("-1234567.50"), "\u{2212}1,234,567.50");
    /// assert_eq!(Language::Dutch.number("1234.5"), "1.234,5");
    /// assert_eq!(Language::Dutch.number("999"), "999");
    /// ```
    pub fn number(self, value: &str) -> String {
        let (thousands, point) = match self {
            Language::English => (',', '.'),
            Language::Dutch => ('.', ','),
        };
        let digits = value.strip_prefix('-');
        let mut written = String::from(if digits.is_some() { "\u{2212}" } else { "" });
        let (whole, fraction) = digits.unwrap_or(value).split_once('.').unwrap_or((digits.unwrap_or(value), ""));
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                written.push(thousands);
            }
            written.push(digit);
        }
        if !fraction.is_empty() {
            written.push(point);
            written.push_str(fraction);
        }
        written
    }

    /// `a`, `a and b`, `a, b and c`.
    pub fn list(self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., last] => format!("{} {} {last}", first.join(", "), AND.of(self)),
        }
    }
}

const AND: Phrase = Phrase::new("and", "en");

impl Text {
    pub fn new(english: impl Into<String>, dutch: Option<String>) -> Self {
        Self { english: english.into(), dutch }
    }

    /// A text that reads the same everywhere.
    pub fn same(text: impl Into<String>) -> Self {
        Self::new(text, None)
    }

    /// The text in a language; in English where it has no other.
    pub fn of(&self, language: Language) -> &str {
        match (language, &self.dutch) {
            (Language::Dutch, Some(dutch)) => dutch,
            _ => &self.english,
        }
    }
}

impl Phrase {
    pub const fn new(english: &'static str, dutch: &'static str) -> Self {
        Self { english, dutch }
    }

    pub fn of(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Dutch => self.dutch,
        }
    }
}

impl From<Phrase> for Text {
    fn from(phrase: Phrase) -> Self {
        Self::new(phrase.english, Some(phrase.dutch.to_owned()))
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.english)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.english)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_and() {
        let items = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(Language::English.list(&items), "a, b and c");
        assert_eq!(Language::Dutch.list(&items[..2]), "a en b");
        assert_eq!(Language::Dutch.list(&items[..1]), "a");
    }

    #[test]
    fn a_text_without_dutch_stays_english() {
        assert_eq!(Text::same("size").of(Language::Dutch), "size");
        assert_eq!(Text::new("size", Some("grootte".into())).of(Language::Dutch), "grootte");
    }
}
