//! What a run must keep: `p99<2ms`, `errors==0`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::arrivals::parse_seconds;
use super::summary::{Latency, Summary};

/// A bound on one measure of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    text: String,
    measure: Measure,
    comparison: Comparison,
    /// Nanoseconds for latencies.
    bound: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Measure {
    /// Of all, allowed or denied checks.
    Latency(Whose, Quantile),
    ScheduleError(Quantile),
    Errors,
    ErrorShare,
    WrongDecisions,
    Unjudged,
    Rate,
    DeniedShare,
    Checks,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Whose {
    All,
    Allowed,
    Denied,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Quantile {
    Mean,
    Max,
    /// A share in [0, 1].
    At(f64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
    Equal,
}

const COMPARISONS: [(&str, Comparison); 5] = [
    ("<=", Comparison::AtMost),
    (">=", Comparison::AtLeast),
    ("==", Comparison::Equal),
    ("<", Comparison::Less),
    (">", Comparison::More),
];

/// Why a threshold could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no threshold: write a measure, a comparison (<, <=, ==, >=, >) and a bound, as in \"p99<2ms\"; measures are \
     mean, max, p50 to p99.99 (also as allowed.p99, denied.p99 and schedule.p99), errors, error_share, wrong_decisions, \
     unjudged, rate, denied_share and checks; latencies need a unit (ns, us, ms, s), shares may have a %"
)]
pub struct ThresholdError(String);

/// Whether a run kept a threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The threshold as it was written.
    pub threshold: String,
    /// Whether it was kept; what was never measured keeps none.
    pub kept: bool,
    /// What was measured; nanoseconds for latencies.
    pub measured: Option<f64>,
    /// Whether it is a time.
    #[serde(default)]
    pub is_time: bool,
}

impl FromStr for Threshold {
    type Err = ThresholdError;

    fn from_str(text: &str) -> Result<Threshold, ThresholdError> {
        let text = text.trim();
        read(text).ok_or_else(|| ThresholdError(text.to_owned()))
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn read(text: &str) -> Option<Threshold> {
    let found = COMPARISONS.iter().find_map(|(sign, comparison)| {
        text.split_once(sign).map(|(measure, bound)| (measure.trim(), *comparison, bound.trim()))
    });
    let (measure, comparison, bound) = found?;
    let measure = measure_named(measure)?;
    let bound = match measure {
        Measure::Latency(..) | Measure::ScheduleError(_) => parse_seconds(bound)? * 1e9,
        Measure::ErrorShare | Measure::DeniedShare => match bound.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
            None => bound.parse().ok()?,
        },
        _ => bound.replace('_', "").parse().ok()?,
    };
    bound.is_finite().then(|| Threshold { text: text.to_owned(), measure, comparison, bound })
}

fn measure_named(name: &str) -> Option<Measure> {
    Some(match name {
        "errors" => Measure::Errors,
        "error_share" => Measure::ErrorShare,
        "wrong_decisions" => Measure::WrongDecisions,
        "unjudged" => Measure::Unjudged,
        "rate" => Measure::Rate,
        "denied_share" => Measure::DeniedShare,
        "checks" => Measure::Checks,
        name => match name.split_once('.') {
            Some(("allowed", name)) => Measure::Latency(Whose::Allowed, quantile(name)?),
            Some(("denied", name)) => Measure::Latency(Whose::Denied, quantile(name)?),
            Some(("schedule", name)) => Measure::ScheduleError(quantile(name)?),
            _ => Measure::Latency(Whose::All, quantile(name)?),
        },
    })
}

fn quantile(name: &str) -> Option<Quantile> {
    match name {
        "mean" => Some(Quantile::Mean),
        "max" => Some(Quantile::Max),
        _ => {
            let known = super::summary::QUANTILES.iter().find(|(known, _)| *known == name);
            known.map(|(_, share)| Quantile::At(*share))
        }
    }
}

impl Threshold {
    /// Holds a run against the threshold.
    #[must_use]
    pub fn judge(&self, summary: &Summary) -> Kept {
        let measured = self.measured(summary);
        let kept = measured.is_some_and(|value| match self.comparison {
            Comparison::Less => value < self.bound,
            Comparison::AtMost => value <= self.bound,
            Comparison::More => value > self.bound,
            Comparison::AtLeast => value >= self.bound,
            Comparison::Equal => value == self.bound,
        });
        let is_time = matches!(self.measure, Measure::Latency(..) | Measure::ScheduleError(_));
        Kept { threshold: self.text.clone(), kept, measured, is_time }
    }

    fn measured(&self, summary: &Summary) -> Option<f64> {
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        if summary.checks + summary.all_errors() == 0 {
            return None;
        }
        match self.measure {
            Measure::Latency(whose, quantile) => {
                let latency = match whose {
                    Whose::All => &summary.latency.all,
                    Whose::Allowed => &summary.latency.allowed,
                    Whose::Denied => &summary.latency.denied,
                };
                value(latency.as_ref()?, quantile)
            }
            Measure::ScheduleError(quantile) => value(summary.schedule_error.as_ref()?, quantile),
            Measure::Errors => Some(summary.errors.values().sum::<u64>() as f64),
            Measure::ErrorShare => {
                let errors = summary.errors.values().sum::<u64>();
                share(errors, errors + summary.checks)
            }
            Measure::WrongDecisions => (summary.judged > 0).then(|| summary.wrong.total() as f64),
            Measure::Unjudged => Some(summary.unjudged as f64),
            Measure::Rate => Some(summary.checks_per_second),
            Measure::DeniedShare => share(summary.denied, summary.checks),
            Measure::Checks => Some(summary.checks as f64),
        }
    }
}

fn value(latency: &Latency, quantile: Quantile) -> Option<f64> {
    match quantile {
        Quantile::Mean => Some(latency.mean_ns),
        Quantile::Max => Some(latency.max_ns as f64),
        Quantile::At(share) => latency.at(share).map(|ns| ns as f64),
    }
}
