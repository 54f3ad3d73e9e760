//! Small registers made by hand: on either side of the limits, over years, arms and sectors, and against trying every design.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::amount::SCALE;
use crate::cohort::outliers::Removed;
use crate::cohort::values;
use crate::cohort::{self, CohortYear, Context};
use crate::registers::frame::{Key, Measure, UnitFrame};
use crate::spec::plan::Search;
use crate::tables::set::Earlier;
use crate::tables::{Asked, tabulate};

const HEAD: &str = r#"
[study]
name  = "small"
title = "A small study"
years = { from = 2018, to = 2019 }

[registers]
participants   = "deelnemers"
kvk_person     = "cbs_persoon_kvk"
person_unit    = "be_persoon_abr"
business_units = "be_abr"
unit_group     = "be_og_abr"
groups         = "og_abr"
turnover       = "drt_beid"

[disclosure]
profile = "cbs"
"#;

/// Participants of the sectors by size in 2019, in the finest classes wanted.
const SHARES: &str = r#"
[[table]]
id = "shares"
title = "Participants by size"
show = "share"
of = "size.four"
by = ["sector"]
where = { arm = ["participants"], sector = ["C", "J"] }
years = [2019]
"#;

/// Turnover by size, in both years and arms.
const MEANS: &str = r#"
[[table]]
id = "means"
title = "Turnover by size"
show = "mean"
indicators = ["turnover"]
by = ["year", "arm", "size.four"]
"#;

const C: u16 = 2;
const J: u16 = 9;

/// Employed persons of a firm of each of the four classes.
const PERSONS: [i64; 4] = [5, 20, 100, 500];

#[derive(Clone, Debug)]
struct Firm {
    treated: bool,
    sector: u16,
    /// The first or the second division of the sector that is used here.
    second: bool,
    persons: i64,
    years: Vec<i32>,
    turnover: i64,
    group: Option<u32>,
}

/// Firms with equal turnover: as many per size class as given.
fn firms(treated: bool, sector: u16, years: &[i32], per_class: [usize; 4]) -> Vec<Firm> {
    let of = |(persons, count): (i64, usize)| {
        vec![Firm { treated, sector, second: false, persons, years: years.to_vec(), turnover: 7_654_321, group: None }; count]
    };
    PERSONS.into_iter().zip(per_class).flat_map(of).collect()
}

/// Place of the division of a firm in the classification.
fn division(plan: &Plan, firm: &Firm) -> u16 {
    let code = match (firm.sector, firm.second) {
        (C, false) => "25",
        (C, true) => "28",
        (_, false) => "62",
        (_, true) => "63",
    };
    plan.classifications["division"].classes.iter().position(|class| class.code == code).unwrap() as u16
}

fn frame(plan: &Plan, firms: &[Firm], year: i32) -> UnitFrame {
    let there: Vec<usize> = (0..firms.len()).filter(|at| firms[*at].years.contains(&year)).collect();
    let column = |of: &dyn Fn(&Firm) -> i64| there.iter().map(|at| of(&firms[*at]) * SCALE).collect::<Vec<i64>>();
    UnitFrame {
        year,
        unit: there.iter().map(|at| Key::new(*at as u32)).collect(),
        group: there.iter().map(|at| firms[*at].group.map(Key::new)).collect(),
        persons: column(&|firm| firm.persons),
        group_persons: column(&|_| 0),
        founded: vec![2000; there.len()],
        codes: BTreeMap::from([
            ("sector".to_owned(), there.iter().map(|at| firms[*at].sector).collect()),
            ("division".to_owned(), there.iter().map(|at| division(plan, &firms[*at])).collect()),
        ]),
        measures: BTreeMap::from([
            ("turnover".to_owned(), Measure::Dense(column(&|firm| firm.turnover))),
            ("quarters".to_owned(), Measure::Dense(column(&|_| 4))),
        ]),
    }
}

fn parsed(tables: &str) -> Plan {
    match crate::spec::parse(&format!("{HEAD}{tables}"), Path::new("small.toml"), Path::new(".")) {
        Ok((plan, _)) => plan,
        Err(wrong) => panic!("{}", wrong.0.iter().map(ToString::to_string).collect::<String>()),
    }
}

fn tabulated(plan: &Plan, firms: &[Firm]) -> TableSet {
    let frames: Vec<UnitFrame> = plan.years.iter().map(|year| frame(plan, firms, *year)).collect();
    let context = Context::new(plan, &frames.iter().collect::<Vec<_>>());
    let linked: BTreeSet<_> = (0..firms.len()).filter(|at| firms[*at].treated).map(|at| Key::new(at as u32)).collect();
    let cohorts: Vec<CohortYear> = frames.into_iter().map(|frame| cohort::build(plan, &context, frame, &linked)).collect();
    let of =
        |cohort: &CohortYear| plan.indicators.iter().map(|one| values::compute(plan, one, &cohort.frame)).collect::<Vec<_>>();
    let asked = Asked::new(plan);
    let condense = |cohort: &CohortYear| (cohort.frame.year, asked.condense(cohort, &of(cohort), &BTreeSet::new()));
    tabulate(plan, &asked, cohorts.iter().map(condense).collect(), &Removed::default(), None)
}

fn options(tables: &[&str]) -> Options {
    Options { tables: tables.iter().map(|id| (*id).to_owned()).collect(), merging: Merging::default(), allowance: 200 }
}

fn cbs() -> Profile {
    Profile::named("cbs").unwrap()
}

fn propose(tables: &str, firms: &[Firm], options: &Options) -> Proposal {
    let wish = Wish::new(&parsed(tables), options).unwrap();
    wish.propose(&tabulated(wish.plan(), firms), &cbs(), options.allowance, &|_| {}).unwrap()
}

/// The parts of the only table, each with what it becomes.
fn becomes(proposal: &Proposal) -> Vec<(Option<&str>, Option<&str>)> {
    proposal.tables[0].parts.iter().map(|part| (part.part.as_deref(), part.breakdown.as_deref())).collect()
}

#[test]
fn ten_firms_in_the_largest_class_are_enough_and_nine_are_not() {
    let of = |large: usize| {
        let firms = [firms(true, C, &[2019], [12, 12, 12, large]), firms(true, J, &[2019], [12, 12, 12, 12])].concat();
        propose(SHARES, &firms, &options(&[]))
    };
    let enough = of(10);
    assert_eq!(becomes(&enough), [(Some("sector C"), Some("size.four")), (Some("sector J"), Some("size.four"))]);
    assert!(enough.proven && enough.fragment.is_empty() && !enough.tables[0].changed);
    let few = of(9);
    assert_eq!(becomes(&few), [(Some("sector C"), Some("size.three")), (Some("sector J"), Some("size.four"))]);
    assert!(few.proven && few.tables[0].changed && few.alternatives[0].withheld == 0);
    let obstacle = &few.tables[0].parts[0].finer[0].obstacles;
    assert_eq!(
        (obstacle.len(), obstacle[0].class.as_str(), obstacle[0].rules.as_slice()),
        (1, "250+", ["minimum_frequency"].as_slice())
    );
}

#[test]
fn beside_earlier_releases_no_design_is_called_proven() {
    let firms = [firms(true, C, &[2019], [12, 12, 12, 10]), firms(true, J, &[2019], [12, 12, 12, 12])].concat();
    let options = options(&[]);
    let wish = Wish::new(&parsed(SHARES), &options).unwrap();
    let mut set = tabulated(wish.plan(), &firms);
    set.earlier.push(Earlier { release: "before".into(), tables: Vec::new(), printed: Vec::new() });
    let proposal = wish.propose(&set, &cbs(), options.allowance, &|_| {}).unwrap();
    assert!(proposal.accepted && !proposal.proven && !proposal.tables[0].changed);
}

#[test]
fn a_class_with_one_dominating_firm_is_merged() {
    let of = |largest: i64| {
        let mut all = firms(true, C, &[2018, 2019], [12; 4]);
        all.extend(firms(false, C, &[2018, 2019], [20; 4]));
        let at = all.iter().position(|firm| firm.persons == 500).unwrap();
        all[at].turnover = largest;
        propose(MEANS, &all, &options(&[]))
    };
    // Eleven others of 7,654,321 in the class; twelve of the class that it is merged with.
    let safe = of(11 * 7_654_321);
    assert_eq!(becomes(&safe), [(None, Some("size.four"))]);
    let dominated = of(11 * 7_654_321 + 1);
    assert_eq!(becomes(&dominated), [(None, Some("size.three"))]);
    assert_eq!(dominated.tables[0].parts[0].finer[0].obstacles[0].rules, ["dominance"]);
}

#[test]
fn a_class_that_is_unsafe_in_one_year_is_merged_in_every_year() {
    let mut all = firms(true, C, &[2018, 2019], [12, 12, 12, 9]);
    all.extend(firms(true, C, &[2018], [0, 0, 0, 3]));
    all.extend(firms(false, C, &[2018, 2019], [20; 4]));
    let proposal = propose(MEANS, &all, &options(&[]));
    assert_eq!(becomes(&proposal), [(None, Some("size.three"))]);
    let obstacles = &proposal.tables[0].parts[0].finer[0].obstacles;
    assert_eq!(obstacles.len(), 1);
    assert_eq!((obstacles[0].arm.as_str(), obstacles[0].years.as_slice()), ("participants", ["2019".to_owned()].as_slice()));
    let table = &proposal.plan.tables[0];
    assert_eq!(table.years, [2018, 2019]);
    assert!(table.by.contains(&crate::spec::plan::Dimension::Arm), "and in both arms");
}

#[test]
fn a_year_is_dropped_only_when_no_breakdown_is_safe_in_it() {
    let mut all = firms(true, C, &[2019], [12, 12, 12, 12]);
    all.extend(firms(false, C, &[2018, 2019], [20; 4]));
    all.iter_mut().filter(|firm| firm.treated).take(9).for_each(|firm| firm.years.push(2018));
    let proposal = propose(MEANS, &all, &options(&[]));
    assert_eq!(becomes(&proposal), [(None, Some("size.four"))]);
    assert_eq!(proposal.tables[0].parts[0].without_years, [2018]);
    all.iter_mut().filter(|firm| firm.treated).for_each(|firm| firm.years = vec![2018, 2019]);
    assert!(propose(MEANS, &all, &options(&[])).tables[0].parts[0].without_years.is_empty());
}

#[test]
fn a_mean_and_its_index_choose_alike() {
    let index = MEANS.replace("means", "index").replace("\"mean\"", "\"index\"") + "base = 2018\n";
    let mut all = firms(true, C, &[2018, 2019], [12, 12, 12, 9]);
    all.extend(firms(false, C, &[2018, 2019], [20; 4]));
    let wish = Wish::new(&parsed(&format!("{MEANS}{index}")), &options(&[])).unwrap();
    let (set, profile) = (tabulated(wish.plan(), &all), cbs());
    let planner = Planner::new(&wish, &set, &profile);
    assert_eq!((planner.parts.len(), planner.groups.len()), (2, 1));
    let proposal = wish.propose(&set, &profile, 100, &|_| {}).unwrap();
    let of = |table: &TableProposal| table.parts[0].breakdown.clone();
    assert_eq!(proposal.tables.iter().filter_map(of).collect::<Vec<_>>(), ["size.three", "size.three"]);
}

#[test]
fn a_breakdown_that_only_other_tables_give_away_is_not_proposed() {
    let whole = r#"
[[table]]
id = "all-sectors"
title = "All participants by size"
show = "share"
of = "size.four"
by = []
where = { arm = ["participants"] }
years = [2019]
"#;
    let firms = [firms(true, C, &[2019], [12; 4]), firms(true, J, &[2019], [12, 12, 12, 3])].concat();
    let only_c = SHARES.replace("[\"C\", \"J\"]", "[\"C\"]");
    let alone = propose(&only_c, &firms, &options(&[]));
    assert_eq!(becomes(&alone), [(Some("sector C"), Some("size.four"))]);
    let beside = propose(&format!("{only_c}{whole}"), &firms, &options(&["shares"]));
    assert_eq!(becomes(&beside), [(Some("sector C"), Some("size.three"))]);
    let obstacles = &beside.tables[0].parts[0].finer[0].obstacles;
    assert!(!obstacles.is_empty() && obstacles.iter().all(|one| one.jointly && one.rules.is_empty()), "{obstacles:?}");
}

#[test]
fn a_sector_that_is_too_small_as_a_whole_is_left_out() {
    let firms = [firms(true, C, &[2019], [12; 4]), firms(true, J, &[2019], [3, 2, 2, 1])].concat();
    let proposal = propose(SHARES, &firms, &options(&[]));
    assert_eq!(becomes(&proposal), [(Some("sector C"), Some("size.four")), (Some("sector J"), None)]);
    assert!(proposal.fragment.contains("sector = [\"C\"]"), "{}", proposal.fragment);
}

#[test]
fn a_sector_is_shown_by_division_only_where_its_divisions_are_safe() {
    let table = r#"
[[table]]
id = "divisions"
title = "Participants by division"
show = "mean"
indicators = ["turnover"]
by = ["division"]
where = { arm = ["participants"] }
years = [2019]
"#;
    let of = |seconds: usize| {
        let mut firms = [firms(true, C, &[2019], [30, 0, 0, 0]), firms(true, J, &[2019], [30, 0, 0, 0])].concat();
        firms.iter_mut().take(12).for_each(|firm| firm.second = true);
        firms.iter_mut().rev().take(seconds).for_each(|firm| firm.second = true);
        propose(table, &firms, &options(&[]))
    };
    let sectors = |proposal: &Proposal| -> Vec<(String, String)> {
        let parts = proposal.tables[0].parts.iter();
        let used = parts.filter(|part| ["sector C", "sector J"].contains(&part.part.as_deref().unwrap_or_default()));
        used.map(|part| (part.part.clone().unwrap_or_default(), part.breakdown.clone().unwrap_or_default())).collect()
    };
    let both = |c: &str, j: &str| vec![("sector C".to_owned(), c.to_owned()), ("sector J".to_owned(), j.to_owned())];
    assert_eq!(sectors(&of(10)), both("division", "division"));
    let coarser = of(9);
    assert_eq!(sectors(&coarser), both("division", "sector"));
    let again = parsed(&coarser.fragment);
    assert_eq!(again.tables.len(), 2);
}

#[test]
fn a_table_of_which_nothing_can_be_shown_is_named_as_left_out() {
    let table = SHARES.replace("[\"C\", \"J\"]", "[\"J\"]");
    let proposal = propose(&table, &firms(true, J, &[2019], [3, 2, 2, 1]), &options(&[]));
    assert_eq!(becomes(&proposal), [(Some("sector J"), None)]);
    assert!(proposal.text().contains("# Without the table `shares`.") && !proposal.accepted, "{}", proposal.text());
}

#[test]
fn the_finest_class_set_is_tried_only_when_asked() {
    let mut firms = firms(true, C, &[2019], [12, 12, 12, 12]);
    firms.extend(firms.clone().into_iter().map(|firm| Firm { persons: firm.persons.min(1), ..firm }).collect::<Vec<_>>());
    let table = SHARES.replace("[\"C\", \"J\"]", "[\"C\"]");
    assert_eq!(becomes(&propose(&table, &firms, &options(&[]))), [(Some("sector C"), Some("size.four"))]);
    let finest = Options { merging: Merging { finest: true, ..Merging::default() }, ..options(&[]) };
    assert_eq!(becomes(&propose(&table, &firms, &finest)), [(Some("sector C"), Some("size.five"))]);
}

#[test]
fn neighbours_are_merged_outside_the_declared_order_only_when_asked() {
    let table = SHARES.replace("[\"C\", \"J\"]", "[\"C\"]");
    let firms = firms(true, C, &[2019], [9, 12, 12, 12]);
    assert_eq!(becomes(&propose(&table, &firms, &options(&[]))), [(Some("sector C"), None)]);
    let any = Options { merging: Merging { any_neighbours: true, finest: false }, ..options(&[]) };
    let proposal = propose(&table, &firms, &any);
    assert_eq!(becomes(&proposal), [(Some("sector C"), Some("size.from-0-50-250"))]);
    assert_eq!(proposal.tables[0].parts[0].classes, ["0-49", "50-249", "250+"]);
    let set = proposal.fragment.split("[[table]]").next().unwrap();
    assert!(set.contains("[[set]]") && set.contains("{ from = 0, to = 49 }") && set.contains("{ from = 250 }"), "{set}");
}

#[test]
fn the_tables_to_paste_are_the_tables_proposed() {
    let firms = [firms(true, C, &[2018, 2019], [12, 12, 12, 9]), firms(true, J, &[2018, 2019], [12; 4])].concat();
    let firms = [firms, self::firms(false, C, &[2018, 2019], [20; 4]), self::firms(false, J, &[2018, 2019], [20; 4])].concat();
    let index = r#"
[[table]]
id = "index"
title = 'Index of "turnover"'
show = "index"
indicators = ["turnover"]
by = ["year", "arm", "sector", "size.five"]
totals = ["sector", "size.five"]
base = 2018
where = { sector = ["C", "J"] }
importance = 3
mark = "against-controls"
"#;
    let proposal = propose(&format!("{SHARES}{MEANS}{index}"), &firms, &options(&[]));
    let again = parsed(&proposal.fragment);
    let changed: Vec<_> =
        proposal.plan.tables.iter().filter(|table| proposal.fragment.contains(&format!("\"{}\"", table.id))).collect();
    assert!(changed.len() > 2 && changed.len() == again.tables.len(), "{}", proposal.fragment);
    let names = |plan: &Plan, table: &crate::spec::plan::TablePlan| {
        table.indicators.iter().map(|at| plan.indicators[*at].name.clone()).collect::<Vec<_>>()
    };
    for (one, other) in changed.into_iter().zip(&again.tables) {
        assert_eq!(names(&proposal.plan, one), names(&again, other));
        assert_eq!(*one, crate::spec::plan::TablePlan { indicators: one.indicators.clone(), ..other.clone() });
    }
}

#[test]
fn the_report_tells_no_number_of_units_and_no_amount() {
    let firms = [firms(true, C, &[2018, 2019], [61, 57, 53, 7]), firms(false, C, &[2018, 2019], [71, 73, 79, 83])].concat();
    let proposal = propose(MEANS, &firms, &options(&[]));
    let text = format!("{}{}", proposal.text(), serde_json::to_string(&proposal).unwrap());
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
    for secret in ["61", "57", "53", "7", "60", "178", "71", "73", "79", "83", "162", "7654321", "765432"] {
        assert!(!words.contains(secret), "{secret} is told: {text}");
    }
    assert!(text.contains("minimum_frequency"));
}

#[test]
fn a_table_that_is_not_there_is_named() {
    let wrong = Wish::new(&parsed(SHARES), &options(&["sharse"])).map(|_| ()).unwrap_err();
    assert_eq!(wrong.0[0].help.as_deref(), Some("did you mean `shares`?"));
    let fixed = "[[table]]\nid = \"n\"\ntitle = \"n\"\nshow = \"count\"\nby = [\"year\", \"arm\"]\n";
    assert_eq!(Wish::new(&parsed(fixed), &options(&[])).map(|_| ()).unwrap_err().0[0].code, "conflict");
}

/// Rows withheld when the tables of a plan are made from the units and protected.
fn withheld(plan: &Plan, firms: &[Firm]) -> u64 {
    let judged = judge::judge(tabulated(plan, firms), &cbs(), plan.search);
    assert!(judged.possible);
    judged.rows.iter().flatten().filter(|row| row.withheld).count() as u64
}

fn random_firms() -> impl Strategy<Value = Vec<Firm>> {
    let firm = (any::<bool>(), prop::bool::ANY, 0usize..4, 1u8..4, 1i64..400, prop::option::weighted(0.3, 0u32..9)).prop_map(
        |(treated, industry, class, years, turnover, group)| Firm {
            treated,
            sector: if industry { C } else { J },
            second: false,
            persons: PERSONS[class],
            years: [2018, 2019].into_iter().filter(|year| years & (1 << (year - 2018)) != 0).collect(),
            turnover: turnover * 1000,
            group,
        },
    );
    prop::collection::vec(firm, 60..260)
}

/// Both tables and a fixed one that overlaps them.
fn three_tables() -> String {
    let fixed = "[[table]]\nid = \"n\"\ntitle = \"n\"\nshow = \"count\"\nby = [\"year\", \"arm\"]\n";
    format!("{SHARES}{}{fixed}", MEANS.replace("size.four\"]", "size.four\"]\nwhere = { sector = [\"C\"] }"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_design_at_all_loses_less_than_the_proposal(firms in random_firms()) {
        let wish = Wish::new(&parsed(&three_tables()), &options(&["shares", "means"])).unwrap();
        let set = tabulated(wish.plan(), &firms);
        let profile = cbs();
        let planner = Planner::new(&wish, &set, &profile);
        let designs = planner.parts.iter().fold(vec![Vec::new()], |designs: Vec<Design>, part| {
            let offers = 0..part.offers.len();
            let extend = |design: &Design| offers.clone().map(|offer| [design.as_slice(), &[offer]].concat()).collect::<Vec<_>>();
            designs.iter().flat_map(extend).collect()
        });
        let least = designs.iter().filter_map(|design| planner.examine(design)).map(|one| one.evaluation.loss).min();
        let found = planner.search(1000).unwrap();
        prop_assert!(found.proven);
        prop_assert_eq!(Some(found.loss), least);
        // What was judged by adding up atoms is what the proposed tables give when they are made from the units.
        let proposal = wish.propose(&set, &profile, 1000, &|_| {}).unwrap();
        prop_assert_eq!(withheld(&proposal.plan, &firms), found.loss.withheld + planner.baseline);
    }

    #[test]
    fn a_selection_of_rows_is_what_tabulating_them_gives(firms in random_firms()) {
        let all = parsed(&three_tables());
        let set = tabulated(&all, &firms);
        for kept in [vec![0], vec![1], vec![2], vec![0, 2], vec![1, 2]] {
            let plan = Plan { tables: kept.iter().map(|at| all.tables[*at].clone()).collect(), ..all.clone() };
            let made = tabulated(&plan, &firms);
            let whole = |at: &usize| Chosen { table: *at, rows: (0..set.tables[*at].rows.len()).collect(), importance: 1 };
            let chosen: Vec<Chosen> = kept.iter().map(whole).collect();
            let selected = set.select(&chosen);
            prop_assert_eq!(selected.cells.len(), made.cells.len());
            let shape = |set: &TableSet| set.universes.iter().map(|one| (one.label.clone(), one.atoms)).collect::<Vec<_>>();
            prop_assert_eq!(shape(&selected), shape(&made));
            for (table, other) in selected.tables.iter().zip(&made.tables) {
                for (row, same) in table.rows.iter().zip(&other.rows) {
                    prop_assert_eq!(&row.key, &same.key);
                    let (cell, twin) = (&selected.cells[row.cell], &made.cells[same.cell]);
                    prop_assert_eq!((cell.stats, cell.numerator), (twin.stats, twin.numerator));
                    prop_assert_eq!(cell.margins.len(), twin.margins.len());
                    let layer = &selected.universes[cell.universe].layers[cell.layer];
                    prop_assert_eq!(layer.stats(&cell.atoms), cell.stats);
                    prop_assert_eq!(selected.population(row.cell), made.population(same.cell));
                }
            }
            let (one, other) = (judge::judge(selected, &cbs(), Search::Auto), judge::judge(made, &cbs(), Search::Auto));
            prop_assert_eq!(one.rows, other.rows);
        }
    }
}
