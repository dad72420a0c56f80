//! The words of the page, explained for readers who know the work and not the model.

use crate::results::Results;

pub(super) const BINDING: &str = "A rule limits how often something may be done within a window of time, such as 24 hours or 7 days. For each window the \
     busiest moment of each account is held against the limit. The window that the accounts come nearest to binds first: plan by it.";
pub(super) const OTHER_PACES: &str = "What if everyone did less, or more, of everything? The curve shows the risk when all demand is scaled together. The shaded band is \
     the interval at each pace: today's plan has all the replicates of the run, the other paces have fewer, so that the band is wider there.";
pub(super) const COSTS: &str = "Each row is the same plan on the same random numbers without one cause, so that the difference is due to that cause alone. \
     Where causes compete, one that is removed leaves room for the others: the rows do not add up.";
pub(super) const EVENTS: &str = "A flag means that the platform has noticed what it does not allow, mostly too much activity. Each further flag weighs more: at first a warning or a short \
     restriction, in the end a permanent one. A restricted account is disconnected; passwords that change, lost roles and dead tokens disconnect accounts, too.";
pub(super) const HITS: &str = "Accounts that have nothing to do with each other are hit one by one, and the number hit varies as that of independent ones does. \
     Where one event strikes many of them, or where a restricted account endangers the others, none is hit in many courses of events and \
     many are in a few: plan for those. “On one day” counts the accounts hit on the worst day.";
pub(super) const ACTIVITY: &str = "Demand is what the plan asks for on a day. The team's own caps and the times without a connection decide how much of it is \
     delivered; the rest waits for a later day or is lost.";
pub(super) const RULES: &str = "The largest count of a window is taken over the whole time simulated, for each account. “Median” is what half of the accounts \
     reach, “95 %” what one account in twenty exceeds. A breach is a moment, or a day, over a limit; only some breaches lead to a flag.";
pub(super) const TOKENS: &str = "A token is the key with which a tool uses an account. It dies at a certain age, or when nobody uses it for too long, and then somebody \
     has to sign in again.";

/// Words that stand in many places.
pub(super) const GENERAL: [(&str, &str); 6] = [
    (
        "replicate",
        "one simulated course of events for the whole team; probabilities are shares of many replicates",
    ),
    ("mean account", "the average over all accounts of the team"),
    (
        "interval",
        "the range in which the share or mean would lie, with the stated confidence, if the simulation went on for ever; more replicates make it narrower",
    ),
    (
        "< 0.04 %",
        "it was not seen in any replicate; if it can happen at all, its probability lies under this bound",
    ),
    (
        "standard error",
        "the spread of an estimate from one run to another with other random numbers, in percentage points for probabilities",
    ),
    ("binds first", "of all limits, the one that the accounts come nearest to"),
];

/// What causes a disconnection, as far as the words are not the scenario's own.
const CAUSES: [(&str, &str); 12] = [
    ("restriction", "the platform restricts the account after a flag"),
    ("password_changed", "the account's password was changed, so that the tool has to be connected again"),
    ("access_revoked", "somebody withdrew the tool's permission"),
    ("admin_role_lost", "the person lost the role that the tool needs"),
    ("username_changed", "the account's user name was changed, so that the tool has to be connected again"),
    ("settings_changed", "a change of the account's settings ended the connection"),
    ("authorisation_cancelled", "the advertiser cancelled the authorisation"),
    ("refresh_lost", "a renewal of the token failed half-way, so that no valid one was left"),
    (
        "protective_disconnection",
        "the platform ended the connection to protect its users, although the account did nothing wrong",
    ),
    ("token_displaced", "newer tokens of the same user took the token's place"),
    ("token_expired", "the token reached the end of its life"),
    ("token_idle", "nobody used the account for so long that the token died"),
];

/// The meaning of the causes that a table shows.
pub(super) fn causes(results: &Results) -> Vec<(&'static str, &'static str)> {
    let causes = &results.mean_account.first_disconnection;
    CAUSES.into_iter().filter(|(name, _)| causes.iter().any(|cause| cause.cause == *name)).collect()
}
