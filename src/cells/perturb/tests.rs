use super::attack::{Interval, intervals, intervals_of_width};
use super::check::{attack, check};
use super::*;
use crate::cells::hierarchy::Hierarchy;
use crate::cells::records::{Record, tabulate};
use crate::cells::table::{CellRow, Declared, Dimension};
use crate::disclosure::profile::Profile;
use crate::tables::set::Stats;

/// A sequence that is the same in every run.
pub(crate) struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1))
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A table of numbers of units with every combination of codes and all totals, from the numbers of the innermost cells in order.
pub(crate) fn frequencies(dimensions: Vec<Dimension>, mut count: impl FnMut() -> u64) -> CellTable {
    let mut combinations: Vec<Vec<u32>> = vec![Vec::new()];
    for dimension in &dimensions {
        let codes = 0..dimension.codes.len() as u32;
        combinations =
            combinations.iter().flat_map(|start| codes.clone().map(move |code| [start.as_slice(), &[code]].concat())).collect();
    }
    let mut units: std::collections::BTreeMap<Vec<u32>, u64> = combinations.into_iter().map(|codes| (codes, 0)).collect();
    let innermost = |codes: &Vec<u32>| dimensions.iter().zip(codes).all(|(dimension, code)| dimension.is_innermost(*code));
    for codes in units.keys().filter(|codes| innermost(codes)).cloned().collect::<Vec<_>>() {
        let units_here = count();
        let mut above = vec![Vec::new()];
        for (dimension, code) in dimensions.iter().zip(&codes) {
            above = above
                .iter()
                .flat_map(|start: &Vec<u32>| dimension.above(*code).into_iter().map(|code| [start.as_slice(), &[code]].concat()))
                .collect();
        }
        for cell in above {
            *units.get_mut(&cell).unwrap() += units_here;
        }
    }
    let row = |(codes, units): (Vec<u32>, u64)| {
        let stats = Stats { units, contributors: units, total: i128::from(units), ..Stats::default() };
        CellRow { codes, stats, shares: Vec::new(), cost: None, declared: Declared::Nothing }
    };
    CellTable {
        measure: "n".into(),
        dimensions,
        nonnegative: true,
        whole: true,
        largest_known: 0,
        cells: units.into_iter().map(row).collect(),
    }
}

pub(crate) fn flat(name: &str, codes: u32) -> Dimension {
    let codes: Vec<String> = (1..=codes).map(|code| format!("{name}{code}")).collect();
    Dimension::flat(name, codes.iter().map(String::as_str))
}

/// A row of numbers with their total.
fn row(counts: &[u64]) -> CellTable {
    let mut counts = counts.iter().copied();
    let dimension = flat("group", counts.len() as u32);
    frequencies(vec![dimension], || counts.next().unwrap())
}

fn regions() -> Dimension {
    Dimension::nested("region", &Hierarchy::indented("North\n@a\n@b\n@c\nSouth\n@d\n@e\n", "@").unwrap())
}

fn rounded(method: &str, table: &CellTable, base: u32) -> Perturbed {
    apply(super::method(method).unwrap(), table, &Settings { base: Some(base), noise: None }).unwrap()
}

fn profile(contributors: u64) -> Profile {
    Profile::parse(&format!(
        "name='x'\nversion='1'\ntitle='x'\nsource='x'\nzero='safe'\n[minimum_frequency]\ncontributors={contributors}\nlevel_percent=0\n\
         [[perturbation]]\nmethod='conventional'\n[[perturbation]]\nmethod='sum-of-rounded'\n[[perturbation]]\nmethod='controlled'\n"
    ))
    .unwrap()
}

#[test]
fn names_are_unique_and_every_method_says_what_it_is() {
    let names: std::collections::BTreeSet<&str> = ALL.iter().map(|method| method.name).collect();
    assert_eq!(names.len(), ALL.len());
    for one in ALL {
        assert_eq!(method(one.name).unwrap().title, one.title);
        assert!(!one.title.is_empty() && !one.formula.is_empty() && !one.source.is_empty());
    }
    assert_eq!(method("noise").err().unwrap().code, "unknown-name");
}

#[test]
fn totals_of_an_additive_method_are_the_sums_of_what_is_published() {
    let mut chance = Chance::new(3);
    for _ in 0..40 {
        let table = frequencies(vec![regions(), flat("sex", 2), flat("age", 3)], || chance.below(14));
        for one in ALL.iter().filter(|one| one.totals == Totals::Additive) {
            let perturbed = apply(one, &table, &Settings::default()).unwrap();
            assert!(perturbed.sums.is_additive(perturbed.values()), "{}", one.name);
            assert_eq!(utility::of_perturbed(&perturbed, &table).additivity_gap, 0.0);
        }
    }
}

#[test]
fn totals_that_are_rounded_by_themselves_do_not_add_up() {
    let table = row(&[7, 7, 7, 7]);
    let perturbed = rounded("conventional", &table, 5);
    assert_eq!(perturbed.values(), [30, 5, 5, 5, 5]);
    assert_eq!(utility::of_perturbed(&perturbed, &table).additivity_gap, 10.0);
    assert_eq!(rounded("sum-of-rounded", &table, 5).values(), [20, 5, 5, 5, 5]);
}

#[test]
fn a_total_rounded_by_itself_gives_its_parts_away_and_a_sum_of_rounded_parts_does_not() {
    let table = row(&[7, 7, 7, 7]);
    let apart = rounded("conventional", &table, 5);
    assert!(attack(&apart, &table, &profile(10)).iter().all(|one| one.interval == Interval { low: 7, high: Some(7) }));
    assert_eq!(check(&apart, &table, &profile(10)).err().unwrap().0[0].code, "audit-failed");
    let summed = rounded("sum-of-rounded", &table, 5);
    let found = intervals(&summed.sums, &summed.ranges, &[1, 2, 3, 4]);
    assert_eq!(found, [Interval { low: 3, high: Some(7) }; 4]);
    assert!(check(&summed, &table, &profile(10)).is_ok());
}

/// The vector of the list: total 30 and male 20 rounded to 5, female withheld, which the rule says is 1 to 9.
#[test]
fn a_rounded_total_and_part_narrow_what_is_withheld() {
    let table = row(&[21, 8]);
    let perturbed = rounded("conventional", &table, 5);
    assert_eq!(perturbed.values(), [30, 20, 10]);
    let mut ranges = perturbed.ranges.clone();
    ranges[2] = Range::new(1, 9);
    assert_eq!(intervals(&perturbed.sums, &ranges, &[2]), [Interval { low: 6, high: Some(9) }]);
    // With the total a sum of rounded parts it says nothing of the part.
    let summed = rounded("sum-of-rounded", &table, 5);
    let mut ranges = summed.ranges.clone();
    ranges[2] = Range::new(1, 9);
    assert_eq!(intervals(&summed.sums, &ranges, &[2]), [Interval { low: 1, high: Some(9) }]);
}

/// Every table of whole numbers that could have been published the same way, by trying all.
fn by_trying(sums: &Sums, ranges: &[Range]) -> Vec<Interval> {
    let wholes: std::collections::BTreeSet<usize> = sums.relations.iter().map(|relation| relation.whole).collect();
    let free: Vec<usize> = (0..sums.values.len()).filter(|at| !wholes.contains(at)).collect();
    let mut found: Vec<Option<(i128, i128)>> = vec![None; sums.values.len()];
    let mut innermost: Vec<i128> = ranges.iter().map(|range| range.low).collect();
    loop {
        let values = sums.from_innermost(&innermost).unwrap();
        if values.iter().zip(ranges).all(|(value, range)| range.holds(*value)) {
            for (slot, value) in found.iter_mut().zip(&values) {
                *slot = Some(slot.map_or((*value, *value), |(low, high)| (low.min(*value), high.max(*value))));
            }
        }
        let Some(next) = free.iter().find(|at| innermost[**at] < ranges[**at].high.unwrap()) else { break };
        for at in free.iter().take_while(|at| *at != next) {
            innermost[*at] = ranges[*at].low;
        }
        innermost[*next] += 1;
    }
    found.into_iter().map(|found| found.unwrap()).map(|(low, high)| Interval { low, high: Some(high) }).collect()
}

#[test]
fn the_attacker_finds_what_trying_all_tables_finds() {
    let mut chance = Chance::new(11);
    let mut narrowed = 0;
    for _ in 0..60 {
        let table = frequencies(vec![flat("sex", 2), flat("age", 2)], || chance.below(13));
        for name in ["controlled", "conventional", "sum-of-rounded", "midpoint", "redaction"] {
            let perturbed = rounded(name, &table, if name == "midpoint" { 6 } else { 5 });
            let cells: Vec<usize> = (0..table.cells.len()).collect();
            let found = intervals(&perturbed.sums, &perturbed.ranges, &cells);
            assert_eq!(found, by_trying(&perturbed.sums, &perturbed.ranges), "{name} {:?}", perturbed.values());
            narrowed +=
                found.iter().zip(&perturbed.ranges).filter(|(one, range)| one.low > range.low || one.high < range.high).count();
        }
    }
    assert!(narrowed > 100, "sums tell more than the values by themselves");
}

#[test]
fn an_interval_that_is_wide_enough_is_a_part_of_the_whole_one() {
    let mut chance = Chance::new(17);
    let (mut narrow, mut wide) = (0, 0);
    for _ in 0..20 {
        let table = frequencies(vec![flat("sex", 2), flat("age", 3), flat("size", 2)], || chance.below(11));
        let perturbed = rounded("conventional", &table, 5);
        let cells: Vec<usize> = (0..table.cells.len()).collect();
        let asked: Vec<(usize, i128)> = cells.iter().map(|cell| (*cell, 2)).collect();
        let exact = intervals(&perturbed.sums, &perturbed.ranges, &cells);
        for (part, whole) in intervals_of_width(&perturbed.sums, &perturbed.ranges, &asked).iter().zip(&exact) {
            let width = |one: &Interval| one.high.unwrap() - one.low;
            assert!(part.low >= whole.low && part.high <= whole.high);
            assert_eq!(width(part) >= 2, width(whole) >= 2);
            assert!(width(part) >= 2 || part == whole);
            *(if width(whole) >= 2 { &mut wide } else { &mut narrow }) += 1;
        }
    }
    assert!(narrow > 10 && wide > 10, "{narrow} {wide}");
}

#[test]
fn zeros_stay_zeros_and_say_so_only_where_nothing_else_becomes_zero() {
    use crate::disclosure::safe::State;
    let table = row(&[0, 4, 9]);
    let opensafely = Profile::for_perturbation("opensafely").unwrap();
    for (name, base, expected) in [("midpoint", 6, State::Zero), ("redaction", 5, State::Value)] {
        let perturbed = rounded(name, &table, base);
        assert_eq!(perturbed.values()[1], 0);
        let (safe, _) = check(&perturbed, &table, &opensafely).unwrap();
        assert_eq!((safe.rows[1].state, safe.rows[1].value.as_str()), (expected, "0"));
        assert_eq!(safe.rows[3].state, State::Value);
    }
}

#[test]
fn the_profile_opensafely_takes_its_own_methods_and_bases_and_no_other() {
    let table = row(&[3, 12, 8]);
    let profile = Profile::for_perturbation("opensafely").unwrap();
    assert_eq!(rounded("redaction", &table, 5).values(), [20, 0, 10, 10]);
    let (safe, judged) = check(&rounded("redaction", &table, 5), &table, &profile).unwrap();
    assert_eq!(safe.rows.iter().map(|row| row.value.as_str()).collect::<Vec<_>>(), ["20", "0", "10", "10"]);
    // Below 8 units is unsafe; 0 to 7 become 0.
    assert_eq!(judged.iter().map(|one| (one.cell, one.interval)).collect::<Vec<_>>(), [(1, Interval { low: 0, high: Some(7) })]);
    assert_eq!(rounded("midpoint", &table, 6).values(), [21, 3, 9, 9]);
    for (name, base) in [("controlled", 5), ("redaction", 4), ("midpoint", 5), ("conventional", 5)] {
        assert_eq!(
            check(&rounded(name, &table, base), &table, &profile).err().unwrap().0[0].code,
            "profile-not-applied",
            "{name}"
        );
    }
}

#[test]
fn a_cell_that_is_listed_among_others_that_are_not_has_a_unit() {
    let mut table = row(&[3, 12, 0]);
    table.cells.pop();
    let perturbed = rounded("redaction", &table, 5);
    assert_eq!((perturbed.values(), perturbed.ranges[1]), ([10, 0, 10].as_slice(), Range::new(1, 7)));
}

#[test]
fn a_negative_value_and_a_total_below_its_parts_are_refused() {
    let record = |code: &str, value: i64| Record { codes: vec![code.into()], holding: None, value: value * crate::amount::SCALE, weight: None };
    let table = tabulate("result", vec![Dimension::flat("group", ["a", "b"])], &[record("a", 40), record("b", -3)]).unwrap();
    for one in [&conventional::CONVENTIONAL, &controlled::CONTROLLED, &sum_of_rounded::SUM_OF_ROUNDED] {
        assert_eq!(apply(one, &table, &Settings::default()).err().unwrap().0[0].code, "bad-value");
    }
    let mut table = row(&[3, 12]);
    table.cells[0].stats.units = 14;
    assert_eq!(apply(&controlled::CONTROLLED, &table, &Settings::default()).err().unwrap().0[0].code, "bad-value");
}

#[test]
fn a_method_for_numbers_of_units_and_a_base_of_one_are_refused() {
    let record = Record { codes: vec!["a".into()], holding: None, value: 40, weight: None };
    let table = tabulate("turnover", vec![Dimension::flat("group", ["a"])], &[record]).unwrap();
    assert_eq!(apply(&midpoint::MIDPOINT, &table, &Settings::default()).err().unwrap().0[0].code, "conflict");
    let settings = Settings { base: Some(1), noise: None };
    assert_eq!(apply(&controlled::CONTROLLED, &row(&[3]), &settings).err().unwrap().0[0].code, "conflict");
}

#[test]
fn what_a_total_holds_beyond_its_listed_parts_is_rounded_as_well() {
    let mut table = row(&[3, 12]);
    table.cells[0].stats.units = 21;
    let perturbed = rounded("sum-of-rounded", &table, 5);
    assert_eq!(perturbed.values(), [20, 5, 10]);
    let perturbed = rounded("controlled", &table, 5);
    assert_eq!(perturbed.values(), [20, 5, 10]);
}

#[test]
fn amounts_are_rounded_in_their_unit() {
    let record = |code: &str, value: i64| Record { codes: vec![code.into()], holding: None, value, weight: None };
    let table = tabulate("turnover", vec![Dimension::flat("group", ["a", "b"])], &[record("a", 123_456), record("b", 1_180_001)])
        .unwrap();
    // 12.3456 and 118.0001 to tens.
    assert_eq!(rounded("controlled", &table, 10).values(), [1_300_000, 100_000, 1_200_000]);
    assert_eq!(rounded("conventional", &table, 10).values(), [1_300_000, 100_000, 1_200_000]);
}
