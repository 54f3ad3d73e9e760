//! The formats of cells. Colours keep a contrast of more than 7 to 1 with the text on them.

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder};

pub struct Styles {
    pub title: Format,
    pub text: Format,
    pub wrapped: Format,
    pub link: Format,
    pub header: Format,
    pub aside_header: Format,
    pub number_header: Format,
    /// Whole numbers such as years, without a separator, to the left.
    pub year: Format,
    pub whole: Format,
}

/// What a cell says of the other arm, beside its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shade {
    Plain,
    Above,
    Below,
}

impl Styles {
    pub fn new() -> Self {
        let header =
            Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Bottom).set_border_bottom(FormatBorder::Medium);
        Self {
            title: Format::new().set_bold().set_font_size(16),
            text: body().set_align(FormatAlign::Left),
            wrapped: body().set_align(FormatAlign::Left).set_text_wrap(),
            link: body()
                .set_align(FormatAlign::Left)
                .set_font_color(0x0B_3D_91_u32)
                .set_underline(rust_xlsxwriter::FormatUnderline::Single),
            number_header: header.clone().set_align(FormatAlign::Right),
            aside_header: header.clone().set_align(FormatAlign::Left).set_indent(1),
            header: header.set_align(FormatAlign::Left),
            year: body().set_num_format("0").set_align(FormatAlign::Left),
            whole: number(0, Shade::Plain),
        }
    }
}

fn body() -> Format {
    Format::new().set_align(FormatAlign::Top)
}

/// A number with so many decimals; a symbol in its place stands to the right as well.
pub fn number(decimals: u32, shade: Shade) -> Format {
    let pattern = match decimals {
        0 => "#,##0".to_owned(),
        decimals => format!("#,##0.{}", "0".repeat(decimals as usize)),
    };
    shaded(body().set_num_format(pattern).set_align(FormatAlign::Right), shade)
}

/// Text beside a number, in the same shade.
pub fn words(shade: Shade) -> Format {
    shaded(body().set_align(FormatAlign::Left).set_indent(1), shade)
}

/// Height of a row, in points, whose text takes so many lines. Programs do not all find it themselves.
pub fn height(lines: usize) -> f64 {
    15.0 * lines.max(1) as f64
}

/// Lines that a text takes when words are wrapped at a number of characters.
pub fn lines(text: &str, width: usize) -> usize {
    let mut lines = 1;
    let mut used = 0;
    for word in text.split(' ').map(|word| word.chars().count()) {
        if used > 0 && used + 1 + word > width {
            lines += 1;
            used = 0;
        }
        used += word + usize::from(used > 0);
    }
    lines
}

fn shaded(format: Format, shade: Shade) -> Format {
    match shade {
        Shade::Plain => format,
        Shade::Above => format.set_background_color(0xD5_EF_DB_u32).set_font_color(0x0B_3D_1E_u32),
        Shade::Below => format.set_background_color(0xFB_DC_DA_u32).set_font_color(0x6B_11_0C_u32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_wrapped_at_the_width() {
        assert_eq!(lines("Other firms (eur per person)", 40), 1);
        assert_eq!(lines("Other firms (eur per person)", 12), 3);
        assert_eq!(lines("", 12), 1);
    }
}
