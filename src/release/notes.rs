//! Notes for the reader of a release: what the columns and states mean, in words.

use std::fmt::Write;

use super::File;
use crate::disclosure::safe::SafeTables;
use crate::spec::plan::Weights;

/// `NOTES.md` of the release.
pub fn notes(title: &str, weights: Weights, tables: &SafeTables) -> File {
    let mut text = format!("# {title}\n\n");
    text.push_str(match weights {
        Weights::None => "A mean is the unweighted mean over firms of the firm-level value.\n\n",
        Weights::Design => concat!(
            "A mean is the mean over firms of the firm-level value. Measures of a sampled register are weighted with its design\n",
            "weights, the others are not.\n\n"
        ),
    });
    text.push_str(concat!(
        "Every table is a file in `tables/`. A row is a cell; `value` is in the unit beside it, rounded. Tables of counts and\n",
        "shares have the number of units as `n`; tables of means have none, since the few units without a value would show. An empty key column stands for all classes together.\n\n",
        "| state | meaning |\n|---|---|\n",
        "| value | the value stands there |\n",
        "| zero | no unit is in the cell |\n",
        "| suppressed | withheld to protect the firms behind this or another cell; `value` and `n` are empty |\n",
        "| not-applicable | the cell cannot exist |\n",
        "| not-delivered | the registers hold nothing for it |\n\n",
        "A share, an index and a\n",
        "mark (`above`, `below` or `equal` to the other arm) are computed from published values; where one of those is suppressed,\n",
        "so are they. Figures are in `figures/`, by language and with their data; `report.en.html` shows all tables and figures, as does\n",
        "`report.nl.html` for a study in Dutch as well. `manifest.json` lists every file with its BLAKE3 hash.\n\n",
        "## Tables\n\n",
    ));
    for table in tables.tables() {
        let written = writeln!(text, "- `tables/{}.csv`: {} ({})", table.id, table.title, table.unit);
        assert!(written.is_ok(), "a text in memory can be extended");
    }
    File { path: "NOTES.md".into(), bytes: text.into_bytes() }
}
