//! The attacker's linear programs: how far a hidden set can lie from its true value, when everything published holds.

use highs::{Col, HighsModelStatus, HighsSolutionStatus, Model, RowProblem, Sense};

use super::view::{Target, View};
use super::{Certificate, Uncertainty};
use crate::disclosure::rules::Level;

/// How far the programs look, in steps of the scale; beyond it a value counts as unbounded.
const FAR: f64 = 1e6;
/// Nodes of a whole-number program; a limit on time would make the verdict depend on the machine.
const NODES_MAX: i32 = 2_000;
/// Part of a level that numerical error may take.
const SLACK: f64 = 1e-6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Knowledge {
    Values,
    ValuesAndRules,
}

pub(super) struct Attacker<'a> {
    view: &'a View,
    knowledge: Knowledge,
    scale: f64,
    ready: Option<Ready>,
    /// Tables that agree with everything published, as differences from the true one.
    found: Vec<Vec<f64>>,
    pub programs: usize,
}

/// A way to a whole table that gets as far as wanted.
type Search<'a> = fn(&mut Attacker<'a>, &Target, i32, i128, &[u32]) -> Option<Vec<f64>>;

/// How far a value can lie from the true one on one side; `None` is without bound.
#[derive(Clone, Copy)]
struct Reach {
    distance: Option<f64>,
    exact: bool,
}

/// A model with its objective and the columns held fixed.
struct Ready {
    model: Model,
    columns: Vec<Col>,
    objective: Vec<u32>,
    fixed: Vec<u32>,
}

impl<'a> Attacker<'a> {
    /// Tables that are offered are taken when they agree with what this attacker knows.
    pub fn new(view: &'a View, knowledge: Knowledge, offered: &[&Certificate]) -> Self {
        let mut attacker = Self { view, knowledge, scale: 0.0, ready: None, found: Vec::new(), programs: 0 };
        for certificate in offered {
            let mut table = vec![0.0; view.values.len()];
            for (atom, difference) in &certificate.differences {
                if let Some(column) = view.column_of.get(atom) {
                    table[*column as usize] += *difference as f64;
                }
            }
            if attacker.agrees(&table) {
                attacker.found.push(table);
            }
        }
        attacker
    }

    /// The interval of a withheld cell.
    pub fn interval(&mut self, target: &Target) -> Uncertainty {
        let level = target.level.unwrap_or_default();
        let ends = [(1, level.upper), (-1, level.lower)].map(|(sign, wanted)| self.furthest(target, sign, wanted, &[]));
        uncertainty(target, level, ends)
    }

    /// Follows each side only until the level is met, by tables that are already there where that is enough.
    pub fn as_far_as_the_level(&mut self, target: &Target) -> Uncertainty {
        let level = target.level.unwrap_or_default();
        let ends = [(1, level.upper), (-1, level.lower)].map(|(sign, wanted)| {
            let seen = self.seen(target, f64::from(sign), &[]);
            if seen >= wanted as f64 {
                Reach { distance: Some(seen), exact: false }
            } else {
                self.furthest(target, sign, wanted, &[])
            }
        });
        uncertainty(target, level, ends)
    }

    /// Whether an attacker who knows these columns too cannot exclude a value that far off.
    pub fn can_exceed(&mut self, target: &Target, sign: i32, wanted: i128, knows: &[u32]) -> bool {
        self.seen(target, f64::from(sign), knows) >= wanted as f64
            || self.furthest(target, sign, wanted, knows).distance.is_none_or(|reached| reached >= wanted as f64)
    }

    /// Whether more than one number of units is possible.
    pub fn leaves_a_choice(&mut self, target: &Target) -> bool {
        [1, -1].into_iter().any(|sign| self.can_exceed(target, sign, 1, &[]))
    }

    /// The furthest among the tables found so far that leave the known columns as they are.
    fn seen(&self, target: &Target, sign: f64, knows: &[u32]) -> f64 {
        let usable = self.found.iter().filter(|table| knows.iter().all(|column| table[*column as usize] == 0.0));
        let distance = |table: &Vec<f64>| sign * target.columns.iter().map(|column| table[*column as usize]).sum::<f64>();
        usable.map(distance).fold(0.0, f64::max)
    }

    /// The greatest distance from the true value; when it is the wanted one but for numerical error, the wanted one.
    fn furthest(&mut self, target: &Target, sign: i32, wanted: i128, knows: &[u32]) -> Reach {
        self.rescale(target, wanted);
        let Some(table) = self.solve(target, sign, knows) else { return Reach { distance: Some(0.0), exact: false } };
        let reached = distance(&table, target, sign);
        if reached >= FAR / 2.0 * self.scale {
            return Reach { distance: None, exact: true };
        }
        if !self.view.whole {
            self.found.push(table);
            let close = reached < wanted as f64 && reached >= wanted as f64 * (1.0 - SLACK);
            return Reach { distance: Some(if close { wanted as f64 } else { reached.max(0.0) }), exact: true };
        }
        if is_whole(&table) {
            self.found.push(table.iter().map(|x| x.round()).collect());
            return Reach { distance: Some(reached.round()), exact: true };
        }
        self.furthest_whole(target, sign, wanted, knows, (reached + SLACK).floor())
    }

    /// Whole numbers need not reach the end of the interval of fractions: `limit` is that end, and it is only asked whether they reach
    /// what is wanted. Where the search is cut off, the answer errs on the side of a finding.
    fn furthest_whole(&mut self, target: &Target, sign: i32, wanted: i128, knows: &[u32], limit: f64) -> Reach {
        let seen = self.seen(target, f64::from(sign), knows);
        if seen >= wanted as f64 {
            return Reach { distance: Some(seen), exact: seen >= limit };
        }
        if limit < wanted as f64 {
            return Reach { distance: Some(limit), exact: false };
        }
        let searches: [Search<'a>; 2] = [Self::small, Self::search];
        for search in searches {
            if let Some(table) = search(self, target, sign, wanted, knows).filter(|table| self.agrees(table)) {
                let reached = distance(&table, target, sign);
                self.found.push(table);
                if reached >= wanted as f64 {
                    return Reach { distance: Some(reached), exact: reached >= limit };
                }
            }
        }
        Reach { distance: Some(seen), exact: false }
    }

    /// A table that changes as little as it can to get as far as wanted, or a small multiple of it: often whole.
    fn small(&mut self, target: &Target, sign: i32, wanted: i128, knows: &[u32]) -> Option<Vec<f64>> {
        let table = self.sparse(target, sign, wanted, knows, false)?;
        [1.0, 2.0, 3.0, 4.0, 6.0].into_iter().find_map(|factor| {
            let multiple: Vec<f64> = table.iter().map(|x| x * factor).collect();
            let rounded: Vec<f64> = multiple.iter().map(|x| x.round()).collect();
            (is_whole(&multiple) && self.agrees(&rounded)).then_some(rounded)
        })
    }

    /// The same among whole numbers only.
    fn search(&mut self, target: &Target, sign: i32, wanted: i128, knows: &[u32]) -> Option<Vec<f64>> {
        let table = self.sparse(target, sign, wanted, knows, true)?;
        Some(table.iter().map(|x| x.round()).collect())
    }

    fn sparse(&mut self, target: &Target, sign: i32, wanted: i128, knows: &[u32], whole: bool) -> Option<Vec<f64>> {
        self.programs += 1;
        let mut problem = RowProblem::default();
        let changes: Vec<[Col; 2]> = (0..self.view.values.len() as u32)
            .map(|column| {
                let (low, high) = if knows.contains(&column) { (0.0, 0.0) } else { self.reach(column) };
                [high, -low].map(|far| {
                    if whole { problem.add_integer_column(1.0, 0.0..=far) } else { problem.add_column(1.0, 0.0..=far) }
                })
            })
            .collect();
        let terms = |set: &[u32], sign: f64| {
            let both = |column: &u32| [(changes[*column as usize][0], sign), (changes[*column as usize][1], -sign)];
            set.iter().flat_map(both).collect::<Vec<_>>()
        };
        self.rows().into_iter().for_each(|(low, high, set)| {
            problem.add_row(low..=high, terms(set, 1.0));
        });
        problem.add_row(wanted as f64.., terms(&target.columns, f64::from(sign)));
        let mut model = single(problem)?;
        model.try_set_option("presolve", "on").ok()?;
        model.try_set_option("mip_max_nodes", NODES_MAX).ok()?;
        model.try_set_option("mip_rel_gap", 1e9).ok()?;
        let solved = model.try_solve().ok()?;
        let feasible = solved.primal_solution_status() == HighsSolutionStatus::Feasible;
        let solution = solved.get_solution();
        feasible.then(|| changes.iter().map(|[up, down]| solution[*up] - solution[*down]).collect())
    }

    /// Whether a whole table agrees exactly with everything the attacker knows.
    fn agrees(&self, table: &[f64]) -> bool {
        let possible = |(x, value): (&f64, &i128)| x.fract() == 0.0 && (*x as i128) + value >= 0;
        let kept = |(low, high, set): (f64, f64, &[u32])| {
            (low..=high).contains(&set.iter().map(|column| table[*column as usize]).sum::<f64>())
        };
        table.iter().zip(&self.view.values).all(possible) && self.rows().into_iter().all(kept)
    }

    /// Least and greatest difference of everything the attacker knows.
    fn rows(&self) -> Vec<(f64, f64, &'a [u32])> {
        let view = self.view;
        let shown = view.shown.iter().map(|(_, set)| (0.0, 0.0, set.as_slice()));
        let ruled = view.targets.iter().filter(|_| self.knowledge == Knowledge::ValuesAndRules).filter_map(|target| {
            let (least, most) = target.bounds?;
            let high = most.map_or(f64::INFINITY, |most| (most - target.value) as f64);
            Some(((least - target.value) as f64, high, target.columns.as_slice()))
        });
        shown.chain(ruled).collect()
    }

    fn rescale(&mut self, target: &Target, wanted: i128) {
        let size = if wanted > 0 { wanted } else { (target.value.abs() / 8).max(1) };
        let power = if self.view.whole { 0 } else { (127 - size.leading_zeros() as i32) / 8 * 8 };
        if self.scale != 2f64.powi(power) {
            (self.scale, self.ready) = (2f64.powi(power), None);
        }
    }

    fn solve(&mut self, target: &Target, sign: i32, knows: &[u32]) -> Option<Vec<f64>> {
        let Ready { mut model, columns, objective, fixed } = match self.ready.take() {
            Some(ready) => ready,
            None => self.fresh()?,
        };
        for column in objective.iter().filter(|column| !target.columns.contains(column)) {
            model.change_column_cost(columns[*column as usize], 0.0);
        }
        for column in &target.columns {
            model.change_column_cost(columns[*column as usize], f64::from(-sign));
        }
        if fixed != knows {
            for column in &fixed {
                let (low, high) = self.reach(*column);
                model.change_column_bounds(columns[*column as usize], low..=high);
            }
            for column in knows {
                model.change_column_bounds(columns[*column as usize], 0.0..=0.0);
            }
        }
        self.programs += 1;
        let solved = model.try_solve().ok()?;
        if solved.status() != HighsModelStatus::Optimal {
            return None;
        }
        let solution = solved.get_solution();
        let table = (0..).zip(solution.columns()).map(|(at, x)| if knows.contains(&at) { 0.0 } else { x * self.scale }).collect();
        self.ready = Some(Ready { model: solved.into(), columns, objective: target.columns.clone(), fixed: knows.to_vec() });
        Some(table)
    }

    /// Least and greatest difference of a column, scaled.
    fn reach(&self, column: u32) -> (f64, f64) {
        let below = if self.view.nonnegative { self.view.values[column as usize] as f64 / self.scale } else { FAR };
        (-below.min(FAR), FAR)
    }

    fn fresh(&self) -> Option<Ready> {
        let mut problem = RowProblem::default();
        let columns: Vec<Col> = (0..self.view.values.len() as u32)
            .map(|column| {
                let (low, high) = self.reach(column);
                problem.add_column(0.0, low..=high)
            })
            .collect();
        for (low, high, set) in self.rows() {
            problem.add_row(low..=high, set.iter().map(|column| (columns[*column as usize], 1.0)).collect::<Vec<_>>());
        }
        let mut model = single(problem)?;
        model.try_set_option("presolve", "off").ok()?;
        Some(Ready { model, columns, objective: Vec::new(), fixed: Vec::new() })
    }
}

/// A model that stays on the thread that solves it.
fn single(problem: RowProblem) -> Option<Model> {
    let mut model = problem.try_optimise(Sense::Minimise).ok()?;
    model.try_set_option("threads", 1).ok()?;
    model.try_set_option("parallel", "off").ok()?;
    Some(model)
}

fn distance(table: &[f64], target: &Target, sign: i32) -> f64 {
    f64::from(sign) * target.columns.iter().map(|column| table[*column as usize]).sum::<f64>()
}

fn is_whole(table: &[f64]) -> bool {
    table.iter().all(|x| (x - x.round()).abs() < SLACK)
}

/// From the distances above and below the true value.
fn uncertainty(target: &Target, level: Level, [high, low]: [Reach; 2]) -> Uncertainty {
    let end = |reach: Reach, sign: i128| reach.distance.map(|distance| target.value + sign * distance.floor() as i128);
    Uncertainty { level, low: end(low, -1), high: end(high, 1), exact: low.exact && high.exact }
}
