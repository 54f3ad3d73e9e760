//! Notes for the reader of a release: what the files, columns, states and figures mean, in words.

use std::fmt::Write;

use super::{File, Release, definition, layout};
use crate::disclosure::safe::SafeTable;
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
    pub fn label(self) -> String {
        let number = Note::ALL.iter().position(|note| *note == self).unwrap_or(0) + 1;
        format!("[note {number}]")
    }

    pub fn text(self, weights: Weights) -> String {
        let text = match self {
            Note::Mean => {
                let units = "Tables of means give no number of units, since the few units without a value would show.";
                return format!("{} {units}", mean(weights));
            }
            Note::Share => concat!(
                "A share is the units of a class as per cent of the units of all classes, and never above 100. Each is rounded by ",
                "itself, so together they can come to a little more or less than 100; the numbers of units beside them add up."
            ),
            Note::Index => {
                "An index is a mean over the mean of the base year, times 100, computed from the published, rounded means."
            }
            Note::Mark => {
                "A mark tells whether a published value is above, below or equal to the published value of the other group."
            }
            Note::Decomposition => concat!(
                "A decomposition splits the change of a mean since the base year: within classes, each at its mean share in all ",
                "units of both years; by another distribution of all units over classes, each at its mean of both years (Kitagawa ",
                "1955); and by other firms having a value, which is what is left. It is computed from rounded means and from numbers ",
                "of units that may be published. The parts add up to the change, and those of the classes to the parts."
            ),
        };
        text.to_owned()
    }
}

/// What a mean is.
pub fn mean(weights: Weights) -> &'static str {
    match weights {
        Weights::None => "A mean is the unweighted mean over firms of the firm-level value.",
        Weights::Design => concat!(
            "A mean is the mean over firms of the firm-level value. Measures of a sampled register are weighted with its design ",
            "weights, the others are not."
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
        writeln!(text, "{}\n", note.text(facts.weights))?;
    }
    writeln!(text, "Where a part of a share, an index or a mark is withheld, so is it.\n\n## Files\n")?;
    writeln!(text, "Every table stands here in each of these forms; all hold the same cells.\n\n| file | form |\n|---|---|")?;
    for (file, form) in forms(&facts.study) {
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

fn forms(study: &str) -> [(String, &'static str); 9] {
    [
        (format!("{study}.xlsx"), "spreadsheet with cover, contents, notes, and a sheet per table"),
        ("tables/ID.csv".into(), "CSV: UTF-8, comma, decimal point"),
        (
            "tables/ID.csv-metadata.json".into(),
            "what its columns hold (CSV on the Web); codes with their names in `tables/codes/`",
        ),
        ("parquet/ID.parquet".into(), "Parquet, with the facts of the table in its key-value metadata"),
        ("sdmx/ID.csv".into(), "SDMX-CSV 2.0, with the structures in `sdmx/structure.json`"),
        ("json-stat/ID.json".into(), "JSON-stat 2.0"),
        ("figures/LANGUAGE/ID.svg".into(), "figure, as PNG and PDF too, with the data behind it as CSV"),
        ("report.LANGUAGE.html".into(), "all tables and figures with the method in words, in one file"),
        ("report.LANGUAGE.pdf".into(), "the same on paper"),
    ]
}
