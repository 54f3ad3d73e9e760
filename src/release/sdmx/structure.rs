//! The structures of the observations as an SDMX-JSON 2.0 message: concepts, code lists, and a data structure with a dataflow per table.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::Release;
use super::super::facts::Column;
use super::super::layout::TOTAL;
use super::{AGENCY, Attribute, FREQUENCY, VERSION, YEARLY, attributes, code_identifiers, dimension, flow, is_yearly, list};
use crate::disclosure::safe::SafeTable;
use crate::language::Language;

const SCHEMA: &str = concat!(
    "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/structure-message/tools/schemas/2.0.0/",
    "sdmx-json-structure-schema.json"
);

/// The moment that the message asks for stands still, so that the same run gives the same bytes.
const PREPARED: &str = "2000-01-01T00:00:00Z";

const CONCEPTS: &str = "CONCEPTS";
const FREQUENCIES: &str = "CL_FREQ";

/// A message as it is written: readers know it by the schema at its beginning.
#[derive(serde::Serialize)]
pub struct Message {
    meta: Value,
    data: Value,
}

/// Everything that the files of observations refer to.
pub fn message(release: &Release<'_>) -> Message {
    let tables = release.tables.tables();
    let meta = json!({
        "schema": SCHEMA,
        "id": flow_prefix(release),
        "prepared": PREPARED,
        "test": false,
        "contentLanguages": [release.facts.language],
        "sender": { "id": AGENCY, "name": "sluis" },
    });
    let data = json!({
        "codelists": code_lists(release),
        "conceptSchemes": [concepts(release)],
        "dataStructures": tables.iter().map(|table| data_structure(release, table)).collect::<Vec<_>>(),
        "dataflows": tables.iter().map(|table| dataflow(release, table)).collect::<Vec<_>>(),
    });
    Message { meta, data }
}

fn flow_prefix(release: &Release<'_>) -> String {
    super::identifier(&release.facts.study).to_uppercase()
}

fn maintained(id: &str, name: &str) -> Value {
    json!({ "id": id, "agencyID": AGENCY, "version": VERSION, "name": name, "isExternalReference": false })
}

fn with(mut artefact: Value, key: &str, value: impl Into<Value>) -> Value {
    artefact[key] = value.into();
    artefact
}

fn columns<'a>(release: &Release<'a>) -> impl Iterator<Item = &'a Column> + use<'a> {
    let facts = release.facts;
    release.tables.tables().iter().flat_map(move |table| facts.columns(&table.id))
}

fn code_lists(release: &Release<'_>) -> Vec<Value> {
    let coded = columns(release).filter(|column| is_coded(column));
    let lists: BTreeMap<String, &Column> = coded.map(|column| (list(column), column)).collect();
    let own = lists.iter().map(|(id, column)| code_list(id, &column.title.english, &codes(column)));
    let fixed = FIXED.iter().map(|(attribute, name, codes)| code_list(&fixed_list(*attribute), name, &owned(codes)));
    let frequencies = code_list(FREQUENCIES, "Frequency", &owned(&[(YEARLY, "Annual")]));
    own.chain(fixed).chain([frequencies]).collect()
}

/// All key columns but the year, which is a period of time.
fn is_coded(column: &Column) -> bool {
    column.name != "year"
}

fn codes(column: &Column) -> Vec<(String, String)> {
    let identifiers = code_identifiers(std::slice::from_ref(column), &column.name);
    let code =
        |code: &super::super::facts::Code| (identifiers[code.code.as_str()].clone(), column.words(&code.code, Language::English));
    column.codes.iter().map(code).chain([(TOTAL.to_owned(), "All".to_owned())]).collect()
}

/// Codes with their names.
type Codes = &'static [(&'static str, &'static str)];

/// The code lists of attributes; those of SDMX as far as they are used.
const FIXED: [(Attribute, &str, Codes); 4] = [
    (
        Attribute::ObservationStatus,
        "Observation status",
        &[("A", "Normal value"), ("M", "Data cannot exist"), ("O", "Missing value"), ("Q", "Missing value; suppressed")],
    ),
    (Attribute::ConfidentialityStatus, "Confidentiality status", &[("F", "Free"), ("C", "Confidential statistical information")]),
    (
        Attribute::State,
        "State of a cell",
        &[
            ("value", "Value"),
            ("zero", "No unit is in the cell"),
            ("suppressed", "Withheld"),
            ("not-applicable", "The cell cannot exist"),
            ("not-delivered", "The registers hold nothing for it"),
        ],
    ),
    (Attribute::Mark, "Against the other arm", &[("above", "Above"), ("below", "Below"), ("equal", "Equal")]),
];

fn fixed_list(attribute: Attribute) -> String {
    format!("CL_{}", attribute.id())
}

fn owned(codes: &[(&str, &str)]) -> Vec<(String, String)> {
    codes.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect()
}

fn code_list(id: &str, name: &str, codes: &[(String, String)]) -> Value {
    let codes: Vec<Value> = codes.iter().map(|(id, name)| json!({ "id": id, "name": name })).collect();
    with(maintained(id, name), "codes", codes)
}

fn concepts(release: &Release<'_>) -> Value {
    let mut concepts: BTreeMap<String, String> = BTreeMap::new();
    concepts.extend([("OBS_VALUE", "Value"), (FREQUENCY, "Frequency")].map(|(id, name)| (id.to_owned(), name.to_owned())));
    concepts.extend(columns(release).map(|column| (dimension(&column.name), column.title.english.clone())));
    concepts.extend(ATTRIBUTES.iter().map(|(attribute, name)| (attribute.id().to_owned(), (*name).to_owned())));
    let concepts: Vec<Value> = concepts.iter().map(|(id, name)| json!({ "id": id, "name": name })).collect();
    with(maintained(CONCEPTS, "Concepts"), "concepts", concepts)
}

const ATTRIBUTES: [(Attribute, &str); 7] = [
    (Attribute::ObservationStatus, "Observation status"),
    (Attribute::ConfidentialityStatus, "Confidentiality status"),
    (Attribute::State, "State of the cell"),
    (Attribute::Unit, "Unit of the value"),
    (Attribute::Decimals, "Decimals printed"),
    (Attribute::Units, "Number of units behind the value"),
    (Attribute::Mark, "Against the other arm"),
];

fn concept(id: &str) -> String {
    format!("urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept={AGENCY}:{CONCEPTS}({VERSION}).{id}")
}

fn enumeration(list: &str) -> Value {
    let list = format!("urn:sdmx:org.sdmx.infomodel.codelist.Codelist={AGENCY}:{list}({VERSION})");
    json!({ "enumeration": list, "enumerationFormat": { "dataType": "String" } })
}

fn data_structure(release: &Release<'_>, table: &SafeTable) -> Value {
    let known = release.facts.columns(&table.id);
    let frequency = is_yearly(table).then(|| component(FREQUENCY, enumeration(FREQUENCIES)));
    let coded = known.iter().filter(|column| is_coded(column));
    let coded = coded.map(|column| component(&dimension(&column.name), enumeration(&list(column))));
    let dimensions: Vec<Value> = frequency.into_iter().chain(coded).collect();
    let mut dimension_list = json!({ "id": "DimensionDescriptor", "dimensions": dimensions });
    if is_yearly(table) {
        dimension_list["timeDimension"] =
            component("TIME_PERIOD", json!({ "format": { "dataType": "ObservationalTimePeriod" } }));
    }
    let value = if table.decimals == 0 { "Integer" } else { "Decimal" };
    let measure = component("OBS_VALUE", json!({ "format": { "dataType": value } }));
    let attributes: Vec<Value> = attributes(table).into_iter().map(attribute).collect();
    let components = json!({
        "dimensionList": dimension_list,
        "measureList": { "id": "MeasureDescriptor", "measures": [measure] },
        "attributeList": { "id": "AttributeDescriptor", "attributes": attributes },
    });
    with(maintained(&flow(release, table), &table.title), "dataStructureComponents", components)
}

fn component(id: &str, representation: Value) -> Value {
    json!({ "id": id, "conceptIdentity": concept(id), "localRepresentation": representation })
}

fn attribute(attribute: Attribute) -> Value {
    let format = |kind: &str| json!({ "format": { "dataType": kind } });
    let representation = match attribute {
        Attribute::Unit => format("String"),
        Attribute::Decimals | Attribute::Units => format("Integer"),
        _ => enumeration(&fixed_list(attribute)),
    };
    let usage = if matches!(attribute, Attribute::Units | Attribute::Mark) { "optional" } else { "mandatory" };
    let mut component = component(attribute.id(), representation);
    component["usage"] = usage.into();
    component["attributeRelationship"] = json!({ "observation": {} });
    component
}

fn dataflow(release: &Release<'_>, table: &SafeTable) -> Value {
    let id = flow(release, table);
    let structure = format!("urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure={AGENCY}:{id}({VERSION})");
    with(maintained(&id, &table.title), "structure", structure)
}

#[cfg(test)]
mod tests {
    use super::super::super::layout;
    use super::*;

    #[test]
    fn every_state_is_in_its_code_list() {
        let (_, _, codes) = FIXED.iter().find(|(attribute, ..)| *attribute == Attribute::State).expect("the list");
        let states = layout::STATES.map(|(state, _)| layout::state(state));
        assert_eq!(codes.iter().map(|(id, _)| *id).collect::<Vec<_>>(), states);
    }
}
