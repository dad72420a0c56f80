//! The rule evaluator: which windows does an account's activity leave over their limits? It knows no probabilities, no
//! restrictions, no files and no clock: time is an argument.
//!
//! A sliding window of length w, seen at t, is (t-w, t]: it holds the event at t and not the one at t-w. A calendar
//! window is the civil day, the week from Monday, or the month. A trailing window of d days is today and the d-1 days
//! before. Events with equal times count in order. A count breaches a limit when it is greater than the limit.

mod calendar;
mod daily;
mod decision;
mod evaluator;
mod naive;
mod plan;
mod rings;
mod slab;
mod sliding;
mod stamp;
mod windows;

#[cfg(test)]
mod evaluator_agrees;
#[cfg(test)]
mod reference;

use serde::Serialize;

pub use calendar::{Calendar, UnknownZone};
#[cfg(feature = "serve")]
pub(crate) use calendar::{EARLIEST, LATEST};
pub use daily::{DayStart, DayWindows};
pub use decision::{Decision, Denied, Usage};
pub use evaluator::{Counts, Evaluator};
pub use naive::Naive;
pub use windows::Windows;
pub(crate) use windows::excess;

use crate::time::{self, DayNumber, Instant, span_text};

/// Index of an action in the list of actions that a rule set was written for.
pub type ActionId = usize;

/// The stretch of time in which a limit counts actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// The last so many milliseconds, (t-w, t].
    Sliding(Instant),
    /// The civil day.
    Day,
    /// The week from Monday.
    Week,
    /// The calendar month.
    Month,
    /// Today and the days before it, so many civil days in all.
    TrailingDays(u16),
    /// A stretch of the calendar by a clock that is so much behind this one (ahead of it where negative); not 0.
    Elsewhere(Stretch, Instant),
}

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stretch {
    /// The civil day.
    Day,
    /// The week from Monday.
    Week,
    /// The calendar month.
    Month,
}

impl Stretch {
    /// The number of the stretch that holds a day.
    fn of(self, day: DayNumber) -> i32 {
        match self {
            Stretch::Day => day,
            Stretch::Week => time::week_of(day),
            Stretch::Month => time::month_of(day),
        }
    }

    /// The window that is this stretch by one's own clock.
    pub(crate) fn window(self) -> Window {
        match self {
            Stretch::Day => Window::Day,
            Stretch::Week => Window::Week,
            Stretch::Month => Window::Month,
        }
    }

    /// The first day after `day` that another stretch holds.
    fn next(self, day: DayNumber) -> DayNumber {
        let later = day + 1..=day + 31;
        later.into_iter().find(|&later| self.of(later) != self.of(day)).unwrap_or(day + 31)
    }
}

impl Window {
    /// Whether end-of-day counts are enough to judge this window at the end of a day.
    #[must_use]
    pub fn is_daily(self) -> bool {
        !matches!(self, Window::Sliding(_) | Window::Elsewhere(..))
    }

    /// The same window by one's own clock.
    pub(crate) fn by_own_clock(self) -> Window {
        if let Window::Elsewhere(stretch, _) = self { stretch.window() } else { self }
    }

    /// The same window by a clock that is so much behind this one. Only calendars differ.
    #[must_use]
    pub fn of_zone(self, behind: Instant) -> Window {
        match self {
            Window::Day if behind != 0 => Window::Elsewhere(Stretch::Day, behind),
            Window::Week if behind != 0 => Window::Elsewhere(Stretch::Week, behind),
            Window::Month if behind != 0 => Window::Elsewhere(Stretch::Month, behind),
            other => other,
        }
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Window::Sliding(span) => write!(f, "{}", span_text(*span)),
            Window::Day => write!(f, "calendar day"),
            Window::Week => write!(f, "calendar week"),
            Window::Month => write!(f, "calendar month"),
            Window::TrailingDays(days) => write!(f, "trailing {days} d"),
            Window::Elsewhere(stretch, behind) => {
                let stretch = match stretch {
                    Stretch::Day => Window::Day,
                    Stretch::Week => Window::Week,
                    Stretch::Month => Window::Month,
                };
                let side = if *behind > 0 { "later" } else { "earlier" };
                write!(f, "{stretch}, {} {side}", span_text(behind.abs()))
            }
        }
    }
}

/// A window and the largest count that it may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// Where actions are counted.
    pub window: Window,
    /// The largest count that is no breach.
    pub max: u32,
}

/// Several limits on the sum of the counts of one or more actions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The actions that are counted together; never empty, no action twice.
    pub actions: Vec<ActionId>,
    /// The limits; never empty, no window twice.
    pub limits: Vec<Limit>,
}

/// The rules that an account is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    rules: Vec<Rule>,
    watching: Vec<Vec<usize>>,
    /// By limit over all rules: its own calendar, if it has one; empty where no limit has one.
    calendars: Vec<Option<Calendar>>,
}

impl RuleSet {
    /// Prepares rules over `actions` actions.
    ///
    /// # Panics
    /// When a rule names an action out of range.
    #[must_use]
    pub fn new(rules: Vec<Rule>, actions: usize) -> RuleSet {
        let mut watching = vec![Vec::new(); actions];
        for (index, rule) in rules.iter().enumerate() {
            for &action in &rule.actions {
                watching[action].push(index);
            }
        }
        RuleSet { rules, watching, calendars: Vec::new() }
    }

    /// The same rules where limits have calendars of their own: by limit, in order; none where the calendar of whoever
    /// evaluates them holds.
    ///
    /// # Panics
    /// When there are not as many entries as limits.
    #[must_use]
    pub fn with_calendars(mut self, calendars: Vec<Option<Calendar>>) -> RuleSet {
        assert_eq!(calendars.len(), self.limits(), "one entry for each limit");
        self.calendars = if calendars.iter().any(Option::is_some) { calendars } else { Vec::new() };
        self
    }

    /// The calendar of a limit, by the limit's number over all rules: its own, or else the one that is handed over.
    #[must_use]
    pub fn calendar<'a>(&'a self, number: usize, other: &'a Calendar) -> &'a Calendar {
        self.calendars.get(number).and_then(Option::as_ref).unwrap_or(other)
    }

    /// The zone of a limit's own calendar, by the limit's number over all rules, if it has one.
    #[must_use]
    pub fn zone(&self, number: usize) -> Option<&str> {
        self.calendars.get(number).and_then(Option::as_ref).and_then(Calendar::zone_name)
    }

    /// By limit, in order: the zone of its own calendar; empty where no limit has one.
    #[must_use]
    pub fn zones(&self) -> Vec<Option<&str>> {
        (0..self.calendars.len()).map(|number| self.zone(number)).collect()
    }

    /// The rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The number of limits of all rules.
    #[must_use]
    pub fn limits(&self) -> usize {
        self.rules.iter().map(|rule| rule.limits.len()).sum()
    }

    /// The number of actions that the rules were written for.
    #[must_use]
    pub fn actions(&self) -> usize {
        self.watching.len()
    }

    /// A limit by its number over all rules, in order: the first limit of the first rule is 0.
    ///
    /// # Panics
    /// When there are not so many limits.
    #[must_use]
    pub fn limit(&self, number: usize) -> Limit {
        self.rules.iter().flat_map(|rule| &rule.limits).copied().nth(number).expect("a limit has this number")
    }

    /// The rule that holds a limit, by the limit's number over all rules.
    ///
    /// # Panics
    /// When there are not so many limits.
    #[must_use]
    pub fn rule_of(&self, number: usize) -> usize {
        let mut limits =
            self.rules.iter().enumerate().flat_map(|(rule, of)| of.limits.iter().map(move |_| rule));
        limits.nth(number).expect("a limit has this number")
    }

    /// The rules that count an action, in order.
    #[must_use]
    pub fn watching(&self, action: ActionId) -> &[usize] {
        &self.watching[action]
    }
}
