//! The store of event times: blocks whose lengths are powers of two, and rings in them.

use super::stamp::Stamp;

/// The events of all rings.
#[derive(Debug, Clone)]
pub(super) struct Slab<S> {
    pub(super) stamps: Vec<S>,
    /// By the logarithm of their length: blocks that are free.
    free: Vec<Vec<u32>>,
}

/// A block of the slab, its length a power of two, whose next place to write wraps around.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ring {
    pub(super) start: u32,
    pub(super) mask: u32,
    pub(super) next: u32,
}

/// A ring without a block of its own: the first place of the slab, which never holds an event.
pub(super) const EMPTY: Ring = Ring { start: 0, mask: 0, next: 0 };

/// The shortest block, as a logarithm.
const SHORTEST: u32 = 1;

impl Ring {
    /// Where the event `depth` places before the next one stands.
    #[inline]
    pub(super) fn place(self, depth: u32) -> usize {
        (self.start + (self.next.wrapping_sub(depth) & self.mask)) as usize
    }
}

impl<S: Stamp> Slab<S> {
    pub(super) fn new() -> Slab<S> {
        Slab { stamps: vec![S::NEVER], free: vec![Vec::new(); 33] }
    }

    pub(super) fn of(&mut self, ring: Ring) -> &mut [S] {
        &mut self.stamps[ring.start as usize..=(ring.start + ring.mask) as usize]
    }

    /// Moves a ring to a block of twice its length.
    pub(super) fn longer(&mut self, ring: Ring) -> Ring {
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

    pub(super) fn release(&mut self, ring: Ring) {
        self.free[(ring.mask + 1).ilog2() as usize].push(ring.start);
    }

    pub(super) fn bytes(&self) -> usize {
        let free: usize = self.free.iter().map(|blocks| blocks.capacity() * size_of::<u32>()).sum();
        self.stamps.capacity() * size_of::<S>() + free
    }
}

/// Room for an eighth more than is there: doubling would leave half of a large store empty.
pub(super) fn reserve<T>(store: &mut Vec<T>, length: usize) {
    if length > store.capacity() {
        let room = length.max(store.len() + store.len() / 8).max(16);
        store.reserve_exact(room - store.len());
    }
}
