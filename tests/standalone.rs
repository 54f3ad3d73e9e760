//! The stand-alone commands on tables that other programs made, where their files are present, and on small ones made here.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests make their own files, and fail by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use sluis::cells::link::{Linked, Part, link};
use sluis::cells::read::{Wish, read};
use sluis::cells::rulings::{Basis, rulings};
use sluis::disclosure::profile::Profile;

/// The folder with the instances, beside the repository; `None` where there is none, and then it is said.
fn instances() -> Option<PathBuf> {
    let found =
        Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared/data/sdc")).find(|at| at.is_dir());
    if found.is_none() {
        eprintln!("the instances are not here, nothing was compared");
    }
    found
}

fn sluis(arguments: &[&str]) -> Output {
    assert_cmd::Command::cargo_bin("sluis").unwrap().args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn profile(rules: &str) -> Basis {
    Basis::Profile(Profile::parse(&format!("name='x'\nversion='1'\ntitle='x'\nsource='x'\nzero='safe'\n{rules}")).unwrap())
}

fn linked(path: &Path, wish: &Wish) -> Linked {
    let read = read(path, wish)
        .unwrap_or_else(|wrong| panic!("{}: {:?}", path.display(), wrong.0.iter().map(ToString::to_string).collect::<Vec<_>>()));
    link(vec![Part { read, known: false, rounded_to: None }]).unwrap()
}

fn unsafe_cells(linked: &mut Linked, basis: &Basis) -> usize {
    rulings(linked, basis).unwrap().iter().filter(|ruling| ruling.level.is_some()).count()
}

fn by(columns: &str) -> Vec<String> {
    columns.split(',').map(str::to_owned).collect()
}

const UP_TO_THREE: &str = "[minimum_frequency]\ncontributors=4\nlevel_percent=10\n";

#[test]
fn z3_has_the_unsafe_cells_of_the_peers() {
    let Some(folder) = instances() else { return };
    let file = folder.join("nordic/SSBtools_z3.csv");
    let mut single = linked(&file, &Wish { by: by("region,fylke,hovedint,mnd,mnd2"), ..Wish::default() });
    assert_eq!(unsafe_cells(&mut single, &profile(UP_TO_THREE)), 333);
    let mut both = linked(&file, &Wish::default());
    assert_eq!(unsafe_cells(&mut both, &profile(UP_TO_THREE)), 350);
    println!("z3: {} cells, {} with both hierarchies of the regions", single.table.cells.len(), both.table.cells.len());
}

#[test]
fn sosial_fiktiv_has_all_its_cells() {
    let Some(folder) = instances() else { return };
    let read = linked(&folder.join("nordic/SSBtools_sosialFiktiv.csv"), &Wish::default());
    assert_eq!(read.table.cells.len(), 14_160);
    assert_eq!(
        read.table.dimensions.iter().map(|dimension| dimension.name.as_str()).collect::<Vec<_>>(),
        ["region", "hovedint", "mnd"]
    );
}

#[test]
fn the_table_of_insee_has_its_77_unsafe_cells() {
    let Some(folder) = instances() else { return };
    let wish = Wish { hierarchies: vec![("ACTIVITY".into(), "rtauargus_activity_corr_table.csv".into())], ..Wish::default() };
    let mut read = linked(&folder.join("insee/rtauargus_turnover_act_size.csv"), &wish);
    let rules = "[minimum_frequency]\ncontributors=3\nlevel_percent=10\n[[dominance]]\nlargest=1\npercent=85\n";
    assert_eq!((read.table.cells.len(), unsafe_cells(&mut read, &profile(rules))), (414, 77));
}

#[test]
fn every_other_instance_is_read_without_editing() {
    let Some(folder) = instances() else { return };
    let frequency = Wish { records: true, frequency: true, ..Wish::default() };
    let named = |value: &str| Wish { value: Some(value.into()), ..Wish::default() };
    let nested = |variable: &str, what: &str| vec![(variable.to_owned(), what.to_owned())];
    for (file, wish, cells) in [
        ("nordic/SSBtools_d1.csv", Wish::default(), 45),
        ("nordic/SSBtools_d2.csv", Wish::default(), 0),
        ("nordic/SSBtools_z1.csv", Wish::default(), 45),
        ("nordic/SSBtools_z2.csv", Wish::default(), 0),
        ("nordic/SSBtools_magnitude1.csv", Wish::default(), 0),
        ("sdctable/sdcTable_microdata1.csv", frequency, 15),
        ("sdctable/sdcTable_microdata2.csv", Wish::default(), 0),
        ("sdctable/sdcTable_vignette_aggdat.csv", named("numVal1"), 0),
        ("sdctable/sdcTable_vignette_microdat.csv", Wish { records: true, ..named("numVal1") }, 0),
    ] {
        let read = linked(&folder.join(file), &wish);
        println!(
            "{file}: {} cells over {}",
            read.table.cells.len(),
            read.table.dimensions.iter().map(|d| d.name.as_str()).collect::<Vec<_>>().join(", ")
        );
        assert!(cells == 0 || read.table.cells.len() == cells, "{file}: {}", read.table.cells.len());
    }
    let temporary = tempfile::tempdir().unwrap();
    let hierarchy = temporary.path().join("v1.hrc");
    fs::write(&hierarchy, "A\nB\n@Ba\n@Bb\n@Bc\nC\nD\n").unwrap();
    let wish = Wish { hierarchies: nested("V1", hierarchy.to_str().unwrap()), ..named("numVal1") };
    assert_eq!(linked(&folder.join("sdctable/sdcTable_vignette_completedat.csv"), &wish).table.cells.len(), 168);
    let simple = Wish {
        by: by("Size,Region"),
        value: Some("Var2".into()),
        records: true,
        metadata: Some(folder.join("argus/simple2d/Tau_TestW.rda")),
        ..Wish::default()
    };
    assert_eq!(linked(&folder.join("argus/simple2d/tau_testW.asc"), &simple).table.cells.len(), 119);
    let industry = Wish { by: by("IndustryCode,Year"), ..simple };
    println!("simple2d by industry: {} cells", linked(&folder.join("argus/simple2d/tau_testW.asc"), &industry).table.cells.len());
    let savings = Wish {
        by: by("Sex,Age"),
        value: Some("Savings".into()),
        weight: Some("Weigt".into()),
        records: true,
        metadata: Some(folder.join("argus/cellkey/Magnitude/microdata.rda")),
        ..Wish::default()
    };
    println!("savings: {} cells", linked(&folder.join("argus/cellkey/Magnitude/microdata.csv"), &savings).table.cells.len());
}

#[test]
fn the_levels_of_the_peer_are_reproduced() {
    let Some(folder) = instances() else { return };
    let wish = Wish { value: Some("Var2".into()), ..Wish::default() };
    let mut read = linked(&folder.join("argus/levels/pp.tab"), &wish);
    assert_eq!(read.table.cells.len(), 162);
    // The levels of the file are those to compare with: they are put aside before the rule is asked.
    let theirs: Vec<_> = read.extras.iter().map(|extra| (extra.mark, extra.level)).collect();
    read.extras.iter_mut().for_each(|extra| *extra = Default::default());
    let own = rulings(&mut read, &profile("[p_percent]\np=15\n")).unwrap();
    let (mut same, mut edited) = (0, Vec::new());
    for (at, (mark, level)) in theirs.iter().enumerate() {
        let cell = &read.table.cells[at];
        let is_unsafe = *mark == sluis::cells::read::Mark::Unsafe;
        if cell.stats.total != cell.stats.absolute {
            edited.push(read.table.name(at));
            continue;
        }
        assert_eq!(own[at].level.is_some(), is_unsafe, "{}", read.table.name(at));
        if let Some(own) = own[at].level {
            // The rules ask for at least one unit of the measure, the peer for 0.01.
            let rest = cell.stats.absolute - i128::from(cell.stats.largest[0]) - i128::from(cell.stats.largest[1]);
            let exact = 15 * i128::from(cell.stats.largest[0]) / 100 - rest;
            assert_eq!(level.map(|level| level.upper), Some(exact), "{}", read.table.name(at));
            assert_eq!(own.upper, exact.max(10_000), "{}", read.table.name(at));
            same += 1;
        }
    }
    println!("pp.tab: {same} levels the same; rows whose value was edited by hand in the file: {edited:?}");
    assert_eq!((same, edited.len()), (5, 4));
}

fn statuses(folder: &Path, job: &str) -> BTreeMap<Vec<String>, u8> {
    let temporary = tempfile::tempdir().unwrap();
    let out = temporary.path().join("out");
    let done = sluis(&["protect", folder.join(job).to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert!(done.status.success(), "{job}: {}{}", text(&done.stdout), text(&done.stderr));
    let job = fs::read_dir(out.join("vault/job")).unwrap().next().unwrap().unwrap().path();
    let rows = fs::read_to_string(job).unwrap();
    let row = |line: &str| {
        let mut fields: Vec<String> = line.split(',').map(|field| field.trim_matches('"').to_owned()).collect();
        let status = fields.pop().unwrap().parse().unwrap();
        fields.pop();
        (fields, status)
    };
    rows.lines().map(row).collect()
}

#[test]
fn jobs_of_the_peer_run_and_give_its_statuses() {
    let Some(folder) = instances() else { return };
    for job in ["argus/batch/ex1/batch_ex1.arb", "argus/batch/ex2/batch_ex2.arb"] {
        let statuses = statuses(&folder, job);
        assert_eq!(statuses.len(), 15);
        let at = |region: &str, gender: &str| statuses[&vec![region.to_owned(), gender.to_owned()]];
        let primary: Vec<&Vec<String>> =
            statuses.iter().filter(|(_, status)| matches!(status, 3 | 9)).map(|(codes, _)| codes).collect();
        assert_eq!(primary, [&["A".to_owned(), "female".to_owned()].to_vec()], "{job}");
        let secondary: Vec<&Vec<String>> = statuses.iter().filter(|(_, status)| **status == 11).map(|(codes, _)| codes).collect();
        println!("{job}: withheld beside it {secondary:?}");
        assert_eq!(at("Total", "Total"), 1);
        assert_eq!((at("A", "male"), secondary.len()), (11, 3), "{job}: {secondary:?}");
    }
}

/// Cells of a table of two variables with contributions.
const CELLS: &str = "region;size;value;count;max1;max2\nTotal;Total;1000;60;200;90\nTotal;small;400;40;60;50\nTotal;large;600;20;200;90\n\
    North;Total;480;28;200;60\nNorth;small;180;18;40;30\nNorth;large;300;10;200;40\nSouth;Total;520;32;90;60\nSouth;small;220;22;60;50\nSouth;large;300;10;90;60\n";

/// Columns that look the same for the first two levels, and innermost cells alone.
fn folder_with(name: &str, content: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    (folder, path)
}

#[test]
fn a_table_is_protected_and_its_release_withstands_the_audit() {
    let (folder, table) = folder_with("cells.csv", CELLS);
    let out = folder.path().join("out");
    let done = sluis(&[
        "protect",
        table.to_str().unwrap(),
        "--profile",
        "cbs",
        "--out",
        out.to_str().unwrap(),
        "--also",
        "parquet,tab,code-value,sbs",
    ]);
    assert!(done.status.success(), "{}{}", text(&done.stdout), text(&done.stderr));
    let released = fs::read_to_string(out.join("release/tables/cells.csv")).unwrap();
    let vault = fs::read_to_string(out.join("vault/cells/cells.csv")).unwrap();
    assert_eq!(vault.lines().filter(|line| line.contains(",primary,dominance,")).count(), 1, "{vault}");
    assert_eq!(released.lines().filter(|line| line.ends_with(",,suppressed")).count(), 4, "{released}");
    assert!(!released.contains("dominance") && !released.contains("primary"));
    for name in ["cells.csv", "cells.parquet", "cells.sbs", "cells.tab", "cells.rda", "cells.txt"] {
        assert!(out.join("vault/cells").join(name).is_file(), "{name}");
    }
    let audited = sluis(&["audit", out.join("release/tables/cells.csv").to_str().unwrap()]);
    assert_eq!(audited.status.code(), Some(0), "{}{}", text(&audited.stdout), text(&audited.stderr));
    let twice = sluis(&["protect", table.to_str().unwrap(), "--profile", "cbs", "--out", out.to_str().unwrap()]);
    assert_eq!(twice.status.code(), Some(5));
}

#[test]
fn a_cell_withheld_alone_is_laid_open_without_showing_it() {
    let alone = CELLS.replace("North;large;300;10;200;40", "North;large;;10;200;40");
    let (folder, table) = folder_with("alone.csv", &alone);
    let out = folder.path().join("audit");
    let done = sluis(&["audit", table.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_eq!(done.status.code(), Some(6), "{}{}", text(&done.stdout), text(&done.stderr));
    let said = text(&done.stderr) + &text(&done.stdout);
    assert!(said.contains("region=North, size=large") && !said.contains("300"), "{said}");
    let vault = fs::read_to_string(out.join("vault/cells/alone.csv")).unwrap();
    let row = vault.lines().find(|line| line.starts_with("North,large")).unwrap();
    assert!(row.contains("300.0000,300.0000"), "{row}");
}

#[test]
fn a_run_without_a_profile_or_without_evidence_is_refused() {
    let (folder, table) = folder_with("cells.csv", CELLS);
    let out = folder.path().join("out");
    let run = |arguments: &[&str]| {
        let done = sluis(&[&["protect", table.to_str().unwrap(), "--out", out.to_str().unwrap()], arguments].concat());
        assert!(!out.exists());
        (done.status.code(), text(&done.stderr))
    };
    let (code, said) = run(&[]);
    assert!(code == Some(6) && said.contains("no-profile"), "{said}");
    fs::write(&table, CELLS.replace("max2", "other").replace("max1", "MAX")).unwrap();
    let (code, said) = run(&["--profile", "eurostat"]);
    assert!(
        code == Some(4) && said.contains("`p_percent` asks for the 2 largest contributions") && said.contains("--largest"),
        "{said}"
    );
    fs::write(&table, CELLS.replace("North;small;180", "North;small;1x80").replace("South;small;220", "South;small;")).unwrap();
    let (code, said) = run(&["--profile", "cbs"]);
    assert!(code == Some(4) && said.contains("row 5, column `value`") && !said.contains("1x80"), "{said}");
}

/// What is read back from every format of the vault is what was written.
#[test]
fn every_format_of_the_vault_is_read_back() {
    let (folder, table) = folder_with("cells.csv", CELLS);
    let out = folder.path().join("out");
    let done = sluis(&[
        "protect",
        table.to_str().unwrap(),
        "--profile",
        "cbs",
        "--out",
        out.to_str().unwrap(),
        "--also",
        "parquet,tab,code-value,sbs",
    ]);
    assert!(done.status.success(), "{}{}", text(&done.stdout), text(&done.stderr));
    let original = linked(&table, &Wish::default());
    let expected: BTreeMap<String, i128> =
        (0..9).map(|at| (original.table.name(at), original.table.cells[at].stats.total)).collect();
    let withheld = ["region=North, size=large"];
    for (file, value) in [
        ("cells.csv", "value"),
        ("cells.parquet", "value"),
        ("cells.sbs", "value"),
        ("cells.tab", "Value"),
        ("cells.txt", "value"),
    ] {
        let wish = Wish { value: Some(value.into()), by: by("region,size"), ..Wish::default() };
        let back = linked(&out.join("vault/cells").join(file), &wish);
        let found: BTreeMap<String, i128> =
            (0..back.table.cells.len()).map(|at| (back.table.name(at), back.table.cells[at].stats.total)).collect();
        assert!(found == expected, "{file}");
        if matches!(file, "cells.sbs" | "cells.tab" | "cells.txt") {
            let marked =
                (0..9).filter(|at| back.extras[*at].mark == sluis::cells::read::Mark::Unsafe).map(|at| back.table.name(at));
            assert_eq!(marked.collect::<Vec<_>>(), withheld, "{file}");
            assert_eq!(back.extras.iter().filter(|extra| extra.mark.is_withheld()).count(), 4, "{file}");
        }
    }
}

#[test]
fn totals_that_are_absent_are_computed() {
    let inner: String = CELLS.lines().filter(|line| !line.contains("Total")).map(|line| format!("{line}\n")).collect();
    let (_folder, table) = folder_with("inner.csv", &inner);
    let read = linked(&table, &Wish::default());
    let (_whole, whole) = folder_with("cells.csv", CELLS);
    let given = linked(&whole, &Wish::default());
    assert_eq!(read.table.cells.len(), 9);
    assert!(
        read.table
            .cells
            .iter()
            .zip(&given.table.cells)
            .all(|(a, b)| a.codes == b.codes && a.stats.total == b.stats.total && a.stats.units == b.stats.units)
    );
}

#[test]
fn linked_tables_are_one_and_have_to_agree() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let first = write("first.csv", "region,value,count,max1\nTotal,1000,60,200\nNorth,480,28,200\nSouth,520,32,90\n");
    let second = write("second.csv", "size,value,count,max1\nTotal,1000,60,200\nsmall,400,40,60\nlarge,600,20,200\n");
    let wrong = write("wrong.csv", "size,value,count,max1\nTotal,1001,60,200\nsmall,401,40,60\nlarge,600,20,200\n");
    let part = |path: &Path, known: bool| Part {
        read: read(path, &Wish { finished: known, ..Wish::default() }).unwrap(),
        known,
        rounded_to: None,
    };
    let both = link(vec![part(&first, false), part(&second, false)]).unwrap();
    assert_eq!((both.table.cells.len(), both.table.dimensions.len(), both.members.len()), (5, 2, 2));
    let found = link(vec![part(&first, false), part(&wrong, false)]).err().unwrap();
    assert_eq!(found.0[0].code, "cells-disagree");
    let known = link(vec![part(&first, false), part(&second, true)]).unwrap();
    assert_eq!((known.members.len(), known.known.iter().filter(|known| **known).count()), (1, 3));
}

#[test]
fn a_data_frame_with_primary_and_suppressed_cells_is_audited_against_levels() {
    let pattern = CELLS.replace("max1;max2\n", "max1;max2;primary;suppressed\n");
    let marked = |open: &str| -> String {
        let mark = |line: &str| match line {
            line if line.starts_with("region") => line.to_owned(),
            line if line.starts_with("North;large") => format!("{line};TRUE;TRUE"),
            line if line.contains("Total") || line.starts_with(open) => format!("{line};FALSE;FALSE"),
            line => format!("{line};FALSE;TRUE"),
        };
        pattern.lines().map(|line| mark(line) + "\n").collect()
    };
    let (folder, table) = folder_with("frame.csv", &marked("none"));
    let run = || {
        let done = sluis(&["audit", table.to_str().unwrap(), "--profile", "cbs", "--json"]);
        (done.status.code(), text(&done.stdout))
    };
    let (code, said) = run();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("\"levels\": 1") && said.contains("\"withheld\": 4"), "{said}");
    fs::write(&table, marked("South;large")).unwrap();
    let (code, said) = run();
    assert!(code == Some(6) && said.contains("region=North, size=large"), "{said}");
    drop(folder);
}

#[test]
fn two_withheld_cells_with_too_few_contributors_together_are_laid_open() {
    let pattern = |c: &str| {
        format!(
            "sector;value;count;max1;max2;primary;suppressed\nTotal;2200;48;60;60;FALSE;FALSE\na;100;4;25;25;TRUE;TRUE\n\
             b;100;4;25;25;TRUE;TRUE\nc;1000;20;60;60;FALSE;{c}\nd;1000;20;60;60;FALSE;FALSE\n"
        )
    };
    let (folder, table) = folder_with("frame.csv", &pattern("FALSE"));
    let run = || {
        let done = sluis(&["audit", table.to_str().unwrap(), "--profile", "cbs"]);
        (done.status.code(), text(&done.stdout) + &text(&done.stderr))
    };
    let (code, said) = run();
    assert!(code == Some(6) && said.contains("a sum of withheld cells that no table prints"), "{said}");
    fs::write(&table, pattern("TRUE")).unwrap();
    let (code, said) = run();
    assert_eq!(code, Some(0), "{said}");
    drop(folder);
}

#[test]
fn a_release_with_rounded_values_is_known_to_the_next_one() {
    let (folder, table) = folder_with("cells.csv", CELLS);
    let run = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let done =
            sluis(&[&["protect", table.to_str().unwrap(), "--profile", "cbs", "--out", out.to_str().unwrap()], more].concat());
        (done.status.code(), text(&done.stderr), out.join("release/tables/cells.csv"))
    };
    let (code, said, first) = run("first", &["--rounded-to", "50"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(fs::read_to_string(&first).unwrap().contains("North,,500,value"));
    let (code, said, second) =
        run("second", &["--known", first.to_str().unwrap(), "--known-rounded-to", "50", "--rounded-to", "10"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(fs::read_to_string(&second).unwrap().contains("North,,480,value"));
    let (code, said, _) = run("third", &["--known", first.to_str().unwrap()]);
    assert!(code == Some(4) && said.contains("cells-disagree"), "{said}");
}

#[test]
fn a_profile_overrules_a_cell_that_is_declared_safe() {
    let (folder, table) = folder_with("cells.csv", CELLS);
    let known = folder.path().join("known.hst");
    fs::write(&known, "North;large;s\nSouth;small;p\nSouth;large;c;1\n").unwrap();
    let out = folder.path().join("out");
    let arguments = [
        "protect",
        table.to_str().unwrap(),
        "--profile",
        "cbs",
        "--apriori",
        known.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    let done = sluis(&arguments);
    // The rule withholds the cell, and what must be shown leaves no way to protect it but totals.
    assert!(
        done.status.success() && text(&done.stderr).contains("declared safe"),
        "{}{}",
        text(&done.stdout),
        text(&done.stderr)
    );
    let released = fs::read_to_string(out.join("release/tables/cells.csv")).unwrap();
    assert!(released.contains("North,large,,suppressed") && released.contains("South,small,220,value"), "{released}");
}

#[test]
fn outputs_of_the_peer_are_audited() {
    let Some(folder) = instances() else { return };
    let output = folder.join("argus/simple2d/Simple2D.txt");
    let done = sluis(&[
        "audit",
        output.to_str().unwrap(),
        "--by",
        "Size,Region",
        "--hierarchy",
        "Region=region2.hrc",
        "--missing",
        "99",
    ]);
    println!("Simple2D: {}{}", text(&done.stdout), text(&done.stderr));
    assert_eq!(done.status.code(), Some(0));
}

#[test]
fn a_name_that_returns_in_a_coarser_column_is_another_code_where_one_lies_between() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    // The town is alone in a district named after another town, and that alone in a province named after the town.
    let rows =
        ["Utrecht,Zeist,Utrecht,1.5", "Zeist,Goes,Zeeland,2.5", "Veere,Vlissingen,Zeeland,3.5", "Sluis,Vlissingen,Zeeland,4.5"];
    fs::write(&path, format!("town,district,province,value\n{}\n", rows.join("\n"))).unwrap();
    let table = linked(&path, &Wish::default()).table;
    let [dimension] = table.dimensions.as_slice() else { panic!("one variable: {:?}", table.dimensions) };
    let name = |code: u32| dimension.codes[code as usize].as_str();
    let mut sums: Vec<(&str, Vec<&str>)> =
        dimension.sums.iter().map(|sum| (name(sum.whole), sum.parts.iter().map(|part| name(*part)).collect())).collect();
    sums.sort();
    let expected = [
        ("", vec!["province=Utrecht", "Zeeland"]),
        ("Goes", vec!["Zeist"]),
        ("Vlissingen", vec!["Sluis", "Veere"]),
        ("Zeeland", vec!["Goes", "Vlissingen"]),
        ("district=Zeist", vec!["Utrecht"]),
        ("province=Utrecht", vec!["district=Zeist"]),
    ];
    assert_eq!(sums, expected);
    let total = table.cells.iter().find(|cell| cell.codes == [0]).unwrap();
    assert_eq!(total.stats.total, 120_000);
}

#[test]
fn tables_of_which_each_has_a_code_of_the_other_for_a_part_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let part = |name: &str, parents: &str| {
        let (path, hierarchy) = (folder.path().join(format!("{name}.csv")), folder.path().join(format!("{name}.hrc")));
        fs::write(&path, "region,value\nEast,1\nWest,1\n").unwrap();
        fs::write(&hierarchy, parents).unwrap();
        let hierarchies = vec![("region".to_owned(), hierarchy.display().to_string())];
        let read = read(&path, &Wish { hierarchies, ..Wish::default() });
        let read = read.unwrap_or_else(|wrong| panic!("{:?}", wrong.0.iter().map(ToString::to_string).collect::<Vec<_>>()));
        Part { read, known: false, rounded_to: None }
    };
    let parts = vec![part("first", "East\n@West\n"), part("second", "West\n@East\n")];
    let wrong = link(parts).err().unwrap();
    assert_eq!(wrong.0.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["bad-schema"]);
}

mod fuzz {
    use super::*;
    use proptest::prelude::*;
    use sluis::cells::argus::{apriori, batch, description, fields};
    use sluis::cells::hierarchy::Hierarchy;
    use sluis::cells::read::hierarchies;

    /// Bytes, and texts made of what the parsers look for.
    fn anything() -> impl Strategy<Value = Vec<u8>> {
        let words = prop::sample::select(vec![
            "<",
            ">",
            "\"",
            ",",
            ";",
            "\t",
            "|",
            "(",
            ")",
            "\n",
            "\r\n",
            "@",
            " ",
            "Total",
            "1",
            "2,5",
            "-",
            "é",
            "<SEPARATOR>",
            "<SPECIFYTABLE>",
            "<SAFETYRULE>",
            "P(20,5)",
            "FREQ(3,)",
            "<HIERLEVELS>",
            "region",
            "value",
            "count",
            "max1",
            "status",
            "parent",
            "code",
            "<SUPPRESS> OPT(",
            "999999999999999999999",
            "1e400",
            "\u{feff}",
        ]);
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..200),
            prop::collection::vec(words, 0..60).prop_map(|words| words.concat().into_bytes())
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_text_makes_a_parser_panic(bytes in anything()) {
            let text = String::from_utf8_lossy(&bytes);
            let _ = batch::Job::parse(&text);
            let _ = batch::Rules::parse(&text).map(|rules| rules.profile(batch::Contributor::Record).is_ok());
            let _ = apriori::parse(&text, None, 2);
            let _ = Hierarchy::indented(&text, "@");
            if let Ok(description) = description::Description::parse(&text) {
                let _ = fields::columns(Path::new("x"), &text, &description);
            }
            let _ = fields::code_value(Path::new("x"), &text, &[]);
        }

        #[test]
        fn no_file_makes_a_reader_panic(bytes in anything(), second in anything()) {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("t.rda"), &second).unwrap();
            for name in ["t.csv", "t.tab", "t.asc", "t.txt", "t.parquet"] {
                let path = folder.path().join(name);
                fs::write(&path, &bytes).unwrap();
                for wish in [Wish::default(), Wish { finished: true, ..Wish::default() }, Wish { records: true, frequency: true, ..Wish::default() }] {
                    let _ = read(&path, &wish);
                }
                let _ = hierarchies::file(&path, "@");
            }
        }

        #[test]
        fn no_table_of_small_numbers_makes_a_reader_panic(rows in prop::collection::vec((0..4u8, 0..4u8, 0..2u8, -3..30i32, 0..9u32, 0..20u32), 1..30)) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("t.csv");
            let code = |code: u8| if code == 0 { "Total".to_owned() } else { format!("c{code}") };
            let mut content = "a,b,c,value,count,max1\n".to_owned();
            for (a, b, c, value, count, largest) in rows {
                content += &format!("{},{},{},{value},{count},{largest}\n", code(a), code(b), code(c));
            }
            fs::write(&path, content).unwrap();
            for wish in [Wish::default(), Wish { finished: true, ..Wish::default() }, Wish { records: true, signed: true, ..Wish::default() }] {
                if let Ok(read) = read(&path, &wish) {
                    prop_assert_eq!(read.table.cells.len(), read.extras.len());
                    let mut linked = link(vec![Part { read, known: false, rounded_to: None }]).unwrap();
                    let _ = rulings(&mut linked, &profile(UP_TO_THREE));
                }
            }
        }
    }
}
