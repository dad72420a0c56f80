//! Well-known limiter algorithms under one trait, to weigh accuracy against speed. Only the ring and the log are exact; the
//! others are written as they are commonly used, one part for each window, all of which must agree.
//!
//! They know sliding windows only, and rules that count one action each.

mod approximate;
mod log;

pub use approximate::{Fixed, Gcra, TokenBucket, Weighted};
pub use log::Log;

use crate::rules::{ActionId, Calendar, Evaluator, Limit, RuleSet, Window};
use crate::time::Instant;

/// Something that admits or denies; an admission is recorded, a denial is not.
pub trait Algorithm {
    /// Its name in tables.
    fn name(&self) -> &'static str;
    /// Whether an account may do something at `at`. Accounts are dense numbers; time does not run backwards.
    fn admits(&mut self, account: u32, action: ActionId, at: Instant) -> bool;
    /// The bytes that its state takes.
    fn bytes(&self) -> usize;
}

/// The exact ring: the evaluator itself.
#[derive(Debug, Clone)]
pub struct Ring(Evaluator);

impl Ring {
    /// No account has done anything yet.
    #[must_use]
    pub fn new(rules: &RuleSet) -> Ring {
        Ring(Evaluator::new(rules, Calendar::Civil))
    }
}

impl Algorithm for Ring {
    fn name(&self) -> &'static str {
        "ring"
    }

    fn admits(&mut self, account: u32, action: ActionId, at: Instant) -> bool {
        self.0.check(account, action, at).is_allowed()
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// All algorithms, the exact ones first.
#[must_use]
pub fn all(rules: &RuleSet) -> Vec<Box<dyn Algorithm + Send>> {
    let limits = Limits::new(rules);
    vec![
        Box::new(Ring::new(rules)),
        Box::new(Log::new(limits.clone())),
        Box::new(Gcra::new(limits.clone())),
        Box::new(Fixed::new(limits.clone())),
        Box::new(Weighted::new(limits.clone())),
        Box::new(TokenBucket::new(limits)),
    ]
}

/// By action: its sliding windows, as lengths and limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    by_action: Vec<Vec<(Instant, u32)>>,
}

impl Limits {
    /// The limits of rules. Windows that do not slide are left out.
    #[must_use]
    pub fn new(rules: &RuleSet) -> Limits {
        let mut by_action = vec![Vec::new(); rules.actions()];
        for rule in rules.rules() {
            for &action in &rule.actions {
                by_action[action].extend(rule.limits.iter().filter_map(sliding));
            }
        }
        Limits { by_action }
    }

    fn of(&self, action: ActionId) -> &[(Instant, u32)] {
        self.by_action.get(action).map_or(&[], |limits| limits)
    }
}

fn sliding(limit: &Limit) -> Option<(Instant, u32)> {
    match limit.window {
        Window::Sliding(span) if span > 0 => Some((span, limit.max)),
        _ => None,
    }
}

/// One piece of state for each account and limit, in one stretch of memory.
#[derive(Debug, Clone)]
struct Cells<C> {
    limits: Limits,
    /// By action: its first cell within an account's stretch.
    first: Vec<usize>,
    stride: usize,
    /// The cell of a window in which nothing has happened.
    fresh: C,
    all: Vec<C>,
}

impl<C: Clone> Cells<C> {
    fn new(limits: Limits, fresh: C) -> Cells<C> {
        let mut stride = 0;
        let first = limits.by_action.iter().map(|of| {
            stride += of.len();
            stride - of.len()
        });
        let first = first.collect();
        Cells { limits, first, stride, fresh, all: Vec::new() }
    }

    /// The cells of an account's action, with the limits that they are for.
    fn of(&mut self, account: u32, action: ActionId) -> (&mut [C], &[(Instant, u32)]) {
        let limits = self.limits.of(action);
        let Some(first) = self.first.get(action) else { return (&mut [], &[]) };
        let (from, end) = (account as usize * self.stride + first, (account as usize + 1) * self.stride);
        if self.all.len() < end {
            self.all.resize(end, self.fresh.clone());
        }
        (&mut self.all[from..from + limits.len()], limits)
    }

    fn bytes(&self) -> usize {
        self.all.capacity() * size_of::<C>()
    }
}

#[cfg(test)]
mod tests;
