//! What a disconnection of an account takes along.

use serde::Serialize;

use super::AccountName;
use crate::stats::Estimate;

/// What hangs on one account, and for how long each cause takes it away.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlastRadius {
    /// The account.
    pub account: AccountName,
    /// The Pages that it authorises.
    pub pages: Vec<String>,
    /// The ad accounts that it authorises.
    pub ad_accounts: Vec<String>,
    /// The causes that can strike it, those never seen too, in the order of the causes of a disconnection.
    pub causes: Vec<BlastCause>,
}

/// What one cause does to an account and to what hangs on it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlastCause {
    /// The cause.
    pub cause: String,
    /// Mean number of disconnections within the horizon.
    pub disconnections: Estimate,
    /// Mean days that the account is away each time, within the horizon; none when it was not seen.
    pub mean_days: Option<Estimate>,
    /// Mean days that each thing that hangs on it is then without data; none when it was not seen.
    pub mean_days_without_data: Option<Estimate>,
    /// The stated number of days from the disconnection to the reconnection, in words; `several` where more than one law may
    /// rule; none for a restriction, whose length the ladder decides. Users who decline and late reports come on top.
    pub stated: Option<String>,
    /// The same in few words, for a table.
    #[serde(skip)]
    pub stated_briefly: Option<String>,
}
