//! Where a window begins and when it lets go, on a clock of civil time or in a named time zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Window;
use crate::time::{self, DAY, DayNumber, Instant};

/// The first and the last instant that time zones are known for: in the years -9999 and 9999.
pub(crate) const EARLIEST: Instant = -377_705_023_200_000;
pub(crate) const LATEST: Instant = 253_402_207_199_999;

/// No span is longer.
pub(super) const ENDLESS: Instant = LATEST - EARLIEST + 1;

/// An instant, or the nearest one that calendars know.
#[inline]
pub(super) fn known(at: Instant) -> Instant {
    at.clamp(EARLIEST, LATEST)
}

/// An instant; the end of time for one that calendars do not know any more.
#[inline]
pub(super) fn or_never(frees: Instant) -> Instant {
    if frees <= LATEST { frees } else { Instant::MAX }
}

/// What instants mean to calendar windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Calendar {
    /// Instants are civil time, in which every day has 86,400 s.
    Civil,
    /// Instants are milliseconds of unix time; days, weeks and months begin at the midnights of this time zone.
    Zone(TimeZone),
}

/// There is no time zone of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "no time zone is called `{0}`: write a name of the IANA database, as in \"Europe/Berlin\" or \"UTC\""
)]
pub struct UnknownZone(pub String);

impl Calendar {
    /// The calendar of a time zone of the IANA database, such as `"Europe/Berlin"`. The database is part of the program.
    ///
    /// # Errors
    /// When the database does not know the name.
    pub fn named(zone: &str) -> Result<Calendar, UnknownZone> {
        TimeZone::get(zone).map(Calendar::Zone).map_err(|_| UnknownZone(zone.to_owned()))
    }

    /// The name of the zone; none for civil time.
    #[must_use]
    pub fn zone_name(&self) -> Option<&str> {
        match self {
            Calendar::Civil => None,
            Calendar::Zone(zone) => Some(zone.iana_name().unwrap_or("unnamed")),
        }
    }

    /// The day that holds an instant: the last one that has begun by then, even where clocks are put back over midnight.
    pub(crate) fn day_of(&self, at: Instant) -> DayNumber {
        let (Calendar::Zone(zone), Ok(stamp)) = (self, Timestamp::from_millisecond(at)) else {
            return time::day_of(at);
        };
        let day = time::day_number(zone.to_datetime(stamp).date());
        if self.start_of(day + 1) <= at { day + 1 } else { day }
    }

    /// The first instant of a day.
    pub(crate) fn start_of(&self, day: DayNumber) -> Instant {
        let Calendar::Zone(zone) = self else { return time::start_of(day) };
        let date = time::date_of(day);
        if time::day_number(date) != day {
            return time::start_of(day);
        }
        let midnight = zone.to_timestamp(date.at(0, 0, 0, 0));
        midnight.map_or(time::start_of(day), jiff::Timestamp::as_millisecond)
    }

    /// The first instant of the window that is seen at `at`.
    pub(super) fn begin(&self, window: Window, at: Instant) -> Instant {
        let day = || self.day_of(at);
        match window {
            Window::Sliding(span) => at.saturating_sub(span).saturating_add(1),
            Window::Day => self.start_of(day()),
            Window::Week => self.start_of(monday(day())),
            Window::Month => self.start_of(months(day()).0),
            Window::TrailingDays(days) => self.start_of(day() + 1 - DayNumber::from(days)),
            Window::Elsewhere(stretch, behind) => {
                self.begin(stretch.window(), at.saturating_sub(behind)).saturating_add(behind)
            }
        }
    }

    /// The first instant at which a window no longer holds an event at `event`.
    pub(super) fn lets_go(&self, window: Window, event: Instant) -> Instant {
        let day = || self.day_of(event);
        match window {
            Window::Sliding(span) => event.saturating_add(span),
            Window::Day => self.start_of(day() + 1),
            Window::Week => self.start_of(monday(day()) + 7),
            Window::Month => self.start_of(months(day()).1),
            Window::TrailingDays(days) => self.start_of(day() + DayNumber::from(days)),
            Window::Elsewhere(stretch, behind) => {
                self.lets_go(stretch.window(), event.saturating_sub(behind)).saturating_add(behind)
            }
        }
    }
}

fn monday(day: DayNumber) -> DayNumber {
    day - time::weekday_of(day) as DayNumber
}

/// The first day of the month that holds a day, and that of the next month.
fn months(day: DayNumber) -> (DayNumber, DayNumber) {
    let first = time::date_of(day).first_of_month();
    let number = time::day_number(first);
    (number, number + DayNumber::from(first.days_in_month()))
}

/// No event that lies so far back is held by the window, whatever the calendar.
pub(super) fn reach(window: Window) -> Instant {
    let days = |days: Instant| days * DAY;
    match window {
        Window::Sliding(span) => span.clamp(0, ENDLESS),
        Window::Day => days(3),
        Window::Week => days(9),
        Window::Month => days(33),
        Window::TrailingDays(length) => days(Instant::from(length) + 2),
        Window::Elsewhere(stretch, _) => reach(stretch.window()),
    }
}

/// A window that does not slide, and the calendar that bounds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CalendarWindow {
    pub(super) window: Window,
    pub(super) calendar: Calendar,
}

impl CalendarWindow {
    /// The first instant at which it no longer holds an event at `event`.
    pub(super) fn lets_go(&self, event: Instant) -> Instant {
        self.calendar.lets_go(self.window, event)
    }

    /// The day by its own clock that holds an instant, and the next one: from when until when it begins where it does.
    fn day(&self, at: Instant) -> (Instant, Instant) {
        let behind = if let Window::Elsewhere(_, behind) = self.window { behind } else { 0 };
        let day = self.calendar.day_of(at.saturating_sub(behind));
        let start = |day| self.calendar.start_of(day).saturating_add(behind);
        (start(day), start(day + 1))
    }
}

/// Where the calendar windows of one stretch of time begin: kept, because finding out takes long.
#[derive(Debug, Clone)]
pub(super) struct Begins {
    from: Instant,
    until: Instant,
    /// By calendar window: the instant before its first one.
    before: Vec<Instant>,
}

impl Begins {
    pub(super) fn new(windows: usize) -> Begins {
        Begins { from: 0, until: 0, before: vec![0; windows] }
    }

    /// The instant before the first one of a calendar window, as of the last `see`.
    #[inline]
    pub(super) fn before(&self, window: usize) -> Instant {
        self.before[window]
    }

    /// Finds out where the windows seen at `at` begin.
    #[inline]
    pub(super) fn see(&mut self, windows: &[CalendarWindow], at: Instant) {
        if !windows.is_empty() && !(self.from..self.until).contains(&at) {
            self.enter(windows, at);
        }
    }

    /// Each window changes at midnights of its own: what is found holds until the first of them.
    #[cold]
    fn enter(&mut self, windows: &[CalendarWindow], at: Instant) {
        (self.from, self.until) = (Instant::MIN, Instant::MAX);
        for (before, of) in self.before.iter_mut().zip(windows) {
            *before = of.calendar.begin(of.window, at) - 1;
            let (from, until) = of.day(at);
            (self.from, self.until) = (self.from.max(from), self.until.min(until));
        }
        if !(self.from..self.until).contains(&at) {
            (self.from, self.until) = (at, at.saturating_add(1));
        }
    }
}
