//! CSV files: separator `;`, `,` or a tab, in UTF-8 or Windows-1252, both found from the file itself.

#![allow(clippy::disallowed_methods, reason = "registers are read here")]

use std::borrow::Cow;
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use ::csv::{ByteRecord, Reader as CsvReader, ReaderBuilder};
use arrow::array::{ArrayRef, StringArray};
use arrow::buffer::{Buffer, OffsetBuffer};

use super::faults::{self, Fault, Faults};
use super::reader::{PIECE_ROWS, Reader, Source, Take, Unreadable};

pub(super) const READER: Reader = Reader { extension: "csv", open };

const BUFFER_BYTES: usize = 1 << 20;

struct CsvSource {
    header: Vec<String>,
    separator: u8,
    reader: CsvReader<Watched<File>>,
    watch: Rc<Watch>,
    rows: u64,
}

fn open(path: &Path) -> Result<Box<dyn Source>, Unreadable> {
    let mut start = Vec::new();
    File::open(path)?.take(BUFFER_BYTES as u64).read_to_end(&mut start)?;
    let lines = start.iter().filter(|byte| **byte == b'\n').count().max(1) as u64;
    let rows = std::fs::metadata(path)?.len().saturating_mul(lines) / start.len().max(1) as u64;
    let separator = separator(first_line(&start))?;
    let watch = Rc::new(Watch::default());
    let watched = Watched { inner: File::open(path)?, watch: Rc::clone(&watch) };
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .buffer_capacity(BUFFER_BYTES)
        .from_reader(watched);
    let mut record = ByteRecord::new();
    if !reader.read_byte_record(&mut record).map_err(unreadable)? {
        return Err(Unreadable::Fault(&faults::NO_BYTES));
    }
    Ok(Box::new(CsvSource { header: record.iter().map(name).collect(), separator, reader, watch, rows }))
}

fn unreadable(error: ::csv::Error) -> Unreadable {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => Unreadable::Machine(error),
        _ => Unreadable::Fault(&faults::BROKEN_OFF),
    }
}

fn name(field: &[u8]) -> String {
    let field = field.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(field);
    let text = std::str::from_utf8(field).map_or_else(|_| windows_1252(field), Cow::Borrowed);
    text.trim().trim_matches('"').to_owned()
}

fn windows_1252(field: &[u8]) -> Cow<'_, str> {
    encoding_rs::WINDOWS_1252.decode_without_bom_handling(field).0
}

/// The header line; a header longer than the buffer is cut, which the count of separators survives.
fn first_line(start: &[u8]) -> &[u8] {
    let end = start.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(start.len());
    &start[..end]
}

/// The separators that are known.
const SEPARATORS: [u8; 3] = [b';', b',', b'\t'];

/// A mark at the start, or a zero beside every letter as Latin letters have it.
fn is_utf16(line: &[u8]) -> bool {
    let marked = line.starts_with(b"\xFF\xFE") || line.starts_with(b"\xFE\xFF");
    let zeros = |from: usize| line.len() > 3 && line.iter().skip(from).step_by(2).all(|byte| *byte == 0);
    let letters = |from: usize| line.iter().skip(from).step_by(2).all(|byte| *byte != 0);
    marked || (zeros(1) && letters(0)) || (zeros(0) && letters(1))
}

/// The separator that the header holds most of, outside quotes.
fn separator(line: &[u8]) -> Result<u8, Unreadable> {
    if is_utf16(line) {
        return Err(Unreadable::Fault(&faults::UTF16));
    }
    let (mut semicolons, mut commas, mut tabs, mut quoted) = (0, 0, 0, false);
    for byte in line {
        match byte {
            b'"' => quoted = !quoted,
            b';' if !quoted => semicolons += 1,
            b',' if !quoted => commas += 1,
            b'\t' if !quoted => tabs += 1,
            0 => return Err(Unreadable::Fault(&faults::BROKEN_OFF)),
            _ => {}
        }
    }
    Ok(match commas > semicolons {
        _ if tabs > semicolons.max(commas) => b'\t',
        true => b',',
        false => b';',
    })
}

/// What the bytes of the file tell beyond its fields.
#[derive(Default)]
struct Watch {
    open_quote: Cell<bool>,
    last: Cell<u8>,
    /// Some byte so far is zero.
    nul: Cell<bool>,
}

struct Watched<R> {
    inner: R,
    watch: Rc<Watch>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let odd = buffer[..count].iter().fold(0u8, |odd, byte| odd ^ u8::from(*byte == b'"'));
        self.watch.open_quote.set(self.watch.open_quote.get() ^ (odd == 1));
        self.watch.nul.set(self.watch.nul.get() || buffer[..count].contains(&0));
        if let Some(last) = buffer[..count].last() {
            self.watch.last.set(*last);
        }
        Ok(count)
    }
}

impl Source for CsvSource {
    fn header(&self) -> &[String] {
        &self.header
    }

    fn separator(&self) -> Option<u8> {
        Some(self.separator)
    }

    fn rows(&self) -> Option<u64> {
        Some(self.rows)
    }

    fn read(self: Box<Self>, columns: &[usize], faults: &mut Faults, take: &mut Take<'_>) -> Result<u64, Unreadable> {
        let Self { header, mut reader, watch, .. } = *self;
        let mut piece = Piece::new(columns, &header);
        let mut record = ByteRecord::new();
        let (mut rows, mut multiline) = (0, false);
        // What is wrong with the last row waits until it is known whether the file ends with it.
        let mut wrong: Option<(u64, &'static Fault, bool)> = None;
        while reader.read_byte_record(&mut record).map_err(unreadable)? {
            if let Some((row, fault, _)) = wrong.take() {
                faults.whole_row(fault, row);
            }
            rows += 1;
            wrong = wrong_row(&record, header.len(), watch.nul.get()).map(|fault| (rows, fault, record.len() < header.len()));
            if wrong.is_none() {
                piece.push(&record);
            } else {
                piece.flush(rows + 1, faults, take);
            }
            if piece.rows == PIECE_ROWS {
                piece.flush(rows + 1, faults, take);
            }
            multiline = watch.open_quote.get() && record.as_slice().contains(&b'\n');
        }
        piece.flush(rows + 1, faults, take);
        piece.encoding.report(faults);
        let ended = rows == 0 || matches!(watch.last.get(), b'\n' | b'\r');
        match wrong {
            _ if multiline && watch.open_quote.get() => faults.whole_row(&faults::OPEN_QUOTE, rows),
            Some((row, fault, true)) if !ended && *fault == faults::ROW_LENGTH => faults.whole_row(&faults::CUT_ROW, row),
            Some((row, fault, _)) => faults.whole_row(fault, row),
            None if !ended => faults.whole_row(&faults::NO_LAST_BREAK, rows),
            None => {}
        }
        Ok(rows)
    }
}

/// What is wrong with a row as a whole.
fn wrong_row(record: &ByteRecord, width: usize, nul: bool) -> Option<&'static Fault> {
    if nul && record.as_slice().contains(&0) {
        return Some(&faults::NUL_BYTES);
    }
    if record.len() == width {
        return None;
    }
    // Of a row that is one field every separator is another one than that of the header.
    let fields = |separator: &u8| record.as_slice().iter().filter(|byte| *byte == separator).count() + 1;
    let other = record.len() == 1 && SEPARATORS.iter().any(|separator| fields(separator) == width);
    Some(if other { &faults::OTHER_SEPARATOR } else { &faults::ROW_LENGTH })
}

/// Rows collected for the next hand-over; they follow one another in the file.
struct Piece<'a> {
    columns: &'a [usize],
    fields: Vec<Fields>,
    rows: usize,
    first_row: u64,
    encoding: Encoding<'a>,
}

/// The fields of a column as they stand in the file, one behind the other.
struct Fields {
    bytes: Vec<u8>,
    /// Where each begins, and the end of the last.
    offsets: Vec<i32>,
}

impl Default for Fields {
    fn default() -> Self {
        Self { bytes: Vec::new(), offsets: vec![0] }
    }
}

impl<'a> Piece<'a> {
    fn new(columns: &'a [usize], header: &'a [String]) -> Self {
        let fields = columns.iter().map(|_| Fields::default()).collect();
        Self { columns, fields, rows: 0, first_row: 1, encoding: Encoding { header, seen: Vec::new() } }
    }

    fn push(&mut self, record: &ByteRecord) {
        for (&at, fields) in self.columns.iter().zip(&mut self.fields) {
            fields.bytes.extend_from_slice(record.get(at).unwrap_or_default());
            fields.offsets.push(fields.bytes.len() as i32);
        }
        self.rows += 1;
    }

    fn flush(&mut self, next_row: u64, faults: &mut Faults, take: &mut Take<'_>) {
        if self.rows > 0 {
            let columns = self.columns.iter().zip(std::mem::take(&mut self.fields));
            let arrays: Vec<ArrayRef> =
                columns.map(|(at, fields)| Arc::new(self.encoding.texts(fields, self.first_row, *at)) as ArrayRef).collect();
            take(self.first_row, &arrays, faults);
            self.fields.resize_with(self.columns.len(), Fields::default);
        }
        self.rows = 0;
        self.first_row = next_row;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Utf8,
    Windows1252,
    Neither,
}

/// The encodings seen beyond ASCII: kind, column, first rows.
struct Encoding<'a> {
    header: &'a [String],
    seen: Vec<(Script, usize, u64, Vec<u64>)>,
}

impl Encoding<'_> {
    /// The fields of a column as text; of most files all bytes are ASCII, which is seen at once.
    fn texts(&mut self, fields: Fields, first_row: u64, column: usize) -> StringArray {
        let Fields { bytes, offsets } = fields;
        if bytes.is_ascii() {
            return StringArray::new(OffsetBuffer::new(offsets.into()), Buffer::from_vec(bytes), None);
        }
        let fields = offsets.windows(2).map(|ends| &bytes[ends[0] as usize..ends[1] as usize]);
        fields.zip(first_row..).map(|(field, row)| Some(self.text(field, row, column))).collect()
    }

    fn text<'f>(&mut self, field: &'f [u8], row: u64, column: usize) -> Cow<'f, str> {
        match std::str::from_utf8(field) {
            Ok(text) => {
                if !text.is_ascii() {
                    self.note(Script::Utf8, row, column);
                }
                Cow::Borrowed(text)
            }
            Err(_) => {
                let outside = field.iter().any(|byte| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D));
                self.note(if outside { Script::Neither } else { Script::Windows1252 }, row, column);
                windows_1252(field)
            }
        }
    }

    fn note(&mut self, script: Script, row: u64, column: usize) {
        let found = self.seen.iter().position(|(s, c, ..)| *s == script && *c == column);
        let at = found.unwrap_or_else(|| {
            self.seen.push((script, column, 0, Vec::new()));
            self.seen.len() - 1
        });
        self.seen[at].2 += 1;
        if self.seen[at].3.len() < 5 {
            self.seen[at].3.push(row);
        }
    }

    /// Of a file in two encodings the rarer one is reported.
    fn report(&self, faults: &mut Faults) {
        let count = |script| self.seen.iter().filter(|(s, ..)| *s == script).map(|(_, _, count, _)| count).sum::<u64>();
        let (utf8, windows) = (count(Script::Utf8), count(Script::Windows1252));
        let odd = if utf8 < windows { Script::Utf8 } else { Script::Windows1252 };
        for (script, column, rows_all, rows) in &self.seen {
            let fault: &'static Fault = match script {
                Script::Neither => &faults::NO_ENCODING,
                _ if utf8 > 0 && windows > 0 && *script == odd => &faults::MIXED_ENCODING,
                _ => continue,
            };
            faults.several(fault, (rows, *rows_all), &self.header[*column]);
        }
    }
}
