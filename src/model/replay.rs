//! Recorded demand: replayed as it was, or in whole weeks drawn at random.

use std::sync::Arc;

use crate::random::Stream;
use crate::scenario::{CountLaw, Demand, GroupLog, LogUse, Recording, Scenario};
use crate::time::{self, DAY, DayNumber, Instant};

/// Keeps the words for recorded actions apart from those for bursts.
const PLACE: u64 = 1 << 32;

/// A group's recorded demand, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Replay {
    recording: Arc<Recording>,
    how: LogUse,
    /// The number of day 0.
    first_day: DayNumber,
    /// By action: the wish that the log brings, and how many actions each recorded one becomes, by day.
    wishes: Vec<Option<(usize, Vec<f64>)>>,
}

impl Replay {
    pub(super) fn compile(
        scenario: &Scenario,
        log: &GroupLog,
        demands: &[Demand],
        factor: impl Fn(&Demand, u32) -> f64,
    ) -> Replay {
        let brought = |action: usize| {
            let wish = demands.iter().position(|demand| demand.action == action)?;
            let CountLaw::Recorded { factor: pace, .. } = demands[wish].law else { return None };
            let by_day = (0..scenario.horizon_days).map(|day| pace * factor(&demands[wish], day));
            Some((wish, by_day.collect()))
        };
        Replay {
            recording: Arc::clone(&log.recording),
            how: log.how,
            first_day: time::day_number(scenario.start),
            wishes: (0..scenario.actions.len()).map(brought).collect(),
        }
    }

    /// Whether a wish is recorded.
    pub(super) fn brings(&self, wish: usize) -> bool {
        self.wishes.iter().flatten().any(|(brought, _)| *brought == wish)
    }

    /// What the recording brings on a day to the account at a place in its group: milliseconds after midnight and wish.
    pub(super) fn lay(&self, stream: Stream, day: u32, place: u32, mut each: impl FnMut(Instant, usize)) {
        let stream = stream.branch(PLACE);
        let today = self.first_day + day as DayNumber;
        let (account, recorded, copies) = match self.how {
            LogUse::Replay { day_0 } => {
                (place % self.recording.accounts, time::day_number(day_0) + day as DayNumber, stream)
            }
            LogUse::Weeks { first_monday, weeks } => {
                let week = time::week_of(today) - time::week_of(self.first_day);
                let own = stream.branch(week as u64);
                let drawn = pick(own.word(0), u64::from(self.recording.accounts) * u64::from(weeks));
                let (account, week) = (drawn / u64::from(weeks), drawn % u64::from(weeks));
                let monday = time::day_number(first_monday) + 7 * week as DayNumber;
                (account as u32, monday + time::weekday_of(today) as DayNumber, own.branch(1))
            }
        };
        let start = time::start_of(recorded);
        for number in self.recording.between(account, start..start + DAY) {
            let action = self.recording.actions()[number];
            let Some((wish, factors)) = &self.wishes[action.action] else { continue };
            let times = how_often(factors[day as usize], copies.word(number as u64));
            for _ in 0..times {
                each(action.at - start, *wish);
            }
        }
    }
}

/// A whole number below `many`, each alike.
fn pick(word: u64, many: u64) -> u64 {
    ((u128::from(word) * u128::from(many)) >> 64) as u64
}

/// One of the two whole numbers beside a factor, so that the mean is the factor; a larger factor never gives fewer.
fn how_often(factor: f64, word: u64) -> u32 {
    (factor + (word >> 32) as f64 / 4_294_967_296.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::mix;

    #[test]
    fn factors_keep_their_mean_and_whole_ones_are_certain() {
        let n = 100_000;
        for factor in [0.0, 0.3, 1.0, 2.0, 2.6] {
            let numbers: Vec<u32> = (0..n).map(|i| how_often(factor, mix(i))).collect();
            let mean = numbers.iter().map(|&number| f64::from(number)).sum::<f64>() / n as f64;
            // The variance is at most 1/4.
            assert!((mean - factor).abs() <= 4.0 * 0.5 / (n as f64).sqrt(), "{mean} is not {factor}");
            let [least, most] = [factor.floor() as u32, factor.ceil() as u32];
            assert!(numbers.iter().all(|&number| (least..=most).contains(&number)), "{factor}");
        }
    }
}
