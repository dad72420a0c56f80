//! The plain reference simulator: the model's words turned into code in the most obvious way, for tests to compare with.
//!
//! It knows nothing of the engine. Every delivered action is kept in a list, every window is counted anew, and nothing
//! is precomputed; it is meant to be read beside the model, not to be fast.
#![allow(dead_code)]

pub(crate) mod account;
pub(crate) mod answers;
pub(crate) mod arrivals;
pub(crate) mod builders;
pub(crate) mod bursts;
pub(crate) mod cases;
pub(crate) mod cause;
pub(crate) mod credits;
pub(crate) mod day;
pub(crate) mod day_rules;
pub(crate) mod demand;
pub(crate) mod event;
pub(crate) mod gate;
pub(crate) mod grading;
pub(crate) mod invalidation;
pub(crate) mod judge;
pub(crate) mod laws;
pub(crate) mod leave;
pub(crate) mod life;
pub(crate) mod mixes;
pub(crate) mod pacing;
pub(crate) mod pages;
pub(crate) mod parts;
pub(crate) mod quantity;
pub(crate) mod random;
pub(crate) mod windows;
pub(crate) mod workloads;

use pacewise::scenario::{Consequence, Resolution, Scenario, Trial};
use pacewise::time::{DAY, day_number, start_of};
use rand::Rng;

use account::Account;
pub(crate) use life::AccountLife;

/// One replicate: the lives of all accounts of all groups, in file order. They go through the days together.
pub(crate) fn simulate(scenario: &Scenario, resolution: Resolution, rng: &mut impl Rng) -> Vec<AccountLife> {
    let resolution = resolution_of(scenario, resolution);
    let places = scenario
        .groups
        .iter()
        .enumerate()
        .flat_map(|(group, stated)| (0..stated.count).map(move |number| (group, number)));
    let first = day_number(scenario.start);
    let mut accounts: Vec<Account<'_>> =
        places.map(|(group, number)| Account::new(scenario, group, number, first, rng)).collect();
    let mut exists: Vec<bool> = accounts.iter().map(|account| account.group.replaces.is_none()).collect();
    for day in first..first + i32::try_from(scenario.horizon_days).expect("a horizon is short") {
        for place in 0..accounts.len() {
            if !exists[place] && is_to_be_opened(scenario, &accounts, place, day - first) {
                let Account { life, number, .. } = &accounts[place];
                accounts[place] = Account::new(scenario, life.group, *number, day, rng);
                exists[place] = true;
            }
        }
        for account in existing(&mut accounts, &exists) {
            account.start_day(day, rng);
        }
        let restricted: Vec<bool> =
            accounts.iter().map(|account| account.is_restricted(start_of(day))).collect();
        let struck: Vec<Option<usize>> =
            scenario.platforms.iter().map(|platform| judge::strike_all(platform, rng)).collect();
        for place in (0..accounts.len()).filter(|&place| exists[place]) {
            accounts[place].struck = struck[accounts[place].group.platform];
            let seen = restricted_others(scenario, &accounts, &restricted, place);
            match resolution {
                Resolution::Day => day::spend(&mut accounts[place], day, &seen, rng),
                _ => event::spend(&mut accounts[place], day, &seen, rng),
            }
        }
    }
    let lives = accounts.into_iter().zip(exists);
    lives.map(|(account, exists)| if exists { account.finish() } else { account.life }).collect()
}

fn existing<'s, 'a>(
    accounts: &'s mut [Account<'a>],
    exists: &'s [bool],
) -> impl Iterator<Item = &'s mut Account<'a>> {
    accounts.iter_mut().zip(exists).filter(|(_, exists)| **exists).map(|(account, _)| account)
}

/// Whether the account that this one replaces was first restricted long enough before a day, counted from day 0.
fn is_to_be_opened(scenario: &Scenario, accounts: &[Account<'_>], place: usize, day: i32) -> bool {
    let own = &accounts[place];
    let replaces = own.group.replaces.expect("it does not exist from the start");
    let before = scenario.groups[..replaces.group].iter().map(|group| group.count).sum::<u32>();
    let other = &accounts[(before + own.number) as usize];
    other.life.restrictions.first().is_some_and(|&dated| dated as i32 + replaces.after_days as i32 <= day)
}

/// By link, how many other accounts of it were restricted at the start of the day; none for one that it does not concern.
fn restricted_others(
    scenario: &Scenario,
    accounts: &[Account<'_>],
    restricted: &[bool],
    place: usize,
) -> Vec<usize> {
    let own = accounts[place].life.group;
    let others = |groups: &[usize]| {
        let restricted =
            accounts.iter().zip(restricted).enumerate().filter(|(_, (_, restricted))| **restricted);
        restricted
            .filter(|(other, (account, _))| *other != place && groups.contains(&account.life.group))
            .count()
    };
    let seen = |groups: &Vec<usize>| if groups.contains(&own) { others(groups) } else { 0 };
    scenario.links.iter().map(|link| seen(&link.groups)).collect()
}

/// The resolution in force: day when everything is daily, unless something else was asked for.
pub(crate) fn resolution_of(scenario: &Scenario, asked: Resolution) -> Resolution {
    if asked != Resolution::Auto {
        return asked;
    }
    let daily_rules = scenario.platforms.iter().flat_map(|platform| &platform.rules).all(|rule| {
        rule.detection.per != Trial::Event
            && rule.rule.limits.iter().all(|limit| limit.window.is_daily())
            && !matches!(rule.consequence, Consequence::Refusal { lasts: Some(span) } if span % DAY != 0)
    });
    let daily_groups = scenario.groups.iter().all(|group| {
        group.pacing.iter().all(|pacing| pacing.per_hour.is_none() && !pacing.spread)
            && group.demand.iter().chain(&group.background).all(|demand| demand.hours.is_empty())
    });
    if daily_rules && daily_groups { Resolution::Day } else { Resolution::Event }
}
