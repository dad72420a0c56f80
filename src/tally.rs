//! What many replicates add up to: sums, sums of squares and counts by day, all whole numbers, so that tallies merge to the
//! same bits in any order.

mod aftermath;
mod first;
mod hits;
mod outages;
mod pages;
mod sample;
mod shares;
mod waits;

use crate::model::{AccountOutcome, Model, Outcome};
use crate::stats::moments::Moments;
use crate::time;

pub use first::FirstEvents;
pub use hits::Hits;
pub use outages::Outages;
pub use pages::PageTally;
pub use sample::{Sample, SampleCell};

/// The tally of a range of replicates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Replicates recorded.
    pub replicates: u64,
    /// The whole team first; then each group, when there are several.
    pub scopes: Vec<Scope>,
    /// The team as one.
    pub team: Team,
    /// By Page, in file order.
    pub pages: Vec<PageTally>,
    /// Outages of the accounts on which Pages hang.
    pub outages: Vec<Outages>,
    /// Series and largest counts, of the first replicates only.
    pub sample: Sample,
}

/// Sums over the accounts of the team or of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Accounts in it.
    pub accounts: u32,
    /// First flags by day.
    pub flagged: FirstEvents,
    /// First restrictions by day.
    pub restricted: FirstEvents,
    /// Permanent restrictions by day.
    pub permanent: FirstEvents,
    /// First disconnections by day.
    pub disconnected: FirstEvents,
    /// First disconnections by day, for each cause.
    pub causes: Vec<FirstEvents>,
    /// One entry a quantity, in the order of [`Layout`].
    pub sums: Vec<Moments>,
}

/// Where each quantity stands in [`Scope::sums`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    actions: usize,
    rules: usize,
    causes: usize,
    refusals: usize,
    answers: usize,
    /// Actions that are counted in the background: all, or none.
    background: usize,
    /// Sums about accounts that are opened late; else 0.
    openings: usize,
    /// Causes, where what follows disconnections is counted; else 0.
    aftermath: usize,
    shares: usize,
    /// Actions whose waits are kept: all, or none where nothing ever waits.
    waits: usize,
}

/// What became of an action, in the order of the sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Demanded.
    Demanded = 0,
    /// Delivered.
    Delivered = 1,
    /// In the backlog at the end.
    Waiting = 2,
    /// Lost.
    Lost = 3,
    /// Put into the backlog at all.
    Deferred = 4,
    /// Milliseconds in the backlog.
    Wait = 5,
}

impl Layout {
    /// Number of flags.
    pub const FLAGS: usize = 0;
    /// Milliseconds disconnected.
    pub const DISCONNECTED: usize = 1;
    /// Milliseconds under restriction.
    pub const RESTRICTED: usize = 2;
    const ACTIONS: usize = 3;
    const FATES: usize = 6;
    const ANSWERS: usize = 5;

    /// The layout of a model's sums.
    #[must_use]
    pub fn new(model: &Model) -> Layout {
        let background = if model.has_background { model.actions } else { 0 };
        let aftermath = model.takes_permission.len();
        Layout {
            actions: model.actions,
            rules: model.flag_causes,
            causes: model.causes,
            refusals: model.refusal_causes,
            answers: model.responses * Self::ANSWERS,
            background,
            openings: if model.has_replacements() { 2 } else { 0 },
            aftermath,
            shares: Layout::shares_of(model),
            waits: if model.defers { model.actions } else { 0 },
        }
    }

    /// What became of an action.
    #[must_use]
    pub fn action(self, action: usize, fate: Fate) -> usize {
        Self::ACTIONS + action * Self::FATES + fate as usize
    }

    /// Detection trials of a rule.
    #[must_use]
    pub fn breaches(self, rule: usize) -> usize {
        Self::ACTIONS + self.actions * Self::FATES + rule * 4
    }

    /// Flags of a rule.
    #[must_use]
    pub fn flags(self, rule: usize) -> usize {
        self.breaches(rule) + 1
    }

    /// Accounts whose first flag a rule caused.
    #[must_use]
    pub fn first_flags(self, rule: usize) -> usize {
        self.breaches(rule) + 2
    }

    /// Accounts whose first restriction a rule caused.
    #[must_use]
    pub fn first_restrictions(self, rule: usize) -> usize {
        self.breaches(rule) + 3
    }

    /// Disconnections of a cause.
    #[must_use]
    pub fn disconnections(self, cause: usize) -> usize {
        self.breaches(self.rules) + cause
    }

    /// Actions that the platform refused for a cause.
    #[must_use]
    pub fn refusals(self, cause: usize) -> usize {
        self.disconnections(self.causes) + cause
    }

    /// What became of the actions of a response: accepted, declined, reported, withdrawn, and pending at the end.
    #[must_use]
    pub fn answers(self, response: usize) -> [usize; 5] {
        std::array::from_fn(|answer| self.refusals(self.refusals) + response * Self::ANSWERS + answer)
    }

    /// What happened of an action in the background; only in a model with a background.
    #[must_use]
    pub fn background(self, action: usize) -> usize {
        self.refusals(self.refusals) + self.answers + action
    }

    /// Accounts that were opened, where some are only when others are restricted.
    #[must_use]
    pub fn opened(self) -> Option<usize> {
        (self.openings > 0).then(|| self.background(self.background))
    }

    /// Milliseconds within the horizon without a connection: disconnected, or not yet opened.
    #[must_use]
    pub fn unconnected(self) -> usize {
        self.opened().map_or(Self::DISCONNECTED, |opened| opened + 1)
    }

    fn first_aftermath(self) -> usize {
        self.background(self.background) + self.openings
    }

    fn add(self, account: &AccountOutcome, horizon: u32, sums: &mut [u64]) {
        sums[Self::FLAGS] += account.flag_times.len() as u64;
        sums[Self::DISCONNECTED] += account.disconnected;
        sums[Self::RESTRICTED] += account.restricted;
        for action in 0..self.actions {
            let fates = [
                account.demanded[action],
                account.delivered[action],
                account.waiting[action],
                account.lost[action],
                account.deferred[action],
                account.wait[action],
            ];
            for (sum, fate) in sums[self.action(action, Fate::Demanded)..].iter_mut().zip(fates) {
                *sum += fate;
            }
        }
        for rule in 0..self.rules {
            sums[self.breaches(rule)] += u64::from(account.breaches[rule]);
            sums[self.flags(rule)] += u64::from(account.flags[rule]);
        }
        if let Some((_, rule)) = account.first_flag {
            sums[self.first_flags(usize::from(rule))] += 1;
        }
        if let Some((_, rule)) = account.first_restriction {
            sums[self.first_restrictions(usize::from(rule))] += 1;
        }
        for (cause, &count) in account.disconnections.iter().enumerate() {
            sums[self.disconnections(cause)] += u64::from(count);
        }
        if self.refusals + self.answers > 0 {
            let further = account.refused.iter().chain(&account.answers);
            for (sum, &count) in sums[self.refusals(0)..].iter_mut().zip(further) {
                *sum += count;
            }
        }
        for (action, &count) in account.background.iter().enumerate() {
            sums[self.background(action)] += count;
        }
        if let Some(opened) = self.opened() {
            sums[opened] += u64::from(account.opened.is_some());
            sums[self.unconnected()] += account.disconnected + account.unopened(horizon);
        }
    }
}

/// The team as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Replicates by the day on which the first account was flagged.
    pub flagged: FirstEvents,
    /// … restricted.
    pub restricted: FirstEvents,
    /// … restricted permanently.
    pub permanent: FirstEvents,
    /// … disconnected.
    pub disconnected: FirstEvents,
    /// Replicates by number of accounts restricted at all.
    pub restricted_accounts: Vec<u64>,
    /// Largest number of accounts under restriction on one day.
    pub most_on_one_day: Moments,
    /// Accounts flagged, restricted and disconnected.
    pub hits: [Hits; 3],
}

/// Adds outcomes to a tally; holds the working memory for it.
#[derive(Debug)]
pub struct Recorder {
    tally: Tally,
    layout: Layout,
    sums: Vec<u64>,
    days: Vec<u32>,
    /// Days on which the number of accounts under restriction changes, and by how much.
    changes: Vec<(time::DayNumber, i64)>,
    hit: hits::HitMemory,
    first_day: time::DayNumber,
    horizon: u32,
    end: time::Instant,
    /// By cause of a disconnection.
    takes_permission: Vec<bool>,
    shares: Vec<shares::Share>,
}

impl Recorder {
    /// An empty tally of a model.
    #[must_use]
    pub fn new(model: &Model) -> Recorder {
        let layout = Layout::new(model);
        Recorder {
            tally: Tally::new(model),
            layout,
            sums: vec![0; layout.len()],
            days: Vec::new(),
            changes: Vec::new(),
            hit: hits::HitMemory::default(),
            first_day: model.first_day,
            horizon: model.horizon,
            end: model.end(),
            takes_permission: model.takes_permission.clone(),
            shares: shares::compile(model, layout),
        }
    }

    /// Adds one replicate.
    pub fn record(&mut self, outcome: &Outcome) {
        self.tally.replicates += 1;
        for scope in 0..self.tally.scopes.len() {
            let in_scope = |account: &&AccountOutcome| scope == 0 || account.group + 1 == scope;
            self.record_scope(scope, &outcome.accounts.iter().filter(in_scope));
        }
        self.record_team(outcome);
        for (tally, page) in self.tally.pages.iter_mut().zip(&outcome.pages) {
            tally.record(page);
        }
        for outages in &mut self.tally.outages {
            outages.record(outcome);
        }
    }

    fn record_scope<'a>(
        &mut self,
        scope: usize,
        accounts: &(impl Iterator<Item = &'a AccountOutcome> + Clone),
    ) {
        let scope = &mut self.tally.scopes[scope];
        self.sums.fill(0);
        for account in accounts.clone() {
            self.layout.add(account, self.horizon, &mut self.sums);
            if self.layout.has_aftermath() {
                self.layout.add_aftermath(account, &self.takes_permission, self.end, &mut self.sums);
            }
        }
        shares::add(&self.shares, self.layout, &mut self.sums);
        self.layout.add_waits(&mut self.sums);
        for (moments, &sum) in scope.sums.iter_mut().zip(&self.sums) {
            if sum > 0 {
                moments.record(sum);
            }
        }
        let days = &mut self.days;
        let mut record = |events: &mut FirstEvents, day: &dyn Fn(&AccountOutcome) -> Option<u32>| {
            days.clear();
            days.extend(accounts.clone().filter_map(day));
            events.record(days);
        };
        record(&mut scope.flagged, &|account| account.first_flag.map(|(day, _)| day));
        record(&mut scope.restricted, &|account| account.first_restriction.map(|(day, _)| day));
        record(&mut scope.permanent, &|account| account.permanent);
        record(&mut scope.disconnected, &|account| account.first_disconnection.map(|(day, _)| day));
        if accounts.clone().all(|account| account.first_disconnection.is_none()) {
            return;
        }
        for (cause, events) in scope.causes.iter_mut().enumerate() {
            record(events, &|account| {
                account.first_disconnection.filter(|first| usize::from(first.1) == cause).map(|first| first.0)
            });
        }
    }

    fn record_team(&mut self, outcome: &Outcome) {
        let record = |events: &mut FirstEvents, day: &dyn Fn(&AccountOutcome) -> Option<u32>| {
            if let Some(first) = outcome.accounts.iter().filter_map(day).min() {
                events.record(&mut [first]);
            }
        };
        let team = &mut self.tally.team;
        hits::record(&mut team.hits, outcome, &mut self.hit);
        record(&mut team.flagged, &|account| account.first_flag.map(|(day, _)| day));
        record(&mut team.restricted, &|account| account.first_restriction.map(|(day, _)| day));
        record(&mut team.permanent, &|account| account.permanent);
        record(&mut team.disconnected, &|account| account.first_disconnection.map(|(day, _)| day));
        let restricted =
            outcome.accounts.iter().filter(|account| account.first_restriction.is_some()).count();
        if team.restricted_accounts.len() <= restricted {
            team.restricted_accounts.resize(restricted + 1, 0);
        }
        team.restricted_accounts[restricted] += 1;
        if restricted > 0 {
            let most = if outcome.accounts.len() == 1 { 1 } else { self.most_on_one_day(outcome) };
            self.tally.team.most_on_one_day.record(most);
        }
    }

    /// The largest number of accounts under restriction on one day.
    fn most_on_one_day(&mut self, outcome: &Outcome) -> u64 {
        let changes = &mut self.changes;
        changes.clear();
        for away in outcome.accounts.iter().flat_map(|account| &account.aways) {
            if away.restricted_until > away.from {
                let last = time::day_of(away.restricted_until.min(i64::MAX / 2) - 1);
                changes.push((time::day_of(away.from) - self.first_day, 1));
                changes.push((last.saturating_sub(self.first_day).saturating_add(1), -1));
            }
        }
        changes.sort_unstable();
        let mut now = 0;
        changes
            .iter()
            .map(|change| {
                now += change.1;
                now
            })
            .max()
            .unwrap_or(0) as u64
    }

    /// Adds one replicate of the sample: what [`Recorder::record`] does and nothing of the series, which
    /// [`Recorder::sample`] takes account by account.
    pub fn sample(&mut self) -> &mut Sample {
        &mut self.tally.sample
    }

    /// The tally so far.
    #[must_use]
    pub fn into_tally(self) -> Tally {
        self.tally
    }
}

impl Tally {
    /// The tally of no replicate.
    #[must_use]
    pub fn new(model: &Model) -> Tally {
        let layout = Layout::new(model);
        let mut scopes = vec![Scope::new(model.accounts(), model, layout)];
        if model.groups.len() > 1 {
            scopes.extend(model.groups.iter().map(|group| Scope::new(group.count, model, layout)));
        }
        let pages = vec![PageTally::new(model); model.pages.len()];
        Tally {
            replicates: 0,
            scopes,
            team: Team::new(model),
            pages,
            outages: Outages::all(model),
            sample: Sample::new(model),
        }
    }

    /// Adds everything that another tally of the same model holds.
    pub fn merge(&mut self, other: &Tally) {
        self.replicates += other.replicates;
        for (scope, theirs) in self.scopes.iter_mut().zip(&other.scopes) {
            scope.merge(theirs);
        }
        self.team.merge(&other.team);
        for (page, theirs) in self.pages.iter_mut().zip(&other.pages) {
            page.merge(theirs);
        }
        for (outages, theirs) in self.outages.iter_mut().zip(&other.outages) {
            outages.merge(theirs);
        }
        self.sample.merge(&other.sample);
    }
}

impl Scope {
    fn new(accounts: u32, model: &Model, layout: Layout) -> Scope {
        let none = FirstEvents::new(model.horizon);
        Scope {
            accounts,
            flagged: none.clone(),
            restricted: none.clone(),
            permanent: none.clone(),
            disconnected: none.clone(),
            causes: vec![none; layout.causes],
            sums: vec![Moments::default(); layout.len()],
        }
    }

    fn merge(&mut self, other: &Scope) {
        self.flagged.merge(&other.flagged);
        self.restricted.merge(&other.restricted);
        self.permanent.merge(&other.permanent);
        self.disconnected.merge(&other.disconnected);
        for (cause, theirs) in self.causes.iter_mut().zip(&other.causes) {
            cause.merge(theirs);
        }
        for (sum, theirs) in self.sums.iter_mut().zip(&other.sums) {
            sum.merge(theirs);
        }
    }
}

impl Team {
    fn new(model: &Model) -> Team {
        let none = FirstEvents::new(model.horizon);
        Team {
            flagged: none.clone(),
            restricted: none.clone(),
            permanent: none.clone(),
            disconnected: none,
            restricted_accounts: Vec::new(),
            most_on_one_day: Moments::default(),
            hits: hits::none(model),
        }
    }

    fn merge(&mut self, other: &Team) {
        self.flagged.merge(&other.flagged);
        self.restricted.merge(&other.restricted);
        self.permanent.merge(&other.permanent);
        self.disconnected.merge(&other.disconnected);
        if self.restricted_accounts.len() < other.restricted_accounts.len() {
            self.restricted_accounts.resize(other.restricted_accounts.len(), 0);
        }
        for (count, theirs) in self.restricted_accounts.iter_mut().zip(&other.restricted_accounts) {
            *count += theirs;
        }
        self.most_on_one_day.merge(&other.most_on_one_day);
        for (hits, theirs) in self.hits.iter_mut().zip(&other.hits) {
            hits.merge(theirs);
        }
    }
}
