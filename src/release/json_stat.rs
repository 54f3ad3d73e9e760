//! One JSON-stat 2.0 dataset per table (<https://json-stat.org/full/>): a cube of its key columns, with a state for every observation.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::facts::Column;
use super::layout::{self, Field, Record, TOTAL};
use super::manifest::json;
use super::{File, Format, Release};
use crate::disclosure::safe::SafeTable;
use crate::language::Language;

pub const JSON_STAT: Format =
    Format { name: "json-stat", files: |release| release.tables.tables().iter().map(|table| file(release, table)).collect() };

/// The last dimension of every cube: what is observed.
const MEASURE: &str = "measure";

fn file(release: &Release<'_>, table: &SafeTable) -> File {
    File { path: format!("json-stat/{}.json", table.id), bytes: json(&dataset(release, table)) }
}

fn dataset(release: &Release<'_>, table: &SafeTable) -> Value {
    let codes: Vec<Vec<&str>> = table.columns.iter().map(|column| layout::codes(table, column)).collect();
    let measures = measures(table);
    let mut sizes: Vec<usize> = codes.iter().map(Vec::len).collect();
    sizes.push(measures.len());
    let (values, states) = observations(table, &codes, &measures);
    let ids: Vec<&str> = table.columns.iter().map(String::as_str).chain([MEASURE]).collect();
    json!({
        "version": "2.0",
        "class": "dataset",
        "label": table.title,
        "source": release.facts.source(),
        "id": ids,
        "size": sizes,
        "role": roles(table),
        "dimension": dimensions(release, table, &codes),
        "value": values,
        "status": states,
        "extension": {
            "table": table.id,
            "study": release.facts.study,
            "profile": release.facts.profile,
            "states": layout::STATES.iter().map(|(state, text)| (layout::state(*state), text.english)).collect::<BTreeMap<_, _>>(),
        },
    })
}

fn measures(table: &SafeTable) -> Vec<Field<'static>> {
    [Field::Value].into_iter().chain(layout::counts(table).then_some(Field::Units)).collect()
}

/// Values and states in row-major order of the cube. A combination of codes that no row has cannot exist.
fn observations(table: &SafeTable, codes: &[Vec<&str>], measures: &[Field<'_>]) -> (Vec<Value>, Vec<&'static str>) {
    let cells = codes.iter().map(Vec::len).product::<usize>();
    let mut rows: Vec<Option<Record<'_>>> = vec![None; cells];
    for record in layout::records(table) {
        let place = table.columns.iter().zip(codes).fold(0, |place, (column, codes)| {
            let code = layout::key(record.row, column);
            place * codes.len() + codes.iter().position(|known| *known == code).unwrap_or(0)
        });
        rows[place] = Some(record);
    }
    let observed = |record: &Option<Record<'_>>, field: &Field<'_>| match record {
        Some(record) => (number(&field.text(table, record)), layout::state(record.row.state)),
        None => (Value::Null, layout::state(crate::disclosure::safe::State::NotApplicable)),
    };
    rows.iter().flat_map(|record| measures.iter().map(move |field| observed(record, field))).unzip()
}

/// A printed number as JSON; nothing as null.
fn number(text: &str) -> Value {
    match text.parse::<i64>() {
        Ok(whole) => whole.into(),
        Err(_) => text.parse::<f64>().ok().map_or(Value::Null, Value::from),
    }
}

fn roles(table: &SafeTable) -> Value {
    let time = table.columns.iter().any(|column| column == "year");
    if time { json!({ "time": ["year"], "metric": [MEASURE] }) } else { json!({ "metric": [MEASURE] }) }
}

fn dimensions(release: &Release<'_>, table: &SafeTable, codes: &[Vec<&str>]) -> Map<String, Value> {
    let columns = release.facts.columns(&table.id);
    let known = |name: &str| columns.iter().find(|column| column.name == name);
    let mut dimensions = Map::new();
    for (name, codes) in table.columns.iter().zip(codes) {
        dimensions.insert(name.clone(), dimension(name, known(name), codes));
    }
    let units = BTreeMap::from([
        ("value", json!({ "label": table.unit, "decimals": table.decimals })),
        ("n", json!({ "label": "units", "decimals": 0 })),
    ]);
    let index: Vec<&str> = measures(table).iter().map(Field::name).collect();
    let unit: BTreeMap<&str, &Value> = units.iter().filter(|(name, _)| index.contains(*name)).map(|(n, u)| (*n, u)).collect();
    let label: BTreeMap<&str, &str> =
        index.iter().map(|name| (*name, if *name == "n" { "Number of units" } else { layout::statistic(table) })).collect();
    dimensions
        .insert(MEASURE.into(), json!({ "label": "Measure", "category": { "index": index, "label": label, "unit": unit } }));
    dimensions
}

fn dimension(name: &str, column: Option<&Column>, codes: &[&str]) -> Value {
    let category = |code: &str| if code.is_empty() { TOTAL } else { code }.to_owned();
    let words = |code: &str| column.map_or_else(|| category(code), |column| column.words(code, Language::English));
    let index: Vec<String> = codes.iter().map(|code| category(code)).collect();
    let label: BTreeMap<String, String> = codes.iter().map(|code| (category(code), words(code))).collect();
    json!({
        "label": column.map_or(name, |column| &column.title.english),
        "category": { "index": index, "label": label },
    })
}
