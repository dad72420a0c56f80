//! When the first token of each group is expected to die of age, after how much silence it dies, and the calendar that keeps
//! rarely used accounts alive.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use super::Report;
use crate::numbers::days;
use crate::results::{AccountResults, CauseIncidence};
use crate::scenario::{DaysLaw, KeepAlive, Scenario};

/// The expected end of the first tokens of one group, issued at the start of day 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TokenExpiry {
    /// The group.
    pub group: String,
    /// Accounts in it.
    pub accounts: u32,
    /// The date from whose start on the token is dead of age; none: it has no lifetime.
    pub expires: Option<Date>,
    /// Whether that date lies within the horizon.
    pub within_horizon: bool,
    /// Whether each day of use restarts the lifetime, so that the date holds only without use.
    pub refresh_on_use: bool,
    /// Days without use after which the token dies; none: silence does no harm.
    pub idle_days: Option<u32>,
    /// Whether it can be renewed; else a new authorisation is needed.
    pub renewable: bool,
    /// How long it takes to be connected again after a death of age.
    pub reconnect: String,
}

/// The expected token expiry of every group whose accounts exist from the start, in file order.
#[must_use]
pub fn token_expiry(scenario: &Scenario) -> Vec<TokenExpiry> {
    let row = |group: &crate::scenario::Group| {
        let platform = scenario.platform_of(group);
        let (token, reconnect) = (platform.token.in_effect(), &platform.reconnect);
        let delay = if token.renewable { reconnect.token_expired } else { reconnect.new_authorisation };
        TokenExpiry {
            group: group.name.clone(),
            accounts: group.count,
            expires: token
                .lifetime_days
                .and_then(|days| scenario.start.checked_add(i64::from(days).days()).ok()),
            within_horizon: token.lifetime_days.is_some_and(|days| days < scenario.horizon_days),
            refresh_on_use: token.refresh_on_use,
            idle_days: token.idle_days,
            renewable: token.renewable,
            reconnect: days_law_text(delay),
        }
    };
    scenario.groups.iter().filter(|group| group.replaces.is_none()).map(row).collect()
}

/// The keep-alive calendar of every group, where some account of the team lost a token by silence; else nothing.
#[must_use]
pub(super) fn keep_alive(report: &Report) -> Vec<KeepAlive> {
    let groups = &report.results.groups;
    let mut silent = groups.iter().filter_map(|group| lapses(report.scenario, &group.name, &group.account));
    let matters = silent.any(|cause| cause.half_by().is_some());
    if matters { report.scenario.keep_alive() } else { Vec::new() }
}

/// The incidence of tokens of a group that were not used, or not refreshed by use, for too long; none where silence does no
/// harm.
pub(super) fn lapses<'a>(
    scenario: &Scenario,
    group: &str,
    account: &'a AccountResults,
) -> Option<&'a CauseIncidence> {
    let group = scenario.groups.iter().find(|known| known.name == group)?;
    let token = scenario.platform_of(group).token.in_effect();
    let sliding = token.lifetime_days.filter(|_| token.refresh_on_use);
    let cause = match (token.idle_days, sliding) {
        (None, None) => return None,
        (Some(idle), Some(sliding)) if sliding < idle => "token_expired",
        (None, Some(_)) => "token_expired",
        (Some(_), _) => "token_idle",
    };
    account.first_disconnection.iter().find(|row| row.cause == cause)
}

/// A length in days as words.
pub(super) fn days_law_text(law: DaysLaw) -> String {
    match law {
        DaysLaw::Fixed(fixed) => days(fixed),
        DaysLaw::Geometric { mean, at_least } => format!("about {mean} days (at least {at_least})"),
        DaysLaw::Uniform { min, max } => format!("{min} to {max} days"),
        DaysLaw::LogNormal { median, min, max, .. } => format!("about {median} days ({min} to {max})"),
    }
}
