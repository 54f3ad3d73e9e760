//! The seam between any engine that can group and `sluis protect`: cells made elsewhere are protected as the records would have been, byte
//! for byte. `tests/seam.py` shows the same with DuckDB and DataFusion on a million records.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const LARGEST: usize = 6;

/// A unit as a register has it.
struct Firm {
    unit: String,
    holding: String,
    sector: String,
    region: &'static str,
    size: &'static str,
    turnover: i64,
}

/// Firms of few large and many small ones, some of them in holdings, drawn with whole numbers.
fn firms(count: u64) -> Vec<Firm> {
    let mut state = 1u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let firm = |at: u64| Firm {
        unit: format!("u{at}"),
        holding: if draw(10) < 3 { format!("h{}", draw(count / 12)) } else { String::new() },
        sector: format!("{}{}", ["A", "B", "C"][(draw(30) * draw(30) / 300) as usize], 1 + draw(2)),
        region: ["N", "S", "W"][(draw(30) * draw(30) / 300) as usize],
        size: if draw(8) == 0 { "large" } else { "small" },
        turnover: ((1 + draw(900)) << draw(9)) as i64 * 1009 + (at * 7919 % 1009) as i64,
    };
    (0..count).map(firm).collect()
}

fn records(firms: &[Firm]) -> String {
    let mut text = "unit,holding,sector,region,size,turnover\n".to_owned();
    for firm in firms {
        text += &format!("{},{},{},{},{},{}\n", firm.unit, firm.holding, firm.sector, firm.region, firm.size, firm.turnover);
    }
    text
}

/// What an engine would do: every firm in every cell it is part of, by owner; then per cell the sum, the number of owners, and the largest.
fn cells(firms: &[Firm], owner: &dyn Fn(&Firm) -> String) -> Vec<String> {
    let mut contributions: BTreeMap<[&str; 3], BTreeMap<String, i64>> = BTreeMap::new();
    for firm in firms {
        for sector in [firm.sector.as_str(), &firm.sector[..1], "Total"] {
            for region in [firm.region, "Total"] {
                for size in [firm.size, "Total"] {
                    let of_cell = contributions.entry([sector, region, size]).or_default();
                    *of_cell.entry(owner(firm)).or_default() += firm.turnover;
                }
            }
        }
    }
    let row = |(codes, owners): (&[&str; 3], &BTreeMap<String, i64>)| {
        let mut ranked: Vec<(i64, &String)> = owners.iter().map(|(owner, amount)| (amount.abs(), owner)).collect();
        ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
        let place = |at: usize| ranked.get(at).map_or_else(String::new, |(amount, _)| amount.to_string());
        let name = |at: usize| ranked.get(at).map_or_else(String::new, |(_, owner)| (*owner).clone());
        let mut fields: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
        fields.extend([owners.values().sum::<i64>().to_string(), owners.len().to_string()]);
        fields.push(owners.values().map(|amount| amount.abs()).sum::<i64>().to_string());
        fields.extend((0..LARGEST).map(place));
        fields.extend((0..LARGEST).map(name));
        fields.join(",") + "\n"
    };
    contributions.iter().map(row).collect()
}

fn header() -> String {
    let places: Vec<String> = (1..=LARGEST).map(|place| format!("max_{place}")).collect();
    let owners: Vec<String> = (1..=LARGEST).map(|place| format!("max_{place}_id")).collect();
    format!("sector,region,size,turnover,contributors,absolute,{},{}\n", places.join(","), owners.join(","))
}

fn owner(firm: &Firm) -> String {
    if firm.holding.is_empty() { firm.unit.clone() } else { firm.holding.clone() }
}

/// Protects a table called `firms`; the files of the release.
fn protect(folder: &Path, name: &str, table: &str, arguments: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    let (inside, out) = (folder.join(name), folder.join(format!("{name}-out")));
    fs::create_dir(&inside).expect("a folder");
    fs::write(inside.join("firms.csv"), table).expect("written");
    fs::write(inside.join("sectors.csv"), "code,parent\nA,\nB,\nC,\nA1,A\nA2,A\nB1,B\nB2,B\nC1,C\nC2,C\n").expect("written");
    let output = assert_cmd::Command::cargo_bin("sluis")
        .expect("the program")
        .arg("protect")
        .arg(inside.join("firms.csv"))
        .args(["--hierarchy", "sector=sectors.csv", "--profile", "eurostat", "--method", "fast"])
        .args(arguments)
        .arg("--out")
        .arg(&out)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut files = BTreeMap::new();
    for below in ["", "tables"] {
        for entry in fs::read_dir(out.join("release").join(below)).expect("a release") {
            let path = entry.expect("readable").path();
            if path.is_file() {
                files.insert(path.strip_prefix(&out).expect("below").to_owned(), fs::read(&path).expect("readable"));
            }
        }
    }
    files
}

#[test]
fn cells_made_elsewhere_are_protected_as_their_records_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let firms = firms(500);
    let of_records =
        protect(folder.path(), "records", &records(&firms), &["--records", "--by", "sector,region,size", "--value", "turnover"]);
    let table = String::from_utf8(of_records[Path::new("release/tables/firms.csv")].clone()).expect("text");
    let withheld = table.lines().filter(|line| line.ends_with(",suppressed")).count();
    assert!(table.lines().count() > 100 && withheld > 20, "{withheld} withheld of\n{table}");
    assert_eq!(of_records.len(), 3);

    // The columns are found by their names.
    let rows = cells(&firms, &owner);
    let of_cells = protect(folder.path(), "cells", &(header() + &rows.concat()), &[]);
    assert!(of_cells == of_records, "the cells are protected otherwise than the records");

    // Another engine has another order of rows, and another environment other names for the owners.
    let pseudonyms = |firm: &Firm| format!("p{:x}", owner(firm).bytes().fold(7u64, |hash, byte| hash * 131 + u64::from(byte)));
    let mut rows = cells(&firms, &pseudonyms);
    rows.reverse();
    let of_others = protect(folder.path(), "others", &(header() + &rows.concat()), &[]);
    assert!(of_others == of_records, "order of rows or names of owners change the release");
}

#[test]
fn the_query_of_the_documentation_makes_these_columns() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let query = fs::read_to_string(root.join("pipelines/cells.sql")).expect("the query");
    let made: Vec<&str> = query
        .rsplit("SELECT\n")
        .next()
        .expect("the last part")
        .split("FROM ranked")
        .next()
        .expect("columns")
        .lines()
        .filter_map(|line| line.trim().trim_end_matches(',').rsplit(' ').next())
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(made.join(",") + "\n", header());
    let page = fs::read_to_string(root.join("pipelines/CELLS.md")).expect("the page");
    for column in ["sector", "turnover", "contributors", "absolute", "max_1", "max_1_id"] {
        assert!(page.contains(&format!("`{column}`")), "{column} is not in the page");
    }
}
