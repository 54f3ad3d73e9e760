//! The forms of pooled tables beside CSV: Parquet, JSON-stat and a spreadsheet. One format is one function and a line in the list.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, Int64Array, StringArray};
use serde_json::{Value, json};

use super::cells::{PooledRow, PooledState, PooledTable};
use super::files::{COLUMNS, record};
use crate::release::layout::TOTAL;
use crate::release::manifest::json as pretty;
use crate::release::{File, parquet, xlsx};
use crate::released::Finished;

/// A pooled release, before it has a form.
pub struct Pooling<'a> {
    pub environments: &'a [Finished],
    pub tables: &'a [PooledTable],
}

/// Every format.
pub const FORMATS: [fn(&Pooling<'_>) -> Vec<File>; 3] = [parquets, cubes, spreadsheet];

/// Columns whose figures are whole numbers.
const WHOLE: &str = "nonNegativeInteger";

impl Pooling<'_> {
    fn study(&self) -> (&str, &str) {
        self.environments.first().map_or(("", ""), |first| (first.manifest.study.as_str(), first.manifest.title.as_str()))
    }

    fn names(&self) -> String {
        self.environments.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn parquets(pooling: &Pooling<'_>) -> Vec<File> {
    let file = |table: &PooledTable| {
        let records: Vec<Vec<String>> = table.rows.iter().map(|row| record(table, row)).collect();
        let keys = table.defined.columns.iter().map(|(name, _)| (name.as_str(), if name == "year" { "year" } else { "string" }));
        let columns = keys.chain(COLUMNS.iter().map(|(name, datatype, _)| (*name, *datatype)));
        let column = |(at, (name, datatype)): (usize, (&str, &str))| (name.to_owned(), column(&records, at, datatype));
        let columns = columns.enumerate().map(column).collect();
        let (study, title) = pooling.study();
        let metadata = [
            ("study", study.to_owned()),
            ("study_title", title.to_owned()),
            ("table", table.id.clone()),
            ("title", table.defined.title.clone()),
            ("unit", table.defined.unit.clone()),
            ("pooled", pooling.names()),
        ];
        File { path: format!("parquet/{}.parquet", table.id), bytes: parquet::bytes(columns, &metadata) }
    };
    pooling.tables.iter().map(file).collect()
}

/// An empty figure is null.
fn column(records: &[Vec<String>], at: usize, datatype: &str) -> ArrayRef {
    let texts = || records.iter().map(|record| record[at].as_str());
    match datatype {
        "decimal" => Arc::new(Float64Array::from_iter(texts().map(|text| text.parse::<f64>().ok()))),
        "year" => Arc::new(Int32Array::from_iter(texts().map(|text| text.parse::<i32>().ok()))),
        WHOLE => Arc::new(Int64Array::from_iter(texts().map(|text| text.parse::<i64>().ok()))),
        _ => Arc::new(StringArray::from_iter_values(texts())),
    }
}

fn cubes(pooling: &Pooling<'_>) -> Vec<File> {
    let file = |table: &PooledTable| File { path: format!("json-stat/{}.json", table.id), bytes: pretty(&cube(pooling, table)) };
    pooling.tables.iter().map(file).collect()
}

/// A JSON-stat 2.0 dataset: the key columns, and as the last dimension what is told of a cell. A combination that no row has cannot exist.
fn cube(pooling: &Pooling<'_>, table: &PooledTable) -> Value {
    let measures: Vec<(usize, &str, &str)> = COLUMNS
        .iter()
        .enumerate()
        .filter(|(_, (_, kind, _))| *kind != "string")
        .map(|(at, (name, _, title))| (at, *name, *title))
        .collect();
    let keys: Vec<&str> = table.defined.columns.iter().map(|(name, _)| name.as_str()).collect();
    let codes: Vec<Vec<&str>> = (0..keys.len()).map(|at| codes(table, at)).collect();
    let mut sizes: Vec<usize> = codes.iter().map(Vec::len).collect();
    let mut rows: Vec<Option<&PooledRow>> = vec![None; sizes.iter().product()];
    for row in &table.rows {
        let place = row
            .key
            .iter()
            .zip(&codes)
            .fold(0, |place, (code, codes)| place * codes.len() + codes.iter().position(|known| known == code).unwrap_or(0));
        rows[place] = Some(row);
    }
    let told = |row: &Option<&PooledRow>| -> (Vec<Value>, Vec<&'static str>) {
        let texts = row.map(|row| record(table, row));
        let state = row.map_or(PooledState::NotApplicable, |row| row.state).name();
        let figure = |at: usize| number(texts.as_ref().map_or("", |texts| texts[keys.len() + at].as_str()));
        measures.iter().map(|(at, _, _)| (figure(*at), state)).unzip()
    };
    let (values, states): (Vec<Vec<Value>>, Vec<Vec<&str>>) = rows.iter().map(told).unzip();
    sizes.push(measures.len());
    let dimension = |(name, codes): (&&str, &Vec<&str>)| {
        let index: Vec<&str> = codes.iter().map(|code| if code.is_empty() { TOTAL } else { *code }).collect();
        ((*name).to_owned(), json!({ "label": name, "category": { "index": index } }))
    };
    let mut dimensions: BTreeMap<String, Value> = keys.iter().zip(&codes).map(dimension).collect();
    let labels: BTreeMap<&str, &str> = measures.iter().map(|(_, name, title)| (*name, *title)).collect();
    let index: Vec<&str> = measures.iter().map(|(_, name, _)| *name).collect();
    dimensions.insert("measure".into(), json!({ "label": "measure", "category": { "index": index, "label": labels } }));
    let ids: Vec<&str> = keys.iter().copied().chain(["measure"]).collect();
    let roles = if keys.contains(&"year") {
        json!({ "time": ["year"], "metric": ["measure"] })
    } else {
        json!({ "metric": ["measure"] })
    };
    json!({
        "version": "2.0",
        "class": "dataset",
        "label": table.defined.title,
        "source": format!("Pooled over {}", pooling.names()),
        "id": ids,
        "size": sizes,
        "role": roles,
        "dimension": dimensions,
        "value": values.concat(),
        "status": states.concat(),
        "extension": {
            "table": table.id,
            "study": pooling.study().0,
            "unit": table.defined.unit,
            "states": PooledState::ALL.iter().map(|(state, text)| (state.name(), *text)).collect::<BTreeMap<_, _>>(),
        },
    })
}

/// The codes of a key column in the order in which the rows first have them.
fn codes(table: &PooledTable, at: usize) -> Vec<&str> {
    let mut codes: Vec<&str> = Vec::new();
    for row in &table.rows {
        if !codes.contains(&row.key[at].as_str()) {
            codes.push(&row.key[at]);
        }
    }
    codes
}

fn number(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(whole) => whole.into(),
        Err(_) => text.parse::<f64>().ok().map_or(Value::Null, Value::from),
    }
}

fn spreadsheet(pooling: &Pooling<'_>) -> Vec<File> {
    let (study, title) = pooling.study();
    let sheet = |table: &PooledTable| {
        let keys = table.defined.columns.iter().map(|(name, _)| name.clone());
        let unit = |name: &str| matches!(name, "value" | "low" | "high" | "estimate");
        let own = COLUMNS.iter().map(|(name, _, _)| match unit(name) {
            true => format!("{name} ({})", table.defined.unit),
            false => (*name).to_owned(),
        });
        let numeric = |at: usize| at.checked_sub(table.defined.columns.len()).is_some_and(|at| COLUMNS[at].1 != "string");
        let headers: Vec<(String, bool)> = keys.chain(own).enumerate().map(|(at, name)| (name, numeric(at))).collect();
        xlsx::Plain {
            name: table.id.clone(),
            title: table.defined.title.clone(),
            headers,
            rows: table.rows.iter().map(|row| record(table, row)).collect(),
        }
    };
    let meaning = |(name, text): (&str, &str)| format!("{name}: {text}.");
    let mut lines = vec![format!("Pooled over {}. An empty figure is none; it is never zero.", pooling.names())];
    lines.extend(COLUMNS.iter().map(|(name, _, text)| meaning((name, text))));
    lines.extend(PooledState::ALL.iter().map(|(state, text)| meaning((state.name(), text))));
    let sheets: Vec<xlsx::Plain> = pooling.tables.iter().map(sheet).collect();
    vec![File { path: format!("{study}.xlsx"), bytes: xlsx::plain(title, &lines, &sheets) }]
}
