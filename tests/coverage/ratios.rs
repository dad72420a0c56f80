//! Intervals of means per time, such as the days of an outage: ratios of sums over replicates of different numbers.

use pacewise::stats::ratio::Ratio;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Geometric, Poisson};
use rayon::prelude::*;

use super::{Coverage, LEVEL, is_long};

const HORIZON: f64 = 91.0;

/// One replicate: a total and how many it is the total of.
type Draw<'a> = &'a (dyn Fn(&mut Xoshiro256PlusPlus) -> (u64, u64) + Sync);

/// How often the interval of the ratio from `n` replicates holds the true one; runs in which nothing was seen say nothing.
fn cover(n: u64, truth: f64, draw: Draw) -> Coverage {
    let runs = if is_long() { 50_000 } else { 1_500 };
    let one = |seed| {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut ratio = Ratio::default();
        for _ in 0..n {
            let (part, whole) = draw(&mut rng);
            ratio.record(part, whole);
        }
        let mut coverage = Coverage::default();
        if let Some(estimate) = ratio.estimate(1.0, HORIZON, LEVEL) {
            coverage.look_at(estimate, truth);
        }
        coverage
    };
    (0..runs).into_par_iter().map(one).reduce(Coverage::default, Coverage::plus)
}

fn poisson(mean: f64, rng: &mut Xoshiro256PlusPlus) -> u64 {
    Poisson::new(mean).expect("a mean").sample(rng) as u64
}

/// At least one day, `mean` in the mean.
fn days_out(mean: f64, rng: &mut Xoshiro256PlusPlus) -> u64 {
    1 + Geometric::new(1.0 / mean).expect("a proportion").sample(rng)
}

#[test]
fn days_of_an_outage_hold_their_level() {
    for (n, each, mean) in [(200, 0.1, 2.0), (200, 1.0, 2.0), (1_000, 0.02, 5.0), (50, 3.0, 5.0)] {
        let coverage = cover(n, mean, &|rng| {
            let times = poisson(each, rng);
            ((0..times).map(|_| days_out(mean, rng)).sum(), times)
        });
        coverage.assert_within(0.92..=0.965, &format!("{n} replicates, {each} outages of {mean} days each"));
    }
}

#[test]
fn outages_of_one_day_that_all_accounts_share_hold_their_level() {
    // Two to five accounts are away for one and the same time: as many outages, but one length.
    let coverage = cover(200, 4.0, &|rng| {
        let accounts = if rng.random::<f64>() < 0.3 { rng.random_range(2..=5) } else { 0 };
        (accounts * days_out(4.0, rng), accounts)
    });
    coverage.assert_within(0.92..=0.965, "shared outages");
}

#[test]
fn rare_outages_of_various_lengths_are_not_called_certain() {
    // Three seen in the mean: often only one, or some that are equal by chance.
    let coverage = cover(300, 2.0, &|rng| {
        let times = poisson(0.01, rng);
        ((0..times).map(|_| days_out(2.0, rng)).sum(), times)
    });
    coverage.assert_within(0.90..=1.0, "three outages");
}

#[test]
fn waits_that_grow_with_the_number_that_waits_hold_their_level() {
    // A backlog of x actions waits x days each; the mean wait is E x² / E x.
    let coverage = cover(200, 7.0, &|rng| {
        let number = poisson(6.0, rng);
        (number * number, number)
    });
    coverage.assert_within(0.93..=0.965, "waits");
}
