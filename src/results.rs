//! What a run found: every quantity of interest with its interval. Plain data, filled from tallies by `estimate`, read by
//! every presenter; a number that is shown stands here.

mod aftermath;
mod blast;
mod pages;

use serde::Serialize;

use crate::rules::Window;
use crate::stats::Estimate;

pub use aftermath::{AftermathResults, ToldCause};
pub use blast::{BlastCause, BlastRadius};
pub use pages::{AccountName, PageCause, PageResults};

/// The results of one run of one scenario.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Results {
    /// Confidence level of every interval.
    pub level: f64,
    /// Replicates that the estimates rest on.
    pub replicates: u64,
    /// Accounts in one replicate.
    pub accounts: u32,
    /// Days simulated.
    pub horizon_days: u32,
    /// Average over all accounts of the team.
    pub mean_account: AccountResults,
    /// The same for each group, in file order; one entry when the team has one group.
    pub groups: Vec<GroupResults>,
    /// What happens to the team as a whole.
    pub team: TeamResults,
    /// Pages and ad accounts, in file order.
    pub pages: Vec<PageResults>,
    /// What each account on which something hangs takes along when it is disconnected.
    pub blast_radius: Vec<BlastRadius>,
    /// Daily series, from the first replicates only.
    pub series: Series,
    /// Reasons to read the numbers with care.
    pub warnings: Vec<Warning>,
}

/// The results of the mean account of one group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupResults {
    /// The group's name.
    pub name: String,
    /// Accounts in it.
    pub accounts: u32,
    /// Average over its accounts.
    pub account: AccountResults,
}

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
    pub innocent_share: Option<f64>,
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
    pub mean_wait_days: Option<f64>,
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

/// How many actions a rule, trait or link kept back.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefusalResults {
    /// Its name.
    pub cause: String,
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

/// Daily series per account, from the first `replicates` replicates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Series {
    /// Replicates that the series rest on.
    pub replicates: u64,
    /// By group and action, in file order; only actions with demand.
    pub activity: Vec<ActivitySeries>,
    /// Shares of account time on each day, over all accounts.
    pub occupancy: Vec<Occupancy>,
}

/// What one account of a group does with one action on each day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActivitySeries {
    /// The group's name.
    pub group: String,
    /// The action.
    pub action: String,
    /// Mean demanded on each day.
    pub demanded: Vec<f64>,
    /// Mean delivered on each day.
    pub delivered: Vec<f64>,
    /// 5 % quantile over accounts of the number delivered on each day.
    pub q05: Vec<u32>,
    /// Median.
    pub median: Vec<u32>,
    /// 95 % quantile.
    pub q95: Vec<u32>,
    /// Mean number waiting in the backlog at the end of each day.
    pub waiting: Vec<f64>,
}

/// Shares of the time of all accounts on one day; they add up to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Occupancy {
    /// Connected.
    pub connected: f64,
    /// Under a temporary restriction.
    pub restricted: f64,
    /// Disconnected otherwise (waiting for the reconnection included).
    pub disconnected: f64,
    /// Restricted permanently.
    pub permanent: f64,
}

/// Why a run stopped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StopReason {
    /// The stated number of replicates is done.
    Completed,
    /// The stated precision is reached.
    Precise,
    /// The most replicates allowed are done and the precision is not reached.
    NotPrecise {
        /// Half-width reached.
        half_width: f64,
        /// Half-width asked for.
        wanted: f64,
    },
    /// The stop signal came.
    Interrupted,
}

/// A reason to read the numbers with care.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// Nothing of the kind was seen: only the upper limit says something.
    NoEventSeen {
        /// Which event.
        event: String,
    },
    /// Fewer than 10 events were seen.
    FewEventsSeen {
        /// Which event.
        event: String,
        /// How many.
        seen: u64,
    },
    /// The run was interrupted; the results rest on the replicates done until then.
    Interrupted,
    /// The stop rule was not reached before the largest number of replicates.
    NotPrecise {
        /// Half-width reached.
        half_width: f64,
        /// Half-width asked for.
        wanted: f64,
    },
}

/// The risk at several paces, on common random numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RiskCurve {
    /// The scaled action; none: all actions together.
    pub action: Option<String>,
    /// What is at risk, as in `flagged`.
    pub event: String,
    /// Whose risk: `worst` account, `mean` account or `team`.
    pub of: String,
    /// Confidence level of the bands.
    pub level: f64,
    /// Replicates at each pace; in a report, at each but today's, whose point is the run's own.
    pub replicates: u64,
    /// By ascending factor.
    pub points: Vec<RiskPoint>,
}

/// The risk at one pace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RiskPoint {
    /// Factor on today's demand; 1: the plan as written.
    pub factor: f64,
    /// Mean number demanded per account and workday of the scaled actions at this pace (the worst-off group's, for `worst`).
    pub per_day: f64,
    /// Replicates that this point rests on.
    pub replicates: u64,
    /// Probability of the event.
    pub risk: Estimate,
    /// Mean number delivered by the whole team of the scaled actions.
    pub delivered: Estimate,
}

impl Results {
    /// The days that tables show: 30, 90 and 365 where the horizon reaches them, and the horizon itself, each once.
    #[must_use]
    pub fn report_days(&self) -> Vec<u32> {
        let mut days: Vec<u32> = [30, 90, 365].into_iter().filter(|day| *day < self.horizon_days).collect();
        days.push(self.horizon_days);
        days
    }

    /// Cumulative demand and delivery of the whole team by action, in the order of the series.
    #[must_use]
    pub fn team_cumulative(&self) -> Vec<TeamCumulative> {
        let mut actions: Vec<TeamCumulative> = Vec::new();
        for series in &self.series.activity {
            let accounts = self.groups.iter().find(|group| group.name == series.group);
            let accounts = f64::from(accounts.map_or(1, |group| group.accounts));
            let place = actions.iter().position(|known| known.action == series.action).unwrap_or_else(|| {
                let action = series.action.clone();
                let zeros = vec![0.0; series.demanded.len()];
                actions.push(TeamCumulative { action, demanded: zeros.clone(), delivered: zeros });
                actions.len() - 1
            });
            add_cumulative(&mut actions[place].demanded, &series.demanded, accounts);
            add_cumulative(&mut actions[place].delivered, &series.delivered, accounts);
        }
        actions
    }
}

/// Cumulative demand and delivery of the whole team for one action.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TeamCumulative {
    /// The action.
    pub action: String,
    /// Mean number demanded by the end of each day.
    pub demanded: Vec<f64>,
    /// Mean number delivered by the end of each day.
    pub delivered: Vec<f64>,
}

fn add_cumulative(total: &mut [f64], daily: &[f64], accounts: f64) {
    let mut sum = 0.0;
    for (total, daily) in total.iter_mut().zip(daily) {
        sum += daily * accounts;
        *total += sum;
    }
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

    fn nearness(&self) -> [f64; 4] {
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

impl RiskCurve {
    /// The point of the plan as written (factor 1), if the curve holds it.
    #[must_use]
    pub fn today(&self) -> Option<&RiskPoint> {
        self.points.iter().find(|point| point.factor == 1.0)
    }

    /// What is at risk and for whom: `a flag for the worst-off account`.
    #[must_use]
    pub fn risk_in_words(&self) -> String {
        let event = match self.event.as_str() {
            "flagged" => "a flag",
            "restricted" => "a restriction",
            "restricted_permanently" => "a permanent restriction",
            "disconnected" => "a disconnection",
            other => other,
        };
        let whose = match self.of.as_str() {
            "worst" => "the worst-off account",
            "mean" => "the mean account",
            "team" => "anyone of the team",
            other => other,
        };
        format!("{event} for {whose}")
    }
}

/// What the causes of flags and disconnections cost, the most expensive first.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Savings {
    /// Replicates compared.
    pub replicates: u64,
    /// One row a cause.
    pub rows: Vec<Saving>,
}

/// What a cause costs: the scenario as it is less the scenario without the cause, on the same random numbers, for the
/// mean account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Saving {
    /// What kind of cause it is.
    pub kind: CauseKind,
    /// Its name.
    pub name: String,
    /// Probability of at least one flag.
    pub flagged: Estimate,
    /// That probability without the cause: the run's own estimate less the difference.
    pub flagged_without: f64,
    /// Probability of at least one disconnection.
    pub disconnected: Estimate,
    /// That probability without the cause.
    pub disconnected_without: f64,
    /// Mean days disconnected.
    pub days_disconnected: Estimate,
}

/// What kind of cause a flag or a disconnection has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// A trait of the account.
    Trait,
    /// A link to other accounts.
    Link,
    /// A rule on the volume.
    Rule,
    /// An incident.
    Incident,
    /// The age or the idleness of a token.
    Token,
}

impl CauseKind {
    /// The name of the kind.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CauseKind::Trait => "trait",
            CauseKind::Link => "link",
            CauseKind::Rule => "rule",
            CauseKind::Incident => "incident",
            CauseKind::Token => "token",
        }
    }
}
