//! How many accounts may be held. While there is room for all that a request names nobody looks who they are; then accounts that
//! are new take room, and those that are held need none.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use super::account::Account;
use super::accounts::Accounts;

/// Whether more accounts may come.
#[derive(Debug)]
pub(super) struct Room {
    most: usize,
    /// Requests that were refused.
    pub(super) refused: AtomicU64,
}

/// There is no room for what a request names: so many accounts may be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Full(pub(super) usize);

impl Room {
    pub(super) fn new(most: usize) -> Room {
        Room { most, refused: AtomicU64::new(0) }
    }

    /// Lets a request ask about accounts, of which it names so many, each once or more often. All of them, or none.
    #[inline]
    pub(super) fn admit<'a>(
        &self,
        accounts: &Accounts,
        named: usize,
        asked: impl Iterator<Item = Account<'a>>,
    ) -> Result<(), Full> {
        if accounts.count().saturating_add(named) <= self.most { Ok(()) } else { self.look(accounts, asked) }
    }

    #[cold]
    fn look<'a>(&self, accounts: &Accounts, asked: impl Iterator<Item = Account<'a>>) -> Result<(), Full> {
        let new: HashSet<Account<'_>> = asked.filter(|account| !accounts.hold(account)).collect();
        if new.is_empty() || accounts.count().saturating_add(new.len()) <= self.most {
            return Ok(());
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
        Err(Full(self.most))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rulebook::Rulebook;
    use crate::rules::{Calendar, Limit, Rule, Window};
    use crate::time::HOUR;

    fn accounts() -> Accounts {
        let rule = Rule { actions: vec![0], limits: vec![Limit { window: Window::Sliding(HOUR), max: 9 }] };
        let (rules, actions) =
            (vec![("messages".to_owned(), rule)], vec!["message".to_owned(), "free".to_owned()]);
        Accounts::new(&Rulebook::new(rules, actions, Calendar::Civil, String::new()))
    }

    /// Asks about some accounts at once, which act if they may; whether they may.
    fn asked(room: &Room, accounts: &Accounts, numbers: &[u64]) -> bool {
        let named = numbers.iter().map(|&number| Account::Number(number));
        let may = room.admit(accounts, numbers.len(), named.clone()).is_ok();
        named.filter(|_| may).for_each(|account| accounts.record(&account, 0, 0));
        may
    }

    #[test]
    fn as_many_are_let_in_as_there_is_room_for_whoever_else_asks_meanwhile() {
        for most in [1, 2, 3, 4, 5, 100, 20_000] {
            let accounts = accounts();
            let room = Room::new(most);
            for number in 0..most as u64 {
                assert!(asked(&room, &accounts, &[number]), "{number} of {most}");
                assert!(asked(&room, &accounts, &[number / 2, number, 0]), "known, {number} of {most}");
            }
            assert_eq!(accounts.count(), most);
            for _ in 0..3 {
                assert!(!asked(&room, &accounts, &[u64::MAX]) && !asked(&room, &accounts, &[0, u64::MAX]));
                assert!(asked(&room, &accounts, &[0, most as u64 - 1]), "those that are known go on");
            }
            assert_eq!((accounts.count(), room.refused.load(Ordering::Relaxed)), (most, 6));
        }
    }

    #[test]
    fn a_request_takes_room_for_each_new_account_once_and_all_or_nothing() {
        let accounts = accounts();
        let room = Room::new(3);
        assert!(!asked(&room, &accounts, &[1, 2, 3, 4]) && accounts.count() == 0);
        assert!(asked(&room, &accounts, &[1, 1, 2, 1]));
        assert!(!asked(&room, &accounts, &[3, 4]) && asked(&room, &accounts, &[3, 2, 3]));
        assert_eq!(accounts.count(), 3);
    }

    #[test]
    fn who_asks_and_does_not_come_takes_no_room_and_idle_accounts_make_some() {
        let accounts = accounts();
        let room = Room::new(2);
        let ask = |number| room.admit(&accounts, 1, std::iter::once(Account::Number(number)));
        for number in 0..100 {
            assert_eq!(ask(number), Ok(()), "nobody has come");
        }
        assert!(asked(&room, &accounts, &[1, 2]));
        assert_eq!(ask(3), Err(Full(2)));
        accounts.record(&Account::Number(2), 0, HOUR);
        assert_eq!(accounts.forget_idle(HOUR), 1);
        assert!(asked(&room, &accounts, &[3]) && !asked(&room, &accounts, &[4]));
    }

    #[test]
    fn accounts_that_are_held_go_on_also_when_their_own_windows_hold_nothing_any_more() {
        let hours = |hours, actions| Rule {
            actions,
            limits: vec![Limit { window: Window::Sliding(hours * HOUR), max: 9 }],
        };
        let rules = vec![("short".to_owned(), hours(1, vec![0])), ("long".to_owned(), hours(24, vec![1]))];
        let actions = vec!["message".to_owned(), "post".to_owned()];
        let accounts = Accounts::new(&Rulebook::new(rules, actions, Calendar::Civil, String::new()));
        let room = Room::new(1);
        assert!(asked(&room, &accounts, &[1]));
        // Its message is gone from every window; it is held for as long as the longest window of all reaches.
        assert_eq!((accounts.forget_idle(2 * HOUR), accounts.count()), (0, 1));
        assert!(asked(&room, &accounts, &[1]) && !asked(&room, &accounts, &[2]));
    }

    #[test]
    fn more_accounts_than_may_be_held_go_on_and_no_other_comes() {
        let accounts = accounts();
        (0..5).for_each(|number| accounts.record(&Account::Number(number), 0, 0));
        let room = Room::new(3);
        assert!(asked(&room, &accounts, &[0, 1, 2, 3, 4]) && !asked(&room, &accounts, &[5]));
    }
}
