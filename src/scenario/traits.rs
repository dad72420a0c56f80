//! What accounts are to a platform besides what they do: their traits, whom they replace, what links them.

use serde::Serialize;

use super::resolve::DUPLICATE;
use super::{Consequence, Group, Scenario};
use crate::rules::ActionId;

/// A trait that the accounts of a group have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Trait {
    /// Index of the platform's hazard.
    pub index: usize,
    /// People who share the account.
    pub people: u32,
    /// Whether the platform acts on it for certain, at the end of every connected day: a flag then enters at least the
    /// first rung that restricts.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub certain: bool,
    /// How many accounts, the first ones of the group, do not have it.
    #[serde(skip_serializing_if = "spares_nobody")]
    pub spares: u32,
}

impl Trait {
    /// Whether the account at a place in its group, counted from 0, has it.
    #[must_use]
    pub fn holds_for(&self, account: u32) -> bool {
        account >= self.spares
    }
}

/// By reference, as serde asks.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn spares_nobody(spares: &u32) -> bool {
    *spares == 0
}

/// What a trait of an account does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hazard {
    /// Unique name of the trait.
    pub name: String,
    /// Probability per connected day.
    pub per_day: f64,
    /// Whether the daily probability holds for each person who shares the account, besides the first.
    pub per_person: bool,
    /// Probability per delivered action.
    pub per_action: Vec<(ActionId, f64)>,
    /// Factor on the probability that a breach of a rule is noticed.
    pub scrutiny: f64,
    /// Flags from before day 0 that the ladder counts.
    pub earlier_flags: u32,
    /// What a success leads to.
    pub consequence: Consequence,
    /// Actions that an account with the trait is not permitted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refuses: Vec<ActionId>,
    /// Whether it breaks the platform's terms, so that a compliant account does not have it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub breaks_terms: bool,
    /// Whether it strikes those who did nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub innocent: bool,
}

/// Accounts that look alike to the platform, such as those of one network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Link {
    /// Unique name.
    pub name: String,
    /// The groups whose accounts are all linked to one another.
    pub groups: Vec<usize>,
    /// Probability per connected day of each account, for each other account that was restricted at its start.
    pub per_day: f64,
    /// What a success leads to.
    pub consequence: Consequence,
}

/// Accounts that are opened because others were restricted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Replaces {
    /// The group whose accounts they replace, each the one at its own place; at least as many, on the same platform.
    pub group: usize,
    /// Days from the day that the other's first restriction is dated to the day at whose start the account exists, at
    /// least 1.
    pub after_days: u32,
}

impl Scenario {
    /// By account of the team: whether it is one too many of its person's, or a replacement that a platform finds. The only
    /// advice is to close it.
    pub(crate) fn duplicates(&self) -> Vec<bool> {
        let of_group = |group: &Group| {
            let traits = &self.platform_of(group).traits;
            let own = group.traits.iter().find(|own| traits[own.index].name == DUPLICATE).copied();
            (0..group.count).map(move |account| own.is_some_and(|own| own.holds_for(account)))
        };
        self.groups.iter().flat_map(of_group).collect()
    }
}
