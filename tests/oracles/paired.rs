//! Answers that need more than means of one run: differences of two paces replicate by replicate, and who is connected on
//! the last day.

use pacewise::model::{AccountOutcome, Model};
use pacewise::rules::Window;
use pacewise::scenario::{Scenario, Trial};

use super::fast::simulate_fast;
use super::is_long;
use super::reference::builders::{TWO_DAYS, demand, empty, incident, poisson, rule};
use super::reference::grading::{Grade, Known, Measured, Row};

fn row(known: &Known, id: &str, name: &str, measured: Measured) -> Row {
    let answer = known.get(id, name).value;
    let Measured { value: estimate, standard_error } = measured;
    let grade = Grade::Z((estimate - answer) / standard_error);
    Row { name: format!("{id} {name}"), estimate, answer, standard_error, grade }
}

pub(crate) fn rows(known: &Known) -> Vec<Row> {
    let mut rows = differences(known);
    rows.push(connected_on_the_last_day(known));
    rows
}

fn watched(days: u32, mean: f64) -> Scenario {
    let mut scenario = empty(days, &["message"]);
    scenario.groups[0].demand = vec![demand(0, poisson(mean))];
    scenario.platforms[0].rules = vec![rule(&[0], &[(Window::Day, 30)], Trial::Day, 1.0)];
    scenario
}

/// The variance between replicates of what 20 actions a day have more than 18, on the streams of two seeds.
fn variance_of_difference(
    (days, n): (u32, u64),
    (seed, other): (u64, u64),
    read: fn(&AccountOutcome) -> f64,
) -> Measured {
    let (slower, faster) = (Model::compile(&watched(days, 18.0)), Model::compile(&watched(days, 20.0)));
    let (mut slower, mut faster) = (slower.simulator(), faster.simulator());
    let difference = |replicate| {
        let more = read(&faster.replicate(other, replicate).accounts[0]);
        more - read(&slower.replicate(seed, replicate).accounts[0])
    };
    let differences: Vec<f64> = (0..n).map(difference).collect();
    let mean = differences.iter().sum::<f64>() / n as f64;
    let moment = |power: i32| differences.iter().map(|x| (x - mean).powi(power)).sum::<f64>() / n as f64;
    let variance = moment(2);
    Measured { value: variance, standard_error: ((moment(4) - variance * variance) / n as f64).sqrt() }
}

fn differences(known: &Known) -> Vec<Row> {
    let effort = if is_long() { 50 } else { 1 };
    let (day, month) = ((1, 60_000 * effort), (30, 8_000 * effort));
    let (common, independent) = ((1, 1), (1, 2));
    let demanded = |account: &AccountOutcome| account.demanded[0] as f64;
    let flagged = |account: &AccountOutcome| f64::from(u8::from(account.first_flag.is_some()));
    vec![
        row(known, "CRN-1s", "var_crn", variance_of_difference(day, common, demanded)),
        row(known, "CRN-1s", "var_indep", variance_of_difference(day, independent, demanded)),
        row(known, "CRN-1s", "var_delta_crn", variance_of_difference(month, common, flagged)),
        row(known, "CRN-1s", "var_delta_indep", variance_of_difference(month, independent, flagged)),
    ]
}

/// Shares of time on each day rest on the first replicates of a run only: many short runs.
fn connected_on_the_last_day(known: &Known) -> Row {
    let mut scenario = empty(365, &["message"]);
    scenario.platforms[0].incidents = vec![incident("out", 0.0015)];
    scenario.platforms[0].reconnect.incident = TWO_DAYS;
    let (runs, mut accounts, mut connected) = (if is_long() { 500 } else { 15 }, 0.0, 0.0);
    for seed in 0..runs {
        let series = simulate_fast(&scenario, 4_000, seed).series;
        let replicates = series.replicates as f64;
        accounts += replicates;
        connected += replicates * series.occupancy.last().expect("there are days").connected;
    }
    let share = known.get("CR-6s", "connected_on_last_day").value;
    let standard_error = (share * (1.0 - share) / accounts).sqrt();
    row(known, "CR-6s", "connected_on_last_day", Measured { value: connected / accounts, standard_error })
}
