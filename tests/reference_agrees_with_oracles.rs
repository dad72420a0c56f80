//! The reference simulator itself, graded against known answers and against what must hold in every life; and the plain
//! peers of the benches, graded against it.
//!
//! `PACEWISE_LONG=1 cargo test --release --test reference_agrees_with_oracles` takes many more replicates.

#[path = "../benches/plain/mod.rs"]
mod plain;
mod reference;

use pacewise::scenario::{CountLaw, Resolution, Scenario};
use pacewise::time::DAY;
use proptest::prelude::{ProptestConfig, prop_assert, prop_assert_eq, proptest};
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rayon::prelude::*;

use plain::Answer as PeerAnswer;
use reference::builders::TWO_DAYS;
use reference::bursts;
use reference::cases::{Answer, Case, cases};
use reference::grading::{Known, Measured, Row, assert_good, grade, root_mean_square, table};
use reference::laws::{draw_count, draw_days};
use reference::quantity::Quantity as Q;
use reference::workloads::{CONNECTION_REQUEST, w1, w2};
use reference::{AccountLife, simulate};

/// Replicates for one of the quick check.
fn effort() -> u64 {
    if std::env::var_os("PACEWISE_LONG").is_some() { 100 } else { 1 }
}

/// The means of the answers' quantities over replicates with one account each.
fn measure(scenario: &Scenario, answers: &[Answer], replicates: u64, seed: u64) -> Vec<Measured> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut sums = vec![(0.0, 0.0); answers.len()];
    for _ in 0..replicates {
        let lives = simulate(scenario, scenario.resolution, &mut rng);
        for (answer, sums) in answers.iter().zip(&mut sums) {
            let value = answer.quantity.of(scenario, &lives[0]);
            sums.0 += value;
            sums.1 += value * value;
        }
    }
    sums.into_iter().map(|(sum, squares)| Measured::from_sums(replicates, sum, squares)).collect()
}

fn grade_case(case: &Case, known: &Known, seed: u64) -> Vec<Row> {
    let n = case.replicates * effort();
    let mut means = measure(&case.scenario, &case.answers, n, seed);
    if let Some(less) = &case.less {
        let others = measure(less, &case.answers, n, seed + 1_000);
        means = means.into_iter().zip(others).map(|(mean, other)| mean.less(other)).collect();
    }
    case.answers.iter().zip(means).map(|(answer, mean)| grade(case, answer, known, n, mean)).collect()
}

#[test]
#[allow(clippy::print_stdout)]
fn the_reference_agrees_with_the_known_answers() {
    let known = Known::load();
    let cases: Vec<Case> = cases().into_iter().chain(bursts::cases()).collect();
    let rows: Vec<Row> = cases
        .par_iter()
        .enumerate()
        .flat_map_iter(|(index, case)| grade_case(case, &known, 20_260_105 + index as u64))
        .collect();
    println!("{}", table(&rows));
    assert_good(&rows, 4.0, 0.8..=1.2);
}

#[test]
fn counts_and_lengths_follow_the_stated_laws() {
    let known = Known::load();
    let poisson = CountLaw::Poisson { mean: 18.0 };
    let overdispersed = CountLaw::NegativeBinomial { mean: 18.0, size: 4.0 };
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(18);
    let n = 40_000 * effort();
    let draws = |draw: &mut dyn FnMut() -> u32| (0..n).map(|_| f64::from(draw())).collect::<Vec<_>>();
    check_law(&known, "Poisson18", &draws(&mut || draw_count(poisson, 18.0, &mut rng)));
    check_law(&known, "NegBin_18_4", &draws(&mut || draw_count(overdispersed, 18.0, &mut rng)));
    check_law(&known, "Geometric_0.5", &draws(&mut || draw_days(TWO_DAYS, &mut rng)));
}

fn check_law(known: &Known, law: &str, draws: &[f64]) {
    let n = draws.len() as f64;
    let answer = |name: &str| known.get("DIST-1s", &format!("{law}_{name}")).value;
    let (mean, variance) = (answer("mean"), answer("var"));
    let moment = |power: i32| draws.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / n;
    let z_mean = moment(1) / (variance / n).sqrt();
    let z_variance = (moment(2) - variance) / ((moment(4) - moment(2).powi(2)) / n).sqrt();
    assert!(z_mean.abs() <= 4.0 && z_variance.abs() <= 4.0, "{law}: {z_mean} {z_variance}");
    for q in [0.05, 0.5, 0.95, 0.999] {
        let quantile = answer(&format!("q{q}"));
        let slack = 4.0 * (q * (1.0 - q) / n).sqrt();
        let share_below = draws.iter().filter(|&&x| x < quantile).count() as f64 / n;
        let share_up_to = draws.iter().filter(|&&x| x <= quantile).count() as f64 / n;
        assert!(share_below < q + slack && share_up_to > q - slack, "{law} {q}");
    }
}

#[test]
fn a_deterministic_account_is_flagged_on_the_known_days() {
    let case = cases().into_iter().find(|case| case.id == "BND-1s").expect("the case exists");
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let lives = simulate(&case.scenario, Resolution::Day, &mut rng);
    let days: Vec<u32> = lives[0].flags.iter().map(|flag| flag.day).collect();
    assert_eq!(days, [0, 7, 23]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_life_keeps_the_accounts(seed: u64) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let scenario = reference::random::scenario(&mut rng);
        for life in simulate(&scenario, scenario.resolution, &mut rng) {
            for action in &life.actions {
                prop_assert_eq!(action.demanded, action.delivered + action.waiting + action.lost);
                let by_day: u64 = action.delivered_on.iter().map(|&count| u64::from(count)).sum();
                prop_assert_eq!(action.delivered, by_day);
                prop_assert!(action.waiting <= action.deferred && action.deferred <= action.demanded);
                prop_assert!(action.total_wait >= 0);
            }
            check_times(&life)?;
            check_caps(&scenario, &life)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_life_with_many_parts_keeps_the_books(seed: u64) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let scenario = reference::parts::with_many(seed % 1_000_000);
        for life in simulate(&scenario, scenario.resolution, &mut rng) {
            for action in &life.actions {
                prop_assert_eq!(action.demanded, action.delivered + action.waiting + action.lost);
            }
            for pair in life.disconnections.windows(2) {
                prop_assert!(pair[0].to.is_some_and(|to| to <= pair[1].from));
            }
            check_caps(&scenario, &life)?;
        }
    }
}

fn check_times(life: &AccountLife) -> Result<(), proptest::test_runner::TestCaseError> {
    let horizon = i64::from(life.horizon_days) * DAY;
    prop_assert!(life.time_restricted <= life.time_disconnected && life.time_disconnected <= horizon);
    prop_assert!(life.restrictions.len() <= life.flags.len());
    prop_assert!(life.permanent.is_none() || life.restrictions.last() == life.permanent.as_ref());
    let restricted = life.disconnections.iter().filter(|down| down.cause == "restriction").count();
    prop_assert_eq!(restricted, life.restrictions.len());
    prop_assert!(life.disconnections.is_sorted_by_key(|down| down.day));
    prop_assert!(life.disconnections.iter().all(|down| down.day < life.horizon_days));
    let trials: usize = life.trials.iter().map(Vec::len).sum();
    prop_assert!(life.flags.len() <= trials);
    Ok(())
}

/// No civil day holds more than the team allows itself.
fn check_caps(scenario: &Scenario, life: &AccountLife) -> Result<(), proptest::test_runner::TestCaseError> {
    for pacing in &scenario.groups[life.group].pacing {
        let most = life.actions[pacing.action].delivered_on.iter().max();
        prop_assert!(pacing.per_day.is_none_or(|cap| most.is_none_or(|&most| most <= cap)));
        if let (Some(cap), true) = (pacing.per_week, pacing.sliding_week) {
            let days = &life.actions[pacing.action].delivered_on;
            prop_assert!(days.windows(7).all(|week| week.iter().sum::<u32>() <= cap));
        }
    }
    Ok(())
}

/// Causes in the order of the peers.
const CAUSES: [&str; 6] =
    ["restriction", "password_changed", "access_revoked", "admin_role_lost", "token_expired", "token_idle"];

/// The peer's numbers beside the quantities that they estimate, with standard errors.
fn peer_quantities(answer: &PeerAnswer, n: u64) -> Vec<(Q, Measured)> {
    let share = |value: f64| Measured { value, standard_error: (value * (1.0 - value) / n as f64).sqrt() };
    let days = answer.disconnected_days;
    let requests = answer.delivered_requests;
    let mut all = vec![
        (Q::Flagged, share(answer.flagged)),
        (Q::Permanent, share(answer.permanent)),
        (Q::Disconnected, share(answer.disconnected)),
        (Q::DaysDisconnected, Measured { value: days.value, standard_error: days.standard_error }),
        (
            Q::Delivered(CONNECTION_REQUEST),
            Measured { value: requests.value, standard_error: requests.standard_error },
        ),
    ];
    for (t, by_cause) in [30, 90, 365].into_iter().zip(answer.first_disconnection) {
        for (cause, value) in CAUSES.into_iter().zip(by_cause) {
            all.push((Q::FirstDisconnection(cause.to_owned(), t), share(value)));
        }
    }
    all
}

/// Two-sample z of every quantity, the variance pooled.
#[allow(clippy::print_stdout)]
fn compare_peer(scenario: &Scenario, answer: &PeerAnswer, peer_n: u64, n: u64) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(99);
    let lives: Vec<_> =
        (0..n).map(|_| simulate(scenario, scenario.resolution, &mut rng).swap_remove(0)).collect();
    let mut zs = Vec::new();
    for (quantity, peer) in peer_quantities(answer, peer_n) {
        let values: Vec<f64> = lives.iter().map(|life| quantity.of(scenario, life)).collect();
        let squares: f64 = values.iter().map(|value| value * value).sum();
        let reference = Measured::from_sums(n, values.iter().sum(), squares);
        let difference = peer.less(reference);
        let rare = quantity.is_probability() && (peer.value * n as f64) < 5.0;
        if difference.standard_error > 0.0 && !rare {
            let z = difference.value / difference.standard_error;
            println!("{quantity:?}: {} against {}, z {z:.2}", peer.value, reference.value);
            assert!(z.abs() <= 4.0, "{quantity:?}: {peer:?} against {reference:?}");
            zs.push(z);
        }
    }
    assert!(zs.len() >= 5);
    assert!(root_mean_square(&zs) < 2.0, "{zs:?}");
}

#[test]
fn the_plain_w1_agrees_with_the_reference() {
    let (peer_n, n) = (4_000 * effort(), 800 * effort());
    compare_peer(&w1(), &plain::w1(peer_n, 1), peer_n, n);
}

#[test]
fn the_plain_w2_agrees_with_the_reference() {
    let (peer_n, n) = (200 * effort(), 60 * effort());
    compare_peer(&w2(), &plain::w2(peer_n, 2), peer_n, n);
}
