//! Demand that comes in bursts: sessions of several actions (Neyman and Scott 1958), and actions that lead to further
//! ones (Hawkes 1971), laid out by the branching of Hawkes and Oakes (1974): every action begets a Poisson number of
//! others, each after an exponential time. Both are clusters that begin on some day and may reach into later ones.

use super::counts::CountTable;
use super::demand::TimeLaw;
use crate::random::Stream;
use crate::scenario::{CountLaw, Demand, SessionSize, SessionTiming};
use crate::time::{DAY, Instant, SECOND};

/// The clusters of one wish, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Clusters {
    pub(crate) wish: usize,
    action: usize,
    shape: Shape,
    /// When clusters begin.
    begins: TimeLaw,
    /// By day: the place of the table of the number of clusters; none on a day on which nobody wants anything.
    number_of: Vec<Option<usize>>,
    numbers: Vec<CountTable>,
    /// The number of actions of a session, or of those that an action leads to.
    size: Option<CountTable>,
}

#[derive(Debug, Clone, Copy)]
enum Shape {
    /// Times within a session.
    Session(SessionTiming),
    /// Mean milliseconds from an action to one that it leads to.
    SelfExciting(f64),
}

impl Clusters {
    /// None for a law that gives a day's count alone.
    pub(super) fn compile(
        demand: &Demand,
        wish: usize,
        days: u32,
        hours: (Instant, Instant),
        factor: impl Fn(u32) -> f64,
    ) -> Option<Clusters> {
        let milliseconds = |seconds: u32| f64::from(seconds) * SECOND as f64;
        let poisson = |mean: f64| CountTable::new(CountLaw::Poisson { mean });
        let (begun, shape, size) = match demand.law {
            CountLaw::Sessions { per_day, mean_actions, size, timing } => {
                let size = match size {
                    SessionSize::Poisson => poisson(mean_actions),
                    SessionSize::Geometric => Some(CountTable::geometric(1, mean_actions)),
                };
                (per_day, Shape::Session(timing), size)
            }
            CountLaw::SelfExciting { baseline, branching, decay_s } => {
                (baseline, Shape::SelfExciting(milliseconds(decay_s)), poisson(branching))
            }
            _ => return None,
        };
        let (mut numbers, mut known) = (Vec::new(), Vec::new());
        let mut number_of = Vec::with_capacity(days as usize);
        for mean in (0..days).map(|day| begun * factor(day)) {
            let place = known.iter().position(|other: &f64| other.to_bits() == mean.to_bits());
            number_of.push(place.or_else(|| {
                numbers.push(poisson(mean)?);
                known.push(mean);
                Some(numbers.len() - 1)
            }));
        }
        let begins = TimeLaw::new(demand, hours);
        Some(Clusters { wish, action: demand.action, shape, begins, number_of, numbers, size })
    }

    /// Lays out the clusters that begin on a day: each of their actions that falls on a day on which anybody wants it,
    /// as milliseconds after the start of day 0.
    pub(super) fn lay(
        &self,
        stream: Stream,
        day: u32,
        offspring: &mut Offspring,
        mut each: impl FnMut(Instant),
    ) {
        let Some(place) = self.number_of[day as usize] else { return };
        let stream = stream.branch(self.action as u64).branch(u64::from(day));
        let start = Instant::from(day) * DAY;
        for cluster in 0..self.numbers[place].draw_word(stream.word(0)) {
            let own = stream.branch(1 + u64::from(cluster));
            let at = start + self.begins.at(own.word(0) as u32);
            match self.shape {
                Shape::Session(timing) => self.lay_session(own, at, timing, &mut each),
                Shape::SelfExciting(decay) => self.lay_family(own, at, decay, offspring, &mut each),
            }
        }
    }

    fn lay_session(
        &self,
        own: Stream,
        start: Instant,
        timing: SessionTiming,
        each: &mut impl FnMut(Instant),
    ) {
        let count = self.size.as_ref().map_or(0, |size| size.draw_word(own.word(1)));
        for action in 0..count {
            let word = own.word(2 + u64::from(action));
            let delay = match timing {
                SessionTiming::Within(seconds) => {
                    ((word >> 32) as Instant * Instant::from(seconds) * SECOND) >> 32
                }
                SessionTiming::Delayed(seconds) => exponential(word, f64::from(seconds) * SECOND as f64),
            };
            if self.is_wanted(start + delay) {
                each(start + delay);
            }
        }
    }

    /// An action and all that it leads to. What would fall on a day without demand does not happen, and leads to nothing.
    fn lay_family(
        &self,
        own: Stream,
        at: Instant,
        decay: f64,
        offspring: &mut Offspring,
        each: &mut impl FnMut(Instant),
    ) {
        offspring.0.clear();
        offspring.0.push((own, at));
        while let Some((own, at)) = offspring.0.pop() {
            each(at);
            let children = self.size.as_ref().map_or(0, |size| size.draw_word(own.word(1)));
            for child in 0..children {
                let own = own.branch(2 + u64::from(child));
                let at = at + exponential(own.word(0), decay);
                if self.is_wanted(at) {
                    offspring.0.push((own, at));
                }
            }
        }
    }

    /// Whether an instant lies on a day within the horizon on which there is demand.
    fn is_wanted(&self, at: Instant) -> bool {
        self.number_of.get((at / DAY) as usize).is_some_and(Option::is_some)
    }
}

/// Actions of a family whose own offspring has not been laid out yet; working memory.
#[derive(Debug, Default)]
pub(super) struct Offspring(Vec<(Stream, Instant)>);

/// An exponential time in whole milliseconds from a uniform word.
fn exponential(word: u64, mean: f64) -> Instant {
    let uniform = ((word >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    (-mean * uniform.ln()) as Instant
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    #[test]
    fn exponential_times_have_the_stated_mean_and_spread() {
        let n = 100_000;
        let times: Vec<f64> =
            (0..n).map(|i| exponential(random::mix(i), 3_600_000.0) as f64 / 3_600_000.0).collect();
        let mean = times.iter().sum::<f64>() / n as f64;
        let squares = times.iter().map(|time| time * time).sum::<f64>() / n as f64;
        // Standard errors: 1/sqrt(n) and sqrt(20/n).
        assert!((mean - 1.0).abs() < 4.0 / (n as f64).sqrt(), "mean {mean}");
        assert!((squares - 2.0).abs() < 4.0 * (20.0 / n as f64).sqrt(), "mean square {squares}");
        assert!(exponential(0, 1e9) > 30_000_000_000, "the longest times are some 37 times the mean");
    }
}
