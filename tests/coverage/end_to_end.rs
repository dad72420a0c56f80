//! Intervals of whole runs of scenarios whose answers are known in closed form: many short runs, each with its own seed.

use pacewise::engine::{Control, RunConfig, Stop, run};
use pacewise::estimate::{Intervals, results};
use pacewise::model::Model;
use pacewise::results::Results;
use pacewise::rules::Window;
use pacewise::scenario::{DaysLaw, Scenario, Trial};
use pacewise::stats::Estimate;
use pacewise::stats::proportion::Method;
use rayon::prelude::*;
use statrs::distribution::{DiscreteCDF, Poisson};

use super::reference::builders::{demand, empty, incident, poisson, rule};
use super::{Coverage, LEVEL, is_long};

/// Replicates of each run.
const REPLICATES: u64 = 200;

/// A truth, where its estimate stands, and between which shares its intervals may hold it.
struct Claim {
    what: String,
    truth: f64,
    read: Box<dyn Fn(&Results) -> Estimate + Sync>,
    band: std::ops::RangeInclusive<f64>,
}

/// Many events are expected.
fn claim(what: &str, truth: f64, read: impl Fn(&Results) -> Estimate + Sync + 'static) -> Claim {
    Claim { what: what.to_owned(), truth, read: Box::new(read), band: 0.935..=0.965 }
}

/// About ten events are expected: the count jumps by more than an interval's level can follow.
fn sparse(what: &str, truth: f64, read: impl Fn(&Results) -> Estimate + Sync + 'static) -> Claim {
    Claim { band: 0.92..=0.975, ..claim(what, truth, read) }
}

fn assert_covered(scenario: &Scenario, claims: &[Claim]) {
    let model = Model::compile(scenario);
    let runs = if is_long() { 10_000 } else { 400 };
    let one = |seed| {
        let stop = Stop::After(REPLICATES);
        let config = RunConfig { seed, stop, threads: Some(1), level: LEVEL, sample: false };
        let run = run(&model, &config, &Control::default());
        let how = Intervals { level: LEVEL, method: Method::Wilson };
        results(scenario, &model, &run.tally, run.reason, how)
    };
    // A thread that waits for a run's own threads takes further work meanwhile, one call inside the other: few long
    // pieces keep that from going deep.
    let seeds: Vec<u64> = (0..runs).collect();
    let found: Vec<Vec<Estimate>> = seeds
        .into_par_iter()
        .with_min_len(runs as usize / 4)
        .map(one)
        .map(|results| claims.iter().map(|claim| (claim.read)(&results)).collect())
        .collect();
    for (place, claim) in claims.iter().enumerate() {
        let mut coverage = Coverage::default();
        for estimates in &found {
            coverage.look_at(estimates[place], claim.truth);
        }
        coverage.assert_within(claim.band.clone(), &claim.what);
    }
}

#[test]
fn constant_incidents_are_geometric() {
    let (days, causes) = (60, [0.004, 0.002]);
    let all = causes[0] + causes[1];
    let mut scenario = empty(days, &["message"]);
    scenario.groups[0].count = 3;
    scenario.platforms[0].incidents = vec![incident("first", causes[0]), incident("second", causes[1])];
    scenario.platforms[0].reconnect.incident = DaysLaw::Fixed(days);
    let by = |t: u32| 1.0 - (1.0_f64 - all).powi(t as i32);
    // One that strikes at the end of day d costs the days from d + 1 on.
    let lost = |d: u32| all * (1.0_f64 - all).powi(d as i32) * f64::from(days - 1 - d);
    let days_lost: f64 = (0..days).map(lost).sum();
    let first = |cause: usize, t: usize| {
        move |results: &Results| results.mean_account.first_disconnection[cause].by_day[t - 1]
    };
    assert_covered(
        &scenario,
        &[
            claim("disconnected", by(60), |results| results.mean_account.disconnected),
            claim("by day 30", by(30), |results| results.mean_account.disconnected_by_day[29]),
            claim("by day 7", by(7), |results| results.mean_account.disconnected_by_day[6]),
            claim("first cause by day 30", by(30) * causes[0] / all, first(1, 30)),
            claim("second cause by day 60", by(60) * causes[1] / all, first(2, 60)),
            claim("days lost", days_lost, |results| results.mean_account.days_disconnected),
            claim("days connected", 60.0 - days_lost, |results| results.mean_account.days_connected),
            claim("the team", 1.0 - (1.0 - by(60)).powi(3), |results| results.team.disconnected),
        ],
    );
}

#[test]
fn flags_of_a_daily_limit_follow_the_tail_of_poisson() {
    let tail = Poisson::new(18.0).expect("a mean").sf(30);
    let mut scenario = empty(30, &["message"]);
    scenario.groups[0].demand = vec![demand(0, poisson(18.0))];
    scenario.platforms[0].rules = vec![rule(&[0], &[(Window::Day, 30)], Trial::Day, 0.5)];
    let by = |t: i32| 1.0 - (1.0 - tail / 2.0).powi(t);
    assert_covered(
        &scenario,
        &[
            sparse("flagged", by(30), |results| results.mean_account.flagged),
            sparse("flagged by day 20", by(20), |results| results.mean_account.flagged_by_day[19]),
            sparse("breaches", 30.0 * tail, |results| results.mean_account.rules[0].breaches),
            sparse("flags", 15.0 * tail, |results| results.mean_account.flags),
            claim("delivered", 540.0, |results| results.mean_account.actions[0].delivered),
        ],
    );
}

#[test]
fn the_share_by_day_and_cause_is_the_estimate_of_aalen_and_johansen() {
    let mut scenario = empty(40, &["message"]);
    scenario.groups[0].count = 2;
    scenario.platforms[0].incidents = vec![incident("first", 0.02), incident("second", 0.01)];
    let model = Model::compile(&scenario);
    let config = RunConfig { seed: 5, stop: Stop::After(300), threads: Some(1), level: LEVEL, sample: false };
    let run = run(&model, &config, &Control::default());
    let how = Intervals { level: LEVEL, method: Method::Wilson };
    let found = results(&scenario, &model, &run.tally, run.reason, how).mean_account;
    let mut simulator = model.simulator();
    let accounts = (0..300).flat_map(|replicate| simulator.replicate(5, replicate).accounts.clone());
    let firsts: Vec<(u32, u16)> = accounts.filter_map(|account| account.first_disconnection).collect();
    // S(t-) d_k(t) / n(t), added up over days; nothing is censored before the end.
    let (mut at_risk, mut survival, mut incidence) = (600.0, 1.0, [0.0; 3]);
    for day in 0..40 {
        let struck = |cause: u16| firsts.iter().filter(|first| **first == (day, cause)).count() as f64;
        let struck = [struck(0), struck(1), struck(2)];
        for (incidence, struck) in incidence.iter_mut().zip(struck) {
            *incidence += survival * struck / at_risk;
        }
        let all: f64 = struck.iter().sum();
        survival *= 1.0 - all / at_risk;
        at_risk -= all;
        for (cause, incidence) in incidence.iter().enumerate() {
            let share = found.first_disconnection[cause].by_day[day as usize].value;
            assert!((share - incidence).abs() < 1e-12, "cause {cause} by day {}", day + 1);
        }
    }
    assert!(incidence[1] > 0.2 && incidence[2] > 0.1);
}
