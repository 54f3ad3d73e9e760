//! Pooled cells: from what each environment tells of a cell to bounds on the figure over all of them, with who told and who withheld.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::bounds::{Bounds, nearest};
use super::means::{self, Part};
use super::numbers::Numbers;
use super::sets::{Set, set};
use crate::disclosure::safe::State;
use crate::release::definition::{Kind, TableDefinition};
use crate::released::{Finished, Row};

#[derive(Clone, Debug)]
pub struct PooledTable {
    pub id: String,
    pub defined: TableDefinition,
    pub rows: Vec<PooledRow>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PooledRow {
    pub key: Vec<String>,
    pub state: PooledState,
    /// There in the states `value` and `zero`.
    pub value: Option<String>,
    /// The figure over all units lies between them; there in the states `value`, `zero` and `interval`.
    pub bounds: Bounds,
    /// A mean weighted with the numbers of units of the same cells; not a bound.
    pub estimate: Option<String>,
    /// Number of units behind the figure.
    pub units: Bounds,
    /// Environments whose figure is in it.
    pub told: Vec<String>,
    /// Environments that withhold theirs.
    pub withheld: Vec<String>,
}

/// What a reader is told about a pooled cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PooledState {
    Value,
    Zero,
    Interval,
    NotAvailable,
    NotApplicable,
    NotDelivered,
}

impl PooledState {
    pub const ALL: [(PooledState, &'static str); 6] = [
        (
            PooledState::Value,
            "no environment withholds its part, and the figure is known to within a unit of the last decimal: from `low` to `high`",
        ),
        (PooledState::Zero, "no unit is in the cell in any environment"),
        (
            PooledState::Interval,
            "the figure over all units lies from `low` to `high`; where one of them is empty, nothing is told on that side",
        ),
        (PooledState::NotAvailable, "the releases tell too little, mostly because an environment withholds its part"),
        (PooledState::NotApplicable, "the cell cannot exist in any environment"),
        (PooledState::NotDelivered, "no register of any environment holds anything for it"),
    ];

    pub fn name(self) -> &'static str {
        match self {
            PooledState::Value => "value",
            PooledState::Zero => "zero",
            PooledState::Interval => "interval",
            PooledState::NotAvailable => "not-available",
            PooledState::NotApplicable => "not-applicable",
            PooledState::NotDelivered => "not-delivered",
        }
    }
}

/// A mean by indicator, treatment of outliers and units.
type MeanOf = (String, String, Set);

struct Pooling<'a> {
    environments: &'a [Finished],
    numbers: Vec<Numbers>,
    means: BTreeMap<MeanOf, Bounds>,
}

/// The tables of the releases, which have been found to be the same ones, in the order of the first manifest.
pub fn tables(environments: &[Finished]) -> Vec<PooledTable> {
    let numbers = environments.iter().map(Numbers::of).collect();
    let mut pooling = Pooling { environments, numbers, means: BTreeMap::new() };
    let Some(first) = environments.first() else { return Vec::new() };
    let defined = |id: &str| first.definition.tables.get(id);
    // An index needs the pooled means, so it comes after them.
    let (indices, others): (Vec<String>, Vec<String>) =
        first.order().into_iter().partition(|id| defined(id).is_some_and(|table| table.kind == Kind::Index));
    let mut tables: Vec<PooledTable> = others.iter().filter_map(|id| Some(pooling.table(id, defined(id)?))).collect();
    tables.extend(indices.iter().filter_map(|id| Some(pooling.table(id, defined(id)?))).collect::<Vec<_>>());
    tables.sort_by_key(|table| first.order().iter().position(|id| *id == table.id));
    tables
}

impl Pooling<'_> {
    fn table(&mut self, id: &str, defined: &TableDefinition) -> PooledTable {
        let rows = self.environments.first().and_then(|first| first.tables.get(id)).map_or(0, |table| table.rows.len());
        let rows = (0..rows).filter_map(|at| self.row(id, defined, at)).collect();
        PooledTable { id: id.to_owned(), defined: defined.clone(), rows }
    }

    fn row(&mut self, id: &str, defined: &TableDefinition, at: usize) -> Option<PooledRow> {
        let rows: Vec<&Row> = self.environments.iter().map(|one| one.tables.get(id)?.rows.get(at)).collect::<Option<_>>()?;
        let key = rows.first()?.key.clone();
        let mut row = PooledRow {
            key,
            state: PooledState::NotAvailable,
            value: None,
            bounds: Bounds { low: None, high: None },
            estimate: None,
            units: Bounds { low: None, high: None },
            told: self.who(&rows, &[State::Value, State::Zero]),
            withheld: self.who(&rows, &[State::Suppressed]),
        };
        match defined.kind {
            Kind::Attrition | Kind::Count => self.count(id, at, &mut row),
            Kind::Share => self.share(id, at, &mut row),
            Kind::Mean => self.mean(defined, &rows, &mut row),
            Kind::Index => self.index(defined, &mut row),
            // Intervals of means and numbers of units would leave a change open on both sides.
            Kind::Decomposition => {}
        }
        settle(&mut row, &rows, defined);
        Some(row)
    }

    fn who(&self, rows: &[&Row], states: &[State]) -> Vec<String> {
        let of = self.environments.iter().zip(rows).filter(|(_, row)| states.contains(&row.state));
        of.map(|(environment, _)| environment.name.clone()).collect()
    }

    fn number(&self, id: &str, at: usize) -> Bounds {
        let rows = self.numbers.iter().map(|numbers| numbers.rows.get(id).and_then(|rows| rows.get(at)));
        Bounds::sum(&rows.map(|one| one.cloned().unwrap_or_else(Bounds::from_zero)).collect::<Vec<_>>())
    }

    fn count(&self, id: &str, at: usize, row: &mut PooledRow) {
        row.units = self.number(id, at);
        row.bounds = row.units.clone();
    }

    /// Units of a class over the units of all classes. Both are sums over environments of what each tells.
    fn share(&self, id: &str, at: usize, row: &mut PooledRow) {
        row.units = self.number(id, at);
        let wholes = self.numbers.iter().map(|numbers| numbers.wholes.get(id).and_then(|wholes| wholes.get(at)));
        let whole = Bounds::sum(&wholes.map(|one| one.cloned().unwrap_or_else(Bounds::from_zero)).collect::<Vec<_>>());
        let hundred = BigRational::from_integer(100.into());
        let over = |units: &Option<BigRational>, whole: &Option<BigRational>| {
            let (units, whole) = (units.as_ref()?, whole.as_ref().filter(|whole| whole.is_positive())?);
            Some((units * &hundred / whole).min(hundred.clone()))
        };
        let low = over(&row.units.low, &whole.high).unwrap_or_else(BigRational::zero);
        let high = over(&row.units.high, &whole.low).unwrap_or_else(|| hundred.clone());
        row.bounds = Bounds { low: Some(low), high: Some(high) };
    }

    /// Environments without a value have no units in a mean. One that withholds its mean may have any.
    fn mean(&mut self, defined: &TableDefinition, rows: &[&Row], row: &mut PooledRow) {
        let Some(set) = set(&self.environments[0].definition, defined, &row.key, None) else { return };
        let mut parts = Vec::new();
        let mut weights = Vec::new();
        for (one, numbers) in rows.iter().zip(&self.numbers) {
            let Some(value) = &one.value else { continue };
            let units = numbers.of.get(&set);
            let told = match (one.units, units) {
                (Some(units), _) => Bounds::exactly(super::bounds::whole(units)),
                (None, Some(units)) if !self.weighted(defined, &row.key) => means::at_most(units),
                _ => means::some(),
            };
            parts.push(Part { mean: Bounds::rounded(value.clone(), defined.decimals), units: told });
            weights.extend(units.map(|units| (value.clone(), units.clone())));
        }
        if rows.iter().any(|one| one.state == State::Suppressed) || parts.is_empty() {
            return;
        }
        row.units.high = Bounds::sum(parts.iter().map(|part| &part.units)).high;
        row.units.low = row.units.high.clone().filter(|_| rows.iter().all(|one| one.value.is_none() || one.units.is_some()));
        row.bounds = means::pooled(&parts);
        if weights.len() == parts.len() && parts.len() > 1 && !self.weighted(defined, &row.key) {
            row.estimate = means::estimate(&weights).map(|estimate| nearest(&estimate, defined.decimals));
        }
        let of = (indicator(defined, &row.key), defined.outliers.clone(), set);
        let known = self.means.get(&of).map(|known| known.both(&row.bounds));
        self.means.insert(of, known.unwrap_or_else(|| row.bounds.clone()));
    }

    /// Weights of a design are other numbers than those of units.
    fn weighted(&self, defined: &TableDefinition, key: &[String]) -> bool {
        let definition = &self.environments[0].definition;
        let sampled = definition.indicators.get(&indicator(defined, key)).is_none_or(|known| known.sampled);
        sampled && definition.choices.get("measures.weights").is_none_or(|weights| weights != "none")
    }

    /// The pooled mean over the pooled mean of the base year, where both are there; nothing follows from index numbers.
    fn index(&self, defined: &TableDefinition, row: &mut PooledRow) {
        let definition = &self.environments[0].definition;
        let (Some(base), Some(now)) = (defined.base, set(definition, defined, &row.key, None)) else { return };
        let mean = |set: Set| self.means.get(&(indicator(defined, &row.key), defined.outliers.clone(), set));
        let then = (base.to_string(), now.1.clone());
        let is_base = now == then;
        let (Some(now), Some(then)) = (mean(now), mean(then)) else { return };
        let hundred = BigRational::from_integer(100.into());
        let positive = then.low.as_ref().is_some_and(Signed::is_positive);
        let over = |now: &Option<BigRational>, small: &Option<BigRational>, large: &Option<BigRational>| {
            let now = now.as_ref()?;
            Some(now * &hundred / if now.is_negative() { small.as_ref()? } else { large.as_ref()? })
        };
        row.bounds = match () {
            () if !positive => return,
            () if is_base => Bounds::exactly(hundred),
            () => Bounds { low: over(&now.low, &then.low, &then.high), high: over(&now.high, &then.high, &then.low) },
        };
    }
}

fn indicator(defined: &TableDefinition, key: &[String]) -> String {
    let place = defined.columns.iter().position(|(_, dimension)| dimension == "indicator");
    place.and_then(|place| key.get(place)).cloned().unwrap_or_default()
}

/// The state of a row, and no figure beside a state that has none.
fn settle(row: &mut PooledRow, rows: &[&Row], defined: &TableDefinition) {
    let all = |state: State| rows.iter().all(|one| one.state == state);
    let counted = !matches!(defined.kind, Kind::Mean | Kind::Index | Kind::Decomposition);
    let low = row.bounds.low.as_ref().is_some_and(|low| low.is_positive() || !counted);
    let most = if defined.kind == Kind::Share { Some(BigRational::from_integer(100.into())) } else { None };
    let high = row.bounds.high.as_ref().is_some_and(|high| most.as_ref() != Some(high));
    row.state = match () {
        () if all(State::Zero) => PooledState::Zero,
        () if all(State::NotApplicable) => PooledState::NotApplicable,
        () if all(State::NotDelivered) || empty(rows) => PooledState::NotDelivered,
        () if row.withheld.is_empty() && row.bounds.is_a_value(defined.decimals) => PooledState::Value,
        () if low || high => PooledState::Interval,
        () => PooledState::NotAvailable,
    };
    match row.state {
        PooledState::Value => row.value = row.bounds.middle(defined.decimals),
        PooledState::Interval => {}
        PooledState::Zero if counted => {
            row.value = Some(nearest(&BigRational::zero(), defined.decimals));
            row.bounds = Bounds::exactly(BigRational::zero());
        }
        _ => row.bounds = Bounds { low: None, high: None },
    }
    if !matches!(row.state, PooledState::Value | PooledState::Interval) {
        row.estimate = None;
    }
}

/// Some environments have no units in the cell, and the others no register for it.
fn empty(rows: &[&Row]) -> bool {
    rows.iter().all(|one| matches!(one.state, State::Zero | State::NotDelivered))
}

/// What would make intervals narrower and is in none of the releases, in words.
pub fn lacking(environments: &[Finished], tables: &[PooledTable]) -> Vec<String> {
    let kind = |kind: Kind| tables.iter().any(|table| table.defined.kind == kind);
    let counted = |table: &&PooledTable| {
        environments.iter().all(|one| {
            one.tables.get(&table.id).is_some_and(|table| table.rows.iter().all(|row| row.value.is_none() || row.units.is_some()))
        })
    };
    let means = tables.iter().filter(|table| table.defined.kind == Kind::Mean).any(|table| !counted(&table));
    let mut lacking = Vec::new();
    if means {
        lacking.push(
            "the releases tell no numbers of units beside means, so a pooled mean is an interval from the lowest to the highest"
                .to_owned(),
        );
    }
    let without = |table: &&PooledTable| {
        table.defined.kind == Kind::Index && table.rows.iter().all(|row| row.state == PooledState::NotAvailable)
    };
    if kind(Kind::Index) && tables.iter().any(|table| without(&table)) {
        lacking.push("some index tables have no table of means that they could be computed from".to_owned());
    }
    lacking
}

/// The number of units that a row tells: exactly, at least, at most.
pub fn units(row: &PooledRow) -> [String; 3] {
    let text = |number: Option<&BigRational>| number.map(|number| nearest(number, 0)).unwrap_or_default();
    match row.units.exact() {
        Some(exact) => [text(Some(exact)), text(Some(exact)), text(Some(exact))],
        None => {
            let low = row.units.low.as_ref().filter(|low| **low >= BigRational::one());
            [String::new(), text(low), text(row.units.high.as_ref())]
        }
    }
}
