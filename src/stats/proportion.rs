//! Intervals for a proportion: Wilson's score interval and the exact one of Clopper and Pearson.
//!
//! Formulas: Brown, Cai and `DasGupta` (2001), "Interval estimation for a binomial proportion", sections 3.1.1 and 4.2.1.
//! Trials that come in clusters (the accounts of one replicate) are counted by their effective number, p (1 - p) / se²,
//! after Kish (1965); see `docs/methods/estimates.md`.

use statrs::distribution::{Beta, ContinuousCDF, Normal};

use super::Estimate;
use super::moments::Moments;

/// How the interval of a proportion is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Wilson's score interval; Clopper-Pearson where no trial, or every trial, was a hit.
    Wilson,
    /// The exact interval of Clopper and Pearson.
    ClopperPearson,
}

/// The two-sided standard normal quantile of a confidence level.
#[must_use]
pub fn normal_quantile(level: f64) -> f64 {
    Normal::standard().inverse_cdf(0.5 + level / 2.0)
}

/// Wilson's score interval for `hits` out of `trials` (both may be effective, hence fractional, numbers).
#[must_use]
pub fn wilson(hits: f64, trials: f64, level: f64) -> (f64, f64) {
    let z = normal_quantile(level);
    let (p, z2n) = (hits / trials, z * z / trials);
    let centre = (p + z2n / 2.0) / (1.0 + z2n);
    let spread = z / (1.0 + z2n) * (p * (1.0 - p) / trials + z2n / (4.0 * trials)).sqrt();
    ((centre - spread).max(0.0), (centre + spread).min(1.0))
}

/// The exact interval of Clopper and Pearson for `hits` out of `trials`.
#[must_use]
pub fn clopper_pearson(hits: f64, trials: f64, level: f64) -> (f64, f64) {
    let tail = (1.0 - level) / 2.0;
    let beta = |a: f64, b: f64, p: f64| Beta::new(a, b).map_or(f64::NAN, |law| law.inverse_cdf(p));
    let low = match hits {
        h if h <= 0.0 => 0.0,
        h if h >= trials => tail.powf(1.0 / trials),
        h => beta(h, trials - h + 1.0, tail),
    };
    let high = match hits {
        h if h <= 0.0 => 1.0 - tail.powf(1.0 / trials),
        h if h >= trials => 1.0,
        h => beta(h + 1.0, trials - h, 1.0 - tail),
    };
    (low, high)
}

/// Estimates a proportion from independent trials.
#[must_use]
pub fn estimate(hits: u64, trials: u64, level: f64, method: Method) -> Estimate {
    let (hits, trials) = (hits as f64, trials as f64);
    let p = hits / trials;
    interval(p, trials, (p * (1.0 - p) / trials).sqrt(), level, method)
}

/// Estimates a proportion from clusters of `size` trials each: `hits` holds the sums over clusters of the number of hits
/// and of its square.
///
/// The standard error is that between clusters. With no hit, or nothing but hits, the interval counts clusters only, so
/// that it holds however the trials of a cluster depend on each other.
#[must_use]
pub fn estimate_clustered(hits: &Moments, clusters: u64, size: u32, level: f64, method: Method) -> Estimate {
    if size == 1 {
        return estimate(hits.sum as u64, clusters, level, method);
    }
    let p = hits.sum as f64 / (clusters as f64 * f64::from(size));
    let se = hits.standard_error(clusters) / f64::from(size);
    interval(p, effective_trials(hits, clusters, size), se, level, method)
}

/// The number of independent trials that tell as much as clusters of `size` trials each: p (1 - p) / se², between the
/// number of clusters and that of all trials; the number of clusters where nothing varies.
#[must_use]
pub fn effective_trials(hits: &Moments, clusters: u64, size: u32) -> f64 {
    let (n, size) = (clusters as f64, f64::from(size));
    let p = hits.sum as f64 / (n * size);
    let se = hits.standard_error(clusters) / size;
    if se > 0.0 { (p * (1.0 - p) / (se * se)).clamp(n, n * size) } else { n }
}

/// Estimates the share of a part in a whole from clusters, where both differ from cluster to cluster; `both` holds the sums
/// of part and whole together. None where the whole is 0.
///
/// A ratio of sums: the standard error is that of the mean of part - share x whole, over the mean of the whole (delta
/// method; Cochran, Sampling Techniques, 1977, chapter 6), the interval that of as many independent trials as tell as much.
#[must_use]
pub fn estimate_ratio(
    [part, whole, both]: [&Moments; 3],
    clusters: u64,
    level: f64,
    method: Method,
) -> Option<Estimate> {
    if whole.sum == 0 {
        return None;
    }
    let p = part.sum as f64 / whole.sum as f64;
    let (of_part, of_whole) = (part.variance(clusters), whole.variance(clusters));
    let covariance = (both.variance(clusters) - of_part - of_whole) / 2.0;
    let variance = (of_part + p * p * of_whole - 2.0 * p * covariance).max(0.0);
    let se = (variance / clusters as f64).sqrt() / whole.mean(clusters);
    let most = whole.sum as f64;
    let trials =
        if se > 0.0 { (p * (1.0 - p) / (se * se)).clamp(1.0, most) } else { most.min(clusters as f64) };
    Some(interval(p, trials, se, level, method))
}

fn interval(p: f64, trials: f64, standard_error: f64, level: f64, method: Method) -> Estimate {
    let (low, high) = match method {
        Method::Wilson if p > 0.0 && p < 1.0 => wilson(p * trials, trials, level),
        _ => clopper_pearson(p * trials, trials, level),
    };
    Estimate { value: p, low: low.min(p), high: high.max(p), standard_error }
}
