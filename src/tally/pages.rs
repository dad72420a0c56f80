//! Sums of what happened to Pages.

use crate::model::{Model, PageOutcome};
use crate::stats::moments::Moments;
use crate::stats::ratio::Ratio;

/// The tally of one Page; causes are in the order of the scenario's causes of a Page's disconnection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTally {
    /// Replicates in which it was disconnected at all.
    pub disconnected: u64,
    /// By cause: replicates in which it was the first.
    pub first: Vec<u64>,
    /// Disconnections.
    pub disconnections: Moments,
    /// Milliseconds without data.
    pub missing: Moments,
    /// Milliseconds without data, and outages, by cause, each for itself.
    pub by_cause: Vec<Ratio>,
}

impl PageTally {
    pub(super) fn new(model: &Model) -> PageTally {
        let causes = model.page_causes;
        PageTally {
            disconnected: 0,
            first: vec![0; causes],
            disconnections: Moments::default(),
            missing: Moments::default(),
            by_cause: vec![Ratio::default(); causes],
        }
    }

    pub(super) fn record(&mut self, page: &PageOutcome) {
        let Some(first) = page.first else { return };
        self.disconnected += 1;
        self.first[usize::from(first)] += 1;
        self.disconnections.record(u64::from(page.disconnections));
        self.missing.record(page.missing);
        for (ratio, own) in self.by_cause.iter_mut().zip(&page.by_cause) {
            ratio.record(own.missing, u64::from(own.outages));
        }
    }

    pub(super) fn merge(&mut self, other: &PageTally) {
        self.disconnected += other.disconnected;
        self.disconnections.merge(&other.disconnections);
        self.missing.merge(&other.missing);
        for (count, theirs) in self.first.iter_mut().zip(&other.first) {
            *count += theirs;
        }
        for (ratio, theirs) in self.by_cause.iter_mut().zip(&other.by_cause) {
            ratio.merge(theirs);
        }
    }
}
