//! A part of the accounts behind one lock: their keys, their numbers, and their recent activity.

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::rules::{ActionId, Decision, Evaluator, Usage};
use crate::time::Instant;

/// Accounts and their state. Callers hand in the hash of the key, which they needed to find the shard. Aligned so that the lock
/// in front of a shard, which every check writes, shares no line of the cache with what checks only read.
#[derive(Debug)]
#[repr(align(128))]
pub(super) struct Shard<K> {
    numbers: HashTable<(K, u32)>,
    /// Numbers of accounts that were forgotten.
    free: Vec<u32>,
    /// The first number that was never given.
    next: u32,
    /// How many accounts all shards hold.
    held: Arc<AtomicUsize>,
    pub(super) evaluator: Evaluator,
}

impl<K: Hash + Eq> Shard<K> {
    pub(super) fn new(evaluator: Evaluator, held: Arc<AtomicUsize>) -> Shard<K> {
        let numbers = HashTable::new();
        Shard { numbers, free: Vec::new(), next: 0, held, evaluator }
    }

    #[inline]
    pub(super) fn check<Q>(
        &mut self,
        hash: u64,
        account: &Q,
        action: ActionId,
        at: Instant,
        hashing: &RandomState,
    ) -> Decision
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let number = self.number(hash, account, hashing);
        self.evaluator.check(number, action, at)
    }

    pub(super) fn record<Q>(
        &mut self,
        hash: u64,
        account: &Q,
        action: ActionId,
        at: Instant,
        hashing: &RandomState,
    ) where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let number = self.number(hash, account, hashing);
        self.evaluator.record(number, action, at, |_, _| {});
    }

    pub(super) fn usage<Q>(&mut self, hash: u64, account: &Q, at: Instant) -> Vec<Usage>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let known = self.numbers.find(hash, |(key, _)| key.borrow() == account);
        let number = known.map_or(u32::MAX, |&(_, number)| number);
        self.evaluator.usage(number, at)
    }

    pub(super) fn holds<Q>(&self, hash: u64, account: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        self.numbers.find(hash, |(key, _)| key.borrow() == account).is_some()
    }

    /// The number of an account, a new one if it has none.
    #[inline]
    pub(super) fn number<Q>(&mut self, hash: u64, account: &Q, hashing: &RandomState) -> u32
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        match self.numbers.find(hash, |(key, _)| key.borrow() == account) {
            Some(&(_, number)) => number,
            None => self.enter(hash, account.to_owned(), hashing),
        }
    }

    /// The number of a new account.
    #[cold]
    pub(super) fn enter(&mut self, hash: u64, account: K, hashing: &RandomState) -> u32 {
        let number = self.free.pop().unwrap_or(self.next);
        self.next = self.next.max(number + 1);
        self.numbers.insert_unique(hash, (account, number), |(key, _)| hashing.hash_one(key));
        self.held.fetch_add(1, Ordering::Relaxed);
        number
    }

    pub(super) fn forget_idle(&mut self, now: Instant) -> usize {
        self.evaluator.not_before(now);
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
        let forgotten = before - numbers.len();
        self.held.fetch_sub(forgotten, Ordering::Relaxed);
        forgotten
    }

    pub(super) fn bytes(&self) -> usize {
        self.numbers.allocation_size() + self.free.capacity() * size_of::<u32>() + self.evaluator.bytes()
    }

    /// The keys and numbers of all accounts, in no order.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&K, u32)> {
        self.numbers.iter().map(|(key, number)| (key, *number))
    }
}
