//! A decomposition tells what became of a mean between two years: what changed within classes, what because units stand in other classes,
//! and what because those with a value are distributed otherwise than all of them.
//!
//! The first two are the symmetric split of E. M. Kitagawa, "Components of a difference between two rates", Journal of the American
//! Statistical Association 50 (1955), pp. 1168-1194. With means m and shares p of a class in both years, it adds up over classes
//! (p0 + p1) / 2 · (m1 - m0) and (m0 + m1) / 2 · (p1 - p0). The contribution of one class to the second is told against the middle of
//! the two standardised means, so that a class that gains units raises the mean only where its own is above that; the sum is the same. The
//! shares are those of all units, which tables of numbers show; what is left of the change is the third part. All three and the
//! contributions of classes add up to what is printed above them: the last unit goes to the largest remainders.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use super::set::{ClassParts, Part, Row};

/// A class in the base year and in the year that is told.
#[derive(Clone, Copy, Debug)]
pub struct ClassChange {
    /// In whole last decimals; none without a unit that has a value.
    pub means: [Option<i128>; 2],
    pub units: [u64; 2],
}

/// The parts of a change in whole last decimals, each with the contributions of the classes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decomposition {
    pub within: Vec<i128>,
    pub composition: Vec<i128>,
    pub coverage: i128,
}

/// A class that has units in one of the years at least: its mean and its share in both.
struct Known {
    means: [BigRational; 2],
    shares: [BigRational; 2],
}

/// Splits the change of the mean over all classes; `None` where a class has units and no mean, or a year no units.
///
/// A class without units in one of the years keeps the mean of the other, so that all it contributes is that units came or went.
pub fn decompose(all: [i128; 2], classes: &[ClassChange]) -> Option<Decomposition> {
    let units = [0, 1].map(|year| classes.iter().map(|class| u128::from(class.units[year])).sum::<u128>());
    if units.contains(&0) {
        return None;
    }
    let known: Vec<Known> = classes.iter().map(|class| known(class, units)).collect::<Option<_>>()?;
    let standardised = [0, 1].map(|year| known.iter().map(|class| &class.shares[year] * &class.means[year]).sum::<BigRational>());
    let middle = half(&standardised[0] + &standardised[1]);
    let within: Vec<BigRational> = known.iter().map(Known::within).collect();
    let composition: Vec<BigRational> = known.iter().map(|class| class.composition(&middle)).collect();
    let change = all[1] - all[0];
    let coverage = whole(change) - (&standardised[1] - &standardised[0]);
    let sums = [within.iter().sum(), composition.iter().sum(), coverage];
    let [within_all, composition_all, coverage] = apportion(&sums, change)?.try_into().ok()?;
    Some(Decomposition {
        within: apportion(&within, within_all)?,
        composition: apportion(&composition, composition_all)?,
        coverage,
    })
}

/// The figure of a row in whole last decimals; `None` where it does not exist.
pub fn figure(row: &Row, mean: impl Fn(usize) -> Option<i128>, units: impl Fn(usize) -> u64) -> Option<i128> {
    let split = row.split.as_ref().filter(|split| split.exists())?;
    let (then, now) = (mean(row.base?), mean(row.cell));
    let decomposed = || {
        let over = split.over.as_ref()?;
        let class = |class: &ClassParts<usize>| ClassChange { means: class.means.map(&mean), units: class.units.map(&units) };
        let classes: Vec<ClassChange> = over.classes.iter().map(class).collect();
        decompose([mean(over.means[0])?, mean(over.means[1])?], &classes)
    };
    let of_class = |parts: Vec<i128>| match split.class {
        Some(class) => parts.get(class).copied(),
        None => Some(parts.iter().sum()),
    };
    match split.part {
        Part::Start => then,
        Part::End => now,
        Part::Change => Some(now? - then?),
        Part::Within => of_class(decomposed()?.within),
        Part::Composition => of_class(decomposed()?.composition),
        Part::Coverage => Some(decomposed()?.coverage),
    }
}

fn known(class: &ClassChange, units: [u128; 2]) -> Option<Known> {
    let means = match (class.units, class.means) {
        ([0, 0], _) => [0, 0],
        ([0, _], [_, Some(only)]) | ([_, 0], [Some(only), _]) => [only, only],
        (_, [Some(then), Some(now)]) => [then, now],
        _ => return None,
    };
    let shares = [0, 1].map(|year| BigRational::new(class.units[year].into(), units[year].into()));
    Some(Known { means: means.map(whole), shares })
}

impl Known {
    fn within(&self) -> BigRational {
        half(&self.shares[0] + &self.shares[1]) * (&self.means[1] - &self.means[0])
    }

    fn composition(&self, middle: &BigRational) -> BigRational {
        (half(&self.means[0] + &self.means[1]) - middle) * (&self.shares[1] - &self.shares[0])
    }
}

fn whole(number: i128) -> BigRational {
    BigRational::from_integer(number.into())
}

fn half(number: BigRational) -> BigRational {
    number / BigInt::from(2)
}

/// Whole numbers that add up to `sum`, each less than one from its part: all are rounded down, and those with the largest remainders
/// get one more.
fn apportion(parts: &[BigRational], sum: i128) -> Option<Vec<i128>> {
    let mut whole: Vec<i128> = parts.iter().map(|part| part.floor().to_integer().to_i128()).collect::<Option<_>>()?;
    let left = usize::try_from(sum - whole.iter().sum::<i128>()).ok()?;
    let mut order: Vec<(BigRational, usize)> = parts.iter().enumerate().map(|(at, part)| (part - part.floor(), at)).collect();
    order.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    order.retain(|(rest, _)| !rest.is_zero());
    assert!(left <= order.len(), "only what was rounded down gets one more");
    order[..left].iter().for_each(|(_, at)| whole[*at] += 1);
    Some(whole)
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};

    use super::*;

    fn class(means: [i128; 2], units: [u64; 2]) -> ClassChange {
        ClassChange { means: means.map(Some), units }
    }

    /// By hand: shares 0.8 and 0.2 become 0.5 and 0.5, means 100 and 300 become 110 and 320. Within: 0.65 · 10 + 0.35 · 20 = 13.5.
    /// Composition: 105 · -0.3 + 310 · 0.3 = 61.5. Standardised 140 and 215, middle 177.5. The mean of those with a value went from
    /// 150 to 220, so that 70 - 75 = -5 is left.
    #[test]
    fn a_change_is_split_as_by_hand() {
        let scaled = [class([1000, 1100], [80, 25]), class([3000, 3200], [20, 25])];
        let split = decompose([1500, 2200], &scaled).unwrap();
        assert_eq!(split.within, [65, 70]);
        assert_eq!(
            split.composition,
            [218, 397],
            "-0.3 · (105 - 177.5) = 21.75 and 0.3 · (310 - 177.5) = 39.75, the tie by order"
        );
        assert_eq!(split.coverage, -50);
    }

    #[test]
    fn every_class_rises_and_the_mean_falls() {
        let split = decompose([75, 42], &[class([10, 20], [50, 90]), class([140, 240], [50, 10])]).unwrap();
        assert!(split.within.iter().all(|part| *part > 0) && split.composition.iter().sum::<i128>() < 0, "{split:?}");
    }

    #[test]
    fn a_class_that_comes_or_goes_changes_the_composition_alone() {
        let gone = ClassChange { means: [Some(500), None], units: [10, 0] };
        let split = decompose([300, 100], &[class([100, 100], [10, 20]), gone]).unwrap();
        assert_eq!((split.within, split.composition.iter().sum::<i128>(), split.coverage), (vec![0, 0], -200, 0));
        let nothing = ClassChange { means: [None, None], units: [0, 0] };
        assert!(decompose([100, 100], &[class([100, 100], [1, 1]), nothing]).is_some());
    }

    #[test]
    fn a_class_with_units_and_without_a_mean_cannot_be_told() {
        let unknown = ClassChange { means: [Some(500), None], units: [10, 3] };
        assert_eq!(decompose([300, 100], &[class([100, 100], [10, 20]), unknown]), None);
        assert_eq!(decompose([300, 100], &[class([100, 100], [10, 0])]), None);
    }

    #[test]
    fn parts_always_add_up_and_are_less_than_one_away() {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(1955);
        for _ in 0..2000 {
            let classes: Vec<ClassChange> = (0..random.random_range(1..7))
                .map(|_| class([0, 1].map(|_| random.random_range(-900..9000)), [0, 1].map(|_| random.random_range(1..400))))
                .collect();
            let all = [0, 1].map(|_| random.random_range(-900..9000));
            let split = decompose(all, &classes).unwrap();
            let [within, composition]: [i128; 2] = [&split.within, &split.composition].map(|parts| parts.iter().sum());
            assert_eq!(within + composition + split.coverage, all[1] - all[0]);
            let totals = [0, 1].map(|year| classes.iter().map(|class| class.units[year]).sum::<u64>() as f64);
            for (class, told) in classes.iter().zip(&split.within) {
                let share = (class.units[0] as f64 / totals[0] + class.units[1] as f64 / totals[1]) / 2.0;
                let exact = share * (class.means[1].unwrap() - class.means[0].unwrap()) as f64;
                assert!((exact - *told as f64).abs() < 1.0 + 1e-6, "{exact} {told}");
            }
        }
    }
}
