//! A fault is something wrong with a row or a column of a delivery; findings of one kind are counted, and the first few shown.

use crate::diagnostic::{Diagnostic, Place, Severity};

/// Rows shown of one kind of fault in one column of one file; the rest are counted.
const EXAMPLES: usize = 5;

/// A kind of fault: what is said and what to do about it. The words never hold a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub severity: Severity,
    pub code: &'static str,
    pub headline: &'static str,
    pub help: &'static str,
}

const fn error(code: &'static str, headline: &'static str, help: &'static str) -> Fault {
    Fault { severity: Severity::Error, code, headline, help }
}

const fn warning(code: &'static str, headline: &'static str, help: &'static str) -> Fault {
    Fault { severity: Severity::Warning, code, headline, help }
}

macro_rules! faults {
    ($($name:ident $severity:ident $code:literal $headline:literal $help:literal)*) => {
        $(pub(super) const $name: Fault = $severity($code, $headline, $help);)*
    };
}

// Errors are what makes a figure wrong or ambiguous without saying so; warnings are rows that can be left out and counted.
faults! {
    NO_BYTES error "file-empty" "the file has no bytes" "ask for the file again, or copy it anew"
    NO_ROWS error "file-empty" "the file has a header and no rows" "ask for the file again, or take its year out of the schema"
    NO_LISTINGS error "empty-list" "the list of participants has no rows" "fill the list: one row per listing"
    BROKEN_OFF error "file-corrupt" "the file breaks off or is not the format its name says" "copy the file anew and compare its size with the source"
    MORE_ROWS error "file-corrupt" "the file holds more rows than it says" "copy the file anew; if that does not help, ask for another export"
    ROW_LENGTH error "file-corrupt" "the row has more or fewer fields than the header" "look for a separator or a quote inside a field, or for a file that breaks off"
    OPEN_QUOTE error "file-corrupt" "a quote is opened and never closed" "close the quote, or double it where it is part of a text"
    NO_LAST_BREAK warning "file-corrupt" "the last row does not end with a line break, so it may be cut off" "compare the last row with the source"
    SAME_HEADER error "file-corrupt" "two columns have this name" "rename one of them"
    UTF16 error "bad-encoding" "the file is UTF-16" "save it as UTF-8 or Windows-1252"
    MIXED_ENCODING error "bad-encoding" "the file holds text in UTF-8 and text in Windows-1252" "write the whole file in one encoding, UTF-8 if you can"
    NO_ENCODING error "bad-encoding" "the text is neither UTF-8 nor Windows-1252" "save the file as UTF-8"
    OTHER_ENCODING error "bad-encoding" "the text is not in the encoding that the file names" "export it again with the right encoding, UTF-8 if you can"
    UNKNOWN_ENCODING error "bad-encoding" "the text is in a code page that cannot be read" "export it as UTF-8; SPSS does so with SET UNICODE ON"
    MOJIBAKE warning "bad-encoding" "the text looks like UTF-8 that was read as Windows-1252, or the reverse, before it came here" "export it again and name the encoding"
    COLUMN_TYPE error "bad-value" "the column has a type that cannot be read as its schema says" "write the column as text, a number or a date"
    NUMERIC_IDENTIFIER warning "bad-value" "an identifier is stored as a number, so leading zeros are lost" "store identifiers as text"
    EMPTY_FIELD error "bad-value" "the field is empty" "fill the field, or declare in the schema that it may be empty"
    NOT_A_NUMBER error "bad-value" "the field does not hold a number" "write a plain number; declare texts that stand for missing in the schema"
    THOUSANDS error "bad-value" "the number has a thousands separator, or another decimal sign than the rest of the file" "write numbers without thousands separators, with one decimal sign"
    MAYBE_THOUSANDS error "bad-value" "the sign in the number can be a decimal sign or a thousands separator" "write numbers without thousands separators, or with another number of decimals than three"
    THREE_DECIMALS warning "bad-value" "every number with a decimal sign has exactly three decimals; read as decimals" "make sure that the sign is not a thousands separator"
    NOT_A_DATE error "bad-value" "the field does not hold a date" "write dates as YYYY-MM-DD or YYYYMMDD"
    NOT_A_YEAR error "bad-value" "the field does not hold a year" "write years with four digits"
    NOT_A_QUARTER error "bad-value" "the field does not hold a quarter from 1 to 4" "number the quarters 1 to 4"
    NEGATIVE error "bad-value" "the number is below zero" "correct the number; nothing in this column can be negative"
    NEGATIVE_PERSONS error "negative-persons" "the unit has fewer than zero employed persons" "correct the number, or leave the field empty"
    TOO_LARGE error "value-too-large" "the number is too large to be summed exactly" "look for a unit error, such as cents for euros"
    IMPLAUSIBLE_FOUNDING warning "implausible-date" "the founding date lies before 1600 or after the year of the register; read as unknown" "correct the date, or leave the field empty"
    IMPLAUSIBLE_PERIOD warning "implausible-date" "the period ends before it begins, or lies outside 1600 to 2079; the row is left out" "correct the dates"
    KEY_CONFLICT error "key-not-unique" "the key stands on an earlier row with other content" "find out which row holds and take out the other"
    DUPLICATE warning "duplicate-row" "the row stands in the file already; one is kept" "take out the repeated row"
    UNKNOWN_SBI warning "unknown-code" "the code is not in the classification of industries; the unit is in no sector" "deliver five digits as text, leading zeros included"
    UNKNOWN_CODE warning "unknown-code" "the code is not in the classification of its column; the unit is in no class" "add the code to the classification, or correct it"
    MOSTLY_UNKNOWN_UNITS error "unknown-unit" "most rows belong to units that are not in the register of business units of that year" "compare the identifiers of the two files: their year, their version, their leading zeros"
    MOSTLY_UNKNOWN_SBI error "unknown-code" "most codes are not in the classification of industries" "compare the column with the classification: its edition, its number of digits"
    UNKNOWN_LINKED_UNIT warning "unknown-unit" "the unit of a participant is not in the register of business units of that year" "compare the delivery versions of the two registers"
    UNKNOWN_UNIT warning "unknown-unit" "the unit is not in the register of business units of that year; the row is left out" "compare the delivery versions of the two registers"
}

/// What is wrong with one file.
#[derive(Default)]
pub(super) struct Faults {
    /// Rows of the file.
    pub rows: u64,
    groups: Vec<Group>,
    machine: Vec<String>,
}

struct Group {
    fault: &'static Fault,
    column: Option<String>,
    rows: Vec<u64>,
    count: u64,
}

impl Faults {
    /// A fault on a row, counted from 1 without the header.
    pub(super) fn row(&mut self, fault: &'static Fault, row: u64, column: &str) {
        let group = self.group(fault, Some(column));
        group.count += 1;
        if group.rows.len() < EXAMPLES {
            group.rows.push(row);
        }
    }

    /// A fault of a row as a whole.
    pub(super) fn whole_row(&mut self, fault: &'static Fault, row: u64) {
        let group = self.group(fault, None);
        group.count += 1;
        if group.rows.len() < EXAMPLES {
            group.rows.push(row);
        }
    }

    /// A fault of a column as a whole.
    pub(super) fn column(&mut self, fault: &'static Fault, column: &str) {
        self.group(fault, Some(column));
    }

    /// A fault of the file as a whole.
    pub(super) fn file(&mut self, fault: &'static Fault) {
        self.group(fault, None);
    }

    /// The machine could not read the file.
    pub(super) fn machine(&mut self, error: std::io::Error) {
        self.machine.push(format!("the file cannot be read: {error}"));
    }

    /// Adds an error when more than half of the rows have a fault that is a warning on single rows.
    pub(super) fn escalate(&mut self, single: &Fault, most: &'static Fault) {
        let count: u64 = self.groups.iter().filter(|group| group.fault == single).map(|group| group.count).sum();
        if count > self.rows / 2 {
            self.file(most);
        }
    }

    fn group(&mut self, fault: &'static Fault, column: Option<&str>) -> &mut Group {
        let found = self.groups.iter().position(|group| group.fault == fault && group.column.as_deref() == column);
        let at = found.unwrap_or_else(|| {
            self.groups.push(Group { fault, column: column.map(str::to_owned), rows: Vec::new(), count: 0 });
            self.groups.len() - 1
        });
        &mut self.groups[at]
    }

    /// The diagnostics of this file, in a fixed order.
    pub(super) fn into_diagnostics(self, file: &str) -> Vec<Diagnostic> {
        let mut found: Vec<_> = self.groups.into_iter().flat_map(|group| group.into_diagnostics(file)).collect();
        let unread =
            |headline| Diagnostic::error("cannot-read", headline).in_file(file).help("check the disk and the rights of the file");
        found.extend(self.machine.into_iter().map(unread));
        found.sort();
        found
    }
}

impl Group {
    fn into_diagnostics(self, file: &str) -> Vec<Diagnostic> {
        let Self { fault, column, rows, count } = self;
        let make = |headline: String, row: Option<u64>| {
            let diagnostic = match fault.severity {
                Severity::Error => Diagnostic::error(fault.code, headline),
                _ => Diagnostic::warning(fault.code, headline),
            };
            diagnostic.at(Place::Data { file: file.into(), row, column: column.clone() }).help(fault.help)
        };
        if rows.is_empty() {
            return vec![make(fault.headline.to_owned(), None)];
        }
        let more = count - rows.len() as u64;
        let mut made: Vec<_> = rows.iter().map(|row| make(fault.headline.to_owned(), Some(*row))).collect();
        if more > 0 {
            made.push(make(format!("{} ({more} more rows, {count} in all)", fault.headline), None));
        }
        made
    }
}
