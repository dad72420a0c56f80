//! Differences of two numbers found on the same random numbers, added up as whole numbers.

use super::Estimate;
use super::moments::student_quantile;
use super::proportion;

/// The sum and the sum of squares of one difference per replicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Differences {
    sum: i128,
    squares: u128,
}

impl Differences {
    /// Adds `a - b`.
    #[inline]
    pub fn record(&mut self, a: u64, b: u64) {
        let difference = i128::from(a) - i128::from(b);
        self.sum += difference;
        self.squares += (difference * difference) as u128;
    }

    /// Adds everything that another sum holds.
    pub fn merge(&mut self, other: &Differences) {
        self.sum += other.sum;
        self.squares += other.squares;
    }

    /// Estimates the mean of `count` differences, after division by `unit`; each is at most `largest` either way.
    ///
    /// The interval is Student's for paired values. Where every difference seen is 0 it reaches as far to both sides as
    /// leaves the seen zeros plausible: `largest` times the exact upper limit of the share of replicates with another one.
    #[must_use]
    pub fn estimate(&self, count: u64, unit: f64, largest: f64, level: f64) -> Estimate {
        let n = count as f64;
        let value = self.sum as f64 / n / unit;
        if self.squares == 0 {
            let reach = proportion::clopper_pearson(0.0, n, level).1 * largest;
            return Estimate { value, low: -reach, high: reach, standard_error: 0.0 };
        }
        let mean = self.sum as f64 / n;
        let variance = ((self.squares as f64 - self.sum as f64 * mean) / (n - 1.0)).max(0.0);
        let standard_error = (variance / n).sqrt() / unit;
        let reach = student_quantile(count, level) * standard_error;
        Estimate { value, low: value - reach, high: value + reach, standard_error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paired_differences_have_students_interval() {
        // Differences 1, -1, 2, 0: mean 0.5, variance 5/3, t(0.975, 3) = 3.182446.
        let mut differences = Differences::default();
        for (a, b) in [(3, 2), (1, 2), (2, 0), (5, 5)] {
            differences.record(a, b);
        }
        let estimate = differences.estimate(4, 1.0, 1.0, 0.95);
        let error = (5.0_f64 / 3.0 / 4.0).sqrt();
        assert!((estimate.value - 0.5).abs() < 1e-12 && (estimate.standard_error - error).abs() < 1e-12);
        assert!((estimate.high - 0.5 - 3.182_446 * error).abs() < 1e-5, "{estimate:?}");
        assert!((estimate.low - 0.5 + 3.182_446 * error).abs() < 1e-5, "{estimate:?}");
    }

    #[test]
    fn no_difference_seen_is_no_proof_of_none() {
        let mut differences = Differences::default();
        (0..100).for_each(|_| differences.record(7, 7));
        let estimate = differences.estimate(100, 5.0, 1.0, 0.95);
        assert_eq!((estimate.value, estimate.low), (0.0, -estimate.high));
        assert!((estimate.high - (1.0 - 0.025_f64.powf(0.01))).abs() < 1e-9);
    }
}
