//! Daily counts: each law as an inverse-distribution table, one draw a count.
//!
//! Sampling is by inversion (Devroye, "Non-uniform random variate generation", section III.2) with a guide table (Chen and
//! Asau, 1974): 16 random bits settle nearly every draw; where the count lies at a border that those bits cannot decide, 48
//! further bits do. A larger mean never gives a smaller count from the same bits, which couples two paces closely.

use statrs::distribution::{ContinuousCDF, Normal};
use statrs::function::gamma::gamma_lr;

use crate::random;
use crate::scenario::CountLaw;

/// A guide tells the count of a draw from so many of its top bits.
pub(crate) const GUIDE_BITS: u32 = 11;
/// Where those bits do not settle the count, the guide holds this.
pub(crate) const UNSETTLED: u32 = 0x8000;

/// Probabilities below this share of the largest are left out: far below what 64 random bits can tell.
const NEGLIGIBLE: f64 = 1e-22;

/// A discrete law prepared for sampling.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CountTable {
    /// The smallest count with any probability.
    first: u32,
    /// `ends[k]`: the end, in units of 2^-64, of the words that give a count of at most `first + k`.
    ends: Vec<u64>,
}

impl CountTable {
    /// The table of a law; none when it is always 0, or when it does not give the day's count alone.
    pub(crate) fn new(law: CountLaw) -> Option<CountTable> {
        let (first, weights) = match law {
            _ if law.mean() <= 0.0 => return None,
            CountLaw::Sessions { .. } | CountLaw::SelfExciting { .. } | CountLaw::Recorded { .. } => {
                return None;
            }
            CountLaw::Poisson { mean } => poisson(mean),
            CountLaw::NegativeBinomial { mean, size } => negative_binomial(mean, size),
            CountLaw::Quota { per_day, variation } => quota(per_day, variation),
        };
        Some(CountTable::from_weights(first, &weights))
    }

    /// The table of the law on `first`, `first + 1`, … with probabilities in proportion to `weights`.
    pub(crate) fn from_weights(first: u32, weights: &[f64]) -> CountTable {
        let total: f64 = weights.iter().sum();
        let mut seen = 0.0;
        let mut ends: Vec<u64> = weights
            .iter()
            .map(|weight| {
                seen += weight;
                (seen / total * 18_446_744_073_709_551_616.0) as u64
            })
            .collect();
        while ends.len() > 1 && ends[ends.len() - 2] == u64::MAX {
            ends.pop();
        }
        CountTable { first, ends }
    }

    /// The table of the geometric law on `first`, `first + 1`, … with a mean.
    pub(crate) fn geometric(first: u32, mean: f64) -> CountTable {
        let success = 1.0 / (mean - f64::from(first) + 1.0);
        let tail = (1.0 - success).max(0.0);
        let most = if tail > 0.0 { (NEGLIGIBLE.ln() / tail.ln()).ceil().min(4e6) as usize } else { 1 };
        let weights: Vec<f64> = (0..most.max(1)).map(|k| tail.powf(k as f64)).collect();
        CountTable::from_weights(first, &weights)
    }

    /// The smallest count with any probability.
    pub(crate) fn first(&self) -> u32 {
        self.first
    }

    /// By the top bits of a draw: the count, or [`UNSETTLED`].
    pub(crate) fn guide(&self) -> impl Iterator<Item = u16> {
        (0..1_u64 << GUIDE_BITS).map(|top| {
            let low = top << (64 - GUIDE_BITS);
            let (least, most) = (self.draw_word(low), self.draw_word(low | (u64::MAX >> GUIDE_BITS)));
            if least == most && most < UNSETTLED { most as u16 } else { UNSETTLED as u16 }
        })
    }

    /// The count of a draw of 16 random bits, with `word` as the source of the further bits.
    pub(crate) fn draw(&self, bits: u16, word: u64) -> u32 {
        let further = random::mix(word ^ u64::from(bits).wrapping_mul(0xD134_2543_DE82_EF95));
        self.draw_word((u64::from(bits) << 48) | (further >> 16))
    }

    /// The count of a uniform 64-bit word.
    pub(crate) fn draw_word(&self, uniform: u64) -> u32 {
        let below = self.ends.partition_point(|&end| end <= uniform);
        self.first + below.min(self.ends.len() - 1) as u32
    }

    #[cfg(test)]
    fn probability(&self, count: u32) -> f64 {
        let Some(k) = count.checked_sub(self.first).map(|k| k as usize) else { return 0.0 };
        let end = |k: usize| match k + 1 {
            n if n >= self.ends.len() => 2_f64.powi(64),
            _ => self.ends[k] as f64,
        };
        if k >= self.ends.len() {
            0.0
        } else {
            (end(k) - if k == 0 { 0.0 } else { end(k - 1) }) / 2_f64.powi(64)
        }
    }
}

/// Weights around the mode by the ratios of neighbouring probabilities, so that nothing overflows.
fn around_mode(mode: u32, up: impl Fn(f64) -> f64, down: impl Fn(f64) -> f64) -> (u32, Vec<f64>) {
    let side = |step: &dyn Fn(u32) -> f64, most: u32| {
        let mut weight = 1.0;
        let mut weights = Vec::new();
        for k in 0..most {
            weight *= step(k);
            if weight < NEGLIGIBLE {
                break;
            }
            weights.push(weight);
        }
        weights
    };
    let below = side(&|k| down(f64::from(mode - k)), mode);
    let above = side(&|k| up(f64::from(mode + k)), 4_000_000);
    let first = mode - below.len() as u32;
    (first, below.into_iter().rev().chain([1.0]).chain(above).collect())
}

/// P(k + 1) / P(k) = mean / (k + 1).
fn poisson(mean: f64) -> (u32, Vec<f64>) {
    around_mode(mean.floor() as u32, |k| mean / (k + 1.0), |k| k / mean)
}

/// P(k + 1) / P(k) = (k + size) / (k + 1) × mean / (mean + size): variance mean + mean²/size.
fn negative_binomial(mean: f64, size: f64) -> (u32, Vec<f64>) {
    let q = mean / (mean + size);
    let mode = if size > 1.0 { (mean * (size - 1.0) / size).floor() as u32 } else { 0 };
    around_mode(mode, |k| (k + size) / (k + 1.0) * q, |k| k / ((k - 1.0 + size) * q))
}

/// Normal(m, (v m)²), cut at 0, rounded at random to a neighbouring whole number so that the mean stays: with
/// H(x) = E (x - X)⁺, P(k) = H(k+1) - 2 H(k) + H(k-1) for k >= 1 and P(0) = H(1) - H(0).
fn quota(mean: f64, variation: f64) -> (u32, Vec<f64>) {
    let deviation = mean * variation;
    let h = |x: f64| {
        if deviation <= mean * 1e-9 {
            return (x - mean).max(0.0);
        }
        let z = (x - mean) / deviation;
        let density = (-z * z / 2.0).exp() / std::f64::consts::TAU.sqrt();
        deviation * (z * Normal::standard().cdf(z) + density)
    };
    let first = (mean - 10.0 * deviation).floor().max(0.0) as u32;
    let last = (mean + 10.0 * deviation).ceil() as u32 + 1;
    let weight = |k: u32| {
        let k_real = f64::from(k);
        let low = if k == 0 { h(0.0) } else { h(k_real) - h(k_real - 1.0) };
        if k == 0 { h(1.0) - low } else { h(k_real + 1.0) - h(k_real) - low }
    };
    (first, (first..=last).map(|k| weight(k).max(0.0)).collect())
}

/// Days from the issue of a token until as many newer ones as may live at once have displaced it: after d days with
/// probability P(Poisson(d x mean) >= cap). Beyond the horizon they are cut.
pub(crate) fn displacement_table(law: crate::scenario::Displacement, horizon: u32) -> CountTable {
    let (cap, mut before) = (f64::from(law.live_tokens), 0.0);
    let mut weights = vec![0.0];
    for day in 1..=horizon {
        let newer = gamma_lr(cap, law.new_tokens_per_day * f64::from(day));
        weights.push((newer - before).max(0.0));
        before = newer;
    }
    weights.push((1.0 - before).max(0.0));
    CountTable::from_weights(0, &weights)
}

/// A whole number of days with the given law, as a table on 0, 1, 2, ….
pub(crate) fn days_table(law: crate::scenario::DaysLaw) -> CountTable {
    use crate::scenario::DaysLaw;
    match law {
        DaysLaw::Fixed(days) => CountTable::from_weights(days, &[1.0]),
        DaysLaw::Uniform { min, max } => CountTable::from_weights(min, &vec![1.0; (max - min) as usize + 1]),
        DaysLaw::Geometric { mean, at_least } => CountTable::geometric(at_least, mean),
        DaysLaw::LogNormal { median, sigma, min, max } => {
            let cdf = |x: f64| match x {
                x if x <= 0.0 => 0.0,
                x if sigma <= 0.0 => f64::from(u8::from(x > median)),
                x => Normal::standard().cdf((x / median).ln() / sigma),
            };
            let within = |k: u32| (cdf(f64::from(k) + 0.5) - cdf(f64::from(k) - 0.5)).max(0.0);
            let mut weights: Vec<f64> = (min..=max).map(within).collect();
            if weights.iter().sum::<f64>() <= 0.0 {
                let nearest = if median < f64::from(min) { 0 } else { weights.len() - 1 };
                weights[nearest] = 1.0;
            }
            CountTable::from_weights(min, &weights)
        }
    }
}

#[cfg(test)]
mod tests {
    use statrs::function::gamma::ln_gamma;

    use super::*;
    use crate::scenario::DaysLaw;

    fn moments(table: &CountTable) -> (f64, f64) {
        let law =
            || (0..=table.ends.len() as u32 + table.first).map(|k| (f64::from(k), table.probability(k)));
        let mean: f64 = law().map(|(k, p)| k * p).sum();
        (mean, law().map(|(k, p)| (k - mean).powi(2) * p).sum())
    }

    fn close(value: f64, expected: f64) {
        assert!((value - expected).abs() <= 1e-9 * expected.abs().max(1.0), "{value} is not {expected}");
    }

    #[test]
    fn tables_hold_the_exact_probabilities() {
        for mean in [0.02, 0.9, 18.0, 40.0, 5_000.0] {
            let table = CountTable::new(CountLaw::Poisson { mean }).expect("positive mean");
            for k in [0, 1, mean as u32, (mean * 1.3) as u32] {
                let exact = (f64::from(k) * mean.ln() - mean - ln_gamma(f64::from(k) + 1.0)).exp();
                assert!(
                    (table.probability(k) - exact).abs() < 1e-10 * exact.max(1e-5),
                    "Poisson({mean}) at {k}"
                );
            }
            let (m, v) = moments(&table);
            close(m, mean);
            close(v, mean);
        }
    }

    #[test]
    fn over_dispersed_counts_have_the_stated_variance() {
        for (mean, size) in [(18.0, 4.0), (18.0, 0.5), (2.0, 100.0)] {
            let (m, v) =
                moments(&CountTable::new(CountLaw::NegativeBinomial { mean, size }).expect("positive"));
            close(m, mean);
            close(v, mean + mean * mean / size);
        }
    }

    #[test]
    fn quotas_keep_their_mean() {
        let table =
            |per_day, variation| CountTable::new(CountLaw::Quota { per_day, variation }).expect("positive");
        let (m, v) = moments(&table(3.6, 0.0));
        close(m, 3.6);
        close(v, 0.24);
        assert_eq!(table(31.0, 0.0).probability(31), 1.0);
        let (m, v) = moments(&table(20.0, 0.1));
        close(m, 20.0);
        assert!((v - 4.0).abs() < 0.3, "variance {v} should be near 4, plus at most 1/4 by rounding");
        assert!(moments(&table(2.0, 1.0)).0 > 2.05, "what is cut at zero raises the mean");
    }

    #[test]
    fn quantiles_are_the_published_ones() {
        // Known answers DIST-1s: quantile of a discrete law = smallest x with distribution function >= q.
        let quantile =
            |law, q: f64| CountTable::new(law).expect("positive").draw_word((q * 2_f64.powi(64)) as u64 - 1);
        let poisson = CountLaw::Poisson { mean: 18.0 };
        assert_eq!([0.05, 0.5, 0.95, 0.999].map(|q| quantile(poisson, q)), [11, 18, 25, 32]);
        let wide = CountLaw::NegativeBinomial { mean: 18.0, size: 4.0 };
        assert_eq!([0.05, 0.5, 0.95, 0.999].map(|q| quantile(wide, q)), [5, 16, 37, 63]);
    }

    #[test]
    fn sixteen_bits_and_their_refinement_follow_the_table() {
        let table = CountTable::new(CountLaw::Poisson { mean: 18.0 }).expect("positive");
        let (mut counts, n) = ([0_u32; 64], 4_000_000_u64);
        for i in 0..n {
            let word = random::mix(i ^ 0xABCD);
            counts[table.draw((word >> 16) as u16, word) as usize] += 1;
        }
        let chi2: f64 = (5..35)
            .map(|k| {
                let expected = table.probability(k) * n as f64;
                (f64::from(counts[k as usize]) - expected).powi(2) / expected
            })
            .sum();
        assert!(chi2 < 30.0 + 4.0 * 60_f64.sqrt(), "chi-square {chi2} on 30 cells");
    }

    #[test]
    fn delays_have_the_stated_laws() {
        let (m, v) = moments(&days_table(DaysLaw::Geometric { mean: 2.0, at_least: 1 }));
        close(m, 2.0);
        close(v, 2.0);
        let (m, _) = moments(&days_table(DaysLaw::Geometric { mean: 2.0, at_least: 0 }));
        close(m, 2.0);
        close(moments(&days_table(DaysLaw::Geometric { mean: 1.0, at_least: 1 })).1, 0.0);
        close(moments(&days_table(DaysLaw::Uniform { min: 2, max: 5 })).0, 3.5);
        assert_eq!(moments(&days_table(DaysLaw::Fixed(14))), (14.0, 0.0));
        let law = DaysLaw::LogNormal { median: 5.3, sigma: 0.6, min: 2, max: 14 };
        let (m, _) = moments(&days_table(law));
        assert!((5.0..6.5).contains(&m), "mean {m}");
        let narrow = DaysLaw::LogNormal { median: 300.0, sigma: 0.01, min: 2, max: 14 };
        assert_eq!(moments(&days_table(narrow)).0, 14.0);
    }

    #[test]
    fn more_demand_never_gives_fewer_actions_from_the_same_bits() {
        let tables =
            [17.0, 18.0, 19.5].map(|mean| CountTable::new(CountLaw::Poisson { mean }).expect("positive"));
        for i in 0..200_000 {
            let word = random::mix(i);
            let counts = tables.each_ref().map(|table| table.draw(word as u16, word));
            assert!(counts.is_sorted(), "{counts:?}");
        }
    }
}
