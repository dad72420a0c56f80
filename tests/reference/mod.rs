//! The plain reference simulator: the model's words turned into code in the most obvious way, for tests to compare with.
//!
//! It knows nothing of the engine. Every delivered action is kept in a list, every window is counted anew, and nothing
//! is precomputed; it is meant to be read beside the model, not to be fast.
#![allow(dead_code)]

pub(crate) mod account;
pub(crate) mod builders;
pub(crate) mod bursts;
pub(crate) mod cases;
pub(crate) mod day;
pub(crate) mod demand;
pub(crate) mod event;
pub(crate) mod grading;
pub(crate) mod judge;
pub(crate) mod laws;
pub(crate) mod life;
pub(crate) mod mixes;
pub(crate) mod pacing;
pub(crate) mod quantity;
pub(crate) mod random;
pub(crate) mod windows;
pub(crate) mod workloads;

use pacewise::scenario::{Resolution, Scenario, Trial};
use rand::Rng;

use account::Account;
pub(crate) use life::AccountLife;

/// One replicate: the lives of all accounts of all groups, in file order.
pub(crate) fn simulate(scenario: &Scenario, resolution: Resolution, rng: &mut impl Rng) -> Vec<AccountLife> {
    let mut lives = Vec::new();
    for (index, group) in scenario.groups.iter().enumerate() {
        for _ in 0..group.count {
            let account = Account::new(scenario, index);
            lives.push(match resolution_of(scenario, resolution) {
                Resolution::Day => day::live(account, rng),
                _ => event::live(account, rng),
            });
        }
    }
    lives
}

/// The resolution in force: day when everything is daily, unless something else was asked for.
pub(crate) fn resolution_of(scenario: &Scenario, asked: Resolution) -> Resolution {
    if asked != Resolution::Auto {
        return asked;
    }
    let rules = &scenario.platforms[0].rules;
    let daily_rules = rules.iter().all(|rule| {
        rule.detection.per != Trial::Event && rule.rule.limits.iter().all(|limit| limit.window.is_daily())
    });
    let daily_groups = scenario.groups.iter().all(|group| {
        group.pacing.iter().all(|pacing| pacing.per_hour.is_none() && !pacing.spread)
            && group.demand.iter().chain(&group.background).all(|demand| demand.hours.is_empty())
    });
    if daily_rules && daily_groups { Resolution::Day } else { Resolution::Event }
}
