//! What leaves: every format of the release of one run, held against the CSV, against the canaries and against what a reader may ask of it.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[path = "support/formats.rs"]
mod formats;
#[path = "support/run.rs"]
mod run;

use run::{files, study, tables_of, text};

#[test]
fn no_identifier_and_no_amount_of_one_unit_gets_out() {
    let study = study();
    let mut canaries: Vec<String> = Vec::new();
    for (name, bytes) in files(&study.path("registers")) {
        let text = String::from_utf8(bytes).expect("text");
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().expect("a header").split(';').collect();
        let identifying = |column: &str| column.contains("crypt") || column.contains("identificatie");
        let secret: Vec<bool> = header.iter().map(|column| identifying(column) || *column == "omzet").collect();
        let every = if name.starts_with("deelnemers") { 1 } else { 97 };
        for line in lines.step_by(every) {
            let fields = line.split(';').zip(&secret).filter(|(field, secret)| **secret && field.len() >= 7);
            canaries.extend(fields.map(|(field, _)| field.to_owned()));
        }
    }
    canaries.sort();
    canaries.dedup();
    assert!(canaries.len() > 1000, "there are canaries to look for");
    let release = files(&study.path("out/release"));
    let mut leaving: String = release.iter().map(|(name, bytes)| formats::all_text(name, bytes) + "\n").collect();
    for file in ["summary.md", "checks.xml"] {
        leaving.push_str(&fs::read_to_string(study.path(file)).expect("an account of the run"));
    }
    leaving.push_str(&text(&study.run.stdout));
    leaving.push_str(&text(&study.run.stderr));
    let words: std::collections::BTreeSet<&str> = leaving.split(|c: char| !c.is_alphanumeric()).collect();
    for canary in canaries {
        assert!(!words.contains(canary.as_str()), "a canary got out");
    }
}

#[test]
fn every_format_tells_the_same_cells() {
    let release = files(&study().path("out/release"));
    let tables = tables_of(&release, "tables/", ".csv");
    let mut statuses = BTreeMap::new();
    for (id, bytes) in &tables {
        let table = formats::csv_table(bytes);
        let (metadata, parquet) = formats::parquet_table(&release[&format!("parquet/{id}.parquet")], &table.keys);
        assert!(parquet == table, "{id}: Parquet differs");
        assert_eq!((metadata["table"].as_str(), metadata["study"].as_str()), (id.as_str(), "smart-industry"));
        let recoded = |code: fn(&str) -> String| {
            let key = |key: &Vec<String>| key.iter().map(|part| code(part)).collect::<Vec<_>>();
            let cells = table.cells.iter().map(|(of, cell)| (key(of), cell.clone())).collect();
            formats::Table { cells, ..table.clone() }
        };
        let (counted, sdmx) = formats::sdmx_table(&release[&format!("sdmx/{id}.csv")], &table.keys);
        assert!(sdmx == recoded(formats::sdmx_code), "{id}: SDMX-CSV differs");
        counted.into_iter().for_each(|(status, count)| *statuses.entry(status).or_insert(0) += count);
        let cube = formats::json_stat_table(&release[&format!("json-stat/{id}.json")]);
        let total = |code: &str| if code.is_empty() { "_T".to_owned() } else { code.to_owned() };
        assert!(cube == recoded(total), "{id}: JSON-stat differs");
    }
    assert!(tables.len() > 20);
    let withheld: Vec<_> = statuses.keys().filter(|[state, ..]| state == "suppressed").collect();
    assert_eq!(withheld, [&["suppressed", "Q", "C"].map(str::to_owned)], "one code for every withheld cell");
    let told: Vec<_> = statuses.keys().filter(|[state, ..]| state == "value").collect();
    assert_eq!(told, [&["value", "A", "F"].map(str::to_owned)]);
}

#[test]
fn the_spreadsheets_show_every_cell_of_every_table() {
    let release = files(&study().path("out/release"));
    let english = spreadsheet(&release, "smart-industry.xlsx", "label", ["Cover", "Contents", "Notes"], "All");
    let dutch = spreadsheet(&release, "smart-industry.nl.xlsx", "label_nl", ["Voorblad", "Inhoud", "Toelichting"], "Alle");
    println!("{} numbers and {} symbols", english[0], english[1]);
    assert!(english == dutch && english[0] > 300 && english[1] > 10, "{english:?} {dutch:?}");
    let text = |name: &str| formats::all_text(name, &release[name]);
    let (english, dutch) = (text("smart-industry.xlsx"), text("smart-industry.nl.xlsx"));
    for (word, other) in [
        ("Participants (euros per employed person)", "Deelnemers (euro per werkzame persoon)"),
        ("Size in five classes", "Grootte in vijf klassen"),
        ("This sheet contains one table", "Dit blad bevat één tabel"),
        ("Confidential: withheld", "Geheim: afgeschermd"),
        ("[note 1]", "[noot 1]"),
        ("▲ above", "▲ hoger"),
    ] {
        assert!(english.contains(word) && !dutch.contains(word), "{word}");
        assert!(dutch.contains(other) && !english.contains(other), "{other}");
    }
}

/// Holds a spreadsheet against the CSV; how many numbers and symbols it has.
fn spreadsheet(release: &BTreeMap<String, Vec<u8>>, name: &str, label: &str, first: [&str; 3], all: &str) -> [usize; 2] {
    let sheets = formats::sheets(&release[name]);
    let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[..3], first);
    let lists = tables_of(release, "tables/codes/", ".csv");
    let labels: Vec<_> = lists.values().flat_map(|list| formats::code_list(list, label)).collect();
    let (mut numbers, mut symbols) = (0, 0);
    for (id, bytes) in tables_of(release, "tables/", ".csv") {
        let table = formats::csv_table(&bytes);
        let (_, sheet) = sheets.iter().find(|(name, _)| *name == id).expect("a sheet per table");
        let (header, rows) = formats::sheet_table(sheet);
        // The class of a column of values, whose header has the unit in brackets.
        let class = |name: &str| name.strip_suffix(')').and_then(|name| name.split_once(" (")).map(|(class, _)| class.to_owned());
        let keys = header.iter().position(|name| class(name).is_some()).expect("a column of values");
        for (key, cell) in &table.cells {
            // What a code may be called: itself, its name, or both.
            let words = |code: &String| -> Vec<String> {
                let named = labels.iter().filter(|(known, _)| known == code);
                let named = named.flat_map(|(code, label)| [label.clone(), format!("{code} {label}")]);
                named.chain([if code.is_empty() { all.to_owned() } else { code.clone() }]).collect()
            };
            let key: Vec<Vec<String>> = key.iter().map(words).collect();
            let across = |name: &String| class(name).is_some_and(|class| key.iter().flatten().any(|word| *word == class));
            let column = header.iter().position(across).unwrap_or(keys);
            let line = rows
                .iter()
                .find(|row| row[..keys].iter().all(|shown| key.iter().any(|words| words.contains(&shown.to_string()))));
            let shown = &line.unwrap_or_else(|| panic!("{id}: a row of the table is not in the sheet: {key:?}"))[column];
            match cell.value {
                Some(value) => {
                    assert_eq!(shown, &calamine::Data::Float(value), "{id} {key:?}");
                    numbers += 1;
                }
                None => {
                    let symbol = match cell.state.as_str() {
                        "suppressed" => "[c]",
                        "zero" => "[w]",
                        "not-delivered" => "[x]",
                        _ => "[z]",
                    };
                    assert_eq!(shown.to_string(), symbol, "{id} {key:?}");
                    symbols += 1;
                }
            }
        }
    }
    [numbers, symbols]
}

#[test]
fn printed_parts_add_up_and_no_share_is_above_100() {
    let release = files(&study().path("out/release"));
    let (mut shares, mut sums) = (0, 0);
    for (id, bytes) in tables_of(&release, "tables/", ".csv") {
        let table = formats::csv_table(&bytes);
        let mut groups: BTreeMap<Vec<String>, Vec<&formats::Cell>> = BTreeMap::new();
        for (key, cell) in table.cells.iter().filter(|_| table.unit == "%") {
            assert!(cell.value.is_none_or(|share| (0.0..=100.0).contains(&share)), "{id} {key:?}");
            shares += 1;
            if cell.units.is_some() || cell.state == "suppressed" {
                groups.entry(key[..key.len() - 1].to_vec()).or_default().push(cell);
            }
        }
        // A breakdown that is printed whole: the shares are those of the printed numbers, and come to 100 but for their rounding.
        let overlapping = table.keys.iter().any(|key| key == "group_level");
        for cells in groups.values().filter(|cells| !overlapping && cells.iter().all(|cell| cell.units.is_some())) {
            let whole: i64 = cells.iter().filter_map(|cell| cell.units).sum();
            let share = |cell: &&&formats::Cell| cell.units.map(|n| (100.0 * n as f64 / whole as f64).round());
            let printed: Vec<_> = cells.iter().map(|cell| cell.value).collect();
            assert_eq!(printed, cells.iter().map(|cell| share(&cell)).collect::<Vec<_>>(), "{id}");
            let sum: f64 = printed.iter().flatten().sum();
            assert!((sum - 100.0).abs() <= cells.len() as f64 / 2.0, "{id}: {sum}");
            sums += 1;
        }
    }
    let attrition = formats::csv_table(&release["tables/attrition.csv"]);
    let step = |name: &str| attrition.cells[&vec![name.to_owned()]].value;
    if let (Some(numbers), Some(without), Some(with)) = (step("unique-numbers"), step("without-person"), step("with-person")) {
        assert_eq!(numbers, without + with);
        sums += 1;
    }
    println!("{shares} shares, {sums} sums");
    assert!(shares > 50 && sums > 0);
}

#[test]
fn the_metadata_of_a_csv_names_its_columns_and_its_lists() {
    let release = files(&study().path("out/release"));
    for (id, bytes) in tables_of(&release, "tables/", ".csv") {
        let metadata = &release[&format!("tables/{id}.csv-metadata.json")];
        let metadata: serde_json::Value = serde_json::from_slice(metadata).expect("JSON");
        let tables = metadata["tables"].as_array().expect("tables");
        assert_eq!(tables[0]["url"], format!("{id}.csv"));
        let columns = tables[0]["tableSchema"]["columns"].as_array().expect("columns");
        // A header has the first title of every language; the second is for people.
        for language in ["en", "nl"] {
            let names: Vec<&str> =
                columns.iter().map(|column| column["titles"][language][0].as_str().expect("a title")).collect();
            assert_eq!(text(&bytes).lines().next(), Some(names.join(",").as_str()));
            assert!(columns.iter().all(|column| column["titles"][language][1].as_str().is_some_and(|title| !title.is_empty())));
        }
        let described = metadata["dc:title"].as_array().expect("a title in each language");
        assert_eq!([&described[0]["@language"], &described[1]["@language"]], ["en", "nl"], "{id}");
        for list in &tables[1..] {
            let url = list["url"].as_str().expect("a place");
            let codes = text(&release[&format!("tables/{url}")]);
            let columns = list["tableSchema"]["columns"].as_array().expect("columns");
            let names: Vec<&str> = columns.iter().map(|column| column["name"].as_str().expect("a name")).collect();
            assert_eq!((codes.lines().next(), names.join(",").as_str()), (Some("code,label,label_nl"), "code,label,label_nl"));
            assert!(codes.lines().all(|line| !line.ends_with(',')), "{url}: every code has a name in Dutch");
        }
    }
}

/// What stands between tags of a file that was written as markup, with the rest of the opening tag before it.
fn elements<'a>(markup: &'a str, opening: &str) -> Vec<(&'a str, &'a str)> {
    let content = |rest: &'a str| {
        let (tag, rest) = rest.split_once('>')?;
        Some((tag, rest.split_once("</")?.0))
    };
    markup.split(opening).skip(1).filter_map(content).collect()
}

/// Every value of every table of the release as both languages write it, and the signs of cells without one.
fn released(release: &Path) -> std::collections::BTreeSet<String> {
    let signs = ["*", "..", "n/a", "n.v.t.", "\u{2013}"].map(str::to_owned);
    let mut released: std::collections::BTreeSet<String> = signs.into();
    for (_, bytes) in tables_of(&files(release), "tables/", ".csv") {
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().expect("a header").clone();
        let columns: Vec<usize> = (0..header.len()).filter(|at| ["value", "n"].contains(&&header[*at])).collect();
        for row in reader.records() {
            let row = row.expect("a row");
            for value in columns.iter().map(|at| &row[*at]).filter(|value| !value.is_empty()) {
                for language in [sluis::language::Language::English, sluis::language::Language::Dutch] {
                    released.insert(language.number(value));
                }
            }
        }
    }
    released
}

#[test]
fn every_number_in_a_figure_and_in_the_report_is_a_released_value() {
    let release = study().path("out/release");
    let released = released(&release);
    let mut checked = 0;
    for (name, bytes) in files(&release).into_iter().filter(|(name, _)| name.ends_with(".svg") || name.ends_with(".html")) {
        let markup = text(&bytes);
        let values = elements(&markup, "<text class=\"value\"").into_iter().map(|(_, value)| value.to_owned());
        let cells = markup.split("<td>").skip(1).filter_map(|cell| cell.split_once("</td>")).flat_map(|(cell, _)| {
            let visible = cell.rsplit_once("</span> ").map_or(cell, |(_, value)| value);
            let (value, count) = visible.split_once(" <span class=\"n\">(").unwrap_or((visible, ""));
            [value.to_owned(), count.trim_end_matches(")</span>").to_owned()]
        });
        for value in values.chain(cells).filter(|value| !value.is_empty()) {
            assert!(released.contains(&value), "{name}: {value}");
            checked += 1;
        }
        let words = elements(&markup, "<text class=\"label\"").into_iter().map(|(_, label)| label.to_owned());
        let long = words.flat_map(|label| label.split(|c: char| !c.is_ascii_digit()).map(str::to_owned).collect::<Vec<_>>());
        assert!(long.into_iter().all(|digits| digits.len() <= 4), "{name}: words hold years and limits of classes only");
    }
    assert!(checked > 2000, "{checked} numbers were looked at");
}

#[test]
fn the_report_stands_on_its_own_in_both_languages() {
    let release = files(&study().path("out/release"));
    let tables: Vec<String> = tables_of(&release, "tables/", ".csv").into_keys().collect();
    assert!(tables.len() > 20);
    for language in ["en", "nl"] {
        let report = text(&release[&format!("report.{language}.html")]);
        assert!(report.starts_with(&format!("<!DOCTYPE html>\n<html lang=\"{language}\">")));
        let outside = report.replace("http://www.w3.org/2000/svg", "");
        for asking in ["http:", "https:", "//", "<script", "<link", "@import"] {
            let found = outside
                .match_indices(asking)
                .filter(|(at, _)| !outside[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '/' || c == '+'));
            assert_eq!(found.count(), 0, "{asking} in the {language} report");
        }
        let ids: Vec<&str> = report.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "ids are unique");
        for target in report.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ids.contains(&target), "a link leads to {target}");
        }
        for table in &tables {
            assert!(report.contains(&format!("<article id=\"table-{table}\">")), "{table}");
            for extension in ["csv", "pdf", "png", "svg"] {
                assert!(release.contains_key(&format!("figures/{language}/{table}.{extension}")), "{table}.{extension}");
            }
        }
    }
}

/// By hand: the parts of every decomposition from means and numbers of units that the release tells, as floating numbers.
fn parts_by_hand(rows: &[([f64; 2], [f64; 2])]) -> [f64; 2] {
    let totals = [0, 1].map(|year| rows.iter().map(|(_, units)| units[year]).sum::<f64>());
    let share = |units: &[f64; 2]| [units[0] / totals[0], units[1] / totals[1]];
    let within = rows.iter().map(|(means, units)| (share(units)[0] + share(units)[1]) / 2.0 * (means[1] - means[0])).sum();
    let composition = rows.iter().map(|(means, units)| (means[0] + means[1]) / 2.0 * (share(units)[1] - share(units)[0])).sum();
    [within, composition]
}

#[test]
fn a_decomposition_follows_from_what_the_release_tells_and_adds_up() {
    let release = files(&study().path("out/release"));
    let sizes = formats::csv_table(&release["tables/size-over-years.csv"]);
    let mut checked = 0;
    for (id, last) in [("change-of-turnover", "2019"), ("change-of-investment", "2018")] {
        let table = formats::csv_table(&release[&format!("tables/{id}.csv")]);
        assert_eq!(table.keys, ["year", "indicator", "arm", "size_class", "part"]);
        let heads: std::collections::BTreeSet<[&str; 2]> =
            table.cells.keys().map(|key| [key[1].as_str(), key[2].as_str()]).collect();
        for [indicator, arm] in heads {
            let told = |class: &str, part: &str| {
                let key = [last, indicator, arm, class, part].map(str::to_owned).to_vec();
                table.cells[&key].value
            };
            let of = |class: &str, part: &str| told(class, part).expect("nothing of this is withheld in the demo");
            let units = |year: &str, class: &str| {
                let key = [year, arm, class].map(str::to_owned).to_vec();
                sizes.cells[&key].units.expect("a number") as f64
            };
            let classes = ["0-1", "2-9", "10-49", "50-249", "250+"];
            let rows: Vec<([f64; 2], [f64; 2])> = classes
                .iter()
                .map(|class| ([of(class, "start"), of(class, "end")], [units("2014", class), units(last, class)]))
                .collect();
            let by_hand = parts_by_hand(&rows);
            for (part, by_hand) in ["within", "composition"].into_iter().zip(by_hand) {
                assert!((of("", part) - by_hand).abs() < 1.0, "{id} {indicator} {arm} {part}: {by_hand}");
                assert_eq!(classes.iter().map(|class| of(class, part)).sum::<f64>(), of("", part), "{id}: classes add up");
            }
            assert_eq!(of("", "change"), of("", "end") - of("", "start"));
            assert_eq!(of("", "within") + of("", "composition") + of("", "coverage"), of("", "change"), "{id}: parts add up");
            assert_eq!(told("0-1", "coverage"), None);
            checked += 1;
        }
    }
    assert_eq!(checked, 10);
}

#[test]
fn every_sign_of_a_table_of_the_report_is_explained_beside_it() {
    let release = files(&study().path("out/release"));
    let mut seen = std::collections::BTreeSet::new();
    for language in ["en", "nl"] {
        let report = text(&release[&format!("report.{language}.html")]);
        let articles: Vec<&str> =
            report.split("<article id=\"table-").skip(1).filter_map(|rest| rest.split("</article>").next()).collect();
        assert!(articles.len() > 20);
        for article in articles {
            let (name, _) = article.split_once('"').expect("an id");
            let cells = article.split("<td>").skip(1).filter_map(|cell| cell.split_once("</td>")).map(|(cell, _)| cell);
            for cell in cells {
                let signs = ["*", "n/a", "n.v.t.", "..", "\u{2013}"].into_iter().filter(|sign| cell == *sign);
                let marks = ["\u{25b2}", "\u{25bc}"].into_iter().filter(|mark| cell.contains(mark));
                for sign in signs.chain(marks) {
                    assert!(article.contains(&format!(">{sign} = ")), "{language} {name}: {sign}");
                    seen.insert(sign);
                }
            }
        }
    }
    assert!(seen.len() > 5, "{seen:?}");
}

#[test]
fn the_report_numbers_its_parts_and_sums_up_what_would_be_said_often() {
    let release = files(&study().path("out/release"));
    let table = formats::csv_table(&release["tables/change-of-investment.csv"]);
    let changes: Vec<f64> = table
        .cells
        .iter()
        .filter(|(key, _)| key[3].is_empty() && key[4] == "change")
        .map(|(_, cell)| cell.value.expect("nothing of this is withheld in the demo"))
        .collect();
    let (rose, fell) =
        (changes.iter().filter(|change| **change > 0.0).count(), changes.iter().filter(|change| **change < 0.0).count());
    assert!(changes.len() == 8 && rose > 0 && fell > 0 && rose + fell == 8);
    for (language, told) in [
        ("en", format!("Of the 8 means, {rose} rose and {fell} fell.")),
        ("nl", format!("Van de 8 gemiddelden zijn er {rose} gestegen en {fell} gedaald.")),
    ] {
        let report = text(&release[&format!("report.{language}.html")]);
        assert!(report.contains(&told), "{language}: {told}");
        let headings: Vec<&str> = report
            .split("<h3>")
            .skip(1)
            .filter_map(|rest| rest.split("</h3>").next())
            .chain(["1 Linkage", "1 Koppeling"])
            .collect();
        let numbered = |heading: &&str| heading.starts_with(|first: char| first.is_ascii_digit());
        assert!(headings.len() > 20 && headings.iter().all(numbered), "{headings:?}");
        let contents = report.split("<nav").nth(1).and_then(|rest| rest.split("</nav>").next()).expect("contents");
        assert!(headings[..headings.len() - 2].iter().all(|heading| contents.contains(&format!(">{heading}</a>"))), "{language}");
    }
}

#[test]
fn the_pages_have_the_text_of_the_report_and_a_way_to_every_part() {
    let release = files(&study().path("out/release"));
    for (language, words) in
        [("en", ["In short", "Contents", "withheld to protect"]), ("nl", ["In het kort", "Inhoud", "afgeschermd om"])]
    {
        let bytes = &release[&format!("report.{language}.pdf")];
        let pages = formats::pdf_text(bytes);
        let report = text(&release[&format!("report.{language}.html")]);
        for word in words {
            assert!(pages.contains(word), "{language}: {word}");
        }
        // Every value of every table of the report is on a page, and every heading in the outline.
        let values = report.split("<td>").skip(1).filter_map(|cell| cell.split_once("</td>")).map(|(cell, _)| {
            let visible = cell.rsplit_once("</span> ").map_or(cell, |(_, value)| value);
            visible.split_once(" <span").map_or(visible, |(value, _)| value).to_owned()
        });
        let words: std::collections::BTreeSet<&str> = pages.lines().collect();
        let values: Vec<String> = values.filter(|value| !value.is_empty()).collect();
        assert!(values.len() > 700 && values.iter().all(|value| words.contains(value.as_str())), "{language}");
        let raw = String::from_utf8_lossy(bytes);
        let headings = report.matches("<h3>").count() + report.matches("-heading\">").count() / 2;
        assert!(raw.matches("/Parent").count() > headings && raw.contains("/Outlines"), "{language}");
        assert!(raw.contains(&format!("/Lang ({language})")) && raw.contains("/StructTreeRoot") && raw.contains("/Marked true"));
        for outside in ["/URI", "/JavaScript", "/Launch", "/GoToR", "/SubmitForm", "/EmbeddedFile"] {
            assert!(!raw.contains(outside), "{outside}");
        }
    }
    let figure = formats::pdf_text(&release["figures/nl/f33.pdf"]);
    assert!(figure.contains("Omzet per werkzame persoon naar grootte"), "figures can be searched: {figure}");
}
