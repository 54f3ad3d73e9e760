//! Readers of every format of a release, written for the tests alone: each gives the cells of a table by key.

#![allow(dead_code, reason = "every test takes what it needs")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use arrow::array::{Array, Float64Array, Int32Array, Int64Array, StringArray};
use arrow::record_batch::RecordBatch;
use calamine::{Data, Range, Reader, Xlsx};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

/// What a format tells of a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    pub value: Option<f64>,
    pub units: Option<i64>,
    pub state: String,
}

/// A table: the names of its key columns, and its cells by the codes of those.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub keys: Vec<String>,
    pub unit: String,
    pub cells: BTreeMap<Vec<String>, Cell>,
}

/// Records with a header, as they stand in a CSV.
fn records(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let mut rows = reader.records().map(|row| row.expect("CSV").iter().map(str::to_owned).collect::<Vec<_>>());
    (rows.next().expect("a header"), rows.collect())
}

fn place(header: &[String], name: &str) -> Option<usize> {
    header.iter().position(|known| known == name)
}

pub fn csv_table(bytes: &[u8]) -> Table {
    let (header, rows) = records(bytes);
    let value = place(&header, "value").expect("values");
    let (unit, state) = (place(&header, "unit").expect("units"), place(&header, "state").expect("states"));
    let cell = |row: &Vec<String>| Cell {
        value: row[value].parse().ok(),
        units: place(&header, "n").and_then(|n| row[n].parse().ok()),
        state: row[state].clone(),
    };
    let cells = rows.iter().map(|row| (row[..value].to_vec(), cell(row))).collect();
    Table { keys: header[..value].to_vec(), unit: rows[0][unit].clone(), cells }
}

/// The codes of a list beside their names in a language.
pub fn code_list(bytes: &[u8], label: &str) -> BTreeMap<String, String> {
    let (header, rows) = records(bytes);
    let label = place(&header, label).expect("labels");
    rows.into_iter().map(|row| (row[0].clone(), row[label].clone())).collect()
}

fn batches(bytes: &[u8]) -> (BTreeMap<String, String>, Vec<RecordBatch>) {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).expect("Parquet");
    let pairs = builder.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
    let pairs = pairs.into_iter().map(|pair| (pair.key, pair.value.unwrap_or_default())).collect();
    (pairs, builder.build().expect("Parquet").map(|batch| batch.expect("Parquet")).collect())
}

/// A value of a column as text; nothing for null.
fn shown(batch: &RecordBatch, column: usize, row: usize) -> Option<String> {
    let array = batch.column(column);
    if array.is_null(row) {
        return None;
    }
    let any = array.as_any();
    let text = any.downcast_ref::<StringArray>().map(|texts| texts.value(row).to_owned());
    let whole = || any.downcast_ref::<Int64Array>().map(|numbers| numbers.value(row).to_string());
    let year = || any.downcast_ref::<Int32Array>().map(|numbers| numbers.value(row).to_string());
    let number = || any.downcast_ref::<Float64Array>().map(|numbers| numbers.value(row).to_string());
    Some(text.or_else(whole).or_else(year).or_else(number).expect("a column of a known type"))
}

/// The metadata of a Parquet file, and its table.
pub fn parquet_table(bytes: &[u8], keys: &[String]) -> (BTreeMap<String, String>, Table) {
    let (metadata, batches) = batches(bytes);
    let mut cells = BTreeMap::new();
    let mut unit = String::new();
    for batch in &batches {
        let at = |name: &str| batch.schema().index_of(name).ok();
        for row in 0..batch.num_rows() {
            let text = |name: &str| at(name).and_then(|column| shown(batch, column, row));
            let key = keys.iter().map(|name| text(name).expect("a code")).collect();
            unit = text("unit").expect("a unit");
            let (value, units) = (text("value").and_then(|v| v.parse().ok()), text("n").and_then(|n| n.parse().ok()));
            cells.insert(key, Cell { value, units, state: text("state").expect("a state") });
        }
    }
    (metadata, Table { keys: keys.to_vec(), unit, cells })
}

/// The rows of a Parquet file by the names of its columns; nothing for null.
pub fn parquet_records(bytes: &[u8]) -> Vec<BTreeMap<String, Option<String>>> {
    let (_, batches) = batches(bytes);
    let row = |batch: &RecordBatch, row: usize| {
        let fields = batch.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
        fields.into_iter().enumerate().map(|(column, name)| (name, shown(batch, column, row))).collect()
    };
    batches.iter().flat_map(|batch| (0..batch.num_rows()).map(|at| row(batch, at)).collect::<Vec<_>>()).collect()
}

/// SDMX has another alphabet for codes, and a code for all classes together.
pub fn sdmx_code(code: &str) -> String {
    if code.is_empty() { "_T".into() } else { code.replace('+', "_PLUS").replace('.', "_") }
}

/// A table with the codes of SDMX, and how often each pair of observation and confidentiality status stands beside each state.
pub fn sdmx_table(bytes: &[u8], keys: &[String]) -> (BTreeMap<[String; 3], usize>, Table) {
    let (header, rows) = records(bytes);
    let at = |name: &str| place(&header, name);
    let text = |row: &[String], name: &str| at(name).map(|column| row[column].clone()).expect("a column");
    let dimension = |name: &String| if name == "year" { "TIME_PERIOD".into() } else { name.to_uppercase() };
    let mut statuses = BTreeMap::new();
    let mut cells = BTreeMap::new();
    for row in &rows {
        let state = text(row, "CELL_STATE");
        *statuses.entry([state.clone(), text(row, "OBS_STATUS"), text(row, "CONF_STATUS")]).or_insert(0) += 1;
        let units = at("UNITS").and_then(|column| row[column].parse().ok());
        let key = keys.iter().map(|name| text(row, &dimension(name))).collect();
        cells.insert(key, Cell { value: text(row, "OBS_VALUE").parse().ok(), units, state });
    }
    (statuses, Table { keys: keys.to_vec(), unit: text(&rows[0], "UNIT_MEASURE"), cells })
}

/// The cube turned back into rows; the last dimension is the measure.
pub fn json_stat_table(bytes: &[u8]) -> Table {
    let cube: Value = serde_json::from_slice(bytes).expect("JSON");
    let ids: Vec<String> = cube["id"].as_array().expect("ids").iter().map(|id| id.as_str().expect("text").to_owned()).collect();
    let codes = |id: &String| -> Vec<String> {
        let index = cube["dimension"][id]["category"]["index"].as_array().expect("codes");
        index.iter().map(|code| code.as_str().expect("text").to_owned()).collect()
    };
    let codes: Vec<Vec<String>> = ids.iter().map(codes).collect();
    let sizes: Vec<usize> = codes.iter().map(Vec::len).collect();
    assert_eq!(cube["size"], serde_json::json!(sizes));
    let (keys, measures) = (&ids[..ids.len() - 1], &codes[ids.len() - 1]);
    let mut cells: BTreeMap<Vec<String>, Cell> = BTreeMap::new();
    for place in 0..sizes.iter().product() {
        let mut rest = place;
        let mut key: Vec<String> = Vec::new();
        for codes in codes.iter().rev() {
            key.push(codes[rest % codes.len()].clone());
            rest /= codes.len();
        }
        let measure = key.remove(0);
        key.reverse();
        let state = cube["status"][place].as_str().expect("a state").to_owned();
        let cell = cells.entry(key).or_insert(Cell { value: None, units: None, state });
        match measure.as_str() {
            "value" => cell.value = cube["value"][place].as_f64(),
            _ => cell.units = cube["value"][place].as_i64(),
        }
    }
    assert_eq!(measures[0], "value");
    let unit = cube["dimension"]["measure"]["category"]["unit"]["value"]["label"].as_str().expect("a unit").to_owned();
    Table { keys: keys.to_vec(), unit, cells }
}

/// A spreadsheet by the names of its sheets.
pub fn sheets(bytes: &[u8]) -> Vec<(String, Range<Data>)> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes.to_vec())).expect("a spreadsheet");
    book.worksheets()
}

/// The table of a sheet: the row of its header, and the rows below it.
pub fn sheet_table(sheet: &Range<Data>) -> (Vec<String>, Vec<Vec<Data>>) {
    let mut rows = sheet.rows().skip_while(|row| row[0] != "Back to the contents" && row[0] != "Terug naar de inhoud").skip(1);
    let header = rows.next().expect("a header").iter().map(ToString::to_string).collect();
    (header, rows.map(<[Data]>::to_vec).collect())
}

/// All text in a file, whatever its format: archives unpacked, columns decoded.
pub fn all_text(name: &str, bytes: &[u8]) -> String {
    match name.rsplit('.').next() {
        Some("xlsx" | "zip") => {
            let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
            let mut text = String::new();
            for at in 0..archive.len() {
                let mut part = archive.by_index(at).expect("a part");
                text.push('\n');
                part.read_to_string(&mut text).expect("parts are XML");
            }
            text
        }
        Some("parquet") => {
            let (metadata, batches) = batches(bytes);
            let mut words: Vec<String> = metadata.into_iter().flat_map(|(key, value)| [key, value]).collect();
            for batch in &batches {
                for (column, field) in batch.schema().fields().iter().enumerate() {
                    words.push(field.name().clone());
                    words.extend((0..batch.num_rows()).filter_map(|row| shown(batch, column, row)));
                }
            }
            // Statistics of pages and the footer stand in the file as they are.
            words.join("\n") + "\n" + &String::from_utf8_lossy(bytes)
        }
        Some("pdf") => pdf_text(bytes) + "\n" + &String::from_utf8_lossy(bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The inflated streams of a PDF.
fn streams(bytes: &[u8]) -> Vec<Vec<u8>> {
    let find =
        |from: usize, wanted: &[u8]| bytes[from..].windows(wanted.len()).position(|part| part == wanted).map(|at| from + at);
    let mut streams = Vec::new();
    let mut at = 0;
    while let Some(begin) = find(at, b"\nstream\n") {
        let end = find(begin, b"\nendstream").expect("a stream ends");
        let mut inflated = Vec::new();
        let mut reader = flate2::read::ZlibDecoder::new(&bytes[begin + 8..end]);
        reader.read_to_end(&mut inflated).expect("streams are deflated");
        streams.push(inflated);
        at = end;
    }
    streams
}

/// What a viewer finds when it searches a PDF of this program: every shown text on a line, decoded by the tables of the file itself.
pub fn pdf_text(bytes: &[u8]) -> String {
    let streams = streams(bytes);
    let mut letters: Vec<BTreeMap<u16, String>> = Vec::new();
    let mut lines = String::new();
    for stream in &streams {
        let text = String::from_utf8_lossy(stream);
        if text.contains("beginbfchar") {
            let pair = |line: &str| {
                let (glyph, letter) = line.strip_prefix('<')?.split_once("> <")?;
                let letter = u32::from_str_radix(letter.strip_suffix('>')?, 16).ok().and_then(char::from_u32)?;
                Some((u16::from_str_radix(glyph, 16).ok()?, letter.to_string()))
            };
            letters.push(text.lines().filter_map(pair).collect());
        } else if text.contains(" Tf") {
            let mut face = 0;
            for line in text.lines() {
                face = if line.starts_with("/F0 ") {
                    0
                } else if line.starts_with("/F1 ") {
                    1
                } else {
                    face
                };
                if let Some(shown) = line.strip_suffix(" Tj") {
                    let glyphs = string(shown).chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect::<Vec<_>>();
                    lines.extend(glyphs.iter().map(|glyph| letters[face].get(glyph).map_or("?", String::as_str)));
                    lines.push('\n');
                }
            }
        }
    }
    lines
}

/// The bytes of a string of a PDF, in hexadecimal or with escapes.
fn string(text: &str) -> Vec<u8> {
    if let Some(hex) = text.strip_prefix('<') {
        let digits: Vec<char> = hex.trim_end_matches('>').chars().collect();
        return digits
            .chunks(2)
            .map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).expect("hexadecimal"))
            .collect();
    }
    let mut bytes = Vec::new();
    let mut letters = text[1..text.len() - 1].chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            bytes.push(letter as u8);
            continue;
        }
        match letters.next().expect("an escape") {
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            'b' => bytes.push(8),
            'f' => bytes.push(12),
            first if first.is_ascii_digit() => {
                let octal: String = [first].into_iter().chain(letters.by_ref().take(2)).collect();
                bytes.push(u8::from_str_radix(&octal, 8).expect("octal"));
            }
            other => bytes.push(other as u8),
        }
    }
    bytes
}
