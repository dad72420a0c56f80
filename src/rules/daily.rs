//! The windows of one account at day resolution: the same counts as [`super::Windows`], fed with whole days. Windows that
//! are not made of civil days are none of its business.

use super::windows::excess;
use super::{Limit, Rule, Window};

/// The state of one account under rules without sliding windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayWindows {
    /// By action: the smallest limit on its count of one day alone, which needs no state.
    day_max: Vec<[u32; 4]>,
    /// All other windows.
    running: Vec<Running>,
    /// By rule: its actions and windows.
    rules: Vec<(Vec<usize>, Vec<Counter>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counter {
    max: u32,
    /// Place among the running windows; none for a civil day.
    running: Option<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Running {
    window: Window,
    max: u32,
    count: u32,
    actions: Vec<usize>,
    /// Counts of the days that a trailing window holds, and the place of the oldest.
    days: Vec<u32>,
    oldest: usize,
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
    /// The empty state of an account that has done nothing yet, for rules over `actions` actions.
    #[must_use]
    pub fn new(rules: &[Rule], actions: usize) -> DayWindows {
        let mut windows = DayWindows {
            day_max: vec![[u32::MAX; 4]; actions.div_ceil(4)],
            running: Vec::new(),
            rules: Vec::new(),
        };
        for rule in rules {
            let counters = rule.limits.iter().map(|&limit| windows.counter(&rule.actions, limit)).collect();
            windows.rules.push((rule.actions.clone(), counters));
        }
        windows
    }

    fn counter(&mut self, actions: &[usize], limit: Limit) -> Counter {
        let running = if let (&[action], Window::Day) = (actions, limit.window) {
            let smallest = &mut self.day_max[action / 4][action % 4];
            *smallest = limit.max.min(*smallest);
            None
        } else {
            self.running.push(Running::new(actions, limit));
            Some(self.running.len() - 1)
        };
        Counter { max: limit.max, running }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        for window in &mut self.running {
            window.count = 0;
            window.days.fill(0);
        }
    }

    /// Adds a whole day's counts by action, four by four and filled up with zeros; whether some window is over its limit at the end of the day.
    #[inline]
    pub fn close_day(&mut self, start: DayStart, sent: &[[u32; 4]]) -> bool {
        // Without branches: a day over its limit is rare, and four comparisons are one instruction.
        let mut over = [0; 4];
        for (counts, max) in sent.iter().zip(&self.day_max) {
            for i in 0..4 {
                over[i] |= u32::from(counts[i] > max[i]);
            }
        }
        let mut any = over != [0; 4];
        for window in &mut self.running {
            window.close_day(start, sent.as_flattened());
            any |= window.count > window.max;
        }
        any
    }

    /// Each rule that has a window over its limit, in order, with the share by which its window furthest over is over,
    /// (x - L) / L; `sent` as given to `close_day`.
    pub fn breaches(&self, sent: &[[u32; 4]]) -> impl Iterator<Item = (usize, f64)> {
        self.rules.iter().enumerate().filter_map(move |(rule, (actions, counters))| {
            let over = |counter: &Counter| excess(self.count(counter, actions, sent), counter.max);
            counters.iter().filter_map(over).reduce(f64::max).map(|excess| (rule, excess))
        })
    }

    /// The counts of all windows, by rule and limit; `sent` as given to `close_day`.
    pub fn counts(&self, sent: &[[u32; 4]]) -> impl Iterator<Item = u32> {
        self.rules.iter().flat_map(move |(actions, counters)| {
            counters.iter().map(move |counter| self.count(counter, actions, sent))
        })
    }

    /// How many more of a rule's actions a new day has room for, before anything has happened on it.
    #[must_use]
    pub fn room(&self, rule: usize, start: DayStart) -> u32 {
        let counters = self.rules[rule].1.iter();
        let room = counters.map(|counter| {
            counter.max.saturating_sub(counter.running.map_or(0, |at| self.running[at].held_over(start)))
        });
        room.min().unwrap_or(u32::MAX)
    }

    fn count(&self, counter: &Counter, actions: &[usize], sent: &[[u32; 4]]) -> u32 {
        let sent = sent.as_flattened();
        counter
            .running
            .map_or_else(|| actions.iter().map(|&action| sent[action]).sum(), |at| self.running[at].count)
    }
}

impl Running {
    fn new(actions: &[usize], limit: Limit) -> Running {
        let length = match limit.window {
            Window::TrailingDays(length) => usize::from(length),
            _ => 0,
        };
        let actions = actions.to_vec();
        Running { window: limit.window, max: limit.max, count: 0, actions, days: vec![0; length], oldest: 0 }
    }

    /// What a new day still counts of the days before it.
    fn held_over(&self, start: DayStart) -> u32 {
        match self.window {
            Window::Day | Window::Sliding(_) | Window::Elsewhere(..) => 0,
            Window::Week => {
                if start.week {
                    0
                } else {
                    self.count
                }
            }
            Window::Month => {
                if start.month {
                    0
                } else {
                    self.count
                }
            }
            Window::TrailingDays(_) => self.count - self.days[self.oldest],
        }
    }

    #[inline]
    fn close_day(&mut self, start: DayStart, sent: &[u32]) {
        let today = self.actions.iter().map(|&action| sent[action]).sum();
        match self.window {
            Window::Day | Window::Sliding(_) | Window::Elsewhere(..) => self.count = today,
            Window::Week => self.count = today + if start.week { 0 } else { self.count },
            Window::Month => self.count = today + if start.month { 0 } else { self.count },
            Window::TrailingDays(_) => {
                let oldest = std::mem::replace(&mut self.days[self.oldest], today);
                self.count = self.count - oldest + today;
                self.oldest += 1;
                if self.oldest == self.days.len() {
                    self.oldest = 0;
                }
            }
        }
    }
}
