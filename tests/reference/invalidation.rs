//! Tokens that are invalidated some days after what they are invalidated for was noticed.

use pacewise::scenario::Consequence;
use pacewise::time::{DAY, DayNumber, Instant};
use rand::Rng;

use super::account::Account;
use super::laws::draw_days;

/// An end that awaits the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Invalidation {
    cause: usize,
    noticed: Instant,
    /// The day that the end is dated.
    dated: DayNumber,
    at: Instant,
}

impl Account<'_> {
    /// The successes of one instant that invalidate the token later; one of no days does so at once.
    pub(crate) fn await_invalidation(
        &mut self,
        successes: &[usize],
        dated: DayNumber,
        at: Instant,
        rng: &mut impl Rng,
    ) {
        for &cause in successes {
            let Consequence::DisconnectionAfter(law) = self.causes[cause].consequence else { continue };
            // Several successes of one cause at one instant are one.
            if self.invalidations.iter().any(|known| (known.cause, known.noticed) == (cause, at)) {
                continue;
            }
            let days = draw_days(*law, rng);
            self.invalidations.push(Invalidation {
                cause,
                noticed: at,
                dated: dated + days as DayNumber,
                at: at + Instant::from(days) * DAY,
            });
        }
        self.meet_invalidation(dated, at, rng);
    }

    /// The instant at which the token ends, if it does so within a day and not at the end of one.
    pub(crate) fn invalidated_at(&self) -> Option<Instant> {
        let within = |known: &&Invalidation| pacewise::time::day_of(known.at) == known.dated;
        self.invalidations.iter().filter(within).map(|known| known.at).min()
    }

    /// The token ends if that is due at this instant of this day; of several causes, that which was noticed first.
    pub(crate) fn meet_invalidation(&mut self, day: DayNumber, at: Instant, rng: &mut impl Rng) {
        let due = |known: &&Invalidation| (known.dated, known.at) == (day, at);
        if let Some(known) = self.invalidations.iter().find(due).copied() {
            self.leave(self.causes[known.cause].name, self.platform.reconnect.incident, day, at, rng);
        }
    }
}
