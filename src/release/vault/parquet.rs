//! `cells.parquet`: the cells as typed columns, for a checker's own tools.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};

use super::super::parquet::bytes;
use super::Texts;

/// Counts as whole numbers, values as floating numbers, the rest as text; an empty text of a number is null.
pub fn file(texts: &Texts) -> Vec<u8> {
    let column = |(at, name): (usize, &&str)| {
        let texts = || texts.rows.iter().map(|row| row[at].as_str());
        let column: ArrayRef = match *name {
            "n" | "contributors" => Arc::new(Int64Array::from_iter(texts().map(|text| text.parse::<i64>().ok()))),
            "value" | "published" => Arc::new(Float64Array::from_iter(texts().map(|text| text.parse::<f64>().ok()))),
            _ => Arc::new(StringArray::from_iter_values(texts())),
        };
        ((*name).to_owned(), column)
    };
    bytes(texts.header.iter().enumerate().map(column).collect(), &[])
}
