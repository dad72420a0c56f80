//! How much a window holds, found out only as far as somebody asks.

use super::rings::View;
use crate::time::Instant;

/// What one limit's window holds at an event, the event included.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    events: Events<'a>,
    /// What lies after this offset is held.
    horizon: Instant,
    /// Whether the window holds the event itself: not so for one of no length.
    holds_now: bool,
}

#[derive(Debug, Clone, Copy)]
enum Events<'a> {
    Narrow(View<'a, u32>),
    Wide(View<'a, u64>),
}

impl<'a> From<View<'a, u32>> for Held<'a> {
    #[inline]
    fn from(view: View<'a, u32>) -> Held<'a> {
        Held { events: Events::Narrow(view), horizon: 0, holds_now: true }
    }
}

impl<'a> From<View<'a, u64>> for Held<'a> {
    #[inline]
    fn from(view: View<'a, u64>) -> Held<'a> {
        Held { events: Events::Wide(view), horizon: 0, holds_now: true }
    }
}

impl Held<'_> {
    #[inline]
    pub(super) fn after(self, horizon: Instant, holds_now: bool) -> Self {
        Held { horizon, holds_now, ..self }
    }

    /// Whether the window holds more than `count` events. Exact as far as the evaluator keeps events, see
    /// [`Evaluator::counting`](super::Evaluator::counting); beyond, the answer is no.
    #[inline]
    #[must_use]
    pub fn exceeds(&self, count: u32) -> bool {
        if count == 0 {
            return self.holds_now;
        }
        match self.events {
            Events::Narrow(view) => view.is_after(count, self.horizon),
            Events::Wide(view) => view.is_after(count, self.horizon),
        }
    }
}
