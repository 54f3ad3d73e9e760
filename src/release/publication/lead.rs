//! What the report begins with: what there is, what stands out, and what is withheld, read off the released values alone.

use super::changes;
use crate::disclosure::safe::{SafeTable, SafeTables, State};
use crate::language::Language;
use crate::release::figures::grid::{Along, grid};
use crate::release::figures::title;
use crate::release::mark::marks;
use crate::tables::set::Statistic;

/// Changes told at the beginning, at most.
const CHANGES_MOST: usize = 4;

/// A sentence or two for each thing.
pub fn sentences(tables: &SafeTables, language: Language) -> Vec<String> {
    let all = tables.tables();
    let mut sentences = vec![extent(all, language)];
    sentences.extend(all.iter().find_map(|table| list(table, language)));
    sentences.extend(all.iter().filter(|table| table.mark).filter_map(|table| marked(table, language)));
    sentences.extend(turns(all, language));
    sentences.push(withheld(all, language));
    sentences
}

fn extent(tables: &[SafeTable], language: Language) -> String {
    let of_tables = |table: &SafeTable| table.rows.iter().filter_map(|row| row.key.get("year")).cloned().collect::<Vec<_>>();
    let years: std::collections::BTreeSet<String> = tables.iter().flat_map(of_tables).collect();
    let number = language.number(&tables.len().to_string());
    let over = match (years.first(), years.last()) {
        (Some(first), Some(last)) if first == last => format!(" {first}"),
        (Some(first), Some(last)) => format!(" {first}\u{2013}{last}"),
        _ => String::new(),
    };
    match language {
        Language::English if over.is_empty() => format!("This report holds {number} tables, each with a figure."),
        Language::English => format!("This report holds {number} tables on{over}, each with a figure."),
        Language::Dutch if over.is_empty() => format!("Dit rapport bevat {number} tabellen, elk met een figuur."),
        Language::Dutch => format!("Dit rapport bevat {number} tabellen over{over}, elk met een figuur."),
    }
}

/// From the list of participants to those that were found.
fn list(table: &SafeTable, language: Language) -> Option<String> {
    let step = |name: &str| {
        let row = table.rows.iter().find(|row| row.key.get("step").is_some_and(|step| step == name))?;
        row.value.as_deref().map(|value| language.number(value))
    };
    let (unique, found) = (step("unique-numbers")?, step("with-person")?);
    Some(match language {
        Language::English => {
            format!("Of {unique} different numbers on the list of participants, {found} were found in the registers.")
        }
        Language::Dutch => {
            format!("Van {unique} verschillende nummers op de deelnemerslijst zijn er {found} in de registers gevonden.")
        }
    })
}

/// How often participants are above the others where a table marks it.
fn marked(table: &SafeTable, language: Language) -> Option<String> {
    let marks = marks(table);
    let count = |mark: &str| marks.iter().filter(|one| **one == mark).count();
    let compared = marks.iter().filter(|mark| !mark.is_empty()).count();
    let (above, title) = (count("above"), title(table, language));
    (compared > 0).then(|| match language {
        Language::English => format!("{title}: participants are above non-participants in {above} of {compared} comparisons."),
        Language::Dutch => {
            format!("{title}: in {above} van de {compared} vergelijkingen liggen deelnemers boven niet-deelnemers.")
        }
    })
}

/// Changes that went the other way within classes; where there is none, what is said of the first table of changes.
fn turns(tables: &[SafeTable], language: Language) -> Vec<String> {
    let mut turned = Vec::new();
    let is_change = |table: &&SafeTable| table.statistic == Statistic::Decomposition;
    for table in tables.iter().filter(is_change) {
        let unit = table.presentation.unit.of(language);
        let changes = grid(table, Along::Parts, language);
        let changes = changes::of(&changes);
        let told = changes.iter().filter_map(|change| change.turn(unit, language));
        turned.extend(told.map(|sentence| format!("{}. {sentence}", title(table, language))));
    }
    turned.truncate(CHANGES_MOST);
    if turned.is_empty() {
        let first = tables.iter().find(is_change);
        turned
            .extend(first.map(|table| format!("{}. {}", title(table, language), changes::sentences(table, language).join(" "))));
    }
    turned
}

fn withheld(tables: &[SafeTable], language: Language) -> String {
    let count = |table: &SafeTable| table.rows.iter().filter(|row| row.state == State::Suppressed).count();
    let cells: usize = tables.iter().map(|table| table.rows.len()).sum();
    let hidden: usize = tables.iter().map(count).sum();
    let within = tables.iter().filter(|table| count(table) > 0).count();
    let [cells, hidden_text, within, of] =
        [cells, hidden, within, tables.len()].map(|number| language.number(&number.to_string()));
    match (hidden, language) {
        (0, Language::English) => format!("None of the {cells} cells is withheld."),
        (0, Language::Dutch) => format!("Geen van de {cells} cellen is afgeschermd."),
        (_, Language::English) => {
            format!("Of {cells} cells, {hidden_text} are withheld to protect firms; they stand in {within} of {of} tables.")
        }
        (_, Language::Dutch) => {
            format!(
                "Van de {cells} cellen zijn er {hidden_text} afgeschermd om bedrijven te beschermen; zij staan in {within} van de {of} tabellen."
            )
        }
    }
}
