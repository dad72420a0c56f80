//! What people want to do, when, and what they allow themselves.

use serde::Serialize;

use super::CountLaw;
use crate::rules::ActionId;

/// What a group wants to do with one action.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Demand {
    /// The action.
    pub action: ActionId,
    /// The law of a full day's count.
    pub law: CountLaw,
    /// Factor of each weekday, Monday first. Where the file is silent: 1 on workdays, 0 on other days.
    pub weekdays: [f64; 7],
    /// Factor of each month, January first. Where the file is silent: 1.
    pub months: [f64; 12],
    /// Relative intensity over the day; empty: constant over the calendar's working hours.
    pub hours: Vec<HourBand>,
}

/// A stretch of the day of constant intensity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HourBand {
    /// First second after midnight.
    pub from_second: u32,
    /// End, seconds after midnight, greater than the start, at most 86,400.
    pub to_second: u32,
    /// Intensity per unit of time, relative to the other bands of the day; positive.
    pub weight: f64,
}

/// A stretch of days in which the demand of some actions is multiplied.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Phase {
    /// Name for the report.
    pub name: String,
    /// First day, counted from day 0.
    pub from_day: u32,
    /// Number of days, at least 1.
    pub days: u32,
    /// Factor on the first day.
    pub factor: f64,
    /// Factor on the last day; the days between follow a straight line.
    pub factor_at_end: f64,
    /// The actions it concerns; empty: all.
    pub actions: Vec<ActionId>,
}

impl Phase {
    /// The factor on one of its days, counted from its first.
    pub(crate) fn factor_at(&self, day: usize) -> f64 {
        let share = if self.days > 1 { day as f64 / f64::from(self.days - 1) } else { 0.0 };
        self.factor + (self.factor_at_end - self.factor) * share
    }
}

/// The team's own limits on one action, and what happens to the demand above them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pacing {
    /// The action.
    pub action: ActionId,
    /// Largest number in a clock hour.
    pub per_hour: Option<u32>,
    /// Largest number in a civil day.
    pub per_day: Option<u32>,
    /// Largest number in a week.
    pub per_week: Option<u32>,
    /// Whether the week of `per_week` is the last 7 x 24 h (at day resolution: 7 days) instead of the week from Monday.
    pub sliding_week: bool,
    /// Daily caps by account age; from the first step on the step in force limits the day, together with `per_day`.
    pub ramp_up: Vec<RampStep>,
    /// Whether demand above the caps, or while disconnected, waits (first in, first out) instead of being lost.
    pub defer: bool,
    /// Whether the day's actions stand at the midpoints of equal parts of the working hours.
    pub spread: bool,
}

/// A step of a ramp-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RampStep {
    /// The account age in days from which the step holds; ascending.
    pub from_age_days: u32,
    /// Largest number in a civil day.
    pub per_day: u32,
}
