//! Intervals of the mean account of a team whose accounts share their luck.

use pacewise::results::Results;
use pacewise::stats::moments::Moments;
use pacewise::stats::proportion::{Method, estimate_ratio};
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::feed::{Draw, Team};
use super::{Coverage, LEVEL, is_long};

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

/// How often the interval of a share holds the truth when each cluster draws its part and its whole.
fn cover_ratio(clusters: u64, truth: f64, draw: &dyn Fn(&mut Xoshiro256PlusPlus) -> (u64, u64)) -> Coverage {
    let mut coverage = Coverage::default();
    for run in 0..runs() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(run);
        let [mut part, mut whole, mut both] = [Moments::default(); 3];
        for _ in 0..clusters {
            let (of_part, of_whole) = draw(&mut rng);
            part.record(of_part);
            whole.record(of_whole);
            both.record(of_part + of_whole);
        }
        let share = estimate_ratio([&part, &whole, &both], clusters, LEVEL, Method::Wilson);
        coverage.look_at(share.expect("something happens in so many clusters"), truth);
    }
    coverage
}

#[test]
fn a_share_of_a_whole_that_varies_holds_its_level() {
    // Each of 0 to 8 events of a cluster belongs to the part with probability 0.1.
    let each = |rng: &mut Xoshiro256PlusPlus| {
        let whole = rng.random_range(0..=8);
        ((0..whole).filter(|_| rng.random_bool(0.1)).count() as u64, whole)
    };
    cover_ratio(200, 0.1, &each).assert_within(0.935..=0.965, "independent events");
    // All events of a cluster belong to the part or none: counting events alone would cover far too seldom.
    let together = |rng: &mut Xoshiro256PlusPlus| {
        let whole = rng.random_range(0..=8);
        (if rng.random_bool(0.3) { whole } else { 0 }, whole)
    };
    cover_ratio(200, 0.3, &together).assert_within(0.935..=0.965, "events that belong together");
    // The part takes the larger clusters: of every four events of small ones none, of large ones three.
    let larger = |rng: &mut Xoshiro256PlusPlus| if rng.random_bool(0.2) { (6, 8) } else { (0, 2) };
    cover_ratio(200, 0.2 * 6.0 / (0.2 * 8.0 + 0.8 * 2.0), &larger)
        .assert_within(0.93..=0.97, "unequal clusters");
}
