//! The latest event times of many accounts: a ring for each account and track, grown only while its oldest time is still
//! held by some window. Times are kept as offsets from a base of the account, so that 32 bits do where windows are short.

use std::hint::select_unpredictable;

use crate::time::Instant;

/// An offset from the base of an account; 0 is no event.
pub(super) trait Stamp: Copy + Ord + std::fmt::Debug + Into<u64> {
    /// No event, and the smallest stamp.
    const NEVER: Self;
    /// The largest stamp.
    const LAST: Self;
    /// The stamp of an offset, cut off at both ends.
    fn cut(offset: Instant) -> Self;
    /// The stamp of an offset that is not after the last one.
    fn of(offset: u64) -> Self;
}

impl Stamp for u32 {
    const NEVER: u32 = 0;
    const LAST: u32 = u32::MAX;
    #[inline]
    fn cut(offset: Instant) -> u32 {
        offset.clamp(0, Instant::from(u32::MAX)) as u32
    }
    #[inline]
    fn of(offset: u64) -> u32 {
        offset as u32
    }
}

impl Stamp for u64 {
    const NEVER: u64 = 0;
    const LAST: u64 = Instant::MAX as u64;
    #[inline]
    fn cut(offset: Instant) -> u64 {
        offset.max(0) as u64
    }
    #[inline]
    fn of(offset: u64) -> u64 {
        offset
    }
}

/// The rings of all accounts. An event that `reach` has left behind is held by no window.
#[derive(Debug, Clone)]
pub(super) struct Rings<S> {
    tracks: usize,
    reach: Instant,
    heads: Vec<Head>,
    /// By account, the tracks that find no place in its head.
    more: Vec<Ring>,
    slab: Slab<S>,
}

/// The events of all rings.
#[derive(Debug, Clone)]
struct Slab<S> {
    stamps: Vec<S>,
    /// By the logarithm of their length: blocks that are free.
    free: Vec<Vec<u32>>,
}

/// An account and its first tracks, in one line of the cache.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Head {
    base: Instant,
    /// The latest event of any track; the beginning of time for none.
    last: Instant,
    rings: [Ring; NEAR],
}

/// So many tracks find a place in a head.
const NEAR: usize = 4;

/// A block of the slab, its length a power of two, whose next place to write wraps around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ring {
    start: u32,
    mask: u32,
    next: u32,
}

/// A ring without a block of its own: the first place of the slab, which never holds an event.
const EMPTY: Ring = Ring { start: 0, mask: 0, next: 0 };

/// The shortest block, as a logarithm.
const SHORTEST: u32 = 1;

impl Head {
    const NEW: Head = Head { base: Instant::MIN / 2, last: Instant::MIN, rings: [EMPTY; NEAR] };
}

impl Ring {
    /// Where the event `depth` places before the next one stands.
    #[inline]
    fn place(self, depth: u32) -> usize {
        (self.start + (self.next.wrapping_sub(depth) & self.mask)) as usize
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
        self.more.resize(more, EMPTY);
    }

    fn far_tracks(&self) -> usize {
        self.tracks.saturating_sub(NEAR)
    }

    /// A track of an account; none where there is no room for the account.
    #[inline]
    pub(super) fn spot(&mut self, account: usize, track: usize) -> Option<Spot<'_, S>> {
        let Head { base, last, rings } = self.heads.get_mut(account)?;
        let ring = match rings.get_mut(track) {
            Some(ring) => ring,
            None => self.more.get_mut(account * (self.tracks - NEAR) + track - NEAR)?,
        };
        Some(Spot { base: *base, last, ring, slab: &mut self.slab, reach: self.reach as u64 })
    }

    /// Reads the head of an account.
    #[inline]
    pub(super) fn look_ahead(&self, account: usize) -> u64 {
        self.heads.get(account).map_or(0, |head| head.last as u64)
    }

    /// The latest event of an account, or the beginning of time.
    #[inline]
    pub(super) fn latest(&self, account: usize) -> Instant {
        self.heads[account].last
    }

    /// The latest event of an account; none for one that has none.
    #[inline]
    pub(super) fn last(&self, account: usize) -> Option<Instant> {
        Some(self.latest(account)).filter(|&last| last > Instant::MIN)
    }

    /// The offset of an instant from the base of the account; far off for one without events.
    #[inline]
    pub(super) fn offset(&self, account: usize, at: Instant) -> Instant {
        at - self.heads[account].base
    }

    #[inline]
    fn ring(&self, account: usize, track: usize) -> Ring {
        match self.heads[account].rings.get(track) {
            Some(ring) => *ring,
            None => self.more[account * self.far_tracks() + track - NEAR],
        }
    }

    #[inline]
    fn ring_mut(&mut self, account: usize, track: usize) -> &mut Ring {
        let far = self.far_tracks();
        match self.heads[account].rings.get_mut(track) {
            Some(ring) => ring,
            None => &mut self.more[account * far + track - NEAR],
        }
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
        self.heads[account].last = at;
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
            let ring = self.ring_mut(account, track);
            if *ring != EMPTY {
                ring.next |= !ring.mask;
            }
        }
    }

    /// Forgets an account, whose number can be given to another one.
    pub(super) fn clear(&mut self, account: usize) {
        for track in 0..self.tracks {
            let ring = std::mem::replace(self.ring_mut(account, track), EMPTY);
            if ring != EMPTY {
                self.slab.release(ring);
            }
        }
        self.heads[account] = Head::NEW;
    }

    /// The bytes that are held, live or not.
    pub(super) fn bytes(&self) -> usize {
        self.heads.capacity() * size_of::<Head>()
            + self.more.capacity() * size_of::<Ring>()
            + self.slab.bytes()
    }
}

impl<S: Stamp> Slab<S> {
    fn new() -> Slab<S> {
        Slab { stamps: vec![S::NEVER], free: vec![Vec::new(); 33] }
    }

    fn of(&mut self, ring: Ring) -> &mut [S] {
        &mut self.stamps[ring.start as usize..=(ring.start + ring.mask) as usize]
    }

    /// Moves a ring to a block of twice its length.
    fn longer(&mut self, ring: Ring) -> Ring {
        if ring == EMPTY {
            let start = self.block(SHORTEST);
            return Ring { start, mask: (1 << SHORTEST) - 1, next: 0 };
        }
        let length = ring.mask + 1;
        let start = self.block(length.ilog2() + 1);
        let (from, next) = (ring.start as usize, ring.place(0));
        let (until, to) = (from + length as usize, start as usize);
        self.stamps.copy_within(next..until, to);
        self.stamps.copy_within(from..next, to + until - next);
        self.release(ring);
        Ring { start, mask: 2 * length - 1, next: length }
    }

    /// A free block of zeros.
    fn block(&mut self, log: u32) -> u32 {
        if let Some(start) = self.free[log as usize].pop() {
            self.stamps[start as usize..][..1 << log].fill(S::NEVER);
            return start;
        }
        let start = u32::try_from(self.stamps.len()).expect("fewer than 2^32 events are live");
        let length = self.stamps.len() + (1 << log);
        reserve(&mut self.stamps, length);
        self.stamps.resize(length, S::NEVER);
        start
    }

    fn release(&mut self, ring: Ring) {
        self.free[(ring.mask + 1).ilog2() as usize].push(ring.start);
    }

    fn bytes(&self) -> usize {
        let free: usize = self.free.iter().map(|blocks| blocks.capacity() * size_of::<u32>()).sum();
        self.stamps.capacity() * size_of::<S>() + free
    }
}

/// Room for an eighth more than is there: doubling would leave half of a large store empty.
fn reserve<T>(store: &mut Vec<T>, length: usize) {
    if length > store.capacity() {
        let room = length.max(store.len() + store.len() / 8).max(16);
        store.reserve_exact(room - store.len());
    }
}

/// One track of an account, to be read and written.
pub(super) struct Spot<'a, S> {
    pub(super) base: Instant,
    /// The latest event of the account in any track, or the beginning of time.
    pub(super) last: &'a mut Instant,
    ring: &'a mut Ring,
    slab: &'a mut Slab<S>,
    reach: u64,
}

impl<S: Stamp> Spot<'_, S> {
    #[inline]
    pub(super) fn view(&self) -> View<'_, S> {
        View { stamps: &self.slab.stamps, ring: *self.ring, base: self.base }
    }

    /// Writes an event down in a ring that need not look back further than `most` events. It is lengthened where it is full of
    /// events that windows may hold.
    #[inline]
    pub(super) fn push(&mut self, event: S, most: u32) {
        let ring = *self.ring;
        let place = ring.place(0);
        let oldest = self.slab.stamps[place].into();
        if ring.mask == 0 || (ring.mask + 1 < most && oldest + self.reach > event.into()) {
            return self.push_longer(event);
        }
        self.slab.stamps[place] = event;
        self.ring.next = ring.next.wrapping_add(1);
    }

    #[cold]
    #[inline(never)]
    fn push_longer(&mut self, event: S) {
        *self.ring = self.slab.longer(*self.ring);
        self.slab.stamps[self.ring.place(0)] = event;
        self.ring.next = self.ring.next.wrapping_add(1);
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
