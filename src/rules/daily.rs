//! The windows of one account at day resolution: the same counts as [`super::Windows`], fed with whole days.

use super::windows::excess;
use super::{RuleSet, Window};

/// The state of one account under a rule set without sliding windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayWindows {
    counters: Vec<Counter>,
    /// By rule: the actions it counts and the end of its counters.
    rules: Vec<(Vec<u16>, usize)>,
    /// Days entered so far.
    days: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Counter {
    window: Window,
    max: u32,
    count: u32,
    days: Vec<u32>,
}

/// What a new day starts besides itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayStart {
    /// It is a Monday.
    pub week: bool,
    /// It is the first of a month.
    pub month: bool,
}

impl DayWindows {
    /// The empty state of an account that has done nothing yet.
    #[must_use]
    pub fn new(set: &RuleSet) -> DayWindows {
        let mut counters = Vec::new();
        let mut rules = Vec::new();
        for rule in set.rules() {
            for limit in &rule.limits {
                let length = match limit.window {
                    Window::TrailingDays(length) => usize::from(length),
                    _ => 0,
                };
                counters.push(Counter {
                    window: limit.window,
                    max: limit.max,
                    count: 0,
                    days: vec![0; length],
                });
            }
            rules.push((rule.actions.iter().map(|&action| action as u16).collect(), counters.len()));
        }
        DayWindows { counters, rules, days: 0 }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.days = 0;
        for counter in &mut self.counters {
            counter.count = 0;
            counter.days.fill(0);
        }
    }

    /// Adds a whole day's counts by action and tells of each rule that has a window over its limit at the end of the day:
    /// its index and how far the window furthest over is over, (x - L) / L.
    #[inline]
    pub fn close_day(&mut self, start: DayStart, sent: &[u32], mut over: impl FnMut(usize, f64)) {
        let mut first = 0;
        for (rule, (actions, end)) in self.rules.iter().enumerate() {
            let count = actions.iter().map(|&action| sent[usize::from(action)]).sum();
            let mut furthest = None;
            for counter in &mut self.counters[first..*end] {
                counter.close_day(self.days, start, count);
                if counter.count > counter.max {
                    furthest = furthest.max(excess(counter.count, counter.max).map(Excess));
                }
            }
            first = *end;
            if let Some(Excess(excess)) = furthest {
                over(rule, excess);
            }
        }
        self.days += 1;
    }

    /// The counts of all windows, by rule and limit.
    pub fn counts(&self) -> impl Iterator<Item = u32> {
        self.counters.iter().map(|counter| counter.count)
    }
}

#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Excess(f64);

impl Eq for Excess {}

impl Ord for Excess {
    fn cmp(&self, other: &Excess) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Counter {
    #[inline]
    fn close_day(&mut self, day: usize, start: DayStart, count: u32) {
        match self.window {
            Window::Day | Window::Sliding(_) => self.count = count,
            Window::Week => self.count = count + if start.week { 0 } else { self.count },
            Window::Month => self.count = count + if start.month { 0 } else { self.count },
            Window::TrailingDays(length) => {
                let slot = &mut self.days[day % usize::from(length)];
                self.count = self.count - *slot + count;
                *slot = count;
            }
        }
    }
}
