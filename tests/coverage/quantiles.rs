//! Intervals of quantiles by order statistics.

use pacewise::stats::quantile::{at_rank, bracket, of_sorted, rank_of};
use rand::RngExt;
use rand::rngs::Xoshiro256PlusPlus;
use statrs::distribution::{Binomial, DiscreteCDF};

use super::feed::{Draw, Team};
use super::{Coverage, LEVEL, is_long};

#[test]
fn ranks_are_the_tightest_that_hold_both_tails() {
    for level in [0.9, LEVEL, 0.99] {
        let tail = (1.0 - level) / 2.0;
        for n in [1, 5, 20, 199, 1_000, 20_000] {
            for q in [0.05, 0.25, 0.5, 0.75, 0.95] {
                let law = Binomial::new(q, n).expect("a proportion");
                // Fewer than `rank` of n values are at most the quantile.
                let fewer_than = |rank: u64| if rank == 0 { 0.0 } else { law.cdf(rank - 1) };
                let (low, high) = bracket(n, q, level);
                let what = format!("n {n}, q {q}, level {level}: {low}..{high}");
                let slack = 1e-12;
                assert!(fewer_than(low) <= tail + slack && fewer_than(low + 1) > tail - slack, "{what}");
                assert!(high == n + 1 || 1.0 - fewer_than(high) <= tail + slack, "{what}");
                assert!(1.0 - fewer_than(high - 1) > tail - slack, "{what}");
            }
        }
    }
}

#[test]
fn too_few_values_have_no_end() {
    // Of 5 values none is below the 5 % quantile with probability 0.77, all are below the 95 % quantile with the same.
    assert_eq!(bracket(5, 0.05, LEVEL).0, 0);
    assert_eq!(bracket(5, 0.95, LEVEL).1, 6);
    // 0.5^6 = 0.0156 <= 0.025 < 0.5^5: six values are the fewest that bracket a median.
    assert_eq!(bracket(5, 0.5, LEVEL), (0, 6));
    assert_eq!(bracket(6, 0.5, LEVEL), (1, 6));
}

/// Uniform days: the q-quantile of 1..=100 is 100 q.
const DAYS: u32 = 100;

/// Holds the intervals of all five quantiles to a band; days are whole, so that intervals cover a little more often.
fn assert_covered(team: &Team, what: &str) {
    let runs = if is_long() { 20_000 } else { 250 };
    let coverages = team.cover(runs, |results, coverages: &mut [Coverage; 5]| {
        for (coverage, found) in coverages.iter_mut().zip(&results.mean_account.time_to_first_disconnection) {
            let end = |day: Option<u32>| day.map_or(f64::INFINITY, f64::from);
            coverage.look(end(found.low), end(found.high), found.q * f64::from(DAYS));
        }
    });
    for coverage in coverages {
        coverage.assert_within(0.95..=0.985, what);
    }
}

fn uniform(rng: &mut Xoshiro256PlusPlus) -> u32 {
    rng.random_range(0..DAYS)
}

#[test]
fn quantiles_of_one_account_hold_their_level() {
    let draw: Draw = &|rng, days| days.fill_with(|| Some(uniform(rng)));
    assert_covered(&Team { accounts: 1, days: DAYS, replicates: 200, draw }, "one account");
}

#[test]
fn quantiles_of_a_team_with_one_fate_hold_their_level() {
    let draw: Draw = &|rng, days| days.fill(Some(uniform(rng)));
    assert_covered(&Team { accounts: 5, days: DAYS, replicates: 200, draw }, "one fate");
}

#[test]
fn quantiles_of_a_team_of_which_half_share_their_fate_hold_their_level() {
    let draw: Draw = &|rng, days| {
        days.fill_with(|| Some(uniform(rng)));
        let shared = Some(uniform(rng));
        days[..3].fill(shared);
    };
    assert_covered(&Team { accounts: 6, days: DAYS, replicates: 100, draw }, "half of a fate");
}

#[test]
fn ranks_count_from_one_and_quantiles_are_the_smallest_value_with_the_share() {
    let found = [0, 1, 2, 3, 5, 6].map(|rank| at_rank(&[2, 0, 3], rank));
    assert_eq!(found, [Some(0), Some(0), Some(0), Some(2), Some(2), None]);
    assert_eq!([rank_of(0.5, 4), rank_of(0.5, 5), rank_of(0.05, 4), rank_of(0.95, 4)], [2, 3, 1, 4]);
    assert_eq!([0.25, 0.26, 0.5, 1.0].map(|q| of_sorted(&[3, 5, 7, 9], q)), [3, 5, 5, 9]);
    assert_eq!(of_sorted::<u32>(&[], 0.5), 0);
}
