//! The short way of an event that one track counts and at most three windows, which slide: the same answers as the general
//! way, in fewer steps. Whatever is special goes the general way: limits of 0, the first event of an account, times for which
//! its base must move, and those near the end of the calendar.

use std::hint::select_unpredictable;

use super::calendar::{EARLIEST, LATEST};
use super::decision::{Decision, Denied};
use super::evaluator::{Clock, Counts};
use super::plan::{Look, Plan};
use super::rings::{Opening, Rings, Spot, View};
use super::stamp::Stamp;
use crate::time::Instant;

/// The windows of an action.
#[derive(Debug, Clone)]
pub(super) struct Short {
    track: u32,
    most: u32,
    windows: u32,
    /// Those beyond `windows` hold nothing.
    slides: [Slide; MOST],
}

/// The most windows.
const MOST: usize = 3;

/// A limit as a place to look at: the window is full while the event `depth` places before the next one is younger than `span`.
#[derive(Debug, Clone, Copy)]
struct Slide {
    span: u64,
    depth: u32,
    /// The limit, counted over all rules in order.
    limit: u32,
    rule: u32,
}

impl Short {
    /// None where some window does not slide, or has no room for anything.
    pub(super) fn of(track: u32, most: u32, looks: &[Look], rule_of: &[u32]) -> Option<Short> {
        let mut slides = [Slide { span: 0, depth: u32::MAX, limit: u32::MAX, rule: u32::MAX }; MOST];
        for (place, look) in looks.iter().enumerate() {
            let span = look.slides()? as u64;
            let rule = rule_of[look.limit as usize];
            *slides.get_mut(place)? = Slide { span, depth: look.depth, limit: look.limit, rule };
        }
        Some(Short { track, most, windows: looks.len() as u32, slides })
    }

    /// The track of an event, and the event; none where it must go the general way.
    #[inline]
    fn begin<'a, S: Stamp>(
        &self,
        plan: &Plan,
        rings: &'a mut Rings<S>,
        clock: &mut Clock,
        (account, asked): (u32, Instant),
    ) -> Option<(Spot<'a, S>, Event)> {
        let spot = rings.spot(account as usize, self.track as usize)?;
        let asked = asked.max(EARLIEST);
        let at = asked.max(spot.latest()).max(clock.earliest);
        let now = at.wrapping_sub(spot.base()) as u64;
        if now > S::LAST.into() || at > LATEST - plan.reach {
            return None;
        }
        // Written only where it changes, so that threads do not take its line of the cache from each other.
        if at > asked {
            clock.turned_back += 1;
        }
        Some((spot, Event { at, asked, now }))
    }

    /// Records an event; whether it could.
    #[inline]
    pub(super) fn record<S: Stamp>(
        &self,
        plan: &Plan,
        rings: &mut Rings<S>,
        clock: &mut Clock,
        call: (u32, Instant),
        tell: &mut impl FnMut(usize, bool),
    ) -> bool {
        let Some((spot, event)) = self.begin(plan, rings, clock, call) else { return false };
        let view = spot.view();
        for slide in self.slides.iter().take(self.windows as usize) {
            tell(slide.limit as usize, view.stamp(slide.depth).into() + slide.span > event.now);
        }
        self.write(spot, event);
        true
    }

    /// Records an event and tells what windows hold; whether it could.
    #[inline]
    pub(super) fn count<S: Stamp>(
        &self,
        plan: &Plan,
        rings: &mut Rings<S>,
        clock: &mut Clock,
        call: (u32, Instant),
        counts: &mut impl Counts,
    ) -> bool {
        let Some((spot, event)) = self.begin(plan, rings, clock, call) else { return false };
        let view = spot.view();
        for slide in self.slides.iter().take(self.windows as usize) {
            let exceeds = |count| match count {
                0 => slide.span > 0,
                _ => view.stamp(count).into() + slide.span > event.now,
            };
            counts.see(slide.limit as usize, exceeds);
        }
        self.write(spot, event);
        true
    }

    /// Whether an action may happen; none where the general way must tell. What is noted of the events before it decides: how
    /// the next one fares is looked up when an event is written, off the way of any decision.
    #[expect(clippy::inline_always, reason = "a loop over calls keeps what they share in registers")]
    #[inline(always)]
    pub(super) fn check<S: Stamp>(
        &self,
        plan: &Plan,
        rings: &mut Rings<S>,
        clock: &mut Clock,
        call: (u32, Instant),
    ) -> Option<Decision> {
        let (mut spot, event) = self.begin(plan, rings, clock, call)?;
        let opening = spot.opening().unwrap_or_else(|| self.opening(spot.view()));
        if opening.at <= event.now {
            spot.enter(S::of(event.now), self.most);
            let next = self.opening(spot.view());
            spot.note(next);
            return Some(Decision::Allowed);
        }
        let Slide { rule, limit, .. } = self.slides[usize::from(opening.window)];
        let retry_after = Some((opening.at - event.now) as Instant + event.at - event.asked);
        Some(Decision::Denied(Denied { rule, limit, retry_after }))
    }

    /// When the next event may happen. Of windows that open at the same time the first limit is named: they are in the order of
    /// limits.
    #[inline]
    fn opening<S: Stamp>(&self, view: View<'_, S>) -> Opening {
        let (mut at, mut window) = (0, 0);
        for (place, slide) in self.slides.iter().enumerate() {
            let opens = view.stamp(slide.depth).into() + slide.span;
            let is_later = opens > at;
            at = select_unpredictable(is_later, opens, at);
            window = select_unpredictable(is_later, place as u8, window);
        }
        Opening { at, window }
    }

    #[inline]
    fn write<S: Stamp>(&self, mut spot: Spot<'_, S>, event: Event) {
        spot.enter(S::of(event.now), self.most);
    }
}

/// An event that is being judged.
#[derive(Clone, Copy)]
struct Event {
    at: Instant,
    asked: Instant,
    /// The offset of `at` from the base of the account: larger than any window, so that 0, which is no event, lies in none.
    now: u64,
}
