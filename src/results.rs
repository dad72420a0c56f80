//! What a run found: every quantity of interest with its interval. Plain data, filled from tallies by `estimate`, read by
//! every presenter; a number that is shown stands here.

mod account;
mod aftermath;
mod blast;
mod curve;
mod hits;
mod pages;
mod savings;
mod series;
mod team;

use serde::Serialize;

pub use account::{
    AccountResults, ActionResults, AnswerResults, BackgroundResults, CauseCount, CauseIncidence,
    HazardResults, QuantileEstimate, RefusalResults, RuleResults, WindowUse,
};
pub use aftermath::{AftermathResults, ToldCause};
pub use blast::{BlastCause, BlastRadius};
pub use curve::{RiskCurve, RiskPoint};
pub use hits::{AtLeast, HitResults};
pub use pages::{AccountName, PageCause, PageResults};
pub use savings::{CauseKind, Compared, Saving, Savings};
pub use series::{ActivitySeries, Occupancy, Series, TeamCumulative};
pub use team::{TeamDelivered, TeamResults};

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

/// A window, as the group of accounts that comes nearest to its limit uses it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NearestWindow<'r> {
    /// The group; none where the team has only one.
    pub group: Option<&'r str>,
    /// The window.
    pub window: &'r WindowUse,
}

impl Results {
    /// Each window once, in the group that comes nearest to its limit, the nearest first, as
    /// [`AccountResults::nearest_windows`] orders them: accounts that do nothing of the kind hide nobody.
    #[must_use]
    pub fn nearest_windows(&self) -> Vec<NearestWindow<'_>> {
        if self.groups.len() < 2 {
            let windows = self.mean_account.nearest_windows().into_iter();
            return windows.map(|window| NearestWindow { group: None, window }).collect();
        }
        let of_group = |group| {
            let GroupResults { name, account, .. }: &GroupResults = group;
            account.utilisation.iter().map(|window| NearestWindow { group: Some(name), window })
        };
        let mut all: Vec<NearestWindow> = self.groups.iter().flat_map(of_group).collect();
        let nearness = |row: &NearestWindow| row.window.nearness();
        all.sort_by(|a, b| nearness(b).partial_cmp(&nearness(a)).unwrap_or(std::cmp::Ordering::Equal));
        let mut once: Vec<NearestWindow> = Vec::new();
        for row in all {
            let same = |known: &NearestWindow| {
                known.window.rule == row.window.rule && known.window.window == row.window.window
            };
            if !once.iter().any(same) {
                once.push(row);
            }
        }
        once
    }
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

impl Results {
    /// The days that tables show: 30, 90 and 365 where the horizon reaches them, and the horizon itself, each once.
    #[must_use]
    pub fn report_days(&self) -> Vec<u32> {
        let mut days: Vec<u32> = [30, 90, 365].into_iter().filter(|day| *day < self.horizon_days).collect();
        days.push(self.horizon_days);
        days
    }
}
