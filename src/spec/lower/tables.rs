//! Tables: what stands in the cells, over which dimensions, for whom and when.

use super::{Lowering, Scope};
use crate::diagnostic::Diagnostic;
use crate::language::Text;
use crate::spec::document::{Step, steps};
use crate::spec::pipeline::{self, Statistic, Table};
use crate::spec::plan::{Dimension, Filter, OutlierUse, Section, Show, TablePlan};

impl Lowering<'_> {
    /// The ids are held against one another first, so that a table in which something is wrong counts too.
    pub(super) fn table_ids(&mut self) {
        let mut before = std::collections::BTreeSet::new();
        for at in 0..self.entries("table") {
            let place = steps!["table", at, "id"];
            if let Some(id) = self.text(&place) {
                self.slug(&id, &place);
                if !before.insert(id.clone()) {
                    let twice = Diagnostic::error("duplicate-name", format!("there is a table `{id}` already"));
                    self.report(twice.help("give every table an id of its own"), &place);
                }
            }
        }
    }

    /// Every table; `None` when one of them cannot be read at all.
    pub(super) fn tables(&mut self, scope: &Scope) -> Option<Vec<TablePlan>> {
        let written = self.entries("table");
        if written == 0 && self.checked.fault(&steps!["table"]).is_none() && self.written("table") {
            self.report(Diagnostic::error("missing-key", "the pipeline has no table"), &steps!["table"]);
        }
        let tables: Vec<Option<TablePlan>> = (0..written)
            .map(|at| {
                let entry: Option<Table> = self.checked.read(self.document, &steps!["table", at]);
                entry.and_then(|entry| self.table(scope, at, &entry))
            })
            .collect();
        (written > 0).then_some(tables).and_then(|tables| tables.into_iter().collect())
    }

    fn table(&mut self, scope: &Scope, at: usize, entry: &Table) -> Option<TablePlan> {
        let by = self.dimensions(scope, &entry.by, &steps!["table", at, "by"]);
        let totals = self.totals(scope, at, entry, &by);
        let filters = self.filters(scope, at, entry);
        let years = self.table_years(scope, at, entry);
        let show = self.show(scope, at, entry, &by, &years);
        let years = match &show {
            Some(Show::Decomposition { base, .. }) => years.into_iter().filter(|year| year != base).collect(),
            _ => years,
        };
        let indicators = self.shown_indicators(scope, at, entry);
        self.several_years(at, entry, &by, &years);
        self.mark(at, entry);
        Some(TablePlan {
            id: entry.id.clone(),
            title: self.table_title(scope, at, entry),
            section: entry.section.unwrap_or_else(|| section(scope, entry, &years)),
            show: show?,
            indicators,
            by,
            totals,
            filters,
            years,
            outliers: self.outlier_use(scope, at, entry),
            mark: entry.mark.is_some(),
            importance: entry.importance,
        })
    }

    /// A study in two languages has its tables in both.
    fn table_title(&mut self, scope: &Scope, at: usize, entry: &Table) -> Text {
        if scope.dutch && entry.title_nl.is_none() && !self.misspelt(&steps!["table", at]) {
            let headline = format!("the study has a title in Dutch, but its table `{}` has none", entry.id);
            let help = "add `title_nl` to the table, or take it from [study]";
            self.report(Diagnostic::error("missing-key", headline).help(help), &steps!["table", at]);
        }
        Text::new(&entry.title, entry.title_nl.clone())
    }

    fn totals(&mut self, scope: &Scope, at: usize, entry: &Table, by: &[Dimension]) -> Vec<Dimension> {
        let totals = self.dimensions(scope, &entry.totals, &steps!["table", at, "totals"]);
        for (item, name) in entry.totals.iter().enumerate().filter(|(_, name)| !entry.by.contains(name)) {
            let headline = format!("the table has a total over `{name}`, but is not broken down by it");
            let help = format!("add `{name}` to `by`, or leave the total out");
            self.report(Diagnostic::error("conflict", headline).help(help), &steps!["table", at, "totals", item]);
        }
        if totals.contains(&Dimension::Year) {
            let headline = "a total over `year` would count the same units several times";
            self.report(Diagnostic::error("conflict", headline), &steps!["table", at, "totals"]);
        }
        totals.into_iter().filter(|dimension| by.contains(dimension)).collect()
    }

    fn filters(&mut self, scope: &Scope, at: usize, entry: &Table) -> Vec<Filter> {
        let written = entry.r#where.iter();
        written
            .filter_map(|(name, codes)| self.filter(scope, name, codes, &steps!["table", at, "where", name.as_str()]))
            .collect()
    }

    fn table_years(&mut self, scope: &Scope, at: usize, entry: &Table) -> Vec<i32> {
        let place = steps!["table", at, "years"];
        let Some(written) = &entry.years else { return scope.years.clone() };
        let Some(years) = self.years(written, &place) else { return Vec::new() };
        let outside: Vec<String> = years.iter().filter(|year| !scope.years.contains(year)).map(i32::to_string).collect();
        if !outside.is_empty() && !scope.years.is_empty() {
            let headline = format!("{} is not among the years of the study", outside.join(", "));
            let (first, last) = (scope.years.first(), scope.years.last());
            let help = first
                .zip(last)
                .map(|(first, last)| format!("the study covers {first} to {last}; widen `study.years` or drop it"));
            let mut diagnostic = Diagnostic::error("out-of-range", headline);
            diagnostic.help = help;
            self.report(diagnostic, &place);
        }
        years
    }

    /// What stands in the cells, with the keys that belong to it and to nothing else.
    fn show(&mut self, scope: &Scope, at: usize, entry: &Table, by: &[Dimension], years: &[i32]) -> Option<Show> {
        let of = entry.of.as_ref().map(|name| self.dimension(scope, name, &steps!["table", at, "of"]));
        if of.is_some() && !matches!(entry.show, Statistic::Share | Statistic::Decomposition) {
            self.needless(at, "of", "a share or a decomposition");
        }
        if entry.base.is_some() && !matches!(entry.show, Statistic::Index | Statistic::Decomposition) {
            self.needless(at, "base", "an index or a decomposition");
        }
        match entry.show {
            Statistic::Attrition => self.attrition(scope, at, entry),
            Statistic::Count => Some(Show::Count),
            Statistic::Mean => Some(Show::Mean),
            Statistic::Share => match of {
                Some(of) => self.share(at, of?, by),
                None => self.wanting(at, "a share needs `of`, the dimension whose classes it distributes", "of = \"sector\""),
            },
            Statistic::Index => match entry.base {
                Some(base) => self.index(at, base, years),
                None => self.wanting(at, "an index needs `base`, the year that is 100", "base = 2014"),
            },
            Statistic::Decomposition => match (of, entry.base) {
                (Some(of), Some(base)) => self.decomposition(scope, at, of?, base, (by, years)),
                (None, _) => self.wanting(
                    at,
                    "a decomposition needs `of`, the dimension over whose classes the change is split",
                    "of = \"size.five\"",
                ),
                (_, None) => {
                    self.wanting(at, "a decomposition needs `base`, the year from which the change is told", "base = 2014")
                }
            },
        }
    }

    fn attrition(&mut self, scope: &Scope, at: usize, entry: &Table) -> Option<Show> {
        let listed = matches!(scope.input, crate::spec::plan::Input::Registers { .. });
        if !listed || !scope.compared {
            let conflict = Diagnostic::error("conflict", "there is no list of participants whose linkage could be shown");
            self.report(conflict, &steps!["table", at, "show"]);
        }
        for (key, empty) in
            [("by", entry.by.is_empty()), ("where", entry.r#where.is_empty()), ("totals", entry.totals.is_empty())]
        {
            if !empty {
                self.needless(at, key, "another statistic: attrition is always by year");
            }
        }
        Some(Show::Attrition)
    }

    fn share(&mut self, at: usize, of: Dimension, by: &[Dimension]) -> Option<Show> {
        if of == Dimension::Year {
            let conflict = Diagnostic::error("conflict", "units cannot be distributed over `year`, since they return every year");
            self.report(conflict, &steps!["table", at, "of"]);
        } else if by.contains(&of) {
            let conflict = Diagnostic::error("conflict", "a share cannot be broken down by the dimension that it distributes");
            self.report(conflict.help("leave it out of `by`"), &steps!["table", at, "by"]);
        }
        Some(Show::Share(of))
    }

    fn index(&mut self, at: usize, base: i32, years: &[i32]) -> Option<Show> {
        if !years.is_empty() && !years.contains(&base) {
            let headline = format!("the base year {base} is not among the years of the table");
            self.report(Diagnostic::error("out-of-range", headline).help("add it to `years`"), &steps!["table", at, "base"]);
        }
        Some(Show::Index { base })
    }

    /// Classes must hold every unit once, in both years.
    fn decomposition(
        &mut self,
        scope: &Scope,
        at: usize,
        of: Dimension,
        base: i32,
        (by, years): (&[Dimension], &[i32]),
    ) -> Option<Show> {
        if !matches!(of, Dimension::Code(_) | Dimension::Class(_)) {
            let conflict = Diagnostic::error("conflict", "a change can be split over a classification or a class set only");
            self.report(conflict.help("for example: of = \"size.five\""), &steps!["table", at, "of"]);
        } else if by.contains(&of) {
            let conflict = Diagnostic::error("conflict", "a decomposition cannot be broken down by the dimension that it splits");
            self.report(conflict.help("leave it out of `by`"), &steps!["table", at, "by"]);
        }
        if !scope.years.is_empty() && !scope.years.contains(&base) {
            let headline = format!("the base year {base} is not among the years of the study");
            self.report(Diagnostic::error("out-of-range", headline), &steps!["table", at, "base"]);
        }
        if !years.is_empty() && years.iter().all(|year| *year == base) {
            let headline = "the table has no year beside its base year";
            let help = "add the year to which the change is told to `years`";
            self.report(Diagnostic::error("out-of-range", headline).help(help), &steps!["table", at, "base"]);
        }
        Some(Show::Decomposition { of, base })
    }

    fn shown_indicators(&mut self, scope: &Scope, at: usize, entry: &Table) -> Vec<usize> {
        let shows_values = matches!(entry.show, Statistic::Mean | Statistic::Index | Statistic::Decomposition);
        if shows_values && entry.indicators.is_empty() {
            self.wanting(at, "a mean, an index or a decomposition needs `indicators`", "indicators = [\"turnover\"]");
        }
        if !shows_values && !entry.indicators.is_empty() {
            self.needless(at, "indicators", "a mean, an index or a decomposition");
        }
        self.indicators_named(scope, &entry.indicators, &steps!["table", at, "indicators"])
    }

    /// Units return every year, so a table over several years has to be by year.
    fn several_years(&mut self, at: usize, entry: &Table, by: &[Dimension], years: &[i32]) {
        let by_year = by.contains(&Dimension::Year) || entry.show == Statistic::Attrition;
        if years.len() > 1 && !by_year && !self.misspelt(&steps!["table", at]) {
            let conflict = Diagnostic::error("conflict", "the table covers several years but is not broken down by `year`");
            self.report(conflict.help("add \"year\" to `by`, or give one year"), &steps!["table", at]);
        }
    }

    fn mark(&mut self, at: usize, entry: &Table) {
        let compares = entry.by.iter().any(|name| name == "arm") && matches!(entry.show, Statistic::Mean | Statistic::Index);
        if entry.mark.is_some() && !compares {
            let conflict = Diagnostic::error("conflict", "only a mean or an index by `arm` can be marked against the controls");
            self.report(conflict, &steps!["table", at, "mark"]);
        }
    }

    fn outlier_use(&mut self, scope: &Scope, at: usize, entry: &Table) -> OutlierUse {
        match entry.outliers {
            Some(pipeline::Outliers::Kept) => OutlierUse::Kept,
            Some(pipeline::Outliers::Removed) if !scope.has_outlier_rule => {
                let conflict = Diagnostic::error("conflict", "the study has no rule by which outliers are removed");
                self.report(conflict.help("add the section [outliers]"), &steps!["table", at, "outliers"]);
                OutlierUse::Kept
            }
            Some(pipeline::Outliers::Removed) => OutlierUse::Removed,
            None if scope.has_outlier_rule => OutlierUse::Removed,
            None => OutlierUse::Kept,
        }
    }

    fn needless(&mut self, at: usize, key: &str, of: &str) {
        let headline = format!("`{key}` belongs to {of}");
        self.report(Diagnostic::error("conflict", headline).help(format!("leave `{key}` out")), &steps!["table", at, key]);
    }

    /// Reports a key that this statistic needs, unless a key of the table is misspelt and may have been meant.
    fn wanting(&mut self, at: usize, headline: &str, example: &str) -> Option<Show> {
        let place: [Step; 2] = steps!["table", at];
        if !self.misspelt(&place) {
            self.report(Diagnostic::error("missing-key", headline).help(format!("for example: {example}")), &place);
        }
        None
    }
}

/// The part of the report in which a table stands unless it says so itself.
fn section(scope: &Scope, entry: &Table, years: &[i32]) -> Section {
    let by_participants = entry.r#where.get("arm").is_some_and(|arms| arms.len() == 1);
    match entry.show {
        Statistic::Attrition => Section::Linkage,
        Statistic::Count if by_participants => Section::Linkage,
        Statistic::Share if entry.of.as_deref() == Some("group_level") => Section::Linkage,
        Statistic::Count | Statistic::Share => Section::Reach,
        Statistic::Decomposition => Section::Development,
        _ if years.len() > 1 => Section::Development,
        _ if years.first() == scope.years.first() => Section::Baseline,
        _ => Section::Comparison,
    }
}
