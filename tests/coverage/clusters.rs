//! Intervals of the mean account of a team whose accounts share their luck.

use pacewise::results::Results;
use rand::RngExt;

use super::feed::{Draw, Team};
use super::{Coverage, is_long};

fn runs() -> u64 {
    if is_long() { 20_000 } else { 1_000 }
}

/// How often the interval of "disconnected" holds the truth.
fn cover(accounts: u32, replicates: u64, truth: f64, draw: Draw) -> Coverage {
    let team = Team { accounts, days: 1, replicates, draw };
    let look = |results: &Results, coverage: &mut [Coverage; 1]| {
        coverage[0].look_at(results.mean_account.disconnected, truth);
    };
    team.cover(runs(), look)[0]
}

#[test]
fn accounts_that_share_everything_count_as_one() {
    for accounts in [2, 5, 20] {
        let coverage =
            cover(accounts, 200, 0.2, &|rng, days| days.fill((rng.random::<f64>() < 0.2).then_some(0)));
        coverage.assert_within(0.935..=0.965, "all or none");
    }
}

#[test]
fn accounts_that_share_a_day_s_luck_hold_their_level() {
    // The replicate's own probability is 0.05 or 0.35: within-team correlation 0.14.
    for (accounts, replicates) in [(5, 100), (5, 400), (20, 100)] {
        let coverage = cover(accounts, replicates, 0.2, &|rng, days| {
            let p = if rng.random::<bool>() { 0.05 } else { 0.35 };
            days.fill_with(|| (rng.random::<f64>() < p).then_some(0));
        });
        coverage.assert_within(0.935..=0.965, "a shared probability");
    }
}

#[test]
fn independent_accounts_use_all_their_trials() {
    let coverage = cover(5, 200, 0.2, &|rng, days| {
        days.fill_with(|| (rng.random::<f64>() < 0.2).then_some(0));
    });
    coverage.assert_within(0.935..=0.965, "independent accounts");
}

#[test]
fn accounts_that_exclude_each_other_have_wide_intervals() {
    let coverage = cover(5, 200, 0.1, &|rng, days| {
        days.fill(None);
        if rng.random::<bool>() {
            days[0] = Some(0);
        }
    });
    coverage.assert_within(0.95..=1.0, "at most one account");
}

#[test]
fn rare_events_that_hit_a_whole_team_hold_their_level() {
    for p in [0.002, 0.01] {
        let coverage = cover(20, 400, p, &|rng, days| days.fill((rng.random::<f64>() < p).then_some(0)));
        coverage.assert_within(0.92..=1.0, "rare and all or none");
    }
    // One replicate in fifty has a bad day for half of its accounts; others lose one account in a thousand.
    let coverage = cover(20, 400, 0.02 * 0.5 + 0.98 * 0.001, &|rng, days| {
        let p = if rng.random::<f64>() < 0.02 { 0.5 } else { 0.001 };
        days.fill_with(|| (rng.random::<f64>() < p).then_some(0));
    });
    coverage.assert_within(0.93..=0.965, "a bad day for half of a team");
}

#[test]
fn shares_by_day_and_by_cause_of_a_correlated_team_hold_their_level() {
    // All accounts fail on the same day, geometric with 0.05.
    let by_day = |t: i32| 1.0 - 0.95_f64.powi(t);
    let team = Team {
        accounts: 5,
        days: 30,
        replicates: 200,
        draw: &|rng, days| {
            let day = (rng.random::<f64>().ln() / 0.95_f64.ln()) as u32;
            days.fill((day < 30).then_some(day));
        },
    };
    let coverages = team.cover(runs() / 2, |results, coverages: &mut [Coverage; 4]| {
        let account = &results.mean_account;
        for (place, t) in [7_usize, 30].into_iter().enumerate() {
            coverages[place].look_at(account.disconnected_by_day[t - 1], by_day(t as i32));
            coverages[place + 2].look_at(account.first_disconnection[1].by_day[t - 1], by_day(t as i32));
        }
    });
    for coverage in coverages {
        coverage.assert_within(0.935..=0.965, "by day 7 or 30, any cause or one");
    }
}
