//! The life of one account's connection: flags and the ladder, restrictions, incidents, tokens, reconnections. Both
//! resolutions drive it; it knows nothing of demand.

use super::Model;
use super::outcome::{AccountOutcome, Away, Daily};
use super::platform::{Incidents, PlatformModel, RESTRICTION, RungModel};
use crate::random::{Purpose, Stream};
use crate::time::{self, DAY, Instant};

#[derive(Debug)]
pub(super) struct Life<'m> {
    pub(super) model: &'m Model,
    pub(super) platform: &'m PlatformModel,
    pub(super) out: &'m mut AccountOutcome,
    pub(super) daily: Option<&'m mut Daily>,
    /// When the account is connected again; in the past: it is connected.
    away_until: Instant,
    connected: bool,
    /// Instant of issue of the token.
    pub(super) issued: Instant,
    /// Day from whose start the token is too old.
    expires: u32,
    /// The first flag that the ladder still counts.
    counted_from: usize,
    /// The rule of the last flag.
    flag_cause: usize,
    detection: Stream,
    incidents: Stream,
    delays: Stream,
    next_incident: u32,
    incidents_drawn: u64,
    delays_drawn: u64,
}

impl<'m> Life<'m> {
    pub(super) fn new(
        model: &'m Model,
        out: &'m mut AccountOutcome,
        mut daily: Option<&'m mut Daily>,
        stream: impl Fn(Purpose) -> Stream,
    ) -> Life<'m> {
        if let Some(daily) = &mut daily {
            daily.clear();
        }
        let mut life = Life {
            model,
            platform: &model.platform,
            out,
            daily,
            away_until: Instant::MIN,
            connected: true,
            issued: model.origin(),
            expires: u32::MAX,
            counted_from: 0,
            flag_cause: 0,
            detection: stream(Purpose::Detection),
            incidents: stream(Purpose::Incidents),
            delays: stream(Purpose::Delays),
            next_incident: u32::MAX,
            incidents_drawn: 0,
            delays_drawn: 0,
        };
        life.renew_lifetime(0);
        if let Some(incidents) = &model.platform.incidents {
            life.draw_next_incident(incidents);
        }
        life
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connected
    }

    /// When the account is connected again; none when it is connected, or never is.
    pub(super) fn reconnects_at(&self) -> Option<Instant> {
        (!self.connected && self.away_until != Instant::MAX).then_some(self.away_until)
    }

    /// Reconnects with a new token at the instant that is due.
    pub(super) fn reconnect(&mut self) {
        self.connected = true;
        self.issued = self.away_until;
        self.renew_lifetime(self.day_index(self.issued));
    }

    /// The start of a day: reconnections that are due, then the token's age.
    #[inline]
    pub(super) fn start_day(&mut self, day: u32) {
        if !self.connected && self.away_until <= self.start_of(day) {
            self.reconnect();
        }
        if self.connected && day >= self.expires {
            self.lose_token(day, self.platform.token_expired(), self.start_of(day));
            if self.away_until <= self.start_of(day) {
                self.reconnect();
            }
        }
    }

    /// The day before which, while the account is connected, neither an incident nor the age of the token can end the
    /// connection; 0 where use matters to the token's age.
    pub(super) fn quiet_until(&self) -> u32 {
        let looks_at_use = self.platform.token.refresh_on_use;
        if self.connected && !looks_at_use { self.expires.min(self.next_incident) } else { 0 }
    }

    /// A day of use restarts the lifetime of a token that refreshes.
    #[inline]
    pub(super) fn use_on(&mut self, day: u32) {
        if self.platform.token.refresh_on_use {
            self.renew_lifetime(day);
        }
    }

    fn renew_lifetime(&mut self, day: u32) {
        self.expires = self.platform.token.lifetime_days.map_or(u32::MAX, |days| day.saturating_add(days));
    }

    /// Whether the `ordinal`-th trial of a rule on a day flags the account.
    pub(super) fn is_noticed(&self, day: u32, rule: usize, ordinal: u32, excess: f64) -> bool {
        let rules = self.platform.detections.len() as u64;
        let place = ((u64::from(day) * rules + rule as u64) << 20) + u64::from(ordinal);
        self.platform.detections[rule].chance(excess).hits(self.detection.word(place))
    }

    /// A flag dated `day` whose consequence runs from `from`. Several at one instant are one flag.
    pub(super) fn flag(&mut self, day: u32, rule: usize, from: Instant) {
        if self.out.flag_times.last() == Some(&from) {
            self.share_flag(rule);
            return;
        }
        self.flag_cause = rule;
        self.out.flags[rule] += 1;
        self.out.first_flag.get_or_insert((day, rule as u16));
        let memory = self.platform.memory;
        let forgotten = |&&flag: &&Instant| from.saturating_sub(flag) >= memory;
        self.counted_from += self.out.flag_times[self.counted_from..].iter().take_while(forgotten).count();
        let counted = self.out.flag_times.len() - self.counted_from;
        self.out.flag_times.push(from);
        let Some(highest) = self.platform.rungs.len().checked_sub(1) else { return };
        match &self.platform.rungs[counted.min(highest)] {
            RungModel::Warning => {}
            RungModel::Restriction(days) => {
                let days = Instant::from(days.draw_word(self.delay_word()));
                let delay = self.draw_delay(RESTRICTION);
                self.restrict((day, rule as u16), from, from + days * DAY, from + days * DAY + delay);
            }
            RungModel::Permanent => {
                self.out.permanent = Some(day);
                self.restrict((day, rule as u16), from, Instant::MAX, Instant::MAX);
            }
        }
    }

    /// A further success at the instant of the last flag: the cause is the first rule in file order.
    #[cold]
    fn share_flag(&mut self, rule: usize) {
        if rule < self.flag_cause {
            self.out.flags[self.flag_cause] -= 1;
            self.out.flags[rule] += 1;
            self.flag_cause = rule;
            if let ([_], Some((_, first))) = (self.out.flag_times.as_slice(), &mut self.out.first_flag) {
                *first = rule as u16;
            }
        }
    }

    fn restrict(
        &mut self,
        (day, rule): (u32, u16),
        from: Instant,
        restricted_until: Instant,
        until: Instant,
    ) {
        self.out.first_restriction.get_or_insert((day, rule));
        self.out.restricted += (restricted_until.min(self.model.end()) - from).max(0) as u64;
        self.disconnect(day, RESTRICTION, from, restricted_until, until);
    }

    /// At most one incident at the end of a connected day.
    #[inline]
    pub(super) fn end_day(&mut self, day: u32) {
        if day >= self.next_incident {
            self.meet_incident(day);
        }
    }

    #[cold]
    fn meet_incident(&mut self, day: u32) {
        let Some(incidents) = &self.platform.incidents else { return };
        while self.next_incident < day {
            self.draw_next_incident(incidents);
        }
        if self.next_incident == day {
            let cause = incidents.pick(self.incidents.word(self.incidents_drawn * 2 + 1));
            self.draw_next_incident(incidents);
            self.lose_token(day, cause, self.start_of(day + 1));
        }
    }

    fn draw_next_incident(&mut self, incidents: &Incidents) {
        self.incidents_drawn += 1;
        let gap = incidents.gap.draw_word(self.incidents.word(self.incidents_drawn * 2));
        let never = gap >= self.model.horizon;
        self.next_incident =
            if never { u32::MAX } else { self.next_incident.wrapping_add(1).saturating_add(gap) };
    }

    /// The token dies: of age, of idleness or by an incident.
    pub(super) fn lose_token(&mut self, day: u32, cause: u16, from: Instant) {
        let delay = self.draw_delay(cause);
        self.disconnect(day, cause, from, from, from + delay);
    }

    fn disconnect(&mut self, day: u32, cause: u16, from: Instant, restricted_until: Instant, until: Instant) {
        self.out.disconnections[usize::from(cause)] += 1;
        self.out.first_disconnection.get_or_insert((day, cause));
        self.out.disconnected += (until.min(self.model.end()) - from).max(0) as u64;
        self.out.aways.push(Away { from, restricted_until, until, cause });
        self.connected = false;
        self.away_until = until;
    }

    fn draw_delay(&mut self, cause: u16) -> Instant {
        let word = self.delay_word();
        Instant::from(self.platform.delays[usize::from(cause)].draw_word(word)) * DAY
    }

    fn delay_word(&mut self) -> u64 {
        self.delays_drawn += 1;
        self.delays.word(self.delays_drawn)
    }

    pub(super) fn start_of(&self, day: u32) -> Instant {
        self.model.origin() + Instant::from(day) * DAY
    }

    pub(super) fn day_index(&self, at: Instant) -> u32 {
        (time::day_of(at) - self.model.first_day) as u32
    }
}
