//! What is known beforehand (`.hst`): for single cells a status, a cost or protection levels, one line each.

use super::fields::split;
use crate::amount::parse_decimal;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// What a line says of its cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Known {
    Safe,
    Unsafe,
    /// Not to be withheld.
    Protected,
    Cost(f64),
    /// Below and above, in ten-thousandths.
    Levels(i64, i64),
}

/// A line: one code per spanning variable, in their order.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// From 1.
    pub number: usize,
    pub codes: Vec<String>,
    pub known: Known,
}

/// Reads the lines for cells of so many spanning variables.
///
/// # Errors
/// `bad-value` for a line that is none, by its number.
pub fn parse(text: &str, separator: Option<char>, width: usize) -> Result<Vec<Line>, Diagnostics> {
    let mut wrong = Diagnostics::default();
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with("//")) {
        let separator = separator.unwrap_or_else(|| usual(line));
        let fields = split(line, separator);
        let known = fields.get(width).and_then(|status| known(status, &fields[width + 1..], separator));
        match known {
            Some(known) => lines.push(Line { number: at + 1, codes: fields[..width].to_vec(), known }),
            None => wrong.push(Diagnostic::error(
                "bad-value",
                format!("line {} is not {width} codes and one of s, u, p, c with a cost, pl with two levels", at + 1),
            )),
        }
    }
    wrong.finish(lines).map(|(lines, _)| lines)
}

fn usual(line: &str) -> char {
    [',', ';', '\t'].into_iter().max_by_key(|separator| line.matches(*separator).count()).unwrap_or(',')
}

fn known(status: &str, rest: &[String], separator: char) -> Option<Known> {
    let number = |at: usize| rest.get(at).and_then(|text| amount(text, separator)).filter(|number| *number >= 0);
    match status.to_lowercase().as_str() {
        "s" => Some(Known::Safe),
        "u" => Some(Known::Unsafe),
        "p" => Some(Known::Protected),
        "c" => number(0).map(|cost| Known::Cost(cost as f64)),
        "pl" => Some(Known::Levels(number(0)?, number(1)?)),
        _ => None,
    }
}

fn amount(text: &str, separator: char) -> Option<i64> {
    parse_decimal(text, b'.').or_else(|| (separator != ',').then(|| parse_decimal(text, b',')).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_read() {
        let text = "Total;A;s\n1;A;u\n1;B;p\n2;B;c;12,5\n2;A;pl;1;2\n";
        let known: Vec<Known> = parse(text, None, 2).unwrap().into_iter().map(|line| line.known).collect();
        assert_eq!(known, [Known::Safe, Known::Unsafe, Known::Protected, Known::Cost(125_000.0), Known::Levels(10_000, 20_000)]);
    }

    #[test]
    fn a_line_that_says_nothing_is_named() {
        let found = parse("1,A,u\n1,A\n1,A,q\n", None, 2).unwrap_err();
        assert_eq!(found.0.len(), 2);
        assert!(found.0[0].headline.starts_with("line 2"));
    }
}
