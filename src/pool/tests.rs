//! Bounds against brute force: what could be, must be within.

use num_rational::BigRational;

use super::bounds::{Bounds, nearest, whole};
use super::means::{Part, at_most, estimate, pooled, some};

fn between(low: i64, high: i64) -> Bounds {
    Bounds { low: Some(BigRational::from_integer(low.into())), high: Some(BigRational::from_integer(high.into())) }
}

fn exactly(number: i64) -> Bounds {
    between(number, number)
}

#[test]
fn bounds_of_a_mean_are_reached_and_never_passed() {
    let boxes = [(10, 1, 4), (30, 2, 5), (-20, 1, 3)];
    let parts: Vec<Part> =
        boxes.iter().map(|(mean, low, high)| Part { mean: exactly(*mean), units: between(*low, *high) }).collect();
    let mut means = Vec::new();
    for a in 1..=4 {
        for b in 2..=5 {
            for c in 1..=3 {
                means.push(BigRational::new((10 * a + 30 * b - 20 * c).into(), (a + b + c).into()));
            }
        }
    }
    let bounds = pooled(&parts);
    assert_eq!(bounds.low.as_ref(), means.iter().min());
    assert_eq!(bounds.high.as_ref(), means.iter().max());
}

#[test]
fn known_numbers_of_units_make_a_mean_as_exact_as_its_parts() {
    let part = |mean: i64, units: i64| Part { mean: Bounds::rounded(whole(mean as u64), 0), units: exactly(units) };
    let bounds = pooled(&[part(10, 1), part(20, 3)]);
    assert_eq!((bounds.texts(2), bounds.middle(0).as_deref()), (["17".into(), "18".into()], Some("18")));
    assert!(bounds.is_a_value(0) && !bounds.is_a_value(1));
}

#[test]
fn without_numbers_of_units_a_mean_lies_between_its_parts() {
    let part = |mean: i64, units: Bounds| Part { mean: exactly(mean), units };
    assert_eq!(pooled(&[part(10, some()), part(20, some())]), between(10, 20));
    let told = [part(10, at_most(&whole(9))), part(20, at_most(&whole(4)))];
    assert_eq!(pooled(&told).texts(2), ["11".to_owned(), "18".to_owned()]);
    assert_eq!(estimate(&[(whole(10), whole(9)), (whole(20), whole(4))]).map(|mean| nearest(&mean, 2)).as_deref(), Some("13.08"));
    // One environment alone is its own mean.
    assert_eq!(pooled(&[part(10, some())]), exactly(10));
}

#[test]
fn ends_are_rounded_outwards_and_values_to_the_nearest() {
    let third = |times: i64| BigRational::new(times.into(), 3.into());
    let bounds = Bounds { low: Some(third(-1)), high: Some(third(2)) };
    assert_eq!(bounds.texts(2), ["-0.34", "0.67"]);
    assert_eq!(bounds.texts(0), ["-1", "1"]);
    assert_eq!(nearest(&third(-1), 3), "-0.333");
    assert_eq!(nearest(&BigRational::new(5.into(), 2.into()), 0), "3");
    assert_eq!(Bounds::exactly(whole(1200)).texts(2), ["1200", "1200"]);
    assert_eq!(Bounds { low: None, high: None }.texts(2), ["", ""]);
}

#[test]
fn an_end_that_nothing_tells_stays_open_in_a_sum() {
    let sum = Bounds::sum(&[exactly(12), Bounds::from_zero()]);
    assert_eq!((sum.low, sum.high), (Some(whole(12)), None));
    assert_eq!(Bounds::sum(&[exactly(12), between(0, 5)]), between(12, 17));
}
