//! Sums and sums of squares of whole numbers: exact, so that merging them in any order gives the same bits.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Estimate;
use super::proportion;

/// The sum and the sum of squares of one number per replicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Moments {
    /// Sum.
    pub sum: u128,
    /// Sum of squares.
    pub squares: u128,
}

impl Moments {
    /// Adds one number.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.sum += u128::from(value);
        self.squares += u128::from(value) * u128::from(value);
    }

    /// Adds everything that another sum holds.
    pub fn merge(&mut self, other: &Moments) {
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// The mean of `count` numbers.
    #[must_use]
    pub fn mean(&self, count: u64) -> f64 {
        self.sum as f64 / count as f64
    }

    /// The unbiased variance of `count` numbers; 0 for fewer than two.
    #[must_use]
    pub fn variance(&self, count: u64) -> f64 {
        if count < 2 {
            return 0.0;
        }
        let n = u128::from(count);
        match (n.checked_mul(self.squares), self.sum.checked_mul(self.sum)) {
            (Some(left), Some(right)) => left.saturating_sub(right) as f64 / (n as f64 * (n - 1) as f64),
            _ => (self.squares as f64 - self.sum as f64 * self.mean(count)).max(0.0) / (n - 1) as f64,
        }
    }

    /// The standard error of the mean of `count` numbers.
    #[must_use]
    pub fn standard_error(&self, count: u64) -> f64 {
        (self.variance(count) / count as f64).sqrt()
    }

    /// Estimates the mean of a number that is never negative and at most `largest`, after division by `unit`.
    ///
    /// The interval is the score interval of a mean whose variance grows in proportion to it, with Student's quantile: for
    /// many events it is Student's, for few it reaches further up than down. Where every number seen is 0 its upper end is
    /// the mean that would still leave the seen zeros plausible: `largest` times the exact upper limit of the share of
    /// replicates with another number. One number alone has no upper limit.
    #[must_use]
    pub fn estimate(&self, count: u64, unit: f64, largest: f64, level: f64) -> Estimate {
        let value = self.mean(count) / unit;
        let standard_error = self.standard_error(count) / unit;
        if self.sum == 0 {
            let (_, share) = proportion::clopper_pearson(0.0, count as f64, level);
            return Estimate { value, low: 0.0, high: share * largest, standard_error };
        }
        if count < 2 {
            return Estimate { value, low: 0.0, high: f64::INFINITY, standard_error };
        }
        let (low, high) = score_interval(value, student_quantile(count, level) * standard_error);
        Estimate { value, low, high, standard_error }
    }
}

/// The score interval about a mean whose variance grows in proportion to it; `reach` is half the width of the plain one.
pub(super) fn score_interval(value: f64, reach: f64) -> (f64, f64) {
    let shift = reach * reach / (2.0 * value);
    let high = value + shift + reach.hypot(shift);
    (value * (value / high), high)
}

pub(super) fn student_quantile(count: u64, level: f64) -> f64 {
    match count {
        0..100_000 => StudentsT::new(0.0, 1.0, (count - 1) as f64)
            .map_or(f64::NAN, |t| t.inverse_cdf(0.5 + level / 2.0)),
        _ => proportion::normal_quantile(level),
    }
}
