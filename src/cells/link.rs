//! Linked tables: tables over the same units become one table over all their variables; a variable that a table lacks stands at its total.

use std::collections::BTreeMap;
use std::path::Path;

use hashbrown::HashMap;

use super::read::{Extra, Mark, ReadTable};
use super::table::{CellRow, CellTable, Declared, Dimension, TOTAL};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};

/// Disagreements shown.
const EXAMPLES: usize = 5;

/// Several tables as one. Sensitive: it is never printed.
pub struct Linked {
    pub table: CellTable,
    /// One per cell.
    pub extras: Vec<Extra>,
    /// One per cell: the figure was published before, in a file that is only known.
    pub known: Vec<bool>,
    pub singly: Option<CellTable>,
    pub counted: bool,
    pub absolute_known: bool,
    pub decimals: u32,
    /// Per dimension the codes that stand for a missing one.
    pub missing: Vec<Vec<u32>>,
    pub members: Vec<Member>,
    pub findings: Vec<Diagnostic>,
}

/// One of the tables.
pub struct Member {
    pub name: String,
    /// Its dimensions.
    pub dimensions: Vec<usize>,
    /// Its cells, ascending.
    pub cells: Vec<usize>,
}

/// A table, and whether it is only known: published before, not to be protected again.
pub struct Part {
    pub read: ReadTable,
    pub known: bool,
    /// The base that its values are rounded to, in whole units of the measure.
    pub rounded_to: Option<u32>,
}

/// Puts tables together.
///
/// # Errors
/// `cells-disagree` for cells with two values, `conflict` for tables of numbers of units beside tables of values, `bad-schema` where a code
/// of one table is a part of what is its part in another.
pub fn link(parts: Vec<Part>) -> Result<Linked, Diagnostics> {
    let parts = aligned(parts)?;
    if let [only] = parts.as_slice()
        && !only.known
    {
        return Ok(single(parts));
    }
    let mut wrong = Diagnostics::default();
    if parts.iter().any(|part| part.read.table.whole != parts[0].read.table.whole) {
        let finding = Diagnostic::error("conflict", "some tables hold numbers of units and others values");
        wrong.push(finding.help("protect them in two runs, or say --frequency to publish numbers of units alone"));
        return Err(wrong);
    }
    let dimensions = dimensions(&parts)?;
    let decimals = parts.iter().map(|part| part.read.decimals).min().unwrap_or(0);
    let mut joined = Joined { dimensions, decimals, at: HashMap::new(), rows: Vec::new() };
    let mut contributors: HashMap<String, u32> = HashMap::new();
    let mut next = parts.iter().map(|part| part.read.contributors.len() as u32).sum();
    let mut members = Vec::new();
    for part in &parts {
        let own = numbers(part, &mut contributors, &mut next);
        let cells = joined.take(part, &own, &mut wrong);
        members.push((
            part.read.name.clone(),
            part.read.table.dimensions.iter().map(|own| joined.find(&own.name)).collect(),
            cells,
        ));
    }
    wrong.finish(()).map(drop)?;
    Ok(joined.finish(parts, members))
}

fn single(mut parts: Vec<Part>) -> Linked {
    let Part { read, .. } = parts.swap_remove(0);
    let count = read.table.cells.len();
    let member = Member { name: read.name, dimensions: (0..read.table.dimensions.len()).collect(), cells: (0..count).collect() };
    Linked {
        table: read.table,
        extras: read.extras,
        known: vec![false; count],
        singly: read.singly,
        counted: read.counted,
        absolute_known: read.absolute_known,
        decimals: read.decimals,
        missing: read.missing,
        members: vec![member],
        findings: read.findings,
    }
}

/// A variable that is a coarser column of another table is that table's variable.
fn aligned(mut parts: Vec<Part>) -> Result<Vec<Part>, Diagnostics> {
    let mut wrong = Diagnostics::default();
    for at in 0..parts.len() {
        for other in (0..parts.len()).filter(|other| *other != at) {
            for (column, dimension, codes) in parts[other].read.coarser.clone() {
                let finer = parts[other].read.table.dimensions[dimension].clone();
                let own = &mut parts[at].read.table.dimensions;
                if own.iter().any(|own| own.name == finer.name) {
                    continue;
                }
                let Some(own) = own.iter_mut().find(|own| own.name == column) else { continue };
                let renamed: Option<Vec<String>> = own
                    .codes
                    .iter()
                    .enumerate()
                    .map(|(code, text)| match code as u32 {
                        TOTAL => Some(String::new()),
                        _ => codes.get(text).map(|code| finer.codes[*code as usize].clone()),
                    })
                    .collect();
                match renamed {
                    Some(codes) => (own.codes, own.name) = (codes, finer.name),
                    None => {
                        let headline = format!("`{column}` has codes that it does not have as a column beside `{}`", finer.name);
                        wrong.push(Diagnostic::error("cells-disagree", headline).in_file(&parts[at].read.name));
                    }
                }
            }
        }
    }
    wrong.finish(parts).map(|(parts, _)| parts)
}

fn dimensions(parts: &[Part]) -> Result<Vec<Dimension>, Diagnostics> {
    let mut all: Vec<Dimension> = Vec::new();
    for own in parts.iter().flat_map(|part| &part.read.table.dimensions) {
        match all.iter_mut().find(|known| known.name == own.name) {
            Some(known) => *known = super::read::merged(known, own),
            None => all.push(own.clone()),
        }
    }
    all.iter().try_for_each(|dimension| dimension.heights().map(drop))?;
    Ok(all)
}

/// The common number of every contributor of a part: the same for equal names, another for each without.
fn numbers(part: &Part, names: &mut HashMap<String, u32>, next: &mut u32) -> HashMap<u32, u32> {
    let mut own = HashMap::new();
    for (at, name) in (0..).zip(&part.read.contributors).filter(|(_, name)| !name.is_empty()) {
        let number = names.len() as u32;
        own.insert(at, *names.entry(name.clone()).or_insert(number));
    }
    for (contributor, _) in part.read.table.cells.iter().flat_map(|cell| &cell.shares) {
        own.entry(*contributor).or_insert_with(|| {
            *next += 1;
            *next - 1
        });
    }
    own
}

struct Joined {
    dimensions: Vec<Dimension>,
    /// Of the table with the fewest.
    decimals: u32,
    at: HashMap<Vec<u32>, usize>,
    rows: Vec<(CellRow, Extra, bool)>,
}

impl Joined {
    fn find(&self, name: &str) -> usize {
        self.dimensions.iter().position(|dimension| dimension.name == name).unwrap_or_default()
    }

    /// Adds the cells of a part; their places.
    fn take(&mut self, part: &Part, contributors: &HashMap<u32, u32>, wrong: &mut Diagnostics) -> Vec<usize> {
        let own = &part.read.table.dimensions;
        let place: Vec<(usize, Vec<u32>)> = own
            .iter()
            .map(|own| {
                let at = self.find(&own.name);
                let index: HashMap<&str, u32> = self.dimensions[at].codes.iter().map(String::as_str).zip(0..).collect();
                (at, own.codes.iter().map(|code| index.get(code.as_str()).copied().unwrap_or(TOTAL)).collect())
            })
            .collect();
        let mut cells = Vec::new();
        let (mut disagree, mut lone) = (Vec::new(), 0);
        for (row, extra) in part.read.table.cells.iter().zip(&part.read.extras) {
            let mut codes = vec![TOTAL; self.dimensions.len()];
            for ((at, map), code) in place.iter().zip(&row.codes) {
                codes[*at] = map[*code as usize];
            }
            let mut row = row.clone();
            row.shares.iter_mut().for_each(|(contributor, _)| *contributor = contributors[contributor]);
            row.codes = codes;
            match self.at.get(&row.codes).copied() {
                Some(at) => {
                    if !self.meet(at, row, *extra, part) {
                        disagree.push(at);
                    }
                    cells.push(at);
                }
                None if part.rounded_to.is_some_and(|base| base > 1) => lone += 1,
                None => {
                    self.at.insert(row.codes.clone(), self.rows.len());
                    cells.push(self.rows.len());
                    row.declared = declared(&row, *extra, part.known);
                    self.rows.push((row, *extra, part.known && !extra.unknown && !extra.mark.is_withheld()));
                }
            }
        }
        if lone > 0 {
            let headline = format!("{lone} cells are known rounded only: their exact values are in no table to be protected");
            wrong.push(
                Diagnostic::error("evidence-missing", headline).in_file(&part.read.name).help("add the table that has them"),
            );
        }
        for at in disagree.iter().take(EXAMPLES) {
            let headline = format!("the cell has another value in another table ({} such cells)", disagree.len());
            let names: Vec<String> = self
                .dimensions
                .iter()
                .zip(&self.rows[*at].0.codes)
                .map(|(dimension, code)| match *code {
                    TOTAL => format!("{}=all", dimension.name),
                    code => format!("{}={}", dimension.name, dimension.codes[code as usize]),
                })
                .collect();
            wrong.push(
                Diagnostic::error("cells-disagree", headline)
                    .at(Place::Cell { table: part.read.name.clone(), cell: names.join(", ") }),
            );
        }
        cells
    }

    /// A cell that another table has too; whether they agree.
    fn meet(&mut self, at: usize, row: CellRow, extra: Extra, part: &Part) -> bool {
        let (known, known_extra, is_known) = &mut self.rows[at];
        if extra.unknown {
            known.declared = known.declared.max(declared(&row, extra, part.known));
            return true;
        }
        // Values of two tables may differ by the rounding of the coarser one.
        let printed = if part.read.table.whole { 0 } else { 10i128.pow(4 - self.decimals.min(4)) / 2 };
        let rounding = part.rounded_to.map_or(0, |base| super::rulings::half(base, part.read.table.whole)).max(printed);
        let agree = known_extra.unknown || (known.stats.total - row.stats.total).abs() <= rounding;
        if known_extra.unknown {
            (known.stats, known_extra.unknown) = (row.stats, false);
        }
        known.declared = known.declared.max(declared(&row, extra, part.known));
        *is_known |= part.known && !extra.mark.is_withheld();
        known_extra.mark = known_extra.mark.max(extra.mark);
        known_extra.computed &= extra.computed;
        known_extra.level = known_extra.level.or(extra.level);
        if known.shares.len() < row.shares.len() {
            known.shares = row.shares;
        }
        if !part.known {
            known.stats.largest.iter_mut().zip(row.stats.largest).for_each(|(own, other)| *own = (*own).max(other));
            known.stats.units = known.stats.units.max(row.stats.units);
            known.stats.contributors = known.stats.contributors.max(row.stats.contributors);
        }
        agree
    }

    fn finish(self, parts: Vec<Part>, members: Vec<(String, Vec<usize>, Vec<usize>)>) -> Linked {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by(|a, b| self.rows[*a].0.codes.cmp(&self.rows[*b].0.codes));
        let mut place = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, from)| place[*from] = to);
        let mut rows: Vec<Option<(CellRow, Extra, bool)>> = self.rows.into_iter().map(Some).collect();
        let sorted: Vec<(CellRow, Extra, bool)> = order.iter().filter_map(|at| rows[*at].take()).collect();
        let own = || parts.iter().filter(|part| !part.known).map(|part| &part.read);
        let first = &parts[0].read.table;
        let table = CellTable {
            measure: first.measure.clone(),
            nonnegative: parts.iter().all(|part| part.read.table.nonnegative),
            whole: first.whole,
            largest_known: own().map(|read| read.table.largest_known).min().unwrap_or(0),
            cells: sorted.iter().map(|(row, ..)| row.clone()).collect(),
            dimensions: self.dimensions,
        };
        let missing = table.dimensions.iter().map(|dimension| missing(dimension, &parts)).collect();
        let members = members.into_iter().zip(&parts).filter(|(_, part)| !part.known).map(|((name, dimensions, cells), _)| {
            let mut cells: Vec<usize> = cells.into_iter().map(|cell| place[cell]).collect();
            cells.sort_unstable();
            cells.dedup();
            Member { name, dimensions, cells }
        });
        Linked {
            members: members.collect(),
            extras: sorted.iter().map(|(_, extra, _)| *extra).collect(),
            known: sorted.iter().map(|(.., known)| *known).collect(),
            singly: None,
            counted: own().all(|read| read.counted),
            absolute_known: own().all(|read| read.absolute_known),
            decimals: own().map(|read| read.decimals).max().unwrap_or(0),
            missing,
            findings: parts.iter().flat_map(|part| part.read.findings.clone()).collect(),
            table,
        }
    }
}

/// Cells of a table that is only known are shown, or withheld, as they are there.
fn declared(row: &CellRow, extra: Extra, known: bool) -> Declared {
    match (known, extra.mark) {
        (true, mark) if mark.is_withheld() || extra.unknown => Declared::Withheld,
        (true, Mark::Nothing | Mark::Safe | Mark::Shown | Mark::Empty) => Declared::Shown,
        _ => row.declared,
    }
}

fn missing(dimension: &Dimension, parts: &[Part]) -> Vec<u32> {
    let mut codes: BTreeMap<u32, ()> = BTreeMap::new();
    for read in parts.iter().map(|part| &part.read) {
        let Some(at) = read.table.dimensions.iter().position(|own| own.name == dimension.name) else { continue };
        for code in &read.missing[at] {
            codes.extend(dimension.find(&read.table.dimensions[at].codes[*code as usize]).map(|code| (code, ())));
        }
    }
    codes.into_keys().collect()
}

/// Reads what is known beforehand of the cells of a table.
///
/// # Errors
/// `bad-value` for lines that are none, `unknown-code` for cells that the table does not have.
pub fn apriori(read: &mut ReadTable, path: &Path, separator: Option<char>) -> Result<(), Diagnostics> {
    use super::argus::apriori::{Known, parse};
    use crate::disclosure::rules::Level;
    let text = crate::registers::texts::text(path)?;
    let lines = parse(&text, separator, read.table.dimensions.len()).map_err(|wrong| super::read::in_file(wrong, path))?;
    let index = read.table.index();
    let mut wrong = Diagnostics::default();
    for line in lines {
        let code = |(dimension, text): (&Dimension, &String)| match super::read::is_usual_total(text) {
            true => Some(TOTAL),
            false => dimension.find(text),
        };
        let codes: Option<Vec<u32>> = read.table.dimensions.iter().zip(&line.codes).map(code).collect();
        let Some(at) = codes.and_then(|codes| index.get(&codes).copied()) else {
            let headline = format!("line {}: the table has no such cell", line.number);
            wrong.push(Diagnostic::error("unknown-code", headline).in_file(path));
            continue;
        };
        let (cell, extra) = (&mut read.table.cells[at], &mut read.extras[at]);
        match line.known {
            Known::Safe => extra.mark = Mark::Safe,
            Known::Unsafe => (extra.mark, cell.declared) = (Mark::Unsafe, Declared::Withheld),
            Known::Protected => (extra.mark, cell.declared) = (Mark::Shown, Declared::Shown),
            Known::Cost(cost) => cell.cost = Some(cost.max(1.0)),
            Known::Levels(lower, upper) => extra.level = Some(Level { lower: i128::from(lower), upper: i128::from(upper) }),
        }
    }
    wrong.finish(()).map(drop)
}
