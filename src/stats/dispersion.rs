//! Whether the trials of a cluster succeed together: the variance of the number of hits of a cluster beside that of
//! independent trials with the same probabilities. The formulas stand in `docs/methods/hits.md`.

use super::Estimate;
use super::moments::student_quantile;
use super::proportion;

/// The hits of many clusters of the same trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Clusters<'a> {
    /// Clusters by their number of hits.
    pub by_hits: &'a [u64],
    /// By trial: the share of clusters in which it was a hit.
    pub probabilities: Vec<f64>,
    /// Trials with one probability each.
    pub strata: Vec<Stratum<'a>>,
}

/// Trials of equal probability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stratum<'a> {
    /// Trials of it in each cluster.
    pub size: usize,
    /// Hits of all clusters.
    pub hits: u64,
    /// By stratum: the sum over clusters of the product of the numbers of hits of this one and that one.
    pub together: &'a [u128],
    /// The sum over clusters of its number of hits times the square of that of all strata.
    pub with_squares: u128,
}

impl Clusters<'_> {
    fn count(&self) -> f64 {
        self.by_hits.iter().sum::<u64>() as f64
    }

    /// The mean over clusters of a function of the number of hits.
    fn mean_of(&self, value: impl Fn(f64) -> f64) -> f64 {
        let total: f64 =
            self.by_hits.iter().enumerate().map(|(hits, &n)| n as f64 * value(hits as f64)).sum();
        total / self.count()
    }

    /// The sum of p (1 - p), with the divisor of an unbiased variance.
    #[must_use]
    pub fn independent_variance(&self) -> f64 {
        let clusters = self.count();
        self.spread() * if clusters > 1.0 { clusters / (clusters - 1.0) } else { 1.0 }
    }

    fn spread(&self) -> f64 {
        self.probabilities.iter().map(|p| p * (1.0 - p)).sum()
    }

    /// The variance of the number of hits as a multiple of that of independent trials; none where no trial varies.
    ///
    /// It is 1 + 2 (m - m0) / s, with m the mean number of pairs of trials of a cluster that are both hits, m0 that of
    /// independent trials, and s the sum of p (1 - p). The interval is the score interval of m, so that it holds where few
    /// pairs were seen, with the standard error of the whole by the delta method. Where most trials are hits, pairs of misses
    /// are counted instead: the multiple is the same.
    #[must_use]
    pub fn over_dispersion(&self, level: f64) -> Option<Estimate> {
        let (clusters, trials, spread) = (self.count(), self.probabilities.len() as f64, self.spread());
        if spread <= 0.0 || clusters < 2.0 {
            return None;
        }
        let mean = self.mean_of(|hits| hits);
        let misses = mean > trials / 2.0;
        let rarer = |hits: f64| if misses { trials - hits } else { hits };
        let pairs = self.mean_of(|hits| rarer(hits) * (rarer(hits) - 1.0) / 2.0);
        let squares: f64 =
            self.probabilities.iter().map(|p| if misses { (1.0 - p) * (1.0 - p) } else { p * p }).sum();
        let independent = (rarer(mean).powi(2) - squares) / 2.0;
        let multiple = |pairs: f64| (1.0 + 2.0 * (pairs - independent) / spread).max(0.0);
        let value = multiple(pairs);
        let error = self.error_of_pairs(mean, value);
        let (low, high) = if pairs > 0.0 {
            let reach = student_quantile(clusters as u64, level) * error;
            let shift = reach * reach / (2.0 * pairs);
            let high = pairs + shift + reach.hypot(shift);
            (pairs * (pairs / high), high)
        } else {
            (0.0, proportion::clopper_pearson(0.0, clusters, level).1 * trials * (trials - 1.0) / 2.0)
        };
        Some(Estimate {
            value,
            low: multiple(low).min(value),
            high: multiple(high).max(value),
            standard_error: 2.0 * error / spread,
        })
    }

    /// The standard error of m - m0 - multiple s / 2, of which every part is estimated: that of the mean of
    /// (K² - 2 m K - multiple Σ (1 - 2 p) K of each stratum) / 2, with K the number of hits and m its mean.
    fn error_of_pairs(&self, mean: f64, multiple: f64) -> f64 {
        let clusters = self.count();
        let bend = |hits: f64| hits * hits - 2.0 * mean * hits;
        let centre = self.mean_of(bend);
        let mut variance = self.mean_of(|hits| (bend(hits) - centre).powi(2));
        let share = |stratum: &Stratum| stratum.hits as f64 / clusters;
        let weight = |stratum: &Stratum| 1.0 - 2.0 * share(stratum) / stratum.size.max(1) as f64;
        for own in &self.strata {
            let with_all = own.together.iter().sum::<u128>() as f64;
            let with_bend =
                (own.with_squares as f64 - 2.0 * mean * with_all) / clusters - centre * share(own);
            variance -= 2.0 * multiple * weight(own) * with_bend;
            for (other, &product) in self.strata.iter().zip(own.together) {
                let covariance = product as f64 / clusters - share(own) * share(other);
                variance += multiple * multiple * weight(own) * weight(other) * covariance;
            }
        }
        (variance.max(0.0) / (clusters - 1.0)).sqrt() / 2.0
    }
}

/// By k = 0, 1, …, `most`: the probability that at least k of independent trials are hits (a Poisson-binomial law).
#[must_use]
pub fn poisson_binomial_tails(probabilities: &[f64], most: usize) -> Vec<f64> {
    // at[k]: exactly k of the trials so far; the last one: at least so many.
    let mut at = vec![0.0; most + 1];
    at[0] = 1.0;
    for (before, &p) in probabilities.iter().enumerate() {
        let top = most.min(before + 1);
        for k in (1..=top).rev() {
            let stays = if k == most { at[k] } else { at[k] * (1.0 - p) };
            at[k] = stays + at[k - 1] * p;
        }
        if most > 0 {
            at[0] *= 1.0 - p;
        }
    }
    for k in (0..most).rev() {
        at[k] += at[k + 1];
    }
    at.iter().map(|tail| tail.min(1.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::mix;

    /// The sums of clusters given by the numbers of hits of their strata.
    struct Sums {
        by_hits: Vec<u64>,
        hits: Vec<u64>,
        together: Vec<u128>,
        with_squares: Vec<u128>,
        sizes: Vec<usize>,
    }

    fn sums(sizes: &[usize], clusters: &[Vec<u64>]) -> Sums {
        let n = sizes.len();
        let mut sums = Sums {
            by_hits: vec![0; sizes.iter().sum::<usize>() + 1],
            hits: vec![0; n],
            together: vec![0; n * n],
            with_squares: vec![0; n],
            sizes: sizes.to_vec(),
        };
        for cluster in clusters {
            let all: u64 = cluster.iter().sum();
            sums.by_hits[all as usize] += 1;
            for (g, &own) in cluster.iter().enumerate() {
                sums.hits[g] += own;
                sums.with_squares[g] += u128::from(own * all * all);
                for (h, &other) in cluster.iter().enumerate() {
                    sums.together[g * n + h] += u128::from(own * other);
                }
            }
        }
        sums
    }

    impl Sums {
        fn over_dispersion(&self) -> Option<Estimate> {
            let clusters = self.by_hits.iter().sum::<u64>() as f64;
            let n = self.sizes.len();
            let strata = (0..n).map(|g| Stratum {
                size: self.sizes[g],
                hits: self.hits[g],
                together: &self.together[g * n..(g + 1) * n],
                with_squares: self.with_squares[g],
            });
            let probabilities =
                self.sizes.iter().zip(&self.hits).flat_map(|(&size, &hits)| {
                    std::iter::repeat_n(hits as f64 / clusters / size as f64, size)
                });
            let probabilities = probabilities.collect();
            Clusters { by_hits: &self.by_hits, probabilities, strata: strata.collect() }.over_dispersion(0.95)
        }
    }

    /// Hits of independent trials; `word` counts the random words used.
    fn draw(sizes: &[usize], probabilities: &[f64], word: &mut u64) -> Vec<u64> {
        let mut hit = |p: f64| {
            *word += 1;
            u64::from((mix(*word) >> 11) as f64 / (1_u64 << 53) as f64 <= p)
        };
        sizes.iter().zip(probabilities).map(|(&size, &p)| (0..size).map(|_| hit(p)).sum()).collect()
    }

    #[test]
    fn the_multiple_is_that_of_the_variances() {
        // Numbers of hits 0, 1, 2, 2 of two trials: mean 1.25, variance (divisor n) 0.6875; p = 0.625 each.
        let sums = sums(&[2], &[vec![0], vec![1], vec![2], vec![2]]);
        let multiple = sums.over_dispersion().expect("the trials vary").value;
        assert!((multiple - 0.6875 / (2.0 * 0.625 * 0.375)).abs() < 1e-12, "{multiple}");
    }

    #[test]
    fn trials_that_all_hit_or_all_miss_have_their_number_as_the_multiple() {
        for hits in [10, 90] {
            let clusters: Vec<Vec<u64>> = (0..100).map(|i| vec![if i < hits { 5 } else { 0 }]).collect();
            let multiple = sums(&[5], &clusters).over_dispersion().expect("the trials vary");
            assert!((multiple.value - 5.0).abs() < 1e-12, "{multiple:?}");
        }
        assert_eq!(sums(&[5], &[vec![5], vec![5]]).over_dispersion(), None);
        assert_eq!(sums(&[5], &[vec![0], vec![0]]).over_dispersion(), None);
    }

    #[test]
    fn intervals_of_independent_trials_cover_1_as_often_as_they_say() {
        // 95 % of 500 intervals are 475, with a standard deviation of 4.9. Rare pairs make intervals cautious, never bold.
        let cases: [(&[usize], &[f64]); 5] = [
            (&[5], &[0.3]),
            (&[4, 6], &[0.05, 0.6]),
            (&[20], &[0.02]),
            (&[3], &[0.97]),
            (&[2, 2], &[0.5, 0.01]),
        ];
        let mut word = 7_u64 << 40;
        for (sizes, probabilities) in cases {
            let covered = (0..500).filter(|_| {
                let clusters: Vec<_> = (0..400).map(|_| draw(sizes, probabilities, &mut word)).collect();
                let multiple = sums(sizes, &clusters).over_dispersion();
                multiple.is_none_or(|multiple| multiple.low <= 1.0 && 1.0 <= multiple.high)
            });
            let covered = covered.count();
            assert!(covered >= 455, "{covered} of 500 for {sizes:?} {probabilities:?}");
        }
    }

    #[test]
    fn a_few_pairs_that_were_never_seen_prove_nothing() {
        // 5 trials of p = 0.0005: in 10,000 clusters 0.025 pairs are expected.
        let clusters: Vec<Vec<u64>> = (0..10_000).map(|i| vec![u64::from(i % 400 == 0)]).collect();
        let multiple = sums(&[5], &clusters).over_dispersion().expect("the trials vary");
        assert!(multiple.low < 1.0 && multiple.high > 1.0, "{multiple:?}");
    }

    #[test]
    fn tails_of_unequal_trials_are_exact() {
        // p = 0.5, 0.2, 0.1: none 0.36, all 0.01, exactly one 0.49, two 0.14.
        for most in 1..=4 {
            let tails = poisson_binomial_tails(&[0.5, 0.2, 0.1], most);
            for (tail, exact) in tails.iter().zip([1.0, 0.64, 0.15, 0.01, 0.0]) {
                assert!((tail - exact).abs() < 1e-15, "{tails:?}");
            }
        }
        assert_eq!(poisson_binomial_tails(&[0.5], 0), [1.0]);
    }
}
