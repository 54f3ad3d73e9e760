//! A decomposition in sentences: from where to where a mean went, and what that is made of.

use crate::disclosure::safe::{SafeTable, State};
use crate::language::{Language, Phrase};
use crate::release::figures::bars::{capital, text};
use crate::release::figures::grid::{Along, Grid, Panel, Point, grid};
use crate::tables::set::Part;

/// A table with more changes than this is summed up; its numbers stand in figure and table.
const SENTENCES_MOST: usize = 3;

const ROSE: Phrase = Phrase::new("rose", "steeg");
const FELL: Phrase = Phrase::new("fell", "daalde");
const STAYED: Phrase = Phrase::new("stayed", "bleef");
const MEAN: Phrase = Phrase::new("the mean", "het gemiddelde");
const OTHER_WAY: Phrase =
    Phrase::new("Within classes the mean went the other way.", "Binnen klassen ging het gemiddelde de andere kant op.");
const WITHHELD: Phrase = Phrase::new("the change is withheld.", "de verandering is afgeschermd.");
const PARTS_WITHHELD: Phrase = Phrase::new("Its parts are withheld.", "De onderdelen zijn afgeschermd.");
const PARTS_UNKNOWN: Phrase = Phrase::new(
    "It cannot be split, since a class has no mean.",
    "Zij kan niet worden ontleed, omdat een klasse geen gemiddelde heeft.",
);

/// A change of a mean with the parts that are told.
pub struct Change<'a> {
    /// Indicator and arm in words, where the table has several.
    pub label: String,
    points: [&'a Point; 6],
}

/// Every change of a table, over all classes.
pub fn of<'a>(grid: &'a Grid) -> Vec<Change<'a>> {
    let all = grid.series.iter().position(|class| class.code.is_empty());
    let place = |part: Part| grid.categories.iter().position(|class| class.code == part.code());
    let change = |panel: &'a Panel| {
        let points: Option<Vec<&Point>> = Part::ALL.iter().map(|part| panel.points.get(all?)?.get(place(*part)?)).collect();
        Some(Change { label: panel.label(), points: points?.try_into().ok()? })
    };
    grid.panels.iter().filter_map(change).collect()
}

/// What is said of a table: a sentence or two for each of a few changes, or how many went where and which went two ways.
pub fn sentences(table: &SafeTable, language: Language) -> Vec<String> {
    let unit = table.presentation.unit.of(language);
    let grid = grid(table, Along::Parts, language);
    let changes = of(&grid);
    if changes.len() <= SENTENCES_MOST {
        return changes.iter().map(|change| change.sentence(unit, language)).collect();
    }
    let turned = changes.iter().filter_map(|change| change.turn(unit, language));
    let counts: Vec<String> = [directions(&changes, language), largest(&changes, language)].into_iter().flatten().collect();
    (!counts.is_empty()).then(|| counts.join(" ")).into_iter().chain(turned).collect()
}

/// How many means rose and fell.
fn directions(changes: &[Change<'_>], language: Language) -> Option<String> {
    let count =
        |holds: fn(f64) -> bool| changes.iter().filter_map(|change| change.number(Part::Change)).filter(|n| holds(*n)).count();
    let ways = [
        (count(|change| change > 0.0), Phrase::new("rose", "gestegen")),
        (count(|change| change < 0.0), Phrase::new("fell", "gedaald")),
        (count(|change| change == 0.0), Phrase::new("did not change", "gelijk gebleven")),
    ];
    let told = counted(&ways, language, |count, words| format!("{count} {words}"));
    let whole = language.number(&changes.len().to_string());
    (!told.is_empty()).then(|| match language {
        Language::English => format!("Of the {whole} means, {told}."),
        Language::Dutch => format!("Van de {whole} gemiddelden zijn er {told}."),
    })
}

/// Which part of a change is the largest, and how often.
fn largest(changes: &[Change<'_>], language: Language) -> Option<String> {
    const PARTS: [(Part, Phrase); 3] = [
        (Part::Within, Phrase::new("within classes", "binnen klassen")),
        (
            Part::Composition,
            Phrase::new("in another distribution of firms over classes", "in een andere verdeling van bedrijven over klassen"),
        ),
        (Part::Coverage, Phrase::new("in other firms having a value", "in andere bedrijven met een waarde")),
    ];
    let size = |change: &Change<'_>, part: Part| change.number(part).map(f64::abs);
    let is_largest = |change: &&Change<'_>, part: Part| {
        let others = PARTS.iter().filter(|(other, _)| *other != part).map(|(other, _)| size(change, *other));
        size(change, part).is_some_and(|own| others.flatten().all(|other| other < own))
    };
    let ways = PARTS.map(|(part, words)| (changes.iter().filter(|change| is_largest(change, part)).count(), words));
    let told = counted(&ways, language, |count, words| match language {
        Language::English => format!("{words} for {count}"),
        Language::Dutch => format!("bij {count} {words}"),
    });
    (!told.is_empty()).then(|| match language {
        Language::English => format!("The largest part of the change lies {told}."),
        Language::Dutch => format!("Het grootste deel van de verandering ligt {told}."),
    })
}

/// Those of which there are any, as a list.
fn counted(ways: &[(usize, Phrase)], language: Language, say: impl Fn(&str, &str) -> String) -> String {
    let told = ways.iter().filter(|(count, _)| *count > 0);
    let told = told.map(|(count, words)| say(&language.number(&count.to_string()), words.of(language)));
    language.list(&told.collect::<Vec<_>>())
}

impl Change<'_> {
    fn number(&self, part: Part) -> Option<f64> {
        self.points[part as usize].number()
    }

    /// The whole went one way, and what changed within classes the other.
    fn is_turned(&self) -> bool {
        let both = self.number(Part::Change).zip(self.number(Part::Within));
        both.is_some_and(|(change, within)| change * within < 0.0)
    }

    /// The released value of a part, as it reads.
    fn told(&self, part: Part, language: Language) -> String {
        text(self.points[part as usize], language)
    }

    /// The same with its sign, whichever way it goes.
    fn signed(&self, part: Part, language: Language) -> String {
        let sign = if self.number(part).is_some_and(|number| number > 0.0) { "+" } else { "" };
        format!("{sign}{}", self.told(part, language))
    }

    /// From where to where the mean went.
    fn moved(&self, unit: &str, language: Language) -> Option<String> {
        let change = self.number(Part::Change)?;
        let subject = match self.label.as_str() {
            "" => capital(MEAN.of(language)),
            label => format!("{}: {}", capital(label), MEAN.of(language)),
        };
        let verb = direction(change).of(language);
        let [start, end] = [Part::Start, Part::End].map(|part| self.told(part, language));
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        Some(match language {
            Language::English => format!("{subject} {verb} from {start} to {end}{unit}"),
            Language::Dutch => format!("{subject} {verb} van {start} naar {end}{unit}"),
        })
    }

    pub fn sentence(&self, unit: &str, language: Language) -> String {
        let Some(moved) = self.moved(unit, language) else {
            let label = if self.label.is_empty() { String::new() } else { format!("{}: ", self.label) };
            return capital(&format!("{label}{}", WITHHELD.of(language)));
        };
        let [change, within, composition, coverage] =
            [Part::Change, Part::Within, Part::Composition, Part::Coverage].map(|part| self.signed(part, language));
        if self.number(Part::Within).is_none() {
            let is_unknown = self.points[Part::Within as usize].state == State::NotApplicable;
            let why = if is_unknown { PARTS_UNKNOWN } else { PARTS_WITHHELD };
            return format!("{moved} ({change}). {}", why.of(language));
        }
        let split = match language {
            Language::English => format!(
                "{within} within classes, {composition} through another distribution of firms over classes and {coverage} through \
                 other firms having a value"
            ),
            Language::Dutch => format!(
                "{within} binnen klassen, {composition} door een andere verdeling van bedrijven over klassen en {coverage} doordat \
                 andere bedrijven een waarde hebben"
            ),
        };
        let turned = if self.is_turned() { format!(" {}", OTHER_WAY.of(language)) } else { String::new() };
        format!("{moved} ({change}): {split}.{turned}")
    }

    /// A change of which the whole and what happened within classes went different ways.
    pub fn turn(&self, unit: &str, language: Language) -> Option<String> {
        let moved = self.moved(unit, language).filter(|_| self.is_turned())?;
        let verb = direction(self.number(Part::Within)?).of(language);
        let [change, within] = [Part::Change, Part::Within].map(|part| self.signed(part, language));
        Some(match language {
            Language::English => format!("{moved} ({change}), while it {verb} within classes ({within})."),
            Language::Dutch => format!("{moved} ({change}), terwijl het binnen klassen {verb} ({within})."),
        })
    }
}

fn direction(change: f64) -> Phrase {
    match change {
        up if up > 0.0 => ROSE,
        down if down < 0.0 => FELL,
        _ => STAYED,
    }
}
