//! Ratios: what was accepted or reported on the last days, as a share of what was sent or answered on them.

use super::response::{ACCEPTED, Answers, DECLINED, REPORTED, SENT};
use crate::scenario::{Bound, Ratio, RatioOf, RatioTo};

/// A ratio of the answers to one action.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RatioModel {
    /// Place among the group's responses.
    pub(crate) response: usize,
    pub(crate) law: Ratio,
}

impl RatioModel {
    /// Whether it is beyond its bound at the end of a day.
    pub(super) fn is_breached(&self, answers: &Answers, day: u32) -> bool {
        let law = &self.law;
        let counts = answers.last_days(day, law.trailing_days);
        if counts[SENT] < law.at_least {
            return false;
        }
        let of = match law.of {
            RatioOf::Accepted => counts[ACCEPTED],
            RatioOf::Reported => counts[REPORTED],
        };
        let to = match law.to {
            RatioTo::Sent => counts[SENT],
            RatioTo::Answered => counts[ACCEPTED] + counts[DECLINED] + counts[REPORTED],
        };
        let ratio = f64::from(of) / f64::from(to);
        to > 0
            && match law.bound {
                Bound::Below(bound) => ratio < bound,
                Bound::Above(bound) => ratio > bound,
            }
    }
}
