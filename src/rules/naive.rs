//! The obvious evaluator of one account: it keeps every event and counts them all each time. What others must agree with.

use jiff::Timestamp;
use jiff::civil::Date;

use super::calendar::{known, or_never};
use super::{ActionId, Calendar, Decision, Denied, RuleSet, Window};
use crate::time::{self, Instant};

/// One account's whole history under a rule set. Its answers are those of [`Evaluator`](super::Evaluator), whose rules about
/// time apply; it is slow, and meant for judging others.
#[derive(Debug, Clone)]
pub struct Naive {
    set: RuleSet,
    calendar: Calendar,
    /// What happened, in order of the time at which it was taken.
    events: Vec<(ActionId, Instant)>,
}

impl Naive {
    /// An account that has done nothing yet.
    #[must_use]
    pub fn new(set: &RuleSet, calendar: &Calendar) -> Naive {
        Naive { set: set.clone(), calendar: calendar.clone(), events: Vec::new() }
    }

    /// Records an event; the numbers of the limits that it leaves over, in order.
    pub fn record(&mut self, action: ActionId, at: Instant) -> Vec<usize> {
        let at = self.taken_at(at);
        if self.limits_on(action).is_empty() {
            return Vec::new();
        }
        self.events.push((action, at));
        let mut over = self.limits_on(action);
        over.retain(|&limit| self.count(limit, at) > u64::from(self.set.limit(limit).max));
        over
    }

    /// Whether an action may happen; if it may, it is recorded.
    pub fn check(&mut self, action: ActionId, asked: Instant) -> Decision {
        let at = self.taken_at(asked);
        let mut last: Option<(Instant, usize)> = None;
        for limit in self.limits_on(action) {
            if let Some(frees) = self.frees(limit, at)
                && last.is_none_or(|(other, _)| frees > other)
            {
                last = Some((frees, limit));
            }
        }
        let Some((frees, limit)) = last else {
            self.record(action, at);
            return Decision::Allowed;
        };
        let retry_after = (frees < Instant::MAX).then(|| frees - known(asked));
        Decision::Denied(Denied { rule: self.set.rule_of(limit) as u32, limit: limit as u32, retry_after })
    }

    /// The events that the window of a limit holds, seen at `at`.
    #[must_use]
    pub fn count(&self, limit: usize, at: Instant) -> u64 {
        self.held(limit, at).count() as u64
    }

    /// The time at which a call is taken: time does not run backwards.
    #[must_use]
    pub fn taken_at(&self, at: Instant) -> Instant {
        let at = known(at);
        self.events.last().map_or(at, |&(_, last)| at.max(last))
    }

    fn limits_on(&self, action: ActionId) -> Vec<usize> {
        let limits = 0..self.set.limits();
        limits.filter(|&limit| self.set.rules()[self.set.rule_of(limit)].actions.contains(&action)).collect()
    }

    /// The times of the events that a window holds, oldest first.
    fn held(&self, limit: usize, at: Instant) -> impl DoubleEndedIterator<Item = Instant> {
        let (rule, window) = (&self.set.rules()[self.set.rule_of(limit)], self.set.limit(limit).window);
        let calendar = self.set.calendar(limit, &self.calendar);
        let counted = self.events.iter().filter(move |(action, time)| {
            rule.actions.contains(action) && holds(calendar, window, at, *time)
        });
        counted.map(|(_, time)| *time)
    }

    /// The first instant after `at` at which a full window has room; none if it has room at `at`.
    fn frees(&self, limit: usize, at: Instant) -> Option<Instant> {
        let super::Limit { window, max } = self.set.limit(limit);
        let calendar = self.set.calendar(limit, &self.calendar);
        if max == 0 {
            return holds(calendar, window, at, at).then_some(Instant::MAX);
        }
        let must_leave = self.held(limit, at).rev().nth(max as usize - 1)?;
        let (mut held, mut step) = (at, 1);
        while holds(calendar, window, held + step, must_leave) {
            held += step;
            if held != known(held) {
                return Some(Instant::MAX);
            }
            step *= 2;
        }
        while step > 1 {
            step /= 2;
            if holds(calendar, window, held + step, must_leave) {
                held += step;
            }
        }
        Some(or_never(held + 1))
    }
}

/// Whether a window, seen at an instant, holds an event that happened at `event` or would happen then.
fn holds(calendar: &Calendar, window: Window, seen_at: Instant, event: Instant) -> bool {
    if event > seen_at {
        return false;
    }
    if let Window::Sliding(span) = window {
        return event > seen_at.saturating_sub(span);
    }
    let (today, day) = (date(calendar, seen_at), date(calendar, event));
    let (today_number, number) = (time::day_number(today), time::day_number(day));
    match window {
        Window::Sliding(_) | Window::Day => today == day,
        Window::Week => time::week_of(today_number) == time::week_of(number),
        Window::Month => (today.year(), today.month()) == (day.year(), day.month()),
        Window::TrailingDays(days) => number > today_number - i32::from(days),
        Window::Elsewhere(stretch, behind) => {
            let there = |at: Instant| at.saturating_sub(behind);
            holds(calendar, stretch.window(), there(seen_at), there(event))
        }
    }
}

fn date(calendar: &Calendar, at: Instant) -> Date {
    match (calendar, Timestamp::from_millisecond(at)) {
        (Calendar::Zone(zone), Ok(stamp)) => zone.to_datetime(stamp).date(),
        _ => time::date_of(time::day_of(at)),
    }
}
