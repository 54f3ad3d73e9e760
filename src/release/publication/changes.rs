//! A decomposition in sentences: from where to where a mean went, and what that is made of.

use crate::disclosure::safe::SafeTable;
use crate::language::{Language, Phrase};
use crate::release::figures::bars::{capital, text};
use crate::release::figures::grid::{Along, Grid, Panel, Point, grid};
use crate::tables::set::Part;

const ROSE: Phrase = Phrase::new("rose", "steeg");
const FELL: Phrase = Phrase::new("fell", "daalde");
const STAYED: Phrase = Phrase::new("stayed", "bleef");
const MEAN: Phrase = Phrase::new("the mean", "het gemiddelde");
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

/// A sentence or two for every change of a table.
pub fn sentences(table: &SafeTable, language: Language) -> Vec<String> {
    let unit = table.presentation.unit.of(language);
    of(&grid(table, Along::Parts, language)).iter().map(|change| change.sentence(unit, language)).collect()
}

impl Change<'_> {
    fn number(&self, part: Part) -> Option<f64> {
        self.points[part as usize].number()
    }

    /// The whole went one way, and what changed within classes the other.
    pub fn is_turned(&self) -> bool {
        let both = self.number(Part::Change).zip(self.number(Part::Within));
        both.is_some_and(|(change, within)| change * within < 0.0)
    }

    pub fn sentence(&self, unit: &str, language: Language) -> String {
        let told = |part: Part| text(self.points[part as usize], language);
        let subject = match self.label.as_str() {
            "" => capital(MEAN.of(language)),
            label => format!("{}: {}", capital(label), MEAN.of(language)),
        };
        let Some(change) = self.number(Part::Change) else {
            let label = if self.label.is_empty() { String::new() } else { format!("{}: ", self.label) };
            return capital(&format!("{label}{}", WITHHELD.of(language)));
        };
        let verb = if change > 0.0 {
            ROSE
        } else if change < 0.0 {
            FELL
        } else {
            STAYED
        };
        let (verb, unit) = (verb.of(language), if unit.is_empty() { String::new() } else { format!(" {unit}") });
        let [start, end, change, within, composition, coverage] = Part::ALL.map(told);
        let moved = match language {
            Language::English => format!("{subject} {verb} from {start} to {end}{unit}, a change of {change}."),
            Language::Dutch => format!("{subject} {verb} van {start} naar {end}{unit}, een verandering van {change}."),
        };
        let split = match (self.number(Part::Within), language) {
            (Some(_), Language::English) => format!(
                "Of this, {within} stands for changes within classes, {composition} for another distribution of firms over classes, \
                 and {coverage} for other firms having a value."
            ),
            (Some(_), Language::Dutch) => format!(
                "Daarvan komt {within} door veranderingen binnen klassen, {composition} door een andere verdeling van bedrijven over \
                 klassen, en {coverage} doordat andere bedrijven een waarde hebben."
            ),
            (None, _) if self.points[Part::Within as usize].state == crate::disclosure::safe::State::NotApplicable => {
                PARTS_UNKNOWN.of(language).to_owned()
            }
            (None, _) => PARTS_WITHHELD.of(language).to_owned(),
        };
        let turned = match (self.is_turned(), language) {
            (false, _) => "",
            (true, Language::English) => " Within classes the mean went the other way.",
            (true, Language::Dutch) => " Binnen klassen ging het gemiddelde de andere kant op.",
        };
        format!("{moved} {split}{turned}")
    }
}
