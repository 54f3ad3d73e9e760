//! Figures as pictures: PNG from the SVG itself, with the typeface of the program and no other.

use std::sync::{Arc, LazyLock};

use resvg::usvg::{Options, Transform, Tree, fontdb};

use super::font;

/// Pixels per unit of a figure.
const SCALE: f32 = 2.0;

static TYPEFACES: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut typefaces = fontdb::Database::new();
    typefaces.load_font_data(font::REGULAR.to_vec());
    typefaces.load_font_data(font::SEMI_BOLD.to_vec());
    Arc::new(typefaces)
});

/// An SVG of this program as a picture; empty if it cannot be drawn.
pub fn png(svg: &str) -> Vec<u8> {
    let options = Options { fontdb: TYPEFACES.clone(), font_family: "Inter".into(), ..Options::default() };
    Tree::from_str(svg, &options).ok().and_then(|tree| picture(&tree)).unwrap_or_default()
}

fn picture(tree: &Tree) -> Option<Vec<u8>> {
    let size = tree.size();
    let pixels = |length: f32| (length * SCALE).ceil() as u32;
    let mut picture = resvg::tiny_skia::Pixmap::new(pixels(size.width()), pixels(size.height()))?;
    resvg::render(tree, Transform::from_scale(SCALE, SCALE), &mut picture.as_mut());
    picture.encode_png().ok()
}
