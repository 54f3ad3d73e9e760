//! CSV on the Web: beside every CSV what its columns hold, as W3C tabular metadata, with the lists of codes as tables of their own.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::facts::Column;
use super::layout::{self, Field};
use super::manifest::json;
use super::{File, Format, Release, csv};
use crate::disclosure::safe::SafeTable;

pub const CSVW: Format = Format { name: "csvw", files };

fn files(release: &Release<'_>) -> Vec<File> {
    let tables = release.tables.tables();
    let described = tables
        .iter()
        .map(|table| File { path: format!("tables/{}.csv-metadata.json", table.id), bytes: json(&metadata(release, table)) });
    let columns = tables.iter().flat_map(|table| coded(release, table));
    let lists: BTreeMap<&str, &Column> = columns.map(|column| (column.list.as_str(), column)).collect();
    described.chain(lists.into_values().map(list)).collect()
}

/// The key columns that have a list of codes: all but the year.
fn coded<'a>(release: &Release<'a>, table: &SafeTable) -> impl Iterator<Item = &'a Column> + use<'a> {
    release.facts.columns(&table.id).iter().filter(|column| column.name != "year" && !column.codes.is_empty())
}

fn list(column: &Column) -> File {
    let record = |code: &super::facts::Code| vec![code.code.clone(), column.label(&code.code).to_owned()];
    let bytes = csv::bytes(&["code", "label"], column.codes.iter().map(record));
    File { path: format!("tables/{}", list_url(column)), bytes }
}

fn list_url(column: &Column) -> String {
    format!("codes/{}.csv", column.list)
}

fn metadata(release: &Release<'_>, table: &SafeTable) -> Value {
    let facts = release.facts;
    let lists: BTreeMap<&str, &Column> = coded(release, table).map(|column| (column.list.as_str(), column)).collect();
    let tables: Vec<Value> = [described(release, table)].into_iter().chain(lists.into_values().map(described_list)).collect();
    json!({
        "@context": ["http://www.w3.org/ns/csvw", { "@language": facts.language }],
        "dc:title": table.title,
        "dc:isPartOf": facts.title,
        "dc:source": facts.source(),
        "dc:identifier": format!("{}/{}", facts.study, table.id),
        "dc:rights": format!("Protected against disclosure under profile {}", facts.profile),
        "dialect": {
            "encoding": "utf-8", "delimiter": ",", "quoteChar": "\"", "doubleQuote": true, "header": true, "headerRowCount": 1,
            "lineTerminators": ["\n"], "skipInitialSpace": false, "trim": false,
        },
        "tables": tables,
    })
}

fn described(release: &Release<'_>, table: &SafeTable) -> Value {
    let known = |name: &str| release.facts.columns(&table.id).iter().find(|column| column.name == name);
    let columns: Vec<Value> = layout::fields(table).iter().map(|field| column(table, field, known(field.name()))).collect();
    let reference = |column: &Column| json!({ "columnReference": column.name, "reference": { "resource": list_url(column), "columnReference": "code" } });
    json!({
        "url": format!("{}.csv", table.id),
        "dc:title": table.title,
        "tableSchema": {
            "columns": columns,
            "primaryKey": table.columns,
            "foreignKeys": coded(release, table).map(reference).collect::<Vec<_>>(),
        },
    })
}

fn described_list(column: &Column) -> Value {
    let text = |name: &str| json!({ "name": name, "titles": name, "datatype": "string", "required": true });
    json!({
        "url": list_url(column),
        "dc:title": column.title,
        "tableSchema": { "columns": [text("code"), text("label")], "primaryKey": "code" },
    })
}

fn column(table: &SafeTable, field: &Field<'_>, known: Option<&Column>) -> Value {
    let (datatype, title) = match field {
        Field::Key("year") => (json!("gYear"), "Year".to_owned()),
        Field::Key(name) => (json!("string"), known.map_or_else(|| (*name).to_owned(), |column| column.title.clone())),
        Field::Value if table.decimals == 0 => (json!("integer"), format!("{} in {}", layout::statistic(table), table.unit)),
        Field::Value => (json!("decimal"), format!("{} in {}", layout::statistic(table), table.unit)),
        Field::Unit => (json!("string"), "unit of the value".to_owned()),
        Field::Units => (json!("nonNegativeInteger"), "number of units behind the value".to_owned()),
        Field::State => (one_of(&layout::STATES.map(|(state, _)| layout::state(state))), states()),
        Field::Mark => (one_of(&["above", "below", "equal"]), "against the other arm".to_owned()),
    };
    let all = matches!(field, Field::Key(name) if layout::codes(table, name).contains(&""));
    let required = matches!(field, Field::Key(_) if !all) || matches!(field, Field::Unit | Field::State);
    let mut column = json!({
        "name": field.name(), "titles": field.name(), "datatype": datatype, "required": required, "dc:description": title,
    });
    if all {
        column["dc:description"] = format!("{title}; empty for all classes together").into();
    }
    column
}

fn one_of(names: &[&str]) -> Value {
    json!({ "base": "string", "format": names.join("|") })
}

fn states() -> String {
    layout::STATES.iter().map(|(state, text)| format!("{}: {text}", layout::state(*state))).collect::<Vec<_>>().join("; ")
}
