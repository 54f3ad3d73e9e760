//! A role says what a column of a table is: spanning variable, value, number of units, largest contribution, and so on.

use super::{Columns, Wish};
use crate::cells::argus::description::{Description, Role as Described};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::registers::texts::Texts;
use crate::spec::suggest;

/// Columns by their role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    pub spanning: Vec<usize>,
    pub value: Option<usize>,
    pub count: Option<usize>,
    pub largest: Vec<usize>,
    pub contributors: Vec<usize>,
    pub absolute: Option<usize>,
    pub cost: Option<usize>,
    pub status: Option<usize>,
    pub primary: Option<usize>,
    pub suppressed: Option<usize>,
    pub holding: Option<usize>,
    pub weight: Option<usize>,
    pub lower: Option<usize>,
    pub upper: Option<usize>,
}

/// A role that a column gets by its name.
struct Usual {
    role: fn(&mut Roles) -> &mut Option<usize>,
    names: &'static [&'static str],
}

/// Usual names in lower case, without `_`, `.`, `-` and blanks; the first that a table has is taken.
const USUAL: &[Usual] = &[
    Usual {
        role: |roles| &mut roles.value,
        names: &["value", "val", "numval", "numval1", "amount", "turnover", "response", "tot", "total", "sum", "x"],
    },
    Usual {
        role: |roles| &mut roles.count,
        names: &[
            "freq",
            "frequency",
            "freqvar",
            "count",
            "counts",
            "nobs",
            "n",
            "ncontr",
            "ncontributors",
            "contributors",
            "units",
            "ant",
            "antall",
            "obs",
        ],
    },
    Usual { role: |roles| &mut roles.absolute, names: &["absolute", "shadow", "absolutetotal"] },
    Usual { role: |roles| &mut roles.cost, names: &["cost", "costs", "costvar"] },
    Usual { role: |roles| &mut roles.status, names: &["status", "sdcstatus", "statusvar", "state", "flag"] },
    Usual { role: |roles| &mut roles.primary, names: &["primary", "issecretprim", "primarysuppressed", "sensitive"] },
    Usual { role: |roles| &mut roles.suppressed, names: &["suppressed", "issecret", "withheld"] },
    Usual {
        role: |roles| &mut roles.holding,
        names: &["holding", "holdingid", "hid", "contributor", "contributorid", "company", "enterprisegroup"],
    },
    Usual {
        role: |roles| &mut roles.weight,
        names: &["weight", "weights", "wgt", "samplingweight", "sampweight", "designweight"],
    },
    Usual { role: |roles| &mut roles.lower, names: &["lpl", "lowerprotlevel", "levellower", "lower"] },
    Usual { role: |roles| &mut roles.upper, names: &["upl", "upperprotlevel", "levelupper", "upper"] },
];

/// Beginnings of the names of largest contributions and of who they are from, before their number.
const LARGEST: &[&str] = &["max", "top", "largest", "max1", "maxscore"];
const CONTRIBUTORS: &[(&str, &str)] =
    &[("max", "id"), ("top", "id"), ("id", ""), ("contributor", ""), ("largest", "id"), ("maxid", "")];

impl Roles {
    /// How many columns say something of a cell that no single record has.
    pub fn aggregates(&self) -> usize {
        [self.count, self.absolute, self.status, self.primary, self.suppressed].iter().flatten().count() + self.largest.len()
    }

    fn taken(&self) -> Vec<usize> {
        let single = [
            self.value,
            self.count,
            self.absolute,
            self.cost,
            self.status,
            self.primary,
            self.suppressed,
            self.holding,
            self.weight,
            self.lower,
            self.upper,
        ];
        single.into_iter().flatten().chain(self.largest.iter().copied()).chain(self.contributors.iter().copied()).collect()
    }
}

/// The roles of all columns: as the user says, else as the description says, else as names are usual. Columns that are left span the
/// table, unless the user names those that do.
///
/// # Errors
/// `column-missing` for every column that is named and not there.
pub fn resolve(columns: &Columns, wish: &Wish) -> Result<(Roles, Vec<Diagnostic>), Diagnostics> {
    let texts = &columns.texts;
    let mut wrong = Diagnostics::default();
    let mut roles = asked(texts, wish, &mut wrong);
    let spanning: Vec<usize> = wish.by.iter().filter_map(|name| column(texts, name, &mut wrong)).collect();
    wrong.finish(()).map(drop)?;
    match &columns.description {
        Some((_, description)) => from_description(&mut roles, texts, description, wish),
        None => usual(&mut roles, texts, &spanning, wish),
    }
    if wish.frequency {
        (roles.value, roles.largest) = (None, Vec::new());
    }
    let mut findings = Vec::new();
    roles.spanning = if !spanning.is_empty() {
        spanning
    } else if let Some((_, description)) = &columns.description {
        description.with(Described::Spanning).filter_map(|variable| texts.find(&variable.name)).collect()
    } else {
        left(&roles, texts, &mut findings)
    };
    check(&roles, texts, wish)?;
    Ok((roles, findings))
}

fn column(texts: &Texts, name: &str, wrong: &mut Diagnostics) -> Option<usize> {
    let found = texts.find(name);
    if found.is_none() {
        let finding = Diagnostic::error("column-missing", format!("there is no column `{name}`")).in_file(&texts.file);
        let near = suggest::nearest(name, texts.columns.iter().map(|column| column.name.as_str()));
        wrong.push(match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding,
        });
    }
    found
}

fn asked(texts: &Texts, wish: &Wish, wrong: &mut Diagnostics) -> Roles {
    let mut one = |name: &Option<String>| name.as_deref().and_then(|name| column(texts, name, wrong));
    let (value, count, absolute) = (one(&wish.value), one(&wish.count), one(&wish.absolute));
    let (cost, status, holding, weight) = (one(&wish.cost), one(&wish.status), one(&wish.holding), one(&wish.weight));
    let mut many = |names: &[String]| names.iter().filter_map(|name| column(texts, name, wrong)).collect();
    let (largest, contributors) = (many(&wish.largest), many(&wish.contributors));
    Roles { value, count, absolute, cost, status, holding, weight, largest, contributors, ..Roles::default() }
}

/// What a description says. Values are not guessed when there are several: the user names one.
fn from_description(roles: &mut Roles, texts: &Texts, description: &Description, wish: &Wish) {
    let first = |role: Described| description.with(role).find_map(|variable| texts.find(&variable.name));
    let numeric: Vec<usize> = description.with(Described::Numeric).filter_map(|variable| texts.find(&variable.name)).collect();
    if let (None, [only], false) = (roles.value, numeric.as_slice(), wish.frequency) {
        roles.value = Some(*only);
    }
    let fill = |slot: &mut Option<usize>, role: Described| *slot = slot.or(first(role));
    fill(&mut roles.count, Described::Frequency);
    fill(&mut roles.absolute, Described::Shadow);
    fill(&mut roles.cost, Described::Cost);
    fill(&mut roles.status, Described::Status);
    fill(&mut roles.holding, Described::Holding);
    fill(&mut roles.lower, Described::Lower);
    fill(&mut roles.upper, Described::Upper);
    if roles.largest.is_empty() {
        roles.largest = description.with(Described::MaxScore).filter_map(|variable| texts.find(&variable.name)).collect();
    }
}

fn usual(roles: &mut Roles, texts: &Texts, spanning: &[usize], wish: &Wish) {
    let plain: Vec<String> = texts.columns.iter().map(|column| plain(&column.name)).collect();
    let free = |roles: &Roles, at: usize| !roles.taken().contains(&at) && !spanning.contains(&at);
    if roles.largest.is_empty() {
        roles.largest =
            numbered(&plain, LARGEST.iter().map(|begin| (*begin, ""))).into_iter().filter(|at| free(roles, *at)).collect();
    }
    if roles.contributors.is_empty() {
        roles.contributors = numbered(&plain, CONTRIBUTORS.iter().copied()).into_iter().filter(|at| free(roles, *at)).collect();
    }
    for usual in USUAL {
        let found = usual.names.iter().find_map(|name| plain.iter().position(|own| own == name)).filter(|at| free(roles, *at));
        let slot = (usual.role)(roles);
        *slot = slot.or(found);
    }
    if wish.records {
        roles.count = None;
    }
}

/// Columns named by a beginning, a number from 1 and an end; a single one needs no number.
fn numbered<'a>(plain: &[String], shapes: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<usize> {
    for (begin, end) in shapes {
        let at = |number: usize| plain.iter().position(|name| *name == format!("{begin}{number}{end}"));
        let found: Vec<usize> = (1..=9).map_while(at).collect();
        if !found.is_empty() {
            return found;
        }
        if let (Some(only), true) = (plain.iter().position(|name| name == begin), end.is_empty() && LARGEST.contains(&begin)) {
            return vec![only];
        }
    }
    Vec::new()
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '.' | '-' | ' ')).collect::<String>().to_lowercase()
}

/// Columns without a role that can span a table: those that hold fractions, or are another measure, cannot.
fn left(roles: &Roles, texts: &Texts, findings: &mut Vec<Diagnostic>) -> Vec<usize> {
    let taken = roles.taken();
    let measure = |at: &usize| {
        let column = &texts.columns[*at];
        let name = plain(&column.name);
        USUAL.iter().take(2).any(|usual| usual.names.contains(&name.as_str()))
            || name.starts_with("numval")
            || column.texts.iter().any(|text| fraction(text))
    };
    let (measures, spanning): (Vec<usize>, Vec<usize>) =
        (0..texts.columns.len()).filter(|at| !taken.contains(at)).partition(measure);
    for at in measures {
        let headline = format!("the column `{}` looks like a measure and is left out", texts.columns[at].name);
        findings.push(
            Diagnostic::warning("column-left-out", headline)
                .in_file(&texts.file)
                .help("name it with --value, or among --by if it spans the table"),
        );
    }
    spanning
}

fn fraction(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let split = text.split_once(['.', ',']);
    split.is_some_and(|(whole, part)| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits(whole) && digits(part) && part.len() != 3
    })
}

fn check(roles: &Roles, texts: &Texts, wish: &Wish) -> Result<(), Diagnostics> {
    let mut wrong = Diagnostics::default();
    if roles.spanning.is_empty() {
        let finding = Diagnostic::error("column-missing", "no column spans the table").in_file(&texts.file);
        wrong.push(finding.help("name the spanning variables with --by"));
    }
    let counts_records = wish.records || roles.holding.is_some() || roles.weight.is_some() || wish.frequency;
    if roles.value.is_none() && roles.count.is_none() && !counts_records {
        let finding = Diagnostic::error("column-missing", "no column holds a value or a number of units").in_file(&texts.file);
        wrong.push(finding.help("name it with --value or --count; for records that are only counted say --frequency --records"));
    }
    if !roles.contributors.is_empty() && roles.contributors.len() > roles.largest.len() {
        let finding = Diagnostic::error(
            "column-missing",
            "more columns say whose the largest contributions are than there are contributions",
        );
        wrong.push(finding.in_file(&texts.file).help("name as many with --largest as with --contributors"));
    }
    wrong.finish(()).map(drop)
}
