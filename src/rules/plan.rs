//! A rule set laid out for evaluation over event times: which tracks an action is written to, and where each limit looks.
//!
//! A window is over its limit of L exactly when the event L places before the one that is judged still lies in it. So one
//! look at a track of latest event times settles a limit, whatever the kind of its window.

use super::calendar::{self, Begins, Calendar, CalendarWindow, ENDLESS};
use super::sliding::Short;
use super::{ActionId, RuleSet, Window};
use crate::time::Instant;

/// A rule set and a calendar, laid out.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) set: RuleSet,
    pub(super) calendar: Calendar,
    /// The tracks: one for each set of actions that rules count together.
    pub(super) tracks: Vec<Track>,
    /// By action: which looks its events ask for, and their tracks.
    watching: Vec<Vec<Watch>>,
    /// By action: the short way, if its events can go that.
    shorts: Vec<Option<Short>>,
    /// All limits, grouped by track.
    looks: Vec<Look>,
    /// By limit, in the order of the rules: its look.
    pub(super) by_limit: Vec<(usize, Look)>,
    /// By limit, in the order of the rules: its rule.
    pub(super) rule_of: Vec<u32>,
    /// The calendar windows among all windows.
    pub(super) calendar_windows: Vec<CalendarWindow>,
    /// How far back any window can reach.
    pub(super) reach: Instant,
}

#[derive(Debug, Clone)]
pub(super) struct Track {
    pub(super) actions: Vec<ActionId>,
    /// The largest limit, at least 1: no look goes further back.
    pub(super) most: u32,
}

/// A track that an action is written to, and the looks that its events ask for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    pub(super) track: u32,
    pub(super) most: u32,
    from: u32,
    until: u32,
}

/// One limit as a place to look at: `depth` events back, is that still within the window?
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) depth: u32,
    /// The limit, counted over all rules in order.
    pub(super) limit: u32,
    span: Instant,
    /// The place among the calendar windows; `SLIDES` for a sliding one.
    calendar: u32,
}

const SLIDES: u32 = u32::MAX;

impl Plan {
    pub(super) fn new(set: &RuleSet, calendar: Calendar) -> Plan {
        let mut plan = Plan {
            set: set.clone(),
            calendar,
            tracks: Vec::new(),
            watching: Vec::new(),
            shorts: Vec::new(),
            looks: Vec::new(),
            by_limit: Vec::new(),
            rule_of: Vec::new(),
            calendar_windows: Vec::new(),
            reach: 0,
        };
        plan.lay_out_limits();
        plan.lay_out_actions();
        plan
    }

    fn lay_out_limits(&mut self) {
        let set = self.set.clone();
        for (index, rule) in set.rules().iter().enumerate() {
            let track = self.track_of(&rule.actions);
            for limit in &rule.limits {
                let look = self.look(limit.window, limit.max);
                self.by_limit.push((track, look));
                self.rule_of.push(index as u32);
                self.tracks[track].most = self.tracks[track].most.max(limit.max);
                self.reach = self.reach.max(calendar::reach(limit.window));
            }
        }
    }

    fn track_of(&mut self, actions: &[ActionId]) -> usize {
        let mut actions = actions.to_vec();
        actions.sort_unstable();
        actions.dedup();
        let known = self.tracks.iter().position(|track| track.actions == actions);
        known.unwrap_or_else(|| {
            self.tracks.push(Track { actions, most: 1 });
            self.tracks.len() - 1
        })
    }

    fn look(&mut self, window: Window, depth: u32) -> Look {
        let limit = self.by_limit.len() as u32;
        if let Window::Sliding(span) = window {
            return Look { depth, limit, span: span.clamp(0, ENDLESS), calendar: SLIDES };
        }
        let calendar = self.set.calendar(limit as usize, &self.calendar).clone();
        let window = CalendarWindow { window, calendar };
        let known = self.calendar_windows.iter().position(|other| *other == window);
        let calendar = known.unwrap_or_else(|| {
            self.calendar_windows.push(window);
            self.calendar_windows.len() - 1
        });
        Look { depth, limit, span: 0, calendar: calendar as u32 }
    }

    fn lay_out_actions(&mut self) {
        let mut ranges = Vec::new();
        for (index, track) in self.tracks.iter().enumerate() {
            let from = self.looks.len() as u32;
            self.looks.extend(self.by_limit.iter().filter(|(of, _)| *of == index).map(|(_, look)| *look));
            let until = self.looks.len() as u32;
            ranges.push(Watch { track: index as u32, most: track.most, from, until });
        }
        let watches = |action: ActionId| {
            let watching =
                self.tracks.iter().zip(&ranges).filter(|(track, _)| track.actions.contains(&action));
            watching.map(|(_, watch)| *watch).collect()
        };
        self.watching = (0..self.set.actions()).map(watches).collect();
        self.lay_out_shorts();
    }

    fn lay_out_shorts(&mut self) {
        let short = |watches: &Vec<Watch>| match watches.as_slice() {
            [watch] => Short::of(watch.track, watch.most, self.looks(*watch), &self.rule_of),
            _ => None,
        };
        self.shorts = self.watching.iter().map(short).collect();
    }

    /// Lets tracks keep more events than limits ask for.
    pub(super) fn keep_at_least(&mut self, most: u32) {
        self.tracks.iter_mut().for_each(|track| track.most = track.most.max(most));
        self.watching.iter_mut().flatten().for_each(|watch| watch.most = watch.most.max(most));
        self.lay_out_shorts();
    }

    /// The tracks that count an action; none for one that no rule names.
    #[inline]
    pub(super) fn watching(&self, action: ActionId) -> &[Watch] {
        self.watching.get(action).map_or(&[], |watches| watches)
    }

    #[inline]
    pub(super) fn short(&self, action: ActionId) -> Option<&Short> {
        self.shorts.get(action)?.as_ref()
    }

    #[inline]
    pub(super) fn looks(&self, watch: Watch) -> &[Look] {
        &self.looks[watch.from as usize..watch.until as usize]
    }
}

impl Look {
    /// The offset after which an event lies in the window seen at offset `at`, from `base`.
    #[inline]
    pub(super) fn horizon(self, at: Instant, base: Instant, begins: &Begins) -> Instant {
        if self.calendar == SLIDES {
            at - self.span
        } else {
            (begins.before(self.calendar as usize) - base).max(0)
        }
    }

    /// A limit of 0 has room for nothing, except that a window of no length holds nothing.
    #[inline]
    pub(super) fn is_closed(self) -> bool {
        self.depth == 0 && self.holds_now()
    }

    /// Whether the window holds the event at which it is seen.
    #[inline]
    pub(super) fn holds_now(self) -> bool {
        self.span > 0 || self.calendar != SLIDES
    }

    /// How long the window holds an event, if it slides and has room for one at all.
    #[inline]
    pub(super) fn slides(self) -> Option<Instant> {
        (self.calendar == SLIDES && self.depth > 0).then_some(self.span)
    }

    /// The first instant at which a calendar window no longer holds an event.
    pub(super) fn lets_go(self, windows: &[CalendarWindow], event: Instant) -> Instant {
        windows[self.calendar as usize].lets_go(event)
    }
}
