//! Safe tables are all that a release can be made of: rounded values and neutral states, without contributions or reasons.

use std::collections::BTreeMap;

use crate::tables::set::{About, Presentation, Statistic};

/// What a reader of the release is told about a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The value stands there.
    Value,
    /// No unit is in the cell.
    Zero,
    /// Withheld; never why.
    Suppressed,
    /// The cell cannot exist.
    NotApplicable,
    /// The registers hold nothing for it.
    NotDelivered,
}

/// Tables that the audit has accepted. Only [`super::audit::audit`] makes one.
#[derive(Clone, Debug)]
pub struct SafeTables {
    about: About,
    tables: Vec<SafeTable>,
}

#[derive(Clone, Debug)]
pub struct SafeTable {
    pub id: String,
    pub title: String,
    pub statistic: Statistic,
    pub unit: String,
    pub decimals: u32,
    /// Names of the key columns, in order.
    pub columns: Vec<String>,
    pub mark: bool,
    pub presentation: Presentation,
    pub rows: Vec<SafeRow>,
}

#[derive(Clone, Debug)]
pub struct SafeRow {
    /// Column name to code; empty text stands for "all".
    pub key: BTreeMap<String, String>,
    pub state: State,
    /// Rounded to the decimals of the table; there only when the state is [`State::Value`] or [`State::Zero`].
    pub value: Option<String>,
    /// Number of units behind the value; there only when the state is [`State::Value`] or [`State::Zero`].
    pub units: Option<u64>,
}

impl SafeTables {
    pub(super) fn new(about: About, tables: Vec<SafeTable>) -> Self {
        Self { about, tables }
    }

    pub fn about(&self) -> &About {
        &self.about
    }

    pub fn tables(&self) -> &[SafeTable] {
        &self.tables
    }
}
