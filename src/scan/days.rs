//! The civil days of a log, in the calendar's zone.

use crate::rules::Calendar;
use crate::time::{DayNumber, Instant};

/// The day that is being looked at.
#[derive(Debug)]
pub(super) struct Days {
    calendar: Calendar,
    today: DayNumber,
    until: Instant,
}

impl Days {
    /// No day yet.
    pub(super) fn new(calendar: &Calendar) -> Days {
        Days { calendar: calendar.clone(), today: DayNumber::MIN, until: Instant::MIN }
    }

    /// Whether an instant lies after the day.
    #[inline]
    pub(super) fn ends_before(&self, at: Instant) -> bool {
        at >= self.until
    }

    pub(super) fn today(&self) -> DayNumber {
        self.today
    }

    /// Goes on to the day that holds an instant.
    pub(super) fn enter(&mut self, at: Instant) {
        self.today = self.calendar.day_of(at);
        self.until = self.calendar.start_of(self.today.saturating_add(1)).max(at.saturating_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{DAY, HOUR};

    #[test]
    fn days_begin_at_the_midnights_of_the_zone() {
        let berlin = Calendar::named("Europe/Berlin").expect("it is in the database");
        // 2026-03-29, of 23 hours, from 23:00 UTC of the day before.
        let midnight = 1_774_738_800_000;
        for (calendar, start, length) in [(berlin, midnight, 23 * HOUR), (Calendar::Civil, midnight + HOUR, DAY)] {
            let mut days = Days::new(&calendar);
            assert!(days.ends_before(start - 1));
            days.enter(start - 1);
            assert!(days.ends_before(start) && !days.ends_before(start - 1));
            let yesterday = days.today();
            days.enter(start);
            assert_eq!(days.today(), yesterday + 1);
            assert!(!days.ends_before(start + length - 1) && days.ends_before(start + length));
        }
    }
}
