//! What each cause costs.

use serde::Serialize;

use crate::stats::Estimate;

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
    /// Accounts that do not exist without it: those that are too many of their person's. They count as never flagged and
    /// never disconnected, and nobody does what they did.
    #[serde(skip_serializing_if = "no_account")]
    pub closed_accounts: u32,
    /// Probability of at least one flag.
    pub flagged: Estimate,
    /// Both probabilities, from the compared replicates.
    pub flagged_shares: Compared,
    /// Probability of at least one disconnection.
    pub disconnected: Estimate,
    /// Both probabilities, from the compared replicates.
    pub disconnected_shares: Compared,
    /// Mean days disconnected.
    pub days_disconnected: Estimate,
}

/// A probability with and without a cause, each with its own interval; their difference is known better than either.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Compared {
    /// With the cause.
    pub with: Estimate,
    /// Without it.
    pub without: Estimate,
}

/// What kind of cause a flag, a disconnection or a refusal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// A trait of the account.
    Trait,
    /// A link to other accounts.
    Link,
    /// A rule on the volume.
    Rule,
    /// A credit without which nothing is sent.
    Credit,
    /// What happens in the background, such as the page views of a browser extension.
    Background,
    /// An incident, with what is planned under the same name.
    Incident,
    /// Something planned.
    Planned,
    /// The age, the idleness or the displacement of a token.
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
            CauseKind::Credit => "credit",
            CauseKind::Background => "background",
            CauseKind::Planned => "planned",
            CauseKind::Incident => "incident",
            CauseKind::Token => "token",
        }
    }
}

/// By reference, as serde asks.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn no_account(count: &u32) -> bool {
    *count == 0
}
