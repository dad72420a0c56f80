//! The team's own caps on one action, and what they leave room for at an instant.

use std::collections::VecDeque;

use crate::scenario::{Pacing, RampStep};
use crate::time::{self, DAY, HOUR, Instant};

const WEEK: Instant = 7 * DAY;

/// The caps of one action, compiled. Absent caps are `u32::MAX`.
#[derive(Debug, Clone)]
pub(crate) struct Caps {
    per_hour: u32,
    per_day: u32,
    per_week: u32,
    sliding_week: bool,
    ramp_up: Vec<RampStep>,
    age_at_start: u32,
    pub(crate) defer: bool,
    pub(crate) spread: bool,
}

impl Caps {
    pub(super) fn compile(pacing: &Pacing, age_at_start: u32) -> Caps {
        let cap = |cap: Option<u32>| cap.unwrap_or(u32::MAX);
        Caps {
            per_hour: cap(pacing.per_hour),
            per_day: cap(pacing.per_day),
            per_week: cap(pacing.per_week),
            sliding_week: pacing.sliding_week,
            ramp_up: pacing.ramp_up.clone(),
            age_at_start,
            defer: pacing.defer,
            spread: pacing.spread,
        }
    }

    /// The day's cap so many days after the account's first one: the smaller of the usual one and the step of the ramp-up
    /// in force.
    fn cap_of_day(&self, day: u32) -> u32 {
        let age = self.age_at_start.saturating_add(day);
        let step = self.ramp_up.iter().rev().find(|step| step.from_age_days <= age);
        self.per_day.min(step.map_or(u32::MAX, |step| step.per_day))
    }
}

/// How much of the caps of one action has been used, and what waits.
#[derive(Debug, Clone, Default)]
pub(super) struct Ledger {
    pub(super) backlog: u64,
    /// The account's first day.
    first_day: u32,
    /// When the backlog last changed.
    backlog_since: Instant,
    cap_today: u32,
    sent_today: u32,
    hour: Instant,
    sent_in_hour: u32,
    sent_in_week: u32,
    /// Times of what a sliding week holds, oldest first; at day resolution the start of the day of each.
    week: VecDeque<Instant>,
}

impl Ledger {
    /// Begins a new life on a day.
    pub(super) fn clear(&mut self, first_day: u32) {
        self.week.clear();
        let week = std::mem::take(&mut self.week);
        *self = Ledger { week, first_day, hour: Instant::MIN, ..Ledger::default() };
    }

    /// Enters a day that starts at `start`.
    pub(super) fn enter_day(&mut self, caps: &Caps, day: u32, start: Instant) {
        self.cap_today = caps.cap_of_day(day - self.first_day);
        self.sent_today = 0;
        if caps.sliding_week {
            return;
        }
        if time::weekday_of(time::day_of(start)) == 0 {
            self.sent_in_week = 0;
        }
    }

    /// How many actions the caps of hour, day and week leave room for at `at`.
    pub(super) fn room(&self, caps: &Caps, at: Instant) -> u32 {
        let in_hour = if at - at.rem_euclid(HOUR) == self.hour { self.sent_in_hour } else { 0 };
        self.room_of_day(caps, at).min(caps.per_hour.saturating_sub(in_hour))
    }

    /// How many actions the caps of day and week leave room for at `at`.
    pub(super) fn room_of_day(&self, caps: &Caps, at: Instant) -> u32 {
        let in_week = if caps.sliding_week {
            (self.week.len() - self.week.partition_point(|&sent| sent <= at - WEEK)) as u32
        } else {
            self.sent_in_week
        };
        self.cap_today.saturating_sub(self.sent_today).min(caps.per_week.saturating_sub(in_week))
    }

    /// Books `count` actions sent at `at`.
    pub(super) fn send(&mut self, caps: &Caps, at: Instant, count: u32) {
        let hour = at - at.rem_euclid(HOUR);
        if hour != self.hour {
            (self.hour, self.sent_in_hour) = (hour, 0);
        }
        self.sent_in_hour += count;
        self.sent_today += count;
        if caps.sliding_week && caps.per_week < u32::MAX {
            while self.week.front().is_some_and(|&sent| sent <= at - WEEK) {
                self.week.pop_front();
            }
            self.week.extend(std::iter::repeat_n(at, count as usize));
        } else {
            self.sent_in_week = self.sent_in_week.saturating_add(count);
        }
    }

    /// Changes the backlog at `at`; returns the time that it had waited in all since the last change.
    pub(super) fn change_backlog(&mut self, at: Instant, backlog: u64) -> u64 {
        let waited = self.backlog * (at - self.backlog_since).max(0) as u64;
        (self.backlog, self.backlog_since) = (backlog, at);
        waited
    }

    /// The first instant in `[from, to)` at which the caps have room; none when there is none.
    pub(super) fn next_room(&self, caps: &Caps, from: Instant, to: Instant) -> Option<Instant> {
        let mut at = from;
        while at < to {
            if self.cap_today <= self.sent_today {
                return None;
            }
            if self.room_of_day(caps, at) == 0 {
                let frees =
                    self.week.len().checked_sub(caps.per_week as usize).filter(|_| caps.sliding_week)?;
                at = self.week.get(frees)? + WEEK;
            } else if self.room(caps, at) == 0 {
                at += HOUR - at.rem_euclid(HOUR);
            } else {
                return Some(at);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caps(pacing: &Pacing) -> Caps {
        Caps::compile(pacing, 0)
    }

    const OPEN: Pacing = Pacing {
        action: 0,
        per_hour: None,
        per_day: None,
        per_week: None,
        sliding_week: false,
        ramp_up: Vec::new(),
        defer: true,
        spread: false,
    };

    #[test]
    fn an_hour_frees_at_the_full_hour() {
        let caps = caps(&Pacing { per_hour: Some(2), ..OPEN });
        let mut ledger = Ledger::default();
        ledger.clear(0);
        ledger.enter_day(&caps, 0, 0);
        ledger.send(&caps, 10 * HOUR + 5, 2);
        assert_eq!(ledger.room(&caps, 11 * HOUR - 1), 0);
        assert_eq!(ledger.room(&caps, 11 * HOUR), 2);
        assert_eq!(ledger.next_room(&caps, 10 * HOUR + 6, 18 * HOUR), Some(11 * HOUR));
        assert_eq!(ledger.next_room(&caps, 10 * HOUR + 6, 11 * HOUR), None);
    }

    #[test]
    fn a_sliding_week_frees_seven_days_later() {
        let caps = caps(&Pacing { per_week: Some(1), sliding_week: true, ..OPEN });
        let mut ledger = Ledger::default();
        ledger.clear(0);
        ledger.enter_day(&caps, 0, 0);
        ledger.send(&caps, 5, 1);
        ledger.enter_day(&caps, 7, WEEK);
        assert_eq!(ledger.next_room(&caps, WEEK, WEEK + DAY), Some(WEEK + 5));
        assert_eq!(ledger.room(&caps, WEEK + 4), 0);
        assert_eq!(ledger.room(&caps, WEEK + 5), 1);
    }

    #[test]
    fn a_ramp_up_limits_the_day_by_account_age() {
        let ramp_up =
            vec![RampStep { from_age_days: 0, per_day: 5 }, RampStep { from_age_days: 7, per_day: 30 }];
        let caps = Caps::compile(&Pacing { per_day: Some(20), ramp_up, ..OPEN }, 4);
        assert_eq!([0, 2, 3].map(|day| caps.cap_of_day(day)), [5, 5, 20]);
    }
}
