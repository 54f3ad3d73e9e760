//! A table of cells over spanning variables, made here or elsewhere: every cell with its codes, its value and what the rules look at.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::hierarchy::Hierarchy;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::tables::set::Stats;

/// Index of the total in the codes of every dimension.
pub const TOTAL: u32 = 0;

/// The cells of one measure. Linked tables over the same units are one table: a variable that a table lacks stands at its total.
#[derive(Clone, Debug)]
pub struct CellTable {
    pub measure: String,
    pub dimensions: Vec<Dimension>,
    /// No unit has a negative value.
    pub nonnegative: bool,
    /// A frequency table: values are numbers of units.
    pub whole: bool,
    /// How many of the largest contributions of a cell are known.
    pub largest_known: usize,
    pub cells: Vec<CellRow>,
}

/// A spanning variable: its codes, and which code is the sum of which. A code can be a part of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dimension {
    pub name: String,
    /// The total stands first.
    pub codes: Vec<String>,
    pub sums: Vec<Sum>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    pub whole: u32,
    pub parts: Vec<u32>,
}

/// A cell with units; cells that are not listed are empty, and known to be.
#[derive(Clone, Debug)]
pub struct CellRow {
    /// One per dimension.
    pub codes: Vec<u32>,
    /// Values in ten-thousandths of the unit of the measure; of a frequency table, numbers of units.
    pub stats: Stats,
    /// The largest absolute contributions with the number of their contributor, descending; empty where contributors are not known.
    pub shares: Vec<(u32, i64)>,
    /// Cost of withholding it where one is declared.
    pub cost: Option<f64>,
    pub declared: Declared,
}

/// What the maker of the table demands of a cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Declared {
    #[default]
    Nothing,
    /// It was published before, or must be.
    Shown,
    /// It must not be shown.
    Withheld,
}

/// One cell and the cells it is the sum of.
pub struct Relation {
    pub whole: usize,
    pub parts: Vec<usize>,
}

impl CellTable {
    /// Every sum of cells that the hierarchies of the dimensions give.
    pub fn relations(&self) -> Vec<Relation> {
        let index = self.index();
        let sums: Vec<HashMap<u32, Vec<&Sum>>> = self.dimensions.iter().map(Dimension::by_whole).collect();
        let mut relations = Vec::new();
        let mut codes = Vec::new();
        for (whole, cell) in self.cells.iter().enumerate() {
            for (at, code) in cell.codes.iter().enumerate() {
                for sum in sums[at].get(code).into_iter().flatten() {
                    codes.clone_from(&cell.codes);
                    let mut part = |code: &u32| {
                        codes[at] = *code;
                        index.get(&codes).copied()
                    };
                    let parts: Vec<usize> = sum.parts.iter().filter_map(&mut part).collect();
                    if !parts.is_empty() {
                        relations.push(Relation { whole, parts });
                    }
                }
            }
        }
        relations
    }

    /// Cells by their codes.
    pub fn index(&self) -> HashMap<Vec<u32>, usize> {
        self.cells.iter().enumerate().map(|(at, cell)| (cell.codes.clone(), at)).collect()
    }

    /// `region=North, size=all`.
    pub fn name(&self, cell: usize) -> String {
        let code = |(dimension, code): (&Dimension, &u32)| match *code {
            TOTAL => format!("{}=all", dimension.name),
            code => format!("{}={}", dimension.name, dimension.codes[code as usize]),
        };
        self.dimensions.iter().zip(&self.cells[cell].codes).map(code).collect::<Vec<_>>().join(", ")
    }
}

impl Dimension {
    /// A dimension with the total alone.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), codes: vec![String::new()], sums: Vec::new() }
    }

    /// Adds codes below the total that form one sum of it; those that are there are not added again.
    pub fn flat<'a>(name: &str, codes: impl IntoIterator<Item = &'a str>) -> Self {
        let mut dimension = Self::new(name);
        let parts = codes.into_iter().map(|code| dimension.code(code)).collect();
        dimension.sums.push(Sum { whole: TOTAL, parts });
        dimension
    }

    /// The number of a code, which is added when it is new.
    pub fn code(&mut self, code: &str) -> u32 {
        match self.find(code) {
            Some(found) => found,
            None => {
                self.codes.push(code.to_owned());
                self.codes.len() as u32 - 1
            }
        }
    }

    pub fn find(&self, code: &str) -> Option<u32> {
        self.codes.iter().position(|known| known == code).map(|at| at as u32)
    }

    /// Whether no code is a part of it.
    pub fn is_innermost(&self, code: u32) -> bool {
        !self.sums.iter().any(|sum| sum.whole == code)
    }

    /// The code and everything it is a part of, each once, ascending.
    pub fn above(&self, code: u32) -> Vec<u32> {
        let mut above = vec![code];
        let mut at = 0;
        while at < above.len() {
            let code = above[at];
            for sum in self.sums.iter().filter(|sum| sum.parts.contains(&code)) {
                if !above.contains(&sum.whole) {
                    above.push(sum.whole);
                }
            }
            at += 1;
        }
        above.sort_unstable();
        above
    }

    /// The codes of a hierarchy, each total the sum of what stands directly below it.
    pub fn nested(name: &str, hierarchy: &Hierarchy) -> Self {
        let codes = (0..hierarchy.len()).map(|code| hierarchy.name(code).to_owned()).collect();
        let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for code in 1..hierarchy.len() {
            parts.entry(hierarchy.parent(code) as u32).or_default().push(code as u32);
        }
        let sums = parts.into_iter().map(|(whole, parts)| Sum { whole, parts }).collect();
        Self { name: name.to_owned(), codes, sums }
    }

    fn by_whole(&self) -> HashMap<u32, Vec<&Sum>> {
        let mut by: HashMap<u32, Vec<&Sum>> = HashMap::new();
        self.sums.iter().for_each(|sum| by.entry(sum.whole).or_default().push(sum));
        by
    }

    /// For every code how many sums lie below it, one upon the other: more for a whole than for each of its parts.
    ///
    /// # Errors
    /// `bad-schema` for a code that is, by way of others, a part of itself.
    pub fn heights(&self) -> Result<Vec<usize>, Diagnostics> {
        let mut sums_of: Vec<Vec<&Sum>> = vec![Vec::new(); self.codes.len()];
        let (mut heights, mut waits_for) = (vec![0; self.codes.len()], vec![0; self.codes.len()]);
        for sum in &self.sums {
            waits_for[sum.whole as usize] += sum.parts.len();
            sum.parts.iter().for_each(|part| sums_of[*part as usize].push(sum));
        }
        let mut ready: Vec<usize> = (0..self.codes.len()).filter(|code| waits_for[*code] == 0).collect();
        while let Some(code) = ready.pop() {
            for whole in sums_of[code].iter().map(|sum| sum.whole as usize) {
                heights[whole] = heights[whole].max(heights[code] + 1);
                waits_for[whole] -= 1;
                if waits_for[whole] == 0 {
                    ready.push(whole);
                }
            }
        }
        let Some(mut code) = waits_for.iter().position(|waits| *waits > 0) else { return Ok(heights) };
        // What waits has a part that waits: after as many steps as there are codes the way goes in a circle.
        let waiting = |code: usize| {
            let parts = self.sums.iter().filter(|sum| sum.whole as usize == code).flat_map(|sum| &sum.parts);
            parts.map(|part| *part as usize).find(|part| waits_for[*part] > 0)
        };
        for _ in 0..self.codes.len() {
            code = waiting(code).unwrap_or(code);
        }
        let headline = format!("the code `{}` of `{}` is a part of itself", self.codes[code], self.name);
        Err(Diagnostic::error("bad-schema", headline).into())
    }
}
