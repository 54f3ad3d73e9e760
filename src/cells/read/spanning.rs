//! The spanning variables of a table: which columns are one variable, its codes, and the sums of its codes.

use std::collections::BTreeMap;

use hashbrown::{HashMap, HashSet};

use super::coarser::{self, Totals};
use super::hierarchies::{self, Source};
use super::roles::Roles;
use super::{Columns, Wish};
use crate::cells::argus::description::Variable;
use crate::cells::hierarchy::Hierarchy;
use crate::cells::table::{Dimension, Sum, TOTAL};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::registers::texts::{self, Texts};

/// Rows shown of codes that are unknown in one column.
const EXAMPLES: usize = 5;

/// Texts that usually stand for everything, in lower case.
const TOTALS: &[&str] = &["", "total", "tot", "totaal", "all", "alle", "ialt", "i alt", "insgesamt", "ensemble", "_t", "_total_"];

pub(super) struct Spanning {
    pub groups: Vec<Group>,
    pub findings: Vec<Diagnostic>,
}

/// One variable.
pub(super) struct Group {
    pub dimension: Dimension,
    /// The finest first.
    pub columns: Vec<usize>,
    /// Per column and text the code; `None` where there is none.
    pub codes: Vec<Vec<Option<u32>>>,
    /// Codes that stand for a missing one.
    pub missing: Vec<u32>,
}

pub(in crate::cells) fn is_usual_total(text: &str) -> bool {
    TOTALS.contains(&text.to_lowercase().as_str())
}

impl Spanning {
    /// The codes of a row; the column whose code is unknown otherwise.
    pub fn codes(&self, texts: &Texts, row: usize) -> Result<Vec<u32>, usize> {
        let of = |group: &Group| {
            for (column, codes) in group.columns.iter().zip(&group.codes) {
                match codes[texts.columns[*column].at[row] as usize] {
                    Some(TOTAL) => {}
                    Some(code) => return Ok(code),
                    None => return Err(*column),
                }
            }
            Ok(TOTAL)
        };
        self.groups.iter().map(of).collect()
    }

    /// Whether a combination of codes stands on two rows.
    pub fn repeats(&self, texts: &Texts) -> bool {
        let mut seen = HashSet::new();
        (0..texts.rows).any(|row| self.codes(texts, row).is_ok_and(|codes| !seen.insert(codes)))
    }

    /// Every coarser column with the dimension that it belongs to and the codes of its texts.
    pub fn coarser(&self, texts: &Texts) -> Vec<(String, usize, BTreeMap<String, u32>)> {
        let mut all = Vec::new();
        for (at, group) in self.groups.iter().enumerate() {
            for (column, codes) in group.columns.iter().zip(&group.codes).skip(1) {
                let column = &texts.columns[*column];
                let codes = column.texts.iter().zip(codes).filter_map(|(text, code)| Some((text.clone(), (*code)?)));
                all.push((column.name.clone(), at, codes.collect()));
            }
        }
        all
    }

    pub fn dimensions(&self) -> Vec<Dimension> {
        self.groups.iter().map(|group| group.dimension.clone()).collect()
    }
}

/// Makes the variables of the spanning columns.
///
/// # Errors
/// What is wrong with a hierarchy, and codes that it does not have.
pub(super) fn spanning(columns: &Columns, roles: &Roles, wish: &Wish) -> Result<Spanning, Diagnostics> {
    let texts = &columns.texts;
    let totals: Vec<Totals> = (0..texts.columns.len()).map(|at| totals_of(columns, at, wish)).collect();
    let (named, wrong) = named(columns, roles, wish);
    wrong.finish(()).map(drop)?;
    let coarse: Vec<usize> = named.values().flatten().flat_map(|source| coarse_columns(texts, source)).collect();
    let open: Vec<usize> = roles.spanning.iter().copied().filter(|at| !named.contains_key(at) && !coarse.contains(at)).collect();
    let grouped = coarser::group(texts, &open, &totals);
    let mut findings = Vec::new();
    for (label, of) in &grouped.labels {
        let headline = format!(
            "`{}` only names the codes of `{}` once more and is left out",
            texts.columns[*label].name, texts.columns[*of].name
        );
        findings.push(Diagnostic::warning("column-left-out", headline).in_file(&texts.file));
    }
    for constant in &grouped.constant {
        let headline = format!("`{}` is the same on every row and is left out", texts.columns[*constant].name);
        findings.push(Diagnostic::warning("column-left-out", headline).in_file(&texts.file));
    }
    let mut groups = Vec::new();
    let mut wrong = Diagnostics::default();
    for at in &roles.spanning {
        if let Some(group) = grouped.groups.iter().find(|group| group[0] == *at) {
            groups.push(from_columns(columns, group, &totals, wish));
        } else if let Some(sources) = named.get(at) {
            match from_sources(columns, *at, sources, &totals, wish) {
                Ok(group) => groups.push(group),
                Err(found) => wrong.0.extend(found.0),
            }
        }
    }
    wrong.finish(Spanning { groups, findings }).map(|(spanning, _)| spanning)
}

/// Codes of a column that stand for a missing one.
fn missing_codes(columns: &Columns, at: usize, wish: &Wish) -> Vec<String> {
    let own = variable(columns, at).map(|variable| variable.missing.clone()).unwrap_or_default();
    own.into_iter().chain(wish.missing.iter().cloned()).collect()
}

fn variable(columns: &Columns, at: usize) -> Option<&Variable> {
    columns.description.as_ref().and_then(|(_, description)| description.find(&columns.texts.columns[at].name))
}

fn totals_of(columns: &Columns, at: usize, wish: &Wish) -> Totals {
    let own = variable(columns, at).and_then(|variable| variable.total.as_deref());
    let total = |text: &String| is_usual_total(text) || wish.totals.contains(text) || own == Some(text.as_str());
    columns.texts.columns[at].texts.iter().map(total).collect()
}

/// What the user or the description names as hierarchies, by column.
fn named(columns: &Columns, roles: &Roles, wish: &Wish) -> (BTreeMap<usize, Vec<Source>>, Diagnostics) {
    let texts = &columns.texts;
    let mut named: BTreeMap<usize, Vec<Source>> = BTreeMap::new();
    let mut wrong = Diagnostics::default();
    for (name, text) in &wish.hierarchies {
        match texts.find(name).filter(|at| roles.spanning.contains(at)) {
            Some(at) => match hierarchies::source(text, texts) {
                Ok(source) => named.entry(at).or_default().push(source),
                Err(found) => wrong.0.extend(found.0),
            },
            None => {
                let finding =
                    Diagnostic::error("unknown-name", format!("`{name}` does not span the table, so it has no hierarchy"));
                wrong.push(finding.in_file(&texts.file));
            }
        }
    }
    let Some((file, description)) = &columns.description else { return (named, wrong) };
    for at in &roles.spanning {
        let Some(variable) = description.find(&texts.columns[*at].name).filter(|_| !named.contains_key(at)) else { continue };
        if let Some(name) = &variable.hierarchy_file {
            let lead = if variable.lead.is_empty() { "@" } else { &variable.lead };
            let found = texts::beside(file, name).ok_or_else(|| {
                Diagnostics::from(
                    Diagnostic::error("missing-pipeline", format!("the hierarchy `{name}` is not beside the description"))
                        .in_file(file),
                )
            });
            match found.and_then(|path| hierarchies::file(&path, lead)) {
                Ok(hierarchy) => drop(named.insert(*at, vec![Source::Codes(hierarchy)])),
                Err(found) => wrong.0.extend(found.0),
            }
        } else if !variable.levels.is_empty() {
            named.insert(*at, vec![Source::Digits(variable.levels.clone())]);
        }
    }
    (named, wrong)
}

fn coarse_columns(texts: &Texts, source: &Source) -> Vec<usize> {
    match source {
        Source::Columns(names) => names.iter().filter_map(|name| texts.find(name)).collect(),
        Source::Codes(_) | Source::Digits(_) => Vec::new(),
    }
}

fn from_columns(columns: &Columns, group: &[usize], totals: &[Totals], wish: &Wish) -> Group {
    let (dimension, codes) = coarser::dimension(&columns.texts, group, totals);
    let codes: Vec<Vec<Option<u32>>> = codes.into_iter().map(|codes| codes.into_iter().map(Some).collect()).collect();
    let missing = missing(columns, group[0], &dimension, wish);
    Group { dimension, columns: group.to_vec(), codes, missing }
}

fn missing(columns: &Columns, at: usize, dimension: &Dimension, wish: &Wish) -> Vec<u32> {
    missing_codes(columns, at, wish).iter().filter_map(|code| dimension.find(code)).filter(|code| *code != TOTAL).collect()
}

/// The sums of several hierarchies of one variable are those of each of them.
fn from_sources(columns: &Columns, at: usize, sources: &[Source], totals: &[Totals], wish: &Wish) -> Result<Group, Diagnostics> {
    let texts = &columns.texts;
    let coarse: Vec<usize> = sources.iter().flat_map(|source| coarse_columns(texts, source)).collect();
    let mut wrong = Diagnostics::default();
    for column in &coarse {
        if let Err(row) = coarser::first_conflict(texts, at, *column, &totals[at]) {
            let headline =
                format!("a code of `{}` goes with two codes of `{}`", texts.columns[at].name, texts.columns[*column].name);
            wrong.push(Diagnostic::error("bad-schema", headline).at(texts.place(row, &texts.columns[*column].name)));
        }
    }
    wrong.finish(()).map(drop)?;
    let mut group = match coarse.is_empty() {
        true => Group {
            dimension: Dimension::new(&texts.columns[at].name),
            columns: vec![at],
            codes: Vec::new(),
            missing: Vec::new(),
        },
        false => {
            let mut columns_of: Vec<usize> = coarse;
            columns_of.insert(0, at);
            from_columns(columns, &columns_of, totals, wish)
        }
    };
    let mut hierarchies = 0;
    for source in sources {
        if let Some(hierarchy) = hierarchy(columns, at, source, &totals[at], wish)? {
            group.dimension = merged(&group.dimension, &hierarchy);
            hierarchies += 1;
        }
    }
    group.dimension.heights()?;
    if hierarchies > 0 {
        let by_name: HashMap<&str, u32> = (0..).zip(&group.dimension.codes).map(|(code, name)| (name.as_str(), code)).collect();
        let code = |(text, total): (&String, &bool)| if *total { Some(TOTAL) } else { by_name.get(text.as_str()).copied() };
        group.codes.splice(0..group.codes.len().min(1), [texts.columns[at].texts.iter().zip(&totals[at]).map(code).collect()]);
    }
    group.missing = missing(columns, at, &group.dimension, wish);
    known(texts, &group).map(|()| group)
}

fn hierarchy(
    columns: &Columns,
    at: usize,
    source: &Source,
    totals: &Totals,
    wish: &Wish,
) -> Result<Option<Dimension>, Diagnostics> {
    let column = &columns.texts.columns[at];
    let codes = || column.texts.iter().zip(totals).filter(|(_, total)| !**total).map(|(text, _)| text.as_str());
    let missing = missing_codes(columns, at, wish);
    let mut hierarchy = match source {
        Source::Columns(_) => return Ok(None),
        Source::Codes(hierarchy) => hierarchy.clone(),
        Source::Digits(levels) => {
            let length: usize = levels.iter().sum();
            Hierarchy::nested(
                codes().filter(|code| code.chars().count() == length && !missing.iter().any(|one| one == code)),
                levels,
            )?
        }
    };
    let known: Vec<&str> = codes().filter(|code| missing.iter().any(|one| one == code)).collect();
    hierarchy.complete(known);
    Ok(Some(without_root(Dimension::nested(&column.name, &hierarchy))))
}

/// A hierarchy whose only code at the top is a total has that for its total.
fn without_root(mut dimension: Dimension) -> Dimension {
    let root = dimension.sums.iter().find(|sum| sum.whole == TOTAL).filter(|sum| sum.parts.len() == 1).map(|sum| sum.parts[0]);
    let Some(root) = root.filter(|root| is_usual_total(&dimension.codes[*root as usize])) else { return dimension };
    dimension.sums.retain(|sum| sum.whole != TOTAL);
    for sum in dimension.sums.iter_mut().filter(|sum| sum.whole == root) {
        sum.whole = TOTAL;
    }
    dimension
}

/// Codes and sums of both; equal names are equal codes.
pub(in crate::cells) fn merged(first: &Dimension, second: &Dimension) -> Dimension {
    let mut all = first.clone();
    let mut at: HashMap<String, u32> = all.codes.iter().cloned().zip(0..).collect();
    let mut map = Vec::with_capacity(second.codes.len());
    for name in &second.codes {
        let code = *at.entry(name.clone()).or_insert_with(|| {
            all.codes.push(name.clone());
            all.codes.len() as u32 - 1
        });
        map.push(code);
    }
    for sum in &second.sums {
        let mut parts: Vec<u32> = sum.parts.iter().map(|part| map[*part as usize]).collect();
        parts.sort_unstable();
        let sum = Sum { whole: map[sum.whole as usize], parts };
        let same = |known: &Sum| {
            let mut parts = known.parts.clone();
            parts.sort_unstable();
            known.whole == sum.whole && parts == sum.parts
        };
        if !all.sums.iter().any(same) {
            all.sums.push(sum);
        }
    }
    all
}

/// Every text of the columns has a code.
fn known(texts: &Texts, group: &Group) -> Result<(), Diagnostics> {
    let mut wrong = Diagnostics::default();
    for (column, codes) in group.columns.iter().zip(&group.codes) {
        let column = &texts.columns[*column];
        let unknown: Vec<usize> = (0..texts.rows).filter(|row| codes[column.at[*row] as usize].is_none()).collect();
        for row in unknown.iter().take(EXAMPLES) {
            let headline =
                format!("the code is not in the hierarchy of `{}` ({} such rows)", group.dimension.name, unknown.len());
            let place = Place::Data { file: texts.file.clone(), row: Some(*row as u64 + 1), column: Some(column.name.clone()) };
            wrong.push(
                Diagnostic::error("unknown-code", headline)
                    .at(place)
                    .help("add it to the hierarchy, or name it with --missing (a missing code) or --total (a total)"),
            );
        }
    }
    wrong.finish(()).map(drop)
}
