//! The largest rate that a target can take while it keeps a bound: doubled until it breaks, then narrowed down, then confirmed.

use serde::Serialize;

/// What a rate that is tried shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    /// The bound was kept.
    Kept,
    /// It was not.
    Broken,
    /// It was not, but the generator itself was behind: the target may keep it.
    Behind,
}

/// One rate that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Probe {
    /// Checks a second.
    pub per_second: f64,
    /// Whether the bound was kept.
    pub kept: bool,
    /// Whether it was broken while the generator itself was behind.
    pub behind: bool,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Capacity {
    /// The largest rate that kept the bound, twice; none where no rate did.
    pub per_second: Option<f64>,
    /// Whether faster rates were not tried because none is allowed.
    pub is_most: bool,
    /// Whether it cannot be told what faster rates do, or any where none is named: the generator itself was behind.
    pub is_untold: bool,
    /// Whether the search was stopped before its end: the rate is then the largest one that kept the bound once.
    pub is_partial: bool,
    /// All rates in the order in which they were tried.
    pub probes: Vec<Probe>,
}

/// Rates closer than this are not told apart.
const CLOSE: f64 = 1.05;
/// So often a rate is lowered that was not confirmed; then the search ends without one.
const MOST_RETREATS: u32 = 10;

/// The fewest checks that are due while a rate is measured.
const FEWEST: f64 = 10.0;
/// No rate that fills batches slowly is tried for longer, in seconds.
const LONGEST: f64 = 60.0;

/// For how many seconds a rate is tried, of which the first `warm_up` are left out: as long as stated, or until ten requests
/// were due after the warm-up.
#[must_use]
pub fn probe_seconds(stated: f64, warm_up: f64, per_second: f64, batch: usize) -> f64 {
    let until = warm_up + FEWEST * batch.max(1) as f64 / per_second;
    stated.max(until.min(LONGEST))
}

/// Looks for the largest rate up to `most` at which `keeps` says that the bound is kept, beginning at `first`. A rate counts
/// when it kept the bound twice. No rate below 1 is tried. Where `keeps` says nothing, the search is over.
pub fn find_capacity(first: f64, most: f64, mut keeps: impl FnMut(f64) -> Option<Tried>) -> Capacity {
    let mut probes = Vec::new();
    let found = search(first, most, &mut |per_second| {
        let tried = keeps(per_second)?;
        probes.push(Probe { per_second, kept: tried == Tried::Kept, behind: tried == Tried::Behind });
        Some(tried == Tried::Kept)
    });
    let is_partial = found.is_none();
    let kept_once = || probes.iter().filter(|probe| probe.kept).map(|probe| probe.per_second);
    let (per_second, is_most) = found.unwrap_or_else(|| (kept_once().reduce(f64::max), false));
    let is_untold = next_broken(&probes, per_second).is_some_and(|probe| probe.behind);
    Capacity { per_second, is_most, is_untold, is_partial, probes }
}

/// The slowest probe that did not keep the bound, at a rate or above; where it was tried more often, the last time.
fn next_broken(probes: &[Probe], from: Option<f64>) -> Option<&Probe> {
    let broken = probes.iter().rev().filter(|probe| !probe.kept && probe.per_second >= from.unwrap_or(0.0));
    broken.min_by(|a, b| a.per_second.total_cmp(&b.per_second))
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
    // The rate that was narrowed down to has been kept once; one that is lower than that is tried twice.
    let mut is_confirmed = tried(best)?;
    let mut retreats = 0;
    while !is_confirmed && retreats < MOST_RETREATS {
        bad = Some(best);
        best /= CLOSE;
        retreats += 1;
        is_confirmed = tried(best)? && tried(best)?;
    }
    Some(if is_confirmed { (Some(best), bad.is_none()) } else { (None, false) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "a probe may be stopped")]
    fn said(is_kept: bool) -> Option<Tried> {
        Some(if is_kept { Tried::Kept } else { Tried::Broken })
    }

    #[test]
    fn the_largest_rate_is_found_from_below_and_from_above() {
        for capacity in [3.0, 137.0, 1_000.0, 54_321.0] {
            for first in [1.0, 100.0, 10_000.0, 1e6] {
                let found = find_capacity(first, 1e7, |rate| said(rate <= capacity));
                let rate = found.per_second.expect("there is one");
                assert!(rate <= capacity && rate * CLOSE >= capacity, "{capacity} from {first}: {found:?}");
                assert!(!found.is_most && found.probes.len() < 45, "{found:?}");
            }
        }
    }

    #[test]
    fn a_probe_lasts_until_ten_requests_were_due_after_its_warm_up() {
        assert_eq!(probe_seconds(4.0, 1.0, 500.0, 1), 4.0);
        assert_eq!([4.0, 2.0, 1.0].map(|rate| probe_seconds(4.0, 1.0, rate, 1)), [4.0, 6.0, 11.0]);
        assert_eq!(probe_seconds(0.1, 0.025, 1.0, 1), 10.025);
        assert_eq!(probe_seconds(4.0, 1.0, 500.0, 100), 4.0);
        assert_eq!([200.0, 10.0].map(|rate| probe_seconds(4.0, 1.0, rate, 100)), [6.0, 60.0]);
        assert_eq!(probe_seconds(90.0, 22.5, 1.0, 100), 90.0);
    }

    #[test]
    fn no_rate_and_every_rate_are_told_as_such() {
        let none = find_capacity(1_000.0, 1e6, |_| said(false));
        assert!(none.per_second.is_none() && none.probes.len() == 10, "{none:?}");
        let all = find_capacity(1_000.0, 1e6, |_| said(true));
        assert_eq!((all.per_second, all.is_most), (Some(1e6), true));
        assert_eq!(find_capacity(5e6, 1e6, |_| said(true)).probes[0].per_second, 1e6);
    }

    #[test]
    fn a_rate_that_holds_once_and_not_twice_is_lowered() {
        // Rates above 900 hold every other time.
        let mut times = 0;
        let found = find_capacity(100.0, 1e6, |rate| {
            times += 1;
            said(rate <= 900.0 || (rate <= 1_000.0 && times % 2 == 0))
        });
        assert!(found.per_second.is_some_and(|rate| rate <= 1_000.0 && rate > 800.0), "{found:?}");
        let last = found.probes[found.probes.len() - 1];
        assert_eq!((Some(last.per_second), last.kept), (found.per_second, true));
    }

    #[test]
    fn a_rate_that_is_found_has_kept_the_bound_twice_and_the_next_one_not() {
        // The n-th try is refused, whatever the rate: from the narrowing down to the confirmations after retreats.
        for refused in 0..40 {
            for also in refused..40 {
                let mut times = 0;
                let found = find_capacity(100.0, 1e6, |rate| {
                    times += 1;
                    said(rate <= 1_000.0 && times != refused && times != also)
                });
                let rate = found.per_second.expect("two refusals leave some");
                let kept = found.probes.iter().filter(|probe| probe.per_second == rate && probe.kept).count();
                assert!(kept >= 2, "{refused} and {also}: {found:?}");
                let next = next_broken(&found.probes, Some(rate)).expect("faster ones break");
                assert!(next.per_second <= rate * CLOSE * 1.000_001, "{refused} and {also}: {found:?}");
            }
        }
    }

    #[test]
    fn no_rate_is_named_where_none_is_kept_twice() {
        let mut seen = Vec::new();
        let found = find_capacity(100.0, 1e6, |rate| {
            let is_first = !seen.contains(&rate);
            seen.push(rate);
            said(is_first && rate <= 1_000.0)
        });
        assert_eq!((found.per_second, found.is_partial, found.is_untold), (None, false, false), "{found:?}");
        let lowest = found.probes.last().expect("rates were tried").per_second;
        assert!((550.0..650.0).contains(&lowest), "ten steps of 5 % below 1,000: {found:?}");
    }

    #[test]
    fn a_generator_that_is_behind_is_not_laid_to_the_target() {
        let found = |target: f64, generator: f64| {
            find_capacity(100.0, 1e6, |rate| {
                if rate > generator { Some(Tried::Behind) } else { said(rate <= target) }
            })
        };
        let bound = found(1e5, 1_000.0);
        assert!(bound.is_untold && bound.per_second.is_some_and(|rate| rate > 950.0), "{bound:?}");
        // The target breaks first: what the generator cannot do beyond does not matter.
        assert!(!found(1_000.0, 1_500.0).is_untold && !found(1_000.0, 1e7).is_untold);
        let nothing = found(1e5, 0.5);
        assert_eq!((nothing.per_second, nothing.is_untold), (None, true));
        assert!(!found(0.5, 1e7).is_untold);
    }

    #[test]
    fn a_search_that_is_stopped_tells_the_best_so_far() {
        let stopped_after = |tries: usize| {
            let mut times = 0;
            find_capacity(100.0, 1e6, |rate| {
                times += 1;
                said(rate < 500.0).filter(|_| times <= tries)
            })
        };
        let found = stopped_after(4);
        assert_eq!((found.per_second, found.is_partial, found.probes.len()), (Some(400.0), true, 4));
        assert_eq!((stopped_after(0).per_second, stopped_after(0).is_partial), (None, true));
        assert!(!stopped_after(1_000).is_partial);
    }
}
