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
    NO_ROWS error "file-empty" "the file has a header and no rows" "ask for the file again, or limit the years of its schema (`from`, `to`)"
    NO_LISTINGS error "empty-list" "the list of participants has no rows" "fill the list: one row per listing"
    BROKEN_OFF error "file-corrupt" "the file breaks off or is not the format its name says" "copy the file anew and compare its size with the source; if that is right, give it the ending of its format"
    MORE_ROWS error "file-corrupt" "the file holds more rows than it says" "copy the file anew; if that does not help, ask for another export"
    ROW_LENGTH error "file-corrupt" "the row has more or fewer fields than the header" "put quotes around a field that holds the separator, or ask for the file again"
    CUT_ROW error "file-corrupt" "the file breaks off inside its last row" "copy the file anew and compare its size with the source"
    OTHER_SEPARATOR error "file-corrupt" "the row has another separator than the header" "write the whole file with one separator"
    NUL_BYTES error "file-corrupt" "the row holds NUL bytes, as a copy that broke off leaves them" "copy the file anew and compare its size with the source"
    OPEN_QUOTE error "file-corrupt" "a quote is opened here and never closed, so the rest of the file is one field" "close the quote, or double it where it is part of a text"
    NO_LAST_BREAK warning "file-corrupt" "the last row does not end with a line break, so it may be cut off" "compare the last row and the number of rows with the source"
    SAME_HEADER error "file-corrupt" "two columns have this name" "rename or take out one of them"
    UTF16 error "bad-encoding" "the file is UTF-16" "save it as UTF-8 or Windows-1252"
    MIXED_ENCODING error "bad-encoding" "the file holds text in UTF-8 and text in Windows-1252" "write the whole file in one encoding, UTF-8 if you can"
    NO_ENCODING error "bad-encoding" "the text is neither UTF-8 nor Windows-1252" "save the file as UTF-8"
    OTHER_ENCODING error "bad-encoding" "the text is not in the encoding that the file names" "export it again with the right encoding, UTF-8 if you can"
    UNKNOWN_ENCODING error "bad-encoding" "the text is in a code page that cannot be read" "export it as UTF-8; SPSS does so with SET UNICODE ON"
    MOJIBAKE warning "bad-encoding" "the text looks like UTF-8 that was read as Windows-1252, or the reverse, before it came here" "export the file again from its source and name the encoding there"
    COLUMN_TYPE error "bad-value" "the column has a type that cannot be read as its schema says" "write the column as text, a number or a date"
    NUMERIC_IDENTIFIER warning "bad-value" "an identifier is stored as a number, so leading zeros are lost" "store identifiers as text"
    EMPTY_FIELD error "bad-value" "the field is empty" "fill the field, or declare in the schema that it may be empty (`nullable = true`)"
    NOT_A_NUMBER error "bad-value" "the field does not hold a number" "write a plain number; a text that stands for a missing value is declared in the schema (`missing`)"
    THOUSANDS error "bad-value" "the number has a thousands separator, or another decimal sign than the rest of the file" "write numbers without thousands separators, with one decimal sign"
    MAYBE_THOUSANDS error "bad-value" "the sign in the number can be a decimal sign or a thousands separator" "write numbers without thousands separators, or with another number of decimals than three"
    THREE_DECIMALS warning "bad-value" "every number with a decimal sign has exactly three decimals; read as decimals" "make sure that the sign is not a thousands separator"
    NOT_A_DATE error "bad-value" "the field does not hold a date that exists" "write dates as YYYY-MM-DD or YYYYMMDD; a text that stands for a missing date is declared in the schema (`missing`)"
    DAY_FIRST error "bad-value" "the date does not begin with its year, so day and month cannot be told apart" "write dates as YYYY-MM-DD or YYYYMMDD"
    SPSS_SECONDS error "bad-value" "the date is a number of seconds, as SPSS keeps dates" "export the column as a date, or write YYYY-MM-DD"
    DAY_NUMBER error "bad-value" "the date is a number of days, as spreadsheets and statistical packages keep dates" "export the column as a date, or write YYYY-MM-DD"
    WITH_TIME error "bad-value" "the date has a time of day" "write the day alone, as YYYY-MM-DD"
    NOT_A_YEAR error "bad-value" "the field does not hold a year" "write years with four digits"
    NOT_A_QUARTER error "bad-value" "the field does not hold a quarter from 1 to 4" "number the quarters 1 to 4"
    NEGATIVE error "bad-value" "the number is below zero" "correct the number; the schema says that nothing in this column is negative"
    NEGATIVE_PERSONS error "negative-persons" "the unit has fewer than zero employed persons" "correct the number, or leave the field empty"
    TOO_LARGE error "value-too-large" "the number is too large to be summed exactly" "look for a unit error, such as cents for euros"
    IMPLAUSIBLE_FOUNDING warning "implausible-date" "the founding date lies before 1600 or after the year of the register; read as unknown" "correct the date, or leave the field empty"
    IMPLAUSIBLE_PERIOD warning "implausible-date" "the period ends before it begins, or lies outside 1600 to 2079; the row is left out" "correct the dates; a date that stands for an open end is declared in the schema (`missing`)"
    MOSTLY_IMPLAUSIBLE error "implausible-date" "most periods of the participants end before they begin, or lie outside 1600 to 2079" "ask for usable dates, declare in the schema the date that stands for an open end (`missing`), or end the columns in the schema with the last usable year (`to`): each row then counts for its whole year"
    KEY_CONFLICT error "key-not-unique" "the key stands on an earlier row with other content" "find out which row holds and take out the other"
    GROUP_CONFLICT error "key-not-unique" "the unit is in another enterprise group on an earlier row of the year" "deliver the periods and declare them in the schema (`begin`, `end`): the group of most days is then taken; or take out one row"
    DUPLICATE warning "duplicate-row" "the row stands in the file already; one is kept" "take out the repeated row"
    SEVERAL_GROUPS warning "interrupted-link" "the unit changes its enterprise group within the year; the group of most days is taken" "look whether that is the group you mean for this year"
    INTERRUPTED warning "interrupted-link" "the link of the unit with its enterprise group is interrupted within the year; its days are added" "leave it so if the interruption is real; otherwise ask for the periods again"
    UNKNOWN_SBI warning "unknown-code" "the code is not in the classification of industries; the unit is in no sector" "deliver five digits as text, leading zeros included"
    OLD_SBI error "unknown-code" "the codes are of SBI'93, of which many mean another industry in SBI 2008" "ask for the codes in SBI 2008, or begin the study in a year that has them"
    UNKNOWN_CODE warning "unknown-code" "the code is not in the classification of its column; the unit is in no class" "add the code to the classification, or correct it"
    MOSTLY_UNKNOWN_UNITS error "unknown-unit" "most rows belong to units that are not in the register of business units of that year" "compare the identifiers of the two files: their year, their version, their leading zeros"
    MOSTLY_UNKNOWN_SBI error "unknown-code" "most codes are not in the classification of industries" "compare the column with the classification: its edition, its number of digits"
    UNKNOWN_LINKED_UNIT warning "unknown-unit" "the unit of a participant is not in the register of business units of that year" "compare the delivery versions of the two registers"
    UNKNOWN_UNIT warning "unknown-unit" "the unit is not in the register of business units of that year; the row is left out" "compare the delivery versions of the two registers"
    UNKNOWN_GROUP warning "unknown-group" "the enterprise group is not in the register of groups of that year; the persons it employs are unknown" "compare the delivery versions of the two registers"
    TWICE_IN_GROUP warning "identifier-break" "the unit takes over within the year from a unit of the same enterprise group and industry: perhaps one unit under two identifiers" "if so, give both rows and their quarters one identifier; the register's table of breaks (Koppeltabel) has such pairs"
    NEW_IDENTIFIER warning "identifier-break" "the unit is new this year and was founded before, and a unit of its enterprise group and industry is gone: perhaps one unit under a new identifier" "if so, give it the identifier of the year before; the register's table of breaks (Koppeltabel) has such pairs"
    IDENTIFIERS_CHANGED warning "identifier-break" "most units of the year before are not in this file" "compare the identifiers of the two years: another pseudonymisation, lost leading zeros, another kind of identifier"
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

    /// A fault on so many rows, of which the first are given.
    pub(super) fn several(&mut self, fault: &'static Fault, (rows, count): (&[u64], u64), column: &str) {
        if rows.is_empty() {
            return;
        }
        let group = self.group(fault, Some(column));
        group.count += count;
        let free = EXAMPLES.saturating_sub(group.rows.len());
        group.rows.extend(rows.iter().take(free));
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

    /// Adds an error when more than half of so many rows have a fault that is a warning on single rows.
    pub(super) fn escalate(&mut self, single: &Fault, most: &'static Fault, of: u64) {
        if self.count(single) > of / 2 {
            let column = self.groups.iter().find(|group| group.fault == single).and_then(|group| group.column.clone());
            self.group(most, column.as_deref());
        }
    }

    fn count(&self, fault: &Fault) -> u64 {
        self.groups.iter().filter(|group| group.fault == fault).map(|group| group.count).sum()
    }

    /// Whether rows of the file are lost or mixed up.
    pub(super) fn is_corrupt(&self) -> bool {
        self.groups.iter().any(|group| group.fault.code == "file-corrupt" && group.fault.severity == Severity::Error)
    }

    /// Drops a fault that only follows from another one.
    pub(super) fn forget(&mut self, fault: &Fault) {
        self.groups.retain(|group| group.fault != fault);
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
        let mut found: Vec<_> = self.groups.into_iter().map(|group| group.into_diagnostic(file)).collect();
        let unread =
            |headline| Diagnostic::error("cannot-read", headline).in_file(file).help("check the disk and the rights of the file");
        found.extend(self.machine.into_iter().map(unread));
        found.sort();
        found
    }
}

impl Group {
    /// One finding at the first row; the next rows stand in a note.
    fn into_diagnostic(self, file: &str) -> Diagnostic {
        let Self { fault, column, rows, count } = self;
        let diagnostic = match fault.severity {
            Severity::Error => Diagnostic::error(fault.code, fault.headline),
            _ => Diagnostic::warning(fault.code, fault.headline),
        };
        let place = Place::Data { file: file.into(), row: rows.first().copied(), column };
        let others: Vec<String> = rows.iter().skip(1).map(u64::to_string).collect();
        let more = count - rows.len() as u64;
        let diagnostic = match (others.as_slice(), more) {
            ([], _) => diagnostic,
            (_, 0) => diagnostic.note(format!("{count} rows in all, the others: {}", others.join(", "))),
            _ => diagnostic.note(format!("{count} rows in all, the next: {} and {more} more", others.join(", "))),
        };
        diagnostic.at(place).help(fault.help)
    }
}
