//! A recorded log of what accounts did, in the place of a law of demand.

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::Date;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::rules::ActionId;
use crate::time::Instant;

/// A recorded action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordedAction {
    /// Which account did it, counted from 0 in the order in which the log names them.
    pub account: u32,
    /// When: milliseconds of local civil time since the start of 1970.
    pub at: Instant,
    /// What.
    pub action: ActionId,
}

/// A log of what some accounts did. It is written down as its size and the SHA-256 of its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recording {
    /// Number of accounts.
    pub accounts: u32,
    /// Number of actions.
    pub number: usize,
    /// SHA-256 of the actions, in hexadecimal digits.
    pub sha256: String,
    /// By account, then by time.
    #[serde(skip)]
    actions: Vec<RecordedAction>,
    /// By account: its first action; at last the number of all.
    #[serde(skip)]
    first_of: Vec<usize>,
}

/// How a group uses a recording.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupLog {
    /// What was recorded.
    #[serde(serialize_with = "recording")]
    pub recording: Arc<Recording>,
    /// What becomes of it.
    pub how: LogUse,
}

/// What becomes of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogUse {
    /// The first account of the group does what the first recorded one did, and so on; from the first again beyond the last.
    Replay {
        /// The recorded date that is played on day 0.
        day_0: Date,
    },
    /// Each week is one that some account was recorded in, drawn at random.
    Weeks {
        /// The Monday of the first whole week.
        first_monday: Date,
        /// Number of whole weeks, at least 1.
        weeks: u32,
    },
}

fn recording<S: Serializer>(recording: &Arc<Recording>, serializer: S) -> Result<S::Ok, S::Error> {
    recording.as_ref().serialize(serializer)
}

impl Recording {
    /// A recording of some accounts' actions, given in any order.
    #[must_use]
    pub fn new(accounts: u32, mut actions: Vec<RecordedAction>) -> Recording {
        actions.sort_unstable();
        let mut digest = Sha256::new();
        for RecordedAction { account, at, action } in &actions {
            digest.update(account.to_le_bytes());
            digest.update(at.to_le_bytes());
            digest.update((*action as u64).to_le_bytes());
        }
        let digits = digest.finalize().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let first = |account| actions.partition_point(|known| known.account < account);
        Recording {
            accounts,
            number: actions.len(),
            sha256: digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect(),
            first_of: (0..=accounts).map(first).collect(),
            actions,
        }
    }

    /// All actions, account by account in order of time.
    #[must_use]
    pub fn actions(&self) -> &[RecordedAction] {
        &self.actions
    }

    /// The places of what an account did in a stretch of time.
    #[must_use]
    pub fn between(&self, account: u32, time: Range<Instant>) -> Range<usize> {
        let (first, end) = (self.first_of[account as usize], self.first_of[account as usize + 1]);
        let own = &self.actions[first..end];
        let before = |at: Instant| first + own.partition_point(|action| action.at < at);
        before(time.start)..before(time.end)
    }
}
