//! Civil days of a calendar, for the judge: apart from those of the evaluator.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::rules::Calendar;
use crate::time::{self, DayNumber, Instant};

/// Which day an instant belongs to. The last day that was found is kept.
#[derive(Debug, Clone)]
pub(super) struct Days {
    calendar: Calendar,
    day: DayNumber,
    from: Instant,
    until: Instant,
}

impl Days {
    pub(super) fn new(calendar: &Calendar) -> Days {
        Days { calendar: calendar.clone(), day: 0, from: 0, until: 0 }
    }

    /// The last day that has begun by an instant.
    pub(super) fn day_of(&mut self, at: Instant) -> DayNumber {
        if (self.from..self.until).contains(&at) {
            return self.day;
        }
        let mut day = self.date(at);
        while self.start_of(day + 1) <= at {
            day += 1;
        }
        (self.day, self.from, self.until) = (day, self.start_of(day), self.start_of(day + 1));
        day
    }

    /// The first instant of a day.
    pub(super) fn start_of(&self, day: DayNumber) -> Instant {
        let (Calendar::Zone(zone), date) = (&self.calendar, time::date_of(day)) else {
            return time::start_of(day);
        };
        if time::day_number(date) != day {
            return time::start_of(day);
        }
        let midnight = zone.to_timestamp(date.at(0, 0, 0, 0));
        midnight.map_or(time::start_of(day), Timestamp::as_millisecond)
    }

    fn date(&self, at: Instant) -> DayNumber {
        match (&self.calendar, Timestamp::from_millisecond(at)) {
            (Calendar::Zone(zone), Ok(stamp)) => time::day_number(zone.to_datetime(stamp).date()),
            _ => time::day_of(at),
        }
    }
}

/// The last day of the month of a day.
pub(super) fn last_of_month(day: DayNumber) -> DayNumber {
    let date: Date = time::date_of(day);
    day + DayNumber::from(date.days_in_month() - date.day())
}
