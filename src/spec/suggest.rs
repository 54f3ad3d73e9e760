//! A suggestion is the known name that an unknown one was probably meant to be.

/// The nearest of `known`, when it is near enough to be a slip of the hand.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= allowed(&lower, candidate))
        .min()
        .map(|(_, candidate)| candidate)
}

fn allowed(name: &str, candidate: &str) -> usize {
    match name.chars().count().min(candidate.chars().count()) {
        0..=1 => 0,
        2..=3 => 1,
        4..=7 => 2,
        _ => 3,
    }
}

/// What to do about an unknown name: the nearest known one, otherwise the list when it is short enough to read.
pub fn help<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(nearest) = nearest(name, known.iter().copied()) {
        return Some(format!("did you mean `{nearest}`?"));
    }
    (!known.is_empty() && known.len() <= LISTED_MAX).then(|| format!("choose from {}", list(&known)))
}

const LISTED_MAX: usize = 30;

/// `` `a`, `b` or `c` ``
pub fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.join(""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_recognised_and_another_word_is_not() {
        assert_eq!(nearest("yaers", ["years", "title"]), Some("years"));
        assert_eq!(nearest("sbi", ["size.five", "sector"]), None);
        assert_eq!(nearest("turnover-per-persn", ["turnover", "turnover-per-person"]), Some("turnover-per-person"));
        assert_eq!(help("xyz", ["a", "b", "c"]), Some("choose from `a`, `b` or `c`".into()));
    }
}
