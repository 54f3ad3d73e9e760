//! A plan is what the program needs of a pipeline file: every name resolved, every default filled in.

use std::collections::BTreeMap;

use crate::indicators::Indicator;
use crate::language::Text;

/// The whole run, resolved.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Short name of the study, a file-name-safe slug.
    pub name: String,
    pub title: Text,
    /// What the figures are computed from, as a source line has it.
    pub data_source: Option<Text>,
    /// Ascending.
    pub years: Vec<i32>,
    pub input: Input,
    pub cohort: Cohort,
    pub measures: MeasureOptions,
    pub outliers: Option<Outliers>,
    /// Every classification of codes by the name of its variable (`sector`, `division`, …).
    pub classifications: BTreeMap<String, Classification>,
    /// Every class set, in a fixed order; a [`Dimension::Class`] points into it.
    pub class_sets: Vec<ClassSet>,
    /// The indicators that the tables show or the outlier rule looks at, in a fixed order.
    pub indicators: Vec<IndicatorUse>,
    /// Others that could be named.
    pub spare: Vec<IndicatorUse>,
    pub tables: Vec<TablePlan>,
    /// Name of the disclosure profile.
    pub profile: String,
    pub search: Search,
    /// Releases over the same units that a reader may have already.
    pub earlier: Vec<EarlierRelease>,
    /// The text of the pipeline file, for the audit record.
    pub source: String,
}

/// A release of an earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierRelease {
    /// As the pipeline file names it.
    pub name: String,
    pub folder: std::path::PathBuf,
}

/// Where the units come from.
#[derive(Clone, Debug)]
pub enum Input {
    /// Participants linked through registers; logical register name to schema.
    Registers { schemas: BTreeMap<String, crate::spec::schema::Schema>, ties: Vec<TieRule> },
    /// One file with a row per unit and year.
    Panel { schema: crate::spec::schema::Schema },
}

/// A rule that decides between several business units of one person in one year.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TieRule {
    /// The combination that existed longest within the year, in days.
    LongestInYear,
    /// The combination whose unit has the most employed persons in the year.
    MostEmployedPersons,
    /// The smallest identifier, as text.
    SmallestId,
}

/// How the cells are found that are withheld beside the unsafe ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Search {
    /// The least cost where that is found without much effort, otherwise a low one.
    #[default]
    Auto,
    /// The least cost, proven, however long it takes.
    Exact,
    /// A low cost.
    Fast,
}

#[derive(Clone, Debug)]
pub struct Cohort {
    pub treated: Treated,
    pub classes: ClassYear,
    pub group_members: GroupMembers,
    pub panel: Panel,
}

/// Which units are treated; all others are controls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Treated {
    /// Units to which a number on the list of participants leads in the year.
    Linked,
    /// Units with a non-zero value in this column, in any year of the study (`ever`) or in the year itself.
    Column { column: String, ever: bool },
    /// No comparison: every unit is in one arm, `all`.
    Nobody,
}

/// The year whose classes a unit is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClassYear {
    Own,
    /// Units absent in the base year are left out of tables by class.
    Base(i32),
}

/// Units of an enterprise group that has a participant, among the controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GroupMembers {
    /// They stay among the controls.
    Keep,
    /// They are neither treated nor controls.
    LeaveOut,
}

/// Whether a unit must be there in every year of the study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Panel {
    /// Units of a year count in that year, whether or not they are there in the others.
    Unbalanced,
    /// Only units that are there in every year of the study.
    Balanced,
}

/// The open choices of the indicators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MeasureOptions {
    pub options: crate::indicators::Options,
    pub weights: Weights,
}

/// Whether group values use the design weight of the sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Weights {
    /// Every unit counts once.
    None,
    /// Indicators of a sampled register are weighted with its design weight.
    Design,
}

/// A treated unit with an extreme value whose group falls in a higher class is removed from that indicator for all years.
#[derive(Clone, Debug)]
pub struct Outliers {
    /// Indices into [`Plan::indicators`]: an extreme value in one indicator of a family removes the unit from all of it.
    pub families: Vec<Vec<usize>>,
    pub criterion: OutlierCriterion,
    /// Only units whose enterprise group falls in a higher class of `class_set`.
    pub require_higher_class: bool,
    /// Index into [`Plan::class_sets`].
    pub class_set: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub enum OutlierCriterion {
    /// |x - median| / (1.4826 · MAD) of the treated units of the year, on the log scale of positive values, above this.
    RobustZ { above: f64 },
    /// Above this quantile (0 to 1) of the treated units of the year.
    Quantile { above: f64 },
    /// Above this amount, in ten-thousandths of the unit of the indicator.
    Above { amount: i64 },
}

/// Codes with names, in order: one level of a classification file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// The variable: `sector`, `division`, …
    pub name: String,
    /// The classification that a column of codes refers to (`sbi2008`); several levels can share it.
    pub scheme: String,
    pub title: Text,
    pub classes: Vec<CodeClass>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeClass {
    pub code: String,
    pub label: Text,
    /// First two digits of the codes below it (SBI divisions of a section); empty when `code` itself stands in the data.
    pub divisions: Vec<u8>,
    /// What the codes on disk begin with; empty when every code of the divisions is one.
    pub codes: Vec<String>,
}

/// Classes of a whole number, such as employed persons or age in years.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassSet {
    /// `size.five`
    pub name: String,
    pub title: Text,
    /// The numeric variable it cuts: `persons` or `age`, or a measure of a panel.
    pub variable: String,
    /// The next set in the declared merge order, whose classes are made of whole classes of this one.
    pub merges_into: Option<String>,
    /// Ascending, without gaps.
    pub classes: Vec<NumberClass>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberClass {
    pub code: String,
    pub label: Text,
    /// Inclusive, in whole units of the variable.
    pub from: i64,
    /// Inclusive; `None` is without end.
    pub to: Option<i64>,
}

impl ClassSet {
    /// The class of a whole number of the variable; `None` below the first class.
    pub fn class_of(&self, value: i64) -> Option<u16> {
        let at = self.classes.partition_point(|class| class.from <= value);
        let class = self.classes.get(at.checked_sub(1)?)?;
        class.to.is_none_or(|to| value <= to).then_some((at - 1) as u16)
    }
}

/// An indicator as the run uses it.
#[derive(Clone, Debug)]
pub struct IndicatorUse {
    /// `turnover-per-person`, `investment-per-person.machines`, or the name that the pipeline declares.
    pub name: String,
    pub title: Text,
    /// What tells it from the other variants of its definition.
    pub variant: Option<Text>,
    /// `eur`, `eur per person`, `%`, `years`, `persons`
    pub unit: String,
    /// Decimals printed in a table.
    pub decimals: u32,
    /// No unit can have a negative value.
    pub nonnegative: bool,
    /// How the value is computed.
    pub definition: &'static Indicator,
    /// Canonical measure names that are summed above the line.
    pub numerator: Vec<String>,
    /// And below it.
    pub denominator: Vec<String>,
    /// The measures come from a sample with design weights.
    pub sampled: bool,
}

/// One table of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct TablePlan {
    pub id: String,
    pub title: Text,
    /// The part of the report in which the table stands.
    pub section: Section,
    pub show: Show,
    /// Indices into [`Plan::indicators`]; empty for counts and shares.
    pub indicators: Vec<usize>,
    /// The dimensions, in the order of the file; for a share without the dimension that is distributed.
    pub by: Vec<Dimension>,
    /// Dimensions of `by` that also get a row "all".
    pub totals: Vec<Dimension>,
    /// Units that do not meet every filter are not in the table.
    pub filters: Vec<Filter>,
    pub years: Vec<i32>,
    /// Whether the outliers are in.
    pub outliers: OutlierUse,
    /// Marks treated cells above or below the controls.
    pub mark: bool,
    /// Higher is kept rather than lower when a cell must be withheld to protect another; 1 unless declared.
    pub importance: u32,
}

/// A part of the report, in the order in which it is read.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// From the list of participants to units, and what the level of analysis does.
    Linkage,
    /// Which firms are reached.
    Reach,
    /// The groups beside one another in one year.
    Comparison,
    /// How the groups differed in the first year.
    Baseline,
    /// What happened over the years.
    Development,
    /// What is attributed to taking part.
    Effects,
}

impl Section {
    /// The name of the section in a pipeline file.
    pub fn name(self) -> &'static str {
        match self {
            Section::Linkage => "linkage",
            Section::Reach => "reach",
            Section::Comparison => "comparison",
            Section::Baseline => "baseline",
            Section::Development => "development",
            Section::Effects => "effects",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Show {
    /// From listings to linked units.
    Attrition,
    /// Number of units.
    Count,
    /// Units per class of this dimension, as per cent of the cell over all classes.
    Share(Dimension),
    /// The unweighted mean of firm-level values.
    Mean,
    /// The mean over that of the base year, times 100.
    Index { base: i32 },
    /// The change of the mean since the base year, split over the classes of `of`.
    Decomposition { of: Dimension, base: i32 },
}

impl Show {
    /// The dimension over whose classes units are distributed.
    pub fn of(&self) -> Option<&Dimension> {
        match self {
            Show::Share(of) | Show::Decomposition { of, .. } => Some(of),
            _ => None,
        }
    }

    /// The same over another dimension.
    pub fn over(&self, replace: impl FnOnce(&Dimension) -> Dimension) -> Show {
        match self {
            Show::Share(of) => Show::Share(replace(of)),
            Show::Decomposition { of, base } => Show::Decomposition { of: replace(of), base: *base },
            other => other.clone(),
        }
    }

    /// The year from which a change is told.
    pub fn base(&self) -> Option<i32> {
        match self {
            Show::Index { base } | Show::Decomposition { base, .. } => Some(*base),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutlierUse {
    Removed,
    Kept,
}

/// What a table is broken down by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dimension {
    Year,
    Arm,
    /// The classes of a classification: `sector`, `division`, or a code column of a panel.
    Code(String),
    /// Index into [`Plan::class_sets`].
    Class(usize),
    /// Whether the enterprise group of the unit has more employed persons, and whether it falls in a higher class of `size.five`.
    /// Two overlapping yes-classes, of which only the yes side is shown.
    GroupLevel,
}

/// The codes of the arm, by index: treated first.
pub const ARMS: [&str; 2] = ["participants", "non_participants"];

/// A dimension with the classes that are let in, by index of class; for the arm as in [`ARMS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    pub dimension: Dimension,
    pub classes: Vec<u16>,
}
