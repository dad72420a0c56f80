//! When to give a replicate up: soon after somebody asked for a stop.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

/// What may still be lived once a stop has been asked for, in days and actions: a fraction of a second. What is shorter is
/// finished.
const AFTER_STOP: u64 = 1_000_000;

/// The patience of one simulator with its replicates.
#[derive(Debug)]
pub(super) struct Patience<'s> {
    /// Set by whoever wants an end; none: nobody ever does.
    stop: Option<&'s AtomicBool>,
    left: Cell<u64>,
}

impl<'s> Patience<'s> {
    pub(super) fn new(stop: Option<&'s AtomicBool>) -> Patience<'s> {
        Patience { stop, left: Cell::new(AFTER_STOP) }
    }

    /// Whether to give up instead of living so many days and actions more. Once it is, it stays so.
    #[inline]
    pub(super) fn ends_before(&self, work: impl FnOnce() -> u64) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) && self.is_used_up_by(work())
    }

    #[cold]
    fn is_used_up_by(&self, work: u64) -> bool {
        self.left.set(self.left.get().saturating_sub(work));
        self.has_ended()
    }

    /// Whether a replicate has been given up.
    pub(super) fn has_ended(&self) -> bool {
        self.left.get() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_stop_so_much_is_lived_and_no_more() {
        let stop = AtomicBool::new(false);
        let patience = Patience::new(Some(&stop));
        assert!(!patience.ends_before(|| u64::MAX), "nobody asked for an end");
        stop.store(true, Ordering::Relaxed);
        assert!(!patience.ends_before(|| AFTER_STOP - 1) && !patience.has_ended());
        assert!(patience.ends_before(|| 1) && patience.has_ended() && patience.ends_before(|| 0));
        assert!(!Patience::new(None).ends_before(|| u64::MAX));
    }
}
