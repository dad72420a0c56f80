//! The life of one account's connection: flags and the ladder, restrictions, incidents, tokens, reconnections. Both
//! resolutions drive it; it knows nothing of demand.

use super::Model;
use super::counts::CountTable;
use super::demand::Kind;
use super::effect::{Effect, Entry, Source};
use super::incident::IncidentDays;
use super::invalidation::Pending;
use super::outcome::{AccountOutcome, Away, Daily};
use super::patience::Patience;
use super::platform::{PlatformModel, RESTRICTION, RungModel};
use crate::random::{Chance, Purpose, Stream};
use crate::time::{self, DAY, Instant};

#[derive(Debug)]
pub(super) struct Life<'m> {
    pub(super) model: &'m Model,
    pub(super) patience: &'m Patience<'m>,
    pub(super) platform: &'m PlatformModel,
    pub(super) kind: &'m Kind,
    pub(super) out: &'m mut AccountOutcome,
    pub(super) daily: Option<&'m mut Daily>,
    pub(super) connection: Connection,
    /// By link: other accounts of it restricted at the start of the day.
    pub(super) restricted_beside: &'m [u32],
}

/// What the trials of one instant have led to so far.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Strikes {
    /// Cause of the flag, and where it enters the ladder.
    flag: Option<(u16, Entry)>,
    disconnection: Option<u16>,
    /// Invalidations of the token after a delay, one bit each.
    invalidations: u64,
    /// Restrictions of features, one bit each.
    pub(super) restrictions: u64,
}

impl Connection {
    /// Whether the account is under restriction at an instant after the last change.
    pub(super) fn is_restricted_at(&self, at: Instant) -> bool {
        self.restricted_until > at
    }
}

impl Strikes {
    /// Adds a success. The first one of its kind is the cause; of several flags, the highest rung is entered.
    pub(super) fn add(&mut self, source: Source) {
        match source.effect {
            Effect::Flag { entry } => {
                let first = self.flag.unwrap_or((source.cause, entry));
                self.flag = Some((first.0, first.1.or_higher(entry)));
            }
            Effect::Disconnection(cause) => self.disconnection = self.disconnection.or(Some(cause)),
            Effect::Invalidation(place) => self.invalidations |= 1 << place,
            Effect::Restriction(place) => self.restrictions |= 1 << place,
            Effect::Refusal => {}
        }
    }
}

/// The state of a connection between two days, and the streams that decide about it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Connection {
    /// When the account is connected again; in the past: it is connected.
    away_until: Instant,
    connected: bool,
    /// When the last restriction ends.
    restricted_until: Instant,
    /// Instant of issue of the token.
    pub(super) issued: Instant,
    /// Day from whose start the token is too old.
    expires: u32,
    /// Day from whose start newer tokens have displaced it.
    displaced: u32,
    /// When the account was opened, or the start of day 0.
    opened: Instant,
    /// The first flag that the ladder still counts.
    counted_from: usize,
    /// The cause of the last flag.
    flag_cause: u16,
    detection: Stream,
    hazards: Stream,
    pub(super) delays: Stream,
    pub(super) aftermath: Stream,
    /// Incidents of this account alone, and those that strike all accounts of its platform.
    own_incidents: IncidentDays,
    shared_incidents: IncidentDays,
    /// The invalidation that awaits the token.
    pub(super) pending: Pending,
    /// The earliest day at whose end an incident strikes or the token is invalidated.
    next_incident: u32,
    /// The next day with a planned event.
    next_planned: u32,
    delays_drawn: u64,
}

impl<'m> Life<'m> {
    /// A new life.
    pub(super) fn new(
        (model, patience): (&'m Model, &'m Patience<'m>),
        out: &'m mut AccountOutcome,
        mut daily: Option<&'m mut Daily>,
        stream: impl Fn(Purpose) -> Stream,
    ) -> Life<'m> {
        if let Some(daily) = &mut daily {
            daily.clear();
        }
        out.clear();
        let platform = &model.platforms[model.kinds[out.kind].platform];
        let own_incidents = IncidentDays::new(stream(Purpose::Incidents), platform.incidents.as_ref());
        let shared_incidents =
            IncidentDays::new(stream(Purpose::SharedIncidents), platform.shared_incidents.as_ref());
        let connection = Connection {
            away_until: Instant::MIN,
            connected: true,
            restricted_until: Instant::MIN,
            issued: model.origin(),
            expires: u32::MAX,
            displaced: u32::MAX,
            opened: model.origin(),
            counted_from: 0,
            flag_cause: 0,
            detection: stream(Purpose::Detection),
            hazards: stream(Purpose::Hazards),
            delays: stream(Purpose::Delays),
            aftermath: stream(Purpose::Aftermath),
            next_incident: own_incidents.next.min(shared_incidents.next),
            own_incidents,
            shared_incidents,
            pending: Pending::NONE,
            next_planned: u32::MAX,
            delays_drawn: 0,
        };
        let mut life = Life::resume((model, patience), out, daily, connection);
        life.start_token(0);
        life.plan_from(0);
        life
    }

    /// A life that goes on from where its connection stood.
    pub(super) fn resume(
        (model, patience): (&'m Model, &'m Patience<'m>),
        out: &'m mut AccountOutcome,
        daily: Option<&'m mut Daily>,
        connection: Connection,
    ) -> Life<'m> {
        let kind = &model.kinds[out.kind];
        let platform = &model.platforms[kind.platform];
        Life { model, patience, platform, kind, out, daily, connection, restricted_beside: &[] }
    }

    /// The account is opened at the start of a day, with a token of its own.
    pub(super) fn open(&mut self, day: u32) {
        self.out.opened = Some(day);
        self.connection.opened = self.start_of(day);
        self.connection.issued = self.connection.opened;
        self.start_token(day);
        self.plan_from(day);
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connection.connected
    }

    /// When the account is connected again; none when it is connected, or never is.
    pub(super) fn reconnects_at(&self) -> Option<Instant> {
        (!self.connection.connected && self.connection.away_until != Instant::MAX)
            .then_some(self.connection.away_until)
    }

    /// Reconnects with a new token at the instant that is due.
    pub(super) fn reconnect(&mut self) {
        self.connection.connected = true;
        self.connection.issued = self.connection.away_until;
        self.start_token(self.day_index(self.connection.issued));
    }

    /// The start of a day: reconnections that are due, then the token's age, then planned events.
    #[inline]
    pub(super) fn start_day(&mut self, day: u32) {
        self.reconnect_if_due(day);
        if self.connection.connected && day >= self.connection.expires.min(self.connection.displaced) {
            let too_old = day >= self.connection.expires;
            let cause = if too_old { self.platform.token_expired() } else { self.platform.token_displaced };
            self.lose_token(day, cause, self.start_of(day));
            self.reconnect_if_due(day);
        }
        if day >= self.connection.next_planned {
            self.meet_planned(day);
        }
    }

    #[inline]
    pub(super) fn reconnect_if_due(&mut self, day: u32) {
        if !self.connection.connected && self.connection.away_until <= self.start_of(day) {
            self.reconnect();
        }
    }

    /// Looks up the next day, from `day` on, with a planned event.
    pub(super) fn plan_from(&mut self, day: u32) {
        self.connection.next_planned = self.kind.planned.next_from(day);
    }

    /// The day before which, while the account is connected, neither an incident, a planned event nor the age of the token
    /// can end the connection; 0 where use matters to the token's age.
    pub(super) fn quiet_until(&self) -> u32 {
        let looks_at_use = self.platform.token.refresh_on_use;
        if self.connection.connected && !looks_at_use {
            let token = self.connection.expires.min(self.connection.displaced);
            token.min(self.connection.next_incident).min(self.connection.next_planned)
        } else {
            0
        }
    }

    /// A day of use restarts the lifetime of a token that refreshes.
    #[inline]
    pub(super) fn use_on(&mut self, day: u32) {
        if self.platform.token.refresh_on_use {
            self.renew_lifetime(day);
        }
    }

    /// A token is issued on a day.
    fn start_token(&mut self, day: u32) {
        self.renew_lifetime(day);
        if let Some(days) = &self.platform.displacement {
            let word = self.delay_word();
            self.connection.displaced = day.saturating_add(days.draw_word(word));
        }
    }

    fn renew_lifetime(&mut self, day: u32) {
        self.connection.expires =
            self.platform.token.lifetime_days.map_or(u32::MAX, |days| day.saturating_add(days));
    }

    /// Books a trial of a rule.
    #[inline]
    pub(super) fn count_breach(&mut self, rule: usize) {
        self.out.breaches[self.platform.first_rule + rule] += 1;
    }

    /// Whether the `ordinal`-th trial of a rule on a day is a success.
    pub(super) fn is_noticed(&self, day: u32, rule: usize, ordinal: u32, excess: f64) -> bool {
        let rules = self.platform.detections.len() as u64;
        let place = ((u64::from(day) * rules + rule as u64) << 20) + u64::from(ordinal);
        let chance = self.platform.detections[rule].chance(excess, self.kind.scrutiny);
        chance.hits(self.connection.detection.word(place))
    }

    /// One trial of a hazard, the `ordinal`-th on a day.
    pub(super) fn try_hazard(
        &self,
        day: u32,
        hazard: usize,
        ordinal: u32,
        chance: Chance,
        strikes: &mut Strikes,
    ) {
        let source = self.kind.hazards[hazard].source;
        let place = u64::from(day) * self.model.flag_causes as u64 + u64::from(source.cause);
        if chance.hits(self.connection.hazards.word((place << 20) + u64::from(ordinal))) {
            strikes.add(source);
        }
    }

    /// The trials of hazards at the end of a day: by the day, and by the actions `sent` that no event tried.
    #[cold]
    pub(super) fn try_hazards_of_day(&self, day: u32, sent: impl Fn(usize) -> u32, strikes: &mut Strikes) {
        for (index, hazard) in self.kind.hazards.iter().enumerate() {
            let restricted = hazard.link.map_or(0, |link| self.restricted_beside[link]);
            self.try_hazard(day, index, 0, hazard.chance_of_day(restricted), strikes);
            if let Some(chance) = hazard.chance_of_actions(&sent) {
                self.try_hazard(day, index, 1, chance, strikes);
            }
        }
    }

    /// What the successes of one instant lead to: one flag, and a disconnection, now or later, if the account is still
    /// connected.
    #[inline]
    pub(super) fn strike(&mut self, day: u32, strikes: &Strikes, from: Instant) {
        if let Some((cause, entry)) = strikes.flag {
            self.flag(day, cause, entry, from);
        }
        if let Some(cause) = strikes.disconnection.filter(|_| self.connection.connected) {
            self.lose_token(day, cause, from);
        }
        if strikes.invalidations != 0 && self.connection.connected {
            self.invalidate_later(day, strikes.invalidations, from);
        }
    }

    /// A flag dated `day` whose consequence runs from `from`. Several at one instant are one flag.
    fn flag(&mut self, day: u32, cause: u16, entry: Entry, from: Instant) {
        if self.out.flag_times.last() == Some(&from) {
            self.share_flag(cause);
            return;
        }
        self.connection.flag_cause = cause;
        self.out.flags[usize::from(cause)] += 1;
        self.out.first_flag.get_or_insert((day, cause));
        let memory = self.platform.memory;
        let forgotten = |&&flag: &&Instant| from.saturating_sub(flag) >= memory;
        self.connection.counted_from +=
            self.out.flag_times[self.connection.counted_from..].iter().take_while(forgotten).count();
        let counted = self.out.flag_times.len() - self.connection.counted_from;
        let earlier =
            if from.saturating_sub(self.connection.opened) < memory { self.kind.earlier_flags } else { 0 };
        self.out.flag_times.push(from);
        let Some(highest) = self.platform.rungs.len().checked_sub(1) else { return };
        match &self.platform.rungs[entry.rung(counted + earlier as usize).min(highest)] {
            RungModel::Warning => {}
            RungModel::Restriction(days) => {
                let length = self.draw_days(days) + self.report_delay_of_flag(cause);
                let until = from + length + self.draw_delay(RESTRICTION);
                self.restrict((day, cause), from, from + length, until);
            }
            RungModel::Permanent => {
                self.out.permanent = Some(day);
                self.restrict((day, cause), from, Instant::MAX, Instant::MAX);
            }
        }
    }

    /// A further success at the instant of the last flag: the cause is the first one in the order of causes.
    #[cold]
    fn share_flag(&mut self, cause: u16) {
        let shared = self.connection.flag_cause;
        if cause < shared {
            self.out.flags[usize::from(shared)] -= 1;
            self.out.flags[usize::from(cause)] += 1;
            self.connection.flag_cause = cause;
            if let ([_], Some((_, first))) = (self.out.flag_times.as_slice(), &mut self.out.first_flag) {
                *first = cause;
            }
        }
    }

    fn restrict(
        &mut self,
        (day, cause): (u32, u16),
        from: Instant,
        restricted_until: Instant,
        until: Instant,
    ) {
        self.out.first_restriction.get_or_insert((day, cause));
        self.connection.restricted_until = restricted_until;
        self.out.restricted += (restricted_until.min(self.model.end()) - from).max(0) as u64;
        let until = self.really_until(RESTRICTION, until);
        self.disconnect(day, RESTRICTION, from, restricted_until, until);
    }

    /// The end of a connected day: the token may be invalidated, or else one incident strikes.
    #[inline]
    pub(super) fn end_day(&mut self, day: u32) {
        if day >= self.connection.next_incident {
            self.meet_incident(day);
        }
    }

    #[cold]
    fn meet_incident(&mut self, day: u32) {
        let (platform, connection) = (self.platform, &mut self.connection);
        let shared = connection.shared_incidents.meet(platform.shared_incidents.as_ref(), day);
        let own = connection.own_incidents.meet(platform.incidents.as_ref(), day);
        self.look_ahead();
        if self.connection.pending.day == day {
            self.invalidate();
        } else if let Some(cause) = shared.or(own) {
            self.lose_token(day, cause, self.start_of(day + 1));
        }
    }

    /// Finds the next day that ends with an incident or an invalidated token.
    pub(super) fn look_ahead(&mut self) {
        let Connection { own_incidents, shared_incidents, pending, .. } = &self.connection;
        self.connection.next_incident = own_incidents.next.min(shared_incidents.next).min(pending.day);
    }

    /// The token dies: of age, of idleness, by an incident or because it is invalidated.
    pub(super) fn lose_token(&mut self, day: u32, cause: u16, from: Instant) {
        let until = from + self.draw_delay(cause);
        let until = self.really_until(cause, until);
        self.lose_token_until(day, cause, from, until);
    }

    pub(super) fn lose_token_until(&mut self, day: u32, cause: u16, from: Instant, until: Instant) {
        self.disconnect(day, cause, from, from, until);
    }

    fn disconnect(&mut self, day: u32, cause: u16, from: Instant, restricted_until: Instant, until: Instant) {
        self.out.disconnections[usize::from(cause)] += 1;
        self.out.first_disconnection.get_or_insert((day, cause));
        self.out.disconnected += (until.min(self.model.end()) - from).max(0) as u64;
        self.out.aways.push(Away { from, restricted_until, until, cause });
        self.connection.connected = false;
        self.connection.away_until = until;
        if self.connection.pending.day != u32::MAX {
            self.connection.pending = Pending::NONE;
            self.look_ahead();
        }
    }

    fn draw_delay(&mut self, cause: u16) -> Instant {
        let platform = self.platform;
        self.draw_days(&platform.delays[usize::from(cause)])
    }

    pub(super) fn draw_days(&mut self, days: &CountTable) -> Instant {
        Instant::from(days.draw_word(self.delay_word())) * DAY
    }

    fn delay_word(&mut self) -> u64 {
        self.connection.delays_drawn += 1;
        self.connection.delays.word(self.connection.delays_drawn)
    }

    pub(super) fn start_of(&self, day: u32) -> Instant {
        self.model.origin() + Instant::from(day) * DAY
    }

    pub(super) fn day_index(&self, at: Instant) -> u32 {
        (time::day_of(at) - self.model.first_day) as u32
    }
}
