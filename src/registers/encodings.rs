//! The encoding of the texts in a binary file: what the file names, or what its bytes look like.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use super::faults::{self, Fault};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    Named(&'static Encoding),
    /// The file names none: UTF-8 where the bytes are that, Windows-1252 otherwise.
    Unnamed,
    /// The file names one that is not known here; ASCII is the same in all of them.
    Unknown,
}

impl Script {
    pub(super) const UTF8: Script = Script::Named(UTF_8);

    /// From a name such as `UTF-8`, `windows-1252`, `CP1250` or `ISO_8859-15`.
    pub(super) fn named(name: &str) -> Self {
        let name = name.trim().to_ascii_lowercase().replace('_', "-");
        let page = ["windows-", "windows", "x-cp", "cp"].iter().find_map(|prefix| name.strip_prefix(prefix)?.parse().ok());
        match page {
            _ if name.is_empty() => Script::Unnamed,
            Some(page) => Self::page(page),
            None => Encoding::for_label(name.as_bytes()).map_or(Script::Unknown, Script::Named),
        }
    }

    /// From the number of a code page; 2 and 3 stand for ASCII and for whatever else the writer had.
    pub(super) fn page(page: u32) -> Self {
        let label = match page {
            2 | 3 | 20127 => return Script::Unnamed,
            65001 => "utf-8".to_owned(),
            28591..=28606 => format!("iso-8859-{}", page - 28590),
            874 | 1250..=1258 => format!("windows-{page}"),
            _ => return Script::Unknown,
        };
        Encoding::for_label(label.as_bytes()).map_or(Script::Unknown, Script::Named)
    }

    /// The text, or what is wrong with it.
    pub(super) fn read(self, bytes: &[u8]) -> Result<Cow<'_, str>, &'static Fault> {
        if let Ok(text) = std::str::from_utf8(bytes)
            && (text.is_ascii() || self == Script::UTF8 || self == Script::Unnamed)
        {
            return Ok(Cow::Borrowed(text));
        }
        match self {
            Script::Unknown => Err(&faults::UNKNOWN_ENCODING),
            Script::Unnamed => decode(WINDOWS_1252, bytes).ok_or(&faults::NO_ENCODING),
            Script::Named(encoding) => decode(encoding, bytes).ok_or(&faults::OTHER_ENCODING),
        }
    }
}

/// The decoder takes the five bytes that Windows-1252 leaves open for control characters; no text holds those.
fn decode<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Option<Cow<'a, str>> {
    let open = |byte: &u8| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D);
    if encoding == WINDOWS_1252 && bytes.iter().any(open) {
        return None;
    }
    encoding.decode_without_bom_handling_and_without_replacement(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_pages_go_by_many_names() {
        for name in ["windows-1252", "CP1252", "WINDOWS-1252", "ISO_8859-1", "latin1"] {
            assert_eq!(Script::named(name), Script::Named(WINDOWS_1252), "{name}");
        }
        assert_eq!(Script::named("UTF-8"), Script::UTF8);
        assert_eq!(Script::page(65001), Script::UTF8);
        assert_eq!(Script::named("cp1250"), Script::Named(encoding_rs::WINDOWS_1250));
        assert_eq!(Script::named("cp850"), Script::Unknown);
        assert_eq!(Script::named("  "), Script::Unnamed);
    }

    #[test]
    fn a_text_is_read_as_its_encoding_or_not_at_all() {
        assert_eq!(Script::UTF8.read("café".as_bytes()).unwrap(), "café");
        assert_eq!(Script::UTF8.read(b"caf\xE9").unwrap_err(), &faults::OTHER_ENCODING);
        assert_eq!(Script::named("cp1252").read(b"caf\xE9").unwrap(), "café");
        assert_eq!(Script::named("cp1250").read(b"\xE8").unwrap(), "č");
        assert_eq!(Script::named("cp1252").read(b"\x81").unwrap_err(), &faults::OTHER_ENCODING);
        assert_eq!(Script::Unnamed.read(b"caf\xE9").unwrap(), "café");
        assert_eq!(Script::Unnamed.read("café".as_bytes()).unwrap(), "café");
        assert_eq!(Script::Unnamed.read(b"\x81").unwrap_err(), &faults::NO_ENCODING);
        assert_eq!(Script::named("cp850").read(b"plain").unwrap(), "plain");
        assert_eq!(Script::named("cp850").read(b"\x81").unwrap_err(), &faults::UNKNOWN_ENCODING);
    }
}
