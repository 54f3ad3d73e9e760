//! Investments of the units in the survey's sample: drawn with many zeros, then bent to the targets.

use std::collections::BTreeMap;

use super::calibrate::{self, Member};
use super::chance::{Chance, Purpose};
use super::links::Links;
use super::population::{SECTIONS, Unit, bad, class_of_five, class_of_four};
use super::targets::{Level, Targets};
use super::turnover::far_above;
use crate::diagnostic::Diagnostics;

/// Years with a survey.
pub const SURVEY_YEARS: usize = 5;
pub const TYPES: usize = 4;

/// A row of the survey: type by component, in whole euros.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    pub unit: u32,
    /// Units of the stratum per unit in the sample.
    pub weight: f64,
    pub amounts: [[i64; 3]; TYPES],
}

/// Log of the usual amount per person and the chance of none, by type, in a large firm.
const USUAL: [(f64, f64); TYPES] = [(6.3, 0.30), (5.0, 0.45), (8.0, 0.25), (6.6, 0.40)];
/// How much likelier none is, by class of five.
const NONE_BY_CLASS: [f64; 5] = [1.5, 1.35, 1.2, 1.0, 0.7];

/// The responses of every year of the survey, by unit.
///
/// # Errors
/// `bad-targets` when the sample has nobody in a group, or an overall mean leaves less than nothing for the rest.
pub fn draw(
    chance: &Chance,
    population: &[Unit],
    links: &Links,
    treated: usize,
    targets: &Targets,
) -> Result<Vec<Vec<Response>>, Diagnostics> {
    let outliers = &links.extreme[targets.outliers.turnover..];
    let mut years = Vec::new();
    for year in 0..SURVEY_YEARS {
        let sample = sample(chance, population, treated, year, outliers, targets);
        let mut totals: BTreeMap<u32, [i64; TYPES]> = sample.keys().map(|unit| (*unit, [0; TYPES])).collect();
        for kind in 0..TYPES {
            let survey = Survey { chance, population, treated, year, kind, outliers };
            survey.calibrate(&sample, targets, &mut totals)?;
        }
        years.push(sample.into_iter().map(|(unit, weight)| response(chance, unit, year, weight, totals[&unit])).collect());
    }
    Ok(years)
}

// --- the sample --------------------------------------------------------------------------------------------------------

/// Stratum: arm, industry or not, class of five (with 20 persons as a further cut).
fn stratum(unit: &Unit, treated: bool, year: usize) -> (bool, bool, usize) {
    let persons = unit.persons[year];
    let class = class_of_five(persons) * 2 + usize::from((20..50).contains(&persons));
    (treated, unit.industry(), class)
}

/// Units to take from a stratum of `size`.
fn wanted((treated, industry, class): (bool, bool, usize), size: usize) -> usize {
    let (rate, least) = match (treated, class) {
        (true, 0 | 2) => (0.45, 13),
        (true, 4 | 5) => (0.60, 13),
        (true, _) => (0.95, 14),
        (false, 0) => (0.008, 14),
        (false, 2) => (0.02, 14),
        (false, 4) => (0.20, 14),
        (false, 5) => (0.35, 14),
        (false, _) => (0.96, 20),
    };
    let least = if industry || treated { least } else { 3 * least };
    ((rate * size as f64).round() as usize).max(least.min(size))
}

/// Units in the sample with their design weight.
fn sample(
    chance: &Chance,
    population: &[Unit],
    treated: usize,
    year: usize,
    outliers: &[u32],
    targets: &Targets,
) -> BTreeMap<u32, f64> {
    let mut strata: BTreeMap<(bool, bool, usize), Vec<(f64, u32)>> = BTreeMap::new();
    for (at, unit) in population.iter().enumerate() {
        let inside = at < treated;
        // Units without persons hardly ever answer, and would count in no mean.
        let covered = inside || SECTIONS[usize::from(unit.section)].surveyed;
        if unit.lives(year) && covered && (unit.persons[year] > 0 || at % 97 == 0) {
            let mut draws = chance.stream(Purpose::Sample, (at * 8 + year) as u64);
            let rank = if outliers.contains(&(at as u32)) { 0.0 } else { draws.uniform() };
            strata.entry(stratum(unit, inside, year)).or_default().push((rank, at as u32));
        }
    }
    let star = star(targets, year);
    let mut sample = BTreeMap::new();
    for (key, mut units) in strata {
        units.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let starred = key.0 && key.1 && star[key.2 / 2 - usize::from(key.2 >= 2)];
        let forced = units.iter().filter(|(rank, _)| *rank == 0.0).count();
        let count = if starred { starred_part(targets, key.2) } else { wanted(key, units.len()) + forced };
        let weight = units.len() as f64 / count.clamp(1, units.len()) as f64;
        sample.extend(units.into_iter().take(count).map(|(_, unit)| (unit, weight)));
    }
    sample
}

/// What a stratum gives to a cell that is not published; the smaller two of the four classes have two strata each.
fn starred_part(targets: &Targets, class: usize) -> usize {
    let all = targets.investments.communication_industry.sampled_in_stars;
    match class {
        0 | 4 => all / 2,
        2 | 5 => all - all / 2,
        _ => all,
    }
}

/// Classes of four of industry whose level is not published in the year.
fn star(targets: &Targets, year: usize) -> [bool; 4] {
    match levels(targets, year) {
        Some(levels) => [0, 1, 2, 3].map(|class| matches!(levels[class], Level::Withheld(_))),
        None => [false; 4],
    }
}

fn levels(targets: &Targets, year: usize) -> Option<&[Level; 4]> {
    let communication = &targets.investments.communication_industry;
    match year {
        0 => Some(&communication.first),
        4 => Some(&communication.last),
        _ => None,
    }
}

// --- one type in one year ------------------------------------------------------------------------------------------------

struct Survey<'a> {
    chance: &'a Chance,
    population: &'a [Unit],
    treated: usize,
    year: usize,
    kind: usize,
    outliers: &'a [u32],
}

type Totals = BTreeMap<u32, [i64; TYPES]>;

impl Survey<'_> {
    fn calibrate(&self, sample: &BTreeMap<u32, f64>, targets: &Targets, totals: &mut Totals) -> Result<(), Diagnostics> {
        let arms = [&targets.investments.participants, &targets.investments.non_participants];
        for (arm, levels) in arms.into_iter().enumerate() {
            let mut members = self.members(sample, arm);
            calibrate::limit(&mut members, USUAL[self.kind].0.exp());
            let mut rest = levels.of(self.kind)[self.year] * members.len() as f64;
            if arm == 0 && self.kind == 1 {
                rest -= self.published_cells(&mut members, targets, totals)?;
            }
            self.set(&members, rest, totals, ["participants", "other units"][arm])?;
        }
        let planted: Vec<u32> =
            self.outliers.iter().copied().enumerate().filter(|(at, _)| self.plants(*at)).map(|(_, u)| u).collect();
        for &unit in self.outliers {
            if let (Some(total), Some(member)) = (totals.get_mut(&unit), self.member(unit)) {
                total[self.kind] = (member.ratio * f64::from(member.persons) * 0.5).round() as i64;
            }
        }
        for unit in planted {
            self.plant(unit, sample, totals);
        }
        Ok(())
    }

    /// Each planted record is extreme in one type and year of its own.
    fn plants(&self, at: usize) -> bool {
        const WHERE: [(usize, usize); 5] = [(1, 0), (2, 2), (4, 3), (3, 1), (1, 3)];
        WHERE[at % WHERE.len()] == (self.year, self.kind)
    }

    fn members(&self, sample: &BTreeMap<u32, f64>, arm: usize) -> Vec<Member> {
        let inside = |unit: &&u32| ((**unit as usize) < self.treated) == (arm == 0) && !self.outliers.contains(unit);
        sample.keys().filter(inside).filter_map(|unit| self.member(*unit)).collect()
    }

    fn member(&self, at: u32) -> Option<Member> {
        let unit = &self.population[at as usize];
        let persons = unit.persons[self.year];
        let class = class_of_five(persons);
        let mut draws = self.chance.stream(Purpose::Investment, ((at as usize * 8 + self.year) * TYPES + self.kind) as u64);
        let (usual, none) = USUAL[self.kind];
        let zero = draws.happens((none * NONE_BY_CLASS[class]).min(0.9));
        let ratio = (usual + 0.6 * f64::from(unit.effect) + 0.9 * draws.normal()).exp();
        let atom = (class + 5 * usize::from(unit.industry())) as u8;
        (persons > 0).then_some(Member { unit: at, persons, ratio: if zero { 0.0 } else { ratio }, atom })
    }

    /// Meets the levels of industry by class, takes those members out, and returns what their ratios add up to.
    fn published_cells(&self, members: &mut Vec<Member>, targets: &Targets, totals: &mut Totals) -> Result<f64, Diagnostics> {
        let mut sum = 0.0;
        let Some(levels) = levels(targets, self.year) else { return Ok(0.0) };
        for (class, level) in levels.iter().enumerate() {
            let Level::Mean(mean) = level else { continue };
            let inside =
                |member: &Member| self.population[member.unit as usize].industry() && class_of_four(member.persons) == class;
            let (cell, others): (Vec<Member>, Vec<Member>) = members.iter().partition(|member| inside(member));
            *members = others;
            sum += self.set(&cell, mean * cell.len() as f64, totals, "participants in industry")?;
        }
        Ok(sum)
    }

    fn set(&self, members: &[Member], total: f64, totals: &mut Totals, what: &str) -> Result<f64, Diagnostics> {
        let Some((amounts, _)) = calibrate::to_ratio_total(members, total) else {
            let kind = ["computers", "communication", "machines", "software"][self.kind];
            return Err(bad(format!("investment in {kind} of {what} in {} cannot be met", 2014 + self.year)));
        };
        for (member, amount) in members.iter().zip(&amounts) {
            if let Some(slot) = totals.get_mut(&member.unit) {
                slot[self.kind] = *amount;
            }
        }
        Ok(calibrate::ratio_total(members, &amounts))
    }

    fn plant(&self, unit: u32, sample: &BTreeMap<u32, f64>, totals: &mut Totals) {
        let logs: Vec<f64> = sample
            .keys()
            .filter(|at| (**at as usize) < self.treated && **at != unit && totals[*at][self.kind] > 0)
            .map(|at| totals[at][self.kind] as f64 / f64::from(self.population[*at as usize].persons[self.year].max(1)))
            .map(f64::ln)
            .collect();
        let persons = f64::from(self.population[unit as usize].persons[self.year]);
        if let Some(total) = totals.get_mut(&unit) {
            total[self.kind] = (far_above(logs) * persons).round() as i64;
        }
    }
}

/// Totals cut into new, second-hand and own account (for software: standard, custom and own account).
fn response(chance: &Chance, unit: u32, year: usize, weight: f64, totals: [i64; TYPES]) -> Response {
    let mut draws = chance.stream(Purpose::Investment, ((unit as usize * 8 + year) * TYPES) as u64 | (1 << 40));
    let amounts = std::array::from_fn(|kind| {
        let own = if draws.happens(0.35) { 0.5 * draws.uniform() } else { 0.0 };
        let second = if draws.happens(if kind == 3 { 0.6 } else { 0.25 }) { 0.6 * draws.uniform() } else { 0.0 };
        let own = (totals[kind] as f64 * own).floor() as i64;
        let second = ((totals[kind] - own) as f64 * second).floor() as i64;
        [totals[kind] - own - second, second, own]
    });
    Response { unit, weight, amounts }
}
