//! The pipeline file as it is written: sections and keys, before any name in them has been looked up.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plan::{GroupMembers, Panel, Search, Section, TieRule, Weights};
use crate::indicators::{MissingQuarter, ZeroDenominator};

/// A study: who is compared with whom, on what, in which tables, and under which rules the tables may leave.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    /// What the study is called and which years it covers.
    pub study: Study,
    /// The registers that lead from participants to business units: for each one the name of its schema, or the path of a schema
    /// file beside the pipeline file. A study has either `[registers]` or `[panel]`.
    pub registers: Option<Registers>,
    /// One file with a row per unit and year, for a study without a list of participants.
    pub panel: Option<PanelFile>,
    /// Classifications of your own: name to path, relative to the pipeline file. They go before the shipped ones of the same name.
    #[serde(default)]
    pub classifications: BTreeMap<String, String>,
    /// How a number on the list of participants leads to one business unit per year.
    #[serde(default)]
    pub linkage: Linkage,
    /// Who is treated, who is a control, and in which class a unit stands.
    #[serde(default)]
    pub cohort: Cohort,
    /// The open choices behind the indicators.
    #[serde(default)]
    pub measures: Measures,
    /// Indicators of the study's own, over the measures of its schemas.
    #[serde(default)]
    pub indicator: Vec<DeclaredIndicator>,
    /// Which extreme values are left out. Without this section nothing is.
    pub outliers: Option<OutlierRule>,
    /// The rules under which a table may leave. Required: a run without rules is refused.
    pub disclosure: Disclosure,
    /// The tables of the study, in the order of the release.
    pub table: Vec<Table>,
}

/// What the study is called and which years it covers.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Study {
    /// Short name, used for files: lower-case letters, digits and hyphens.
    pub name: String,
    /// What the study is, in a line.
    pub title: String,
    /// The same in Dutch. With it the figures and the report are also made in Dutch, and every table needs a `title_nl` too.
    pub title_nl: Option<String>,
    /// What the figures are computed from, for the line with the source below each of them.
    pub source: Option<String>,
    /// The same in Dutch.
    pub source_nl: Option<String>,
    /// The years of the study.
    pub years: Years,
}

/// Years, as a range with both ends included or one by one.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Years {
    // First, since a struct can be read from a list too: `[2014, 2019]` is two years, not the range between them.
    Each(Vec<i32>),
    Range(YearRange),
}

/// From one year to another, both included.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct YearRange {
    /// The first year.
    pub from: i32,
    /// The last year.
    pub to: i32,
}

/// The registers, each with the name of its schema or the path of a schema file.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Registers {
    /// The list of participants: a row per listed chamber-of-commerce number, pseudonymised.
    pub participants: String,
    /// From the pseudonym of a number to a person.
    pub kvk_person: String,
    /// From a person to business units, with begin and end of each combination.
    pub person_unit: String,
    /// The business units of a year: sector, employed persons, founding date.
    pub business_units: String,
    /// From a business unit to its enterprise group. Without it every unit counts as a group of its own.
    pub unit_group: Option<String>,
    /// The enterprise groups of a year, with their employed persons. Without it a group has the sum over its units.
    pub groups: Option<String>,
    /// Turnover per business unit and quarter.
    pub turnover: Option<String>,
    /// Investments of the sampled business units of a year.
    pub investments: Option<String>,
}

/// One file with a row per unit and year.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelFile {
    /// Name of a schema, or the path of a schema file.
    pub schema: String,
}

/// How a number on the list of participants leads to one business unit per year.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Linkage {
    /// The rules that decide between several business units of one person in one year, tried in this order. What the last one
    /// leaves undecided is settled by the smallest identifier and reported as a tie.
    pub ties: Vec<TieRule>,
}

impl Default for Linkage {
    fn default() -> Self {
        Self { ties: vec![TieRule::LongestInYear, TieRule::MostEmployedPersons, TieRule::SmallestId] }
    }
}

/// Who is treated, who is a control, and in which class a unit stands.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Cohort {
    /// Who is treated; every other unit is a control. With `[registers]` it is `linked` unless declared, with `[panel]` `nobody`.
    pub treated: Option<Treated>,
    /// The year whose classes (size, sector, age) a unit is put in.
    pub classes: Classes,
    /// Units that belong to the enterprise group of a participant and are none themselves: kept among the controls, or left out.
    pub group_members: GroupMembers,
    /// Whether a unit must be there in every year of the study.
    pub panel: Panel,
}

impl Default for Cohort {
    fn default() -> Self {
        let classes = Classes::Named(NamedClasses::OwnYear);
        Self { treated: None, classes, group_members: GroupMembers::Keep, panel: Panel::Unbalanced }
    }
}

/// Who is treated.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Treated {
    Named(NamedTreated),
    Column(TreatedColumn),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NamedTreated {
    /// Every business unit to which a number on the list of participants leads, in each year in which it does.
    Linked,
    /// Nobody: the tables describe all units together and have no arms.
    Nobody,
}

/// Units are treated when a column of the panel is not zero.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TreatedColumn {
    /// A number column of the panel.
    pub column: String,
    /// Whether one year with a non-zero value makes the unit treated in all years.
    #[serde(default)]
    pub when: When,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// In all years, when the column is not zero in any year of the study.
    #[default]
    Ever,
    /// In the years in which the column is not zero.
    InYear,
}

/// The year whose classes a unit is put in.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Classes {
    Named(NamedClasses),
    Base(BaseYear),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NamedClasses {
    /// The classes of the year that a table shows.
    OwnYear,
}

/// The classes of one year, for all years; units that are absent in it are left out of tables by class.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BaseYear {
    /// A year of the study.
    pub base_year: i32,
}

/// The open choices behind the indicators.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Measures {
    /// What a missing quarter does to the turnover of the year.
    pub missing_quarter: MissingQuarter,
    /// What an amount per employed person is for a unit without employed persons. Such units are counted in the run report.
    pub zero_persons: ZeroDenominator,
    /// What any other ratio is when the amount below the line is zero, such as the own-account share of an investment of nothing.
    pub zero_denominator: ZeroDenominator,
    /// Whether group values of a sampled register use its design weight.
    pub weights: Weights,
}

impl Default for Measures {
    fn default() -> Self {
        Self {
            missing_quarter: MissingQuarter::MissingYear,
            zero_persons: ZeroDenominator::Missing,
            zero_denominator: ZeroDenominator::Missing,
            weights: Weights::None,
        }
    }
}

/// An indicator of the study's own.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredIndicator {
    /// The name by which tables show it: lower-case letters, digits and hyphens.
    pub name: String,
    /// What it is, in a line.
    pub title: String,
    /// The same in Dutch.
    pub title_nl: Option<String>,
    /// How it is made of measures.
    pub kind: IndicatorKind,
    /// Measures of a schema that are added up; for a ratio above the line.
    pub numerator: Vec<String>,
    /// Measures that are added up below the line of a ratio.
    #[serde(default)]
    pub denominator: Vec<String>,
    /// The unit of the value, as it is printed.
    pub unit: String,
    /// Decimals printed, 0 to 4.
    #[serde(default)]
    #[schemars(range(min = 0, max = 4))]
    pub decimals: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IndicatorKind {
    /// The sum of the measures in `numerator`, per unit.
    Measure,
    /// The sum of `numerator` over the sum of `denominator`, per unit; a group value is the mean of these ratios.
    Ratio,
}

/// Extreme values: a treated unit that meets the criterion is removed from that indicator, for all years.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutlierRule {
    /// Families of indicators; `name.*` stands for all variants. Each indicator is looked at for itself, and a unit that is extreme in
    /// one is removed from its whole family, in all years.
    pub families: Vec<Vec<String>>,
    /// When a value is extreme.
    pub criterion: Criterion,
    /// What must hold beside it.
    #[serde(default)]
    pub require: Require,
    /// The class set in which unit and enterprise group are compared.
    #[serde(default = "size_five")]
    pub class_set: String,
}

fn size_five() -> String {
    "size.five".to_owned()
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Require {
    /// The enterprise group of the unit falls in a higher class than the unit, so that the amounts may be the group's.
    #[default]
    GroupInHigherClass,
    /// Nothing: every extreme value goes.
    Nothing,
}

/// When a value is extreme.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "rule", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Criterion {
    /// The distance from the median of the treated units of the year, in robust standard deviations on the log scale of positive
    /// values, is above this.
    RobustZ {
        /// Robust standard deviations.
        above: f64,
    },
    /// The value lies above this quantile of the treated units of the year.
    Quantile {
        /// Between 0 and 1.
        above: f64,
    },
    /// The value lies above this amount.
    Above {
        /// In the unit of the indicator.
        amount: f64,
    },
}

/// The rules under which a table may leave.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// Name of the disclosure profile.
    pub profile: String,
    /// How the cells are found that are withheld beside the unsafe ones. Every one of them ends with tables that the audit accepts.
    #[serde(default)]
    pub method: Search,
    /// Earlier releases that hold tables of the same units: folders, relative to the pipeline file. Who reads this release may have them
    /// too, so that all are protected together; each must come out the same on the registers of this run.
    #[serde(default)]
    pub earlier: Vec<String>,
}

/// One table of the release.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Short name, unique, used for the file: lower-case letters, digits and hyphens.
    pub id: String,
    /// What the table shows, in a line.
    pub title: String,
    /// The same in Dutch.
    pub title_nl: Option<String>,
    /// The part of the report in which the table stands. Unless declared it follows from what the table shows: linkage, reach for a
    /// share, baseline for means of the first year of the study, comparison for those of another year, development for several years.
    pub section: Option<Section>,
    /// What stands in the cells.
    pub show: Statistic,
    /// For a share: the dimension over whose classes the units are distributed. For a decomposition: the one over whose classes the
    /// change is split, a classification or a class set.
    pub of: Option<String>,
    /// For a mean, an index or a decomposition: the indicators, each a row of its own; `name.*` stands for all variants.
    #[serde(default)]
    pub indicators: Vec<String>,
    /// What the table is broken down by: `year`, `arm`, a classification such as `sector`, or a class set such as `size.five`.
    #[serde(default)]
    pub by: Vec<String>,
    /// Those of `by` that also get a row "all".
    #[serde(default)]
    pub totals: Vec<String>,
    /// Only the units in these classes: dimension to list of codes.
    #[serde(default)]
    pub r#where: BTreeMap<String, Vec<String>>,
    /// The years shown; all years of the study unless declared.
    pub years: Option<Years>,
    /// For an index: the year that is 100. For a decomposition: the year from which the change is told, which has no rows of its own.
    pub base: Option<i32>,
    /// Whether units that the outlier rule removes are in. Unless declared they are removed, when the study has such a rule.
    pub outliers: Option<Outliers>,
    /// Whether treated cells are marked above or below the controls.
    pub mark: Option<Mark>,
    /// When a cell must be withheld to protect another, cells of more important tables are kept; 1 unless declared.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub importance: u32,
}

fn one() -> u32 {
    1
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Statistic {
    /// How many numbers of the list are left after each step of the linkage.
    Attrition,
    /// The number of units.
    Count,
    /// Units per class of the dimension in `of`, as per cent of all classes together.
    Share,
    /// The mean over units of the firm-level values: a mean of ratios, never a ratio of totals.
    Mean,
    /// The mean as per cent of the mean in the `base` year.
    Index,
    /// The change of the mean since the `base` year: what changed within the classes of `of`, what because firms are distributed over
    /// them otherwise, and what because other firms have a value.
    Decomposition,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outliers {
    /// Without the values that the outlier rule removes.
    Removed,
    /// With them.
    Kept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// Above or below the control cell of the same row.
    AgainstControls,
}
