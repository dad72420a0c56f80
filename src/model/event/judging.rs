//! How the platform judges what is done at event resolution: by the event, and by the day or week.

use super::Today;
use crate::model::life::Strikes;
use crate::random::Chance;
use crate::scenario::Trial;
use crate::time::{self, Instant};

impl Today<'_, '_> {
    pub(super) fn judge(&mut self, action: usize, hazards: &[(usize, Chance)], breached: bool, at: Instant) {
        let mut strikes = Strikes::default();
        if breached {
            self.try_rules(action, &mut strikes);
        }
        for &(hazard, chance) in hazards {
            self.scratch.hazard_trials += 1;
            self.life.try_hazard(self.day, hazard, self.scratch.hazard_trials, chance, &mut strikes);
        }
        self.life.strike(self.day, &strikes, at);
        self.restrict_features(&strikes, at);
    }

    pub(super) fn restrict_features(&mut self, strikes: &Strikes, from: Instant) {
        if let Some(gate) = self.kind.gate.as_ref().filter(|_| strikes.restrictions != 0) {
            self.scratch.gate.restrict(gate, strikes.restrictions, from);
        }
    }

    fn try_rules(&mut self, action: usize, strikes: &mut Strikes) {
        let platform = self.life.platform;
        for &rule in platform.rules.watching(action) {
            let Some(excess) = self.scratch.windows.excess(rule) else { continue };
            if platform.detections[rule].per != Trial::Event {
                let so_far = &mut self.scratch.period_excess[rule];
                *so_far = larger(*so_far, Some(excess));
                continue;
            }
            let ordinal = self.scratch.ordinals[rule];
            self.scratch.ordinals[rule] += 1;
            self.life.count_breach(rule);
            if self.life.is_noticed(self.day, rule, ordinal, excess) {
                strikes.add(platform.flag_of_rule(rule));
            }
        }
    }

    pub(super) fn record_peaks(&mut self, action: usize) {
        let Some(daily) = &mut self.life.daily else { return };
        let rules = &self.life.platform.rules;
        for &rule in rules.watching(action) {
            let first = self.scratch.first_limit[rule];
            for limit in 0..rules.rules()[rule].limits.len() {
                let peak = &mut daily.peaks[first + limit];
                *peak = (*peak).max(self.scratch.windows.count(rule, limit));
            }
        }
    }

    /// Periods see the state of their first instant, whatever happens in them.
    pub(super) fn open_periods(&mut self, start: Instant) {
        self.scratch.windows.advance(start);
        let new_week = time::weekday_of(time::day_of(start)) == 0;
        for (rule, detection) in self.life.platform.detections.iter().enumerate() {
            let so_far = &mut self.scratch.period_excess[rule];
            if detection.per == Trial::Day || new_week {
                *so_far = None;
            }
            if detection.per != Trial::Event {
                *so_far = larger(*so_far, self.scratch.windows.excess(rule));
            }
        }
    }

    pub(super) fn try_periods(&mut self, end: Instant, strikes: &mut Strikes) {
        let ends_week = time::weekday_of(time::day_of(end)) == 0;
        for (rule, detection) in self.life.platform.detections.iter().enumerate() {
            let due = detection.per == Trial::Day || (detection.per == Trial::Week && ends_week);
            let Some(excess) = self.scratch.period_excess[rule].filter(|_| due) else { continue };
            self.life.count_breach(rule);
            if self.life.is_noticed(self.day, rule, 0, excess) {
                strikes.add(self.life.platform.flag_of_rule(rule));
            }
        }
    }
}

fn larger(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.max(b)),
        (a, b) => a.or(b),
    }
}
