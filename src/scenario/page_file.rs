//! Scenario files as they are written: Pages and ad accounts.

use schemars::JsonSchema;
use serde::Deserialize;

use super::located::At;
use super::platform_file::{BasisFile, DaysFile};

/// A Page or an ad account that the tool reaches through an account.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageFile {
    /// Unique name.
    #[schemars(required)]
    pub(crate) name: Option<At<String>>,
    /// What it is. Default: "page".
    pub(crate) kind: Option<PageKindFile>,
    /// The account that authorises the tool for it.
    #[schemars(required)]
    pub(crate) authorised_by: Option<At<AccountFile>>,
    /// The role of that account's user on a Page. Default: `designated_admin`; no other role can connect a Page.
    pub(crate) role: Option<At<RoleFile>>,
    /// Another Designated Admin's account, which takes over after some days.
    pub(crate) backup: Option<At<BackupFile>>,
    /// Probability per day that the authorising user loses the role. Default: 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) admin_lost_per_day: Option<At<f64>>,
    /// Whether the admins do not know which account authorises the tool, and take its role away by accident. Default: false.
    pub(crate) unknown_to_admins: Option<bool>,
    /// Factor on the probability of a loss where they do not know. Default: 2.
    #[schemars(range(min = 1.0, max = 1_000.0))]
    pub(crate) ignorance_factor: Option<At<f64>>,
    /// Days from the loss of the role until it is authorised again. Default: geometric, mean 2 days.
    pub(crate) new_admin: Option<At<DaysFile>>,
    /// Mean number of posts that are published on it in a day. Default: 0.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub(crate) posts_per_day: Option<f64>,
    /// Mean number of comments that reach it in a day. Default: 0.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub(crate) comments_per_day: Option<f64>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// What hangs on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PageKindFile {
    /// A Page.
    Page,
    /// An ad account.
    AdAccount,
}

/// The role of a user on a Page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RoleFile {
    /// May connect the Page.
    DesignatedAdmin,
    /// Any other role.
    OtherAdmin,
}

/// One account of a group.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountFile {
    /// The group.
    #[schemars(required)]
    pub(crate) group: Option<At<String>>,
    /// Which of its accounts, counted from 1. Default: 1.
    #[schemars(range(min = 1, max = 20_000))]
    pub(crate) account: Option<At<u32>>,
}

/// An account that takes over.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackupFile {
    /// The group.
    #[schemars(required)]
    pub(crate) group: Option<At<String>>,
    /// Which of its accounts, counted from 1. Default: 1.
    #[schemars(range(min = 1, max = 20_000))]
    pub(crate) account: Option<At<u32>>,
    /// Days after the start of an outage on which it has taken over. Default: 1.
    #[schemars(range(min = 1, max = 36525))]
    pub(crate) days: Option<u32>,
}
