//! How many accounts of a team are hit: at all, and on one same day.

use crate::model::{AccountOutcome, Model, Outcome};
use crate::time::{self, DayNumber};

/// What hits an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Flag,
    Restriction,
    Disconnection,
}

const EVENTS: [Event; 3] = [Event::Flag, Event::Restriction, Event::Disconnection];

/// Accounts hit by one kind of event; nothing is counted for a team of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits {
    /// Replicates by number of accounts hit at all.
    pub accounts: Vec<u64>,
    /// Replicates by the largest number of accounts hit on one day.
    pub on_one_day: Vec<u64>,
    /// By account: replicates in which it was hit.
    pub by_account: Vec<u64>,
    /// By two groups, row by row: the sum over replicates of the product of their numbers of accounts hit.
    pub together: Vec<u128>,
    /// By group: the sum over replicates of its number of accounts hit times the square of the team's.
    pub with_squares: Vec<u128>,
}

/// Working memory of one replicate.
#[derive(Debug, Default)]
pub(super) struct HitMemory {
    /// By group: accounts hit.
    groups: Vec<u64>,
    /// Days on which accounts were hit.
    days: Vec<(DayNumber, usize)>,
}

impl Event {
    fn hits(self, account: &AccountOutcome) -> bool {
        match self {
            Event::Flag => account.first_flag.is_some(),
            Event::Restriction => account.first_restriction.is_some(),
            Event::Disconnection => account.first_disconnection.is_some(),
        }
    }

    /// The days from which an account feels it.
    fn days(self, account: &AccountOutcome) -> impl Iterator<Item = DayNumber> {
        let flags = if self == Event::Flag { account.flag_times.as_slice() } else { &[] };
        let aways = if self == Event::Flag { &[] } else { account.aways.as_slice() };
        let counted = aways
            .iter()
            .filter(move |away| self == Event::Disconnection || away.restricted_until > away.from);
        flags.iter().copied().chain(counted.map(|away| away.from)).map(time::day_of)
    }
}

/// For flags, restrictions and disconnections.
pub(super) fn none(model: &Model) -> [Hits; 3] {
    EVENTS.map(|_| Hits {
        accounts: Vec::new(),
        on_one_day: Vec::new(),
        by_account: vec![0; model.accounts() as usize],
        together: vec![0; model.groups.len() * model.groups.len()],
        with_squares: vec![0; model.groups.len()],
    })
}

/// Adds one replicate.
pub(super) fn record(hits: &mut [Hits; 3], outcome: &Outcome, memory: &mut HitMemory) {
    if outcome.accounts.len() > 1 {
        for (hits, event) in hits.iter_mut().zip(EVENTS) {
            hits.record(event, &outcome.accounts, memory);
        }
    }
}

impl Hits {
    fn record(&mut self, event: Event, accounts: &[AccountOutcome], memory: &mut HitMemory) {
        memory.groups.clear();
        memory.groups.resize(self.with_squares.len(), 0);
        let mut hit = 0_u64;
        for (account, seen) in accounts.iter().zip(&mut self.by_account) {
            if event.hits(account) {
                *seen += 1;
                hit += 1;
                memory.groups[account.group] += 1;
            }
        }
        count(&mut self.accounts, hit);
        let at_once = if hit > 1 { most_on_one_day(event, accounts, &mut memory.days) } else { hit };
        count(&mut self.on_one_day, at_once);
        if hit > 0 {
            self.record_groups(&memory.groups, hit);
        }
    }

    fn record_groups(&mut self, groups: &[u64], hit: u64) {
        let rows = self.together.chunks_exact_mut(groups.len());
        for ((own, row), squares) in groups.iter().zip(rows).zip(&mut self.with_squares) {
            if *own > 0 {
                *squares += u128::from(*own) * u128::from(hit) * u128::from(hit);
                for (product, other) in row.iter_mut().zip(groups) {
                    *product += u128::from(*own) * u128::from(*other);
                }
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Hits) {
        for (ours, theirs) in
            [(&mut self.accounts, &other.accounts), (&mut self.on_one_day, &other.on_one_day)]
        {
            ours.resize(ours.len().max(theirs.len()), 0);
            ours.iter_mut().zip(theirs).for_each(|(count, more)| *count += more);
        }
        self.by_account.iter_mut().zip(&other.by_account).for_each(|(count, more)| *count += more);
        self.together.iter_mut().zip(&other.together).for_each(|(sum, more)| *sum += more);
        self.with_squares.iter_mut().zip(&other.with_squares).for_each(|(sum, more)| *sum += more);
    }
}

fn count(replicates: &mut Vec<u64>, number: u64) {
    let number = number as usize;
    if replicates.len() <= number {
        replicates.resize(number + 1, 0);
    }
    replicates[number] += 1;
}

/// The largest number of accounts that feel the event from one same day on.
fn most_on_one_day(event: Event, accounts: &[AccountOutcome], days: &mut Vec<(DayNumber, usize)>) -> u64 {
    days.clear();
    for (place, account) in accounts.iter().enumerate() {
        days.extend(event.days(account).map(|day| (day, place)));
    }
    days.sort_unstable();
    days.dedup();
    days.chunk_by(|a, b| a.0 == b.0).map(<[_]>::len).max().unwrap_or(0) as u64
}
