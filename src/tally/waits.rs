//! Waits of deferred actions, behind all other sums: what the mean wait, a ratio of two sums, needs for its interval.

use super::{Fate, Layout, Scope};
use crate::stats::ratio::Ratio;

impl Layout {
    /// Sums of an action's wait: milliseconds and actions together, whose square tells how they go along, and whether any was
    /// deferred.
    const WAIT: usize = 2;

    fn first_wait(self) -> usize {
        self.first_share() + self.shares * Layout::SHARE
    }

    pub(super) fn len(self) -> usize {
        self.first_wait() + self.waits * Self::WAIT
    }

    /// Fills in what is kept of waits once the other sums are known.
    pub(super) fn add_waits(self, sums: &mut [u64]) {
        for action in 0..self.waits {
            let place = self.first_wait() + action * Self::WAIT;
            let deferred = sums[self.action(action, Fate::Deferred)];
            sums[place] = sums[self.action(action, Fate::Wait)].saturating_add(deferred);
            sums[place + 1] = u64::from(deferred > 0);
        }
    }

    /// Milliseconds in the backlog, and how many actions were deferred; nothing where nothing ever is.
    #[must_use]
    pub(crate) fn wait(self, scope: &Scope, action: usize) -> Ratio {
        if self.waits == 0 {
            return Ratio::default();
        }
        let place = self.first_wait() + action * Self::WAIT;
        let part = scope.sums[self.action(action, Fate::Wait)];
        let whole = scope.sums[self.action(action, Fate::Deferred)];
        let products = scope.sums[place].squares.saturating_sub(part.squares + whole.squares) / 2;
        Ratio { part, whole, products, seen: scope.sums[place + 1].sum as u64 }
    }
}
