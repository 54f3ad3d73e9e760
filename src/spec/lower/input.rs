//! Where the units come from: registers or a panel, with the classifications that their columns and classes need.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Lowering;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::spec::classification_file::Classes;
use crate::spec::document::{Document, Step, steps};
use crate::spec::pipeline::{self, Registers};
use crate::spec::plan::{ClassSet, Classification, Input};
use crate::spec::schema::{Column, ColumnKind, Schema, Schemas};
use crate::spec::{self, shipped};

/// Every column of the input.
pub(super) fn columns(input: &Input) -> Box<dyn Iterator<Item = &Column> + '_> {
    match input {
        Input::Registers { schemas, .. } => Box::new(schemas.values().flat_map(|schema| &schema.columns)),
        Input::Panel { schema } => Box::new(schema.columns.iter()),
    }
}

/// The canonical columns that the program looks for in a register.
fn asked(register: &str) -> &'static [&'static str] {
    match register {
        "participants" => &["pseudonym"],
        "kvk_person" => &["pseudonym", "person"],
        "person_unit" => &["person", "unit", "begin", "end"],
        "business_units" => &["unit", "sbi", "persons", "founded"],
        "unit_group" => &["unit", "group"],
        "groups" => &["group", "persons"],
        "turnover" => &["unit", "quarter", "turnover"],
        "investments" | "panel" => &["unit"],
        _ => &[],
    }
}

impl Lowering<'_> {
    pub(super) fn input(&mut self) -> Option<Input> {
        match (self.written("registers"), self.written("panel")) {
            (true, false) => self.registers(),
            (false, true) => {
                let panel: pipeline::PanelFile = self.checked.read(self.document, &steps!["panel"])?;
                let schema = self.schema(&panel.schema, "panel", &steps!["panel", "schema"])?;
                self.panel_columns(&schema);
                if self.written("linkage") {
                    let conflict = Diagnostic::error("conflict", "a panel has no list of participants that could be linked");
                    self.report(conflict.help("leave the section out"), &steps!["linkage"]);
                }
                Some(Input::Panel { schema })
            }
            (true, true) => {
                let both = Diagnostic::error("conflict", "a study has either `[registers]` or `[panel]`, not both");
                self.report(both.help("leave one of them out"), &steps!["panel"]);
                None
            }
            (false, false) => {
                let none = Diagnostic::error("missing-key", "the study has no input").help(
                    "add `[registers]` for a study of participants, or `[panel]` for one file with a row per unit and year",
                );
                self.report(none, &[]);
                None
            }
        }
    }

    fn registers(&mut self) -> Option<Input> {
        let registers: Registers = self.checked.read(self.document, &steps!["registers"])?;
        let linkage: Option<pipeline::Linkage> = self.section("linkage");
        let mut schemas = Schemas::new();
        let mut complete = true;
        for (register, name) in named(&registers) {
            match self.schema(name, register, &steps!["registers", register]) {
                Some(schema) => {
                    schemas.insert(register.to_owned(), schema);
                }
                None => complete = false,
            }
        }
        let ties = linkage?.ties;
        complete.then_some(Input::Registers { schemas, ties })
    }

    fn panel_columns(&mut self, schema: &Schema) {
        if !schema.columns.iter().any(|column| column.kind == ColumnKind::Year && column.name == "year") {
            let headline = format!("the schema `{}` has no column `year` of the type `year`", schema.name);
            self.report(Diagnostic::error("bad-schema", headline), &steps!["panel", "schema"]);
        }
    }

    /// A schema by name or path.
    fn schema(&mut self, name: &str, register: &str, at: &[Step]) -> Option<Schema> {
        let (document, stem) = self.named_document(name, "schema", shipped::SCHEMAS, at)?;
        let schema = self.accept(spec::register_file::parse(&document, &stem))?;
        for column in asked(register).iter().filter(|asked| !schema.columns.iter().any(|column| column.name == **asked)) {
            let headline = format!("the schema `{name}` has no column `{column}`, which the register `{register}` needs");
            self.report(Diagnostic::error("bad-schema", headline), at);
        }
        let yearly = !["participants", "panel"].contains(&register);
        if schema.files.iter().any(|file| file.pattern.contains("{y}") != yearly) {
            let headline = match yearly {
                true => format!(
                    "the schema `{name}` has a file name without `{{y}}`, but the register `{register}` has a file per year"
                ),
                false => format!("the schema `{name}` has a file name with `{{y}}`, but there is one file for all years"),
            };
            self.report(Diagnostic::error("bad-schema", headline), at);
        }
        Some(schema)
    }

    /// The text behind a shipped name, or behind a path that ends in `.toml`.
    fn named_document(
        &mut self,
        name: &str,
        what: &str,
        known: &[(&str, &'static str)],
        at: &[Step],
    ) -> Option<(Document, String)> {
        let text = shipped::text(known, name).map(|text| (PathBuf::from(format!("{name}.toml")), text.to_owned()));
        let (file, text) = match text {
            Some(shipped) => shipped,
            None if name.ends_with(".toml") => {
                let file = self.base_dir.join(name);
                match spec::read(&file) {
                    Ok(text) => (file, text),
                    Err(unreadable) => {
                        unreadable.0.into_iter().for_each(|unreadable| self.report(unreadable, at));
                        return None;
                    }
                }
            }
            None => {
                let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                self.unknown(what, name, &names, at);
                return None;
            }
        };
        let stem = Path::new(name).file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        self.accept(Document::parse(&file, &text)).map(|document| (document, stem))
    }

    fn accept<T>(&mut self, parsed: Result<T, Diagnostics>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(found) => {
                self.checked.found.0.extend(found.0);
                None
            }
        }
    }

    /// Every classification by name: the shipped ones, and before them the pipeline's own.
    pub(super) fn classes(&mut self) -> Option<BTreeMap<String, Classes>> {
        let own: BTreeMap<String, String> = self.section("classifications")?;
        let mut classes = BTreeMap::new();
        let mut complete = true;
        for (name, text) in shipped::CLASSIFICATIONS.iter().filter(|(name, _)| !own.contains_key(*name)) {
            let file = PathBuf::from(format!("{name}.toml"));
            if let Some(parsed) = self.accept(spec::parse_classification(text, &file, name)) {
                classes.insert((*name).to_owned(), parsed);
            }
        }
        for (name, file) in &own {
            let at = steps!["classifications", name.as_str()];
            let document = self.named_document(file, "classification file", &[], &at);
            match document.and_then(|(document, _)| self.accept(spec::classification_file::parse(&document, name))) {
                Some(parsed) => {
                    classes.insert(name.clone(), parsed);
                }
                None => complete = false,
            }
        }
        complete.then_some(classes)
    }

    /// The classifications that the columns of the input are coded in, and the class sets of its numbers.
    pub(super) fn classes_for(
        &mut self,
        input: &Input,
        classes: BTreeMap<String, Classes>,
    ) -> (BTreeMap<String, Classification>, Vec<ClassSet>) {
        let variables = variables(input);
        let schemes: Vec<&str> = columns(input).filter_map(scheme).collect();
        for scheme in &schemes {
            if !matches!(classes.get(*scheme), Some(Classes::Codes(_))) {
                let known: Vec<&str> = classes.keys().map(String::as_str).collect();
                self.unknown("classification", scheme, &known, &steps![section(input)]);
            }
        }
        let mut codes = BTreeMap::new();
        let mut sets = Vec::new();
        for (name, entry) in classes {
            match entry {
                Classes::Codes(levels) if schemes.contains(&name.as_str()) => self.levels(levels, &mut codes),
                Classes::Sets(several) => {
                    sets.extend(several.into_iter().filter(|set| variables.contains(&set.variable.as_str())))
                }
                Classes::Codes(_) => {}
            }
        }
        (codes, sets)
    }
}

impl Lowering<'_> {
    /// Every level is a dimension, so its name is its own.
    fn levels(&mut self, levels: Vec<Classification>, codes: &mut BTreeMap<String, Classification>) {
        for level in levels {
            let taken = ["year", "arm", "group_level"].contains(&level.name.as_str()) || codes.contains_key(&level.name);
            if taken {
                let headline = format!(
                    "the classification `{}` has a level `{}`, but there is a dimension of that name",
                    level.scheme, level.name
                );
                self.report(
                    Diagnostic::error("duplicate-name", headline).help("give the level another name"),
                    &steps!["classifications"],
                );
            }
            codes.insert(level.name.clone(), level);
        }
    }
}

fn named(registers: &Registers) -> impl Iterator<Item = (&'static str, &str)> {
    let optional = [
        ("unit_group", &registers.unit_group),
        ("groups", &registers.groups),
        ("turnover", &registers.turnover),
        ("investments", &registers.investments),
    ];
    let required = [
        ("participants", &registers.participants),
        ("kvk_person", &registers.kvk_person),
        ("person_unit", &registers.person_unit),
        ("business_units", &registers.business_units),
    ];
    let required = required.into_iter().map(|(register, name)| (register, name.as_str()));
    required.chain(optional.into_iter().filter_map(|(register, name)| Some((register, name.as_deref()?))))
}

fn section(input: &Input) -> &'static str {
    match input {
        Input::Registers { .. } => "registers",
        Input::Panel { .. } => "panel",
    }
}

fn scheme(column: &Column) -> Option<&str> {
    match &column.kind {
        ColumnKind::Code { classification } => Some(classification),
        _ => None,
    }
}

/// The numbers that class sets can cut.
fn variables(input: &Input) -> Vec<&str> {
    match input {
        Input::Registers { .. } => vec!["persons", "age"],
        Input::Panel { .. } => {
            columns(input).filter(|column| column.kind == ColumnKind::Number).map(|column| &*column.name).collect()
        }
    }
}
