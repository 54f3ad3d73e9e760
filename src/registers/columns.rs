//! The columns of a register: which the program needs, and where they stand in a file.

use super::convert::{Kind, Wanted};
use super::delivery::PANEL;
use super::faults::{self, Faults};
use super::find::ALIKE;
use crate::diagnostic::{Diagnostic, Place};
use crate::spec::schema::{self, ColumnKind, ColumnName, Schema, holds};
use crate::spec::{register_file, shipped};

/// A column by its canonical name, as the program uses it.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub name: String,
    pub kind: Kind,
    /// A value below zero is an error, whatever the schema says.
    pub nonnegative: bool,
}

impl Role {
    pub(super) fn new(name: &str, kind: Kind) -> Self {
        Self { name: name.to_owned(), kind, nonnegative: false }
    }
}

/// What a logical register must declare, and what it may.
pub(super) struct Layout {
    pub register: &'static str,
    pub needed: &'static [(&'static str, Kind)],
    pub optional: &'static [(&'static str, Kind)],
}

/// The logical registers with the canonical names of their columns.
pub(super) const LAYOUTS: &[Layout] = &[
    Layout { register: "participants", needed: &[("pseudonym", Kind::Identifier)], optional: &[] },
    Layout { register: "kvk_person", needed: &[("pseudonym", Kind::Identifier), ("person", Kind::Identifier)], optional: &[] },
    Layout {
        register: "person_unit",
        needed: &[("person", Kind::Identifier), ("unit", Kind::Identifier)],
        optional: &[("begin", Kind::Date), ("end", Kind::Date)],
    },
    Layout {
        register: "business_units",
        needed: &[("unit", Kind::Identifier), ("persons", Kind::Number)],
        optional: &[("sbi", Kind::Text), ("size_code", Kind::Text), ("founded", Kind::Date)],
    },
    Layout {
        register: "unit_group",
        needed: &[("unit", Kind::Identifier), ("group", Kind::Identifier)],
        optional: &[("begin", Kind::Date), ("end", Kind::Date)],
    },
    Layout { register: "groups", needed: &[("group", Kind::Identifier), ("persons", Kind::Number)], optional: &[] },
    Layout {
        register: "turnover",
        needed: &[("unit", Kind::Identifier), ("quarter", Kind::Number), ("turnover", Kind::Number)],
        optional: &[],
    },
    Layout { register: "investments", needed: &[("unit", Kind::Identifier)], optional: &[] },
];

pub(super) fn layout(register: &str) -> Option<&'static Layout> {
    LAYOUTS.iter().find(|layout| layout.register == register)
}

/// The columns that are read of a register: fixed ones first, then every other measure of the list and of the samples.
pub(super) fn roles(register: &str, schema: &Schema) -> Vec<Role> {
    let Some(layout) = layout(register) else { return schema.columns.iter().map(declared).collect() };
    let fixed = layout.needed.iter().chain(layout.optional).map(|(name, kind)| Role::new(name, *kind));
    let mut roles: Vec<Role> = fixed.filter(|role| column(schema, &role.name).is_some()).collect();
    if matches!(register, "participants" | "investments") {
        let others: Vec<Role> = schema.columns.iter().map(declared).collect();
        let others = others.into_iter().filter(|role| register == "participants" || role.kind == Kind::Number);
        let others = others.filter(|role| layout.needed.iter().all(|(name, _)| *name != role.name));
        roles.extend(others.map(|role| Role { nonnegative: register == "investments", ..role }));
    }
    roles
}

fn declared(column: &schema::Column) -> Role {
    let kind = match column.kind {
        ColumnKind::Identifier => Kind::Identifier,
        ColumnKind::Text | ColumnKind::Code { .. } => Kind::Text,
        ColumnKind::Number | ColumnKind::Year => Kind::Number,
        ColumnKind::Date => Kind::Date,
    };
    Role::new(&column.name, kind)
}

pub(super) fn column<'a>(schema: &'a Schema, name: &str) -> Option<&'a schema::Column> {
    schema.columns.iter().find(|column| column.name == name)
}

/// What a schema lacks for its register.
pub(super) fn gaps(register: &str, schema: &Schema) -> Vec<Diagnostic> {
    if register == PANEL {
        return panel_gaps(schema);
    }
    let needed = layout(register).map_or(&[][..], |layout| layout.needed);
    let absent = needed.iter().filter(|(name, _)| column(schema, name).is_none());
    let gap = |(name, _): &(&str, Kind)| {
        Diagnostic::error("bad-schema", format!("the schema `{}` of register `{register}` has no column `{name}`", schema.name))
            .help(format!("add `{name}` to the columns of the schema"))
    };
    absent.map(gap).collect()
}

fn panel_gaps(schema: &Schema) -> Vec<Diagnostic> {
    let lacks = |kind: &ColumnKind| schema.columns.iter().all(|column| column.kind != *kind);
    let gap = |what: &str| Diagnostic::error("bad-schema", format!("the schema `{}` has no column of kind {what}", schema.name));
    let kinds = [(ColumnKind::Identifier, "identifier"), (ColumnKind::Year, "year")];
    let gaps = kinds.iter().filter(|(kind, _)| lacks(kind));
    gaps.map(|(_, what)| gap(what).help("declare the column: a panel has a row per unit and year")).collect()
}

/// Place of a column in the header of a year, by any of the names it has then, in their order.
fn place(column: &schema::Column, header: &[String], year: Option<i32>) -> Option<usize> {
    places(column, header, year).into_iter().next()
}

/// Every place where a column can be meant.
fn places(column: &schema::Column, header: &[String], year: Option<i32>) -> Vec<usize> {
    if !holds(column.years, year) {
        return Vec::new();
    }
    let names = column.names_in(year);
    names.iter().filter_map(|name| header.iter().position(|h| h.to_lowercase() == name.to_lowercase())).collect()
}

/// Findings about a header: columns that are asked for and not there, there twice, or there under two names.
pub(super) fn check(file: &str, schema: &Schema, header: &[String], year: Option<i32>) -> Vec<Diagnostic> {
    let mut faults = Faults::default();
    let mut found = Vec::new();
    let taken: Vec<usize> = schema.columns.iter().flat_map(|column| places(column, header, year)).collect();
    for column in &schema.columns {
        match places(column, header, year).as_slice() {
            [at, ..] if header.iter().filter(|h| h.to_lowercase() == header[*at].to_lowercase()).count() > 1 => {
                faults.column(&faults::SAME_HEADER, &header[*at]);
            }
            [at, others @ ..] if others.iter().any(|other| other != at) => {
                found.push(ambiguous(file, column, &header[*at], others.iter().map(|at| header[*at].as_str())));
            }
            [] if column.required && holds(column.years, year) => {
                found.push(absent(file, schema, column, (header, &taken), year));
            }
            _ => {}
        }
    }
    found.extend(faults.into_diagnostics(file));
    found
}

fn ambiguous<'a>(file: &str, column: &schema::Column, read: &str, others: impl Iterator<Item = &'a str>) -> Diagnostic {
    let others: Vec<String> = others.map(|name| format!("`{name}`")).collect();
    Diagnostic::warning(
        "column-ambiguous",
        format!("the column `{}` is there under several names; `{read}` was read", column.name),
    )
    .at(Place::Data { file: file.into(), row: None, column: Some(read.to_owned()) })
    .note(format!("not read: {}", others.join(", ")))
    .help("take the other names out of the schema, or give each the years in which it holds")
}

/// Only a name that is like the one asked for is repeated: in a file without a header the "names" are values.
fn absent(
    file: &str,
    schema: &Schema,
    column: &schema::Column,
    (header, taken): (&[String], &[usize]),
    year: Option<i32>,
) -> Diagnostic {
    let names = column.names_in(year);
    let wanted = names.first().copied().unwrap_or(&column.name).to_owned();
    let looked: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let when = year.map_or(String::new(), |year| format!(" for {year}"));
    let diagnostic = Diagnostic::error("column-missing", format!("the column `{wanted}` is not in the file")).at(Place::Data {
        file: file.into(),
        row: None,
        column: Some(wanted),
    });
    let diagnostic = match looked.as_slice() {
        [] => diagnostic.note(format!("the schema `{}` gives `{}` no name{when}", schema.name, column.name)),
        _ => diagnostic.note(format!("looked for {}", looked.join(", "))),
    };
    let free: Vec<&String> = header.iter().enumerate().filter(|(at, _)| !taken.contains(at)).map(|(_, name)| name).collect();
    if let Some(old) = free.iter().find(|name| is_old_industry(column, name)) {
        return diagnostic.help(format!(
            "`{old}` is an older edition of the classification; ask for the codes of the edition in the schema, \
             or begin the study in a year that has them"
        ));
    }
    let diagnostic = shipped::how_to_change(&schema.name).into_iter().fold(diagnostic, Diagnostic::note);
    match nearest(column, &free) {
        Some(name) => diagnostic.help(format!(
            "did you mean `{name}`? In the schema `{}` write\n{}",
            schema.name,
            register_file::line(&renamed(column, name, year))
        )),
        None => diagnostic.help(format!(
            "ask for the column, or, if the file has it under another name, put that name in the place of `NAME` in the schema `{}`\n{}",
            schema.name,
            register_file::line(&renamed(column, "NAME", year))
        )),
    }
}

/// The column as the schema has it, with one more name from this year on.
fn renamed(column: &schema::Column, name: &str, year: Option<i32>) -> schema::Column {
    let mut renamed = column.clone();
    let known = renamed.names.iter().position(|known| known.text.eq_ignore_ascii_case(name));
    match (known, year) {
        (Some(at), Some(year)) => {
            let (from, to) = renamed.names[at].years.unwrap_or((year, year));
            renamed.names[at].years = Some((from.min(year), to.max(year)));
        }
        _ => renamed.names.push(ColumnName { text: name.to_owned(), years: year.map(|year| (year, i32::MAX)) }),
    }
    renamed
}

/// The free name of a header that is most like a name of the column, in whatever year it has that.
fn nearest<'a>(column: &schema::Column, free: &[&'a String]) -> Option<&'a String> {
    let like = |name: &str| {
        let names = column.names.iter().map(|known| &known.text).chain([&column.name]);
        names.map(|n| strsim::jaro_winkler(&n.to_lowercase(), &name.to_lowercase())).fold(0.0, f64::max)
    };
    let scored = free.iter().map(|name| (like(name), *name)).filter(|(score, _)| *score >= ALIKE + 0.1);
    scored.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

/// A column of industries in SBI'93, which is no name for one in SBI 2008 though it looks like it.
fn is_old_industry(column: &schema::Column, name: &str) -> bool {
    let name = name.to_lowercase();
    column.name == "sbi" && (name.contains("sbi93") || name.contains("sbi1993") || name.contains("sbi_93"))
}

/// The columns of a file that are read: for every role its place among them, and for each of them its place in the header.
pub(super) struct Selection<'a> {
    pub wanted: Vec<Wanted<'a>>,
    pub header_places: Vec<usize>,
    /// Per role, place in `wanted`.
    pub places: Vec<Option<usize>>,
}

pub(super) fn select<'a>(
    roles: &[Role],
    schema: &'a Schema,
    (header, year): (&[String], Option<i32>),
    separator: Option<u8>,
) -> Selection<'a> {
    let mut selection = Selection { wanted: Vec::new(), header_places: Vec::new(), places: Vec::new() };
    for role in roles {
        let found = column(schema, &role.name).and_then(|column| Some((column, place(column, header, year)?)));
        selection.places.push(found.map(|(column, at)| {
            selection.wanted.push(Wanted::new(header[at].clone(), role, column, separator));
            selection.header_places.push(at);
            selection.wanted.len() - 1
        }));
    }
    selection
}

impl Selection<'_> {
    /// Per role the name of its column in the file, or its canonical name where the file has none.
    pub(super) fn names(&self, roles: &[Role]) -> Vec<String> {
        let name = |(place, role): (&Option<usize>, &Role)| place.map_or(&role.name, |at| &self.wanted[at].header).clone();
        self.places.iter().zip(roles).map(name).collect()
    }
}
