//! Days by the clock of a limit, for the judge: apart from those of the evaluator.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::rulebook::Rulebook;
use crate::rules::{Calendar, Window};
use crate::time::{self, DayNumber, Instant};

/// Which day an instant belongs to. The last day that was found is kept.
#[derive(Debug, Clone)]
pub(super) struct Days {
    calendar: Calendar,
    /// How much later this clock shows the same than that of the calendar.
    behind: Instant,
    day: DayNumber,
    from: Instant,
    until: Instant,
}

impl Days {
    /// The days of a limit, by its number over all rules.
    pub(super) fn of_limit(book: &Rulebook, limit: usize) -> Days {
        let behind = if let Window::Elsewhere(_, behind) = book.set.limit(limit).window { behind } else { 0 };
        Days { calendar: book.calendar_of(limit).clone(), behind, day: 0, from: 0, until: 0 }
    }

    /// The last day that has begun by an instant.
    pub(super) fn day_of(&mut self, at: Instant) -> DayNumber {
        if !(self.from..self.until).contains(&at) {
            let day = self.found(at);
            (self.day, self.from, self.until) = (day, self.start_of(day), self.start_of(day + 1));
        }
        self.day
    }

    /// The same for an instant that is not worth keeping.
    pub(super) fn found(&self, at: Instant) -> DayNumber {
        if (self.from..self.until).contains(&at) {
            return self.day;
        }
        let mut day = self.date(at.saturating_sub(self.behind));
        while self.start_of(day + 1) <= at {
            day += 1;
        }
        day
    }

    /// The first instant of a day.
    pub(super) fn start_of(&self, day: DayNumber) -> Instant {
        self.midnight(day).saturating_add(self.behind)
    }

    fn midnight(&self, day: DayNumber) -> Instant {
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

/// The first day of the month of a day.
pub(super) fn first_of_month(day: DayNumber) -> DayNumber {
    day + 1 - DayNumber::from(time::date_of(day).day())
}

/// The last day of the month of a day.
pub(super) fn last_of_month(day: DayNumber) -> DayNumber {
    let date: Date = time::date_of(day);
    day + DayNumber::from(date.days_in_month() - date.day())
}
