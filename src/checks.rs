//! The checks of a run as a build server shows them: a summary in Markdown, and JUnit XML. They tell whether a study holds and how much
//! of it is withheld, and no number of units, no value, no place in a register.

use std::fmt::Write;

use crate::compare::Comparison;
use crate::diagnostic::{Diagnostics, Severity};
use crate::report::Report;

/// One thing that holds or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// `linkage`, `tables`, `audit`, `comparison`, or `run` for what stopped a run.
    pub group: &'static str,
    pub name: String,
    pub holds: bool,
    /// What was found, in one line.
    pub found: String,
}

/// The checks of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks {
    pub study: String,
    pub released: bool,
    pub checks: Vec<Check>,
}

impl Checks {
    /// Of a run that wrote a release; the comparison is there for synthetic registers with targets.
    pub fn of(report: &Report, comparison: Option<&Comparison>) -> Self {
        let mut checks = linkage(report);
        checks.extend(tables(report));
        checks.push(audit(report));
        checks.extend(comparison.map(compared));
        Self { study: report.study.clone(), released: true, checks }
    }

    /// Of a run that was stopped: its errors, without their places.
    pub fn stopped(study: &str, wrong: &Diagnostics) -> Self {
        let errors = wrong.0.iter().filter(|found| found.severity == Severity::Error);
        let checks = errors.map(|error| check("run", error.code.to_owned(), false, error.headline.clone()));
        Self { study: study.to_owned(), released: false, checks: checks.collect() }
    }

    fn failing(&self) -> usize {
        self.checks.iter().filter(|check| !check.holds).count()
    }

    /// A page of Markdown.
    pub fn markdown(&self) -> String {
        let mut text = String::new();
        let written = self.write_markdown(&mut text);
        assert!(written.is_ok(), "a text in memory can be extended");
        text
    }

    fn write_markdown(&self, text: &mut String) -> std::fmt::Result {
        let (checks, failing) = (self.checks.len(), self.failing());
        writeln!(text, "# {}\n", escaped_markdown(&self.study))?;
        let outcome = if self.released { "Released" } else { "Not released" };
        writeln!(text, "**{outcome}.** {} of {checks} checks hold.\n", checks - failing)?;
        writeln!(text, "| | check | found |\n|---|---|---|")?;
        self.checks.iter().try_for_each(|check| {
            let mark = if check.holds { "✓ holds" } else { "✗ fails" };
            let (name, found) = (escaped_markdown(&check.name), escaped_markdown(&check.found));
            writeln!(text, "| {mark} | {}: {name} | {found} |", check.group)
        })
    }

    /// JUnit XML: a suite with a case per check.
    pub fn junit(&self) -> String {
        let mut text = String::new();
        let written = self.write_junit(&mut text);
        assert!(written.is_ok(), "a text in memory can be extended");
        text
    }

    fn write_junit(&self, text: &mut String) -> std::fmt::Result {
        let (tests, failures, study) = (self.checks.len(), self.failing(), escaped_xml(&self.study));
        writeln!(text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
        writeln!(text, "<testsuites name=\"sluis\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">")?;
        writeln!(text, "  <testsuite name=\"{study}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">")?;
        for check in &self.checks {
            let (name, found) = (escaped_xml(&check.name), escaped_xml(&check.found));
            write!(text, "    <testcase classname=\"{study}.{}\" name=\"{name}\">", check.group)?;
            let tag = if check.holds { "system-out" } else { "failure" };
            writeln!(text, "<{tag}>{found}</{tag}></testcase>")?;
        }
        writeln!(text, "  </testsuite>\n</testsuites>")
    }
}

fn check(group: &'static str, name: String, holds: bool, found: String) -> Check {
    Check { group, name, holds, found }
}

/// Whether numbers of the list lead to units in a year. How many is for the tables to say, or to withhold.
fn linkage(report: &Report) -> Vec<Check> {
    let year = |year: &crate::report::YearReport| {
        let holds = year.numbers_linked > 0;
        let found = if holds { "numbers of the list lead to units" } else { "no number of the list leads to a unit" };
        check("linkage", year.year.to_string(), holds, found.to_owned())
    };
    let listed = report.list.is_some();
    report.years.iter().filter(|_| listed).map(year).collect()
}

/// A table that withholds every cell is of no use to a reader.
fn tables(report: &Report) -> Vec<Check> {
    let table = |table: &crate::report::TableReport| {
        let found = format!("{} cells, {} withheld", table.cells, table.withheld);
        check("tables", table.id.clone(), table.withheld < table.cells, found)
    };
    report.tables.iter().map(table).collect()
}

fn audit(report: &Report) -> Check {
    let breaches = report.audit.breaches;
    check("audit", "no breach".into(), breaches == 0, format!("{breaches} breaches under profile {}", report.profile))
}

fn compared(comparison: &Comparison) -> Check {
    let (facts, matching) = (comparison.facts.len(), comparison.facts.iter().filter(|fact| fact.matches).count());
    let found = format!("{matching} of {facts} targets of the synthetic registers came back");
    check("comparison", "targets".into(), matching == facts, found)
}

fn escaped_markdown(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if "|*_<>`[]\\".contains(c) {
            escaped.push('\\');
        }
        escaped.push(if c.is_control() { ' ' } else { c });
    }
    escaped
}

fn escaped_xml(text: &str) -> String {
    let plain = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    plain.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Diagnostic, Place};

    fn checks() -> Checks {
        let checks = vec![
            check("audit", "no breach".into(), true, "0 breaches".into()),
            check("tables", "a|b".into(), false, "4 < 5 & \"6\"".into()),
        ];
        Checks { study: "small".into(), released: true, checks }
    }

    #[test]
    fn a_summary_has_a_row_per_check() {
        let text = checks().markdown();
        assert!(text.contains("**Released.** 1 of 2 checks hold."), "{text}");
        assert!(text.contains("| ✓ holds | audit: no breach | 0 breaches |\n"), "{text}");
        assert!(text.contains("| ✗ fails | tables: a\\|b | 4 \\< 5 & \"6\" |\n"), "{text}");
    }

    #[test]
    fn a_failing_check_is_a_failure_in_junit() {
        let text = checks().junit();
        assert!(text.contains("<testsuite name=\"small\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">"), "{text}");
        assert!(text.contains("name=\"a|b\"><failure>4 &lt; 5 &amp; &quot;6&quot;</failure></testcase>"), "{text}");
    }

    #[test]
    fn what_stopped_a_run_is_told_without_its_place() {
        let place = Place::Data { file: "DRT.csv".into(), row: Some(123_456), column: Some("omzet".into()) };
        let wrong = Diagnostics(vec![
            Diagnostic::error("bad-value", "not a number").at(place),
            Diagnostic::warning("several-versions", "two"),
        ]);
        let checks = Checks::stopped("small", &wrong);
        assert_eq!(checks.checks, [check("run", "bad-value".into(), false, "not a number".into())]);
        assert!(checks.markdown().contains("**Not released.**") && !checks.junit().contains("123456"));
    }
}
