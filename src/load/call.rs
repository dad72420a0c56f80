//! What is asked, what was said, and under which rules.

use serde::{Deserialize, Serialize};

use crate::rules::Decision;
use crate::time::Instant;

/// Nanoseconds since the run began.
pub type Nanos = u64;

/// One second in nanoseconds.
pub(super) const SECOND: Nanos = 1_000_000_000;

/// One check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Who asks.
    pub account: u32,
    /// What for.
    pub action: u32,
    /// When, in milliseconds of unix time; replaced where the clock says when.
    pub at: Instant,
}

/// What a target said to a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    /// It may happen.
    Allowed,
    /// It may not.
    Denied {
        /// The rule that frees last; none where the target does not tell.
        rule: Option<u32>,
        /// After how many milliseconds it would be allowed.
        retry: Retry,
    },
}

/// When a target says that a denied action would be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Retry {
    /// It does not tell.
    Untold,
    /// Never.
    Never,
    /// After so many milliseconds.
    After(Instant),
    /// After so many whole seconds, rounded up.
    Seconds(Instant),
}

impl Retry {
    /// Whether what a target tells is this, as exactly as it tells it. What it does not tell is not wrong.
    pub(super) fn is_told_by(self, told: Retry) -> bool {
        match (self, told) {
            (_, Retry::Untold) => true,
            (Retry::After(ms), Retry::Seconds(told)) => {
                ms.div_euclid(1_000) + Instant::from(ms % 1_000 > 0) == told
            }
            (exact, told) => exact == told,
        }
    }
}

impl Said {
    /// Whether the action may happen.
    #[must_use]
    pub fn is_allowed(self) -> bool {
        self == Said::Allowed
    }
}

impl From<Decision> for Said {
    fn from(decision: Decision) -> Said {
        match decision {
            Decision::Allowed => Said::Allowed,
            Decision::Denied(denied) => Said::Denied {
                rule: Some(denied.rule),
                retry: denied.retry_after.map_or(Retry::Never, Retry::After),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_are_right_when_they_are_rounded_up() {
        for (ms, seconds) in [(1, 1), (999, 1), (1_000, 1), (1_001, 2), (3_600_000, 3_600)] {
            for told in [seconds - 1, seconds, seconds + 1] {
                let is_right = Retry::After(ms).is_told_by(Retry::Seconds(told));
                assert_eq!(is_right, told == seconds, "{ms} ms as {told} s");
            }
        }
        assert!(Retry::After(5).is_told_by(Retry::Untold) && Retry::Never.is_told_by(Retry::Never));
        assert!(!Retry::Never.is_told_by(Retry::Seconds(1)) && !Retry::After(5).is_told_by(Retry::After(6)));
    }
}
