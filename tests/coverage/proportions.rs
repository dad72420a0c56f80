//! Intervals of a proportion from independent trials: their coverage is a sum over the binomial law, without chance.

use pacewise::stats::proportion::{Method, estimate};
use statrs::distribution::{Binomial, Discrete};

use super::LEVEL;

const SHARES: [f64; 4] = [0.001, 0.01, 0.2, 0.5];
const TRIALS: [u64; 5] = [50, 200, 500, 1_000, 4_096];

/// Which outcomes of `n` trials give an interval that holds each of some shares, and how likely that is.
struct Intervals(Vec<(f64, f64)>);

impl Intervals {
    fn of(n: u64, level: f64, method: Method) -> Intervals {
        let interval = |hits| {
            let estimate = estimate(hits, n, level, method);
            (estimate.low, estimate.high)
        };
        Intervals((0..=n).map(interval).collect())
    }

    /// The probability that the interval holds `p`, and that it lies above it.
    fn coverage(&self, p: f64) -> (f64, f64) {
        let law = Binomial::new(p, self.0.len() as u64 - 1).expect("a proportion");
        let (mut holds, mut above) = (0.0, 0.0);
        for (hits, &(low, high)) in (0..).zip(&self.0) {
            let weight = law.pmf(hits);
            holds += if low <= p && p <= high { weight } else { 0.0 };
            above += if low > p { weight } else { 0.0 };
        }
        (holds, above)
    }
}

#[test]
fn clopper_pearson_covers_at_least_nominally_on_each_side() {
    for level in [0.9, LEVEL, 0.99] {
        for n in TRIALS {
            let intervals = Intervals::of(n, level, Method::ClopperPearson);
            for p in SHARES {
                let (holds, above) = intervals.coverage(p);
                let below = 1.0 - holds - above;
                let tail = (1.0 - level) / 2.0 + 1e-9;
                assert!(above <= tail && below <= tail, "n {n}, p {p}, level {level}: {above} {below}");
            }
        }
    }
}

#[test]
fn clopper_pearson_is_not_wider_than_it_must_be() {
    // A hit more or less would cover too seldom: where many counts are likely, coverage stays near nominal.
    for n in [1_000, 4_096] {
        let (holds, _) = Intervals::of(n, LEVEL, Method::ClopperPearson).coverage(0.5);
        assert!((LEVEL..LEVEL + 0.013).contains(&holds), "n {n}: {holds}");
    }
}

#[test]
fn wilson_covers_nominally_on_average_over_the_share() {
    for n in TRIALS {
        let intervals = Intervals::of(n, LEVEL, Method::Wilson);
        for (from, to) in [(0.0, 0.02), (0.02, 0.2), (0.2, 0.8)] {
            let steps = 400;
            let share = |i: u32| from + (to - from) * (f64::from(i) + 0.5) / f64::from(steps);
            let mean = (0..steps).map(|i| intervals.coverage(share(i)).0).sum::<f64>() / f64::from(steps);
            // With few expected hits Wilson's interval is somewhat wide; Wald's covers 30 to 70 % there.
            let most = if to * n as f64 <= 10.0 { 0.985 } else { 0.96 };
            assert!((0.944..most).contains(&mean), "n {n}, p in ({from}, {to}): {mean}");
        }
    }
}

#[test]
fn wilson_holds_its_level_at_small_and_middling_shares() {
    for n in TRIALS {
        let intervals = Intervals::of(n, LEVEL, Method::Wilson);
        for p in SHARES {
            let (holds, above) = intervals.coverage(p);
            // The worst point of Wilson's interval lies where about 0.18 hits are expected (Brown, Cai and DasGupta 2001).
            let least = if p * n as f64 >= 5.0 { 0.935 } else { 0.90 };
            assert!(holds >= least, "n {n}, p {p}: {holds}, {above} above");
        }
    }
}
