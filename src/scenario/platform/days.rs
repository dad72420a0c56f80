//! Laws of a number of days: read, checked and put into words.

use std::fmt;
use std::ops::Range;

use statrs::function::erf::erf;

use crate::scenario::DaysLaw;
use crate::scenario::diagnostic::{Report, all_of};
use crate::scenario::located::At;
use crate::scenario::platform_file::{DaysFile, GeometricFile, LogNormalFile, UniformFile};

/// The longest number of days that a law may give.
const LONGEST: u32 = 36_525;

/// The smallest probability with which a log-normal number of days must fall within its bounds.
const RAREST: f64 = 1e-6;

/// Reads a law; none when it is wrong, and then the report says why.
pub(crate) fn read(file: &At<DaysFile>, report: &mut Report) -> Option<DaysLaw> {
    let stated = [
        ("fixed", file.fixed.is_some()),
        ("geometric", file.geometric.is_some()),
        ("uniform", file.uniform.is_some()),
        ("log_normal", file.log_normal.is_some()),
    ];
    let stated: Vec<&str> = stated.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    if stated.len() > 1 {
        let message = format!("several laws for one number of days: {}", all_of(stated));
        report.error(file.span.clone(), message).hint("keep one of them");
        return None;
    }
    if let Some(days) = &file.fixed {
        return Some(DaysLaw::Fixed(days.value));
    }
    if let Some(law) = &file.geometric {
        return geometric(law, report);
    }
    if let Some(law) = &file.uniform {
        return uniform(law, report);
    }
    if let Some(law) = &file.log_normal {
        return log_normal(law, report);
    }
    report.missing(
        &file.span,
        "no law for the number of days",
        "give one of `fixed`, `geometric`, `uniform`, `log_normal`, as in { fixed = 3 }",
    );
    None
}

fn geometric(law: &At<GeometricFile>, report: &mut Report) -> Option<DaysLaw> {
    let at_least = law.at_least.unwrap_or(1);
    let mean = law.mean?;
    if mean < f64::from(at_least) {
        let message = format!("a mean of {mean} days is below the smallest number of days, {at_least}");
        report.error(law.span.clone(), message).hint("raise `mean`, or state a lower `at_least`");
        return None;
    }
    Some(DaysLaw::Geometric { mean, at_least })
}

fn uniform(law: &At<UniformFile>, report: &mut Report) -> Option<DaysLaw> {
    let (min, max) = (law.min?, law.max?);
    ordered(min, max, &law.span, report).then_some(DaysLaw::Uniform { min, max })
}

fn log_normal(law: &At<LogNormalFile>, report: &mut Report) -> Option<DaysLaw> {
    let (min, max) = (law.min.unwrap_or(1), law.max.unwrap_or(LONGEST));
    let (median, sigma) = (law.median?, law.sigma?);
    if !ordered(min, max, &law.span, report) {
        return None;
    }
    if share_within(median, sigma, min, max) < RAREST {
        let message = format!(
            "a median of {median} days with sigma {sigma} almost never falls within {min} to {max} days"
        );
        report
            .error(law.span.clone(), message)
            .hint("move the median between `min` and `max`, or widen them");
        return None;
    }
    Some(DaysLaw::LogNormal { median, sigma, min, max })
}

fn ordered(min: u32, max: u32, span: &Range<usize>, report: &mut Report) -> bool {
    if min > max {
        report.error(span.clone(), format!("`min` is {min} days, more than `max`, {max} days"));
    }
    min <= max
}

/// The probability that a log-normal number, rounded to whole days, lies in `min..=max`.
fn share_within(median: f64, sigma: f64, min: u32, max: u32) -> f64 {
    let below = |days: f64| {
        if days <= 0.0 {
            return 0.0;
        }
        let distance = (days / median).ln();
        if sigma == 0.0 {
            return f64::from(u8::from(distance > 0.0));
        }
        0.5 * (1.0 + erf(distance / (sigma * std::f64::consts::SQRT_2)))
    };
    below(f64::from(max) + 0.5) - below(f64::from(min) - 0.5)
}

impl DaysLaw {
    /// In few words: between which days, or how many in the mean.
    #[must_use]
    pub fn briefly(&self) -> String {
        match self {
            DaysLaw::Fixed(_) => self.to_string(),
            DaysLaw::Geometric { mean, .. } => format!("mean {mean} days"),
            DaysLaw::Uniform { min, max } | DaysLaw::LogNormal { min, max, .. } => {
                format!("{min} to {max} days")
            }
        }
    }
}

impl fmt::Display for DaysLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DaysLaw::Fixed(1) => write!(f, "1 day"),
            DaysLaw::Fixed(days) => write!(f, "{days} days"),
            DaysLaw::Geometric { mean, at_least } => {
                write!(f, "geometric, mean {mean} days, at least {at_least}")
            }
            DaysLaw::Uniform { min, max } => write!(f, "{min} to {max} days, all alike"),
            DaysLaw::LogNormal { median, sigma, min, max } => {
                write!(f, "{min} to {max} days, log-normal, median {median} days, sigma {sigma}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_within_bounds_counts_rounded_days() {
        assert!((share_within(5.0, 0.5, 0, LONGEST) - 1.0).abs() < 1e-12);
        assert_eq!(share_within(5.0, 0.0, 5, 5), 1.0);
        assert_eq!(share_within(5.0, 0.0, 6, 9), 0.0);
        // P(1.5 < X < 2.5) for median 2, sigma 1: Φ(ln 1.25) - Φ(ln 0.75).
        assert!((share_within(2.0, 1.0, 2, 2) - (0.588_294 - 0.386_796)).abs() < 1e-4);
    }

    #[test]
    fn laws_read_as_prose() {
        assert_eq!(DaysLaw::Fixed(1).to_string(), "1 day");
        assert_eq!(
            DaysLaw::LogNormal { median: 5.0, sigma: 0.5, min: 2, max: 14 }.to_string(),
            "2 to 14 days, log-normal, median 5 days, sigma 0.5"
        );
    }
}
