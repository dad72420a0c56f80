//! Outages of the accounts on which Pages hang, by cause.

use crate::model::{AccountOutcome, Model};
use crate::stats::moments::Moments;
use crate::time::Instant;

/// The outages of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outages {
    /// Its place among all accounts.
    pub account: usize,
    /// Disconnections by cause.
    pub disconnections: Vec<Moments>,
    /// Milliseconds disconnected within the horizon, by cause.
    pub away: Vec<u128>,
    end: Instant,
}

impl Outages {
    /// One for each account on which something hangs.
    pub(super) fn all(model: &Model) -> Vec<Outages> {
        let mut accounts: Vec<usize> = model.pages.iter().map(|page| page.authoriser).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let none = |account| Outages {
            account,
            disconnections: vec![Moments::default(); model.causes],
            away: vec![0; model.causes],
            end: model.end(),
        };
        accounts.into_iter().map(none).collect()
    }

    pub(super) fn record(&mut self, account: &AccountOutcome) {
        for (moments, &count) in self.disconnections.iter_mut().zip(&account.disconnections) {
            if count > 0 {
                moments.record(u64::from(count));
            }
        }
        for away in &account.aways {
            let time = away.until.min(self.end) - away.from;
            self.away[usize::from(away.cause)] += time.max(0) as u128;
        }
    }

    pub(super) fn merge(&mut self, other: &Outages) {
        for (moments, theirs) in self.disconnections.iter_mut().zip(&other.disconnections) {
            moments.merge(theirs);
        }
        for (sum, theirs) in self.away.iter_mut().zip(&other.away) {
            *sum += theirs;
        }
    }
}
