//! A table of τ-ARGUS (`.tab`) with status and protection levels, and its description (`.rda`).

use super::{Outcome, Writer, code_value, quoted};
use crate::cells::link::Member;
use crate::cells::table::{Dimension, TOTAL};

pub(super) const TAB: Writer = Writer {
    name: "tab",
    title: "table of τ-ARGUS with its description and hierarchies",
    files: |outcome, member| {
        let named = |ending: &str, bytes: Vec<u8>| (format!("{}.{ending}", member.name), bytes);
        let mut files = vec![named("tab", table(outcome, member)), named("rda", description(outcome, member))];
        for at in &member.dimensions {
            let dimension = &outcome.linked.table.dimensions[*at];
            files.extend(hierarchy(dimension).map(|bytes| (format!("{}.hrc", dimension.name), bytes)));
        }
        files
    },
};

fn table(outcome: &Outcome<'_>, member: &Member) -> Vec<u8> {
    let largest = outcome.linked.table.largest_known;
    let mut text = String::new();
    for cell in &member.cells {
        let row = &outcome.linked.table.cells[*cell];
        let mut fields: Vec<String> = outcome.codes(*cell, member, "Total").map(quoted).collect();
        fields.extend([outcome.value(*cell), row.stats.contributors.to_string(), outcome.amount(row.stats.absolute)]);
        fields.extend(row.stats.largest[..largest].iter().map(|amount| outcome.amount(i128::from(*amount))));
        let status = match code_value::status(outcome, *cell) {
            3 | 9 => "U",
            11 => "M",
            10 => "P",
            14 => "E",
            _ => "S",
        };
        let level = outcome.rulings[*cell].level.unwrap_or_default();
        fields.extend([status.to_owned(), outcome.exact(level.lower), outcome.exact(level.upper)]);
        text += &format!("{}\r\n", fields.join(";"));
    }
    text.into_bytes()
}

/// Hierarchies stand in the description as far as codes are nested once; those of several sums of one total are left to the user.
fn description(outcome: &Outcome<'_>, member: &Member) -> Vec<u8> {
    let table = &outcome.linked.table;
    let mut text = "   <SEPARATOR> \";\"\r\n   <SAFE> \"S\"\r\n   <UNSAFE> \"U\"\r\n   <PROTECT> \"P\"\r\n".to_owned();
    for at in &member.dimensions {
        let dimension = &table.dimensions[*at];
        text += &format!("{}\r\n   <RECODEABLE>\r\n   <TOTCODE> \"Total\"\r\n", dimension.name);
        if hierarchy(dimension).is_some() {
            text +=
                &format!("   <HIERARCHICAL>\r\n   <HIERCODELIST> \"{}.hrc\"\r\n   <HIERLEADSTRING> \"@\"\r\n", dimension.name);
        }
    }
    let decimals = if table.whole { 0 } else { outcome.linked.decimals };
    text += &format!(
        "Value\r\n   <NUMERIC>\r\n   <DECIMALS> {decimals}\r\nFreq\r\n   <FREQUENCY>\r\nAbsolute\r\n   <NUMERIC> <SHADOW>\r\n"
    );
    for at in 1..=table.largest_known {
        text += &format!("Top{at}\r\n   <MAXSCORE>\r\n");
    }
    text += "Status\r\n   <STATUS>\r\nLower\r\n   <NUMERIC> <LOWERPL>\r\nUpper\r\n   <NUMERIC> <UPPERPL>\r\n";
    text.into_bytes()
}

/// The hierarchy as lines with `@` once per level; `None` when a code is a part of two, or there is one level only.
fn hierarchy(dimension: &Dimension) -> Option<Vec<u8>> {
    if dimension.sums.iter().all(|sum| sum.whole == TOTAL) {
        return None;
    }
    let mut seen = vec![0usize; dimension.codes.len()];
    dimension.sums.iter().flat_map(|sum| &sum.parts).for_each(|part| seen[*part as usize] += 1);
    if seen.iter().any(|count| *count > 1) {
        return None;
    }
    let mut text = String::new();
    let mut open: Vec<(u32, usize)> = parts(dimension, TOTAL).into_iter().rev().map(|part| (part, 0)).collect();
    while let Some((code, depth)) = open.pop() {
        text += &format!("{}{}\r\n", "@".repeat(depth), dimension.codes[code as usize]);
        open.extend(parts(dimension, code).into_iter().rev().map(|part| (part, depth + 1)));
    }
    Some(text.into_bytes())
}

fn parts(dimension: &Dimension, whole: u32) -> Vec<u32> {
    dimension.sums.iter().filter(|sum| sum.whole == whole).flat_map(|sum| sum.parts.iter().copied()).collect()
}
