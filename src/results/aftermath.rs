//! What followed disconnections besides their plain delay.

use serde::Serialize;

use crate::stats::Estimate;

/// What followed the disconnections of the mean account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AftermathResults {
    /// Mean number of times that a user declined to reconnect.
    pub declined: Estimate,
    /// Mean number of steps that the platform required before access returned.
    pub required_steps: Estimate,
    /// Mean days within the horizon on which the tool was not among the account's permitted services.
    pub days_unpermitted: Estimate,
    /// What users were told of their disconnections; empty where they are told every cause.
    pub told: Vec<ToldCause>,
}

/// How often users were told a cause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ToldCause {
    /// The cause that they were told; `unknown` for none.
    pub told: String,
    /// Mean number of such disconnections per account.
    pub disconnections: Estimate,
    /// Share of all disconnections; none when there was none.
    pub share: Option<Estimate>,
}
