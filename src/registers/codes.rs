//! Codes of a classification, from the texts in the data to the index of a class.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::delivery::Delivery;
use super::frame::NO_CODE;
use crate::spec::plan::Classification;
use crate::spec::schema::{Column, ColumnKind};

/// Five digits as a number plus one; 0 for anything else, since a code that lost its leading zero looks like another code.
pub(super) fn digits5(text: &str) -> u32 {
    let bytes = text.as_bytes();
    if bytes.len() != 5 || !bytes.iter().all(u8::is_ascii_digit) {
        return 0;
    }
    bytes.iter().fold(0, |number, byte| number * 10 + u32::from(byte - b'0')) + 1
}

/// The classes of `sector` and `division` by the first two digits of an SBI code, and which codes a division has.
pub(super) struct Divisions {
    classes: [(u16, u16); 100],
    /// First and last code, as five digits, of those that a division declares; empty where it has every code.
    declared: [Vec<(u32, u32)>; 100],
}

impl Divisions {
    pub(super) fn new(classifications: &BTreeMap<String, Classification>) -> Self {
        let mut classes = [(NO_CODE, NO_CODE); 100];
        let mut declared = [const { Vec::new() }; 100];
        for (at, class) in classifications.get("sector").into_iter().flat_map(|known| known.classes.iter().enumerate()) {
            let divisions = class.divisions.iter().filter(|division| **division < 100);
            divisions.for_each(|division| classes[usize::from(*division)].0 = at as u16);
        }
        for (at, class) in classifications.get("division").into_iter().flat_map(|known| known.classes.iter().enumerate()) {
            let division = class.code.parse::<usize>().ok().filter(|division| *division < classes.len());
            let Some(division) = division else { continue };
            classes[division].1 = at as u16;
            declared[division] = class.codes.iter().filter_map(|code| range(code)).collect();
        }
        Self { classes, declared }
    }

    /// Class of the sector and of the division of a code as [`digits5`] gives it.
    pub(super) fn class(&self, sbi: u32) -> (u16, u16) {
        let Some(code) = sbi.checked_sub(1) else { return (NO_CODE, NO_CODE) };
        let division = (code / 1000) as usize;
        let declared = &self.declared[division];
        let known = declared.is_empty() || declared.iter().any(|(first, last)| (*first..=*last).contains(&code));
        if known { self.classes[division] } else { (NO_CODE, NO_CODE) }
    }
}

/// The codes of five digits that begin with this one, first and last.
fn range(code: &str) -> Option<(u32, u32)> {
    let further = 10u32.checked_pow(5u32.checked_sub(u32::try_from(code.len()).ok()?)?)?;
    let first = code.parse::<u32>().ok()? * further;
    Some((first, first + further - 1))
}

/// The classification of a code column with the name it goes under: that of the classification, else that of the column.
pub(super) fn classification<'a>(delivery: &'a Delivery, column: &Column) -> Option<(&'a str, &'a Classification)> {
    let ColumnKind::Code { classification } = &column.kind else { return None };
    let known = &delivery.classifications;
    let named = known.get_key_value(classification).or_else(|| known.get_key_value(&column.name));
    let found = named.or_else(|| known.iter().find(|(_, known)| known.name == *classification));
    found.map(|(name, known)| (name.as_str(), known))
}

/// Codes of a classification; leading zeros of a number do not count.
pub(super) struct CodeTable<'a> {
    known: &'a Classification,
    classes: HashMap<&'a str, u16>,
    divisions: Option<[u16; 100]>,
}

impl<'a> CodeTable<'a> {
    pub(super) fn new(known: &'a Classification) -> Self {
        let classes = known.classes.iter().enumerate().map(|(at, class)| (bare(&class.code), at as u16)).collect();
        let divided = known.classes.iter().any(|class| !class.divisions.is_empty());
        let divisions = divided.then(|| {
            let mut table = [NO_CODE; 100];
            for (at, class) in known.classes.iter().enumerate() {
                class.divisions.iter().filter(|d| **d < 100).for_each(|d| table[usize::from(*d)] = at as u16);
            }
            table
        });
        Self { known, classes, divisions }
    }

    /// The class of a code as it stands in the data, or [`NO_CODE`].
    pub(super) fn class(&self, code: &str) -> u16 {
        if let Some(class) = self.classes.get(bare(code)) {
            return *class;
        }
        let division = code.get(..2).and_then(|first| first.parse::<usize>().ok());
        let class = self.divisions.and_then(|table| table.get(division?).copied()).unwrap_or(NO_CODE);
        let codes = self.known.classes.get(usize::from(class)).map_or(&[][..], |class| &class.codes);
        let declared = codes.is_empty() || codes.iter().any(|declared| code.starts_with(declared.as_str()));
        if declared { class } else { NO_CODE }
    }
}

fn bare(code: &str) -> &str {
    let bare = code.trim_start_matches('0');
    let bare = bare.strip_suffix(".0").unwrap_or(bare);
    if bare.is_empty() && !code.is_empty() { "0" } else { bare }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Text;
    use crate::spec::plan::CodeClass;

    #[test]
    fn a_code_that_its_division_does_not_declare_is_none() {
        let class = |code: &str, divisions: &[u8], codes: &[&str]| CodeClass {
            code: code.to_owned(),
            label: Text::same(code),
            divisions: divisions.to_vec(),
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        };
        let of = |name: &str, classes| {
            let known = Classification { name: name.to_owned(), scheme: "sbi".to_owned(), title: Text::same(name), classes };
            (name.to_owned(), known)
        };
        let divisions = vec![class("10", &[10], &["101", "1020", "10310"]), class("11", &[11], &[])];
        let known = Divisions::new(&BTreeMap::from([of("sector", vec![class("C", &[10, 11], &[])]), of("division", divisions)]));
        for (code, expected) in [
            ("10100", (0, 0)),
            ("10199", (0, 0)),
            ("10200", (0, 0)),
            ("10209", (0, 0)),
            ("10310", (0, 0)),
            ("10210", (NO_CODE, NO_CODE)),
            ("10311", (NO_CODE, NO_CODE)),
            ("10999", (NO_CODE, NO_CODE)),
            ("11999", (0, 1)),
            ("12000", (NO_CODE, NO_CODE)),
        ] {
            assert_eq!(known.class(digits5(code)), expected, "{code}");
        }
    }
}
