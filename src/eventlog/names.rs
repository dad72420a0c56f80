//! The names of accounts and actions, and their numbers.

use std::collections::BTreeMap;
use std::fmt;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// The longest name of an account, in bytes.
pub(super) const LONGEST_NAME: usize = 256;

/// What is accepted as an account.
pub(super) const ACCOUNTS: &str = "accepted is UTF-8 text of 1 to 256 bytes";

/// What is accepted as an action.
pub(super) const ACTIONS: &str = "accepted is the name or the number of an action";

/// The accounts of a log, numbered from 0 in the order in which they first act. Numbers of accounts that are forgotten are
/// given to others.
#[derive(Debug, Default)]
pub struct Accounts {
    /// By name, for names that are small numbers: one more than the account's number; 0 for none.
    small: Vec<u32>,
    large: HashMap<u32, u32, RandomState>,
    texts: HashMap<Box<str>, u32, RandomState>,
    /// By number; none where it is free.
    names: Vec<Option<Name>>,
    free: Vec<u32>,
}

/// What an account is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    Number(u32),
    Text(Box<str>),
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Name::Number(number) => write!(f, "{number}"),
            Name::Text(text) => f.write_str(text),
        }
    }
}

/// Names below this are found in a table.
const SMALL: u32 = 1 << 22;

impl Accounts {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len() - self.free.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of an account; empty for one that is not known.
    #[must_use]
    pub fn name(&self, account: u32) -> String {
        self.at(account).map(Name::to_string).unwrap_or_default()
    }

    /// The number that an account is called by: one below 2^32, without a sign or leading zeros.
    #[must_use]
    pub fn number(&self, account: u32) -> Option<u32> {
        match self.at(account) {
            Some(&Name::Number(number)) => Some(number),
            _ => None,
        }
    }

    /// The account whose name is this number in decimal digits.
    #[inline]
    pub(super) fn of_number(&mut self, number: u32) -> u32 {
        match self.small.get(number as usize) {
            Some(&known) if known > 0 => known - 1,
            _ => self.find_number(number),
        }
    }

    #[cold]
    fn find_number(&mut self, number: u32) -> u32 {
        if number >= SMALL {
            if let Some(&known) = self.large.get(&number) {
                return known;
            }
            let new = self.add(Name::Number(number));
            self.large.insert(number, new);
            return new;
        }
        if number as usize >= self.small.len() {
            self.small.resize((number as usize + 1).next_power_of_two(), 0);
        }
        let new = self.add(Name::Number(number));
        self.small[number as usize] = new + 1;
        new
    }

    /// The account of a name. A whole number without a sign or leading zeros is the same account in a binary log.
    pub(super) fn of_text(&mut self, text: &str) -> u32 {
        if let Some(number) = canonical(text.as_bytes()) {
            return self.of_number(number);
        }
        if let Some(&known) = self.texts.get(text) {
            return known;
        }
        let new = self.add(Name::Text(text.into()));
        self.texts.insert(text.into(), new);
        new
    }

    /// The account of a name.
    pub(super) fn of_name(&mut self, name: &Name) -> u32 {
        match name {
            &Name::Number(number) => self.of_number(number),
            Name::Text(text) => self.of_text(text),
        }
    }

    /// What an account is called; none for one that is not known.
    pub(super) fn at(&self, account: u32) -> Option<&Name> {
        self.names.get(account as usize)?.as_ref()
    }

    /// A number for a new account.
    fn add(&mut self, name: Name) -> u32 {
        if let Some(free) = self.free.pop() {
            self.names[free as usize] = Some(name);
            return free;
        }
        self.names.push(Some(name));
        (self.names.len() - 1) as u32
    }

    /// Forgets an account, whose number is then free.
    pub(super) fn forget(&mut self, account: u32) {
        match self.names.get_mut(account as usize).and_then(Option::take) {
            None => return,
            Some(Name::Number(number)) if number >= SMALL => drop(self.large.remove(&number)),
            Some(Name::Number(number)) => self.small[number as usize] = 0,
            Some(Name::Text(text)) => drop(self.texts.remove(&text)),
        }
        self.free.push(account);
    }

    /// Forgets all accounts.
    pub(super) fn forget_all(&mut self) {
        self.small.fill(0);
        self.large.clear();
        self.texts.clear();
        self.names.clear();
        self.free.clear();
    }
}

/// The actions that rules know, and what else a log holds.
#[derive(Debug, Default)]
pub struct Actions {
    names: Vec<String>,
    unknown: BTreeMap<String, u64>,
    further: u64,
}

/// The most unknown actions that are told apart.
const MOST_UNKNOWN: usize = 1_000;

impl Actions {
    pub(super) fn new(names: &[String]) -> Actions {
        Actions { names: names.to_vec(), unknown: BTreeMap::new(), further: 0 }
    }

    /// The names, in order of their numbers.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Actions that have no number, with how often each occurs: the first 1,000 of them.
    #[must_use]
    pub fn unknown(&self) -> &BTreeMap<String, u64> {
        &self.unknown
    }

    /// How many events have an unknown action.
    #[must_use]
    pub fn unknown_events(&self) -> u64 {
        self.unknown.values().sum::<u64>() + self.further
    }

    #[inline]
    pub(super) fn of_number(&mut self, number: u32) -> Option<u32> {
        if (number as usize) < self.names.len() {
            return Some(number);
        }
        self.note_unknown(&number.to_string());
        None
    }

    /// The number of an action, stated by name or as that number; none, and counted, for an unknown one.
    #[inline]
    pub(super) fn of_text(&mut self, text: &str) -> Option<u32> {
        let known = self.known(text.as_bytes());
        if known.is_none() {
            self.note_unknown(text);
        }
        known
    }

    #[inline]
    pub(super) fn known(&self, text: &[u8]) -> Option<u32> {
        if let Some(place) = self.names.iter().position(|name| name.as_bytes() == text) {
            return Some(place as u32);
        }
        canonical(text).filter(|number| (*number as usize) < self.names.len())
    }

    #[cold]
    fn note_unknown(&mut self, name: &str) {
        if let Some(count) = self.unknown.get_mut(name) {
            *count += 1;
        } else if self.unknown.len() < MOST_UNKNOWN {
            self.unknown.insert(name.to_owned(), 1);
        } else {
            self.further += 1;
        }
    }
}

/// A whole number below 2^32 as it would be written: no sign, no leading zeros.
#[inline]
pub(super) fn canonical(text: &[u8]) -> Option<u32> {
    let leads = text.len() > 1 && text[0] == b'0';
    if text.is_empty() || text.len() > 10 || leads {
        return None;
    }
    let mut number = 0_u64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    u32::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_number_however_it_is_written() {
        let mut accounts = Accounts::default();
        let numbers = ["7", "a", "4294967295", "07", "a", "7", "4194304", "4194303", "4294967296", ""]
            .map(|name| accounts.of_text(name));
        assert_eq!(numbers, [0, 1, 2, 3, 1, 0, 4, 5, 6, 7]);
        assert_eq!(
            [accounts.of_number(7), accounts.of_number(u32::MAX), accounts.of_number(SMALL)],
            [0, 2, 4]
        );
        assert_eq!(
            (accounts.name(2), accounts.name(3), accounts.name(99)),
            ("4294967295".into(), "07".into(), String::new())
        );
        assert_eq!(accounts.len(), 8);
        assert_eq!(
            [0, 1, 2, 3, 6, 99].map(|account| accounts.number(account)),
            [Some(7), None, Some(u32::MAX), None, None, None]
        );
    }

    #[test]
    fn what_is_forgotten_leaves_its_number_to_others() {
        let mut accounts = Accounts::default();
        for name in ["7", "a", "4294967295", "b"] {
            accounts.of_text(name);
        }
        for account in [0, 1, 2, 1, 99] {
            accounts.forget(account);
        }
        assert_eq!((accounts.len(), accounts.name(1), accounts.name(3)), (1, String::new(), "b".into()));
        let again = ["4294967295", "7", "b", "a", "c"].map(|name| accounts.of_text(name));
        assert_eq!(again, [2, 1, 3, 0, 4]);
        assert_eq!((accounts.name(1), accounts.name(0)), ("7".into(), "a".into()));
        assert_eq!([accounts.of_number(7), accounts.of_number(u32::MAX)], [1, 2]);
        accounts.forget_all();
        assert!(accounts.is_empty());
        assert_eq!(["c", "7", "a"].map(|name| accounts.of_text(name)), [0, 1, 2]);
    }

    #[test]
    fn actions_are_known_by_name_or_number_and_others_are_counted() {
        let mut actions = Actions::new(&["post".to_owned(), "1x".to_owned()]);
        assert_eq!(
            ["post", "1x", "0", "1", "2", "Post", "2"].map(|text| actions.of_text(text)),
            [Some(0), Some(1), Some(0), Some(1), None, None, None]
        );
        assert_eq!(actions.of_number(2), None);
        assert_eq!(
            actions.unknown().iter().map(|(name, count)| (name.as_str(), *count)).collect::<Vec<_>>(),
            [("2", 3), ("Post", 1)]
        );
        for number in 0..2_000_u32 {
            actions.of_text(&format!("u{number}"));
        }
        assert_eq!((actions.unknown().len(), actions.unknown_events()), (MOST_UNKNOWN, 2_004));
    }
}
