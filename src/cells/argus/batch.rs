//! A job (`.arb`) says which files to open, which tables to make, by which rules cells are unsafe, and what to do about it.

use super::description::{attributes, words};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::disclosure::profile::Profile;
use crate::disclosure::suppress::search::Method;

/// A job as far as it bears on cells.
#[derive(Clone, Debug, Default)]
pub struct Job {
    /// Name of the file with the cells or the records.
    pub data: String,
    /// The data are records of contributors.
    pub records: bool,
    /// Name of the description.
    pub description: String,
    pub tables: Vec<Table>,
    /// File of what is known beforehand, number of its table from 1, separator.
    pub known: Vec<(String, usize, Option<char>)>,
    /// Number of the table from 1, method, minutes.
    pub suppress: Vec<(usize, Method, Option<f64>)>,
    pub outputs: Vec<Output>,
}

/// What makes up a table, and by which rules it is judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub spanning: Vec<String>,
    pub response: String,
    pub shadow: Option<String>,
    pub cost: Option<String>,
    pub rules: Rules,
}

/// The rules of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// As they stand in the job.
    pub text: String,
    /// p and how many contributors put together what they know, for single records and for holdings.
    p: [Vec<(u32, usize)>; 2],
    /// Number of the largest, and percentage.
    nk: [Vec<(usize, u32)>; 2],
    /// Contributors, and the percentage of the level.
    frequency: [Option<(u64, u32)>; 2],
    zero: bool,
    /// Percentage of the level of a cell that is unsafe by declaration.
    pub manual_percent: Option<u32>,
    /// Cells of missing codes are judged like others.
    pub missing_judged: bool,
    /// Contributions are weighted.
    pub weighted: bool,
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub table: usize,
    /// 1 to 6: table, pivot table, code and value, SBS, intermediate, JJ.
    pub kind: u32,
    pub file: String,
}

/// Whose contributions are ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contributor {
    Record = 0,
    Holding = 1,
}

impl Job {
    /// Reads a job.
    ///
    /// # Errors
    /// `unknown-value` for a command that changes what is protected and is not applied here; `bad-schema` for one that cannot be read.
    pub fn parse(text: &str) -> Result<Self, Diagnostics> {
        let mut job = Self::default();
        let mut wrong = Diagnostics::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with("//") {
                continue;
            }
            let Some((name, value)) = attributes(line).into_iter().next() else {
                wrong.push(Diagnostic::error("bad-schema", format!("line {} holds no command", number + 1)));
                continue;
            };
            if let Err(mut finding) = job.take(&name, value) {
                finding.headline = format!("line {}: {}", number + 1, finding.headline);
                wrong.push(finding);
            }
        }
        if job.tables.is_empty() {
            wrong.push(Diagnostic::error("bad-schema", "the job specifies no table"));
        }
        if job.data.is_empty() || job.description.is_empty() {
            wrong.push(Diagnostic::error("bad-schema", "the job opens no data, or no description of them"));
        }
        wrong.finish(job).map(|(job, _)| job)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), Diagnostic> {
        match name {
            "OPENMICRODATA" => (self.data, self.records) = (plain(value), true),
            "OPENTABLEDATA" => (self.data, self.records) = (plain(value), false),
            "OPENMETADATA" => self.description = plain(value),
            "SPECIFYTABLE" => self.tables.push(table(value)?),
            "SAFETYRULE" => match self.tables.last_mut() {
                Some(table) => table.rules = Rules::parse(value)?,
                None => return Err(Diagnostic::error("bad-schema", "rules stand before any table")),
            },
            "APRIORI" => self.known.push(known(value)?),
            "SUPPRESS" => self.suppress.push(suppress(value)?),
            "WRITETABLE" => self.outputs.push(output(value)?),
            // They say how the peer works or what it shows, not what is protected.
            "LOGBOOK" | "READMICRODATA" | "READTABLE" | "SOLVER" | "GOINTERACTIVE" | "CLEAR" | "VERSIONINFO" | "VERSION" => {}
            other => {
                let finding = Diagnostic::error("unknown-value", format!("the command `{other}` is not applied"));
                return Err(finding.help("take it out of the job when it does not bear on the tables"));
            }
        }
        Ok(())
    }
}

fn plain(value: &str) -> String {
    value.trim().trim_matches('"').trim().to_owned()
}

/// `"a""b"|"response"|"shadow"|"cost"`; `<freq>` or nothing as response is a table of counts.
fn table(value: &str) -> Result<Table, Diagnostic> {
    let mut parts = value.split('|');
    let spanning: Vec<String> = words(parts.next().unwrap_or_default())
        .into_iter()
        .map(|(word, _)| word.trim().to_owned())
        .filter(|word| !word.is_empty())
        .collect();
    let mut text = || parts.next().map(plain).unwrap_or_default();
    let (response, shadow, cost) = (text(), text(), text());
    if spanning.is_empty() {
        return Err(Diagnostic::error("bad-schema", "the table has no spanning variable"));
    }
    let given = |text: String| (!text.is_empty()).then_some(text);
    Ok(Table { spanning, response, shadow: given(shadow), cost: given(cost), rules: Rules::default() })
}

/// `NAME(a,b,…)` as name and arguments.
fn call(text: &str) -> Option<(String, Vec<String>)> {
    let (name, rest) = text.trim().split_once('(')?;
    let arguments = rest.trim().strip_suffix(')')?;
    Some((name.trim().to_uppercase(), arguments.split(',').map(plain).collect()))
}

fn number<T: std::str::FromStr>(arguments: &[String], at: usize) -> Option<T> {
    arguments.get(at).and_then(|argument| argument.parse().ok())
}

fn suppress(value: &str) -> Result<(usize, Method, Option<f64>), Diagnostic> {
    let (name, arguments) =
        call(value).ok_or_else(|| Diagnostic::error("bad-schema", "the method of suppression cannot be read"))?;
    let method = match name.as_str() {
        "OPT" => Method::Exact,
        "MOD" | "NET" => Method::Auto,
        "GH" => Method::Fast,
        other => {
            let finding = Diagnostic::error("unknown-value", format!("`{other}` does not withhold cells"));
            return Err(finding.help("withhold with OPT, MOD, NET or GH; rounding and adjusting are not done here"));
        }
    };
    let minutes = (method == Method::Exact).then(|| number::<f64>(&arguments, 1)).flatten().filter(|minutes| *minutes > 0.0);
    Ok((number(&arguments, 0).unwrap_or(1), method, minutes))
}

/// `"file", table, "separator", …`
fn known(value: &str) -> Result<(String, usize, Option<char>), Diagnostic> {
    let words = words(&value.replacen(',', " ", 1));
    let file = words.first().map(|(word, _)| plain(word)).filter(|word| !word.is_empty());
    let table = words.get(1).and_then(|(word, _)| word.trim_matches(',').parse().ok());
    let separator = words.iter().skip(1).find(|(_, quoted)| *quoted).and_then(|(word, _)| word.chars().next());
    match file {
        Some(file) => Ok((file, table.unwrap_or(1), separator)),
        None => Err(Diagnostic::error("bad-schema", "the file of what is known beforehand has no name")),
    }
}

/// `(table, kind, options, "file")`
fn output(value: &str) -> Result<Output, Diagnostic> {
    let inner = value.trim().trim_start_matches('(').trim_end_matches(')');
    let arguments: Vec<String> = inner.split(',').map(plain).collect();
    match (number(&arguments, 0), number(&arguments, 1), arguments.last()) {
        (Some(table), Some(kind), Some(file)) if arguments.len() >= 3 && (1..=6).contains(&kind) => {
            let file = file.rsplit(['\\', '/']).next().unwrap_or(file).to_owned();
            Ok(Output { table, kind, file })
        }
        _ => Err(Diagnostic::error("bad-schema", "the file to write cannot be read")),
    }
}

impl Rules {
    /// Rules between `|`. The first two of P, NK and the first of FREQ are for records, those after them for holdings.
    ///
    /// # Errors
    /// `unknown-value` for a rule that is not applied, `bad-schema` for one that cannot be read.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let mut rules = Self { text: text.trim().to_owned(), ..Self::default() };
        let (mut p, mut nk, mut frequency) = (0, 0, 0);
        for rule in text.split('|').map(str::trim).filter(|rule| !rule.is_empty()) {
            let unreadable = || Diagnostic::error("bad-schema", format!("the rule `{rule}` cannot be read"));
            let (name, arguments) = call(rule).ok_or_else(unreadable)?;
            let one = |at: usize| number::<u32>(&arguments, at);
            match name.as_str() {
                "P" => {
                    let known = (one(0).ok_or_else(unreadable)?, one(1).unwrap_or(1).max(1) as usize);
                    rules.p[usize::from(p >= 2)].extend((known.0 > 0).then_some(known));
                    p += 1;
                }
                "NK" => {
                    let (n, k) = (one(0).ok_or_else(unreadable)?, one(1).ok_or_else(unreadable)?);
                    rules.nk[usize::from(nk >= 2)].extend((n > 0).then_some((n as usize, k)));
                    nk += 1;
                }
                "FREQ" => {
                    let (least, percent) = (one(0).ok_or_else(unreadable)?, one(1).unwrap_or(0));
                    rules.frequency[usize::from(frequency >= 1)] = (least > 0).then_some((u64::from(least), percent));
                    frequency += 1;
                }
                "ZERO" => rules.zero = true,
                "MAN" => rules.manual_percent = Some(one(0).ok_or_else(unreadable)?),
                "MIS" => rules.missing_judged = one(0) == Some(1),
                "WGT" => rules.weighted = one(0) == Some(1),
                _ => {
                    let finding = Diagnostic::error("unknown-value", format!("the rule `{name}` is not applied"));
                    return Err(finding.help("the rules of a job are P, NK, FREQ, ZERO, MAN, MIS and WGT"));
                }
            }
        }
        Ok(rules)
    }

    /// The rules for one kind of contributor as a profile; `None` where there are none.
    ///
    /// # Errors
    /// `bad-schema` when a rule looks at more of the largest contributions than are kept, or a percentage makes no sense.
    pub fn profile(&self, contributor: Contributor) -> Result<Option<Profile>, Diagnostics> {
        let at = contributor as usize;
        let mut text = String::from("name = 'job'\nversion = '1'\ntitle = 'the rules of a job'\nsource = 'the job'\n");
        let zero = self.zero && contributor == Contributor::Record;
        text += if zero { "zero = 'unsafe'\n" } else { "zero = 'safe'\n" };
        let mut any = false;
        if let Some((least, percent)) = self.frequency[at] {
            text += &format!("[minimum_frequency]\ncontributors = {least}\nlevel_percent = {percent}\n");
            any = true;
        }
        for (n, k) in &self.nk[at] {
            text += &format!("[[dominance]]\nlargest = {n}\npercent = {k}\n");
            any = true;
        }
        match self.p[at].as_slice() {
            [] => {}
            [(p, coalition)] => {
                text += &format!("[p_percent]\np = {p}\ncoalition = {coalition}\n");
                any = true;
            }
            _ => {
                let finding = Diagnostic::error("unknown-value", "two p% rules for one kind of contributor are not applied");
                return Err(finding.help("keep the stricter of the two").into());
            }
        }
        if any { Profile::parse(&text).map(Some) } else { Ok(None) }
    }

    /// Whether any rule is for holdings.
    pub fn on_holdings(&self) -> bool {
        !self.p[1].is_empty() || !self.nk[1].is_empty() || self.frequency[1].is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = "//made\r\n<LOGBOOK> \"l.log\"\r\n<OPENMICRODATA> \"m.asc\"\r\n<OPENMETADATA> \"m.rda\"\r\n\
        <SPECIFYTABLE> \"region\"\"gender\"|\"num1\"|\"\"|\"\"\r\n<SAFETYRULE> FREQ(5,20)|P(20,5)|\r\n<READMICRODATA>\r\n\
        <APRIORI> \"k.hst\", 1, \";\"\r\n<SUPPRESS> OPT(1,2)\r\n<WRITETABLE> (1, 3, AS+FL+, \"out.txt\")\r\n";

    #[test]
    fn a_job_gives_files_tables_rules_method_and_outputs() {
        let job = Job::parse(JOB).unwrap();
        assert!(job.records && job.data == "m.asc" && job.description == "m.rda");
        assert_eq!(
            (job.tables[0].spanning.len(), job.tables[0].response.as_str(), job.tables[0].shadow.clone()),
            (2, "num1", None)
        );
        assert_eq!(job.suppress, [(1, Method::Exact, Some(2.0))]);
        assert_eq!(job.known, [("k.hst".to_owned(), 1, Some(';'))]);
        assert_eq!(job.outputs, [Output { table: 1, kind: 3, file: "out.txt".into() }]);
        assert!(job.tables[0].rules.profile(Contributor::Record).unwrap().is_some());
        assert!(job.tables[0].rules.profile(Contributor::Holding).unwrap().is_none());
    }

    #[test]
    fn the_third_of_a_kind_is_for_holdings() {
        let rules = Rules::parse("P(0,0)|P(0,0)|P(10,1)|MIS(1)").unwrap();
        assert!(rules.on_holdings() && rules.missing_judged);
        assert!(rules.profile(Contributor::Record).unwrap().is_none() && rules.profile(Contributor::Holding).unwrap().is_some());
    }

    #[test]
    fn what_is_not_applied_is_refused() {
        let rounding = Job::parse(&JOB.replace("OPT(1,2)", "RND(1,10,0)")).unwrap_err();
        assert_eq!(rounding.0[0].code, "unknown-value");
        assert_eq!(Rules::parse("REQ(1,2,3)").unwrap_err().code, "unknown-value");
        assert!(Rules::parse("P(20,9)").unwrap().profile(Contributor::Record).is_err());
    }
}
