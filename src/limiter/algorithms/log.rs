//! The plain exact log: a queue of times for each account and action, in which windows are searched.

use std::collections::VecDeque;

use super::{Algorithm, Limits};
use crate::rules::ActionId;
use crate::time::Instant;

/// Every admission that the longest window still holds.
#[derive(Debug, Clone)]
pub struct Log {
    limits: Limits,
    /// By account and action.
    times: Vec<VecDeque<Instant>>,
}

impl Log {
    /// No account has done anything yet.
    #[must_use]
    pub fn new(limits: Limits) -> Log {
        Log { limits, times: Vec::new() }
    }
}

impl Algorithm for Log {
    fn name(&self) -> &'static str {
        "log"
    }

    fn admits(&mut self, account: u32, action: ActionId, at: Instant) -> bool {
        let limits = self.limits.of(action);
        let Some(longest) = limits.iter().map(|&(span, _)| span).max() else { return true };
        let place = account as usize * self.limits.by_action.len() + action;
        if place >= self.times.len() {
            self.times.resize(place + 1, VecDeque::new());
        }
        let times = &mut self.times[place];
        while times.front().is_some_and(|&oldest| oldest <= at - longest) {
            times.pop_front();
        }
        let held = |span| times.len() - times.partition_point(|&time| time <= at - span);
        let has_room = limits.iter().all(|&(span, max)| held(span) < max as usize);
        if has_room {
            times.push_back(at);
        }
        has_room
    }

    fn bytes(&self) -> usize {
        let held: usize = self.times.iter().map(VecDeque::capacity).sum();
        self.times.capacity() * size_of::<VecDeque<Instant>>() + held * size_of::<Instant>()
    }
}
