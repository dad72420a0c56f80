//! Sums of what follows disconnections, behind the others; none where the scenario says nothing of it.

use super::Layout;
use crate::model::AccountOutcome;
use crate::time::Instant;

impl Layout {
    const DECLINED: usize = 0;
    const REQUIRED_STEPS: usize = 1;
    const UNPERMITTED: usize = 2;
    const UNTOLD: usize = 3;

    /// Whether anything of it is counted.
    #[must_use]
    pub fn has_aftermath(self) -> bool {
        self.aftermath > 0
    }

    /// Times that users declined to reconnect.
    #[must_use]
    pub fn declined(self) -> usize {
        self.first_aftermath() + Self::DECLINED
    }

    /// Steps that the platform required.
    #[must_use]
    pub fn required_steps(self) -> usize {
        self.first_aftermath() + Self::REQUIRED_STEPS
    }

    /// Milliseconds without permission to publish.
    #[must_use]
    pub fn unpermitted(self) -> usize {
        self.first_aftermath() + Self::UNPERMITTED
    }

    /// Disconnections whose cause nobody was told.
    #[must_use]
    pub fn untold(self) -> usize {
        self.first_aftermath() + Self::UNTOLD
    }

    /// Disconnections of a cause that was told.
    #[must_use]
    pub fn told(self, cause: usize) -> usize {
        self.untold() + 1 + cause
    }

    pub(super) fn first_share(self) -> usize {
        if self.has_aftermath() { self.told(self.causes) } else { self.first_aftermath() }
    }

    pub(super) fn add_aftermath(
        self,
        account: &AccountOutcome,
        takes_permission: &[bool],
        end: Instant,
        sums: &mut [u64],
    ) {
        let aftermath = &account.aftermath;
        sums[self.declined()] += u64::from(aftermath.declined);
        sums[self.required_steps()] += u64::from(aftermath.required_steps);
        for away in account.aways.iter().filter(|away| takes_permission[usize::from(away.cause)]) {
            sums[self.unpermitted()] += (away.until.min(end) - away.from).max(0) as u64;
        }
        for (cause, (&all, &untold)) in account.disconnections.iter().zip(&aftermath.untold).enumerate() {
            sums[self.untold()] += u64::from(untold);
            sums[self.told(cause)] += u64::from(all - untold);
        }
    }
}
