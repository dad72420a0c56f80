//! Times as logs write them: ISO 8601 with a zone, or unix time in one of four units.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;

use crate::time::{self, DAY, Instant};

/// What is accepted as a time.
pub(super) const WRITTEN: &str = "accepted are ISO 8601 with a zone, as in 2026-01-05T09:30:00Z or +01:00, and unix time, as in 1767605400";

pub(super) const FAR: &str = "is outside of the years -9999 to 9999 (less a day at both ends)";

/// The unit of numeric times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds, with or without a fraction.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Microseconds.
    Microseconds,
    /// Nanoseconds.
    Nanoseconds,
}

impl Unit {
    /// The unit that a first time suggests: seconds below 10^11 (the year 5138), milliseconds below 10^14, microseconds below
    /// 10^17, else nanoseconds.
    #[must_use]
    pub fn of(first: i64) -> Unit {
        match first.unsigned_abs() {
            0..100_000_000_000 => Unit::Seconds,
            100_000_000_000..100_000_000_000_000 => Unit::Milliseconds,
            100_000_000_000_000..100_000_000_000_000_000 => Unit::Microseconds,
            _ => Unit::Nanoseconds,
        }
    }

    /// The instant, cut off to whole milliseconds; none outside of the years -9999 to 9999.
    #[inline]
    pub(super) fn instant(self, number: i64) -> Option<Instant> {
        let at = match self {
            Unit::Seconds => number.saturating_mul(1_000),
            Unit::Milliseconds => number,
            Unit::Microseconds => number.div_euclid(1_000),
            Unit::Nanoseconds => number.div_euclid(1_000_000),
        };
        (EARLIEST..=LATEST).contains(&at).then_some(at)
    }
}

/// The years -9999 to 9999, less a day at both ends.
const EARLIEST: Instant = -377_705_023_201_000;
const LATEST: Instant = 253_402_207_200_999;

/// How times are read.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    /// None until a first numeric time has been seen.
    pub(super) unit: Option<Unit>,
    /// The zone of times that state none.
    pub(super) zone: Option<TimeZone>,
}

impl Clock {
    /// The instant of a time, or what is wrong with it.
    pub(super) fn read(&mut self, text: &str) -> Result<Instant, &'static str> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Err("is empty where a time should be");
        }
        if text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'))
            && !text[1..].contains(['-', '+'])
        {
            return self.numeric(text);
        }
        self.iso(text)
    }

    fn numeric(&mut self, text: &str) -> Result<Instant, &'static str> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = whole.trim_start_matches(['-', '+']);
        if digits.is_empty() || fraction.contains(|c: char| !c.is_ascii_digit()) {
            return Err("is no time");
        }
        let number: i64 = whole.parse().map_err(|_| FAR)?;
        let (unit, at) = self.whole(number)?;
        if unit != Unit::Seconds || fraction.is_empty() {
            return Ok(at);
        }
        let part = fraction
            .bytes()
            .chain([b'0'; 3])
            .take(3)
            .fold(0, |part, byte| 10 * part + Instant::from(byte - b'0'));
        if !whole.starts_with('-') {
            return Ok(at + part);
        }
        let finer = fraction.bytes().skip(3).any(|byte| byte != b'0');
        Ok(at - part - Instant::from(finer))
    }

    /// The instant of a whole number, and its unit.
    pub(super) fn whole(&mut self, number: i64) -> Result<(Unit, Instant), &'static str> {
        let unit = *self.unit.get_or_insert_with(|| Unit::of(number));
        Ok((unit, unit.instant(number).ok_or(FAR)?))
    }

    fn iso(&self, text: &str) -> Result<Instant, &'static str> {
        if let Ok(stamp) = text.parse::<Timestamp>() {
            return Ok(milliseconds(stamp));
        }
        let Ok(civil) = text.parse::<DateTime>() else {
            let has_zone = Pieces::parse(text).is_ok_and(|pieces| pieces.offset().is_some());
            return Err(if has_zone { FAR } else { "is no time" });
        };
        self.local(civil)
    }

    /// The instant of a time of the zone's clocks.
    pub(super) fn local(&self, civil: DateTime) -> Result<Instant, &'static str> {
        let Some(zone) = &self.zone else {
            return Err("states no zone (--zone names one for the whole log)");
        };
        let stamp = zone.to_timestamp(civil).map_err(|_| FAR)?;
        Ok(milliseconds(stamp))
    }
}

fn milliseconds(stamp: Timestamp) -> Instant {
    stamp.as_nanosecond().div_euclid(1_000_000) as Instant
}

/// The instant of exactly `YYYY-MM-DDThh:mm:ssZ`, as fast as possible; none for anything else.
pub(super) fn plain_iso(text: &[u8]) -> Option<Instant> {
    let text: &[u8; 20] = text.try_into().ok()?;
    let mut digits = [0_u8; 20];
    for (digit, byte) in digits.iter_mut().zip(text) {
        *digit = byte.wrapping_sub(b'0');
    }
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    if marks.iter().any(|&(at, mark)| text[at] != mark) {
        return None;
    }
    if (0..19).any(|at| ![4, 7, 10, 13, 16].contains(&at) && digits[at] > 9) {
        return None;
    }
    let two = |at: usize| Instant::from(digits[at]) * 10 + Instant::from(digits[at + 1]);
    let (year, month, day) = (two(0) * 100 + two(2), two(5), two(8));
    let (hour, minute, second) = (two(11), two(14), two(17));
    if !(1..=12).contains(&month) || !(1..=28).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days since 1970-01-01, counted in years that begin in March: 719,468 lie between it and 0000-03-01.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let days = days + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(days * DAY + ((hour * 60 + minute) * 60 + second) * time::SECOND)
}

/// An instant as people read it: `2026-01-05T09:30:00Z`, with milliseconds only where it has any.
pub(super) fn text_of(at: Instant) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |stamp| stamp.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Instant, &'static str> {
        Clock { unit: None, zone: None }.read(text)
    }

    #[test]
    fn the_same_instant_in_every_form() {
        for text in [
            "2026-01-05T09:30:00Z",
            "2026-01-05 10:30:00+01:00",
            "2026-01-05T10:30:00.000999+01:00[Europe/Berlin]",
            " 2026-01-05T09:30Z ",
            "20260105T093000Z",
            "1767605400",
            "1767605400.0",
            "+1767605400",
            "1767605400000",
            "1767605400000000",
            "1767605400000999999",
        ] {
            assert_eq!(read(text), Ok(1_767_605_400_000), "{text}");
        }
        assert_eq!(plain_iso(b"2026-01-05T09:30:00Z"), Some(1_767_605_400_000));
    }

    #[test]
    fn fractions_are_cut_off_downwards_on_both_sides_of_1970() {
        for (text, at) in [
            ("1.5", 1_500),
            ("1.0009", 1_000),
            ("-1.5", -1_500),
            ("-0.0001", -1),
            ("-1.0009", -1_001),
            ("-1", -1_000),
            ("1.", 1_000),
            ("1969-12-31T23:59:59.9999Z", -1),
            ("1970-01-01T00:00:00.9999Z", 999),
            ("0", 0),
            ("-0.001", -1),
        ] {
            assert_eq!(read(text), Ok(at), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            " ",
            "soon",
            "1e9",
            "1,5",
            "--1",
            "-",
            ".",
            "1.2.3",
            "09:30",
            "2026-13-05T09:30:00Z",
            "+",
            "1-2",
            "é",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        for text in ["99999999999999999999", "-9223372036854775808.5"] {
            let read = Clock { unit: Some(Unit::Seconds), zone: None }.read(text);
            assert!(read.is_err_and(|problem| problem.contains("9999")), "{text}");
        }
        assert!(read("2026-01-05T09:30:00").is_err_and(|problem| problem.contains("--zone")));
        assert_eq!(Unit::Seconds.instant(253_402_207_200), Some(LATEST - 999));
        assert_eq!(Unit::Seconds.instant(253_402_207_201), None);
        assert_eq!(Unit::Milliseconds.instant(EARLIEST - 1), None);
    }

    #[test]
    fn the_first_number_decides_about_the_unit_of_all() {
        let mut clock = Clock { unit: None, zone: None };
        assert_eq!(clock.read("99999999999"), Ok(99_999_999_999_000));
        assert_eq!(clock.read("100000000000"), Ok(100_000_000_000_000));
        let mut clock = Clock { unit: None, zone: None };
        assert_eq!(clock.read("100000000000"), Ok(100_000_000_000));
        assert_eq!(clock.read("5"), Ok(5));
    }

    #[test]
    fn times_without_a_zone_are_read_in_the_one_that_is_named() {
        let mut clock = Clock { unit: None, zone: TimeZone::get("Europe/Berlin").ok() };
        assert_eq!(clock.read("2026-01-05T10:30:00"), Ok(1_767_605_400_000));
        assert_eq!(clock.read("2026-07-05 10:30"), Ok(1_783_240_200_000));
    }

    #[test]
    fn a_local_time_that_comes_twice_is_the_first_and_one_that_never_comes_an_hour_later() {
        let mut clock = Clock { unit: None, zone: TimeZone::get("Europe/Berlin").ok() };
        // Clocks go back at 03:00 on 25 October, and forward at 02:00 on 29 March.
        assert_eq!(clock.read("2026-10-25T02:30:00"), Ok(1_792_888_200_000));
        assert_eq!(clock.read("2026-10-25T03:00:00"), Ok(1_792_893_600_000));
        assert_eq!(clock.read("2026-03-29T02:30:00"), Ok(1_774_747_800_000));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_fast_reading_of_iso_times_is_that_of_the_library(seconds in -62_167_219_200_i64..253_402_207_200) {
            let stamp = Timestamp::from_second(seconds).expect("in range");
            let text = stamp.to_string();
            let fast = plain_iso(text.as_bytes());
            prop_assert!(fast.is_none_or(|at| at == seconds * 1_000), "{}", text);
            let day: u32 = text[8..10].parse().expect("digits");
            prop_assert_eq!(fast.is_some(), day <= 28, "{}", text);
            prop_assert_eq!(read(&text), Ok(seconds * 1_000));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,24}|[-+0-9.TZ: ]{0,24}") {
            let slow = read(&text);
            if let Some(at) = plain_iso(text.as_bytes()) {
                prop_assert_eq!(slow, Ok(at));
            }
        }
    }
}
