//! What happens to the mean account of the team or of a group.

use serde::Serialize;

use super::{AftermathResults, CauseKind};
use crate::rules::Window;
use crate::stats::Estimate;

/// The results of the mean account of the team or of a group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountResults {
    /// Probability of at least one flag within the horizon.
    pub flagged: Estimate,
    /// Probability of at least one restriction.
    pub restricted: Estimate,
    /// Probability of a permanent restriction.
    pub restricted_permanently: Estimate,
    /// Probability of at least one disconnection.
    pub disconnected: Estimate,
    /// Probability of being opened at all, of a group whose accounts replace others; the other numbers are those of all its
    /// accounts, opened or not. None where the accounts exist from the start, and for the mean account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened: Option<Estimate>,
    /// Mean number of flags.
    pub flags: Estimate,
    /// Mean days connected within the horizon.
    pub days_connected: Estimate,
    /// Mean days disconnected within the horizon (restrictions included).
    pub days_disconnected: Estimate,
    /// Mean days under restriction within the horizon (the wait for the reconnection not included).
    pub days_restricted: Estimate,
    /// Share of accounts flagged by day t, t = 1..=horizon (events dated 0..t-1).
    pub flagged_by_day: Vec<Estimate>,
    /// Share of accounts restricted by day t.
    pub restricted_by_day: Vec<Estimate>,
    /// Share of accounts restricted permanently by day t.
    pub restricted_permanently_by_day: Vec<Estimate>,
    /// Share of accounts disconnected at least once by day t.
    pub disconnected_by_day: Vec<Estimate>,
    /// Share of accounts whose first disconnection had this cause and came by day t (cumulative incidence with competing
    /// causes), in the order: restriction, incidents in file order, `token_expired`, `token_idle`.
    pub first_disconnection: Vec<CauseIncidence>,
    /// Mean number of disconnections by cause, in the same order.
    pub disconnections: Vec<CauseCount>,
    /// Quantiles of the day of the first flag.
    pub time_to_first_flag: Vec<QuantileEstimate>,
    /// Quantiles of the day of the first disconnection.
    pub time_to_first_disconnection: Vec<QuantileEstimate>,
    /// What became of the demand, by action in the scenario's order; only actions with demand.
    pub actions: Vec<ActionResults>,
    /// What happens in the background, by action; empty where nothing does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub background: Vec<BackgroundResults>,
    /// Breaches and flags by rule, in file order; rules by the day after those on volume.
    pub rules: Vec<RuleResults>,
    /// Flags by trait and link, in the scenario's order.
    pub hazards: Vec<HazardResults>,
    /// Actions that the platform did not let through, by rule, trait or link; only those that may refuse.
    pub refusals: Vec<RefusalResults>,
    /// What became of actions that people answer to, by action.
    pub answers: Vec<AnswerResults>,
    /// Share of the platform's own measures, flags and invalidated tokens, that struck accounts for nothing they did; none
    /// where no trait of the kind is stated, or nothing happened.
    pub innocent_share: Option<Estimate>,
    /// How near each window came to its limit, in file order.
    pub utilisation: Vec<WindowUse>,
    /// What followed disconnections; none where the scenario says nothing of it.
    pub aftermath: Option<AftermathResults>,
}

/// How often a trait or a link flagged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HazardResults {
    /// The name of the trait or link.
    pub name: String,
    /// Which of the two it is.
    pub kind: CauseKind,
    /// Mean number of flags whose cause it was.
    pub flags: Estimate,
    /// Share of accounts whose first flag it caused.
    pub first_flag: Estimate,
}

/// Cumulative incidence of one cause of the first disconnection.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CauseIncidence {
    /// The cause.
    pub cause: String,
    /// What kind it is; none: a restriction, which follows from the causes of flags.
    pub kind: Option<CauseKind>,
    /// By day t, t = 1..=horizon.
    pub by_day: Vec<Estimate>,
}

impl CauseIncidence {
    /// The day by which half of the accounts that the cause takes within the horizon are taken; none where it takes none.
    #[must_use]
    pub fn half_by(&self) -> Option<u32> {
        let all = self.by_day.last()?.value;
        let half = self.by_day.iter().position(|share| share.value >= all / 2.0)?;
        (all > 0.0).then_some(half as u32 + 1)
    }
}

/// How often a cause disconnects.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CauseCount {
    /// The cause.
    pub cause: String,
    /// Mean number per account within the horizon.
    pub mean: Estimate,
}

/// A quantile of a time, over all accounts of all replicates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuantileEstimate {
    /// Which quantile, in (0, 1).
    pub q: f64,
    /// The first t such that the share q had the event by day t; none: beyond the horizon.
    pub day: Option<u32>,
    /// Lower end of the interval; none: beyond the horizon.
    pub low: Option<u32>,
    /// Upper end of the interval; none: beyond the horizon.
    pub high: Option<u32>,
}

/// What became of the demand for one action: demanded = delivered + waiting at the end + lost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActionResults {
    /// The action.
    pub action: String,
    /// Mean number demanded within the horizon.
    pub demanded: Estimate,
    /// Mean number delivered.
    pub delivered: Estimate,
    /// Mean number that waits in the backlog at the end of the horizon.
    pub waiting: Estimate,
    /// Mean number lost.
    pub lost: Estimate,
    /// Mean number that was put into the backlog at all.
    pub deferred: Estimate,
    /// Mean wait of a deferred action, in days (those that still wait at the end counted until then); none when nothing was deferred.
    pub mean_wait_days: Option<Estimate>,
}

/// What happened of an action in the background.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BackgroundResults {
    /// The action.
    pub action: String,
    /// Mean number within the horizon; while the account is disconnected nothing happens.
    pub mean: Estimate,
}

/// How often a rule was breached and how often it flagged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleResults {
    /// The rule's name.
    pub rule: String,
    /// Mean number of detection trials (breaching events or periods) per account.
    pub breaches: Estimate,
    /// Mean number of flags whose cause it was.
    pub flags: Estimate,
    /// Share of accounts whose first flag it caused.
    pub first_flag: Estimate,
    /// Share of accounts whose first restriction came with a flag that it caused.
    pub first_restriction: Estimate,
}

/// How many actions a rule, trait, link or credit kept back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefusalResults {
    /// Its name.
    pub cause: String,
    /// What kind it is.
    pub kind: CauseKind,
    /// Mean number of actions that were wanted, that the team's caps had room for, and that the platform refused.
    pub refused: Estimate,
}

/// How people answered to an action.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerResults {
    /// The action.
    pub action: String,
    /// Mean number accepted within the horizon.
    pub accepted: Estimate,
    /// Mean number declined.
    pub declined: Estimate,
    /// Mean number reported as spam.
    pub reported: Estimate,
    /// Mean number withdrawn.
    pub withdrawn: Estimate,
    /// Mean number pending at the end of the horizon.
    pub pending: Estimate,
}

/// How near a window came to its limit: the maximum over the horizon of count/limit, its distribution over accounts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WindowUse {
    /// The rule's name.
    pub rule: String,
    /// The window.
    pub window: Window,
    /// Its limit.
    pub limit: u32,
    /// Median over accounts of the largest count.
    pub median: u32,
    /// 95 % quantile.
    pub q95: u32,
    /// 99 % quantile.
    pub q99: u32,
    /// Largest seen.
    pub max: u32,
    /// Share of accounts that went over the limit at least once.
    pub over: Estimate,
    /// Replicates that this row rests on (a fixed number of the first ones).
    pub replicates: u64,
}

impl AccountResults {
    /// The windows, nearest to their limit first: by the median of the largest count as a share of the limit, then by the
    /// higher quantiles; file order decides between equals.
    #[must_use]
    pub fn nearest_windows(&self) -> Vec<&WindowUse> {
        let mut windows: Vec<&WindowUse> = self.utilisation.iter().collect();
        windows.sort_by(|a, b| b.nearness().partial_cmp(&a.nearness()).unwrap_or(std::cmp::Ordering::Equal));
        windows
    }

    /// The cause that leads among the first disconnections at the end of the horizon; none when none was seen.
    #[must_use]
    pub fn leading_cause(&self) -> Option<&CauseIncidence> {
        let seen = self.first_disconnection.iter().filter(|cause| cause.at_end() > 0.0);
        seen.reduce(|best, cause| if cause.at_end() > best.at_end() { cause } else { best })
    }
}

impl AnswerResults {
    /// What became of the action, by name.
    #[must_use]
    pub fn quantities(&self) -> [(&'static str, &Estimate); 5] {
        [
            ("accepted", &self.accepted),
            ("declined", &self.declined),
            ("reported", &self.reported),
            ("withdrawn", &self.withdrawn),
            ("pending", &self.pending),
        ]
    }
}

impl CauseIncidence {
    /// The share of accounts at the end of the horizon.
    #[must_use]
    pub fn at_end(&self) -> f64 {
        self.by_day.last().map_or(0.0, |estimate| estimate.value)
    }
}

impl WindowUse {
    /// A count as a share of the limit; infinite for a positive count under the limit 0.
    #[must_use]
    pub fn share(&self, count: u32) -> f64 {
        if count == 0 { 0.0 } else { f64::from(count) / f64::from(self.limit) }
    }

    pub(super) fn nearness(&self) -> [f64; 4] {
        [self.median, self.q95, self.q99, self.max].map(|count| self.share(count))
    }
}

impl ActionResults {
    /// Delivered as a share of the demanded; none without demand.
    #[must_use]
    pub fn delivered_share(&self) -> Option<f64> {
        (self.demanded.value > 0.0).then(|| self.delivered.value / self.demanded.value)
    }
}
