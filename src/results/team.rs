//! What happens to the team as a whole.

use serde::Serialize;

use super::HitResults;
use crate::stats::Estimate;

/// What happens to the team as a whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TeamResults {
    /// Probability that at least one account is flagged.
    pub flagged: Estimate,
    /// Probability that at least one account is restricted.
    pub restricted: Estimate,
    /// Probability that at least one account is restricted permanently.
    pub restricted_permanently: Estimate,
    /// Probability that at least one account is disconnected.
    pub disconnected: Estimate,
    /// Probability that at least one account is flagged by day t, t = 1..=horizon (events dated 0..t-1).
    #[serde(skip)]
    pub flagged_by_day: Vec<Estimate>,
    /// … restricted by day t.
    #[serde(skip)]
    pub restricted_by_day: Vec<Estimate>,
    /// … restricted permanently by day t.
    #[serde(skip)]
    pub restricted_permanently_by_day: Vec<Estimate>,
    /// … disconnected by day t.
    #[serde(skip)]
    pub disconnected_by_day: Vec<Estimate>,
    /// Mean number of accounts restricted at all.
    pub accounts_restricted: Estimate,
    /// Probability that exactly k accounts are restricted at all, k = 0..=accounts (cut after the last k seen).
    pub accounts_restricted_distribution: Vec<Estimate>,
    /// Mean over replicates of the largest number of accounts under restriction on one day.
    pub most_restricted_on_one_day: Estimate,
    /// How many accounts are flagged, restricted and disconnected, and whether together; empty for a team of one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hits: Vec<HitResults>,
    /// Actions delivered by the whole team within the horizon, by action: mean and quantiles over replicates.
    pub delivered: Vec<TeamDelivered>,
}

/// Actions delivered by the whole team.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TeamDelivered {
    /// The action.
    pub action: String,
    /// Mean over replicates.
    pub mean: Estimate,
    /// 10 % quantile over the replicates of the daily series.
    pub q10: u64,
    /// Median.
    pub median: u64,
    /// 90 % quantile.
    pub q90: u64,
}
