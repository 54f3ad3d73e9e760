//! Scales: round numbers that enclose the values, and where a value falls between them.

use super::font::{self, Weight};
use super::svg::Style;
use crate::language::Language;

/// A linear scale between two round numbers.
#[derive(Clone, Debug)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    pub ticks: Vec<f64>,
    /// Decimals of the ticks.
    decimals: usize,
}

impl Scale {
    /// Encloses the values and `origin`, with about this many steps from the origin.
    pub fn around(values: impl Iterator<Item = f64>, origin: f64, steps: usize) -> Self {
        let (low, high) = values.fold((origin, origin), |(low, high), value| (low.min(value), high.max(value)));
        let span = if high > low { high - low } else { 1.0 };
        let step = round_step(span / steps.max(1) as f64);
        let (first, last) = (((low - origin) / step).floor() as i64, ((high - origin) / step).ceil() as i64);
        let last = last.max(first + 1);
        let decimals = (-step.log10().floor()).max(0.0) as usize;
        let tick = |at: i64| origin + at as f64 * step;
        // Below zero a scale goes only for values that do.
        let bottom = if low < 0.0 { tick(first) } else { tick(first).max(0.0) };
        let ticks = (first..=last).map(tick).filter(|tick| *tick >= bottom).collect();
        Self { low: bottom, high: tick(last), ticks, decimals }
    }

    /// Ends at the outermost values, or at `origin`; the round numbers between them are the ticks.
    pub fn up_to(values: impl Iterator<Item = f64> + Clone, origin: f64, steps: usize) -> Self {
        let (low, high) = values.clone().fold((origin, origin), |(low, high), value| (low.min(value), high.max(value)));
        let mut scale = Self::around(values, origin, steps);
        if high > low {
            // Below the base of an index there is a round number to read off too.
            let bottom = scale.low;
            let read_off = origin == 0.0 || scale.ticks.iter().any(|tick| (low..origin).contains(tick));
            (scale.low, scale.high) = (if low < origin && !read_off { bottom } else { low }, high);
            let kept = scale.low..=scale.high;
            scale.ticks.retain(|tick| kept.contains(tick));
            if !read_off && scale.low < origin && scale.ticks.first() == Some(&origin) {
                scale.ticks.insert(0, scale.low);
            }
        }
        scale
    }

    /// Between 0 at the low end and 1 at the high end.
    pub fn part(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    pub fn label(&self, tick: f64, language: Language) -> String {
        // Zero has no sign.
        let tick = if tick == 0.0 { 0.0 } else { tick };
        language.number(&format!("{tick:.*}", self.decimals))
    }

    /// The width of the widest tick.
    pub fn label_width(&self, language: Language) -> f64 {
        let width = |tick: &f64| font::width(&self.label(*tick, language), Style::TICK.size, Weight::Regular);
        self.ticks.iter().map(width).fold(0.0, f64::max)
    }
}

/// 1, 2 or 5 times a power of ten, no smaller than this.
fn round_step(at_least: f64) -> f64 {
    let power = 10f64.powf(at_least.log10().floor());
    let step = [1.0, 2.0, 5.0].into_iter().map(|step| step * power).find(|step| *step >= at_least * (1.0 - 1e-9));
    step.unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_begin_at_zero_and_end_at_a_round_number() {
        let scale = Scale::around([29.0, 4.0].into_iter(), 0.0, 4);
        assert_eq!((scale.low, scale.high), (0.0, 30.0));
        assert_eq!(scale.ticks, [0.0, 10.0, 20.0, 30.0]);
        assert_eq!(scale.part(15.0), 0.5);
        let close = Scale::up_to([29.0, 4.0].into_iter(), 0.0, 4);
        assert_eq!((close.low, close.high, close.ticks.len()), (0.0, 29.0, 3));
    }

    #[test]
    fn an_index_is_enclosed_around_one_hundred() {
        let scale = Scale::around([84.0, 128.0].into_iter(), 100.0, 4);
        assert_eq!((scale.low, scale.high), (80.0, 140.0));
        let wide = Scale::around([74.0, 846.0].into_iter(), 100.0, 4);
        assert_eq!((wide.low, wide.ticks[0]), (0.0, 100.0));
    }

    #[test]
    fn bars_below_the_origin_have_a_round_number_to_be_read_off() {
        let index = Scale::up_to([84.0, 128.0].into_iter(), 100.0, 4);
        assert_eq!((index.low, index.ticks), (80.0, vec![80.0, 100.0, 120.0]));
        let wide = Scale::up_to([74.0, 846.0].into_iter(), 100.0, 4);
        assert_eq!((wide.low, &wide.ticks[..2]), (0.0, &[0.0, 100.0][..]));
        let read = Scale::up_to([-1.0, -25.0, 30.0].into_iter(), 0.0, 4);
        assert_eq!((read.low, read.ticks[0]), (-25.0, -20.0));
        let little = Scale::up_to([-3.0, 37.0].into_iter(), 0.0, 4);
        assert_eq!((little.low, little.ticks[0]), (-3.0, 0.0));
    }

    #[test]
    fn a_scale_without_values_is_still_one() {
        let scale = Scale::around(std::iter::empty(), 0.0, 4);
        assert!(scale.high > scale.low && scale.part(0.0) == 0.0);
    }

    #[test]
    fn ticks_have_the_separators_of_the_language() {
        let scale = Scale::around([0.0, 2.5].into_iter(), 0.0, 5);
        assert_eq!(scale.label(0.5, Language::Dutch), "0,5");
        assert_eq!(Scale::around([4000.0].into_iter(), 0.0, 4).label(1000.0, Language::English), "1,000");
        assert_eq!(Scale::around([-1.0, 1.0].into_iter(), 0.0, 4).label(0.0, Language::English), "0.0");
    }
}
