//! A noise table (p-table) says how likely which noise is, by the size of what it is added to; it is read as τ-ARGUS and ptable write it.

use std::collections::BTreeMap;

use super::key::{Key, WHOLE, parts};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// How far probabilities may be off one in sum, and their mean off zero.
const TOLERANCE: f64 = 1e-6;

/// Rows in ascending order of the size; the last stands for every greater one.
#[derive(Clone, Debug, PartialEq)]
pub struct NoiseTable {
    rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    size: f64,
    steps: Vec<Step>,
}

/// Noise for keys from the end of the step before up to its own.
#[derive(Clone, Debug, PartialEq)]
struct Step {
    noise: f64,
    chance: f64,
    /// In parts of one.
    end: u64,
}

impl NoiseTable {
    /// Reads `i;j;p;v;p_ub` with a header: size, size with noise, probability, noise, and the sum of probabilities up to here.
    ///
    /// # Errors
    /// `bad-schema` with the line for what is no such table; `bad-schema` when probabilities do not add up to one, noise is biased, or
    /// a value could become negative.
    pub fn parse(text: &str) -> Result<Self, Diagnostics> {
        let mut lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
        let header = lines.next().map(|(_, line)| fields(line)).unwrap_or_default();
        let columns = Columns::of(&header)?;
        let mut rows: Vec<Row> = Vec::new();
        for (number, line) in lines {
            let (size, step) =
                columns.step(&fields(line)).ok_or_else(|| wrong(format!("line {} of a noise table", number + 1)))?;
            match rows.last_mut().filter(|row| row.size == size) {
                Some(row) => row.steps.push(step),
                None => rows.push(Row { size, steps: vec![step] }),
            }
        }
        Self { rows }.checked()
    }

    /// From the chances of every noise by size, ascending.
    pub(super) fn new(rows: &BTreeMap<u32, Vec<(i32, f64)>>) -> Result<Self, Diagnostics> {
        let row = |(size, chances): (&u32, &Vec<(i32, f64)>)| {
            let mut sum = 0.0;
            let last = chances.len().saturating_sub(1);
            let step = |(at, (noise, chance)): (usize, &(i32, f64))| {
                sum += chance;
                let end = if at == last { WHOLE } else { (sum * WHOLE as f64).round() as u64 };
                Step { noise: f64::from(*noise), chance: *chance, end }
            };
            Row { size: f64::from(*size), steps: chances.iter().enumerate().map(step).collect() }
        };
        Self { rows: rows.iter().map(row).collect() }.checked()
    }

    fn checked(self) -> Result<Self, Diagnostics> {
        let ascending = self.rows.windows(2).all(|pair| pair[0].size < pair[1].size);
        if self.rows.len() < 2 || !ascending || self.rows[0].size != 0.0 {
            return Err(wrong("the sizes of a noise table, which begin with 0 and ascend").into());
        }
        let mut wrong = Diagnostics::default();
        for row in &self.rows {
            if let Some(reason) = row.nonsense() {
                wrong.push(Diagnostic::error("bad-schema", format!("size {} of a noise table: {reason}", row.size)));
            }
        }
        wrong.finish(self).map(|(table, _)| table)
    }

    /// Whether sizes are 0, 1, 2 … and noise is whole, as it must be for numbers of units.
    pub fn is_for_counts(&self) -> bool {
        let sizes = self.rows.iter().enumerate().all(|(at, row)| row.size == at as f64);
        sizes && self.rows.iter().flat_map(|row| &row.steps).all(|step| step.noise.fract() == 0.0)
    }

    /// The noise of a number of units.
    pub fn noise_of_count(&self, count: i128, key: Key) -> i128 {
        self.row_of_count(count).noise(key) as i128
    }

    /// The numbers of units that can be published as this one: the least and the greatest.
    pub fn counts_behind(&self, published: i128) -> (i128, i128) {
        let (least, most) = self.reach();
        let possible = |count: &i128| self.row_of_count(*count).steps.iter().any(|step| count + step.noise as i128 == published);
        let mut behind = ((published - most as i128).max(0)..=published - least as i128).filter(possible);
        let first = behind.next().unwrap_or(published);
        (first, behind.next_back().unwrap_or(first))
    }

    /// The noise at a size between rows: that of both with the same key, in proportion (Handbook, section 5.4.5).
    pub fn noise_between(&self, size: f64, key: Key) -> f64 {
        let above = self.rows.partition_point(|row| row.size < size).min(self.rows.len() - 1);
        let (high, low) = (&self.rows[above], &self.rows[above.saturating_sub(1)]);
        if size >= high.size {
            return high.noise(key);
        }
        let share = (size - low.size) / (high.size - low.size);
        (1.0 - share) * low.noise(key) + share * high.noise(key)
    }

    /// The least and the greatest noise.
    pub fn reach(&self) -> (f64, f64) {
        let noise = || self.rows.iter().flat_map(|row| &row.steps).map(|step| step.noise);
        (noise().fold(0.0, f64::min), noise().fold(0.0, f64::max))
    }

    /// The variance of the noise of large sizes.
    pub fn variance(&self) -> f64 {
        self.rows.last().map_or(0.0, |row| row.steps.iter().map(|step| step.chance * step.noise * step.noise).sum())
    }

    /// Size, noise and chance of every step.
    pub fn steps(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        self.rows.iter().flat_map(|row| row.steps.iter().map(|step| (row.size, step.noise, step.chance)))
    }

    fn row_of_count(&self, count: i128) -> &Row {
        &self.rows[(count.max(0) as usize).min(self.rows.len() - 1)]
    }
}

impl Row {
    fn noise(&self, key: Key) -> f64 {
        let at = self.steps.partition_point(|step| step.end <= key.parts());
        self.steps.get(at).or(self.steps.last()).map_or(0.0, |step| step.noise)
    }

    fn nonsense(&self) -> Option<&'static str> {
        let chances: f64 = self.steps.iter().map(|step| step.chance).sum();
        let mean: f64 = self.steps.iter().map(|step| step.chance * step.noise).sum();
        let mut sum = 0.0;
        let summed = self.steps.iter().all(|step| {
            sum += step.chance;
            (sum - step.end as f64 / WHOLE as f64).abs() < TOLERANCE
        });
        if (chances - 1.0).abs() > TOLERANCE || self.steps.iter().any(|step| !(0.0..=1.0).contains(&step.chance)) {
            Some("probabilities do not add up to one")
        } else if !summed || self.steps.last().is_none_or(|step| step.end != WHOLE) {
            Some("the upper ends are not the sums of the probabilities")
        } else if mean.abs() > TOLERANCE {
            Some("the noise is biased: its mean is not zero")
        } else if self.steps.iter().any(|step| self.size + step.noise < -TOLERANCE) {
            Some("a value could become negative")
        } else {
            None
        }
    }
}

/// Where the columns stand.
struct Columns {
    size: usize,
    changed: usize,
    chance: usize,
    noise: usize,
    end: usize,
    kind: Option<usize>,
}

impl Columns {
    fn of(header: &[String]) -> Result<Self, Diagnostic> {
        let find = |names: &[&str]| header.iter().position(|name| names.contains(&name.as_str()));
        let need = |names: &[&str]| {
            find(names).ok_or_else(|| wrong(format!("the header of a noise table, which has no `{}`", names[0])))
        };
        Ok(Self {
            size: need(&["i"])?,
            changed: need(&["j"])?,
            chance: need(&["p", "p_ij"])?,
            noise: need(&["v"])?,
            end: need(&["p_int_ub", "p_ij_ub"])?,
            kind: find(&["type"]),
        })
    }

    /// Tables apart for even and odd sizes (`type` other than `all`) are not read.
    fn step(&self, fields: &[String]) -> Option<(f64, Step)> {
        let number = |at: usize| fields.get(at)?.parse::<f64>().ok().filter(|number| number.is_finite());
        let (size, changed, noise) = (number(self.size)?, number(self.changed)?, number(self.noise)?);
        let of_all = self.kind.is_none_or(|kind| fields.get(kind).is_some_and(|kind| kind == "all"));
        let agrees = (size + noise - changed).abs() < TOLERANCE;
        let step = Step { noise, chance: number(self.chance)?, end: parts(fields.get(self.end)?)? };
        (of_all && agrees).then_some((size, step))
    }
}

fn fields(line: &str) -> Vec<String> {
    line.trim().split(';').map(|field| field.trim().trim_matches('"').to_owned()).collect()
}

fn wrong(what: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error("bad-schema", format!("cannot read {what}"))
        .help("a noise table has the columns i, j, p, v, p_int_ub between semicolons, as the R package ptable writes them")
}
