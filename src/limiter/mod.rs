//! The limiter: may this account do this now? Exact answers for many accounts, shared between threads. It knows no clock:
//! time is an argument.
//!
//! - A call is `check` (may it happen? if so it is recorded), `record` (it happened anyway) or `usage` (how full is it?).
//! - A denied action is denied at every instant before `t + retry_after` and allowed exactly then, if nothing else happens
//!   to its account. Windows are those of [`rules`](crate::rules): (t-w, t], more than the limit is too many.
//! - The time of an account does not run backwards: a call dated before the account's latest recorded event is taken at that
//!   event's time, and counted in [`turned_back`](Limiter::turned_back).
//! - Accounts are forgotten only by [`forget_idle`](Limiter::forget_idle), which changes no answer: it sets the earliest time
//!   at which later calls are taken, for all accounts alike.
//!
//! ```
//! use pacewise::limiter::Limiter;
//! use pacewise::rules::{Calendar, Decision, Limit, Rule, RuleSet, Window};
//! use pacewise::time::HOUR;
//!
//! let rule = Rule { actions: vec![0], limits: vec![Limit { window: Window::Sliding(HOUR), max: 1 }] };
//! let limiter: Limiter<String> = Limiter::new(&RuleSet::new(vec![rule], 1), &Calendar::Civil);
//! assert!(limiter.check("ann", 0, 0).is_allowed());
//! let Decision::Denied(denied) = limiter.check("ann", 0, 10) else { panic!("one an hour") };
//! assert_eq!(denied.retry_after, Some(HOUR - 10));
//! ```

pub mod algorithms;
mod batch;
mod shard;
mod snapshot;

#[cfg(test)]
mod reference;

use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use foldhash::fast::RandomState;
use parking_lot::Mutex;

pub use batch::Call;
pub use snapshot::SnapshotError;
#[cfg(feature = "serve")]
pub(crate) use snapshot::UNFINISHED;

use crate::rules::{ActionId, Calendar, Decision, Evaluator, RuleSet, Usage};
use crate::time::Instant;
use shard::Shard;

/// The number of shards: a power of two, many times the threads of one machine.
const SHARDS: usize = 64;

/// Admission for many accounts. Keys are numbers or strings: `Limiter<u64>`, `Limiter<String>`.
#[derive(Debug)]
pub struct Limiter<K> {
    /// Each behind a lock of its own.
    shards: Box<[Mutex<Shard<K>>]>,
    /// How many accounts they hold.
    held: Arc<AtomicUsize>,
    /// Held by whoever goes through all accounts, and relies on none going or is to make them go.
    sweep: Mutex<()>,
    hashing: RandomState,
    rules: RuleSet,
    calendar: Calendar,
}

impl<K: Hash + Eq> Limiter<K> {
    /// The limiter of accounts that have done nothing yet.
    #[must_use]
    pub fn new(rules: &RuleSet, calendar: &Calendar) -> Limiter<K> {
        let empty = Evaluator::new(rules, calendar.clone());
        let held = Arc::new(AtomicUsize::new(0));
        let shard = |_| Mutex::new(Shard::new(empty.clone(), Arc::clone(&held)));
        let shards = (0..SHARDS).map(shard).collect();
        let hashing = RandomState::default();
        Limiter {
            shards,
            held,
            sweep: Mutex::new(()),
            hashing,
            rules: rules.clone(),
            calendar: calendar.clone(),
        }
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// The calendar of limits that have none of their own.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Whether an account may do something at `at`. If it may, it is recorded as done.
    #[inline]
    pub fn check<Q>(&self, account: &Q, action: ActionId, at: Instant) -> Decision
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let hash = self.hash(account);
        self.shard(hash).lock().check(hash, account, action, at, &self.hashing)
    }

    /// As [`check`](Limiter::check), for whoever has the limiter alone: no lock is taken.
    #[inline]
    pub fn check_mut<Q>(&mut self, account: &Q, action: ActionId, at: Instant) -> Decision
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let hash = self.hash(account);
        self.shards[shard_of(hash)].get_mut().check(hash, account, action, at, &self.hashing)
    }

    /// Records what happened, allowed or not.
    pub fn record<Q>(&self, account: &Q, action: ActionId, at: Instant)
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let hash = self.hash(account);
        self.shard(hash).lock().record(hash, account, action, at, &self.hashing);
    }

    /// How full each window of an account is at `at`, in the order of the rules' limits. Records nothing.
    pub fn usage<Q>(&self, account: &Q, at: Instant) -> Vec<Usage>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let hash = self.hash(account);
        self.shard(hash).lock().usage(hash, account, at)
    }

    /// Whether an account is held: it takes one of the [`accounts`](Limiter::accounts).
    #[must_use]
    pub fn holds<Q>(&self, account: &Q) -> bool
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let hash = self.hash(account);
        self.shard(hash).lock().holds(hash, account)
    }

    /// Forgets accounts whose windows are all empty at `now`, and gives back their memory for other accounts. From then on a
    /// call that is dated before `now` is taken at `now`, whether or not its account was forgotten: so forgetting changes no
    /// answer. Returns how many were forgotten. Call it from time to time, with a time that no later call will precede. It
    /// waits for the end of a snapshot that is being written.
    pub fn forget_idle(&self, now: Instant) -> usize {
        let _sweep = self.sweep.lock();
        let mut forgotten = 0;
        for shard in &self.shards {
            forgotten += shard.lock().forget_idle(now);
        }
        forgotten
    }

    /// The number of accounts that are held.
    #[must_use]
    pub fn accounts(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// How many calls came dated before an earlier event of their account, or before the last `forget_idle`.
    #[must_use]
    pub fn turned_back(&self) -> u64 {
        self.shards.iter().map(|shard| shard.lock().evaluator.turned_back()).sum()
    }

    /// The bytes that all accounts take, room to grow included; what string keys hold on the heap comes on top.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().bytes()).sum()
    }

    /// The sum of something over the keys of all accounts; one shard after the other waits for it.
    #[cfg(feature = "serve")]
    pub(crate) fn sum_of_keys(&self, size: impl Fn(&K) -> usize) -> usize {
        let of_shard = |shard: &Mutex<Shard<K>>| shard.lock().keys().map(|(key, _)| size(key)).sum::<usize>();
        self.shards.iter().map(of_shard).sum()
    }

    #[inline]
    fn hash<Q: Hash + ?Sized>(&self, account: &Q) -> u64 {
        self.hashing.hash_one(account)
    }

    /// Tables within a shard use the lowest and the highest bits of a hash; shards use others.
    #[inline]
    fn shard(&self, hash: u64) -> &Mutex<Shard<K>> {
        &self.shards[shard_of(hash)]
    }
}

#[inline]
fn shard_of(hash: u64) -> usize {
    (hash >> 40) as usize % SHARDS
}
