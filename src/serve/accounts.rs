//! The accounts of a server: those that are numbers and those that have names, each kind in a limiter of its own.

use std::path::{Path, PathBuf};

use super::account::Account;
use crate::limiter::{Call, Limiter, SnapshotError, UNFINISHED};
use crate::rulebook::Rulebook;
use crate::rules::{ActionId, Decision, Usage};
use crate::time::Instant;

/// What all accounts have done lately.
#[derive(Debug)]
pub(super) struct Accounts {
    numbered: Limiter<u64>,
    named: Limiter<String>,
}

/// One check of a batch.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) account: Account<'a>,
    pub(super) action: ActionId,
    pub(super) at: Instant,
}

impl Accounts {
    pub(super) fn new(book: &Rulebook) -> Accounts {
        let (set, calendar) = (&book.set, &book.calendar);
        Accounts { numbered: Limiter::new(set, calendar), named: Limiter::new(set, calendar) }
    }

    #[inline]
    pub(super) fn check(&self, account: &Account<'_>, action: ActionId, at: Instant) -> Decision {
        match account {
            Account::Number(number) => self.numbered.check(number, action, at),
            Account::Name(name) => self.named.check(&**name, action, at),
        }
    }

    /// Checks in order; the decisions are in the order of the asks.
    pub(super) fn check_all(&self, asks: &[Ask<'_>]) -> Vec<Decision> {
        let (mut numbers, mut names) = (Vec::new(), Vec::new());
        for Ask { account, action, at } in asks {
            match account {
                Account::Number(number) => numbers.push(Call { account: number, action: *action, at: *at }),
                Account::Name(name) => names.push(Call { account: &**name, action: *action, at: *at }),
            }
        }
        let mut of_numbers = self.numbered.check_all(&numbers).into_iter();
        let mut of_names = self.named.check_all(&names).into_iter();
        let next = |ask: &Ask<'_>| match ask.account {
            Account::Number(_) => of_numbers.next(),
            Account::Name(_) => of_names.next(),
        };
        asks.iter().map(next).map(|decision| decision.expect("each call has a decision")).collect()
    }

    /// Checks of accounts that are all numbers.
    pub(super) fn check_numbers(&self, calls: &[Call<'_, u64>]) -> Vec<Decision> {
        self.numbered.check_all(calls)
    }

    pub(super) fn record(&self, account: &Account<'_>, action: ActionId, at: Instant) {
        match account {
            Account::Number(number) => self.numbered.record(number, action, at),
            Account::Name(name) => self.named.record(&**name, action, at),
        }
    }

    pub(super) fn usage(&self, account: &Account<'_>, at: Instant) -> Vec<Usage> {
        match account {
            Account::Number(number) => self.numbered.usage(number, at),
            Account::Name(name) => self.named.usage(&**name, at),
        }
    }

    /// Whether an account is one of those that are counted.
    pub(super) fn hold(&self, account: &Account<'_>) -> bool {
        match account {
            Account::Number(number) => self.numbered.holds(number),
            Account::Name(name) => self.named.holds(&**name),
        }
    }

    /// Forgets accounts whose windows are empty; no later call may be dated before `now`.
    pub(super) fn forget_idle(&self, now: Instant) -> usize {
        self.numbered.forget_idle(now) + self.named.forget_idle(now)
    }

    pub(super) fn count(&self) -> usize {
        self.numbered.accounts() + self.named.accounts()
    }

    /// Names included.
    pub(super) fn bytes(&self) -> usize {
        self.numbered.bytes() + self.named.bytes() + self.named.sum_of_keys(String::capacity)
    }

    pub(super) fn turned_back(&self) -> u64 {
        self.numbered.turned_back() + self.named.turned_back()
    }

    /// Writes both snapshots of a generation.
    pub(super) fn write(&self, folder: &Path, generation: u64) -> Result<(), SnapshotError> {
        let [numbered, named] = files(folder, generation);
        self.numbered.snapshot(&numbered)?;
        self.named.snapshot(&named)
    }

    /// Reads both snapshots of a generation.
    pub(super) fn read(folder: &Path, generation: u64, book: &Rulebook) -> Result<Accounts, SnapshotError> {
        let [numbered, named] = files(folder, generation);
        Ok(Accounts {
            numbered: Limiter::restore(&numbered, &book.set, &book.calendar)?,
            named: Limiter::restore(&named, &book.set, &book.calendar)?,
        })
    }
}

const KINDS: [&str; 2] = ["numbered", "named"];

/// Where the snapshots of a generation lie.
pub(super) fn files(folder: &Path, generation: u64) -> [PathBuf; 2] {
    KINDS.map(|kind| folder.join(format!("accounts-{generation}.{kind}")))
}

/// Whether a file of this name is a snapshot of some generation, or one that was never finished.
pub(super) fn is_snapshot(name: &str) -> bool {
    name.starts_with(UNFINISHED) || is_finished_snapshot(name)
}

/// Whether a file of this name is a snapshot of some generation.
pub(super) fn is_finished_snapshot(name: &str) -> bool {
    let generation = |name: &str| {
        let (generation, kind) = name.strip_prefix("accounts-")?.split_once('.')?;
        KINDS.contains(&kind).then(|| generation.parse::<u64>().ok())?
    };
    generation(name).is_some()
}
