//! How long refused events would have had to wait: a histogram of bounded size.

use crate::stats::quantile::{at_rank, rank_of};
use crate::time::Instant;

/// Bits of a wait that are kept: bins are at most 1/32 wide, as a share of their value.
const KEPT: u32 = 5;

/// Counts of waits in bins that grow with the wait.
#[derive(Debug, Default)]
pub(super) struct Waits {
    bins: Vec<u64>,
    longest: Instant,
    count: u64,
}

impl Waits {
    pub(super) fn add(&mut self, wait: Instant) {
        let bin = bin_of(wait);
        if bin >= self.bins.len() {
            self.bins.resize(bin + 1, 0);
        }
        self.bins[bin] += 1;
        self.longest = self.longest.max(wait);
        self.count += 1;
    }

    /// The longest wait; none where nothing waited.
    pub(super) fn longest(&self) -> Option<Instant> {
        (self.count > 0).then_some(self.longest)
    }

    /// A quantile, rounded up by at most 1/32; none where nothing waited.
    pub(super) fn quantile(&self, q: f64) -> Option<Instant> {
        let bin = at_rank(&self.bins, rank_of(q, self.count))?;
        Some(last_of(bin).min(self.longest))
    }
}

fn bin_of(wait: Instant) -> usize {
    let wait = wait.max(0) as u64;
    let shift = (u64::BITS - wait.leading_zeros()).saturating_sub(KEPT + 1);
    ((shift as usize) << KEPT) + (wait >> shift) as usize
}

/// The longest wait of a bin.
fn last_of(bin: usize) -> Instant {
    let shift = (bin >> KEPT).saturating_sub(1);
    let first = (bin - (shift << KEPT)) as u128;
    Instant::try_from(((first + 1) << shift) - 1).unwrap_or(Instant::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_hold_their_waits_and_are_narrow() {
        let waits = (0..63).flat_map(|power| [(1_i64 << power) - 1, 1 << power, (1 << power) + (1 << power) / 3]);
        for wait in waits.chain(0..5_000).chain([Instant::MAX]) {
            let last = last_of(bin_of(wait));
            assert!(last >= wait && last - wait <= wait / 32, "{wait}: {last}");
            assert!(last == Instant::MAX || bin_of(last + 1) == bin_of(last) + 1, "{wait}");
        }
    }

    #[test]
    fn quantiles_are_those_of_the_waits() {
        let mut waits = Waits::default();
        assert_eq!((waits.quantile(0.5), waits.longest()), (None, None));
        (1..=1_000).for_each(|wait| waits.add(wait * 1_000));
        let median = waits.quantile(0.5).expect("there are some");
        assert!((500_000..=515_625).contains(&median), "{median}");
        assert_eq!(waits.quantile(1.0), Some(1_000_000));
    }
}
