//! Daily series and the largest counts of windows, kept value by value for a fixed number of the first replicates.

use crate::model::{AccountOutcome, Daily, Model, Outcome};
use crate::time::{DAY, Instant};

/// Values kept in all, at most: it bounds the memory.
const VALUES: usize = 4_000_000;
/// Accounts kept, at least and at most; so few that [`VALUES`] bounds the memory of long horizons.
const LIVES: (usize, usize) = (16, 4_000);

/// The number of accounts whose series a sample of a model keeps, if the run has as many.
fn most_lives(model: &Model) -> usize {
    let wishes = model.kinds.iter().map(|kind| kind.wishes.len()).max().unwrap_or(0).max(1);
    (VALUES / (model.horizon as usize * wishes)).clamp(LIVES.0, LIVES.1)
}

/// How many accounts of a group each replicate of a sample keeps: all, unless one team is more than the sample holds.
fn kept(model: &Model, group: usize) -> usize {
    let (most, team, count) =
        (most_lives(model), model.accounts() as usize, model.groups[group].count as usize);
    if team <= most { count } else { (count * most / team).max(1) }
}

/// What the first replicates did day by day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Replicates recorded.
    pub replicates: u64,
    /// By group and wish, in order.
    pub cells: Vec<SampleCell>,
    /// By day: milliseconds of account time restricted for a time, disconnected otherwise, restricted permanently, and of
    /// accounts that are not opened yet.
    pub away: Vec<[u64; 4]>,
    /// By group, then by rule and limit of its platform in file order: the largest count of each account.
    pub peaks: Vec<Vec<Vec<u32>>>,
    /// By action: what the team delivered in each replicate.
    pub team_delivered: Vec<Vec<u64>>,
    origin: Instant,
}

/// One action of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleCell {
    /// Index of the group.
    pub group: usize,
    /// The action.
    pub action: usize,
    /// Accounts of the group that each replicate keeps.
    kept: usize,
    /// Sum of the demand of each day.
    pub demanded: Vec<u64>,
    /// Sum of the backlogs at the end of each day.
    pub waiting: Vec<u64>,
    /// The number delivered on each day, account by account.
    pub delivered: Vec<Vec<u32>>,
}

impl SampleCell {
    /// Accounts recorded.
    #[must_use]
    pub fn lives(&self) -> usize {
        self.delivered.first().map_or(0, Vec::len)
    }
}

impl Sample {
    /// The sample of no replicate.
    #[must_use]
    pub fn new(model: &Model) -> Sample {
        let days = model.horizon as usize;
        let cell = |group: usize, action: usize| SampleCell {
            group,
            action,
            kept: kept(model, group),
            demanded: vec![0; days],
            waiting: vec![0; days],
            delivered: vec![Vec::new(); days],
        };
        let groups = 0..model.groups.len();
        let wishes =
            groups.flat_map(|group| model.kind_of(group).wishes.iter().map(move |wish| (group, wish.action)));
        let peaks = |group| vec![Vec::new(); model.platform_of(group).rules.limits()];
        Sample {
            replicates: 0,
            cells: wishes.map(|(group, action)| cell(group, action)).collect(),
            away: vec![[0; 4]; days],
            peaks: (0..model.groups.len()).map(peaks).collect(),
            team_delivered: vec![Vec::new(); model.actions],
            origin: model.origin(),
        }
    }

    /// The number of replicates that the sample of a model holds, if the run has as many.
    #[must_use]
    pub fn size(model: &Model) -> u64 {
        (most_lives(model) as u64).div_ceil(u64::from(model.accounts()))
    }

    /// Adds one account.
    pub fn record_account(&mut self, model: &Model, account: &AccountOutcome, daily: &Daily) {
        let has_room = |cell: &&mut SampleCell| cell.lives() < (self.replicates as usize + 1) * cell.kept;
        let of_group = self.cells.iter_mut().filter(|cell| cell.group == account.group);
        for cell in of_group.filter(has_room) {
            for day in 0..cell.demanded.len() {
                let place = day * model.actions + cell.action;
                cell.demanded[day] += u64::from(daily.demanded[place]);
                cell.waiting[day] += u64::from(daily.waiting[place]);
                cell.delivered[day].push(daily.delivered[place]);
            }
        }
        for (peaks, &peak) in self.peaks[account.group].iter_mut().zip(&daily.peaks) {
            peaks.push(peak);
        }
        let opened = Instant::from(account.opened.unwrap_or(model.horizon)) * DAY;
        self.add_stretch(3, self.origin, self.origin + opened);
        for away in &account.aways {
            let restriction = if away.restricted_until == Instant::MAX { 2 } else { 0 };
            self.add_stretch(restriction, away.from, away.restricted_until.min(away.until));
            self.add_stretch(1, away.restricted_until.min(away.until), away.until);
        }
    }

    /// Adds the time from `from` to `to` to the days that it covers.
    fn add_stretch(&mut self, state: usize, from: Instant, to: Instant) {
        let mut from = (from - self.origin).max(0);
        let to = to.saturating_sub(self.origin).min(self.away.len() as Instant * DAY);
        while from < to {
            let day = from / DAY;
            let end = to.min((day + 1) * DAY);
            self.away[day as usize][state] += (end - from) as u64;
            from = end;
        }
    }

    /// Ends one replicate.
    pub fn record_team(&mut self, outcome: &Outcome) {
        self.replicates += 1;
        for (action, values) in self.team_delivered.iter_mut().enumerate() {
            values.push(outcome.accounts.iter().map(|account| account.delivered[action]).sum());
        }
    }

    /// Forgets every replicate.
    pub fn clear(&mut self) {
        self.replicates = 0;
        for cell in &mut self.cells {
            cell.demanded.fill(0);
            cell.waiting.fill(0);
            cell.delivered.iter_mut().for_each(Vec::clear);
        }
        self.away.fill([0; 4]);
        self.peaks.iter_mut().flatten().for_each(Vec::clear);
        self.team_delivered.iter_mut().for_each(Vec::clear);
    }

    /// Adds everything that another sample of the same model holds.
    pub fn merge(&mut self, other: &Sample) {
        self.replicates += other.replicates;
        for (cell, theirs) in self.cells.iter_mut().zip(&other.cells) {
            for day in 0..cell.demanded.len() {
                cell.demanded[day] += theirs.demanded[day];
                cell.waiting[day] += theirs.waiting[day];
                cell.delivered[day].extend_from_slice(&theirs.delivered[day]);
            }
        }
        for (day, theirs) in self.away.iter_mut().zip(&other.away) {
            for (time, more) in day.iter_mut().zip(theirs) {
                *time += more;
            }
        }
        let ours = self.peaks.iter_mut().flatten().zip(other.peaks.iter().flatten());
        ours.for_each(|(peaks, theirs)| peaks.extend_from_slice(theirs));
        for (values, theirs) in self.team_delivered.iter_mut().zip(&other.team_delivered) {
            values.extend_from_slice(theirs);
        }
    }

    /// Puts every list of values in ascending order, so that it does not show in which order they were found.
    pub fn sort(&mut self) {
        let delivered = self.cells.iter_mut().flat_map(|cell| &mut cell.delivered);
        delivered.chain(self.peaks.iter_mut().flatten()).for_each(|values| values.sort_unstable());
        self.team_delivered.iter_mut().for_each(|values| values.sort_unstable());
    }
}
