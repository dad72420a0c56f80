//! What the platform does to an account: detection trials, flags, the ladder, and incidents.

use pacewise::rules::ActionId;
use pacewise::scenario::{Detection, Rung, Trial};
use pacewise::time::{DAY, DayNumber, Instant, day_of, start_of, weekday_of};
use rand::{Rng, RngExt};

use super::account::Account;
use super::laws::draw_days;
use super::life::Flag;
use super::windows::{count, excess};

impl Account<'_> {
    /// Starts the periods that begin with this day: their first instant counts.
    pub(crate) fn start_periods(&mut self, day: DayNumber) {
        for index in 0..self.worst.len() {
            let begins = match self.scenario.platforms[0].rules[index].detection.per {
                Trial::Event => false,
                Trial::Day => true,
                Trial::Week => weekday_of(day) == 0 || day == self.first_day,
            };
            if begins {
                self.worst[index] = None;
                self.note_excess(index, start_of(day));
            }
        }
    }

    /// Looks at every window that an action counts in, after it was delivered.
    pub(crate) fn look_at_windows(&mut self, action: ActionId, at: Instant) {
        for (index, rule) in self.scenario.platforms[0].rules.iter().enumerate() {
            if rule.rule.actions.contains(&action) {
                for (limit, max) in rule.rule.limits.iter().zip(&mut self.life.max_counts[index]) {
                    *max = (*max).max(count(&rule.rule, limit.window, &self.history, at));
                }
                self.note_excess(index, at);
            }
        }
    }

    fn note_excess(&mut self, index: usize, at: Instant) {
        let now = excess(&self.scenario.platforms[0].rules[index].rule, &self.history, at);
        let before = self.worst[index];
        self.worst[index] = match (before, now) {
            (Some(before), Some(now)) => Some(before.max(now)),
            (before, now) => before.or(now),
        };
    }

    /// The trials of one event: every rule with detection per event that counts it and is left over a limit.
    pub(crate) fn judge_event(&mut self, action: ActionId, at: Instant, rng: &mut impl Rng) {
        let mut cause = None;
        for (index, rule) in self.scenario.platforms[0].rules.iter().enumerate() {
            if rule.detection.per == Trial::Event
                && rule.rule.actions.contains(&action)
                && let Some(excess) = excess(&rule.rule, &self.history, at)
            {
                let success = self.try_to_detect(index, day_of(at), excess, rng);
                cause = cause.or(success.then_some(index));
            }
        }
        if let Some(rule) = cause {
            self.flag(rule, day_of(at), at, rng);
        }
    }

    /// End of a day for an account that is connected: rules judged at the end of a period, then incidents.
    pub(crate) fn end_day(&mut self, day: DayNumber, rng: &mut impl Rng) {
        if !self.connected {
            return;
        }
        let mut cause = None;
        for (index, rule) in self.scenario.platforms[0].rules.iter().enumerate() {
            let ends = match rule.detection.per {
                Trial::Event => false,
                Trial::Day => true,
                Trial::Week => weekday_of(day) == 6,
            };
            if let (true, Some(excess)) = (ends, self.worst[index]) {
                let success = self.try_to_detect(index, day, excess, rng);
                cause = cause.or(success.then_some(index));
            }
        }
        if let Some(rule) = cause {
            self.flag(rule, day, start_of(day + 1), rng);
        }
        if self.connected {
            self.try_incidents(day, rng);
        }
    }

    fn try_to_detect(&mut self, index: usize, dated: DayNumber, excess: f64, rng: &mut impl Rng) -> bool {
        let day = self.index(dated);
        self.life.trials[index].push(day);
        rng.random_bool(probability(&self.scenario.platforms[0].rules[index].detection, excess))
    }

    /// A flag at an instant, dated on a day, climbs the ladder; several at one instant are one flag, whose cause is the
    /// first rule in file order.
    fn flag(&mut self, rule: usize, dated: DayNumber, at: Instant, rng: &mut impl Rng) {
        if self.ladder.last() == Some(&at) {
            let same = self.life.flags.last_mut().expect("it is on the ladder");
            same.rule = same.rule.min(rule);
            return;
        }
        let day = self.index(dated);
        self.life.flags.push(Flag { day, rule });
        let ladder = &self.scenario.platforms[0].ladder;
        let memory = ladder.memory_days.map(|days| Instant::from(days) * DAY);
        let counted = |flag: &&Instant| memory.is_none_or(|memory| at - **flag < memory);
        let earlier = self.ladder.iter().filter(counted).count();
        self.ladder.push(at);
        if ladder.rungs.is_empty() {
            return;
        }
        match &ladder.rungs[earlier.min(ladder.rungs.len() - 1)] {
            Rung::Warning => {}
            Rung::Restriction(law) => {
                let length = Instant::from(draw_days(*law, rng)) * DAY;
                let wait = draw_days(self.scenario.platforms[0].reconnect.after_restriction, rng);
                self.restrict(dated, at, Some(at + length));
                self.disconnect("restriction", dated, at, Some(at + length + Instant::from(wait) * DAY));
            }
            Rung::Permanent => {
                self.life.permanent = Some(day);
                self.restrict(dated, at, None);
                self.disconnect("restriction", dated, at, None);
            }
        }
    }

    fn restrict(&mut self, dated: DayNumber, from: Instant, to: Option<Instant>) {
        self.life.restrictions.push(self.index(dated));
        self.life.time_restricted += self.time_within(from, to);
    }

    /// One draw for all incidents of a connected day.
    fn try_incidents(&mut self, day: DayNumber, rng: &mut impl Rng) {
        let mut u: f64 = rng.random();
        for incident in &self.scenario.platforms[0].incidents {
            if u < incident.per_day {
                let reconnect = &self.scenario.platforms[0].reconnect;
                let law = match incident.reconnect {
                    Some(law) => law,
                    None if incident.renewable => reconnect.incident,
                    None => reconnect.new_authorisation,
                };
                let from = start_of(day + 1);
                let to = from + Instant::from(draw_days(law, rng)) * DAY;
                return self.disconnect(&incident.cause, day, from, Some(to));
            }
            u -= incident.per_day;
        }
    }
}

/// The probability that a trial flags.
fn probability(detection: &Detection, excess: f64) -> f64 {
    let growth = if detection.slope == 0.0 { 0.0 } else { detection.slope * excess };
    (detection.probability + growth).min(detection.ceiling)
}
