//! The two weights of the typeface inside a PDF: their outlines, their widths, and which letter a glyph stands for.

use std::collections::BTreeMap;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Finish, Name, Pdf, Rect, Ref, Str};
use ttf_parser::{Face, GlyphId, Tag};

use super::file::deflate;
use crate::release::figures::font::{self, Weight};

/// The weights, in the order of their names in a page.
pub const WEIGHTS: [(Weight, &str, &str); 2] = [(Weight::Regular, "F0", "Inter-Regular"), (Weight::Bold, "F1", "Inter-SemiBold")];

const IDENTITY: SystemInfo<'static> = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// The name of a weight in the resources of a page.
pub fn name(weight: Weight) -> Name<'static> {
    if weight == Weight::Bold { Name(b"F1") } else { Name(b"F0") }
}

/// The glyphs of a text, two bytes each. A letter that the typeface lacks is its empty box.
pub fn glyphs(text: &str, weight: Weight) -> Vec<u8> {
    let face = font::face(weight);
    let glyph = |letter| face.and_then(|face| face.glyph_index(letter)).map_or(0, |glyph| glyph.0);
    text.chars().flat_map(|letter| glyph(letter).to_be_bytes()).collect()
}

/// Writes a weight into the file under these five numbers.
pub fn write(pdf: &mut Pdf, [font, descendant, descriptor, outlines, letters]: [Ref; 5], weight: Weight, name: &str) {
    let Some(face) = font::face(weight) else { return };
    let name = Name(name.as_bytes());
    pdf.type0_font(font).base_font(name).encoding_predefined(Name(b"Identity-H")).descendant_font(descendant).to_unicode(letters);
    let scale = |units: f64| (units * 1000.0 / f64::from(face.units_per_em())) as f32;
    let width = |glyph| scale(f64::from(face.glyph_hor_advance(GlyphId(glyph)).unwrap_or(0)));
    let mut cid = pdf.cid_font(descendant);
    cid.subtype(CidFontType::Type0).base_font(name).system_info(IDENTITY).font_descriptor(descriptor).default_width(0.0);
    cid.widths().consecutive(0, (0..face.number_of_glyphs()).map(width));
    cid.finish();
    let bounds = face.global_bounding_box();
    let bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(|edge| scale(f64::from(edge)));
    pdf.font_descriptor(descriptor)
        .name(name)
        .flags(FontFlags::NON_SYMBOLIC)
        .bbox(Rect::new(bounds[0], bounds[1], bounds[2], bounds[3]))
        .italic_angle(0.0)
        .ascent(scale(f64::from(face.ascender())))
        .descent(scale(f64::from(face.descender())))
        .cap_height(scale(f64::from(face.capital_height().unwrap_or(face.ascender()))))
        .stem_v(if weight == Weight::Bold { 120.0 } else { 80.0 })
        .font_file3(outlines);
    let cff = deflate(face.raw_face().table(Tag::from_bytes(b"CFF ")).unwrap_or_default());
    pdf.stream(outlines, &cff).filter(pdf_writer::Filter::FlateDecode).pair(Name(b"Subtype"), Name(b"CIDFontType0C"));
    let cmap = deflate(&unicode(face));
    pdf.cmap(letters, &cmap).filter(pdf_writer::Filter::FlateDecode);
}

/// Which letter each glyph stands for; the first where several have one glyph.
fn unicode(face: &Face<'_>) -> Vec<u8> {
    let mut letters: BTreeMap<u16, char> = BTreeMap::new();
    for table in face.tables().cmap.iter().flat_map(|cmap| cmap.subtables).filter(|table| table.is_unicode()) {
        table.codepoints(|code| {
            if let Some((letter, glyph)) = char::from_u32(code).zip(table.glyph_index(code)) {
                let known = letters.entry(glyph.0).or_insert(letter);
                *known = letter.min(*known);
            }
        });
    }
    let mut cmap = UnicodeCmap::new(Name(b"Letters"), IDENTITY);
    letters.iter().for_each(|(glyph, letter)| cmap.pair(*glyph, *letter));
    cmap.finish()
}
