//! How an account is disconnected, and what follows until it is connected again.

use pacewise::scenario::DaysLaw;
use pacewise::time::{DAY, DayNumber, Instant, start_of};
use rand::{Rng, RngExt};

use super::account::Account;
use super::laws::draw_days;
use super::life::Disconnection;

impl Account<'_> {
    /// Disconnected by anything but a restriction, for a number of days from `from` on; a late report and a user who declines
    /// make them more.
    pub(crate) fn leave(
        &mut self,
        cause: &str,
        law: DaysLaw,
        dated: DayNumber,
        from: Instant,
        rng: &mut impl Rng,
    ) {
        let days = draw_days(law, rng) + self.report_delay(cause, rng);
        let back = self.after_declining(from + Instant::from(days) * DAY, rng);
        let told = !rng.random_bool(self.platform.aftermath.cause_unknown);
        self.disconnect(cause, dated, from, back, told);
    }

    /// Days until somebody reports what an incident or a trait of this name did.
    pub(crate) fn report_delay(&self, name: &str, rng: &mut impl Rng) -> u32 {
        let late = self.platform.aftermath.reported_late.iter().find(|late| late.name == name);
        late.map_or(0, |late| draw_days(late.days, rng))
    }

    /// The steps that the platform requires after a restriction.
    pub(crate) fn required_step(&mut self, rng: &mut impl Rng) -> u32 {
        match self.platform.aftermath.required_step {
            Some(step) if rng.random_bool(step.probability) => {
                self.life.steps += 1;
                draw_days(step.days, rng)
            }
            _ => 0,
        }
    }

    /// When an account that could be connected again is; none: never.
    pub(crate) fn after_declining(&mut self, mut back: Instant, rng: &mut impl Rng) -> Option<Instant> {
        while back < self.end() && rng.random_bool(self.platform.aftermath.declines) {
            self.life.declined += 1;
            back += Instant::from(draw_days(self.platform.aftermath.asks_again?, rng)) * DAY;
        }
        Some(back)
    }

    /// Disconnected from one instant to another (none: for ever), dated on a day.
    pub(crate) fn disconnect(
        &mut self,
        cause: &str,
        dated: DayNumber,
        from: Instant,
        to: Option<Instant>,
        told: bool,
    ) {
        let day = self.index(dated);
        self.life.disconnections.push(Disconnection { day, cause: cause.to_owned(), from, to, told });
        self.connected = false;
        // It was the old token that was to end.
        self.invalidations.clear();
        self.reconnect_at = to;
        let lost = self.time_within(from, to);
        self.life.time_disconnected += lost;
        let stated = self.scenario.platforms.iter().flat_map(|platform| &platform.aftermath.takes_permission);
        if cause == "revoke_and_reconnect" || stated.into_iter().any(|known| known == cause) {
            self.life.time_unpermitted += lost;
        }
    }

    /// Planned events of a day, one after the other.
    pub(crate) fn meet_plans(&mut self, day: DayNumber, rng: &mut impl Rng) {
        let today = self.index(day);
        for event in &self.scenario.events {
            let comes = today >= event.first_day
                && match event.every_days {
                    Some(every) => (today - event.first_day).is_multiple_of(every),
                    None => today == event.first_day,
                };
            if !comes || !self.connected || !event.groups.contains(&self.life.group) {
                continue;
            }
            if let Some(outage) = event.outage {
                let back = start_of(day) + Instant::from(draw_days(outage, rng)) * DAY;
                self.disconnect(&event.cause, day, start_of(day), Some(back), true);
            } else {
                let law = self.incident_law(&event.cause);
                self.leave(&event.cause, law, day, start_of(day), rng);
            }
        }
    }

    /// The law of the delay after an incident of this cause.
    pub(crate) fn incident_law(&self, cause: &str) -> DaysLaw {
        let reconnect = &self.platform.reconnect;
        match self.platform.incidents.iter().find(|incident| incident.cause == cause) {
            Some(incident) => incident.reconnect.unwrap_or(if incident.renewable {
                reconnect.incident
            } else {
                reconnect.new_authorisation
            }),
            None => reconnect.incident,
        }
    }
}
