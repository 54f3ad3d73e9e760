//! The words of the report in both languages.

use crate::language::{Language, Phrase};
use crate::spec::plan::Section;

pub const CONTENTS: Phrase = Phrase::new("Contents", "Inhoud");
pub const SKIP: Phrase = Phrase::new("To the content", "Naar de inhoud");
pub const TABLE: Phrase = Phrase::new("Table", "Tabel");
pub const METHOD: Phrase = Phrase::new("How the figures were made", "Hoe de cijfers zijn gemaakt");
pub const PROTECTION: Phrase = Phrase::new("How firms are protected", "Hoe bedrijven worden beschermd");
pub const READING: Phrase = Phrase::new("Signs and files", "Tekens en bestanden");
pub const ABOVE: Phrase = Phrase::new("above non-participants", "hoger dan niet-deelnemers");
pub const BELOW: Phrase = Phrase::new("below non-participants", "lager dan niet-deelnemers");
pub const ABOVE_LONG: Phrase = Phrase::new(
    "the value of the participants is above that of the non-participants",
    "de waarde van de deelnemers is hoger dan die van de niet-deelnemers",
);
pub const BELOW_LONG: Phrase = Phrase::new(
    "the value of the participants is below that of the non-participants",
    "de waarde van de deelnemers is lager dan die van de niet-deelnemers",
);
pub const IN_BRACKETS: Phrase =
    Phrase::new("; in brackets the number of business units", "; tussen haakjes het aantal bedrijfseenheden");
pub const FILES: Phrase = Phrase::new(
    "Every table stands as a data file in the folder tables, and every figure as SVG, PNG and PDF, with its data, in the folder \
     figures. All of them show the same released values.",
    "Elke tabel staat als gegevensbestand in de map tables, en elke figuur als SVG, PNG en PDF, met de gegevens erbij, in de map \
     figures. Alle tonen dezelfde vrijgegeven waarden.",
);
pub const SUMMARY: Phrase = Phrase::new("In short", "In het kort");
pub const DECOMPOSITION: Phrase = Phrase::new(
    "A mean over all firms can change because means within classes change, or because firms are distributed differently over the \
     classes. A decomposition tells the two apart. Within classes: the change of the mean of each class, weighted with the share of \
     the class in all firms, averaged over both years. Other distribution over classes: the change of that share, weighted with the \
     mean of the class, averaged over both years. Both follow Kitagawa (1955, Journal of the American Statistical Association 50). \
     The rest is told as other firms with a value: where only a sample is asked, or values are missing, the firms with a value are \
     distributed over the classes differently from all firms. The parts add up to the change.",
    "Een gemiddelde over alle bedrijven kan veranderen doordat de gemiddelden binnen klassen veranderen, of doordat bedrijven anders \
     over de klassen zijn verdeeld. Een decompositie houdt die twee uit elkaar. Binnen klassen: de verandering van het gemiddelde van \
     elke klasse, gewogen met het aandeel van de klasse in alle bedrijven, gemiddeld over beide jaren. Andere verdeling over klassen: de \
     verandering van dat aandeel, gewogen met het gemiddelde van de klasse, gemiddeld over beide jaren. Beide volgen Kitagawa (1955, \
     Journal of the American Statistical Association 50). De rest staat onder andere bedrijven met een waarde: waar maar een steekproef \
     is gevraagd, of waarden ontbreken, zijn de bedrijven met een waarde anders over de klassen verdeeld dan alle bedrijven. De \
     onderdelen tellen op tot de verandering.",
);

/// The anchor of a section, its heading and what it is about.
pub fn section(section: Option<Section>) -> (&'static str, Phrase, Phrase) {
    match section {
        Some(Section::Linkage) => ("linkage", Phrase::new("Linkage", "Koppeling"), LINKAGE),
        Some(Section::Reach) => ("reach", Phrase::new("Reach", "Bereik"), REACH),
        Some(Section::Comparison) => ("comparison", Phrase::new("Comparison", "Vergelijking"), COMPARISON),
        Some(Section::Baseline) => ("baseline", Phrase::new("Selection at baseline", "Selectie bij aanvang"), BASELINE),
        Some(Section::Development) => ("development", Phrase::new("Development", "Ontwikkeling"), DEVELOPMENT),
        Some(Section::Effects) => ("effects", Phrase::new("Effects", "Effecten"), EFFECTS),
        None => ("tables", Phrase::new("Tables", "Tabellen"), Phrase::new("", "")),
    }
}

const LINKAGE: Phrase = Phrase::new(
    "From the list to the units that the tables are about: how many are found, and what it means that they are not whole groups.",
    "Van de lijst naar de eenheden waar de tabellen over gaan: hoeveel er zijn gevonden, en wat het betekent dat het geen hele \
     ondernemingsgroepen zijn.",
);
const REACH: Phrase = Phrase::new(
    "Which firms take part, and how they are made up beside all other firms.",
    "Welke bedrijven deelnemen, en hoe zij zijn samengesteld naast alle andere bedrijven.",
);
const COMPARISON: Phrase = Phrase::new(
    "The groups beside one another in one year. A difference is not an effect.",
    "De groepen naast elkaar in één jaar. Een verschil is geen effect.",
);
const BASELINE: Phrase = Phrase::new(
    "How the groups differed in the first year of the study. A difference that was there at the start is not a result.",
    "Hoe de groepen verschilden in het eerste jaar van de studie. Een verschil dat er bij aanvang al was, is geen resultaat.",
);
const DEVELOPMENT: Phrase = Phrase::new(
    "What happened over the years. The firms in a class are not the same in every year, so a change of a mean is not a change of the \
     same firms.",
    "Wat er in de loop van de jaren gebeurde. De bedrijven in een klasse zijn niet elk jaar dezelfde; een verandering van een \
     gemiddelde is dus geen verandering van dezelfde bedrijven.",
);
const EFFECTS: Phrase = Phrase::new(
    "What is attributed to taking part, each estimate with its interval.",
    "Wat aan deelname wordt toegeschreven, elke schatting met haar interval.",
);

/// What protection means, without the parameters of any rule.
pub fn protection(language: Language) -> Vec<String> {
    let sentences = [
        Phrase::new(
            "Everything in this report is computed from values that may be published. All tables were protected together: a cell in \
             which a firm could be recognised is withheld, and so are as many other cells as are needed to keep it from being \
             computed from totals, from overlapping tables or from other years. The sign for a withheld cell does not tell which of \
             the two it is.",
            "Alles in dit rapport is berekend uit waarden die gepubliceerd mogen worden. Alle tabellen zijn samen beveiligd: een cel \
             waarin een bedrijf herkenbaar zou zijn is afgeschermd, en daarnaast zoveel andere cellen als nodig is om te voorkomen \
             dat zij uit totalen, overlappende tabellen of andere jaren te berekenen is. Het teken voor een afgeschermde cel zegt niet \
             welke van de twee het is.",
        ),
        Phrase::new(
            "Before anything was written, a separate audit tried to compute withheld values from what is published, also as one of \
             the firms that know their own. Only tables that withstood it are shown.",
            "Voordat er iets werd geschreven, heeft een aparte controle geprobeerd afgeschermde waarden te berekenen uit wat er \
             gepubliceerd is, ook als een van de bedrijven die hun eigen waarde kennen. Alleen tabellen die dat hebben doorstaan \
             worden getoond.",
        ),
        Phrase::new(
            "Values are rounded. Shares, index numbers and marks are computed from published, rounded values; where a part is \
             withheld, so are they.",
            "Waarden zijn afgerond. Aandelen, indexcijfers en markeringen zijn berekend uit gepubliceerde, afgeronde waarden; is een \
             onderdeel afgeschermd, dan zijn zij dat ook.",
        ),
    ];
    sentences.iter().map(|sentence| sentence.of(language).to_owned()).collect()
}
