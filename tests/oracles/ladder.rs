//! A ladder that forgets, against its Markov chain: the state of an account is the ages of the flags that still count.

use std::collections::BTreeMap;

use pacewise::rules::Window;
use pacewise::scenario::{DaysLaw, Rung, Scenario, Trial};

use super::fast::simulate_fast;
use super::is_long;
use super::reference::builders::{demand, empty, quota, rule};
use super::reference::grading::Measured;

const DAYS: u32 = 200;
const HAZARD: f64 = 0.03;
const MEMORY: u32 = 25;
const RESTRICTED: u32 = 4;

/// Each day breaches the rule; the first flag that counts warns, the second restricts, the third ends the account.
fn forgetful(resolution: pacewise::scenario::Resolution) -> Scenario {
    let mut scenario = empty(DAYS, &["message"]);
    scenario.resolution = resolution;
    scenario.groups[0].demand = vec![demand(0, quota(1.0))];
    scenario.platforms[0].rules = vec![rule(&[0], &[(Window::Day, 0)], Trial::Day, HAZARD)];
    let ladder = &mut scenario.platforms[0].ladder;
    ladder.rungs = vec![Rung::Warning, Rung::Restriction(DaysLaw::Fixed(RESTRICTED)), Rung::Permanent];
    ladder.memory_days = Some(MEMORY);
    scenario.platforms[0].reconnect.after_restriction = DaysLaw::Fixed(0);
    scenario
}

/// Mean number of flags, and the probability of a permanent restriction, by a chain over (days still restricted, ages of
/// the flags that count).
fn chain() -> [f64; 2] {
    let mut states: BTreeMap<(u32, Vec<u32>), f64> = BTreeMap::from([((0, Vec::new()), 1.0)]);
    let (mut flags, mut permanent) = (0.0, 0.0);
    for _ in 0..DAYS {
        let mut next = BTreeMap::new();
        for ((restricted, ages), weight) in states {
            // At the end of the day everything is a day older; a flag of exactly the memory's age counts no more.
            let older: Vec<u32> = ages.iter().map(|age| age + 1).filter(|age| *age < MEMORY).collect();
            if restricted > 0 {
                *next.entry((restricted - 1, older)).or_insert(0.0) += weight;
                continue;
            }
            *next.entry((0, older.clone())).or_insert(0.0) += weight * (1.0 - HAZARD);
            flags += weight * HAZARD;
            if older.len() >= 2 {
                permanent += weight * HAZARD;
            } else {
                let days = if older.is_empty() { 0 } else { RESTRICTED };
                let with_new = older.into_iter().chain([0]).collect();
                *next.entry((days, with_new)).or_insert(0.0) += weight * HAZARD;
            }
        }
        states = next;
    }
    [flags, permanent]
}

#[test]
fn a_ladder_that_forgets_climbs_as_its_chain() {
    use pacewise::scenario::Resolution::{Day, Event};
    let n = if is_long() { 400_000 } else { 8_000 };
    for resolution in [Day, Event] {
        let account = simulate_fast(&forgetful(resolution), n, 20_260_105).mean_account;
        let estimates = [account.flags, account.restricted_permanently];
        for (estimate, exact) in estimates.into_iter().zip(chain()) {
            let known = Measured { value: exact, standard_error: 0.0 };
            let measured = Measured { value: estimate.value, standard_error: estimate.standard_error };
            let difference = measured.less(known);
            let z = difference.value / difference.standard_error;
            assert!(z.abs() <= 4.0, "{resolution:?}: {} is not {exact} (z = {z:.2})", estimate.value);
            assert!(estimate.standard_error < 0.03 * exact, "too few replicates to tell");
        }
    }
}
