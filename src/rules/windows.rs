//! The windows of one account: how many actions each of them holds. No allocation once the busiest stretch has been seen.

use super::{ActionId, Limit, Rule, RuleSet, Window};
use crate::time::{self, DayNumber, Instant};

/// The state of one account under a rule set. Time must not run backwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Windows {
    today: DayNumber,
    rules: Vec<RuleWindows>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct RuleWindows {
    counters: Vec<Counter>,
    /// Times of the rule's actions, oldest first, as far back as some sliding window reaches and a little further.
    times: Vec<Instant>,
    has_sliding: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Counter {
    limit: Limit,
    count: u32,
    /// Counts of the days that a trailing window holds, by day number modulo its length.
    days: Vec<u32>,
    /// The stretch of another clock's calendar that the count belongs to.
    stretch: i32,
}

/// Times that have left every window are dropped once there are so many of them.
const STALE: usize = 256;

impl Windows {
    /// The empty state of an account that has done nothing before `from`.
    #[must_use]
    pub fn new(set: &RuleSet, from: Instant) -> Windows {
        let rules = set.rules().iter().map(RuleWindows::new).collect();
        Windows { today: time::day_of(from), rules }
    }

    /// Forgets everything before `from`.
    pub fn clear(&mut self, from: Instant) {
        self.today = time::day_of(from);
        for rule in &mut self.rules {
            rule.times.clear();
            for counter in &mut rule.counters {
                counter.count = 0;
                counter.days.fill(0);
            }
        }
    }

    /// Records an action that happened at `at`; whether it leaves a window of one of its rules over the limit.
    pub fn record(&mut self, set: &RuleSet, action: ActionId, at: Instant) -> bool {
        self.enter_day_of(at);
        let mut over = false;
        for &rule in set.watching(action) {
            over |= self.rules[rule].record(at, self.today);
        }
        over
    }

    /// Moves time forward without an action: windows let go of what has left them by `at`.
    pub fn advance(&mut self, at: Instant) {
        self.enter_day_of(at);
        for rule in &mut self.rules {
            rule.expire(at);
        }
    }

    /// The count of one limit's window as of the last `record` of one of the rule's actions, or the last `advance`.
    #[must_use]
    pub fn count(&self, rule: usize, limit: usize) -> u32 {
        self.rules[rule].counters[limit].count
    }

    /// How far the rule's window furthest over is over its limit, (x - L) / L; none when no window is over.
    #[must_use]
    pub fn excess(&self, rule: usize) -> Option<f64> {
        let over = |counter: &Counter| excess(counter.count, counter.limit.max);
        self.rules[rule].counters.iter().filter_map(over).reduce(f64::max)
    }

    /// The first instant from `from` on at which every window of a rule has room for one more action, if none happens until
    /// then; none when the day that has been entered will not see it.
    #[must_use]
    pub fn next_room(&self, rule: usize, from: Instant) -> Option<Instant> {
        let rule = &self.rules[rule];
        rule.counters.iter().try_fold(from, |at, counter| counter.next_room(&rule.times, at))
    }

    #[inline]
    fn enter_day_of(&mut self, at: Instant) {
        let day = time::day_of(at);
        if day > self.today {
            self.enter_day(day);
        }
    }

    fn enter_day(&mut self, day: DayNumber) {
        let new_week = time::week_of(day) != time::week_of(self.today);
        let new_month = time::month_of(day) != time::month_of(self.today);
        for rule in &mut self.rules {
            for counter in &mut rule.counters {
                counter.enter_day(self.today, day, new_week, new_month);
            }
            rule.expire(time::start_of(day));
        }
        self.today = day;
    }
}

/// How far a count is over a limit, as a share of the limit; none when it is not over.
#[must_use]
pub(crate) fn excess(count: u32, max: u32) -> Option<f64> {
    (count > max).then(|| f64::from(count - max) / f64::from(max))
}

impl RuleWindows {
    fn new(rule: &Rule) -> RuleWindows {
        let counters: Vec<Counter> = rule.limits.iter().map(|&limit| Counter::new(limit)).collect();
        let has_sliding = rule.limits.iter().any(|limit| matches!(limit.window, Window::Sliding(_)));
        RuleWindows { counters, times: Vec::new(), has_sliding }
    }

    #[inline]
    fn record(&mut self, at: Instant, today: DayNumber) -> bool {
        if self.has_sliding {
            self.times.push(at);
        }
        let mut over = false;
        for counter in &mut self.counters {
            counter.count += 1;
            match counter.limit.window {
                Window::Sliding(span) => counter.expire(&self.times, at - span),
                Window::TrailingDays(length) => counter.days[slot(today, length)] += 1,
                Window::Elsewhere(..) => {
                    if counter.enter_stretch(at) {
                        counter.count = 1;
                    }
                }
                Window::Day | Window::Week | Window::Month => {}
            }
            over |= counter.count > counter.limit.max;
        }
        over
    }

    /// Lets go of what has left the sliding windows by `at`.
    fn expire(&mut self, at: Instant) {
        let mut longest = 0;
        for counter in &mut self.counters {
            if let Window::Sliding(span) = counter.limit.window {
                counter.expire(&self.times, at - span);
                longest = longest.max(counter.count as usize);
            } else if counter.enter_stretch(at) {
                counter.count = 0;
            }
        }
        if self.times.len() > longest + STALE {
            self.times.drain(..self.times.len() - longest);
        }
    }
}

impl Counter {
    fn new(limit: Limit) -> Counter {
        let days = match limit.window {
            Window::TrailingDays(length) => vec![0; usize::from(length)],
            _ => Vec::new(),
        };
        Counter { limit, count: 0, days, stretch: i32::MIN }
    }

    /// Whether another stretch of another clock's calendar begins by `at`.
    fn enter_stretch(&mut self, at: Instant) -> bool {
        let Window::Elsewhere(stretch, behind) = self.limit.window else { return false };
        let now = stretch.of(time::day_of(at - behind));
        std::mem::replace(&mut self.stretch, now) != now
    }

    /// A sliding window holds the last `count` times; lets go of those up to `horizon`.
    #[inline]
    fn expire(&mut self, times: &[Instant], horizon: Instant) {
        while self.count > 0 && times[times.len() - self.count as usize] <= horizon {
            self.count -= 1;
        }
    }

    /// The first instant from `from` on at which the window has room; none when today will not see it.
    fn next_room(&self, times: &[Instant], from: Instant) -> Option<Instant> {
        if self.count < self.limit.max {
            return Some(from);
        }
        if let (Window::Elsewhere(stretch, behind), true) = (self.limit.window, self.limit.max > 0) {
            let day = time::day_of(from - behind);
            let is_full = stretch.of(day) == self.stretch;
            return Some(if is_full { time::start_of(stretch.next(day)) + behind } else { from });
        }
        let Window::Sliding(span) = self.limit.window else { return None };
        let frees = times.len().checked_sub(self.limit.max as usize).filter(|_| self.limit.max > 0)?;
        Some(from.max(times[frees] + span))
    }

    fn enter_day(&mut self, yesterday: DayNumber, today: DayNumber, new_week: bool, new_month: bool) {
        match self.limit.window {
            Window::Day => self.count = 0,
            Window::Week if new_week => self.count = 0,
            Window::Month if new_month => self.count = 0,
            Window::Sliding(_) | Window::Week | Window::Month | Window::Elsewhere(..) => {}
            Window::TrailingDays(length) => {
                let passed = (today - yesterday).min(DayNumber::from(length));
                for day in today - passed + 1..=today {
                    self.count -= std::mem::take(&mut self.days[slot(day, length)]);
                }
            }
        }
    }
}

fn slot(day: DayNumber, length: u16) -> usize {
    day.rem_euclid(DayNumber::from(length)) as usize
}
