//! Tables of a plan as they stand in a pipeline file, to paste.

use crate::spec::plan::{ARMS, ClassSet, Dimension, Filter, NumberClass, OutlierUse, Plan, Show, TablePlan};

/// The tables of `to` that `from` does not have, after the class sets of a classification file that they need.
pub fn changed(from: &Plan, to: &Plan) -> String {
    let new: Vec<&TablePlan> = to.tables.iter().filter(|table| !from.tables.contains(table)).collect();
    let declared = from.class_sets.len();
    let sets = to.class_sets.iter().enumerate().skip(declared);
    let sets = sets.filter(|(at, _)| new.iter().any(|table| uses(table, &Dimension::Class(*at)))).map(|(_, set)| class_set(set));
    sets.chain(new.iter().map(|table| text(to, table))).collect::<Vec<_>>().join("\n")
}

fn uses(table: &TablePlan, dimension: &Dimension) -> bool {
    table.by.contains(dimension) || table.show.of() == Some(dimension)
}

fn class_set(set: &ClassSet) -> String {
    let (file, name) = set.name.split_once('.').unwrap_or(("", &set.name));
    let class = |class: &NumberClass| match class.to {
        Some(to) => format!("{{ from = {}, to = {to} }}", class.from),
        None => format!("{{ from = {} }}", class.from),
    };
    let classes: Vec<String> = set.classes.iter().map(class).collect();
    format!(
        "# The class set {}, for a classification file `{file}` of the variable `{}`, in its place from fine to coarse.\n\
         [[set]]\nname    = {}\ntitle   = {}\nclasses = [{}]\n",
        set.name,
        set.variable,
        quoted(name),
        quoted(&set.title.english),
        classes.join(", ")
    )
}

fn text(plan: &Plan, table: &TablePlan) -> String {
    let mut lines: Vec<(&str, String)> = vec![("id", quoted(&table.id)), ("title", quoted(&table.title.english))];
    lines.extend(table.title.dutch.as_deref().map(|title| ("title_nl", quoted(title))));
    lines.push(("section", quoted(table.section.name())));
    let names = |dimensions: &[Dimension]| list(dimensions.iter().map(|dimension| name(plan, dimension)));
    let show = match &table.show {
        Show::Attrition => "attrition",
        Show::Count => "count",
        Show::Share(_) => "share",
        Show::Mean => "mean",
        Show::Index { .. } => "index",
        Show::Decomposition { .. } => "decomposition",
    };
    lines.push(("show", quoted(show)));
    if let Some(of) = table.show.of() {
        lines.push(("of", quoted(name(plan, of))));
    }
    if !table.indicators.is_empty() {
        let names = indicators(plan, &table.indicators);
        lines.push(("indicators", list(names.iter().map(String::as_str))));
    }
    if !table.by.is_empty() {
        lines.push(("by", names(&table.by)));
    }
    if !table.totals.is_empty() {
        lines.push(("totals", names(&table.totals)));
    }
    if !table.filters.is_empty() {
        lines.push((
            "where",
            format!("{{ {} }}", table.filters.iter().map(|one| filter(plan, one)).collect::<Vec<_>>().join(", ")),
        ));
    }
    if table.years != plan.years {
        lines.push(("years", years(&table.years)));
    }
    if let Some(base) = table.show.base() {
        lines.push(("base", base.to_string()));
    }
    if table.outliers == OutlierUse::Kept && plan.outliers.is_some() {
        lines.push(("outliers", quoted("kept")));
    }
    if table.mark {
        lines.push(("mark", quoted("against-controls")));
    }
    if table.importance != 1 {
        lines.push(("importance", table.importance.to_string()));
    }
    let width = lines.iter().map(|(key, _)| key.len()).max().unwrap_or(0);
    let lines: String = lines.iter().map(|(key, value)| format!("{key:<width$} = {value}\n")).collect();
    format!("[[table]]\n{lines}")
}

fn name<'a>(plan: &'a Plan, dimension: &'a Dimension) -> &'a str {
    match dimension {
        Dimension::Year => "year",
        Dimension::Arm => "arm",
        Dimension::Code(name) => name,
        Dimension::Class(set) => &plan.class_sets[*set].name,
        Dimension::GroupLevel => "group_level",
    }
}

fn filter(plan: &Plan, filter: &Filter) -> String {
    let codes: Vec<&str> = match &filter.dimension {
        Dimension::Arm => ARMS.to_vec(),
        Dimension::Code(name) => plan.classifications[name].classes.iter().map(|class| class.code.as_str()).collect(),
        Dimension::Class(set) => plan.class_sets[*set].classes.iter().map(|class| class.code.as_str()).collect(),
        Dimension::Year | Dimension::GroupLevel => Vec::new(),
    };
    let key = match name(plan, &filter.dimension) {
        dotted if dotted.contains('.') => quoted(dotted),
        plain => plain.to_owned(),
    };
    format!("{key} = {}", list(filter.classes.iter().map(|class| codes[usize::from(*class)])))
}

/// The names, with `.*` for all variants of one where the pipeline uses no other.
pub fn indicators(plan: &Plan, chosen: &[usize]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for at in chosen {
        let name = &plan.indicators[*at].name;
        let stem = name.split_once('.').map(|(stem, _)| format!("{stem}."));
        let variants =
            crate::indicators::ALL.iter().find(|one| stem.as_ref().is_some_and(|stem| *stem == format!("{}.", one.name)));
        let of_stem =
            chosen.iter().filter(|at| stem.as_ref().is_some_and(|stem| plan.indicators[**at].name.starts_with(stem))).count();
        let text = match (variants, &stem) {
            (Some(all), Some(stem)) if all.variants.len() == of_stem && of_stem > 1 => format!("{stem}*"),
            _ => name.clone(),
        };
        if !names.contains(&text) {
            names.push(text);
        }
    }
    names
}

fn years(years: &[i32]) -> String {
    let first_and_last = years.first().zip(years.last()).filter(|(first, last)| **last - **first + 1 == years.len() as i32);
    match first_and_last {
        Some((first, last)) if years.len() > 2 => format!("{{ from = {first}, to = {last} }}"),
        _ => format!("[{}]", years.iter().map(i32::to_string).collect::<Vec<_>>().join(", ")),
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", names.map(quoted).collect::<Vec<_>>().join(", "))
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
