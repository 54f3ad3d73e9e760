//! Codes, value and status in every line, without a header, as τ-ARGUS writes it: 1 safe, 3 unsafe, 9 unsafe by declaration, 11 withheld
//! for another, 10 not to be withheld, 14 empty.

use super::{Outcome, Writer, quoted};
use crate::cells::link::Member;
use crate::cells::table::Declared;
use crate::disclosure::evidence::Treatment;

pub(super) const CODE_VALUE: Writer = Writer {
    name: "code-value",
    title: "codes, value and status of τ-ARGUS",
    files: |outcome, member| vec![(format!("{}.txt", member.name), file(outcome, member))],
};

fn file(outcome: &Outcome<'_>, member: &Member) -> Vec<u8> {
    let mut text = String::new();
    for cell in &member.cells {
        let mut fields: Vec<String> = outcome.codes(*cell, member, "Total").map(quoted).collect();
        let status = status(outcome, *cell);
        fields.push(if status == 14 { "-".to_owned() } else { outcome.value(*cell) });
        fields.push(status.to_string());
        text += &format!("{}\r\n", fields.join(","));
    }
    text.into_bytes()
}

/// The status code of a cell.
pub(super) fn status(outcome: &Outcome<'_>, cell: usize) -> u8 {
    match outcome.treatment(cell) {
        Treatment::Primary if outcome.rulings[cell].rules == ["declared"] => 9,
        Treatment::Primary => 3,
        Treatment::Secondary => 11,
        Treatment::Published if outcome.is_empty(cell) => 14,
        Treatment::Published if outcome.linked.table.cells[cell].declared == Declared::Shown => 10,
        Treatment::Published => 1,
    }
}
