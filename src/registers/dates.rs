//! Dates as days since 1970-01-01 in the Gregorian calendar.

use super::faults::{self, Fault};

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

/// The calendar year of a day. Algorithm: as for [`days`], `civil_from_days`.
pub(super) fn year_of(day: i32) -> i32 {
    let shifted = day + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let is_before_march = (5 * day_of_year + 2) / 153 >= 10;
    era * 400 + year_of_era + i32::from(is_before_march)
}

/// `YYYY-MM-DD` or `YYYYMMDD`, also as a number with `.0` or with the time of midnight, as other programs write days.
///
/// # Errors
/// What is wrong, by the notation that it seems to be.
pub(super) fn read_date(text: &str) -> Result<i32, &'static Fault> {
    let bare = text.strip_suffix(".0").or_else(|| text.get(..10).filter(|_| is_midnight(&text[10..]))).unwrap_or(text);
    parse_date(bare).ok_or_else(|| notation(text))
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

/// `T00:00:00.000Z` and the like, and nothing.
fn is_midnight(rest: &str) -> bool {
    let rest = rest.strip_prefix(['T', ' ']).unwrap_or(rest);
    rest.trim_end_matches('Z').bytes().all(|byte| matches!(byte, b'0' | b':' | b'.'))
}

/// The fault of a text that is no date: which notation it seems to be in.
fn notation(text: &str) -> &'static Fault {
    if let Ok(number) = text.parse::<f64>() {
        return number_notation(number);
    }
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ']).collect();
    let numeric = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    match parts.as_slice() {
        [day, month, year] if numeric(day, 1..=2) && numeric(year, 2..=4) => {
            let month_named = (3..=9).contains(&month.len()) && month.chars().all(char::is_alphabetic);
            if numeric(month, 1..=2) || month_named { &faults::DAY_FIRST } else { &faults::NOT_A_DATE }
        }
        _ if text.get(..10).is_some_and(|day| parse_date(day).is_some()) => &faults::WITH_TIME,
        _ => &faults::NOT_A_DATE,
    }
}

/// The fault of a number that is not YYYYMMDD.
fn number_notation(number: f64) -> &'static Fault {
    match number {
        // From 1850 to 2080 in seconds since 14 October 1582.
        8.4e9..=1.57e10 => &faults::SPSS_SECONDS,
        // The days of 1920 to 2079 since 1900, and those of 1970 to 2079 since 1960 or 1970.
        3_650.0..=65_750.0 => &faults::DAY_NUMBER,
        _ => &faults::NOT_A_DATE,
    }
}

/// A date as the number YYYYMMDD.
///
/// # Errors
/// As [`read_date`].
pub(super) fn days_of_number(number: i64) -> Result<i32, &'static Fault> {
    let written = u32::try_from(number).ok().filter(|number| (10_000_000..100_000_000).contains(number));
    written.and_then(|n| civil(n / 10_000, n / 100 % 100, n % 100)).ok_or_else(|| number_notation(number as f64))
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
        assert_eq!(days_of_number(19_691_231), Ok(-1));
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in ["2019-02-29", "2019-13-01", "2019-00-10", "01-02-2019", "2019/01/01", "201901", "2019-1-01x", ""] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_as_other_programs_write_it_is_read() {
        for text in ["2014-01-02T00:00:00", "2014-01-02 00:00:00.000000", "2014-01-02T00:00:00Z", "20140102.0", "2014-01-02"] {
            assert_eq!(read_date(text), Ok(days(2014, 1, 2)), "{text}");
        }
    }

    #[test]
    fn another_notation_is_named_and_never_guessed() {
        let cases = [
            ("02-01-2014", &faults::DAY_FIRST),
            ("2/1/14", &faults::DAY_FIRST),
            ("02.01.2014", &faults::DAY_FIRST),
            ("2-jan-2014", &faults::DAY_FIRST),
            ("13608000000", &faults::SPSS_SECONDS),
            ("1.36080E+010", &faults::SPSS_SECONDS),
            ("41641", &faults::DAY_NUMBER),
            ("2014-01-02 13:45:00", &faults::WITH_TIME),
            ("2014-02-30", &faults::NOT_A_DATE),
            ("20140230", &faults::NOT_A_DATE),
            ("0", &faults::NOT_A_DATE),
            ("soon", &faults::NOT_A_DATE),
            ("2014-01-02é", &faults::WITH_TIME),
            ("é014-01-02", &faults::NOT_A_DATE),
        ];
        for (text, fault) in cases {
            assert_eq!(read_date(text).err(), Some(fault), "{text}");
        }
        assert_eq!(days_of_number(13_608_000_000).err(), Some(&faults::SPSS_SECONDS));
    }

    #[test]
    fn the_year_of_a_day_is_found_again() {
        for year in 1600..=2080 {
            assert_eq!(year_of(days(year, 1, 1)), year);
            assert_eq!(year_of(days(year, 2, 28)), year);
            assert_eq!(year_of(days(year, 3, 1)), year);
            assert_eq!(year_of(days(year, 12, 31)), year);
        }
    }
}
