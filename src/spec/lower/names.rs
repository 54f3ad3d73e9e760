//! Names in tables: dimensions, the codes of filters, and indicators with their variants.

use super::{Lowering, Scope};
use crate::diagnostic::Diagnostic;
use crate::spec::document::Step;
use crate::spec::plan::{Dimension, Filter, Input};

impl Scope {
    /// The dimension that a name means.
    fn dimension(&self, name: &str) -> Option<Dimension> {
        match name {
            "year" => Some(Dimension::Year),
            "arm" => Some(Dimension::Arm),
            "group_level" => Some(Dimension::GroupLevel),
            _ if self.classifications.contains_key(name) => Some(Dimension::Code(name.to_owned())),
            _ => self.class_set(name).map(Dimension::Class),
        }
    }

    /// Whether enterprise groups can be compared with their units.
    fn has_groups(&self) -> bool {
        let linked = match &self.input {
            Input::Registers { schemas, .. } => schemas.contains_key("unit_group"),
            Input::Panel { .. } => false,
        };
        linked && self.class_set("size.five").is_some()
    }

    fn dimension_names(&self) -> Vec<&str> {
        let mut names = vec!["year"];
        if self.compared {
            names.push("arm");
        }
        if self.has_groups() {
            names.push("group_level");
        }
        names.extend(self.classifications.keys().map(String::as_str));
        names.extend(self.class_sets.iter().map(|set| set.name.as_str()));
        names
    }

    /// The indicators that a name means: one, or with `.*` all variants.
    fn indicators_named(&self, name: &str) -> Vec<usize> {
        let wanted = |known: &str| match name.strip_suffix(".*") {
            Some(stem) => known.strip_prefix(stem).is_some_and(|rest| rest.starts_with('.')),
            None => known == name,
        };
        self.indicators.iter().enumerate().filter(|(_, known)| wanted(&known.name)).map(|(at, _)| at).collect()
    }
}

impl Lowering<'_> {
    /// Reports a name that is no dimension of the study.
    pub(super) fn dimension(&mut self, scope: &Scope, name: &str, at: &[Step]) -> Option<Dimension> {
        match scope.dimension(name) {
            Some(Dimension::Arm) if !scope.compared => {
                let headline = "nobody is treated in this study, so there are no arms";
                self.report(Diagnostic::error("conflict", headline).help("leave `arm` out, or declare `cohort.treated`"), at);
                None
            }
            Some(Dimension::GroupLevel) if !scope.has_groups() => {
                let headline = "`group_level` compares units with enterprise groups, and the study has none";
                let help = "add the register `unit_group` to [registers]; the classes are those of `size.five`";
                self.report(Diagnostic::error("conflict", headline).help(help), at);
                None
            }
            Some(dimension) => Some(dimension),
            None => {
                self.unknown("dimension", name, &scope.dimension_names(), at);
                None
            }
        }
    }

    pub(super) fn dimensions(&mut self, scope: &Scope, names: &[String], at: &[Step]) -> Vec<Dimension> {
        let mut dimensions = Vec::new();
        for (item, name) in names.iter().enumerate() {
            let place = [at, &[Step::from(item)]].concat();
            match self.dimension(scope, name, &place) {
                Some(Dimension::GroupLevel) => {
                    let headline = "the classes of `group_level` overlap, so a table cannot be broken down by it";
                    self.report(Diagnostic::error("conflict", headline).help("use it as `of` of a share"), &place);
                }
                Some(dimension) if dimensions.contains(&dimension) => {
                    self.report(Diagnostic::error("duplicate-name", format!("`{name}` stands there twice")), &place);
                }
                Some(dimension) => dimensions.push(dimension),
                None => {}
            }
        }
        dimensions
    }

    /// The classes that a filter lets in, ascending.
    pub(super) fn filter(&mut self, scope: &Scope, name: &str, codes: &[String], at: &[Step]) -> Option<Filter> {
        let dimension = self.dimension(scope, name, at)?;
        if matches!(dimension, Dimension::Year | Dimension::GroupLevel) {
            let conflict = Diagnostic::error("conflict", format!("a table cannot be limited by `{name}`"));
            let help = if dimension == Dimension::Year { "use `years`" } else { "use it as `of` of a share" };
            self.report(conflict.help(help), at);
            return None;
        }
        let known = scope.codes(&dimension);
        let mut classes = Vec::new();
        for (item, code) in codes.iter().enumerate() {
            match known.iter().position(|known| known == code) {
                Some(class) => classes.push(class as u16),
                None => self.unknown(&format!("class of `{name}`"), code, &known, &[at, &[Step::from(item)]].concat()),
            }
        }
        if codes.is_empty() {
            self.report(Diagnostic::error("out-of-range", format!("no class of `{name}` is let in")), at);
        }
        classes.sort_unstable();
        classes.dedup();
        Some(Filter { dimension, classes })
    }

    /// Indices into the indicators of the scope, in the order of the file.
    pub(super) fn indicators_named(&mut self, scope: &Scope, names: &[String], at: &[Step]) -> Vec<usize> {
        let mut chosen: Vec<usize> = Vec::new();
        for (item, name) in names.iter().enumerate() {
            let place = [at, &[Step::from(item)]].concat();
            let meant = scope.indicators_named(name);
            if meant.is_empty() && !scope.broken_indicators.contains(name) {
                self.unknown_indicator(scope, name, &place);
            }
            for indicator in meant {
                if chosen.contains(&indicator) {
                    let twice = format!("the indicator `{}` stands there twice", scope.indicators[indicator].name);
                    self.report(Diagnostic::error("duplicate-name", twice), &place);
                } else {
                    chosen.push(indicator);
                }
            }
        }
        chosen
    }

    fn unknown_indicator(&mut self, scope: &Scope, name: &str, at: &[Step]) {
        let stem = name.strip_suffix(".*").unwrap_or(name);
        let variants = scope.indicators_named(&format!("{stem}.*"));
        if !variants.is_empty() {
            let headline = format!("the indicator `{stem}` has variants");
            let help = format!("write `{stem}.*` for all of them, or one, such as `{}`", scope.indicators[variants[0]].name);
            return self.report(Diagnostic::error("unknown-name", headline).help(help), at);
        }
        if !scope.indicators_named(stem).is_empty() {
            let headline = format!("the indicator `{stem}` has no variants");
            return self.report(Diagnostic::error("unknown-name", headline).help(format!("write `{stem}`")), at);
        }
        if super::indicators::is_shipped(stem) {
            let headline = format!("the registers of the study hold nothing for the indicator `{stem}`");
            let needs = super::indicators::needs(stem);
            return self.report(Diagnostic::error("unknown-name", headline).help(needs), at);
        }
        let mut known: Vec<String> = scope.indicators.iter().map(|indicator| indicator.name.clone()).collect();
        known.extend(scope.indicators.iter().filter_map(|one| one.name.split_once('.').map(|(stem, _)| format!("{stem}.*"))));
        known.dedup();
        self.unknown("indicator", name, &known.iter().map(String::as_str).collect::<Vec<_>>(), at);
    }
}
