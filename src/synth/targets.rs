//! Targets are the published values that the synthetic registers must give back; they are data, read from a file.

#![allow(clippy::disallowed_methods, reason = "the targets file is read here")]

use std::path::Path;

use serde::Deserialize;

use crate::diagnostic::{Diagnostic, Diagnostics, Place};

/// Everything in a targets file. Arrays over years start in 2014, arrays over size classes run 0-9, 10-49, 50-249, 250+.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Targets {
    pub list: List,
    pub linked: Linked,
    pub group_level: GroupLevel,
    pub composition: Composition,
    pub turnover: Turnover,
    pub investments: Investments,
    pub outliers: Outliers,
}

/// The list of participants, in listings, unique numbers and numbers that no person has.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    pub listings: usize,
    pub numbers: usize,
    pub without_person: usize,
}

/// Business units that link, per year.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Linked {
    pub units: [usize; 6],
}

/// Per cent of the linked units whose enterprise group is larger, per year.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupLevel {
    pub more_persons: [u32; 6],
    pub higher_class: [u32; 6],
}

/// Composition of both arms in 2019.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Composition {
    pub participants: Participants,
    pub non_participants: NonParticipants,
}

/// Shares in per cent, mean persons of firms of 250 and more, mean ages in years.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Participants {
    pub industry: u32,
    pub ict: u32,
    pub trade: u32,
    pub age_six_or_more: u32,
    pub mean_persons_large: u32,
    pub mean_age_ict: f64,
    pub mean_age_trade: f64,
}

/// Shares in per cent, mean persons of firms of 250 and more.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NonParticipants {
    pub industry: u32,
    pub business_services: u32,
    pub age_six_or_more: u32,
    pub mean_persons_large: u32,
}

/// Turnover in euros, per person where the name says so.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turnover {
    pub mean_participants_2019: f64,
    pub per_person_industry: PerPersonIndustry,
    pub per_person_medium: PerPersonMedium,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerPersonIndustry {
    pub participants: EndYears,
    pub non_participants: EndYears,
}

/// By size class, in the first and the last year of the study.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndYears {
    #[serde(rename = "2014")]
    pub first: [f64; 4],
    #[serde(rename = "2019")]
    pub last: [f64; 4],
}

/// Firms of 50-249 persons in all sectors, in 2014 and 2019.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerPersonMedium {
    pub participants: [f64; 2],
    pub non_participants: [f64; 2],
}

/// Investment in euros per employed person.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Investments {
    pub participants: ByType,
    pub non_participants: ByType,
    pub communication_industry: CommunicationIndustry,
}

/// Per type and year, 2014-2018.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ByType {
    pub computers: [f64; 5],
    pub communication: [f64; 5],
    pub machines: [f64; 5],
    pub software: [f64; 5],
}

impl ByType {
    /// In the order of the columns of the register.
    pub fn of(&self, kind: usize) -> &[f64; 5] {
        [&self.computers, &self.communication, &self.machines, &self.software][kind]
    }
}

/// Communication equipment of participants in industry, by size class.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommunicationIndustry {
    #[serde(rename = "2014")]
    pub first: [Level; 4],
    #[serde(rename = "2018")]
    pub last: [Level; 4],
    /// Participants in the sample in a cell that is not published.
    pub sampled_in_stars: usize,
}

/// A mean, or `*` for a cell of too few units.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged, expecting = "a number, or \"*\" for a cell of too few units")]
pub enum Level {
    Mean(f64),
    Withheld(Star),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Star {
    #[serde(rename = "*")]
    Star,
}

/// Records that the outlier rule removes, counted as units.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outliers {
    pub turnover: usize,
    pub investments: usize,
}

/// A longer list of participants is taken for a mistake.
const LISTINGS_MAX: usize = 1_000_000;

const SHIPPED: &str = include_str!("../../pipelines/targets/smart-industry.toml");

impl Targets {
    /// The published values of the reference study.
    pub fn shipped() -> Result<Self, Diagnostics> {
        Self::parse(SHIPPED, Path::new("pipelines/targets/smart-industry.toml"))
    }

    /// Reads a targets file.
    ///
    /// # Errors
    /// `cannot-read`, `toml-syntax`, `unknown-key`, `missing-key`, `wrong-type`, `bad-targets`.
    pub fn read(path: &Path) -> Result<Self, Diagnostics> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&text, path),
            Err(error) => {
                Err(Diagnostic::error("cannot-read", format!("the targets file cannot be read: {error}")).in_file(path).into())
            }
        }
    }

    /// Reads the text of a targets file; `file` is named in findings.
    pub fn parse(text: &str, file: &Path) -> Result<Self, Diagnostics> {
        let targets: Targets = toml::from_str(text).map_err(|error| Diagnostics::from(syntax(&error, text, file)))?;
        let mut found = Diagnostics::default();
        targets.check(&mut |headline| found.push(Diagnostic::error("bad-targets", headline).in_file(file)));
        found.finish(targets).map(|(targets, _)| targets)
    }

    fn check(&self, wrong: &mut dyn FnMut(String)) {
        let List { listings, numbers, without_person } = self.list;
        if numbers > listings || without_person > numbers {
            wrong("the list has more unique numbers than listings, or more numbers without a person than numbers".into());
        }
        if self.linked.units.iter().any(|&units| units + without_person > numbers) {
            wrong("more units link than numbers on the list have a person".into());
        }
        if (0..6).any(|y| {
            self.group_level.higher_class[y] > self.group_level.more_persons[y] || self.group_level.more_persons[y] > 100
        }) {
            wrong("a group in a higher size class has more persons, so its share cannot be the larger one".into());
        }
        let here = &self.composition;
        let shares = here.participants.industry + here.participants.ict + here.participants.trade;
        if shares >= 100 || here.non_participants.industry + here.non_participants.business_services >= 100 {
            wrong("the shares of the sectors leave nothing for the other sectors".into());
        }
        if here.participants.age_six_or_more > 100 || here.non_participants.age_six_or_more > 100 {
            wrong("a share lies above 100 per cent".into());
        }
        if here.participants.mean_persons_large < 260 || here.non_participants.mean_persons_large < 260 {
            wrong("the mean number of persons of firms of 250 and more lies below 260".into());
        }
        if [here.participants.mean_age_ict, here.participants.mean_age_trade].iter().any(|age| !(0.0..=60.0).contains(age)) {
            wrong("a mean age lies outside 0 to 60 years".into());
        }
        if listings > LISTINGS_MAX {
            wrong(format!("the list has more than {LISTINGS_MAX} listings"));
        }
        if self.amounts().any(|amount| !amount.is_finite() || amount < 0.0) {
            wrong("an amount lies below zero".into());
        }
        if self.outliers.investments > 5 || self.outliers.turnover > 5 {
            wrong("at most 5 records can be planted for the outlier rule per indicator family".into());
        }
    }

    fn amounts(&self) -> impl Iterator<Item = f64> + '_ {
        let turnover = &self.turnover;
        let industry = [&turnover.per_person_industry.participants, &turnover.per_person_industry.non_participants];
        let medium = [turnover.per_person_medium.participants, turnover.per_person_medium.non_participants];
        let investments = [&self.investments.participants, &self.investments.non_participants];
        let levels = [&self.investments.communication_industry.first, &self.investments.communication_industry.last];
        std::iter::once(turnover.mean_participants_2019)
            .chain(industry.into_iter().flat_map(|years| years.first.into_iter().chain(years.last)))
            .chain(medium.into_iter().flatten())
            .chain(investments.into_iter().flat_map(|arm| (0..4).flat_map(|kind| *arm.of(kind))))
            .chain(levels.into_iter().flatten().map(|level| if let Level::Mean(mean) = level { *mean } else { 0.0 }))
    }
}

fn syntax(error: &toml::de::Error, text: &str, file: &Path) -> Diagnostic {
    let message = error.message().to_lowercase();
    let code = match message.as_str() {
        m if m.starts_with("unknown field") => "unknown-key",
        m if m.starts_with("missing field") => "missing-key",
        m if m.starts_with("invalid type") || m.starts_with("invalid length") || m.starts_with("a number, or") => "wrong-type",
        _ => "toml-syntax",
    };
    let headline = message.lines().next().unwrap_or_default().to_owned();
    let place = match error.span() {
        Some(span) => {
            let start = span.start.min(text.len());
            let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
            let line = text[begin..].lines().next().unwrap_or_default();
            Place::Text {
                file: file.into(),
                line: text[..begin].matches('\n').count() + 1,
                column: start - begin + 1,
                width: span.len().min(line.len().saturating_sub(start - begin)),
                text: line.to_owned(),
            }
        }
        None => Place::Data { file: file.into(), row: None, column: None },
    };
    Diagnostic::error(code, headline).at(place)
}
