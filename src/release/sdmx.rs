//! SDMX-CSV 2.0 (<https://github.com/sdmx-twg/sdmx-csv>): one file of observations per table, and one message with their structures.

use std::collections::BTreeMap;

use super::facts::Column;
use super::layout::{self, Field, Record, TOTAL};
use super::manifest::json;
use super::{File, Format, Release, csv};
use crate::disclosure::safe::{SafeRow, SafeTable, State};

mod structure;

pub const SDMX: Format = Format { name: "sdmx", files };

/// The agency and version of every structure.
const AGENCY: &str = "SLUIS";
const VERSION: &str = "1.0.0";

/// The dimension that says how often a series is observed, and its code for years. A structure needs a dimension beside the period.
const FREQUENCY: &str = "FREQ";
const YEARLY: &str = "A";

fn files(release: &Release<'_>) -> Vec<File> {
    let data = release.tables.tables().iter().map(|table| data(release, table));
    let structure = File { path: "sdmx/structure.json".into(), bytes: json(&structure::message(release)) };
    data.chain([structure]).collect()
}

fn data(release: &Release<'_>, table: &SafeTable) -> File {
    let columns = release.facts.columns(&table.id);
    let codes: Vec<BTreeMap<&str, String>> = table.columns.iter().map(|name| code_identifiers(columns, name)).collect();
    let attributes = attributes(table);
    let mut header: Vec<String> = ["STRUCTURE", "STRUCTURE_ID", "ACTION"].map(str::to_owned).to_vec();
    header.extend(is_yearly(table).then(|| FREQUENCY.to_owned()));
    header.extend(table.columns.iter().map(|name| dimension(name)));
    header.push("OBS_VALUE".into());
    header.extend(attributes.iter().map(|attribute| attribute.id().to_owned()));
    let flow = format!("{AGENCY}:{}({VERSION})", flow(release, table));
    let record = |record: &Record<'_>| {
        let mut fields = vec!["dataflow".to_owned(), flow.clone(), "I".to_owned()];
        fields.extend(is_yearly(table).then(|| YEARLY.to_owned()));
        let code = |name: &String, codes: &BTreeMap<&str, String>| code_identifier(codes, layout::key(record.row, name));
        fields.extend(table.columns.iter().zip(&codes).map(|(name, codes)| code(name, codes)));
        fields.push(Field::Value.text(table, record).into_owned());
        fields.extend(attributes.iter().map(|attribute| attribute.text(table, record)));
        fields
    };
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let bytes = csv::bytes(&header, layout::records(table).iter().map(record));
    File { path: format!("sdmx/{}.csv", table.id), bytes }
}

/// What is said of an observation beside its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Attribute {
    ObservationStatus,
    ConfidentialityStatus,
    State,
    Unit,
    Decimals,
    Units,
    Mark,
}

fn attributes(table: &SafeTable) -> Vec<Attribute> {
    use Attribute::{ConfidentialityStatus, Decimals, Mark, ObservationStatus, State, Unit, Units};
    let mut attributes = vec![ObservationStatus, ConfidentialityStatus, State, Unit, Decimals];
    attributes.extend(layout::counts(table).then_some(Units));
    attributes.extend(table.mark.then_some(Mark));
    attributes
}

impl Attribute {
    fn id(self) -> &'static str {
        match self {
            Attribute::ObservationStatus => "OBS_STATUS",
            Attribute::ConfidentialityStatus => "CONF_STATUS",
            Attribute::State => "CELL_STATE",
            Attribute::Unit => "UNIT_MEASURE",
            Attribute::Decimals => "DECIMALS",
            Attribute::Units => "UNITS",
            Attribute::Mark => "MARK",
        }
    }

    fn text(self, table: &SafeTable, record: &Record<'_>) -> String {
        match self {
            Attribute::ObservationStatus => observation_status(record.row).to_owned(),
            Attribute::ConfidentialityStatus => confidentiality_status(record.row).to_owned(),
            Attribute::State => layout::state(record.row.state).to_owned(),
            Attribute::Unit => table.unit.clone(),
            Attribute::Decimals => table.decimals.to_string(),
            Attribute::Units => Field::Units.text(table, record).into_owned(),
            Attribute::Mark => record.mark.to_owned(),
        }
    }
}

/// Codes of the SDMX code list `CL_OBS_STATUS`: normal, cannot exist, missing, missing and suppressed.
fn observation_status(row: &SafeRow) -> &'static str {
    match row.state {
        State::Value => "A",
        State::Zero if row.value.is_some() => "A",
        State::Zero | State::NotApplicable => "M",
        State::NotDelivered => "O",
        State::Suppressed => "Q",
    }
}

/// Codes of the SDMX code list `CL_CONF_STATUS`: free, or confidential. One code for every withheld cell: the list has others for the
/// rule that fired and for secondary suppression, and those would tell an attacker which it was.
fn confidentiality_status(row: &SafeRow) -> &'static str {
    if row.state == State::Suppressed { "C" } else { "F" }
}

/// The dataflow of a table and, under the same name, its structure.
fn flow(release: &Release<'_>, table: &SafeTable) -> String {
    identifier(&format!("{}_{}", release.facts.study, table.id)).to_uppercase()
}

fn is_yearly(table: &SafeTable) -> bool {
    table.columns.iter().any(|name| name == "year")
}

/// The dimension that a key column becomes.
fn dimension(column: &str) -> String {
    if column == "year" { "TIME_PERIOD".into() } else { identifier(column).to_uppercase() }
}

/// The code list of a key column.
fn list(column: &Column) -> String {
    format!("CL_{}", identifier(&column.list).to_uppercase())
}

/// Text as an identifier of SDMX, which knows letters, digits, `_`, `-`, `@` and `$`.
fn identifier(text: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_-@$".contains(c);
    text.replace('+', "_PLUS").chars().map(|c| if allowed(c) { c } else { '_' }).collect()
}

/// The codes of a key column with their identifiers, which are as distinct as the codes.
fn code_identifiers<'a>(columns: &'a [Column], name: &str) -> BTreeMap<&'a str, String> {
    let mut taken = std::collections::BTreeSet::from([TOTAL.to_owned()]);
    let mut identifiers = BTreeMap::new();
    for code in columns.iter().filter(|column| column.name == name).flat_map(|column| &column.codes) {
        let mut own = identifier(&code.code);
        while !taken.insert(own.clone()) {
            own.push('_');
        }
        identifiers.insert(code.code.as_str(), own);
    }
    identifiers
}

fn code_identifier(codes: &BTreeMap<&str, String>, code: &str) -> String {
    match codes.get(code) {
        Some(known) => known.clone(),
        None if code.is_empty() => TOTAL.to_owned(),
        None => identifier(code),
    }
}
