//! Scenario files as they are written: rules beyond the counts of windows.

use schemars::JsonSchema;
use serde::Deserialize;

use super::located::At;
use super::platform_file::{BasisFile, CalendarWindowFile, ConsequenceFile, DaysFile};

/// How people answer to an action; what is neither accepted, declined nor reported is ignored.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResponseFile {
    /// The action, such as an invitation.
    #[schemars(required)]
    pub(crate) action: Option<At<String>>,
    /// Probability that it is accepted.
    #[schemars(required, range(min = 0.0, max = 1.0))]
    pub(crate) accepted: Option<f64>,
    /// Probability that it is declined. Default: 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) declined: Option<f64>,
    /// Probability that it is reported as spam. Default: 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) reported: Option<f64>,
    /// Days from the action to its answer.
    #[schemars(required)]
    pub(crate) delay: Option<At<DaysFile>>,
    /// Days after which what has not been answered is withdrawn. Default: never.
    #[schemars(range(min = 1, max = 36525))]
    pub(crate) withdraw_after_days: Option<u32>,
    /// How many are pending on the first day: sent the day before, and never answered. Default: 0.
    #[schemars(range(max = 1_000_000))]
    pub(crate) pending_at_start: Option<u32>,
    /// How many have been accepted before the first day. Default: 0.
    #[schemars(range(max = 1_000_000))]
    pub(crate) accepted_at_start: Option<u32>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// A limit on a number that grows and shrinks with the answers to an action.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StockFile {
    /// Unique name.
    #[schemars(required)]
    pub(crate) name: Option<At<String>>,
    /// The action; it needs a [[response]].
    #[schemars(required)]
    pub(crate) action: Option<At<String>>,
    /// What is in stock.
    #[schemars(required)]
    pub(crate) of: Option<StockOfFile>,
    /// The largest number that is no breach.
    #[schemars(required, range(max = 10_000_000))]
    pub(crate) limit: Option<u32>,
    /// Probability that the breach of a day is noticed, per connected day. Not needed with the consequence "refuse".
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) probability: Option<At<f64>>,
    /// What a noticed breach leads to. Default: "flag".
    pub(crate) consequence: Option<At<ConsequenceFile>>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// What a stock holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StockOfFile {
    /// Sent, and neither answered nor withdrawn.
    Pending,
    /// Ever accepted, such as the connections of a network.
    Accepted,
    /// Ever reported.
    Reported,
}

/// A bound on a share of what was sent or answered in the last days.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RatioFile {
    /// Unique name.
    #[schemars(required)]
    pub(crate) name: Option<At<String>>,
    /// The action; it needs a [[response]].
    #[schemars(required)]
    pub(crate) action: Option<At<String>>,
    /// The answers that are counted, by the day on which they come. Default: "accepted".
    pub(crate) of: Option<RatioOfFile>,
    /// What they are compared with. Default: "sent".
    pub(crate) to: Option<RatioToFile>,
    /// Today and the days before it, so many in all.
    #[schemars(required, range(min = 1, max = 3660))]
    pub(crate) trailing_days: Option<u32>,
    /// With fewer sent in these days nothing is judged. Default: 1.
    #[schemars(range(min = 1, max = 10_000_000))]
    pub(crate) at_least: Option<u32>,
    /// A ratio below this is a breach. Give this or `above`.
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub(crate) below: Option<f64>,
    /// A ratio above this is a breach. Give this or `below`.
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub(crate) above: Option<f64>,
    /// Probability that the breach of a day is noticed, per connected day.
    #[schemars(required, range(min = 0.0, max = 1.0))]
    pub(crate) probability: Option<At<f64>>,
    /// What a noticed breach leads to. Default: "flag".
    pub(crate) consequence: Option<At<ConsequenceFile>>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// A bound on the volume of the last days as a multiple of the account's own volume before them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SurgeFile {
    /// Unique name.
    #[schemars(required)]
    pub(crate) name: Option<At<String>>,
    /// The actions that are counted together.
    #[serde(default)]
    pub(crate) actions: Vec<At<String>>,
    /// Today and the days before it, so many in all. Default: 1.
    #[schemars(range(min = 1, max = 3660))]
    pub(crate) trailing_days: Option<u32>,
    /// The days before these, whose mean a day is the baseline.
    #[schemars(required, range(min = 1, max = 3660))]
    pub(crate) baseline_days: Option<u32>,
    /// A count above this multiple of the baseline is a breach.
    #[schemars(required, range(min = 0.0, max = 1_000_000.0))]
    pub(crate) factor: Option<f64>,
    /// The smallest baseline, in actions a day. Default: 1.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub(crate) minimum: Option<f64>,
    /// Probability that the breach of a day is noticed, per connected day.
    #[schemars(required, range(min = 0.0, max = 1.0))]
    pub(crate) probability: Option<At<f64>>,
    /// What a noticed breach leads to. Default: "flag".
    pub(crate) consequence: Option<At<ConsequenceFile>>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// Credits that an action costs, one each; without one it is refused.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreditFile {
    /// Unique name.
    #[schemars(required)]
    pub(crate) name: Option<At<String>>,
    /// The action that costs a credit.
    #[schemars(required)]
    pub(crate) action: Option<At<String>>,
    /// How many come at the start of each period.
    #[schemars(required, range(max = 1_000_000))]
    pub(crate) grant: Option<u32>,
    /// Which periods: calendar months ("month", the default), weeks from Monday, or days.
    pub(crate) every: Option<CalendarWindowFile>,
    /// The most that can be held. Default: one grant.
    #[schemars(range(max = 1_000_000))]
    pub(crate) most: Option<At<u32>>,
    /// How many there are on the first day, the grant of that day included. Default: one grant.
    #[schemars(range(max = 1_000_000))]
    pub(crate) at_start: Option<At<u32>>,
    /// What comes back, as when an answer returns the credit. Default: nothing.
    pub(crate) refund: Option<At<RefundFile>>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// A credit that comes back.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefundFile {
    /// Probability that it does.
    #[schemars(required, range(min = 0.0, max = 1.0))]
    pub(crate) probability: Option<f64>,
    /// Days from the action until it is there again.
    #[schemars(required)]
    pub(crate) delay: Option<At<DaysFile>>,
}

/// The answers that a ratio counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RatioOfFile {
    /// Accepted.
    Accepted,
    /// Reported.
    Reported,
}

/// What a ratio compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RatioToFile {
    /// What was sent.
    Sent,
    /// What was answered: accepted, declined or reported.
    Answered,
}
