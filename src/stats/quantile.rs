//! Quantiles and their order-statistic intervals.
//!
//! The quantile of a discrete law is the smallest x with distribution function at least q. Of n independent values in
//! order, the l-th and the u-th bracket the q-quantile with probability P(l <= B < u), B binomial(n, q) (David and
//! Nagaraja, "Order statistics", 3rd edition, section 7.1).

use statrs::distribution::{Binomial, DiscreteCDF};

/// The ranks (1-based) of the order statistics that bracket the `q`-quantile of `n` independent values at `level`.
///
/// 0 and n + 1 stand for "below the smallest" and "above the largest".
#[must_use]
pub fn bracket(n: u64, q: f64, level: f64) -> (u64, u64) {
    let tail = (1.0 - level) / 2.0;
    let Ok(law) = Binomial::new(q, n) else { return (0, n + 1) };
    let (mut low, mut high) = (law.inverse_cdf(tail), law.inverse_cdf(1.0 - tail) + 1);
    while low > 0 && law.cdf(low - 1) > tail {
        low -= 1;
    }
    while high <= n && law.cdf(high - 1) < 1.0 - tail {
        high += 1;
    }
    (low, high)
}

/// The value at a rank (1-based) of a sample given as counts by bin; none past its end.
#[must_use]
pub fn at_rank(bins: &[u64], rank: u64) -> Option<usize> {
    let mut seen = 0;
    bins.iter().position(|count| {
        seen += count;
        seen >= rank.max(1)
    })
}

/// The rank of the `q`-quantile of n values: the smallest whole number at least q n.
#[must_use]
pub fn rank_of(q: f64, n: u64) -> u64 {
    ((q * n as f64).ceil() as u64).clamp(1, n.max(1))
}

/// The `q`-quantile of values in ascending order; 0 for none.
#[must_use]
pub fn of_sorted<T: Copy + Default>(sorted: &[T], q: f64) -> T {
    match sorted.len() as u64 {
        0 => T::default(),
        n => sorted[rank_of(q, n) as usize - 1],
    }
}
