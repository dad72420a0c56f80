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
    /// Whether the search was stopped before its end: the rate is then the largest one that kept the bound once.
    pub is_partial: bool,
    /// All rates in the order in which they were tried.
    pub probes: Vec<Probe>,
}

/// Rates closer than this are not told apart.
const CLOSE: f64 = 1.05;
/// So often a rate is lowered that was not confirmed.
const MOST_RETREATS: u32 = 10;

/// Looks for the largest rate up to `most` at which `keeps` says yes, beginning at `first`. A rate counts when it was tried
/// twice and kept the bound both times. Where `keeps` says nothing, the search is over.
pub fn find_capacity(first: f64, most: f64, mut keeps: impl FnMut(f64) -> Option<bool>) -> Capacity {
    let mut probes = Vec::new();
    let found = search(first, most, &mut |per_second| {
        let kept = keeps(per_second)?;
        probes.push(Probe { per_second, kept });
        Some(kept)
    });
    let is_partial = found.is_none();
    let kept_once = || probes.iter().filter(|probe| probe.kept).map(|probe| probe.per_second);
    let (per_second, is_most) = found.unwrap_or_else(|| (kept_once().reduce(f64::max), false));
    Capacity { per_second, is_most, is_partial, probes }
}

/// The rate, and whether it is the fastest one that is allowed; none when the search was stopped.
fn search(first: f64, most: f64, tried: &mut impl FnMut(f64) -> Option<bool>) -> Option<(Option<f64>, bool)> {
    let (mut good, mut bad) = (None, None);
    let mut rate = first.min(most);
    while rate >= 1.0 && (good.is_none() || bad.is_none()) {
        if tried(rate)? {
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
    let Some(mut best) = good else { return Some((None, false)) };
    while let Some(worse) = bad.filter(|bad| bad / best > CLOSE) {
        let middle = (best * worse).sqrt();
        if tried(middle)? { best = middle } else { bad = Some(middle) }
    }
    for _ in 0..MOST_RETREATS {
        if tried(best)? {
            return Some((Some(best), bad.is_none()));
        }
        best /= CLOSE;
        bad = Some(best);
    }
    Some((None, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_rate_is_found_from_below_and_from_above() {
        for capacity in [3.0, 137.0, 1_000.0, 54_321.0] {
            for first in [1.0, 100.0, 10_000.0, 1e6] {
                let found = find_capacity(first, 1e7, |rate| Some(rate <= capacity));
                let rate = found.per_second.expect("there is one");
                assert!(rate <= capacity && rate * CLOSE >= capacity, "{capacity} from {first}: {found:?}");
                assert!(!found.is_most && found.probes.len() < 45, "{found:?}");
            }
        }
    }

    #[test]
    fn no_rate_and_every_rate_are_told_as_such() {
        let none = find_capacity(1_000.0, 1e6, |_| Some(false));
        assert!(none.per_second.is_none() && none.probes.len() == 10, "{none:?}");
        let all = find_capacity(1_000.0, 1e6, |_| Some(true));
        assert_eq!((all.per_second, all.is_most), (Some(1e6), true));
        assert_eq!(find_capacity(5e6, 1e6, |_| Some(true)).probes[0].per_second, 1e6);
    }

    #[test]
    fn a_rate_that_holds_once_and_not_twice_is_lowered() {
        // Rates above 900 hold every other time.
        let mut times = 0;
        let found = find_capacity(100.0, 1e6, |rate| {
            times += 1;
            Some(rate <= 900.0 || (rate <= 1_000.0 && times % 2 == 0))
        });
        assert!(found.per_second.is_some_and(|rate| rate <= 1_000.0 && rate > 800.0), "{found:?}");
        let last = found.probes[found.probes.len() - 1];
        assert_eq!((Some(last.per_second), last.kept), (found.per_second, true));
    }

    #[test]
    fn a_search_that_is_stopped_tells_the_best_so_far() {
        let stopped_after = |tries: usize| {
            let mut times = 0;
            find_capacity(100.0, 1e6, |rate| {
                times += 1;
                (times <= tries).then_some(rate < 500.0)
            })
        };
        let found = stopped_after(4);
        assert_eq!((found.per_second, found.is_partial, found.probes.len()), (Some(400.0), true, 4));
        assert_eq!((stopped_after(0).per_second, stopped_after(0).is_partial), (None, true));
        assert!(!stopped_after(1_000).is_partial);
    }
}
