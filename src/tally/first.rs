//! First events by day, with what the variance between replicates needs.

use crate::stats::moments::Moments;

/// How many accounts had their first event on each day.
///
/// Let K(t) be the number of accounts of one replicate with the event by day t. The sum over replicates of K(t) is the sum
/// of `first`; that of K(t)² is the same plus twice the number of pairs of accounts of one replicate that both had it by
/// day t. A pair is dated by the later of its two days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstEvents {
    first: Vec<u64>,
    pairs: Vec<u64>,
}

impl FirstEvents {
    pub(super) fn new(horizon: u32) -> FirstEvents {
        FirstEvents { first: vec![0; horizon as usize], pairs: vec![0; horizon as usize] }
    }

    /// Adds one replicate: the days of its accounts' first events, in any order.
    #[inline]
    pub(super) fn record(&mut self, days: &mut [u32]) {
        if days.len() > 1 {
            days.sort_unstable();
        }
        for (earlier, &day) in days.iter().enumerate() {
            self.first[day as usize] += 1;
            self.pairs[day as usize] += earlier as u64;
        }
    }

    pub(super) fn merge(&mut self, other: &FirstEvents) {
        for (ours, theirs) in [(&mut self.first, &other.first), (&mut self.pairs, &other.pairs)] {
            for (count, more) in ours.iter_mut().zip(theirs) {
                *count += more;
            }
        }
    }

    /// Accounts with their first event on each day.
    #[must_use]
    pub fn by_day(&self) -> &[u64] {
        &self.first
    }

    /// Accounts with the event at all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.first.iter().sum()
    }

    /// For t = 1, 2, …: the sum over replicates of K(t), and of its square.
    pub fn cumulative(&self) -> impl Iterator<Item = Moments> {
        let (mut sum, mut pairs) = (0_u128, 0_u128);
        self.first.iter().zip(&self.pairs).map(move |(&first, &pair)| {
            sum += u128::from(first);
            pairs += u128::from(pair);
            Moments { sum, squares: sum + 2 * pairs }
        })
    }

    /// The sum over replicates of the number of accounts with the event within the horizon, and of its square.
    #[must_use]
    pub fn ever(&self) -> Moments {
        self.cumulative().last().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_those_of_the_counts_by_day() {
        let replicates = [vec![3, 0, 3], vec![], vec![1], vec![2, 2, 2, 0]];
        let mut events = FirstEvents::new(4);
        for days in &replicates {
            events.record(&mut days.clone());
        }
        for (day, moments) in (0_u32..).zip(events.cumulative()) {
            let counts = replicates.iter().map(|days| days.iter().filter(|&&d| d <= day).count() as u128);
            let expected = Moments { sum: counts.clone().sum(), squares: counts.map(|k| k * k).sum() };
            assert_eq!(moments, expected, "by day {}", day + 1);
        }
    }
}
