//! Daily series, from the first replicates.

use serde::Serialize;

use super::Results;

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
    /// Not opened yet: accounts that replace others which have not been restricted so far.
    pub unopened: f64,
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

impl Results {
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

fn add_cumulative(total: &mut [f64], daily: &[f64], accounts: f64) {
    let mut sum = 0.0;
    for (total, daily) in total.iter_mut().zip(daily) {
        sum += daily * accounts;
        *total += sum;
    }
}
