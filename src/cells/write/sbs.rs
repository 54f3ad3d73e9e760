//! Cells with the confidentiality flags of structural business statistics: A too few units, B dominated, D withheld for another, V open.

use super::{Outcome, Writer, quoted};
use crate::cells::link::Member;
use crate::disclosure::evidence::Treatment;

pub(super) const SBS: Writer = Writer {
    name: "sbs",
    title: "cells with the confidentiality flags of structural business statistics",
    files: |outcome, member| vec![(format!("{}.sbs", member.name), file(outcome, member))],
};

fn file(outcome: &Outcome<'_>, member: &Member) -> Vec<u8> {
    let mut header: Vec<String> = outcome.columns(member).map(quoted).collect();
    header.extend(["value", "count", "flag"].map(str::to_owned));
    let mut text = format!("{}\r\n", header.join(";"));
    for cell in &member.cells {
        let mut fields: Vec<String> = outcome.codes(*cell, member, "Total").map(quoted).collect();
        fields.extend([outcome.value(*cell), outcome.linked.table.cells[*cell].stats.contributors.to_string()]);
        fields.push(flag(outcome, *cell).to_owned());
        text += &format!("{}\r\n", fields.join(";"));
    }
    text.into_bytes()
}

fn flag(outcome: &Outcome<'_>, cell: usize) -> &'static str {
    match outcome.treatment(cell) {
        Treatment::Published => "V",
        Treatment::Secondary => "D",
        Treatment::Primary if outcome.rulings[cell].rules.contains(&"minimum_frequency") => "A",
        Treatment::Primary => "B",
    }
}
