//! A plain CSV file as a table of numbers or amounts: each row a unit, or each row a cell with its number of units; with the keys of cells.

#![allow(clippy::disallowed_methods, reason = "tables that were made elsewhere are read here")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::hierarchy::Hierarchy;
use super::perturb::cell_key::CellKey;
use super::perturb::cell_key::key::{Key, Secret};
use super::records::{Record, tabulate};
use super::table::{CellRow, CellTable, Declared, Dimension, TOTAL};
use crate::amount::parse_decimal;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::tables::set::Stats;

/// Combinations of codes up to which empty cells are listed too, so that it tells nothing whether a cell is.
const COMBINATIONS_MAX: u128 = 2_000_000;

/// Which columns are what.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    pub by: Vec<String>,
    /// The number of units, where rows are cells.
    pub count: Option<String>,
    /// The amount, where rows are units and amounts are tabulated.
    pub value: Option<String>,
    /// What a unit is recognised by.
    pub unit: Option<String>,
    /// A key from 0 up to 1 of the unit, or of the innermost cell.
    pub key: Option<String>,
    /// The code of the total; an empty field is one too.
    pub total: String,
    /// Variable and file with the codes below the total, each led by as many `@` as it lies deeper.
    pub hierarchies: Vec<(String, PathBuf)>,
}

/// A table with the keys of its cells, where units have keys. Sensitive.
pub struct Plain {
    pub table: CellTable,
    pub keys: Option<Vec<CellKey>>,
}

/// One row of the file; amounts in ten-thousandths.
struct Row {
    number: u64,
    codes: Vec<u32>,
    count: u64,
    value: i64,
    unit: Option<String>,
    key: Option<Key>,
}

/// Reads a whole file.
///
/// # Errors
/// `cannot-read`.
fn bytes(path: &Path) -> Result<Vec<u8>, Diagnostic> {
    std::fs::read(path).map_err(|error| Diagnostic::error("cannot-read", format!("cannot read: {error}")).in_file(path))
}

/// Reads a whole file of text.
///
/// # Errors
/// `cannot-read`, or `bad-encoding` when it is not UTF-8.
pub fn text(path: &Path) -> Result<String, Diagnostic> {
    let wrong = |_| Diagnostic::error("bad-encoding", "the file is not UTF-8 text").in_file(path);
    String::from_utf8(bytes(path)?).map_err(wrong)
}

/// Reads a table; keys of units are drawn with the secret unless the file has them.
///
/// # Errors
/// `cannot-read`; `column-missing`, `unknown-code`, `bad-value`, `key-not-unique` with the row; `conflict` for columns that exclude
/// each other.
pub fn read(path: &Path, columns: &Columns, secret: Option<&Secret>) -> Result<Plain, Diagnostics> {
    if columns.value.is_some() && columns.count.is_some() {
        let finding = Diagnostic::error("conflict", "amounts are tabulated from units, not from cells");
        return Err(finding.help("leave --count out where each row is a unit").into());
    }
    let mut hierarchies = BTreeMap::new();
    for (name, file) in &columns.hierarchies {
        hierarchies.insert(name.clone(), Hierarchy::indented(&text(file)?, "@")?);
    }
    File { path, text: &text(path)?, columns, hierarchies, secret }.table()
}

struct File<'a> {
    path: &'a Path,
    text: &'a str,
    columns: &'a Columns,
    hierarchies: BTreeMap<String, Hierarchy>,
    secret: Option<&'a Secret>,
}

impl File<'_> {
    fn table(&self) -> Result<Plain, Diagnostics> {
        let (header, records) = self.records()?;
        let by = self.columns.by.iter().map(|name| self.column(&header, name)).collect::<Result<Vec<_>, _>>()?;
        let dimensions: Vec<Dimension> =
            self.columns.by.iter().zip(&by).map(|(name, at)| self.dimension(name, *at, &records)).collect();
        let rows = self.rows(&header, &by, &dimensions, &records)?;
        self.check_units(&rows)?;
        let (inner, totals): (Vec<Row>, Vec<Row>) = rows
            .into_iter()
            .partition(|row| dimensions.iter().zip(&row.codes).all(|(dimension, code)| dimension.is_innermost(*code)));
        if inner.is_empty() {
            return Err(Diagnostic::error("file-empty", "there is no row of an innermost cell").in_file(self.path).into());
        }
        let table =
            if self.columns.value.is_some() { amounts(self.columns, dimensions, &inner)? } else { counts(dimensions, &inner) };
        self.check_totals(&table, &totals)?;
        let keys = inner.iter().all(|row| row.key.is_some()).then(|| keys(&table, &inner));
        Ok(Plain { table, keys })
    }

    /// The header and all rows; fields are separated by `;` where the header has one, otherwise by `,`.
    fn records(&self) -> Result<(Vec<String>, Vec<csv::StringRecord>), Diagnostics> {
        let separator = if self.text.lines().next().is_some_and(|line| line.contains(';')) { b';' } else { b',' };
        let text = self.text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).trim(csv::Trim::All).from_reader(text.as_bytes());
        let broken = |_| Diagnostic::error("file-corrupt", "rows do not have the fields of the header").in_file(self.path);
        let header = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
        let records = reader.records().collect::<Result<Vec<_>, _>>().map_err(broken)?;
        Ok((header, records))
    }

    fn column(&self, header: &[String], name: &str) -> Result<usize, Diagnostic> {
        header.iter().position(|known| known == name).ok_or_else(|| {
            let finding = Diagnostic::error("column-missing", format!("there is no column `{name}`")).in_file(self.path);
            finding.help(format!("the columns are: {}", header.join(", ")))
        })
    }

    /// The codes of the hierarchy, or those that stand in the file as one sum.
    fn dimension(&self, name: &str, at: usize, records: &[csv::StringRecord]) -> Dimension {
        match self.hierarchies.get(name) {
            Some(hierarchy) => Dimension::nested(name, hierarchy),
            None => {
                let codes: BTreeSet<&str> =
                    records.iter().filter_map(|record| record.get(at)).filter(|code| !self.is_total(code)).collect();
                Dimension::flat(name, codes)
            }
        }
    }

    fn is_total(&self, code: &str) -> bool {
        code.is_empty() || code == self.columns.total
    }

    fn rows(
        &self,
        header: &[String],
        by: &[usize],
        dimensions: &[Dimension],
        records: &[csv::StringRecord],
    ) -> Result<Vec<Row>, Diagnostics> {
        let optional = |name: &Option<String>| name.as_ref().map(|name| self.column(header, name)).transpose();
        let (count, value) = (optional(&self.columns.count)?, optional(&self.columns.value)?);
        let (unit, key) = (optional(&self.columns.unit)?, optional(&self.columns.key)?);
        let known: Vec<BTreeMap<&str, u32>> =
            dimensions.iter().map(|dimension| dimension.codes.iter().map(String::as_str).zip(0..).collect()).collect();
        let mut wrong = Diagnostics::default();
        let mut rows = Vec::with_capacity(records.len());
        for (number, record) in (1..).zip(records) {
            let field = |at: usize| record.get(at).unwrap_or_default();
            let mut bad =
                |code: &'static str, at: usize, why: &str| wrong.push(self.at(number, &header[at], Diagnostic::error(code, why)));
            let mut row =
                Row { number, codes: Vec::new(), count: 1, value: 0, unit: unit.map(|at| field(at).to_owned()), key: None };
            for (at, known) in by.iter().zip(&known) {
                match known.get(field(*at)).copied().or(self.is_total(field(*at)).then_some(TOTAL)) {
                    Some(code) => row.codes.push(code),
                    None => bad("unknown-code", *at, "a code is not in the hierarchy"),
                }
            }
            if let Some(at) = count {
                match field(at).parse() {
                    Ok(count) => row.count = count,
                    Err(_) => bad("bad-value", at, "a number of units is no whole number from 0 upwards"),
                }
            }
            if let Some(at) = value {
                match parse_decimal(field(at), b'.') {
                    Some(value) => row.value = value,
                    None => bad("bad-value", at, "an amount is no decimal number"),
                }
            }
            row.key = key.and_then(|at| Key::parse(field(at))).or_else(|| Some(self.secret?.key(row.unit.as_deref()?)));
            if let (Some(at), None) = (key, row.key) {
                bad("bad-value", at, "a key is no decimal number from 0 up to 1");
            }
            rows.push(row);
        }
        wrong.finish(rows).map(|(rows, _)| rows)
    }

    fn at(&self, row: u64, column: &str, finding: Diagnostic) -> Diagnostic {
        finding.at(Place::Data { file: self.path.to_owned(), row: Some(row), column: Some(column.to_owned()) })
    }

    /// A unit stands on one row, and where rows are cells each stands there once; a row of units has innermost codes.
    fn check_units(&self, rows: &[Row]) -> Result<(), Diagnostics> {
        let mut wrong = Diagnostics::default();
        let mut units: BTreeSet<&str> = BTreeSet::new();
        let mut cells: BTreeSet<&[u32]> = BTreeSet::new();
        for row in rows {
            let again = row.unit.as_deref().is_some_and(|unit| !units.insert(unit));
            if again || (self.columns.count.is_some() && !cells.insert(&row.codes)) {
                let what = if again { "a unit" } else { "a cell" };
                wrong.push(self.row(row, Diagnostic::error("key-not-unique", format!("{what} stands on more than one row"))));
            }
        }
        wrong.finish(()).map(|((), _)| ())
    }

    /// Totals in the file are those that follow.
    fn check_totals(&self, table: &CellTable, totals: &[Row]) -> Result<(), Diagnostics> {
        let index = table.index();
        let mut wrong = Diagnostics::default();
        for row in totals {
            if self.columns.count.is_none() {
                wrong.push(self.row(row, Diagnostic::error("unknown-code", "a unit has a code that others are a part of")));
            } else if index.get(&row.codes).map_or(0, |cell| table.cells[*cell].stats.units) != row.count {
                wrong.push(self.row(row, Diagnostic::error("bad-value", "a total is not the sum of its innermost cells")));
            }
        }
        wrong.finish(()).map(|((), _)| ())
    }

    fn row(&self, row: &Row, finding: Diagnostic) -> Diagnostic {
        finding.at(Place::Data { file: self.path.to_owned(), row: Some(row.number), column: None })
    }
}

fn counts(dimensions: Vec<Dimension>, rows: &[Row]) -> CellTable {
    let mut units: BTreeMap<Vec<u32>, u64> = empty(&dimensions);
    let above = above(&dimensions);
    for row in rows {
        for cell in combinations(&above, &row.codes) {
            *units.entry(cell).or_default() += row.count;
        }
    }
    let cell = |(codes, units): (Vec<u32>, u64)| {
        let stats =
            Stats { units, contributors: units, total: i128::from(units), absolute: i128::from(units), ..Stats::default() };
        CellRow { codes, stats, shares: Vec::new(), cost: None, declared: Declared::Nothing }
    };
    let cells = units.into_iter().map(cell).collect();
    CellTable { measure: "units".to_owned(), dimensions, nonnegative: true, whole: true, largest_known: 0, cells }
}

fn amounts(columns: &Columns, dimensions: Vec<Dimension>, rows: &[Row]) -> Result<CellTable, Diagnostics> {
    let record = |row: &Row| {
        let codes = dimensions.iter().zip(&row.codes).map(|(dimension, code)| dimension.codes[*code as usize].clone());
        Record { codes: codes.collect(), holding: None, value: row.value, weight: None }
    };
    let records: Vec<Record> = rows.iter().map(record).collect();
    tabulate(columns.value.as_deref().unwrap_or_default(), dimensions, &records)
}

/// Every combination of codes, each without units, unless they are too many.
fn empty(dimensions: &[Dimension]) -> BTreeMap<Vec<u32>, u64> {
    if dimensions.iter().map(|dimension| dimension.codes.len() as u128).product::<u128>() > COMBINATIONS_MAX {
        return BTreeMap::new();
    }
    let all: Vec<Vec<Vec<u32>>> = dimensions.iter().map(|dimension| vec![(0..dimension.codes.len() as u32).collect()]).collect();
    combinations(&all, &vec![0; dimensions.len()]).into_iter().map(|codes| (codes, 0)).collect()
}

/// The key of every cell from those of its rows.
fn keys(table: &CellTable, rows: &[Row]) -> Vec<CellKey> {
    let index = table.index();
    let above = above(&table.dimensions);
    let mut keys = vec![CellKey::default(); table.cells.len()];
    for (row, key) in rows.iter().filter_map(|row| Some((row, row.key?))) {
        for cell in combinations(&above, &row.codes).iter().filter_map(|codes| index.get(codes)) {
            let of = &mut keys[*cell];
            of.all = of.all.plus(key);
            of.nonzero = if row.value == 0 { of.nonzero } else { of.nonzero.plus(key) };
        }
    }
    keys
}

/// Per dimension and code, the code and what it is a part of.
fn above(dimensions: &[Dimension]) -> Vec<Vec<Vec<u32>>> {
    dimensions.iter().map(|dimension| (0..dimension.codes.len() as u32).map(|code| dimension.above(code)).collect()).collect()
}

fn combinations(above: &[Vec<Vec<u32>>], codes: &[u32]) -> Vec<Vec<u32>> {
    let mut all = vec![Vec::new()];
    for (above, code) in above.iter().zip(codes) {
        all =
            all.iter().flat_map(|start| above[*code as usize].iter().map(|code| [start.as_slice(), &[*code]].concat())).collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str, columns: &Columns) -> Result<Plain, Diagnostics> {
        let secret = Secret::new(b"0123456789abcdef0123456789abcdef").unwrap();
        File { path: Path::new("t.csv"), text, columns, hierarchies: BTreeMap::new(), secret: Some(&secret) }.table()
    }

    fn columns(by: &[&str]) -> Columns {
        Columns { by: by.iter().map(|name| (*name).to_owned()).collect(), total: "Total".into(), ..Columns::default() }
    }

    fn counted(by: &[&str]) -> Columns {
        Columns { count: Some("n".into()), ..columns(by) }
    }

    fn wrong(text: &str, columns: &Columns) -> (&'static str, Place) {
        let found = table(text, columns).err().unwrap().0.remove(0);
        (found.code, found.place)
    }

    #[test]
    fn rows_are_cells_or_units_and_empty_cells_are_listed() {
        let cells = table("sex,age,n\nf,young,3\nm,old,4\nTotal,,7\n", &counted(&["sex", "age"])).unwrap();
        let units: Vec<u64> = cells.table.cells.iter().map(|cell| cell.stats.units).collect();
        assert_eq!(units, [7, 4, 3, 3, 0, 3, 4, 4, 0]);
        assert!(cells.keys.is_none());
        let units = table("id;sex\nu1;f\nu2;m\nu3;f\n", &Columns { unit: Some("id".into()), ..columns(&["sex"]) }).unwrap();
        assert_eq!(units.table.cells.iter().map(|cell| cell.stats.units).collect::<Vec<_>>(), [3, 2, 1]);
        assert_eq!(units.keys.unwrap().len(), 3);
    }

    #[test]
    fn keys_do_not_depend_on_the_order_of_rows_nor_on_the_table() {
        let by = |by: &[&str]| Columns { unit: Some("id".into()), ..columns(by) };
        let one = table("id,sex,age\n1,f,a\n2,m,b\n3,f,b\n4,f,a\n", &by(&["sex", "age"])).unwrap();
        let two = table("id,age,sex\n4,a,f\n3,b,f\n2,b,m\n1,a,f\n", &by(&["sex"])).unwrap();
        let key = |plain: &Plain, codes: &[u32]| plain.keys.as_ref().unwrap()[plain.table.index()[&codes.to_vec()]];
        assert!(key(&one, &[1, 0]) == key(&two, &[1]) && key(&one, &[0, 0]) == key(&two, &[0]));
        assert!(key(&one, &[1, 0]) != key(&one, &[2, 0]));
    }

    #[test]
    fn units_without_an_amount_count_in_one_key_only() {
        let columns = Columns { value: Some("v".into()), key: Some("k".into()), ..columns(&["sex"]) };
        let plain = table("sex,v,k\nf,10,0.25\nf,0,0.5\n", &columns).unwrap();
        let key = plain.keys.unwrap()[0];
        assert!(key.all == Key::parse("0.75").unwrap() && key.nonzero == Key::parse("0.25").unwrap());
        assert!(!plain.table.whole && plain.table.measure == "v");
    }

    #[test]
    fn what_is_wrong_is_named_by_its_row() {
        let at = |row: u64, column: Option<&str>| Place::Data {
            file: "t.csv".into(),
            row: Some(row),
            column: column.map(str::to_owned),
        };
        assert_eq!(wrong("sex,n\nf,3\nm,x\n", &counted(&["sex"])), ("bad-value", at(2, Some("n"))));
        assert_eq!(wrong("sex,n\nf,3\nf,4\n", &counted(&["sex"])), ("key-not-unique", at(2, None)));
        assert_eq!(wrong("sex,n\nf,3\nm,4\nTotal,8\n", &counted(&["sex"])), ("bad-value", at(3, None)));
        assert_eq!(wrong("sex\nf\nTotal\n", &columns(&["sex"])), ("unknown-code", at(2, None)));
        assert_eq!(
            wrong("id,sex\n1,f\n1,m\n", &Columns { unit: Some("id".into()), ..columns(&["sex"]) }),
            ("key-not-unique", at(2, None))
        );
        assert_eq!(wrong("sex,n\nf,3\n", &counted(&["age"])).0, "column-missing");
        assert_eq!(wrong("sex,n\nf\n", &counted(&["sex"])).0, "file-corrupt");
        assert_eq!(wrong("sex,n\nTotal,3\n", &counted(&["sex"])).0, "file-empty");
    }
}
