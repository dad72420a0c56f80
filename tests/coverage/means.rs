//! Intervals of means of whole numbers: dense ones (actions delivered) and sparse ones (flags, days lost).

use pacewise::stats::moments::Moments;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, Geometric, Poisson};
use rayon::prelude::*;

use super::{Coverage, LEVEL, is_long};

type Draw<'a> = &'a (dyn Fn(&mut Xoshiro256PlusPlus) -> u64 + Sync);

/// How often the interval of the mean of `n` draws, none above `largest`, holds the true mean.
fn cover(n: u64, largest: f64, truth: f64, draw: Draw) -> Coverage {
    let runs = if is_long() { 50_000 } else { 1_500 };
    let one = |seed| {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut moments = Moments::default();
        for _ in 0..n {
            moments.record(draw(&mut rng));
        }
        let mut coverage = Coverage::default();
        coverage.look_at(moments.estimate(n, 1.0, largest, LEVEL), truth);
        coverage
    };
    (0..runs).into_par_iter().map(one).reduce(Coverage::default, Coverage::plus)
}

fn poisson(mean: f64, rng: &mut Xoshiro256PlusPlus) -> u64 {
    Poisson::new(mean).expect("a mean").sample(rng) as u64
}

/// At least one day, two in the mean.
fn days_out(rng: &mut Xoshiro256PlusPlus) -> u64 {
    1 + Geometric::new(0.5).expect("a proportion").sample(rng)
}

fn indicator(p: f64, rng: &mut Xoshiro256PlusPlus) -> u64 {
    u64::from(rng.random::<f64>() < p)
}

#[test]
fn dense_means_hold_their_level_with_few_replicates() {
    // The normal quantile in the place of Student's covers 0.88 with five replicates.
    for n in [5, 20, 200] {
        let coverage = cover(n, 1.0, 400.0, &|rng| poisson(400.0, rng));
        coverage.assert_within(0.94..=0.96, &format!("actions delivered, {n} replicates"));
    }
}

#[test]
fn sparse_counts_hold_their_level() {
    // Student's interval covers 0.88 where five events are expected, and nearly always errs downwards.
    for (n, p) in [(1_000, 0.005), (200, 0.02), (200, 0.05), (1_000, 0.02)] {
        let coverage = cover(n, 1.0, p, &|rng| indicator(p, rng));
        coverage.assert_within(0.92..=0.975, &format!("flags, {n} replicates, {p} each"));
    }
}

#[test]
fn sparse_days_lost_hold_their_level() {
    for (n, mean) in [(1_000, 0.01), (200, 0.05), (200, 0.5), (1_000, 0.05)] {
        let coverage =
            cover(n, 91.0, 2.0 * mean, &|rng| (0..poisson(mean, rng)).map(|_| days_out(rng)).sum());
        coverage.assert_within(0.92..=0.965, &format!("short outages, {n} replicates, {mean} each"));
    }
    for (n, p) in [(1_000, 0.005), (200, 0.05), (1_000, 0.05)] {
        let coverage = cover(n, 91.0, 46.0 * p, &|rng| indicator(p, rng) * rng.random_range(1..=91));
        coverage.assert_within(0.91..=0.965, &format!("losses until the end, {n} replicates, {p} each"));
    }
}

#[test]
fn sparse_means_err_on_both_sides() {
    let coverage = cover(1_000, 1.0, 0.01, &|rng| indicator(0.01, rng));
    let below = coverage.runs - coverage.covering - coverage.above;
    assert!(coverage.above >= coverage.runs / 100 && below >= coverage.runs / 100, "{coverage:?}");
}

#[test]
fn a_mean_without_chance_is_known_exactly() {
    for value in [1_u64, 3, 93, 1_000_003] {
        let mut moments = Moments::default();
        (0..7).for_each(|_| moments.record(value));
        let found = moments.estimate(7, 1.0, 1.0, LEVEL);
        assert_eq!((found.low, found.value, found.high), (value as f64, value as f64, value as f64));
    }
}

#[test]
fn zeros_have_an_upper_limit_and_one_number_has_none() {
    let zeros = Moments::default().estimate(100, 1.0, 91.0, LEVEL);
    // 1 - 0.025^(1/100), times the horizon.
    assert!((zeros.high / 91.0 - 0.036_216_692_645_176_42).abs() < 1e-12 && zeros.low == 0.0);
    let mut one = Moments::default();
    one.record(12);
    let found = one.estimate(1, 1.0, 91.0, LEVEL);
    assert_eq!((found.low, found.value, found.high), (0.0, 12.0, f64::INFINITY));
}
