//! Outages of the accounts on which Pages hang, and of what hangs on them, by cause.

use crate::model::{Model, Outcome};
use crate::stats::moments::Moments;
use crate::stats::ratio::Ratio;
use crate::time::Instant;

/// The outages of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outages {
    /// Its place among all accounts.
    pub account: usize,
    /// Disconnections by cause.
    pub disconnections: Vec<Moments>,
    /// Milliseconds disconnected within the horizon, and disconnections, by cause.
    pub away: Vec<Ratio>,
    /// Milliseconds without data of what hangs on it, and its outages, by cause, each for itself.
    pub missing: Vec<Ratio>,
    /// The places of what hangs on it among all Pages.
    pages: Vec<usize>,
    /// Working memory, by cause.
    times: Vec<u64>,
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
            away: vec![Ratio::default(); model.causes],
            missing: vec![Ratio::default(); model.causes],
            pages: (0..model.pages.len()).filter(|&page| model.pages[page].authoriser == account).collect(),
            times: vec![0; model.causes],
            end: model.end(),
        };
        accounts.into_iter().map(none).collect()
    }

    pub(super) fn record(&mut self, outcome: &Outcome) {
        let account = &outcome.accounts[self.account];
        for (moments, &count) in self.disconnections.iter_mut().zip(&account.disconnections) {
            if count > 0 {
                moments.record(u64::from(count));
            }
        }
        self.times.fill(0);
        for away in &account.aways {
            let time = away.until.min(self.end) - away.from;
            self.times[usize::from(away.cause)] += time.max(0) as u64;
        }
        for (cause, (&time, &count)) in self.times.iter().zip(&account.disconnections).enumerate() {
            self.away[cause].record(time, u64::from(count));
            let losses = || self.pages.iter().map(|&page| outcome.pages[page].by_cause[cause]);
            let missing = losses().map(|own| own.missing).sum();
            self.missing[cause].record(missing, losses().map(|own| u64::from(own.outages)).sum());
        }
    }

    pub(super) fn merge(&mut self, other: &Outages) {
        for (moments, theirs) in self.disconnections.iter_mut().zip(&other.disconnections) {
            moments.merge(theirs);
        }
        let ours = self.away.iter_mut().chain(&mut self.missing);
        for (ratio, theirs) in ours.zip(other.away.iter().chain(&other.missing)) {
            ratio.merge(theirs);
        }
    }
}
