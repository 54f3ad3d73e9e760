//! Notes for the reader of a release: what the files, columns, states and figures mean, in words.

use std::fmt::Write;

use super::{File, Release, definition, figures, layout, xlsx};
use crate::disclosure::safe::SafeTable;
use crate::language::{Language, Phrase};
use crate::spec::plan::Weights;
use crate::tables::set::Statistic;

/// What a reader has to know about a kind of figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    Mean,
    Share,
    Index,
    Mark,
    Decomposition,
}

impl Note {
    pub const ALL: [Note; 5] = [Note::Mean, Note::Share, Note::Index, Note::Mark, Note::Decomposition];

    /// The notes that belong to a table.
    pub fn of(table: &SafeTable) -> impl Iterator<Item = Note> {
        let applies = |note: &Note| match note {
            Note::Mean => table.statistic == Statistic::Mean,
            Note::Share => table.statistic == Statistic::Share,
            Note::Index => table.statistic == Statistic::Index,
            Note::Mark => table.mark,
            Note::Decomposition => table.statistic == Statistic::Decomposition,
        };
        Note::ALL.into_iter().filter(applies)
    }

    /// How a title refers to the note.
    pub fn label(self, language: Language) -> String {
        let number = Note::ALL.iter().position(|note| *note == self).unwrap_or(0) + 1;
        match language {
            Language::English => format!("[note {number}]"),
            Language::Dutch => format!("[noot {number}]"),
        }
    }

    pub fn text(self, weights: Weights, language: Language) -> String {
        let text = match self {
            Note::Mean => return format!("{} {}", mean(weights).of(language), NO_UNITS.of(language)),
            Note::Share => Phrase::new(
                "A share is the units of a class as per cent of the units of all classes, and never above 100. Each is rounded by \
                 itself, so together they can come to a little more or less than 100; the numbers of units beside them add up.",
                "Een aandeel is het aantal eenheden van een klasse als percentage van de eenheden van alle klassen, en nooit hoger dan \
                 100. Elk aandeel is apart afgerond, zodat zij samen iets meer of minder dan 100 kunnen zijn; de aantallen eenheden \
                 ernaast tellen wel op.",
            ),
            Note::Index => Phrase::new(
                "An index is a mean over the mean of the base year, times 100, computed from the published, rounded means.",
                "Een index is een gemiddelde gedeeld door het gemiddelde van het basisjaar, maal 100, berekend uit de gepubliceerde, \
                 afgeronde gemiddelden.",
            ),
            Note::Mark => Phrase::new(
                "A mark tells whether a published value is above, below or equal to the published value of the other group.",
                "Een markering zegt of een gepubliceerde waarde hoger, lager of gelijk is aan de gepubliceerde waarde van de andere groep.",
            ),
            Note::Decomposition => Phrase::new(
                "A decomposition splits the change of a mean since the base year: within classes, each at its mean share in all \
                 units of both years; by another distribution of all units over classes, each at its mean of both years (Kitagawa \
                 1955); and by other firms having a value, which is what is left. It is computed from rounded means and from numbers \
                 of units that may be published. The parts add up to the change, and those of the classes to the parts.",
                "Een decompositie splitst de verandering van een gemiddelde sinds het basisjaar: binnen klassen, elk met haar \
                 gemiddelde aandeel in alle eenheden van beide jaren; door een andere verdeling van alle eenheden over klassen, elk met \
                 haar gemiddelde van beide jaren (Kitagawa 1955); en doordat andere bedrijven een waarde hebben, wat de rest is. Zij is \
                 berekend uit afgeronde gemiddelden en uit aantallen eenheden die gepubliceerd mogen worden. De onderdelen tellen op \
                 tot de verandering, en die van de klassen tot de onderdelen.",
            ),
        };
        text.of(language).to_owned()
    }
}

const NO_UNITS: Phrase = Phrase::new(
    "Tables of means give no number of units, since the few units without a value would show.",
    "Tabellen met gemiddelden geven geen aantal eenheden, omdat daaruit de enkele eenheden zonder waarde zouden blijken.",
);

/// What a mean is.
pub fn mean(weights: Weights) -> Phrase {
    match weights {
        Weights::None => Phrase::new(
            "A mean is the unweighted mean over firms of the firm-level value.",
            "Een gemiddelde is het ongewogen gemiddelde over bedrijven van de waarde per bedrijf.",
        ),
        Weights::Design => Phrase::new(
            "A mean is the mean over firms of the firm-level value. Measures of a sampled register are weighted with its design \
             weights, the others are not.",
            "Een gemiddelde is het gemiddelde over bedrijven van de waarde per bedrijf. Maten uit een steekproef zijn gewogen met de \
             ophooggewichten daarvan, de andere niet.",
        ),
    }
}

/// `NOTES.md` of the release.
pub fn notes(release: &Release<'_>) -> File {
    let mut text = String::new();
    let written = write(&mut text, release);
    assert!(written.is_ok(), "a text in memory can be extended");
    File { path: "NOTES.md".into(), bytes: text.into_bytes() }
}

fn write(text: &mut String, release: &Release<'_>) -> std::fmt::Result {
    let facts = release.facts;
    writeln!(text, "# {}\n\nSource: {}.\n", facts.title, facts.source())?;
    for note in Note::ALL {
        writeln!(text, "{}\n", note.text(facts.weights, Language::English))?;
    }
    writeln!(text, "Where a part of a share, an index or a mark is withheld, so is it.\n\n## Files\n")?;
    writeln!(text, "Every table stands here in each of these forms; all hold the same cells.\n\n| file | form |\n|---|---|")?;
    for (file, form) in forms(release) {
        writeln!(text, "| `{file}` | {form} |")?;
    }
    writeln!(
        text,
        "\n`{}` holds what the tables are tables of, as declared; `sluis pool` holds releases against one another by it.",
        definition::PATH
    )?;
    writeln!(text, "`manifest.json` lists every file with its BLAKE3 hash.\n\n## Columns\n")?;
    writeln!(
        text,
        "A row is a cell. `value` is in the unit beside it, rounded; `n` is a number of units. An empty key column stands for all\n\
         classes together (`_T` in SDMX-CSV and JSON-stat). `state` tells what the value is:\n\n| state | meaning |\n|---|---|"
    )?;
    for (state, meaning) in layout::STATES {
        writeln!(text, "| {} | {meaning} |", layout::state(state))?;
    }
    writeln!(text, "\n## Tables\n")?;
    release.tables.tables().iter().try_for_each(|table| writeln!(text, "- `{}`: {} ({})", table.id, table.title, table.unit))
}

fn forms(release: &Release<'_>) -> Vec<(String, &'static str)> {
    let spreadsheets = figures::languages(release.tables.about()).iter().map(|language| {
        let form = match language {
            Language::English => "spreadsheet with cover, contents, notes, and a sheet per table",
            Language::Dutch => "the same in Dutch",
        };
        (xlsx::path(&release.facts.study, *language), form)
    });
    let others = [
        ("tables/ID.csv", "CSV: UTF-8, comma, decimal point"),
        ("tables/ID.csv-metadata.json", "what its columns hold (CSV on the Web); codes with their names in `tables/codes/`"),
        ("parquet/ID.parquet", "Parquet, with the facts of the table in its key-value metadata"),
        ("sdmx/ID.csv", "SDMX-CSV 2.0, with the structures in `sdmx/structure.json`"),
        ("json-stat/ID.json", "JSON-stat 2.0"),
        ("figures/LANGUAGE/ID.svg", "figure, as PNG and PDF too, with the data behind it as CSV"),
        ("report.LANGUAGE.html", "all tables and figures with the method in words, in one file"),
        ("report.LANGUAGE.pdf", "the same on paper"),
    ];
    spreadsheets.chain(others.map(|(file, form)| (file.to_owned(), form))).collect()
}
