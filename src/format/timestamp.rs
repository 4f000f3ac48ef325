//! Calendar times as file systems store them, as seconds of the Unix epoch.

/// A calendar time whose clock was `offset_minutes` ahead of UTC. `None` when a field is out of range, as in the all-zero
/// times of unset fields.
pub(crate) fn unix_secs(
    year: i32,
    month: u8,
    day: u8,
    [hour, minute, second]: [u8; 3],
    offset_minutes: i32,
) -> Option<i64> {
    let in_range = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61
        && (1..=9999).contains(&year)
        && offset_minutes.abs() <= 24 * 60;
    if !in_range {
        return None;
    }
    // Years that begin in March put the leap day last, so that a month's first day follows from a line through the
    // months' lengths: 0, 31, 61, 92 ... 337.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let (year, month) = (i64::from(year), i64::from(month));
    let leap_days = year / 4 - year / 100 + year / 400;
    let day_of_year = (153 * month + 2) / 5 + i64::from(day) - 1;
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    let days = year * 365 + leap_days + day_of_year - 719_468;
    let secs_of_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
    Some(days * 86_400 + secs_of_day - i64::from(offset_minutes) * 60)
}

/// The calendar time of a second of the Unix epoch, in UTC: year, month, day, and hour, minute, second. For the years that
/// [`unix_secs`] takes.
pub(crate) fn calendar(unix_secs: i64) -> (i32, u8, u8, [u8; 3]) {
    let (days, secs) = (unix_secs.div_euclid(86_400), unix_secs.rem_euclid(86_400));
    // Days since 0000-03-01, in eras of 400 years of 146,097 days each.
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    // The leap days that lie before are taken out, so that all years have 365 days.
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    let year = era * 400 + year_of_era + year;
    (year as i32, month as u8, day as u8, [(secs / 3600) as u8, (secs / 60 % 60) as u8, (secs % 60) as u8])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Judged by `date -u -d ... +%s`.
    #[test]
    fn agrees_with_the_calendar() {
        for (year, month, day, time, offset, secs) in [
            (1970, 1, 1, [0, 0, 0], 0, 0),
            (2000, 2, 29, [23, 59, 59], 0, 951_868_799),
            (2000, 3, 1, [0, 0, 0], 0, 951_868_800),
            (2024, 12, 31, [1, 0, 0], 60, 1_735_603_200),
            (1969, 12, 31, [23, 59, 59], 0, -1),
            (2100, 3, 1, [0, 0, 0], -60, 4_107_546_000),
        ] {
            assert_eq!(unix_secs(year, month, day, time, offset), Some(secs), "{year}-{month}-{day}");
        }
        assert_eq!(unix_secs(2024, 0, 1, [0; 3], 0), None);
        assert_eq!(unix_secs(2024, 1, 0, [0; 3], 0), None);
        assert_eq!(unix_secs(0, 1, 1, [0; 3], 0), None);
    }

    #[test]
    fn there_and_back() {
        for secs in (-60_000_000_000..250_000_000_000).step_by(86_399 * 11) {
            let (year, month, day, time) = calendar(secs);
            assert_eq!(unix_secs(year, month, day, time, 0), Some(secs), "{year}-{month}-{day}");
        }
    }
}
