//! Lowering turns what was written into what is meant: names are looked up, defaults filled in, and what cannot be meant reported.

use std::collections::BTreeMap;
use std::path::Path;

use super::check::{Checked, Fault, with_help};
use super::classification_file::Classes;
use super::document::{Document, Step, Value, steps};
use super::pipeline::{self, Years};
use super::plan::{ClassSet, Classification, Dimension, EarlierRelease, IndicatorUse, Input, MeasureOptions, Plan, Treated};
use crate::diagnostic::Diagnostic;
use crate::indicators::Options;
use crate::language::Text;

mod cohort;
mod indicators;
mod input;
mod names;
mod tables;

/// Everything that names in the file can mean.
struct Scope {
    /// Empty when they could not be read.
    years: Vec<i32>,
    input: Input,
    classifications: BTreeMap<String, Classification>,
    class_sets: Vec<ClassSet>,
    /// Every indicator that could be named.
    indicators: Vec<IndicatorUse>,
    /// Names of declared indicators in which something is wrong.
    broken_indicators: Vec<String>,
    compared: bool,
    has_outlier_rule: bool,
    /// The study has a title in Dutch, so its tables need one.
    dutch: bool,
}

/// A place to report to, and the text that places are looked up in.
struct Lowering<'a> {
    document: &'a Document,
    checked: &'a mut Checked,
    base_dir: &'a Path,
}

/// The plan, unless a part of it is missing; then the reason is among the findings.
pub fn lower(document: &Document, checked: &mut Checked, base_dir: &Path) -> Option<Plan> {
    let mut lowering = Lowering { document, checked, base_dir };
    lowering.table_ids();
    let study = lowering.study();
    let disclosure = lowering.disclosure();
    let (input, classes) = (lowering.input(), lowering.classes());
    let years = study.as_ref().and_then(|study| lowering.years(&study.years, &steps!["study", "years"]));
    let (input, classes) = (input?, classes?);
    let measures = lowering.measures(&input);
    let cohort = lowering.cohort(&input, years.as_deref());
    let treated = cohort.as_ref().map(|cohort| cohort.treated.clone());
    let dutch = study.as_ref().is_some_and(|study| study.title_nl.is_some());
    let scope = lowering.scope(years.as_deref(), input, classes, treated, dutch);
    let outliers = lowering.outliers(&scope);
    let tables = lowering.tables(&scope);
    let (study, disclosure) = (study?, disclosure?);
    let mut plan = Plan {
        name: study.name,
        title: Text::new(study.title, study.title_nl),
        data_source: study.source.map(|source| Text::new(source, study.source_nl)),
        years: years?,
        input: scope.input,
        cohort: cohort?,
        measures: measures?,
        outliers,
        classifications: scope.classifications,
        class_sets: scope.class_sets,
        indicators: scope.indicators,
        spare: Vec::new(),
        tables: tables?,
        profile: disclosure.profile,
        search: disclosure.method,
        earlier: disclosure.earlier.into_iter().map(|name| EarlierRelease { folder: base_dir.join(&name), name }).collect(),
        source: document.text.clone(),
    };
    indicators::keep_used(&mut plan);
    Some(plan)
}

impl Lowering<'_> {
    fn report(&mut self, diagnostic: Diagnostic, at: &[Step]) {
        self.checked.found.push(diagnostic.at(self.document.place(at)));
    }

    /// Reports a name that nothing declares, with the nearest one that is.
    fn unknown(&mut self, what: &str, name: &str, known: &[&str], at: &[Step]) {
        self.report(with_help(Diagnostic::error("unknown-name", format!("unknown {what} `{name}`")), name, known), at);
    }

    fn written(&self, section: &str) -> bool {
        self.document.find(&steps![section]).is_some()
    }

    /// How many entries a `[[section]]` has.
    fn entries(&self, section: &str) -> usize {
        match self.document.find(&steps![section]).map(|node| &node.value) {
            Some(Value::List(entries)) => entries.len(),
            _ => 0,
        }
    }

    /// A text, as it is written, whatever is wrong around it.
    fn text(&self, at: &[Step]) -> Option<String> {
        match self.document.find(at).map(|node| &node.value) {
            Some(Value::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    /// A section that may be absent.
    fn section<T: serde::de::DeserializeOwned + Default>(&mut self, name: &str) -> Option<T> {
        if self.written(name) { self.checked.read(self.document, &steps![name]) } else { Some(T::default()) }
    }

    /// Whether keys are missing from this part only because they were misspelt.
    fn misspelt(&self, at: &[Step]) -> bool {
        self.checked.fault(at) == Some(Fault::UnknownKey)
    }

    fn study(&mut self) -> Option<pipeline::Study> {
        let study: pipeline::Study = self.checked.read(self.document, &steps!["study"])?;
        self.slug(&study.name, &steps!["study", "name"]);
        Some(study)
    }

    fn scope(
        &mut self,
        years: Option<&[i32]>,
        input: Input,
        classes: BTreeMap<String, Classes>,
        treated: Option<Treated>,
        dutch: bool,
    ) -> Scope {
        let (classifications, class_sets) = self.classes_for(&input, classes);
        let (indicators, broken_indicators) = self.known_indicators(&input);
        Scope {
            years: years.unwrap_or_default().to_vec(),
            input,
            classifications,
            class_sets,
            indicators,
            broken_indicators,
            compared: treated.is_none_or(|treated| treated != Treated::Nobody),
            has_outlier_rule: self.written("outliers"),
            dutch,
        }
    }

    fn disclosure(&mut self) -> Option<pipeline::Disclosure> {
        let disclosure: pipeline::Disclosure = self.checked.read(self.document, &steps!["disclosure"])?;
        if !super::PROFILES.contains(&disclosure.profile.as_str()) {
            self.unknown("disclosure profile", &disclosure.profile, super::PROFILES, &steps!["disclosure", "profile"]);
        }
        for (at, name) in disclosure.earlier.iter().enumerate().filter(|(at, name)| disclosure.earlier[..*at].contains(name)) {
            let twice = Diagnostic::error("duplicate-name", format!("the earlier release `{name}` is named already"));
            self.report(twice, &steps!["disclosure", "earlier", at]);
        }
        Some(disclosure)
    }

    fn measures(&mut self, input: &Input) -> Option<MeasureOptions> {
        let measures: pipeline::Measures = self.section("measures")?;
        let weighted = input::columns(input).any(|column| column.name == "weight");
        if measures.weights == super::plan::Weights::Design && !weighted {
            let none = Diagnostic::error("conflict", "no register of the pipeline has a column `weight` with design weights");
            self.report(none.help("leave `weights` out, or add the register of the sample"), &steps!["measures", "weights"]);
        }
        let options = Options {
            missing_quarter: measures.missing_quarter,
            zero_persons: measures.zero_persons,
            zero_denominator: measures.zero_denominator,
        };
        Some(MeasureOptions { options, weights: measures.weights })
    }

    /// Ascending; `None` when there are none that make sense.
    fn years(&mut self, years: &Years, at: &[Step]) -> Option<Vec<i32>> {
        let mut years: Vec<i32> = match years {
            Years::Range(range) if range.from > range.to => {
                self.report(Diagnostic::error("out-of-range", "the first year is after the last"), at);
                return None;
            }
            Years::Range(range) if YEARS.contains(&range.from) && YEARS.contains(&range.to) => (range.from..=range.to).collect(),
            Years::Range(range) => vec![range.from, range.to],
            Years::Each(years) => years.clone(),
        };
        years.sort_unstable();
        years.dedup();
        if years.is_empty() {
            self.report(Diagnostic::error("out-of-range", "no year is given"), at);
        } else if let Some(year) = years.iter().find(|year| !YEARS.contains(year)) {
            let headline = format!("{year} is not a year of any register");
            let help = format!("give years from {} to {}", YEARS.start(), YEARS.end());
            self.report(Diagnostic::error("out-of-range", headline).help(help), at);
        } else {
            return Some(years);
        }
        None
    }

    /// Names that become file names are lower-case letters, digits and hyphens.
    fn slug(&mut self, name: &str, at: &[Step]) {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || name.len() > SLUG_MAX || !name.chars().all(allowed) {
            let headline = format!("`{name}` cannot be the name of a file");
            let help = format!("use lower-case letters, digits and hyphens, {SLUG_MAX} at most");
            self.report(Diagnostic::error("unknown-value", headline).help(help), at);
        }
    }
}

const YEARS: std::ops::RangeInclusive<i32> = 1900..=2100;
const SLUG_MAX: usize = 64;

impl Scope {
    /// `size.five` and the like, by name.
    fn class_set(&self, name: &str) -> Option<usize> {
        self.class_sets.iter().position(|set| set.name == name)
    }

    /// The codes of a dimension, in order; none where it has no fixed ones.
    fn codes(&self, dimension: &Dimension) -> Vec<&str> {
        match dimension {
            Dimension::Arm => super::plan::ARMS.to_vec(),
            Dimension::Code(name) => self
                .classifications
                .get(name)
                .into_iter()
                .flat_map(|c| c.classes.iter().map(|class| class.code.as_str()))
                .collect(),
            Dimension::Class(set) => self.class_sets[*set].classes.iter().map(|class| class.code.as_str()).collect(),
            Dimension::Year | Dimension::GroupLevel => Vec::new(),
        }
    }
}
