//! The proposal as text for the terminal.

use std::fmt::Write;

use super::proposal::{Obstacle, PartProposal, Proposal, Step, TableProposal};

impl Proposal {
    /// Tables with what each part becomes and why nothing finer, alternatives, and the tables to paste.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let written = self.write(&mut text);
        assert!(written.is_ok(), "a text in memory can be extended");
        text
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let standing = if self.proven { "no other loses less" } else { "the best that was found; others may lose less" };
        writeln!(text, "Plan of {} under profile {}: {standing}", self.study, self.profile)?;
        writeln!(
            text,
            "{} designs, {} of them protected; ranked by rows withheld, units shown, value shown, detail",
            self.designs, self.protected
        )?;
        if self.withheld_elsewhere > 0 {
            let lost = rows(self.withheld_elsewhere);
            writeln!(text, "In the tables that are not planned {lost} withheld, whatever is chosen here")?;
        }
        if !self.accepted {
            writeln!(text, "The audit does not accept these tables; a run would release nothing")?;
        }
        self.tables.iter().try_for_each(|table| write_table(text, table))?;
        writeln!(text, "\n{:>8}  {:<13} {:<13} {:>6}", "withheld", "units shown", "value shown", "detail")?;
        for one in &self.alternatives {
            let kept = format!("{} %", one.detail_kept_percent);
            writeln!(text, "{:>8}  {:<13} {:<13} {kept:>6}  {}", one.withheld, one.units_shown, one.value_shown, one.what)?;
        }
        if self.fragment.is_empty() {
            return writeln!(text, "\nThe tables can stay as they are.");
        }
        writeln!(text, "\nTables to put in the place of those that change:\n\n{}", self.fragment)
    }
}

fn write_table(text: &mut String, table: &TableProposal) -> std::fmt::Result {
    writeln!(text, "\n{}  {}{}", table.id, table.title, if table.changed { "" } else { " (unchanged)" })?;
    let mut alike: Vec<(PartProposal, Vec<String>)> = Vec::new();
    for part in &table.parts {
        let rest = PartProposal { part: None, ..part.clone() };
        let name = part.part.clone().unwrap_or_else(|| if table.parts.len() == 1 { "whole table" } else { "total" }.to_owned());
        match alike.iter_mut().find(|(other, _)| *other == rest) {
            // `sector C`, and after it only `M`.
            Some((_, names)) => names.push(name.rsplit(' ').next().unwrap_or(&name).to_owned()),
            None => alike.push((rest, vec![name])),
        }
    }
    for (part, names) in alike {
        writeln!(text, "  {}: {}", names.join(" "), becomes(&part))?;
        part.finer.iter().try_for_each(|step| write_step(text, step))?;
    }
    Ok(())
}

fn becomes(part: &PartProposal) -> String {
    let Some(breakdown) = &part.breakdown else { return "left out".to_owned() };
    let mut text = match breakdown.as_str() {
        "all" => "shown, not broken down".to_owned(),
        name => format!("{name} ({})", part.classes.join(", ")),
    };
    if !part.without_years.is_empty() {
        text += &format!(", without {}", joined(part.without_years.iter().map(i32::to_string)));
    }
    if part.withheld > 0 {
        text += &format!(", {} withheld", rows(part.withheld as u64));
    }
    text
}

fn write_step(text: &mut String, step: &Step) -> std::fmt::Result {
    let name = if step.breakdown == "all" { "shown at all" } else { &step.breakdown };
    writeln!(text, "      not {name}: {}", joined_by("; ", step.obstacles.iter().map(reason)))
}

fn reason(obstacle: &Obstacle) -> String {
    if obstacle.class.is_empty() {
        return "rows of other tables would be withheld to protect it".to_owned();
    }
    let mut place = if obstacle.class == "all" { "the whole".to_owned() } else { obstacle.class.clone() };
    let more = [obstacle.arm.clone(), years(&obstacle.years), joined(obstacle.indicators.iter().cloned())];
    let more: Vec<String> = more.into_iter().filter(|text| !text.is_empty()).collect();
    if !more.is_empty() {
        place += &format!(" ({})", more.join(", "));
    }
    match (obstacle.rules.as_slice(), obstacle.jointly) {
        ([], true) => format!("{place} would be withheld to protect other tables"),
        ([], false) => format!("{place} would be withheld to protect what is not printed"),
        (rules, _) => format!("{place} {}", rules.join(" ")),
    }
}

fn rows(number: u64) -> String {
    if number == 1 { "1 row is".to_owned() } else { format!("{number} rows are") }
}

/// `2014-2016, 2019`
fn years(years: &[String]) -> String {
    let numbers: Vec<i32> = years.iter().filter_map(|year| year.parse().ok()).collect();
    let runs = numbers.chunk_by(|a, b| a + 1 == *b);
    joined(runs.map(|run| match run {
        [first, .., last] => format!("{first}-{last}"),
        _ => run.iter().map(i32::to_string).collect(),
    }))
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    joined_by(", ", texts)
}

fn joined_by(separator: &str, texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(separator)
}
