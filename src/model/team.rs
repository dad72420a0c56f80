//! A team whose accounts depend on each other's restrictions: all its lives go through each day together, so that a day
//! can see which other accounts were restricted at its start, and which are to be replaced.

use super::life::{Connection, Life};
use super::outcome::{AccountOutcome, Daily, Outcome};
use super::patience::Patience;
use super::{ActivityStreams, Course, Model, Scratch};
use crate::random::Purpose;
use crate::time::{DAY, Instant};

/// Working memory for such a team, reused from replicate to replicate.
#[derive(Debug)]
pub(super) struct TeamScratch {
    /// By account.
    scratches: Vec<Scratch>,
    connections: Vec<Connection>,
    dailies: Vec<Daily>,
    /// By link: its accounts restricted at the start of the day, all and without the one at hand.
    restricted: Vec<u32>,
    beside: Vec<u32>,
}

impl TeamScratch {
    /// Memory for a model whose accounts depend on each other; none for one where they do not.
    pub(super) fn new(model: &Model) -> Option<TeamScratch> {
        let scratch = |&(_, kind): &(usize, usize)| Scratch::plain(model, &model.kinds[kind]);
        model.is_linked().then(|| TeamScratch {
            scratches: model.of_account.iter().map(scratch).collect(),
            connections: Vec::new(),
            dailies: Vec::new(),
            restricted: vec![0; model.links.len()],
            beside: vec![0; model.links.len()],
        })
    }

    /// The daily series of an account, after a replicate in full.
    pub(super) fn daily(&self, account: usize) -> &Daily {
        &self.dailies[account]
    }
}

/// Lives one replicate.
pub(super) fn live(
    model: &Model,
    (out, patience): (&mut Outcome, &Patience),
    scratch: &mut TeamScratch,
    (seed, replicate): (u64, u64),
    in_full: bool,
) {
    let streams = |account: usize, group: usize| model.streams_of((seed, replicate), account as u32, group);
    let TeamScratch { scratches, connections, dailies, restricted, beside } = scratch;
    connections.clear();
    if in_full && dailies.is_empty() {
        dailies.resize_with(out.accounts.len(), || Daily::new(model));
    }
    for (account, out) in out.accounts.iter_mut().enumerate() {
        let daily = if in_full { Some(&mut dailies[account]) } else { None };
        let stream = streams(account, out.group);
        let life = Life::new((model, patience), out, daily, &stream);
        connections.push(life.connection);
        scratches[account].clear(&life, stream(Purpose::Beyond), 0);
        let exists = model.groups[life.out.group].replaces.is_none() && !model.is_closed(account);
        life.out.opened = exists.then_some(0);
    }
    for day in 0..model.horizon {
        if patience.has_ended() {
            return;
        }
        let start = model.origin() + Instant::from(day) * DAY;
        count_restricted(model, connections, start, restricted);
        for account in 0..connections.len() {
            if !is_due(model, &out.accounts, account, day) {
                continue;
            }
            let out = &mut out.accounts[account];
            let beyond = streams(account, out.group)(Purpose::Beyond);
            let mut life = Life::resume((model, patience), out, None, connections[account]);
            life.open(day);
            scratches[account].clear(&life, beyond, day);
            connections[account] = life.connection;
        }
        for (account, out) in out.accounts.iter_mut().enumerate() {
            if patience.has_ended() {
                return;
            }
            if out.opened.is_none() {
                continue;
            }
            let daily = if in_full { Some(&mut dailies[account]) } else { None };
            let itself = connections[account].is_restricted_at(start);
            for (link, beside) in beside.iter_mut().enumerate() {
                let counted = itself && model.links[link].contains(&out.group);
                *beside = restricted[link] - u32::from(counted);
            }
            let stream = streams(account, out.group);
            let mut life = Life::resume((model, patience), out, daily, connections[account]);
            life.restricted_beside = beside;
            let place = account as u32 - model.groups[life.out.group].first_account;
            let beyond = stream(Purpose::Beyond);
            let course = Course { streams: ActivityStreams::new(stream, place), beyond, days: day..day + 1 };
            scratches[account].live(&mut life, &course);
            connections[account] = life.connection;
        }
    }
    for (account, out) in out.accounts.iter_mut().enumerate() {
        let mut life = Life::resume((model, patience), out, None, connections[account]);
        scratches[account].finish(&mut life);
    }
}

/// Whether an account is opened at the start of a day, because the one that it replaces was restricted long enough before.
fn is_due(model: &Model, accounts: &[AccountOutcome], account: usize, day: u32) -> bool {
    let out = &accounts[account];
    let waits = out.opened.is_none() && !model.is_closed(account);
    let Some(replaces) = model.groups[out.group].replaces.filter(|_| waits) else {
        return false;
    };
    let place = account - model.groups[out.group].first_account as usize;
    let other = &accounts[model.groups[replaces.group].first_account as usize + place];
    other.first_restriction.is_some_and(|(restricted, _)| restricted + replaces.after_days <= day)
}

/// Counts the accounts of each link that are restricted.
fn count_restricted(model: &Model, connections: &[Connection], at: Instant, restricted: &mut [u32]) {
    restricted.fill(0);
    for ((group, _), connection) in model.of_account.iter().zip(connections) {
        if connection.is_restricted_at(at) {
            for (count, groups) in restricted.iter_mut().zip(&model.links) {
                *count += u32::from(groups.contains(group));
            }
        }
    }
}
