use super::*;
use crate::cells::hierarchy::Hierarchy;
use crate::cells::perturb::sums::Sums;
use crate::cells::perturb::tests::{Chance, flat, frequencies};
use crate::cells::perturb::{Settings, apply};
use crate::cells::table::{CellTable, Dimension};

fn nested(name: &str, first: u32, below: u32) -> Dimension {
    let lines: Vec<String> = (1..=first)
        .flat_map(|one| std::iter::once(format!("{one}")).chain((1..=below).map(move |two| format!("@{one}.{two}"))))
        .collect();
    Dimension::nested(name, &Hierarchy::indented(&lines.join("\n"), "@").unwrap())
}

fn round(table: &CellTable, base: i128, cells_max: usize) -> (Vec<i128>, Vec<String>) {
    let sums = Sums::of(table).unwrap();
    let change = change_in_blocks_of(&Task { table, sums: &sums, base, settings: &Settings::default() }, cells_max).unwrap();
    assert!(sums.is_additive(&change.values), "{:?}", change.values);
    assert!(change.ranges.iter().zip(&sums.values).all(|(range, value)| range.holds(*value)));
    (change.values, change.notes)
}

fn distance(table: &CellTable, rounded: &[i128]) -> i128 {
    table.cells.iter().zip(rounded).map(|(cell, rounded)| (cell.value(true) - rounded).abs()).sum()
}

/// The least distance over every table of adjacent multiples that adds up, by trying all; `None` when there is none.
fn least_by_trying(table: &CellTable, base: i128) -> Option<i128> {
    let sums = Sums::of(table).unwrap();
    let wholes: std::collections::BTreeSet<usize> = sums.relations.iter().map(|relation| relation.whole).collect();
    let free: Vec<usize> = (0..sums.values.len()).filter(|at| !wholes.contains(at) && sums.values[*at] % base != 0).collect();
    let adjacent = |value: i128, rounded: i128| rounded % base == 0 && (rounded - value).abs() < base;
    let tried = (0u32..1 << free.len()).filter_map(|ups| {
        let mut innermost: Vec<i128> = sums.values.iter().map(|value| value / base * base).collect();
        free.iter().enumerate().filter(|(bit, _)| ups >> bit & 1 == 1).for_each(|(_, at)| innermost[*at] += base);
        let rounded = sums.from_innermost(&innermost).unwrap();
        let all = sums.values.iter().zip(&rounded).all(|(value, rounded)| adjacent(*value, *rounded));
        all.then(|| sums.values.iter().zip(&rounded).map(|(value, rounded)| (value - rounded).abs()).sum())
    });
    tried.min()
}

#[test]
fn the_distance_is_the_least_of_all_rounded_tables() {
    let mut chance = Chance::new(5);
    let (mut there, mut farther) = (0, 0);
    for round_number in 0..120 {
        let dimensions = match round_number % 4 {
            0 => vec![flat("a", 3), flat("b", 4)],
            1 => vec![nested("a", 2, 2), flat("b", 3)],
            2 => vec![flat("a", 2), flat("b", 2), flat("c", 3)],
            _ => vec![nested("a", 3, 3)],
        };
        let base = [3, 5, 10][chance.below(3) as usize];
        let table = frequencies(dimensions, || chance.below(30));
        let (rounded, notes) = round(&table, base, usize::MAX);
        match least_by_trying(&table, base) {
            Some(least) => {
                assert_eq!((distance(&table, &rounded), notes), (least, Vec::new()), "{rounded:?}");
                there += 1;
            }
            None => {
                assert!(notes[0].contains("no table within one multiple adds up"), "{notes:?}");
                farther += 1;
            }
        }
    }
    assert!(there > 100, "{there} of adjacent multiples, {farther} of others");
}

#[test]
fn multiples_of_the_base_stay() {
    let mut chance = Chance::new(9);
    let table = frequencies(vec![nested("a", 2, 3), flat("b", 3)], || 5 * chance.below(4));
    let (rounded, _) = round(&table, 5, usize::MAX);
    assert_eq!(distance(&table, &rounded), 0);
}

#[test]
fn rounding_in_blocks_adds_up_and_keeps_to_adjacent_multiples() {
    let mut chance = Chance::new(21);
    let table = frequencies(vec![nested("a", 4, 5), nested("b", 3, 3), flat("c", 2)], || chance.below(20));
    let (whole, _) = round(&table, 5, usize::MAX);
    for cells_max in [1, 40, 200] {
        let (rounded, notes) = round(&table, 5, cells_max);
        assert!(notes[0].contains("blocks along the hierarchies"));
        assert!(distance(&table, &rounded) >= distance(&table, &whole));
        if notes.len() == 1 {
            assert!(table.cells.iter().zip(&rounded).all(|(cell, rounded)| (cell.value(true) - rounded).abs() < 5));
        }
    }
}

#[test]
fn every_sum_lies_within_a_block_and_every_cell_is_rounded_once() {
    let table = frequencies(vec![nested("a", 4, 5), nested("b", 3, 3)], || 1);
    let sums = Sums::of(&table).unwrap();
    let blocks = Block::whole(&table).divide(&table, 60);
    assert!(blocks.len() > 4);
    let mut of: Vec<usize> = blocks.iter().flat_map(|block| block.relations(&table, &sums)).collect();
    of.sort_unstable();
    of.dedup();
    assert_eq!(of.len(), sums.relations.len());
}

#[test]
fn a_large_table_is_rounded_in_blocks() {
    let mut chance = Chance::new(2);
    let table = frequencies(vec![nested("a", 9, 9), nested("b", 8, 7)], || chance.below(12));
    assert!(table.cells.len() > 5_000);
    let perturbed = apply(&CONTROLLED, &table, &Settings::default()).unwrap();
    assert!(perturbed.notes()[0].contains("blocks"), "{:?}", perturbed.notes());
}
