//! CSV on the Web: beside every CSV what its columns hold, as W3C tabular metadata, with the lists of codes as tables of their own.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::facts::Column;
use super::figures::languages;
use super::layout::{self, Field};
use super::manifest::json;
use super::{File, Format, Release, csv, words};
use crate::disclosure::safe::{SafeTable, State};
use crate::language::{Language, Phrase, Text};

pub const CSVW: Format = Format { name: "csvw", files };

fn files(release: &Release<'_>) -> Vec<File> {
    let tables = release.tables.tables();
    let described = tables
        .iter()
        .map(|table| File { path: format!("tables/{}.csv-metadata.json", table.id), bytes: json(&metadata(release, table)) });
    let columns = tables.iter().flat_map(|table| coded(release, table));
    let lists: BTreeMap<&str, &Column> = columns.map(|column| (column.list.as_str(), column)).collect();
    described.chain(lists.into_values().map(|column| list(column, is_dutch(release)))).collect()
}

/// The key columns that have a list of codes: all but the year.
fn coded<'a>(release: &Release<'a>, table: &SafeTable) -> impl Iterator<Item = &'a Column> + use<'a> {
    release.facts.columns(&table.id).iter().filter(|column| column.name != "year" && !column.codes.is_empty())
}

/// Whether the study has its titles in Dutch too.
fn is_dutch(release: &Release<'_>) -> bool {
    languages(release.tables.about()).contains(&Language::Dutch)
}

/// The columns of labels, with the language of each.
fn labels(is_dutch: bool) -> Vec<(&'static str, Language)> {
    [("label", Language::English)].into_iter().chain(is_dutch.then_some(("label_nl", Language::Dutch))).collect()
}

fn list(column: &Column, is_dutch: bool) -> File {
    let labels = labels(is_dutch);
    let record = |code: &super::facts::Code| {
        let names = labels.iter().map(|(_, language)| column.label(&code.code, *language).to_owned());
        [code.code.clone()].into_iter().chain(names).collect()
    };
    let header: Vec<&str> = ["code"].into_iter().chain(labels.iter().map(|(name, _)| *name)).collect();
    let bytes = csv::bytes(&header, column.codes.iter().map(record));
    File { path: format!("tables/{}", list_url(column)), bytes }
}

fn list_url(column: &Column) -> String {
    format!("codes/{}.csv", column.list)
}

fn metadata(release: &Release<'_>, table: &SafeTable) -> Value {
    let facts = release.facts;
    let lists: BTreeMap<&str, &Column> = coded(release, table).map(|column| (column.list.as_str(), column)).collect();
    let tables: Vec<Value> = [described(release, table)]
        .into_iter()
        .chain(lists.into_values().map(|column| described_list(release, column)))
        .collect();
    json!({
        "@context": ["http://www.w3.org/ns/csvw", { "@language": facts.language }],
        "dc:title": text(release, &table_title(table)),
        "dc:isPartOf": text(release, &release.tables.about().title),
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
    let columns: Vec<Value> =
        layout::fields(table).iter().map(|field| column(release, table, field, known(field.name()))).collect();
    let reference = |column: &Column| json!({ "columnReference": column.name, "reference": { "resource": list_url(column), "columnReference": "code" } });
    json!({
        "url": format!("{}.csv", table.id),
        "dc:title": text(release, &table_title(table)),
        "tableSchema": {
            "columns": columns,
            "primaryKey": table.columns,
            "foreignKeys": coded(release, table).map(reference).collect::<Vec<_>>(),
        },
    })
}

fn described_list(release: &Release<'_>, column: &Column) -> Value {
    const CODE: Phrase = Phrase::new("Code", "Code");
    let named = |name: &str, title: &Text| json!({ "name": name, "titles": titles(release, name, title), "datatype": "string", "required": true });
    let label = |(name, language): &(&str, Language)| {
        let mut label = named(name, &column.title);
        label["lang"] = language.code().into();
        label
    };
    let columns: Vec<Value> =
        [named("code", &CODE.into())].into_iter().chain(labels(is_dutch(release)).iter().map(label)).collect();
    json!({
        "url": list_url(column),
        "dc:title": text(release, &column.title),
        "tableSchema": { "columns": columns, "primaryKey": "code" },
    })
}

fn table_title(table: &SafeTable) -> Text {
    let title = &table.presentation.title;
    if title.english.is_empty() { Text::same(&table.title) } else { title.clone() }
}

/// A text as a property: with its language, where it has several.
fn text(release: &Release<'_>, text: &Text) -> Value {
    match &text.dutch {
        Some(dutch) if is_dutch(release) => {
            json!([{ "@value": text.english, "@language": "en" }, { "@value": dutch, "@language": "nl" }])
        }
        _ => text.english.as_str().into(),
    }
}

/// What a column may be called: first as in the header of the file, which readers hold against it, then in words, by language.
fn titles(release: &Release<'_>, name: &str, title: &Text) -> Value {
    let dutch = title.of(Language::Dutch);
    match is_dutch(release) {
        true => json!({ "en": [name, title.english], "nl": [name, dutch] }),
        false => json!({ "en": [name, title.english] }),
    }
}

fn column(release: &Release<'_>, table: &SafeTable, field: &Field<'_>, known: Option<&Column>) -> Value {
    let datatype = match field {
        Field::Key("year") => json!("gYear"),
        Field::Key(_) | Field::Unit => json!("string"),
        Field::Value if table.decimals == 0 => json!("integer"),
        Field::Value => json!("decimal"),
        Field::Units => json!("nonNegativeInteger"),
        Field::State => one_of(&layout::STATES.map(|(state, _)| layout::state(state))),
        Field::Mark => one_of(&["above", "below", "equal"]),
    };
    let title = title(table, field, known);
    let all = matches!(field, Field::Key(name) if layout::codes(table, name).contains(&""));
    let required = matches!(field, Field::Key(_) if !all) || matches!(field, Field::Unit | Field::State);
    let mut description = description(table, field, &title);
    if all {
        description = joined(description, Phrase::new("; empty for all classes together", "; leeg voor alle klassen samen"));
    }
    json!({
        "name": field.name(), "titles": titles(release, field.name(), &title), "datatype": datatype, "required": required,
        "dc:description": text(release, &description),
    })
}

fn joined(text: Text, phrase: Phrase) -> Text {
    Text { english: text.english + phrase.english, dutch: text.dutch.map(|dutch| dutch + phrase.dutch) }
}

/// A column in words.
fn title(table: &SafeTable, field: &Field<'_>, known: Option<&Column>) -> Text {
    match field {
        Field::Key(name) => known.map_or_else(|| Text::same(*name), |column| column.title.clone()),
        Field::Value => words::statistic(table).into(),
        Field::Unit => Phrase::new("Unit of the value", "Eenheid van de waarde").into(),
        Field::Units => Phrase::new("Number of units behind the value", "Aantal eenheden achter de waarde").into(),
        Field::State => Phrase::new("State of the cell", "Status van de cel").into(),
        Field::Mark => Phrase::new("Against the other group", "Ten opzichte van de andere groep").into(),
    }
}

/// What stands in a column.
fn description(table: &SafeTable, field: &Field<'_>, title: &Text) -> Text {
    match field {
        Field::Value => {
            let part = |language| format!("{}, {}", words::statistic(table).of(language), words::unit(table, language));
            Text::new(part(Language::English), Some(part(Language::Dutch)))
        }
        Field::State => {
            let of = |language| {
                let state = |(state, meaning): &(State, Phrase)| format!("{}: {}", layout::state(*state), meaning.of(language));
                layout::STATES.iter().map(state).collect::<Vec<_>>().join("; ")
            };
            Text::new(of(Language::English), Some(of(Language::Dutch)))
        }
        _ => title.clone(),
    }
}

fn one_of(names: &[&str]) -> Value {
    json!({ "base": "string", "format": names.join("|") })
}
