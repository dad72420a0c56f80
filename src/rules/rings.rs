//! The latest event times of many accounts: a ring for each account and track, grown only while its oldest time is still
//! held by some window. Times are kept as offsets from a base of the account, so that 32 bits do where windows are short.
//! Beside each ring stands its opening, where one was noted: when the next event may happen, and which window says so.

use std::hint::select_unpredictable;

use super::slab::{EMPTY, Ring, Slab, reserve};
use super::stamp::Stamp;
use crate::time::Instant;

/// The rings of all accounts. An event that `reach` has left behind is held by no window.
#[derive(Debug, Clone)]
pub(super) struct Rings<S> {
    tracks: usize,
    reach: Instant,
    heads: Vec<Head<S>>,
    /// By account, the tracks that find no place in its head.
    more: Vec<Far<S>>,
    slab: Slab<S>,
}

/// An account and its first tracks: with offsets of 32 bits, one line of the cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Head<S> {
    base: Instant,
    /// The latest event of any track; 0 for none.
    last: S,
    opens: [S; NEAR],
    starts: [u32; NEAR],
    nexts: [u32; NEAR],
    forms: [Form; NEAR],
}

/// A track that finds no place in a head.
#[derive(Debug, Clone, Copy)]
struct Far<S> {
    opens: S,
    start: u32,
    next: u32,
    form: Form,
}

/// In one byte: the logarithm of a ring's length, and the window that opens last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form(u8);

/// So many tracks find a place in a head.
const NEAR: usize = 4;

impl<S: Stamp> Head<S> {
    const NEW: Head<S> = Head {
        base: Instant::MIN / 2,
        last: S::NEVER,
        opens: [S::NEVER; NEAR],
        starts: [0; NEAR],
        nexts: [0; NEAR],
        forms: [Form::EMPTY; NEAR],
    };
}

impl<S: Stamp> Far<S> {
    const NEW: Far<S> = Far { opens: S::NEVER, start: 0, next: 0, form: Form::EMPTY };
}

impl Form {
    /// Where the window stands.
    const WINDOW: u32 = 6;
    /// In place of a window: it is not known which.
    const UNKNOWN: u8 = 3;
    const EMPTY: Form = Form(Form::UNKNOWN << Form::WINDOW);

    /// The form of a ring whose windows nobody has looked at.
    #[inline]
    fn of(ring: Ring) -> Form {
        Form((u64::from(ring.mask) + 1).ilog2() as u8 | Form::UNKNOWN << Form::WINDOW)
    }

    #[inline]
    fn mask(self) -> u32 {
        ((1_u64 << (self.0 & 63)) - 1) as u32
    }

    #[inline]
    fn window(self) -> u8 {
        self.0 >> Form::WINDOW
    }

    #[inline]
    fn with(self, window: u8) -> Form {
        Form(self.0 & 63 | window << Form::WINDOW)
    }
}

impl Ring {
    #[inline]
    fn of(start: u32, next: u32, form: Form) -> Ring {
        Ring { start, mask: form.mask(), next }
    }
}

impl<S: Stamp> Rings<S> {
    pub(super) fn new(tracks: usize, reach: Instant) -> Rings<S> {
        let (heads, more) = (Vec::new(), Vec::new());
        Rings { tracks, reach, heads, more, slab: Slab::new() }
    }

    pub(super) fn accounts(&self) -> usize {
        self.heads.len()
    }

    /// Makes room for accounts below `accounts`.
    #[cold]
    pub(super) fn grow(&mut self, accounts: usize) {
        let more = accounts * self.far_tracks();
        reserve(&mut self.heads, accounts);
        reserve(&mut self.more, more);
        self.heads.resize(accounts, Head::NEW);
        self.more.resize(more, Far::NEW);
    }

    fn far_tracks(&self) -> usize {
        self.tracks.saturating_sub(NEAR)
    }

    /// A track of an account; none where there is no room for the account.
    #[inline]
    pub(super) fn spot(&mut self, account: usize, track: usize) -> Option<Spot<'_, S>> {
        let Head { base, last, opens, starts, nexts, forms } = self.heads.get_mut(account)?;
        let (opens, start, next, form) = if track < NEAR {
            (&mut opens[track], &mut starts[track], &mut nexts[track], &mut forms[track])
        } else {
            let far = self.more.get_mut(account * (self.tracks - NEAR) + track - NEAR)?;
            (&mut far.opens, &mut far.start, &mut far.next, &mut far.form)
        };
        let (slab, reach) = (&mut self.slab, self.reach as u64);
        Some(Spot { base: *base, last, opens, start, next, form, slab, reach })
    }

    /// Reads the head of an account.
    #[inline]
    pub(super) fn look_ahead(&self, account: usize) -> u64 {
        self.heads.get(account).map_or(0, |head| head.last.into())
    }

    /// The latest event of an account, or a time before all others.
    #[inline]
    pub(super) fn latest(&self, account: usize) -> Instant {
        let head = &self.heads[account];
        head.base + head.last.into() as Instant
    }

    /// The latest event of an account; none for one that has none.
    #[inline]
    pub(super) fn last(&self, account: usize) -> Option<Instant> {
        (self.heads[account].last > S::NEVER).then(|| self.latest(account))
    }

    /// The offset of an instant from the base of the account; far off for one without events.
    #[inline]
    pub(super) fn offset(&self, account: usize, at: Instant) -> Instant {
        at - self.heads[account].base
    }

    #[inline]
    fn ring(&self, account: usize, track: usize) -> Ring {
        let head = &self.heads[account];
        if track < NEAR {
            return Ring::of(head.starts[track], head.nexts[track], head.forms[track]);
        }
        let far = self.more[account * self.far_tracks() + track - NEAR];
        Ring::of(far.start, far.next, far.form)
    }

    /// The events of an account and track.
    #[inline]
    pub(super) fn view(&self, account: usize, track: usize) -> View<'_, S> {
        let ring = self.ring(account, track);
        View { stamps: &self.slab.stamps, ring, base: self.heads[account].base }
    }

    /// Moves the base of an account so that `at`, its latest event, has an offset. Events out of reach of it are forgotten.
    #[inline]
    pub(super) fn enter(&mut self, account: usize, at: Instant) {
        if self.offset(account, at) as u64 > S::LAST.into() {
            self.rebase(account, at);
        }
        self.heads[account].last = S::cut(self.offset(account, at));
    }

    #[cold]
    fn rebase(&mut self, account: usize, at: Instant) {
        let base = at - self.reach - 1;
        let shift = base - self.heads[account].base;
        self.heads[account].base = base;
        for track in 0..self.tracks {
            let ring = self.ring(account, track);
            if ring != EMPTY {
                for stamp in self.slab.of(ring) {
                    *stamp = S::cut((*stamp).into() as Instant - shift);
                }
            }
            if let Some(mut spot) = self.spot(account, track) {
                spot.set_ring(ring);
            }
        }
    }

    /// Writes an event, not after that of the last `enter`, down in a track whose ring need not look back further than `most`
    /// events.
    pub(super) fn push(&mut self, account: usize, track: usize, event: S, most: u32) {
        if let Some(mut spot) = self.spot(account, track) {
            spot.push(event, most);
        }
    }

    /// Lets the places at which rings are written next come close to their last number.
    #[cfg(test)]
    pub(super) fn grow_old(&mut self, account: usize) {
        for track in 0..self.tracks {
            if let Some(spot) = self.spot(account, track)
                && spot.ring() != EMPTY
            {
                *spot.next |= !spot.ring().mask;
            }
        }
    }

    /// Forgets an account, whose number can be given to another one.
    pub(super) fn clear(&mut self, account: usize) {
        for track in 0..self.tracks {
            if let Some(mut spot) = self.spot(account, track) {
                spot.clear();
            }
        }
        self.heads[account] = Head::NEW;
    }

    /// The bytes that are held, live or not.
    pub(super) fn bytes(&self) -> usize {
        self.heads.capacity() * size_of::<Head<S>>()
            + self.more.capacity() * size_of::<Far<S>>()
            + self.slab.bytes()
    }
}

/// One track of an account, to be read and written.
pub(super) struct Spot<'a, S> {
    base: Instant,
    /// The latest event of the account in any track; 0 for none.
    last: &'a mut S,
    opens: &'a mut S,
    start: &'a mut u32,
    next: &'a mut u32,
    form: &'a mut Form,
    slab: &'a mut Slab<S>,
    reach: u64,
}

/// When a track lets its next event happen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opening {
    /// An offset.
    pub(super) at: u64,
    /// The window that opens last, by its place: below 3.
    pub(super) window: u8,
}

impl<S: Stamp> Spot<'_, S> {
    /// Where offsets are counted from.
    #[inline]
    pub(super) fn base(&self) -> Instant {
        self.base
    }

    /// The latest event of the account in any track, or a time before all others.
    #[inline]
    pub(super) fn latest(&self) -> Instant {
        self.base + (*self.last).into() as Instant
    }

    #[inline]
    fn ring(&self) -> Ring {
        Ring::of(*self.start, *self.next, *self.form)
    }

    /// Puts another ring, whose windows nobody has looked at, in its place.
    #[inline]
    fn set_ring(&mut self, ring: Ring) {
        (*self.start, *self.next, *self.form) = (ring.start, ring.next, Form::of(ring));
    }

    fn clear(&mut self) {
        let ring = self.ring();
        if ring != EMPTY {
            self.slab.release(ring);
        }
        self.set_ring(EMPTY);
    }

    #[inline]
    pub(super) fn view(&self) -> View<'_, S> {
        View { stamps: &self.slab.stamps, ring: self.ring(), base: self.base }
    }

    /// What was noted after the latest event of the track; none if nothing was.
    #[inline]
    pub(super) fn opening(&self) -> Option<Opening> {
        let window = self.form.window();
        (window != Form::UNKNOWN).then(|| Opening { at: (*self.opens).into(), window })
    }

    /// Notes when the next event may happen, where such a time has an offset.
    #[inline]
    pub(super) fn note(&mut self, opening: Opening) {
        if opening.at <= S::LAST.into() {
            *self.opens = S::of(opening.at);
            *self.form = self.form.with(opening.window);
        }
    }

    /// Writes an event, which is the latest of its account, down in a ring that need not look back further than `most` events.
    #[inline]
    pub(super) fn enter(&mut self, event: S, most: u32) {
        *self.last = event;
        self.push(event, most);
    }

    /// Writes an event down in a ring that need not look back further than `most` events. It is lengthened where it is full of
    /// events that windows may hold.
    #[inline]
    fn push(&mut self, event: S, most: u32) {
        let ring = self.ring();
        let place = ring.place(0);
        let oldest = self.slab.stamps[place].into();
        if ring.mask == 0 || (ring.mask + 1 < most && oldest + self.reach > event.into()) {
            return self.push_longer(event);
        }
        self.slab.stamps[place] = event;
        *self.next = ring.next.wrapping_add(1);
        *self.form = self.form.with(Form::UNKNOWN);
    }

    #[cold]
    #[inline(never)]
    fn push_longer(&mut self, event: S) {
        let ring = self.slab.longer(self.ring());
        self.slab.stamps[ring.place(0)] = event;
        self.set_ring(Ring { next: ring.next.wrapping_add(1), ..ring });
    }
}

/// The events of one account and track, as of some instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a, S> {
    stamps: &'a [S],
    ring: Ring,
    base: Instant,
}

impl<S: Stamp> View<'_, S> {
    /// Whether the event `depth` places before the next one lies after `horizon`, an offset that is not negative.
    #[inline]
    pub(super) fn is_after(&self, depth: u32, horizon: Instant) -> bool {
        self.stamp(depth).into() as Instant > horizon
    }

    /// The offset of the event `depth` places before the next one; 0 where none is kept.
    #[inline]
    pub(super) fn stamp(&self, depth: u32) -> S {
        let stamp = self.stamps[self.ring.place(depth)];
        select_unpredictable(depth <= self.ring.mask + 1, stamp, S::NEVER)
    }

    /// Where offsets are counted from.
    #[inline]
    pub(super) fn base(&self) -> Instant {
        self.base
    }

    /// The event `depth` places before the next one; it is there.
    pub(super) fn event(&self, depth: u32) -> Instant {
        self.base + self.stamp(depth).into() as Instant
    }

    /// How many events lie after `horizon`: an exact number up to the length of the ring.
    pub(super) fn count(&self, horizon: Instant) -> u32 {
        let (mut some, mut none) = (0, self.ring.mask + 2);
        while some + 1 < none {
            let depth = some.midpoint(none);
            if self.is_after(depth, horizon) {
                some = depth;
            } else {
                none = depth;
            }
        }
        some
    }

    /// Of the events less than `reach` before `last`, newest first: the time from each to the next one, or to `last`.
    pub(super) fn gaps(&self, last: Instant, reach: Instant) -> Vec<u64> {
        let count = self.count((last - self.base - reach).max(0));
        let mut later = last;
        let gap = |depth| {
            let event = self.event(depth);
            let gap = later - event;
            later = event;
            gap as u64
        };
        (1..=count).map(gap).collect()
    }
}
