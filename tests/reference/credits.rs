//! Credits that actions cost.

use pacewise::rules::ActionId;
use pacewise::scenario::{Period, Platform};
use pacewise::time::{DayNumber, date_of, weekday_of};
use rand::{Rng, RngExt};

use super::laws::draw_days;

/// By credit of the platform, what is held and when spent ones come back.
pub(crate) struct Credits {
    held: Vec<u32>,
    due: Vec<Vec<DayNumber>>,
}

impl Credits {
    pub(crate) fn new(platform: &Platform) -> Credits {
        let credits = &platform.beyond.credits;
        Credits {
            held: credits.iter().map(|credit| credit.at_start).collect(),
            due: vec![Vec::new(); credits.len()],
        }
    }

    /// What is due back, and the grant of a period that begins.
    pub(crate) fn start_day(&mut self, platform: &Platform, day: DayNumber) {
        for (index, credit) in platform.beyond.credits.iter().enumerate() {
            let back = self.due[index].iter().filter(|due| **due == day).count() as u32;
            let begins = match credit.every {
                Period::Day => true,
                Period::Week => weekday_of(day) == 0,
                Period::Month => date_of(day).day() == 1,
            };
            let grant = if begins { credit.grant } else { 0 };
            self.held[index] = (self.held[index] + back + grant).min(credit.most);
        }
    }

    pub(crate) fn refused_by(&self, platform: &Platform, action: ActionId) -> Option<usize> {
        let mut credits = platform.beyond.credits.iter().zip(&self.held);
        credits.position(|(credit, held)| credit.action == action && *held == 0)
    }

    pub(crate) fn spend(
        &mut self,
        platform: &Platform,
        action: ActionId,
        day: DayNumber,
        rng: &mut impl Rng,
    ) {
        for (index, credit) in platform.beyond.credits.iter().enumerate() {
            if credit.action != action {
                continue;
            }
            self.held[index] -= 1;
            if let Some(refund) = credit.refund.filter(|refund| rng.random_bool(refund.probability)) {
                self.due[index].push(day + draw_days(refund.delay, rng).max(1) as DayNumber);
            }
        }
    }
}
