//! A part of the accounts behind one lock: their keys, their numbers, and their recent activity.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::rules::{ActionId, Decision, Evaluator, Usage};
use crate::time::Instant;

/// Accounts and their state. Callers hand in the hash of the key, which they needed to find the shard.
#[derive(Debug)]
pub(super) struct Shard<K> {
    numbers: HashTable<(K, u32)>,
    /// Numbers of accounts that were forgotten.
    free: Vec<u32>,
    /// The first number that was never given.
    next: u32,
    pub(super) evaluator: Evaluator,
    /// No call is taken at an earlier time.
    earliest: Instant,
    turned_back: u64,
}

impl<K: Hash + Eq> Shard<K> {
    pub(super) fn new(evaluator: Evaluator) -> Shard<K> {
        let numbers = HashTable::new();
        Shard { numbers, free: Vec::new(), next: 0, evaluator, earliest: Instant::MIN, turned_back: 0 }
    }

    #[inline]
    pub(super) fn check<Q>(
        &mut self,
        hash: u64,
        account: &Q,
        action: ActionId,
        asked: Instant,
        hashing: &RandomState,
    ) -> Decision
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let number = self.number(hash, account, hashing);
        self.check_number(number, action, asked)
    }

    #[inline]
    pub(super) fn check_number(&mut self, number: u32, action: ActionId, asked: Instant) -> Decision {
        let at = self.taken_at(asked);
        let mut decision = self.evaluator.check(number, action, at);
        if let Decision::Denied(denied) = &mut decision {
            denied.retry_after = denied.retry_after.map(|after| after.saturating_add(at.saturating_sub(asked)));
        }
        decision
    }

    pub(super) fn record<Q>(
        &mut self,
        hash: u64,
        account: &Q,
        action: ActionId,
        asked: Instant,
        hashing: &RandomState,
    ) where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let number = self.number(hash, account, hashing);
        let at = self.taken_at(asked);
        self.evaluator.record(number, action, at, |_, _| {});
    }

    pub(super) fn usage<Q>(&mut self, hash: u64, account: &Q, asked: Instant) -> Vec<Usage>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let known = self.numbers.find(hash, |(key, _)| key.borrow() == account);
        let number = known.map_or(u32::MAX, |&(_, number)| number);
        self.evaluator.usage(number, asked.max(self.earliest))
    }

    /// The number of an account, a new one if it has none.
    #[inline]
    pub(super) fn number<Q>(&mut self, hash: u64, account: &Q, hashing: &RandomState) -> u32
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let is_it = |(key, _): &(K, u32)| key.borrow() == account;
        match self.numbers.entry(hash, is_it, |(key, _)| hashing.hash_one(key.borrow())) {
            Entry::Occupied(entry) => entry.get().1,
            Entry::Vacant(entry) => {
                let number = self.free.pop().unwrap_or_else(|| {
                    self.next += 1;
                    self.next - 1
                });
                entry.insert((account.to_owned(), number));
                number
            }
        }
    }

    /// The number of an account that is to be set up from outside.
    pub(super) fn add(&mut self, hash: u64, account: K, hashing: &RandomState) -> u32 {
        let number = self.next;
        self.next += 1;
        self.numbers.insert_unique(hash, (account, number), |(key, _)| hashing.hash_one(key));
        number
    }

    pub(super) fn earliest(&self) -> Instant {
        self.earliest
    }

    #[inline]
    fn taken_at(&mut self, asked: Instant) -> Instant {
        self.turned_back += u64::from(asked < self.earliest);
        asked.max(self.earliest)
    }

    pub(super) fn forget_idle(&mut self, now: Instant) -> usize {
        self.earliest = self.earliest.max(now);
        let Shard { numbers, free, evaluator, .. } = self;
        let before = numbers.len();
        numbers.retain(|&mut (_, number)| {
            let stays = !evaluator.is_idle(number, now);
            if !stays {
                evaluator.clear(number);
                free.push(number);
            }
            stays
        });
        before - numbers.len()
    }

    pub(super) fn accounts(&self) -> usize {
        self.numbers.len()
    }

    pub(super) fn turned_back(&self) -> u64 {
        self.turned_back + self.evaluator.turned_back()
    }

    pub(super) fn bytes(&self) -> usize {
        self.numbers.allocation_size() + self.free.capacity() * size_of::<u32>() + self.evaluator.bytes()
    }

    /// The keys and numbers of all accounts, in no order.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&K, u32)> {
        self.numbers.iter().map(|(key, number)| (key, *number))
    }
}
