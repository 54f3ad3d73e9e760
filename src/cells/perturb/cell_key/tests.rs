use std::path::Path;

use super::key::{Secret, WHOLE};
use super::maker::{Wanted, make};
use super::*;
use crate::amount::SCALE;
use crate::cells::perturb::tests::{Chance, flat, frequencies};
use crate::cells::perturb::{Settings, apply};
use crate::cells::table::CellTable;

const ROWS: &str = "i;j;p;v;p_int_ub\n0;0;1;0;1\n1;0;0.6;-1;0.6\n1;2;0.2;1;0.8\n1;3;0.2;2;1\n2;1;0.5;-1;0.5\n2;3;0.5;1;1\n";

fn instance(path: &str) -> Option<NoiseTable> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|at| at.join("shared/data/sdc/argus/cellkey"))
        .find(|at| at.is_dir());
    match folder {
        Some(folder) => Some(NoiseTable::parse(&std::fs::read_to_string(folder.join(path)).unwrap()).unwrap()),
        None => {
            println!("the instances are not here, nothing was compared");
            None
        }
    }
}

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn perturb(table: &CellTable, noise: Noise) -> Vec<i128> {
    apply(&CELL_KEY, table, &Settings { base: None, noise: Some(noise) }).unwrap().values().to_vec()
}

#[test]
fn noise_is_that_of_the_step_in_which_the_key_lies() {
    let table = NoiseTable::parse(ROWS).unwrap();
    let noise: Vec<i128> =
        ["0", "0.599999", "0.6", "0.799999999999999999", "0.8"].iter().map(|text| table.noise_of_count(1, key(text))).collect();
    assert_eq!(noise, [-1, -1, 1, 1, 2]);
    assert_eq!(
        (table.noise_of_count(0, key("0.9")), table.noise_of_count(900, key("0.4")), table.noise_of_count(900, key("0.5"))),
        (0, -1, 1)
    );
    assert!(table.is_for_counts());
}

#[test]
fn what_is_published_tells_a_range_of_numbers() {
    let table = NoiseTable::parse(ROWS).unwrap();
    for published in 0..8 {
        let keys = ["0", "0.5", "0.6", "0.7", "0.8", "0.99"];
        let behind: Vec<i128> = (0..20)
            .filter(|count| keys.iter().any(|text| count + table.noise_of_count(*count, key(text)) == published))
            .collect();
        assert_eq!(table.counts_behind(published), (behind[0], behind[behind.len() - 1]), "{published}");
    }
}

#[test]
fn a_table_that_is_biased_or_does_not_add_up_is_refused() {
    let refused =
        |from: &str, to: &str| NoiseTable::parse(&ROWS.replace(from, to)).err().map(|wrong| wrong.0[0].headline.clone());
    assert_eq!(
        refused("2;1;0.5;-1;0.5", "2;2;0.5;0;0.5").as_deref(),
        Some("size 2 of a noise table: the noise is biased: its mean is not zero")
    );
    assert!(refused("1;3;0.2;2;1", "1;3;0.1;2;1").unwrap().contains("add up to one"));
    assert!(refused("1;2;0.2;1;0.8", "1;2;0.2;1;0.7").unwrap().contains("upper ends"));
    assert!(refused("1;2;0.2;1;0.8", "1;2;0.2;4;0.8").unwrap().contains("line 4"));
    assert!(refused("0;0;1;0;1\n", "").unwrap().contains("begin with 0"));
    assert!(refused("p_int_ub", "x").unwrap().contains("p_int_ub"));
    let negative = ROWS.replace("2;1;0.5;-1;0.5\n2;3;0.5;1;1", "2;-1;0.5;-3;0.5\n2;5;0.5;3;1");
    assert!(NoiseTable::parse(&negative).err().unwrap().0[0].headline.contains("negative"));
}

#[test]
fn tables_of_other_programs_are_read() {
    for (path, variance, counts) in [
        ("Frequency/tau_testW_ptable.txt", 4.0, true),
        ("Magnitude/ptab_freq.txt", 3.0, true),
        ("Magnitude/ptab_savings_all.txt", 1.0, false),
        ("Magnitude/ptab_savings_smallcells.txt", 2.0, false),
    ] {
        let Some(table) = instance(path) else { return };
        assert!((table.variance() - variance).abs() < 1e-6, "{path}");
        assert_eq!(table.is_for_counts(), counts, "{path}");
    }
    assert!(instance("Frequency/20160511_szenario_5a.txt").unwrap().is_for_counts());
}

fn entropy(table: &NoiseTable, of: f64) -> f64 {
    table.steps().filter(|step| step.0 == of).map(|(_, _, chance)| -chance * chance.ln()).sum()
}

/// The peer asks besides that chances fall with the distance from no noise, which binds for 4 and 5 units.
#[test]
fn noise_of_maximum_entropy_is_that_of_the_peer() {
    let Some(peer) = instance("Frequency/tau_testW_ptable.txt") else { return };
    let ours = make(&Wanted { noise_max: 7, variance: 4.0, forbidden_max: 2 }).unwrap();
    assert_eq!(ours.steps().count(), peer.steps().count());
    for ((size, noise, chance), (size_peer, noise_peer, chance_peer)) in ours.steps().zip(peer.steps()) {
        assert_eq!((size, noise), (size_peer, noise_peer));
        let bound = if size == 4.0 || size == 5.0 { 0.015 } else { 1e-8 };
        assert!((chance - chance_peer).abs() < bound, "{size} {noise}: {chance} and {chance_peer}");
    }
    assert!((1..=10).all(|size| entropy(&ours, f64::from(size)) > entropy(&peer, f64::from(size)) - 1e-9));
    assert!(entropy(&ours, 4.0) > entropy(&peer, 4.0) + 1e-4 && entropy(&ours, 5.0) > entropy(&peer, 5.0) + 1e-5);
}

#[test]
fn noise_that_is_made_is_unbiased_has_its_variance_and_makes_no_small_number() {
    for wanted in [
        Wanted { noise_max: 5, variance: 3.0, forbidden_max: 2 },
        Wanted { noise_max: 3, variance: 1.0, forbidden_max: 0 },
        Wanted { noise_max: 8, variance: 6.5, forbidden_max: 3 },
    ] {
        let table = make(&wanted).unwrap();
        for size in 1..=wanted.noise_max + wanted.forbidden_max + 1 {
            let steps: Vec<(f64, f64)> =
                table.steps().filter(|step| step.0 == f64::from(size)).map(|step| (step.1, step.2)).collect();
            let moment = |power: i32| steps.iter().map(|(noise, chance)| chance * noise.powi(power)).sum::<f64>();
            assert!((moment(0) - 1.0).abs() < 1e-9 && moment(1).abs() < 1e-9 && (moment(2) - wanted.variance).abs() < 1e-9);
            let small = |noise: f64| (1.0..=f64::from(wanted.forbidden_max)).contains(&(f64::from(size) + noise));
            assert!(
                steps.iter().all(|(noise, chance)| *chance > 0.0 && noise.abs() <= f64::from(wanted.noise_max) && !small(*noise))
            );
        }
    }
    let impossible = Wanted { noise_max: 2, variance: 9.0, forbidden_max: 0 };
    assert_eq!(make(&impossible).err().unwrap().0[0].code, "out-of-range");
}

#[test]
fn noise_is_unbiased_over_keys_that_are_drawn() {
    let secret = Secret::new(b"0123456789abcdef0123456789abcdef").unwrap();
    let table = make(&Wanted { noise_max: 5, variance: 3.0, forbidden_max: 2 }).unwrap();
    for count in [1, 2, 5, 300] {
        let noise: Vec<f64> = (0..20_000).map(|unit| table.noise_of_count(count, secret.key(&unit.to_string())) as f64).collect();
        let mean = noise.iter().sum::<f64>() / noise.len() as f64;
        let variance = noise.iter().map(|noise| noise * noise).sum::<f64>() / noise.len() as f64;
        // Four standard errors of the mean: 4·√(3/20000).
        assert!(mean.abs() < 0.049 && (variance - 3.0).abs() < 0.2, "{count}: {mean} {variance}");
    }
}

#[test]
fn the_same_units_have_the_same_noise_in_every_table_and_order() {
    let secret = Secret::new(b"0123456789abcdef0123456789abcdef").unwrap();
    let mut keys: Vec<Key> = (0..500).map(|unit| secret.key(&format!("unit {unit}"))).collect();
    let sum = |keys: &[Key]| keys.iter().fold(Key::default(), |sum, key| sum.plus(*key));
    let forward = sum(&keys);
    keys.reverse();
    assert!(forward == sum(&keys));
    let parts = sum(&keys[..123]).plus(sum(&keys[123..]));
    assert!(forward == parts && forward.parts() < WHOLE);
}

#[test]
fn published_numbers_lie_within_what_is_said_of_them_and_totals_do_not_add_up() {
    let mut chance = Chance::new(4);
    let table = frequencies(vec![flat("a", 6), flat("b", 5)], || chance.below(9));
    let keys: Vec<CellKey> = table
        .cells
        .iter()
        .map(|_| CellKey { all: key(&format!("0.{:09}", chance.below(999_999_999))), nonzero: Key::default() })
        .collect();
    let counts = make(&Wanted { noise_max: 5, variance: 3.0, forbidden_max: 2 }).unwrap();
    let published = perturb(&table, Noise { keys, counts: Some(counts), amounts: None });
    assert!(published.iter().all(|value| *value == 0 || *value > 2));
    assert!(table.cells.iter().zip(&published).all(|(cell, value)| cell.stats.units > 0 || *value == 0));
    assert!(table.cells.iter().zip(&published).any(|(cell, value)| cell.value(true) != *value));
}

fn amounts(largest: [i64; 4], rest: i64) -> CellTable {
    let mut table = frequencies(vec![flat("a", 1)], || 9);
    (table.whole, table.largest_known) = (false, 4);
    for cell in &mut table.cells {
        cell.stats.largest.iter_mut().zip(largest).for_each(|(slot, amount)| *slot = amount * SCALE);
        cell.stats.total = i128::from((largest.iter().sum::<i64>() + rest) * SCALE);
    }
    table
}

#[test]
fn noise_of_amounts_is_a_share_of_the_largest_contributions() {
    let table =
        NoiseTable::parse("i;j;p;v;p_int_ub\n0;0;1;0;1\n1;0;0.5;-1;0.5\n1;2;0.5;1;1\n5;3;0.5;-2;0.5\n5;7;0.5;2;1\n").unwrap();
    let of = |flex: &str, text: &str, largest: [i64; 4], rest: i64| {
        let amounts = Amounts { table: table.clone(), small: None, flex: Flex::parse(flex).unwrap(), zeros: ZeroKeys::Counted };
        let cells = self::amounts(largest, rest);
        let keys = vec![CellKey { all: key(text), nonzero: Key::default() }; cells.cells.len()];
        perturb(&cells, Noise { keys, counts: None, amounts: Some(amounts) })[0]
    };
    let scale = i128::from(SCALE);
    // Up to the bend a tenth of 500, times the noise 2 of a size from 5 upwards.
    assert_eq!(of("0.02,0.1,1000,3", "0.9", [500, 0, 0, 0], 1_000), (1_500 + 100) * scale);
    assert_eq!(of("0.02,0.1,1000,3", "0.1", [500, 0, 0, 0], 1_000), (1_500 - 100) * scale);
    // Size 1500/500 = 3 lies half way between 1 and 5: noise 1.5 of a scale of 500.
    assert_eq!(of("0.02,1,1000,3", "0.9", [500, 0, 0, 0], 1_000), (1_500 + 750) * scale);
    // The second contribution with its weight and the key turned: 0.91 becomes 0.19.
    assert_eq!(of("0.02,0.1,1000,3,0.5", "0.91", [500, 400, 0, 0], 1_000), (1_900 + 100 - 40) * scale);
    // The key 0.99 turned is 0.99.
    assert_eq!(of("0.02,0.1,1000,3,0.5", "0.99", [500, 400, 0, 0], 1_000), (1_900 + 100 + 39 + 1) * scale);
    // Beyond the bend: 0.02·(1 + (0.1·3000 − 20)/20 · (2000/4000)³) = 0.055.
    assert_eq!(of("0.02,0.1,1000,3", "0.9", [3_000, 0, 0, 0], 0), (3_000 + 330) * scale);
}

#[test]
fn the_scale_of_noise_does_not_jump_where_contributions_become_small() {
    let all = NoiseTable::parse("i;j;p;v;p_int_ub\n0;0;1;0;1\n1;0;0.5;-1;0.5\n1;2;0.5;1;1\n").unwrap();
    let small = NoiseTable::parse("i;j;p;v;p_int_ub\n0;0;1;0;1\n2;0;0.5;-2;0.5\n2;4;0.5;2;1\n").unwrap();
    let amounts =
        Amounts { table: all, small: Some(small), flex: Flex::parse("0.03,0.25,1000,3,0.5").unwrap(), zeros: ZeroKeys::LeftOut };
    // m1 = 2, √E = √1.25, σ1 = 0.25.
    let bend = 2.0 / 1.25f64.sqrt() / 0.25;
    let keys = vec![CellKey::default(); 2];
    for (amount, at_bend) in [(bend + 0.001, false), (bend - 0.001, true)] {
        let scaled = (amount * SCALE as f64) as i64;
        let mut cells = self::amounts([0; 4], 1_000);
        cells.cells.iter_mut().for_each(|cell| cell.stats.largest[0] = scaled);
        let published = perturb(&cells, Noise { keys: keys.clone(), counts: None, amounts: Some(amounts.clone()) })[0];
        let noise = (published - 1_000 * i128::from(SCALE)) as f64 / SCALE as f64;
        let expected = bend * 0.25 * if at_bend { -2.0 } else { -1.0 };
        assert!((noise - expected).abs() < 0.01, "{noise} {expected}");
    }
}

#[test]
fn a_scaling_that_makes_no_sense_is_refused() {
    for text in [
        "",
        "0.03,0.3,1000",
        "0.3,0.03,1000,3",
        "0.03,0.3,0,3",
        "0.03,0.3,1000,0.5",
        "0.03,0.3,1000,3,0.2,0.5",
        "0.03,0.3,1000,3,1,1,1,1,1,1",
    ] {
        assert_eq!(Flex::parse(text).err().map(|wrong| wrong.code), Some("bad-value"), "{text}");
    }
    assert!(Flex::parse("0.03,0.30,1000,3,0.5,0.2").is_ok());
}

#[test]
fn keys_and_a_table_of_the_right_kind_are_needed() {
    let cells = frequencies(vec![flat("a", 2)], || 3);
    let refused = |noise: Option<Noise>| apply(&CELL_KEY, &cells, &Settings { base: None, noise }).err().unwrap().0[0].code;
    let keys = vec![CellKey::default(); 3];
    assert_eq!(refused(None), "missing-key");
    assert_eq!(refused(Some(Noise { keys: keys.clone(), counts: None, amounts: None })), "missing-key");
    let counts = NoiseTable::parse(ROWS).ok();
    assert_eq!(refused(Some(Noise { keys: keys[..2].to_vec(), counts, amounts: None })), "conflict");
    let halves = NoiseTable::parse("i;j;p;v;p_int_ub\n0;0;1;0;1\n1;0.5;0.5;-0.5;0.5\n1;1.5;0.5;0.5;1\n").ok();
    assert_eq!(refused(Some(Noise { keys, counts: halves, amounts: None })), "conflict");
}
