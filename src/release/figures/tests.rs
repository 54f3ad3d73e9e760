use std::collections::BTreeMap;

use super::*;
use crate::disclosure::safe::SafeRow;
use crate::language::Text;
use crate::tables::set::Presentation;

/// A table of means with these rows: the key in the order of the columns, and a value unless it is withheld.
fn table(columns: &[&str], rows: &[(&[&str], Option<&str>)]) -> SafeTable {
    let row = |(key, value): &(&[&str], Option<&str>)| SafeRow {
        key: columns
            .iter()
            .zip(*key)
            .map(|(column, code)| ((*column).to_owned(), (*code).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        state: if value.is_some() { State::Value } else { State::Suppressed },
        value: value.map(str::to_owned),
        units: None,
    };
    SafeTable {
        id: "case".into(),
        title: "Turnover".into(),
        statistic: Statistic::Mean,
        unit: "eur".into(),
        decimals: 1,
        columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        mark: false,
        presentation: Presentation { title: Text::new("Turnover", Some("Omzet".into())), ..Presentation::default() },
        rows: rows.iter().map(row).collect(),
    }
}

fn by_size() -> SafeTable {
    let rows: &[(&[&str], Option<&str>)] = &[
        (&["2019", "participants", "small"], Some("1234.5")),
        (&["2019", "participants", "large"], None),
        (&["2019", "non_participants", "small"], Some("900.0")),
        (&["2019", "non_participants", "large"], Some("-250.0")),
    ];
    table(&["year", "arm", "size_class"], rows)
}

fn over_years() -> SafeTable {
    let rows: &[(&[&str], Option<&str>)] = &[
        (&["2014"], Some("10.0")),
        (&["2015"], Some("12.0")),
        (&["2016"], None),
        (&["2017"], Some("11.0")),
        (&["2018"], Some("14.0")),
    ];
    table(&["year"], rows)
}

fn effects() -> SafeTable {
    let rows: &[(&[&str], Option<&str>)] = &[
        (&["all", "estimate"], Some("4.0")),
        (&["all", "lower"], Some("-1.5")),
        (&["all", "upper"], Some("9.5")),
        (&["large", "estimate"], Some("3.0")),
        (&["large", "lower"], None),
        (&["large", "upper"], Some("8.0")),
    ];
    table(&["size_class", "bound"], rows)
}

fn drawn(table: &SafeTable, language: Language) -> String {
    draw(&About::default(), table, Place::Alone, language).svg()
}

/// The contents of the texts of a class.
fn texts(svg: &str, class: &str) -> Vec<String> {
    let opening = format!("<text class=\"{class}\"");
    let content = |rest: &str| rest.split_once('>').and_then(|(_, rest)| rest.split_once('<')).map(|(text, _)| text.to_owned());
    svg.split(&opening).skip(1).filter_map(content).collect()
}

#[test]
fn a_withheld_cell_has_its_sign_and_no_bar() {
    let svg = drawn(&by_size(), Language::English);
    assert_eq!(svg.matches("class=\"bar\"").count(), 3);
    let mut values = texts(&svg, "value");
    values.sort();
    assert_eq!(values, ["*", "1,234.5", "900.0", "\u{2212}250.0"]);
    assert!(texts(&svg, "label").iter().any(|note| note.starts_with("* = withheld")));
}

#[test]
fn a_bar_below_zero_ends_where_a_bar_above_begins() {
    let svg = drawn(&by_size(), Language::English);
    let number = |bar: &str, name: &str| -> f64 {
        let rest = bar.split_once(&format!(" {name}=\"")).expect("there").1;
        rest.split_once('"').expect("ends").0.parse().expect("a number")
    };
    let bars: Vec<(f64, f64)> = svg.split("class=\"bar\"").skip(1).map(|bar| (number(bar, "x"), number(bar, "width"))).collect();
    let (above, below) = (bars[0], bars[2]);
    assert!((below.0 + below.1 - above.0).abs() < 0.2, "{bars:?}");
    assert!((above.1 / below.1 - 1234.5 / 250.0).abs() < 0.05, "lengths are in proportion: {bars:?}");
}

#[test]
fn numbers_are_written_as_the_language_has_them() {
    let dutch = drawn(&by_size(), Language::Dutch);
    assert!(texts(&dutch, "value").contains(&"1.234,5".to_owned()) && dutch.contains(">Omzet<"));
    assert!(dutch.contains("lang=\"nl\""));
}

#[test]
fn no_line_goes_through_a_withheld_year() {
    let svg = drawn(&over_years(), Language::English);
    let lines: Vec<usize> = svg
        .split("<polyline points=\"")
        .skip(1)
        .map(|line| line.split('"').next().map_or(0, |points| points.split(' ').count()))
        .collect();
    assert_eq!(lines, [2, 2]);
    assert_eq!(texts(&svg, "value"), ["*", "10.0", "12.0", "11.0", "14.0"]);
}

/// Horizontal places of the texts of a class that read so.
fn across(svg: &str, class: &str, wanted: &str) -> Vec<[f64; 2]> {
    let number = |tag: &str, name: &str| -> f64 {
        let rest = tag.split_once(&format!(" {name}=\"")).expect("there").1;
        rest.split_once('"').expect("ends").0.parse().expect("a number")
    };
    let opening = format!("<text class=\"{class}\"");
    let texts = svg.split(&opening).skip(1).filter_map(|text| text.split_once('>'));
    let wanted = texts.filter(|(_, rest)| rest.starts_with(&format!("{wanted}<")));
    wanted.map(|(tag, _)| [number(tag, "x"), number(tag, "y")]).collect()
}

#[test]
fn years_stand_as_far_apart_as_they_are() {
    let rows: &[(&[&str], Option<&str>)] = &[(&["2014"], Some("10")), (&["2018"], Some("12")), (&["2019"], Some("11"))];
    let uneven = table(&["year"], rows);
    let svg = drawn(&uneven, Language::English);
    let [first, next, last] = ["2014", "2018", "2019"].map(|year| across(&svg, "tick", year)[0][0]);
    assert!(((next - first) - 4.0 * (last - next)).abs() < 0.5, "{first} {next} {last}");
    assert!(svg.contains("2014, 2018, 2019<") && !svg.contains("2014\u{2013}2019"), "no year between is claimed");
    assert!(drawn(&over_years(), Language::English).contains("2014\u{2013}2018<"));
}

#[test]
fn a_value_near_zero_does_not_lie_on_the_line_of_zero() {
    let rows: &[(&[&str], Option<&str>)] = &[
        (&["2014", "participants"], Some("900")),
        (&["2014", "non_participants"], Some("60")),
        (&["2015", "participants"], Some("80")),
        (&["2015", "non_participants"], Some("61")),
    ];
    let svg = drawn(&table(&["year", "arm"], rows), Language::English);
    let zero = across(&svg, "tick", "0")[0][1] - 3.3;
    let [alone, close] = ["60", "61"].map(|value| across(&svg, "value", value)[0][1]);
    assert!(alone < zero - 3.0 || alone - 8.0 > zero, "{alone} against {zero}");
    assert!(close < zero - 3.0 || close - 8.0 > zero, "{close} against {zero}");
}

#[test]
fn an_effect_has_its_interval_unless_a_part_is_withheld() {
    let svg = drawn(&effects(), Language::English);
    assert_eq!(kind(&effects()), Kind::Forest);
    assert_eq!(texts(&svg, "value"), ["4.0 (\u{2212}1.5 to 9.5)", "*"]);
    assert_eq!(svg.matches("class=\"marker\"").count(), 1);
}

#[test]
fn the_kind_follows_from_statistic_and_columns() {
    let mut index = over_years();
    index.statistic = Statistic::Index;
    assert_eq!((kind(&over_years()), kind(&by_size()), kind(&index)), (Kind::Lines, Kind::Bars, Kind::IndexLines));
    index.rows.truncate(2);
    assert_eq!(kind(&index), Kind::IndexBars);
}

#[test]
fn bars_of_an_index_begin_at_one_hundred_and_leave_out_its_base() {
    let rows: &[(&[&str], Option<&str>)] = &[
        (&["2014", "small"], Some("100")),
        (&["2014", "large"], Some("100")),
        (&["2018", "small"], Some("80")),
        (&["2018", "large"], Some("120")),
    ];
    let mut index = table(&["year", "size_class"], rows);
    (index.statistic, index.unit) = (Statistic::Index, "index, 2014 = 100".into());
    index.presentation.base = Some(2014);
    let svg = drawn(&index, Language::English);
    assert_eq!(texts(&svg, "value"), ["80", "120"]);
    let widths: Vec<&str> =
        svg.split("class=\"bar\"").skip(1).filter_map(|bar| bar.split("width=\"").nth(1)?.split('"').next()).collect();
    assert_eq!(widths[0], widths[1], "twenty below is as far from the base as twenty above");
}

#[test]
fn a_figure_asks_for_nothing_from_elsewhere_and_carries_its_description() {
    for table in [by_size(), over_years(), effects()] {
        let svg = drawn(&table, Language::English);
        assert_eq!(svg.matches("http").count(), 1, "the namespace");
        assert!(svg.contains("<title ") && svg.contains("<desc ") && svg.contains("role=\"img\""));
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }
}

#[test]
fn pictures_and_pages_are_the_same_every_time_and_hold_their_texts() {
    let svg = drawn(&by_size(), Language::Dutch);
    let pdf = || pdf::figure(&draw(&About::default(), &by_size(), Place::Alone, Language::Dutch));
    let (png, page) = (raster::png(&svg), pdf());
    assert!(png.starts_with(b"\x89PNG") && page.starts_with(b"%PDF"));
    assert!((0..8).all(|_| (png.clone(), page.clone()) == (raster::png(&svg), pdf())));
    assert!(png != raster::png(&svg.replace("Omzet", "")), "texts are drawn");
}

#[test]
fn the_data_behind_a_figure_are_the_rows_of_its_table() {
    let data = String::from_utf8(data::data(&by_size(), Language::English)).expect("text");
    let lines: Vec<&str> = data.lines().collect();
    assert_eq!(lines[0], "year,arm,size_class,value,unit,state");
    assert_eq!(lines[1], "2019,participants,small,1234.5,\"mean, eur\",value");
    assert_eq!(lines[2], "2019,participants,large,,\"mean, eur\",suppressed");
}

fn change() -> SafeTable {
    let parts = ["start", "end", "change", "within", "composition", "coverage"];
    let numbers = [
        ("small", ["100", "110", "10", "4", "32", ""]),
        ("", ["200", "268", "68", "16", "51", "1"]),
        ("large", ["300", "320", "20", "12", "19", ""]),
    ];
    let keys: Vec<[&str; 3]> = numbers.iter().flat_map(|(class, _)| parts.map(|part| ["2019", *class, part])).collect();
    let values: Vec<&str> = numbers.iter().flat_map(|(_, values)| *values).collect();
    let rows: Vec<(&[&str], Option<&str>)> = keys
        .iter()
        .zip(values)
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.as_slice(), Some(value)))
        .collect();
    let mut change = table(&["year", "size_class", "part"], &rows);
    (change.statistic, change.presentation.base) = (Statistic::Decomposition, Some(2014));
    change
}

#[test]
fn bars_of_a_change_begin_where_the_one_before_ends() {
    let svg = drawn(&change(), Language::English);
    assert_eq!(texts(&svg, "value"), ["4", "12", "51", "1", "68"]);
    let number = |bar: &str, name: &str| -> f64 {
        let rest = bar.split_once(&format!(" {name}=\"")).expect("there").1;
        rest.split_once('"').expect("ends").0.parse().expect("a number")
    };
    let bars: Vec<(f64, f64)> = svg.split("class=\"bar\"").skip(1).map(|bar| (number(bar, "x"), number(bar, "width"))).collect();
    let together: f64 = bars[..4].iter().map(|(_, width)| width).sum();
    assert!((together - bars[4].1).abs() < 0.5 && bars[0].0 == bars[4].0, "{bars:?}");
    assert!(bars.windows(2).take(3).all(|pair| (pair[0].0 + pair[0].1 - pair[1].0).abs() < 0.2), "{bars:?}");
    assert!(svg.contains(">2014, 2019<") || svg.contains("; 2014, 2019"), "the years of a change are both told");
}

#[test]
fn parts_that_are_not_told_have_their_sign_and_no_bar() {
    let mut change = change();
    for row in change.rows.iter_mut().filter(|row| ["within", "composition", "coverage"].contains(&row.key["part"].as_str())) {
        (row.state, row.value) = (State::Suppressed, None);
    }
    let svg = drawn(&change, Language::Dutch);
    assert_eq!(texts(&svg, "value"), ["*", "*", "*", "*", "68"]);
    assert_eq!(svg.matches("class=\"bar\"").count(), 1);
}

#[test]
fn a_cell_without_units_does_not_look_like_one_that_is_rounded_to_zero() {
    let mut shares = by_size();
    shares.statistic = Statistic::Share;
    (shares.rows[1].state, shares.rows[1].value) = (State::Zero, Some("0".into()));
    shares.rows[2].value = Some("0".into());
    let svg = drawn(&shares, Language::English);
    let mut values = texts(&svg, "value");
    values.sort();
    assert_eq!(values, ["0", "1,234.5", "\u{2013}", "\u{2212}250.0"]);
    let labels = texts(&svg, "label");
    assert!(
        labels.iter().any(|note| note.starts_with("0 = less than"))
            && labels.iter().any(|note| note.starts_with("\u{2013} = nil"))
    );
}

#[test]
fn a_long_name_of_a_panel_is_wrapped_and_not_cut() {
    let long = "specialist business services of every other kind that there is, and the hire of them";
    let rows: &[(&[&str], Option<&str>)] = &[
        (&["2019", "industry", "small"], Some("1.0")),
        (&["2019", "industry", "large"], Some("2.0")),
        (&["2019", long, "small"], Some("3.0")),
        (&["2019", long, "large"], Some("4.0")),
    ];
    for place in [Place::Alone, Place::Narrow] {
        let figure = draw(&About::default(), &table(&["year", "sector", "size_class"], rows), place, Language::English);
        let labels = texts(&figure.svg(), "label");
        let lines = labels.iter().filter(|line| long.contains(&line.to_lowercase()) && line.len() > 9).count();
        assert!(lines > 1, "{labels:?}");
        let mut names = labels.iter().filter(|line| long.contains(&line.to_lowercase()));
        assert!(names.all(|line| font::width(line, 11.0, font::Weight::Bold) <= figure.size[0]), "{labels:?}");
    }
}
