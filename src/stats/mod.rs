//! Statistics without a word of the domain: estimates with intervals, exact sums, quantiles, rounds until an interval is
//! narrow enough.

pub mod dispersion;
pub mod moments;
pub mod paired;
pub mod proportion;
pub mod quantile;
pub mod ratio;
pub mod rounds;

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

impl Estimate {
    /// Half the width of the interval.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}
