//! What happened to Pages and ad accounts.

use serde::Serialize;

use crate::stats::Estimate;

/// The results of one Page or ad account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PageResults {
    /// Its name.
    pub name: String,
    /// `page` or `ad_account`.
    pub kind: String,
    /// The account that authorises the tool for it.
    pub authorised_by: AccountName,
    /// The account that takes over, if there is one.
    pub backup: Option<AccountName>,
    /// Probability of at least one disconnection within the horizon.
    pub disconnected: Estimate,
    /// Mean number of disconnections.
    pub disconnections: Estimate,
    /// Mean days of missing data within the horizon.
    pub days_without_data: Estimate,
    /// Mean number of posts that could not be published.
    pub lost_posts: Estimate,
    /// Mean number of comments that nobody saw.
    pub lost_comments: Estimate,
    /// The causes that were seen, in the order of the causes of accounts.
    pub causes: Vec<PageCause>,
}

/// One account of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AccountName {
    /// The group's name.
    pub group: String,
    /// Which of its accounts, from 1.
    pub account: u32,
}

/// A cause of a Page's disconnections.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PageCause {
    /// The cause: one of an account's, or `designated_admin_lost`.
    pub cause: String,
    /// Probability that it is the first.
    pub first: Estimate,
    /// Mean number of its outages within the horizon, each once however often a backup interrupts it, also of those that come while another cause keeps the Page without
    /// data: those of all causes may add up to more than the Page's disconnections.
    pub disconnections: Estimate,
    /// Mean days of one such outage by itself, within the horizon, whatever else keeps the Page without data meanwhile.
    pub mean_days: Estimate,
}

impl std::fmt::Display for AccountName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.group, self.account)
    }
}
