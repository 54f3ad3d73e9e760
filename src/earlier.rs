//! Earlier releases over the same units: their tables are made once more beside those of the run, so that all of it is protected together.
//!
//! A release tells what its tables are tables of, and not which units it was made of. So its tables are put in terms of the plan, and
//! what they print is held against what they print now: only where that is the same are they tables of the units at hand.

use std::collections::BTreeMap;

use num_rational::BigRational;
use num_traits::ToPrimitive;

use crate::amount::SCALE;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::profile::Profile;
use crate::disclosure::safe::State;
use crate::language::Text;
use crate::release::definition::{
    Class, Definition, DimensionDefinition, Kind, TableDefinition, dimension_definition, indicator_definition,
};
use crate::released::{self, Finished};
use crate::spec::plan::{ClassSet, Dimension, Filter, IndicatorUse, NumberClass, OutlierUse, Plan, Section, Show, TablePlan};
use crate::tables::atoms::INDICATORS;
use crate::tables::define;
use crate::tables::set::{Earlier, Printed, Row, Split, Table, TableSet};

/// The earlier releases of a plan.
pub struct Known {
    releases: Vec<Finished>,
    /// The plan with the tables of the releases after its own.
    pub plan: Plan,
    own: usize,
    /// Name and version of its disclosure profile.
    profile: String,
}

/// A release that was taken into account, for the vault.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Reference {
    /// As the pipeline file names it.
    pub release: String,
    pub study: String,
    /// BLAKE3 of its manifest.
    pub hash: String,
    pub tables: usize,
}

impl Known {
    /// Reads the releases that the plan names and puts their tables in its terms.
    ///
    /// # Errors
    /// What is wrong with a release; `earlier-differs` where it was made with other choices than the plan or under another profile,
    /// `earlier-missing` where it was protected together with one that is not named; `conflict` for too many indicators.
    pub fn of(plan: &Plan) -> Result<Self, Diagnostics> {
        let profile = Profile::named(&plan.profile)?;
        let profile = format!("{} {}", profile.name(), profile.version());
        let mut known = Self { releases: Vec::new(), plan: plan.clone(), own: plan.tables.len(), profile };
        let mut wrong = Diagnostics::default();
        for named in &plan.earlier {
            match released::read(&named.name, &named.folder) {
                Ok(release) => wrong.0.extend(known.add(release).err().into_iter().flat_map(|found| found.0)),
                Err(found) => wrong.0.extend(found.0),
            }
        }
        wrong.0.extend(known.missing());
        if known.plan.indicators.len() > INDICATORS {
            let headline = format!("the tables use {} indicators, and {INDICATORS} is the most", known.plan.indicators.len());
            wrong.push(Diagnostic::error("conflict", headline).help("make two studies of it"));
        }
        wrong.finish(known).map(|(known, _)| known)
    }

    /// What a release was protected together with, a reader may have as well.
    fn missing(&self) -> Vec<Diagnostic> {
        let is_there = |hash: &String| self.releases.iter().any(|one| one.hash == *hash);
        let lacking = self.releases.iter().filter(|one| !one.manifest.earlier.iter().all(is_there));
        let finding = |release: &Finished| {
            let headline = "the release was protected together with an earlier one that is not named here";
            Diagnostic::error("earlier-missing", headline).in_file(&release.folder).help("name that one too, under `earlier`")
        };
        lacking.map(finding).collect()
    }

    /// The releases, for the vault and the manifest.
    pub fn references(&self) -> Vec<Reference> {
        let reference = |one: &Finished| Reference {
            release: one.name.clone(),
            study: one.manifest.study.clone(),
            hash: one.hash.clone(),
            tables: one.tables.len(),
        };
        self.releases.iter().map(reference).collect()
    }

    /// Sets the tables of the releases, which were made with those of the plan, apart, with what they print.
    ///
    /// # Errors
    /// `earlier-differs` where the rows of a table are others.
    pub fn part(&self, set: &mut TableSet) -> Result<(), Diagnostics> {
        let mut made = set.tables.split_off(self.own).into_iter();
        let mut wrong = Diagnostics::default();
        for release in &self.releases {
            let mut earlier = Earlier { release: release.name.clone(), tables: Vec::new(), printed: Vec::new() };
            for ((id, told), table) in release.tables.iter().zip(&mut made) {
                match printed(told, &table) {
                    Some(printed) => {
                        earlier.printed.push(printed);
                        earlier.tables.push(table);
                    }
                    None => wrong.push(differs(release, format!("the table `{id}` would have other rows here"))),
                }
            }
            set.earlier.push(earlier);
        }
        wrong.finish(()).map(drop)
    }

    fn add(&mut self, release: Finished) -> Result<(), Diagnostics> {
        let definition = &release.definition;
        let mut wrong = Diagnostics::default();
        if release.manifest.profile.as_ref() != Some(&self.profile) {
            let headline = "it was made under another disclosure profile, whose rules a reader knows as well";
            wrong.push(differs(&release, headline.into()));
        }
        if self.releases.iter().any(|before| before.hash == release.hash) {
            wrong.push(Diagnostic::error("duplicate-name", "the release is named twice").in_file(&release.folder));
        }
        let own = Definition::of(&self.plan).choices;
        let keys = own.keys().chain(definition.choices.keys().filter(|key| !own.contains_key(*key)));
        for key in keys.filter(|key| own.get(*key) != definition.choices.get(*key)) {
            wrong.push(differs(&release, format!("it was made with another choice of `{key}`")));
        }
        let mut tables = Vec::new();
        for id in release.tables.keys() {
            match self.table(id, definition) {
                Ok(table) => tables.push(table),
                Err(headline) => wrong.push(differs(&release, headline)),
            }
        }
        wrong.finish(()).map(drop)?;
        self.plan.tables.extend(tables);
        self.releases.push(release);
        Ok(())
    }

    /// A table of a release in terms of the plan, or why that cannot be.
    fn table(&mut self, id: &str, of: &Definition) -> Result<TablePlan, String> {
        let table = of.tables.get(id).ok_or_else(|| format!("it does not tell what its table `{id}` is"))?;
        if let Some(year) = table.years.iter().chain(&table.base).find(|year| !self.plan.years.contains(year)) {
            return Err(format!("its table `{id}` is of {year}, which is no year of this study"));
        }
        let indicators = table.indicators.iter().map(|name| self.indicator(name, of)).collect::<Result<Vec<_>, _>>()?;
        let distributed = table.of.as_deref().map(|name| self.dimension(name, of)).transpose()?;
        let mut by = Vec::new();
        for (column, name) in &table.columns {
            let is_own = ["year", "indicator", "step", define::PART].contains(&column.as_str());
            if !is_own && table.of.as_ref() != Some(name) {
                by.push(self.dimension(name, of)?);
            }
        }
        let totals = table.totals.iter().map(|name| self.dimension(name, of)).collect::<Result<Vec<_>, _>>()?;
        let filters = table.r#where.iter().map(|(name, codes)| self.filter(name, codes, of)).collect::<Result<Vec<_>, _>>()?;
        Ok(TablePlan {
            id: id.to_owned(),
            title: Text::new(&table.title, None),
            section: Section::Reach,
            show: show(table, distributed).ok_or_else(|| format!("its table `{id}` lacks what it is of"))?,
            indicators,
            by,
            totals,
            filters,
            years: table.years.clone(),
            outliers: if table.outliers == "kept" { OutlierUse::Kept } else { OutlierUse::Removed },
            mark: false,
            importance: 1,
        })
    }

    /// The indicator of the plan; one that the plan could name and does not use is taken in.
    fn indicator(&mut self, name: &str, of: &Definition) -> Result<usize, String> {
        let same = |at: &IndicatorUse| at.name == name && of.indicators.get(name) == Some(&indicator_definition(at));
        if let Some(at) = self.plan.indicators.iter().position(same) {
            return Ok(at);
        }
        let spare = self.plan.spare.iter().find(|at| same(at)).cloned();
        let spare = spare.ok_or_else(|| format!("its indicator `{name}` cannot be computed here, or not in the same way"))?;
        self.plan.indicators.push(spare);
        Ok(self.plan.indicators.len() - 1)
    }

    fn dimension(&mut self, name: &str, of: &Definition) -> Result<Dimension, String> {
        let told = of.dimensions.get(name).ok_or_else(|| format!("it does not tell what `{name}` is"))?;
        let known = match (&told.variable, name) {
            (Some(variable), _) => return Ok(self.class_set(name, variable, told)),
            (None, "arm") => Dimension::Arm,
            (None, "group_level") => Dimension::GroupLevel,
            (None, _) => Dimension::Code(name.to_owned()),
        };
        let same = *told == dimension_definition(&self.plan, &known);
        same.then_some(known).ok_or_else(|| format!("its classes of `{name}` are not those of this study"))
    }

    /// The class set of the plan with these classes, or these as one more.
    fn class_set(&mut self, name: &str, variable: &str, told: &DimensionDefinition) -> Dimension {
        let count = self.plan.class_sets.len();
        let same = |at: &usize| {
            self.plan.class_sets[*at].name == name && *told == dimension_definition(&self.plan, &Dimension::Class(*at))
        };
        if let Some(at) = (0..count).find(same) {
            return Dimension::Class(at);
        }
        let class = |class: &Class| NumberClass {
            code: class.code.clone(),
            label: Text::same(&class.code),
            from: class.from.unwrap_or(i64::MIN),
            to: class.to,
        };
        self.plan.class_sets.push(ClassSet {
            name: name.to_owned(),
            title: Text::same(name),
            variable: variable.to_owned(),
            merges_into: None,
            classes: told.classes.iter().map(class).collect(),
        });
        Dimension::Class(count)
    }

    fn filter(&mut self, name: &str, codes: &[String], of: &Definition) -> Result<Filter, String> {
        let dimension = self.dimension(name, of)?;
        let known = define::codes(&self.plan, &dimension);
        let class = |code: &String| known.iter().position(|known| known == code).map(|at| at as u16);
        let classes: Option<Vec<u16>> = codes.iter().map(class).collect();
        let classes = classes.ok_or_else(|| format!("a class of `{name}` that it lets in is none"))?;
        Ok(Filter { dimension, classes })
    }
}

fn differs(release: &Finished, headline: String) -> Diagnostic {
    Diagnostic::error("earlier-differs", headline)
        .in_file(&release.folder)
        .help("an earlier release is protected together with this run only where both are made of the same units in the same way")
}

fn show(table: &TableDefinition, of: Option<Dimension>) -> Option<Show> {
    Some(match table.kind {
        Kind::Attrition => Show::Attrition,
        Kind::Count => Show::Count,
        Kind::Share => Show::Share(of?),
        Kind::Mean => Show::Mean,
        Kind::Index => Show::Index { base: table.base? },
        Kind::Decomposition => Show::Decomposition { of: of?, base: table.base? },
    })
}

/// What the release prints of every row of the table; `None` where it has other rows.
fn printed(told: &released::Table, table: &Table) -> Option<Vec<Printed>> {
    let of =
        |row: &released::Row| told.columns.iter().cloned().zip(row.key.iter().cloned()).collect::<BTreeMap<String, String>>();
    let by_key: BTreeMap<BTreeMap<String, String>, Printed> =
        told.rows.iter().map(|row| Some((of(row), figure(row)?))).collect::<Option<_>>()?;
    let exists = |row: &Row| row.split.as_ref().is_none_or(Split::exists);
    let found = |row: &Row| by_key.get(&row.key).map(|printed| if exists(row) { *printed } else { Printed::Nothing });
    let printed: Option<Vec<Printed>> = table.rows.iter().map(found).collect();
    printed.filter(|printed| printed.len() == told.rows.len() && by_key.len() == told.rows.len())
}

fn figure(row: &released::Row) -> Option<Printed> {
    let scaled = |value: &BigRational| (value * BigRational::from_integer(SCALE.into())).to_integer().to_i64();
    Some(match row.state {
        State::Value => Printed::Figure { value: scaled(row.value.as_ref()?)?, units: row.units },
        State::Zero => Printed::Zero,
        State::NotApplicable => Printed::Undefined,
        State::Suppressed | State::NotDelivered => Printed::Nothing,
    })
}
