//! When the first token of each group is expected to die of age, and after how much silence it dies.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use crate::numbers::days;
use crate::scenario::{DaysLaw, Scenario};

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

/// The expected token expiry of every group, in file order.
#[must_use]
pub fn token_expiry(scenario: &Scenario) -> Vec<TokenExpiry> {
    let row = |group: &crate::scenario::Group| {
        let platform = scenario.platform_of(group);
        let (token, reconnect) = (platform.token, &platform.reconnect);
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
    scenario.groups.iter().map(row).collect()
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
