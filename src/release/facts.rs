//! The facts of a run that a format may tell beside its tables: names, titles and the words for codes, none of them from a register.

use std::collections::BTreeMap;

use super::definition::Definition;
use crate::language::{Language, Phrase, Text};
use crate::spec::plan::{ARMS, Dimension, Plan, Show, TablePlan, Weights};
use crate::tables::set::Part;
use crate::tables::{attrition, define, present};

/// What a reader of any table of the release may be told.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Short name of the study, fit for a file name.
    pub study: String,
    pub title: String,
    /// Where the data come from, in words.
    pub data_source: Option<String>,
    /// Language of the formats that have one, as a BCP 47 tag.
    pub language: &'static str,
    /// Name and version of the disclosure profile; its parameters stay inside.
    pub profile: String,
    /// BLAKE3 of the manifest of every earlier release that this one was protected together with.
    pub earlier: Vec<String>,
    pub weights: Weights,
    pub definition: Definition,
    /// The key columns by table, in order.
    columns: BTreeMap<String, Vec<Column>>,
}

/// A key column of a table in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub title: Text,
    /// Name of the list of codes: columns with the same list have the same codes, in the same order.
    pub list: String,
    pub codes: Vec<Code>,
    /// Readers know the classes by their codes (`C`, `10-49`), so a label stands behind its code and not in its place.
    pub known_by_code: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    pub code: String,
    pub label: Text,
}

const ALL: Phrase = Phrase::new("All", "Alle");

impl Facts {
    pub fn of(plan: &Plan, profile: String, earlier: Vec<String>) -> Self {
        Self {
            study: plan.name.clone(),
            title: plan.title.english.clone(),
            data_source: plan.data_source.as_ref().map(|source| source.english.clone()),
            language: "en",
            profile,
            earlier,
            weights: plan.measures.weights,
            definition: Definition::of(plan),
            columns: plan.tables.iter().map(|table| (table.id.clone(), columns(plan, table))).collect(),
        }
    }

    /// Where the data come from; the study itself where nothing is said.
    pub fn source(&self) -> &str {
        self.data_source.as_deref().unwrap_or(&self.title)
    }

    /// The key columns of a table, in order; none for a table that the run does not have.
    pub fn columns(&self, table: &str) -> &[Column] {
        self.columns.get(table).map_or(&[], Vec::as_slice)
    }
}

impl Column {
    /// The label of a code; `All` for the empty one, and the code itself where it has no other name.
    pub fn label<'a>(&'a self, code: &'a str, language: Language) -> &'a str {
        let known = self.codes.iter().find(|known| known.code == code).map(|known| known.label.of(language));
        match known.filter(|label| !label.is_empty()) {
            Some(label) => label,
            None if code.is_empty() => ALL.of(language),
            None => code,
        }
    }

    /// A code in the words of a printed table: `C Industry`, `10-49 small`, `Participants`.
    pub fn words(&self, code: &str, language: Language) -> String {
        let label = self.label(code, language);
        if self.known_by_code && label != code && !code.is_empty() { format!("{code} {label}") } else { label.to_owned() }
    }
}

fn columns(plan: &Plan, table: &TablePlan) -> Vec<Column> {
    if table.show == Show::Attrition {
        return vec![plain("step", Phrase::new("Step", "Stap"), attrition::STEPS.map(step).to_vec())];
    }
    let dimensions: Vec<&Dimension> = table.by.iter().chain(table.show.of()).collect();
    let named = |name: &String| match name.as_str() {
        "year" => year(plan),
        define::PART => {
            plain(define::PART, Phrase::new("Part of the change", "Onderdeel van de verandering"), Part::ALL.map(part).to_vec())
        }
        "indicator" => plain("indicator", Phrase::new("Indicator", "Indicator"), plan.indicators.iter().map(indicator).collect()),
        _ => match dimensions.iter().find(|dimension| define::column(plan, dimension) == *name) {
            Some(dimension) => column(plan, name, dimension),
            None => plain(name, Text::same(name), Vec::new()),
        },
    };
    define::columns(plan, table).iter().map(named).collect()
}

/// A column whose codes are names made for programs.
fn plain(name: &str, title: impl Into<Text>, codes: Vec<Code>) -> Column {
    Column { name: name.into(), title: title.into(), list: name.into(), codes, known_by_code: false }
}

fn code(code: &str, label: impl Into<Text>) -> Code {
    Code { code: code.into(), label: label.into() }
}

fn year(plan: &Plan) -> Column {
    let codes = plan.years.iter().map(|year| code(&year.to_string(), Text::default()));
    plain("year", Phrase::new("Year", "Jaar"), codes.collect())
}

fn indicator(indicator: &crate::spec::plan::IndicatorUse) -> Code {
    code(&indicator.name, indicator.title.clone())
}

fn part(part: Part) -> Code {
    let label = match part {
        Part::Start => Phrase::new("Mean in the base year", "Gemiddelde in het basisjaar"),
        Part::End => Phrase::new("Mean in the year", "Gemiddelde in het jaar"),
        Part::Change => Phrase::new("Change", "Verandering"),
        Part::Within => Phrase::new("Within classes", "Binnen klassen"),
        Part::Composition => {
            Phrase::new("Other distribution of firms over classes", "Andere verdeling van bedrijven over klassen")
        }
        Part::Coverage => Phrase::new("Other firms with a value", "Andere bedrijven met een waarde"),
    };
    code(part.code(), label)
}

fn step(step: &str) -> Code {
    let known = present::STEPS.iter().find(|(name, _)| *name == step);
    let label = known.map_or_else(|| Text::same(step), |(_, words)| (*words).into());
    code(step, label)
}

fn column(plan: &Plan, name: &str, dimension: &Dimension) -> Column {
    let column = |title: Text, list: &str, codes: Vec<Code>| {
        let known_by_code = matches!(dimension, Dimension::Code(_) | Dimension::Class(_));
        Column { name: name.into(), title, list: list.into(), codes, known_by_code }
    };
    match dimension {
        Dimension::Year => year(plan),
        Dimension::Arm => {
            let labels = [Phrase::new("Participants", "Deelnemers"), Phrase::new("Non-participants", "Niet-deelnemers")];
            let codes = ARMS.iter().zip(labels).map(|(c, label)| code(c, label));
            column(Phrase::new("Group", "Groep").into(), "arm", codes.collect())
        }
        Dimension::Code(variable) => {
            let classification = plan.classifications.get(variable);
            let codes = classification
                .map_or_else(Vec::new, |known| known.classes.iter().map(|c| code(&c.code, c.label.clone())).collect());
            let title = classification.map_or_else(|| Text::same(variable), |known| known.title.clone());
            column(title, variable, codes)
        }
        Dimension::Class(set) => {
            let set = &plan.class_sets[*set];
            column(set.title.clone(), &set.name, set.classes.iter().map(|c| code(&c.code, c.label.clone())).collect())
        }
        Dimension::GroupLevel => {
            let labels = [
                Phrase::new("Enterprise group has more employed persons", "Ondernemingsgroep heeft meer werkzame personen"),
                Phrase::new(
                    "Enterprise group falls in a higher size class",
                    "Ondernemingsgroep valt in een hogere grootteklasse",
                ),
            ];
            let codes = define::codes(plan, dimension);
            column(
                Phrase::new("Enterprise group", "Ondernemingsgroep").into(),
                "group_level",
                codes.iter().zip(labels).map(|(c, l)| code(c, l)).collect(),
            )
        }
    }
}
