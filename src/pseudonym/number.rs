//! A KvK number is eight digits, of which the first two tell the office that once gave it out, 01 and up.

/// What is done with twelve digits: a number of the firm and four more of a branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Branches {
    /// They are a fault.
    #[default]
    Refuse,
    /// The last four are cut off, unless the twelve are the number of an establishment, which holds no KvK number.
    Cut,
}

/// The eight digits. Sensitive: it cannot be printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number([u8; 8]);

/// What had to be done to a field to read a number in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mended {
    Nothing,
    ZeroAdded,
    BranchCut,
}

/// Why a field holds no KvK number; the words never hold a value.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    pub headline: &'static str,
    pub help: &'static str,
}

macro_rules! faults {
    ($($name:ident $headline:literal $help:literal)*) => {
        $(pub const $name: Fault = Fault { headline: $headline, help: $help };)*
    };
}

faults! {
    EMPTY "the field is empty" "fill the field, or take the row out"
    OTHER_SIGNS "a KvK number has digits, with nothing but blanks and dots between them" "write the eight digits; format the column as text before it is saved from a spreadsheet"
    TOO_FEW "the number has fewer than seven digits; a KvK number has eight, of which a spreadsheet loses at most the first" "look the number up; the last digits may have been cut off"
    NINE "the number has nine digits, as an RSIN or a BSN has; a KvK number has eight" "deliver the KvK number instead"
    ESTABLISHMENT "the number is that of an establishment (vestigingsnummer), which does not hold its KvK number" "deliver the KvK number of the firm instead"
    BRANCH "the number has twelve digits: a KvK number and four of a branch" "deliver the first eight digits, or pass --cut-branches to have the last four cut off"
    WRONG_LENGTH "the number does not have eight digits" "look the number up"
    NO_OFFICE "no KvK number begins with 00" "look the number up"
}

impl Number {
    /// Reads a field: blanks and dots are left out, an apostrophe that keeps a spreadsheet from counting too, and a zero in front that a
    /// spreadsheet lost is put back.
    pub fn read(field: &str, branches: Branches) -> Result<(Self, Mended), &'static Fault> {
        let field = field.trim().trim_start_matches('\'');
        let kept: Vec<char> = field.chars().filter(|sign| !sign.is_whitespace() && *sign != '.').collect();
        if kept.is_empty() {
            return Err(&EMPTY);
        }
        if !kept.iter().all(char::is_ascii_digit) {
            return Err(&OTHER_SIGNS);
        }
        let digits: Vec<u8> = kept.iter().map(|digit| *digit as u8).collect();
        match (digits.as_slice(), branches) {
            ([b'0', b'0', b'0', b'0', ..], _) if digits.len() == 12 => Err(&ESTABLISHMENT),
            (digits, Branches::Refuse) if digits.len() == 12 => Err(&BRANCH),
            (digits, Branches::Cut) if digits.len() == 12 => Self::eight(&digits[..8]).map(|number| (number, Mended::BranchCut)),
            (digits, _) if digits.len() == 8 => Self::eight(digits).map(|number| (number, Mended::Nothing)),
            (digits, _) if digits.len() == 7 => Self::eight(&[b"0", digits].concat()).map(|number| (number, Mended::ZeroAdded)),
            (digits, _) if digits.len() < 7 => Err(&TOO_FEW),
            (digits, _) if digits.len() == 9 => Err(&NINE),
            _ => Err(&WRONG_LENGTH),
        }
    }

    fn eight(digits: &[u8]) -> Result<Self, &'static Fault> {
        let number = <[u8; 8]>::try_from(digits).map_err(|_| &WRONG_LENGTH)?;
        if number.starts_with(b"00") { Err(&NO_OFFICE) } else { Ok(Self(number)) }
    }

    /// The digits, to be hashed and for nothing else.
    pub(super) fn digits(&self) -> &[u8] {
        &self.0
    }
}

/// Every number that a text holds as eight digits, or seven, in a row.
pub fn inside(text: &str) -> impl Iterator<Item = Number> {
    let runs = text.split(|sign: char| !sign.is_ascii_digit());
    let joined: String = text.chars().filter(|sign| !sign.is_whitespace() && *sign != '.').collect();
    let whole = Number::read(&joined, Branches::Cut).ok();
    runs.filter(|run| run.len() <= 12)
        .filter_map(|run| Number::read(run, Branches::Cut).ok())
        .chain(whole)
        .map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: &str, branches: Branches) -> Result<(String, Mended), &'static Fault> {
        Number::read(field, branches).map(|(number, mended)| (String::from_utf8_lossy(&number.0).into_owned(), mended))
    }

    #[test]
    fn a_number_is_read_as_people_and_spreadsheets_write_it() {
        for field in ["12345678", " 12345678 ", "12 34 56 78", "12.345.678", "1234\u{a0}5678", "'12345678"] {
            assert_eq!(read(field, Branches::Refuse), Ok(("12345678".into(), Mended::Nothing)), "{field}");
        }
        assert_eq!(read("1234567", Branches::Refuse), Ok(("01234567".into(), Mended::ZeroAdded)));
        assert_eq!(read("123456780001", Branches::Cut), Ok(("12345678".into(), Mended::BranchCut)));
    }

    #[test]
    fn what_is_no_number_is_a_fault_of_its_kind() {
        let cases = [
            ("", &EMPTY),
            (" . ", &EMPTY),
            ("1234567a", &OTHER_SIGNS),
            ("1.2345678E7", &OTHER_SIGNS),
            ("12345678,0", &OTHER_SIGNS),
            ("-12345678", &OTHER_SIGNS),
            ("١٢٣٤٥٦٧٨", &OTHER_SIGNS),
            ("123456", &TOO_FEW),
            ("123456789", &NINE),
            ("1234567890", &WRONG_LENGTH),
            ("1234567890123", &WRONG_LENGTH),
            ("123456780001", &BRANCH),
            ("000012345678", &ESTABLISHMENT),
            ("00123456", &NO_OFFICE),
            ("0123456", &NO_OFFICE),
        ];
        for (field, fault) in cases {
            assert_eq!(read(field, Branches::Refuse), Err(fault), "{field}");
        }
        assert_eq!(read("000012345678", Branches::Cut), Err(&ESTABLISHMENT));
        assert_eq!(read("001234567890", Branches::Cut), Err(&NO_OFFICE));
    }

    #[test]
    fn a_number_inside_a_text_is_found() {
        let wanted = Number::read("12345678", Branches::Refuse).unwrap().0;
        for text in ["KvK 12345678", "12.345.678", "Firm (12345678), Delft", "NL-12345678/1", "123456780001"] {
            assert!(inside(text).any(|number| number == wanted), "{text}");
        }
        assert!(!inside("2019-04-01, 12345679").any(|number| number == wanted));
    }
}
