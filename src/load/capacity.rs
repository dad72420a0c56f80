//! The largest rate that a target can take while it keeps a bound: doubled until it breaks, then narrowed down, then confirmed.

use serde::Serialize;

/// One rate that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Probe {
    /// Checks a second.
    pub per_second: f64,
    /// Whether the bound was kept.
    pub kept: bool,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capacity {
    /// The largest rate that kept the bound, twice; none where no rate did.
    pub per_second: Option<f64>,
    /// Whether faster rates were not tried because none is allowed.
    pub is_most: bool,
    /// All rates in the order in which they were tried.
    pub probes: Vec<Probe>,
}

/// Rates closer than this are not told apart.
const CLOSE: f64 = 1.05;
/// So often a rate is lowered that was not confirmed.
const MOST_RETREATS: u32 = 10;

/// Looks for the largest rate up to `most` at which `keeps` says yes, beginning at `first`. A rate counts when it was tried
/// twice and kept the bound both times.
pub fn find_capacity(first: f64, most: f64, mut keeps: impl FnMut(f64) -> bool) -> Capacity {
    let mut probes = Vec::new();
    let mut tried = |per_second: f64, probes: &mut Vec<Probe>| {
        let kept = keeps(per_second);
        probes.push(Probe { per_second, kept });
        kept
    };
    let (mut good, mut bad) = (None, None);
    let mut rate = first.min(most);
    while rate >= 1.0 && (good.is_none() || bad.is_none()) {
        if tried(rate, &mut probes) {
            good = Some(rate);
            if rate >= most || bad.is_some() {
                break;
            }
            rate = (rate * 2.0).min(most);
        } else {
            bad = Some(rate);
            rate /= 2.0;
        }
        if let (Some(good), Some(bad)) = (good, bad)
            && good < bad
        {
            break;
        }
    }
    let Some(mut best) = good else { return Capacity { per_second: None, is_most: false, probes } };
    while let Some(worse) = bad.filter(|bad| bad / best > CLOSE) {
        let middle = (best * worse).sqrt();
        if tried(middle, &mut probes) { best = middle } else { bad = Some(middle) }
    }
    for _ in 0..MOST_RETREATS {
        if tried(best, &mut probes) {
            return Capacity { per_second: Some(best), is_most: bad.is_none(), probes };
        }
        best /= CLOSE;
        bad = Some(best);
    }
    Capacity { per_second: None, is_most: false, probes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_rate_is_found_from_below_and_from_above() {
        for capacity in [3.0, 137.0, 1_000.0, 54_321.0] {
            for first in [1.0, 100.0, 10_000.0, 1e6] {
                let found = find_capacity(first, 1e7, |rate| rate <= capacity);
                let rate = found.per_second.expect("there is one");
                assert!(rate <= capacity && rate * CLOSE >= capacity, "{capacity} from {first}: {found:?}");
                assert!(!found.is_most && found.probes.len() < 45, "{found:?}");
            }
        }
    }

    #[test]
    fn no_rate_and_every_rate_are_told_as_such() {
        let none = find_capacity(1_000.0, 1e6, |_| false);
        assert!(none.per_second.is_none() && none.probes.len() == 10, "{none:?}");
        let all = find_capacity(1_000.0, 1e6, |_| true);
        assert_eq!((all.per_second, all.is_most), (Some(1e6), true));
        assert_eq!(find_capacity(5e6, 1e6, |_| true).probes[0].per_second, 1e6);
    }

    #[test]
    fn a_rate_that_holds_once_and_not_twice_is_lowered() {
        // Rates above 900 hold every other time.
        let mut times = 0;
        let found = find_capacity(100.0, 1e6, |rate| {
            times += 1;
            rate <= 900.0 || (rate <= 1_000.0 && times % 2 == 0)
        });
        assert!(found.per_second.is_some_and(|rate| rate <= 1_000.0 && rate > 800.0), "{found:?}");
        let last = found.probes[found.probes.len() - 1];
        assert_eq!((Some(last.per_second), last.kept), (found.per_second, true));
    }
}
