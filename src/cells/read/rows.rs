//! Every row a cell: its figures, what the rules look at, and what the file says of it.

use hashbrown::HashMap;

use super::marks::{Mark, SYMBOLS, mark, yes};
use super::roles::Roles;
use super::spanning::Spanning;
use super::{Columns, Extra, Names, ReadTable, Wish, complete, sort, stem};
use crate::amount::SCALE;
use crate::cells::argus::description::Description;
use crate::cells::table::{CellRow, CellTable, Declared};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::problem::SHARES;
use crate::disclosure::rules::Level;
use crate::registers::texts::{Numbers, Texts};
use crate::tables::set::{LARGEST, Stats};

/// Rows shown of one kind of fault in one column.
const EXAMPLES: usize = 5;

/// The numbers of a row by role.
struct Figures {
    numbers: Numbers,
    /// Places in `numbers`.
    value: Option<usize>,
    count: Option<usize>,
    largest: Vec<usize>,
    absolute: Option<usize>,
    cost: Option<usize>,
    lower: Option<usize>,
    upper: Option<usize>,
}

/// Makes the cells of a table.
///
/// # Errors
/// Everything wrong with its rows.
pub(super) fn cells(columns: &Columns, roles: &Roles, spanning: &Spanning, wish: &Wish) -> Result<ReadTable, Diagnostics> {
    let texts = &columns.texts;
    let (figures, findings) = figures(texts, roles, wish)?;
    let marks = marks(columns, roles, wish)?;
    let mut faults = RowFaults::default();
    let mut names = Names::default();
    let mut cells = Vec::with_capacity(texts.rows);
    let mut extras = Vec::with_capacity(texts.rows);
    let mut seen: HashMap<Vec<u32>, usize> = HashMap::new();
    for (row, mark) in marks.iter().copied().enumerate() {
        let codes = match spanning.codes(texts, row) {
            Ok(codes) => codes,
            Err(column) => {
                faults.add(row, column, "unknown-code", "the code has no place in its hierarchy");
                continue;
            }
        };
        if seen.insert(codes.clone(), row).is_some() {
            faults.add(row, roles.spanning[0], "key-not-unique", "the cell stands on an earlier row already");
            continue;
        }
        let (stats, unknown) = figures.stats(row, mark, roles, wish, &mut faults);
        let shares = shares(texts, roles, &figures, row, &mut names);
        let cost = figures.at(figures.cost, row).map(|cost| (cost as f64).max(1.0));
        let declared = match mark {
            Mark::Shown => Declared::Shown,
            mark if mark.is_withheld() => Declared::Withheld,
            _ => Declared::Nothing,
        };
        cells.push(CellRow { codes, stats, shares, cost, declared });
        extras.push(Extra { mark, level: figures.level(row), unknown, computed: false });
    }
    faults.finish(texts)?;
    let whole = roles.value.is_none();
    let nonnegative = !wish.signed && cells.iter().all(|cell| cell.stats.total >= 0);
    let measure = roles.value.or(roles.count).map(|at| texts.columns[at].name.clone()).unwrap_or_default();
    let largest_known = if roles.largest.len() > LARGEST { LARGEST } else { roles.largest.len() };
    let mut table = CellTable { measure, dimensions: spanning.dimensions(), nonnegative, whole, largest_known, cells };
    sort(&mut table, &mut extras);
    let missing = spanning.groups.iter().map(|group| group.missing.clone()).collect();
    let decimals = roles.value.map_or(0, |at| decimals(&texts.columns[at].texts));
    let name = stem(&texts.file);
    let mut read = ReadTable {
        name,
        table,
        extras,
        contributors: names.names,
        singly: None,
        coarser: spanning.coarser(texts),
        counted: roles.count.is_some(),
        absolute_known: nonnegative || roles.absolute.is_some(),
        decimals,
        missing,
        findings,
    };
    if !wish.finished {
        complete::complete(&mut read, &texts.file)?;
    }
    Ok(read)
}

/// Digits behind the decimal sign, at most four.
pub(super) fn decimals(texts: &[String]) -> u32 {
    let digits = |text: &String| text.rfind(['.', ',']).map_or(0, |at| text[at + 1..].len() as u32);
    texts.iter().map(digits).max().unwrap_or(0).min(4)
}

fn figures(texts: &Texts, roles: &Roles, wish: &Wish) -> Result<(Figures, Vec<Diagnostic>), Diagnostics> {
    let mut asked: Vec<usize> = Vec::new();
    let mut ask = |column: Option<usize>| {
        column.map(|column| {
            asked.push(column);
            asked.len() - 1
        })
    };
    let (value, count, absolute, cost) = (ask(roles.value), ask(roles.count), ask(roles.absolute), ask(roles.cost));
    let (lower, upper) = (ask(roles.lower), ask(roles.upper));
    let largest: Vec<usize> = roles.largest.iter().filter_map(|column| ask(Some(*column))).collect();
    let missing = |text: &str| SYMBOLS.contains(&text) || text == "-" || wish.symbols.iter().any(|symbol| symbol == text);
    let (numbers, findings) = texts.numbers(&asked, &missing)?;
    Ok((Figures { numbers, value, count, largest, absolute, cost, lower, upper }, findings))
}

impl Figures {
    fn at(&self, place: Option<usize>, row: usize) -> Option<i64> {
        place.and_then(|place| self.numbers[place][row])
    }

    fn level(&self, row: usize) -> Option<Level> {
        let (lower, upper) = (self.at(self.lower, row), self.at(self.upper, row));
        let level = Level { lower: i128::from(lower.unwrap_or(0)), upper: i128::from(upper.or(lower)?) };
        (level.upper > 0 || level.lower > 0).then_some(level)
    }

    /// What the rules look at, and whether the value is not there.
    fn stats(&self, row: usize, mark: Mark, roles: &Roles, wish: &Wish, faults: &mut RowFaults) -> (Stats, bool) {
        let main = roles.value.or(roles.count);
        let value = self.at(self.value.or(self.count), row).or((mark == Mark::Empty).then_some(0));
        let Some(value) = value else {
            if !wish.finished {
                faults.add(row, main.unwrap_or_default(), "bad-value", "the value of the cell is not there");
            }
            return (Stats::default(), true);
        };
        let count = self.count.map(|_| self.whole_number(row, mark, roles, wish, faults));
        let total = i128::from(value);
        if roles.value.is_none() {
            let units = count.unwrap_or(0);
            return (
                Stats { units, contributors: units, total: i128::from(units), absolute: i128::from(units), ..Stats::default() },
                false,
            );
        }
        let units = count.unwrap_or(u64::from(value != 0));
        let absolute = self.at(self.absolute, row).map_or(total.abs(), |absolute| i128::from(absolute).abs());
        let mut stats = Stats { units, contributors: count.unwrap_or(0), total, absolute, ..Stats::default() };
        for (slot, place) in stats.largest.iter_mut().zip(&self.largest) {
            *slot = self.at(Some(*place), row).map_or(0, i64::saturating_abs);
        }
        self.plausible(row, &stats, roles, faults);
        (stats, false)
    }

    fn whole_number(&self, row: usize, mark: Mark, roles: &Roles, wish: &Wish, faults: &mut RowFaults) -> u64 {
        let column = roles.count.unwrap_or_default();
        match self.at(self.count, row) {
            Some(count) if count >= 0 && count % SCALE == 0 => (count / SCALE) as u64,
            None if wish.finished || mark == Mark::Empty => 0,
            None => {
                faults.add(row, column, "bad-value", "the number of units is not there");
                0
            }
            Some(_) => {
                faults.add(row, column, "bad-value", "the number of units is no whole number from 0");
                0
            }
        }
    }

    /// Contributions descend and are no more than what they are contributions to.
    fn plausible(&self, row: usize, stats: &Stats, roles: &Roles, faults: &mut RowFaults) {
        let known = &stats.largest[..roles.largest.len().min(LARGEST)];
        if let Some(at) = known.windows(2).position(|pair| pair[0] < pair[1]) {
            faults.add(row, roles.largest[at + 1], "cells-disagree", "the contribution is larger than the one before it");
        }
        let sum: i128 = known.iter().map(|amount| i128::from(*amount)).sum();
        // Values are rounded, each by at most half of its last decimal.
        let tolerance = i128::from(SCALE) * (known.len() as i128 + 1) / 2;
        if let Some(last) = roles.largest.first().filter(|_| sum > stats.absolute + tolerance) {
            faults.add(
                row,
                *last,
                "cells-disagree",
                "the largest contributions are more than the total of absolute contributions",
            );
        }
        if let Some(count) = roles.count.filter(|_| stats.units == 0 && stats.absolute != 0) {
            faults.add(row, count, "cells-disagree", "the cell has a value and no unit");
        }
    }
}

fn shares(texts: &Texts, roles: &Roles, figures: &Figures, row: usize, names: &mut Names) -> Vec<(u32, i64)> {
    let mut shares: Vec<(u32, i64)> = Vec::new();
    for (column, place) in roles.contributors.iter().zip(&figures.largest) {
        let (name, amount) = (texts.columns[*column].get(row), figures.at(Some(*place), row));
        if let (false, Some(amount)) = (name.is_empty() || name == "NA", amount) {
            shares.push((names.number(name), amount.saturating_abs()));
        }
    }
    shares.truncate(SHARES.max(LARGEST));
    shares
}

/// What the columns of status, of primary and of suppressed cells say together.
fn marks(columns: &Columns, roles: &Roles, wish: &Wish) -> Result<Vec<Mark>, Diagnostics> {
    let texts = &columns.texts;
    let mut faults = RowFaults::default();
    let description = columns.description.as_ref().map(|(_, description)| description);
    let mut marks = vec![Mark::Nothing; texts.rows];
    for (row, slot) in marks.iter_mut().enumerate() {
        if let Some(status) = roles.status {
            match of_status(texts.columns[status].get(row), description) {
                Some(mark) => *slot = mark,
                None => faults.add(row, status, "bad-value", "the status is none that is known"),
            }
        }
        for (column, mark) in [(roles.suppressed, Mark::Withheld), (roles.primary, Mark::Unsafe)] {
            let Some(column) = column else { continue };
            match yes(texts.columns[column].get(row)) {
                Some(true) => *slot = mark,
                Some(false) => {}
                None => faults.add(row, column, "bad-value", "the field is neither true nor false"),
            }
        }
        let value = roles.value.or(roles.count);
        let symbol =
            |text: &str| (SYMBOLS.contains(&text) || wish.symbols.iter().any(|symbol| symbol == text)) && *slot == Mark::Nothing;
        if wish.finished && value.is_some_and(|column| symbol(texts.columns[column].get(row))) {
            *slot = Mark::Withheld;
        }
    }
    faults.finish(texts).map(|()| marks)
}

fn of_status(text: &str, description: Option<&Description>) -> Option<Mark> {
    let known = |own: &str| !own.is_empty() && own.eq_ignore_ascii_case(text);
    match description {
        Some(one) if known(&one.is_unsafe) => Some(Mark::Unsafe),
        Some(one) if known(&one.protect) => Some(Mark::Shown),
        Some(one) if known(&one.safe) => Some(Mark::Nothing),
        _ => mark(text),
    }
}

/// Faults by kind and column; the first rows are shown, the others counted.
#[derive(Default)]
pub(super) struct RowFaults {
    groups: Vec<(usize, &'static str, &'static str, Vec<usize>, usize)>,
}

impl RowFaults {
    pub fn add(&mut self, row: usize, column: usize, code: &'static str, headline: &'static str) {
        let found = self.groups.iter().position(|group| group.0 == column && group.2 == headline);
        let at = found.unwrap_or_else(|| {
            self.groups.push((column, code, headline, Vec::new(), 0));
            self.groups.len() - 1
        });
        self.groups[at].4 += 1;
        if self.groups[at].3.len() < EXAMPLES {
            self.groups[at].3.push(row);
        }
    }

    pub fn finish(self, texts: &Texts) -> Result<(), Diagnostics> {
        let mut wrong = Diagnostics::default();
        for (column, code, headline, rows, count) in self.groups {
            for row in &rows {
                let more = if count > rows.len() { format!(" ({count} such rows)") } else { String::new() };
                let place = texts.place(*row, &texts.columns[column].name);
                wrong.push(Diagnostic::error(code, format!("{headline}{more}")).at(place));
            }
        }
        wrong.finish(()).map(drop)
    }
}
