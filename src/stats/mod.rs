//! Statistics without a word of the domain: estimates with intervals, exact sums, quantiles.

use serde::Serialize;

/// An estimated number with its uncertainty.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// Point estimate.
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
    /// Monte Carlo standard error of `value`.
    pub standard_error: f64,
}
