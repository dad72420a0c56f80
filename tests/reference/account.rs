//! The state of one account: its connection, its token, its history and its backlog, at either resolution.

use std::collections::VecDeque;

use pacewise::rules::ActionId;
use pacewise::scenario::{DaysLaw, Group, Pacing, Platform, Scenario, Trait};
use pacewise::time::{DAY, DayNumber, Instant, day_number, day_of, start_of};
use rand::Rng;

use super::answers::Answers;
use super::arrivals::arrivals;
use super::cause::{Cause, Places, causes, places};
use super::credits::Credits;
use super::gate::Gate;
use super::invalidation::Invalidation;
use super::laws::poisson;
use super::life::AccountLife;
use super::pacing;
use super::windows::History;

/// One account in the middle of its life.
pub(crate) struct Account<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) group: &'a Group,
    pub(crate) platform: &'a Platform,
    pub(crate) causes: Vec<Cause<'a>>,
    /// Where the causes of its platform begin.
    pub(crate) places: Places,
    pub(crate) life: AccountLife,
    /// Place of the account in its group, counted from 0.
    pub(crate) number: u32,
    /// Day 0.
    pub(crate) first_day: DayNumber,
    /// The day at whose start the account comes into being.
    pub(crate) opened: DayNumber,
    pub(crate) connected: bool,
    /// When a disconnected account is connected again; none: never.
    pub(crate) reconnect_at: Option<Instant>,
    /// Stretch under the last restriction.
    pub(crate) restricted: Option<(Instant, Option<Instant>)>,
    /// What awaits the token: its invalidations for what was noticed, in that order.
    pub(crate) invalidations: Vec<Invalidation>,
    /// The day from which the token's lifetime counts.
    pub(crate) token_day: DayNumber,
    /// The later of the token's issue and the last action.
    pub(crate) last_use: Instant,
    /// Tokens that the same user got since this one was issued.
    pub(crate) newer_tokens: u32,
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
    /// When the last flag within the horizon came.
    pub(crate) last_flag: Option<Instant>,
    /// By rule of the platform, the largest excess in the current period (detection per day or week); none: no breach.
    pub(crate) worst: Vec<Option<f64>>,
    /// By action, what is wanted at stated times over the whole horizon.
    pub(crate) arrivals: Vec<Vec<Instant>>,
    /// The incident that strikes all accounts of the platform at the end of today.
    pub(crate) struck: Option<usize>,
    pub(crate) gate: Gate,
    pub(crate) answers: Answers,
    pub(crate) credits: Credits,
}

impl<'a> Account<'a> {
    /// An account that comes into being at the start of a day, day 0 or later.
    pub(crate) fn new(
        scenario: &'a Scenario,
        group: usize,
        number: u32,
        opened: DayNumber,
        rng: &mut impl Rng,
    ) -> Account<'a> {
        let first_day = day_number(scenario.start);
        let stated = &scenario.groups[group];
        let platform = &scenario.platforms[stated.platform];
        let traits = stated.traits.iter().filter(|own| number >= own.spares);
        let earlier: u32 = traits.map(|own| platform.traits[own.index].earlier_flags).sum();
        let nothing = || vec![Vec::new(); scenario.actions.len()];
        Account {
            scenario,
            group: stated,
            platform,
            causes: causes(scenario),
            places: places(scenario, stated.platform),
            life: AccountLife::new(scenario, group),
            number,
            first_day,
            opened,
            connected: true,
            reconnect_at: None,
            restricted: None,
            invalidations: Vec::new(),
            token_day: opened,
            last_use: start_of(opened),
            newer_tokens: 0,
            idle_days: 0,
            history: nothing(),
            sent: nothing(),
            backlog: vec![VecDeque::new(); scenario.actions.len()],
            ladder: vec![start_of(opened); earlier as usize],
            last_flag: None,
            worst: vec![None; platform.rules.len()],
            arrivals: arrivals(scenario, (stated, number), opened, rng),
            struck: None,
            gate: Gate::new(scenario.actions.len(), platform.rules.len()).barring(scenario, stated, number),
            answers: Answers::new(platform, opened),
            credits: Credits::new(platform),
        }
    }

    /// The traits that this account of its group has.
    pub(crate) fn traits(&self) -> impl Iterator<Item = &'a Trait> + use<'a> {
        let number = self.number;
        self.group.traits.iter().filter(move |own| number >= own.spares)
    }

    /// Its age on a day.
    pub(crate) fn age(&self, day: DayNumber) -> u32 {
        self.group.account_age_days + (day - self.opened) as u32
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

    pub(crate) fn is_restricted(&self, at: Instant) -> bool {
        self.restricted.is_some_and(|(from, to)| from <= at && to.is_none_or(|to| at < to))
    }

    pub(crate) fn pacing(&self, action: ActionId) -> Option<&'a Pacing> {
        self.group.pacing.iter().find(|pacing| pacing.action == action)
    }

    pub(crate) fn room(&self, action: ActionId, at: Instant) -> u32 {
        let age = self.age(day_of(at));
        self.pacing(action).map_or(u32::MAX, |pacing| pacing::room(pacing, &self.sent[action], at, age))
    }

    /// Start of a day: reconnections that are due, then the token's age, then what is planned; credits come in any case.
    pub(crate) fn start_day(&mut self, day: DayNumber, rng: &mut impl Rng) {
        if day > self.opened {
            self.credits.start_day(self.platform, day);
            if let Some(displacement) = self.platform.token.displacement {
                self.newer_tokens += poisson(displacement.new_tokens_per_day, rng);
            }
        }
        loop {
            if !self.connected && self.reconnect_at.is_some_and(|at| at <= start_of(day)) {
                self.reconnect(start_of(day));
            } else if self.connected && self.token_too_old(day) {
                self.lose_token("token_expired", self.platform.reconnect.token_expired, day, rng);
            } else if self.connected && self.is_displaced() {
                self.lose_token("token_displaced", self.platform.reconnect.token_expired, day, rng);
            } else {
                break;
            }
        }
        self.meet_plans(day, rng);
        self.start_periods(day);
    }

    fn lose_token(&mut self, cause: &str, law: DaysLaw, day: DayNumber, rng: &mut impl Rng) {
        self.leave(cause, self.token_law(law), day, start_of(day), rng);
    }

    fn is_displaced(&self) -> bool {
        self.platform.token.displacement.is_some_and(|cap| self.newer_tokens >= cap.live_tokens)
    }

    fn token_too_old(&self, day: DayNumber) -> bool {
        let token = &self.platform.token;
        token.lifetime_days.is_some_and(|days| {
            let kept_fresh = token.collects_data && token.refresh_on_use && days > 1;
            !kept_fresh && day >= self.token_day + days as DayNumber
        })
    }

    /// Connected again, with a new token.
    pub(crate) fn reconnect(&mut self, at: Instant) {
        self.connected = true;
        self.reconnect_at = None;
        self.token_day = day_of(at);
        self.last_use = at;
        self.newer_tokens = 0;
        self.idle_days = 0;
    }

    /// The law of the time until a dead token is replaced.
    fn token_law(&self, law: DaysLaw) -> DaysLaw {
        if self.platform.token.renewable { law } else { self.platform.reconnect.new_authorisation }
    }

    /// Days without use after which the token dies.
    pub(crate) fn idle_limit(&self) -> Option<u32> {
        self.platform.token.idle_days.filter(|_| !self.platform.token.collects_data)
    }

    /// The token died of idleness.
    pub(crate) fn die_of_idleness(&mut self, dated: DayNumber, from: Instant, rng: &mut impl Rng) {
        self.leave("token_idle", self.token_law(self.platform.reconnect.token_idle), dated, from, rng);
    }

    /// Books a delivered action at an instant.
    pub(crate) fn deliver(&mut self, action: ActionId, at: Instant, rng: &mut impl Rng) {
        self.sent[action].push(at);
        let index = self.index(day_of(at)) as usize;
        let life = &mut self.life.actions[action];
        life.delivered += 1;
        life.delivered_on[index] += 1;
        self.last_use = at;
        if self.platform.token.refresh_on_use {
            self.token_day = day_of(at);
        }
        self.happens(action, at, rng);
    }

    /// Books an action of the background at an instant.
    pub(crate) fn stray(&mut self, action: ActionId, at: Instant, rng: &mut impl Rng) {
        self.life.actions[action].background += 1;
        self.happens(action, at, rng);
    }

    /// What the platform sees of an action, whoever wanted it.
    fn happens(&mut self, action: ActionId, at: Instant, rng: &mut impl Rng) {
        self.history[action].push(at);
        self.credits.spend(self.platform, action, day_of(at), rng);
        self.answers.send(self.platform, action, day_of(at), rng);
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

    /// The part of a stretch of time that lies within the horizon.
    pub(crate) fn time_within(&self, from: Instant, to: Option<Instant>) -> Instant {
        (to.unwrap_or(self.end()).min(self.end()) - from).max(0)
    }

    /// End of the horizon: what still waits has waited until now.
    pub(crate) fn finish(mut self) -> AccountLife {
        let end = self.end();
        for (life, backlog) in self.life.actions.iter_mut().zip(&self.backlog) {
            life.waiting = backlog.len() as u64;
            life.total_wait += backlog.iter().map(|since| end - since).sum::<Instant>();
        }
        self.life.opened = Some(self.index(self.opened));
        for (place, life) in self.answers.lives(self.days().end - 1).into_iter().enumerate() {
            self.life.answers[self.places.responses + place] = life;
        }
        debug_assert_eq!(end % DAY, 0);
        self.life
    }
}
