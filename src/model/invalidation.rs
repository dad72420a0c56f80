//! Tokens that are invalidated some days after what they are invalidated for was noticed.

use super::counts::{CountTable, days_table};
use super::effect::Causes;
use super::life::Life;
use crate::scenario::{Consequence, Scenario};
use crate::time::{DAY, Instant};

/// Where the words for delays begin, behind those for the lengths of outages. Each cause has a stream of its own there, read at
/// the instant of the success: what another cause does shifts none of them.
const FIRST_WORD: u64 = 1 << 40;

/// A consequence that invalidates the token after a delay.
#[derive(Debug, Clone)]
pub(crate) struct Invalidation {
    /// Place among the causes of a flag.
    flag_cause: u64,
    /// Place among the causes of a disconnection.
    disconnection: u16,
    after: CountTable,
}

/// The invalidation that awaits the token in use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pending {
    /// The day that its end is dated; `u32::MAX` while nothing of the kind was noticed.
    pub(super) day: u32,
    at: Instant,
    cause: u16,
}

impl Pending {
    pub(super) const NONE: Pending = Pending { day: u32::MAX, at: Instant::MAX, cause: 0 };
}

/// All such consequences, in the order of the causes of a flag.
pub(super) fn compile(scenario: &Scenario) -> Vec<Invalidation> {
    let places = Causes::of(scenario);
    let (consequences, names) = (scenario.consequences(), scenario.bare_flag_causes());
    let of = |&cause: &usize| match consequences[cause] {
        Consequence::DisconnectionAfter(days) => Some(Invalidation {
            flag_cause: cause as u64,
            disconnection: places.disconnection(names[cause]),
            after: days_table(*days),
        }),
        _ => None,
    };
    places.invalidations.iter().filter_map(of).collect()
}

impl Life<'_> {
    /// Successes, one bit each, that invalidate the token after their delays: the soonest does, of equal ones that which was
    /// noticed first. A delay of no days ends at once.
    #[cold]
    pub(super) fn invalidate_later(&mut self, day: u32, noticed: u64, from: Instant) {
        for (place, invalidation) in self.model.invalidations.iter().enumerate() {
            if noticed >> place & 1 == 1 {
                let stream = self.connection.delays.branch(FIRST_WORD + invalidation.flag_cause);
                let days = invalidation.after.draw_word(stream.word((from - self.model.origin()) as u64));
                let (day, at) = (day.saturating_add(days), from + Instant::from(days) * DAY);
                let sooner = (day, at) < (self.connection.pending.day, self.connection.pending.at);
                if sooner {
                    self.connection.pending = Pending { day, at, cause: invalidation.disconnection };
                }
            }
        }
        if self.connection.pending.at <= from {
            self.invalidate();
        } else {
            self.look_ahead();
        }
    }

    /// When the token is invalidated, if that is dated this day.
    pub(super) fn invalidated_at(&self, day: u32) -> Option<Instant> {
        (self.connection.pending.day == day).then_some(self.connection.pending.at)
    }

    /// The token is invalidated.
    pub(super) fn invalidate(&mut self) {
        let Pending { day, at, cause } = self.connection.pending;
        self.lose_token(day, cause, at);
    }
}
