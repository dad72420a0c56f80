//! What hangs on a connection: Pages and ad accounts, which an account authorises.

use serde::Serialize;

use super::{DaysLaw, Scenario};

/// A Page or an ad account that the tool reaches through an account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    /// Unique name.
    pub name: String,
    /// What it is.
    pub kind: PageKind,
    /// The account that authorises the tool for it.
    pub authorised_by: AccountPlace,
    /// Another account that can authorise it.
    pub backup: Option<Backup>,
    /// Probability per day that the authorising user loses the role of Designated Admin, with all factors.
    pub admin_lost_per_day: f64,
    /// Whether its admins do not know which account authorises it.
    pub unknown_to_admins: bool,
    /// Days from the loss of the role until the Page is authorised again.
    pub new_admin: DaysLaw,
    /// Mean number of posts that are published on it in a day.
    pub posts_per_day: f64,
    /// Mean number of comments that reach it in a day.
    pub comments_per_day: f64,
}

/// What hangs on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PageKind {
    /// A Page.
    Page,
    /// An ad account.
    AdAccount,
}

/// One account of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct AccountPlace {
    /// Index of the group.
    pub group: usize,
    /// Which of its accounts, from 1.
    pub account: u32,
}

/// An account that takes over while the authorising one is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// The account.
    pub by: AccountPlace,
    /// Days after which it has taken over.
    pub days: u32,
}

/// The cause that befalls a Page alone by chance.
pub(super) const ROLE_LOST: &str = "designated_admin_lost";

impl Scenario {
    /// The names of the causes of a Page's disconnection, in the order of the results: those of accounts, the loss of the
    /// role of Designated Admin, and planned events that strike Pages only.
    #[must_use]
    pub fn page_causes(&self) -> Vec<String> {
        let mut causes = self.causes();
        causes.push(ROLE_LOST.to_owned());
        for event in self.events.iter().filter(|event| !event.pages.is_empty()) {
            if !causes.contains(&event.cause) {
                causes.push(event.cause.clone());
            }
        }
        causes
    }
}

impl PageKind {
    /// As the results name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            PageKind::Page => "page",
            PageKind::AdAccount => "ad_account",
        }
    }
}
