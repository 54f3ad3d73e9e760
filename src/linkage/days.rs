//! How many days of a year a combination of person and unit existed.

use crate::registers::frame::PersonUnit;

/// Days of the combination that fall in the year, both ends included; zero when it lies outside.
pub fn within(combination: &PersonUnit, year: i32) -> i32 {
    let first = first_day(year);
    let last = first_day(year + 1) - 1;
    (combination.end.min(last) - combination.begin.max(first) + 1).max(0)
}

/// Days from 1970-01-01 to 1 January of the year, in the Gregorian calendar.
pub fn first_day(year: i32) -> i32 {
    let before = year - 1;
    let days = before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    days - 719_162
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registers::frame::Key;

    #[test]
    fn years_start_where_the_calendar_says() {
        assert_eq!(first_day(1970), 0);
        assert_eq!(first_day(1971), 365);
        assert_eq!(first_day(2016), 16_801);
        assert_eq!(first_day(2017) - first_day(2016), 366);
    }

    #[test]
    fn only_the_days_inside_the_year_count() {
        let period = |begin, end| PersonUnit { person: Key::new(0), unit: Key::new(0), begin, end };
        assert_eq!(within(&period(0, 40_000), 2016), 366);
        assert_eq!(within(&period(first_day(2017), 40_000), 2016), 0);
        assert_eq!(within(&period(first_day(2016) - 5, first_day(2016)), 2016), 1);
    }
}
