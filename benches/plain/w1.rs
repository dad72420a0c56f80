//! W1: Poisson counts a day, five rules of one window each at the end of the day.

use std::collections::VecDeque;

use rand::{Rng, RngExt};
use rand_distr::{Distribution, Geometric, Poisson};

use super::{
    Cause, HORIZON, IDLE_DAYS, MEANS, REQUEST, TOKEN_DAYS, WEEKEND_FACTOR, Year, delay_law, draw_delay,
    draw_incident, is_weekend,
};

const DAY_LIMITS: [u32; 4] = [40, 60, 30, 45];
const WEEK_LIMIT: u32 = 120;
const DETECTION: f64 = 0.05;

pub(super) struct Simulator {
    weekday: [Poisson<f64>; 4],
    weekend: [Poisson<f64>; 4],
    delay: Geometric,
    last_week: TrailingWeek,
}

/// The counts of the last seven days and their sum.
#[derive(Default)]
struct TrailingWeek {
    counts: VecDeque<u32>,
    sum: u32,
}

impl TrailingWeek {
    fn clear(&mut self) {
        self.counts.clear();
        self.sum = 0;
    }

    fn push(&mut self, count: u32) {
        self.sum += count;
        self.counts.push_back(count);
        if self.counts.len() > 7 {
            self.sum -= self.counts.pop_front().expect("more than seven days");
        }
    }
}

impl Simulator {
    pub(super) fn new() -> Simulator {
        let law = |mean: f64| Poisson::new(mean).expect("a positive mean");
        Simulator {
            weekday: MEANS.map(law),
            weekend: MEANS.map(|mean| law(mean * WEEKEND_FACTOR)),
            delay: delay_law(),
            last_week: TrailingWeek::default(),
        }
    }

    pub(super) fn year(&mut self, rng: &mut impl Rng) -> Year {
        let mut year = Year::default();
        let (mut connected_from, mut token_day, mut idle_days) = (0, 0, 0);
        self.last_week.clear();
        for day in 0..HORIZON {
            if day == connected_from {
                (token_day, idle_days) = (day, 0);
            }
            if day >= connected_from && day - token_day >= TOKEN_DAYS {
                year.disconnect(day, Cause::TokenAge);
                connected_from = day + draw_delay(&self.delay, rng);
            }
            if day < connected_from {
                self.last_week.push(0);
                year.disconnected_days += 1.0;
                continue;
            }
            let counts = self.draw_counts(day, rng);
            self.last_week.push(counts[REQUEST]);
            year.delivered_requests += counts[REQUEST];
            idle_days = if counts == [0; 4] { idle_days + 1 } else { 0 };
            if self.is_flagged(counts, rng) {
                year.disconnect(day, Cause::Restriction);
                connected_from = year.flag().map_or(u32::MAX, |days| day + 1 + days + 1);
            } else if let Some(cause) = draw_incident(rng) {
                year.disconnect(day, cause);
                connected_from = day + 1 + draw_delay(&self.delay, rng);
            } else if idle_days == IDLE_DAYS {
                year.disconnect(day, Cause::Inactivity);
                connected_from = day + 1 + draw_delay(&self.delay, rng);
            }
        }
        year
    }

    fn draw_counts(&self, day: u32, rng: &mut impl Rng) -> [u32; 4] {
        let laws = if is_weekend(day) { &self.weekend } else { &self.weekday };
        [0, 1, 2, 3].map(|action: usize| laws[action].sample(rng) as u32)
    }

    /// Whether one of the day's trials succeeds.
    fn is_flagged(&self, counts: [u32; 4], rng: &mut impl Rng) -> bool {
        let mut flagged = false;
        for (count, limit) in counts.into_iter().zip(DAY_LIMITS) {
            flagged |= count > limit && rng.random_bool(DETECTION);
        }
        flagged | (self.last_week.sum > WEEK_LIMIT && rng.random_bool(DETECTION))
    }
}
