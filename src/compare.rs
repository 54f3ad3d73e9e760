//! The true values of a run on synthetic registers beside the targets they were made for.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use crate::amount::{SCALE, decimal, divide_round};
use crate::disclosure::safe::State;
use crate::linkage::{Outcome, Reason};
use crate::pipeline::Run;
use crate::release::truth::TrueRow;
use crate::spec::plan::Plan;
use crate::synth::{Level, Targets};

/// One published fact beside what the run found.
#[derive(Serialize)]
pub struct Fact {
    pub what: String,
    pub published: String,
    /// The true value before protection, rounded as it was published.
    pub found: String,
    pub matches: bool,
    /// Whether the release of this run withholds it.
    pub withheld: bool,
}

#[derive(Serialize)]
pub struct Comparison {
    pub facts: Vec<Fact>,
}

const SIZES: [&str; 4] = ["0-9", "10-49", "50-249", "250+"];
const TYPES: [&str; 4] = ["computers", "communication", "machines", "software"];

/// A whole unit, in ten-thousandths.
const ONE: i64 = SCALE;
const TENTH: i64 = SCALE / 10;
/// A million, in a table of thousands.
const MILLION: i64 = 1000 * SCALE;

impl Comparison {
    pub fn new(targets: &Targets, plan: &Plan, run: &Run) -> Self {
        let mut facts = Facts { rows: run.truth.rows(&run.safe), facts: Vec::new() };
        facts.list(targets, run);
        facts.composition(targets);
        facts.turnover(targets);
        facts.investments(targets);
        facts.outliers(targets, plan, run);
        Self { facts: facts.facts }
    }

    /// Every fact, one per line, those that do not match marked.
    pub fn text(&self) -> String {
        let mut text = String::from("Published values beside the true values of this run (w: withheld from the release)\n\n");
        text.push_str(&format!("  {:<62}{:>12}{:>12}\n", "", "published", "this run"));
        let matching = self.facts.iter().filter(|fact| fact.matches).count();
        for fact in &self.facts {
            let mark = if fact.matches { "=" } else { "DIFFERS" };
            let withheld = if fact.withheld { "w" } else { "" };
            let line = format!("  {:<62}{:>12}{:>12}  {mark} {withheld}", fact.what, fact.published, fact.found);
            let written = writeln!(text, "{}", line.trim_end());
            assert!(written.is_ok(), "a text in memory can be extended");
        }
        text.push_str(&format!("\n{matching} of {} facts match.\n", self.facts.len()));
        text
    }
}

struct Facts {
    rows: Vec<TrueRow>,
    facts: Vec<Fact>,
}

impl Facts {
    /// The row of a table with exactly these classes; other key columns are empty.
    fn row(&self, table: &str, classes: &[(&str, &str)]) -> Option<&TrueRow> {
        let wanted: BTreeMap<&str, &str> = classes.iter().copied().collect();
        let meets = |row: &&TrueRow| {
            row.table == table && row.key.iter().all(|(column, code)| wanted.get(column.as_str()).unwrap_or(&"") == code)
        };
        self.rows.iter().find(meets)
    }

    /// Adds a fact whose published value was rounded to whole multiples of `precision`.
    fn value(&mut self, what: String, published: f64, precision: i64, table: &str, classes: &[(&str, &str)]) {
        let row = self.row(table, classes);
        let round = |scaled: i128| divide_round(scaled, i128::from(precision)) * i128::from(precision);
        let published = round((published * SCALE as f64).round() as i128);
        let found = row.and_then(|row| row.value).map(round);
        let decimals = if precision < ONE { 1 } else { 0 };
        let withheld = row.is_some_and(|row| row.state == State::Suppressed);
        self.facts.push(Fact {
            what,
            published: decimal(published, decimals),
            found: found.map_or_else(|| "-".into(), |found| decimal(found, decimals)),
            matches: found == Some(published),
            withheld,
        });
    }

    fn count(&mut self, what: &str, published: usize, found: usize) {
        let (published, matches) = (published.to_string(), published == found);
        self.facts.push(Fact { what: what.into(), published, found: found.to_string(), matches, withheld: false });
    }

    fn list(&mut self, targets: &Targets, run: &Run) {
        let Some(listings) = &run.listings else { return };
        let mut persons: BTreeMap<u32, bool> = BTreeMap::new();
        for (number, outcome) in run.links.iter().flat_map(|links| &links.outcomes) {
            *persons.entry(number.0).or_default() |= *outcome != Outcome::Unlinked(Reason::NoPerson);
        }
        self.count("numbers listed", targets.list.listings, listings.pseudonyms.len());
        self.count("unique numbers", targets.list.numbers, persons.len());
        let without = persons.values().filter(|person| !**person).count();
        self.count("numbers without a person", targets.list.without_person, without);
        for (year, units) in (2014..).zip(targets.linked.units) {
            let year = year.to_string();
            self.value(format!("table 6: linked units {year}"), units as f64, ONE, "t6", &[("year", &year)]);
        }
        let levels =
            [("more-persons", targets.group_level.more_persons), ("higher-size-class", targets.group_level.higher_class)];
        for (level, shares) in levels {
            for (year, share) in (2014..).zip(shares) {
                let year = year.to_string();
                let classes = [("year", year.as_str()), ("group_level", level)];
                self.value(format!("table 7: % of units, group {level}, {year}"), f64::from(share), ONE, "t7", &classes);
            }
        }
    }

    fn composition(&mut self, targets: &Targets) {
        let (treated, controls) = (&targets.composition.participants, &targets.composition.non_participants);
        let sectors = [
            ("participants", "C", treated.industry),
            ("participants", "J", treated.ict),
            ("participants", "G", treated.trade),
            ("non_participants", "C", controls.industry),
            ("non_participants", "M", controls.business_services),
        ];
        for (arm, sector, share) in sectors {
            let classes = [("year", "2019"), ("arm", arm), ("sector", sector)];
            self.value(format!("% of {arm} in sector {sector}, 2019"), f64::from(share), ONE, "f25-f47", &classes);
        }
        for (arm, share) in [("participants", treated.age_six_or_more), ("non_participants", controls.age_six_or_more)] {
            let classes = [("year", "2019"), ("arm", arm), ("age_class", "6+")];
            self.value(format!("% of {arm} of six years or more, 2019"), f64::from(share), ONE, "f26", &classes);
        }
        for (sector, age) in [("J", treated.mean_age_ict), ("G", treated.mean_age_trade)] {
            let classes = [("year", "2019"), ("indicator", "firm-age"), ("sector", sector)];
            self.value(format!("mean age of participants in sector {sector}, 2019"), age, TENTH, "f28-age", &classes);
        }
        for (arm, persons) in [("participants", treated.mean_persons_large), ("non_participants", controls.mean_persons_large)] {
            let classes = [("year", "2019"), ("indicator", "persons"), ("arm", arm), ("size_class", "250+")];
            self.value(format!("mean persons of {arm} of 250+, 2019"), f64::from(persons), ONE, "f48", &classes);
        }
    }

    fn turnover(&mut self, targets: &Targets) {
        let classes = [("year", "2019"), ("indicator", "turnover-thousands"), ("arm", "participants")];
        let mean = targets.turnover.mean_participants_2019 / 1000.0;
        self.value("mean turnover of participants in thousands, 2019".into(), mean, MILLION, "f29", &classes);
        let industry = &targets.turnover.per_person_industry;
        for (arm, years) in [("participants", &industry.participants), ("non_participants", &industry.non_participants)] {
            for (year, levels) in [("2014", years.first), ("2019", years.last)] {
                for (size, level) in SIZES.iter().zip(levels) {
                    let what = format!("table 8: turnover per person, {arm}, {size}, {year}");
                    let classes = [("year", year), ("indicator", "turnover-per-person"), ("arm", arm), ("size_class", *size)];
                    self.value(what, level, ONE, "t8", &classes);
                }
            }
        }
    }

    fn investments(&mut self, targets: &Targets) {
        let arms =
            [("participants", &targets.investments.participants), ("non_participants", &targets.investments.non_participants)];
        for (kind, name) in TYPES.iter().enumerate() {
            for (arm, levels) in arms {
                for (year, level) in (2014..).zip(levels.of(kind)) {
                    let (year, indicator) = (year.to_string(), format!("investment-per-person.{name}"));
                    let classes = [("year", year.as_str()), ("indicator", indicator.as_str()), ("arm", arm)];
                    self.value(format!("table 9: {name} per person, {arm}, {year}"), *level, ONE, "f35-t9", &classes);
                }
            }
        }
        let stars = &targets.investments.communication_industry;
        for (year, levels) in [("2014", &stars.first), ("2018", &stars.last)] {
            for (size, level) in SIZES.iter().zip(levels) {
                let what = format!("table 10: communication per person, industry, {size}, {year}");
                let indicator = "investment-per-person.communication";
                let classes = [("year", year), ("indicator", indicator), ("arm", "participants"), ("size_class", *size)];
                match level {
                    Level::Mean(level) => self.value(what, *level, ONE, "t10", &classes),
                    Level::Withheld(_) => self.star(what, &classes),
                }
            }
        }
    }

    /// A cell that was published as `*` has to be withheld here as well.
    fn star(&mut self, what: String, classes: &[(&str, &str)]) {
        let withheld = self.row("t10", classes).is_some_and(|row| row.state == State::Suppressed);
        let found = if withheld { "*" } else { "published" };
        self.facts.push(Fact { what, published: "*".into(), found: found.into(), matches: withheld, withheld });
    }

    fn outliers(&mut self, targets: &Targets, plan: &Plan, run: &Run) {
        let removed = |name: &str| {
            let at = plan.indicators.iter().position(|indicator| indicator.name == name);
            at.and_then(|at| run.removed.units.get(&at)).map_or(0, |units| units.len())
        };
        self.count("outlier records, turnover", targets.outliers.turnover, removed("turnover-per-person"));
        let investments = removed("investment-per-person.machines");
        self.count("outlier records, investments", targets.outliers.investments, investments);
    }
}
