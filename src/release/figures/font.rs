//! The typeface of figures and report, Inter by The Inter Project Authors (SIL Open Font License), and how wide its texts are.

use std::sync::LazyLock;

use ttf_parser::Face;

/// Latin letters, figures and signs of the typeface, in two weights.
pub const REGULAR: &[u8] = include_bytes!("fonts/Inter-Regular.otf");
pub const SEMI_BOLD: &[u8] = include_bytes!("fonts/Inter-SemiBold.otf");

/// The families by which texts ask for it, and what stands in where it is missing.
pub const FAMILIES: &str = "Inter, Helvetica, Arial, sans-serif";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

static FACES: LazyLock<[Option<Face<'static>>; 2]> =
    LazyLock::new(|| [REGULAR, SEMI_BOLD].map(|bytes| Face::parse(bytes, 0).ok()));

/// The width of a text of this size, without kerning.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let Some(face) = face(weight) else { return text.chars().count() as f64 * size * 0.6 };
    let advance =
        |letter| face.glyph_index(letter).and_then(|glyph| face.glyph_hor_advance(glyph)).unwrap_or(face.units_per_em());
    let units: f64 = text.chars().map(|letter| f64::from(advance(letter))).sum();
    units / f64::from(face.units_per_em()) * size
}

/// The face of a weight; none if the typeface were broken.
pub fn face(weight: Weight) -> Option<&'static Face<'static>> {
    FACES[usize::from(weight == Weight::Bold)].as_ref()
}

/// The lines in which a text fits into a width; a word longer than that has a line of its own.
pub fn lines(text: &str, size: f64, weight: Weight, max_width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size, weight) <= max_width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_text_is_wider_and_breaks_between_words() {
        assert!(width("wide", 10.0, Weight::Regular) < width("wider", 10.0, Weight::Regular));
        assert!(width("wide", 10.0, Weight::Regular) < width("wide", 10.0, Weight::Bold));
        assert_eq!(lines("one two three", 10.0, Weight::Regular, 45.0), ["one two", "three"]);
    }

    #[test]
    fn every_sign_that_figures_use_is_in_the_typeface() {
        for bytes in [REGULAR, SEMI_BOLD] {
            let face = Face::parse(bytes, 0).expect("a typeface");
            let missing = |letter: &char| face.glyph_index(*letter).is_none();
            let signs = "aZ09éëïöüçßñ.,;:()%*\u{2212}\u{2013}\u{2026}€×▲▼–";
            assert_eq!(signs.chars().find(missing), None);
        }
    }
}
