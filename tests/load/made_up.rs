//! Rules, clocks and targets that are made up for tests.

use std::cell::Cell;

use pacewise::load::{Call, Clock, Nanos, Pace, Plan, Said, Target, Times};
use pacewise::rulebook::Rulebook;
use pacewise::rules::{Calendar, Evaluator, Limit, Rule, Window};
use pacewise::time::{HOUR, Instant, MINUTE};

/// A clock that only moves when it is waited for, or moved.
#[derive(Debug, Default)]
pub(crate) struct MadeUp(Cell<Nanos>);

impl MadeUp {
    pub(crate) fn pass(&self, time: Nanos) {
        self.0.set(self.0.get() + time);
    }
}

impl Clock for MadeUp {
    fn now(&self) -> Nanos {
        self.0.get()
    }

    fn wait_until(&self, due: Nanos) {
        self.0.set(self.0.get().max(due));
    }

    fn unix(&self, now: Nanos) -> Instant {
        1_767_600_000_000 + (now / 1_000_000) as Instant
    }
}

/// A target that answers as a closure does.
pub(crate) struct Scripted<F>(pub(crate) F);

impl<F: FnMut(&Call) -> Said> Target for Scripted<F> {
    fn check(&mut self, calls: &[Call], said: &mut Vec<Said>) {
        said.extend(calls.iter().map(&mut self.0));
    }
}

pub(crate) fn limit(window: Window, max: u32) -> Limit {
    Limit { window, max }
}

/// Two rules over two actions: one on both, one on the second only.
pub(crate) fn rules(messages: [Limit; 2], posts: [Limit; 2], calendar: Calendar) -> Rulebook {
    let rules = vec![
        ("messages".into(), Rule { actions: vec![0, 1], limits: messages.to_vec() }),
        ("posts".into(), Rule { actions: vec![1], limits: posts.to_vec() }),
    ];
    Rulebook::new(rules, vec!["message".into(), "post".into()], calendar, "a test".into())
}

pub(crate) fn book() -> Rulebook {
    let sliding = |span, max| limit(Window::Sliding(span), max);
    rules([sliding(MINUTE, 5), sliding(HOUR, 20)], [sliding(HOUR, 4), limit(Window::Day, 9)], Calendar::Civil)
}

/// The evaluator as a target, under rules of its own.
pub(crate) fn evaluator(book: &Rulebook) -> Evaluator {
    Evaluator::new(&book.set, book.calendar.clone())
}

pub(crate) fn plan(pace: Pace, checks: u64) -> Plan {
    Plan {
        pace,
        times: Times::Given,
        checks,
        seconds: 1e6,
        warm_up_seconds: 0.0,
        slice_seconds: 1.0,
        batch: 1,
        seed: 1,
    }
}
