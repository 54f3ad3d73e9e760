//! A profile is the set of rules of one data provider with their parameters: a versioned data file whose hash goes into the audit record.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::tables::set::LARGEST;

/// A profile that the program carries.
pub struct Known {
    pub name: &'static str,
    text: &'static str,
}

/// Every profile that a pipeline can name.
pub const ALL: &[Known] = &[Known { name: "cbs", text: include_str!("../../schemas/profiles/cbs.toml") }];

/// The rules that a run is held to. There is no way to change one that was read.
#[derive(Clone, Debug)]
pub struct Profile {
    pub(super) rules: Parameters,
    hash: String,
}

/// The profile file as it stands; a rule that is absent is not part of the profile.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Parameters {
    name: String,
    version: String,
    title: String,
    source: String,
    pub zero: Zero,
    pub minimum_frequency: Option<MinimumFrequency>,
    #[serde(default)]
    pub dominance: Vec<Dominance>,
    pub p_percent: Option<PPercent>,
    #[serde(default)]
    pub p_q: Vec<PQ>,
    pub group_disclosure: Option<GroupDisclosure>,
    pub degrees_of_freedom: Option<DegreesOfFreedom>,
    pub order_statistics: Option<OrderStatistics>,
}

/// Whether nothing may be shown as nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Zero {
    Safe,
    Unsafe,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MinimumFrequency {
    pub contributors: u64,
    pub level_percent: u32,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dominance {
    pub largest: usize,
    pub percent: u32,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PPercent {
    pub p: u32,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PQ {
    pub p: u32,
    pub q: u32,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupDisclosure {
    pub percent: u32,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DegreesOfFreedom {
    pub minimum: u64,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderStatistics {
    pub extremes: Extremes,
    pub percentile_tail: u64,
}

/// What becomes of minima and maxima.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Extremes {
    Never,
    Allowed,
}

impl Profile {
    /// The profile of that name in [`ALL`].
    ///
    /// # Errors
    /// `no-profile` when the name is empty, `unknown-name` when there is none of that name.
    ///
    /// ```
    /// let profile = sluis::disclosure::profile::Profile::named("cbs").unwrap();
    /// assert_eq!(profile.name(), "cbs");
    /// assert!(sluis::disclosure::profile::Profile::named("none").is_err());
    /// ```
    pub fn named(name: &str) -> Result<Self, Diagnostics> {
        if name.trim().is_empty() {
            let finding = Diagnostic::error("no-profile", "no disclosure profile is named");
            return Err(finding.help("name one under `[disclosure]`, such as `profile = \"cbs\"`").into());
        }
        match ALL.iter().find(|known| known.name == name) {
            Some(known) => Self::parse(known.text),
            None => Err(unknown(name).into()),
        }
    }

    /// Reads a profile file.
    ///
    /// # Errors
    /// `bad-schema` when it is not a profile, or a parameter makes no sense.
    pub(super) fn parse(text: &str) -> Result<Self, Diagnostics> {
        let rules: Parameters = toml::from_str(text)
            .map_err(|error| Diagnostic::error("bad-schema", format!("not a profile: {}", error.message())))?;
        match rules.nonsense() {
            Some(reason) => Err(Diagnostic::error("bad-schema", format!("profile `{}`: {reason}", rules.name)).into()),
            None => Ok(Self { rules, hash: blake3::hash(text.as_bytes()).to_hex().to_string() }),
        }
    }

    pub fn name(&self) -> &str {
        &self.rules.name
    }

    pub fn version(&self) -> &str {
        &self.rules.version
    }

    pub fn title(&self) -> &str {
        &self.rules.title
    }

    pub fn source(&self) -> &str {
        &self.rules.source
    }

    /// BLAKE3 of the file, hexadecimal.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// Observations less coefficients that a model needs.
    pub fn degrees_of_freedom(&self) -> Option<u64> {
        self.rules.degrees_of_freedom.as_ref().map(|rule| rule.minimum)
    }

    /// Whether minima and maxima may leave.
    pub fn extremes_allowed(&self) -> bool {
        self.rules.order_statistics.as_ref().is_none_or(|rule| rule.extremes == Extremes::Allowed)
    }

    /// Contributors that the tail beyond a percentile needs.
    pub fn percentile_tail(&self) -> Option<u64> {
        self.rules.order_statistics.as_ref().map(|rule| rule.percentile_tail)
    }
}

impl Parameters {
    /// Why the parameters cannot be meant.
    fn nonsense(&self) -> Option<&'static str> {
        let none =
            self.minimum_frequency.is_none() && self.dominance.is_empty() && self.p_percent.is_none() && self.p_q.is_empty();
        let percents =
            self.dominance.iter().map(|rule| rule.percent).chain(self.group_disclosure.iter().map(|rule| rule.percent));
        if none {
            Some("it has no rule for cells")
        } else if percents.into_iter().any(|percent| percent == 0 || percent > 100) {
            Some("a percentage lies outside 1 to 100")
        } else if self.dominance.iter().any(|rule| rule.largest == 0 || rule.largest > LARGEST) {
            Some("dominance looks at more of the largest contributors than are kept")
        } else if self.p_q.iter().any(|rule| rule.p == 0 || rule.q == 0 || rule.p >= rule.q) {
            Some("the (p,q) rule needs p below q")
        } else {
            None
        }
    }
}

fn unknown(name: &str) -> Diagnostic {
    let nearest = ALL.iter().max_by(|a, b| {
        let likeness = |known: &Known| strsim::jaro_winkler(known.name, name);
        likeness(a).total_cmp(&likeness(b))
    });
    let finding = Diagnostic::error("unknown-name", format!("there is no disclosure profile `{name}`"));
    match nearest {
        Some(known) => finding.help(format!("did you mean `{}`?", known.name)),
        None => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_what_its_name_says() {
        for known in ALL {
            let profile = Profile::named(known.name).unwrap();
            assert_eq!(profile.name(), known.name);
            assert_eq!(profile.hash(), blake3::hash(known.text.as_bytes()).to_hex().as_str());
        }
    }

    #[test]
    fn a_run_without_a_profile_is_refused() {
        assert_eq!(Profile::named(" ").unwrap_err().0[0].code, "no-profile");
    }

    #[test]
    fn an_unknown_profile_gets_a_suggestion() {
        let found = Profile::named("csb").unwrap_err().0.remove(0);
        assert_eq!((found.code, found.help.as_deref()), ("unknown-name", Some("did you mean `cbs`?")));
    }

    #[test]
    fn a_profile_without_rules_or_with_unknown_keys_is_refused() {
        let head = "name='x'\nversion='1'\ntitle='x'\nsource='x'\nzero='safe'\n";
        assert!(Profile::parse(head).is_err());
        assert!(Profile::parse(&format!("{head}[minimum_frequency]\ncontributors=3\nlevel_percent=10\n")).is_ok());
        assert!(Profile::parse(&format!("{head}[minimum_frequency]\ncontributors=3\nlevel=10\n")).is_err());
        assert!(Profile::parse(&format!("{head}[[dominance]]\nlargest=9\npercent=50\n")).is_err());
        assert!(Profile::parse(&format!("{head}[[dominance]]\nlargest=1\npercent=150\n")).is_err());
    }
}
