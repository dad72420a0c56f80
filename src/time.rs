//! Civil time: instants, days and spans. The only room that knows the unit of time.
//!
//! The clock is local civil time in which every day has 86,400 s (no daylight-saving jumps). An [`Instant`] is the
//! number of milliseconds since 1970-01-01 00:00 of that clock; a [`DayNumber`] counts whole days from the same origin.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Milliseconds since 1970-01-01 00:00, civil time. Differences of instants are spans in milliseconds.
pub type Instant = i64;

/// Whole days since 1970-01-01, civil time.
pub type DayNumber = i32;

/// One second, in milliseconds.
pub const SECOND: Instant = 1_000;
/// One minute, in milliseconds.
pub const MINUTE: Instant = 60 * SECOND;
/// One hour, in milliseconds.
pub const HOUR: Instant = 60 * MINUTE;
/// One civil day, in milliseconds.
pub const DAY: Instant = 24 * HOUR;

/// The names of the weekdays, Monday first, as scenario files write them.
pub const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// The names of the months, January first, as scenario files write them.
pub const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The civil day that holds an instant.
#[must_use]
pub fn day_of(at: Instant) -> DayNumber {
    at.div_euclid(DAY) as DayNumber
}

/// The first instant of a civil day.
#[must_use]
pub fn start_of(day: DayNumber) -> Instant {
    Instant::from(day) * DAY
}

/// The number of a civil date.
#[must_use]
pub fn day_number(date: Date) -> DayNumber {
    date.duration_since(Date::constant(1970, 1, 1)).as_hours() as DayNumber / 24
}

/// The civil date of a day number; the nearest representable date when it is out of range (years -9999 to 9999).
#[must_use]
pub fn date_of(day: DayNumber) -> Date {
    Date::constant(1970, 1, 1)
        .saturating_add(jiff::Span::new().days(i64::from(day).clamp(-7_000_000, 7_000_000)))
}

/// The weekday of a day number: 0 is Monday, 6 is Sunday.
#[must_use]
pub fn weekday_of(day: DayNumber) -> usize {
    (day + 3).rem_euclid(7) as usize
}

/// The number of the week (from Monday) that holds a day.
#[must_use]
pub fn week_of(day: DayNumber) -> i32 {
    (day + 3).div_euclid(7)
}

/// The number of the month that holds a day, counted from year 0.
#[must_use]
pub fn month_of(day: DayNumber) -> i32 {
    let date = date_of(day);
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

/// How far a zone's standard time is ahead of UTC. Daylight saving is left out: this clock has none.
#[must_use]
pub fn standard_offset(zone: &TimeZone) -> Instant {
    let offsets = [1, 7].map(|month| {
        let noon = DateTime::constant(2026, month, 1, 12, 0, 0, 0);
        let at = TimeZone::UTC.to_timestamp(noon).unwrap_or_default();
        let info = zone.to_offset_info(at);
        (info.dst().is_dst(), Instant::from(info.offset().seconds()) * SECOND)
    });
    let [january, july] = offsets;
    if january.0 { july.1 } else { january.1 }
}

/// Why a length of time could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a length of time: write a whole number and a unit, as in \"90s\", \"30m\", \"24h\" or \"7d\"")]
pub struct SpanError;

/// Reads a length of time such as `"90s"`, `"30m"`, `"24h"`, `"7d"` or `"2w"`, in milliseconds.
///
/// # Errors
/// When the text is not a positive whole number followed by a unit, or when it exceeds a thousand years.
pub fn parse_span(text: &str) -> Result<Instant, SpanError> {
    let text = text.trim();
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let count: Instant = text[..digits].parse().map_err(|_| SpanError)?;
    let unit = match text[digits..].trim() {
        "s" => SECOND,
        "m" | "min" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        "w" => 7 * DAY,
        _ => return Err(SpanError),
    };
    match count.checked_mul(unit) {
        Some(span) if span > 0 && span <= 366_000 * DAY => Ok(span),
        _ => Err(SpanError),
    }
}

/// Writes an instant of UTC to the millisecond: `2026-01-05T09:30:00.250Z`; one outside of the calendar as it is.
#[must_use]
pub fn utc_text(at: Instant) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |stamp| format!("{stamp:.3}"))
}

/// Writes a length of time in the largest unit that divides it and keeps hours up to two days: `"1 h"`, `"24 h"`, `"7 d"`.
#[must_use]
pub fn span_text(span: Instant) -> String {
    if span % DAY == 0 && span > 2 * DAY {
        format!("{} d", span / DAY)
    } else if span % HOUR == 0 {
        format!("{} h", span / HOUR)
    } else if span % MINUTE == 0 {
        format!("{} min", span / MINUTE)
    } else {
        format!("{} s", span as f64 / SECOND as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_weeks_and_months_follow_the_civil_calendar() {
        let monday = day_number(Date::constant(2026, 1, 5));
        assert_eq!(monday, 20_458);
        assert_eq!(weekday_of(monday), 0);
        assert_eq!(weekday_of(monday - 1), 6);
        assert_eq!(week_of(monday), week_of(monday + 6));
        assert_eq!(week_of(monday) - 1, week_of(monday - 1));
        assert_eq!(month_of(monday) + 1, month_of(monday + 27));
        assert_eq!(month_of(monday), month_of(monday + 26));
        assert_eq!(date_of(monday), Date::constant(2026, 1, 5));
        assert_eq!(day_of(start_of(monday)), monday);
        assert_eq!(day_of(start_of(monday) - 1), monday - 1);
        assert_eq!(day_number(Date::constant(1969, 12, 31)), -1);
        for end in [Date::MIN, Date::MAX] {
            assert_eq!(date_of(day_number(end)), end);
        }
        assert_eq!((date_of(DayNumber::MIN), date_of(DayNumber::MAX)), (Date::MIN, Date::MAX));
    }

    #[test]
    fn standard_time_of_a_zone_is_that_without_daylight_saving_in_both_hemispheres() {
        let hours = |name: &str| standard_offset(&TimeZone::get(name).expect("it is a zone")) / HOUR;
        let zones = ["UTC", "Europe/Berlin", "America/Los_Angeles", "Australia/Sydney", "Asia/Tokyo"];
        assert_eq!(zones.map(hours), [0, 1, -8, 10, 9]);
    }

    #[test]
    fn spans_are_read_and_refused() {
        assert_eq!(parse_span("24h"), Ok(DAY));
        assert_eq!(parse_span("7 d"), Ok(7 * DAY));
        assert_eq!(parse_span("90s"), Ok(90 * SECOND));
        for wrong in ["", "h", "24", "24 hours", "-3h", "0h", "1.5h", "99999999999999999999d", "9999999d"] {
            assert_eq!(parse_span(wrong), Err(SpanError), "{wrong}");
        }
        assert_eq!(span_text(HOUR), "1 h");
        assert_eq!(span_text(DAY), "24 h");
        assert_eq!(span_text(7 * DAY), "7 d");
    }
}
