//! What accounts are called where they are not just numbered: those of a log.

use std::sync::Arc;

use crate::eventlog::Accounts;

/// The names of a workload's accounts, by number. An account beyond them is called by its number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(Arc<[Name]>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Name {
    Number(u32),
    Text(Box<str>),
}

impl Names {
    /// The names of a log's accounts.
    #[must_use]
    pub fn of_log(accounts: &Accounts) -> Names {
        let name = |account| match accounts.number(account) {
            Some(number) => Name::Number(number),
            None => Name::Text(accounts.name(account).into()),
        };
        Names((0..accounts.len() as u32).map(name).collect())
    }

    /// The name of an account that is no number.
    pub(super) fn text(&self, account: u32) -> Option<&str> {
        match self.0.get(account as usize) {
            Some(Name::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// The number that an account is called by; its own where it is called otherwise.
    pub(super) fn number(&self, account: u32) -> u32 {
        match self.0.get(account as usize) {
            Some(Name::Number(number)) => *number,
            _ => account,
        }
    }

    /// What an account is called.
    #[must_use]
    pub fn name(&self, account: u32) -> String {
        self.text(account).map_or_else(|| self.number(account).to_string(), str::to_owned)
    }

    /// The first name that is no number.
    #[must_use]
    pub fn first_text(&self) -> Option<&str> {
        (0..self.0.len() as u32).find_map(|account| self.text(account))
    }

    /// A number above which no account is called by its number.
    #[must_use]
    pub fn free(&self) -> u32 {
        (0..self.0.len() as u32).map(|account| self.number(account).saturating_add(1)).max().unwrap_or(0)
    }
}
