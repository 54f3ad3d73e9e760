//! Calibration bends drawn amounts until the mean of firm-level ratios in a group is what it must be, and no firm dominates.

/// A unit in a group: its persons, and its drawn amount per person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    pub unit: u32,
    pub persons: u32,
    pub ratio: f64,
    /// The class in which no unit may dominate.
    pub atom: u8,
}

/// The largest share one unit may have of its atom, of the ratios as of the amounts.
const SHARE_MAX: f64 = 0.35;
/// Units above zero that an atom must have, so that the share can be kept.
const POSITIVE_MIN: usize = 6;

/// Cuts what is too large for its atom, ratios and amounts; `usual` stands in where nearly all are zero.
pub fn limit(members: &mut [Member], usual: f64) {
    let mut atoms: Vec<u8> = members.iter().map(|member| member.atom).collect();
    atoms.sort_unstable();
    atoms.dedup();
    for atom in atoms {
        let mut inside: Vec<&mut Member> = members.iter_mut().filter(|member| member.atom == atom).collect();
        fill(&mut inside, usual);
        cut(&mut inside);
    }
}

fn fill(members: &mut [&mut Member], usual: f64) {
    let mut missing = POSITIVE_MIN.saturating_sub(members.iter().filter(|member| member.ratio > 0.0).count());
    for member in members.iter_mut().filter(|member| member.ratio <= 0.0) {
        if missing > 0 {
            member.ratio = usual;
            missing -= 1;
        }
    }
}

fn cut(members: &mut [&mut Member]) {
    if members.len() < 4 {
        return;
    }
    for _ in 0..300 {
        let ratios: f64 = members.iter().map(|member| member.ratio).sum();
        let amounts: f64 = members.iter().map(|member| member.ratio * f64::from(member.persons)).sum();
        let mut settled = true;
        for member in members.iter_mut() {
            let most = (SHARE_MAX * ratios).min(SHARE_MAX * amounts / f64::from(member.persons));
            if member.ratio > most * 1.0001 {
                member.ratio = most * 0.97;
                settled = false;
            }
        }
        if settled {
            return;
        }
    }
}

/// Whole amounts of the members whose ratios to persons add up to `total` (as near as one euro of the smallest member allows),
/// and the factor that led there. `None` when the members have nothing to be scaled, or the total is negative.
pub fn to_ratio_total(members: &[Member], total: f64) -> Option<(Vec<i64>, f64)> {
    let drawn: f64 = members.iter().map(|member| member.ratio).sum();
    let factor = factor(drawn, total)?;
    let mut amounts: Vec<i64> =
        members.iter().map(|member| (member.ratio * factor * f64::from(member.persons)).round() as i64).collect();
    let off = total - ratio_total(members, &amounts);
    // The smallest unit that can bear the rest: a euro of it moves the sum of ratios least coarsely where it has many persons.
    let bears = |at: &usize| amounts[*at] as f64 + off * f64::from(members[*at].persons) >= 0.0 && amounts[*at] > 0;
    let bearer = (0..members.len()).filter(bears).max_by(|a, b| amounts[*a].cmp(&amounts[*b]).then(b.cmp(a)));
    if let Some(at) = bearer {
        amounts[at] += (off * f64::from(members[at].persons)).round() as i64;
    }
    Some((amounts, factor))
}

/// Whole amounts of the members that add up to `total`, and the factor.
pub fn to_amount_total(members: &[Member], total: f64) -> Option<(Vec<i64>, f64)> {
    let value = |member: &Member| member.ratio * f64::from(member.persons);
    let factor = factor(members.iter().map(value).sum(), total)?;
    let mut amounts: Vec<i64> = members.iter().map(|member| (value(member) * factor).round() as i64).collect();
    let off = total.round() as i64 - amounts.iter().sum::<i64>();
    if let Some(largest) = (0..amounts.len()).max_by_key(|at| (amounts[*at], std::cmp::Reverse(*at))) {
        amounts[largest] += off;
    }
    Some((amounts, factor))
}

fn factor(drawn: f64, total: f64) -> Option<f64> {
    let factor = total / drawn;
    (drawn > 0.0 && total >= 0.0 && factor.is_finite()).then_some(factor)
}

/// Sum of amounts per person, in the order of the members.
pub fn ratio_total(members: &[Member], amounts: &[i64]) -> f64 {
    members.iter().zip(amounts).map(|(member, amount)| *amount as f64 / f64::from(member.persons)).sum()
}
