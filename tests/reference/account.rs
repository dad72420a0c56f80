//! The state of one account: its connection, its token, its history and its backlog, at either resolution.

use std::collections::VecDeque;

use pacewise::rules::ActionId;
use pacewise::scenario::{DaysLaw, Group, Pacing, Scenario};
use pacewise::time::{DAY, DayNumber, Instant, day_number, day_of, start_of};
use rand::Rng;

use super::laws::draw_days;
use super::life::{AccountLife, Disconnection};
use super::pacing;
use super::windows::History;

/// One account in the middle of its life.
pub(crate) struct Account<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) group: &'a Group,
    pub(crate) life: AccountLife,
    /// Day 0.
    pub(crate) first_day: DayNumber,
    pub(crate) connected: bool,
    /// When a disconnected account is connected again; none: never.
    pub(crate) reconnect_at: Option<Instant>,
    /// The day from which the token's lifetime counts.
    pub(crate) token_day: DayNumber,
    /// The later of the token's issue and the last action.
    pub(crate) last_use: Instant,
    /// Whole connected days in a row without action under the token (day resolution).
    pub(crate) idle_days: u32,
    /// What the platform's windows count: delivered actions, and those in the background.
    pub(crate) history: History,
    /// What the caps count: delivered actions.
    pub(crate) sent: History,
    /// By action, when the actions that wait were put into the backlog.
    pub(crate) backlog: Vec<VecDeque<Instant>>,
    /// Instants of the flags so far, as the ladder's memory counts them.
    pub(crate) ladder: Vec<Instant>,
    /// By rule, the largest excess in the current period (detection per day or week); none: no breach.
    pub(crate) worst: Vec<Option<f64>>,
}

impl<'a> Account<'a> {
    pub(crate) fn new(scenario: &'a Scenario, group: usize) -> Account<'a> {
        let first_day = day_number(scenario.start);
        Account {
            scenario,
            group: &scenario.groups[group],
            life: AccountLife::new(scenario, group),
            first_day,
            connected: true,
            reconnect_at: None,
            token_day: first_day,
            last_use: start_of(first_day),
            idle_days: 0,
            history: vec![Vec::new(); scenario.actions.len()],
            sent: vec![Vec::new(); scenario.actions.len()],
            backlog: vec![VecDeque::new(); scenario.actions.len()],
            ladder: Vec::new(),
            worst: vec![None; scenario.platforms[0].rules.len()],
        }
    }

    pub(crate) fn days(&self) -> std::ops::Range<DayNumber> {
        self.first_day..self.first_day + self.scenario.horizon_days as DayNumber
    }

    /// The end of the horizon.
    pub(crate) fn end(&self) -> Instant {
        start_of(self.days().end)
    }

    /// The number of a day counted from day 0.
    pub(crate) fn index(&self, day: DayNumber) -> u32 {
        (day - self.first_day) as u32
    }

    pub(crate) fn pacing(&self, action: ActionId) -> Option<&'a Pacing> {
        self.group.pacing.iter().find(|pacing| pacing.action == action)
    }

    pub(crate) fn room(&self, action: ActionId, at: Instant) -> u32 {
        let age = self.group.account_age_days + self.index(day_of(at));
        self.pacing(action).map_or(u32::MAX, |pacing| pacing::room(pacing, &self.sent[action], at, age))
    }

    /// Start of a day: reconnections that are due, then the token's age.
    pub(crate) fn start_day(&mut self, day: DayNumber, rng: &mut impl Rng) {
        loop {
            if !self.connected && self.reconnect_at.is_some_and(|at| at <= start_of(day)) {
                self.reconnect(start_of(day));
            } else if self.connected && self.token_too_old(day) {
                let delay = self.token_delay(self.scenario.platforms[0].reconnect.token_expired, rng);
                self.disconnect("token_expired", day, start_of(day), Some(start_of(day) + delay));
            } else {
                return;
            }
        }
    }

    fn token_too_old(&self, day: DayNumber) -> bool {
        let lifetime = self.scenario.platforms[0].token.lifetime_days;
        lifetime.is_some_and(|days| day >= self.token_day + days as DayNumber)
    }

    /// Connected again, with a new token.
    pub(crate) fn reconnect(&mut self, at: Instant) {
        self.connected = true;
        self.reconnect_at = None;
        self.token_day = day_of(at);
        self.last_use = at;
        self.idle_days = 0;
    }

    /// Disconnected from one instant to another (none: for ever), dated on a day.
    pub(crate) fn disconnect(&mut self, cause: &str, dated: DayNumber, from: Instant, to: Option<Instant>) {
        let day = self.index(dated);
        self.life.disconnections.push(Disconnection { day, cause: cause.to_owned() });
        self.connected = false;
        self.reconnect_at = to;
        self.life.time_disconnected += self.time_within(from, to);
    }

    /// The part of a stretch of time that lies within the horizon.
    pub(crate) fn time_within(&self, from: Instant, to: Option<Instant>) -> Instant {
        (to.unwrap_or(self.end()).min(self.end()) - from).max(0)
    }

    /// The time until a dead token is replaced.
    fn token_delay(&self, law: DaysLaw, rng: &mut impl Rng) -> Instant {
        let renewable = self.scenario.platforms[0].token.renewable;
        let law = if renewable { law } else { self.scenario.platforms[0].reconnect.new_authorisation };
        Instant::from(draw_days(law, rng)) * DAY
    }

    /// The token died of idleness.
    pub(crate) fn die_of_idleness(&mut self, dated: DayNumber, from: Instant, rng: &mut impl Rng) {
        let delay = self.token_delay(self.scenario.platforms[0].reconnect.token_idle, rng);
        self.disconnect("token_idle", dated, from, Some(from + delay));
    }

    /// Books `count` delivered actions at an instant.
    pub(crate) fn deliver(&mut self, action: ActionId, at: Instant, count: u32) {
        if count == 0 {
            return;
        }
        for _ in 0..count {
            self.history[action].push(at);
            self.sent[action].push(at);
        }
        let index = self.index(day_of(at)) as usize;
        let life = &mut self.life.actions[action];
        life.delivered += u64::from(count);
        life.delivered_on[index] += count;
        self.last_use = at;
        if self.scenario.platforms[0].token.refresh_on_use {
            self.token_day = day_of(at);
        }
    }

    /// Books `count` actions of the background at an instant.
    pub(crate) fn stray(&mut self, action: ActionId, at: Instant, count: u32) {
        self.history[action].extend(std::iter::repeat_n(at, count as usize));
        self.life.actions[action].background += u64::from(count);
    }

    /// Demand that cannot be sent now waits or is lost.
    pub(crate) fn put_off(&mut self, action: ActionId, at: Instant, count: u32) {
        let defer = self.pacing(action).is_some_and(|pacing| pacing.defer);
        let life = &mut self.life.actions[action];
        if defer {
            life.deferred += u64::from(count);
            self.backlog[action].extend(std::iter::repeat_n(at, count as usize));
        } else {
            life.lost += u64::from(count);
        }
    }

    /// Takes the oldest action out of the backlog.
    pub(crate) fn take_from_backlog(&mut self, action: ActionId, at: Instant) {
        let since = self.backlog[action].pop_front().expect("something waits");
        self.life.actions[action].total_wait += at - since;
    }

    /// End of the horizon: what still waits has waited until now.
    pub(crate) fn finish(mut self) -> AccountLife {
        let end = self.end();
        for (life, backlog) in self.life.actions.iter_mut().zip(&self.backlog) {
            life.waiting = backlog.len() as u64;
            life.total_wait += backlog.iter().map(|since| end - since).sum::<Instant>();
        }
        self.life
    }
}
