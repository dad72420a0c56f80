//! Accuracy against speed: what well-known limiter algorithms get wrong on the same checks, and what they cost.

use std::collections::VecDeque;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use serde::Serialize;

use super::call::{Call, Nanos, Retry, Said};
use super::clock::Clock;
use super::judge::{Fault, Judge, Verdict};
use crate::limiter::algorithms::{Algorithm, all};
use crate::rulebook::Rulebook;
use crate::rules::Window;
use crate::time::Instant;

/// What one algorithm gets wrong, and what it costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accuracy {
    /// Its name.
    pub name: String,
    /// Checks that were asked.
    pub checks: u64,
    /// Share of checks that it allowed although a window was full of what it had allowed before.
    pub wrongly_allowed: f64,
    /// Share of checks that it denied although every window had room.
    pub wrongly_denied: f64,
    /// The fullest window that it allowed, in units of its limit: at most 1 where it is right.
    pub worst_window: f64,
    /// Nanoseconds for each check, in the fastest of three passes.
    pub ns: f64,
    /// Bytes of state for each account.
    pub bytes_per_account: f64,
}

/// Why algorithms cannot be weighed under some rules.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotWeighed {
    /// A rule counts several actions together.
    #[error("rule `{0}` counts several actions together: the algorithms know rules of one action only")]
    SeveralActions(String),
    /// A window does not slide.
    #[error("rule `{0}` has a window that does not slide: the algorithms know sliding windows only")]
    NotSliding(String),
}

/// Each algorithm is put on the clock so often, from its beginning; the fastest pass counts. All of them take turns, so that a
/// machine that is busy for a while does not slow one only.
const PASSES: usize = 3;

/// Puts the same checks to every algorithm: three times on the clock, and what it then said before the judge.
///
/// # Errors
/// When the rules have other than sliding windows, or count several actions together.
pub fn weigh(calls: &[Call], book: &Rulebook, clock: &impl Clock) -> Result<Vec<Accuracy>, NotWeighed> {
    for (place, rule) in book.set.rules().iter().enumerate() {
        if rule.actions.len() > 1 {
            return Err(NotWeighed::SeveralActions(book.rule(place as u32)));
        }
        if rule.limits.iter().any(|limit| !matches!(limit.window, Window::Sliding(_))) {
            return Err(NotWeighed::NotSliding(book.rule(place as u32)));
        }
    }
    let accounts = calls.iter().map(|call| call.account + 1).max().unwrap_or(1);
    let mut least = vec![Nanos::MAX; all(&book.set).len()];
    for _ in 1..PASSES {
        for (least, mut algorithm) in least.iter_mut().zip(all(&book.set)) {
            *least = passed(&mut *algorithm, calls, clock).0.min(*least);
        }
    }
    let row = |(least, mut algorithm): (Nanos, Box<dyn Algorithm + Send>)| {
        let (taken, allowed) = passed(&mut *algorithm, calls, clock);
        weighed(&*algorithm, calls, &allowed, book, taken.min(least), accounts)
    };
    Ok(least.into_iter().zip(all(&book.set)).map(row).collect())
}

/// How long an algorithm takes for all checks, and which it admits.
fn passed(algorithm: &mut dyn Algorithm, calls: &[Call], clock: &impl Clock) -> (Nanos, Vec<bool>) {
    let mut allowed = Vec::with_capacity(calls.len());
    let before = clock.now();
    for call in calls {
        allowed.push(algorithm.admits(call.account, call.action as usize, call.at));
    }
    (clock.now() - before, allowed)
}

fn weighed(
    algorithm: &dyn Algorithm,
    calls: &[Call],
    allowed: &[bool],
    book: &Rulebook,
    taken: Nanos,
    accounts: u32,
) -> Accuracy {
    let (mut judge, mut fullest) = (Judge::new(book), Fullest::new(book));
    let (mut wrongly_allowed, mut wrongly_denied) = (0_u64, 0_u64);
    for (&call, &is_allowed) in calls.iter().zip(allowed) {
        let said = if is_allowed { Said::Allowed } else { Said::Denied { rule: None, retry: Retry::Untold } };
        if let Verdict::Wrong(wrong) = judge.judge(call, said) {
            wrongly_allowed += u64::from(wrong.fault == Fault::Allow);
            wrongly_denied += u64::from(wrong.fault == Fault::Deny);
        }
        if is_allowed {
            fullest.enter(call);
        }
    }
    let checks = calls.len().max(1) as f64;
    Accuracy {
        name: algorithm.name().to_owned(),
        checks: calls.len() as u64,
        wrongly_allowed: wrongly_allowed as f64 / checks,
        wrongly_denied: wrongly_denied as f64 / checks,
        worst_window: fullest.worst,
        ns: taken as f64 / checks,
        bytes_per_account: algorithm.bytes() as f64 / f64::from(accounts),
    }
}

/// The fullest sliding window so far, in units of its limit.
struct Fullest {
    /// By action: lengths and limits.
    limits: Vec<Vec<(Instant, u32)>>,
    /// By account and action, for each limit: what its window holds.
    held: HashMap<(u32, u32), Vec<VecDeque<Instant>>, RandomState>,
    worst: f64,
}

impl Fullest {
    fn new(book: &Rulebook) -> Fullest {
        let mut limits = vec![Vec::new(); book.set.actions()];
        for rule in book.set.rules() {
            let sliding = rule.limits.iter().filter_map(|limit| match limit.window {
                Window::Sliding(span) => Some((span, limit.max)),
                _ => None,
            });
            limits[rule.actions[0]].extend(sliding);
        }
        Fullest { limits, held: HashMap::default(), worst: 0.0 }
    }

    fn enter(&mut self, call: Call) {
        let Some(limits) = self.limits.get(call.action as usize) else { return };
        let held = self.held.entry((call.account, call.action));
        let held = held.or_insert_with(|| vec![VecDeque::new(); limits.len()]);
        for (held, &(span, max)) in held.iter_mut().zip(limits) {
            while held.front().is_some_and(|&at| at <= call.at - span) {
                held.pop_front();
            }
            held.push_back(call.at);
            self.worst = self.worst.max(held.len() as f64 / f64::from(max.max(1)));
        }
    }
}
