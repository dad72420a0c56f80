//! How many accounts of a team are hit, and whether they are hit together.

use serde::Serialize;

use crate::stats::Estimate;

/// How many accounts one kind of event hits.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HitResults {
    /// `flagged`, `restricted` or `disconnected`.
    pub event: &'static str,
    /// Mean number of accounts hit at all within the horizon.
    pub accounts: Estimate,
    /// Variance of that number between replicates.
    pub variance: f64,
    /// Its variance if the accounts were independent, each with its own probability: the sum of p (1 - p).
    pub independent_variance: f64,
    /// The first variance as a multiple of the second: near 1 for independent accounts, above it for such as are hit together;
    /// none where the second is 0.
    pub over_dispersion: Option<Estimate>,
    /// Mean of the largest number of accounts hit on one day.
    pub most_on_one_day: Estimate,
    /// For 1, 2, … accounts, up to the most that were seen.
    pub at_least: Vec<AtLeast>,
}

/// Probabilities that at least so many accounts are hit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AtLeast {
    /// So many.
    pub accounts: u32,
    /// Within the horizon.
    pub ever: Estimate,
    /// Within the horizon, if the accounts were independent, each with its own probability.
    pub independent: f64,
    /// On one same day.
    pub on_one_day: Estimate,
}
