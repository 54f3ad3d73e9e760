//! A profile is the set of rules of one data provider with their parameters: a versioned data file whose hash goes into the audit record.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::tables::set::LARGEST;

/// A profile that the program carries.
pub struct Known {
    pub name: &'static str,
    text: &'static str,
}

/// Every profile that a pipeline can name; one that asks for what is not applied is refused when it is named.
pub const ALL: &[Known] = &[
    Known { name: "cbs", text: include_str!("../../schemas/profiles/cbs.toml") },
    Known { name: "eurostat", text: include_str!("../../schemas/profiles/eurostat.toml") },
    Known { name: "ons", text: include_str!("../../schemas/profiles/ons.toml") },
    Known { name: "abs", text: include_str!("../../schemas/profiles/abs.toml") },
    Known { name: "fdz", text: include_str!("../../schemas/profiles/fdz.toml") },
    Known { name: "bundesbank", text: include_str!("../../schemas/profiles/bundesbank.toml") },
    Known { name: "opensafely", text: include_str!("../../schemas/profiles/opensafely.toml") },
    Known { name: "acro", text: include_str!("../../schemas/profiles/acro.toml") },
    Known { name: "handbook", text: include_str!("../../schemas/profiles/handbook.toml") },
];

/// Every profile, to be read; not all of them can be applied.
pub fn descriptions() -> impl Iterator<Item = Description> {
    ALL.iter().filter_map(|known| Profile::described(known.name).ok().map(Description))
}

/// A profile as it stands in its file, which no run can be held to.
pub struct Description(Profile);

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
    pub rounding: Option<Rounding>,
    #[serde(default)]
    pub perturbation: Vec<Perturbation>,
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
    #[serde(default)]
    pub zeros: Zeros,
}

/// Whether who contributes nothing is a contributor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Zeros {
    #[default]
    Counted,
    NotCounted,
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dominance {
    pub largest: usize,
    pub percent: Percent,
    #[serde(default)]
    pub limit: Limit,
}

/// What a cell exactly on the limit is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Limit {
    #[default]
    Safe,
    Unsafe,
}

/// A percentage of at most two decimals, held as a whole number of hundredths so that nothing is decided by rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
#[serde(try_from = "f64")]
pub(super) struct Percent {
    pub hundredths: u32,
}

impl TryFrom<f64> for Percent {
    type Error = &'static str;

    fn try_from(percent: f64) -> Result<Self, Self::Error> {
        let hundredths = percent * 100.0;
        if (hundredths - hundredths.round()).abs() > 1e-6 || !(0.0..1e9).contains(&hundredths) {
            return Err("a percentage has at most two decimals");
        }
        Ok(Self { hundredths: hundredths.round() as u32 })
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.hundredths / 100, self.hundredths % 100) {
            (whole, 0) => write!(f, "{whole} %"),
            (whole, part) => write!(f, "{whole}.{part:02} %"),
        }
    }
}

#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PPercent {
    pub p: u32,
    /// How many contributors put what they know together.
    #[serde(default = "alone")]
    pub coalition: usize,
}

fn alone() -> usize {
    1
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

/// Numbers of units are rounded before they leave: by `sluis perturb`, for tables of numbers alone. No study is rounded.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rounding {
    pub base: u32,
}

/// A way of changing numbers that is accepted instead of withholding them.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Perturbation {
    pub method: String,
    /// The least base of a rounding.
    pub base: Option<u32>,
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
    /// `no-profile` when the name is empty, `unknown-name` when there is none of that name, `profile-not-applied` when it has a rule
    /// that would not be applied.
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
        let profile = Self::described(name)?;
        if let Some(rounding) = &profile.rules.rounding {
            let base = rounding.base;
            let finding = Diagnostic::error("profile-not-applied", format!("the profile `{name}` cannot be applied in full"))
                .note(format!("it asks for numbers rounded to {base} with totals that are sums of rounded numbers"));
            return Err(finding
                .help(format!(
                    "choose a profile without rounding, or round a table of numbers with `sluis perturb --profile {name}`"
                ))
                .into());
        }
        Ok(profile)
    }

    /// The profile of that name for a table of numbers that is perturbed, which some profiles ask for.
    ///
    /// # Errors
    /// `no-profile` when the name is empty, `unknown-name` when there is none of that name.
    pub fn for_perturbation(name: &str) -> Result<Self, Diagnostics> {
        if name.trim().is_empty() { Self::named(name) } else { Self::described(name) }
    }

    /// Whether numbers that this method has changed may leave.
    ///
    /// # Errors
    /// `profile-not-applied` when the profile names no such method, or a larger base.
    ///
    /// ```
    /// use sluis::disclosure::profile::Profile;
    ///
    /// let profile = Profile::for_perturbation("opensafely").unwrap();
    /// assert!(profile.accepts("midpoint", Some(6)).is_ok() && profile.accepts("midpoint", Some(4)).is_err());
    /// assert!(profile.accepts("cell-key", None).is_err());
    /// ```
    pub fn accepts(&self, method: &str, base: Option<u32>) -> Result<(), Diagnostic> {
        let of_it = self.rules.perturbation.iter().find(|one| one.method == method);
        if of_it.is_some_and(|one| base >= one.base) {
            return Ok(());
        }
        let finding = Diagnostic::error(
            "profile-not-applied",
            match of_it.and_then(|one| one.base) {
                Some(least) => format!("the profile `{}` accepts the method `{method}` with a base from {least}", self.name()),
                None => format!("the profile `{}` does not accept the method `{method}` instead of withholding", self.name()),
            },
        );
        let known: Vec<&str> = self.rules.perturbation.iter().map(|one| one.method.as_str()).collect();
        Err(match known.as_slice() {
            [] => finding.help("suppress cells under this profile, or choose one that accepts perturbation, such as `handbook`"),
            known => finding.help(format!("it accepts {}", known.join(", "))),
        })
    }

    /// The profile of that name to be read and compared, whether or not it can be applied.
    ///
    /// # Errors
    /// `unknown-name` when there is none of that name.
    pub(super) fn described(name: &str) -> Result<Self, Diagnostics> {
        match ALL.iter().find(|known| known.name == name) {
            Some(known) => Self::parse(known.text),
            None => Err(unknown(name).into()),
        }
    }

    /// Reads a profile file.
    ///
    /// # Errors
    /// `bad-schema` when it is not a profile, or a parameter makes no sense.
    pub fn parse(text: &str) -> Result<Self, Diagnostics> {
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

    /// What everyone knows who knows the rules of a number of units that is withheld for being small: the least and the most it can be.
    pub fn small_numbers(&self) -> Option<(i128, i128)> {
        let rule = self.rules.minimum_frequency.as_ref()?;
        Some((i128::from(self.rules.zero == Zero::Safe), i128::from(rule.contributors) - 1))
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

impl Description {
    pub fn name(&self) -> &str {
        self.0.name()
    }

    pub fn version(&self) -> &str {
        self.0.version()
    }

    pub fn title(&self) -> &str {
        self.0.title()
    }

    pub fn source(&self) -> &str {
        self.0.source()
    }

    pub fn hash(&self) -> &str {
        self.0.hash()
    }
}

impl Parameters {
    /// Why the parameters cannot be meant.
    fn nonsense(&self) -> Option<&'static str> {
        let none =
            self.minimum_frequency.is_none() && self.dominance.is_empty() && self.p_percent.is_none() && self.p_q.is_empty();
        let group = self.group_disclosure.iter().map(|rule| rule.percent.saturating_mul(100));
        let hundredths = self.dominance.iter().map(|rule| rule.percent.hundredths).chain(group);
        let nonzero = self.minimum_frequency.as_ref().filter(|rule| rule.zeros == Zeros::NotCounted);
        if none {
            Some("it has no rule for cells")
        } else if hundredths.into_iter().any(|percent| percent == 0 || percent > 10_000) {
            Some("a percentage lies outside 0 to 100")
        } else if nonzero.is_some_and(|rule| rule.contributors > LARGEST as u64 + 1) {
            Some("contributors of more than nothing are counted only as far as the largest contributions are kept")
        } else if self.rounding.as_ref().is_some_and(|rule| rule.base < 2) {
            Some("rounding needs a base above 1")
        } else if self.dominance.iter().any(|rule| rule.largest == 0 || rule.largest > LARGEST) {
            Some("dominance looks at more of the largest contributors than are kept")
        } else if self.p_percent.as_ref().is_some_and(|rule| rule.coalition == 0 || rule.coalition >= LARGEST) {
            Some("a coalition has at least one contributor, and one less than the largest that are kept")
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
            let profile = Profile::described(known.name).unwrap();
            assert_eq!(profile.name(), known.name);
            assert!(!profile.version().is_empty() && !profile.title().is_empty() && !profile.source().is_empty());
            assert_eq!(profile.hash(), blake3::hash(known.text.as_bytes()).to_hex().as_str());
        }
    }

    #[test]
    fn a_pipeline_can_name_every_profile() {
        let names: Vec<&str> = ALL.iter().map(|known| known.name).collect();
        assert_eq!(names, crate::spec::PROFILES);
    }

    #[test]
    fn a_profile_that_is_not_applied_in_full_is_refused() {
        assert_eq!(Profile::named("opensafely").unwrap_err().0[0].code, "profile-not-applied");
        let refused = ALL.iter().filter(|known| Profile::named(known.name).is_err()).count();
        assert_eq!(refused, 1);
    }

    #[test]
    fn a_percentage_has_two_decimals_and_no_more() {
        assert_eq!(Percent::try_from(43.75).unwrap().to_string(), "43.75 %");
        assert_eq!(Percent::try_from(86.0).unwrap().to_string(), "86 %");
        assert!(Percent::try_from(43.755).is_err() && Percent::try_from(-1.0).is_err());
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
