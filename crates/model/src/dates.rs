//! Dates as providers write them, from and to seconds since 1970. Has no clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY_S: u64 = 86_400;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `20150830T123600Z`: what AWS signs.
pub(crate) fn compact(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (year, month, day) = civil(seconds / DAY_S);
    let s = seconds % DAY_S;
    format!("{year:04}{month:02}{day:02}T{:02}{:02}{:02}Z", s / 3600, s / 60 % 60, s % 60)
}

/// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the form of HTTP.
pub(crate) fn http_date(text: &str) -> Option<SystemTime> {
    let mut parts = text.split_whitespace().skip(1);
    let day = parts.next()?.parse().ok()?;
    let name = parts.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? + 1;
    let year = parts.next()?.parse().ok()?;
    let clock = parts.next()?;
    (parts.next()? == "GMT").then_some(())?;
    at(year, u64::try_from(month).ok()?, day, clock)
}

/// Reads `2015-08-30T12:36:00Z` and `2015-08-30T12:36:00+00:00`, fractions of a second or not. Only UTC.
pub(crate) fn iso(text: &str) -> Option<SystemTime> {
    let (date, clock) = text.trim().split_once('T')?;
    let clock = clock.strip_suffix('Z').or_else(|| clock.strip_suffix("+00:00"))?;
    let clock = clock.split('.').next()?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    at(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?, clock)
}

fn at(year: u64, month: u64, day: u64, clock: &str) -> Option<SystemTime> {
    let mut parts = clock.split(':').map(|part| part.parse::<u64>().ok());
    let (h, m, s) = (parts.next()??, parts.next()??, parts.next()??);
    let sane = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    (sane && h < 24 && m < 60 && s <= 60).then_some(())?;
    // Days since 1970 of a date, with years that begin in March so that leap days come last.
    let (y, shifted) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = y * 365 + y / 4 - y / 100 + y / 400 + (153 * shifted + 2) / 5 + day - 1;
    let days = days.checked_sub(719_468)?;
    UNIX_EPOCH.checked_add(Duration::from_secs(days * DAY_S + h * 3600 + m * 60 + s))
}

/// Year, month and day of a day since 1970.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        let check = |text: &str, expect: &str| {
            let time = iso(text).or_else(|| http_date(text));
            assert_eq!(time.map(compact).as_deref().unwrap_or("none"), expect, "{text}");
        };
        check("2015-08-30T12:36:00Z", "20150830T123600Z");
        check("2024-02-29T23:59:59.123Z", "20240229T235959Z");
        check("2026-03-01T00:00:00+00:00", "20260301T000000Z");
        check("1970-01-01T00:00:00Z", "19700101T000000Z");
        check("Sun, 06 Nov 1994 08:49:37 GMT", "19941106T084937Z");
        check("Sun, 06 Nov 1994 08:49:37 CET", "none");
        check("2015-13-30T12:36:00Z", "none");
        check("2015-08-30T12:36:00+02:00", "none");
        check("soon", "none");
    }
}
