//! What a scan found: plain data, with names.

use std::collections::BTreeMap;
use std::io;

use jiff::civil::Date;
use serde::Serialize;

use super::Scanner;
use super::census::{Census, Line, Lines, Sum};
use super::standing::Standings;
use crate::rulebook::{Origin, Rulebook};
use crate::rules::{Limit, Window};
use crate::stats::quantile::rank_of;
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
    /// What accounts did to limits that they broke or came near, those with the most breaches first; as many as were asked for.
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

/// All accounts together.
struct Together {
    accounts: u64,
    breaking: u64,
    /// By limit.
    limits: Vec<OfLimit>,
    lines: Lines,
}

/// What all accounts did to a limit.
#[derive(Debug, Clone, Default)]
struct OfLimit {
    breaches: u64,
    near: u64,
    accounts_over: u64,
    accounts_near: u64,
    /// By their highest count, if that is not 0: how many accounts.
    highest: BTreeMap<u32, u64>,
}

impl Together {
    fn add(&mut self, sums: impl Iterator<Item = Sum>, name: impl Fn() -> String) -> io::Result<()> {
        self.accounts += 1;
        let mut broke = false;
        for (limit, sum) in sums.enumerate() {
            self.limits[limit].add(sum);
            broke |= sum.breaches > 0;
            if sum.breaches + sum.near > 0 {
                self.lines.add(Line { name: name(), limit, sum })?;
            }
        }
        self.breaking += u64::from(broke);
        Ok(())
    }
}

impl OfLimit {
    fn add(&mut self, sum: Sum) {
        self.breaches += sum.breaches;
        self.near += sum.near;
        self.accounts_over += u64::from(sum.breaches > 0);
        self.accounts_near += u64::from(sum.breaches == 0 && sum.near > 0);
        if sum.highest > 0 {
            *self.highest.entry(sum.highest).or_default() += 1;
        }
    }

    fn utilisation(&self, max: u32) -> Utilisation {
        let accounts = self.highest.values().sum();
        let share =
            |q| (max > 0 && accounts > 0).then(|| f64::from(self.quantile(q, accounts)) / f64::from(max));
        Utilisation {
            accounts,
            median: share(0.5),
            p90: share(0.9),
            p99: share(0.99),
            max: share(1.0),
            highest_count: self.highest.last_key_value().map_or(0, |(&highest, _)| highest),
        }
    }

    fn quantile(&self, q: f64, accounts: u64) -> u32 {
        let (rank, mut below) = (rank_of(q, accounts), 0);
        let place = self.highest.iter().find(|&(_, &number)| {
            below += number;
            below >= rank
        });
        place.map_or(0, |(&highest, _)| highest)
    }
}

/// All accounts, those that are gone and those at hand.
fn together(
    census: Census,
    standings: &Standings,
    (limits, lines): (usize, Lines),
    name: impl Fn(u32) -> String,
) -> io::Result<Together> {
    let limits = vec![OfLimit::default(); limits];
    let mut all = Together { accounts: 0, breaking: 0, limits, lines };
    if census.is_empty() {
        for account in standings.accounts() {
            all.add(standings.sums(account), || name(account))?;
        }
        return Ok(all);
    }
    let mut census = census;
    for account in standings.accounts() {
        census.add(name(account), standings.sums(account))?;
    }
    census.each(|name, sums| all.add(sums.iter().copied(), || name.to_owned()))?;
    Ok(all)
}

/// What was found; tells each line of accounts, or the first ones if no rows are wanted.
pub(super) fn found(
    scanner: Scanner,
    name: impl Fn(u32) -> String,
    mut tell: impl FnMut(&AccountFound) -> io::Result<()>,
) -> io::Result<Found> {
    let Scanner { book, detail, enforcing, standings, events, unwatched, span, census, .. } = scanner;
    let rules: Vec<(&str, Limit)> = book.limits().collect();
    let lines = if detail.rows { Lines::all() } else { Lines::first(detail.accounts) };
    let Together { accounts, breaking, limits, lines } =
        together(census, &standings, (rules.len(), lines), name)?;
    let found_of = |(limit, of): (usize, &OfLimit)| {
        let refused = enforcing.as_ref().map(|enforcing| enforcing.refused[limit]);
        limit_found(of, &book, (limit, rules[limit]), refused)
    };
    let mut worst = Vec::new();
    for line in lines.in_order()? {
        let line = account_found(line?, &rules);
        tell(&line)?;
        if worst.len() < detail.accounts {
            worst.push(line);
        }
    }
    Ok(Found {
        events,
        unwatched,
        accounts,
        span,
        breaking_events: standings.broke,
        breaking_accounts: breaking,
        rules: rules_found(&book, &standings),
        limits: limits.iter().enumerate().map(found_of).collect(),
        worst,
        days: days_found(&standings, &rules),
        refused: enforcing.as_ref().map(|enforcing| enforcing.refused.iter().sum()),
        waits: enforcing.as_ref().and_then(|enforcing| {
            let waits = &enforcing.waits;
            Some([waits.quantile(0.5)?, waits.quantile(0.9)?, waits.longest()?])
        }),
        never: enforcing.map_or(0, |enforcing| enforcing.never),
    })
}

fn account_found(Line { name, limit, sum }: Line, rules: &[(&str, Limit)]) -> AccountFound {
    let (rule, of) = rules[limit];
    AccountFound {
        account: name,
        rule: rule.to_owned(),
        window: of.window,
        max: of.max,
        breaches: sum.breaches,
        near_misses: sum.near,
        highest_count: sum.highest,
    }
}

fn rules_found(book: &Rulebook, standings: &Standings) -> Vec<RuleFound> {
    let rules = book.rules.iter().zip(book.set.rules()).zip(&standings.broke_rule);
    let found = rules.map(|((name, rule), &breaking_events)| RuleFound {
        rule: name.clone(),
        actions: rule.actions.iter().map(|&action| book.actions[action].clone()).collect(),
        breaking_events,
    });
    found.collect()
}

fn limit_found(
    found: &OfLimit,
    book: &Rulebook,
    (limit, (rule, of)): (usize, (&str, Limit)),
    refused: Option<u64>,
) -> LimitFound {
    LimitFound {
        rule: rule.to_owned(),
        window: of.window,
        zone: book.set.zone(limit).map(str::to_owned),
        max: of.max,
        origin: book.origins.get(limit).cloned(),
        breaches: found.breaches,
        near_misses: found.near,
        accounts_over: found.accounts_over,
        accounts_near: found.accounts_near,
        refused,
        utilisation: found.utilisation(of.max),
    }
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
