//! Times of events as offsets from a base of their account: in 32 bits where windows are short, else in 64.

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
