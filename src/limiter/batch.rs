//! Many checks at once: sorted by shard, so that a lock is taken once for all of its calls, and read ahead, so that memory
//! is at hand when a call is judged.

use std::borrow::Borrow;
use std::hash::Hash;
use std::hint::black_box;

use super::{Limiter, SHARDS, shard_of};
use crate::rules::{ActionId, Decision, Denied};
use crate::time::Instant;

/// One check of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<'a, Q: ?Sized> {
    /// Who asks.
    pub account: &'a Q,
    /// What for.
    pub action: ActionId,
    /// And when.
    pub at: Instant,
}

/// So many calls are sorted at once: what is noted of them stays near.
const SORTED: usize = 1_024;

/// So many calls are found and read ahead before the first of them is judged.
const AHEAD: usize = 16;

impl<K: Hash + Eq> Limiter<K> {
    /// Checks calls as if one after the other in their order. Calls of one account keep their order; other accounts' calls of
    /// other threads may come in between. The decisions are in the order of the calls.
    #[must_use]
    pub fn check_all<Q>(&self, calls: &[Call<'_, Q>]) -> Vec<Decision>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let mut decisions = vec![Decision::Allowed; calls.len()];
        for (calls, decisions) in calls.chunks(SORTED).zip(decisions.chunks_mut(SORTED)) {
            self.check_some(calls, decisions);
        }
        decisions
    }

    /// Checks at most `SORTED` calls.
    fn check_some<Q>(&self, calls: &[Call<'_, Q>], decisions: &mut [Decision])
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
    {
        let mut hashes = [0; SORTED];
        for (hash, call) in hashes.iter_mut().zip(calls) {
            *hash = self.hash(call.account);
        }
        let (order, ends) = by_shard(&hashes[..calls.len()]);
        let mut from = 0;
        for (shard, &end) in self.shards.iter().zip(&ends) {
            let end = usize::from(end);
            if from == end {
                continue;
            }
            let mut shard = shard.lock();
            for some in order[from..end].chunks(AHEAD) {
                let (mut numbers, mut read) = ([0; AHEAD], 0);
                for (number, &i) in numbers.iter_mut().zip(some) {
                    let i = usize::from(i);
                    *number = shard.number(hashes[i], calls[i].account, &self.hashing);
                    read ^= shard.evaluator.look_ahead(*number);
                }
                black_box(read);
                let (mut places, some) = (some.iter(), some.iter().map(|&i| &calls[usize::from(i)]));
                let each = numbers.iter().zip(some).map(|(&number, call)| (number, call.action, call.at));
                shard.evaluator.check_each(each, |decision| {
                    let place = places.next();
                    // Taken apart, so that its parts stay in registers; those that are allowed were filled in before.
                    if let (Some(&i), Decision::Denied(Denied { rule, limit, retry_after })) =
                        (place, decision)
                    {
                        decisions[usize::from(i)] = Decision::Denied(Denied { rule, limit, retry_after });
                    }
                });
            }
            from = end;
        }
    }
}

/// The places of at most `SORTED` hashes sorted by their shard, in order within each, and where each shard's end.
fn by_shard(hashes: &[u64]) -> ([u16; SORTED], [u16; SHARDS]) {
    let mut ends = [0; SHARDS];
    for &hash in hashes {
        ends[shard_of(hash)] += 1;
    }
    let mut starts = [0; SHARDS];
    let mut all = 0;
    for (start, end) in starts.iter_mut().zip(&mut ends) {
        *start = all;
        all += *end;
        *end = all;
    }
    let mut order = [0; SORTED];
    for (place, &hash) in hashes.iter().enumerate() {
        let next = &mut starts[shard_of(hash)];
        order[usize::from(*next) % SORTED] = place as u16;
        *next += 1;
    }
    (order, ends)
}
