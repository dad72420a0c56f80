//! The latest event times of many accounts: a ring for each account and track, grown only while its oldest time is still
//! held by some window. Times are kept as offsets from a base of the account, so that 32 bits do where windows are short.

use crate::time::Instant;

/// An offset from the base of an account; 0 is no event.
pub(super) trait Stamp: Copy + Ord + std::fmt::Debug + Into<u64> {
    /// No event, and the smallest stamp.
    const NEVER: Self;
    /// The largest stamp.
    const LAST: Self;
    /// The stamp of an offset, cut off at both ends.
    fn cut(offset: Instant) -> Self;
}

impl Stamp for u32 {
    const NEVER: u32 = 0;
    const LAST: u32 = u32::MAX;
    #[inline]
    fn cut(offset: Instant) -> u32 {
        offset.clamp(0, Instant::from(u32::MAX)) as u32
    }
}

impl Stamp for u64 {
    const NEVER: u64 = 0;
    const LAST: u64 = Instant::MAX as u64;
    #[inline]
    fn cut(offset: Instant) -> u64 {
        offset.max(0) as u64
    }
}

/// The rings of all accounts. An event that `reach` has left behind is held by no window.
#[derive(Debug, Clone)]
pub(super) struct Rings<S> {
    tracks: usize,
    reach: Instant,
    accounts: Vec<Account<S>>,
    /// By account and track.
    tracked: Vec<Ring>,
    slab: Vec<S>,
    /// By the logarithm of their length: blocks of the slab that are free.
    free: Vec<Vec<u32>>,
}

#[derive(Debug, Clone, Copy)]
struct Account<S> {
    base: Instant,
    /// The latest event of any track.
    last: S,
}

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

impl<S: Stamp> Rings<S> {
    pub(super) fn new(tracks: usize, reach: Instant) -> Rings<S> {
        let (accounts, tracked) = (Vec::new(), Vec::new());
        Rings { tracks, reach, accounts, tracked, slab: vec![S::NEVER], free: vec![Vec::new(); 33] }
    }

    pub(super) fn accounts(&self) -> usize {
        self.accounts.len()
    }

    /// Makes room for accounts below `accounts`.
    #[cold]
    pub(super) fn grow(&mut self, accounts: usize) {
        reserve(&mut self.accounts, accounts);
        reserve(&mut self.tracked, accounts * self.tracks);
        self.accounts.resize(accounts, Account::NEW);
        self.tracked.resize(accounts * self.tracks, EMPTY);
    }

    /// The latest event of an account; none for one that has none.
    #[inline]
    pub(super) fn last(&self, account: usize) -> Option<Instant> {
        let account = &self.accounts[account];
        (account.last > S::NEVER).then(|| account.base + account.last.into() as Instant)
    }

    /// The offset of an instant from the base of the account; far off for one without events.
    #[inline]
    pub(super) fn offset(&self, account: usize, at: Instant) -> Instant {
        at - self.accounts[account].base
    }

    /// The events of an account and track.
    #[inline]
    pub(super) fn view(&self, account: usize, track: usize) -> View<'_, S> {
        let ring = self.tracked[account * self.tracks + track];
        let block = &self.slab[ring.start as usize..][..=ring.mask as usize];
        View { block, next: ring.next, base: self.accounts[account].base }
    }

    /// Moves the base of an account so that `at` has an offset. Events out of reach of `at` are forgotten.
    #[inline]
    pub(super) fn enter(&mut self, account: usize, at: Instant) {
        let offset = self.offset(account, at);
        if offset as u64 > S::LAST.into() {
            self.rebase(account, at);
        }
        let account = &mut self.accounts[account];
        account.last = S::cut(at - account.base);
    }

    #[cold]
    fn rebase(&mut self, account: usize, at: Instant) {
        let base = at - self.reach - 1;
        let shift = base - self.accounts[account].base;
        self.accounts[account].base = base;
        for ring in &self.tracked[account * self.tracks..(account + 1) * self.tracks] {
            if *ring != EMPTY {
                for stamp in &mut self.slab[ring.start as usize..=(ring.start + ring.mask) as usize] {
                    *stamp = S::cut((*stamp).into() as Instant - shift);
                }
            }
        }
    }

    /// Writes an event, not after that of the last `enter`, down in a track whose ring need not look back further than `most`
    /// events.
    #[inline]
    pub(super) fn push(&mut self, account: usize, track: usize, at: Instant, most: u32) {
        let offset = at - self.accounts[account].base;
        let place = account * self.tracks + track;
        let mut ring = self.tracked[place];
        let oldest = self.slab[(ring.start + (ring.next & ring.mask)) as usize];
        let is_live = oldest.into() as Instant > offset - self.reach;
        if ring.mask == 0 || (ring.mask + 1 < most && is_live) {
            ring = self.longer(ring);
        }
        self.slab[(ring.start + (ring.next & ring.mask)) as usize] = S::cut(offset);
        ring.next = ring.next.wrapping_add(1);
        self.tracked[place] = ring;
    }

    /// Moves a ring to a block of twice its length.
    #[cold]
    fn longer(&mut self, ring: Ring) -> Ring {
        if ring == EMPTY {
            let start = self.block(SHORTEST);
            return Ring { start, mask: (1 << SHORTEST) - 1, next: 0 };
        }
        let length = ring.mask + 1;
        let log = length.ilog2();
        let start = self.block(log + 1);
        for i in 0..length {
            let from = ring.start + (ring.next.wrapping_add(i) & ring.mask);
            self.slab[(start + i) as usize] = self.slab[from as usize];
        }
        self.free[log as usize].push(ring.start);
        Ring { start, mask: 2 * length - 1, next: length }
    }

    /// A free block of zeros.
    fn block(&mut self, log: u32) -> u32 {
        if let Some(start) = self.free[log as usize].pop() {
            self.slab[start as usize..][..1 << log].fill(S::NEVER);
            return start;
        }
        let start = u32::try_from(self.slab.len()).expect("fewer than 2^32 events are live");
        let length = self.slab.len() + (1 << log);
        reserve(&mut self.slab, length);
        self.slab.resize(length, S::NEVER);
        start
    }

    /// Forgets an account, whose number can be given to another one.
    pub(super) fn clear(&mut self, account: usize) {
        self.accounts[account] = Account::NEW;
        for ring in &mut self.tracked[account * self.tracks..(account + 1) * self.tracks] {
            if *ring != EMPTY {
                self.free[(ring.mask + 1).ilog2() as usize].push(ring.start);
                *ring = EMPTY;
            }
        }
    }

    /// The bytes that are held, live or not.
    pub(super) fn bytes(&self) -> usize {
        let free: usize = self.free.iter().map(|blocks| blocks.capacity() * size_of::<u32>()).sum();
        self.accounts.capacity() * size_of::<Account<S>>()
            + self.tracked.capacity() * size_of::<Ring>()
            + self.slab.capacity() * size_of::<S>()
            + free
    }
}

/// Room for an eighth more than is there: doubling would leave half of a large store empty.
fn reserve<T>(store: &mut Vec<T>, length: usize) {
    if length > store.capacity() {
        let room = length.max(store.len() + store.len() / 8).max(16);
        store.reserve_exact(room - store.len());
    }
}

impl<S: Stamp> Account<S> {
    const NEW: Account<S> = Account { base: Instant::MIN / 2, last: S::NEVER };
}

/// The events of one account and track, as of some instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a, S> {
    block: &'a [S],
    next: u32,
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
        let stamp = self.block[self.next.wrapping_sub(depth) as usize & (self.block.len() - 1)];
        if depth as usize <= self.block.len() { stamp } else { S::NEVER }
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
        let (mut some, mut none) = (0, self.block.len() as u32 + 1);
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
