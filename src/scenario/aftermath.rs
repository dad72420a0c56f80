//! What people do once an account is disconnected: how late they report, what is asked of them, and whether they reconnect.

use serde::Serialize;

use super::{DaysLaw, Scenario};

/// The planned event that takes permission on purpose.
const DELIBERATE: &str = "revoke_and_reconnect";

/// How a reconnection really happens.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Aftermath {
    /// Probability that the user declines, each time that the account could be connected again.
    pub declines: f64,
    /// Days after which a user who declined is asked again, at least 1; none: never, the account stays away.
    pub asks_again: Option<DaysLaw>,
    /// What the platform may ask before access returns after a restriction.
    pub required_step: Option<RequiredStep>,
    /// Probability that the user is not told why the account was disconnected.
    pub cause_unknown: f64,
    /// How late incidents and traits are reported, each name at most once.
    pub reported_late: Vec<ReportedLate>,
    /// Incidents that take the tool off the account's permitted services.
    pub takes_permission: Vec<String>,
}

/// A step such as an identity check.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RequiredStep {
    /// Probability that it is required after a restriction.
    pub probability: f64,
    /// Days that it takes.
    pub days: DaysLaw,
}

/// How late something is reported to the platform.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportedLate {
    /// The incident's cause or the trait's name.
    pub name: String,
    /// Days until it is reported.
    pub days: DaysLaw,
}

impl Aftermath {
    /// Whether nothing of it is stated.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        *self == Aftermath::default()
    }
}

impl Scenario {
    /// By cause of a disconnection: whether it takes the permission that connecting gives.
    #[must_use]
    pub fn takes_permission(&self) -> Vec<bool> {
        let stated = || self.platforms.iter().flat_map(|platform| &platform.aftermath.takes_permission);
        self.causes()
            .iter()
            .map(|cause| cause == DELIBERATE || stated().any(|known| known == cause))
            .collect()
    }

    /// Whether anything beyond the plain delay of a reconnection is stated.
    #[must_use]
    pub fn has_aftermath(&self) -> bool {
        self.platforms.iter().any(|platform| !platform.aftermath.is_plain())
            || self.takes_permission().contains(&true)
    }
}
