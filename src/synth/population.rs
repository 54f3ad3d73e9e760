//! The population is every business unit that exists in some year of the study, with its life, sector, size and age.

use super::chance::{Chance, Draws, Purpose, apportion};
use super::targets::Targets;
use crate::diagnostic::{Diagnostic, Diagnostics};

pub const YEARS: usize = 6;
pub const FIRST_YEAR: i32 = 2014;

/// A year mask with every year set.
pub const ALL_YEARS: u8 = 0b11_1111;
/// No group, no person.
pub const NONE: u32 = u32::MAX;

/// A business unit. Participants stand first in the population, in the order of their slots.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Years of existence, as indices from 0 (2014) to 5 (2019), both included.
    pub first: u8,
    pub last: u8,
    /// Index into [`SECTIONS`].
    pub section: u8,
    /// Five-digit SBI 2008 code.
    pub sbi: u32,
    pub founded: i16,
    /// Day of the year of founding, from 0.
    pub founded_day: u16,
    /// Employed persons per year; meaningless in years without the unit.
    pub persons: [u32; YEARS],
    /// Standard normal: how productive the unit is for its sector and size.
    pub effect: f32,
    /// Enterprise group, or [`NONE`].
    pub group: u32,
    /// Years in which the unit stands in the group.
    pub group_years: u8,
    /// The person that runs the unit.
    pub person: u32,
}

impl Unit {
    pub fn lives(&self, year: usize) -> bool {
        (usize::from(self.first)..=usize::from(self.last)).contains(&year)
    }

    pub fn always(&self) -> bool {
        self.first == 0 && usize::from(self.last) == YEARS - 1
    }

    pub fn industry(&self) -> bool {
        SECTIONS[usize::from(self.section)].letter == 'C'
    }
}

/// Size class of {0-1, 2-9, 10-49, 50-249, 250+}, as an index.
pub fn class_of_five(persons: u32) -> usize {
    [2, 10, 50, 250].iter().filter(|bound| persons >= **bound).count()
}

/// Size class of {0-9, 10-49, 50-249, 250+}, as an index.
pub fn class_of_four(persons: u32) -> usize {
    class_of_five(persons).saturating_sub(1)
}

/// First and last number of persons of each class of five; the last class is open and bounded for drawing.
const BOUNDS: [(u32, u32); 5] = [(0, 1), (2, 9), (10, 49), (50, 249), (250, 40_000)];

/// A section of SBI 2008 as the generator sees it.
pub struct Section {
    pub letter: char,
    divisions: &'static [u32],
    /// Share of the register, per thousand, and of the participants outside the sectors with a target.
    share: f64,
    treated: f64,
    /// Units per thousand of the section with 50-249 and with 250 and more persons, and with 2-9 and 10-49 (StatLine 81588NED
    /// of 2024, with the share of 2-9 raised to that of 2020).
    classes: [f64; 5],
    /// Log of the usual turnover per person, in euros, and its spread over units.
    pub turnover: (f64, f64),
    /// The investment survey covers it.
    pub surveyed: bool,
}

macro_rules! section {
    ($letter:literal $divisions:expr, $share:literal, $treated:literal, [$two:literal $ten:literal $fifty:literal $large:literal], $turnover:literal, $surveyed:literal) => {
        Section {
            letter: $letter,
            divisions: &$divisions,
            share: $share,
            treated: $treated,
            classes: [1000.0 - 1.3 * $two - $ten - $fifty - $large, 1.3 * $two, $ten, $fifty, $large],
            turnover: ($turnover, 0.8),
            surveyed: $surveyed,
        }
    };
}

/// Every section, in order of its letter.
pub const SECTIONS: [Section; 21] = [
    section!('A' [1, 2, 3], 36.0, 4.0, [430.0 45.0 1.8 0.2], 11.6, false),
    section!('B' [6, 8, 9], 0.3, 0.0, [130.0 40.0 53.0 8.0], 13.8, true),
    section!('C' [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33], 40.0, 0.0, [180.0 85.0 24.0 6.0], 12.1, true),
    section!('D' [35], 1.3, 2.0, [110.0 23.0 12.0 7.0], 13.4, true),
    section!('E' [36, 37, 38, 39], 1.0, 1.5, [180.0 78.0 42.0 14.0], 12.4, true),
    section!('F' [41, 42, 43], 116.0, 5.0, [110.0 20.0 2.9 0.6], 11.8, true),
    section!('G' [45, 46, 47], 130.0, 0.0, [270.0 50.0 7.8 1.5], 12.6, true),
    section!('H' [49, 50, 51, 52, 53], 29.0, 5.0, [160.0 61.0 11.0 2.5], 11.8, true),
    section!('I' [55, 56], 36.0, 1.0, [380.0 66.0 5.7 0.8], 10.9, true),
    section!('J' [58, 59, 60, 61, 62, 63], 56.0, 0.0, [115.0 26.0 5.8 1.2], 11.7, true),
    section!('K' [64, 65, 66], 20.0, 2.0, [150.0 21.0 6.2 2.6], 12.3, false),
    section!('L' [68], 18.0, 1.0, [210.0 21.0 4.9 0.7], 12.0, true),
    section!('M' [69, 70, 71, 72, 73, 74, 75], 200.0, 20.0, [90.0 12.5 2.1 0.4], 11.4, true),
    section!('N' [77, 78, 79, 80, 81, 82], 55.0, 6.0, [145.0 29.0 9.7 3.0], 11.1, true),
    section!('O' [84], 0.6, 0.5, [100.0 100.0 300.0 350.0], 11.5, false),
    section!('P' [85], 42.0, 4.0, [60.0 12.0 5.0 3.0], 10.9, false),
    section!('Q' [86, 87, 88], 90.0, 2.5, [90.0 13.0 4.5 3.5], 10.9, false),
    section!('R' [90, 91, 92, 93], 56.0, 1.0, [60.0 8.0 1.5 0.2], 10.9, false),
    section!('S' [94, 95, 96], 66.0, 1.5, [90.0 6.0 1.0 0.2], 10.8, true),
    section!('T' [97, 98], 0.2, 0.0, [20.0 0.1 0.0 0.0], 10.3, false),
    section!('U' [99], 0.1, 0.0, [100.0 50.0 10.0 1.0], 11.0, false),
];

const C: usize = 2;
const G: usize = 6;
const J: usize = 9;
const M: usize = 12;

/// Stock relative to 2019 and share of the stock that dies by the next year (CBS 85201ENG; 2019 estimated).
const STOCK: [f64; YEARS] = [0.800, 0.834, 0.872, 0.899, 0.951, 1.0];
const DEATHS: [f64; YEARS - 1] = [0.0588, 0.0658, 0.0522, 0.0543, 0.0560];

/// Controls that each class must have in 2019 at any size: in industry, and in each of some large sections.
const FLOOR_INDUSTRY: [usize; 5] = [12, 22, 24, 24, 24];
const FLOOR_OTHER: [usize; 5] = [0, 12, 20, 14, 8];
const FLOORED: [usize; 6] = [5, G, 7, J, M, 13];

/// Life, sector, size and age of all units, and how many of them are participants, which stand first. Groups and persons are
/// trivial yet: nearly every unit has its own.
///
/// # Errors
/// `bad-targets` when the composition cannot be had at this size.
pub fn draw(chance: &Chance, units: usize, targets: &Targets) -> Result<(Vec<Unit>, usize), Diagnostics> {
    let mut draws = chance.stream(Purpose::Participants, 0);
    let mut population = participants(&mut draws, targets)?;
    let treated = population.len();
    let mut draws = chance.stream(Purpose::Population, 0);
    let controls = controls(&mut draws, units, targets)?;
    population.extend(controls);
    for (at, unit) in population.iter_mut().enumerate() {
        unit.group = at as u32;
        unit.person = at as u32;
        finish(unit, &mut chance.stream(Purpose::Unit, at as u64));
    }
    Ok((population, treated))
}

fn finish(unit: &mut Unit, draws: &mut Draws) {
    let section = &SECTIONS[usize::from(unit.section)];
    let division = section.divisions[draws.below(section.divisions.len())];
    unit.sbi = division * 1000 + [110, 120, 200, 300, 410, 910][draws.below(6)];
    unit.effect = draws.normal() as f32;
    unit.founded_day = draws.below(365) as u16;
    if draws.happens(0.03) && !unit.always() {
        unit.group = NONE;
    }
}

pub(super) fn bad(headline: impl Into<String>) -> Diagnostics {
    Diagnostic::error("bad-targets", headline).into()
}

/// The whole number whose share of `total` rounds to `percent`.
///
/// # Errors
/// `bad-targets` when no number of so few units rounds to it.
pub fn count_for(percent: u32, total: usize, what: &str) -> Result<usize, Diagnostics> {
    let count = (percent as usize * total + 50) / 100;
    let rounded = if total == 0 { 0 } else { (200 * count + total) / (2 * total) };
    if rounded == percent as usize { Ok(count) } else { Err(bad(format!("{percent} % of {total} units cannot be met: {what}"))) }
}

// --- participants ------------------------------------------------------------------------------------------------------

/// Shares of the five classes among participants of industry, business services, ICT, trade, and elsewhere.
const TREATED_CLASSES: [[f64; 5]; 5] = [
    [0.10, 0.14, 0.27, 0.28, 0.21],
    [0.20, 0.22, 0.26, 0.18, 0.14],
    [0.22, 0.24, 0.30, 0.15, 0.09],
    [0.16, 0.22, 0.32, 0.20, 0.10],
    [0.13, 0.20, 0.27, 0.24, 0.16],
];

/// How many numbers lead to a unit to which another number leads as well.
pub const COLLAPSED: usize = 8;

fn participants(draws: &mut Draws, targets: &Targets) -> Result<Vec<Unit>, Diagnostics> {
    let lives = slots(targets)?;
    let last = targets.linked.units[YEARS - 1];
    let mut kinds = kinds(targets, last)?;
    draws.shuffle(&mut kinds);
    let mut units: Vec<Unit> = Vec::with_capacity(lives.len());
    for (first, end) in lives {
        let (section, class) = if usize::from(end) == YEARS - 1 {
            kinds.pop().unwrap_or((M, 1))
        } else {
            let section = draws.pick(&SECTIONS.map(|section| section.treated));
            (section, draws.pick(&TREATED_CLASSES[4]))
        };
        units.push(unit(first, end, section, path(draws, class, true, true)));
    }
    large_to_mean(&mut units, f64::from(targets.composition.participants.mean_persons_large), 12_000)?;
    ages(draws, &mut units, targets)?;
    Ok(units)
}

/// First and last year of every unit that ever links.
fn slots(targets: &Targets) -> Result<Vec<(u8, u8)>, Diagnostics> {
    let linked = targets.linked.units;
    let available = targets.list.numbers - targets.list.without_person;
    let needed = linked[0] + (1..YEARS).map(|y| linked[y].saturating_sub(linked[y - 1])).sum::<usize>();
    if needed > available {
        return Err(bad("more units link over the years than numbers on the list have a person"));
    }
    let spare = available.saturating_sub(needed + COLLAPSED).min(12);
    let turnover = apportion(spare, &[1.0; YEARS - 1]);
    let mut alive: Vec<(u8, u8)> = vec![(0, 5); linked[0]];
    let mut at_exit = 0;
    for y in 1..YEARS {
        let exits = linked[y - 1].saturating_sub(linked[y]) + turnover[y - 1];
        for _ in 0..exits {
            // The oldest that still live leave first; which sector and size they are is drawn later.
            if let Some(slot) = alive.get_mut(at_exit) {
                slot.1 = y as u8 - 1;
            }
            at_exit += 1;
        }
        let entries = linked[y] + exits - linked[y - 1];
        alive.extend(std::iter::repeat_n((y as u8, 5), entries));
    }
    Ok(alive)
}

/// Section and class of every participant of 2019.
fn kinds(targets: &Targets, last: usize) -> Result<Vec<(usize, usize)>, Diagnostics> {
    let shares = &targets.composition.participants;
    let mut counts = vec![0; SECTIONS.len()];
    for (section, percent, what) in [(C, shares.industry, "industry"), (J, shares.ict, "ict"), (G, shares.trade, "trade")] {
        counts[section] = count_for(percent, last, &format!("composition.participants.{what}"))?;
    }
    let rest =
        last.checked_sub(counts.iter().sum()).ok_or_else(|| bad("the sectors of the participants add up to more than all"))?;
    for (section, count) in apportion(rest, &SECTIONS.map(|section| section.treated)).into_iter().enumerate() {
        counts[section] += count;
    }
    let mut kinds = Vec::with_capacity(last);
    let mut others = 0;
    for (section, &count) in counts.iter().enumerate() {
        match [C, M, J, G].iter().position(|known| *known == section) {
            Some(row) => push_classes(&mut kinds, section, &apportion(count, &TREATED_CLASSES[row])),
            None => {
                // Small sections take turns through one list of classes, so that together they have the right shares.
                let wheel = apportion(100, &TREATED_CLASSES[4]);
                for _ in 0..count {
                    let at = (others * 37) % 100;
                    let class = (0..5).find(|class| at < wheel[..=*class].iter().sum::<usize>()).unwrap_or(4);
                    kinds.push((section, class));
                    others += 1;
                }
            }
        }
    }
    Ok(kinds)
}

fn push_classes(kinds: &mut Vec<(usize, usize)>, section: usize, counts: &[usize]) {
    for (class, &count) in counts.iter().enumerate() {
        kinds.extend(std::iter::repeat_n((section, class), count));
    }
}

/// Founding years of participants: the share of the old, and the mean age in two sectors.
fn ages(draws: &mut Draws, units: &mut [Unit], targets: &Targets) -> Result<(), Diagnostics> {
    let shares = &targets.composition.participants;
    let mut alive: Vec<usize> = (0..units.len()).filter(|at| usize::from(units[*at].last) == YEARS - 1).collect();
    let old = count_for(shares.age_six_or_more, alive.len(), "composition.participants.age_six_or_more")?;
    draws.shuffle(&mut alive);
    alive.sort_by_key(|at| units[*at].first);
    for (rank, &at) in alive.iter().enumerate() {
        let mean = if units[at].industry() { 16.0 } else { 8.0 };
        set_age(draws, &mut units[at], rank < old, mean);
    }
    for unit in units.iter_mut().filter(|unit| usize::from(unit.last) < YEARS - 1) {
        unit.founded = (FIRST_YEAR + i32::from(unit.first)) as i16 - 1 - draws.below(15) as i16;
    }
    mean_age(units, J, shares.mean_age_ict)?;
    mean_age(units, G, shares.mean_age_trade)
}

fn set_age(draws: &mut Draws, unit: &mut Unit, old: bool, mean: f64) {
    let least = YEARS - 1 - usize::from(unit.first);
    let age = if old {
        6 + ((-draws.uniform().ln() * mean) as usize).min(95)
    } else {
        least + if least < 5 { draws.below(6 - least) } else { 0 }
    };
    unit.founded = (2019 - age as i32) as i16;
}

/// Shifts the founding years of the old units of a section until the mean age of 2019 is right to one decimal.
fn mean_age(units: &mut [Unit], section: usize, mean: f64) -> Result<(), Diagnostics> {
    let members: Vec<usize> =
        (0..units.len()).filter(|at| usize::from(units[*at].section) == section && usize::from(units[*at].last) == 5).collect();
    let wanted = (mean * members.len() as f64).round() as i64;
    let age = |unit: &Unit| 2019 - i64::from(unit.founded);
    let mut off = wanted - members.iter().map(|at| age(&units[*at])).sum::<i64>();
    while off != 0 {
        let before = off;
        for &at in &members {
            let step = off.signum();
            if off != 0 && age(&units[at]) >= 6 && age(&units[at]) + step >= 6 {
                units[at].founded -= step as i16;
                off -= step;
            }
        }
        if off == before {
            return Err(bad(format!("the mean age of participants in section {} cannot be met", SECTIONS[section].letter)));
        }
    }
    Ok(())
}

// --- controls ----------------------------------------------------------------------------------------------------------

fn controls(draws: &mut Draws, units: usize, targets: &Targets) -> Result<Vec<Unit>, Diagnostics> {
    let linked = targets.linked.units;
    let stock: Vec<usize> = (0..YEARS).map(|y| ((units as f64 * STOCK[y]).round() as usize).saturating_sub(linked[y])).collect();
    let lives = lives(&stock)?;
    let last = stock[YEARS - 1];
    let (big, mut small) = control_kinds(targets, last)?;
    let established = lives.iter().filter(|life| **life == (0, 5)).count();
    if big.len() * 10 > established * 9 {
        return Err(bad(format!("{units} units are too few: hardly any small firm would live through all years")));
    }
    draws.shuffle(&mut small);
    let mut big = big.into_iter();
    let mut population = Vec::with_capacity(lives.len());
    for (first, end) in lives {
        let kind = match (first, end) {
            (0, 5) => big.next().or_else(|| small.pop()),
            (_, 5) => small.pop(),
            _ => None,
        };
        let (section, class) = kind.unwrap_or_else(|| short_lived(draws));
        population.push(unit(first, end, section, path(draws, class, false, section == C)));
    }
    large_to_mean(&mut population, f64::from(targets.composition.non_participants.mean_persons_large), 40_000)?;
    control_ages(draws, &mut population, targets)?;
    Ok(population)
}

fn short_lived(draws: &mut Draws) -> (usize, usize) {
    let section = draws.pick(&SECTIONS.map(|section| section.share));
    (section, draws.pick(&[0.94, 0.055, 0.0045, 0.0005, 0.0]))
}

/// First and last year of every control, cohort by cohort.
fn lives(stock: &[usize]) -> Result<Vec<(u8, u8)>, Diagnostics> {
    let mut cohorts: Vec<usize> = vec![stock[0]];
    let mut lives = Vec::new();
    for y in 1..YEARS {
        let deaths = (stock[y - 1] as f64 * DEATHS[y - 1]).round() as usize;
        // Young firms die more often: hazard relative to the stock of the first year.
        let weights: Vec<f64> = cohorts
            .iter()
            .enumerate()
            .map(|(cohort, &count)| count as f64 * if cohort == 0 { 0.9 } else { 1.9 - 0.2 * (y - cohort) as f64 })
            .collect();
        for (cohort, died) in apportion(deaths, &weights).into_iter().enumerate() {
            let died = died.min(cohorts[cohort]);
            cohorts[cohort] -= died;
            lives.extend(std::iter::repeat_n((cohort as u8, y as u8 - 1), died));
        }
        let born = stock[y].checked_sub(cohorts.iter().sum()).ok_or_else(|| bad("too few units for the participants"))?;
        cohorts.push(born);
    }
    for (cohort, &count) in cohorts.iter().enumerate() {
        lives.extend(std::iter::repeat_n((cohort as u8, 5), count));
    }
    Ok(lives)
}

type Kinds = Vec<(usize, usize)>;

/// Section and class of every control of 2019: those that live through all years (of 50 and more persons, mostly), then the others.
fn control_kinds(targets: &Targets, last: usize) -> Result<(Kinds, Kinds), Diagnostics> {
    let shares = &targets.composition.non_participants;
    let mut counts = vec![0; SECTIONS.len()];
    for (section, percent, what) in [(C, shares.industry, "industry"), (M, shares.business_services, "business_services")] {
        counts[section] = count_for(percent, last, &format!("composition.non_participants.{what}"))?;
    }
    let rest = last - counts.iter().sum::<usize>();
    let weights: Vec<f64> =
        (0..SECTIONS.len()).map(|section| if [C, M].contains(&section) { 0.0 } else { SECTIONS[section].share }).collect();
    for (section, count) in apportion(rest, &weights).into_iter().enumerate() {
        counts[section] += count;
    }
    let mut all = Vec::with_capacity(last);
    for (section, &count) in counts.iter().enumerate() {
        let floor = match section {
            C => FLOOR_INDUSTRY,
            other if FLOORED.contains(&other) => FLOOR_OTHER,
            _ => [0; 5],
        };
        let rest = count.checked_sub(floor.iter().sum()).ok_or_else(|| {
            bad(format!("{last} other units leave too few in section {} for every size class", SECTIONS[section].letter))
        })?;
        let mut classes = apportion(rest, &SECTIONS[section].classes);
        // What the floor already gives is not drawn again.
        for class in 1..5 {
            let spare = classes[class].min(floor[class]);
            classes[class] -= spare;
            classes[0] += spare;
        }
        for (class, least) in classes.iter_mut().zip(floor) {
            *class += least;
        }
        push_classes(&mut all, section, &classes);
    }
    // As many small firms of industry as the floor asks for live through all years too, so that its cells fill in each of them.
    let mut lasting = FLOOR_INDUSTRY[2];
    Ok(all.into_iter().partition(|kind| {
        let lasts = *kind == (C, 2) && lasting > 0;
        lasting -= usize::from(lasts);
        lasts || kind.1 >= 3
    }))
}

fn control_ages(draws: &mut Draws, units: &mut [Unit], targets: &Targets) -> Result<(), Diagnostics> {
    let mut alive: Vec<usize> = (0..units.len()).filter(|at| usize::from(units[*at].last) == YEARS - 1).collect();
    let percent = targets.composition.non_participants.age_six_or_more;
    let old = count_for(percent, alive.len(), "composition.non_participants.age_six_or_more")?;
    // The longest in the register are the old ones, the large first: nearly all large firms are old.
    alive.sort_by_key(|at| (units[*at].first, std::cmp::Reverse(class_of_five(units[*at].persons[5]))));
    for (rank, &at) in alive.iter().enumerate() {
        let mean = 7.0 + 3.0 * class_of_five(units[at].persons[5]) as f64;
        set_age(draws, &mut units[at], rank < old, mean);
    }
    for unit in units.iter_mut().filter(|unit| usize::from(unit.last) < YEARS - 1) {
        let entered = FIRST_YEAR + i32::from(unit.first);
        let before = if unit.first == 0 { (-draws.uniform().ln() * 6.0).min(60.0) as i32 } else { 0 };
        unit.founded = (entered - before) as i16;
    }
    Ok(())
}

// --- both --------------------------------------------------------------------------------------------------------------

fn unit(first: u8, last: u8, section: usize, persons: [u32; YEARS]) -> Unit {
    Unit {
        first,
        last,
        section: section as u8,
        sbi: 0,
        founded: 0,
        founded_day: 0,
        persons,
        effect: 0.0,
        group: NONE,
        group_years: ALL_YEARS,
        person: NONE,
    }
}

/// Employed persons over the years, for a class in the last one; `kept` holds a unit inside its class in every year.
fn path(draws: &mut Draws, class: usize, treated: bool, kept: bool) -> [u32; YEARS] {
    let (low, high) = BOUNDS[class];
    let end = match class {
        0 => u32::from(!draws.happens(0.03)),
        1 => [2, 3, 4, 5, 6, 7, 8, 9][draws.pick(&[45.0, 15.0, 10.0, 8.0, 5.0, 4.0, 3.0, 3.0])],
        4 if treated => (250.0 * (1.7 + 0.75 * draws.normal()).exp()).max(260.0) as u32,
        4 => (250.0 * draws.uniform().powf(-1.0 / 1.36)).min(30_000.0) as u32,
        _ => (f64::from(low) * (f64::from(high + 1) / f64::from(low)).powf(draws.uniform().powf(1.3))) as u32,
    };
    let mut persons = [end.clamp(low, high); YEARS];
    for y in (0..YEARS - 1).rev() {
        let next = persons[y + 1];
        let drawn = match next {
            0 => u32::from(draws.happens(0.25)),
            1 => [1, 0, 2][draws.pick(&[0.975, 0.005, 0.02])],
            2..=9 => [next, next - 1, next + 1][draws.pick(&[0.86, 0.08, 0.06])],
            _ => (f64::from(next) * (-0.01 + 0.05 * draws.normal()).exp()).round() as u32,
        };
        persons[y] = if kept { drawn.clamp(low, high) } else { drawn };
    }
    persons
}

/// Stretches the units of 250 and more persons until their mean in 2019 rounds to `mean`.
fn large_to_mean(units: &mut [Unit], mean: f64, most: u32) -> Result<(), Diagnostics> {
    let large: Vec<usize> = (0..units.len()).filter(|at| units[*at].last == 5 && units[*at].persons[5] >= 250).collect();
    let wanted = (mean * large.len() as f64).round() as i64;
    for _ in 0..60 {
        let above: f64 = large.iter().map(|at| f64::from(units[*at].persons[5] - 250)).sum();
        let factor = (wanted as f64 - 250.0 * large.len() as f64) / above.max(1.0);
        for &at in &large {
            let before = units[at].persons;
            for (persons, old) in units[at].persons.iter_mut().zip(before).filter(|(_, old)| *old >= 250) {
                *persons = (250 + (f64::from(old - 250) * factor).round() as u32).min(most);
            }
        }
    }
    let mut off = wanted - large.iter().map(|at| i64::from(units[*at].persons[5])).sum::<i64>();
    for &at in large.iter().cycle().take(large.len() * 1000) {
        let moved = off.clamp(-1, 1);
        let persons = &mut units[at].persons[5];
        if i64::from(*persons) + moved >= 250 && i64::from(*persons) + moved <= i64::from(most) {
            *persons = (i64::from(*persons) + moved) as u32;
            off -= moved;
        }
        if off == 0 {
            return Ok(());
        }
    }
    if large.is_empty() { Ok(()) } else { Err(bad("the mean number of persons of large firms cannot be met")) }
}
