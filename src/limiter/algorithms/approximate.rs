//! Algorithms that keep a few numbers for each window and are wrong at times.

use super::{Algorithm, Cells, Limits};
use crate::rules::ActionId;
use crate::time::Instant;

/// The generic cell rate algorithm: a theoretical arrival time for each window, with the whole limit as burst. What refills
/// during the window comes on top, so up to nearly twice the limit fits into one. (ITU-T I.371; as in the crate `governor`.)
#[derive(Debug, Clone)]
pub struct Gcra(Cells<f64>);

/// A counter for each window that starts again at multiples of its length.
#[derive(Debug, Clone)]
pub struct Fixed(Cells<Counter>);

/// Fixed windows, where a share of the one before counts too: that by which the sliding window still overlaps it.
#[derive(Debug, Clone)]
pub struct Weighted(Cells<Counter>);

/// A bucket for each window that holds the limit and fills at limit / length. Decides as `Gcra` does, up to rounding.
#[derive(Debug, Clone)]
pub struct TokenBucket(Cells<Bucket>);

#[derive(Debug, Clone)]
struct Counter {
    /// Which multiple of its length the window is.
    window: Instant,
    count: u32,
    before: u32,
}

#[derive(Debug, Clone)]
struct Bucket {
    /// Tokens taken out, as of `at`: an untouched bucket is full.
    taken: f64,
    at: Instant,
}

impl Gcra {
    /// No account has done anything yet.
    #[must_use]
    pub fn new(limits: Limits) -> Gcra {
        Gcra(Cells::new(limits, f64::NEG_INFINITY))
    }
}

impl Algorithm for Gcra {
    fn name(&self) -> &'static str {
        "gcra"
    }

    fn admits(&mut self, account: u32, action: ActionId, at: Instant) -> bool {
        let (arrivals, limits) = self.0.of(account, action);
        let at = at as f64;
        let next =
            |(arrival, &(span, max)): (&f64, &(Instant, u32))| arrival.max(at) + span as f64 / f64::from(max);
        let fits = |(arrival, limit)| next((arrival, limit)) <= at + limit.0 as f64;
        let has_room = arrivals.iter().zip(limits).all(fits);
        if has_room {
            for (arrival, limit) in arrivals.iter_mut().zip(limits) {
                *arrival = next((arrival, limit));
            }
        }
        has_room
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

impl Counter {
    fn enter(&mut self, at: Instant, span: Instant) {
        let window = at.div_euclid(span);
        if window != self.window {
            self.before = if window == self.window + 1 { self.count } else { 0 };
            (self.window, self.count) = (window, 0);
        }
    }
}

impl Fixed {
    /// No account has done anything yet.
    #[must_use]
    pub fn new(limits: Limits) -> Fixed {
        Fixed(Cells::new(limits, Counter { window: 0, count: 0, before: 0 }))
    }
}

impl Algorithm for Fixed {
    fn name(&self) -> &'static str {
        "fixed window"
    }

    fn admits(&mut self, account: u32, action: ActionId, at: Instant) -> bool {
        let (counters, limits) = self.0.of(account, action);
        count(counters, limits, at, |counter, _| f64::from(counter.count))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

impl Weighted {
    /// No account has done anything yet.
    #[must_use]
    pub fn new(limits: Limits) -> Weighted {
        Weighted(Cells::new(limits, Counter { window: 0, count: 0, before: 0 }))
    }
}

impl Algorithm for Weighted {
    fn name(&self) -> &'static str {
        "weighted window"
    }

    fn admits(&mut self, account: u32, action: ActionId, at: Instant) -> bool {
        let (counters, limits) = self.0.of(account, action);
        count(counters, limits, at, |counter, span| {
            let overlap = 1.0 - at.rem_euclid(span) as f64 / span as f64;
            f64::from(counter.count) + f64::from(counter.before) * overlap
        })
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// Counts one more where every counter has room for it.
fn count(
    counters: &mut [Counter],
    limits: &[(Instant, u32)],
    at: Instant,
    held: impl Fn(&Counter, Instant) -> f64,
) -> bool {
    for (counter, limit) in counters.iter_mut().zip(limits) {
        counter.enter(at, limit.0);
    }
    let has_room = counters
        .iter()
        .zip(limits)
        .all(|(counter, &(span, max))| held(counter, span) + 1.0 <= f64::from(max));
    for counter in counters {
        counter.count += u32::from(has_room);
    }
    has_room
}

impl TokenBucket {
    /// No account has done anything yet.
    #[must_use]
    pub fn new(limits: Limits) -> TokenBucket {
        TokenBucket(Cells::new(limits, Bucket { taken: 0.0, at: Instant::MIN }))
    }
}

impl Algorithm for TokenBucket {
    fn name(&self) -> &'static str {
        "token bucket"
    }

    fn admits(&mut self, account: u32, action: ActionId, at: Instant) -> bool {
        let (buckets, limits) = self.0.of(account, action);
        for (bucket, &(span, max)) in buckets.iter_mut().zip(limits) {
            let filled = at.saturating_sub(bucket.at) as f64 * f64::from(max) / span as f64;
            *bucket = Bucket { taken: (bucket.taken - filled).max(0.0), at };
        }
        let has_room =
            buckets.iter().zip(limits).all(|(bucket, limit)| bucket.taken + 1.0 <= f64::from(limit.1));
        for bucket in buckets {
            bucket.taken += f64::from(u8::from(has_room));
        }
        has_room
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}
