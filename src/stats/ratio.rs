//! The mean of what comes in clusters of varying number, such as the length of the outages of many replicates: a ratio of
//! two sums, with its interval.

use super::Estimate;
use super::moments::{Moments, score_interval, student_quantile};
use super::proportion;

/// Spread, as a share of the sum of squares, below which nothing varies: what rounding leaves of it.
const ROUNDING: f64 = 1e-12;

/// Sums of two numbers per cluster, a total and how many it is the total of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ratio {
    /// The totals.
    pub part: Moments,
    /// The numbers.
    pub whole: Moments,
    /// Sum of the products of the two.
    pub products: u128,
    /// Clusters with a number other than 0.
    pub seen: u64,
}

impl Ratio {
    /// Adds one cluster; one without number says nothing.
    #[inline]
    pub fn record(&mut self, part: u64, whole: u64) {
        if whole > 0 {
            self.part.record(part);
            self.whole.record(whole);
            self.products += u128::from(part) * u128::from(whole);
            self.seen += 1;
        }
    }

    /// Adds everything that another sum holds.
    pub fn merge(&mut self, other: &Ratio) {
        self.part.merge(&other.part);
        self.whole.merge(&other.whole);
        self.products += other.products;
        self.seen += other.seen;
    }

    /// The mean after division by `unit`; none where there was nothing.
    #[must_use]
    pub fn value(&self, unit: f64) -> Option<f64> {
        (self.whole.sum > 0).then(|| self.part.sum as f64 / self.whole.sum as f64 / unit)
    }

    /// Estimates the mean, after division by `unit`, of something that is never negative; `largest` is the most that the mean
    /// of clusters that were not seen may plausibly be. None where there was nothing.
    ///
    /// The standard error is that of a ratio (delta method; Cochran, Sampling Techniques, 1977, chapter 6) over the clusters
    /// that have any, the interval that of [`Moments::estimate`]. Where all of them have one mean, the interval holds what is
    /// left plausible by as many clusters without another: the exact upper limit of the share of others, times the most by
    /// which they differ.
    #[must_use]
    pub fn estimate(&self, unit: f64, largest: f64, level: f64) -> Option<Estimate> {
        let value = self.value(unit)?;
        let (ratio, number) = (value * unit, self.whole.sum as f64);
        let squares = self.part.squares as f64;
        let spread = squares - 2.0 * ratio * self.products as f64 + ratio * ratio * self.whole.squares as f64;
        if self.seen < 2 || spread <= ROUNDING * squares {
            let (_, others) = proportion::clopper_pearson(0.0, self.seen as f64, level);
            let high = value + others * (largest - value).max(0.0);
            return Some(Estimate { value, low: value * (1.0 - others), high, standard_error: 0.0 });
        }
        let clusters = self.seen as f64;
        let standard_error = (spread * clusters / (clusters - 1.0)).sqrt() / number / unit;
        let (low, high) = score_interval(value, student_quantile(self.seen, level) * standard_error);
        Some(Estimate { value, low, high, standard_error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(clusters: &[(u64, u64)]) -> Ratio {
        let mut ratio = Ratio::default();
        for &(part, whole) in clusters {
            ratio.record(part, whole);
        }
        ratio
    }

    #[test]
    fn the_standard_error_is_that_of_the_residuals() {
        // Ratio 15/6 = 2.5, residuals -0.5, 0, 0.5: variance 0.25 of three clusters of mean size 2.
        let found = ratio(&[(2, 1), (5, 2), (8, 3), (0, 0)]).estimate(1.0, 90.0, 0.95).expect("something");
        assert!((found.value - 2.5).abs() < 1e-12);
        assert!((found.standard_error - (0.5_f64 * 3.0 / 2.0).sqrt() / 6.0).abs() < 1e-12, "{found:?}");
        assert!(found.low < 2.5 - 4.3 * found.standard_error * 0.8 && found.high < 90.0, "{found:?}");
        assert!(
            (found.low * found.high - 2.5 * 2.5).abs() < 1e-9,
            "a score interval is geometric about its value"
        );
    }

    #[test]
    fn clusters_of_one_mean_leave_room_for_others() {
        let day = 86_400_000;
        let equal = ratio(&[(8 * day, 1), (16 * day, 2), (8 * day, 1)]);
        let found = equal.estimate(day as f64, 40.0, 0.95).expect("something");
        // 1 - 0.025^(1/3) of the clusters may differ.
        let others = 0.707_598_226_178_712_8;
        assert_eq!((found.value, found.standard_error), (8.0, 0.0));
        assert!((found.low - 8.0 * (1.0 - others)).abs() < 1e-9, "{found:?}");
        assert!((found.high - (8.0 + 32.0 * others)).abs() < 1e-9, "{found:?}");
        assert_eq!(ratio(&[(0, 0)]).estimate(1.0, 9.0, 0.95), None);
    }

    #[test]
    fn one_cluster_says_little() {
        let one = ratio(&[(30, 3)]).estimate(1.0, 40.0, 0.95).expect("something");
        assert!((one.low - 0.25).abs() < 1e-9 && (one.high - 39.25).abs() < 1e-9, "{one:?}");
    }

    #[test]
    fn merging_is_recording() {
        let mut some = ratio(&[(3, 1), (9, 4)]);
        some.merge(&ratio(&[(0, 0), (2, 2)]));
        assert_eq!(some, ratio(&[(9, 4), (2, 2), (3, 1)]));
    }
}
