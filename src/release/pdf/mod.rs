//! Pages with text that can be searched, a structure that can be read aloud, and the same bytes for the same content: what figures and
//! report are printed with.

mod canvas;
mod file;
mod typeface;

pub use canvas::Ink;
pub use file::{Entry, Pdf, Role};

use super::figures::frame::Figure;

/// Points per unit of a figure: 96 units are an inch.
const SCALE: f64 = 0.75;

/// A figure as a page of its own size.
pub fn figure(figure: &Figure) -> Vec<u8> {
    let mut pdf = Pdf::new(&figure.title, figure.language);
    let page = pdf.page(figure.size.map(|length| length * SCALE));
    let tag = pdf.tag(None, Role::Figure(figure.description.clone()));
    pdf.write(page, Some(tag), |canvas| canvas.drawing(&figure.drawing, [0.0, 0.0], SCALE));
    pdf.finish()
}
