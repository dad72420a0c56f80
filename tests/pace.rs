//! The largest pace that a risk allows, against known answers: closed forms and `tests/data/oracles.json`.
//!
//! Seeds are fixed; risks at a pace are held to four standard errors of the closed form.

mod reference;

use std::sync::atomic::AtomicBool;

use pacewise::engine::{Control, RunConfig, Stop, run};
use pacewise::model::Model;
use pacewise::pace::{
    Event, PaceConfig, Recommendation, Risk, Stopped, Whose, days_for, recommend, report_curve,
};
use pacewise::results::{RiskCurve, RiskPoint};
use pacewise::rules::Window;
use pacewise::scenario::{Rung, Scenario, Trial};
use pacewise::stats::proportion::{Method, estimate};
use pacewise::tally::Tally;
use statrs::distribution::{DiscreteCDF, Poisson};

use reference::builders::{demand, empty, pacing, poisson, quota, rule};
use reference::cases::sending;
use reference::grading::Known;

const CONFIG: PaceConfig =
    PaceConfig { seed: 1, replicates: 10_000, threads: Some(2), level: 0.95, method: Method::Wilson };
const FLAGGED: Risk = Risk { action: Some(0), event: Event::Flagged, of: Whose::Worst };

fn known(id: &str, name: &str) -> f64 {
    Known::load().get(id, name).value
}

/// Poisson counts on every day, a limit of a day whose breaches are always noticed; a flag is only a warning.
fn watched(days: u32, mean: f64, limit: u32) -> Scenario {
    let mut scenario = empty(days, &["message", "post"]);
    scenario.groups[0].demand = vec![demand(0, poisson(mean))];
    scenario.platforms[0].rules = vec![rule(&[0], &[(Window::Day, limit)], Trial::Day, 1.0)];
    scenario
}

/// P(some of `days` counts of Poisson(mean) exceeds the limit).
fn risk_of(days: u32, mean: f64, limit: u32) -> f64 {
    let tail = Poisson::new(mean).expect("a mean").sf(u64::from(limit));
    1.0 - (1.0 - tail).powi(days as i32)
}

fn search(scenario: &Scenario, risk: Risk, bound: f64, replicates: u64) -> Recommendation {
    let config = PaceConfig { replicates, ..CONFIG };
    recommend(scenario, risk, bound, &config, &Control::default()).expect("nobody stops it")
}

/// The exact largest pace lies between the answer and the first pace that is surely too fast, and these are close.
fn assert_brackets(found: &Recommendation, bound: f64, exact: f64, widest: f64) {
    let best = found.best.as_ref().expect("there is a pace").factor;
    let too_fast = found.curve.points.iter().find(|point| point.risk.low > bound).expect("one is too fast");
    assert!(best <= exact && exact < too_fast.factor, "{best} <= {exact} < {}", too_fast.factor);
    assert!(best >= exact * (1.0 - widest), "{best} is far below {exact}");
}

fn assert_risks(curve: &RiskCurve, exact: impl Fn(f64) -> f64) {
    for RiskPoint { factor, risk, .. } in &curve.points {
        let expected = exact(*factor);
        let error = (expected * (1.0 - expected) / curve.replicates as f64).sqrt();
        let rare = expected * (curve.replicates as f64) < 5.0;
        assert!(rare || (risk.value - expected).abs() <= 4.0 * error, "pace {factor}: {risk:?}, {expected}");
    }
}

#[test]
fn the_largest_pace_under_a_daily_limit_is_the_known_one() {
    let exact = known("PACE-1s", "m") / 18.0;
    let found = search(&watched(30, 18.0, 30), FLAGGED, 0.01, 20_000);
    assert_brackets(&found, 0.01, exact, 0.03);
    assert_risks(&found.curve, |factor| risk_of(30, 18.0 * factor, 30));
    let best = found.best.expect("there is a pace");
    let truth = risk_of(30, 18.0 * best.factor, 30);
    assert!(truth <= known("PACE-1s", "p_at_m") && best.risk.low <= truth && truth <= best.risk.high);
    let total = known("PACE-1s", "total") / exact * best.factor;
    assert!((best.delivered.value - total).abs() <= 4.0 * best.delivered.standard_error, "{best:?}");
    assert!((best.per_day - 18.0 * best.factor).abs() < 1e-9);
}

#[test]
fn the_largest_pace_under_two_limits_is_the_known_one() {
    let mut scenario = watched(30, 2.0, 8);
    let limits = [(Window::Day, 8), (Window::TrailingDays(3), 12)];
    scenario.platforms[0].rules = vec![rule(&[0], &limits, Trial::Day, 1.0)];
    let found = search(&scenario, FLAGGED, known("PACE-4s", "p_at_m"), 10_000);
    assert_brackets(&found, 0.05, known("PACE-4s", "m") / 2.0, 0.04);
}

#[test]
fn forty_days_are_the_fewest_for_six_hundred_actions() {
    let days = known("PACE-3s", "D") as u32;
    let largest = |days: u32| {
        let found = search(&watched(days, 600.0 / f64::from(days), 30), FLAGGED, 0.01, 20_000);
        found.best.expect("there is a pace").factor
    };
    assert!(largest(days) >= 1.0, "{days} days are enough");
    assert!(largest(days - 1) < 1.0, "a day less is not");
}

#[test]
fn the_days_that_a_total_takes_are_the_known_ones() {
    let days = |scenario: &Scenario, factor, total| {
        days_for(
            scenario,
            FLAGGED,
            factor,
            total,
            &PaceConfig { replicates: 3, ..CONFIG },
            &Control::default(),
        )
    };
    let table = [
        ("N500_d30_w120", 500, 30, 120, true),
        ("N1000_d30_w120", 1_000, 30, 120, true),
        ("N23_d3_w8", 23, 3, 8, true),
        ("N23_d3_w8_weekdays", 23, 3, 8, false),
    ];
    for (name, total, per_day, per_week, weekends) in table {
        let fewest = known("PACE-2s", name) as u32;
        let with_days = |days| sending(days, total as f64, per_day, per_week, weekends);
        assert_eq!(days(&with_days(fewest + 5), 1.0, total), Some(fewest), "{name}");
        assert_eq!(days(&with_days(fewest), 1.0, total), Some(fewest), "{name}, no day to spare");
        assert_eq!(days(&with_days(fewest - 1), 1.0, total), None, "{name}, a day too few");
    }
}

#[test]
fn the_days_that_a_total_takes_count_all_accounts_and_the_pace() {
    let mut scenario = empty(30, &["message", "post"]);
    scenario.groups[0].demand = vec![demand(0, quota(4.0)), demand(1, quota(50.0))];
    scenario.groups[0].count = 3;
    let mut second = scenario.groups[0].clone();
    (second.name, second.count) = ("second".to_owned(), 2);
    scenario.groups.push(second);
    let days = |factor, total| days_for(&scenario, FLAGGED, factor, total, &CONFIG, &Control::default());
    // Five accounts send 20 messages a day at pace 1; posts do not count.
    assert_eq!(
        [days(1.0, 20), days(1.0, 21), days(1.0, 600), days(1.0, 601)],
        [Some(1), Some(2), Some(30), None]
    );
    assert_eq!([days(0.5, 100), days(0.5, 101), days(2.0, 101)], [Some(10), Some(11), Some(3)]);
}

#[test]
fn the_risk_of_a_team_is_that_of_at_least_one_account() {
    let mut scenario = watched(30, 18.0, 30);
    scenario.groups[0].count = 4;
    let team = search(&scenario, Risk { of: Whose::Team, ..FLAGGED }, 0.2, 4_000);
    assert_risks(&team.curve, |factor| 1.0 - (1.0 - risk_of(30, 18.0 * factor, 30)).powi(4));
    for of in [Whose::Mean, Whose::Worst] {
        let account = search(&scenario, Risk { of, ..FLAGGED }, 0.2, 4_000);
        assert_risks(&account.curve, |factor| risk_of(30, 18.0 * factor, 30));
    }
    // 1 - 0.2 = 0.8 = (1 - p)^4 at the largest pace of the team.
    let p = 1.0 - 0.8_f64.powf(0.25);
    let best = team.best.expect("there is a pace").factor;
    let truth = risk_of(30, 18.0 * best, 30);
    assert!(truth <= p && truth >= 0.7 * p, "{truth} against {p}");
}

#[test]
fn the_worst_off_account_is_judged_with_a_level_for_every_group() {
    let mut scenario = watched(30, 18.0, 30);
    let mut busier = scenario.groups[0].clone();
    busier.name = "busier".to_owned();
    busier.demand = vec![demand(0, poisson(22.0))];
    scenario.groups.push(busier);
    let found = search(&scenario, FLAGGED, 0.01, 4_000);
    assert_risks(&found.curve, |factor| risk_of(30, 22.0 * factor, 30));
    for RiskPoint { factor, risk, per_day, .. } in &found.curve.points {
        let hits = (risk.value * 4_000.0).round() as u64;
        let expected = estimate(hits, 4_000, 0.975, Method::Wilson);
        assert_eq!((risk.low, risk.high), (expected.low, expected.high), "pace {factor}");
        let calmer = hits == 0 && (per_day - 18.0 * factor).abs() < 1e-9;
        assert!(calmer || (per_day - 22.0 * factor).abs() < 1e-9, "pace {factor}: {per_day} a day");
    }
}

#[test]
fn common_random_numbers_make_the_risk_grow_with_the_pace() {
    // On independent streams neighbouring paces of 300 replicates would change places often.
    let found = search(&watched(30, 18.0, 30), FLAGGED, 0.1, 300);
    assert!(found.curve.points.len() >= 20);
    for pair in found.curve.points.windows(2) {
        assert!(pair[0].factor < pair[1].factor && pair[0].risk.value <= pair[1].risk.value, "{pair:?}");
        assert!(pair[0].delivered.value < pair[1].delivered.value, "{pair:?}");
    }
}

#[test]
fn the_answer_is_confirmed_on_fresh_streams() {
    let (scenario, bound) = (watched(30, 18.0, 30), 0.1);
    let mut refused = 0;
    for seed in 0..20 {
        let config = PaceConfig { seed, replicates: 300, ..CONFIG };
        let found =
            recommend(&scenario, FLAGGED, bound, &config, &Control::default()).expect("nobody stops it");
        let best = found.best.expect("there is a pace");
        assert!(best.risk.high <= bound, "seed {seed}: {best:?}");
        let mut kept = found.curve.points.iter().rev().filter(|point| point.risk.high <= bound);
        refused += u32::from(kept.clone().next().is_some_and(|largest| largest.factor > best.factor));
        let searched =
            kept.find(|point| point.factor == best.factor).expect("it kept the bound in the search");
        assert_ne!(searched.delivered, best.delivered, "seed {seed}: the streams are not fresh");
    }
    // The largest pace was lucky in the search about half of the time.
    assert!((4..=16).contains(&refused), "{refused} of 20");
}

#[test]
fn no_pace_is_an_answer() {
    // At a tenth of 31 a day each day breaches the limit of 2.
    let hopeless = watched(30, 300.0, 2);
    assert_eq!(search(&hopeless, FLAGGED, 0.5, 200).best, None);
    // 200 replicates without a flag allow 0.0183 and no less.
    let calm = watched(30, 1.0, 30);
    assert_eq!(search(&calm, FLAGGED, 0.018, 200).best, None);
    assert!(search(&calm, FLAGGED, 0.019, 200).best.is_some());
}

#[test]
fn paces_up_to_ten_times_are_tried_where_all_keep_the_bound() {
    let best = search(&watched(30, 1.0, 60), FLAGGED, 0.05, 200).best.expect("there is a pace");
    assert_eq!(best.factor, 10.0);
}

#[test]
fn only_the_named_action_is_scaled() {
    let mut scenario = watched(10, 5.0, 30);
    scenario.groups[0].demand.push(demand(1, quota(7.0)));
    let named = search(&scenario, FLAGGED, 0.05, 500).curve;
    let all = search(&scenario, Risk { action: None, ..FLAGGED }, 0.05, 500).curve;
    assert_eq!((named.action.as_deref(), all.action.as_deref()), (Some("message"), None));
    for (named, all) in named.points.iter().zip(&all.points) {
        assert!((named.per_day - 5.0 * named.factor).abs() < 1e-9);
        assert!((all.per_day - 12.0 * all.factor).abs() < 1e-9);
        let posts = all.delivered.value - named.delivered.value;
        // The fraction of a quota is rounded at random.
        assert!((posts - 70.0 * all.factor).abs() <= 0.5, "pace {}: {posts}", all.factor);
    }
}

#[test]
fn other_events_have_their_own_risk() {
    let mut scenario = watched(30, 18.0, 30);
    scenario.platforms[0].ladder.rungs = vec![Rung::Warning, Rung::Permanent];
    let at_today = |event| {
        let found = search(&scenario, Risk { event, ..FLAGGED }, 0.5, 8_000).curve;
        found.today().expect("pace 1 is in the grid").risk
    };
    // Two breaching days among thirty make it permanent, which is a restriction and disconnects.
    let tail: f64 = Poisson::new(18.0).expect("a mean").sf(30);
    let none = (1.0 - tail).powi(30);
    let two = 1.0 - none - 30.0 * tail * (1.0 - tail).powi(29);
    let error = |p: f64| 4.0 * (p * (1.0 - p) / 8_000.0).sqrt();
    assert!((at_today(Event::Flagged).value - (1.0 - none)).abs() <= error(none));
    for event in [Event::Restricted, Event::Permanent, Event::Disconnected] {
        assert!((at_today(event).value - two).abs() <= error(two), "{event:?}");
    }
}

#[test]
fn the_team_s_caps_are_not_scaled() {
    let mut scenario = watched(10, 20.0, 12);
    scenario.groups[0].pacing = vec![pacewise::scenario::Pacing { per_day: Some(12), ..pacing(0) }];
    let found = search(&scenario, FLAGGED, 0.05, 200);
    assert!(found.curve.points.iter().all(|point| point.risk.value == 0.0 && point.delivered.value <= 120.0));
}

#[test]
fn a_stop_signal_ends_the_search_without_an_answer() {
    let control = Control { stop: AtomicBool::new(true), ..Control::default() };
    let scenario = watched(30, 18.0, 30);
    assert_eq!(recommend(&scenario, FLAGGED, 0.01, &CONFIG, &control).err(), Some(Stopped));
    assert_eq!(days_for(&scenario, FLAGGED, 1.0, 10, &CONFIG, &control), None);
    let (model, tally) = ran(&scenario, 100);
    assert!(report_curve(&scenario, &model, &tally, &CONFIG, &control).is_none());
}

/// A run for whose report a curve is drawn.
fn ran(scenario: &Scenario, replicates: u64) -> (Model, Tally) {
    let model = Model::compile(scenario);
    let stop = Stop::After(replicates);
    let config = RunConfig { seed: CONFIG.seed, stop, threads: None, level: CONFIG.level, sample: false };
    let tally = run(&model, &config, &Control::default()).tally;
    (model, tally)
}

#[test]
fn the_curve_of_a_report_takes_a_tenth_of_the_run() {
    let scenario = watched(30, 18.0, 30);
    let curve = |replicates| {
        let (model, tally) = ran(&scenario, replicates);
        report_curve(&scenario, &model, &tally, &CONFIG, &Control::default())
    };
    let found = curve(100_000).expect("enough replicates");
    let factors = found.points.iter().map(|point| point.factor).filter(|&factor| factor != 1.0);
    let others: f64 = factors.map(|factor| factor.max(factor * factor)).sum();
    assert_eq!(found.replicates, (10_000.0 / others) as u64);
    assert_risks(&found, |factor| risk_of(30, 18.0 * factor, 30));
    // Today's point is the run itself, as precise as that.
    let p = risk_of(30, 18.0, 30);
    let today = found.today().expect("it is drawn").risk;
    assert!((today.standard_error / (p * (1.0 - p) / 100_000.0).sqrt() - 1.0).abs() < 0.1);
    // 50 replicates at each other pace are the fewest.
    let fewest = (500.0 * others).ceil() as u64;
    assert!(curve(fewest).is_some() && curve(fewest - 1).is_none());
}
