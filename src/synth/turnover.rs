//! Turnover of every unit and year: drawn lognormal per person with a lasting firm effect, then bent to the targets.

use std::collections::BTreeMap;

use super::calibrate::{self, Member};
use super::chance::{Chance, Draws, Purpose};
use super::links::Links;
use super::population::{SECTIONS, Unit, YEARS, bad, class_of_five, class_of_four};
use super::targets::Targets;
use crate::diagnostic::Diagnostics;

/// Quarterly turnover of one unit and year; `None` for a quarter that is missing, and whether its row is there.
pub struct Quarters {
    pub omzet: [Option<i64>; 4],
    pub row: [bool; 4],
}

/// Calibrated turnover, ready to be asked for unit by unit.
pub struct Turnover<'a> {
    chance: &'a Chance,
    population: &'a [Unit],
    treated: usize,
    /// Factor per arm, group and year.
    factors: [[[f64; YEARS]; GROUPS]; 2],
    /// Amounts that were calibrated one by one.
    fixed: Vec<BTreeMap<u32, i64>>,
}

/// Industry in four classes, medium-sized firms elsewhere, and everything else.
const GROUPS: usize = 6;
const MEDIUM: usize = 4;
const OTHER: usize = 5;
const ENDS: [usize; 2] = [0, YEARS - 1];

fn group(unit: &Unit, year: usize) -> usize {
    let class = class_of_four(unit.persons[year]);
    match (unit.industry(), class) {
        (true, class) => class,
        (false, 2) => MEDIUM,
        _ => OTHER,
    }
}

/// What is drawn for a unit and year before any calibration.
struct Drawn {
    per_person: f64,
    /// Quarters that are missing: none, one, or the year.
    gap: Gap,
    draws: Draws,
}

#[derive(Clone, Copy, PartialEq)]
enum Gap {
    None,
    Quarter,
    Year,
}

fn drawn(chance: &Chance, unit: &Unit, at: usize, year: usize, treated: bool) -> Drawn {
    let mut draws = chance.stream(Purpose::UnitYear, (at * 8 + year) as u64);
    let (mu, sigma) = SECTIONS[usize::from(unit.section)].turnover;
    let step = 0.12 * class_of_five(unit.persons[year]).min(3) as f64;
    // Four fifths of the variance stay with the firm; the spread is narrower among the few participants.
    let sigma = if treated { 0.75 * sigma } else { sigma };
    let firm = 0.89 * f64::from(unit.effect);
    let log = mu + step + 0.018 * year as f64 + sigma * (firm + 0.35 * draws.normal());
    let gap = match draws.uniform() {
        u if u < 0.02 => Gap::Year,
        u if u < 0.05 => Gap::Quarter,
        _ => Gap::None,
    };
    Drawn { per_person: log.exp(), gap, draws }
}

impl<'a> Turnover<'a> {
    /// Calibrates.
    ///
    /// # Errors
    /// `bad-targets` when a group has no units or an overall mean leaves less than nothing for the rest.
    pub fn new(
        chance: &'a Chance,
        population: &'a [Unit],
        links: &Links,
        treated: usize,
        targets: &Targets,
    ) -> Result<Self, Diagnostics> {
        let mut here =
            Self { chance, population, treated, factors: [[[1.0; YEARS]; GROUPS]; 2], fixed: vec![BTreeMap::new(); YEARS] };
        let outliers = &links.extreme[..targets.outliers.turnover];
        for arm in 0..2 {
            for (end, year) in ENDS.into_iter().enumerate() {
                here.calibrate(arm, end, year, outliers, targets)?;
            }
            here.interpolate(arm, outliers);
        }
        for (at, &unit) in outliers.iter().enumerate() {
            here.plant(unit, 2 + at % 3);
        }
        Ok(here)
    }

    /// Units of the arm with a turnover per person in the year, by group; of the controls without a target only
    /// the large ones, the others are too many to dominate.
    fn members(&self, arm: usize, year: usize, outliers: &[u32]) -> Vec<Vec<Member>> {
        let range = if arm == 0 { 0..self.treated } else { self.treated..self.population.len() };
        let mut groups = vec![Vec::new(); GROUPS];
        for at in range {
            let unit = &self.population[at];
            let group = group(unit, year);
            if !unit.lives(year) || outliers.contains(&(at as u32)) || (arm == 1 && group == OTHER && unit.persons[year] < 250) {
                continue;
            }
            let drawn = drawn(self.chance, unit, at, year, arm == 0);
            let persons = unit.persons[year];
            if persons > 0 && drawn.gap == Gap::None {
                let atom = class_of_five(persons) as u8;
                groups[group].push(Member { unit: at as u32, persons, ratio: drawn.per_person, atom });
            }
        }
        groups.iter_mut().for_each(|members| calibrate::limit(members, 50_000.0));
        groups
    }

    fn calibrate(&mut self, arm: usize, end: usize, year: usize, outliers: &[u32], targets: &Targets) -> Result<(), Diagnostics> {
        let turnover = &targets.turnover;
        let industry = [&turnover.per_person_industry.participants, &turnover.per_person_industry.non_participants][arm];
        let levels = if end == 0 { &industry.first } else { &industry.last };
        let medium = [turnover.per_person_medium.participants, turnover.per_person_medium.non_participants][arm][end];
        let groups = self.members(arm, year, outliers);
        for (class, level) in levels.iter().enumerate() {
            self.set(arm, class, year, &groups[class], level * groups[class].len() as f64)?;
        }
        let all = groups[2].len() + groups[MEDIUM].len();
        self.set(arm, MEDIUM, year, &groups[MEDIUM], medium * all as f64 - levels[2] * groups[2].len() as f64)?;
        match (arm, end) {
            (0, 1) => self.rest(year, &groups[OTHER], outliers, turnover.mean_participants_2019),
            _ => Ok(()),
        }
    }

    fn set(&mut self, arm: usize, group: usize, year: usize, members: &[Member], total: f64) -> Result<(), Diagnostics> {
        let what = ["participants", "other units"][arm];
        let Some((amounts, factor)) = calibrate::to_ratio_total(members, total) else {
            let group =
                ["industry 0-9", "industry 10-49", "industry 50-249", "industry 250+", "all sectors 50-249", "the rest"][group];
            return Err(bad(format!("turnover per person of {what} in {}, {group}, cannot be met", 2014 + year)));
        };
        self.factors[arm][group][year] = factor;
        self.fixed[year].extend(members.iter().map(|member| member.unit).zip(amounts));
        Ok(())
    }

    /// The participants that are in no group with a level of its own carry the mean turnover of all.
    fn rest(&mut self, year: usize, members: &[Member], outliers: &[u32], mean: f64) -> Result<(), Diagnostics> {
        let mut count = members.len();
        let mut sum: i64 = self.fixed[year].values().sum();
        count += self.fixed[year].len();
        // Units without persons have a turnover, though no turnover per person.
        for at in 0..self.treated {
            let unit = &self.population[at];
            if unit.lives(year) && unit.persons[year] == 0 && !outliers.contains(&(at as u32)) {
                let drawn = drawn(self.chance, unit, at, year, true);
                if drawn.gap == Gap::None {
                    let amount = (drawn.per_person / 2.0).round() as i64;
                    self.fixed[year].insert(at as u32, amount);
                    count += 1;
                    sum += amount;
                }
            }
        }
        let total = mean * count as f64 - sum as f64;
        let Some((amounts, factor)) = calibrate::to_amount_total(members, total) else {
            return Err(bad(
                "the mean turnover of participants in 2019 is less than industry and medium-sized firms alone bring",
            ));
        };
        self.factors[0][OTHER] = [factor; YEARS];
        self.fixed[year].extend(members.iter().map(|member| member.unit).zip(amounts));
        Ok(())
    }

    /// Between the end years a factor moves evenly, in logs; what would dominate is cut there as well.
    fn interpolate(&mut self, arm: usize, outliers: &[u32]) {
        for factors in &mut self.factors[arm][..OTHER] {
            let (first, last) = (factors[0].max(1e-9), factors[YEARS - 1].max(1e-9));
            for (y, factor) in factors.iter_mut().enumerate() {
                *factor = first * (last / first).powf(y as f64 / (YEARS - 1) as f64);
            }
        }
        for year in 0..YEARS {
            let groups = self.members(arm, year, outliers);
            let has_targets = |group: usize| if group == OTHER { arm == 0 && year == ENDS[1] } else { ENDS.contains(&year) };
            for (group, members) in groups.iter().enumerate().filter(|(group, _)| !has_targets(*group)) {
                let factor = self.factors[arm][group][year];
                let amount = |member: &Member| (member.ratio * factor * f64::from(member.persons)).round() as i64;
                self.fixed[year].extend(members.iter().map(|member| (member.unit, amount(member))));
            }
        }
    }

    /// A turnover per person far outside what the other participants of the year have.
    fn plant(&mut self, unit: u32, year: usize) {
        let logs: Vec<f64> = (0..self.treated)
            .filter(|at| *at != unit as usize && self.population[*at].lives(year) && self.population[*at].persons[year] > 0)
            .map(|at| (self.annual(at, year).0 as f64 / f64::from(self.population[at].persons[year])).max(1.0).ln())
            .collect();
        let persons = f64::from(self.population[unit as usize].persons[year]);
        self.fixed[year].insert(unit, (far_above(logs) * persons).round() as i64);
    }

    fn annual(&self, at: usize, year: usize) -> (i64, Drawn) {
        let unit = &self.population[at];
        let arm = usize::from(at >= self.treated);
        let drawn = drawn(self.chance, unit, at, year, arm == 0);
        let fixed = self.fixed[year].get(&(at as u32)).copied();
        let persons = f64::from(unit.persons[year]).max(0.5);
        let factor = self.factors[arm][group(unit, year)][year];
        (fixed.unwrap_or_else(|| (drawn.per_person * persons * factor).round() as i64), drawn)
    }

    /// The quarters of a unit that lives in the year. They add up to the annual turnover, corrections included.
    pub fn quarters(&self, at: usize, year: usize) -> Quarters {
        let (annual, mut drawn) = self.annual(at, year);
        let planted = self.fixed[year].contains_key(&(at as u32));
        let omzet = split(annual, &mut drawn.draws);
        let mut quarters = Quarters { omzet: omzet.map(Some), row: [true; 4] };
        match drawn.gap {
            Gap::None => {}
            _ if planted => {}
            Gap::Year => quarters.row = [false; 4],
            Gap::Quarter => {
                let quarter = drawn.draws.below(4);
                quarters.omzet[quarter] = None;
                quarters.row[quarter] = drawn.draws.happens(0.5);
            }
        }
        quarters
    }
}

/// Quarters with a season; in one year in three hundred a correction makes one of them negative.
fn split(annual: i64, draws: &mut Draws) -> [i64; 4] {
    let season = [0.235, 0.250, 0.240, 0.275];
    let weights = season.map(|share| share * (0.06 * draws.normal()).exp());
    let sum: f64 = weights.iter().sum();
    let mut quarters = weights.map(|weight| (annual as f64 * weight / sum).round() as i64);
    if draws.happens(1.0 / 300.0) {
        quarters[1 + draws.below(2)] = -(annual / 25);
    }
    quarters[3] = annual - quarters[0] - quarters[1] - quarters[2];
    quarters
}

/// Ten and a half robust standard deviations above the median, in logs.
pub(super) fn far_above(mut logs: Vec<f64>) -> f64 {
    let median = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(0.0)
    };
    let middle = median(&mut logs);
    let mut distances: Vec<f64> = logs.iter().map(|log| (log - middle).abs()).collect();
    (middle + 10.5 * 1.4826 * median(&mut distances)).exp()
}
