//! What the platform does to an account: trials, flags, the ladder, other consequences, and incidents.

use pacewise::rules::ActionId;
use pacewise::scenario::{Consequence, Detection, Incident, Platform, Rung, Trial};
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
            let begins = match self.platform.rules[index].detection.per {
                Trial::Event => false,
                Trial::Day => true,
                Trial::Week => weekday_of(day) == 0 || day == self.opened,
            };
            if begins {
                self.worst[index] = None;
                self.note_excess(index, start_of(day));
            }
        }
    }

    /// Looks at every window that an action counts in, after it was delivered.
    pub(crate) fn look_at_windows(&mut self, action: ActionId, at: Instant) {
        for (index, rule) in self.platform.rules.iter().enumerate() {
            if rule.rule.actions.contains(&action) {
                let maxima = &mut self.life.max_counts[self.places.rules + index];
                for (limit, max) in rule.rule.limits.iter().zip(maxima) {
                    *max = (*max).max(count(&rule.rule, limit.window, &self.history, at));
                }
                self.note_excess(index, at);
            }
        }
    }

    fn note_excess(&mut self, index: usize, at: Instant) {
        let now = excess(&self.platform.rules[index].rule, &self.history, at);
        let before = self.worst[index];
        self.worst[index] = match (before, now) {
            (Some(before), Some(now)) => Some(before.max(now)),
            (before, now) => before.or(now),
        };
    }

    /// The trials of one event: rules with detection per event that count it and are left over a limit, then traits.
    pub(crate) fn judge_event(&mut self, action: ActionId, at: Instant, rng: &mut impl Rng) {
        let mut successes = Vec::new();
        for (index, rule) in self.platform.rules.iter().enumerate() {
            let tried = rule.detection.per == Trial::Event
                && !matches!(rule.consequence, Consequence::Refusal { .. })
                && rule.rule.actions.contains(&action);
            if let (true, Some(excess)) = (tried, excess(&rule.rule, &self.history, at)) {
                let probability = probability(&rule.detection, excess);
                self.try_to_detect(self.places.rules + index, day_of(at), probability, &mut successes, rng);
            }
        }
        for own in self.traits() {
            for &(_, probability) in
                self.platform.traits[own.index].per_action.iter().filter(|(known, _)| *known == action)
            {
                if rng.random_bool(probability) {
                    successes.push(self.places.traits + own.index);
                }
            }
        }
        self.suffer(&successes, day_of(at), at, rng);
    }

    /// End of a day for an account that is connected: what is judged by the period or the day, then incidents.
    pub(crate) fn end_day(&mut self, day: DayNumber, seen: &[usize], by_day: bool, rng: &mut impl Rng) {
        if !self.connected {
            return;
        }
        let mut successes = Vec::new();
        for (index, rule) in self.platform.rules.iter().enumerate() {
            let ends = match rule.detection.per {
                Trial::Event => false,
                Trial::Day => true,
                Trial::Week => weekday_of(day) == 6,
            };
            let tried = ends && !matches!(rule.consequence, Consequence::Refusal { .. });
            if let (true, Some(excess)) = (tried, self.worst[index]) {
                let probability = probability(&rule.detection, excess);
                self.try_to_detect(self.places.rules + index, day, probability, &mut successes, rng);
            }
        }
        for index in self.breached_day_rules(day) {
            let probability = self.platform.beyond.rules[index].probability;
            self.try_to_detect(self.places.day_rules + index, day, probability, &mut successes, rng);
        }
        self.try_traits(day, by_day, &mut successes, rng);
        for (index, link) in self.scenario.links.iter().enumerate() {
            if rng.random_bool((link.per_day * seen[index] as f64).min(1.0)) {
                successes.push(self.places.links + index);
            }
        }
        self.suffer(&successes, day, start_of(day + 1), rng);
        if self.connected {
            self.meet_invalidation(day, start_of(day + 1), rng);
        }
        if self.connected {
            self.try_incidents(day, rng);
        }
    }

    /// The trials of traits at the end of a day; at day resolution also those of its actions.
    fn try_traits(&self, day: DayNumber, by_day: bool, successes: &mut Vec<usize>, rng: &mut impl Rng) {
        for own in self.traits() {
            let hazard = &self.platform.traits[own.index];
            let people = if hazard.per_person { own.people.saturating_sub(1) } else { 1 };
            let mut spared = if own.certain { 0.0 } else { (1.0 - hazard.per_day).powi(people as i32) };
            for &(action, probability) in hazard.per_action.iter().filter(|_| by_day) {
                let today = self.history[action].iter().filter(|&&at| day_of(at) == day).count();
                spared *= (1.0 - probability).powi(today as i32);
            }
            if rng.random_bool((1.0 - spared).clamp(0.0, 1.0)) {
                successes.push(self.places.traits + own.index);
            }
        }
    }

    fn try_to_detect(
        &mut self,
        cause: usize,
        dated: DayNumber,
        probability: f64,
        successes: &mut Vec<usize>,
        rng: &mut impl Rng,
    ) {
        let day = self.index(dated);
        self.life.trials[cause].push(day);
        let scrutiny: f64 = self.traits().map(|own| self.platform.traits[own.index].scrutiny).product();
        if rng.random_bool((probability * scrutiny).min(1.0)) {
            successes.push(cause);
        }
    }

    /// What follows from the successes of one instant, in file order.
    fn suffer(&mut self, successes: &[usize], dated: DayNumber, at: Instant, rng: &mut impl Rng) {
        let is_flag = |cause: &&usize| {
            matches!(self.causes[**cause].consequence, Consequence::Ladder | Consequence::Rung(_))
        };
        let flags: Vec<usize> = successes.iter().filter(is_flag).copied().collect();
        if !flags.is_empty() {
            self.flag(&flags, dated, at, rng);
        }
        for &cause in successes {
            if let Consequence::FeatureRestriction { actions, days } = self.causes[cause].consequence {
                let until = at + Instant::from(draw_days(*days, rng)) * DAY;
                for &action in actions {
                    self.gate.restrict(action, until, cause);
                }
            }
        }
        let invalidates = |cause: &&usize| *self.causes[**cause].consequence == Consequence::Disconnection;
        if let (true, Some(&cause)) = (self.connected, successes.iter().find(invalidates)) {
            self.leave(self.causes[cause].name, self.platform.reconnect.incident, dated, at, rng);
        }
        if self.connected {
            self.await_invalidation(successes, dated, at, rng);
        }
    }

    /// A flag at an instant, dated on a day, climbs the ladder; several at one instant are one flag, whose cause is the
    /// first rule in file order.
    fn flag(&mut self, causes: &[usize], dated: DayNumber, at: Instant, rng: &mut impl Rng) {
        let cause = causes[0];
        if self.last_flag == Some(at) {
            let same = self.life.flags.last_mut().expect("it is among the flags");
            same.cause = same.cause.min(cause);
            return;
        }
        let day = self.index(dated);
        self.life.flags.push(Flag { day, cause });
        let ladder = &self.platform.ladder;
        let memory = ladder.memory_days.map(|days| Instant::from(days) * DAY);
        let counted = |flag: &&Instant| memory.is_none_or(|memory| at - **flag < memory);
        let climbed = self.ladder.iter().filter(counted).count();
        self.ladder.push(at);
        self.last_flag = Some(at);
        if ladder.rungs.is_empty() {
            return;
        }
        let rung_of = |cause: usize| match self.causes[cause].consequence {
            Consequence::Rung(named) => *named as usize - 1,
            _ if self.is_certain(cause) => {
                climbed.max(ladder.rungs.iter().position(|rung| *rung != Rung::Warning).unwrap_or(0))
            }
            _ => climbed,
        };
        let entered = causes.iter().map(|&cause| rung_of(cause)).max().unwrap_or(climbed);
        match &ladder.rungs[entered.min(ladder.rungs.len() - 1)] {
            Rung::Warning => {}
            Rung::Restriction(law) => {
                let days = draw_days(*law, rng) + self.report_delay(self.causes[cause].name, rng);
                let end = at + Instant::from(days) * DAY;
                let wait =
                    self.required_step(rng) + draw_days(self.platform.reconnect.after_restriction, rng);
                let back = self.after_declining(end + Instant::from(wait) * DAY, rng);
                self.restrict(dated, at, Some(end), back, rng);
            }
            Rung::Permanent => {
                self.life.permanent = Some(day);
                self.restrict(dated, at, None, None, rng);
            }
        }
    }

    /// Whether a cause is a trait that the platform acts on for certain.
    fn is_certain(&self, cause: usize) -> bool {
        self.traits().any(|own| own.certain && self.places.traits + own.index == cause)
    }

    fn restrict(
        &mut self,
        dated: DayNumber,
        from: Instant,
        to: Option<Instant>,
        back: Option<Instant>,
        rng: &mut impl Rng,
    ) {
        self.life.restrictions.push(self.index(dated));
        self.life.time_restricted += self.time_within(from, to);
        self.restricted = Some((from, to));
        let told = !rng.random_bool(self.platform.aftermath.cause_unknown);
        self.disconnect("restriction", dated, from, back, told);
    }

    /// One draw for all incidents of a connected day.
    fn try_incidents(&mut self, day: DayNumber, rng: &mut impl Rng) {
        let (shared, own): (Vec<&Incident>, Vec<&Incident>) =
            self.platform.incidents.iter().partition(|incident| incident.shared);
        let struck = self.struck.or_else(|| {
            let untouched = 1.0 - shared.iter().map(|incident| incident.per_day).sum::<f64>();
            pick(own.iter().map(|incident| incident.per_day / untouched), rng).map(|chosen| {
                self.platform.incidents.iter().position(|known| known == own[chosen]).expect("it is")
            })
        });
        if let Some(struck) = struck {
            let cause = &self.platform.incidents[struck].cause;
            self.leave(cause, self.incident_law(cause), day, start_of(day + 1), rng);
        }
    }
}

/// The incident that strikes all accounts of a platform on a day.
pub(crate) fn strike_all(platform: &Platform, rng: &mut impl Rng) -> Option<usize> {
    if platform.incidents.iter().all(|incident| !incident.shared) {
        return None;
    }
    let chance = |incident: &Incident| if incident.shared { incident.per_day } else { 0.0 };
    pick(platform.incidents.iter().map(chance), rng)
}

/// One draw for events that exclude each other.
fn pick(chances: impl Iterator<Item = f64>, rng: &mut impl Rng) -> Option<usize> {
    let mut u: f64 = rng.random();
    for (place, chance) in chances.enumerate() {
        if u < chance {
            return Some(place);
        }
        u -= chance;
    }
    None
}

/// The probability that a trial flags.
fn probability(detection: &Detection, excess: f64) -> f64 {
    let growth = if detection.slope == 0.0 { 0.0 } else { detection.slope * excess };
    (detection.probability + growth).min(detection.ceiling)
}
