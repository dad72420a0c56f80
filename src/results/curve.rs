//! The risk at several paces.

use serde::Serialize;

use crate::stats::Estimate;

/// The risk at several paces, on common random numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RiskCurve {
    /// The scaled action; none: all actions together.
    pub action: Option<String>,
    /// What is at risk, as in `flagged`.
    pub event: String,
    /// Whose risk: `worst` account, `mean` account or `team`.
    pub of: String,
    /// Confidence level of the bands.
    pub level: f64,
    /// Replicates at each pace; in a report, at each but today's, whose point is the run's own.
    pub replicates: u64,
    /// By ascending factor.
    pub points: Vec<RiskPoint>,
}

/// The risk at one pace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RiskPoint {
    /// Factor on today's demand; 1: the plan as written.
    pub factor: f64,
    /// Mean number demanded per account and workday of the scaled actions at this pace (the worst-off group's, for `worst`).
    pub per_day: f64,
    /// Replicates that this point rests on.
    pub replicates: u64,
    /// Probability of the event.
    pub risk: Estimate,
    /// Mean number delivered by the whole team of the scaled actions.
    pub delivered: Estimate,
}

impl RiskCurve {
    /// The point of the plan as written (factor 1), if the curve holds it.
    #[must_use]
    pub fn today(&self) -> Option<&RiskPoint> {
        self.points.iter().find(|point| point.factor == 1.0)
    }

    /// What is at risk and for whom: `a flag for the worst-off account`.
    #[must_use]
    pub fn risk_in_words(&self) -> String {
        let event = match self.event.as_str() {
            "flagged" => "a flag",
            "restricted" => "a restriction",
            "restricted_permanently" => "a permanent restriction",
            "disconnected" => "a disconnection",
            other => other,
        };
        let whose = match self.of.as_str() {
            "worst" => "the worst-off account",
            "mean" => "the mean account",
            "team" => "anyone of the team",
            other => other,
        };
        format!("{event} for {whose}")
    }
}
