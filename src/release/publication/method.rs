//! The declared choices of a study in sentences.

use crate::indicators::{MissingQuarter, ZeroDenominator};
use crate::language::{Language, Phrase};
use crate::spec::plan::{ClassYear, GroupMembers, OutlierCriterion, Panel, TieRule, Treated, Weights};
use crate::tables::set::Method;

/// One sentence or a few per choice.
pub fn sentences(method: &Method, language: Language) -> Vec<String> {
    let mut sentences = Vec::new();
    sentences.extend(linkage(&method.ties, language));
    sentences.push(groups(&method.cohort.treated, language));
    sentences.push(classes(method, language));
    sentences.push(
        match method.measures.weights {
            Weights::None => UNWEIGHTED,
            Weights::Design => WEIGHTED,
        }
        .of(language)
        .to_owned(),
    );
    sentences.extend((!method.ties.is_empty()).then(|| missing(method, language)));
    sentences.extend(method.outliers.as_ref().map(|(criterion, grouped)| outliers(criterion, *grouped, language)));
    sentences
}

const UNWEIGHTED: Phrase = Phrase::new(
    "A mean is the unweighted mean over units of the value of each unit: a mean of ratios, not a ratio of totals.",
    "Een gemiddelde is het ongewogen gemiddelde over eenheden van de waarde per eenheid: een gemiddelde van verhoudingen, geen \
     verhouding van totalen.",
);
const WEIGHTED: Phrase = Phrase::new(
    "A mean is the mean over units of the value of each unit; measures of a sampled register are weighted with its design weights.",
    "Een gemiddelde is het gemiddelde over eenheden van de waarde per eenheid; maten uit een steekproef zijn gewogen met de \
     ophooggewichten daarvan.",
);

fn linkage(ties: &[TieRule], language: Language) -> Option<String> {
    const FIRST: Phrase = Phrase::new(
        "Every number on the list is looked up in the register of persons, and from there in the business units of each year. Where a \
         person has several units in a year, one is chosen",
        "Elk nummer op de lijst is opgezocht in het personenregister, en van daar in de bedrijfseenheden van elk jaar. Heeft een \
         persoon in een jaar meer eenheden, dan is er één gekozen",
    );
    const NEXT: Phrase = Phrase::new(", then ", ", daarna ");
    let rule = |rule: &TieRule| {
        match rule {
            TieRule::LongestInYear => Phrase::new("by the longest time within the year", "op de langste duur binnen het jaar"),
            TieRule::MostEmployedPersons => {
                Phrase::new("by the most employed persons", "op het grootste aantal werkzame personen")
            }
            TieRule::SmallestId => Phrase::new("by the smallest identifier", "op de kleinste identificatie"),
        }
        .of(language)
    };
    let rules: Vec<&str> = ties.iter().map(rule).collect();
    (!rules.is_empty()).then(|| format!("{} {}.", FIRST.of(language), rules.join(NEXT.of(language))))
}

fn groups(treated: &Treated, language: Language) -> String {
    let phrase = match treated {
        Treated::Linked => Phrase::new(
            "A business unit is a participant in every year in which a number of the list leads to it. All other units of the year \
             are non-participants.",
            "Een bedrijfseenheid is deelnemer in elk jaar waarin een nummer van de lijst ernaar leidt. Alle andere eenheden van het \
             jaar zijn niet-deelnemers.",
        ),
        Treated::Column { ever: true, .. } => Phrase::new(
            "A unit is a participant in all years when the data say so in any of them. All other units are non-participants.",
            "Een eenheid is deelnemer in alle jaren als de gegevens dat in enig jaar zeggen. Alle andere eenheden zijn niet-deelnemers.",
        ),
        Treated::Column { ever: false, .. } => Phrase::new(
            "A unit is a participant in the years in which the data say so. All other units of the year are non-participants.",
            "Een eenheid is deelnemer in de jaren waarin de gegevens dat zeggen. Alle andere eenheden van het jaar zijn \
             niet-deelnemers.",
        ),
        Treated::Nobody => Phrase::new(
            "All units are described together; no groups are compared.",
            "Alle eenheden zijn samen beschreven; er worden geen groepen vergeleken.",
        ),
    };
    phrase.of(language).to_owned()
}

fn classes(method: &Method, language: Language) -> String {
    let classes = match (method.cohort.classes, language) {
        (ClassYear::Own, Language::English) => "Units stand in the classes of the year that is shown.".to_owned(),
        (ClassYear::Own, Language::Dutch) => "Eenheden staan in de klassen van het getoonde jaar.".to_owned(),
        (ClassYear::Base(year), Language::English) => {
            format!("Units stand in the classes of {year} in all years; units that were not there in {year} are left out.")
        }
        (ClassYear::Base(year), Language::Dutch) => {
            format!("Eenheden staan in alle jaren in de klassen van {year}; eenheden die er in {year} niet waren, blijven weg.")
        }
    };
    let members = match method.cohort.group_members {
        GroupMembers::Keep => Phrase::new(
            "Other units of the enterprise group of a participant stay among the non-participants.",
            "Andere eenheden van de ondernemingsgroep van een deelnemer blijven bij de niet-deelnemers.",
        ),
        GroupMembers::LeaveOut => Phrase::new(
            "Other units of the enterprise group of a participant are left out.",
            "Andere eenheden van de ondernemingsgroep van een deelnemer blijven weg.",
        ),
    };
    let panel = match method.cohort.panel {
        Panel::Unbalanced => {
            Phrase::new("A unit counts in every year in which it is there.", "Een eenheid telt mee in elk jaar waarin zij er is.")
        }
        Panel::Balanced => {
            Phrase::new("Only units that are there in every year count.", "Alleen eenheden die er in elk jaar zijn tellen mee.")
        }
    };
    let compared = method.cohort.treated != Treated::Nobody;
    let members = if compared { format!(" {}", members.of(language)) } else { String::new() };
    format!("{classes}{members} {}", panel.of(language))
}

/// What holds for turnover by quarter and amounts per employed person, as linked registers have them.
fn missing(method: &Method, language: Language) -> String {
    let options = &method.measures.options;
    let quarter = match options.missing_quarter {
        MissingQuarter::MissingYear => Phrase::new(
            "A year with a missing quarter has no turnover.",
            "Een jaar waarin een kwartaal ontbreekt heeft geen omzet.",
        ),
        MissingQuarter::ScaleUp => Phrase::new(
            "A missing quarter is filled in with the mean of the others.",
            "Een ontbrekend kwartaal is aangevuld met het gemiddelde van de andere.",
        ),
        MissingQuarter::Zero => Phrase::new("A missing quarter counts as zero.", "Een ontbrekend kwartaal telt als nul."),
    };
    let persons = match options.zero_persons {
        ZeroDenominator::Missing => Phrase::new(
            "A unit without employed persons has no value per employed person.",
            "Een eenheid zonder werkzame personen heeft geen waarde per werkzame persoon.",
        ),
        ZeroDenominator::Zero => Phrase::new(
            "A unit without employed persons and without the amount has a value of zero per employed person.",
            "Een eenheid zonder werkzame personen en zonder het bedrag heeft een waarde van nul per werkzame persoon.",
        ),
    };
    format!("{} {}", quarter.of(language), persons.of(language))
}

fn outliers(criterion: &OutlierCriterion, grouped: bool, language: Language) -> String {
    let extreme = match criterion {
        OutlierCriterion::RobustZ { .. } => Phrase::new(
            "A participant whose value lies extremely far from the median of the participants",
            "Een deelnemer met een waarde die extreem ver van de mediaan van de deelnemers ligt",
        ),
        OutlierCriterion::Quantile { .. } => Phrase::new(
            "A participant whose value is among the highest of the participants",
            "Een deelnemer met een waarde die bij de hoogste van de deelnemers hoort",
        ),
        OutlierCriterion::Above { .. } => {
            Phrase::new("A participant whose value exceeds a set amount", "Een deelnemer met een waarde boven een vast bedrag")
        }
    };
    const GROUPED: Phrase = Phrase::new(
        ", and whose enterprise group falls in a higher size class,",
        ", en met een ondernemingsgroep in een hogere grootteklasse,",
    );
    const GONE: Phrase =
        Phrase::new(" is left out of that indicator in all years.", " is in alle jaren weggelaten bij die indicator.");
    let grouped = if grouped { GROUPED.of(language) } else { "" };
    format!("{}{grouped}{}", extreme.of(language), GONE.of(language))
}
