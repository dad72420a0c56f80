//! Many checks at once: sorted by shard, so that a lock is taken once for all of its calls, and read ahead, so that memory
//! is at hand when a call is judged.

use std::borrow::Borrow;
use std::hash::Hash;
use std::hint::black_box;

use super::{Limiter, SHARDS, shard_of};
use crate::rules::{ActionId, Decision};
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
        let hashes: Vec<u64> = calls.iter().map(|call| self.hash(call.account)).collect();
        let (order, ends) = by_shard(&hashes);
        let mut from = 0;
        for (shard, &end) in self.shards.iter().zip(&ends) {
            if from == end {
                continue;
            }
            let mut shard = shard.lock();
            for some in order[from..end].chunks(AHEAD) {
                let (mut numbers, mut read) = ([0; AHEAD], 0);
                for (number, &i) in numbers.iter_mut().zip(some) {
                    *number = shard.number(hashes[i as usize], calls[i as usize].account, &self.hashing);
                    read ^= shard.evaluator.look_ahead(*number);
                }
                black_box(read);
                let mut places = some.iter();
                let each = numbers.iter().zip(some).map(|(&number, &i)| {
                    let call = &calls[i as usize];
                    (number, call.action, call.at)
                });
                shard.evaluator.check_each(each, |decision| {
                    if let Some(&i) = places.next() {
                        decisions[i as usize] = decision;
                    }
                });
            }
            from = end;
        }
        decisions
    }
}

/// The places of hashes sorted by their shard, in order within each, and where each shard's end.
fn by_shard(hashes: &[u64]) -> (Vec<u32>, [usize; SHARDS]) {
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
    let mut order = vec![0; hashes.len()];
    for (place, &hash) in hashes.iter().enumerate() {
        let next = &mut starts[shard_of(hash)];
        order[*next] = place as u32;
        *next += 1;
    }
    (order, ends)
}
