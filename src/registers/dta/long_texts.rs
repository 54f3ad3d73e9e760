//! Long texts stand behind the rows of a Stata file; a row holds a reference to one, and many rows can hold the same.

use hashbrown::HashMap;

use super::super::bytes::{BROKEN, Bytes};
use super::super::reader::Unreadable;
use super::header::{Header, until_zero};

/// The content is binary, or a text that ends with a byte 0.
const BINARY: u8 = 129;
const TEXT: u8 = 130;

#[derive(Default)]
pub(super) struct LongTexts {
    /// By reference, as it stands in a row.
    texts: HashMap<[u8; 8], Vec<u8>>,
}

impl LongTexts {
    pub(super) fn read(bytes: &mut Bytes, header: &Header) -> Result<Self, Unreadable> {
        bytes.seek(header.long_texts)?;
        bytes.expect(b"<strls>")?;
        let mut texts = HashMap::new();
        loop {
            match &bytes.array::<3>()? {
                b"GSO" => {}
                b"</s" => return Ok(Self { texts }),
                _ => return Err(BROKEN),
            }
            let variable = bytes.u32()?;
            let row = if header.release == 117 { u64::from(bytes.u32()?) } else { bytes.u64()? };
            let kind = bytes.u8()?;
            let length = u64::from(bytes.u32()?);
            let content = bytes.vec(length)?;
            match kind {
                TEXT => texts.insert(reference(variable, row, header), until_zero(&content).to_vec()),
                BINARY => texts.insert(reference(variable, row, header), content),
                _ => return Err(BROKEN),
            };
        }
    }

    /// The text of a reference, `None` when it leads nowhere; zeros stand for an empty text.
    pub(super) fn get(&self, reference: &[u8; 8]) -> Option<&[u8]> {
        if *reference == [0; 8] { Some(&[]) } else { self.texts.get(reference).map(Vec::as_slice) }
    }
}

/// A reference as rows hold it: in eight bytes, of which the variable takes four, two or three.
fn reference(variable: u32, row: u64, header: &Header) -> [u8; 8] {
    let row_bits = match header.release {
        117 => 32,
        118 => 48,
        _ => 40,
    };
    if header.big_endian {
        (u64::from(variable) << row_bits | row).to_be_bytes()
    } else {
        (row << (64 - row_bits) | u64::from(variable)).to_le_bytes()
    }
}
