//! How often intervals hold the truth: exactly where the law is binomial, by simulation with fixed seeds elsewhere.
//!
//! A share of runs is held to its nominal level with a slack of four of its own standard errors, so that chance alone
//! fails about one check in 30,000, and every seed is fixed. `PACEWISE_LONG=1 cargo test --release --test coverage --
//! --nocapture` takes many more runs and prints the tables of `docs/methods/estimates.md`.

mod clusters;
mod end_to_end;
mod feed;
mod means;
mod proportions;
mod quantiles;
mod ratios;
#[path = "../reference/mod.rs"]
mod reference;
mod stopping;

use pacewise::stats::Estimate;

pub(crate) const LEVEL: f64 = 0.95;

pub(crate) fn is_long() -> bool {
    std::env::var_os("PACEWISE_LONG").is_some()
}

/// How many of the intervals looked at hold the truth.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Coverage {
    pub(crate) runs: u64,
    pub(crate) covering: u64,
    /// Intervals that lie above the truth.
    pub(crate) above: u64,
}

impl Coverage {
    pub(crate) fn look(&mut self, low: f64, high: f64, truth: f64) {
        self.runs += 1;
        self.covering += u64::from(low <= truth && truth <= high);
        self.above += u64::from(low > truth);
    }

    pub(crate) fn look_at(&mut self, estimate: Estimate, truth: f64) {
        self.look(estimate.low, estimate.high, truth);
    }

    pub(crate) fn plus(self, other: Coverage) -> Coverage {
        Coverage {
            runs: self.runs + other.runs,
            covering: self.covering + other.covering,
            above: self.above + other.above,
        }
    }

    pub(crate) fn share(&self) -> f64 {
        self.covering as f64 / self.runs as f64
    }

    /// The standard error of the share if the true one is `share`.
    pub(crate) fn error_at(&self, share: f64) -> f64 {
        (share * (1.0 - share) / self.runs as f64).sqrt()
    }

    /// Holds the share to a band, with a slack of four standard errors at its ends.
    pub(crate) fn assert_within(&self, band: std::ops::RangeInclusive<f64>, what: &str) {
        let (low, high) = (*band.start(), *band.end());
        let share = self.share();
        let holds = share >= low - 4.0 * self.error_at(low) && share <= high + 4.0 * self.error_at(high);
        assert!(holds, "{what}: {share:.4} of {} intervals hold the truth, not {band:?}", self.runs);
    }
}
