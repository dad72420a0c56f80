//! What a scan found: plain data, with names.

use jiff::civil::Date;
use serde::Serialize;

use super::Scanner;
use super::standing::Standings;
use crate::rulebook::{Origin, Rulebook};
use crate::rules::{Limit, Window};
use crate::stats::quantile::of_sorted;
use crate::time::{Instant, date_of};

/// What was found in a log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// The events that were judged.
    pub events: u64,
    /// Of these, events whose action no rule counts.
    pub unwatched: u64,
    /// The accounts that acted.
    pub accounts: u64,
    /// The first and the last event, in milliseconds of unix time.
    pub span: Option<(Instant, Instant)>,
    /// Events that left at least one window over its limit.
    pub breaking_events: u64,
    /// Accounts that broke some rule.
    pub breaking_accounts: u64,
    /// By rule, in order.
    pub rules: Vec<RuleFound>,
    /// By limit of each rule, in order.
    pub limits: Vec<LimitFound>,
    /// Accounts that broke rules or came near, those with the most breaches first; as many as were asked for.
    pub worst: Vec<AccountFound>,
    /// Days on which something happened, with each limit.
    pub days: Vec<DayFound>,
    /// Events that a limiter would have refused; none where that was not asked.
    pub refused: Option<u64>,
    /// How long these would have had to wait, in milliseconds: half of them, nine of ten (both rounded up by at most 1/32),
    /// and the longest.
    pub waits: Option<[Instant; 3]>,
    /// Of the refused ones, those that would never have been allowed.
    pub never: u64,
}

/// What became of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleFound {
    /// Its name.
    pub rule: String,
    /// What it counts.
    pub actions: Vec<String>,
    /// Events that left at least one of its windows over its limit.
    pub breaking_events: u64,
}

/// What became of a limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LimitFound {
    /// The name of the rule.
    pub rule: String,
    /// The window.
    #[serde(serialize_with = "in_words")]
    pub window: Window,
    /// The time zone of its calendar, where the limit names one.
    pub zone: Option<String>,
    /// The largest count that is no breach.
    pub max: u32,
    /// Where the number comes from.
    pub origin: Option<Origin>,
    /// Events that left the window over the limit.
    pub breaches: u64,
    /// Events that left it near the limit and not over it.
    pub near_misses: u64,
    /// Accounts that broke it.
    pub accounts_over: u64,
    /// Accounts that came near and never broke it.
    pub accounts_near: u64,
    /// Events that a limiter would have refused because of it; none where that was not asked.
    pub refused: Option<u64>,
    /// How full the window was.
    pub utilisation: Utilisation,
}

/// By account, the highest count as a share of the limit: quantiles over the accounts that did what the rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Utilisation {
    /// How many accounts these are.
    pub accounts: u64,
    /// Half of them stay at or below; none where the limit is 0 or nobody acted.
    pub median: Option<f64>,
    /// Nine of ten stay at or below.
    pub p90: Option<f64>,
    /// 99 of 100 stay at or below.
    pub p99: Option<f64>,
    /// The highest.
    pub max: Option<f64>,
    /// The highest count.
    pub highest_count: u32,
}

/// What an account did to a limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountFound {
    /// Its name.
    pub account: String,
    /// The name of the rule.
    pub rule: String,
    /// The window.
    #[serde(serialize_with = "in_words")]
    pub window: Window,
    /// The largest count that is no breach.
    pub max: u32,
    /// Events that left the window over the limit.
    pub breaches: u64,
    /// Events that left it near the limit and not over it.
    pub near_misses: u64,
    /// The highest count of the window.
    pub highest_count: u32,
}

/// What all accounts did to a limit on one day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DayFound {
    /// The day.
    pub day: Date,
    /// The name of the rule.
    pub rule: String,
    /// The window.
    #[serde(serialize_with = "in_words")]
    pub window: Window,
    /// Events that left the window over the limit.
    pub breaches: u64,
    /// Events that left it near the limit and not over it.
    pub near_misses: u64,
    /// Accounts that broke it.
    pub accounts_over: u32,
}

fn in_words<S: serde::Serializer>(window: &Window, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(window)
}

pub(super) fn found(scanner: &Scanner, name: impl Fn(u32) -> String) -> Found {
    let (standings, enforcing) = (&scanner.standings, scanner.enforcing.as_ref());
    let rules: Vec<(&str, Limit)> = scanner.book.limits().collect();
    let limits: Vec<LimitFound> = (0..rules.len())
        .map(|limit| {
            let refused = enforcing.map(|enforcing| enforcing.refused[limit]);
            limit_found(standings, &scanner.book, (limit, rules[limit]), refused)
        })
        .collect();
    let accounts = 0..standings.accounts();
    let broke =
        |account: &usize| (0..limits.len()).any(|limit| standings.total(*account, limit).breaches > 0);
    Found {
        events: scanner.events,
        unwatched: scanner.unwatched,
        accounts: standings.accounts() as u64,
        span: scanner.span,
        breaking_events: standings.broke,
        breaking_accounts: accounts.filter(broke).count() as u64,
        rules: rules_found(scanner),
        worst: worst(scanner, &rules, name),
        days: days_found(standings, &rules),
        refused: enforcing.map(|enforcing| enforcing.refused.iter().sum()),
        waits: enforcing.and_then(|enforcing| {
            let waits = &enforcing.waits;
            Some([waits.quantile(0.5)?, waits.quantile(0.9)?, waits.longest()?])
        }),
        never: enforcing.map_or(0, |enforcing| enforcing.never),
        limits,
    }
}

fn rules_found(scanner: &Scanner) -> Vec<RuleFound> {
    let book = &scanner.book;
    let rules = book.rules.iter().zip(book.set.rules()).zip(&scanner.standings.broke_rule);
    let found = rules.map(|((name, rule), &breaking_events)| RuleFound {
        rule: name.clone(),
        actions: rule.actions.iter().map(|&action| book.actions[action].clone()).collect(),
        breaking_events,
    });
    found.collect()
}

fn limit_found(
    standings: &Standings,
    book: &Rulebook,
    (limit, (rule, of)): (usize, (&str, Limit)),
    refused: Option<u64>,
) -> LimitFound {
    let totals = || (0..standings.accounts()).map(|account| standings.total(account, limit));
    LimitFound {
        rule: rule.to_owned(),
        window: of.window,
        zone: book.set.zone(limit).map(str::to_owned),
        max: of.max,
        origin: book.origins.get(limit).cloned(),
        breaches: totals().map(|total| total.breaches).sum(),
        near_misses: totals().map(|total| total.near).sum(),
        accounts_over: totals().filter(|total| total.breaches > 0).count() as u64,
        accounts_near: totals().filter(|total| total.breaches == 0 && total.near > 0).count() as u64,
        refused,
        utilisation: utilisation(standings, limit, of.max),
    }
}

fn utilisation(standings: &Standings, limit: usize, max: u32) -> Utilisation {
    let highest = (0..standings.accounts()).map(|account| standings.highest(account, limit));
    let mut highest: Vec<u32> = highest.filter(|&highest| highest > 0).collect();
    highest.sort_unstable();
    let share =
        |q| (max > 0 && !highest.is_empty()).then(|| f64::from(of_sorted(&highest, q)) / f64::from(max));
    Utilisation {
        accounts: highest.len() as u64,
        median: share(0.5),
        p90: share(0.9),
        p99: share(0.99),
        max: share(1.0),
        highest_count: highest.last().copied().unwrap_or(0),
    }
}

/// The accounts and limits with the most breaches, then with the most near misses.
fn worst(scanner: &Scanner, rules: &[(&str, Limit)], name: impl Fn(u32) -> String) -> Vec<AccountFound> {
    let standings = &scanner.standings;
    let pairs =
        (0..standings.accounts()).flat_map(|account| (0..rules.len()).map(move |limit| (account, limit)));
    let mut seen: Vec<(u64, u64, usize, usize)> = pairs
        .map(|(account, limit)| {
            let total = standings.total(account, limit);
            (total.breaches, total.near, account, limit)
        })
        .filter(|&(breaches, near, ..)| breaches + near > 0)
        .collect();
    seen.sort_by_key(|&(breaches, near, account, limit)| {
        (std::cmp::Reverse((breaches, near)), account, limit)
    });
    let found =
        seen.into_iter().take(scanner.detail.accounts).map(|(breaches, near_misses, account, limit)| {
            let (rule, of) = rules[limit];
            AccountFound {
                account: name(account as u32),
                rule: rule.to_owned(),
                window: of.window,
                max: of.max,
                breaches,
                near_misses,
                highest_count: standings.highest(account, limit),
            }
        });
    found.collect()
}

fn days_found(standings: &Standings, rules: &[(&str, Limit)]) -> Vec<DayFound> {
    let days = standings.by_day.iter().map(|&(day, limit, sum)| DayFound {
        day: date_of(day),
        rule: rules[limit].0.to_owned(),
        window: rules[limit].1.window,
        breaches: sum.breaches,
        near_misses: sum.near,
        accounts_over: sum.accounts,
    });
    days.collect()
}
