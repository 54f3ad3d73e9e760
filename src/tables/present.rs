//! What a reader is told about a table and the study: titles, units and classes in words, as they are declared.

use std::collections::BTreeMap;

use super::define;
use super::set::{About, ColumnText, Method, Part, Presentation};
use crate::language::{Language, Phrase, Text};
use crate::spec::plan::{ARMS, Dimension, Input, Plan, Show, TablePlan};

/// Words for the units that the program itself gives a value.
const UNITS: [(&str, Phrase); 7] = [
    ("eur", Phrase::new("euros", "euro")),
    ("1000 eur", Phrase::new("thousands of euros", "duizend euro")),
    ("eur per person", Phrase::new("euros per employed person", "euro per werkzame persoon")),
    ("years", Phrase::new("years", "jaar")),
    ("persons", Phrase::new("employed persons", "werkzame personen")),
    ("units", Phrase::new("business units", "bedrijfseenheden")),
    ("listings", Phrase::new("numbers on the list", "nummers op de lijst")),
];

/// The steps from the list to the registers.
pub const STEPS: [(&str, Phrase); 4] = [
    ("listings", Phrase::new("On the list, repeats included", "Op de lijst, dubbele meegeteld")),
    ("unique-numbers", Phrase::new("Different numbers", "Verschillende nummers")),
    ("without-person", Phrase::new("Not in the register of persons", "Niet in het personenregister")),
    ("with-person", Phrase::new("In the register of persons", "In het personenregister")),
];

const ARM_WORDS: [Phrase; 2] = [Phrase::new("participants", "deelnemers"), Phrase::new("non-participants", "niet-deelnemers")];

const GROUP_LEVELS: [(&str, Phrase); 2] = [
    ("more-persons", Phrase::new("group has more employed persons", "groep heeft meer werkzame personen")),
    ("higher-size-class", Phrase::new("group falls in a higher size class", "groep valt in een hogere grootteklasse")),
];

const ALL: Phrase = Phrase::new("all", "alle");

/// What a reader is told about the study.
pub fn about(plan: &Plan) -> About {
    let languages = [Language::English].into_iter().chain(plan.title.dutch.is_some().then_some(Language::Dutch));
    About {
        name: plan.name.clone(),
        title: plan.title.clone(),
        data_source: plan.data_source.clone(),
        languages: languages.collect(),
        method: Some(Method {
            years: plan.years.clone(),
            ties: match &plan.input {
                Input::Registers { ties, .. } => ties.clone(),
                Input::Panel { .. } => Vec::new(),
            },
            cohort: plan.cohort.clone(),
            measures: plan.measures,
            outliers: plan.outliers.as_ref().map(|rule| (rule.criterion.clone(), rule.require_higher_class)),
        }),
    }
}

/// What a reader is told about a table.
pub fn table(plan: &Plan, table: &TablePlan, unit: &str) -> Presentation {
    Presentation {
        title: table.title.clone(),
        unit: self::unit(unit),
        section: Some(table.section),
        base: table.show.base(),
        filters: filters(plan, table),
        columns: columns(plan, table),
    }
}

/// Filters on one class of a dimension that stands in no column.
fn filters(plan: &Plan, table: &TablePlan) -> Vec<Text> {
    let shown = |dimension: &Dimension| table.by.iter().chain(table.show.of()).any(|one| one == dimension);
    let alone = table.filters.iter().filter(|filter| !shown(&filter.dimension));
    let word = |filter: &crate::spec::plan::Filter| match filter.classes.as_slice() {
        [class] => {
            let code = define::codes(plan, &filter.dimension).get(usize::from(*class))?.clone();
            dimension_text(plan, &filter.dimension).classes.get(&code).cloned()
        }
        _ => None,
    };
    alone.filter_map(word).collect()
}

fn unit(unit: &str) -> Text {
    let known = UNITS.iter().find(|(name, _)| *name == unit);
    known.map_or_else(|| Text::same(unit), |(_, words)| (*words).into())
}

fn columns(plan: &Plan, table: &TablePlan) -> BTreeMap<String, ColumnText> {
    if table.show == Show::Attrition {
        return BTreeMap::from([("step".to_owned(), named(Phrase::new("Step", "Stap"), &STEPS))]);
    }
    let mut dimensions = vec![Dimension::Year];
    dimensions.extend(table.by.iter().cloned());
    dimensions.extend(table.show.of().cloned());
    let mut columns: BTreeMap<String, ColumnText> =
        dimensions.iter().map(|dimension| (define::column(plan, dimension), dimension_text(plan, dimension))).collect();
    columns.insert("indicator".into(), indicators(plan, table));
    if let Show::Decomposition { base, .. } = &table.show {
        columns.insert(define::PART.into(), parts(*base, &table.years));
    }
    columns
}

/// The means go by their years.
fn parts(base: i32, years: &[i32]) -> ColumnText {
    let text = |part: Part| match (part, years) {
        (Part::Start, _) => Text::same(base.to_string()),
        (Part::End, [only]) => Text::same(only.to_string()),
        (Part::End, _) => Phrase::new("mean of the year", "gemiddelde van het jaar").into(),
        (Part::Change, _) => Phrase::new("change", "verandering").into(),
        (Part::Within, _) => Phrase::new("within classes", "binnen klassen").into(),
        (Part::Composition, _) => Phrase::new("other distribution over classes", "andere verdeling over klassen").into(),
        (Part::Coverage, _) => Phrase::new("other firms with a value", "andere bedrijven met een waarde").into(),
    };
    let classes = Part::ALL.into_iter().map(|part| (part.code().to_owned(), text(part))).collect();
    ColumnText { title: Phrase::new("Part", "Onderdeel").into(), classes }
}

fn named(title: Phrase, classes: &[(&str, Phrase)]) -> ColumnText {
    let classes = classes.iter().map(|(code, words)| ((*code).to_owned(), (*words).into())).collect();
    ColumnText { title: title.into(), classes }
}

/// An indicator by what tells it from the others: its variant when all are variants of one, its title otherwise.
fn indicators(plan: &Plan, table: &TablePlan) -> ColumnText {
    let uses: Vec<_> = table.indicators.iter().map(|at| &plan.indicators[*at]).collect();
    let one = uses.windows(2).all(|pair| std::ptr::eq(pair[0].definition, pair[1].definition));
    let label = |at: &&crate::spec::plan::IndicatorUse| match &at.variant {
        Some(variant) if one => variant.clone(),
        _ => at.title.clone(),
    };
    let classes = uses.iter().map(|used| (used.name.clone(), label(used))).collect();
    ColumnText { title: Phrase::new("Indicator", "Indicator").into(), classes }
}

fn dimension_text(plan: &Plan, dimension: &Dimension) -> ColumnText {
    let mut text = match dimension {
        Dimension::Year => named(Phrase::new("Year", "Jaar"), &[]),
        Dimension::Arm => {
            let arms: Vec<_> = ARMS.into_iter().zip(ARM_WORDS).collect();
            named(Phrase::new("Group", "Groep"), &arms)
        }
        Dimension::GroupLevel => named(Phrase::new("Enterprise group", "Ondernemingsgroep"), &GROUP_LEVELS),
        Dimension::Code(name) => plan.classifications.get(name).map_or_else(ColumnText::default, |codes| ColumnText {
            title: codes.title.clone(),
            classes: codes.classes.iter().map(|class| (class.code.clone(), class.label.clone())).collect(),
        }),
        Dimension::Class(set) => {
            let set = &plan.class_sets[*set];
            let classes = set.classes.iter().map(|class| (class.code.clone(), with_limits(&class.label, &class.code)));
            ColumnText { title: set.title.clone(), classes: classes.collect() }
        }
    };
    text.classes.insert(String::new(), ALL.into());
    text
}

/// `small (10-49)`; the limits alone where the class has no other name.
fn with_limits(label: &Text, code: &str) -> Text {
    let limits = code.replace('-', "\u{2013}");
    let words = |label: &str| if label == code { limits.clone() } else { format!("{label} ({limits})") };
    Text { english: words(&label.english), dutch: label.dutch.as_deref().map(words) }
}
