//! Figures as pictures and pages: PNG and PDF from the SVG itself, with the typeface of the program and no other.

use std::sync::{Arc, LazyLock};

use svg2pdf::usvg::{Options, Transform, Tree, fontdb};

use super::font;

/// Pixels per unit of a figure.
const SCALE: f32 = 2.0;
/// Units of a figure per inch of a page.
const UNITS_PER_INCH: f32 = 96.0;

static TYPEFACES: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut typefaces = fontdb::Database::new();
    typefaces.load_font_data(font::REGULAR.to_vec());
    typefaces.load_font_data(font::SEMI_BOLD.to_vec());
    Arc::new(typefaces)
});

/// An SVG of this program as both, PNG first; empty if it cannot be drawn.
pub fn png_and_pdf(svg: &str) -> (Vec<u8>, Vec<u8>) {
    let options = Options { fontdb: TYPEFACES.clone(), font_family: "Inter".into(), ..Options::default() };
    Tree::from_str(svg, &options).map_or_else(|_| (Vec::new(), Vec::new()), |tree| (png(&tree), pdf(&tree)))
}

fn png(tree: &Tree) -> Vec<u8> {
    let size = tree.size();
    let pixels = |length: f32| (length * SCALE).ceil() as u32;
    let Some(mut picture) = resvg::tiny_skia::Pixmap::new(pixels(size.width()), pixels(size.height())) else { return Vec::new() };
    resvg::render(tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
    picture.encode_png().unwrap_or_default()
}

/// One page. Texts are outlines: the library writes typefaces in an order that changes from run to run.
fn pdf(tree: &Tree) -> Vec<u8> {
    let options = svg2pdf::ConversionOptions { embed_text: false, ..svg2pdf::ConversionOptions::default() };
    let page = svg2pdf::PageOptions { dpi: UNITS_PER_INCH };
    svg2pdf::to_pdf(tree, options, page).unwrap_or_default()
}
