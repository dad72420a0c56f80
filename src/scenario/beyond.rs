//! Rules beyond the counts of windows: how people answer, and what is judged at the end of each day.

use serde::Serialize;

use super::{Consequence, DaysLaw, Scenario};
use crate::rules::ActionId;

/// What a platform judges besides the volume of actions.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct BeyondCounts {
    /// How people answer to actions, at most one entry an action.
    pub responses: Vec<Response>,
    /// Rules that are judged at the end of each day, in file order.
    pub rules: Vec<DayRule>,
    /// Actions that cost a credit, in file order.
    pub credits: Vec<Credit>,
}

impl BeyondCounts {
    /// Whether nothing is stated.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == BeyondCounts::default()
    }
}

/// Credits that an action costs, one each; without one it is refused.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Credit {
    /// Unique name.
    pub name: String,
    /// The action.
    pub action: ActionId,
    /// How many come at the start of each period.
    pub grant: u32,
    /// Which periods.
    pub every: Period,
    /// The most that can be held.
    pub most: u32,
    /// How many there are on day 0.
    pub at_start: u32,
    /// What comes back.
    pub refund: Option<Refund>,
}

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// The civil day.
    Day,
    /// The week from Monday.
    Week,
    /// The calendar month.
    Month,
}

/// A credit that comes back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Refund {
    /// Probability that it does.
    pub probability: f64,
    /// Days from the action to the start of the day on which it is there again; at least 1 counts.
    pub delay: DaysLaw,
}

/// How people answer to an action such as an invitation; what is neither accepted, declined nor reported is ignored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Response {
    /// The action.
    pub action: ActionId,
    /// Probability that it is accepted.
    pub accepted: f64,
    /// Probability that it is declined.
    pub declined: f64,
    /// Probability that it is reported as spam.
    pub reported: f64,
    /// Days from the action to its answer.
    pub delay: DaysLaw,
    /// Days after which what has not been answered is withdrawn; none: never.
    pub withdraw_after_days: Option<u32>,
    /// How many are pending on day 0: sent the day before, and never answered.
    pub pending_at_start: u32,
    /// How many have been accepted before day 0.
    pub accepted_at_start: u32,
}

/// A rule that is judged at the end of each connected day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DayRule {
    /// Unique name.
    pub name: String,
    /// What makes a breach.
    pub measure: Measure,
    /// Probability that the breach of a day is noticed.
    pub probability: f64,
    /// What a noticed breach leads to.
    pub consequence: Consequence,
}

/// What a rule by the day looks at.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// A number that grows and shrinks with the answers, against a limit.
    Stock(Stock),
    /// A share of what was sent or answered lately, against a bound.
    Ratio(Ratio),
    /// The volume of the last days against the account's own before them.
    Surge(Surge),
}

/// A stock: breached while it is greater than the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stock {
    /// The action, which has a response.
    pub action: ActionId,
    /// What is in stock.
    pub of: StockOf,
    /// The largest number that is no breach.
    pub limit: u32,
}

/// What a stock holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StockOf {
    /// Sent, and neither answered nor withdrawn.
    Pending,
    /// Ever accepted, such as the connections of a network.
    Accepted,
    /// Ever reported.
    Reported,
}

/// A ratio of two counts of the last days.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ratio {
    /// The action, which has a response.
    pub action: ActionId,
    /// The answers that are counted.
    pub of: RatioOf,
    /// What they are compared with.
    pub to: RatioTo,
    /// Today and the days before it, so many in all.
    pub trailing_days: u32,
    /// With fewer sent in these days nothing is judged.
    pub at_least: u32,
    /// What is a breach.
    pub bound: Bound,
}

/// The answers that a ratio counts, by the day on which they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RatioOf {
    /// Accepted.
    Accepted,
    /// Reported.
    Reported,
}

/// What a ratio compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RatioTo {
    /// What was sent.
    Sent,
    /// What was answered: accepted, declined or reported.
    Answered,
}

/// Where a ratio becomes a breach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// Below this.
    Below(f64),
    /// Above this.
    Above(f64),
}

/// A sudden rise: breached when the count of the last days is greater than `factor` x the number of these days x the
/// baseline, which is the mean a day over the days before them, and at least the minimum.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Surge {
    /// The actions that are counted together.
    pub actions: Vec<ActionId>,
    /// Today and the days before it, so many in all.
    pub trailing_days: u32,
    /// The days before these that make the baseline.
    pub baseline_days: u32,
    /// How many times the baseline is no breach yet.
    pub factor: f64,
    /// The smallest baseline, in actions a day.
    pub minimum: f64,
}

impl Scenario {
    /// The rules by the day of all platforms, platform by platform in file order: the platform, the name that the results
    /// give it, and the rule.
    pub fn day_rules(&self) -> impl Iterator<Item = (usize, String, &DayRule)> {
        let several = self.platforms.len() > 1;
        self.platforms.iter().enumerate().flat_map(move |(at, platform)| {
            platform.beyond.rules.iter().map(move |rule| {
                let name =
                    if several { format!("{}: {}", platform.name, rule.name) } else { rule.name.clone() };
                (at, name, rule)
            })
        })
    }

    /// The credits of all platforms: the platform, the name that the results give it, and the credit.
    pub fn credits(&self) -> impl Iterator<Item = (usize, String, &Credit)> {
        let several = self.platforms.len() > 1;
        self.platforms.iter().enumerate().flat_map(move |(at, platform)| {
            platform.beyond.credits.iter().map(move |credit| {
                let name =
                    if several { format!("{}: {}", platform.name, credit.name) } else { credit.name.clone() };
                (at, name, credit)
            })
        })
    }

    /// The responses of all platforms: the platform, the name that the results give it, and the response.
    pub fn responses(&self) -> impl Iterator<Item = (usize, String, &Response)> {
        let several = self.platforms.len() > 1;
        self.platforms.iter().enumerate().flat_map(move |(at, platform)| {
            platform.beyond.responses.iter().map(move |response| {
                let action = &self.actions[response.action];
                let name = if several { format!("{}: {action}", platform.name) } else { action.clone() };
                (at, name, response)
            })
        })
    }
}
