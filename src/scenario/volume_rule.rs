//! Rules on the volume of actions, and how breaches of them are noticed.

use serde::Serialize;

use super::{Class, Consequence};
use crate::rules::Rule;

/// Limits on the volume of some actions and how breaches of them are noticed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VolumeRule {
    /// Unique name.
    pub name: String,
    /// What is counted and how much is allowed.
    pub rule: Rule,
    /// By limit: where it comes from; empty where nothing is known. The scenario's list of assumptions tells it too.
    #[serde(skip)]
    pub origins: Vec<LimitOrigin>,
    /// How a breach becomes a flag.
    pub detection: Detection,
    /// What a noticed breach leads to.
    pub consequence: Consequence,
}

/// Where a limit comes from, and whose calendar it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitOrigin {
    /// How sure its number is.
    pub class: Class,
    /// Who says so.
    pub source: String,
    /// The time zone at whose midnights its calendar changes, a name of the IANA database; none: that of whoever counts.
    pub zone: Option<String>,
}

/// When a breach is tried, and the probability that the trial flags the account:
/// `min(ceiling, probability + slope (x - L) / L)` with x/L of the window furthest over its limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Detection {
    /// What makes one trial.
    pub per: Trial,
    /// Probability of a flag at the limit.
    pub probability: f64,
    /// Growth with the relative excess; 0: constant.
    pub slope: f64,
    /// Largest probability.
    pub ceiling: f64,
}

/// What makes one detection trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trial {
    /// Each event that leaves at least one window over its limit.
    Event,
    /// Each civil day in which some instant left a window over its limit, at its end.
    Day,
    /// Each week from Monday in which some instant left a window over its limit, at its end.
    Week,
}
