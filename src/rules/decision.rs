//! What the evaluator answers.

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// May an action happen?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub enum Decision {
    /// Every window has room. It is recorded.
    Allowed,
    /// Some window is full. Nothing is recorded.
    Denied(Denied),
}

/// Why an action may not happen, and when it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denied {
    /// The rule that frees last; the first one of several.
    pub rule: u32,
    /// Its limit that frees last, counted over all rules in order.
    pub limit: u32,
    /// Milliseconds from the instant asked for to the first one at which the action would be allowed, if nothing else
    /// happens; none if it never would.
    pub retry_after: Option<Instant>,
}

/// How full one limit's window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The rule.
    pub rule: u32,
    /// The limit, counted over all rules in order.
    pub limit: u32,
    /// The events that the window holds; exact up to the largest limit on the same actions, and at least that beyond.
    pub count: u32,
    /// The largest count that is no breach.
    pub max: u32,
    /// The first instant at which the window has room for one more event, if nothing else happens: the one seen at, if it
    /// has room then; none if it never has.
    pub room_at: Option<Instant>,
}

impl Decision {
    /// Whether the action may happen.
    #[must_use]
    pub fn is_allowed(self) -> bool {
        matches!(self, Decision::Allowed)
    }
}
