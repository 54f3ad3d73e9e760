//! Dates as days since 1970-01-01 in the Gregorian calendar.

/// The stand-in for an empty date.
pub(super) const NO_DATE: i32 = i32::MIN;
/// 1600-01-01, before which no firm in a register was founded.
pub(super) const EARLIEST: i32 = days(1600, 1, 1);
/// 2079-06-06, the open end of the business register.
pub(super) const OPEN_END: i32 = days(2079, 6, 6);

/// Days of a civil date. Algorithm: H. Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`.
pub(super) const fn days(year: i32, month: u32, day: u32) -> i32 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let month_from_march = (month as i32 + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day as i32 - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The calendar year of a day from [`EARLIEST`] to [`OPEN_END`].
pub(super) fn year_of(day: i32) -> i32 {
    let guess = 1970 + day.div_euclid(366);
    (guess - 1..guess + 3).rev().find(|year| days(*year, 1, 1) <= day).unwrap_or(guess)
}

/// `YYYY-MM-DD` or `YYYYMMDD`; `None` for anything else and for days that do not exist.
pub(super) fn parse_date(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    match bytes.len() {
        8 => civil(digits(&bytes[..4])?, digits(&bytes[4..6])?, digits(&bytes[6..])?),
        10 if bytes[4] == b'-' && bytes[7] == b'-' => civil(digits(&bytes[..4])?, digits(&bytes[5..7])?, digits(&bytes[8..])?),
        _ => None,
    }
}

/// A date as the number YYYYMMDD.
pub(super) fn days_of_number(number: i64) -> Option<i32> {
    let number = u32::try_from(number).ok().filter(|number| (10_000_000..100_000_000).contains(number))?;
    civil(number / 10_000, number / 100 % 100, number % 100)
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

fn civil(year: u32, month: u32, day: u32) -> Option<i32> {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (1..=length).contains(&day).then(|| days(year as i32, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_1970() {
        assert_eq!(parse_date("1970-01-01"), Some(0));
        assert_eq!(parse_date("20000301"), Some(11_017));
        assert_eq!(parse_date("2079-06-06"), Some(OPEN_END));
        assert_eq!(days_of_number(19_691_231), Some(-1));
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["2019-02-29", "2019-13-01", "2019-00-10", "01-02-2019", "2019/01/01", "201901", "2019-1-01x", ""] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn the_year_of_a_day_is_found_again() {
        for year in [1600, 1899, 1970, 2000, 2019, 2079] {
            assert_eq!(year_of(days(year, 1, 1)), year);
            assert_eq!(year_of(days(year, 12, 31)), year);
        }
    }
}
