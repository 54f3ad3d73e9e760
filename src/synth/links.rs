//! Links tie numbers to persons, persons to business units, and business units to enterprise groups, with the traps of real deliveries.

use super::chance::{Chance, Draws, Purpose};
use super::population::{ALL_YEARS, COLLAPSED, FIRST_YEAR, NONE, Unit, YEARS, bad, class_of_five, count_for};
use super::targets::Targets;
use crate::diagnostic::Diagnostics;

/// A further unit of a person, beside the one that links.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Side {
    pub person: u32,
    pub unit: u32,
    pub year: u8,
    pub period: Period,
}

/// How long a person has had a further unit in a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// From March to August: shorter than the unit that links.
    Part,
    /// Before the year until after it, as the unit that links.
    Whole,
}

/// Who is on the list and what the persons run.
pub struct Links {
    /// One entry per unique number on the list: its person, or none.
    pub numbers: Vec<Option<u32>>,
    /// One entry per listing: index into `numbers`.
    pub listings: Vec<u32>,
    /// Persons that run a participant beside the person of the unit.
    pub second_persons: Vec<(u32, u32)>,
    pub sides: Vec<Side>,
    /// Position of every unit in the order of identifiers.
    pub position: Vec<u32>,
    /// Units in the order of their identifiers.
    pub order: Vec<u32>,
    /// Participants kept for records that the outlier rule must remove; they live through all years.
    pub extreme: Vec<u32>,
}

/// Draws groups, persons, identifiers' order and the list; changes groups and persons of units.
///
/// # Errors
/// `bad-targets` when too few participants fit.
pub fn draw(chance: &Chance, population: &mut [Unit], treated: usize, targets: &Targets) -> Result<Links, Diagnostics> {
    let mut draws = chance.stream(Purpose::Order, 0);
    let mut order: Vec<u32> = (0..population.len() as u32).collect();
    draws.shuffle(&mut order);
    let mut position = vec![0; order.len()];
    for (at, &unit) in order.iter().enumerate() {
        position[unit as usize] = at as u32;
    }
    let mut draws = chance.stream(Purpose::List, 0);
    merge_groups(&mut draws, population, treated);
    let mut pool = Pool::new(&mut draws, population, treated);
    let extreme = larger_groups(&mut draws, population, treated, targets, &mut pool)?;
    let sides = sides(population, treated, &position, &mut pool);
    share_persons(&mut draws, population, treated, &pool);
    let (numbers, second_persons) = numbers(population, treated, targets);
    let listings = listings(&mut draws, targets);
    Ok(Links { numbers, listings, second_persons, sides, position, order, extreme })
}

/// About one group in fifty has several units, of any sector and size.
fn merge_groups(draws: &mut Draws, population: &mut [Unit], treated: usize) {
    for at in treated + 1..population.len() {
        if population[at].group != NONE && draws.happens(0.031) {
            let other = treated + draws.below(at - treated);
            if population[other].group != NONE && shares_a_year(&population[at], &population[other]) {
                population[at].group = population[other].group;
            }
        }
    }
}

fn shares_a_year(one: &Unit, other: &Unit) -> bool {
    one.first.max(other.first) <= one.last.min(other.last)
}

/// Controls that live through all years, by class, that can be given away once each.
struct Pool {
    by_class: [Vec<u32>; 5],
    taken: std::collections::BTreeSet<u32>,
}

impl Pool {
    fn new(draws: &mut Draws, population: &[Unit], treated: usize) -> Self {
        let mut by_class: [Vec<u32>; 5] = Default::default();
        let mut sizes = vec![0u32; population.len()];
        for unit in population.iter().filter(|unit| unit.group != NONE) {
            sizes[unit.group as usize] += 1;
        }
        for (at, unit) in population.iter().enumerate().skip(treated) {
            let alone = unit.group == NONE || sizes[unit.group as usize] == 1;
            let class = class_of_five(unit.persons[5]);
            let same = unit.persons.iter().all(|persons| class_of_five(*persons) == class);
            if unit.always() && alone && same && !unit.industry() && by_class[class].len() < 2000 && unit.persons[5] > 0 {
                by_class[class].push(at as u32);
            }
        }
        for class in &mut by_class {
            draws.shuffle(class);
        }
        Self { by_class, taken: Default::default() }
    }

    fn take(&mut self, class: usize, fits: impl Fn(u32) -> bool) -> Option<u32> {
        let at = self.by_class[class].iter().rposition(|unit| fits(*unit))?;
        let unit = self.by_class[class].remove(at);
        self.taken.insert(unit);
        Some(unit)
    }
}

/// Gives participants partners in their group until the shares of both kinds of larger groups are met; gives the participants
/// that are kept for the outlier rule.
fn larger_groups(
    draws: &mut Draws,
    population: &mut [Unit],
    treated: usize,
    targets: &Targets,
    pool: &mut Pool,
) -> Result<Vec<u32>, Diagnostics> {
    let mut shuffled: Vec<u32> = (0..treated as u32).collect();
    draws.shuffle(&mut shuffled);
    let extreme = extreme(population, &shuffled, targets)?;
    let mut candidates = extreme.clone();
    let between = |unit: &Unit| unit.persons.iter().all(|persons| (2..250).contains(persons));
    candidates.extend(shuffled.iter().filter(|at| !extreme.contains(at) && between(&population[**at as usize])));
    let mut higher = vec![0u8; treated];
    let mut more = vec![0u8; treated];
    for y in 0..YEARS {
        let linked = targets.linked.units[y];
        let raised = count_for(targets.group_level.higher_class[y], linked, "group_level.higher_class")?;
        let larger = count_for(targets.group_level.more_persons[y], linked, "group_level.more_persons")?;
        if raised < extreme.len() {
            return Err(bad("fewer groups fall in a higher size class than there are outliers to plant"));
        }
        mark(&mut higher, y, raised, candidates.iter().copied().filter(|at| population[*at as usize].lives(y)))?;
        let reserved = &candidates[..candidates.len().min(2 * raised + 8)];
        let grows = |at: &u32| !reserved.contains(at) && grows(&population[*at as usize], y);
        mark(&mut more, y, larger.saturating_sub(raised), shuffled.iter().copied().filter(grows))?;
    }
    if (0..treated).any(|at| higher[at] != 0 && more[at] != 0) {
        return Err(bad("too few participants for the groups of the level-of-analysis table"));
    }
    for at in (0..treated).filter(|at| higher[*at] | more[*at] != 0) {
        let class = if more[at] != 0 { 0 } else { class_of_five(population[at].persons.into_iter().max().unwrap_or(0)) + 1 };
        partner(population, at, class, higher[at] | more[at], pool)?;
    }
    Ok(extreme)
}

/// Small participants outside industry that live through all years, one per record to plant.
fn extreme(population: &[Unit], shuffled: &[u32], targets: &Targets) -> Result<Vec<u32>, Diagnostics> {
    let planted = targets.outliers.turnover + targets.outliers.investments;
    let fits = |at: &&u32| {
        let unit = &population[**at as usize];
        unit.always() && !unit.industry() && unit.persons.iter().all(|persons| (2..10).contains(persons))
    };
    let extreme: Vec<u32> = shuffled.iter().filter(fits).take(planted).copied().collect();
    match extreme.len() == planted {
        true => Ok(extreme),
        false => Err(bad("too few small participants live through all years to plant the outliers")),
    }
}

/// One more person in the group leaves its size class what it is, in every year.
fn grows(unit: &Unit, year: usize) -> bool {
    unit.lives(year) && unit.persons.iter().all(|persons| *persons >= 2 && class_of_five(*persons) == class_of_five(persons + 1))
}

fn mark(years: &mut [u8], y: usize, count: usize, candidates: impl Iterator<Item = u32>) -> Result<(), Diagnostics> {
    let mut marked = 0;
    for at in candidates.take(count) {
        years[at as usize] |= 1 << y;
        marked += 1;
    }
    if marked == count { Ok(()) } else { Err(bad("too few participants for the groups of the level-of-analysis table")) }
}

fn partner(population: &mut [Unit], at: usize, class: usize, years: u8, pool: &mut Pool) -> Result<(), Diagnostics> {
    let Some(partner) = pool.take(class, |_| true) else {
        return Err(bad("too few other units to stand in the groups of participants at this size"));
    };
    population[at].group = at as u32;
    population[at].group_years = ALL_YEARS;
    let other = &mut population[partner as usize];
    other.group = at as u32;
    other.group_years = years;
    if class == 0 {
        other.persons = [1; YEARS];
    }
    Ok(())
}

/// Further units of the persons of participants: shorter in the year, as long and smaller, as long and as small.
fn sides(population: &mut [Unit], treated: usize, position: &[u32], pool: &mut Pool) -> Vec<Side> {
    let mut sides = Vec::new();
    let (mut part, mut whole, mut tied) = (0, 0, 0);
    // Their own unit has stood all year in every year, so that nothing but the trap decides.
    let lasting = |at: &usize| population[*at].always() && i32::from(population[*at].founded) < FIRST_YEAR;
    for at in (0..treated).filter(lasting).collect::<Vec<_>>() {
        let smallest = population[at].persons.into_iter().min().unwrap_or(0);
        let single = population[at].persons.iter().all(|persons| *persons == 1);
        let (class, period) = match () {
            () if single && tied < 4 => (0, Period::Whole),
            () if smallest >= 2 && whole < 12 => (0, Period::Whole),
            () if part < 40 => (part % 2, Period::Part),
            () => continue,
        };
        let Some(unit) = pool.take(class, |unit| position[unit as usize] > position[at]) else { continue };
        match period {
            Period::Part => part += 1,
            Period::Whole if single => tied += 1,
            Period::Whole => whole += 1,
        }
        if class == 0 {
            population[unit as usize].persons = [1; YEARS];
        }
        let year = |year| Side { person: at as u32, unit, year, period };
        sides.extend((0..YEARS as u8).map(year));
    }
    sides
}

/// Some persons run two units that are no participants.
fn share_persons(draws: &mut Draws, population: &mut [Unit], treated: usize, pool: &Pool) {
    for at in treated + 1..population.len() {
        if draws.happens(0.02) && !pool.taken.contains(&(at as u32)) {
            population[at].person = population[at - 1].person;
        }
    }
}

type Numbers = (Vec<Option<u32>>, Vec<(u32, u32)>);

/// The person behind every number; numbers beyond the participants lead to a participant again, to nobody's unit, or to nobody.
fn numbers(population: &[Unit], treated: usize, targets: &Targets) -> Numbers {
    let mut numbers: Vec<Option<u32>> = (0..treated as u32).map(Some).collect();
    let mut second_persons = Vec::new();
    let with_person = targets.list.numbers - targets.list.without_person;
    let spare = with_person.saturating_sub(treated);
    let first_free = population.len() as u32;
    let half = COLLAPSED as u32 / 2;
    for extra in 0..spare as u32 {
        let person = first_free + extra;
        match extra {
            // The person has two numbers.
            _ if extra < half => numbers.push(Some(extra * 5)),
            // Two persons run the unit together.
            _ if extra < 2 * half => {
                second_persons.push((person, extra * 5));
                numbers.push(Some(person));
            }
            // The person runs no unit in any year.
            _ => numbers.push(Some(person)),
        }
    }
    numbers.extend(std::iter::repeat_n(None, targets.list.without_person));
    (numbers, second_persons)
}

fn listings(draws: &mut Draws, targets: &Targets) -> Vec<u32> {
    let mut listings: Vec<u32> = (0..targets.list.numbers as u32).collect();
    while listings.len() < targets.list.listings {
        // Some numbers are listed again and again: half of the repeats fall on the first fifth.
        let among = if draws.happens(0.5) { targets.list.numbers / 5 } else { targets.list.numbers };
        listings.push(draws.below(among.max(1)) as u32);
    }
    draws.shuffle(&mut listings);
    listings
}
